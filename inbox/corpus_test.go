package inbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// corpus finds the wire payloads of other programs that lie outside the project, or skips.
func corpus(t *testing.T) (dir string, rows []map[string]string) {
	t.Helper()
	dir = os.Getenv("POSTIL_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	index, err := os.ReadFile(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Skip("no corpus of wire payloads: set POSTIL_CORPUS")
	}
	var head []string
	for line := range strings.Lines(string(index)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if head == nil {
			head = fields
			continue
		}
		row := map[string]string{}
		for n, v := range fields[:min(len(fields), len(head))] {
			row[head[n]] = v
		}
		rows = append(rows, row)
	}
	return dir, rows
}

func localNames(s string) string {
	return strings.NewReplacer(
		"{{LOCAL_HOST}}", "blog.example", "{{LOCAL_HOST_UPPER}}", "BLOG.EXAMPLE", "{{LOCAL_ORIGIN}}", blog, "{{LOCAL_ACTOR}}", us, "{{LOCAL_USER}}", "blog",
		"{{LOCAL_USER_UPPER}}", "BLOG", "{{LOCAL_HANDLE}}", "@blog@blog.example", "{{LOCAL_INBOX}}", blog+"/ap/inbox", "{{LOCAL_POST}}", post,
		"{{LOCAL_POST_HTTP_UPPER}}", "http://BLOG.EXAMPLE/ap/posts/one", "{{LOCAL_DRAFT}}", blog+"/ap/posts/draft", "{{REMOTE_KEY}}", "AAAA",
	).Replace(s)
}

// counts is what a reader of the blog could see.
type counts struct{ replies, likes, boosts, reactions, followers int }

func (w *world) counts() counts {
	w.t.Helper()
	n, err := w.store.FollowerCount(w.t.Context(), us)
	if err != nil {
		w.t.Fatal(err)
	}
	return counts{w.count(store.Reply), w.count(store.Like), w.count(store.Boost), w.count(store.Reaction), n}
}

// TestCorpus posts what fifty programs really send and wants what the corpus says of each.
func TestCorpus(t *testing.T) {
	t.Parallel()
	dir, rows := corpus(t)
	tried := 0
	for _, row := range rows {
		if row["delivery"] != "inbox-post" && !answers(row) {
			continue
		}
		tried++
		t.Run(row["path"], func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(filepath.Join(dir, row["path"]))
			if err != nil {
				t.Fatal(err)
			}
			replay(t, localNames(string(b)), row)
		})
	}
	if tried == 0 {
		t.Error("the corpus holds no payload for an inbox")
	}
}

// answers tells the documents of the corpus that are replies or must not become one: they are posted inside a Create.
func answers(row map[string]string) bool {
	e := row["expect"]
	return row["delivery"] == "served-doc" && (e == "accept-comment" || e == "private-never-public" || e == "quote-or-ignore")
}

// TestCorpusServed serves the documents that other programs serve. Named by a Create, each is taken politely and nothing of it is
// shown; whoever has a key in an actor document can sign with it.
func TestCorpusServed(t *testing.T) {
	t.Parallel()
	dir, rows := corpus(t)
	tried := 0
	for _, row := range rows {
		if row["delivery"] != "served-doc" || row["expect"] != "parse-ok" || row["wire_type"] == "" {
			continue
		}
		tried++
		t.Run(row["path"], func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(filepath.Join(dir, row["path"]))
			if err != nil {
				t.Fatal(err)
			}
			var doc m
			if json.Unmarshal([]byte(localNames(string(b))), &doc) != nil {
				t.Fatal("no object")
			}
			w := newWorld(t)
			id := idOf(doc)
			w.peers.handle(id, func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("Content-Type", activitypub.ContentType)
				rw.Write(b)
			})
			if id != "" {
				w.send(activity("Create", aliceID+"/c", aliceID, id, m{"to": public}))
			}
			w.round()
			if got := w.counts(); got != (counts{}) {
				t.Errorf("it shows: %+v", got)
			}
			signsIn(t, w, doc)
		})
	}
	if tried < 50 {
		t.Errorf("%d documents, want at least 50", tried)
	}
}

// signsIn lets an actor of the corpus, with our key in place of its own, like the post.
func signsIn(t *testing.T, w *world, doc m) {
	id := idOf(doc)
	key, _ := doc["publicKey"].(m)
	if doc["inbox"] == nil || key["publicKeyPem"] == nil {
		return
	}
	key["publicKeyPem"] = keyDoc(id)["publicKeyPem"]
	w.peers.serve(id, doc)
	like := activity("Like", id+"#like", id, post, nil)
	if got := w.post(letter{doc: like, signer: id, keyID: idOf(key)}); got != 202 || w.count(store.Like) != 1 {
		t.Errorf("%s: a like of this actor: status %d, %d likes", id, got, w.count(store.Like))
	}
}

