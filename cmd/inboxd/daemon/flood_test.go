package daemon

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// serveAt runs a server until the test ends.
func serveAt(t *testing.T, s *http.Server) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// dial opens a connection and sends what is said first.
func dial(t *testing.T, address, say string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, say); err != nil {
		t.Fatal(err)
	}
	return conn
}

// alive tells whether the other side still holds a connection.
func alive(conn net.Conn, patience time.Duration) bool {
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	_, err := conn.Read(make([]byte, 1))
	return errors.Is(err, os.ErrDeadlineExceeded)
}

func page() *http.Server {
	return newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "a page") }), slog.New(slog.DiscardHandler))
}

func read(t *testing.T, address string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	resp, err := client.Get("http://" + address)
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); string(body) != "a page" {
		t.Errorf("a reader got %q, %v", body, err)
	}
}

// half is what a slowloris says: nothing, or the beginning of something.
var half = []string{"", "GET / HTTP/1.1\r\nHost: notes.example\r\nX-A: ", "P"}

// TestHalfOpenConnections: two hundred that never finish a request stay without an answer, and a page is read beside them; where more come
// than are held, those that were quiet for longest go (mutant: no bound; the newest goes).
func TestHalfOpenConnections(t *testing.T) {
	t.Parallel()
	address := serveAt(t, page())
	for n := range 200 {
		dial(t, address, half[n%3])
	}
	read(t, address)

	small := page()
	few := serveAt(t, bounded(small, 20))
	var all []net.Conn
	for n := range 200 {
		all = append(all, dial(t, few, half[n%3]))
	}
	read(t, few) // and by now all have been accepted
	held := 0
	for _, conn := range all {
		if alive(conn, 100*time.Millisecond) {
			held++
		}
	}
	if held > 20 || held == 0 {
		t.Errorf("%d half-open connections are held, want some and at most 20", held)
	}
	if alive(all[0], 20*time.Second) {
		t.Error("the oldest is still there")
	}
}

// TestBusyConnectionStays: a connection whose request is being answered is not closed for others.
func TestBusyConnectionStays(t *testing.T) {
	t.Parallel()
	began, release := make(chan struct{}), make(chan struct{})
	s := bounded(&http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(began)
		<-release
		io.WriteString(w, "kept")
	})}, 3)
	address := serveAt(t, s)
	conn := dial(t, address, "GET / HTTP/1.1\r\nHost: notes.example\r\n\r\n")
	<-began
	var last net.Conn
	for range 20 {
		last = dial(t, address, "")
	}
	if !alive(last, 100*time.Millisecond) {
		t.Error("the newest was closed and not the oldest")
	}
	close(release)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); string(body) != "kept" {
		t.Errorf("got %q, %v", body, err)
	}
}

// TestTimeLimits: a request has to come to an end, and so has its answer (mutant: a limit taken out).
func TestTimeLimits(t *testing.T) {
	t.Parallel()
	s := page()
	for name, limit := range map[string]time.Duration{
		"header": s.ReadHeaderTimeout, "request": s.ReadTimeout, "answer": s.WriteTimeout, "idle": s.IdleTimeout,
	} {
		if limit <= 0 || limit > 2*time.Minute {
			t.Errorf("the time limit of %s is %v", name, limit)
		}
	}
	if s.MaxHeaderBytes <= 0 || s.MaxHeaderBytes > 64<<10 {
		t.Errorf("headers may have %d bytes", s.MaxHeaderBytes)
	}
	if s.ConnState == nil || s.ConnContext == nil {
		t.Error("nothing bounds the connections")
	}
	s.ReadHeaderTimeout, s.IdleTimeout = 50*time.Millisecond, 50*time.Millisecond // the same wiring, for the impatient
	address := serveAt(t, s)
	for _, say := range append(half, "GET / HTTP/1.1\r\nHost: notes.example\r\n\r\n") {
		conn := dial(t, address, say)
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after %q the connection is held for ever", say)
		}
	}
}

// TestNoHTTP2: the daemon stands behind whoever ends TLS and speaks HTTP/1.1, so floods of streams (rapid reset, CONTINUATION) do not
// reach it; and headers without end are refused.
func TestNoHTTP2(t *testing.T) {
	t.Parallel()
	address := serveAt(t, page())
	for say, want := range map[string]string{
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n":                              "HTTP/1.1 ", // and no frames
		"GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 1<<17): "HTTP/1.1 431",
	} {
		conn := dial(t, address, say)
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		line, err := bufio.NewReader(conn).ReadString('\n')
		if !strings.HasPrefix(line, want) {
			t.Errorf("%.20q was answered %q, %v, want %s", say, line, err, want)
		}
	}
}
