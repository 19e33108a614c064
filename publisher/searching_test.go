package publisher

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/postil-blog/postil/search"
)

func (b *blog) finds(query string) string {
	b.t.Helper()
	found, _, err := search.Find(os.DirFS(filepath.Join(b.dir, "public")), "search", search.LayoutOf(4), query, 10)
	if err != nil {
		b.t.Fatal(err)
	}
	var list []string
	for _, d := range found {
		list = append(list, d.Title+" "+d.URL)
	}
	return strings.Join(list, ", ")
}

func TestSearchIndex(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.publish()
	for query, want := range map[string]string{"bundle": "Bundle /posts/bundle/", "small web": "Hello /posts/hello/", "me": "About /about/", "secret": "", "draft": ""} {
		if got := b.finds(query); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	for name, text := range b.tree("public/search") {
		if strings.Contains(strings.ToLower(text), "secret") || strings.Contains(text, "Draft") {
			t.Errorf("%s tells of a post that is held back", name)
		}
	}
	page := b.read("public/search/index.html")
	if !strings.Contains(page, `data-shards="16"`) || !strings.Contains(page, `action="/search/"`) || !strings.Contains(b.read("public/index.html"), `href="/search/"`) {
		t.Errorf("the page:\n%s", page)
	}
}

// An edit writes the index's files that hold its words, and an edited post is found by them alone.
func TestSearchFollowsEdits(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.publish()
	before := b.tree("public/search")
	b.write("content/posts/two.md", post("Two", "2026-10-27", "tags = [\"go\"]\nseries = \"S\"\naliases = [\"/old/two/\"]", "## Part\n\n![A dot](dot.png) quagga\n"))
	b.publish()
	if got := b.finds("quagga"); got != "Two /posts/two/" {
		t.Errorf("found %q", got)
	}
	changed := 0
	for name, text := range b.tree("public/search") {
		if text != before[name] {
			changed++
		}
	}
	if changed < 1 || changed > 2 { // the word's file, and the document's where its excerpt changed
		t.Errorf("%d files of the index changed", changed)
	}
	want := b.tree("public")
	b.remove(".cache/terms")
	b.write("content/posts/two.md", post("Two", "2026-10-27", "", "x"))
	b.publish()
	b.write("content/posts/two.md", post("Two", "2026-10-27", "tags = [\"go\"]\nseries = \"S\"\naliases = [\"/old/two/\"]", "## Part\n\n![A dot](dot.png) quagga\n"))
	b.write(".cache/terms", "rubbish")
	b.publish()
	if diff := cmp.Diff(want["search/index.html"], b.tree("public")["search/index.html"]); diff != "" {
		t.Error(diff)
	}
	for name, text := range b.tree("public/search") {
		if text != want["search/"+name] {
			t.Errorf("%s differs without its cache", name)
		}
	}
}

func TestNoSearch(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.write("config.toml", testConfig+"[publish]\nsearch = false\n")
	b.configure()
	b.publish()
	if b.has("public/search") || strings.Contains(b.read("public/index.html"), `"/search/"`) {
		t.Error("there is a search page that nobody wants")
	}
	own := newBlog(t, sample())
	own.write("content/search.md", "+++\ntitle = \"My search\"\n+++\n\nMine.\n")
	own.publish()
	if !strings.Contains(own.read("public/search/index.html"), "Mine.") || own.has("public/search/w0.json") {
		t.Error("the owner's own page is lost")
	}
}

func TestRelatedOff(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for _, name := range []string{"a", "b", "c", "d"} {
		files["content/posts/"+name+".md"] = post("Post "+name, "2026-10-0"+map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}[name], "tags = [\"sea\"]", "Boats.")
	}
	files["content/posts/d.md"] = post("Post d", "2026-10-04", "tags = [\"sea\"]\nrelated = false", "Boats.")
	b := newBlog(t, files)
	b.publish()
	if got := b.read("public/posts/a/index.html"); !strings.Contains(got, `class="related"`) {
		t.Error("nothing is related to a")
	}
	if got := b.read("public/posts/d/index.html"); strings.Contains(got, `class="related"`) {
		t.Error("related = false is not kept")
	}
}

// Somebody else changed the index's files: what an edit mends is made anew, and the rest is put right.
func TestSearchDamaged(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.publish()
	text := post("Two", "2026-10-27", "tags = [\"go\"]\nseries = \"S\"", "## Part\n\nA quagga and a zebra.\n")
	for name := range b.tree("public/search") {
		if strings.HasPrefix(name, "w") {
			b.write("public/search/"+name, "{\"damaged\":\"\"}\n")
		}
	}
	b.write("content/posts/two.md", text)
	b.publish()
	files := sample()
	files["content/posts/two.md"] = text
	clean := newBlog(t, files)
	clean.publish()
	if diff := cmp.Diff(clean.tree("public/search"), b.tree("public/search")); diff != "" {
		t.Errorf("the index (-clean +mended):\n%s", diff)
	}
}