// wrap makes the Create of a served document.
func wrap(doc any, row map[string]string) any {
	o, ok := doc.(map[string]any)
	if !ok || row["delivery"] != "served-doc" {
		return doc
	}
	if strings.Contains(row["must"], "the harness adds") {
		o["to"] = []any{"as:Public"}
	}
	by := idOf(o["attributedTo"])
	if by == "" {
		by = idOf(o["actor"])
	}
	if by == "" {
		by = aliceID
	}
	id := idOf(o)
	if id == "" {
		id = by
	}
	return map[string]any{"id": id + "#create", "type": "Create", "actor": by, "object": o, "to": o["to"]}
}

func replay(t *testing.T, body string, row map[string]string) {
	var doc any
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Skipf("not for this test: %v", err)
	}
	target := post
	if e := row["expect"]; e == "follow" || e == "block-record" || e == "unfollow" || strings.Contains(row["path"], "undo-block") {
		target = us
	}
	for p := range strings.SplitSeq(row["rewrite"], ";") {
		if strings.HasPrefix(p, "/") {
			doc = set(doc, strings.Split(p[1:], "/"), target)
		}
	}
	doc = wrap(doc, row)
	by := actorOf(doc)
	named := by != ""
	if !named {
		by = aliceID // somebody must sign it
	}
	if !activitypub.SameOrigin(by, by) && !strings.HasPrefix(row["expect"], "reject") {
		t.Skip("its actor has no address that a server could have: ", by)
	}
	if id := get(doc, "/id"); id != "" && acts(doc) && named && !activitypub.SameOrigin(id, by) && !strings.HasPrefix(row["expect"], "reject") {
		t.Skip("its id is of another server than its actor, which is refused: ", id)
	}
	if id := get(doc, "/object/id"); row["delivery"] == "served-doc" && id != "" && !activitypub.SameOrigin(id, by) {
		t.Skip("the file does not say whose it is, or has no id of its author's server: ", id)
	}
	w := newWorld(t)
	w.peers.serve(by, merge(actor(by, nil), m{"publicKey": keyDoc(by)}))
	prepare(w, doc, by, row["setup"])
	before := w.counts()
	b, _ := json.Marshal(doc)
	if got := w.post(letter{body: b}); got < 400 || got >= 500 {
		t.Errorf("unsigned: status %d, want 4xx", got)
	}
	if got := w.counts(); got != before {
		t.Errorf("unsigned: %+v, was %+v", got, before)
	}
	signed := letter{body: b, signer: by, keyID: by + "#main-key"}
	if strings.Contains(by, "#") {
		signed.keyID = by
	}
	first := w.post(signed)
	got := w.counts()
	if again := w.post(signed); again != first {
		t.Errorf("sent twice: status %d, then %d", first, again)
	}
	if twice := w.counts(); twice != got {
		t.Errorf("sent twice: %+v, then %+v", got, twice)
	}
	judge(t, row["expect"], first, got, before)
}

// acts tells whether a payload is an activity that changes something.
func acts(doc any) bool {
	o, _ := doc.(map[string]any)
	kind, _ := o["type"].(string)
	return slices.Contains(strings.Fields("Create Update Delete Follow Block Like Dislike EmojiReact Announce Undo"), kind)
}

// judge compares with the corpus's word for what must happen.
func judge(t *testing.T, expect string, status int, got, before counts) {
	t.Helper()
	want := before
	ok := status >= 200 && status < 300
	switch expect {
	case "accept-comment":
		want.replies++
	case "count-like":
		want.likes++
	case "count-boost":
		want.boosts++
	case "count-emoji":
		want.reactions++
	case "follow":
		want.followers++
	case "unfollow", "block-record":
		want.followers = 0
	case "delete-comment":
		want.replies--
	case "uncount-like":
		want.likes--
	case "uncount-boost":
		want.boosts--
	case "uncount-emoji":
		want.reactions--
	case "delete-actor":
		want = counts{}
	case "count-like-or-emoji":
		if got.likes+got.reactions != before.likes+before.reactions+1 {
			t.Errorf("%+v, was %+v, want one like or reaction more", got, before)
		}
		want = got
	case "count-boost-not-listed", "count-boost-or-ignore-202", "count-like-or-ignore-202", "accept-comment-or-ignore-202":
		want = got
	case "reject-4xx", "reject-4xx-or-ignore", "reject-or-ignore", "reject-or-refetch":
		ok = status >= 400 && status < 500 || status == http.StatusAccepted && expect != "reject-4xx"
	}
	if !ok {
		t.Errorf("%s: status %d", expect, status)
	}
	if got != want {
		t.Errorf("%s: %+v, was %+v, want %+v", expect, got, before, want)
	}
}

