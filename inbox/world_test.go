package inbox_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/inbox"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

const (
	blog    = "https://blog.example"
	post    = blog + "/ap/posts/one"
	page    = blog + "/posts/one/"
	us      = blog + "/ap/actor"
	public  = activitypub.Public
	aliceID = "http://remote.example/users/alice"
	bobID   = "http://remote.example/users/bob"
	evilID  = "http://evil.example/users/mallory"
)

type m = map[string]any

// world is a blog with its daemon, and all the other servers there are: one listener that answers for every host.
type world struct {
	t      testing.TB
	cfg    *site.Config
	store  *store.Store
	inbox  *inbox.Inbox
	outbox *outbox.Outbox
	front  *httptest.Server
	away   *httptest.Server // all others, without TLS
	client *http.Client
	peers  *peers
	remote *remote.Client // the daemon's own way out

	mu  sync.Mutex
	now time.Time
}

// keys are made once for the whole package. Most are Ed25519, which signs in no time; bob and the blog have the RSA of most peers.
var keys = sync.OnceValue(func() map[string]crypto.Signer {
	made := map[string]crypto.Signer{}
	for _, name := range []string{"instance", "alice", "mallory", "other"} {
		_, k, err := ed25519.GenerateKey(nil)
		if err != nil {
			panic(err)
		}
		made[name] = k
	}
	for _, name := range []string{"blog", "bob"} {
		k, err := signature.Generate()
		if err != nil {
			panic(err)
		}
		made[name] = k
	}
	return made
})

func newWorld(t testing.TB, change ...func(*site.Config)) *world {
	t.Helper()
	return newWorldOut(t, func(*remote.Options) {}, change...)
}

// newWorldOut is newWorld with other options for the way out.
func newWorldOut(t testing.TB, out func(*remote.Options), change ...func(*site.Config)) *world {
	t.Helper()
	w := &world{t: t, now: time.Now().UTC().Truncate(time.Second), peers: newPeers()}
	w.cfg = &site.Config{Dir: t.TempDir(), Format: 1}
	w.cfg.Site = site.Site{URL: blog, Title: "Notes", Language: "en", Timezone: "UTC"}
	w.cfg.Federation = site.Federation{Enabled: true, Handle: "blog", Type: "Person"}
	w.cfg.Publish = site.Publish{Content: "content", Output: "public", Theme: "default"}
	w.cfg.Comments.Mode = "guarded"
	for _, c := range change {
		c(w.cfg)
	}
	s := storetest.Open(t)
	w.store = s
	w.listen(out)
	w.write(func(tx *store.Tx) error {
		return tx.PutArticle(t.Context(), store.Article{ID: post, URL: page, Name: "One", SHA256: "00", JSON: []byte(`{"type":"Article"}`),
			Published: w.now.Add(-time.Hour), Revision: 1, Announced: true})
	})
	for _, id := range []string{aliceID, bobID, evilID} {
		w.peers.serve(id, actor(id, nil))
	}
	return w
}

