package remote

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

var quiet = log.New(io.Discard, "", 0)

const note = `{"@context":"https://www.w3.org/ns/activitystreams","id":"%s","type":"Note","content":"x"}`

// A document counts for the address that served it, and for no other (attack classes 6 and 9).
func TestObjectID(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		ask      string
		pages    map[string]string // address → id in the document served there
		redirect map[string]string
		want     string // id, or "" for a refusal
		requests int
	}{
		{name: "own id", ask: "https://a.example.com/1", pages: map[string]string{"a.example.com/1": "https://a.example.com/1"}, want: "https://a.example.com/1", requests: 1},
		{name: "fragment is not sent", ask: "https://a.example.com/1#main-key", pages: map[string]string{"a.example.com/1": "https://a.example.com/1"}, want: "https://a.example.com/1", requests: 1},
		{name: "query id without a path", ask: "https://a.example.com?c=148", pages: map[string]string{"a.example.com/?c=148": "https://a.example.com?c=148"}, want: "https://a.example.com?c=148", requests: 1},
		{name: "page names its object", ask: "https://a.example.com/@al/1", pages: map[string]string{"a.example.com/@al/1": "https://a.example.com/1", "a.example.com/1": "https://a.example.com/1"}, want: "https://a.example.com/1", requests: 2},
		{name: "redirect on one origin", ask: "https://a.example.com/old", redirect: map[string]string{"a.example.com/old": "https://a.example.com/1"}, pages: map[string]string{"a.example.com/1": "https://a.example.com/1"}, want: "https://a.example.com/1", requests: 2},
		{name: "relative redirect", ask: "https://a.example.com/old", redirect: map[string]string{"a.example.com/old": "/1"}, pages: map[string]string{"a.example.com/1": "https://a.example.com/1"}, want: "https://a.example.com/1", requests: 2},
		{name: "moved to another host, true id there", ask: "https://a.example.com/1", redirect: map[string]string{"a.example.com/1": "https://b.example.com/1"}, pages: map[string]string{"b.example.com/1": "https://b.example.com/1"}, want: "https://b.example.com/1", requests: 2},
		{name: "another host's id", ask: "https://evil.example.com/1", pages: map[string]string{"evil.example.com/1": "https://a.example.com/1", "a.example.com/1": "https://a.example.com/1"}, requests: 1},
		{name: "redirect to a document with the asked id", ask: "https://a.example.com/1", redirect: map[string]string{"a.example.com/1": "https://evil.example.com/1"}, pages: map[string]string{"evil.example.com/1": "https://a.example.com/1"}, requests: 2},
		{name: "there and back", ask: "https://a.example.com/1", redirect: map[string]string{"a.example.com/1": "https://evil.example.com/1", "evil.example.com/1": "https://a.example.com/2"}, pages: map[string]string{"a.example.com/2": "https://a.example.com/1"}, requests: 3},
		{name: "same host, two names for ever", ask: "https://a.example.com/1", pages: map[string]string{"a.example.com/1": "https://a.example.com/2", "a.example.com/2": "https://a.example.com/1"}, requests: 2},
		{name: "same host, other id, only one is real", ask: "https://a.example.com/1", pages: map[string]string{"a.example.com/1": "https://a.example.com/2"}, requests: 2},
		{name: "other port", ask: "https://a.example.com/1", pages: map[string]string{"a.example.com/1": "https://a.example.com:8443/1"}, requests: 1},
		{name: "http", ask: "https://a.example.com/1", pages: map[string]string{"a.example.com/1": "http://a.example.com/1"}, requests: 1},
		{name: "userinfo", ask: "https://a.example.com/1", pages: map[string]string{"a.example.com/1": "https://user@a.example.com/1"}, requests: 1},
		{name: "trailing dot", ask: "https://a.example.com/1", pages: map[string]string{"a.example.com/1": "https://a.example.com./1"}, requests: 1},
		{name: "subdomain", ask: "https://a.example.com/1", pages: map[string]string{"a.example.com/1": "https://b.a.example.com/1"}, requests: 1},
		{name: "longer host", ask: "https://a.example.com/1", pages: map[string]string{"a.example.com/1": "https://a.example.com.evil.example/1"}, requests: 1},
		{name: "no id", ask: "https://a.example.com/1", pages: map[string]string{"a.example.com/1": ""}, requests: 1},
		{name: "trailing slash is another id", ask: "https://a.example.com/1/", pages: map[string]string{"a.example.com/1/": "https://a.example.com/1"}, requests: 2},
		{name: "percent-encoding is another id", ask: "https://a.example.com/%61", pages: map[string]string{"a.example.com/%61": "https://a.example.com/a"}, requests: 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for address, id := range test.pages {
				w.document(address, fmt.Sprintf(note, id))
			}
			for from, to := range test.redirect {
				w.redirect(from, to)
			}
			o, err := w.client(Options{}).Object(t.Context(), test.ask)
			switch {
			case test.want != "" && (err != nil || o.ID != test.want):
				t.Errorf("got %v, %v; want %s", o, err, test.want)
			case test.want == "" && err == nil:
				t.Errorf("%s was taken for %s", o.ID, test.ask)
			}
			if n := len(w.requests()); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
		})
	}
}

