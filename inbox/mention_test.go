package inbox_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
)

// TestWebmentionTold: a post tells the pages that it links to, again when it changed, those it links to no more too, and all when it goes.
func TestWebmentionTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mentions("guarded"), withSite(t))
	var mu sync.Mutex
	var got []string
	w.peers.handle("https://ada.example/in?x=1", func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.FormValue("source")+" "+r.FormValue("target"))
		rw.WriteHeader(http.StatusAccepted)
	})
	const one, two, none, ours = "https://ada.example/one", "https://ada.example/two", "https://ada.example/none", "https://ada.example/ours"
	for _, u := range []string{one, two} {
		w.peers.page(u, `<link rel="webmention" href="/in?x=1">`)
	}
	w.peers.page(none, "<p>nothing")
	w.peers.page(ours, `<link rel="webmention" href="`+blog+`/webmention">`)
	tell := func(html string, step int) []string {
		mu.Lock()
		got = nil
		mu.Unlock()
		w.list(html, step)
		if _, err := w.outbox.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.round()
		mu.Lock()
		defer mu.Unlock()
		slices.Sort(got) // they are told at once
		return got
	}
	link := func(list ...string) string {
		s := `<article class="h-entry"><div class="e-content">`
		for _, u := range list {
			s += `<a href="` + u + `">x</a>`
		}
		return s + `</div></article>`
	}
	src := blog + "/posts/two/ "
	if got := tell(link(one, one, none, ours, page, "javascript:x()", "mailto:x@y.example"), 1); len(got) != 1 || got[0] != src+one {
		t.Errorf("published: %q", got)
	}
	if got := tell(link(one, none), 1); len(got) != 0 {
		t.Errorf("nothing changed: %q", got)
	}
	if got := tell(link(two), 2); strings.Join(got, ",") != src+one+","+src+two {
		t.Errorf("edited: %q", got)
	}
	rows, err := w.store.Mentioned(t.Context(), blog+"/ap/posts/two")
	if err != nil || len(rows) != 4 {
		t.Errorf("remembered %v %v", rows, err)
	}
	if got := tell("", 3); len(got) != 2 {
		t.Errorf("withdrawn: %q", got)
	}
	if w.peers.asked(blog+"/webmention") != 0 {
		t.Error("we spoke to ourselves")
	}
}

// TestWebmentionUntold: nobody hears of a post that was withdrawn within the recall window, nor of one that is for followers alone.
func TestWebmentionUntold(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]int{"out": 1, "withdrawn": 3} {
		w := newWorld(t, mentions("guarded"), withSite(t), func(c *site.Config) { c.Federation.Hold = "10m" })
		w.peers.page("https://ada.example/one", `<a rel=webmention href=/in>x</a>`)
		w.peers.status("https://ada.example/in", 202)
		for _, step := range []int{1, last} {
			w.list(`<a href="https://ada.example/one">x</a>`, step)
			if _, err := w.outbox.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.round()
			if n := w.peers.count(); n != 0 {
				t.Errorf("%s: %d requests within the recall window", name, n)
			}
		}
		w.advance(11 * time.Minute)
		w.round()
		if n, want := w.peers.asked("https://ada.example/in"), 2-last; n != max(want, 0) {
			t.Errorf("%s: told %d times", name, n)
		}
	}
	w := newWorld(t, mentions("guarded"), withSite(t))
	w.list(`<a href="https://ada.example/one">x</a>`, 1, us+"/followers")
	if _, err := w.outbox.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rows, err := w.store.Mentioned(t.Context(), ""); err != nil || len(rows) != 0 {
		t.Errorf("for followers: %v %v", rows, err)
	}
}

// TestWebmentionTriedAgain: an endpoint that fails is asked again, one that refuses is not.
func TestWebmentionTriedAgain(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{500: 5, 429: 5, 400: 1, 410: 1, 302: 1, 200: 1} {
		w := newWorld(t, mentions("guarded"), withSite(t))
		w.peers.handle("https://ada.example/in", func(rw http.ResponseWriter, r *http.Request) { rw.WriteHeader(status) })
		w.peers.page("https://ada.example/one", `<a rel=webmention href=/in>x</a>`)
		w.list(`<a href="https://ada.example/one">x</a>`, 1)
		if _, err := w.outbox.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 8 {
			w.round()
			w.advance(12 * time.Hour)
		}
		if got := w.peers.asked("https://ada.example/in"); got != want {
			t.Errorf("%d: asked %d times, want %d", status, got, want)
		}
	}
}

// list publishes, at a step, a second post whose page is html; the third step withdraws it.
func (w *world) list(html string, step int, audience ...string) {
	w.t.Helper()
	published := w.now.Truncate(time.Second)
	p := site.PublishedPost{ID: blog + "/ap/posts/two", URL: blog + "/posts/two/", Article: "ap/posts/two.json", Name: "Two", Published: published}
	if step > 1 {
		p.Updated = published.Add(time.Duration(step) * time.Minute)
	}
	doc := fmt.Appendf(nil, `{"id":%q,"type":"Article","attributedTo":%q,"to":[%q],"content":"<p>%d</p>","url":%q,"published":%q}`, p.ID, us, append(audience, public)[0], step, p.URL, p.Published.Format(time.RFC3339))
	p.SHA256 = fmt.Sprintf("%x", sha256.Sum256(doc))
	files := map[string][]byte{"posts/two/index.html": []byte(html), p.Article: doc}
	if step < 3 {
		w.site(files, p)
		return
	}
	w.site(files)
	data, err := json.Marshal(site.PublishedList{Version: 1, Withdrawn: []site.Withdrawn{{ID: p.ID, At: w.clock()}}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.site(map[string][]byte{"posts/two/index.html": nil})
	if err := os.WriteFile(filepath.Join(w.cfg.Inboxd.Site, site.PublishedFile), data, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// withSite gives the world a folder to publish into.
func withSite(t *testing.T) func(*site.Config) {
	dir := t.TempDir()
	return func(c *site.Config) { c.Inboxd.Site = dir }
}
