package interop

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// shadow is the words that an element shows; the tests ask the element itself, as no selector reaches into it.
const shadow = `document.querySelector("fedi-comments").shadowRoot.textContent`

// talk puts a small thread: Ada with an answer by Bo, a warned one, and a like.
func (w *embedWorld) talk() {
	at := w.post.Published.Add(time.Minute)
	w.comment(store.Comment{ID: "https://social.example/notes/1", Kind: store.Reply, URL: "https://social.example/@ada/1", Language: "en", Published: at,
		Content: treeJSON(activitypub.ParseHTML(`<p>A <em>good</em> point :cat: <a href="https://elsewhere.example/">there</a></p>`, map[string]string{":cat:": "https://social.example/cat.png"}))}, person("Ada"))
	w.comment(store.Comment{ID: "https://social.example/notes/2", Kind: store.Reply, Parent: "https://social.example/notes/1", URL: "https://social.example/@bo/2", Published: at.Add(time.Minute),
		Content: treeJSON(activitypub.ParseHTML(`<p>Answering Ada</p>`, nil))}, person("Bo"))
	w.comment(store.Comment{ID: "https://social.example/notes/3", Kind: store.Reply, URL: "https://social.example/@cy/3", Published: at.Add(2 * time.Minute), Warning: treeJSON(activitypub.ParseText("Spoiler", nil)),
		Content: treeJSON(activitypub.ParseHTML(`<p>The butler</p>`, nil)), Attachments: []byte(`[{"URL":"https://social.example/p.png","MediaType":"image/png","Alt":"A boat","Width":64,"Height":48}]`)}, person("Cy"))
	w.comment(store.Comment{ID: "https://social.example/likes/1", Kind: store.Like, Published: at}, person("Di"))
}

func (w *embedWorld) element(attributes string) string {
	return fmt.Sprintf(`<fedi-comments src="%s" for="%s" eager %s><p><a href="%s">Read the replies</a></p></fedi-comments>`, w.inbox, w.post.URL, attributes, w.addr.Fragment("7"))
}

