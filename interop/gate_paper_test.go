package interop

import (
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestThemeWeight: with the default theme a page and its style sheet come in 12 KB and the script in 3; plain is 4 KB in all its files and has no
// script. The gzip is that of a server which compresses beforehand.
func TestThemeWeight(t *testing.T) {
	t.Parallel()
	b := makeBlog(t, "http://127.0.0.1:1", "127.0.0.1:1", map[string]string{"a.md": "+++\ntitle = \"A\"\ndate = 2026-10-28\nsummary = \"In short.\"\ntags = [\"one\"]\n+++\n\n" + gateProse})
	read := func(name string) []byte {
		data, err := os.ReadFile(b.dir + "/public/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	html := read("posts/a/index.html")
	if n := zipped(html) + zipped(read(b.asset(string(html), `href="/(assets/style\.[^"]+)"`))); n > 12<<10 {
		t.Errorf("HTML and CSS come to %d bytes in gzip", n)
	}
	if n := zipped(read(b.asset(string(html), `src="/(assets/theme\.[^"]+)"`))); n > 3<<10 {
		t.Errorf("the script comes to %d bytes in gzip", n)
	}
	b.cfg.Publish.Theme = "plain"
	b.publish()
	html = read("posts/a/index.html")
	if n := zipped(read(b.asset(string(html), `href="/(assets/style\.[^"]+)"`))); n > 4<<10 {
		t.Errorf("plain comes to %d bytes in gzip", n)
	}
	if strings.Contains(string(html), `src="/assets/theme.`) {
		t.Error("plain has a script")
	}
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
