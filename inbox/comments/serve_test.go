package comments

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

func TestServesFiles(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.file("feed.xml", "<rss/>")
	b.file("tags/go/atom.xml", "<feed/>")
	b.file("feed.json", "{}")
	b.file("a.unknown", "x")
	for _, c := range []struct {
		path   string
		status int
		kind   string
		cache  string
	}{
		{"/", 200, "text/html; charset=utf-8", cachePage},
		{"/posts/federating/", 200, "text/html; charset=utf-8", cacheLive},
		{"/assets/style.1234abcd.css", 200, "text/css; charset=utf-8", cacheAsset},
		{"/feed.xml", 200, "application/rss+xml; charset=utf-8", cacheFile},
		{"/tags/go/atom.xml", 200, "application/atom+xml; charset=utf-8", cacheFile},
		{"/feed.json", 200, "application/feed+json; charset=utf-8", cacheFile},
		{"/a.unknown", 200, "application/octet-stream", cacheFile},
		{"/ap/published.json", 200, "application/json; charset=utf-8", "public, max-age=0, must-revalidate"},
		{"/nosuch", 404, "text/html; charset=utf-8", cacheFault},
		{"/index.html/", 404, "text/html; charset=utf-8", cacheFault},
	} {
		w := b.get(c.path)
		h := w.Header()
		if w.Code != c.status || h.Get("Content-Type") != c.kind || h.Get("Cache-Control") != c.cache {
			t.Errorf("GET %s = %d %q %q, want %d %q %q", c.path, w.Code, h.Get("Content-Type"), h.Get("Cache-Control"), c.status, c.kind, c.cache)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("GET %s may be sniffed", c.path)
		}
	}
	if got := b.get("/nosuch").Body.String(); got != "<html>not here</html>" {
		t.Errorf("404 = %q, want the site's own page", got)
	}
}

