//go:build linux

package interop

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// The pretend internet: in the namespace every address is this machine, and these are the ranges that mean something.
var (
	live  = []netip.Prefix{netip.MustParsePrefix("5.0.0.0/8"), netip.MustParsePrefix("2a00:5::/32")} // honest servers answer
	dead  = netip.MustParseAddr("6.6.6.6")                                                           // public, and nobody there
	proxy = netip.MustParseAddr("5.255.0.1")                                                         // what the proxy variables name
)

// elsewhere is that internet: name server, honest servers, and a canary on every address that is none of theirs.
type elsewhere struct {
	t        *testing.T
	key      ed25519.PrivateKey // of every actor
	pem      string
	ca       *x509.Certificate
	listener chan net.Conn

	mu    sync.Mutex
	names map[string][][]netip.Addr // answers to the first question, the second, …; the last stays
	asked map[string]int            // questions for A
	hosts map[string]behaviour
	hits  map[string]int // by server and path
	sang  []string       // connections that should not be
}

// behaviour is what an honest server does beyond answering.
type behaviour struct {
	status        int    // of a redirect
	target        string // where to
	leave         bool   // the first answer sends to the same name again, and closes the connection
	inbox, shared string // of its actor
	icon          string // of its actor, of an emoji in its note and of a picture beside it
	reply         string // what its note answers
}

// newElsewhere builds it in the namespace that the test is in.
func newElsewhere(t *testing.T) *elsewhere {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &elsewhere{t: t, key: key, listener: make(chan net.Conn), names: map[string][][]netip.Addr{}, asked: map[string]int{},
		hosts: map[string]behaviour{}, hits: map[string]int{}}
	if w.pem, err = signature.PublicPEM(key); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"link set lo up", "route add local default dev lo", "-6 route add local default dev lo", "route add unreachable " + dead.String() + " table local",
	} {
		if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v\n%s", args, err, out)
		}
	}
	w.resolve()
	w.certify()
	w.listen()
	return w
}

// resolve puts a name server of ours into /etc/resolv.conf, in this mount namespace alone.
func (w *elsewhere) resolve() {
	file := filepath.Join(w.t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte("nameserver 127.0.0.1\noptions timeout:2 attempts:2\n"), 0o644); err != nil {
		w.t.Fatal(err)
	}
	if err := syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""); err != nil {
		w.t.Fatal("making the mounts private: ", err)
	}
	if err := syscall.Mount(file, "/etc/resolv.conf", "", syscall.MS_BIND, ""); err != nil {
		w.t.Fatal("mounting resolv.conf: ", err)
	}
	conn, err := net.ListenPacket("udp4", "127.0.0.1:53")
	if err != nil {
		w.t.Fatal(err)
	}
	var running sync.WaitGroup
	w.t.Cleanup(func() { conn.Close(); running.Wait() })
	running.Go(func() {
		buf := make([]byte, 1500)
		for n, from, err := conn.ReadFrom(buf); err == nil; n, from, err = conn.ReadFrom(buf) {
			if reply := w.answer(buf[:n]); reply != nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	})
}

// answer answers one question.
func (w *elsewhere) answer(query []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	for _, ip := range w.lookUp(strings.ToLower(strings.TrimSuffix(q.Name.String(), ".")), q.Type) {
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
		w.t.Error("packing a DNS answer:", err)
	}
	return reply
}

// lookUp gives the addresses of a name. What is below .example and not said otherwise is an honest server; all else is this machine.
func (w *elsewhere) lookUp(name string, kind dnsmessage.Type) []netip.Addr {
	w.mu.Lock()
	defer w.mu.Unlock()
	list, ok := w.names[name]
	if !ok && strings.HasSuffix(name, ".example") {
		return []netip.Addr{netip.MustParseAddr("5.5.5.5")}
	}
	if !ok {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()}
	}
	key := name + " " + kind.String()
	w.asked[key]++
	return list[min(w.asked[key], len(list))-1]
}

// name sets what a name answers. Questions for A and for AAAA are counted apart: a resolver asks both at once.
func (w *elsewhere) name(host string, answers ...[]netip.Addr) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[host] = answers
}

func (w *elsewhere) questions(host string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return max(w.asked[host+" TypeA"], w.asked[host+" TypeAAAA"])
}

// certify makes the authority whose certificates this process believes: SSL_CERT_FILE is the way that every installation has.
func (w *elsewhere) certify() {
	w.ca = w.certificate(&x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil)
	file := filepath.Join(w.t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.ca.Raw}), 0o644); err != nil {
		w.t.Fatal(err)
	}
	w.t.Setenv("SSL_CERT_FILE", file)
	w.t.Setenv("SSL_CERT_DIR", filepath.Dir(file))
}

func (w *elsewhere) certificate(c, parent *x509.Certificate) *x509.Certificate {
	if parent == nil {
		parent = c
	}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().AddDate(1, 0, 0)
	der, err := x509.CreateCertificate(nil, c, parent, w.key.Public(), w.key)
	if err != nil {
		panic(err) // of names that we made up
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return made
}

// listen puts one listener for all addresses on each port. A connection to an honest address on 443 is served; every other one is
// written down.
func (w *elsewhere) listen() {
	server := &http.Server{Handler: w, ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{
		NextProtos:       []string{"http/1.1"}, // so that an answer can close its connection
		CurvePreferences: []tls.CurveID{tls.X25519},
		GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			c := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{h.ServerName}}
			if h.ServerName == "" {
				c.DNSNames, c.IPAddresses = nil, []net.IP{h.Conn.LocalAddr().(*net.TCPAddr).IP}
			}
			return &tls.Certificate{Certificate: [][]byte{w.certificate(c, w.ca).Raw}, PrivateKey: w.key}, nil
		},
	}}
	var running sync.WaitGroup
	for _, port := range []string{"443", "80", "8080", "22", "25", "6667"} {
		l, err := net.Listen("tcp", ":"+port)
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { l.Close() })
		front := &frontier{l, w, port == "443"}
		running.Go(func() {
			if front.serves {
				server.ServeTLS(front, "", "")
			} else {
				front.Accept()
			}
		})
	}
	w.t.Cleanup(func() { server.Close() })
}

