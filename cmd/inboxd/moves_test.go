package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/cmd/inboxd/daemon"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// abode is a blog with the real daemon, which can be stopped and started again.
type abode struct {
	t    *testing.T
	file string // config.toml
	c    *site.Config
	at   string // host:port
	stop func()
}

func newAbode(t *testing.T, settings string) *abode {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &abode{t: t, file: filepath.Join(t.TempDir(), site.FileName), at: l.Addr().String(), stop: func() {}}
	b.put(site.FileName, fmt.Sprintf("format = 1\n[site]\nurl = %q\n[federation]\nenabled = true\nhandle = \"notes\"\n%s", "http://"+b.at, settings))
	if b.c, err = site.Load(b.file, nil, nil); err != nil {
		t.Fatal(err)
	}
	b.put("public/index.html", "<!doctype html><title>Notes</title>")
	b.serve(l)
	t.Cleanup(func() { b.stop() })
	return b
}

func (b *abode) put(name, text string) {
	b.t.Helper()
	file := filepath.Join(filepath.Dir(b.file), filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		b.t.Fatal(err)
	}
}

// publish puts posts into the published list, as publish would.
func (b *abode) publish(keys ...string) {
	b.t.Helper()
	list := site.PublishedList{Version: 1}
	for _, key := range keys {
		id, now := b.c.Addresses().Post(key), time.Now().UTC().Truncate(time.Second)
		doc := fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":%q,"type":"Article","attributedTo":%q,"name":%q,"content":"<p>Hello</p>","url":%q,"published":%q,"to":["%s"],"cc":[%q]}`,
			id, b.c.Addresses().Actor(), key, b.c.Addresses().Page(key), now.Format(time.RFC3339), activitypub.Public, b.c.Addresses().Followers())
		b.put("public/ap/posts/"+key+".json", doc)
		sum := sha256.Sum256([]byte(doc))
		list.Posts = append(list.Posts, site.PublishedPost{ID: id, URL: b.c.Addresses().Page(key), Article: "ap/posts/" + key + ".json", SHA256: hex.EncodeToString(sum[:]), Name: key, Published: now})
	}
	data, err := json.Marshal(list)
	if err != nil {
		b.t.Fatal(err)
	}
	b.put("public/"+site.PublishedFile, string(data))
}

// start runs the daemon again on the same address.
func (b *abode) start() {
	b.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		l, err := net.Listen("tcp", b.at)
		if err == nil {
			b.serve(l)
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatal(err)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func (b *abode) serve(l net.Listener) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- daemon.Run(ctx, b.c, daemon.Options{Dev: true, Listener: l, Version: "test", Ready: func(net.Addr) { close(ready) }})
	}()
	b.stop = func() {
		b.stop = func() {}
		cancel()
		if err := <-ended; err != nil {
			b.t.Errorf("the daemon ended with %v", err)
		}
	}
	select {
	case <-ready:
	case err := <-ended:
		ended <- err
		b.t.Fatal(err)
	}
}

// run runs a verb and gives what it printed and its exit code.
func (b *abode) run(args ...string) (stdout string, code int) {
	b.t.Helper()
	var out, narration bytes.Buffer
	root := rootCommand()
	root.SetArgs(append(args, "--config", b.file))
	root.SetIn(strings.NewReader(""))
	root.SetOut(&out)
	root.SetErr(&narration)
	root.SilenceErrors, root.SilenceUsage = true, true
	err := root.ExecuteContext(b.t.Context())
	var exit cli.Exit
	switch {
	case errors.As(err, &exit):
		code = exit.Code
	case err != nil:
		code = cli.Failed
	}
	return fmt.Sprint(out.String(), narration.String(), err), code
}

// must wants an exit code and a text.
func (b *abode) must(code int, text string, args ...string) {
	b.t.Helper()
	if out, got := b.run(args...); got != code || !strings.Contains(out, text) {
		b.t.Fatalf("inboxd %s: exit code %d, want %d with %q:\n%s", strings.Join(args, " "), got, code, text, out)
	}
}