func (w *world) listen(change func(*remote.Options)) {
	t := w.t
	away, secure := httptest.NewServer(w.peers), httptest.NewUnstartedServer(w.peers)
	roots := serveTLS(secure)
	t.Cleanup(away.Close)
	t.Cleanup(secure.Close)
	quiet := slog.New(slog.DiscardHandler)
	address := w.cfg.Addresses()
	sign := map[string]signature.Key{
		address.Actor():    {ID: address.Key(), Private: keys()["blog"]},
		address.Instance(): {ID: address.InstanceKey(), Private: keys()["instance"]},
	}
	for _, author := range w.cfg.Actors()[1:] {
		sign[author.ID] = signature.Key{ID: address.KeyOf(author.ID), Private: keys()["blog"]}
	}
	options := remote.Options{
		Key: sign[address.Instance()], UserAgent: "Postil/test", Dev: true, Now: w.clock, Log: quiet,
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, RootCAs: roots, DialHost: func(hostport string) string {
			if strings.HasSuffix(hostport, ":443") {
				return secure.Listener.Addr().String()
			}
			return away.Listener.Addr().String()
		},
	}
	change(&options)
	client := remote.New(options)
	w.remote = client
	out := outbox.New(outbox.Options{Config: w.cfg, Store: w.store, Client: client, Keys: sign, Now: w.clock, Log: quiet})
	in, err := inbox.New(inbox.Options{Config: w.cfg, Store: w.store, Client: client, Outbox: out, Keys: sign, Now: w.clock, Log: quiet, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	w.inbox, w.outbox, w.away, w.front = in, out, away, httptest.NewServer(in)
	t.Cleanup(w.front.Close)
	// The daemon stands behind a proxy that ends TLS, as it does in life: requests for https addresses reach it plain.
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, w.front.Listener.Addr().String())
	}
	w.client = &http.Client{
		Transport:     &http.Transport{DialContext: dial, DialTLSContext: dial},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(w.client.CloseIdleConnections)
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) write(f func(*store.Tx) error) {
	w.t.Helper()
	if err := w.store.Write(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

// peers is the pretend internet.
type peers struct {
	mu    sync.Mutex
	hosts map[string]http.Handler
	docs  map[string]http.HandlerFunc
	hits  map[string]int
	all   int
}

func newPeers() *peers {
	return &peers{hosts: map[string]http.Handler{}, docs: map[string]http.HandlerFunc{}, hits: map[string]int{}}
}

// host gives a whole host to a server.
func (p *peers) host(name string, h http.Handler) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hosts[name] = h
}

func (p *peers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	url := "http://" + r.Host + r.URL.RequestURI()
	if r.TLS != nil {
		url = "https://" + r.Host + r.URL.RequestURI()
	}
	p.mu.Lock()
	p.hits[url]++
	p.all++
	h, whole := p.docs[url], p.hosts[r.Host]
	p.mu.Unlock()
	if whole != nil {
		whole.ServeHTTP(w, r)
		return
	}
	if h == nil {
		http.NotFound(w, r)
		return
	}
	h(w, r)
}

func (p *peers) handle(url string, h http.HandlerFunc) {
	if scheme, rest, ok := strings.Cut(url, "://"); ok { // an address without a path is asked for "/"
		if n := strings.IndexAny(rest, "/?"); n < 0 {
			url += "/"
		} else if rest[n] == '?' {
			url = scheme + "://" + rest[:n] + "/" + rest[n:]
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.docs[url] = h
}

// serve makes a URL answer a document.
func (p *peers) serve(url string, doc any) {
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	p.handle(url, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", activitypub.ContentType)
		w.Write(b)
	})
}

func (p *peers) status(url string, status int) {
	p.handle(url, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) })
}

func (p *peers) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all
}

func (p *peers) asked(url string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits[url]
}

// keyOf gives the private key of a person by the last part of the id.
func keyOf(id string) crypto.Signer {
	k := keys()[id[strings.LastIndex(id, "/")+1:]]
	if k == nil {
		k = keys()["other"]
	}
	return k
}

// actor makes an actor document, with members set or (nil) taken away.
func actor(id string, with m) m {
	pem, err := signature.PublicPEM(keyOf(id))
	if err != nil {
		panic(err)
	}
	user := id[strings.LastIndex(id, "/")+1:]
	doc := m{
		"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "Person", "preferredUsername": user, "name": "The " + user,
		"inbox": id + "/inbox", "outbox": id + "/outbox", "url": id + "/page", "published": "2020-01-01T00:00:00Z",
		"publicKey": m{"id": id + "#main-key", "owner": id, "publicKeyPem": pem},
	}
	return merge(doc, with)
}

func merge(doc, with m) m {
	for k, v := range with {
		if v == nil {
			delete(doc, k)
		} else {
			doc[k] = v
		}
	}
	return doc
}

// note makes a reply.
func note(id, by, to string, with m) m {
	return merge(m{
		"id": id, "type": "Note", "attributedTo": by, "content": "<p>words of " + by + "</p>", "inReplyTo": to,
		"to": []string{public}, "cc": []string{by + "/followers"}, "published": time.Now().UTC().Add(-time.Minute).Format(time.RFC3339),
	}, with)
}

// activity makes an activity.
func activity(kind, id, by string, object any, with m) m {
	return merge(m{"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": kind, "actor": by, "object": object}, with)
}

func create(n m) m {
	return activity("Create", n["id"].(string)+"/activity", n["attributedTo"].(string), n, m{"to": n["to"]})
}

// letter is one POST to the inbox; what a test leaves empty is as an honest peer sends it.
type letter struct {
	doc    any // marshalled, unless body is set
	body   []byte
	signer string // actor id; "" signs nothing
	key    crypto.Signer
	keyID  string
	scheme signature.Scheme
	date   time.Time
	kind   string
	tamper func(*http.Request) // after signing
}

