package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// entries are all the ways in which a stranger's address reaches the network.
var entries = map[string]func(ctx context.Context, c *Client, url string) error{
	"Object": func(ctx context.Context, c *Client, url string) error { _, err := c.Object(ctx, url); return err },
	"Actor":  func(ctx context.Context, c *Client, url string) error { _, err := c.Actor(ctx, url); return err },
	"Picture": func(ctx context.Context, c *Client, url string) error {
		_, err := c.Picture(ctx, url, 1000)
		return err
	},
	"File": func(ctx context.Context, c *Client, url string) error { _, err := c.File(ctx, url, 1000); return err },
	"Page": func(ctx context.Context, c *Client, url string) error { return c.Page(ctx, url) },
	"Deliver": func(ctx context.Context, c *Client, url string) error {
		return c.Deliver(ctx, url, []byte(`{}`), testKey()).Err
	},
	"WebFinger": func(ctx context.Context, c *Client, url string) error {
		host, _, _ := strings.Cut(strings.TrimPrefix(url, "https://"), "/")
		_, err := c.WebFinger(ctx, "alice@"+host)
		return err
	},
}

// blocked are hosts as they can stand in a URL, none of which may be connected to. Those that mean this machine would reach the canary.
var blocked = []string{
	"127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "0.0.0.0", "0.0.0.1", "0.255.255.255",
	"10.0.0.1", "10.1.2.3", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
	"169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1",
	"192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "192.175.48.1", "198.18.0.1", "198.19.255.255",
	"198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
	"[::]", "[::1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]",
	"[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[100::1]", "[2001::1]",
	"[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[2001:10::1]", "[2001:20::1]", "[2001:db8::1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]",
	"[3fff::1]", "[5f00::1]", "[fc00::1]", "[fd00::1]", "[fd00:ec2::254]", "[fd20:ce::254]", "[fe80::1]", "[fe80::1%25lo]", "[febf::1]",
	"[fec0::1]", "[ff02::1]", "[ff0e::1]", "[1::1]", "[4000::1]", "[2620:4f:8000::1]",
	"localhost", "LOCALHOST", "localhost.", "foo.localhost", "0", "127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f000001", "0x7f.0.0.1",
	"017700000001", "0177.0.0.1", "127.0.0.1.", "user@127.0.0.1", "remote.example%40127.0.0.1",
	"metadata.google.internal", "db.internal", "router.home.arpa", "hidden.onion",
}

// canary listens on loopback, on both families where there are two, and counts who connects.
func canary(t *testing.T) (port string, accepted *atomic.Int64) {
	t.Helper()
	accepted = new(atomic.Int64)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ = net.SplitHostPort(l.Addr().String())
	listeners := []net.Listener{l}
	for _, other := range []string{"[::1]:", "127.0.0.2:"} {
		if l, err := net.Listen("tcp", other+port); err == nil {
			listeners = append(listeners, l)
		}
	}
	for _, l := range listeners {
		count(t, l, accepted)
	}
	return port, accepted
}

// count counts the connections that a listener gets.
func count(t *testing.T, l net.Listener, accepted *atomic.Int64) {
	var running sync.WaitGroup
	t.Cleanup(func() { l.Close(); running.Wait() })
	running.Go(func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			accepted.Add(1)
			conn.Close()
		}
	})
}

func TestBlockedAddresses(t *testing.T) {
	t.Parallel()
	port, accepted := canary(t)
	c := New(Options{Key: testKey()})
	for _, host := range blocked {
		for name, fetch := range entries {
			if err := fetch(t.Context(), c, "https://"+host+":"+port+"/"); !errors.Is(err, ErrBlocked) && !(name == "WebFinger" && errors.Is(err, ErrDocument)) {
				t.Errorf("%s of %s: %v, want %v", name, host, err, ErrBlocked)
			}
		}
	}
	if n := accepted.Load(); n != 0 {
		t.Errorf("the canary was connected to %d times", n)
	}
}

// The addresses above must be refused where they are dialled and not only where they are written: here they come from a name.
func TestBlockedAddressesBehindNames(t *testing.T) {
	t.Parallel()
	port, accepted := canary(t)
	for _, host := range blocked {
		ip, err := netip.ParseAddr(strings.Trim(strings.Replace(host, "%25", "%", 1), "[]"))
		if err != nil {
			continue
		}
		c := New(Options{DialHost: func(string) string { return net.JoinHostPort(ip.String(), port) }})
		if _, err := c.Object(t.Context(), "https://peer.example/1"); !errors.Is(err, ErrBlocked) {
			t.Errorf("DialHost to %s: %v, want %v", ip, err, ErrBlocked)
		}
		if ip.Zone() != "" {
			continue // no DNS answer has one
		}
		c = New(Options{Resolver: nameServer(t, func(string) []netip.Addr { return []netip.Addr{ip} })})
		if _, err := c.Object(t.Context(), "https://peer.example:"+port+"/1"); !errors.Is(err, ErrBlocked) {
			t.Errorf("DNS answer %s: %v, want %v", ip, err, ErrBlocked)
		}
	}
	if n := accepted.Load(); n != 0 {
		t.Errorf("the canary was connected to %d times", n)
	}
}

