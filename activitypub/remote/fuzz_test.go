package remote

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
)

// serveBody gives a client and a function that sets what every address answers.
func serveBody(f *testing.F) (*Client, func(body []byte)) {
	var now []byte
	c := New(Options{})
	f.Cleanup(c.Close)
	c.http.Transport = answering(func(r *http.Request) *http.Response {
		kind := activitypub.ContentType
		if strings.HasPrefix(r.URL.Path, "/.well-known/") {
			kind = "application/jrd+json"
		}
		return reply(r, kind, now)
	})
	return c, func(body []byte) { now = body }
}

// FuzzActor reads any document as an actor: what comes out was served at its own id, and lists only keys of its own.
func FuzzActor(f *testing.F) {
	const id = "https://a.example/users/ada"
	for _, doc := range []string{
		`{"id":"` + id + `","type":"Person","inbox":"` + id + `/inbox","preferredUsername":"ada","publicKey":{"id":"` + id + `#main-key","owner":"` + id + `","publicKeyPem":"x"}}`,
		`{"id":"` + id + `","type":"Person","inbox":"` + id + `/inbox","publicKey":"` + id + `/key"}`,
		`{"id":"` + id + `","type":"Person","inbox":"x:y","publicKey":[{"id":"https://evil.example/k","owner":"` + id + `"},{"id":"` + id + `#k","publicKeyPem":"y"}]}`,
		`{"id":"` + id + `","owner":"https://a.example/users/bob","publicKeyPem":"x"}`, `{"id":"https://evil.example/users/ada","type":"Person","inbox":"https://evil.example/i"}`,
		`{"type":"Tombstone","id":"` + id + `"}`,
	} {
		f.Add([]byte(doc))
	}
	c, serve := serveBody(f)
	f.Fuzz(func(t *testing.T, doc []byte) {
		serve(doc)
		o, err := c.Actor(t.Context(), id)
		if err != nil {
			return
		}
		if !activitypub.SameOrigin(o.ID, id) || o.Inbox == "" {
			t.Errorf("an actor %q with the inbox %q", o.ID, o.Inbox)
		}
		for _, k := range o.PublicKey {
			if !activitypub.SameOrigin(k.ID, o.ID) || k.Owner != "" && k.Owner != o.ID {
				t.Errorf("%s lists the key %q of %q", o.ID, k.ID, k.Owner)
			}
		}
	})
}

// FuzzWebFinger asks after any account and gets any answer: what comes out is about an account, and names the host that was asked.
func FuzzWebFinger(f *testing.F) {
	f.Add("ada@a.example", []byte(`{"subject":"acct:ada@a.example","links":[{"rel":"self","type":"application/activity+json","href":"https://a.example/users/ada"}]}`))
	f.Add("@ada@a.example", []byte(`{"subject":"acct:ada@b.example","aliases":[1]}`))
	f.Add("acct:ada@a.example:8443", []byte(`{"subject":"https://a.example/","links":null}`))
	f.Add("ada@a.example/../x", []byte(`[]`))
	f.Add("a@b@c", []byte(`{}`))
	c, serve := serveBody(f)
	f.Fuzz(func(t *testing.T, account string, body []byte) {
		serve(body)
		r, err := c.WebFinger(t.Context(), account)
		if err != nil {
			return
		}
		user, host, ok := strings.Cut(strings.TrimPrefix(r.Subject, "acct:"), "@")
		if !strings.HasPrefix(r.Subject, "acct:") || !ok || user == "" || host == "" || strings.ContainsAny(host, "/?#@\\ ") {
			t.Errorf("%q has the subject %q", account, r.Subject)
		}
		_ = r.Self()
	})
}

// FuzzContentType holds the check of an answer's type against the standard library's reader of such headers.
func FuzzContentType(f *testing.F) {
	for _, s := range []string{
		"application/activity+json", `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, "application/ld+json;profile=" + profile, "text/html",
		`application/ld+json; profile="x` + profile + `"`, "application/activity+json, text/html", "APPLICATION/ACTIVITY+JSON;charset=utf-8", "application/json",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		good := checkType(http.Header{"Content-Type": {value}}) == nil
		if !good {
			return
		}
		kind, _, _ := strings.Cut(strings.ToLower(value), ";")
		if kind = strings.TrimSpace(kind); kind != "application/activity+json" && kind != "application/ld+json" {
			t.Errorf("%q is taken", value)
		}
		if kind == "application/ld+json" {
			_, params, err := mime.ParseMediaType(value)
			quoted := err == nil && slices.Contains(strings.Fields(params["profile"]), profile)
			if !quoted && !strings.Contains(value, "profile="+profile) {
				t.Errorf("%q is taken without the profile", value)
			}
		}
		if err := checkType(http.Header{"Content-Type": {value, value}}); !errors.Is(err, ErrDocument) {
			t.Errorf("%q twice: %v", value, err)
		}
	})
}
