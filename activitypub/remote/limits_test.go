package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

const okay = "HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\n"

// Attack class 26: a peer that always has one more byte, in whatever part of its answer, is left at the time limit of the whole call. A
// limit on silence alone would never end it.
func TestDrippingAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ start, drop string }{
		"status line": {"HTTP/1.1 200 O", "K"},
		"header name": {okay + "X", "x"},
		"header":      {okay, "X: y\r\n"},
		"body":        {okay + "Content-Length: 1000000\r\n\r\n", " "},
		"chunks":      {okay + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"},
		"chunk size":  {okay + "Transfer-Encoding: chunked\r\n\r\n", "0"},
		"trailer":     {okay + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", "X: y\r\n"},
		"early hints": {"", "HTTP/1.1 103 Early Hints\r\n\r\n"},
		"refusal":     {"HTTP/1.1 403 Forbidden\r\nContent-Length: 1000000\r\n\r\n", "n"},
		"redirect":    {"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 1000000\r\n\r\n", "n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := raw(t, func(conn net.Conn) {
				_, err := io.WriteString(conn, c.start)
				tick := time.NewTicker(5 * time.Millisecond)
				defer tick.Stop()
				for ; err == nil; <-tick.C {
					_, err = io.WriteString(conn, c.drop)
				}
			})
			// The outer limit ends the test where the client's own does not work.
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			client := New(Options{Dev: true, Key: testKey(), Timeout: 150 * time.Millisecond})
			defer client.Close()
			if _, err := client.Object(ctx, "http://"+addr+"/"); err == nil {
				t.Error("fetching: no error")
			}
			if _, err := client.Picture(ctx, "http://"+addr+"/", 1<<20); err == nil {
				t.Error("fetching a picture: no error")
			}
			if r := client.Deliver(ctx, "http://"+addr+"/", []byte(`{}`), testKey()); r.Status == 0 && r.Err == nil {
				t.Errorf("delivering: %+v", r)
			}
			if ctx.Err() != nil {
				t.Error("the client has no time limit of its own")
			}
		})
	}
}

// The limits that a blog runs with: 10 s, 1 MiB and three requests for a document.
func TestDefaultLimits(t *testing.T) {
	t.Parallel()
	c := New(Options{})
	if c.o.Timeout != 10*time.Second || activitypub.MaxDocument != 1<<20 || documentRequests != 3 || fileRequests != 4 {
		t.Errorf("%v, %d bytes, %d and %d requests", c.o.Timeout, activitypub.MaxDocument, documentRequests, fileRequests)
	}
	ctx, cancel := c.deadline(context.Background())
	defer cancel()
	if at, ok := ctx.Deadline(); !ok || time.Until(at) > 10*time.Second {
		t.Errorf("deadline %v, %v", at, ok)
	}
}

// An answer that never ends, in whatever part of it, is left long before the time limit and before it fills the memory.
func TestEndlessAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ start, more string }{
		"header":          {okay, "X-Pad: " + strings.Repeat("x", 1000) + "\r\n"},
		"header line":     {okay + "X-Pad: ", strings.Repeat("x", 1000)},
		"status line":     {"HTTP/1.1 200 ", strings.Repeat("x", 1000)},
		"early hints":     {"", "HTTP/1.1 103 Early Hints\r\nX-Pad: " + strings.Repeat("x", 1000) + "\r\n\r\n"},
		"body":            {okay + "\r\n", strings.Repeat(" ", 1000)},
		"chunks":          {okay + "Transfer-Encoding: chunked\r\n\r\n", "3e8\r\n" + strings.Repeat(" ", 1000) + "\r\n"},
		"chunk extension": {okay + "Transfer-Encoding: chunked\r\n\r\n1;", strings.Repeat("x", 1000)},
		"trailer":         {okay + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", "X-Pad: " + strings.Repeat("x", 1000) + "\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := make(chan int, 1)
			addr := raw(t, func(conn net.Conn) {
				_, err := io.WriteString(conn, c.start)
				n, more := 0, strings.Repeat(c.more, 16)
				for ; err == nil && n < 64<<20; n += len(more) {
					_, err = io.WriteString(conn, more)
				}
				sent <- n
			})
			client := New(Options{Dev: true, Timeout: 2 * time.Minute})
			defer client.Close()
			if _, err := client.Object(t.Context(), "http://"+addr+"/"); err == nil || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want a refusal before the time limit", err)
			}
			// What lies in the buffers of two sockets counts too.
			if n := <-sent; n > 16<<20 {
				t.Errorf("%d MB were taken", n>>20)
			}
		})
	}
}

// A bomb of a thousand to one takes no more memory than an honest document of the largest size. Not parallel: it counts the
// whole program's.
func TestMemoryOfABomb(t *testing.T) {
	w := newWorld(t)
	c := w.client(Options{})
	bomb := squeeze(bytes.Repeat([]byte{' '}, 24<<20))
	w.handle("a.example.com/bomb", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Encoding", "gzip")
		rw.Header().Set("Content-Type", activitypub.ContentType)
		_, _ = rw.Write(bomb)
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := c.Object(t.Context(), "https://a.example.com/bomb"); !errors.Is(err, ErrDocument) {
		t.Errorf("got %v, want %v", err, ErrDocument)
	}
	runtime.ReadMemStats(&after)
	// The buffer grows by steps, all of which are counted here; the largest two are 2.3 MB together.
	if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
		t.Errorf("%d MB were taken from the heap", n>>20)
	}
}

// Attack class 25: pages may name an alternate, in a header or in HTML, and we follow none, so that no loop can be made of them.
func TestAlternateLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{Key: testKey()})
	for i := range 5 {
		next := fmt.Sprintf("https://a.example.com/%d", (i+1)%5)
		w.handle(fmt.Sprintf("a.example.com/%d", i), func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Link", fmt.Sprintf(`<%s>; rel="alternate"; type="application/activity+json"`, next))
			rw.Header().Set("Refresh", "0; url="+next)
			rw.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(rw, `<link rel="alternate" type="application/activity+json" href=%q>`, next)
		})
	}
	for name, fetch := range map[string]func() error{
		"Object":  func() error { _, err := c.Object(t.Context(), "https://a.example.com/0"); return err },
		"Actor":   func() error { _, err := c.Actor(t.Context(), "https://a.example.com/0"); return err },
		"Deliver": func() error { return c.Deliver(t.Context(), "https://a.example.com/0", []byte(`{}`), testKey()).Err },
	} {
		w.forget()
		if err := fetch(); name != "Deliver" && !errors.Is(err, ErrDocument) {
			t.Errorf("%s: %v, want %v", name, err, ErrDocument)
		}
		if n := len(w.requests()); n != 1 {
			t.Errorf("%s: %d requests, want 1", name, n)
		}
	}
}
