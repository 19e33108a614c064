// Package remotetest is a small fediverse server for tests and the demo: real WebFinger, real signatures, real inboxes; it follows,
// replies, likes, boosts, records what it is sent, and fails on demand.
//
// It stands for the other side, in the shapes that Mastodon puts on the wire, so it shares no code with activitypub/remote: a
// fault in our client would else be its own proof. Signed activities come in, signed activities go out, and a person with a
// browser finds a page on which to write as any of its accounts. It keeps everything in memory and knows nothing of Postil.
package remotetest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// Server is one pretend instance with any number of accounts on one host.
type Server struct {
	// DialHost, when set, says which address a host:port is dialled at. Set it before the first request.
	DialHost func(hostport string) string

	origin   string
	host     string // host[:port], the second half of handles
	mux      *http.ServeMux
	client   *http.Client
	verifier signature.Verifier

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced whenever something below changes
	accounts []*Account
	notes    map[string]*note
	sent     map[string]sentActivity
	next     int
	keys     map[string]remoteKey
	received []*activitypub.Object
	timeline []*Post
	requests []Request
	failing  failure
	accepts  []signature.Scheme
	secure   bool
}

// sentActivity is what Undo needs to know.
type sentActivity struct {
	activity map[string]any
	inboxes  []string
}

// failure is what the inboxes answer instead of working.
type failure struct {
	status     int
	retryAfter time.Duration
}

// Request is one request that the server got, for tests that count them.
type Request struct {
	Method, URL string
	Header      http.Header
	Status      int
}

// New makes a server whose ids begin with origin ("http://a.localhost:4442"). It does not listen: it is an http.Handler.
func New(origin string) *Server {
	origin = strings.TrimSuffix(origin, "/")
	s := &Server{
		origin: origin, host: hostOf(origin), mux: http.NewServeMux(),
		changed: make(chan struct{}), notes: make(map[string]*note), sent: make(map[string]sentActivity),
		keys:    make(map[string]remoteKey),
		accepts: []signature.Scheme{signature.DraftCavage, signature.RFC9421},
	}
	s.client = s.newClient()
	s.verifier = signature.Verifier{Origin: origin, Now: time.Now, Key: s.publicKey}
	s.routes()
	return s
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return origin
	}
	return u.Host
}

// Origin gives what the server's ids begin with.
func (s *Server) Origin() string { return s.origin }

func (s *Server) routes() {
	s.mux.HandleFunc("GET /.well-known/webfinger", s.serveWebFinger)
	s.mux.HandleFunc("GET /.well-known/nodeinfo", s.serveNodeInfoLinks)
	s.mux.HandleFunc("GET /nodeinfo/2.0", s.serveNodeInfo)
	s.mux.HandleFunc("GET /users/{user}", s.serveActor)
	s.mux.HandleFunc("GET /users/{user}/avatar.png", s.serveAvatar)
	s.mux.HandleFunc("GET /users/{user}/{collection}", s.serveCollection)
	s.mux.HandleFunc("GET /users/{user}/statuses/{n}", s.serveNote)
	s.mux.HandleFunc("GET /users/{user}/statuses/{n}/activity", s.serveActivity)
	s.mux.HandleFunc("GET /users/{user}/statuses/{n}/replies", s.serveReplies)
	s.mux.HandleFunc("GET /emoji/{name}", s.serveEmoji)
	s.mux.HandleFunc("POST /inbox", s.serveInbox)
	s.mux.HandleFunc("POST /users/{user}/inbox", s.serveInbox)
	s.pages()
}

// ServeHTTP serves WebFinger, actors, objects, the shared inbox and, for a person with a browser, a page on which to write as its accounts.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	s.mux.ServeHTTP(rec, r)
	s.update(func() {
		s.requests = append(s.requests, Request{r.Method, r.URL.RequestURI(), r.Header.Clone(), rec.status})
	})
}

// recorder notes the status that a handler answers.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// update changes the server's state and wakes who waits for it.
func (s *Server) update(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

// Account adds an account and makes its key. avatar is any small picture, made here from its name.
func (s *Server) Account(user, name string) *Account {
	a := &Account{server: s, user: user, name: name, since: time.Now().UTC().AddDate(-2, 0, 0), following: make(map[string]followed), followers: make(map[string]string)}
	a.private = sync.OnceValues(signature.Generate)
	s.update(func() { s.accounts = append(s.accounts, a) })
	return a
}

// Received gives what the shared inbox and the personal inboxes accepted so far, oldest first, signature-checked.
func (s *Server) Received() []*activitypub.Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*activitypub.Object(nil), s.received...)
}

// Requests gives every request so far that was answered, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Timeline gives the home timeline of the server: the posts of whom its accounts follow, newest first.
func (s *Server) Timeline() []Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	posts := make([]Post, 0, len(s.timeline))
	for _, p := range s.timeline {
		posts = append(posts, *p)
	}
	return posts
}

// Wait waits until ok is true of what was received, at most for the context's time.
func (s *Server) Wait(ctx context.Context, ok func([]*activitypub.Object) bool) error {
	return s.wait(ctx, func() bool { return ok(s.Received()) })
}

// WaitRequests is Wait for requests.
func (s *Server) WaitRequests(ctx context.Context, ok func([]Request) bool) error {
	return s.wait(ctx, func() bool { return ok(s.Requests()) })
}

func (s *Server) wait(ctx context.Context, ok func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if ok() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%s waited in vain: %w", s.host, context.Cause(ctx))
		}
	}
}

// Fail makes the inboxes answer status from now on (0: work again). A Retry-After is sent when retryAfter is positive, in seconds.
func (s *Server) Fail(status int, retryAfter time.Duration) {
	s.update(func() { s.failing = failure{status, retryAfter} })
}

// Accept names the signature schemes that the server understands; it answers 401 to others. At first it understands both.
func (s *Server) Accept(schemes ...signature.Scheme) {
	s.update(func() { s.accepts = schemes })
}

// Secure makes the server answer 401 to unsigned requests for actors and notes ("authorized fetch").
func (s *Server) Secure(on bool) { s.update(func() { s.secure = on }) }

// Forget empties the cache of public keys.
func (s *Server) Forget() { s.update(func() { clear(s.keys) }) }

var errNoAccount = errors.New("no such account")

// account finds an account by its user name.
func (s *Server) account(user string) (*Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		if strings.EqualFold(a.user, user) {
			return a, nil
		}
	}
	return nil, fmt.Errorf("%q: %w", user, errNoAccount)
}
