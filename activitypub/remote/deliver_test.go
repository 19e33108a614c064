package remote

import (
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
	"unicode/utf8"

	"context"
	"crypto"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

func verifierOf(origin string, key signature.Key) *signature.Verifier {
	return &signature.Verifier{Origin: origin, Now: time.Now, Key: func(_ context.Context, id string) (crypto.PublicKey, error) {
		if id != key.ID {
			return nil, fmt.Errorf("key %q is not known", id)
		}
		return key.Private.Public(), nil
	}}
}

// only is an endpoint that understands one scheme: it answers refusal to what is signed otherwise, and doc with 200 or 202.
func only(scheme signature.Scheme, origin string, key signature.Key, refusal int, doc string) http.HandlerFunc {
	v := verifierOf(origin, key)
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, err := v.Verify(r, body)
		if err != nil || got.Scheme != scheme {
			http.Error(w, "signature not understood", refusal)
			return
		}
		w.Header().Set("Content-Type", activitypub.ContentType)
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusAccepted)
		}
		_, _ = io.WriteString(w, doc)
	}
}

func TestDeliverKnocksTwice(t *testing.T) {
	t.Parallel()
	key := testKey()
	for _, refusal := range []int{400, 401, 403, 404, 410} {
		w := newWorld(t)
		c := w.client(Options{})
		w.handle("a.example.com/inbox", only(signature.RFC9421, "https://a.example.com", key, refusal, ""))
		for i, want := range []int{2, 1, 1} {
			w.forget()
			if r := c.Deliver(t.Context(), "https://a.example.com/inbox", []byte(`{"n":1}`), key); r.Status != http.StatusAccepted || r.Err != nil {
				t.Errorf("after %d: %+v", refusal, r)
			}
			if n := len(w.requests()); n != want {
				t.Errorf("after %d, delivery %d: %d requests, want %d", refusal, i, n, want)
			}
		}
	}
}

func TestDeliverAsksStrangersInDraftCavage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{})
	key := testKey()
	w.handle("a.example.com/inbox", only(signature.DraftCavage, "https://a.example.com", key, 500, ""))
	if r := c.Deliver(t.Context(), "https://a.example.com/inbox", []byte(`{}`), key); r.Status != http.StatusAccepted {
		t.Errorf("%+v", r)
	}
	r := w.requests()[0]
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != activitypub.ContentType || r.Header.Get("Signature-Input") != "" || r.UserAgent() == "" {
		t.Errorf("headers %v", r.Header)
	}
}

func TestDeliverReportsTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{})
	for _, test := range []struct{ status, requests int }{
		{200, 1}, {202, 1}, {204, 1}, {301, 1}, {302, 1}, {307, 1}, {308, 1}, {400, 2}, {401, 2}, {403, 2}, {404, 2}, {405, 1}, {410, 2}, {413, 1},
		{422, 1}, {429, 1}, {500, 1}, {501, 1}, {502, 1}, {503, 1},
	} {
		w.forget()
		w.handle("a.example.com/inbox", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", "120")
			rw.Header().Set("Location", "https://a.example.com/elsewhere")
			rw.WriteHeader(test.status)
			if test.status >= 300 {
				_, _ = io.WriteString(rw, "why\x00\x1b[31m "+strings.Repeat("é", 1000))
			}
		})
		r := c.Deliver(t.Context(), "https://a.example.com/inbox", []byte(`{}`), testKey())
		if r.Status != test.status || r.Err != nil || r.RetryAfter != 2*time.Minute {
			t.Errorf("%d: %+v", test.status, r)
		}
		if n := len(w.requests()); n != test.requests {
			t.Errorf("%d: %d requests, want %d", test.status, n, test.requests)
		}
		if test.status < 300 && r.Body != "" {
			t.Errorf("%d: body %q", test.status, r.Body)
		}
		if test.status >= 300 && (!strings.HasPrefix(r.Body, "why") || len(r.Body) > refusalText || strings.ContainsAny(r.Body, "\x00\x1b") || !utf8.ValidString(r.Body)) {
			t.Errorf("%d: body %q", test.status, r.Body)
		}
	}
}

func TestDeliverTellsWhyNobodyAnswered(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	c := New(Options{Dev: true})
	if r := c.Deliver(t.Context(), "http://"+closed+"/inbox", []byte(`{}`), testKey()); r.Status != 0 || r.Err == nil || errors.Is(r.Err, ErrBlocked) {
		t.Errorf("refused connection: %+v", r)
	}
	w := newWorld(t)
	untrusting := w.client(Options{})
	untrusting.http.Transport.(*http.Transport).TLSClientConfig.RootCAs = nil
	if r := untrusting.Deliver(t.Context(), "https://a.example.com/inbox", []byte(`{}`), testKey()); r.Status != 0 || r.Err == nil {
		t.Errorf("unknown certificate: %+v", r)
	}
	if len(w.requests()) != 0 {
		t.Error("a host with an unknown certificate was spoken to")
	}
}

// One host never holds more than two of our connections, however many deliveries wait for it.
func TestConnectionsPerHost(t *testing.T) {
	t.Parallel()
	var open, most atomic.Int64
	arrived, release := make(chan struct{}, 20), make(chan struct{})
	server := &http.Server{
		ErrorLog: quiet,
		ConnState: func(_ net.Conn, s http.ConnState) {
			switch s {
			case http.StateNew:
				n := open.Add(1)
				for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
				}
			case http.StateClosed:
				open.Add(-1)
			}
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			arrived <- struct{}{}
			<-release
			w.WriteHeader(http.StatusAccepted)
		}),
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() { server.Close(); running.Wait() })
	c := New(Options{Dev: true})
	t.Cleanup(c.Close)
	var deliveries sync.WaitGroup
	for range 10 {
		deliveries.Go(func() {
			if r := c.Deliver(t.Context(), "http://"+l.Addr().String()+"/inbox", []byte(`{}`), testKey()); r.Status != http.StatusAccepted {
				t.Errorf("%+v", r)
			}
		})
	}
	<-arrived
	<-arrived
	close(release)
	deliveries.Wait()
	if n := most.Load(); n != connsPerHost {
		t.Errorf("%d connections at once, want %d", n, connsPerHost)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "1": time.Second, " 120 ": 2 * time.Minute, "-5": 0, "1.5": 0, "soon": 0, "+3": 0,
		"Sat, 21 Nov 2026 12:01:00 GMT":    time.Minute,
		"Saturday, 21-Nov-26 12:01:00 GMT": time.Minute,
		"Sat Nov 21 12:01:00 2026":         time.Minute,
		"Sat, 21 Nov 2026 11:00:00 GMT":    0,
		"Sat, 21 Nov 9999 11:00:00 GMT":    maxRetryAfter,
		"99999999999999999999999":          maxRetryAfter,
		"9223372036854775807":              maxRetryAfter,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "120", "-1", "Sat, 21 Nov 2026 12:01:00 GMT", "99999999999999999999", "١٢", "Sat, 21 Nov 0000 00:00:00 GMT"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		if d := retryAfter(value, now); d < 0 || d > maxRetryAfter {
			t.Errorf("%q: %v", value, d)
		}
	})
}
