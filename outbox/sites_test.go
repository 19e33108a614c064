package outbox

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// hugo is a site of another generator on loopback: its feed and its pages.
type hugo struct {
	items    []string // paths, newest first
	words    string   // of each item
	status   map[string]int
	asked    map[string]int
	complete int // feeds sent whole, and not 304
}

func (h *hugo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.asked[r.URL.Path]++
	if r.URL.Path != "/index.xml" {
		w.WriteHeader(cmp.Or(h.status[r.URL.Path], http.StatusOK))
		return
	}
	feed := `<?xml version="1.0"?><rss version="2.0"><channel><title>Hugo</title>`
	for _, path := range h.items {
		at := path
		if !strings.Contains(path, "://") {
			at = "http://" + r.Host + path
		}
		feed += fmt.Sprintf(`<item><title>On %s</title><link>%s</link><description>&lt;p onclick="x()"&gt;%s&lt;script&gt;x()&lt;/script&gt;&lt;/p&gt;</description></item>`, path, at, h.words)
	}
	w.Header().Set("ETag", `"`+sumOf([]byte(feed))+`"`)
	if r.Header.Get("If-None-Match") == w.Header().Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.complete++
	w.Write([]byte(feed + `</channel></rss>`))
}

// embedded is a world that registers the pages of a site.
func embedded(t *testing.T, as string, items ...string) (*world, *hugo, *sink) {
	w := newWorld(t)
	h := &hugo{items: items, words: "First", status: map[string]int{}, asked: map[string]int{}}
	w.host("hugo", h)
	w.config.Embed.Sites = []site.EmbedSite{{Name: "Hugo", URL: w.address("hugo", ""), Feed: "index.xml", As: as, Poll: "5m"}}
	return w, h, w.sink("s")
}

// look lets time go by, looks at the sites and delivers.
func (w *world) look(d time.Duration) {
	w.t.Helper()
	w.pass(d)
	w.must(w.out.Sites(w.t.Context()))
	w.round()
}

func (w *world) embeddedPost(path string) store.Article {
	w.t.Helper()
	a, err := w.store.ArticleByURL(w.t.Context(), w.address("hugo", path))
	w.must(err)
	return a
}

// TestSitesTell: what the first list has is noted and told nobody; what comes later is told, told again when it changes, and not by a list that
// did not change.
func TestSitesTell(t *testing.T) {
	t.Parallel()
	w, h, s := embedded(t, "article", "/a/", "/b/")
	w.look(0)
	if got := s.types(); got != "" {
		t.Errorf("the first list is told: %s", got)
	}
	if a := w.embeddedPost("/a/"); a.Announced || a.Origin != store.FromSite || !strings.Contains(string(a.JSON), "On /a/") {
		t.Errorf("noted as %+v", a)
	}
	h.items = []string{"/c/", "/a/", "/b/"}
	w.look(time.Minute)
	if h.complete != 1 {
		t.Errorf("looked again before its time: %d", h.complete)
	}
	w.look(10 * time.Minute)
	if got := s.types(); got != "Create" {
		t.Fatalf("a new page: %q", got)
	}
	got := s.arrivals()[0]
	if got.Object.Type != "Article" || got.Object.ID != w.embeddedPost("/c/").ID || !strings.Contains(got.Body, w.address("hugo", "/c/")) {
		t.Errorf("told %s", got.Body)
	}
	if strings.Contains(got.Body, "script") || strings.Contains(got.Body, "onclick") {
		t.Errorf("the feed's HTML goes out as it is: %s", got.Body)
	}
	w.look(10 * time.Minute)
	if h.complete != 2 || s.types() != "Create" {
		t.Errorf("an unchanged list: sent %d times, told %s", h.complete, s.types())
	}
	h.words = "Second"
	w.look(10 * time.Minute)
	if got := s.types(); got != "Create Update" || !strings.Contains(s.arrivals()[1].Body, "Second") {
		t.Errorf("edited: %q", got)
	}
	if a := w.embeddedPost("/a/"); a.Announced || !strings.Contains(string(a.JSON), "Second") {
		t.Errorf("a page that nobody was told of: %+v", a)
	}
}