func TestNeverServes(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, name := range []string{".env", ".git/config", "posts/.draft/index.html", "a/.htaccess", "ap/posts/8.json", "ap/index.html"} {
		b.file(name, "CANARY")
	}
	for _, p := range []string{"/.env", "/.git/config", "/posts/.draft/", "/a/.htaccess", "/ap/posts/7.json", "/ap/posts/8.json", "/ap/posts/8.json/", "/ap/", "/ap/index.html", "/ap",
		"/%2eenv", "/posts/%2e%2e/.env", "/ap%2fposts%2f8.json", "/..%2f.env", "/a%5c..%5c.env", "/a%00.html"} {
		w := b.get(p)
		if w.Code == http.StatusOK || strings.Contains(w.Body.String(), "CANARY") {
			t.Errorf("GET %s = %d %q", p, w.Code, w.Body)
		}
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.file("posts/a b:c/index.html", "x")
	for p, want := range map[string]string{
		"/posts/federating":            "/posts/federating/",
		"/posts/federating?x=1":        "/posts/federating/?x=1",
		"/posts/federating/index.html": "/posts/federating/",
		"/index.html":                  "/",
		"/posts/a%20b:c":               "/posts/a%20b:c/",
	} {
		w := b.get(p)
		if w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != want {
			t.Errorf("GET %s = %d to %q, want 301 to %q", p, w.Code, w.Header().Get("Location"), want)
		}
	}
	for _, p := range []string{"/posts", "/assets", "//evil.example/", "/%2f%2fevil.example"} {
		if w := b.get(p); strings.Contains(w.Header().Get("Location"), "//") || w.Code == http.StatusOK {
			t.Errorf("GET %s = %d to %q", p, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, p := range []string{"/", "/comments/7", "/api/v1/thread?post=" + postID} {
		get, head := b.get(p), b.do(http.MethodHead, p)
		if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("ETag") != get.Header().Get("ETag") || head.Header().Get("ETag") == "" {
			t.Errorf("HEAD %s = %d, %d bytes, %s; GET has %s", p, head.Code, head.Body.Len(), head.Header().Get("ETag"), get.Header().Get("ETag"))
		}
		if w := b.do(http.MethodPost, p); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
			t.Errorf("POST %s = %d, Allow %q", p, w.Code, w.Header().Get("Allow"))
		}
	}
	if w := b.do(http.MethodHead, "/nosuch"); w.Code != 404 || w.Body.Len() != 0 {
		t.Errorf("HEAD of a missing page = %d with %d bytes", w.Code, w.Body.Len())
	}
	w := b.get("/assets/style.1234abcd.css", "Range", "bytes=0-0")
	if w.Code != http.StatusPartialContent || w.Body.String() != "a" {
		t.Errorf("a range = %d %q", w.Code, w.Body)
	}
}

func TestETagFollowsContent(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, p := range []string{"/", "/posts/federating/", "/assets/style.1234abcd.css", "/ap/published.json", "/comments/7", "/api/v1/thread?post=" + postURL} {
		tag := b.get(p).Header().Get("ETag")
		if !strings.HasPrefix(tag, `"`) {
			t.Errorf("GET %s: ETag %s is not a strong one", p, tag)
		}
		if w := b.get(p, "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("GET %s with its own ETag = %d", p, w.Code)
		}
		if w := b.get(p, "If-None-Match", `"other"`); w.Code != http.StatusOK {
			t.Errorf("GET %s with another ETag = %d", p, w.Code)
		}
	}
	page, asset := b.get("/posts/federating/").Header().Get("ETag"), b.get("/ap/published.json").Header().Get("ETag")
	b.reply(1, b.person("ada"), "", "<p>new</p>")
	if w := b.get("/posts/federating/", "If-None-Match", page); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "new") {
		t.Errorf("after a reply the old ETag still answers %d", w.Code)
	}
	b.files["ap/published.json"] = &fstest.MapFile{Data: []byte(`{"version":2}`), ModTime: noon.Add(time.Second)}
	if w := b.get("/ap/published.json", "If-None-Match", asset); w.Code != http.StatusOK || w.Body.String() != `{"version":2}` {
		t.Errorf("after publish the old ETag still answers %d", w.Code)
	}
}

func TestSlotIsFilled(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	if got := b.get("/posts/federating/").Body.String(); strings.Contains(got, "baked") || !strings.Contains(got, "No replies yet") {
		t.Errorf("before any reply: %s", got)
	}
	b.reply(1, b.person("ada"), "", "<p>Good <em>point</em></p>")
	got := b.get("/posts/federating/").Body.String()
	fragment := b.get("/comments/7").Body.String()
	want := `<html><body><p>Post</p><section id="comments"><!--comments:7-->` + fragment + `<!--/comments--></section></body></html>`
	if got != want || !strings.Contains(fragment, "Good <em>point</em>") {
		t.Errorf("page = %s\nwant %s", got, want)
	}
	b.write(func(tx *store.Tx) error {
		_, err := tx.RemoveComment(t.Context(), "https://social.example/notes/1")
		return err
	})
	if got := b.get("/posts/federating/").Body.String(); strings.Contains(got, "point") {
		t.Error("a deleted reply is still in the page")
	}
}

func TestSlotOfUnknownPostStaysAsBaked(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.file("posts/new/index.html", pageOf("unknown", "baked"))
	b.file("posts/gone/index.html", pageOf("gone", "baked"))
	b.article(store.Article{ID: "https://example.blog/ap/posts/gone", URL: "https://example.blog/posts/gone/", Published: noon, Withdrawn: noon})
	b.file("posts/torn/index.html", `<p><!--comments:7-->no end`)
	b.file("posts/odd/index.html", `<!--/comments--><!--comments:7-->x`)
	for _, name := range []string{"new", "gone", "torn", "odd"} {
		want := string(b.files["posts/"+name+"/index.html"].Data)
		if got := b.get("/posts/" + name + "/"); got.Code != 200 || got.Body.String() != want {
			t.Errorf("%s = %d %s, want the file as it is", name, got.Code, got.Body)
		}
	}
}

// A post about Postil may show the marks in its own text: the slot is the last.
func TestSlotIsTheLastOne(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.file("posts/federating/index.html", `<p><!--comments:other-->mine<!--/comments--></p>`+pageOf("7", "baked"))
	got := b.get("/posts/federating/").Body.String()
	if !strings.HasPrefix(got, `<p><!--comments:other-->mine<!--/comments--></p>`) || !strings.Contains(got, "No replies yet") {
		t.Errorf("page = %s", got)
	}
}

func TestThreadSpeaksThePostsLanguage(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.article(store.Article{ID: postID, URL: postURL, JSON: []byte(`{"contentMap":{"de":"x"}}`), SHA256: "new", Published: noon})
	if got := b.get("/posts/federating/").Body.String(); !strings.Contains(got, "Noch keine Antworten") {
		t.Errorf("the thread of a German post = %s", got)
	}
}

func TestThreadClosesByItself(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.config.Comments.CloseAfter = "30d"
	if got := b.get("/posts/federating/").Body.String(); strings.Contains(got, "Comments are closed") {
		t.Error("closed too early")
	}
	b.now = noon.Add(30 * 24 * time.Hour)
	if got := b.get("/posts/federating/").Body.String(); !strings.Contains(got, "Comments are closed") {
		t.Error("the page kept from before still invites")
	}
}

// TestFramesAreAskedFor: pages frame nobody, and with publish.embeds the two players alone.
func TestFramesAreAskedFor(t *testing.T) {
	t.Parallel()
	for on, want := range map[bool]string{false: "", true: "frame-src https://www.youtube-nocookie.com https://player.vimeo.com;"} {
		b := newBlog(t, func(b *blog, _ *Options) { b.config.Publish.Embeds = on })
		csp := b.get("/posts/federating/").Header().Get("Content-Security-Policy")
		if strings.Contains(csp, "frame-src") != on || !strings.Contains(csp, want) {
			t.Errorf("embeds %v: policy %q", on, csp)
		}
	}
}

func TestPagesAreStrict(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, p := range []string{"/", "/posts/federating/", "/nosuch", "/comments/7"} {
		csp := b.get(p).Header().Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy %q lacks %s", p, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", p, csp)
		}
		if got := b.get(p).Header().Get("Referrer-Policy"); got != "no-referrer" {
			t.Errorf("%s: Referrer-Policy %q", p, got)
		}
	}
}

