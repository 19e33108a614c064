package publisher

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
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

// TestMarkupAgain changes what posts depend on without a change of their own text: what they say of it follows, and equals what a
// clean run makes.
func TestMarkupAgain(t *testing.T) {
	t.Parallel()
	b := markupBlog(t)
	b.publish()
	b.write("content/posts/other.md", post("High water", "2026-10-27", `id = "other"`, "## Times\n\nText.\n"))
	b.write("content/posts/low.md", post("Low water", "2026-10-26", "", "Text.\n"))
	r := b.publish()
	var said []string
	for _, d := range r.Diagnostics {
		said = append(said, d.Code+" "+d.Message)
	}
	if want := "P071 content/posts/other.md has no heading #tables"; len(said) != 3 || said[0] != want {
		t.Errorf("publish says %q, want three times %q", said, want)
	}
	page := b.body("everything")
	for _, want := range []string{`<a href="/posts/other/">High water</a>`, `<a href="/posts/low/">Low water</a>`, `<a href="/posts/other/#tables">High water § Tables</a>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	b.write("templates/shortcodes/stamp.html", "<b>{{.Inner}}</b>")
	if b.publish(); !strings.Contains(b.body("everything"), "<b>Own <em>text</em></b>") {
		t.Error("a template of a shortcode changed, the page did not")
	}
	page = b.body("everything")
	b.remove(".cache")
	if b.publish(); b.body("everything") != page {
		t.Error("a clean run makes another page")
	}
}

// TestEmbeds: a player of another site stands in a page only where the site lets it and the post does not say otherwise.
func TestEmbeds(t *testing.T) {
	t.Parallel()
	films := "{{< youtube dQw4w9WgXcQ \"A <film>\" start=90 >}}\n\n{{< vimeo id=\"https://vimeo.com/76979871\" poster=\"sea.png\" title=\"B\" >}}\n"
	files := map[string]string{
		"content/posts/a.md": post("A", "2026-10-27", `id = "a"`, films), "content/posts/b.md": post("B", "2026-10-27", "id = \"b\"\n[params]\nembeds = false", films),
		"content/posts/sea.png": picturePNG(t, 64, 48),
	}
	b := newBlog(t, files)
	b.publish()
	for _, slug := range []string{"a", "b"} {
		if page := b.body(slug); strings.Contains(page, "<iframe") || !strings.Contains(page, `href="https://www.youtube.com/watch?v=dQw4w9WgXcQ&amp;t=90s" rel="external">A &lt;film&gt; (YouTube)</a>`) ||
			!strings.Contains(page, `<figure><a href="https://vimeo.com/76979871"><img src="/posts/`+slug+`/sea.png" alt="B"`) {
			t.Errorf("%s asks another site, or has no link there:\n%s", slug, page)
		}
	}
	b.write("config.toml", testConfig+"[publish]\nembeds = true\n")
	b.configure()
	b.publish()
	page := b.body("a")
	for _, want := range []string{`<iframe src="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=90" title="A &lt;film&gt;" loading="lazy"`, `<iframe src="https://player.vimeo.com/video/76979871?dnt=1"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s:\n%s", want, page)
		}
	}
	if strings.Contains(b.body("b"), "<iframe") {
		t.Error("a post that wants none has a player")
	}
	if got := b.document("a").Content; strings.Contains(got, "iframe") || !strings.Contains(got, `<a href="https://vimeo.com/76979871">B (Vimeo)</a>`) {
		t.Errorf("followers get %s", got)
	}
}

