package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestEmbedAxe: axe-core finds nothing on the element: full, with everything opened, empty, closed, failed, with the dialog and as a count, in
// both colour schemes, on a screen and on a phone.
func TestEmbedAxe(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		missing(t, "axe-core")
	}
	full, over, empty := newEmbedWorld(t), newEmbedWorld(t, closed), newEmbedWorld(t)
	full.talk()
	full.crowd(1)
	over.talk()
	ctx, cancel := context.WithTimeout(browser(t), 3*time.Minute)
	defer cancel()
	const opened = `((r) => { for (const d of r.querySelectorAll("details")) d.open = true; return true; })(document.querySelector("fedi-comments").shadowRoot)`
	for _, c := range []struct {
		name, element, shows, then string
		w                          *embedWorld
	}{
		{"full", full.element("live"), "The butler", opened, full},
		{"dialog", full.element(""), "The butler", `(document.querySelector("fedi-comments").replyTo("x"), true)`, full},
		{"count", full.element("count-only"), "6 replies", `true`, full},
		{"closed", over.element(""), "Comments are closed.", `true`, over},
		{"empty", empty.element(""), "No replies yet", `true`, empty},
		{"failed", strings.Replace(empty.element(""), "/posts/federating/", "/posts/none/", 1), "cannot be loaded", `true`, empty},
	} {
		c.w.page("/", "", `<style>:root { color-scheme: light dark }</style><meta name="viewport" content="width=device-width"><main><h1>A page</h1>`+c.element+`</main>`+c.w.tag("fedi-comments"))
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390} {
				look(t, ctx, width, scheme, true)
				c.w.open(ctx, "/")
				until(t, ctx, c.name+" shows", `!!document.querySelector("fedi-comments")?.shadowRoot?.textContent.includes("`+c.shows+`")`)
				value[bool](t, ctx, c.then)
				value[bool](t, ctx, string(script)+`; axe.run({ resultTypes: ["violations"] }).then((r) => window.axed = JSON.stringify(r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target + " " + n.failureSummary).join("; ")))), true`)
				until(t, ctx, "axe is done", `!!window.axed`)
				var found []string
				if err := json.Unmarshal([]byte(value[string](t, ctx, `axed`)), &found); err != nil {
					t.Fatal(err)
				}
				name := fmt.Sprintf("%s, %s, %d px", c.name, scheme, width)
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
}
