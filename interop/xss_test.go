package interop

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// careless is what widgets in the wild do with Mastodon's and webmention.io's shapes and with feeds: all words go into markup, unescaped.
const careless = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Widget</title><link rel="icon" href="data:,"><body><div id="out"></div><script>(async () => {
	const out = document.getElementById("out"), get = async (u) => (await fetch(BASE + u)).json();
	const media = (s) => s.media_attachments.map((m) => '<a href="' + m.url + '"><img src="' + m.preview_url + '" alt="' + m.description + '" title=\'' + m.description + '\'></a><i>' + m.remote_url + '</i>').join("");
	const one = (s) => '<article lang="' + s.language + '"><a href="' + s.account.url + '" title=\'' + s.account.acct + '\'><img src=\'' + s.account.avatar_static + '\' alt="' + s.account.display_name + '">' + s.account.display_name + s.account.username +
		'</a><a href=\'' + s.url + '\'>' + s.created_at + '</a><b>' + s.spoiler_text + '</b>' + s.content + s.emojis.map((e) => '<img src="' + e.url + '" alt="' + e.shortcode + '">').join("") + media(s) + '</article>';
	const mention = (m) => '<article><a href="' + m.author.url + '"><img src="' + m.author.photo + '" alt=\'' + m.author.name + '\'>' + m.author.name + '</a><a href="' + m.url + '">' + (m.summary || "") + '</a>' + (m.content ? m.content.html + m.content.text : "") + '</article>';
	const context = await get("/api/v1/statuses/tide/context");
	const mentions = await get("/api/v1/mentions.jf2?per-page=1000&target=" + encodeURIComponent(POST));
	const feed = new DOMParser().parseFromString(await (await fetch(BASE + "/comments/tide/feed.atom")).text(), "application/xml");
	const fragment = await (await fetch(BASE + "/comments/tide")).text();
	const entries = [...feed.querySelectorAll("entry")].map((e) => '<article>' + (e.querySelector("content")?.textContent ?? "") + '</article>');
	const people = [...await get("/api/v1/statuses/tide/favourited_by"), ...await get("/api/v1/statuses/tide/reblogged_by")];
	const face = (a) => '<article><a href="' + a.url + '" title=\'' + a.acct + '\'><img src=\'' + a.avatar_static + '\' alt="' + a.display_name + '">' + a.display_name + '@' + a.username + '@' + new URL(a.url).hostname + '</a></article>';
	out.innerHTML = people.map(face).join("") + context.descendants.map(one).join("") + mentions.children.map(mention).join("") + entries.join("") + fragment;
	document.title = "done";
})();</script></body></html>`

// TestXSS (R6): every vector in every place, through all doors, in one browser that takes no policy into account: nothing runs, nobody
// else is asked, and nothing stands outside of its comment.
func TestXSS(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	b := makeBlog(t, "http://127.0.0.1:"+port, "127.0.0.1:"+port, map[string]string{"tide.md": firstPost})
	b.cfg.Comments.Mode = "open"
	b.start()
	h := newVillain(t, b)
	eventually(t, "the post is known", func() error { return b.status(b.base+"/comments/tide", http.StatusOK) })
	for n, v := range vectors {
		h.write(n, armed(v))
	}
	sent, cells := 4*len(vectors), (places+pagePlaces)*len(vectors)
	t.Logf("%d vectors in %d places: %d payloads; %d of %d activities taken", len(vectors), places, cells, h.taken, sent)
	if cells < 500 || h.taken < sent*3/4 {
		t.Fatalf("%d payloads, %d of %d activities taken: too few to prove anything", cells, h.taken, sent)
	}
	h.mention(vectors)
	for n := 0; n < len(vectors); n += 2 { // an owner's time is not to be had for the asking
		h.report(n, armed(vectors[n]))
	}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/widget" {
			fmt.Fprint(w, strings.NewReplacer("BASE", `"`+b.base+`"`, "POST", `"`+b.base+`/posts/tide/"`).Replace(careless))
			return
		}
		fmt.Fprintf(w, `<!doctype html><html lang="en"><meta charset="utf-8"><title>Elsewhere</title><link rel="icon" href="data:,"><body><fedi-comments src="%s" for="%s/posts/tide/" eager limit="9999"></fedi-comments><script type="module" src="%[1]s/fedi-comments.js"></script></body></html>`, b.base, b.base)
	}))
	t.Cleanup(host.Close)

	ctx, cancel := context.WithTimeout(reader(t), 4*time.Minute)
	defer cancel()
	seen := watch(t, ctx, strings.TrimPrefix(b.base, "http://"))
	want := len(vectors) * 3 / 2 // of the two comments of each vector one at least, and one of the pages of two
	quiet := func(door string) {
		t.Helper()
		for _, f := range seen.take() {
			if !strings.HasPrefix(f, "request to "+host.URL) && !strings.HasPrefix(f, "request to chrome") && !strings.Contains(f, "Failed to load resource") {
				t.Errorf("%s: %s", door, f)
			}
		}
	}
	visit := func(address string) {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
			t.Fatal(err)
		}
	}
	for _, width := range []int64{1280, 390} {
		look(t, ctx, width, "light", true)
		visit(b.base + "/posts/tide/")
		lookFor(t, ctx, fmt.Sprint("the page at ", width), `[document.getElementById("comments")]`, "article", want)
		quiet("the page")
		visit(host.URL + "/element")
		until(t, ctx, "the element shows", `document.querySelector("fedi-comments").shadowRoot?.querySelectorAll("article").length > 0`)
		lookFor(t, ctx, fmt.Sprint("the element at ", width), `[document.querySelector("fedi-comments").shadowRoot]`, "article", want)
		quiet("the element")
	}
	visit(b.base + "/comments/tide")
	lookFor(t, ctx, "the fragment", `[document.body]`, "none", want)
	quiet("the fragment")
	visit(b.base + "/comments/tide/likes")
	lookFor(t, ctx, "the list of likes", `[document.querySelector("ul.people")]`, "li", 0)
	if n := value[int](t, ctx, `document.querySelectorAll("ul.people > li").length`); n < len(vectors)/2 {
		t.Errorf("the list of likes: %d people: too few to prove anything", n)
	}
	quiet("the list of likes")
	visit(host.URL + "/widget")
	until(t, ctx, "the widget is done", `document.title === "done"`)
	lookFor(t, ctx, "a careless widget", `[document.getElementById("out")]`, "none", 3*want)
	quiet("a careless widget")
	for _, path := range []string{"/api/v1/thread?post=" + query(b.addr.Post("tide")), "/api/v1/statuses/tide", "/api/v1/statuses/tide/context", "/api/v1/statuses/tide/favourited_by", "/api/v1/statuses/tide/reblogged_by", "/api/v1/mentions.jf2?per-page=1000&target=" + query(b.base+"/posts/tide/"), "/comments/tide/feed.atom",
		"/feed.xml", "/ap/posts/tide/replies?page=1", "/interact?intent=reply&uri=" + query(`"><script>console.error(top.ran=1)</script>`)} {
		visit(b.base + path)
		if value[bool](t, ctx, `!!top.ran`) {
			t.Errorf("%s: a script ran", path)
		}
		quiet(path)
	}
	b.owner(ctx)
	visit(b.addr.Admin() + "?state=shown")
	lookFor(t, ctx, "the admin page", `[document.querySelector("main")]`, "ol.comments > li", 40)
	if n := value[int](t, ctx, `[...document.querySelectorAll("main p.who")].filter((e) => e.textContent.includes(" reports ")).length`); n < len(vectors)/4 {
		t.Errorf("the admin page: %d reports: too few to prove anything", n)
	}
	quiet("the admin page")
}
