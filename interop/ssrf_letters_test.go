//go:build linux

package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

func like(server, actor string) map[string]any {
	doc := map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "id": server + "/like", "type": "Like", "object": ssrfPost}
	if actor != "" {
		doc["actor"] = actor
	}
	return doc
}

// relay sends something as one server that is known.
func (m *matrix) relay(kind string, object any) {
	const by = "https://relay.example/u"
	m.post(map[string]any{"id": fmt.Sprint(by, m.last.Add(1)), "type": kind, "actor": by, "object": object, "to": activitypub.Public}, by)
}

// follow lets a new person follow the blog.
func (m *matrix) follow(b behaviour) {
	host := m.tenant("follower")
	m.behave(host, b)
	by := "https://" + host + "/u"
	m.post(map[string]any{"id": by + "/follow", "type": "Follow", "actor": by, "object": m.b.addr.Actor()}, by)
}

// reply lets a new person reply, and readers look at the pictures in it.
func (m *matrix) reply(b behaviour) {
	host := m.tenant("replier")
	m.behave(host, b)
	by := "https://" + host + "/u"
	m.post(map[string]any{"id": by + "/create", "type": "Create", "actor": by, "object": noteAt("https://"+host, b), "to": activitypub.Public}, by)
	if b.icon == "" {
		return
	}
	for _, kind := range []string{"?icon", "?emoji", "?picture"} {
		m.inbox.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, ssrfBlog+"/media/"+store.MediaHash(b.icon+kind), nil))
	}
}

// interact lets a reader name an account on a server. Everybody together may ask once in two seconds.
func (m *matrix) interact(target string) {
	m.pass(2 * time.Second)
	form := url.Values{"intent": {"follow"}, "acct": {"u@" + strings.TrimPrefix(target, "https://")}}.Encode()
	r := httptest.NewRequest(http.MethodPost, ssrfBlog+"/interact", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	m.inbox.ServeHTTP(rec, r)
	if rec.Code >= 500 {
		m.t.Errorf("interacting from %s: %d", target, rec.Code)
	}
}

// post sends an activity, signed with the key of by in one scheme or the other.
func (m *matrix) post(doc map[string]any, by string) {
	body, err := json.Marshal(doc)
	if err != nil {
		panic(err) // maps of strings
	}
	r := httptest.NewRequest(http.MethodPost, m.b.addr.Inbox(), bytes.NewReader(body))
	r.Header.Set("Content-Type", activitypub.ContentType)
	scheme := []signature.Scheme{signature.DraftCavage, signature.RFC9421}[m.last.Load()%2]
	if strings.ContainsFunc(by, func(c rune) bool { return c > 0x7e }) { // which RFC 9421 cannot write
		scheme = signature.DraftCavage
	}
	if err := signature.Sign(r, body, signature.Key{ID: by + "#main-key", Private: m.key}, scheme, m.now()); err != nil {
		m.t.Error("signing:", err)
		return
	}
	rec := httptest.NewRecorder()
	m.inbox.ServeHTTP(rec, r)
	if rec.Code >= 500 || rec.Code == http.StatusTooManyRequests {
		m.t.Errorf("%v of %s: %d %s", doc["type"], by, rec.Code, rec.Body)
	}
}
