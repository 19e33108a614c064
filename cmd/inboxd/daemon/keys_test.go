package daemon

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"
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
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// blog runs a daemon on an address that stays its own over restarts.
type blog struct {
	t      *testing.T
	config *site.Config
	at     string
	log    *slog.Logger // may be nil
	stop   func()
}

func newBlog(t *testing.T) *blog {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &blog{t: t, at: l.Addr().String()}
	l.Close()
	b.config = load(t, "[site]\nurl = \"http://"+b.at+"\"\ntitle = \"Notes\"\n[federation]\nenabled = true\nhandle = \"blog\"\n")
	if err := os.MkdirAll(b.config.SiteFolder(), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if b.stop != nil {
			b.stop()
		}
	})
	return b
}

// start runs the daemon; stop ends it and waits.
func (b *blog) start() {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.t.Context()))
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() {
		ended <- Run(ctx, b.config, Options{Dev: true, Listen: b.at, Version: "1", Log: b.log, KeyCheck: 20 * time.Millisecond, Ready: func(a net.Addr) { ready <- a }})
	}()
	select {
	case <-ready:
	case err := <-ended:
		b.t.Fatal(err)
	}
	b.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			b.t.Error(err)
		}
		b.stop = nil
	}
}

func (b *blog) actor() *activitypub.Object {
	b.t.Helper()
	resp, err := http.Get(b.config.Addresses().Actor())
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	o, err := activitypub.Read(body)
	if err != nil {
		b.t.Fatal(err)
	}
	return o
}

func keyIDs(o *activitypub.Object) (ids []string) {
	for _, k := range o.PublicKey {
		_, id, _ := strings.Cut(k.ID, "#")
		ids = append(ids, id)
	}
	return ids
}

// peerAt runs a pretend server that notes which key signed each POST.
type peerAt struct {
	*remotetest.Server
	signed chan string // types and keys of what was taken
}

func newPeer(t *testing.T) *peerAt {
	t.Helper()
	p := &peerAt{signed: make(chan string, 100)}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &statusOf{ResponseWriter: w, status: http.StatusOK}
		p.ServeHTTP(rec, r)
		if r.Method == http.MethodPost {
			id, _ := signature.KeyID(r)
			_, id, _ = strings.Cut(id, "#")
			p.signed <- id + " " + http.StatusText(rec.status)
		}
	}))
	p.Server = remotetest.New(h.URL)
	t.Cleanup(func() { p.Close(); h.Close() })
	return p
}

type statusOf struct {
	http.ResponseWriter
	status int
}

func (s *statusOf) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

func (p *peerAt) next(t *testing.T) string {
	t.Helper()
	select {
	case s := <-p.signed:
		return s
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		return ""
	}
}

// TestRotation replaces a key while servers follow: one that keeps the old key hears of the new one in a request that it can verify,
// and everything after is signed with the new one and verified too. After a week the old key is no longer listed.
func TestRotation(t *testing.T) {
	t.Parallel()
	ctx, b, p := t.Context(), newBlog(t), newPeer(t)
	ada, eve := p.Account("ada", "Ada"), p.Account("eve", "Eve")
	b.start()
	follow := func(who *remotetest.Account) {
		t.Helper()
		if err := who.Follow(ctx, b.config.Addresses().Actor()); err != nil {
			t.Fatal(err)
		}
	}
	follow(ada)
	if got := p.next(t); got != "main-key Accepted" {
		t.Errorf("before: %s", got)
	}
	if ids := keyIDs(b.actor()); !slices.Equal(ids, []string{"main-key", "ed25519-key"}) {
		t.Errorf("before: keys %v", ids)
	}
	b.stop()

	r, err := Rotate(b.config, "", true)
	if err != nil || len(r.Files) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := os.Stat(r.Files[0]); err == nil {
		t.Error("a dry run made a key")
	}
	if _, err := Rotate(b.config, "", false); err != nil {
		t.Fatal(err)
	}
	if _, err := Rotate(b.config, "", false); !errors.Is(err, ErrRotating) {
		t.Errorf("again: %v, want %v", err, ErrRotating)
	}
	for range 2 { // the second start tells nobody again
		b.start()
		if ids := keyIDs(b.actor()); !slices.Equal(ids, []string{"main-key-2", "ed25519-key-2", "ed25519-key", "main-key"}) {
			t.Errorf("during: keys %v", ids)
		}
		if err := p.Wait(ctx, func(list []*activitypub.Object) bool { return list[len(list)-1].Is("Update") }); err != nil {
			t.Fatal(err)
		}
		b.stop()
	}
	if got := p.next(t); got != "main-key Accepted" {
		t.Errorf("the Update: %s", got)
	}
	b.start()
	follow(eve)
	if got := p.next(t); got != "main-key-2 Accepted" {
		t.Errorf("after: %s", got)
	}
	b.stop()

	week := time.Now().Add(-Overlap)
	for _, file := range r.Files {
		if err := os.Chtimes(file, week, week); err != nil {
			t.Fatal(err)
		}
	}
	b.start()
	if ids := keyIDs(b.actor()); !slices.Equal(ids, []string{"main-key-2", "ed25519-key-2"}) {
		t.Errorf("a week later: keys %v", ids)
	}
	old, err := filepath.Glob(filepath.Join(b.config.Path(b.config.Inboxd.Data), "actor*.pem.old-*"))
	if err != nil || len(old) != 2 {
		t.Errorf("put away: %v, %v", old, err)
	}
}