// unchanged wants a verb to write nothing: the whole database is the same afterwards. The daemon must be stopped.
func (b *abode) unchanged(code int, text string, args ...string) {
	b.t.Helper()
	before := b.tables()
	b.must(code, text, args...)
	if !bytes.Equal(before, b.tables()) {
		b.t.Errorf("inboxd %s changed the database", strings.Join(args, " "))
	}
}

func (b *abode) tables() []byte {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "copy.db")
	b.must(0, "", "backup", file)
	data, err := os.ReadFile(file)
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

// get asks the daemon for a document.
func (b *abode) get(address string) (status int, doc map[string]any) {
	b.t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = json.Unmarshal(body, &doc) // not all is JSON
	return resp.StatusCode, doc
}

// newPeer is a pretend server that listens.
func newPeer(t *testing.T) *remotetest.Server {
	t.Helper()
	h := httptest.NewUnstartedServer(nil)
	s := remotetest.New("http://" + h.Listener.Addr().String())
	h.Config.Handler = s
	h.Start()
	t.Cleanup(func() { h.Close(); s.Close() })
	return s
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// got waits until a peer has received an activity of a type from an actor.
func got(t *testing.T, s *remotetest.Server, kind, actor string) *activitypub.Object {
	t.Helper()
	var found *activitypub.Object
	err := s.Wait(soon(t), func(list []*activitypub.Object) bool {
		for _, o := range list {
			if o.Is(kind) && o.Actor.ID == actor {
				found = o
			}
		}
		return found != nil
	})
	if err != nil {
		t.Fatalf("no %s came: %v", kind, err)
	}
	return found
}

func count(s *remotetest.Server, kind string) (n int) {
	for _, o := range s.Received() {
		if o.Is(kind) {
			n++
		}
	}
	return n
}

// TestMoveIn names a former account, which then moves, and its follower comes along.
func TestMoveIn(t *testing.T) {
	t.Parallel()
	b, peer := newAbode(t, ""), newPeer(t)
	old, ada := peer.Account("old", "Old"), peer.Account("ada", "Ada")
	if err := ada.Follow(soon(t), old.Handle()); err != nil {
		t.Fatal(err)
	}
	peer.Secure(true)
	us := b.c.Addresses().Actor()

	b.must(2, "is on this blog", "move-in", "--dev", b.c.Addresses().Acct())
	b.must(2, "is on this blog", "move-in", "--dev", us)
	b.must(1, "", "move-in", "--dev", "@nobody@"+peerHost(peer))
	b.must(1, "", "move-in", "@"+old.Handle()) // without --dev the guard holds
	b.must(1, "not yet", "move-in", "--dev", "--check", "@"+old.Handle())
	peer.Secure(false) // with the daemon stopped no signed fetch can be verified
	b.stop()
	b.unchanged(0, "would name", "move-in", "--dev", "--dry-run", "@"+old.Handle())
	b.start()
	peer.Secure(true)
	for range 2 { // again has no effect
		b.must(0, "names "+old.ID(), "move-in", "--dev", "@"+old.Handle())
	}
	b.must(0, `"id": "`+old.ID(), "move-in", "--json")
	if _, doc := b.get(us); !slices.Equal(strs(doc["alsoKnownAs"]), []string{old.ID()}) {
		t.Errorf("alsoKnownAs is %v", doc["alsoKnownAs"])
	}
	peer.Secure(false) // it would ask itself in vain
	if err := old.MoveTo(soon(t), us); err != nil {
		t.Fatal(err)
	}
	follows(t, peer, ada, us)
	b.must(0, "ok: "+old.ID(), "move-in", "--dev", "--check", "@"+old.Handle())
	b.must(0, `"moved": true`, "move-in", "--dev", "--check", "--json", old.ID())

	b.stop()
	b.unchanged(0, "would name", "move-in", "--remove", "--dry-run", "@"+old.Handle())
	b.start()
	b.must(0, "named no more", "move-in", "--remove", "@"+old.Handle())
	b.must(1, "is not named", "move-in", "--remove", "@"+old.Handle())
	if _, doc := b.get(us); doc["alsoKnownAs"] != nil {
		t.Errorf("alsoKnownAs is still %v", doc["alsoKnownAs"])
	}
}

func peerHost(s *remotetest.Server) string { return strings.TrimPrefix(s.Origin(), "http://") }

func strs(v any) (list []string) {
	l, _ := v.([]any)
	for _, s := range l {
		list = append(list, fmt.Sprint(s))
	}
	return list
}

// follows waits until an account follows exactly one actor.
func follows(t *testing.T, s *remotetest.Server, a *remotetest.Account, id string) {
	t.Helper()
	err := s.Wait(soon(t), func([]*activitypub.Object) bool { return slices.Equal(a.Following(), []string{id}) })
	if err != nil {
		t.Fatalf("%s follows %v, want %s: %v", a.Handle(), a.Following(), id, err)
	}
}

// TestMoveOut sends the followers elsewhere once the target agrees, and never before; the blog says so for good and announces no more.
func TestMoveOut(t *testing.T) {
	t.Parallel()
	b, peer, elsewhere := newAbode(t, ""), newPeer(t), newPeer(t)
	b.publish("one")
	target, ada, eve := elsewhere.Account("notes", "Notes"), peer.Account("ada", "Ada"), elsewhere.Account("eve", "Eve")
	for _, a := range []*remotetest.Account{ada, eve} {
		if err := a.Follow(soon(t), b.c.Addresses().Acct()); err != nil {
			t.Fatal(err)
		}
	}
	us, to := b.c.Addresses().Actor(), "@"+target.Handle()
	b.stop()
	b.unchanged(1, "does not name "+us, "move-out", "--dev", "--yes", to)
	target.Formerly(us)
	b.unchanged(0, "Move → 2 servers (2 followers)", "move-out", "--dev", "--dry-run", to)
	b.unchanged(2, "nobody can be asked", "move-out", "--dev", to)
	b.unchanged(1, "no move", "move-out", "--undo")
	b.must(0, "moved. 2 servers", "move-out", "--dev", "--yes", to)
	b.unchanged(0, "Moved already", "move-out", "--dev", "--yes", to)
	eve.Formerly(us)
	b.unchanged(1, "does so once", "move-out", "--dev", "--yes", "@"+eve.Handle())

	// Nothing has left: it can be taken back, and done again.
	b.unchanged(0, "would take the move back", "move-out", "--undo", "--dry-run")
	b.must(0, "taken back", "move-out", "--undo")
	b.must(0, "has not moved", "move-out", "--status")
	b.must(0, "moved. 2 servers", "move-out", "--dev", "--yes", to)

	peer.Fail(503, 0) // one server is down when word goes out, and the daemon is stopped in between
	b.start()
	move := got(t, elsewhere, "Move", us)
	if !move.HasProof {
		t.Error("the Move carries no proof of the account's (FEP-8b32): the verb found no key")
	}
	if move.Object[0].ID != us || move.Target.ID != target.ID() {
		t.Errorf("the Move is of %s to %s", move.Object[0].ID, move.Target.ID)
	}
	follows(t, elsewhere, eve, target.ID())
	failed(t, peer)
	b.stop()
	b.unchanged(1, "word of it has left", "move-out", "--undo")
	peer.Fail(0, 0)
	b.must(0, "", "queue", "retry", peer.Origin())
	b.start()
	got(t, peer, "Move", us)
	follows(t, peer, ada, target.ID())
	if n := count(elsewhere, "Move"); n != 1 {
		t.Errorf("%d Moves came, want 1", n)
	}

	if _, doc := b.get(us); doc["movedTo"] != target.ID() {
		t.Errorf("movedTo is %v", doc["movedTo"])
	}
	late := peer.Account("late", "Late")
	if err := late.Follow(soon(t), us); err == nil || !strings.Contains(err.Error(), "rejected") {
		t.Errorf("following an account that moved: %v, want a Reject", err)
	}
	told(t, b, outbox.MoveID(b.c.Addresses(), us), 2)
	b.must(0, `"told": 2`, "move-out", "--status", "--json")

	// A new post is noted and announced to nobody, although a follower may be left.
	b.stop()
	write(t, b, func(ctx context.Context, tx *store.Tx) error {
		return tx.PutFollower(ctx, store.Follower{Actor: eve.ID(), Of: us, Inbox: eve.ID() + "/inbox", Since: time.Now()})
	})
	b.publish("one", "two")
	b.start()
	noted(t, b, b.c.Addresses().Post("two"))
	if n := count(elsewhere, "Create"); n > 1 {
		t.Errorf("%d Creates came after the move", n)
	}
	if list := deliveries(t, b, b.c.Addresses().Post("two")); len(list) > 0 {
		t.Errorf("a new post is announced: %+v", list)
	}
}

// failed waits until a peer has refused something.
func failed(t *testing.T, s *remotetest.Server) {
	t.Helper()
	err := s.WaitRequests(soon(t), func(list []remotetest.Request) bool {
		return slices.ContainsFunc(list, func(r remotetest.Request) bool { return r.Status == 503 })
	})
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, b *abode, f func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	s, err := store.OpenBeside(t.Context(), daemon.Database(b.c))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Write(t.Context(), func(tx *store.Tx) error { return f(t.Context(), tx) }), s.Close()); err != nil {
		t.Fatal(err)
	}
}

