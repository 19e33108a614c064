package interop

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// crowd puts n replies of as many people, each with two answers below one another.
func (w *embedWorld) crowd(n int) {
	for i := range n {
		id, at := fmt.Sprintf("https://social.example/notes/c%d", i), w.post.Published.Add(time.Duration(i)*time.Second)
		for depth, parent := 0, ""; depth < 3; depth++ {
			w.comment(store.Comment{ID: fmt.Sprint(id, "-", depth), Kind: store.Reply, Parent: parent, URL: fmt.Sprint(id, "-", depth), Language: "en", Published: at.Add(time.Duration(depth) * time.Millisecond),
				Content: treeJSON(activitypub.ParseHTML(fmt.Sprintf("<p>Words %d at %d</p>", i, depth), nil))}, person(fmt.Sprint("P", i)))
			parent = fmt.Sprint(id, "-", depth)
		}
	}
}

// TestEmbedAttributes: each attribute does what it says, as markup and as a property, on an element that shows already.
func TestEmbedAttributes(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.talk()
	w.crowd(2)
	w.comment(store.Comment{ID: "https://social.example/likes/9", Kind: store.Like, Parent: "https://social.example/notes/c1-0", Published: w.post.Published}, person("Zed"))
	w.comment(store.Comment{ID: "https://social.example/boosts/1", Kind: store.Boost, Published: w.post.Published}, person("Zed"))
	w.comment(store.Comment{ID: "https://social.example/quotes/1", Kind: store.Quote, URL: "https://social.example/quotes/1", Published: w.post.Published, Content: treeJSON(activitypub.ParseHTML("<p>Look at this</p>", nil))}, person("Zed"))
	w.page("/", fmt.Sprintf(strictCSP, w.inbox), `<link rel="canonical" href="`+w.post.URL+`">`+w.element("")+strings.Replace(w.element("count-only"), ` for="`+w.post.URL+`"`, "", 1)+w.tag("fedi-comments")+`<div id="far"></div>`)
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	seen := watch(t, ctx, "nobody")
	w.open(ctx, "/")
	until(t, ctx, "both elements show", `[...document.querySelectorAll("fedi-comments")].every((e) => e.shadowRoot?.textContent.includes("9 replies"))`)
	// Each row sets properties, looks, and takes them back.
	for _, c := range []struct{ what, set, want, back string }{
		{"oldest first", ``, `order().startsWith("Words 0")`, ``},
		{"newest first", `e.sort = "newest"`, `order().startsWith("The butler") && e.getAttribute("sort") == "newest"`, `e.sort = null`},
		{"most liked first", `e.sort = "top"`, `order().startsWith("Words 1")`, `e.removeAttribute("sort")`},
		{"indented to its depth", ``, `r.querySelectorAll("ol ol ol").length == 2`, ``},
		{"flat below max-depth", `e.maxDepth = 2`, `r.querySelectorAll("ol ol ol").length == 0 && r.textContent.includes("in reply to @p0@social.example")`, `e.maxDepth = null`},
		{"limit", `e.limit = 4`, `r.querySelectorAll("article").length == 4 && r.textContent.includes("Show 6 more")`, `e.limit = null`},
		{"replies alone", `e.show = "replies"`, `!r.querySelector("[part~=likes]") && !r.textContent.includes("Look at this") && r.querySelectorAll("article").length == 9`, `e.show = null`},
		{"likes alone", `e.show = "likes"`, `r.querySelector("[part~=likes]") && !r.querySelector("article, [part~=boosts]")`, `e.show = null`},
		{"boosts and quotes", `e.show = "boosts quotes"`, `r.querySelector("[part~=boosts]") && r.textContent.includes("Look at this") && r.querySelectorAll("article").length == 1`, `e.show = null`},
		{"no pictures of people", `e.avatars = "none"`, `!r.querySelector("img[part=avatar]") && r.querySelector("article b[part=avatar]").textContent == "P"`, `e.avatars = "proxied"`},
		{"pictures again", ``, `r.querySelector("img[part=avatar]")`, ``},
		{"dark", `e.theme = "dark"`, `getComputedStyle(e).colorScheme == "dark" && getComputedStyle(e).backgroundColor != "rgb(255, 255, 255)"`, `e.theme = "auto"`},
		{"the host's colours", `e.style.setProperty("--fc-background", "rgb(1, 2, 3)"); e.style.setProperty("--fc-accent", "rgb(4, 5, 6)"); e.style.setProperty("--fc-font", "monospace"); e.style.setProperty("--fc-radius", "9px")`,
			`getComputedStyle(e).backgroundColor == "rgb(1, 2, 3)" && getComputedStyle(r.querySelector("[part=actions] a")).color == "rgb(4, 5, 6)" && getComputedStyle(e).fontFamily == "monospace" && getComputedStyle(r.querySelector(".btn")).borderRadius == "9px"`, `e.removeAttribute("style")`},
		{"the count alone", `e.countOnly = true`, `r.textContent == "9 replies" && getComputedStyle(e).display == "inline"`, `e.countOnly = false`},
		{"all is back", ``, `r.querySelectorAll("article").length == 10 && [...r.querySelectorAll("[part~=root],[part~=heading],[part~=bar],[part~=reply-button],[part~=facepile],[part~=likes],[part~=boosts],[part~=list],[part~=comment],[part~=avatar],[part~=author],[part~=handle],[part~=content],[part~=cw],[part~=media],[part~=actions]")].length > 16`, ``},
		{"data is the last answer", ``, `e.data.v == 1 && e.data.count == 9 && e.data.url == "` + w.post.URL + `"`, ``},
	} {
		js := `((e, r, order) => { ` + c.set + `; const ok = !!(` + c.want + `); ` + c.back + `; return ok; })`
		if !value[bool](t, ctx, js+`(document.querySelector("fedi-comments"), document.querySelector("fedi-comments").shadowRoot, () => document.querySelector("fedi-comments").shadowRoot.querySelector("[part=content]").textContent)`) {
			t.Errorf("not so: %s: %s", c.what, value[string](t, ctx, shadow))
		}
	}
	value[bool](t, ctx, `(document.querySelector("fedi-comments").lang = "ar", true)`)
	until(t, ctx, "it is Arabic", shadow+`.includes("التعليقات")`)
	for _, f := range w.foreign(seen.take()) {
		t.Error(f)
	}
}

