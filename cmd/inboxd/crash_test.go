//go:build unix

package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// inFlight is how many deliveries may be under way at once, and so be sent again after a crash.
const inFlight = 64

// TestKilledDaemon kills the real program with SIGKILL three times in the middle of a fan-out, while replies come in. Every reply that
// was answered 202 is there at the end, every follower's server has got the post, and no more came twice than was under way.
func TestKilledDaemon(t *testing.T) {
	t.Parallel()
	const followers, kills = 600, 3
	v := newVictim(t, followers)
	v.start()
	v.publish()
	ctx, stop := context.WithCancel(t.Context())
	var senders sync.WaitGroup
	for n := range 8 {
		senders.Go(func() { v.reply(ctx, n) })
	}
	for n := range kills {
		before := v.acknowledged()
		v.wait("deliveries", func() bool { return v.reached() >= (n+1)*followers/(kills+2) })
		v.wait("replies", func() bool { return len(v.acknowledged()) > len(before)+20 })
		v.kill()
		if n == 0 && v.reached() == followers {
			t.Fatal("killed too late: everything was delivered")
		}
		v.start()
	}
	v.wait("the rest of the deliveries", func() bool { return v.reached() == followers })
	stop()
	senders.Wait()
	v.end()
	if twice := v.twice(); twice > kills*inFlight {
		t.Errorf("%d deliveries came twice, want at most %d", twice, kills*inFlight)
	}
	acknowledged := v.acknowledged()
	t.Logf("%d kills: %d replies acknowledged, %d of %d deliveries came twice", kills, len(acknowledged), v.twice(), followers)
	s, err := store.OpenReader(t.Context(), v.database())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, id := range acknowledged {
		if _, err := s.Comment(t.Context(), id); err != nil {
			t.Errorf("%s was answered 202 and is lost: %v", id, err)
		}
	}
	if c, err := s.DeliveryCounts(t.Context(), v.post()); err != nil || c.Delivered != followers || c.Sum() != followers {
		t.Errorf("the ledger says %+v, %v, want all %d delivered", c, err, followers)
	}
}

// victim is a blog whose daemon gets killed, and the servers of its followers.
type victim struct {
	t      *testing.T
	dir    string
	binary string
	config site.Config
	sink   *httptest.Server
	writer crypto.Signer // of the one who replies
	cmd    *exec.Cmd
	log    *bytes.Buffer

	mu    sync.Mutex
	kind  string         // of the deliveries that are counted
	got   map[string]int // those deliveries, by host
	acked []string
}