// TestOwnShortcodes: a fault of a site's own template names the template, its line and the place in the post; values are escaped for
// where they stand.
func TestOwnShortcodes(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md":             post("A & B", "2026-10-27", "id = \"a\"\nlang = \"de\"\n[params]\nx = 1", "Text.\n\n{{< card \"<i>\" href=\"javascript:alert(1)\" >}}\n\nIn {{< card 1 >}} line.\n"),
		"templates/shortcodes/card.html": "<p><a href=\"{{.Get \"href\"}}\">{{.Get 0}}{{.Get 7}} {{.Title}} {{.Language}} {{.Page.x}} {{range .Args}}{{.}}{{end}}</a></p>\n",
	})
	b.publish()
	if page := b.body("a"); !strings.Contains(page, `<a href="#ZgotmplZ">&lt;i&gt; A &amp; B de 1 &lt;i&gt;</a>`) {
		t.Errorf("got %s", page)
	}
	for text, want := range map[string]string{
		"{{.Nosuch}}":            "P076 content/posts/a.md:12:1 template: templates/shortcodes/card.html:1:2: executing",
		"<p>\n{{index .Args 5}}": "P076 content/posts/a.md:12:1 template: templates/shortcodes/card.html:2:2: executing",
		"{{if}}":                 "P076 templates/shortcodes:0:0 template: templates/shortcodes/card.html:1: missing value for if",
		"<a href=\"{{.Inner}}":   "P076 templates/shortcodes:0:0 templates/shortcodes/card.html: ",
	} {
		b.write("templates/shortcodes/card.html", text)
		ds := b.faults()
		if got := fmt.Sprintf("%s %s:%d:%d %s", ds[0].Code, ds[0].File, ds[0].Line, ds[0].Col, ds[0].Message); !strings.HasPrefix(got, want) {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// TestCodeCopiesExactly reads the code of a page as a browser gives it to the clipboard: to the byte what was written, whatever is
// said of its lines.
func TestCodeCopiesExactly(t *testing.T) {
	t.Parallel()
	code := "// a\n\nfunc f() {\n\t/* two\n\t   lines */ return \"<&>\"\n}\n"
	diff := " func f() {\n-\ta()\n+\tb() // <\n\n }\n@@ x\n"
	var text strings.Builder
	var want []string
	for _, info := range []string{"go", "go {lines=true}", "go {mark=\"1-2,5\"}", "go {lines=true start=98 mark=\"4\"}", "{lines}", "nosuch {lines}", "diff-go", "go {diff lines}", "diff", "diff {lines}"} {
		body := code
		if strings.Contains(info, "diff") {
			body = diff
		}
		fmt.Fprintf(&text, "```%s\n%s```\n\n", info, body)
		want = append(want, body)
	}
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", `id = "a"`, text.String())})
	for range 2 { // the second time from what the first one coloured
		b.publish()
		page := b.body("a")
		if got := codeOf(t, page); !slices.Equal(got, want) {
			t.Errorf("the page's code is (-want +got):\n%s", cmp.Diff(want, got))
		}
		if !strings.Contains(page, `<span class="line hl" data-n="101">`) || !strings.Contains(page, `<del class="gd">-	<span`) || !strings.Contains(page, `<ins class="gi" data-n="3">+`) {
			t.Errorf("lines are not what was asked for:\n%s", page)
		}
		if got := codeOf(t, b.document("a").Content); !slices.Equal(got, want) {
			t.Errorf("followers get other code (-want +got):\n%s", cmp.Diff(want, got))
		}
		b.write("content/posts/a.md", post("A", "2026-10-27", `id = "a"`, text.String()+"More.\n"))
	}
}

// codeOf is the text of every code block.
func codeOf(t *testing.T, page string) (list []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "pre" {
			var b strings.Builder
			for c := range n.Descendants() {
				if c.Type == html.TextNode {
					b.WriteString(c.Data)
				}
			}
			list = append(list, b.String())
		}
	}
	return list
}

func TestLanguagesOfMarkup(t *testing.T) {
	t.Parallel()
	text := "\"A\" it's.[^1]\n\n> [!NOTE]\n> B\n\n```go\n```\n\n[^1]: C\n"
	b := newBlog(t, map[string]string{
		"content/posts/de.md": post("A", "2026-10-27", "lang = \"de-AT\"", text), "content/posts/fr.md": post("A", "2026-10-26", "lang = \"fr\"", text), "content/posts/en.md": post("A", "2026-10-25", "", text),
	})
	b.publish()
	for slug, want := range map[string][]string{
		"de": {"„A“ it&rsquo;s", `aria-label="Fußnoten"`, `aria-label="Zurück zu Verweis 1"`, `aria-label="Hinweis"`, "<strong>Hinweis</strong>"},
		"fr": {"«\u202fA\u202f»", `aria-label="Notes"`, `aria-label="Remarque"`},
		"en": {"“A” it&rsquo;s", `aria-label="Footnotes"`, `aria-label="Back to reference 1"`, `aria-label="Code: go"`},
	} {
		for _, s := range want {
			if page := b.body(slug); !strings.Contains(page, s) {
				t.Errorf("%s lacks %s:\n%s", slug, s, page)
			}
		}
	}
}

func TestContents(t *testing.T) {
	t.Parallel()
	two, three := "## One\n\n### Two\n\n#### Deep\n", "## One\n\n### Two\n\n## Three\n"
	for name, c := range map[string]struct {
		site, more, text string
		want             bool
	}{
		"auto, two":        {"", "", two, false},
		"auto, three":      {"", "", three, true},
		"true, two":        {"", "toc = true", two, true},
		"true, none":       {"", "toc = true", "Text.", false},
		"false, three":     {"", "toc = false", three, false},
		"site off":         {"off", "", three, false},
		"site off, true":   {"off", "toc = true", two, true},
		"site on":          {"on", "", two, true},
		"site on, auto":    {"on", "toc = \"auto\"", two, false},
		"site off, auto 3": {"off", "toc = \"auto\"", three, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := testConfig
			if c.site != "" {
				config += "[publish]\ntoc = \"" + c.site + "\"\n"
			}
			b := newBlog(t, map[string]string{"config.toml": config, "content/posts/a.md": post("A", "2026-10-27", c.more, c.text)})
			b.publish()
			page := strings.ReplaceAll(b.read("public/posts/a/index.html"), "\n", "")
			if got := strings.Contains(page, `<details class="toc">`); got != c.want {
				t.Errorf("the page has a table of contents: %v, want %v", got, c.want)
			}
			if c.want && !strings.Contains(page, `<ol><li><a href="#one">One</a><ol><li><a href="#two">Two</a></li></ol></li>`) {
				t.Errorf("it is not nested:\n%s", page)
			}
		})
	}
}

