package inbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
)

// capture is a whole HTTP answer as WordPress's tests keep it.
type capture struct {
	Headers  map[string]string
	Body     string
	Response struct{ Code int }
}

// runCapture serves a captured answer with the headers that matter.
func runCapture(t *testing.T, r row) {
	var c capture
	if err := json.Unmarshal([]byte(r.text), &c); err != nil {
		t.Fatal(err)
	}
	body, kind := []byte(c.Body), c.Headers["content-type"]
	if strings.HasPrefix(r.expect, "resolve") {
		resolves(t, r, body, func(w *corpusWorld, host string) { w.peers.host(host, fingerprint(w, kind, c.Response.Code, body)) })
		return
	}
	var o m
	if err := json.Unmarshal(body, &o); err != nil {
		t.Fatal(err)
	}
	w := newCorpusWorld(t, false)
	w.peers.handle(idOf(o), sayOnce(c.Response.Code, kind, body))
	got, err := w.remote.Actor(t.Context(), idOf(o))
	if err != nil || got.ID != idOf(o) || len(got.PublicKey) == 0 {
		t.Errorf("the captured actor was read as %+v, %v", got, err)
	}
	actorServed(t, r, o)
}

// runRawResponse serves bytes as an answer, whatever they are: for the account that they name, and for one of the server that sends them.
func runRawResponse(t *testing.T, r row) {
	_, body, _ := strings.Cut(strings.ReplaceAll(r.text, "\r\n", "\n"), "\n\n")
	raw := http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		conn, buf, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(buf, r.text)
		buf.Flush()
	})
	resolves(t, r, []byte(body), func(w *corpusWorld, host string) { w.peers.host(host, raw) })
	t.Run("from another server", func(t *testing.T) {
		w := newCorpusWorld(t, false)
		for _, h := range []http.Handler{raw, fingerprint(w, "application/jrd+json", http.StatusOK, []byte(body))} {
			w.peers.host("hacker.example", h)
			if f, err := w.remote.WebFinger(t.Context(), "gargron@hacker.example"); err == nil {
				t.Errorf("an account of hacker.example leads to %s", f.Subject)
			}
		}
	})
}

// fingerprint answers WebFinger with a body, and every other path with an actor.
func fingerprint(w *corpusWorld, kind string, status int, body []byte) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/.well-known/webfinger" {
			sayOnce(status, kind, body)(rw, r)
			return
		}
		b, _ := json.Marshal(actor("https://"+r.Host+r.URL.RequestURI(), nil))
		sayOnce(http.StatusOK, activitypub.ContentType, b)(rw, r)
	})
}

// resolves looks an account up as the daemon does when a reader names it.
func resolves(t *testing.T, r row, body []byte, serve func(w *corpusWorld, host string)) {
	var jrd remote.Resource
	json.Unmarshal(body, &jrd) // what is no JRD names nobody, and is asked about somebody
	account := strings.TrimPrefix(jrd.Subject, "acct:")
	_, host, ok := strings.Cut(account, "@")
	if !ok {
		account, host = "kaniini@hub.example", "hub.example"
	}
	w := newCorpusWorld(t, false)
	serve(w, host)
	f, err := w.remote.WebFinger(t.Context(), account)
	self := ""
	if err == nil {
		self = f.Self()
	}
	switch r.expect {
	case "resolve-ok":
		if !slices.ContainsFunc(jrd.Links, func(l remote.ResourceLink) bool { return l.Rel == "self" && l.Href == self }) {
			t.Errorf("%s: %q, %v: want the actor that it links", account, self, err)
			return
		}
		if a, err := w.remote.Actor(t.Context(), self); err != nil || a.ID != self {
			t.Errorf("the actor %s is not found: %v", self, err)
		}
	case "resolve-refuse":
		if self != "" {
			t.Errorf("%s leads to %s", account, self)
		}
	case "resolve-ok-or-refuse":
		t.Logf("policy: %q, %v", self, err)
	default:
		t.Fatalf("nobody knows what %q means", r.expect)
	}
	// The page where a reader names an account asks it as well, and never falls over what it is told.
	res, err := w.client.PostForm(blog+"/interact", url.Values{"intent": {"reply"}, "uri": {post}, "acct": {account}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 500 || res.StatusCode == http.StatusNotFound {
		t.Errorf("/interact: status %d", res.StatusCode)
	}
}
