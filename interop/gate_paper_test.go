package interop

import (
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/postil-blog/postil/templates"
)

// TestThemeWeight: with the default theme a page and its style sheet come in 12 KB. With plain the page of a few words and its style sheet come in 4 KB,
// and it has no script of its own. The gzip is that of a server which compresses beforehand.
func TestThemeWeight(t *testing.T) {
	t.Parallel()
	b := makeBlog(t, "http://127.0.0.1:1", "127.0.0.1:1", map[string]string{"a.md": "+++\ntitle = \"A\"\ndate = 2026-10-28\nsummary = \"In short.\"\ntags = [\"one\"]\n+++\n\n" + gateProse,
		"b.md": "+++\ntitle = \"B\"\ndate = 2026-10-27\n+++\n\nA few words, and no more of them.\n"})
	weight := func(name string) int { return zipped(b.published(name)) }
	html := string(b.published("posts/a/index.html"))
	if n := zipped([]byte(html)) + weight(b.asset(html, `href="/(assets/style\.[^"]+)"`)); n > 12<<10 {
		t.Errorf("HTML and CSS come to %d bytes in gzip", n)
	}
	b.cfg.Publish.Theme = "plain"
	b.publish()
	html = string(b.published("posts/b/index.html"))
	if n := zipped([]byte(html)) + weight(b.asset(html, `href="/(assets/style\.[^"]+)"`)); n > 4<<10 {
		t.Errorf("plain comes to %d bytes in gzip", n)
	}
	if strings.Contains(html, `src="/assets/theme.`) || strings.Count(html, `src="/assets/live.`) != 1 {
		t.Error("plain has a script of its own, or none that brings new comments")
	}
	if strings.Contains(string(b.published("archive/index.html")), "<script") {
		t.Error("plain's archive has a script")
	}
}

// TestScriptWeight: a page has one script, which also brings new comments in its language, and it comes in 3 KB.
func TestScriptWeight(t *testing.T) {
	t.Parallel()
	posts := map[string]string{}
	for _, lang := range templates.Languages() {
		posts["in-"+lang+".md"] = "+++\ntitle = \"B\"\ndate = 2026-10-27\nlang = \"" + lang + "\"\n+++\n\nB.\n"
	}
	b := makeBlog(t, "http://127.0.0.1:1", "127.0.0.1:1", posts)
	for _, lang := range templates.Languages() {
		html := string(b.published("posts/in-" + lang + "/index.html"))
		script := b.published(b.asset(html, `src="/(assets/theme\.[^"]+)"`))
		if n := zipped(script); n > 3<<10 {
			t.Errorf("the script comes to %d bytes in gzip in %s", n, lang)
		}
		if strings.Count(html, "<script src=") != 1 {
			t.Errorf("in %s the page has more than one script", lang)
		}
		if words := templates.Text(lang, "failed"); !strings.Contains(string(script), words) {
			t.Errorf("the script of a page in %s does not say %q", lang, words)
		}
	}
}

// published is a file of the site.
func (b *blog) published(name string) []byte {
	b.t.Helper()
	data, err := os.ReadFile(filepath.Join(b.dir, "public", filepath.FromSlash(name)))
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

func zipped(data []byte) int {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	w.Write(data)
	w.Close()
	return b.Len()
}

// onPaper: a printed post is the text with the addresses of its links and its comments, without what can only be pressed, and black on white
// whatever scheme the reader has chosen.
func onPaper(t *testing.T, ctx context.Context, b *blog) {
	if err := chromedp.Do(ctx, chromedp.Navigate(b.base+"/posts/everything-you-can-write/")); err != nil {
		t.Fatal(err)
	}
	paper, background := "print", true
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: paper}); err != nil {
		t.Fatal(err)
	}
	for _, js := range []string{
		`[...document.querySelectorAll("nav, .skip, .mode, .btn, .copy, .toc, footer.site, .near, .actions")].every((e) => e.getClientRects().length === 0)`,
		`getComputedStyle(document.querySelector(".prose a[href^='https://www.w3.org']"), "::after").content.includes("https://www.w3.org/TR/activitypub/")`,
		`getComputedStyle(document.querySelector(".u-uid"), "::after").content.includes(document.querySelector("link[rel=canonical]").href)`,
		`document.querySelector(".footnotes").getClientRects().length > 0 && document.querySelector(".footnotes").getBoundingClientRect().top > document.querySelector("#footnotes").getBoundingClientRect().top`,
		`[...document.querySelectorAll(".thread article")].length === 19`,
		`document.documentElement.matches(".dark") && getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)"`,
		`getComputedStyle(document.documentElement).colorScheme === "light"`,
	} {
		if !value[bool](t, ctx, js) {
			t.Errorf("on paper not so: %s", js)
		}
	}
	pdf, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PrintBackground: &background, PaperWidth: 8.27, PaperHeight: 11.69})
	if err != nil {
		t.Fatal(err)
	}
	pages := bytes.Count(pdf.Data, []byte("/Type /Page\n"))
	if pages < 4 || pages > 8 {
		t.Errorf("the post with its comments prints on %d pages, want 4 to 8", pages)
	}
}

// paper: in each theme a printed post says where it is from, black on white, and shows nothing that can only be pressed.
func (g *gate) paper(t *testing.T) {
	if err := chromedp.Do(g.ctx, chromedp.Navigate(g.base+"/posts/closed/")); err != nil {
		t.Error(err)
		return
	}
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}
	if _, err := chromedp.Call(g.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print", Features: features}); err != nil {
		t.Error(err)
		return
	}
	for _, js := range []string{
		`getComputedStyle(document.querySelector(".title .u-uid"), "::after").content.includes(document.querySelector("link[rel=canonical]").href)`,
		`getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)"`,
		`[...document.querySelectorAll("nav, .skip, .btn, footer.site")].every((e) => e.getClientRects().length === 0)`,
	} {
		if ok, err := chromedp.Run(g.ctx, chromedp.Evaluate[bool](js)); err != nil || !ok {
			t.Errorf("on paper not so (%v): %s", err, js)
		}
	}
}

// withoutScript: without JavaScript a reader goes from the front page to a post and its comments and to what a search finds, and is
// shown no button that would do nothing.
func withoutScript(t *testing.T, ctx context.Context, b *blog) {
	look(t, ctx, 390, "light", false)
	if err := chromedp.Do(ctx, chromedp.Navigate(b.base+"/tags/markdown/"), chromedp.Click(chromedp.CSS(".posts h2 a"))); err != nil {
		t.Fatal(err)
	}
	until(t, ctx, "the post", `location.pathname === "/posts/everything-you-can-write/" && document.readyState === "complete"`)
	for _, js := range []string{
		`document.querySelectorAll(".thread article").length === 19`,
		`[...document.querySelectorAll("button")].every((e) => e.getClientRects().length === 0)`,
		`(document.querySelector(".toc").open = true, document.querySelector(".toc a").getClientRects().length === 1)`,
	} {
		if !value[bool](t, ctx, js) {
			t.Errorf("not so: %s", js)
		}
	}
	err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(`nav a[href="/search/"]`)), chromedp.WaitVisible(chromedp.CSS("#q")), chromedp.SendKeys(chromedp.CSS("#q"), "fog"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("form.search button"))); err != nil {
		t.Fatal(err)
	}
	if n := value[int](t, ctx, `document.querySelectorAll("#results li a").length`); n < 2 {
		t.Errorf("a search without JavaScript finds %d posts", n)
	}
}