func (w *world) request(l letter) *http.Request {
	w.t.Helper()
	body := l.body
	if body == nil {
		var err error
		if body, err = json.Marshal(l.doc); err != nil {
			w.t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, blog+"/ap/inbox", bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	kind := l.kind
	if kind == "" {
		kind = activitypub.ContentType
	}
	r.Header.Set("Content-Type", kind)
	if l.signer != "" {
		k := signature.Key{ID: l.signer + "#main-key", Private: keyOf(l.signer)}
		if l.keyID != "" {
			k.ID = l.keyID
		}
		if l.key != nil {
			k.Private = l.key
		}
		date := l.date
		if date.IsZero() {
			date = w.clock()
		}
		if err := signature.Sign(r, body, k, l.scheme, date); err != nil {
			w.t.Fatal(err)
		}
	}
	if l.tamper != nil {
		l.tamper(r)
	}
	return r
}

// post sends a letter and gives the status.
func (w *world) post(l letter) int {
	w.t.Helper()
	status, _ := w.postFull(l)
	return status
}

func (w *world) postFull(l letter) (int, *http.Response) {
	w.t.Helper()
	res, err := w.client.Do(w.request(l))
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode, res
}

// send posts an activity signed by its actor and wants 202.
func (w *world) send(doc m) {
	w.t.Helper()
	w.sendAs(doc["actor"].(string), doc, http.StatusAccepted)
}

func (w *world) sendAs(signer string, doc any, want int) {
	w.t.Helper()
	if got := w.post(letter{doc: doc, signer: signer}); got != want {
		w.t.Fatalf("%v: status %d, want %d", doc, got, want)
	}
}

func (w *world) get(path string) *http.Response {
	w.t.Helper()
	res, err := w.client.Get(blog + path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { res.Body.Close() })
	return res
}

// round does the errands that are due.
func (w *world) round() int {
	w.t.Helper()
	n, err := w.inbox.Round(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) count(k store.Kind) int {
	w.t.Helper()
	n, err := w.store.CommentCount(w.t.Context(), post, k)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// comment gives a stored comment, ok false where there is none.
func (w *world) comment(id string) (store.Comment, bool) {
	w.t.Helper()
	c, err := w.store.Comment(w.t.Context(), id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		w.t.Fatal(err)
	}
	return c, err == nil
}

// text gives the words of a stored comment.
func (w *world) text(id string) string {
	w.t.Helper()
	c, ok := w.comment(id)
	if !ok || c.Content == nil {
		return ""
	}
	var t activitypub.Tree
	if err := json.Unmarshal(c.Content, &t); err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(t.Text())
}

// untouched fails when anything at all was stored about an activity or its actor.
func (w *world) untouched(ids ...string) {
	w.t.Helper()
	ctx := w.t.Context()
	for _, k := range []store.Kind{store.Reply, store.Like, store.Boost, store.Reaction, store.Dislike, store.Quote} {
		if n := w.count(k); n != 0 {
			w.t.Errorf("%d rows of kind %s, want none", n, k)
		}
	}
	if n, err := w.store.FollowerCount(ctx, us); err != nil || n != 0 {
		w.t.Errorf("%d followers, %v, want none", n, err)
	}
	if due, err := w.store.DueErrands(ctx, w.clock().AddDate(1, 0, 0), 10); err != nil || len(due) != 0 {
		w.t.Errorf("errands %v, %v, want none", due, err)
	}
	for _, id := range []string{aliceID, bobID, evilID} {
		if known, err := w.store.ActorKnown(ctx, id); err != nil || known {
			w.t.Errorf("%s is known, want no row", id)
		}
	}
	for _, id := range ids {
		for _, by := range []string{aliceID, bobID, evilID} {
			if seen, err := w.store.Seen(ctx, id+" "+by); err != nil || seen {
				w.t.Errorf("%s counts as seen", id)
			}
		}
	}
}

// schemes runs a test in both ways of signing.
func schemes(t *testing.T, f func(t *testing.T, s signature.Scheme)) {
	for name, s := range map[string]signature.Scheme{"cavage": signature.DraftCavage, "rfc9421": signature.RFC9421} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, s)
		})
	}
}

func readAll(r *http.Request) string {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func nopBody(b []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }

// again sends the very same bytes once more.
func (w *world) again(r *http.Request) int {
	w.t.Helper()
	c := r.Clone(w.t.Context())
	c.Body, _ = r.GetBody()
	res, err := w.client.Do(c)
	if err != nil {
		w.t.Error(err)
		return 0
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// authority is a certificate authority that signs for every name it is asked for.
var authority = sync.OnceValue(func() (a struct {
	cert *x509.Certificate
	key  ed25519.PrivateKey
}) {
	var err error
	if _, a.key, err = ed25519.GenerateKey(nil); err != nil {
		panic(err)
	}
	a.cert = certify(&x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(5, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, a.key, a.key)
	return a
})

func certify(c, parent *x509.Certificate, key, signer ed25519.PrivateKey) *x509.Certificate {
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(nil, c, parent, key.Public(), signer)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return cert
}

// serveTLS starts a server that has a certificate for every name.
func serveTLS(s *httptest.Server) *x509.CertPool {
	a := authority()
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
		c := certify(&x509.Certificate{
			SerialNumber: big.NewInt(2), NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter, DNSNames: []string{h.ServerName},
		}, a.cert, a.key, a.key)
		return &tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: a.key}, nil
	}}
	s.StartTLS()
	return roots
}
