package publisher

import (
	"os"
	"strings"
	"testing"
)

// markupBlog is a site with one post that uses everything, and another one that it leads to.
func markupBlog(t *testing.T) *blog {
	t.Helper()
	files := map[string]string{
		"content/posts/other.md": post("Low water", "2026-10-27", `id = "other"`, "## Tables\n\nText.\n"),
		"content/posts/sea.png":  picturePNG(t, 64, 48), "content/posts/sand.png": picturePNG(t, 5, 7),
	}
	for name, at := range map[string]string{"everything.md": "content/posts/", "stamp.html": "templates/shortcodes/"} {
		text, err := os.ReadFile("testdata/markup/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[at+name] = string(text)
	}
	return newBlog(t, files)
}

// TestMarkup holds the three forms of a post that uses everything against their files: the page, what feed readers get, and what
// followers get.
func TestMarkup(t *testing.T) {
	t.Parallel()
	b := markupBlog(t)
	if r := b.publish(); len(r.Diagnostics) > 0 {
		t.Errorf("publish says %v", r.Diagnostics)
	}
	compare(t, "testdata/markup/page.html", b.body("everything"))
	feed := b.read("public/feed.xml")
	_, feed, _ = strings.Cut(feed, "<content:encoded><![CDATA[")
	feed, _, _ = strings.Cut(feed, "]]>")
	compare(t, "testdata/markup/feed.html", feed+"\n")
	compare(t, "testdata/markup/federated.html", b.document("everything").Content+"\n")
}

// body is a post's text on its page.
func (b *blog) body(slug string) string {
	b.t.Helper()
	_, page, ok := strings.Cut(b.read("public/posts/"+slug+"/index.html"), `<div class="e-content prose">`)
	if !ok {
		b.t.Fatal("no body in the page")
	}
	page, _, _ = strings.Cut(page, "</div>\n<footer")
	return strings.TrimPrefix(page, "\n")
}
