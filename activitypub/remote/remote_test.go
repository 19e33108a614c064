package remote

import (
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// testKey is the instance actor's, made once for all tests.
var testKey = sync.OnceValue(func() signature.Key {
	private, err := signature.Generate()
	if err != nil {
		panic(err)
	}
	return signature.Key{ID: "https://blog.example/ap/instance#main-key", Private: private}
})

// world is a pretend internet over real TLS: every name below example.com leads to one server, which answers by host and path.
type world struct {
	t      *testing.T
	server *httptest.Server
	addr   netip.AddrPort

	mu       sync.Mutex
	handlers map[string]http.HandlerFunc
	log      []*http.Request
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, handlers: make(map[string]http.HandlerFunc)}
	w.server = httptest.NewUnstartedServer(w)
	// Not 127.0.0.1, so that a test can allow this address and forbid the canaries'. Systems without it get the usual one.
	if l, err := net.Listen("tcp4", "127.0.0.3:0"); err == nil {
		w.server.Listener.Close()
		w.server.Listener = l
	}
	w.server.EnableHTTP2 = true
	w.server.Config.ErrorLog = quiet
	w.server.StartTLS()
	t.Cleanup(w.server.Close)
	w.addr = netip.MustParseAddrPort(w.server.Listener.Addr().String())
	return w
}

// client makes a client of this internet.
func (w *world) client(o Options) *Client {
	if o.AllowNetworks == nil {
		o.AllowNetworks = []netip.Prefix{netip.PrefixFrom(w.addr.Addr(), 32)}
	}
	if o.DialHost == nil {
		o.DialHost = func(string) string { return w.addr.String() }
	}
	o.RootCAs = x509.NewCertPool()
	o.RootCAs.AddCert(w.server.Certificate())
	c := New(o)
	w.t.Cleanup(c.Close)
	return c
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(r.Host, ":")
	w.mu.Lock()
	w.log = append(w.log, r)
	h := w.handlers[host+r.URL.RequestURI()]
	w.mu.Unlock()
	if h == nil {
		http.NotFound(rw, r)
		return
	}
	h(rw, r)
}

func (w *world) handle(address string, h http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.handlers[address] = h
}

// document serves an Activity Streams document at host/path.
func (w *world) document(address, doc string) {
	w.handle(address, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", activitypub.ContentType)
		_, _ = rw.Write([]byte(doc))
	})
}

func (w *world) redirect(address, to string) {
	w.handle(address, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Location", to)
		rw.WriteHeader(http.StatusFound)
	})
}

func (w *world) answer(address string, status int) {
	w.handle(address, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) })
}

func (w *world) requests() []*http.Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.log)
}

func (w *world) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = nil
}