// What the tests above measure with must be able to fail: let through, the same requests reach the canary.
func TestCanaryCanSing(t *testing.T) {
	t.Parallel()
	port, accepted := canary(t)
	everywhere := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	open := New(Options{Key: testKey(), AllowNetworks: everywhere})
	for _, host := range []string{"127.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]"} {
		for name, fetch := range entries {
			before := accepted.Load()
			if err := fetch(t.Context(), open, "https://"+host+":"+port+"/"); err == nil || errors.Is(err, ErrBlocked) {
				t.Errorf("%s of %s: %v, want a broken connection", name, host, err)
			}
			if accepted.Load() == before {
				t.Errorf("%s of %s did not reach the canary", name, host)
			}
		}
	}
	before := accepted.Load()
	named := New(Options{AllowNetworks: everywhere, Resolver: nameServer(t, func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} })})
	if _, err := named.Object(t.Context(), "https://peer.example:"+port+"/"); err == nil || accepted.Load() == before {
		t.Errorf("the name did not lead to the canary: %v", err)
	}
}

func TestRedirectsToBlockedAddresses(t *testing.T) {
	t.Parallel()
	port, accepted := canary(t)
	w := newWorld(t)
	c := w.client(Options{DialHost: func(hostport string) string {
		if strings.HasSuffix(hostport, "example.com:443") {
			return w.addr.String()
		}
		return hostport
	}})
	for _, status := range []int{301, 302, 303, 307, 308} {
		for i, host := range blocked {
			w.handle(fmt.Sprintf("a.example.com/%d/%d", status, i), func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "https://"+host+":"+port+"/")
				w.WriteHeader(status)
			})
			url := fmt.Sprintf("https://a.example.com/%d/%d", status, i)
			if _, err := c.Object(t.Context(), url); err == nil || errors.Is(err, ErrNotFound) {
				t.Errorf("redirect %d to %s: %v", status, host, err)
			}
		}
	}
	if n := accepted.Load(); n != 0 {
		t.Errorf("the canary was connected to %d times", n)
	}
	if n := len(w.requests()); n != 5*len(blocked) {
		t.Errorf("%d redirects were asked for, want %d", n, 5*len(blocked))
	}
}

// A name that first leads to an honest address and then to this machine.
func TestRebinding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.document("a.example.com/1", `{"id":"https://a.example.com:PORT/1","type":"Note"}`)
	_, port, _ := net.SplitHostPort(w.addr.String())
	probe, accepted := canaryAt(t, "127.0.0.1:"+port)
	if !probe {
		t.Skip("no second loopback address on this system")
	}
	good, bad := w.addr.Addr(), netip.MustParseAddr("127.0.0.1")
	answers := [][]netip.Addr{{good}, {bad}, {bad, good}, {bad, bad}}
	var turn atomic.Int64
	c := w.client(Options{AllowNetworks: []netip.Prefix{netip.PrefixFrom(good, 32)}, Resolver: nameServer(t, func(string) []netip.Addr {
		return answers[turn.Load()]
	})})
	c.o.DialHost = nil
	for i, reachable := range []bool{true, false, true, false} {
		turn.Store(int64(i))
		c.Close() // a kept connection would not be dialled again
		err := c.Page(t.Context(), "https://a.example.com:"+port+"/1")
		if reachable && err != nil || !reachable && !errors.Is(err, ErrBlocked) {
			t.Errorf("answer %d %v: %v", i, answers[i], err)
		}
	}
	if n := accepted.Load(); n != 0 {
		t.Errorf("the canary was connected to %d times", n)
	}
}

func canaryAt(t *testing.T, addr string) (ok bool, accepted *atomic.Int64) {
	t.Helper()
	accepted = new(atomic.Int64)
	l, err := net.Listen("tcp4", addr)
	if err != nil {
		return false, accepted
	}
	count(t, l, accepted)
	return true, accepted
}

