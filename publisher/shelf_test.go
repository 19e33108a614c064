package publisher

import (
	"cmp"
	"regexp"
	"strings"
	"testing"
)

// shelfBlog is a blog of two authors, in two languages, with a series.
func shelfBlog(t *testing.T) *blog {
	t.Helper()
	return newBlog(t, map[string]string{
		"config.toml": testConfig + `
[authors.ada]
name = "Ada Lovelace"
summary = "Counts & calculates."
icon = "ada.png"
links = {Web = "https://ada.example/"}
fields = ["Pronouns: she/her", "Code: https://code.example/ada"]
[authors.bo]
handle = "@bo@social.example"
icon = "https://elsewhere.example/bo.png"
[authors.new]
name = "Not yet"
`,
		"content/ada.png":         dot,
		"content/posts/one.md":    post("One", "2026-10-01", "author = \"ada\"\nseries = \"Low tides!\"\ntags = [\"sea\"]", "Text one."),
		"content/posts/two.md":    post("Two", "2026-10-02", "author = \"bo\"\nseries = \"Low Tides\"", "Text two."),
		"content/posts/two.de.md": post("Zwei", "2026-10-03", "author = \"bo\"\nseries = \"Low Tides\"", "Text zwei."),
		"content/posts/three.md":  post("Three", "2026-10-04", "author = \"ada\"\nseries = \"Low Tides\"", "Text three."),
		"content/posts/solo.md":   post("Solo", "2026-10-05", "", "Text solo."),
		"content/posts/draft.md":  post("Secret", "2026-10-05", "author = \"ada\"\nlang = \"fr\"\nseries = \"Low Tides\"\ndraft = true", "Hidden."),
	})
}

var titles = regexp.MustCompile(`<a class="p-name u-url u-uid" href="[^"]*">([^<]*)</a>`)

// listed are the titles of the posts on a page, in their order.
func (b *blog) listed(page string) string {
	b.t.Helper()
	var list []string
	for _, m := range titles.FindAllStringSubmatch(b.read("public/"+page+"index.html"), -1) {
		list = append(list, m[1])
	}
	return strings.Join(list, " ")
}

// says fails for each text that a page lacks, and for each that begins with ! and stands in it.
func (b *blog) says(page string, texts ...string) {
	b.t.Helper()
	got := b.read("public/" + page)
	for _, want := range texts {
		if not, no := strings.CutPrefix(want, "!"); no == strings.Contains(got, strings.TrimPrefix(want, "!")) {
			b.t.Errorf("%s: %q stands in it: %v\n%.6000s", page, cmp.Or(not, want), no, got)
		}
	}
}

// TestAuthorPages: each author has a page with profile, posts and feeds, and the byline leads there.
func TestAuthorPages(t *testing.T) {
	t.Parallel()
	b := shelfBlog(t)
	b.publish()
	for page, want := range map[string]string{"authors/ada/": "Three One", "authors/bo/": "Zwei Two", "authors/new/": ""} {
		if got := b.listed(page); got != want {
			t.Errorf("%s lists %q, want %q", page, got, want)
		}
	}
	b.says("authors/ada/index.html", `<h1 class="p-name">Ada Lovelace</h1>`, "Counts &amp; calculates.", `<a class="u-url" rel="me" href="https://ada.example/">Web</a>`,
		`<img class="u-photo" src="/ada.png" alt="" width="1" height="1">`, `rel="me" href="https://example.com/ap/@ada" dir="ltr" translate="no">@ada@example.com</a>`,
		`<a class="u-url" rel="me" href="https://code.example/ada">https://code.example/ada</a>`, "<bdi>she/her</bdi>", `href="https://example.com/authors/ada/atom.xml"`, "!Secret")
	b.says("authors/bo/index.html", `<span class="handle" dir="ltr" translate="no">@bo@social.example</span>`, "!elsewhere.example")
	b.says("authors/index.html", `<a href="/authors/ada/">Ada Lovelace</a>`, `<a href="/authors/bo/">bo</a>`, `<a href="/authors/new/">Not yet</a>`)
	b.says("posts/one/index.html", `<a class="p-author h-card" rel="author" href="https://example.com/authors/ada/">Ada Lovelace</a>`, `"url":"https://example.com/authors/ada/"`)
	b.says("posts/solo/index.html", `rel="author" href="https://example.com/">Ada</a>`)
	b.says("index.html", `<a class="p-author h-card" rel="author" href="https://example.com/authors/bo/">bo</a>`, `!href="https://example.com/">Ada</a> <time`)
	b.says("authors/bo/index.html", `!rel="author"`)
	b.says("authors/ada/atom.xml", "<title>Three</title>", "<title>One</title>", "!<title>Two</title>", "<author><name>Ada Lovelace</name><uri>https://example.com/authors/ada/</uri></author>", "!Hidden")
	b.says("sitemap.xml", "<loc>https://example.com/authors/ada/</loc><lastmod>2026-10-04T", "<loc>https://example.com/series/low-tides/</loc>", "<loc>https://example.com/de/</loc>")
	if b.has("public/authors/new/atom.xml") {
		t.Error("an author without a post has a feed")
	}
	b.write("content/posts/guest.md", post("Guest", "2026-10-06", `author = "Zoë Guest"`, "Text."))
	b.write("config.toml", testConfig)
	for _, name := range []string{"one", "two", "two.de", "three", "draft"} {
		b.remove("content/posts/" + name + ".md")
	}
	b.configure()
	b.o.Withdraw = true
	b.publish()
	b.says("posts/guest/index.html", `href="https://example.com/authors/zo%C3%AB-guest/">Zoë Guest</a>`)
	if b.listed("authors/zoë-guest/") != "Guest" || b.has("public/authors/ada") || b.has("public/de") {
		t.Error("a guest has no page, or former authors and languages still have one")
	}
}

