package profile_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

const ada = blog + "/ap/authors/ada"

func withAda(c *site.Config) {
	c.Authors = map[string]site.Author{
		"ada": {Name: "Ada <L>", Handle: "@lovelace", Summary: "Counts", Icon: "ada.png", Image: "sea.jpg",
			Links: map[string]string{"Code": "https://code.example/ada"}, Fields: []string{"Pronouns: she/her"}},
		"eve": {Handle: "@eve@elsewhere.example"},
	}
}

// TestAuthor: an author is an actor in all its parts, on one host, with collections of its own.
func TestAuthor(t *testing.T) {
	t.Parallel()
	a := newAccount(t, withAda)
	a.open(os.DirFS(a.dir), map[string]string{ada: "PEM OF ADA\n"})
	doc := a.as("/ap/authors/ada")
	for member, want := range map[string]any{
		"id": ada, "type": "Person", "preferredUsername": "lovelace", "name": "Ada <L>", "summary": "<p>Counts</p>", "inbox": blog + "/ap/inbox",
		"url": blog + "/ap/@lovelace", "followers": ada + "/followers", "following": ada + "/following", "outbox": ada + "/outbox", "featured": ada + "/featured",
		"featuredTags": ada + "/tags", "webfinger": "lovelace@blog.example",
	} {
		if doc[member] != want {
			t.Errorf("%s is %v, want %v", member, doc[member], want)
		}
	}
	key := doc["publicKey"].(map[string]any)
	if key["id"] != ada+"#main-key" || key["owner"] != ada || key["publicKeyPem"] != "PEM OF ADA\n" {
		t.Errorf("key %v", key)
	}
	var rows []string
	for _, row := range doc["attachment"].([]any) {
		rows = append(rows, row.(map[string]any)["name"].(string)+"="+row.(map[string]any)["value"].(string))
	}
	if got := strings.Join(rows, "\n"); !strings.Contains(got, `Code=<a href="https://code.example/ada" rel="me `) || !strings.Contains(got, "Pronouns=she/her") {
		t.Errorf("rows:\n%s", got)
	}
	for _, c := range []string{"followers", "following", "outbox", "featured", "tags"} {
		if got := a.as("/ap/authors/ada/" + c); got["id"] != ada+"/"+c {
			t.Errorf("%s is %v", c, got)
		}
	}
	if res := a.do(http.MethodGet, "/ap/@lovelace"); res.StatusCode != http.StatusFound || res.Header.Get("Location") != blog+"/" {
		t.Errorf("her page: %d to %s", res.StatusCode, res.Header.Get("Location"))
	}
	for _, gone := range []string{"/ap/authors/eve", "/ap/authors/nobody", "/ap/authors/eve/followers"} {
		if res := a.do(http.MethodGet, gone); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", gone, res.StatusCode)
		}
	}
	finger := a.read("/.well-known/webfinger?resource=acct:Lovelace@blog.example", 200, "application/jrd+json")
	if finger["subject"] != "acct:lovelace@blog.example" || finger["aliases"].([]any)[0] != ada {
		t.Errorf("WebFinger: %v", finger)
	}
	if res := a.do(http.MethodGet, "/.well-known/webfinger?resource=acct:eve@blog.example"); res.StatusCode != http.StatusNotFound {
		t.Errorf("who has an account elsewhere has one here: %d", res.StatusCode)
	}
}

// TestOutboxOfEach: each actor's outbox holds what that actor sent.
func TestOutboxOfEach(t *testing.T) {
	t.Parallel()
	a := newAccount(t, withAda)
	for n, by := range []string{blog + "/ap/actor", ada} {
		id := blog + "/ap/activities/" + string(rune('a'+n))
		a.write(func(tx *store.Tx) error {
			return tx.AddActivity(t.Context(), store.Activity{ID: id, Type: "Announce", Object: "x", Actor: by, Public: true, JSON: []byte(`{"id":"` + id + `"}`), At: day})
		})
	}
	for path, want := range map[string]string{"/ap/outbox": blog + "/ap/activities/a", "/ap/authors/ada/outbox": blog + "/ap/activities/b"} {
		items := a.as(path + "?page=1")["orderedItems"].([]any)
		if len(items) != 1 || items[0].(map[string]any)["id"] != want {
			t.Errorf("%s holds %v", path, items)
		}
	}
}

// TestGroupOfAuthors: who may post to the community are its authors.
func TestGroupOfAuthors(t *testing.T) {
	t.Parallel()
	a := newAccount(t, withAda, func(c *site.Config) { c.Federation.Type = "Group" })
	if got := a.as("/ap/moderators")["orderedItems"].([]any); !slices.Equal(got, []any{ada}) {
		t.Errorf("moderators: %v", got)
	}
}

