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
		return fmt.Sprintf(`{"id":"https://a.example.com/1","type":"Note","content":"%s"}`, strings.Repeat("x", n-59))
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
	bomb := squeeze(bytes.Repeat([]byte{' '}, 8<<20))
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
		for sent.Load() < 1<<28 {
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

// A peer that says nothing, or never comes to an end of its headers or its body, is left after the client's time limit.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\n"
	for name, start := range map[string]string{
		"silence":             "",
		"unfinished headers":  ok + "X-Slow: ",
		"unfinished body":     ok + "Content-Length: 1000\r\n\r\n{",
		"unfinished chunk":    ok + "Transfer-Encoding: chunked\r\n\r\n10\r\n{",
		"unfinished refusal":  "HTTP/1.1 404 Not Found\r\nContent-Length: 1000\r\n\r\nno",
		"one hundred for now": "HTTP/1.1 100 Continue\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := raw(t, func(conn net.Conn) {
				_, _ = io.WriteString(conn, start)
				_, _ = io.Copy(io.Discard, conn) // until we are left
			})
			// The outer limit ends the test where the client's own does not work.
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			c := New(Options{Dev: true, Timeout: 100 * time.Millisecond})
			if _, err := c.Object(ctx, "http://"+addr+"/"); err == nil {
				t.Error("fetching: no error")
			}
			if _, err := c.Picture(ctx, "http://"+addr+"/", 1000); err == nil {
				t.Error("fetching a picture: no error")
			}
			r := c.Deliver(ctx, "http://"+addr+"/", []byte(`{}`), testKey())
			if r.Status == 0 && !errors.Is(r.Err, context.DeadlineExceeded) {
				t.Errorf("delivering: %+v", r)
			}
			if ctx.Err() != nil {
				t.Error("the client has no time limit of its own")
			}
		})
	}
}

// Headers without end are refused long before they fill the memory.
func TestLargeHeaders(t *testing.T) {
	t.Parallel()
	sent := make(chan int, 1)
	addr := raw(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		line, n := "X-Pad: "+strings.Repeat("x", 1000)+"\r\n", 0
		for err := error(nil); err == nil && n < 16<<20; n += len(line) {
			_, err = io.WriteString(conn, line)
		}
		sent <- n
	})
	c := New(Options{Dev: true})
	if _, err := c.Object(t.Context(), "http://"+addr+"/"); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want a refusal before the time limit", err)
	}
	// What lies in the buffers of two sockets counts too.
	if n := <-sent; n > 8<<20 {
		t.Errorf("%d kB of headers were taken", n>>10)
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
