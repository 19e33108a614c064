package inbox_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// scenario is one attack: what stands before, what the pretend internet serves, what is posted and by whom, and what must come of it.
type scenario struct {
	ID, Why       string
	Signer        string
	SignWithKeyID string `json:"sign_with_key_id"`
	Setup         []map[string]json.RawMessage
	Deliver       struct {
		ContentType string `json:"content_type"`
		Headers     map[string]string
		Body        any
		BodyText    *string `json:"body_text"`
		Generator   m       // an older place for what Body may hold
	}
	DeliverEach bool `json:"deliver_each"`
	Remote      map[string]json.RawMessage
	DNS         map[string][]string
	Expect      struct {
		Status string
		Assert map[string]any
	}
}

// generated is a body that the corpus's own program writes.
type generated struct {
	Generator       m
	ContentEncoding string `json:"content_encoding"`
}

var havePython = func() bool { _, err := exec.LookPath("python3"); return err == nil }

// measured tells whether a row's memory is measured: nothing else runs beside it then.
func measured(r row) bool {
	return r.delivery == "scenario" && strings.Contains(r.text, `"max_rss_delta_mb"`)
}

// runScenario plays one attack in a daemon as everybody runs it.
func runScenario(t *testing.T, r row) {
	text := r.text
	for _, name := range []string{"alice", "bob", "mallory"} {
		pem, _ := signature.PublicPEM(keys()[name])
		quoted, _ := json.Marshal(pem)
		text = strings.ReplaceAll(text, "{{PUBKEY:"+name+"}}", strings.Trim(string(quoted), `"`))
	}
	var s scenario
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	bodies, encoding := s.bodies(t, r)
	w := newCorpusWorld(t, false, s.wayOut)
	for _, id := range []string{s.Signer, actorOf(s.Deliver.Body)} {
		if id != "" {
			w.peers.serve(id, actor(id, nil))
		}
	}
	for at, raw := range s.Remote {
		s.stage(w, at, raw)
	}
	s.atHome(w)
	s.before(w)
	if extra, ok := sansBody(bodies[0]); ok { // a generator that describes alice and no body
		w.peers.serve(aliceS, actor(aliceS, extra))
		bodies[0], _ = json.Marshal(create(note(aliceS+"/statuses/g", aliceS, post, nil)))
	}
	o := s.observe(t, w, func() (statuses []int) {
		for _, b := range bodies {
			l := letter{body: b, signer: s.Signer, keyID: s.SignWithKeyID, kind: s.Deliver.ContentType, tamper: s.headers(encoding)}
			statuses = append(statuses, w.post(l))
		}
		return statuses
	})
	for _, got := range o.statuses {
		if !statusIs(got, s.Expect.Status) {
			t.Errorf("%s: status %d, want %s", s.Why, got, s.Expect.Status)
		}
	}
	var faults []string
	for word, value := range s.Expect.Assert {
		check := asserts[word]
		if check == nil {
			t.Errorf("nobody knows how to assert %q", word)
		} else if err := check(o, value); err != nil {
			faults = append(faults, fmt.Sprintf("%s: %s: %v", s.Why, word, err))
		}
	}
	demand(t, faults)
	inert(t, w.page())
}

// headers adds what the scenario sends besides.
func (s scenario) headers(encoding string) func(*http.Request) {
	return func(r *http.Request) {
		for k, v := range s.Deliver.Headers {
			r.Header.Set(k, v)
		}
		if encoding != "" {
			r.Header.Set("Content-Encoding", encoding)
		}
	}
}

// bodies gives what is posted, one after the other.
func (s scenario) bodies(t *testing.T, r row) (list [][]byte, encoding string) {
	t.Helper()
	if s.Deliver.BodyText != nil {
		return [][]byte{[]byte(*s.Deliver.BodyText)}, ""
	}
	g := generated{Generator: s.Deliver.Generator}
	if b, err := json.Marshal(s.Deliver.Body); err == nil && g.Generator == nil {
		json.Unmarshal(b, &g)
	}
	if g.Generator != nil {
		return [][]byte{generate(t, r.dir, g.Generator)}, g.ContentEncoding
	}
	docs := []any{s.Deliver.Body}
	if many, ok := s.Deliver.Body.([]any); ok && s.DeliverEach {
		docs = many
	}
	for _, doc := range docs {
		b, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, b)
	}
	return list, ""
}