func TestFederationOffIsAPlainFileServer(t *testing.T) {
	t.Parallel()
	b := newBlog(t, func(b *blog, _ *Options) { b.config.Federation.Enabled = false })
	b.reply(1, b.person("ada"), "", "<p>old</p>")
	if got := b.get("/posts/federating/"); got.Code != 200 || got.Body.String() != pageOf("7", "baked") {
		t.Errorf("page = %d %s", got.Code, got.Body)
	}
	for _, p := range []string{"/comments/7", "/api/v1/thread?post=" + postID, "/interact?intent=follow"} {
		if w := b.get(p); w.Code != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", p, w.Code)
		}
	}
}

func TestBlogBelowAPath(t *testing.T) {
	t.Parallel()
	b := newBlog(t, func(b *blog, _ *Options) { b.config.Site.URL = "https://example.com/blog" })
	id := b.config.Addresses().Post("7")
	b.article(store.Article{ID: id, URL: "https://example.com/blog/posts/federating/", Name: "F", Published: noon, Announced: true})
	if got := b.get("/blog/posts/federating/").Body.String(); !strings.Contains(got, "No replies yet") {
		t.Errorf("page = %s", got)
	}
	if got := b.get("/blog/posts/federating").Header().Get("Location"); got != "/blog/posts/federating/" {
		t.Errorf("redirect to %q", got)
	}
	if w := b.get("/blog/comments/7"); w.Code != 200 {
		t.Errorf("fragment = %d", w.Code)
	}
	if w := b.get("/posts/federating/"); w.Code != 404 {
		t.Errorf("outside of the path = %d", w.Code)
	}
}

func TestWithoutSiteFiles(t *testing.T) {
	t.Parallel()
	b := newBlog(t, func(_ *blog, o *Options) { o.Site = nil })
	if w := b.get("/"); w.Code != 404 {
		t.Errorf("/ = %d", w.Code)
	}
	if w := b.get("/comments/7"); w.Code != 200 {
		t.Errorf("fragment = %d", w.Code)
	}
	if w := b.get("/interact?intent=follow"); w.Code != 200 {
		t.Errorf("interact = %d", w.Code)
	}
}

// Whatever a reply says, the page around it stays what it was.
func TestHostileReplyStaysInItsPlace(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	evil := `</li></ol></section><!--/comments--><script>alert(1)</script><img src=x onerror=alert(1)><!--comments:other-->`
	b.actor(store.Actor{ID: "https://social.example/users/eve", Type: "Person", Handle: evil, Name: stored(t, activitypub.ParseText(evil, nil)), Inbox: "https://social.example/inbox", Fetched: noon})
	b.reply(1, "https://social.example/users/eve", "", evil, func(m *store.Comment) { m.Warning, m.Language = stored(t, activitypub.ParseText(evil, nil)), evil })
	b.react(store.Reaction, 2, "https://social.example/users/eve", "", evil)
	got := b.get("/posts/federating/").Body.String()
	if strings.Contains(got, "<script") || strings.Contains(got, "<img src=x") || strings.Count(got, "</section>") != 1 || strings.Count(got, slotOpen) != 1 || strings.Count(got, slotClose) != 1 {
		t.Errorf("page = %s", got)
	}
}

// TestGlance: a filled page is given without asking the store only while nothing can have changed: after a write of ours, and a second
// later, the store is asked (mutants: no count of writes, no end of glanceTime).
func TestGlance(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	p := cut([]byte(pageOf("7", "baked")))
	p.id = "x"
	if d := b.c.glance(p); d != nil {
		t.Fatal("a page that nobody asked for was given")
	}
	filled := func() *document {
		t.Helper()
		d, err := b.c.filled(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first := filled()
	if d := b.c.glance(p); d != first {
		t.Error("the store is asked although nothing has changed")
	}
	b.now = b.now.Add(glanceTime)
	if d := b.c.glance(p); d != nil {
		t.Error("the store is not asked again after a while, although another process may have written")
	}
	filled()
	b.reply(1, b.person("ada"), "", "<p>at once</p>")
	if d := b.c.glance(p); d != nil || !strings.Contains(string(filled().body), "at once") {
		t.Error("a reply does not show at once")
	}
}