// TestEmbedStates: what stands there while it loads, when nobody has answered, when the thread is closed, and when the network goes away.
func TestEmbedStates(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.page("/", fmt.Sprintf(strictCSP, w.inbox), w.element(`count="2"`)+`<p id="below">below</p>`+w.tag("fedi-comments"))
	w.page("/far", "", `<div style="height: 5000px"></div>`+strings.Replace(w.element(""), " eager", "", 1)+w.tag("fedi-comments"))
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	w.open(ctx, "/")
	until(t, ctx, "the invitation shows", shadow+`.includes("No replies yet")`)
	picture(t, ctx, "embed-empty")
	const root = `document.querySelector("fedi-comments").shadowRoot`

	// A new reply comes while somebody types into the dialog: neither it nor what was opened goes away.
	w.talk()
	value[bool](t, ctx, `(document.querySelector("fedi-comments").refresh(), true)`)
	until(t, ctx, "the thread shows", shadow+`.includes("The butler")`)
	value[bool](t, ctx, `((r) => { r.querySelector("details").open = true; r.querySelector("[part=reply-button]").click(); r.querySelector("input").value = "@me"; return true; })(`+root+`)`)
	picture(t, ctx, "embed-dialog")
	w.comment(store.Comment{ID: "https://social.example/likes/2", Kind: store.Like, Published: w.post.Published}, person("Eve"))
	value[bool](t, ctx, `(document.querySelector("fedi-comments").refresh(), true)`)
	until(t, ctx, "the like shows", shadow+`.includes("2 likes")`)
	if !value[bool](t, ctx, `((r) => r.querySelector("details").open && r.querySelector("dialog").open && r.querySelector("dialog").matches(":modal") && r.querySelector("input").value == "@me")(`+root+`)`) {
		t.Error("a refresh closed the dialog or what was opened")
	}
	value[bool](t, ctx, root+`.querySelector("dialog [type=button]").click() || true`)

	// The network goes: the thread stays, and it comes back by itself.
	offline := func(is bool) {
		t.Helper()
		if _, err := chromedp.Call(ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: is, DownloadThroughput: -1, UploadThroughput: -1}); err != nil {
			t.Fatal(err)
		}
		if _, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Offline: is, DownloadThroughput: -1, UploadThroughput: -1}}}); err != nil {
			t.Fatal(err)
		}
	}
	offline(true)
	value[bool](t, ctx, `(document.querySelector("fedi-comments").refresh(), true)`)
	until(t, ctx, "it says so", shadow+`.includes("You are offline")`)
	if !value[bool](t, ctx, shadow+`.includes("The butler") && `+root+`.querySelector("[part=error]").getAttribute("role") == "alert"`) {
		t.Error("without a network the thread is gone")
	}
	picture(t, ctx, "embed-offline")
	offline(false)
	until(t, ctx, "it comes back", `!`+shadow+`.includes("offline") && `+shadow+`.includes("The butler")`)

	over := newEmbedWorld(t, closed)
	over.page("/", "", over.element("")+over.tag("fedi-comments"))
	over.open(ctx, "/")
	until(t, ctx, "it is closed", `!!document.querySelector("fedi-comments")?.shadowRoot?.textContent.includes("Comments are closed.")`)
	if value[bool](t, ctx, `!!`+root+`.querySelector("[href*='intent=reply']")`) {
		t.Error("a closed thread offers to reply")
	}
	picture(t, ctx, "embed-closed")

	// Far below, nothing is asked until a reader comes near.
	seen := watch(t, ctx, "nobody")
	w.open(ctx, "/far")
	until(t, ctx, "the script ran", `!!document.querySelector("fedi-comments").shadowRoot`)
	for _, f := range seen.take() {
		if strings.Contains(f, "/api/") {
			t.Errorf("far away: %s", f)
		}
	}
	value[bool](t, ctx, `(scrollTo(0, 4700), true)`)
	until(t, ctx, "it loads when it is near", shadow+`.includes("The butler")`)
}

