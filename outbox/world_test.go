package outbox

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

// world is a blog with its output folder, its database and any number of servers that follow it, all on one listener: the servers are
// names below localhost. Its clock stands still unless it is moved.
type world struct {
	t      testing.TB
	dir    string
	config *site.Config
	store  *store.Store
	client *remote.Client
	keys   map[string]signature.Key
	proofs map[string]signature.Key
	out    *Outbox
	web    *httptest.Server
	port   string
	posts  []site.PublishedPost // newest first
	gone   []site.Withdrawn

	mu    sync.Mutex
	now   time.Time
	hosts map[string]http.Handler // by name
	down  map[string]bool         // connections are refused
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), now: noon, hosts: map[string]http.Handler{}, down: map[string]bool{}}
	w.web = httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.web.Close)
	w.port = w.web.URL[strings.LastIndex(w.web.URL, ":"):]
	w.config = &site.Config{Dir: w.dir, Publish: site.Publish{Output: "public"}}
	w.config.Site.URL = "http://blog.localhost" + w.port
	w.config.Federation = site.Federation{Enabled: true, Handle: "blog"}
	_, private, err := ed25519.GenerateKey(nil)
	w.must(err)
	w.keys = map[string]signature.Key{w.actor(): {ID: w.config.Addresses().Key(), Private: private}}
	_, prove, err := ed25519.GenerateKey(nil)
	w.must(err)
	w.proofs = map[string]signature.Key{w.actor(): {ID: w.config.Addresses().EdKeyOf(w.actor()), Private: prove}}
	w.hosts["blog"] = http.NotFoundHandler()
	w.client = remote.New(remote.Options{Dev: true, DialHost: w.dial})
	t.Cleanup(w.client.Close)
	w.open()
	return w
}

// open opens the database and makes an Outbox: what a start of the daemon does.
func (w *world) open() {
	w.t.Helper()
	file := filepath.Join(w.dir, "data", "postil.db")
	storetest.Make(w.t, file)
	s, err := store.Open(context.WithoutCancel(w.t.Context()), file)
	w.must(err)
	w.store = s
	w.t.Cleanup(func() { s.Close() })
	w.out = New(Options{Config: w.config, Store: s, Client: w.client, Keys: w.keys, Proofs: w.proofs, Now: w.time, Log: slog.New(slog.DiscardHandler)})
	w.out.random = func() float64 { return 0.5 }
}

func (w *world) reopen() {
	w.t.Helper()
	w.must(w.store.Close())
	w.open()
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) actor() string { return w.config.Addresses().Actor() }

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	name, _, _ := strings.Cut(r.Host, ".")
	w.mu.Lock()
	h := w.hosts[name]
	w.mu.Unlock()
	rw.Header().Set("Connection", "close") // so that a server that goes down is not reached over an old connection
	h.ServeHTTP(rw, r)
}

func (w *world) dial(hostport string) string {
	name, _, _ := strings.Cut(hostport, ".")
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down[name] {
		return "127.0.0.1:1"
	}
	return hostport
}

func (w *world) setDown(name string, down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down[name] = down
}

// address is a path on a server.
func (w *world) address(host, path string) string {
	return "http://" + host + ".localhost" + w.port + path
}

// host puts up a server.
func (w *world) host(name string, h http.Handler) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts[name] = h
}

// follow makes an actor of a server follow the blog, with the server's shared inbox unless it is to have one of its own.
func (w *world) follow(host, user string, shared bool) {
	w.t.Helper()
	f := store.Follower{Actor: w.address(host, "/users/"+user), Of: w.actor(), Since: noon}
	f.Inbox = f.Actor + "/inbox"
	if shared {
		f.SharedInbox = w.address(host, "/inbox")
	}
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.PutFollower(ctx, f) })
}

func (w *world) write(f func(context.Context, *store.Tx) error) {
	w.t.Helper()
	w.must(w.store.Write(w.t.Context(), func(tx *store.Tx) error { return f(w.t.Context(), tx) }))
}

// id is the Activity Streams id of a post.
func (w *world) id(key string) string { return w.config.Addresses().Post(key) }

// put writes or changes a post, as publish would: the Article first.
func (w *world) put(key, text string) {
	w.t.Helper()
	p := site.PublishedPost{ID: w.id(key), URL: w.config.Addresses().Page("/posts/" + key + "/"), Article: "ap/posts/" + key + ".json",
		Name: key, Published: w.time().Truncate(time.Second)}
	i := slices.IndexFunc(w.posts, func(p site.PublishedPost) bool { return p.ID == w.id(key) })
	if i >= 0 {
		p.Published, p.Updated = w.posts[i].Published, w.time().Truncate(time.Second)
	}
	a := activitypub.Article{Context: activitypub.ObjectContext, ID: p.ID, Type: "Article", AttributedTo: w.actor(),
		To: []string{activitypub.Public}, CC: []string{w.config.Addresses().Followers()}, Name: p.Name, Content: text, URL: p.URL,
		Published: p.Published.Format(time.RFC3339)}
	if !p.Updated.IsZero() {
		a.Updated = p.Updated.Format(time.RFC3339)
	}
	data, err := activitypub.Marshal(a)
	w.must(err)
	p.SHA256 = sumOf(data)
	w.file(p.Article, data)
	if i >= 0 {
		w.posts[i] = p
	} else {
		w.posts = append([]site.PublishedPost{p}, w.posts...)
	}
}

