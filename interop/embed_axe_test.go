package interop

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// embedState is what a page of somebody else shows of ours, once it has been brought there.
type embedState struct {
	name, page, shows string
	happens           func() // on the server
	then, until       string // in the browser, as expressions
	w                 *embedWorld
}

// TestEmbedAxe: axe-core finds nothing on somebody else's page with the elements: the thread full, with everything opened, right to left, empty, closed,
// waiting for the owner, failed, with the dialog, with news behind their button, and as a count; the button to follow, and its dialog; in both colour
// schemes, on a screen and on a phone. A sample, and with POSTIL_TEST_GATE set all of it.
func TestEmbedAxe(t *testing.T) {
	t.Parallel()
	if _, err := axe(); err != nil {
		missing(t, "axe-core")
	}
	ctx, cancel := context.WithTimeout(browser(t), 5*time.Minute)
	defer cancel()
	views := gateViews
	if os.Getenv("POSTIL_TEST_GATE") == "" {
		views = []gateView{gateViews[0], gateViews[2]} // light on a screen, dark on a telephone
	}
	for _, s := range embedStates(t) {
		// The host's page has a policy that permits the elements what docs/embedding.md names, and a style of its own.
		s.w.page("/", fmt.Sprintf(strictCSP, s.w.inbox), `<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><main><h1>A page</h1>`+s.page+`</main>`)
		for _, v := range views {
			name := fmt.Sprintf("%s, %s, %d px", s.name, v.scheme, v.width)
			look(t, ctx, v.width, v.scheme, true)
			s.w.open(ctx, "/")
			until(t, ctx, name+" shows", `!!document.querySelector("fedi-comments, fedi-follow")?.shadowRoot?.textContent.includes("`+s.shows+`")`)
			if s.happens != nil {
				s.happens()
			}
			if s.then != "" {
				value[bool](t, ctx, s.then)
			}
			if s.until != "" {
				until(t, ctx, name, s.until)
			}
			found, err := audit(ctx, true)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, f := range found {
				t.Errorf("%s: %s", name, f)
			}
			wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
			if err != nil || wide {
				t.Errorf("%s: wider than the screen (%v)", name, err)
			}
		}
	}
}

// embedStates are the states of both elements.
func embedStates(t *testing.T) []embedState {
	full, over, empty, busy := newEmbedWorld(t), newEmbedWorld(t, closed), newEmbedWorld(t), newEmbedWorld(t)
	waiting := newEmbedWorld(t, func(c *site.Config) { c.Comments.Pending = true })
	full.talk()
	full.crowd(1)
	full.comment(store.Comment{ID: "https://social.example/boosts/1", Kind: store.Boost, Published: full.post.Published}, person("Zed"))
	over.talk()
	busy.talk()
	waiting.held()
	told := 0
	more := func() {
		told++
		busy.comment(store.Comment{ID: fmt.Sprint("https://social.example/notes/m", told), Kind: store.Reply, URL: "https://social.example/m", Published: busy.post.Published, Content: treeJSON(activitypub.ParseText("More", nil))}, person("Mo"))
	}
	const (
		comments = `document.querySelector("fedi-comments").shadowRoot`
		follow   = `document.querySelector("fedi-follow").shadowRoot`
		opened   = `((r) => { for (const d of r.querySelectorAll("details")) d.open = true; return true; })(` + comments + `)`
	)
	thread := func(w *embedWorld, attributes string) string { return w.element(attributes) + w.tag("fedi-comments") }
	button := `<fedi-follow src="` + full.inbox + `"></fedi-follow>` + full.tag("fedi-follow")
	return []embedState{
		{name: "full", page: thread(full, "live"), shows: "The butler", then: opened, w: full},
		{name: "right to left", page: `<div lang="ar" dir="rtl">` + thread(full, `lang="ar"`) + `</div>`, shows: "The butler", then: opened, w: full},
		{name: "dialog", page: thread(full, ""), shows: "The butler", then: `(document.querySelector("fedi-comments").replyTo("x"), true)`, until: comments + `.querySelector("dialog").open`, w: full},
		{name: "count", page: thread(full, "count-only"), shows: "6 replies", w: full},
		{name: "news", page: thread(busy, "live"), shows: "The butler", happens: more, until: comments + `.textContent.includes(", show")`, w: busy},
		{name: "closed", page: thread(over, ""), shows: "Comments are closed.", w: over},
		{name: "empty", page: thread(empty, ""), shows: "No replies yet", w: empty},
		{name: "waiting", page: thread(waiting, ""), shows: "1 reply waits", w: waiting},
		{name: "failed", page: strings.Replace(thread(empty, ""), "/posts/federating/", "/posts/none/", 1), shows: "cannot be loaded", w: empty},
		{name: "follow", page: button, shows: "Follow", w: full},
		{name: "follow's dialog", page: button, shows: "Follow", then: follow + `.querySelector("a").click() || true`, until: follow + `.querySelector("dialog").open`, w: full},
	}
}

// held puts a reply that waits for the owner.
func (w *embedWorld) held() {
	by := person("Wil")
	w.write(func(tx *store.Tx) error {
		if err := tx.PutActor(w.t.Context(), by); err != nil {
			return err
		}
		return tx.PutComment(w.t.Context(), store.Comment{ID: "https://social.example/notes/w", Kind: store.Reply, Post: w.post.ID, Parent: w.post.ID, Actor: by.ID, State: store.Held, Published: w.post.Published, Received: w.post.Published,
			Content: treeJSON(activitypub.ParseText("Wait for me", nil))})
	})
}