// TestEmbedStrict: the element shows the thread on somebody else's site under a policy that allows nothing but the daemon's host, without
// a word in the console, with one request besides the pictures.
func TestEmbedStrict(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.talk()
	w.page("/", fmt.Sprintf(strictCSP, w.inbox), "<h1>A page</h1>"+w.element("")+w.tag("fedi-comments"))
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	seen := watch(t, ctx, "nobody")
	w.open(ctx, "/")
	until(t, ctx, "the thread shows", shadow+`.includes("The butler")`)
	for _, want := range []string{"Comments", "3 replies", "1 like", "Ada", "@ada@social.example", "A good point", "Answering Ada", "Spoiler", "Description", "A boat", "Reply from the fediverse"} {
		if text := value[string](t, ctx, shadow); !strings.Contains(text, want) {
			t.Errorf("the element does not show %q:\n%s", want, text)
		}
	}
	for what, js := range map[string]string{
		"Bo stands below Ada":              `!!r.querySelector("ol ol [part=author][href='https://social.example/@Bo']")`,
		"the warned words are folded":      `r.querySelector("details[part=cw]").open === false`,
		"an emoji is the daemon's":         `r.querySelector("img.emoji").src.startsWith("` + w.inbox + `/media/")`,
		"pictures are the daemon's":        `[...r.querySelectorAll("img")].every((i) => i.src.startsWith("` + w.inbox + `/"))`,
		"links are told to no one":         `[...r.querySelectorAll("article a[target]")].every((a) => a.rel.includes("noreferrer") && a.rel.includes("nofollow"))`,
		"Reply is a link":                  `r.querySelector("[part=reply-button]").href.startsWith("` + w.inbox + `/interact?intent=reply")`,
		"dates are links of 24 px":         `r.querySelector(".when").getBoundingClientRect().height >= 24`,
		"what stood in it is gone":         `!r.querySelector("slot")`,
		"a property mirrors its attribute": `(e.maxDepth = 2, e.getAttribute("max-depth") === "2") && (e.live = false, !e.hasAttribute("live"))`,
	} {
		if !value[bool](t, ctx, `((e, r) => `+js+`)(document.querySelector("fedi-comments"), document.querySelector("fedi-comments").shadowRoot)`) {
			t.Errorf("not so: %s", what)
		}
	}
	faults := seen.take()
	if left := w.foreign(faults); len(left) > 0 {
		t.Errorf("the page did what it must not:\n%s", strings.Join(left, "\n"))
	}
	asked := 0
	for _, f := range faults {
		if strings.HasPrefix(f, "request to "+w.inbox) && !strings.Contains(f, "/media/") && !strings.Contains(f, ".js") {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("%d requests besides the script and the pictures, want 1:\n%s", asked, strings.Join(faults, "\n"))
	}
	picture(t, ctx, "embed")
}

// TestEmbedEvents: events, the dialog, sorting, the limit, other languages, the count alone, and what stands there when the daemon is not.
func TestEmbedEvents(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.talk()
	listen := `<script>window.told = []; for (const n of ["load", "error", "reply", "intent"]) addEventListener("fedi-comments:" + n, (e) => { told.push([n, e.detail]); if (n == "intent") e.preventDefault(); });</script>`
	w.page("/", "", listen+w.element(`lang="de" sort="newest" limit="2"`)+w.tag("fedi-comments"))
	w.page("/count", "", w.element("count-only")+w.tag("fedi-comments"))
	w.page("/gone", "", listen+strings.Replace(w.element(""), "/posts/federating/", "/posts/none/", 1)+w.tag("fedi-comments"))
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()

	w.open(ctx, "/")
	until(t, ctx, "the thread shows in German", shadow+`.includes("Kommentare")`)
	text := value[string](t, ctx, shadow)
	if !strings.Contains(text, "The butler") || strings.Contains(text, "Answering Ada") || strings.Index(text, "The butler") > strings.Index(text, "good point") || !strings.Contains(text, "1 weitere zeigen") {
		t.Errorf("newest first, two of three, shows:\n%s", text)
	}
	value[bool](t, ctx, `[...document.querySelector("fedi-comments").shadowRoot.querySelectorAll("button")].find((b) => b.textContent.includes("weitere")).click() || true`)
	until(t, ctx, "the rest shows", shadow+`.includes("Answering Ada")`)
	value[bool](t, ctx, `document.querySelector("fedi-comments").shadowRoot.querySelector("[part=reply-button]").click() || true`)
	until(t, ctx, "the dialog is open", `document.querySelector("fedi-comments").shadowRoot.querySelector("dialog").open`)
	value[bool](t, ctx, `((d) => { d.querySelector("input").value = "@me@social.example"; d.querySelector("form").requestSubmit(); return true; })(document.querySelector("fedi-comments").shadowRoot.querySelector("dialog"))`)
	until(t, ctx, "the events were told", `told.length >= 3`)
	want := fmt.Sprintf(`[["load",{"replies":3,"likes":1,"boosts":0}],["reply",{"uri":%[1]q}],["intent",{"acct":"@me@social.example","uri":%[1]q}]]`, w.post.ID)
	if got := value[string](t, ctx, `JSON.stringify(told)`); got != want {
		t.Errorf("events are %s, want %s", got, want)
	}

	w.open(ctx, "/count")
	until(t, ctx, "the count alone shows", shadow+` === "3 replies"`)

	w.open(ctx, "/gone")
	until(t, ctx, "the fault shows", shadow+`.includes("cannot be loaded")`)
	if !value[bool](t, ctx, `((r) => r.querySelector("slot").assignedElements().length == 1 && r.querySelector("[part=reply-button]").href.includes("/interact") && told[0][0] == "error")(document.querySelector("fedi-comments").shadowRoot)`) {
		t.Error("a fault leaves neither the page's own link nor a way to reply")
	}
}

// TestEmbedWithoutScript: who runs no script finds what the page's author wrote into the element.
func TestEmbedWithoutScript(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.talk()
	w.page("/", fmt.Sprintf(strictCSP, w.inbox), w.element("")+`<fedi-follow src="`+w.inbox+`"><a href="`+w.inbox+`/interact?intent=follow">Follow me</a></fedi-follow>`+w.tag("fedi-comments"))
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	look(t, ctx, 1280, "light", false)
	w.open(ctx, "/")
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
	if err != nil || !strings.Contains(text, "Read the replies") || !strings.Contains(text, "Follow me") {
		t.Fatalf("without scripts the page says %q (%v)", text, err)
	}
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS("fedi-comments a"))); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the link leads to the thread", func() error {
		text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
		if err == nil && !strings.Contains(text, "Answering Ada") {
			err = fmt.Errorf("the page says %q", text)
		}
		return err
	})
}

