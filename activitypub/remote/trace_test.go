package remote

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// TestTrace: every request is told of, each knock and each hop, with how it was signed and what came.
func TestTrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.redirect("a.example.com/@ada", "https://a.example.com/users/ada")
	w.handle("a.example.com/users/ada", func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Signature-Input") == "" {
			rw.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(rw, "sign better")
			return
		}
		rw.Header().Set("Content-Type", activitypub.ContentType)
		fmt.Fprint(rw, `{"id":"https://a.example.com/users/ada","type":"Person"}`)
	})
	var log []Exchange
	c := w.client(Options{Key: testKey(), Trace: func(e Exchange) { log = append(log, e) }})
	o, err := c.Object(t.Context(), "https://a.example.com/@ada")
	if err != nil || o.Type != "Person" || len(log) != 3 {
		t.Fatalf("%+v, %v, %d exchanges", o, err, len(log))
	}
	for i, want := range []Exchange{
		{URL: "https://a.example.com/@ada", Signature: "draft-cavage", Status: 302, Location: "https://a.example.com/users/ada"},
		{URL: "https://a.example.com/users/ada", Signature: "draft-cavage", Status: 401, Body: []byte("sign better")},
		{URL: "https://a.example.com/users/ada", Signature: "rfc9421", Status: 200, Body: []byte(`"Person"`)},
	} {
		got := log[i]
		if got.URL != want.URL || got.Signature != want.Signature || got.Status != want.Status || got.Location != want.Location ||
			!strings.Contains(string(got.Body), string(want.Body)) || got.KeyID != testKey().ID || got.Method != http.MethodGet {
			t.Errorf("%d: %+v, want %+v", i, got, want)
		}
	}
}

// TestOnly: one scheme and no other, where that was asked for.
func TestOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answer("a.example.com/1", http.StatusUnauthorized)
	for _, scheme := range []signature.Scheme{signature.DraftCavage, signature.RFC9421} {
		w.forget()
		c := w.client(Options{Key: testKey(), Only: &scheme})
		if _, err := c.Object(t.Context(), "https://a.example.com/1"); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", scheme, err)
		}
		if got := w.requests(); len(got) != 1 || signatureOf(got[0]) != scheme.String() {
			t.Errorf("%s: %d requests, the first signed %s", scheme, len(got), signatureOf(got[0]))
		}
	}
}

// TestTraceBounded: what is kept of an answer is bounded, however much is read.
func TestTraceBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handle("a.example.com/big", func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(rw, strings.Repeat("x", 3<<20))
	})
	var log []Exchange
	c := w.client(Options{Trace: func(e Exchange) { log = append(log, e) }})
	if _, err := c.File(t.Context(), "https://a.example.com/big", 4<<20); err != nil {
		t.Fatal(err)
	}
	if len(log) != 1 || len(log[0].Body) != maxTraced || log[0].Signature != "none" || log[0].KeyID != "" {
		t.Errorf("%d exchanges", len(log))
	}
}

// TestHostMeta: a host that has WebFinger elsewhere says so in host-meta (RFC 6415).
func TestHostMeta(t *testing.T) {
	t.Parallel()
	const good = `<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="other" template="https://evil.example.com/{uri}"/>` +
		`<Link rel="lrdd" type="application/xrd+xml" template="https://social.example.com/finger?resource={uri}"/></XRD>`
	self := func(subject string) string {
		return `{"subject":"acct:` + subject + `","links":[{"rel":"self","type":"application/activity+json","href":"https://social.example.com/users/ada"}]}`
	}
	for name, c := range map[string]struct {
		contentType, meta, subject string
		want                       bool
	}{
		"elsewhere":           {"application/xrd+xml; charset=utf-8", good, "ada@a.example.com", true},
		"another's subject":   {"application/xrd+xml", good, "victim@b.example.com", false},
		"an upload":           {"text/plain", good, "ada@a.example.com", false},
		"no template":         {"application/xrd+xml", `<XRD><Link rel="lrdd" template="https://social.example.com/finger"/></XRD>`, "ada@a.example.com", false},
		"no XML":              {"application/xrd+xml", `{"links":[]}`, "ada@a.example.com", false},
		"inside":              {"application/xrd+xml", `<XRD><Link rel="lrdd" template="https://localhost/{uri}"/></XRD>`, "ada@a.example.com", false},
		"the same over again": {"application/xrd+xml", `<XRD><Link rel="lrdd" template="https://a.example.com/.well-known/webfinger?resource={uri}"/></XRD>`, "ada@a.example.com", false},
	} {
		w := newWorld(t)
		w.handle("a.example.com/.well-known/host-meta", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", c.contentType)
			fmt.Fprint(rw, c.meta)
		})
		w.handle("social.example.com/finger?resource=acct%3Aada%40a.example.com", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "application/jrd+json")
			fmt.Fprint(rw, self(c.subject))
		})
		r, err := w.client(Options{}).WebFinger(t.Context(), "ada@a.example.com")
		if (err == nil) != c.want || c.want && r.Self() != "https://social.example.com/users/ada" {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if n := len(w.requests()); n > 5 { // three, and two for the subject's own host
			t.Errorf("%s: %d requests", name, n)
		}
	}
}
