package outbox

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// mapped is a site on loopback that lists its pages in an index of sitemaps.
type mapped struct {
	mu     sync.Mutex
	maps   []string            // paths or addresses in the index
	pages  map[string][]string // of each sitemap
	status map[string]int
	asked  map[string]int
}

func (m *mapped) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked[r.URL.Path]++
	w.Header().Set("ETag", `"never changes"`)
	if r.Header.Get("If-None-Match") != "" {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if s := m.status[r.URL.Path]; s != 0 {
		w.WriteHeader(s)
		return
	}
	if r.URL.Path == "/sitemap.xml" {
		fmt.Fprint(w, `<sitemapindex><sitemap><loc>`+strings.Join(m.maps, `</loc></sitemap><sitemap><loc>`)+`</loc></sitemap></sitemapindex>`)
		return
	}
	fmt.Fprint(w, `<urlset>`)
	for _, p := range m.pages[r.URL.Path] {
		fmt.Fprintf(w, `<url><loc>%s</loc></url>`, p)
	}
	fmt.Fprint(w, `</urlset>`)
}

func (m *mapped) set(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
}

func newMapped(t *testing.T) (*world, *mapped, *sink) {
	w := newWorld(t)
	m := &mapped{maps: []string{"/a.xml", "/b.xml"}, pages: map[string][]string{"/a.xml": {"/a/1/", "/a/2/"}, "/b.xml": {"/b/1/"}}, status: map[string]int{}, asked: map[string]int{}}
	w.host("hugo", m)
	w.config.Embed.Sites = []site.EmbedSite{{Name: "Mapped", URL: w.address("hugo", ""), Sitemap: "sitemap.xml", As: "link", Poll: "5m"}}
	return w, m, w.sink("s")
}

func (w *world) site() store.Site {
	w.t.Helper()
	s, err := w.store.Site(w.t.Context(), w.config.Embed.Sites[0].List())
	w.must(err)
	return s
}

// TestSitesIndex: all sitemaps of an index are one list: noted at first, a new page in any of them is told though the index itself never changes, and one that
// cannot be read for a while makes nothing new.
func TestSitesIndex(t *testing.T) {
	t.Parallel()
	w, m, s := newMapped(t)
	w.host("other", m)
	m.set(func() {
		m.maps = append(m.maps, "/none.xml", w.address("other", "/c.xml"))
		m.status["/none.xml"] = http.StatusNotFound
		m.status["/b.xml"] = http.StatusInternalServerError
	})
	w.look(0)
	if k := w.site(); k.Begun || !strings.Contains(k.Error, "/b.xml") {
		t.Errorf("a sitemap that cannot be read: %+v", k)
	}
	m.set(func() { delete(m.status, "/b.xml") })
	w.look(10 * time.Minute)
	if k := w.site(); !k.Begun || k.Error != "" || s.types() != "" || w.embeddedPost("/b/1/").ID == "" || w.embeddedPost("/a/2/").ID == "" {
		t.Errorf("the first look: %+v, told %s", k, s.types())
	}
	m.set(func() { m.pages["/b.xml"] = append(m.pages["/b.xml"], "/b/2/", "https://other.example/x") })
	w.look(10 * time.Minute)
	if got := s.types(); got != "Create" || !w.embeddedPost("/b/2/").Announced {
		t.Errorf("a new page: told %q", got)
	}
	w.look(10 * time.Minute)
	if got := s.types(); got != "Create" || m.asked["/c.xml"] != 0 || m.asked["/a.xml"] != 4 {
		t.Errorf("told %q, asked %v", got, m.asked)
	}
}

// TestSitesIndexBounded: of an index no more than so many sitemaps are asked for, none that is an index itself, and the owner is told.
func TestSitesIndexBounded(t *testing.T) {
	t.Parallel()
	w, m, _ := newMapped(t)
	m.set(func() {
		for n := range 3 * maxSitemaps {
			m.maps = append(m.maps, fmt.Sprintf("/more/%d.xml", n))
		}
	})
	w.look(0)
	m.mu.Lock()
	asked := len(m.asked) - 1
	m.mu.Unlock()
	if k := w.site(); asked != maxSitemaps || !strings.Contains(k.Error, "the first 20 are read") || !k.Begun {
		t.Errorf("%d sitemaps were asked for: %+v", asked, k)
	}
	m.set(func() { m.maps = []string{"/sitemap.xml"} })
	w.look(time.Hour)
	if k := w.site(); !strings.Contains(k.Error, "not a feed") {
		t.Errorf("an index in an index: %+v", k)
	}
}