// Attack class 10: what somebody uploaded does not speak for the server.
func TestObjectContentType(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{})
	for contentType, good := range map[string]bool{
		"application/activity+json":                                                                                  true,
		"Application/Activity+JSON":                                                                                  true,
		"application/activity+json; charset=utf-8":                                                                   true,
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`:                                       true,
		`application/ld+json;profile=https://www.w3.org/ns/activitystreams`:                                          true,
		`application/ld+json; charset=utf-8; profile="https://www.w3.org/ns/activitystreams"`:                        true,
		`application/ld+json; profile="http://www.w3.org/ns/json-ld#expanded https://www.w3.org/ns/activitystreams"`: true,
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams.evil"`:                                  false,
		"application/ld+json":                    false,
		"application/json":                       false,
		"application/activity+json, text/html":   false,
		"text/plain":                             false,
		"text/html; x=application/activity+json": false,
		"text/html, application/activity+json":   false,
		"application/octet-stream":               false,
		"image/png":                              false,
		"":                                       false,
		";;;":                                    false,
		"application/activity+json-x":            false,
		"application/jrd+json":                   false,
		`text/html; profile="https://www.w3.org/ns/activitystreams"`: false,
	} {
		w.handle("a.example.com/1", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header()["Content-Type"] = []string{contentType}
			fmt.Fprintf(rw, note, "https://a.example.com/1")
		})
		_, err := c.Object(t.Context(), "https://a.example.com/1")
		if good && err != nil || !good && !errors.Is(err, ErrDocument) {
			t.Errorf("%q: %v", contentType, err)
		}
	}
	w.handle("a.example.com/2", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header()["Content-Type"] = []string{"application/activity+json", "text/html"}
		fmt.Fprintf(rw, note, "https://a.example.com/2")
	})
	if _, err := c.Object(t.Context(), "https://a.example.com/2"); !errors.Is(err, ErrDocument) {
		t.Errorf("two content types: %v", err)
	}
}

func TestObjectOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{})
	for status, want := range map[int]error{404: ErrNotFound, 410: ErrGone, 401: ErrRefused, 403: ErrRefused} {
		w.answer("a.example.com/1", status)
		if _, err := c.Object(t.Context(), "https://a.example.com/1"); !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", status, err, want)
		}
	}
	for _, status := range []int{204, 206, 400, 418, 429, 500, 503} {
		w.answer("a.example.com/1", status)
		_, err := c.Object(t.Context(), "https://a.example.com/1")
		if err == nil || errors.Is(err, ErrGone) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrRefused) {
			t.Errorf("%d: %v", status, err)
		}
	}
	w.document("a.example.com/1", `{"id":"https://a.example.com/1","type":"Tombstone"}`)
	if _, err := c.Object(t.Context(), "https://a.example.com/1"); !errors.Is(err, ErrGone) {
		t.Errorf("Tombstone: %v", err)
	}
	w.document("a.example.com/1", `{"id":"https://a.example.com/1","type":"Note","id":"https://a.example.com/2"}`)
	if _, err := c.Object(t.Context(), "https://a.example.com/1"); !errors.Is(err, ErrDocument) {
		t.Errorf("malformed: %v", err)
	}
	// Another host's word is no proof that this one's thing is gone.
	w.redirect("a.example.com/1", "https://b.example.com/1")
	for _, status := range []int{404, 410} {
		w.answer("b.example.com/1", status)
		if _, err := c.Object(t.Context(), "https://a.example.com/1"); err == nil || errors.Is(err, ErrGone) || errors.Is(err, ErrNotFound) {
			t.Errorf("%d after a redirect to another host: %v", status, err)
		}
	}
}

