package interop

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// measures is the gate's own script: a function that takes what is wanted of a page and gives its faults.
//
//go:embed gate.js
var measures string

// axe is axe-core's script. It is put into each page by the debugger, so that the page's policy stays as strict as it is.
var axe = sync.OnceValues(func() (string, error) {
	data, err := os.ReadFile("axe/node_modules/axe-core/axe.min.js")
	return string(data), err
})

// gatePage is a page of the gate, in a state that a reader can bring it to. Measured pages have prose, whose lines are counted.
type gatePage struct {
	name, path        string // "{post}" in the path is the long post's id
	measured          bool
	requests          int    // 3 unless told
	missing           bool   // answers 404
	minor             bool   // much like another page: seen in two of the four views
	interact, foreign bool   // no chrome of the blog; not in English
	account           string // interact: what the reader says to be, and is not
	does              []act  // what happens before it is looked at
	status            string // of a request of the page's own that fails: the browser tells of it
}

// act is something that a reader does, as an expression, and what is so once that is through.
type act struct{ does, until string }

// Reader's acts below a post.
var (
	toComments = act{`(document.getElementById("comments").scrollIntoView({ behavior: "instant" }), true)`, `document.querySelector(".c-live button")?.textContent === "3 new replies, show"`}
	wantsThem  = act{`(document.querySelector(".c-live button").click(), true)`, `document.querySelector(".c-live").textContent.includes("cannot be loaded now")`}
	answers    = act{`(document.querySelector(".c-bar a").click(), true)`, `document.querySelector("dialog")?.open === true`}
)

// gatePages are every kind of page, and every state of a post's comments and of /interact.
var gatePages = []gatePage{
	{name: "home", path: "/"},
	{name: "older", path: "/page/2/", minor: true},
	{name: "long", path: "/posts/everything-you-can-write/"},
	{name: "short", path: "/posts/two-sentences/"},
	{name: "title", path: "/posts/long-title/", measured: true, minor: true},
	{name: "hard", path: "/posts/hard/", minor: true, foreign: true},
	{name: "closed", path: "/posts/closed/"},
	{name: "news", path: "/posts/news/", does: []act{toComments}},
	{name: "failed", path: "/posts/news/", does: []act{toComments, wantsThem}, requests: 4, status: "503"}, // the thread that was asked for
	{name: "dialog", path: "/posts/closed/", does: []act{answers}, requests: 4},                            // the dialog's script
	{name: "arabic", path: "/posts/arabic/", foreign: true},
	{name: "picture", path: "/posts/fog-over-the-valley/"},
	{name: "series", path: "/posts/hello-fediverse/", minor: true},
	{name: "archive", path: "/archive/"},
	{name: "tag", path: "/tags/fediverse/"},
	{name: "tags", path: "/tags/", minor: true},
	{name: "author", path: "/authors/mara/"},
	{name: "authors", path: "/authors/", minor: true},
	{name: "whole-series", path: "/series/starting-out/", minor: true},
	{name: "all-series", path: "/series/", minor: true},
	{name: "language", path: "/ar/", foreign: true, minor: true},
	{name: "page", path: "/about/", measured: true, minor: true},
	{name: "search", path: "/search/?q=fog", requests: 9}, // its script, and the parts of the index that hold the words
	{name: "interact", path: "/interact?intent=follow", interact: true},
	{name: "reply", path: "/interact?intent=reply&uri={post}", interact: true},
	{name: "elsewhere", path: "/interact?intent=like&uri=https%3A%2F%2Felsewhere.example%2Fnotes%2F1", interact: true, minor: true},
	{name: "likes", path: "/comments/everything-you-can-write/likes", interact: true, minor: true},
	{name: "unknown", path: "/interact?intent=follow", interact: true, account: "two words"},
	{name: "404", path: "/nowhere/", missing: true},
}

// gateView is how a page is looked at. Where whole is false axe runs the rules alone that depend on colour and room.
type gateView struct {
	scheme string
	width  int64
	whole  bool
}

var gateViews = []gateView{{"light", 1280, true}, {"dark", 1280, false}, {"dark", 390, true}, {"light", 390, false}}

