package interop

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestBrowserTheme uses the default theme as readers do who have no JavaScript, who have it, and who print.
func TestBrowserTheme(t *testing.T) {
	t.Parallel()
	if _, err := axe(); err != nil {
		missing(t, "axe-core")
	}
	b := startGate(t, "default")
	first := browser(t)
	if err := chromedp.Do(first); err != nil {
		t.Fatal(err)
	}
	for _, reader := range []struct {
		name string
		does func(*testing.T, context.Context, *blog)
	}{{"NoScript", withoutScript}, {"Script", withScript}, {"Paper", onPaper}} {
		t.Run(reader.name, func(t *testing.T) {
			ctx, cancel := chromedp.NewContext(first)
			defer cancel()
			reader.does(t, ctx, b)
		})
	}
}

// withScript does what the default theme's script is for, under the strict policy: a picture opens at its full size and closes again, the
// section in view is marked in the contents, a footnote shows where it was asked for, and the chosen scheme is that of the next page, too.
func withScript(t *testing.T, ctx context.Context, b *blog) {
	g := newGate(t, ctx, b)
	is := func(what, js string) {
		t.Helper()
		if !value[bool](t, ctx, js) {
			t.Errorf("%s: not so: %s", what, js)
		}
	}
	look(t, ctx, 1280, "light", true)
	if err := chromedp.Do(ctx, chromedp.Navigate(b.base+"/posts/everything-you-can-write/")); err != nil {
		t.Fatal(err)
	}
	is("zoom", `(z = document.querySelector(".prose .zoom"), z.focus(), z.click(), document.querySelector("dialog").open && document.querySelector("dialog img").alt === z.firstChild.alt)`)
	until(t, ctx, "the whole picture is there", `document.querySelector("dialog img").naturalWidth > 1000 && document.querySelector("dialog img").clientWidth > 1000`)
	if found, err := audit(ctx, true); err != nil || len(found) > 0 {
		t.Errorf("with the picture open axe finds %q, %v", found, err)
	}
	is("zoom", `(document.querySelector("dialog button").click(), true)`)
	until(t, ctx, "the picture is closed and the keyboard where it was", `!document.querySelector("dialog") && document.activeElement.matches(".zoom")`)

	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`document.getElementById("code").scrollIntoView()`)); err != nil {
		t.Fatal(err)
	}
	until(t, ctx, "the section in view is marked", `[...document.querySelectorAll(".toc [aria-current]")].map((a) => a.hash).join() === "#code"`)

	is("mode", `(document.querySelector(".mode").click(), document.querySelector(".mode").ariaPressed === "true" && getComputedStyle(document.documentElement).colorScheme === "dark")`)
	look(t, ctx, 390, "light", true)
	if err := chromedp.Do(ctx, chromedp.Navigate(b.base+"/posts/everything-you-can-write/")); err != nil {
		t.Fatal(err)
	}
	is("the choice lasts", `getComputedStyle(document.documentElement).colorScheme === "dark"`)
	is("a narrow picture needs no button", `!document.querySelector(".zoom")`)
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(".footnote-ref"))); err != nil {
		t.Fatal(err)
	}
	until(t, ctx, "the footnote shows", `document.querySelector(".peek")?.matches(":popover-open") && document.querySelector(".peek").textContent.includes("Like this") && location.hash === ""`)
	is("it closes", `(document.querySelector(".peek").hidePopover(), true)`)
	if err := chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS(".footnote-ref"), kb.Enter)); err != nil {
		t.Fatal(err)
	}
	until(t, ctx, "a key follows the link", `decodeURIComponent(location.hash).endsWith("fn:1")`)
	for _, f := range g.seen.take() {
		t.Error(f)
	}
}
