package interop

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// ill is a daemon that is not well, on an origin of its own: the first part of the path says how. Once it is healed it answers as the true one does.
type ill struct {
	inbox string
	mu    sync.Mutex
	well  bool
	asked int
	hold  chan struct{} // closed: what waits goes on
}

func (i *ill) heal(well bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.well, i.asked = well, 0
}

func (i *ill) count() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked
}

func (i *ill) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	well := i.well
	i.asked++
	i.mu.Unlock()
	how, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	if how == "slow" {
		select {
		case <-i.hold:
		case <-r.Context().Done():
			return
		}
	}
	switch {
	case well || how == "slow":
		res, err := http.Get(i.inbox + "/api/v1/thread?" + r.URL.RawQuery)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		w.Header().Set("Content-Type", res.Header.Get("Content-Type"))
		io.Copy(w, res.Body)
	case how == "crowded":
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
	case how == "broken":
		w.WriteHeader(http.StatusInternalServerError)
	case how == "garbled":
		io.WriteString(w, "<html>A proxy's page")
	case how == "silent":
		<-r.Context().Done()
	default:
		panic(http.ErrAbortHandler) // the line is cut
	}
}

func (w *embedWorld) ill() (*ill, string) {
	w.t.Helper()
	i := &ill{inbox: w.inbox, hold: make(chan struct{})}
	server := httptest.NewServer(i)
	w.t.Cleanup(server.Close)
	return i, server.URL
}

// TestEmbedIll: whatever the daemon does in the place of an answer, a reader is told, finds what the page's author wrote and a way to reply, and gets the
// thread once it is well again. A daemon that says nothing is not waited for without end.
func TestEmbedIll(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.talk()
	daemon, at := w.ill()
	const patience = `<script>window.limits = []; AbortSignal.timeout = (ms) => { const c = new AbortController(); limits.push({ ms, c }); return c.signal; };</script>`
	ctx, cancel := context.WithTimeout(browser(t), 2*time.Minute)
	defer cancel()
	look(t, ctx, 720, "light", true)
	for _, how := range []string{"crowded", "broken", "garbled", "silent", "cut"} {
		daemon.heal(false)
		w.page("/"+how, "", patience+strings.Replace(w.element(""), `src="`+w.inbox, `src="`+at+"/"+how, 1)+w.tag("fedi-comments"))
		w.open(ctx, "/"+how)
		if how == "silent" {
			until(t, ctx, "it waits", `!!document.querySelector("fedi-comments").shadowRoot?.querySelector("[aria-busy] .wait") && limits.length == 1`)
			if ms := value[int](t, ctx, `limits[0].ms`); ms < 5_000 || ms > 60_000 {
				t.Errorf("a daemon that is silent is given up after %d ms", ms)
			}
			value[bool](t, ctx, `(limits[0].c.abort(new DOMException("", "TimeoutError")), true)`)
		}
		until(t, ctx, how+": the fault shows", shadow+`.includes("cannot be loaded")`)
		if !value[bool](t, ctx, `((r) => r.querySelector("[part=error][role=alert]") && r.querySelector("slot").assignedElements().length == 1 && r.querySelector("[part=reply-button]").href.includes("/interact?intent=reply") && !r.querySelector("[aria-busy]"))(document.querySelector("fedi-comments").shadowRoot)`) {
			t.Errorf("%s: neither the page's own words nor a way to reply, or it seems to load: %s", how, value[string](t, ctx, `document.querySelector("fedi-comments").shadowRoot.innerHTML`))
		}
		if n := daemon.count(); n > 2 { // a browser asks once more where the line was cut
			t.Errorf("%s: asked %d times by itself", how, n)
		}
		daemon.heal(true)
		value[bool](t, ctx, `(document.querySelector("fedi-comments").shadowRoot.querySelector("[part=error] button").click(), true)`)
		until(t, ctx, how+": the thread shows", shadow+`.includes("The butler")`)
	}
}

