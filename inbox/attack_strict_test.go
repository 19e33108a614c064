package inbox_test

import (
	"context"
	"log/slog"
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/inbox"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/store"
)

// strict is a world with the production's client: https alone, and the guard looks at every address. 127.0.0.1, where the pretend
// internet listens, stands for the public; on 127.0.0.2 is a canary that nobody may reach.
type strict struct {
	*world
	port string // of the canary
	hits *atomic.Int64
}

func newStrict(t *testing.T, timeout time.Duration, answers ...string) *strict {
	t.Helper()
	w := &strict{world: newWorld(t)}
	w.port, w.hits = canary(t)
	secure := httptest.NewUnstartedServer(w.peers)
	roots := serveTLS(secure)
	t.Cleanup(secure.Close)
	address, quiet := w.cfg.Addresses(), slog.New(slog.DiscardHandler)
	sign := map[string]signature.Key{
		address.Actor():    {ID: address.Key(), Private: keys()["blog"]},
		address.Instance(): {ID: address.InstanceKey(), Private: keys()["instance"]},
	}
	client := remote.New(remote.Options{
		Key: sign[address.Instance()], UserAgent: "Postil/test", Now: w.clock, Log: quiet, RootCAs: roots, Timeout: timeout,
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Resolver: nameServer(t, answers), DialHost: func(hostport string) string {
			if strings.HasSuffix(hostport, ".example:443") {
				return secure.Listener.Addr().String()
			}
			return hostport
		},
	})
	out := outbox.New(outbox.Options{Config: w.cfg, Store: w.store, Client: client, Keys: sign, Now: w.clock, Log: quiet})
	in, err := inbox.New(inbox.Options{Config: w.cfg, Store: w.store, Client: client, Outbox: out, Keys: sign, Now: w.clock, Log: quiet, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	w.inbox, w.outbox, w.front = in, out, httptest.NewServer(in)
	t.Cleanup(w.front.Close)
	for _, id := range []string{carolID, daveID} {
		w.peers.serve(id, actor(id, nil))
	}
	return w
}

func canary(t *testing.T) (port string, hits *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.2:0")
	if err != nil {
		t.Skip("no second loopback address here: ", err)
	}
	hits = new(atomic.Int64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			hits.Add(1)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	_, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, hits
}

// nameServer answers every question with one of the answers in turn; each may be several addresses.
func nameServer(t *testing.T, answers []string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf, turn := make([]byte, 1500), 0
		for n, from, err := conn.ReadFrom(buf); err == nil; n, from, err = conn.ReadFrom(buf) {
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 || len(answers) == 0 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
			if q.Type == dnsmessage.TypeA {
				for ip := range strings.FieldsSeq(answers[min(turn, len(answers)-1)]) {
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
						Body: &dnsmessage.AResource{A: netip.MustParseAddr(ip).As4()}})
				}
				turn++
			}
			if reply, err := m.Pack(); err == nil {
				conn.WriteTo(reply, from)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp4", conn.LocalAddr().String())
	}}
}

// everyWay lets a stranger name an address in every way into the daemon, and wants nobody to be there.
func (w *strict) everyWay(s signature.Scheme, at string) {
	w.t.Helper()
	post1 := func(l letter, want ...int) {
		w.t.Helper()
		l.scheme = s
		got := w.post(l)
		for _, ok := range want {
			if got == ok {
				return
			}
		}
		w.t.Errorf("%s: %v: status %d, want one of %v", at, l.doc, got, want)
	}
	post1(letter{doc: activity("Like", at+"/l", at, post, nil), signer: at}, 401, 400)
	post1(letter{doc: activity("Like", carolID+"/k", carolID, post, nil), signer: carolID, keyID: at + "#key"}, 401)
	w.peers.serve(carolID, actor(carolID, m{"inbox": at + "/inbox", "endpoints": m{"sharedInbox": at + "/shared"}, "icon": m{"type": "Image", "url": at + "/icon"}}))
	post1(letter{doc: activity("Follow", carolID+"/f", carolID, us, nil), signer: carolID}, 202, 400)
	reply := note(daveID+"/n", daveID, post, m{"content": "hello :blob:", "attachment": []any{m{"type": "Image", "mediaType": "image/png", "url": at + "/image"}},
		"tag": []any{m{"type": "Emoji", "name": ":blob:", "icon": m{"type": "Image", "url": at + "/emoji"}}}})
	post1(letter{doc: create(reply), signer: daveID}, 202)
	post1(letter{doc: create(note(daveID+"/o", daveID, at+"/parent", nil)), signer: daveID}, 202)
	post1(letter{doc: activity("Create", daveID+"/c", daveID, at+"/object", m{"to": public}), signer: daveID}, 202)
	post1(letter{doc: activity("Announce", daveID+"/a", daveID, create(note(at+"/wrapped", at, post, nil)), m{"to": public}), signer: daveID}, 202)
	for range 3 {
		w.round()
		if _, err := w.outbox.Round(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		w.advance(2 * time.Minute)
	}
	for _, path := range []string{"/icon", "/image", "/emoji"} {
		if got := w.get("/media/" + store.MediaHash(at+path)).StatusCode; got != 404 {
			w.t.Errorf("%s%s: status %d, want 404", at, path, got)
		}
	}
	w.unreached(at)
}

func (w *strict) unreached(at string) {
	w.t.Helper()
	if n := w.hits.Load(); n != 0 {
		w.t.Errorf("%s: the canary was reached %d times", at, n)
	}
	eve := "https://remote.example/users/eve"
	w.peers.serve(eve, actor(eve, nil))
	w.send(activity("Like", eve+"/twin", eve, post, nil)) // what is public is still asked
}