// views are those that a page is looked at in: a sample, and with POSTIL_TEST_GATE set every view with every rule of axe.
func (p gatePage) views() []gateView {
	views := slices.Clone(gateViews)
	if os.Getenv("POSTIL_TEST_GATE") != "" {
		for i := range views {
			views[i].whole = true
		}
	} else if p.minor {
		views = []gateView{views[0], views[2]}
	}
	return views
}

// wanted is what gate.js is told.
type wanted struct {
	Measure  []int `json:"measure,omitempty"`
	Type     bool  `json:"type"`
	Dark     bool  `json:"dark"`
	Skip     bool  `json:"skip"`
	Buttons  bool  `json:"buttons"`
	Requests int   `json:"requests"`
}

func (p gatePage) wants(v gateView) wanted {
	w := wanted{Type: !p.foreign, Dark: v.scheme == "dark", Skip: !p.interact && p.name != "dialog", Buttons: true, Requests: 3}
	if p.requests > 0 {
		w.Requests = p.requests
	}
	if p.measured {
		w.Measure = []int{62, 70}
		if v.width < 768 {
			w.Measure = []int{38, 46}
		}
	}
	return w
}

// TestBrowserGate holds the default theme to its gate: every kind of page, served by inboxd under a strict policy, in both schemes, on a
// screen and on a phone. axe-core finds nothing, the policy is not violated, nothing is said on the console, no other host is asked,
// lines have the right length, every stop of the keyboard shows, and nothing is too small to hit.
func TestBrowserGate(t *testing.T) {
	t.Parallel()
	runGate(t, "default", gatePages)
}

// TestBrowserPlain: the second built-in theme passes the same gate with its post, its front page, and what a conversation looks like in it.
func TestBrowserPlain(t *testing.T) {
	t.Parallel()
	runGate(t, "plain", slices.DeleteFunc(slices.Clone(gatePages), func(p gatePage) bool {
		return !slices.Contains([]string{"home", "older", "long", "title", "hard", "search", "failed", "dialog", "arabic", "archive", "author", "whole-series", "authors", "interact"}, p.name)
	}))
}

// runGate sends every page through the gate.
func runGate(t *testing.T, theme string, pages []gatePage) {
	t.Helper()
	if _, err := axe(); err != nil {
		missing(t, "axe-core")
	}
	b := startGate(t, theme)
	throughGate(t, b, pages, theme, mapped(b)...)
}

func throughGate(t *testing.T, b *blog, pages []gatePage, theme string, flags ...chromedp.ExecAllocatorOption) {
	t.Helper()
	first := browser(t, flags...)
	if err := chromedp.Do(first); err != nil {
		t.Fatal(err)
	}
	// Two tabs: more would only wait for the processor.
	var wg sync.WaitGroup
	todo := make(chan gatePage)
	for range 2 {
		wg.Go(func() {
			ctx, cancel := chromedp.NewContext(first)
			defer cancel()
			g := newGate(t, ctx, b)
			if theme != "default" {
				g.prefix = theme + "-"
			}
			for p := range todo {
				g.page(t, p, p.views())
			}
		})
	}
	for _, p := range pages {
		todo <- p
	}
	close(todo)
	wg.Wait()
	ctx, cancel := chromedp.NewContext(first)
	defer cancel()
	newGate(t, ctx, b).paper(t)
}

// gate is one tab.
type gate struct {
	ctx  context.Context
	base string
	post string // id of the long post
	seen *watched
	// prefix begins the names of the pictures.
	prefix string
}