// TestEmbedKeepsStill: nothing below moves when the thread comes: on a page that reserves the place as docs/embedding.md says, and, with
// the count alone, where the element begins below what is seen first.
func TestEmbedKeepsStill(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.talk()
	const shifts = `<script>window.moved = 0; new PerformanceObserver((l) => l.getEntries().forEach((e) => moved += e.value)).observe({ type: "layout-shift", buffered: true });</script>`
	w.page("/first", "", `<style>fedi-comments { display: block; min-height: 36em }</style>`+shifts+w.element("")+`<p>below</p>`+w.tag("fedi-comments"))
	w.page("/later", "", shifts+`<div style="height: 1000px">The post</div>`+w.element(`count="3"`)+`<p>below</p>`+w.tag("fedi-comments"))
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	look(t, ctx, 1280, "light", true)
	for path, to := range map[string]int{"/first": 0, "/later": 400} {
		w.open(ctx, path)
		value[bool](t, ctx, fmt.Sprintf(`(scrollTo(0, %d), true)`, to))
		until(t, ctx, "the thread shows", shadow+`.includes("The butler")`)
		value[bool](t, ctx, `(requestAnimationFrame(() => requestAnimationFrame(() => window.painted = true)), true)`)
		until(t, ctx, "it is painted", `!!window.painted`)
		if moved := value[float64](t, ctx, `moved`); moved >= 0.005 { // as CLS is told, with two digits
			t.Errorf("%s: what stands below moved by %g", path, moved)
		}
	}
}
