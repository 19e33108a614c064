package inbox_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/inbox/moderation"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func attackModeration(t *testing.T, s signature.Scheme) {
	w := newWorld(t, func(c *site.Config) { c.Comments.Mode = "approve" })
	secret := []byte("0123456789abcdef0123456789abcdef")
	admin, err := moderation.New(moderation.Options{Config: w.cfg, Store: w.store, Secret: secret, Now: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	for n, payload := range payloads {
		by := fmt.Sprintf("http://remote.example/users/x%d", n)
		w.peers.serve(by, actor(by, m{"name": payload, "preferredUsername": payload, "url": payload}))
		w.post(letter{doc: create(full(by+"/n", by, payload)), signer: by, scheme: s})
	}
	ask := func(method, path, cookie, form string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, blog+path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		for n := 0; n+1 < len(header); n += 2 {
			r.Header.Set(header[n], header[n+1])
		}
		answer := httptest.NewRecorder()
		admin.ServeHTTP(answer, r)
		return answer
	}
	link, err := url.Parse(moderation.LoginLink(w.cfg.Addresses(), secret, w.clock()))
	if err != nil {
		t.Fatal(err)
	}
	login := "t=" + url.QueryEscape(link.Query().Get("t"))
	if c := ask("GET", "/admin/login?"+login, "", "").Result().Cookies(); len(c) != 0 {
		t.Error("opening the link logs in")
	}
	in := ask("POST", "/admin/login", "postil_admin=fixed", login)
	cookies := in.Result().Cookies()
	if len(cookies) != 1 || cookies[0].Value == "fixed" || !cookies[0].HttpOnly || !cookies[0].Secure || cookies[0].SameSite != http.SameSiteStrictMode {
		t.Fatalf("status %d, cookies %v", in.Code, cookies)
	}
	session := cookies[0].Name + "=" + cookies[0].Value
	if c := ask("POST", "/admin/login", "", login).Result().Cookies(); len(c) != 0 {
		t.Error("the link works twice")
	}
	shown := ask("GET", "/admin/", session, "")
	harmless(t, shown.Body.String(), []string{"form", "input", "button", "meta", "link", "title"})
	if !strings.Contains(shown.Body.String(), "x0") || shown.Header().Get("X-Frame-Options") == "" && !strings.Contains(shown.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("the page lacks the comments or a protection: %v", shown.Header())
	}
	hide := "do=approve&id=" + url.QueryEscape("http://remote.example/users/x0/n")
	rows := w.rows()
	for name, answer := range map[string]*httptest.ResponseRecorder{
		"no session": ask("POST", "/admin/comment", "", hide), "another's session": ask("POST", "/admin/comment", "postil_admin=session.9999999999.x.y", hide), "GET": ask("GET", "/admin/comment?"+hide, session, ""),
		"cross-site": ask("POST", "/admin/comment", session, hide, "Sec-Fetch-Site", "cross-site"), "same-site": ask("POST", "/admin/comment", session, hide, "Sec-Fetch-Site", "same-site"),
		"another origin": ask("POST", "/admin/comment", session, hide, "Origin", "https://evil.example"), "the link as a session": ask("POST", "/admin/comment", "postil_admin="+link.Query().Get("t"), hide),
		"no session, page": ask("GET", "/admin/", "", ""),
	} {
		if answer.Code < 400 || answer.Code > 499 || w.rows() != rows || strings.Contains(answer.Body.String(), "x0") {
			t.Errorf("%s: status %d, changed %v", name, answer.Code, w.rows() != rows)
		}
	}
	if answer := ask("POST", "/admin/comment", session, hide, "Sec-Fetch-Site", "same-origin"); answer.Code != 303 || w.rows() == rows {
		t.Errorf("the owner: status %d", answer.Code)
	}
}

// attackDraft looks for a word that was never published, in every way to ask for what there is.
func attackDraft(t *testing.T, s signature.Scheme) {
	const canary = "CANARY"
	w := newWorld(t, func(c *site.Config) { c.Comments.Mode = "approve" })
	w.file("posts/one/index.html", template)
	w.file("../content/draft.md", "---\ndraft: true\n---\n"+canary)
	w.file("ap/posts/draft.json", `{"id":"`+blog+`/ap/posts/draft","type":"Article","content":"`+canary+`"}`)
	w.file("posts/.draft/index.html", canary)
	w.file("../.stage-1/posts/draft/index.html", canary)
	for n, with := range []m{{"to": []string{us}, "cc": nil}, {"to": aliceID + "/followers", "cc": []string{us}}, nil} { // private, for followers, held
		w.post(letter{doc: create(note(fmt.Sprint(aliceID, "/n", n), aliceID, post, merge(m{"content": canary}, with))), signer: aliceID, scheme: s})
	}
	paths := []string{"/posts/draft/", "/posts/draft", "/ap/posts/draft", "/ap/posts/draft.json", "/ap/posts/draft/replies", "/content/draft.md", "/../content/draft.md", "/%2e%2e/content/draft.md", "/posts/.draft/", "/.stage-1/posts/draft/",
		"/?p=draft&preview=true", "/posts/one/", "/posts/one/?preview=true", "/ap/posts/one", "/ap/posts/one/replies", "/ap/posts/one/replies?page=1", "/ap/outbox", "/ap/outbox?page=1", "/ap/featured", "/comments/one", "/comments/draft", "/api/v1/thread?post=" + url.QueryEscape(post),
		"/api/v1/thread?post=" + url.QueryEscape(blog+"/ap/posts/draft"), "/ap/activities/draft", "/.well-known/webfinger?resource=" + url.QueryEscape(blog+"/ap/posts/draft"), "/feed.xml", "/sitemap.xml"}
	for _, path := range paths {
		for _, accept := range []string{"", "text/html", activitypub.ContentType, activitypub.AcceptType, "application/json", "*/*"} {
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, blog+path, nil)
			r.Header.Set("Accept", accept)
			res, err := w.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			b.ReadFrom(res.Body)
			res.Body.Close()
			if strings.Contains(b.String(), canary) || res.StatusCode > 499 {
				t.Errorf("GET %s as %q: status %d, %s", path, accept, res.StatusCode, b.String())
			}
		}
	}
}