func newGate(t *testing.T, ctx context.Context, b *blog) *gate {
	_, host, _ := strings.Cut(b.cfg.Site.URL, "://")
	g := &gate{ctx: ctx, base: b.cfg.Site.URL, post: b.addr.Post("everything-you-can-write"), seen: watch(t, ctx, host)}
	entries := chromedp.Events(ctx, cdplog.EntryAdded)
	go func() {
		for e, err := range entries {
			if err != nil {
				return
			}
			g.seen.note("log %s %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	}()
	if err := g.listen(); err != nil {
		t.Error(err)
	}
	return g
}

// listen has the browser tell of violations and of its own log.
func (g *gate) listen() error {
	if _, err := chromedp.Call(g.ctx, cdplog.Enable, cdp.Empty{}); err != nil {
		return err
	}
	_, err := chromedp.Call(g.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `addEventListener("securitypolicyviolation", (e) => (window.violations ||= []).push(e.violatedDirective + " " + e.blockedURI + " " + e.sample));`})
	return err
}

// page looks at one page in every view. The page is loaded once: a reader turns the telephone and switches to dark, too.
func (g *gate) page(t *testing.T, p gatePage, views []gateView) {
	for i, v := range views {
		name := fmt.Sprintf("%s-%s-%d", p.name, v.scheme, v.width)
		ctx, cancel := context.WithTimeout(g.ctx, 60*time.Second)
		err := g.view(ctx, p, v, i == 0)
		if err == nil {
			err = g.faults(ctx, t, name, p, v)
		}
		if err == nil && *pictures != "" {
			portrait(t, ctx, g.prefix+name)
		}
		cancel()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
	g.narrow(t, p)
	for _, f := range g.seen.take() {
		// The browser itself tells of the page's own status.
		if status := cmp.Or(map[bool]string{p.missing: "404", p.account != "": "422"}[true], p.status); status == "" || !strings.Contains(f, status) {
			t.Errorf("%s: %s", p.name, f)
		}
	}
}

// narrow: the smallest telephone of the gate is 320 px wide, and no page moves sideways on it.
func (g *gate) narrow(t *testing.T, p gatePage) {
	err := g.view(g.ctx, p, gateView{"light", 320, false}, false)
	if err == nil {
		var over int
		over, err = chromedp.Run(g.ctx, chromedp.Evaluate[int]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
		if over > 0 {
			t.Errorf("%s: at 320 px the page is %d px too wide", p.name, over)
		}
	}
	if err != nil {
		t.Errorf("%s: %v", p.name, err)
	}
}

func (g *gate) view(ctx context.Context, p gatePage, v gateView, load bool) error {
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(v.width, 900)); err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil || !load {
		return err
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(g.base+strings.ReplaceAll(p.path, "{post}", url.QueryEscape(g.post)))); err != nil {
		return err
	}
	for _, a := range p.does {
		wait := "new Promise((done) => { const look = () => " + a.until + " ? done(true) : setTimeout(look, 50); look(); })"
		if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](a.does), chromedp.Evaluate[chromedp.Void](wait, chromedp.EvalAwaitPromise)); err != nil {
			return fmt.Errorf("waiting for %s: %w", a.until, err)
		}
	}
	if p.account == "" {
		return nil
	}
	if err := chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS("#acct"), p.account)); err != nil {
		return err
	}
	// As without a script: what the daemon answers is looked at.
	_, err := chromedp.RunResponse(ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("main form").submit()`))
	return err
}

// faults tells what axe and the gate's own script find.
func (g *gate) faults(ctx context.Context, t *testing.T, name string, p gatePage, v gateView) error {
	want, err := json.Marshal(p.wants(v))
	if err != nil {
		return err
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](measures+"("+string(want)+")"))
	if err != nil {
		return fmt.Errorf("measuring: %w", err)
	}
	for _, f := range found {
		t.Errorf("%s: %s", name, f)
	}
	if found, err = audit(ctx, v.whole); err != nil {
		return err
	}
	for _, f := range found {
		t.Errorf("%s: axe: %s", name, f)
	}
	return nil
}

// axeTags are the rules of the gate; axeColours those that another scheme or width can change.
const (
	axeTags    = `{runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]}, resultTypes: ["violations"]}`
	axeColours = `{runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable", "heading-order"]}, resultTypes: ["violations"]}`
)

// audit runs axe-core in the page.
func audit(ctx context.Context, whole bool) ([]string, error) {
	script, err := axe()
	if err != nil {
		return nil, err
	}
	options := axeColours
	if whole {
		options = axeTags
	}
	if known, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`"axe" in window`)); err != nil {
		return nil, err
	} else if !known {
		if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](script)); err != nil {
			return nil, fmt.Errorf("loading axe: %w", err)
		}
	}
	return chromedp.Run(ctx, chromedp.Evaluate[[]string](
		`axe.run(document, `+options+`).then((r) => r.violations.flatMap((v) => v.nodes.slice(0, 3).map((n) => v.id + ": " + v.help + " at " + n.target.join(" ") + ": " + n.failureSummary.replace(/\s+/g, " ").slice(0, 300))))`,
		chromedp.EvalAwaitPromise))
}
