package remote

import (
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// schemesOf tells with which signature each request came, "c" for draft-cavage and "r" for RFC 9421.
func schemesOf(list []*http.Request) (s string) {
	for _, r := range list {
		switch {
		case r.Header.Get("Signature-Input") != "":
			s += "r"
		case r.Header.Get("Signature") != "":
			s += "c"
		default:
			s += "-"
		}
	}
	return s
}

const capable = `{"id":"https://a.example.com/ada","type":"Person","inbox":"https://a.example.com/inbox",
	"generator":{"type":"Application","implements":[{"href":"https://example.org/other"},{"href":"https://datatracker.ietf.org/doc/html/rfc9421"}]}}`

// A server that says it reads RFC 9421 is sent that from then on, and no other server is.
func TestAdvertisedScheme(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]func(w *world){
		"generator": func(w *world) { w.document("a.example.com/ada", capable) },
		"Accept-Signature": func(w *world) {
			w.handle("a.example.com/ada", func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Accept-Signature", `sig1=("@method" "@target-uri");created`)
				rw.WriteHeader(http.StatusServiceUnavailable)
			})
		},
	} {
		w := newWorld(t)
		c := w.client(Options{Key: testKey()})
		w.answer("a.example.com/inbox", http.StatusAccepted)
		w.answer("b.example.com/inbox", http.StatusAccepted)
		tell(w)
		_, _ = c.Actor(t.Context(), "https://a.example.com/ada")
		for _, inbox := range []string{"https://a.example.com/inbox", "https://b.example.com/inbox"} {
			c.Deliver(t.Context(), inbox, []byte(`{}`), testKey())
		}
		if got := schemesOf(w.requests()); got != "crc" {
			t.Errorf("%s: signed as %q, want crc", name, got)
		}
	}
}

// Who advertises and does not keep it is asked the other way once, and believed no more.
func TestAdvertisementIsTried(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{Key: testKey()})
	w.document("a.example.com/ada", capable)
	w.handle("a.example.com/inbox", only(signature.DraftCavage, "https://a.example.com", testKey(), http.StatusUnauthorized, ""))
	for range 3 {
		if _, err := c.Actor(t.Context(), "https://a.example.com/ada"); err != nil {
			t.Fatal(err)
		}
		if r := c.Deliver(t.Context(), "https://a.example.com/inbox", []byte(`{}`), testKey()); r.Status != http.StatusAccepted {
			t.Errorf("%+v", r)
		}
	}
	if got := schemesOf(w.requests()); got != "crc"+"cc"+"cc" {
		t.Errorf("signed as %q", got)
	}
}

// A document speaks for the server that served it and for no other.
func TestAdvertisementOfAnotherServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{Key: testKey()})
	w.document("b.example.com/ada", capable)
	_, _ = c.Object(t.Context(), "https://b.example.com/ada")
	w.forget()
	for _, inbox := range []string{"https://a.example.com/inbox", "https://b.example.com/inbox"} {
		w.answer(inbox[len("https://"):], http.StatusAccepted)
		c.Deliver(t.Context(), inbox, []byte(`{}`), testKey())
	}
	if got := schemesOf(w.requests()); got != "cc" {
		t.Errorf("signed as %q, want cc", got)
	}
}

// What was learned holds over a restart, and nothing is told twice.
func TestLearnedSchemesSurvive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := testKey()
	c := w.client(Options{Key: key})
	w.handle("a.example.com/inbox", only(signature.RFC9421, "https://a.example.com", key, http.StatusUnauthorized, ""))
	w.answer("b.example.com/inbox", http.StatusAccepted)
	for _, inbox := range []string{"https://a.example.com/inbox", "https://b.example.com/inbox"} {
		c.Deliver(t.Context(), inbox, []byte(`{}`), key)
	}
	news := c.Learned()
	if want := []HostScheme{{"a.example.com", signature.RFC9421, true}}; !slices.Equal(news, want) {
		t.Errorf("learned %v, want %v: what is as with any stranger need not be kept", news, want)
	}
	if again := c.Learned(); len(again) != 0 {
		t.Errorf("told again: %v", again)
	}
	w.forget()
	c = w.client(Options{Key: key, Schemes: news})
	c.Deliver(t.Context(), "https://a.example.com/inbox", []byte(`{}`), key)
	if got := schemesOf(w.requests()); got != "r" {
		t.Errorf("after a restart signed as %q, want r", got)
	}
}