// generate runs the corpus's own program for big and deep bodies.
func generate(t *testing.T, dir string, g m) []byte {
	t.Helper()
	if !havePython() {
		if os.Getenv("POSTIL_TEST_REAL") == "1" {
			t.Fatal("python3 is missing, with which the corpus writes its large bodies")
		}
		t.Skip("the corpus writes this body with python3, which is not here")
	}
	// What it nests is deeper than Python nests by itself.
	const run = `import sys, runpy; sys.setrecursionlimit(10**6); sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`
	args := []string{"-c", run, filepath.Join(dir, "hostile", "generate.py"), fmt.Sprint(g["name"])}
	for k, v := range g {
		if f, ok := v.(float64); ok {
			args = append(args, k+"="+strconv.FormatInt(int64(f), 10))
		} else if k != "name" {
			args = append(args, fmt.Sprintf("%s=%v", k, v))
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "python3", args...).Output()
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return []byte(localNames(string(out)))
}

// sansBody tells a generated description of an actor ("serve alice with this name") from a body, and gives it.
func sansBody(b []byte) (m, bool) {
	if !bytes.Contains(b[:min(len(b), 100)], []byte(`"serve alice with`)) {
		return nil, false
	}
	var with m
	if json.Unmarshal(b, &with) != nil {
		return nil, false
	}
	delete(with, "note")
	return with, true
}

// wayOut is how the scenario's network behaves: short patience where a server is slow, and names that lead where it says.
func (s scenario) wayOut(o *remote.Options) {
	for _, raw := range s.Remote {
		if bytes.Contains(raw, []byte(`"body_stream"`)) {
			o.Timeout = 300 * time.Millisecond
		}
	}
	if len(s.DNS) == 0 {
		return
	}
	named, nth := o.DialHost, map[string]int{}
	o.DialHost = func(hostport string) string {
		host, port, _ := net.SplitHostPort(hostport)
		answers := s.DNS[host]
		if len(answers) == 0 {
			return named(hostport)
		}
		answer := answers[min(nth[host], len(answers)-1)]
		nth[host]++
		if ip, err := netip.ParseAddr(answer); err == nil && ip.IsGlobalUnicast() && !ip.IsPrivate() {
			return named(hostport) // a public address stands for the pretend internet
		}
		return net.JoinHostPort(answer, port)
	}
}

// stage makes the pretend internet answer as the scenario says.
func (s scenario) stage(w *corpusWorld, at string, raw json.RawMessage) {
	w.t.Helper()
	var a struct {
		Status    int
		Headers   map[string]string
		Body      json.RawMessage
		Inherit   string
		Patch     m
		Append    m      `json:"append_raw_key"`
		Stream    string `json:"body_stream"`
		Generator string
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		w.t.Fatal(err)
	}
	if prefix, ok := strings.CutSuffix(at, "*"); ok {
		w.stageMany(prefix, a.Generator)
		return
	}
	body := []byte(a.Body)
	if text := ""; json.Unmarshal(a.Body, &text) == nil {
		body = []byte(text)
	}
	if a.Inherit != "" {
		body, _ = json.Marshal(merge(actor(at, nil), a.Patch))
	}
	if a.Append != nil { // a second key, spelled so that a careless reader takes it for the first
		more, _ := json.Marshal(a.Append)
		body = append(append(body[:len(body)-1], ','), more[1:]...)
	}
	w.peers.handle(at, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/activity+json")
		for k, v := range a.Headers {
			rw.Header()[http.CanonicalHeaderKey(k)] = []string{v}
			if v == "" {
				rw.Header()[http.CanonicalHeaderKey(k)] = nil // no header at all
			}
		}
		rw.WriteHeader(max(a.Status, 200))
		stream(w.t, rw, r, a.Stream, body)
	})
}

// stream writes an answer, at the pace and of the kind that the scenario says.
func stream(t testing.TB, rw http.ResponseWriter, r *http.Request, kind string, body []byte) {
	switch {
	case kind == "":
		rw.Write(body)
	case strings.Contains(kind, "gzip bomb"):
		z := gzip.NewWriter(rw)
		zeros := make([]byte, 1<<16)
		for range 1 << 30 / len(zeros) {
			if _, err := z.Write(zeros); err != nil {
				return
			}
		}
		z.Close()
	case strings.Contains(kind, "byte"): // one byte, and nothing until they lose patience
		rw.Write([]byte("{"))
		http.NewResponseController(rw).Flush()
		<-r.Context().Done()
	default:
		t.Errorf("nobody knows how to stream %q", kind)
	}
}