// TestMarkupEscapes: on a blog of several authors no word that one of them writes into markup becomes an element or an attribute.
func TestMarkupEscapes(t *testing.T) {
	t.Parallel()
	evil := `<img src=x onerror=y()> \" onclick=\"z() &amp; \\*`
	text := "> [!NOTE] " + evil + "\n> a\n\n```go {file='" + evil + "'}\na\n```\n\n![a](sea.png \"" + evil + "\")\n\n{{< details \"" + evil + "\" >}}\na\n{{< /details >}}\n\n" +
		"{{< youtube dQw4w9WgXcQ \"" + evil + "\" >}}\n\n{{< figure sea.png \"" + evil + "\" \"" + evil + "\" >}}\n\n{{</* " + evil + " */>}} [[other|" + evil + "]] ![[sea.png|" + evil + "]]\n\n*[AB]: " + evil + "\n\nAB\n"
	b := newBlog(t, map[string]string{
		"config.toml":            testConfig + "[authors.ada]\nname = \"Ada\"\n[authors.bo]\nname = \"Bo\"\n",
		"content/posts/a.md":     post("A", "2026-10-27", "id = \"a\"\nauthor = \"ada\"", text),
		"content/posts/other.md": post(`<b>T</b> \* &amp;`, "2026-10-26", "author = \"bo\"", "See [[a]] and [[other]]."),
		"content/posts/sea.png":  picturePNG(t, 64, 48),
	})
	b.publish()
	for _, text := range []string{b.body("a"), b.body("other"), b.document("a").Content} {
		checkNothingRuns(t, text, false)
		checkBalanced(t, text)
		for z := html.NewTokenizer(strings.NewReader(text)); z.Next() != html.ErrorToken; {
			tag := z.Token()
			if src := attr(tag, "src"); src != "" && !strings.HasSuffix(src, "/sea.png") {
				t.Errorf("a word became <img src=%q>", src)
			}
		}
	}
	if want := `<a href="/posts/other/">&lt;b&gt;T&lt;/b&gt; \* &amp;amp;</a>`; !strings.Contains(b.body("other"), want) {
		t.Errorf("a title is read as Markdown: %s", b.body("other"))
	}
}

// TestWikiLinksLead follows every name that a post goes by, on a site that lies below a path.
func TestWikiLinksLead(t *testing.T) {
	t.Parallel()
	links := "[[about]] [[posts/about]] [[About us|us]] [[trip]] [[SLUG]] [[a]] [[draft]] [[map.pdf]] ![[deep.png|A deep one]] ![[sea.png|30]] [[sea]] [x [[sea]]](sea.md)\n"
	b := newBlog(t, map[string]string{
		"config.toml":                 strings.Replace(testConfig, "https://example.com", "https://example.com/blog", 1),
		"content/posts/a.md":          post("A", "2026-10-27", "", links),
		"content/about.md":            "+++\ntitle = \"About us\"\n+++\nText.\n",
		"content/posts/about.md":      post("About", "2026-10-26", "", "Text."),
		"content/posts/trip/index.md": post("A trip", "2026-10-25", "", "Text."),
		"content/posts/sea.md":        post("Sea", "2026-10-24", `slug = "slug"`, "Text."),
		"content/posts/draft.md":      post("Draft", "2026-10-24", "draft = true", "Text."),
		"content/posts/map.pdf":       "x", "content/posts/trip/deep.png": picturePNG(t, 8, 8), "content/posts/sea.png": picturePNG(t, 60, 40),
	})
	r := b.publish()
	var said []string
	for _, d := range r.Diagnostics {
		said = append(said, fmt.Sprintf("%s:%d", d.Code, d.Col))
	}
	if want := []string{"P030:67", "P041:114"}; !slices.Equal(said, want) {
		t.Errorf("publish says %q, want %q: %v", said, want, r.Diagnostics)
	}
	want := `<p><a href="/blog/about/">About us</a> <a href="/blog/posts/about/">About</a> <a href="/blog/about/">us</a> <a href="/blog/posts/trip/">A trip</a> <a href="/blog/posts/slug/">Sea</a> ` +
		`<a href="/blog/posts/a/">A</a> <a href="/blog/posts/draft/">Draft</a> <a href="/blog/posts/a/map.pdf">map.pdf</a> <img src="/blog/posts/a/trip/deep.png" alt="A deep one" width="8" height="8" loading="lazy" decoding="async"> ` +
		`<img src="/blog/posts/a/sea.png" alt="" width="30" height="20" loading="lazy" decoding="async"> <a href="/blog/posts/slug/">Sea</a> <a href="/blog/posts/slug/">x [[sea]]</a></p>` + "\n\n"
	if diff := cmp.Diff(want, b.body("a")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, file := range []string{"trip/deep.png", "sea.png", "map.pdf"} {
		if !b.has("public/posts/a/" + file) {
			t.Errorf("%s is not copied", file)
		}
	}
}