// withdraw takes a post off the list and states it.
func (w *world) withdraw(key string) {
	w.posts = slices.DeleteFunc(w.posts, func(p site.PublishedPost) bool { return p.ID == w.id(key) })
	w.gone = append(w.gone, site.Withdrawn{ID: w.id(key), At: w.time()})
}

// publish writes the list.
func (w *world) publish() {
	w.t.Helper()
	data, err := json.Marshal(site.PublishedList{Version: 1, Posts: w.posts, Withdrawn: w.gone})
	w.must(err)
	w.file(site.PublishedFile, data)
}

func (w *world) file(name string, data []byte) {
	w.t.Helper()
	file := filepath.Join(w.dir, "public", filepath.FromSlash(name))
	w.must(os.MkdirAll(filepath.Dir(file), 0o755))
	w.must(os.WriteFile(file+".new", data, 0o644))
	w.must(os.Rename(file+".new", file))
}

// round publishes, reconciles and delivers.
func (w *world) round() Report {
	w.t.Helper()
	w.publish()
	r, err := w.out.Round(w.t.Context())
	w.must(err)
	return r
}

// sink is a server that takes deliveries as it is told to and writes them down.
type sink struct {
	mu       sync.Mutex
	mode     int // what it answers; 0: 202; modeLost: takes it and hangs up; modeDrop: hangs up
	after    string
	got      []arrival
	requests int
	wake     chan struct{}
}

const (
	modeLost = -1
	modeDrop = -2
)

// arrival is one activity that a sink took.
type arrival struct {
	ID, Type string
	Path     string
	Object   struct{ ID, Type, Content, Updated string }
	Body     string
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a := arrival{Path: r.URL.Path, Body: string(body)}
	_ = json.Unmarshal(body, &a) // what is no Article has no content
	s.mu.Lock()
	s.requests++
	mode, after := s.mode, s.after
	if mode == 0 || mode == modeLost {
		s.got = append(s.got, a)
	}
	if s.wake != nil {
		close(s.wake)
		s.wake = nil
	}
	s.mu.Unlock()
	if mode < 0 {
		panic(http.ErrAbortHandler)
	}
	if after != "" {
		w.Header().Set("Retry-After", after)
	}
	w.WriteHeader(cmp.Or(mode, http.StatusAccepted))
}

func (s *sink) set(mode int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = mode
}

func (s *sink) arrivals() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// count is the number of requests so far.
func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// types lists what arrived: "Create Update".
func (s *sink) types() string {
	var list []string
	for _, a := range s.arrivals() {
		list = append(list, a.Type)
	}
	return strings.Join(list, " ")
}

// wait waits until ok of what arrived.
func (s *sink) wait(t testing.TB, ok func([]arrival) bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		s.mu.Lock()
		if ok(s.got) {
			s.mu.Unlock()
			return
		}
		if s.wake == nil {
			s.wake = make(chan struct{})
		}
		wake := s.wake
		s.mu.Unlock()
		select {
		case <-wake:
		case <-deadline:
			t.Fatalf("waited in vain; got %s", s.types())
		}
	}
}

// sink puts up a server that only takes deliveries, with one follower.
func (w *world) sink(name string) *sink {
	w.t.Helper()
	s := &sink{}
	w.host(name, s)
	w.follow(name, "ada", true)
	return s
}

// answerer puts up a server where nobody follows and somebody liked the post "a".
func (w *world) answerer(name string) *sink {
	w.t.Helper()
	s := &sink{}
	w.host(name, s)
	id := w.address(name, "/users/bo")
	w.write(func(ctx context.Context, tx *store.Tx) error {
		a := store.Actor{ID: id, Type: "Person", Handle: "bo@" + name, URL: id, Inbox: id + "/inbox", SharedInbox: w.address(name, "/inbox"), Fetched: noon}
		if err := tx.PutActor(ctx, a); err != nil {
			return err
		}
		return tx.PutComment(ctx, store.Comment{ID: id + "/like", Kind: store.Like, Post: w.id("a"), Parent: w.id("a"), Actor: id, Published: noon, Received: noon, State: store.Shown})
	})
	return s
}

// activity is any activity of ours.
func activity(id, kind, actor string) activitypub.Activity {
	return activitypub.Activity{Context: activityStreams, ID: id, Type: kind, Actor: actor, Object: map[string]string{"type": "Follow"}}
}