// TestProfileSettings: rows, tags, former accounts and hosts that may name the blog.
func TestProfileSettings(t *testing.T) {
	t.Parallel()
	a := newAccount(t, func(c *site.Config) {
		f := &c.Federation
		f.Fields, f.Tags = []string{"Site: https://x.example/?a=1&b=2", "Mood: <b>"}, []string{"signed fetch", "Go", "!!"}
		f.AlsoKnownAs, f.AttributionDomains = []string{"https://old.example/users/me"}, []string{"news.example", "blog.example"}
		f.Discoverable, f.Indexable = false, false
	})
	doc := a.as("/ap/actor")
	row := doc["attachment"].([]any)[1].(map[string]any)
	if row["name"] != "Site" || row["value"] != `<a href="https://x.example/?a=1&amp;b=2" rel="me nofollow noopener">x.example/?a=1&amp;b=2</a>` {
		t.Errorf("row %v", row)
	}
	if row := doc["attachment"].([]any)[2].(map[string]any); row["value"] != "&lt;b&gt;" {
		t.Errorf("row %v", row)
	}
	if !slices.Equal(doc["alsoKnownAs"].([]any), []any{"https://old.example/users/me"}) || !slices.Equal(doc["attributionDomains"].([]any), []any{"blog.example", "news.example"}) ||
		doc["discoverable"] != false || doc["indexable"] != false {
		t.Errorf("also %v, domains %v, discoverable %v, indexable %v", doc["alsoKnownAs"], doc["attributionDomains"], doc["discoverable"], doc["indexable"])
	}
	tags := a.as("/ap/tags")
	items := tags["items"].([]any)
	if tags["totalItems"] != 2.0 || len(items) != 2 {
		t.Fatalf("tags: %v", tags)
	}
	if tag := items[0].(map[string]any); tag["type"] != "Hashtag" || tag["name"] != "#SignedFetch" || tag["href"] != blog+"/tags/signed-fetch/" {
		t.Errorf("tag %v", tag)
	}
}

// TestSplitHost follows Mastodon's check: the site's host (the file that publish writes is the same Resource), the actor, the handle
// that it claims, and the site's host again. All parts of the actor are on one host.
func TestSplitHost(t *testing.T) {
	t.Parallel()
	a := newAccount(t, func(c *site.Config) { c.Federation.URL = "https://ap.blog.example" })
	apex := a.cfg.Resource(a.cfg.Actors()[0])
	if apex.Subject != "acct:notes@blog.example" || apex.Links[0].Href != "https://ap.blog.example/ap/actor" {
		t.Fatalf("the site's host says %+v", apex)
	}
	doc := a.as("/ap/actor")
	if "acct:"+doc["webfinger"].(string) != apex.Subject || doc["id"] != apex.Links[0].Href {
		t.Errorf("the actor says %v of %v", doc["webfinger"], doc["id"])
	}
	for _, member := range []string{"id", "url", "inbox", "outbox", "followers", "following", "featured", "featuredTags"} {
		if !strings.HasPrefix(doc[member].(string), "https://ap.blog.example/") {
			t.Errorf("%s is %v", member, doc[member])
		}
	}
	res := a.do(http.MethodGet, strings.TrimPrefix(doc["url"].(string), "https://ap.blog.example"))
	if res.StatusCode != http.StatusFound || res.Header.Get("Location") != "https://blog.example/" {
		t.Errorf("url leads to %d %s", res.StatusCode, res.Header.Get("Location"))
	}
	for _, host := range []string{"blog.example", "ap.blog.example"} {
		if got := a.read("/.well-known/webfinger?resource=acct:notes@"+host, 200, "application/jrd+json"); got["subject"] != apex.Subject {
			t.Errorf("at %s the subject is %v", host, got["subject"])
		}
	}
}

// TestHandlePages: "/@handle" leads to the blog, a former handle for good to today's profile; what nobody is called is the site's.
func TestHandlePages(t *testing.T) {
	t.Parallel()
	a := newAccount(t, withAda)
	a.write(func(tx *store.Tx) error {
		for handle, id := range map[string]string{"old": blog + "/ap/actor", "ada": ada, "gone": blog + "/ap/authors/gone"} {
			if _, err := tx.ClaimHandle(t.Context(), handle, id, day); err != nil {
				return err
			}
		}
		for key, gone := range map[string]time.Time{"sea": {}, "taken-back": day} {
			if err := tx.PutArticle(t.Context(), store.Article{ID: blog + "/ap/posts/" + key, URL: blog + "/posts/" + key + "/", JSON: []byte("{}"), Published: day, Withdrawn: gone, Revision: 1}); err != nil {
				return err
			}
		}
		return nil
	})
	home, hers := blog+"/", blog+"/ap/@lovelace"
	h := a.profile.Named(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/ap/") {
			a.mux.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusTeapot) // the site's own page
	}))
	for path, want := range map[string]string{
		"/@notes": "302 " + home, "/@LOVELACE": "302 " + home, "/@old": "301 " + home, "/@ada": "301 " + hers, "/ap/@ada": "301 " + hers, "/ap/@old": "301 " + home,
		"/ap/@lovelace": "302 " + home, "/@gone": "418 ", "/@nobody": "418 ", "/@": "418 ", "/@old/": "418 ", "/@old/x": "418 ",
		"/@notes/sea": "302 " + blog + "/posts/sea/", "/@old/sea": "302 " + blog + "/posts/sea/", "/@nobody/sea": "418 ", "/@notes/taken-back": "418 ", "/@notes/sea/": "418 ", "/@notes/../sea": "418 ", "/ap/@nobody": "404 ", "/ap/x": "404 ", "/x": "418 ",
	} {
		res := httptest.NewRecorder()
		h.ServeHTTP(res, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if got := fmt.Sprint(res.Code, " ", res.Header().Get("Location")); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	a.cfg.Federation.Enabled = false
	res := httptest.NewRecorder()
	h.ServeHTTP(res, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/@old", nil))
	if res.Code != http.StatusTeapot {
		t.Errorf("with federation off: %d", res.Code)
	}
}