// TestEmbedSlow: while the answer is on its way a reader sees that something comes, in the room that it will take, and hears of it.
func TestEmbedSlow(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.talk()
	daemon, at := w.ill()
	slow := strings.Replace(w.element(`count="3"`), `src="`+w.inbox, `src="`+at+"/slow", 1)
	w.page("/", "", slow+`<p id="below">below</p>`+w.tag("fedi-comments"))
	w.page("/gone", "", slow+`<div id="away"></div>`+`<script>window.told = 0; for (const n of ["load", "error"]) addEventListener("fedi-comments:" + n, () => told++);</script>`+w.tag("fedi-comments"))
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	look(t, ctx, 720, "light", true)
	w.open(ctx, "/")
	until(t, ctx, "it loads", `!!document.querySelector("fedi-comments").shadowRoot?.querySelector("[aria-busy=true] .wait")`)
	if h := value[float64](t, ctx, `document.querySelector("fedi-comments").getBoundingClientRect().height`); h < 300 {
		t.Errorf("%g px are kept for three replies", h)
	}

	// One is taken out while it loads, and one is moved: the first shows nothing and says nothing, the second begins anew.
	w.open(ctx, "/gone")
	until(t, ctx, "it loads", `!!document.querySelector("fedi-comments").shadowRoot?.querySelector("[aria-busy=true] .wait")`)
	value[bool](t, ctx, `(window.one = document.querySelector("fedi-comments"), window.two = one.cloneNode(true), document.body.append(two), one.remove(), document.getElementById("away").append(two), true)`)
	close(daemon.hold)
	until(t, ctx, "the one that was moved shows", `two.shadowRoot.textContent.includes("The butler")`)
	if !value[bool](t, ctx, `told == 1 && !one.shadowRoot.textContent.includes("The butler")`) {
		t.Errorf("%d events; the one that was taken out shows %q", value[int](t, ctx, `told`), value[string](t, ctx, `one.shadowRoot.textContent`))
	}
}

// TestEmbedMoved: an element that shows stays as it is when a page puts it elsewhere, beside another one of the same post, and goes on listening once.
func TestEmbedMoved(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.talk()
	w.page("/", "", `<script>window.streams = []; window.EventSource = class extends EventSource { constructor(u) { super(u); streams.push(this); } };</script>`+
		strings.Replace(w.element("live"), "<fedi-comments", `<fedi-comments id="a"`, 1)+strings.Replace(w.element(`sort="newest"`), "<fedi-comments", `<fedi-comments id="b"`, 1)+`<main></main>`+w.tag("fedi-comments"))
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	look(t, ctx, 720, "light", true)
	w.open(ctx, "/")
	until(t, ctx, "both show", `[...document.querySelectorAll("fedi-comments")].every((e) => e.shadowRoot?.textContent.includes("The butler")) && streams.length == 1`)
	value[bool](t, ctx, `(a.shadowRoot.querySelector("details").open = true, document.querySelector("main").append(a), true)`)
	until(t, ctx, "it listens again", `streams.length == 2 && streams[1].readyState == 1`)
	if !value[bool](t, ctx, `streams[0].readyState == 2 && a.shadowRoot.textContent.includes("The butler") && a.shadowRoot.querySelector("details").open && b.shadowRoot.querySelector("[part=content]").textContent == "The butler"`) {
		t.Error("after the move the first stream is open, or the thread or what was opened is lost, or the other one changed")
	}
	w.comment(store.Comment{ID: "https://social.example/notes/9", Kind: store.Reply, URL: "https://social.example/@ed/9", Published: w.post.Published.Add(time.Hour), Content: treeJSON(activitypub.ParseHTML(`<p>Fresh</p>`, nil))}, person("Ed"))
	until(t, ctx, "it tells of a new reply", `a.shadowRoot.textContent.includes("1 new reply")`)
	if value[bool](t, ctx, `b.shadowRoot.textContent.includes("new reply")`) {
		t.Error("the other one listens too")
	}
}

