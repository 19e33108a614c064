package remote

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
)

// jrd serves a WebFinger answer.
func (w *world) jrd(host, acct, contentType, body string) {
	w.handle(host+"/.well-known/webfinger?resource=acct%3A"+acct, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header()["Content-Type"] = []string{contentType}
		fmt.Fprint(rw, body)
	})
}

func TestWebFinger(t *testing.T) {
	t.Parallel()
	const self = `"links":[{"rel":"http://webfinger.net/rel/profile-page","type":"text/html","href":"https://a.example.com/@alice"},
		{"rel":"self","type":"text/html","href":"https://a.example.com/wrong"},
		{"rel":"Self","type":"application/activity+json","href":"https://a.example.com/users/alice"},
		{"rel":"http://ostatus.org/schema/1.0/subscribe","template":"https://a.example.com/interact?uri={uri}"}]`
	w := newWorld(t)
	c := w.client(Options{})
	w.jrd("a.example.com", "alice%40a.example.com", "application/jrd+json; charset=utf-8", `{"subject":"acct:alice@a.example.com",`+self+`}`)
	for _, acct := range []string{"alice@a.example.com", "@alice@a.example.com", "acct:alice@a.example.com", " alice@a.example.com"} {
		r, err := c.WebFinger(t.Context(), acct)
		if err != nil || r.Self() != "https://a.example.com/users/alice" || r.Links[3].Template == "" {
			t.Errorf("%q: %+v, %v", acct, r, err)
		}
	}
	for contentType, good := range map[string]bool{"application/json": true, "application/activity+json": true, "text/html": false, "text/plain": false, "": false} {
		w.jrd("a.example.com", "bob%40a.example.com", contentType, `{"subject":"acct:Bob@a.example.com"}`)
		if r, err := c.WebFinger(t.Context(), "bob@a.example.com"); good && (err != nil || r.Self() != "") || !good && !errors.Is(err, ErrDocument) {
			t.Errorf("content type %q: %+v, %v", contentType, r, err)
		}
	}
}

// An answer about somebody else counts only if that account's own host says the same.
func TestWebFingerSubject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(Options{})
	const json = "application/jrd+json"
	w.jrd("social.example.com", "alice%40social.example.com", json, `{"subject":"acct:alice@example.com","links":[]}`)
	w.jrd("example.com", "alice%40example.com", json, `{"subject":"acct:alice@example.com","links":[{"rel":"self","type":"application/activity+json","href":"https://social.example.com/users/alice"}]}`)
	if r, err := c.WebFinger(t.Context(), "alice@social.example.com"); err != nil || r.Subject != "acct:alice@example.com" || r.Self() != "https://social.example.com/users/alice" {
		t.Errorf("split domain: %+v, %v", r, err)
	}
	w.jrd("evil.example.com", "x%40evil.example.com", json, `{"subject":"acct:victim@a.example.com","links":[{"rel":"self","type":"application/activity+json","href":"https://evil.example.com/users/x"}]}`)
	if _, err := c.WebFinger(t.Context(), "x@evil.example.com"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a subject that its host does not know: %v", err)
	}
	w.jrd("a.example.com", "victim%40a.example.com", json, `{"subject":"acct:victim@a.example.com","links":[{"rel":"self","type":"application/activity+json","href":"https://a.example.com/users/victim"}]}`)
	if r, err := c.WebFinger(t.Context(), "x@evil.example.com"); err != nil || r.Self() != "https://a.example.com/users/victim" {
		t.Errorf("a subject that its host knows: %+v, %v; want the host's own answer", r, err)
	}
	w.jrd("a.example.com", "victim%40a.example.com", json, `{"subject":"acct:other@a.example.com"}`)
	if _, err := c.WebFinger(t.Context(), "x@evil.example.com"); !errors.Is(err, ErrDocument) {
		t.Errorf("a chain of subjects: %v", err)
	}
	for _, subject := range []string{"", "https://a.example.com/users/y", "mailto:y@a.example.com"} {
		w.jrd("a.example.com", "y%40a.example.com", json, fmt.Sprintf(`{"subject":%q}`, subject))
		if _, err := c.WebFinger(t.Context(), "y@a.example.com"); !errors.Is(err, ErrDocument) {
			t.Errorf("subject %q: %v", subject, err)
		}
	}
	w.forget()
	for _, acct := range []string{"", "alice", "@alice", "alice@", "@@", "a@b@c", "alice@a.example.com/x", "alice@a.example.com?x", "alice@a.example.com#x", "al ice@a.example.com"} {
		if _, err := c.WebFinger(t.Context(), acct); !errors.Is(err, ErrDocument) {
			t.Errorf("%q: %v", acct, err)
		}
	}
	if n := len(w.requests()); n != 0 {
		t.Errorf("%d requests for what is no account", n)
	}
}
