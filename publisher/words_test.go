package publisher

import (
	"strings"
	"testing"
)

// What a page says by itself is in words, not in the names that the templates know them by.
func TestOwnWords(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"config.toml":        strings.Replace(testConfig, "description = \"About small things\"\n", "", 1), // as after publish init
		"content/posts/a.md": post("A", "2026-09-01", "", "Text."),
	})
	b.publish()
	if page := b.read("public/404.html"); !strings.Contains(page, "<title>Page not found") || strings.Contains(page, `"not-found"`) {
		t.Errorf("404.html is titled otherwise:\n%s", page)
	}
	if feed := b.read("public/feed.xml"); !strings.Contains(feed, "<description>") || strings.Contains(feed, "<description></description>") {
		t.Errorf("RSS wants a description of the channel:\n%s", feed)
	}
}

// The next and the previous post are not recommended a second time.
func TestRelatedLeavesNeighboursOut(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md": post("First", "2026-09-01", `tags = ["x"]`, "Text."),
		"content/posts/b.md": post("Second", "2026-09-02", `tags = ["x"]`, "Text."),
		"content/posts/c.md": post("Third", "2026-09-03", `tags = ["x"]`, "Text."),
	})
	b.publish()
	_, related, found := strings.Cut(b.read("public/posts/c/index.html"), "Read next")
	if !found || !strings.Contains(related, "/posts/a/") || strings.Contains(related, "/posts/b/") {
		t.Errorf("Third recommends otherwise:\n%s", related)
	}
}