// frontier is a listener that lets only connections to honest addresses through.
type frontier struct {
	net.Listener
	w      *elsewhere
	serves bool
}

func (l *frontier) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		local := conn.LocalAddr().(*net.TCPAddr).AddrPort()
		ip := local.Addr().Unmap()
		if l.serves && ip != proxy && slices.ContainsFunc(live, func(p netip.Prefix) bool { return p.Contains(ip) }) {
			return conn, nil
		}
		l.w.mu.Lock()
		l.w.sang = append(l.w.sang, local.String())
		l.w.mu.Unlock()
		conn.Close()
	}
}

func (w *elsewhere) behave(host string, b behaviour) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts[host] = b
}

// reached tells whether an honest server was asked for a path; "" for any.
func (w *elsewhere) reached(host, path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hits[host+path] > 0
}

// canaries gives the addresses that should never have been connected to.
func (w *elsewhere) canaries() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sang)
}

// ServeHTTP is every honest server, and every tenant of one ("/7/u" is the actor of the seventh): an actor, a note of it, inboxes, a
// picture and WebFinger.
func (w *elsewhere) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	server, uri := r.Host, r.URL.RequestURI()
	if first, rest, ok := strings.Cut(uri[1:], "/"); ok && strings.Trim(first, "0123456789") == "" {
		server, uri = server+"/"+first, "/"+rest
	}
	path, _, _ := strings.Cut(uri, "?")
	w.mu.Lock()
	for _, p := range []string{"", path, uri} {
		w.hits[strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(server), ":443"), ".")+p]++
	}
	b := w.hosts[server]
	w.mu.Unlock()
	io.Copy(io.Discard, r.Body)
	switch {
	case b.leave && r.Method == http.MethodPost: // the next attempt, in the other signature scheme, has to dial again
		rw.Header().Set("Connection", "close")
		rw.WriteHeader(http.StatusUnauthorized)
	case b.leave:
		rw.Header().Set("Connection", "close")
		rw.Header().Set("Location", "https://"+r.Host+"/again")
		rw.WriteHeader(http.StatusFound)
	case b.status != 0:
		rw.Header().Set("Location", b.target+uri)
		rw.WriteHeader(b.status)
	default:
		w.serve(rw, r, "https://"+server, path, b)
	}
}

func (w *elsewhere) serve(rw http.ResponseWriter, r *http.Request, base, path string, b behaviour) {
	var doc any
	switch path {
	case "/u":
		doc = w.actor(base, b)
	case "/n":
		doc = noteAt(base, b)
	case "/inbox", "/shared":
		rw.WriteHeader(http.StatusAccepted)
		return
	case "/pic":
		rw.Write(pixel)
		return
	case "/.well-known/webfinger":
		rw.Header().Set("Content-Type", "application/jrd+json")
		fmt.Fprintf(rw, `{"subject":%q,"links":[{"rel":"http://ostatus.org/schema/1.0/subscribe","template":"%s/authorize?uri={uri}"}]}`,
			r.URL.Query().Get("resource"), base)
		return
	default:
		http.NotFound(rw, r)
		return
	}
	rw.Header().Set("Content-Type", activitypub.ContentType)
	json.NewEncoder(rw).Encode(doc)
}

func (w *elsewhere) actor(base string, b behaviour) map[string]any {
	id := base + "/u"
	doc := map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "Person", "preferredUsername": "u", "published": "2020-01-01T00:00:00Z",
		"inbox": base + "/inbox", "publicKey": map[string]any{"id": id + "#main-key", "owner": id, "publicKeyPem": w.pem},
	}
	if b.inbox != "" {
		doc["inbox"] = b.inbox
	}
	if b.shared != "" {
		doc["endpoints"] = map[string]any{"sharedInbox": b.shared}
	}
	if b.icon != "" {
		doc["icon"] = map[string]any{"type": "Image", "url": b.icon + "?icon"}
	}
	return doc
}

// noteAt is the note of a server's actor.
func noteAt(base string, b behaviour) map[string]any {
	doc := map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams", "id": base + "/n", "type": "Note", "attributedTo": base + "/u", "inReplyTo": b.reply,
		"to": activitypub.Public, "content": "<p>Well said. :wave:</p>", "published": time.Now().UTC().Add(-time.Minute).Format(time.RFC3339),
	}
	if b.reply == "" {
		doc["inReplyTo"] = ssrfPost
	}
	if b.icon != "" {
		doc["tag"] = map[string]any{"type": "Emoji", "name": ":wave:", "icon": map[string]any{"type": "Image", "url": b.icon + "?emoji"}}
		doc["attachment"] = map[string]any{"type": "Document", "mediaType": "image/png", "url": b.icon + "?picture"}
	}
	return doc
}

// pixel is a PNG of one pixel.
var pixel, _ = base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