func newVictim(t *testing.T, followers int) *victim {
	t.Helper()
	v := &victim{t: t, dir: t.TempDir(), log: &bytes.Buffer{}, kind: "Create", got: map[string]int{}}
	v.binary = filepath.Join(t.TempDir(), "inboxd")
	if out, err := exec.Command("go", "build", "-o", v.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("building inboxd: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	v.config.Site.URL = "http://" + address
	v.config.Federation = site.Federation{Enabled: true, Handle: "notes"}
	v.file("config.toml", fmt.Appendf(nil, "format = 1\n[site]\nurl = %q\n[federation]\nenabled = true\nhandle = \"notes\"\n[inboxd]\nlisten = %q\n", v.config.Site.URL, address))
	v.file("public/index.html", []byte("<!doctype html><title>Notes</title>"))
	v.sink = httptest.NewServer(http.HandlerFunc(v.take))
	t.Cleanup(v.sink.Close)
	if _, v.writer, err = ed25519.GenerateKey(nil); err != nil {
		t.Fatal(err)
	}
	v.fill(followers)
	return v
}

func (v *victim) database() string { return filepath.Join(v.dir, "data", "postil.db") }
func (v *victim) post() string     { return v.config.Addresses().Post("one") }
func (v *victim) ada() string      { return v.host(0) + "/users/ada" }

func (v *victim) host(n int) string {
	_, port, _ := net.SplitHostPort(v.sink.Listener.Addr().String())
	return fmt.Sprintf("http://h%d.localhost:%s", n, port)
}

func (v *victim) file(name string, data []byte) {
	v.t.Helper()
	path := filepath.Join(v.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		v.t.Fatal(err)
	}
	if err := os.WriteFile(path+"~", data, 0o644); err != nil {
		v.t.Fatal(err)
	}
	if err := os.Rename(path+"~", path); err != nil {
		v.t.Fatal(err)
	}
}

// fill makes the database: followers, each on a server of its own, and one person whose key is known.
func (v *victim) fill(followers int) {
	v.t.Helper()
	s, err := store.Open(v.t.Context(), v.database())
	if err != nil {
		v.t.Fatal(err)
	}
	pem, err := signature.PublicPEM(v.writer)
	if err != nil {
		v.t.Fatal(err)
	}
	keys, _ := json.Marshal([]map[string]string{{"id": v.ada() + "#main-key", "pem": pem}})
	err = s.Write(v.t.Context(), func(tx *store.Tx) error {
		for n := range followers {
			f := store.Follower{Actor: v.host(n) + "/users/ada", Of: v.config.Addresses().Actor(), Since: time.Now(), Inbox: v.host(n) + "/inbox"}
			if err := tx.PutFollower(v.t.Context(), f); err != nil {
				return err
			}
		}
		return tx.PutActor(v.t.Context(), store.Actor{ID: v.ada(), Type: "Person", Handle: "ada@h0.localhost", Name: []byte("[]"), Inbox: v.host(0) + "/inbox", Keys: keys, Fetched: time.Now()})
	})
	if err != nil {
		v.t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		v.t.Fatal(err)
	}
}

// publish leaves one post, as publish would: the Article first.
func (v *victim) publish() {
	v.t.Helper()
	a, now := v.config.Addresses(), time.Now().UTC().Truncate(time.Second)
	article, err := activitypub.Marshal(activitypub.Article{Context: activitypub.ObjectContext, ID: v.post(), Type: "Article", AttributedTo: a.Actor(),
		To: []string{activitypub.Public}, CC: []string{a.Followers()}, Name: "One", Content: "<p>words</p>", URL: a.Page("/posts/one/"), Published: now.Format(time.RFC3339)})
	if err != nil {
		v.t.Fatal(err)
	}
	sum := sha256.Sum256(article)
	list, err := json.Marshal(site.PublishedList{Version: 1, Posts: []site.PublishedPost{{ID: v.post(), URL: a.Page("/posts/one/"), Article: "ap/posts/one.json",
		Name: "One", Published: now, SHA256: hex.EncodeToString(sum[:])}}})
	if err != nil {
		v.t.Fatal(err)
	}
	v.file("public/posts/one/index.html", []byte("<!doctype html><title>One</title>"))
	v.file("public/ap/posts/one.json", article)
	v.file("public/ap/published.json", list)
}

// start runs the program and waits until it answers.
func (v *victim) start() {
	v.t.Helper()
	v.cmd = exec.CommandContext(context.WithoutCancel(v.t.Context()), v.binary, "--dev")
	v.cmd.Dir, v.cmd.Stderr = v.dir, v.log
	if err := v.cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	process := v.cmd.Process
	v.t.Cleanup(func() { process.Kill() })
	v.wait("the daemon", func() bool {
		resp, err := http.Get(v.config.Site.URL + "/healthz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

func (v *victim) kill() {
	v.t.Helper()
	if err := v.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		v.t.Fatal(err)
	}
	_ = v.cmd.Wait() // killed
}

// end stops it as a service manager does.
func (v *victim) end() {
	v.t.Helper()
	if err := v.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		v.t.Fatal(err)
	}
	if err := v.cmd.Wait(); err != nil {
		v.t.Fatalf("inboxd ended with %v\n%s", err, v.log)
	}
}

// wait polls until ok, at most 20 seconds.
func (v *victim) wait(what string, ok func() bool) {
	v.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			v.kill()
			v.t.Fatalf("waited in vain for %s; inboxd wrote:\n%s", what, v.log)
		}
		<-time.After(2 * time.Millisecond)
	}
}

// take is the servers of the followers.
func (v *victim) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if r.URL.Path == "/users/new" && r.Method == http.MethodGet {
		v.serveNew(w)
		return
	}
	if err != nil || r.Method != http.MethodPost {
		http.NotFound(w, r)
		return
	}
	if strings.Contains(string(body), `"`+v.kind+`"`) {
		v.mu.Lock()
		v.got[r.Host]++
		v.mu.Unlock()
	}
	w.WriteHeader(http.StatusAccepted)
}

// reached counts the servers that have got the post.
func (v *victim) reached() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.got)
}

func (v *victim) twice() (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, times := range v.got {
		n += times - 1
	}
	return n
}

func (v *victim) acknowledged() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]string(nil), v.acked...)
}

// reply sends one reply after the other and notes those that are answered 202, until ctx ends. What the dead daemon does not answer is
// given up.
func (v *victim) reply(ctx context.Context, sender int) {
	for n := 0; ctx.Err() == nil; n++ {
		id := fmt.Sprintf("%s/notes/%d-%d", v.ada(), sender, n)
		known := v.reached() > 0 // before that the daemon may not know the post, and owes nothing
		status, err := v.send(ctx, id)
		switch {
		case err != nil:
			<-time.After(5 * time.Millisecond)
		case status == http.StatusAccepted:
			if known {
				v.mu.Lock()
				v.acked = append(v.acked, id)
				v.mu.Unlock()
			}
		default:
			v.t.Errorf("reply %s: status %d", id, status)
			return
		}
	}
}

func (v *victim) send(ctx context.Context, id string) (int, error) {
	note := map[string]any{"id": id, "type": "Note", "attributedTo": v.ada(), "content": "<p>words</p>", "inReplyTo": v.post(), "to": []string{activitypub.Public}}
	body, err := json.Marshal(map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "id": id + "/activity", "type": "Create", "actor": v.ada(),
		"object": note, "to": []string{activitypub.Public}})
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.config.Addresses().Inbox(), bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", activitypub.ContentType)
	if err := signature.Sign(r, body, signature.Key{ID: v.ada() + "#main-key", Private: v.writer}, signature.DraftCavage, time.Now()); err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}