// TestEmbedFollow: the button asks nothing of any server until it is used, and then for the reader's account.
func TestEmbedFollow(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.page("/", fmt.Sprintf(strictCSP, w.inbox), `<fedi-follow src="`+w.inbox+`"></fedi-follow>`+w.tag("fedi-follow"))
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	seen := watch(t, ctx, "nobody")
	w.open(ctx, "/")
	const root = `document.querySelector("fedi-follow").shadowRoot`
	until(t, ctx, "the button shows", root+`.textContent === "Follow"`)
	value[bool](t, ctx, root+`.querySelector("a").click() || true`)
	until(t, ctx, "the dialog is open", root+`.querySelector("dialog").open`)
	for _, f := range seen.take() {
		if !strings.HasPrefix(f, "request to "+w.host) && !strings.HasSuffix(f, "/fedi-follow.js") {
			t.Errorf("the button did: %s", f)
		}
	}
}

// TestEmbedFollowSnippet: the button of docs/embedding.md, on a page with a look of its own, says what the page's author wrote into it.
func TestEmbedFollowSnippet(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.raw("/", hostHead("html", "Tides")+`<style>fedi-follow { --fc-border: #8a3a12; --fc-accent: #8a3a12; --fc-radius: 9em }</style><h1>Tides</h1><p>Notes from a house by the sea.</p>`+w.snippets("follow")["index.html"])
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	look(t, ctx, 720, "light", true)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(720, 420)); err != nil {
		t.Fatal(err)
	}
	w.open(ctx, "/")
	const root = `document.querySelector("fedi-follow").shadowRoot`
	until(t, ctx, "the button shows", root+`.textContent === "Follow this blog"`)
	value[bool](t, ctx, root+`.querySelector("a").click() || true`)
	until(t, ctx, "the dialog asks for the account", root+`.querySelector("dialog").open && `+root+`.activeElement.matches("input")`)
	picture(t, ctx, "embed-follow")
}

// TestEmbedLive: a new reply waits behind a button, and a removed one goes at once.
func TestEmbedLive(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.talk()
	w.page("/", fmt.Sprintf(strictCSP, w.inbox), w.element("live")+w.tag("fedi-comments"))
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	w.open(ctx, "/")
	until(t, ctx, "the thread shows", shadow+`.includes("The butler")`)
	value[bool](t, ctx, `(addEventListener("fedi-comments:new", (e) => window.news = e.detail.count), window.tall = document.body.scrollHeight, true)`)
	for _, id := range []string{"9", "10", "11"} {
		w.comment(store.Comment{ID: "https://social.example/notes/" + id, Kind: store.Reply, URL: "https://social.example/@ed/" + id, Published: w.post.Published.Add(time.Hour),
			Content: treeJSON(activitypub.ParseHTML(`<p>Fresh `+id+`</p>`, nil))}, person("Ed"))
	}
	until(t, ctx, "a button tells of them", shadow+`.includes("3 new replies, show") && news === 3`)
	if value[bool](t, ctx, shadow+`.includes("Fresh")`) || value[int64](t, ctx, `document.body.scrollHeight - tall`) > 60 {
		t.Error("the page moved by itself")
	}
	value[bool](t, ctx, `document.querySelector("fedi-comments").shadowRoot.querySelector("[aria-live] button").click() || true`)
	until(t, ctx, "it shows", shadow+`.includes("Fresh 9")`)
	w.write(func(tx *store.Tx) error {
		_, err := tx.RemoveComment(ctx, "https://social.example/notes/9")
		return err
	})
	until(t, ctx, "it is gone", `!`+shadow+`.includes("Fresh 9") && `+shadow+`.includes("Fresh 10")`)
}