// TestEmbedMedia: nothing moves by itself, buttons have an edge where colours are forced, paper shows the thread, and an Arabic thread runs from right
// to left on a page that runs from left to right; none is wider than its page.
func TestEmbedMedia(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.talk()
	w.page("/", fmt.Sprintf(strictCSP, w.inbox), w.element("")+w.tag("fedi-comments"))
	w.page("/ar", fmt.Sprintf(strictCSP, w.inbox), w.element(`lang="ar"`)+w.tag("fedi-comments"))
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	const root = `document.querySelector("fedi-comments").shadowRoot`
	for _, c := range []struct{ name, path, medium, feature, value, want string }{
		{"still", "/", "", "prefers-reduced-motion", "reduce", `[...r.querySelectorAll("*")].every((e) => !e.getAnimations().length && getComputedStyle(e).transitionDuration == "0s" && getComputedStyle(e).animationName == "none")`},
		{"forced", "/", "", "forced-colors", "active", `matchMedia("(forced-colors: active)").matches && [...r.querySelectorAll("button, .btn")].every((e) => parseFloat(getComputedStyle(e).borderTopWidth) >= 1 && getComputedStyle(e).borderTopStyle == "solid")`},
		{"paper", "/", "print", "prefers-color-scheme", "light", `[...r.querySelectorAll("article")].length == 3 && [...r.querySelectorAll("article")].every((e) => e.getBoundingClientRect().height > 0 && getComputedStyle(e).visibility == "visible")`},
		{"arabic", "/ar", "", "prefers-color-scheme", "dark", `getComputedStyle(r.querySelector("[part=root]")).direction == "rtl" && getComputedStyle(r.querySelector("[part=handle]")).direction == "ltr" && r.querySelector("h2").getBoundingClientRect().right > 300 && getComputedStyle(document.body).direction == "ltr"`},
	} {
		look(t, ctx, 390, "light", true)
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: c.medium, Features: []*emulation.MediaFeature{{Name: c.feature, Value: c.value}}}); err != nil {
			t.Fatal(err)
		}
		w.open(ctx, c.path)
		until(t, ctx, c.name+": it shows", `!!`+root+` && `+shadow+`.includes("The butler")`)
		if !value[bool](t, ctx, `((r) => `+c.want+`)(`+root+`) && document.documentElement.scrollWidth <= innerWidth`) {
			t.Errorf("%s: not so: %s", c.name, c.want)
		}
	}
}

// TestEmbedFiveHundred: a thread of 500 is drawn in parts, and whole when a reader asks for all of it, by the one request.
func TestEmbedFiveHundred(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.crowd(167)
	w.page("/", fmt.Sprintf(strictCSP, w.inbox), w.element(`avatars="none"`)+w.tag("fedi-comments"))
	ctx, cancel := context.WithTimeout(browser(t), 2*time.Minute)
	defer cancel()
	look(t, ctx, 720, "light", true)
	seen := watch(t, ctx, "nobody")
	w.open(ctx, "/")
	until(t, ctx, "the first show", shadow+`.includes("Show 451 more")`)
	ms := value[float64](t, ctx, `((e) => { const from = performance.now(); e.shadowRoot.querySelector("section > button").click(); e.offsetHeight; return performance.now() - from; })(document.querySelector("fedi-comments"))`)
	if n := value[int](t, ctx, `document.querySelector("fedi-comments").shadowRoot.querySelectorAll("article").length`); n != 501 {
		t.Errorf("%d comments show, want 501", n)
	}
	t.Logf("501 comments are drawn and laid out in %.0f ms", ms)
	asked := 0
	for _, f := range seen.take() {
		if strings.Contains(f, "/api/") {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("%d requests, want 1", asked)
	}
}