func attackOutbox(t *testing.T, s signature.Scheme) {
	const canary = "CANARY"
	w := aliceWasHere(t)
	w.write(func(tx *store.Tx) error {
		return tx.PutArticle(t.Context(), store.Article{ID: blog + "/ap/posts/two", URL: blog + "/posts/two/", Name: canary, SHA256: "01", JSON: []byte(`{"type":"Article","content":"` + canary + `"}`),
			Published: w.clock().Add(-time.Hour), Revision: 2, Announced: true, Withdrawn: w.clock().Add(-time.Minute)})
	})
	w.post(letter{doc: create(note(aliceID+"/n2", aliceID, blog+"/ap/posts/two", m{"content": canary})), signer: aliceID, scheme: s})
	for _, path := range []string{"/ap/outbox", "/ap/outbox?page=1", "/ap/outbox?page=true", "/ap/featured", "/ap/posts/two", "/ap/posts/two/replies", "/ap/posts/two/likes", "/posts/two/", "/comments/two", "/api/v1/thread?post=" + url.QueryEscape(blog+"/ap/posts/two")} {
		res := w.get(path)
		if body := readBody(w.get(path)); strings.Contains(body, canary) {
			t.Errorf("%s: status %d still tells of it: %s", path, res.StatusCode, body)
		}
	}
	if got := w.get("/ap/posts/two").StatusCode; got != http.StatusGone {
		t.Errorf("the withdrawn post answers %d, want 410", got)
	}
}

func attackFollowers(t *testing.T, s signature.Scheme) {
	w := newWorld(t)
	if got := w.post(letter{doc: activity("Follow", aliceID+"/f", aliceID, us, nil), signer: aliceID, scheme: s}); got != 202 {
		t.Fatalf("status %d", got)
	}
	for _, path := range []string{"/ap/followers", "/ap/followers?page=1", "/ap/followers?page=true", "/ap/following", "/ap/actor", "/ap/outbox", "/ap/outbox?page=1", "/ap/posts/one", "/nodeinfo/2.1"} {
		for _, signed := range []bool{false, true} { // not even for another server that signs its question (FEP-8fcf)
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, blog+path, nil)
			if signed {
				signature.Sign(r, nil, signature.Key{ID: aliceID + "#main-key", Private: keyOf(aliceID)}, s, w.clock())
				r.Header.Set("Collection-Synchronization", `collectionId="`+us+`/followers", url="http://remote.example/sync", digest="00"`)
			}
			res, err := w.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			b.ReadFrom(res.Body)
			res.Body.Close()
			if strings.Contains(b.String(), "remote.example") {
				t.Errorf("%s names a follower: %s", path, b.String())
			}
			if path == "/ap/followers" && !strings.Contains(b.String(), `"totalItems":1`) {
				t.Errorf("%s does not count: %s", path, b.String())
			}
		}
	}
}