// A fetch that is refused knocks again in the other form; after 404 and 410 only of a stranger, and once in all.
func TestFetchKnocks(t *testing.T) {
	t.Parallel()
	const doc = `{"id":"https://a.example.com/1","type":"Note"}`
	for _, test := range []struct {
		status       int
		first, later string
	}{{400, "cr", "cr"}, {401, "cr", "cr"}, {403, "cr", "cr"}, {404, "cr", "c"}, {410, "cr", "c"}, {500, "c", "c"}} {
		w := newWorld(t)
		c := w.client(Options{Key: testKey()})
		w.answer("a.example.com/0", test.status)
		for _, want := range []string{test.first, test.later} {
			w.forget()
			_, _ = c.Object(t.Context(), "https://a.example.com/0")
			if got := schemesOf(w.requests()); got != want {
				t.Errorf("%d: signed as %q, want %q", test.status, got, want)
			}
		}
		if test.status == 500 {
			continue
		}
		c = w.client(Options{Key: testKey()})
		w.handle("a.example.com/1", only(signature.RFC9421, "https://a.example.com", testKey(), test.status, doc))
		for _, want := range []string{"cr", "r"} {
			w.forget()
			if _, err := c.Object(t.Context(), "https://a.example.com/1"); err != nil {
				t.Errorf("%d: %v", test.status, err)
			}
			if got := schemesOf(w.requests()); got != want {
				t.Errorf("%d: signed as %q, want %q", test.status, got, want)
			}
		}
	}
}

// A fetch that a stranger's word causes costs one request for what is not there.
func TestFrugalFetch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{Key: testKey()})
	w.answer("a.example.com/0", http.StatusUnauthorized)
	for url, want := range map[string]string{"https://a.example.com/0": "cr", "https://b.example.com/missing": "c"} {
		w.forget()
		_, _ = c.Actor(Frugal(t.Context()), url)
		if got := schemesOf(w.requests()); got != want {
			t.Errorf("%s: signed as %q, want %q", url, got, want)
		}
	}
}

// Every request says who asks, and every delivery bears a digest in its scheme's spelling.
func TestHeadersOfADelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{Key: testKey(), UserAgent: "Postil/1.0 (+https://blog.example/)"})
	w.handle("a.example.com/inbox", func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		rw.WriteHeader(http.StatusUnauthorized)
	})
	c.Deliver(t.Context(), "https://a.example.com/inbox", []byte(`{}`), testKey())
	_, _ = c.Object(t.Context(), "https://a.example.com/1")
	for _, r := range w.requests() {
		if r.UserAgent() != "Postil/1.0 (+https://blog.example/)" {
			t.Errorf("%s %s from %q", r.Method, r.URL, r.UserAgent())
		}
	}
	const sum = "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="
	list := w.requests()
	if got := list[0].Header.Get("Digest"); got != "SHA-256="+sum {
		t.Errorf("Digest %q", got)
	}
	if got := list[1].Header.Get("Content-Digest"); got != "sha-256=:"+sum+":" {
		t.Errorf("Content-Digest %q", got)
	}
}

func TestGeneratorIsUnderstood(t *testing.T) {
	t.Parallel()
	doc, err := activitypub.Marshal(activitypub.Actor{Type: "Person", ID: "https://a.example.com/ada", Inbox: "https://a.example.com/inbox", Generator: activitypub.Generator()})
	if err != nil {
		t.Fatal(err)
	}
	o, err := activitypub.Read(doc)
	if err != nil || !slices.ContainsFunc(o.Implements, activitypub.IsRFC9421) {
		t.Errorf("our own actor's generator reads as %v, %v", o, err)
	}
}
