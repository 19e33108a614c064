package inbox_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
)

// fetchAttacks are about what a stranger can make us ask, read, keep and wait for. The matrix of addresses is played in a network of its
// own (interop); here each way into the daemon is tried once.
var fetchAttacks = []attack{
	{20, "addresses that are not public", "Mastodon CVE-2026-22245, CVE-2026-46348; Lemmy CVE-2025-25194; Fedify CVE-2024-39687, CVE-2026-50131", attackAddresses},
	{21, "redirect to such an address", "Fedify CVE-2025-23221, CVE-2026-77632", attackRedirects},
	{22, "such an address at second hand", "Fedify CVE-2026-62857, CVE-2026-96624; Owncast CVE-2023-3188; Lemmy CVE-2026-29178", attackSecondHand},
	{23, "DNS rebinding", "Fedify 0.9.3", attackRebinding},
	{24, "proxy variables", "GoToSocial", attackProxies},
	{25, "fetch loops", "Fedify CVE-2026-34148, GHSA-97w4-f4rq-mgqm", attackLoops},
	{26, "slow or endless bodies", "Mastodon CVE-2023-36461", attackSlow},
	{27, "amplification", "activitypub-troll, Mastodon #21977", attackAmplification},
	{28, "parser burn", "Fedify CVE-2025-68475, CVE-2026-96623", attackParserBurn},
	{36, "rate-limit dodge", "Mastodon CVE-2023-49952", attackDodge},
	{40, "unbounded state", "Fedify CVE-2026-69132", attackState},
}

const (
	carolID = "https://remote.example/users/carol"
	daveID  = "https://remote.example/users/dave"
)

func attackAddresses(t *testing.T, s signature.Scheme) {
	for _, host := range []string{"127.0.0.2", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "2130706434", "127.2", "0x7f.0.0.2", "0177.0.0.2", "127.0.0.2.", "localhost", "a.localhost", "[::1]", "0"} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			w := newStrict(t, 0)
			w.everyWay(s, "https://"+host+":"+w.port+"/u")
		})
	}
}

func attackRedirects(t *testing.T, s signature.Scheme) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		for hops := range 2 {
			t.Run(fmt.Sprint(status, " after ", hops), func(t *testing.T) {
				t.Parallel()
				w := newStrict(t, 0)
				to := "https://127.0.0.2:" + w.port + "/u"
				w.peers.host("away.example", http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					if n := strings.Count(r.URL.Path, "+"); n < hops {
						http.Redirect(rw, r, r.URL.Path+"+", status)
						return
					}
					http.Redirect(rw, r, to, status)
				}))
				w.everyWay(s, "https://away.example/u")
			})
		}
	}
}

func attackSecondHand(t *testing.T, s signature.Scheme) {
	w := newStrict(t, 0, "127.0.0.2")
	w.everyWay(s, "https://inside.test:"+w.port+"/u")
}

func attackRebinding(t *testing.T, s signature.Scheme) {
	for name, answers := range map[string][]string{
		"public at first": {"127.0.0.1", "127.0.0.2"}, "both at once": {"127.0.0.1 127.0.0.2"}, "both at once, the other way round": {"127.0.0.2 127.0.0.1"}, "in turn": {"127.0.0.2", "127.0.0.1", "127.0.0.2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newStrict(t, 0, answers...)
			w.everyWay(s, "https://rebind.test:"+w.port+"/u")
		})
	}
}

// attackProxies: what is fetched comes from the peer, and the proxy that the environment names (proxied) hears nothing. That the
// transport has no proxy is asserted in activitypub/remote, where it is made.
func attackProxies(t *testing.T, s signature.Scheme) {
	w := newWorld(t)
	if got := w.post(letter{doc: reply(), signer: aliceID, scheme: s}); got != 202 || w.peers.asked(aliceID) != 1 {
		t.Errorf("status %d after %d fetches, want 202 after one straight from her server", got, w.peers.asked(aliceID))
	}
	r := httptest.NewRequest(http.MethodPost, "https://blog.example/ap/inbox", nil)
	if u, err := http.ProxyFromEnvironment(r); err != nil || u == nil || u.String() != deadProxy {
		t.Errorf("the environment names the proxy %v, %v: this test shows nothing", u, err)
	}
}