// TestRotationWhileRunning: a running daemon takes new keys up by itself, as a start would: the Update is signed with the old key, both are
// listed, and what follows is signed with the new one. Requests go on being answered.
func TestRotationWhileRunning(t *testing.T) {
	t.Parallel()
	ctx, b, p := t.Context(), newBlog(t), newPeer(t)
	ada, eve := p.Account("ada", "Ada"), p.Account("eve", "Eve")
	b.start()
	if err := ada.Follow(ctx, b.config.Addresses().Actor()); err != nil {
		t.Fatal(err)
	}
	if got := p.next(t); got != "main-key Accepted" {
		t.Errorf("before: %s", got)
	}
	if _, err := Rotate(b.config, "", false); err != nil {
		t.Fatal(err)
	}
	if got := p.next(t); got != "main-key Accepted" {
		t.Errorf("the Update: %s", got)
	}
	if list := p.Received(); !list[len(list)-1].Is("Update") {
		t.Errorf("her server got %v last, want the Update", list[len(list)-1].Types)
	}
	// The Update may come a moment before the new rooms answer, and before it is written down that it was taken.
	deadline := time.Now().Add(30 * time.Second)
	for both := []string{"main-key-2", "ed25519-key-2", "ed25519-key", "main-key"}; !slices.Equal(keyIDs(b.actor()), both); {
		if time.Now().After(deadline) {
			t.Fatalf("during: keys %v", keyIDs(b.actor()))
		}
	}
	for {
		if err := eve.Follow(ctx, b.config.Addresses().Actor()); err != nil {
			t.Fatal(err)
		}
		got := p.next(t)
		if got == "main-key-2 Accepted" {
			break
		}
		if got != "main-key Accepted" || time.Now().After(deadline) {
			t.Fatalf("after: %s", got)
		}
		if err := eve.Unfollow(ctx); err != nil {
			t.Fatal(err)
		}
	}
	b.stop()
	b.start() // and nobody is told again
	if err := eve.Unfollow(ctx); err != nil {
		t.Fatal(err)
	}
	if err := eve.Follow(ctx, b.config.Addresses().Actor()); err != nil {
		t.Fatal(err)
	}
	if got := p.next(t); got != "main-key-2 Accepted" {
		t.Errorf("after a start: %s", got)
	}
}

// lines are what a daemon logs.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	select {
	case l <- string(line):
	default: // nobody reads so much
	}
	return len(line), nil
}

func (l lines) wait(t *testing.T, words string) {
	t.Helper()
	for deadline := time.After(30 * time.Second); ; {
		select {
		case line := <-l:
			if strings.Contains(line, words) {
				return
			}
		case <-deadline:
			t.Fatalf("nothing was logged of %q", words)
		}
	}
}

// TestKeysThatCannotBeUsed: a running daemon goes on with the keys it has where new ones cannot be read.
func TestKeysThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	b, refused := newBlog(t), make(lines, 100)
	b.log = slog.New(slog.NewTextHandler(refused, nil))
	b.start()
	file := filepath.Join(b.config.Path(b.config.Inboxd.Data), "actor.2.pem")
	if err := os.WriteFile(file, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused.wait(t, "cannot be used")
	if ids := keyIDs(b.actor()); !slices.Equal(ids, []string{"main-key", "ed25519-key"}) {
		t.Fatalf("keys %v", ids)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := Rotate(b.config, "", false); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); keyIDs(b.actor())[0] != "main-key-2"; {
		if time.Now().After(deadline) {
			t.Fatalf("keys %v", keyIDs(b.actor()))
		}
	}
}

