package publisher

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

// TestCommentsClose: what a post's front matter says of its comments goes to the daemon with the list, and into a page that is made after it.
func TestCommentsClose(t *testing.T) {
	t.Parallel()
	reply := &activitypub.Comment{ID: "https://social.example/1", Anchor: "c-1", By: activitypub.Face{Handle: "@ada@social.example", Name: activitypub.ParseText("Ada", nil)},
		Content: activitypub.ParseHTML("<p>hi</p>", nil), Published: now, Actions: activitypub.Actions{Reply: "https://example.com/interact?intent=reply&uri=1"}}
	thread, err := json.Marshal(activitypub.Thread{Version: 1, Key: "c", URL: "https://example.com/posts/c/", Count: 1, Replies: []*activitypub.Comment{reply},
		Actions: activitypub.Actions{Reply: "https://example.com/interact?intent=reply&uri=c", Like: "https://example.com/interact?intent=like&uri=c"}})
	if err != nil {
		t.Fatal(err)
	}
	b := newBlog(t, map[string]string{
		"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"\nlang = \"ar\"", "One."), "content/posts/b.md": post("B", "2026-10-28", "id = \"b\"\ncomments = \"30d\"", "Two."),
		"content/posts/c.md": post("C", "2026-10-28", "id = \"c\"\ncomments = \"30d\"", "Three."), "content/posts/d.md": post("D", "2026-10-28", "id = \"d\"\ncomments = \"read-only\"", "Four."),
		"content/posts/e.md": post("E", "2026-10-28", "id = \"e\"\ncomments = false", "Five."), "comments/c.json": string(thread),
	})
	b.publish()
	var list site.PublishedList
	data, err := os.ReadFile(filepath.Join(b.dir, "public", filepath.FromSlash(site.PublishedFile)))
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		t.Fatal(err)
	}
	closes, languages := map[string]time.Time{}, map[string]string{}
	for _, p := range list.Posts {
		closes[p.Name], languages[p.Name] = p.Closes, p.Language
	}
	if languages["A"] != "ar" || languages["B"] != "" {
		t.Errorf("languages %q: want that of A alone, the others have the site's", languages)
	}
	if month := now.AddDate(0, 0, 30); !closes["A"].IsZero() || !closes["B"].Equal(month) || !closes["D"].Equal(now) || !closes["E"].Equal(now) {
		t.Errorf("closing times %v", closes)
	}
	open := func(name string) bool {
		return strings.Contains(b.read("public/posts/"+name+"/index.html"), "intent=reply")
	}
	for name, want := range map[string]bool{"a": true, "b": true, "c": true, "d": false, "e": false} {
		if open(name) != want {
			t.Errorf("on the first day %s takes replies: %t", name, open(name))
		}
	}
	b.o.Now = now.AddDate(0, 0, 31)
	b.publish()
	for name, want := range map[string]bool{"a": true, "b": false, "c": false} {
		if open(name) != want || strings.Contains(b.read("public/posts/"+name+"/index.html"), "Comments are closed") == want {
			t.Errorf("after a month %s takes replies: %t", name, open(name))
		}
	}
	if page := b.read("public/posts/c/index.html"); !strings.Contains(page, "Ada") || !strings.Contains(page, "intent=like") {
		t.Error("what was said is gone")
	}
	if !strings.Contains(b.read("public/posts/a/index.html"), `<script src="/assets/theme.`) {
		t.Error("the page has no script that keeps its thread up to date")
	}
}