// TestSitesKeep: a list that gets shorter takes nothing back, nor does a fault; 410 does, twice and a day apart, and the owner's word.
func TestSitesKeep(t *testing.T) {
	t.Parallel()
	w, h, s := embedded(t, "article", "/a/")
	w.look(0)
	h.items = []string{"/c/", "/b/", "/a/"}
	w.look(time.Hour)
	h.items, h.status = []string{"/a/"}, map[string]int{"/b/": 404, "/c/": 410}
	w.look(time.Hour)
	w.look(time.Hour)
	if got := s.types(); got != "Create Create" || h.asked["/b/"] != 1 || h.asked["/c/"] != 1 || h.asked["/a/"] != 0 {
		t.Errorf("after a shorter list: %q, asked %v", got, h.asked)
	}
	w.look(25 * time.Hour)
	if got := s.types(); got != "Create Create Delete" || w.embeddedPost("/c/").Withdrawn.IsZero() || !w.embeddedPost("/b/").Withdrawn.IsZero() {
		t.Errorf("after the second 410: %q", got)
	}
	h.items = []string{"/c/", "/a/"}
	w.look(25 * time.Hour)
	if got := s.types(); got != "Create Create Delete" {
		t.Errorf("a deleted id came back: %q", got)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		p, err := tx.SitePage(ctx, w.address("hugo", "/b/"))
		p.Remove = true
		return cmp.Or(err, tx.PutSitePage(ctx, p))
	})
	w.look(time.Minute)
	if got := s.types(); got != "Create Create Delete Delete" {
		t.Errorf("the owner's word: %q", got)
	}
}

// TestSitesBounds: no list makes a flood, names another site's pages, or ends the others.
func TestSitesBounds(t *testing.T) {
	t.Parallel()
	w, h, s := embedded(t, "note", "/a/")
	w.config.Embed.Sites = append([]site.EmbedSite{{Name: "Down", URL: w.address("down", ""), Feed: "x", As: "note"}}, w.config.Embed.Sites...)
	w.host("down", http.NotFoundHandler())
	w.look(0)
	h.items = []string{"https://other.example/x", w.address("blog", "/posts/x/"), "http://hugo.localhost.other.example/", "/a/"}
	for n := range 20 {
		h.items = append(h.items, fmt.Sprintf("/new/%d/", n))
	}
	w.look(time.Hour)
	if got := s.types(); got != "" {
		t.Errorf("20 pages at once: %q", got)
	}
	if pages, err := w.store.SitePages(t.Context(), w.config.Embed.Sites[1].List()); err != nil || len(pages) != 21 {
		t.Errorf("%d pages, %v", len(pages), err)
	}
	if k, err := w.store.Site(t.Context(), w.config.Embed.Sites[0].List()); err != nil || k.Error == "" || k.Begun {
		t.Errorf("the site that is down: %+v %v", k, err)
	}
	h.items = []string{"/last/"}
	w.look(time.Hour)
	if got := s.arrivals(); len(got) != 1 || got[0].Object.Type != "Note" || !strings.Contains(got[0].Object.Content, w.address("hugo", "/last/")) {
		t.Errorf("as a note: %+v", got)
	}
}

// TestSitesNone: as = "none" gives pages a thread and tells nobody.
func TestSitesNone(t *testing.T) {
	t.Parallel()
	w, h, s := embedded(t, "none", "/a/")
	w.look(0)
	h.items = []string{"/b/"}
	w.look(time.Hour)
	if a := w.embeddedPost("/b/"); a.Announced || s.types() != "" {
		t.Errorf("%+v, %s", a, s.types())
	}
}
