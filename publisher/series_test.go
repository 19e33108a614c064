package publisher

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
)

// TestSeries: the collection of a series holds its public posts, the oldest first; each post names it and keeps its own context.
func TestSeries(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/two.md":    post("Two", "2026-10-27", "id = \"two\"\nseries = \"Low tides!\"", "Text."),
		"content/posts/one.md":    post("One", "2026-10-26", "id = \"one\"\nseries = \"Low Tides\"", "Text."),
		"content/posts/quiet.md":  post("Quiet", "2026-10-26", "id = \"quiet\"\nseries = \"Low Tides\"\n[fediverse]\nvisibility = \"followers\"", "Text."),
		"content/posts/here.md":   post("Here", "2026-10-26", "id = \"here\"\nseries = \"Low Tides\"\n[fediverse]\nas = \"none\"", "Text."),
		"content/posts/draft.md":  post("Draft", "2026-10-26", "id = \"draft\"\nseries = \"Low Tides\"\ndraft = true", "Text."),
		"content/posts/nobody.md": post("Alone", "2026-10-26", "id = \"alone\"\nseries = \"Secret\"\n[fediverse]\nvisibility = \"followers\"", "Text."),
		"content/posts/signs.md":  post("Signs", "2026-10-26", "id = \"signs\"\nseries = \"!!\"", "Text."),
	})
	b.publish()
	read := func() (c activitypub.Collection) {
		if err := json.Unmarshal([]byte(b.read("public/ap/series/low-tides.json")), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	c, want := read(), []any{"https://example.com/ap/posts/one", "https://example.com/ap/posts/two"}
	if c.ID != "https://example.com/ap/series/low-tides" || c.Name != "Low Tides" || c.TotalItems != 2 || !slices.Equal(c.OrderedItems, want) {
		t.Errorf("%+v, want %v", c, want)
	}
	if two := b.document("two"); two.PartOf == nil || two.PartOf.ID != c.ID || two.ContextCollection != "https://example.com/ap/posts/two/context" {
		t.Errorf("part of %+v, context %s", two.PartOf, two.ContextCollection)
	}
	if b.has("public/ap/series/secret.json") || b.document("signs").PartOf != nil || b.document("quiet").PartOf == nil {
		t.Error("a series of posts for followers is public, or one without letters has an address")
	}
	before := b.read("public/ap/posts/one.json")
	b.remove("content/posts/two.md")
	r := b.publish()
	if len(r.Changes) == 0 || len(read().OrderedItems) != 1 || b.read("public/ap/posts/one.json") != before || strings.Contains(b.read("public/ap/series/low-tides.json"), "two") {
		t.Errorf("after a withdrawal: %+v", read())
	}
}