func attackLoops(t *testing.T, s signature.Scheme) {
	loops := map[string]http.HandlerFunc{
		"to itself": func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, r.URL.Path, http.StatusFound) },
		"100 hops": func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, r.URL.Path+"+", http.StatusMovedPermanently)
		},
		"of hosts": func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://loop"+r.Host+r.URL.Path, http.StatusPermanentRedirect)
		},
		"of alternates": func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Link", `<`+r.URL.Path+`+>; rel="alternate"; type="application/activity+json"`)
			rw.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(rw, `<link rel="alternate" type="application/activity+json" href="%s+">`, r.URL.Path)
		},
		"of ids": func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", activitypub.ContentType)
			fmt.Fprintf(rw, `{"id":"http://%s%s+","type":"Note"}`, r.Host, r.URL.Path)
		},
		"of owners": func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", activitypub.ContentType)
			fmt.Fprintf(rw, `{"id":"http://%s%s","type":"Person","publicKey":{"id":"http://%s%s","owner":"http://%s%s+"}}`, r.Host, r.URL.Path, r.Host, r.URL.Path, r.Host, r.URL.Path)
		},
	}
	for name, h := range loops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for _, host := range []string{"loop.example", "looploop.example", "looplooploop.example", "looplooplooploop.example"} {
				w.peers.host(host, h)
			}
			id := "http://loop.example/u"
			w.effectless(letter{doc: activity("Like", id+"/l", id, post, nil), signer: id, scheme: s})
			if n := w.peers.count(); n > 3 {
				t.Errorf("an actor: %d requests, want at most 3", n)
			}
			before := w.peers.count()
			w.effectless(letter{doc: activity("Create", aliceID+"/c", aliceID, id+"/n", nil), signer: aliceID, scheme: s})
			if n := w.peers.count() - before; n > 4 {
				t.Errorf("an object: %d requests, want at most 3 and one for the key", n)
			}
		})
	}
}

func attackSlow(t *testing.T, s signature.Scheme) {
	var bomb bytes.Buffer
	z, _ := gzip.NewWriterLevel(&bomb, gzip.BestSpeed)
	z.Write(bytes.Repeat([]byte(" "), 64<<20))
	z.Close()
	slow := "https://slow.example/u"
	var sent atomic.Int64 // without end
	for name, h := range map[string]http.HandlerFunc{
		"no answer": func(rw http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a byte now and then": func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", activitypub.ContentType)
			fmt.Fprint(rw, "{")
			rw.(http.Flusher).Flush()
			<-r.Context().Done()
		},
		"no end": func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", activitypub.ContentType)
			for r.Context().Err() == nil {
				n, err := rw.Write(bytes.Repeat([]byte(" "), 64<<10))
				if sent.Add(int64(n)); err != nil {
					return
				}
			}
		},
		"a gzip bomb": func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", activitypub.ContentType)
			rw.Header().Set("Content-Encoding", "gzip")
			rw.Write(bomb.Bytes())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newStrict(t, 300*time.Millisecond)
			w.peers.host("slow.example", h)
			rows := w.rows()
			if got := w.post(letter{doc: activity("Like", slow+"/l", slow, post, nil), signer: slow, scheme: s}); got != 401 || w.rows() != rows {
				t.Errorf("status %d, want 401 and no row", got)
			}
			w.unreached(slow)
			if n := sent.Load(); n > 16<<20 { // 1 MiB is read; the rest lies in the buffers of the connection
				t.Errorf("%d bytes were taken of an answer without end", n)
			}
		})
	}
}

// attackAmplification: a reply that names the world costs one fetch of its author; many that name ever new servers of one owner cost
// that owner's share.
func attackAmplification(t *testing.T, s signature.Scheme) {
	w := newWorld(t)
	var tags, copies []any
	for n := range 50 {
		who := fmt.Sprintf("http://s%d.victim.example/users/u", n)
		tags = append(tags, m{"type": "Mention", "href": who, "name": "@u"})
		copies = append(copies, who)
	}
	doc := create(note(evilID+"/n", evilID, post, m{"tag": tags, "cc": copies, "replies": m{"type": "Collection", "items": copies}, "context": copies[0], "quote": copies[1], "inReplyTo": append([]any{post}, copies...)}))
	if got := w.post(letter{doc: doc, signer: evilID, scheme: s}); got != 202 {
		t.Errorf("status %d, want 202", got)
	}
	for w.round() > 0 {
	}
	if n := w.peers.count(); n > 3 {
		t.Errorf("%d fetches for one activity, want at most 2 and the key", n)
	}
	before := w.peers.count()
	for n := range 60 {
		id := fmt.Sprintf("http://t%d.victim.example/n", n)
		w.post(letter{doc: activity("Create", fmt.Sprint(evilID, "/c", n), evilID, id, nil), signer: evilID, scheme: s})
		w.post(letter{doc: create(note(fmt.Sprint(evilID, "/r", n), evilID, id+"/parent", nil)), signer: evilID, scheme: s})
	}
	for range 5 {
		w.round()
	}
	if n := w.peers.count() - before; n > 30 {
		t.Errorf("%d fetches from one owner's servers in a moment, want at most 30", n)
	}
}

