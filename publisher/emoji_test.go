package publisher

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// withEmoji is a blog with one emoji, which is twice as wide as high.
func withEmoji(t *testing.T, more map[string]string) *blog {
	t.Helper()
	files := map[string]string{"content/emoji/blob_cat.png": picturePNG(t, 64, 32)}
	for name, text := range more {
		files[name] = text
	}
	return newBlog(t, files)
}

const cat = `<img class="emoji" src="/emoji/blob_cat.png" alt=":blob_cat:" title=":blob_cat:" width="40" height="20" loading="lazy">`

func TestEmoji(t *testing.T) {
	t.Parallel()
	b := withEmoji(t, map[string]string{"content/posts/a.md": post("Of :blob_cat:", "2026-10-28", "id = \"a\"",
		"# A :blob_cat:\n\nHi :blob_cat:, `:blob_cat:` 12:blob_cat:30 :unknown_one: :smile: <code>:blob_cat:</code> [x :blob_cat:](https://example.org/)\n\n![a :blob_cat:](/emoji/blob_cat.png)")})
	b.publish()
	page, a := b.read("public/posts/a/index.html"), b.document("a")
	for _, want := range []string{"Hi " + cat + ",", "<code>:blob_cat:</code> 12:blob_cat:30 :unknown_one: 😄 <code>:blob_cat:</code>", `x ` + cat + `</a>`, `alt="a :blob_cat:"`, `id="a-blob_cat"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q: %s", want, page)
		}
	}
	if !strings.Contains(a.Content, "<p>Hi :blob_cat:, <code>:blob_cat:</code>") || strings.Count(a.Content, "<img") != 1 {
		t.Errorf("followers get %s", a.Content)
	}
	if feed := b.read("public/feed.json"); !strings.Contains(feed, `<img src=\"https://example.com/emoji/blob_cat.png\" alt=\":blob_cat:\" title=\":blob_cat:\" width=\"40\" height=\"20\">`) {
		t.Errorf("the feed: %s", feed)
	}
	want, got := "https://example.com/ap/emoji/blob_cat", ""
	if len(a.Tag) == 1 {
		got = a.Tag[0].ID
	}
	var doc map[string]any
	if err := json.Unmarshal([]byte(b.read("public/ap/emoji/blob_cat.json")), &doc); err != nil || got != want || doc["id"] != want || doc["name"] != ":blob_cat:" {
		t.Errorf("tags %v, and the emoji %v %v", a.Tag, doc, err)
	}
}

// TestEmojiTags names an emoji in each text that followers get.
func TestEmojiTags(t *testing.T) {
	t.Parallel()
	b := withEmoji(t, map[string]string{
		"content/posts/title.md":   post("Of :blob_cat:", "2026-10-28", "id = \"title\"", "Text."),
		"content/posts/summary.md": post("S", "2026-10-28", "id = \"summary\"\nsummary = \"Of :blob_cat:\"", "Text."),
		"content/posts/cw.md":      post("W", "2026-10-28", "id = \"cw\"\n[fediverse]\nas = \"note\"\ncw = \":blob_cat: ahead\"", "Text."),
		"content/posts/none.md":    post("N", "2026-10-28", "id = \"none\"", "Text, 12:blob_cat:30."),
		"content/posts/hidden.md":  post("H", "2026-10-28", "id = \"hidden\"\nsummary = \"Short.\"\n[fediverse]\ncontent = \"excerpt\"", "Text :blob_cat:."),
		"content/replies/r.md":     "+++\nid = \"r\"\nin_reply_to = \"https://example.org/1\"\n+++\n\nHi :blob_cat:\n",
	})
	b.publish()
	for key, want := range map[string]int{"title": 1, "summary": 1, "cw": 1, "none": 0, "hidden": 0, "r": 1} {
		a := b.document(key)
		if len(a.Tag) != want || strings.Contains(b.read("public/ap/posts/"+key+".json"), "toot:Emoji") != (want > 0) {
			t.Errorf("%s: tags %v, want %d, and the word for them", key, a.Tag, want)
		}
	}
}

// TestEmojiChanges: a new picture, a first and a last one are changes of the posts that show it; nothing else is one.
func TestEmojiChanges(t *testing.T) {
	t.Parallel()
	const file = "content/emoji/blob_cat.png"
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"", "Hi :blob_cat:"), "content/posts/b.md": post("B", "2026-10-28", "id = \"b\"", "Hi.")})
	b.publish()
	other := b.read("public/ap/posts/b.json")
	for i, text := range []string{picturePNG(t, 8, 8), picturePNG(t, 9, 9), ""} {
		if b.write(file, text); text == "" {
			b.remove(file)
		}
		b.o.Now = now.Add(time.Duration(i+1) * time.Hour)
		b.publish()
		a, at := b.document("a"), b.o.Now.Format(time.RFC3339)
		if a.Updated != at || text != "" && (len(a.Tag) != 1 || a.Tag[0].Updated != at) || text == "" && len(a.Tag) != 0 {
			t.Errorf("step %d: updated %s, tags %v, want %s", i, a.Updated, a.Tag, at)
		}
		b.o.Now = b.o.Now.Add(time.Minute)
		if r := b.publish(); !r.Nothing {
			t.Errorf("step %d: %v", i, r.Changes)
		}
	}
	if b.read("public/ap/posts/b.json") != other || b.has("public/ap/emoji/blob_cat.json") || b.has("public/emoji/blob_cat.png") {
		t.Error("another post changed, or the emoji is still there")
	}
}

func TestEmojiFaults(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"x.png": dot, "blob-cat.png": dot, "sub/blob.png": dot, "blob.svg": "<svg/>", "blob.jpg": dot, "blob.png": "no picture", "big.png": dot + strings.Repeat("\x00", maxEmoji),
	} {
		b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "", "Text."), "content/emoji/" + name: text})
		if ds := b.faults(); len(ds) != 1 || ds[0].Code != codeEmoji || ds[0].File != "content/emoji/"+name {
			t.Errorf("%s: %v", name, ds)
		}
	}
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "", "Text."), "content/emoji/blob.png": dot, "content/emoji/blob.gif": dot, "content/emoji/LICENSE.txt": "x"})
	if ds := b.faults(); len(ds) != 1 || ds[0].Code != codeEmoji {
		t.Errorf("two pictures of one name: %v", ds)
	}
}
