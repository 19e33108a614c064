// Package remote is the one way out: the only code of Postil that opens a connection to another server.
//
// Ids and documents to send go in; what other servers answer comes out, read by activitypub.Read and checked against where it
// came from. It refuses to know what a follower or a comment is, keeps nothing but which signature scheme each host took, and
// caches nothing: who asks decides how long an answer is good for.
//
// Everything here treats the other side as hostile, because the addresses come from strangers. Four walls, each tested by taking
// it out: the address is checked when it is dialled and not when it is written down (guard.go), so that DNS, redirects and
// spelling make no difference; every hop is https; every answer is bounded in size, time and number of requests (fetch.go);
// and a document counts only for the address that served it (object.go, actor.go).
package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"code.dny.dev/ssrf"

	"github.com/postil-blog/postil/activitypub/signature"
)

// What a fetch can end with besides a document. A caller branches on them.
var (
	ErrGone     = errors.New("gone")                       // 410, or a Tombstone
	ErrNotFound = errors.New("not found")                  // 404
	ErrRefused  = errors.New("refused")                    // 401, 403
	ErrBlocked  = errors.New("address not public")         // the guard at dial time, or an address that is no https URL
	ErrDocument = errors.New("not an acceptable document") // wrong type, too large, malformed, id does not match
)

const (
	defaultTimeout   = 10 * time.Second
	dialTimeout      = 5 * time.Second
	maxHeader        = 64 << 10
	connsPerHost     = 2
	writeBuffer      = 16 << 10 // bytes: a delivery leaves in one piece
	rememberedHosts  = 10_000
	defaultUserAgent = "Postil"
)

// Options of a Client. The zero value of each is the safe one.
type Options struct {
	Key       signature.Key // signs GETs: the instance actor's
	UserAgent string        // "Postil/1.0 (+https://example.com/)"
	// Dev permits http and loopback, and resolves *.localhost to 127.0.0.1. For tests and the demo alone.
	Dev           bool
	AllowNetworks []netip.Prefix // let through besides public addresses
	Resolver      *net.Resolver
	// DialHost, when set, says which address a host:port is dialled at instead of being resolved. The guard still sees the address. For tests.
	DialHost func(hostport string) string
	RootCAs  *x509.CertPool // nil: the system's
	Timeout  time.Duration  // of one call, all its requests together; 0: 10 s
	Schemes  []HostScheme   // what Learned gave before a restart, oldest first
	Now      func() time.Time
	Log      *slog.Logger
	// Only, when set, is the one scheme that fetches are signed in: no second knock. For finding faults.
	Only *signature.Scheme
	// Trace, when set, is told of every request, after its answer was read. It is called from the goroutine of the call. For finding faults.
	Trace func(Exchange)
}

// Client fetches and delivers. It is safe for concurrent use.
type Client struct {
	o       Options
	guard   *ssrf.Guardian
	http    *http.Client
	schemes *schemes
}

// New makes a client.
func New(o Options) *Client {
	if o.UserAgent == "" {
		o.UserAgent = defaultUserAgent
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{o: o, guard: o.guardian(), schemes: newSchemes(rememberedHosts, o.Schemes)}
	c.http = &http.Client{
		Transport: c.observed(c.transport()),
		// Each hop is checked and signed by us, so net/http follows none.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// transport is net/http's, told to trust nothing: no proxy of the environment (it would move the address check to the proxy's
// address), no cookies, two connections for one host, small headers.
func (c *Client) transport() *http.Transport {
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            c.dial,
		TLSClientConfig:        &tls.Config{RootCAs: c.o.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    dialTimeout,
		ForceAttemptHTTP2:      true, // a DialContext of our own turns it off otherwise
		MaxConnsPerHost:        connsPerHost,
		MaxIdleConnsPerHost:    connsPerHost,
		MaxIdleConns:           256,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: maxHeader,
		WriteBufferSize:        writeBuffer,
	}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// deadline bounds one call.
func (c *Client) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.o.Timeout)
}