// attackParserBurn sends what is slow to read for careless parsers. Whoever is quadratic does not come to the end of it.
func attackParserBurn(t *testing.T, s signature.Scheme) {
	w := newWorld(t)
	long := func(unit string) string { return strings.Repeat(unit, 300_000/len(unit)) }
	for n, content := range []string{
		long("<div>"), long("<b><i>"), long("</p>"), long("<"), long("<!--"), long("<a href="), long("&"), long("&amp;"), long("[a]("), long("> "), long("*a_ "), long("<p"), long(`<a a="`),
		long("<svg><style>"), long("<table>"), long("<ul><li>"), long(":a:"), long("@a@b "), long("http://a.b "), long("\u202e"), long("a\u0301\u0301"), long("<![CDATA["), long("<textarea>"),
	} {
		id := fmt.Sprint(aliceID, "/n", n)
		got := w.post(letter{doc: create(note(id, aliceID, post, m{"content": content, "summary": content[:20_000], "name": content[:20_000]})), signer: aliceID, scheme: s})
		if got != 202 && (got < 400 || got > 499) {
			t.Errorf("%.10q…: status %d", content, got)
		}
		if c, ok := w.comment(id); ok && len(c.Content) > 64<<10 {
			t.Errorf("%.10q…: %d bytes stored", content, len(c.Content))
		}
	}
}

// deadProxy is what the environment of this package's tests names: whoever asks a proxy gets no answer at all.
const deadProxy = "http://127.0.0.9:9"

func attackDodge(t *testing.T, s signature.Scheme) {
	bad := func(w *world, from, forwarded string) int {
		r := w.request(letter{doc: reply(), signer: aliceID, keyID: "acct:x", scheme: s})
		r.RemoteAddr = from + ":4711"
		r.Header.Set("X-Forwarded-For", forwarded)
		r.Header.Set("X-Real-IP", forwarded)
		r.Header.Set("Forwarded", "for="+forwarded)
		r.Header.Set("CF-Connecting-IP", forwarded)
		answer := httptest.NewRecorder()
		w.inbox.ServeHTTP(answer, r)
		return answer.Code
	}
	for name, c := range map[string]struct {
		proxies []string
		from    string
		chain   string // %d is forged
		other   [2]string
	}{
		"no proxy is listed":    {nil, "203.0.113.7", "198.51.100.%d", [2]string{"203.0.113.8", "203.0.113.7"}},
		"another proxy is":      {[]string{"192.0.2.0/24"}, "203.0.113.7", "198.51.100.%d, 192.0.2.1", [2]string{"203.0.113.8", "203.0.113.7"}},
		"the proxy is":          {[]string{"192.0.2.0/24"}, "192.0.2.1", "198.51.100.%d, 203.0.113.7", [2]string{"192.0.2.1", "203.0.113.8"}},
		"two proxies in a row":  {[]string{"192.0.2.0/24"}, "192.0.2.1", "198.51.100.%d, 203.0.113.7, 192.0.2.2", [2]string{"192.0.2.1", "203.0.113.8"}},
		"a /64 is one customer": {nil, "[2001:db9::%x]", "::1", [2]string{"[2001:db9:0:1::1]", "::1"}},
		"garbage in the chain":  {[]string{"192.0.2.0/24"}, "192.0.2.1", "x%d, 203.0.113.7", [2]string{"192.0.2.1", "203.0.113.8"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(cfg *site.Config) { cfg.Inboxd.TrustedProxies = c.proxies })
			limited := 0
			for n := range 500 {
				from, chain := c.from, c.chain
				if strings.Contains(from, "%x") {
					from = fmt.Sprintf(from, n+1)
				} else {
					chain = fmt.Sprintf(chain, n%250)
				}
				if bad(w, from, chain) == http.StatusTooManyRequests {
					limited++
				}
			}
			if limited < 50 {
				t.Errorf("%d of 500 told to wait, want about 100: they are one client", limited)
			}
			if got := bad(w, c.other[0], c.other[1]); got != 401 {
				t.Errorf("another client: status %d, want 401", got)
			}
		})
	}
}

// attackState: failures of ever new hosts leave nothing in the store, and each is remembered, so that it costs one fetch. That the
// memory for them is bounded, and the one table that failed deliveries fill, is asserted where they are made (TestBudgetsAreBounded and
// store's TestHostsAreBounded).
func attackState(t *testing.T, s signature.Scheme) {
	w := newWorld(t)
	rows := w.rows()
	for n := range 100 {
		id := fmt.Sprintf("http://h%d.example/users/u", n)
		for _, kind := range []string{"Follow", "Like", "Create"} {
			if got := w.post(letter{doc: activity(kind, id+"/"+kind, id, note(id+"/n", id, post, nil), nil), signer: id, scheme: s}); got != 401 && got != 429 {
				t.Fatalf("%s of %s: status %d, want 401", kind, id, got)
			}
		}
	}
	if now := w.rows(); now != rows {
		t.Errorf("actors that are not there left\n%s", changed(rows, now))
	}
	if n := w.peers.count(); n > 100 {
		t.Errorf("%d fetches for 100 actors that are not there", n)
	}
}

// The variables have to be set before anything reads them, since net/http looks once.
var _ = func() bool {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		os.Setenv(name, deadProxy)
	}
	return true
}()
