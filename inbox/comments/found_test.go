package comments

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/postil-blog/postil/search"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
)

// TestFoundWithoutScripts: a reader's form asks the daemon, and the page comes back with what was found.
func TestFoundWithoutScripts(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	page := "<html><h1>Search</h1>" + templates.FoundOpen + "<p>all</p>" + templates.FoundClose + "</html>"
	b.file("search/index.html", page)
	docs := []search.Doc{
		{Key: "a", Title: "Fog <b>& boats", URL: "/posts/fog/", Date: "2026-10-28", Excerpt: "It came.", Terms: search.Weigh("Fog & boats", nil, "", "")},
		{Key: "b", Title: "Sun", URL: "/posts/sun/", Terms: search.Weigh("Sun", nil, "", "no fog")},
	}
	for name, data := range search.Build(docs) {
		b.file("search/"+name, string(data))
	}
	if w := b.get("/search/?q=fog"); strings.Contains(w.Body.String(), "posts/fog") {
		t.Error("found without a manifest")
	}
	manifest, err := json.Marshal(search.LayoutOf(len(docs)))
	if err != nil {
		t.Fatal(err)
	}
	b.file(site.SearchFile, string(manifest))

	w := b.get("/search/?q=fog")
	body := w.Body.String()
	if w.Code != http.StatusOK || !strings.Contains(body, `<a href="/posts/fog/">Fog &lt;b&gt;&amp; boats</a>`) || !strings.Contains(body, "/posts/sun/") || strings.Contains(body, "<p>all</p>") {
		t.Errorf("%d %s", w.Code, body)
	}
	if h := w.Header(); h.Get("X-Robots-Tag") != "noindex" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(h.Get("Cache-Control"), "public") {
		t.Errorf("headers %v", h)
	}
	if got := b.get("/search?q=fog"); got.Code != http.StatusMovedPermanently || got.Header().Get("Location") != "/search/?q=fog" {
		t.Errorf("/search?q=fog = %d to %s", got.Code, got.Header().Get("Location"))
	}
	evil := `"><script>alert(1)</script>`
	if got := b.get("/search/?q=" + url.QueryEscape(evil)).Body.String(); strings.Contains(got, "<script>") || !strings.Contains(got, "Nothing found.") {
		t.Errorf("a query gets out of its place:\n%s", got)
	}
	for _, q := range []string{"/search/", "/search/?q=", "/search/?q=+"} {
		if got := b.get(q); got.Body.String() != page {
			t.Errorf("GET %s = %s", q, got.Body)
		}
	}
}

// TestFoundInALanguage: the search page of a language finds what is in its own index and speaks that language; no other folder is searched.
func TestFoundInALanguage(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	docs := []search.Doc{{Key: "a", Title: "Nebel", URL: "/posts/nebel/", Terms: search.Weigh("Nebel", nil, "", "")}}
	manifest, err := json.Marshal(search.LayoutOf(len(docs)))
	if err != nil {
		t.Fatal(err)
	}
	page := "<html>" + templates.FoundOpen + "<p>all</p>" + templates.FoundClose + "</html>"
	for _, dir := range []string{"de/search/", "a/b/search/", "de/research/"} {
		b.file(dir+"index.html", page)
		b.file(dir+"index.json", string(manifest))
		for name, data := range search.Build(docs) {
			b.file(dir+name, string(data))
		}
	}
	if body := b.get("/de/search/?q=nebel").Body.String(); !strings.Contains(body, `<a href="/posts/nebel/">Nebel</a>`) {
		t.Errorf("the German page finds:\n%s", body)
	}
	if body := b.get("/de/search/?q=sonne").Body.String(); !strings.Contains(body, templates.Text("de", "found-none")) {
		t.Errorf("the German page says of nothing:\n%s", body)
	}
	for _, at := range []string{"/a/b/search/", "/de/research/"} {
		if body := b.get(at + "?q=nebel").Body.String(); body != page {
			t.Errorf("%s is searched:\n%s", at, body)
		}
	}
}
