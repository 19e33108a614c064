package remote

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestVisit: HEAD is enough; where it is refused GET decides; a redirect for good is told, others are followed; nothing is sent along.
func TestVisit(t *testing.T) {
	t.Parallel()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		if r.Header.Get("Signature") != "" || r.Header.Get("Authorization") != "" {
			t.Errorf("sent along: %v", r.Header)
		}
		switch r.URL.Path {
		case "/good":
		case "/get-only":
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusMethodNotAllowed)
			}
		case "/moved":
			http.Redirect(w, r, "/moved-too", http.StatusPermanentRedirect)
		case "/moved-too":
			http.Redirect(w, r, "/good", http.StatusMovedPermanently)
		case "/for-now":
			http.Redirect(w, r, "/moved", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	c := New(Options{Dev: true})
	t.Cleanup(c.Close)
	for _, want := range []struct {
		path, asked, moved string
		status             int
	}{
		{"/good", "HEAD /good", "", 200}, {"/get-only", "HEAD /get-only GET /get-only", "", 200}, {"/none", "HEAD /none GET /none", "", 404},
		{"/moved", "HEAD /moved HEAD /moved-too HEAD /good", "/good", 200}, {"/for-now", "HEAD /for-now HEAD /moved HEAD /moved-too HEAD /good", "", 200},
	} {
		asked = nil
		v, err := c.Visit(t.Context(), server.URL+want.path)
		if got := strings.Join(asked, " "); err != nil || v.Status != want.status || strings.TrimPrefix(v.Moved, server.URL) != want.moved || got != want.asked {
			t.Errorf("%s: %+v, %v, asked %q", want.path, v, err, got)
		}
	}
	asked = nil
	if v, err := c.Visit(t.Context(), server.URL+"/round"); err == nil || len(asked) != visitRequests {
		t.Errorf("a redirect to itself: %+v after %d requests", v, len(asked))
	}
}

// TestVisitIsGuarded: neither scheme leads to addresses that are not public, nor does a redirect.
func TestVisitIsGuarded(t *testing.T) {
	t.Parallel()
	port, accepted := canary(t)
	c := New(Options{})
	t.Cleanup(c.Close)
	for _, at := range []string{"http://127.0.0.1:" + port, "https://127.0.0.1:" + port, "http://localhost:" + port, "http://[::1]:" + port, "http://10.0.0.1/", "http://2130706433:" + port, "http://u:p@example.com/",
		"ftp://example.com/", "http://example.com:25/"} {
		if v, err := c.Visit(t.Context(), at); !errors.Is(err, ErrBlocked) {
			t.Errorf("%s: %+v, %v", at, v, err)
		}
	}
	if n := accepted.Load(); n > 0 {
		t.Errorf("%d connections to this machine", n)
	}
}
