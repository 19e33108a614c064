package publisher

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/postil-blog/postil/search"
	"github.com/postil-blog/postil/templates"
)

// scriptOf is the script that a page asks for, of a kind, with its text; "" where there is none.
func (b *blog) scriptOf(page, kind string) string {
	m := regexp.MustCompile(`<script src="/(assets/` + kind + `\.[^"]+)"`).FindStringSubmatch(b.read("public/" + page))
	if m == nil {
		return ""
	}
	return b.read("public/" + m[1])
}

// TestScripts: what brings new comments is a part of the theme's script, in the page's language, and else a file of posts. A site's own script is
// sent as it is, and without federation there is nobody to ask.
func TestScripts(t *testing.T) {
	t.Parallel()
	const own = "// mine\nconst text = `\n  // kept`;\n"
	b := newBlog(t, map[string]string{
		"content/posts/a.md":       post("A", "2026-10-01", "", "x"),
		"content/posts/b.md":       post("B", "2026-10-02", "lang = \"de\"", "x"),
		"themes/default/style.css": "/* mine */\nbody { color: red }\n", "themes/default/theme.js": own,
		"themes/bare/style.css": "body { color: red }\n",
	})
	const live = "EventSource"
	english, german := templates.Text("en", "failed"), templates.Text("de", "failed")
	b.publish()
	for page, words := range map[string]string{"index.html": english, "posts/a/index.html": english, "posts/b/index.html": german} {
		js := b.scriptOf(page, "theme")
		if !strings.HasPrefix(js, own) || !strings.Contains(js, live) || !strings.Contains(js, words) || b.scriptOf(page, "live") != "" {
			t.Errorf("%s has another script than the site's own with what brings comments and says %q:\n%s", page, words, js)
		}
	}
	if css := regexp.MustCompile(`/assets/style\.[^"]+`).FindString(b.read("public/index.html")); !strings.HasPrefix(b.read("public"+css), "/* mine */\nbody { color: red }\n") {
		t.Error("the site's own style sheet is changed")
	}
	b.write("config.toml", testConfig+"[publish]\ntheme = \"bare\"\n")
	b.configure()
	b.publish()
	if js := b.scriptOf("posts/b/index.html", "live"); !strings.Contains(js, german) || b.scriptOf("posts/b/index.html", "theme") != "" || b.scriptOf("index.html", "(live|theme)") != "" {
		t.Errorf("without a script of the theme a post has:\n%s", js)
	}
	b.write("config.toml", strings.Replace(testConfig, "enabled = true", "enabled = false", 1))
	b.configure()
	b.publish()
	if js := b.scriptOf("posts/a/index.html", "theme"); js != own {
		t.Errorf("without federation the script is:\n%s", js)
	}
}

// TestBrandLeadsHome: the blog's name leads to the home of the page's language, on pages in the site's own to all posts.
func TestBrandLeadsHome(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md": post("A", "2026-10-01", "", "x"),
		"content/posts/b.md": post("B", "2026-10-02", "lang = \"de\"", "x"),
	})
	b.publish()
	for page, want := range map[string]string{
		"posts/a/index.html": `<a href="/">`, "posts/b/index.html": `<a href="/de/">`, "index.html": `<a href="/" aria-current="page">`,
		"de/index.html": `<a href="/de/" aria-current="page">`, "en/index.html": `<a href="/">`,
	} {
		if text := b.read("public/" + page); !strings.Contains(text, `<p class="brand">`+want) {
			t.Errorf("on %s the brand is not %s", page, want)
		}
	}
}

// TestSearchOfALanguage: a language beside the site's own has a search page with an index of its own, to which its menu leads; an edit is found in
// both, and an address of the owner's stays theirs.
func TestSearchOfALanguage(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md": post("A", "2026-10-01", "", "fog"),
		"content/posts/b.md": post("B", "2026-10-02", "lang = \"de\"", "nebel"),
		"content/posts/c.md": post("C", "2026-10-03", "lang = \"fr\"\naliases = [\"/fr/search/\"]", "brume"),
	})
	finds := func(dir, query string) int {
		t.Helper()
		n := 3
		if dir != "search" {
			n = 1
		}
		_, total, err := search.Find(os.DirFS(filepath.Join(b.dir, "public")), dir, search.LayoutOf(n), query, 10)
		if err != nil {
			t.Fatal(err)
		}
		return total
	}
	b.publish()
	if finds("search", "fog") != 1 || finds("search", "nebel") != 1 || finds("de/search", "nebel") != 1 || finds("de/search", "fog") != 0 {
		t.Error("the indexes find what they must not, or not what they must")
	}
	if page := b.read("public/de/search/index.html"); !strings.Contains(page, `<html lang="de"`) || !strings.Contains(page, `data-index="/de/search/"`) {
		t.Errorf("the German search page:\n%.3000s", page)
	}
	for page, want := range map[string]string{"posts/a/index.html": "/search/", "posts/b/index.html": "/de/search/", "posts/c/index.html": "/search/"} {
		if !strings.Contains(b.read("public/"+page), `<li><a href="`+want+`"`) {
			t.Errorf("the menu of %s does not lead to %s", page, want)
		}
	}
	if !strings.Contains(b.read("public/fr/search/index.html"), "/posts/c/") || b.has("public/fr/search/index.json") {
		t.Error("the owner's address is not theirs")
	}
	b.write("content/posts/b.md", post("B", "2026-10-02", "lang = \"de\"", "dunst"))
	b.publish()
	if finds("search", "dunst") != 1 || finds("de/search", "dunst") != 1 || finds("de/search", "nebel") != 0 {
		t.Error("an edit is not in both indexes")
	}
}