// prepare stores what a payload takes for granted, through the door.
func prepare(w *world, doc any, by, setup string) {
	w.t.Helper()
	follow := activity("Follow", by+"/setup/follow", by, us, nil)
	_, pointer, _ := strings.Cut(setup, ":")
	switch {
	case strings.HasPrefix(setup, "stored-comment:"):
		w.sendAs(by, create(note(get(doc, pointer), by, post, m{"published": "2020-01-01T00:00:00Z"})), 202)
	case strings.HasPrefix(setup, "stored-emojireact-id:"):
		w.sendAs(by, activity("EmojiReact", get(doc, pointer), by, post, m{"content": "🍮"}), 202)
	case strings.HasPrefix(setup, "follower"):
		w.sendAs(by, follow, 202)
	case strings.HasPrefix(setup, "like by"):
		w.sendAs(by, activity("Like", by+"/setup/like", by, post, nil), 202)
	case strings.HasPrefix(setup, "boost by"):
		w.sendAs(by, activity("Announce", by+"/setup/boost", by, post, m{"to": public}), 202)
	case strings.HasPrefix(setup, "a comment"):
		w.sendAs(by, follow, 202)
		w.sendAs(by, create(note(by+"/setup/note", by, post, nil)), 202)
	case strings.HasPrefix(setup, "stored-comment-by-other"):
		u, err := url.Parse(get(doc, "/object"))
		if err != nil {
			w.t.Fatal(err)
		}
		other := u.Scheme + "://" + u.Host + "/users/other"
		w.peers.serve(other, actor(other, nil))
		w.sendAs(other, create(note(get(doc, "/object"), other, post, nil)), 202)
	}
}

func keyDoc(by string) m {
	pem, err := signature.PublicPEM(keyOf(by))
	if err != nil {
		panic(err)
	}
	id := by + "#main-key"
	if strings.Contains(by, "#") {
		id = by
	}
	return m{"id": id, "owner": by, "publicKeyPem": pem}
}

func actorOf(doc any) string {
	o, _ := doc.(map[string]any)
	return idOf(o["actor"])
}

func idOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		s, _ := v["id"].(string)
		return s
	case []any:
		if len(v) > 0 {
			return idOf(v[0])
		}
	}
	return ""
}

// set puts a value at a JSON pointer.
func set(doc any, at []string, v string) any {
	if len(at) == 0 {
		return v
	}
	switch d := doc.(type) {
	case map[string]any:
		d[at[0]] = set(d[at[0]], at[1:], v)
	case []any:
		if n, err := strconv.Atoi(at[0]); err == nil && n < len(d) {
			d[n] = set(d[n], at[1:], v)
		}
	}
	return doc
}

// get reads the id at a JSON pointer.
func get(doc any, pointer string) string {
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		o, _ := doc.(map[string]any)
		if o == nil {
			return idOf(doc)
		}
		doc = o[name]
	}
	return idOf(doc)
}

// scenario is one attack of the corpus.
type scenario struct {
	ID, Why       string
	Signer        string
	SignWithKeyID string `json:"sign_with_key_id"`
	Setup         []map[string]json.RawMessage
	Deliver       struct {
		ContentType string `json:"content_type"`
		Headers     map[string]string
		Body        any
		BodyText    string `json:"body_text"`
		Generator   any
	}
	DeliverEach bool `json:"deliver_each"`
	Remote      map[string]json.RawMessage
	Expect      struct {
		Status string
		Assert map[string]any
	}
}

// TestScenarios plays the corpus's attacks as far as this harness can stage them: each must end with the status that it demands, and
// leave no comment, like or follower that it forbids.
func TestScenarios(t *testing.T) {
	t.Parallel()
	dir, _ := corpus(t)
	files, err := filepath.Glob(filepath.Join(dir, "hostile", "scenarios", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios in the corpus", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s scenario
		text := localNames(string(b))
		for _, name := range []string{"alice", "bob", "mallory"} {
			pem, _ := signature.PublicPEM(keys()[name])
			quoted, _ := json.Marshal(pem)
			text = strings.ReplaceAll(text, "{{PUBKEY:"+name+"}}", strings.Trim(string(quoted), `"`))
		}
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			s.play(t)
		})
	}
}

