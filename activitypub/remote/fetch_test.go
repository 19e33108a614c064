package remote

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// Attack class 26: an answer is cut where it is too large, counted after decompression.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{})
	pad := func(n int) string {
		return fmt.Sprintf(`{"id":"https://a.example.com/1","type":"Note","content":"%s"}`, strings.Repeat("x", n-58))
	}
	for size, good := range map[int]bool{1000: true, activitypub.MaxDocument: true, activitypub.MaxDocument + 1: false, 3 << 20: false} {
		doc := pad(size)
		if len(doc) != size {
			t.Fatalf("the test's document has %d bytes, want %d", len(doc), size)
		}
		for _, encoding := range []string{"", "gzip"} {
			w.handle("a.example.com/1", func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("Content-Type", activitypub.ContentType)
				body := []byte(doc)
				if encoding != "" {
					rw.Header().Set("Content-Encoding", encoding)
					body = squeeze(body)
				}
				_, _ = rw.Write(body)
			})
			if _, err := c.Object(t.Context(), "https://a.example.com/1"); good && err != nil || !good && !errors.Is(err, ErrDocument) {
				t.Errorf("%d bytes %s: %v", size, encoding, err)
			}
		}
	}
}

func squeeze(p []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(p)
	_ = z.Close()
	return b.Bytes()
}

// A bomb of a thousand to one and a body without end: we stop reading, so the sender cannot go on sending.
func TestEndlessBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{})
	bomb := squeeze(bytes.Repeat([]byte{' '}, 64<<20))
	entry := map[string]http.HandlerFunc{
		"bomb": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Encoding", "gzip")
			rw.Header().Set("Content-Type", activitypub.ContentType)
			_, _ = rw.Write(bomb)
		},
	}
	var sent atomic.Int64
	done := make(chan struct{}, 10)
	entry["endless"] = func(rw http.ResponseWriter, _ *http.Request) {
		defer func() { done <- struct{}{} }()
		rw.Header().Set("Content-Type", activitypub.ContentType)
		chunk := bytes.Repeat([]byte{' '}, 64<<10)
		for sent.Load() < 1<<30 {
			n, err := rw.Write(chunk)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	}
	for name, h := range entry {
		w.handle("a.example.com/"+name, h)
		if _, err := c.Object(t.Context(), "https://a.example.com/"+name); !errors.Is(err, ErrDocument) {
			t.Errorf("%s: %v, want %v", name, err, ErrDocument)
		}
		if _, err := c.Picture(t.Context(), "https://a.example.com/"+name, 1000); !errors.Is(err, ErrDocument) {
			t.Errorf("%s as a picture: %v, want %v", name, err, ErrDocument)
		}
	}
	<-done
	<-done
	if n := sent.Load(); n > 64<<20 {
		t.Errorf("%d MB of an endless body were taken", n>>20)
	}
}

// A peer that drips, in its headers or in its body, is left after the client's time limit.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	drip := map[string]string{
		"headers": "HTTP/1.1 200 OK\r\nX-Slow: ",
		"body":    "HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\nContent-Length: 1000000\r\n\r\n",
		"nothing": "",
	}
	for name, start := range drip {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := raw(t, func(conn net.Conn) {
				_, _ = io.WriteString(conn, start)
				for {
					if _, err := io.WriteString(conn, "x"); err != nil {
						return
					}
					if start == "" {
						_, _ = io.Copy(io.Discard, conn)
						return
					}
				}
			})
			// The drip above is as fast as the peer can: bounds on size stop it, or the limit on time.
			c := New(Options{Dev: true, Timeout: 300 * time.Millisecond})
			began := time.Now()
			if _, err := c.Object(t.Context(), "http://"+addr+"/"); err == nil {
				t.Error("no error")
			}
			if took := time.Since(began); took > 8*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
	t.Run("silence", func(t *testing.T) {
		t.Parallel()
		addr := raw(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
		c := New(Options{Dev: true, Timeout: 100 * time.Millisecond})
		if _, err := c.Object(t.Context(), "http://"+addr+"/"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		if r := c.Deliver(t.Context(), "http://"+addr+"/", []byte(`{}`), testKey()); r.Status != 0 || !errors.Is(r.Err, context.DeadlineExceeded) {
			t.Errorf("got %+v, want %v", r, context.DeadlineExceeded)
		}
	})
}

func TestLargeHeaders(t *testing.T) {
	t.Parallel()
	addr := raw(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		for {
			if _, err := io.WriteString(conn, "X-Pad: "+strings.Repeat("x", 1000)+"\r\n"); err != nil {
				return
			}
		}
	})
	c := New(Options{Dev: true})
	if _, err := c.Object(t.Context(), "http://"+addr+"/"); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want a refusal before the time limit", err)
	}
}

// raw is a server below HTTP: answer gets each connection after the request's first bytes.
func raw(t *testing.T, answer func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(func() { l.Close(); running.Wait() })
	running.Go(func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			running.Go(func() {
				defer conn.Close()
				if _, err := conn.Read(make([]byte, 512)); err == nil {
					answer(conn)
				}
			})
		}
	})
	return l.Addr().String()
}

func TestFileAndPictureAndPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{Key: testKey()})
	w.handle("a.example.com/pic", func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "0123456789") })
	if got, err := c.Picture(t.Context(), "https://a.example.com/pic", 10); err != nil || string(got) != "0123456789" {
		t.Errorf("picture: %q, %v", got, err)
	}
	if _, err := c.Picture(t.Context(), "https://a.example.com/pic", 9); !errors.Is(err, ErrDocument) {
		t.Errorf("picture over its limit: %v", err)
	}
	if got, err := c.File(t.Context(), "https://a.example.com/pic", 10); err != nil || string(got) != "0123456789" {
		t.Errorf("file: %q, %v", got, err)
	}
	for i := range 3 {
		w.redirect(fmt.Sprintf("a.example.com/%d", i), fmt.Sprintf("https://a.example.com/%d", i+1))
	}
	w.handle("a.example.com/3", func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "here") })
	if got, err := c.File(t.Context(), "https://a.example.com/0", 10); err != nil || string(got) != "here" {
		t.Errorf("file after three redirects: %q, %v", got, err)
	}
	if _, err := c.File(t.Context(), "https://a.example.com/none", 10); !errors.Is(err, ErrNotFound) {
		t.Errorf("missing file: %v", err)
	}
	if err := c.Page(t.Context(), "https://a.example.com/pic"); err != nil {
		t.Errorf("page: %v", err)
	}
	if err := c.Page(t.Context(), "https://a.example.com/none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("missing page: %v", err)
	}
	w.handle("a.example.com/get-only", func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			rw.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
	if err := c.Page(t.Context(), "https://a.example.com/get-only"); err != nil {
		t.Errorf("page without HEAD: %v", err)
	}
	for _, r := range w.requests() {
		if r.Header.Get("Signature") != "" || r.UserAgent() == "" {
			t.Errorf("%s: headers %v", r.URL, r.Header)
		}
	}
}
