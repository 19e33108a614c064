package daemon

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// What readers come from: the address of their connection, and what a proxy says of it.
const readerAt, behindAt = "203.0.113.77", "198.51.100.99"

// fromAfar is a listener whose connections come from readerAt.
type fromAfar struct{ net.Listener }

func (l fromAfar) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return distant{c}, err
}

type distant struct{ net.Conn }

func (distant) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(readerAt), Port: 4711} }

// noted is a log that is read afterwards.
type noted struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (n *noted) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.b.Write(p)
}

// TestNoReaderIsRemembered (R20): after readers and strangers have knocked at every kind of door, well or badly, no address of theirs stands in the log, even
// at its most talkative, or in any file of the daemon; and no page gave them a cookie.
func TestNoReaderIsRemembered(t *testing.T) {
	t.Parallel()
	c := load(t, "[site]\nurl = \"http://127.0.0.1\"\n[federation]\nenabled = true\n[comments]\nmode = \"open\"\n")
	if err := os.MkdirAll(c.SiteFolder(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.SiteFolder(), "index.html"), []byte("<!doctype html><title>Hello</title>"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var log noted
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- Run(ctx, c, Options{Dev: true, Listener: fromAfar{l}, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), Ready: func(net.Addr) { close(ready) }})
	}()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	answered := knock(t, l.Addr().String())
	for _, raw := range []string{"GET / HTTP/1.1\r\nBad header\r\n\r\n", "\x16\x03\x01 no plain words", "POST /ap/inbox HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\ncut"} {
		conn := dial(t, l.Addr().String(), raw)
		conn.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, conn)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run ended with %v", err)
	}
	if answered < 20 || log.b.Len() == 0 {
		t.Errorf("%d answers, %d bytes of log: too few to prove anything", answered, log.b.Len())
	}
	holds := func(what string, data []byte) {
		for _, address := range []string{readerAt, behindAt} {
			if bytes.Contains(data, []byte(address)) {
				t.Errorf("%s holds %s", what, address)
			}
		}
	}
	holds("the log", log.b.Bytes())
	files := 0
	err = filepath.WalkDir(c.Path(c.Inboxd.Data), func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(name)
		files++
		holds(filepath.Base(name), data)
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files, %v", files, err)
	}
}

// knock asks for all kinds of things, and gives how many answers came. None of them may set a cookie.
func knock(t *testing.T, at string) (answers int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	ask := func(method, path, kind, body string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+at+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", kind)
		r.Header.Set("X-Forwarded-For", behindAt)
		r.Header.Set("Forwarded", "for="+behindAt)
		r.Header.Set("X-Real-IP", behindAt)
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		said, _ := io.ReadAll(res.Body)
		if bytes.Contains(said, []byte(readerAt)) || res.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s %s gives %v: %s", method, path, res.Header, said)
		}
		answers++
	}
	for _, path := range []string{"/", "/none/", "/comments/x", "/api/v1/thread?post=x", "/api/v1/mentions.jf2?target=x", "/api/v1/statuses/x/context", "/interact?intent=follow", "/search/?q=words", "/ap/actor", "/ap/outbox", "/media/0",
		"/.well-known/webfinger?resource=acct:x@y", "/admin/", "/admin/login?token=guess", "/fedi-comments.js", "/%00", "/readyz"} {
		ask(http.MethodGet, path, "", "")
	}
	const form = "application/x-www-form-urlencoded"
	for _, kind := range []string{"application/activity+json", "text/plain"} {
		for _, body := range []string{"", "{", `{"type":"Like","id":"http://127.0.0.1:1/l","actor":"http://127.0.0.1:1/u","object":"http://127.0.0.1/ap/actor"}`} {
			ask(http.MethodPost, "/ap/inbox", kind, body)
		}
	}
	ask(http.MethodPost, "/webmention", form, "source=http%3A%2F%2F127.0.0.1%3A1%2F&target=x")
	ask(http.MethodPost, "/interact", form, "intent=follow&acct=nobody")
	ask(http.MethodPost, "/admin/login", form, "token=guess")
	ask(http.MethodPost, "/api/v1/reconcile", "", "")
	ask(http.MethodPost, "/api/v1/replies", "application/json", "{}")
	return answers
}