func TestEnvironmentProxyIsIgnored(t *testing.T) {
	port, accepted := canary(t)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, "http://127.0.0.1:"+port)
	}
	w := newWorld(t)
	w.document("a.example.com/1", `{"id":"https://a.example.com/1","type":"Note"}`)
	c := w.client(Options{})
	if _, err := c.Object(t.Context(), "https://a.example.com/1"); err != nil {
		t.Error(err)
	}
	if n := accepted.Load(); n != 0 {
		t.Errorf("the proxy was connected to %d times", n)
	}
	if c.http.Transport.(*http.Transport).Proxy != nil {
		t.Error("the transport has a proxy")
	}
}

func TestDev(t *testing.T) {
	t.Parallel()
	port, accepted := canary(t)
	dev, strict := New(Options{Dev: true}), New(Options{})
	for _, host := range []string{"127.0.0.1", "localhost", "a.localhost", "A.B.localhost."} {
		if _, err := strict.Object(t.Context(), "http://"+host+":"+port+"/"); !errors.Is(err, ErrBlocked) {
			t.Errorf("%s outside Dev: %v", host, err)
		}
		before := accepted.Load()
		if _, err := dev.Object(t.Context(), "http://"+host+":"+port+"/"); errors.Is(err, ErrBlocked) || accepted.Load() == before {
			t.Errorf("%s in Dev: %v", host, err)
		}
	}
	for _, host := range []string{"10.0.0.1", "169.254.169.254", "[fe80::1]", "db.internal"} {
		if _, err := dev.Object(t.Context(), "http://"+host+":"+port+"/"); !errors.Is(err, ErrBlocked) {
			t.Errorf("%s in Dev: %v, want %v", host, err, ErrBlocked)
		}
	}
}

func TestOddAddresses(t *testing.T) {
	t.Parallel()
	c := New(Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}})
	for _, url := range []string{
		"", "/users/alice", "ftp://peer.example/", "data:application/activity+json,{}", "unix:///run/x.sock", "file:///etc/passwd",
		"gopher://peer.example/", "javascript:alert(1)", "http://peer.example/", "HTTP://peer.example/", "//peer.example/", "https://",
		"https:///path", "https:peer.example", "https://user@peer.example/", "https://user:pw@peer.example/", "https://peer.example/a b",
		"https://peer.example:22/", "https://peer.example:25/", "https://peer.example:6667/", "https://peer.example:99999/",
		"https://peer.example:x/", "https://peer.example\\@127.0.0.1/", "https://peer.example\n/", "https://127.0.0.1#@peer.example/x y",
		"acct:alice@peer.example", "peer.example", "https://" + strings.Repeat("a", 5000) + ".example/",
	} {
		if _, err := c.Object(t.Context(), url); !errors.Is(err, ErrBlocked) {
			t.Errorf("%.60q: %v, want %v", url, err, ErrBlocked)
		}
	}
	for _, url := range []string{"https://peer.example/", "https://peer.example:443/x", "https://peer.example:8443/", "https://xn--bcher-kva.example/users/alice",
		"https://peer.example?c=148", "https://peer.example/é#key", "HTTPS://Peer.Example/"} {
		if _, err := c.address(url); err != nil {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// nameServer is a DNS server that answers every A and AAAA question by addresses, and the resolver that asks it.
func nameServer(t *testing.T, addresses func(name string) []netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(func() { conn.Close(); running.Wait() })
	running.Go(func() {
		buf := make([]byte, 1500)
		for n, from, err := conn.ReadFrom(buf); err == nil; n, from, err = conn.ReadFrom(buf) {
			if reply := nameAnswer(buf[:n], addresses); reply != nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp4", conn.LocalAddr().String())
	}}
}

func nameAnswer(query []byte, addresses func(string) []netip.Addr) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	for _, ip := range addresses(q.Name.String()) {
		h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case q.Type == dnsmessage.TypeA && ip.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: ip.As4()}})
		case q.Type == dnsmessage.TypeAAAA && ip.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	reply, err := m.Pack()
	if err != nil {
		return nil
	}
	return reply
}

// What is accepted as an address means the same to whoever reads it again, and is https to a plain host.
func FuzzAddress(f *testing.F) {
	for _, host := range blocked {
		f.Add("https://" + host + "/")
	}
	for _, seed := range []string{"https://peer.example/a#b", "https://peer.example:8443?x=1", "https:\\\\peer.example", "https://a@b@c/", "https://[::1]:443/", "https://é.example/%2e%2e/"} {
		f.Add(seed)
	}
	c := New(Options{})
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := c.address(raw)
		if err != nil {
			return
		}
		again, err := c.address(u.String())
		if err != nil || again.Host != u.Host || again.Scheme != "https" || again.User != nil || again.Fragment != "" || disguised(again.Hostname()) {
			t.Errorf("%q is read as %v and then as %v, %v", raw, u, again, err)
		}
	})
}