// stageMany answers for every address with a prefix.
func (w *corpusWorld) stageMany(prefix, kind string) {
	w.t.Helper()
	if !strings.Contains(kind, "inReplyTo is") {
		w.t.Fatalf("nobody knows how to generate %q", kind)
	}
	for n := range 50 {
		next := prefix + strconv.Itoa(n+1)
		w.peers.serve(prefix+strconv.Itoa(n), note(prefix+strconv.Itoa(n), malloryS, next, nil))
	}
}

// atHome serves what is posted at its own id, as an honest author's server does: whoever goes there finds it.
func (s scenario) atHome(w *corpusWorld) {
	body, _ := s.Deliver.Body.(map[string]any)
	o, _ := body["object"].(map[string]any)
	id := idOf(o)
	if s.Remote[id] == nil && actorOf(body) == s.Signer && idOf(o["attributedTo"]) == s.Signer && activitypub.SameOrigin(id, s.Signer) && kindOf(body) == "Create" {
		w.peers.serve(id, o)
	}
}

// before makes what the scenario takes for granted.
func (s scenario) before(w *corpusWorld) {
	w.t.Helper()
	for _, step := range s.Setup {
		for kind, raw := range step {
			var v struct{ ID, By, Content, InReplyTo string }
			var name string
			json.Unmarshal(raw, &v)
			json.Unmarshal(raw, &name)
			switch kind {
			case "stored_comment":
				w.sendBy(v.By, create(note(v.ID, v.By, v.InReplyTo, m{"content": v.Content, "published": "2020-01-01T00:00:00Z"})))
			case "like":
				w.sendBy(v.By, activity("Like", v.ID, v.By, post, nil))
			case "boost":
				w.sendBy(v.By, activity("Announce", v.ID, v.By, post, m{"to": public}))
			case "follower":
				w.sendBy(v.ID, activity("Follow", v.ID+"#f", v.ID, us, nil))
			case "blocked_domain":
				w.write(func(tx *store.Tx) error { return tx.AddBlock(w.t.Context(), store.Block{What: name, At: w.clock()}) })
			default:
				w.t.Fatalf("nobody knows the setup %q", kind)
			}
		}
	}
	w.deliver() // the Accepts of the setup are not what is looked at
}

// observed is what there was to see of an attack.
type observed struct {
	s         scenario
	w         *corpusWorld
	statuses  []int
	took      time.Duration
	allocated uint64 // bytes, by everything in the process
	total     int    // requests that went out
	hits      map[string]int
	actor     string   // our own actor document before
	mail      []posted // what their inboxes got
}

// observe plays the attack, lets a minute pass, and delivers what we have to say.
func (s scenario) observe(t *testing.T, w *corpusWorld, play func() []int) *observed {
	t.Helper()
	o := &observed{s: s, w: w, actor: w.body("/ap/actor"), hits: map[string]int{}}
	mailboxes := []*[]posted{}
	for _, id := range []string{aliceS, bobS, malloryS} {
		mailboxes = append(mailboxes, w.mail(id+"/inbox"))
	}
	before := w.peers.count()
	var was, is runtime.MemStats
	runtime.ReadMemStats(&was)
	start := time.Now()
	o.statuses = play()
	o.took = time.Since(start)
	runtime.ReadMemStats(&is)
	o.allocated = is.TotalAlloc - was.TotalAlloc
	w.settle()
	w.deliver()
	o.total = w.peers.count() - before
	w.peers.mu.Lock()
	for url, n := range w.peers.hits {
		o.hits[url] = n
	}
	w.peers.mu.Unlock()
	for _, box := range mailboxes {
		o.mail = slices.Concat(o.mail, *box)
	}
	return o
}

func statusIs(got int, want string) bool {
	switch want {
	case "4xx":
		return is4xx(got)
	case "2xx":
		return got >= 200 && got < 300
	}
	return want == "any<500" && got < 500
}
