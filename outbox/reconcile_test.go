package outbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const blog = "https://blog.example/ap/posts/"

// listedPost and toldPost make one post "a" as listed and as told, changed by the functions.
func listedPost(change ...func(*site.PublishedPost)) []site.PublishedPost {
	p := site.PublishedPost{ID: blog + "a", URL: "https://blog.example/posts/a/", Name: "A", SHA256: "1", Published: noon}
	for _, f := range change {
		f(&p)
	}
	return []site.PublishedPost{p}
}

func toldPost(change ...func(*store.Article)) []store.Article {
	a := store.Article{ID: blog + "a", URL: "https://blog.example/posts/a/", Name: "A", SHA256: "1", Published: noon, Revision: 1, Announced: true}
	for _, f := range change {
		f(&a)
	}
	return []store.Article{a}
}

func TestDecide(t *testing.T) {
	silent := func(p *site.PublishedPost) { p.Silent = true }
	changed := func(p *site.PublishedPost) { p.SHA256 = "2" }
	updated := func(p *site.PublishedPost) { p.Updated = noon.Add(time.Hour) }
	renamed := func(p *site.PublishedPost) { p.Name = "B" }
	moved := func(p *site.PublishedPost) { p.URL = "https://blog.example/posts/b/" }
	arabic := func(p *site.PublishedPost) { p.Language = "ar" }
	unannounced := func(a *store.Article) { a.Announced, a.Revision = false, 0 }
	toldUpdate := func(a *store.Article) { a.Updated = noon.Add(time.Hour) }
	toldGone := func(a *store.Article) { a.Withdrawn = noon }
	gone := []site.Withdrawn{{ID: blog + "a", At: noon.Add(time.Hour)}}
	for _, c := range []struct {
		name     string
		listed   []site.PublishedPost
		gone     []site.Withdrawn
		told     []store.Article
		off      bool
		want     string // actions and ids
		warnings int
	}{
		{name: "new", listed: listedPost(), want: "Create a"},
		{name: "new while federation is off", listed: listedPost(), off: true},
		{name: "new and silent", listed: listedPost(silent), want: "note a"},
		{name: "silent, known", listed: listedPost(silent), told: toldPost(unannounced)},
		{name: "silent, changed", listed: listedPost(silent, changed, updated), told: toldPost(unannounced), want: "note a"},
		{name: "no longer silent", listed: listedPost(), told: toldPost(unannounced), want: "Create a"},
		{name: "nothing new", listed: listedPost(), told: toldPost()},
		{name: "changed", listed: listedPost(changed, updated), told: toldPost(), want: "Update a"},
		{name: "changed, not newer", listed: listedPost(changed), told: toldPost()},
		{name: "changed, as new as what was told", listed: listedPost(changed, updated), told: toldPost(toldUpdate)},
		{name: "newer, same content", listed: listedPost(updated), told: toldPost()},
		{name: "changed after it was announced, now silent", listed: listedPost(changed, updated, silent), told: toldPost(), want: "Update a"},
		{name: "changed while federation is off", listed: listedPost(changed, updated), told: toldPost(), off: true, want: "Delete a"},
		{name: "renamed without an Update", listed: listedPost(renamed), told: toldPost(), want: "note a"},
		{name: "moved without an Update", listed: listedPost(moved), told: toldPost(), want: "note a"},
		{name: "in another language, silent", listed: listedPost(silent, arabic), told: toldPost(unannounced), want: "note a"},
		{name: "withdrawn", gone: gone, told: toldPost(), want: "Delete a"},
		{name: "withdrawn and still listed", listed: listedPost(), gone: gone, told: toldPost(), want: "Delete a"},
		{name: "withdrawn, told already", gone: gone, told: toldPost(toldGone)},
		{name: "withdrawn, never announced", gone: gone, told: toldPost(unannounced), want: "note a"},
		{name: "withdrawn, never heard of", gone: gone, want: "note a"},
		{name: "withdrawn, never heard of, listed", listed: listedPost(), gone: gone, want: "note a"},
		{name: "listed again after it was withdrawn", listed: listedPost(updated, changed), told: toldPost(toldGone), warnings: 1},
		{name: "absent", told: toldPost(), warnings: 1},
		{name: "absent, silent", told: toldPost(unannounced), warnings: 1},
		{name: "absent, withdrawn", told: toldPost(toldGone)},
		{name: "federation off", listed: listedPost(), told: toldPost(), off: true, want: "Delete a"},
		{name: "federation off, list gone", told: toldPost(), off: true, want: "Delete a"},
		{name: "federation off, silent", listed: listedPost(), told: toldPost(unannounced), off: true},
		{name: "federation off, told already", listed: listedPost(), told: toldPost(toldGone), off: true, warnings: 1},
		{name: "federation off, tombstone", gone: gone, told: toldPost(), off: true, want: "Delete a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			todo, warnings := decide(site.PublishedList{Posts: c.listed, Withdrawn: c.gone}, c.told, !c.off, noon)
			var got []string
			for _, d := range todo {
				got = append(got, string(d.action)+" "+strings.TrimPrefix(d.id, blog))
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
			if len(warnings) != c.warnings {
				t.Errorf("%d warnings, want %d: %v", len(warnings), c.warnings, warnings)
			}
		})
	}
}

// Followers get old posts before new ones: the list is newest first.
func TestDecideOldestFirst(t *testing.T) {
	var list site.PublishedList
	for i := range 3 {
		list.Posts = append(list.Posts, site.PublishedPost{ID: fmt.Sprint(blog, 3-i)})
	}
	todo, _ := decide(list, nil, true, noon)
	for i, d := range todo {
		if want := fmt.Sprint(blog, i+1); d.id != want {
			t.Errorf("place %d is %s, want %s", i, d.id, want)
		}
	}
}

func TestSplitKeepsOrderAndBytes(t *testing.T) {
	const raw = `{ "@context": ["https://www.w3.org/ns/activitystreams", {"a": "b"}],
		"id": "https://blog.example/ap/posts/a", "type": "Article", "to": ["x"], "content": "<p>5 > 4 &amp; \u00e9</p>", "z": 1, "a": [1, {"@context": "kept"}]}`
	d, err := parseDocument([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	const context = `["https://www.w3.org/ns/activitystreams", {"a": "b"}]`
	const bare = `{"id":"https://blog.example/ap/posts/a","type":"Article","to":["x"],"content":"<p>5 > 4 &amp; \u00e9</p>","z":1,"a":[1, {"@context": "kept"}]}`
	if string(d.context) != context {
		t.Errorf("context %s", d.context)
	}
	if string(d.bare) != bare {
		t.Errorf("got  %s\nwant %s", d.bare, bare)
	}
}

func TestParseDocumentRefuses(t *testing.T) {
	for _, bad := range []string{"", "[]", `"x"`, "{", `{"id": 1}`, `{"id":"a"`} {
		if _, err := parseDocument([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