// TestSeriesPages: a series has a page and feeds, its posts lead to the parts beside them, and a part in two languages counts once.
func TestSeriesPages(t *testing.T) {
	t.Parallel()
	b := shelfBlog(t)
	b.publish()
	if got := b.listed("series/low-tides/"); got != "One Two Zwei Three" {
		t.Errorf("the series lists %q", got)
	}
	b.says("series/low-tides/index.html", `<h1 class="p-name">Low tides!</h1>`, "4 posts", `href="https://example.com/series/low-tides/feed.json"`, "!Secret")
	b.says("series/low-tides/atom.xml", "<title>Zwei</title>", "!Hidden")
	b.says("posts/two/index.html", "Part 2 of 3:", `<a href="/series/low-tides/">The whole series</a>`, `<a href="/posts/one/"><span>Previous part:</span> One</a>`, `<a href="/posts/three/"><span>Next part:</span> Three</a>`)
	b.says("posts/two.de/index.html", "Teil 2 von 3:", `<a href="/posts/one/"><span>Voriger Teil:</span> One</a>`)
	b.says("posts/one/index.html", "Part 1 of 3:", "!Previous part", `<a href="/posts/two/"><span>Next part:</span> Two</a>`)
	b.says("series/index.html", `<a href="/series/low-tides/">Low tides!</a>`)
	b.write("content/series.md", "+++\ntitle = \"My series\"\n+++\n\nBy hand.\n")
	b.write("content/series/low-tides/atom.xml", "mine")
	b.write("content/mine.md", "+++\ntitle = \"My tides\"\npermalink = \"/series/low-tides/\"\n+++\n\nAlso by hand.\n")
	b.publish()
	b.says("series/index.html", "By hand.")
	b.says("series/low-tides/index.html", "Also by hand.")
	b.says("series/low-tides/atom.xml", "mine")
}

// TestLanguageHomes: where posts are in two languages each has a home with feeds, and every page leads to the others.
func TestLanguageHomes(t *testing.T) {
	t.Parallel()
	b := shelfBlog(t)
	b.publish()
	for page, want := range map[string]string{"": "Solo Three Zwei Two One", "de/": "Zwei", "en/": "Solo Three Two One"} {
		if got := b.listed(page); got != want {
			t.Errorf("/%s lists %q, want %q", page, got, want)
		}
	}
	b.says("de/index.html", `<html lang="de"`, `<link rel="alternate" hreflang="en" href="https://example.com/en/">`, `<link rel="alternate" hreflang="x-default" href="https://example.com/">`,
		`<a href="/de/" lang="de" aria-current="true">Deutsch</a>`, `<a href="/en/" lang="en">English</a>`, `href="https://example.com/de/feed.xml"`)
	b.says("index.html", `<link rel="alternate" hreflang="de" href="https://example.com/de/">`, `<a href="/de/" lang="de">Deutsch</a>`)
	b.says("posts/two/index.html", `<a href="/posts/two.de/" lang="de">Deutsch</a>`, `<a href="/posts/two/" lang="en" aria-current="true">English</a>`)
	b.says("posts/solo/index.html", `<a href="/de/" lang="de">Deutsch</a>`, `<a href="/en/" lang="en" aria-current="true">English</a>`)
	b.says("de/atom.xml", `xml:lang="de"`, "<title>Zwei</title>", "!<title>Two</title>")
	if b.has("public/fr") {
		t.Error("a draft gives its language a home")
	}
	b.remove("content/posts/two.de.md")
	b.o.Withdraw = true
	b.publish()
	if b.has("public/de/index.html") || b.has("public/en/index.html") {
		t.Error("a blog in one language has homes of languages")
	}
	b.says("index.html", "!hreflang", "!Deutsch")
}

// TestArchiveHeat: the archive shows how full each month was, in words too.
func TestArchiveHeat(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md": post("A", "2026-01-31 23:30:00", "", "Text."), "content/posts/b.md": post("B", "2026-10-02", "", "Text."),
		"content/posts/c.md": post("C", "2026-10-03", "", "Text."), "content/posts/d.md": post("D", "2026-10-04", "", "Text."),
		"content/posts/e.md": post("E", "2025-12-31", "", "Text."),
	})
	b.publish()
	b.says("archive/index.html", `<li class="l2"><span class="vh">Jan: 1 post</span></li><li class="l0"><span class="vh">Feb: 0 posts</span></li>`, `<li class="l4"><span class="vh">Oct: 3 posts</span></li>`,
		`<li class="l2"><span class="vh">Dec: 1 post</span></li></ol>`)
}