func (s scenario) play(t *testing.T) {
	if s.Deliver.Generator != nil || strings.Contains(fmt.Sprint(s.Deliver.Headers), "gzip") {
		t.Skip("needs the corpus's generator")
	}
	w := newWorld(t)
	people := []string{"https://remote.example/users/alice", "https://remote.example/users/bob", "https://evil.example/users/mallory"}
	for _, id := range append(people, s.Signer, actorOf(s.Deliver.Body)) {
		w.peers.serve(id, actor(id, nil))
	}
	for at, raw := range s.Remote {
		if !s.stage(w, at, raw) {
			t.Skip("needs an answer that this harness cannot stage: ", at)
		}
	}
	s.before(w)
	docs := []any{s.Deliver.Body}
	if list, ok := s.Deliver.Body.([]any); ok && s.DeliverEach {
		docs = list
	}
	for _, doc := range docs {
		b := []byte(s.Deliver.BodyText)
		if doc != nil {
			b, _ = json.Marshal(doc)
		}
		got := w.post(letter{body: b, signer: s.Signer, keyID: s.SignWithKeyID, kind: s.Deliver.ContentType})
		if !statusIs(got, s.Expect.Status) {
			t.Errorf("%s: status %d, want %s", s.Why, got, s.Expect.Status)
		}
	}
	w.round()
	now := w.counts()
	for name, n := range map[string]int{"comments": now.replies, "likes": now.likes, "boosts": now.boosts} {
		if want, ok := s.Expect.Assert[name].(float64); ok && n != int(want) {
			t.Errorf("%s: %d %s, want %v", s.Why, n, name, want)
		}
	}
}

func statusIs(got int, want string) bool {
	switch want {
	case "4xx":
		return got >= 400 && got < 500
	case "2xx":
		return got >= 200 && got < 300
	}
	return got < 500
}

// stage makes the pretend internet answer as the scenario says.
func (s scenario) stage(w *world, at string, raw json.RawMessage) bool {
	var a struct {
		Status  int
		Headers map[string]string
		Body    json.RawMessage
		Inherit string
		Patch   m
		Append  m      `json:"append_raw_key"`
		Stream  string `json:"body_stream"`
	}
	if json.Unmarshal(raw, &a) != nil || a.Stream != "" || strings.Contains(at, "*") {
		return false
	}
	var doc any
	if a.Inherit != "" || a.Patch != nil {
		doc = merge(actor(at, nil), a.Patch)
	} else if json.Unmarshal(a.Body, &doc) != nil {
		doc = ""
	}
	body, _ := json.Marshal(doc)
	if text, ok := doc.(string); ok {
		body = []byte(text)
	}
	if a.Append != nil { // a second key, spelled so that a careless reader takes it for the first
		more, _ := json.Marshal(a.Append)
		body = append(append(body[:len(body)-1], ','), more[1:]...)
	}
	w.peers.handle(at, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/activity+json")
		for k, v := range a.Headers {
			rw.Header().Set(k, v)
		}
		rw.WriteHeader(max(a.Status, 200))
		rw.Write(body)
	})
	return true
}

func (s scenario) before(w *world) {
	w.t.Helper()
	for _, step := range s.Setup {
		for kind, raw := range step {
			var v struct{ ID, By, Content, InReplyTo string }
			var name string
			json.Unmarshal(raw, &v)
			json.Unmarshal(raw, &name)
			switch kind {
			case "stored_comment":
				w.sendAs(v.By, create(note(v.ID, v.By, v.InReplyTo, m{"content": v.Content, "published": "2020-01-01T00:00:00Z"})), 202)
			case "like":
				w.sendAs(v.By, activity("Like", v.ID, v.By, post, nil), 202)
			case "follower":
				w.sendAs(v.ID, activity("Follow", v.ID+"#f", v.ID, us, nil), 202)
			case "blocked_domain":
				w.write(func(tx *store.Tx) error { return tx.AddBlock(w.t.Context(), store.Block{What: name, At: w.clock()}) })
			default:
				w.t.Skip("needs a setup that this harness cannot stage: ", kind)
			}
		}
	}
}

// TestRawBodies: broken JSON is refused, odd JSON is taken or refused, and nothing is ever a fault of ours.
func TestRawBodies(t *testing.T) {
	t.Parallel()
	dir, rows := corpus(t)
	w := newWorld(t)
	alice := "https://remote.example/users/alice"
	w.peers.serve(alice, actor(alice, nil))
	for _, row := range rows {
		if row["delivery"] != "inbox-post-raw" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, row["path"]))
		if err != nil {
			t.Fatal(err)
		}
		got := w.post(letter{body: []byte(localNames(string(b))), signer: alice})
		if !statusIs(got, map[string]string{"reject-4xx": "4xx"}[row["expect"]]) {
			t.Errorf("%s: status %d, want %s", row["path"], got, row["expect"])
		}
	}
}