func deliveries(t *testing.T, b *abode, object string) []store.Delivery {
	t.Helper()
	s, err := store.OpenReader(t.Context(), daemon.Database(b.c))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list, err := s.Deliveries(t.Context(), object)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// eventually polls the store beside the daemon.
func eventually(t *testing.T, b *abode, what string, ok func(s *store.Store) bool) {
	t.Helper()
	s, err := store.OpenReader(t.Context(), daemon.Database(b.c))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for deadline := time.Now().Add(30 * time.Second); !ok(s); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func told(t *testing.T, b *abode, object string, n int) {
	t.Helper()
	eventually(t, b, "everybody is told", func(s *store.Store) bool {
		c, err := s.DeliveryCounts(t.Context(), object)
		return err == nil && c.Delivered == n
	})
}

func noted(t *testing.T, b *abode, post string) {
	t.Helper()
	eventually(t, b, "the post is in the ledger", func(s *store.Store) bool {
		_, err := s.Article(t.Context(), post)
		return err == nil
	})
}

// TestMoveDomain moves a blog to another domain, where another daemon answers: the follower comes along, the old ids stay.
func TestMoveDomain(t *testing.T) {
	t.Parallel()
	old, peer := newAbode(t, ""), newPeer(t)
	old.publish("one")
	us, ada := old.c.Addresses().Actor(), peer.Account("ada", "Ada")
	if err := ada.Follow(soon(t), old.c.Addresses().Acct()); err != nil {
		t.Fatal(err)
	}
	noted(t, old, old.c.Addresses().Post("one"))
	stranger := newAbode(t, "")
	anew := newAbode(t, "also_known_as = ["+fmt.Sprintf("%q", us)+"]\n")
	to := anew.c.Addresses().Actor()
	old.stop()
	old.unchanged(2, "is no address", "move-domain", "--dev", "--yes", "nowhere")
	old.unchanged(2, "is where the blog is", "move-domain", "--dev", "--yes", old.c.Site.URL)
	old.unchanged(1, "does not name "+us, "move-domain", "--dev", "--yes", stranger.c.Site.URL)
	old.unchanged(0, "Move → 1 server (1 follower)", "move-domain", "--dev", "--dry-run", anew.c.Site.URL)
	old.must(0, "rewrite ^/(.*)$ "+anew.c.Site.URL+"/$1 permanent", "move-domain", "--dev", "--yes", anew.c.Site.URL)
	old.unchanged(0, "Moved already", "move-domain", "--dev", "--yes", anew.c.Site.URL+"/")
	old.start()
	got(t, peer, "Move", us)
	follows(t, peer, ada, to)
	for address, want := range map[string]int{
		us: 200, old.c.Addresses().Post("one"): 200, old.c.Addresses().Outbox(): 200, to: 200,
		old.c.Site.URL + "/.well-known/webfinger?resource=acct:" + old.c.Addresses().Acct(): 200,
	} {
		if status, _ := old.get(address); status != want {
			t.Errorf("%s answers %d, want %d", address, status, want)
		}
	}
	if _, doc := old.get(us); doc["movedTo"] != to {
		t.Errorf("movedTo is %v, want %s", doc["movedTo"], to)
	}
}

// TestRetire ends an account: every server is told once, by name of the actor, whatever stops in between; every id answers 410 for ever.
func TestRetire(t *testing.T) {
	t.Parallel()
	b, peer, answering := newAbode(t, ""), newPeer(t), newPeer(t)
	b.publish("one")
	us, post := b.c.Addresses().Actor(), b.c.Addresses().Post("one")
	ada, ben, carl := peer.Account("ada", "Ada"), peer.Account("ben", "Ben"), answering.Account("carl", "Carl")
	for _, a := range []*remotetest.Account{ada, ben} {
		if err := a.Follow(soon(t), b.c.Addresses().Acct()); err != nil {
			t.Fatal(err)
		}
	}
	noted(t, b, post)
	reply, err := carl.Reply(soon(t), post, "<p>Fine</p>") // follows nobody, and has looked the post up
	if err != nil {
		t.Fatal(err)
	}
	b.stop()
	b.unchanged(0, "Delete @"+b.c.Addresses().Acct()+" → 2 servers (2 followers)", "retire", "--dry-run")
	b.unchanged(2, "nobody can be asked", "retire")
	b.unchanged(0, "is not retired", "retire", "--status")
	b.must(0, "retired. 2 servers", "retire", "--yes")
	b.unchanged(0, "Retired on", "retire", "--yes")
	b.must(0, `"left": 2`, "retire", "--status", "--json")

	answering.Fail(503, 0)
	b.start()
	if gone := got(t, peer, "Delete", us); gone.Object[0].ID != us {
		t.Errorf("the Delete is of %s", gone.Object[0].ID)
	}
	failed(t, answering)
	b.stop()
	b.must(0, `"told": 1`, "retire", "--status", "--json")
	answering.Fail(0, 0)
	b.must(0, "", "queue", "retry", answering.Origin())
	b.start()
	got(t, answering, "Delete", us)
	told(t, b, outbox.RetireID(b.c.Addresses(), us), 2)
	if n := count(peer, "Delete"); n != 1 || len(ada.Following()) > 0 || len(peer.Timeline()) > 0 {
		t.Errorf("%d Deletes came, %v are followed, %d posts are left", n, ada.Following(), len(peer.Timeline()))
	}

	a := b.c.Addresses()
	for address, want := range map[string]int{
		us: 410, post: 410, a.Outbox(): 410, a.Followers(): 410, a.Featured(): 410, a.Replies(post): 410, a.Activity("one-create-1"): 410,
		b.c.Site.URL + "/.well-known/webfinger?resource=acct:" + a.Acct(): 410, a.Instance(): 200, a.Home(): 200,
		b.c.Site.URL + "/.well-known/webfinger?resource=acct:nobody@" + b.at: 404, a.Post("never"): 404,
	} {
		status, doc := b.get(address)
		if status != want {
			t.Errorf("%s answers %d, want %d", address, status, want)
		}
		id := strings.TrimSuffix(address, "/replies") // what lies beneath a post went with the post
		if want == 410 && !strings.Contains(address, "webfinger") && (doc["type"] != "Tombstone" || doc["id"] != id) {
			t.Errorf("%s answers %v, want its Tombstone", address, doc)
		}
	}

	// Nothing more is taken in, but what takes something back; nothing more is told.
	if err := ben.Follow(soon(t), us); err == nil {
		t.Error("a retired account was followed")
	}
	if _, err := ben.Like(soon(t), post); err == nil {
		t.Error("a post of a retired account was liked")
	}
	if status, _, err := ben.Post(soon(t), a.Inbox(), map[string]any{"id": ben.ID() + "#f", "type": "Follow", "actor": ben.ID(), "object": us}); err != nil || status != 410 {
		t.Errorf("a Follow is answered %d, %v, want 410", status, err)
	}
	if err := carl.Delete(soon(t), reply); err != nil {
		t.Errorf("a reply could not be taken back: %v", err)
	}
	b.stop()
	b.publish("one", "two")
	b.start()
	if status, _ := b.get(us); status != 410 {
		t.Errorf("after a restart the actor answers %d", status)
	}
	eventually(t, b, "the reply goes", func(s *store.Store) bool {
		_, err := s.Comment(t.Context(), reply)
		return errors.Is(err, store.ErrNotFound)
	})
	if list := deliveries(t, b, a.Post("two")); len(list) > 0 {
		t.Errorf("a retired account announces: %+v", list)
	}
}