// TestAnnouncedOnce: a second start while a key is being replaced queues nothing more.
func TestAnnouncedOnce(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	log := slog.New(slog.DiscardHandler)
	s, err := open(t.Context(), b.config, log)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := keys(b.config, time.Now(), log); err != nil {
		t.Fatal(err)
	}
	if _, err := Rotate(b.config, "", false); err != nil {
		t.Fatal(err)
	}
	k, err := keys(b.config, time.Now(), log)
	if err != nil {
		t.Fatal(err)
	}
	out := outbox.New(outbox.Options{Config: b.config, Store: s, Keys: k.signing, Log: log})
	actor := b.config.Addresses().Actor()
	follow := func(who string) {
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.PutFollower(t.Context(), store.Follower{Actor: who, Of: actor, Inbox: who + "/inbox", Since: time.Now()})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	follow("https://a.example/u")
	for i := range 2 {
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			return announceKey(t.Context(), b.config, tx, out, k.signing[actor].ID, activitypub.Actor{ID: actor})
		})
		if err != nil {
			t.Fatal(err)
		}
		list, err := s.Deliveries(t.Context(), actor)
		if err != nil || len(list) != 1 || list[0].Type != "Update" {
			t.Errorf("start %d: queued %v, %v", i, list, err)
		}
		follow("https://b.example/u") // who comes now finds the new key by itself
	}
}

// TestProofKeyIsListed: what an actor proves with is the newest Ed25519 key, which its document lists, beside the one before while both overlap; a verb
// that queues beside the daemon uses the same, and makes none.
func TestProofKeyIsListed(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	log := slog.New(slog.DiscardHandler)
	if err := os.MkdirAll(b.config.Path(b.config.Inboxd.Data), 0o700); err != nil {
		t.Fatal(err)
	}
	actor := b.config.Addresses().Actor()
	if k := ProofKeys(b.config); len(k) != 0 {
		t.Errorf("before the first start: %v", k)
	}
	for _, want := range []string{actor + "#ed25519-key", actor + "#ed25519-key-2"} {
		k, err := keys(b.config, time.Now(), log)
		if err != nil {
			t.Fatal(err)
		}
		beside := ProofKeys(b.config)[actor]
		if p := k.proofs[actor]; p.ID != want || beside.ID != want || !p.Private.Public().(ed25519.PublicKey).Equal(beside.Private.Public()) {
			t.Errorf("proves with %s, beside the daemon with %s, want %s", p.ID, beside.ID, want)
		}
		text, err := signature.Multikey(beside.Private.Public())
		listed := slices.ContainsFunc(k.multi[actor], func(m activitypub.Multikey) bool { return m.ID == want && m.PublicKeyMultibase == text })
		if err != nil || !listed {
			t.Errorf("%s is not listed: %v, %v", want, k.multi[actor], err)
		}
		if _, err := Rotate(b.config, "", false); err != nil && !errors.Is(err, ErrRotating) {
			t.Fatal(err)
		}
	}
}

// TestUnknownActorHasNoKeys: a name that nobody has is refused.
func TestUnknownActorHasNoKeys(t *testing.T) {
	t.Parallel()
	if _, err := Rotate(newBlog(t).config, "nobody", false); !errors.Is(err, ErrNoActor) {
		t.Errorf("got %v", err)
	}
}

// TestKeyFiles: each actor has two keys, for their owner alone.
func TestKeyFiles(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	dir := b.config.Path(b.config.Inboxd.Data)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	k, err := keys(b.config, time.Now(), slog.New(slog.DiscardHandler))
	if err != nil || len(k.retiring) != 0 {
		t.Fatalf("%v, %v", k.retiring, err)
	}
	for _, name := range []string{"actor.pem", "actor-ed25519.pem", "instance.pem", "instance-ed25519.pem"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "actor-ed25519.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	var refusal Refusal
	if _, err := keys(b.config, time.Now(), slog.New(slog.DiscardHandler)); !errors.As(err, &refusal) {
		t.Errorf("a key that others can read: %v", err)
	}
}