// Attack class 25: one call makes at most three requests, whatever the answers say.
func TestRequestBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{Key: testKey()})
	w.redirect("a.example.com/loop", "https://a.example.com/loop")
	w.redirect("a.example.com/ping", "https://b.example.com/pong")
	w.redirect("b.example.com/pong", "https://a.example.com/ping")
	for i := range 100 {
		w.redirect(fmt.Sprintf("a.example.com/hop/%d", i), fmt.Sprintf("https://a.example.com/hop/%d", i+1))
	}
	w.redirect("a.example.com/knock", "https://a.example.com/knock/2")
	w.answer("a.example.com/knock/2", http.StatusUnauthorized)
	for _, path := range []string{"loop", "ping", "hop/0", "knock"} {
		w.forget()
		if _, err := c.Object(t.Context(), "https://a.example.com/"+path); err == nil {
			t.Errorf("%s: no error", path)
		}
		if n := len(w.requests()); n > documentRequests {
			t.Errorf("%s: %d requests, want at most %d", path, n, documentRequests)
		}
		w.forget()
		if _, err := c.Actor(t.Context(), "https://a.example.com/"+path); err == nil || len(w.requests()) > documentRequests {
			t.Errorf("%s as an actor: %d requests, %v", path, len(w.requests()), err)
		}
		w.forget()
		if _, err := c.File(t.Context(), "https://a.example.com/"+path, 1000); err == nil || len(w.requests()) > fileRequests {
			t.Errorf("%s as a file: %d requests, %v", path, len(w.requests()), err)
		}
	}
}

func TestRedirectNeverLeavesHTTPS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.redirect("a.example.com/1", "http://a.example.com/2")
	w.document("a.example.com/2", fmt.Sprintf(note, "http://a.example.com/2"))
	if _, err := w.client(Options{}).Object(t.Context(), "https://a.example.com/1"); !errors.Is(err, ErrBlocked) {
		t.Errorf("got %v, want %v", err, ErrBlocked)
	}
	w.redirect("a.example.com/3", "")
	if _, err := w.client(Options{}).Object(t.Context(), "https://a.example.com/3"); !errors.Is(err, ErrDocument) {
		t.Errorf("redirect to nowhere: %v, want %v", err, ErrDocument)
	}
}

// Every GET of a document is signed anew on every hop, says who we are and what we want, and carries no cookie.
func TestEveryRequestIsSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := testKey()
	c := w.client(Options{Key: key, UserAgent: "Postil/1 (+https://blog.example/)"})
	w.handle("a.example.com/old", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Set-Cookie", "session=1; Domain=example.com")
		rw.Header().Set("Location", "https://b.example.com/1")
		rw.WriteHeader(http.StatusMovedPermanently)
	})
	w.document("b.example.com/1", fmt.Sprintf(note, "https://b.example.com/1"))
	if _, err := c.Object(t.Context(), "https://a.example.com/old"); err != nil {
		t.Fatal(err)
	}
	requests := w.requests()
	if len(requests) != 2 {
		t.Fatalf("%d requests, want 2", len(requests))
	}
	for _, r := range requests {
		v := verifierOf("https://"+r.Host, key)
		if _, err := v.Verify(r, nil); err != nil {
			t.Errorf("%s: %v", r.Host, err)
		}
		if r.UserAgent() != "Postil/1 (+https://blog.example/)" || r.Header.Get("Accept") != activitypub.AcceptType || r.Header.Get("Cookie") != "" {
			t.Errorf("%s: headers %v", r.Host, r.Header)
		}
	}
}

func TestSecondKnockOfAFetch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := testKey()
	c := w.client(Options{Key: key})
	w.handle("a.example.com/1", only(signature.RFC9421, "https://a.example.com", key, http.StatusUnauthorized, fmt.Sprintf(note, "https://a.example.com/1")))
	for i, want := range []int{2, 1, 1} {
		w.forget()
		if _, err := c.Object(t.Context(), "https://a.example.com/1"); err != nil {
			t.Fatal(err)
		}
		if n := len(w.requests()); n != want {
			t.Errorf("fetch %d: %d requests, want %d", i, n, want)
		}
	}
	// The host was upgraded backwards: what was remembered is given up again.
	w.handle("a.example.com/1", only(signature.DraftCavage, "https://a.example.com", key, http.StatusForbidden, fmt.Sprintf(note, "https://a.example.com/1")))
	if _, err := c.Object(t.Context(), "https://a.example.com/1"); err != nil {
		t.Error(err)
	}
	w.answer("a.example.com/1", http.StatusForbidden)
	if _, err := c.Object(t.Context(), "https://a.example.com/1"); !errors.Is(err, ErrRefused) {
		t.Errorf("refused twice: %v", err)
	}
}

func TestSchemesAreBounded(t *testing.T) {
	t.Parallel()
	s := newSchemes(3, nil)
	for _, host := range []string{"a", "b", "c", "a", "d", "e"} {
		s.worked(host, signature.RFC9421)
	}
	var kept []string
	for host := range s.hosts {
		kept = append(kept, host)
	}
	slices.Sort(kept)
	if got := strings.Join(kept, ""); got != "ade" || s.order.Len() != 3 {
		t.Errorf("kept %q (%d), want ade", got, s.order.Len())
	}
	a, known := s.of("a")
	if b, stranger := s.of("b"); a != signature.RFC9421 || !known || b != signature.DraftCavage || stranger {
		t.Error("what is kept must be known, and what is forgotten a stranger")
	}
}
