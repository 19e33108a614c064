package inbox_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/inbox/comments"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

const note1 = "https://ada.example/notes/1"

// mentions turns webmentions on, in a mode.
func mentions(mode string) func(*site.Config) {
	return func(c *site.Config) { c.Webmention, c.Comments.Mode = site.Webmention{Receive: true, Send: true}, mode }
}

// form posts a form to the endpoint and gives the status.
func (w *world) form(values url.Values) int {
	w.t.Helper()
	res, err := w.client.PostForm(blog+"/webmention", values)
	if err != nil {
		w.t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func (w *world) mention(source, target string) int {
	w.t.Helper()
	return w.form(url.Values{"source": {source}, "target": {target}})
}

// page makes an address answer HTML.
func (p *peers) page(url, body string) {
	p.handle(url, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte(body))
	})
}

// entry is a page of Ada's that does something to the post.
func entry(class, content string) string {
	return `<!doctype html><article class="h-entry"><a class="p-author h-card" href="https://ada.example/">Ada</a><a class="` + class + `" href="` + page + `">x</a>
		<div class="e-content">` + content + `</div></article>`
}

// taken sends a webmention of a page, wants 202 and does the errand.
func (w *world) taken(source, body string) string {
	w.t.Helper()
	w.peers.page(source, body)
	if got := w.mention(source, page); got != http.StatusAccepted {
		w.t.Fatalf("%s: %d, want 202", source, got)
	}
	w.round()
	return store.WebmentionID(source, post)
}

func (w *world) state(id string) store.CommentState {
	c, _ := w.comment(id)
	return c.State
}

// shown is the page's thread.
func (w *world) shown() *activitypub.Thread {
	w.t.Helper()
	c, err := comments.New(comments.Options{Config: w.cfg, Store: w.store, Now: w.clock})
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := w.store.Article(w.t.Context(), post)
	if err != nil {
		w.t.Fatal(err)
	}
	t, err := c.Thread(w.t.Context(), a)
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

// TestWebmentionKinds: what a page does to a post shows in its thread as what it is.
func TestWebmentionKinds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mentions("open"))
	w.taken(note1, entry("u-in-reply-to", "<p>Well <b>said</b>.</p>"))
	w.taken("https://bob.example/like", entry("u-like-of", ""))
	w.taken("https://bob.example/boost", entry("u-repost-of", ""))
	w.taken("https://bob.example/links", entry("", "<p>Some links</p>"))
	w.taken("https://bob.example/kept", entry("u-bookmark-of", "Kept"))
	th := w.shown()
	if len(th.Replies) != 1 || th.Count != 1 || th.Likes.Count != 1 || th.Boosts.Count != 1 || len(th.Mentions) != 2 {
		t.Fatalf("thread %+v", th)
	}
	r := th.Replies[0]
	if r.Content.HTML() != "<p>Well <b>said</b>.</p>" || r.URL != note1 || r.By.Name.Text() != "Ada" || r.By.Handle != "ada.example" || r.By.URL != "https://ada.example/" || r.Parent != page {
		t.Errorf("reply %+v", r)
	}
	if n := w.count(store.Reply) + w.count(store.Like); n != 0 {
		t.Errorf("peers are told of %d answers that they cannot ask for", n)
	}
	if r.Actions != (activitypub.Actions{}) {
		t.Errorf("a reader's server is asked for a page that it cannot know: %+v", r.Actions)
	}
	if f := th.Likes.Faces[0]; f.Handle != "bob.example" || f.URL != "https://bob.example/" {
		t.Errorf("who says to be Ada on another site is shown as %+v", f)
	}
}

// TestWebmentionDoor holds what is refused before anything is fetched or kept (mutants: each of the checks).
func TestWebmentionDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mentions("guarded"), func(c *site.Config) { c.Comments.CloseAfter = "90d" })
	w.write(func(tx *store.Tx) error {
		old := store.Article{ID: blog + "/ap/posts/old", URL: blog + "/posts/old/", Published: w.now.AddDate(-1, 0, 0), Announced: true, JSON: []byte(`{}`)}
		gone := store.Article{ID: blog + "/ap/posts/gone", URL: blog + "/posts/gone/", Published: w.now, Withdrawn: w.now, Announced: true}
		silent := store.Article{ID: blog + "/ap/posts/silent", URL: blog + "/posts/silent/", Published: w.now, Announced: true,
			JSON: []byte(`{"type":"Article","interactionPolicy":{"canReply":{"automaticApproval":[]},"canLike":{"automaticApproval":[]},"canAnnounce":{"automaticApproval":[]}}}`)}
		for _, a := range []store.Article{old, gone, silent} {
			if err := tx.PutArticle(t.Context(), a); err != nil {
				return err
			}
		}
		return tx.AddBlock(t.Context(), store.Block{What: "evil.example", At: w.now})
	})
	before := w.rows()
	for _, c := range []struct {
		source, target string
		want           int
	}{
		{"", page, 400}, {note1, "", 400}, {page, page, 400}, {blog + "/about/", page, 400}, {"https://BLOG.example:443/x", page, 400}, {note1, note1, 400},
		{note1, blog + "/", 400}, {note1, blog + "/posts/two/", 400}, {note1, "https://other.example/posts/one/", 400}, {note1, "mailto:x@y.example", 400},
		{note1, blog + "/posts/gone/", 400}, {note1, blog + "/posts/old/", 400}, {note1, blog + "/posts/silent/", 403},
		{"ftp://ada.example/x", page, 400}, {"javascript:alert(1)", page, 400}, {"//ada.example/x", page, 400}, {"ada.example/x", page, 400}, {"https://ada:x@ada.example/", page, 400},
		{"https://2130706433/x", page, 400}, {"https://0x7f.1/", page, 400}, {"https://ada.example:22/", page, 400}, {"https://a.internal/", page, 200}, {"https://ada.example/x y", page, 400},
		{note1 + "#webmention-1", page, 400}, {"https://evil.example/1", page, 403}, {"https://a.evil.example/1", page, 403},
		{"https://ada.example/" + strings.Repeat("x", 1024), page, 400}, {note1, page + "?" + strings.Repeat("x", 1024), 400},
	} {
		if c.want == 200 { // reachable in a network that the owner opened, as this test's is
			continue
		}
		if got := w.mention(c.source, c.target); got != c.want {
			t.Errorf("%s → %s: %d, want %d", c.source, c.target, got, c.want)
		}
	}
	for name, values := range map[string]url.Values{"two sources": {"source": {note1, note1}, "target": {page}}, "no target": {"source": {note1}}, "too large": {"source": {note1}, "target": {page}, "x": {strings.Repeat("x", 10_000)}}} {
		if got := w.form(values); got != 400 && got != 413 {
			t.Errorf("%s: %d", name, got)
		}
	}
	if res, err := w.client.Post(blog+"/webmention", "application/json", strings.NewReader(`{}`)); err != nil || res.StatusCode != 415 {
		t.Errorf("JSON: %v %v", res.StatusCode, err)
	}
	if res := w.get("/webmention"); res.StatusCode != 405 || res.Header.Get("Allow") != "POST" {
		t.Errorf("GET: %d", res.StatusCode)
	}
	if after := w.rows(); after != before || w.peers.count() != 0 || w.round() != 0 {
		t.Errorf("a refused webmention left a trace: %d fetches\nbefore %s\nafter %s", w.peers.count(), before, after)
	}
	for _, target := range []string{page, strings.TrimSuffix(page, "/"), page + "?utm=x", page + "#top", "http://blog.example/posts/one/", post} {
		if got := w.mention(note1, target); got != http.StatusAccepted {
			t.Errorf("%s: %d, want 202", target, got)
		}
	}
}

// TestWebmentionOff: where the owner turned it off there is no endpoint, and where federation is off neither.
func TestWebmentionOff(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*site.Config){"receive": func(c *site.Config) { c.Webmention.Receive = false }, "closed": mentions("closed")} {
		w := newWorld(t, mentions("guarded"), change)
		if got := w.mention(note1, page); got == http.StatusAccepted {
			t.Errorf("%s: %d", name, got)
		}
	}
}

// TestWebmentionAdvertised: a post that takes comments names the endpoint, no other page does; the page of a withdrawn post is gone.
func TestWebmentionAdvertised(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{"guarded": "<" + blog + `/webmention>; rel="webmention"`, "closed": ""} {
		w := newWorld(t, mentions(mode), withSite(t))
		w.site(map[string][]byte{"posts/one/index.html": []byte("<!--comments:one--><!--/comments-->"), "about/index.html": []byte("<p>About")})
		if got := w.get("/posts/one/").Header.Get("Link"); got != want {
			t.Errorf("%s: %q", mode, got)
		}
		if got := w.get("/about/").Header.Get("Link"); got != "" {
			t.Errorf("a page without comments: %q", got)
		}
		w.write(func(tx *store.Tx) error {
			return tx.PutArticle(t.Context(), store.Article{ID: blog + "/ap/posts/gone", URL: blog + "/posts/gone/", Published: w.now, Withdrawn: w.now})
		})
		if gone, never := w.get("/posts/gone/").StatusCode, w.get("/posts/never/").StatusCode; gone != 410 || never != 404 {
			t.Errorf("withdrawn %d, never there %d", gone, never)
		}
	}
}

// TestWebmentionModes: nobody signs a webmention, so it waits for the owner in every mode but "open"; what was approved waits again when it says
// something else, and a hidden one stays so (mutant: shown at once).
func TestWebmentionModes(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]store.CommentState{"open": store.Shown, "guarded": store.Held, "approve": store.Held} {
		w := newWorld(t, mentions(mode))
		if got := w.state(w.taken(note1, entry("u-in-reply-to", "First"))); got != want {
			t.Errorf("%s: %q, want %q", mode, got, want)
		}
	}
	w := newWorld(t, mentions("guarded"))
	id := w.taken(note1, entry("u-in-reply-to", "First"))
	w.write(func(tx *store.Tx) error { return tx.SetCommentState(t.Context(), id, store.Shown) })
	if w.taken(note1, entry("u-in-reply-to", "First")); w.state(id) != store.Shown {
		t.Errorf("the same words again: %s", w.state(id))
	}
	if w.taken(note1, entry("u-in-reply-to", "Buy this")); w.state(id) != store.Held || w.text(id) != "Buy this" {
		t.Errorf("other words: %s %q", w.state(id), w.text(id))
	}
	if c, _ := w.comment(id); c.Updated.IsZero() {
		t.Error("the edit has no time")
	}
	w.write(func(tx *store.Tx) error { return tx.SetCommentState(t.Context(), id, store.Hidden) })
	if w.taken(note1, entry("u-in-reply-to", "Again")); w.state(id) != store.Hidden {
		t.Errorf("hidden by the owner: %s", w.state(id))
	}
}

// TestWebmentionGone: a page that is gone, or links to the post no more, takes its comment along (§3.2.4); one that does not answer now does not.
func TestWebmentionGone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(p *peers){
		"410":     func(p *peers) { p.status(note1, 410) },
		"404":     func(p *peers) { p.status(note1, 404) },
		"no link": func(p *peers) { p.page(note1, "<p>nothing") },
		"comment": func(p *peers) { p.page(note1, "<!-- "+entry("u-in-reply-to", "x")+" -->") },
	} {
		w := newWorld(t, mentions("open"))
		id := w.taken(note1, entry("u-in-reply-to", "First"))
		change(w.peers)
		if w.mention(note1, page); w.round() != 1 || w.state(id) != "" {
			t.Errorf("%s: still %q", name, w.state(id))
		}
	}
	w := newWorld(t, mentions("open"))
	id := w.taken(note1, entry("u-in-reply-to", "First"))
	w.peers.status(note1, 503)
	for range 6 {
		w.mention(note1, page)
		w.round()
		w.advance(12 * time.Hour)
	}
	if w.state(id) != store.Shown {
		t.Errorf("a server that is down took its comment along: %q", w.state(id))
	}
	w.peers.handle(note1, func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "https://evil.example/gone", http.StatusFound)
	})
	w.peers.status("https://evil.example/gone", 410)
	if w.mention(note1, page); w.state(id) != store.Shown {
		t.Errorf("another server's 410 took it along")
	}
}

// TestWebmentionCopies: what is here by ActivityPub shows once, whichever came first, and nobody can make somebody else's comment go.
func TestWebmentionCopies(t *testing.T) {
	t.Parallel()
	const status, human = aliceID + "/1", "http://remote.example/@alice/1"
	reply := create(note(status, aliceID, post, m{"url": human}))
	bridge := `<body class="h-entry"><span class="p-author h-card"><a class="p-name u-url" href="` + aliceID + `/page">A</a></span><a class="u-url" href="` + human + `">x</a>
		<div class="e-content">words</div><a class="u-in-reply-to" href="` + page + `"></a>`
	for _, first := range []string{"fediverse", "web"} {
		w := newWorld(t, mentions("open"))
		if first == "fediverse" {
			w.send(reply)
		}
		id := w.taken("https://brid.gy/comment/1", bridge)
		if first == "web" {
			if w.state(id) != store.Shown {
				t.Fatal("the copy alone does not show")
			}
			w.send(reply)
		}
		if w.state(id) != "" || w.shown().Count != 1 || w.state(status) != store.Shown {
			t.Errorf("%s first: the copy is %q, %d replies", first, w.state(id), w.shown().Count)
		}
	}
	for _, first := range []string{"fediverse", "web"} {
		w := newWorld(t, mentions("open"))
		like := activity("Like", aliceID+"/like", aliceID, post, nil)
		if first == "fediverse" {
			w.send(like)
		}
		w.taken("https://brid.gy/like/1", strings.ReplaceAll(bridge, "u-in-reply-to", "u-like-of"))
		if first == "web" {
			w.send(like)
		}
		if n := w.shown().Likes.Count; n != 1 {
			t.Errorf("%s first: %d likes", first, n)
		}
	}
	w := newWorld(t, mentions("open"))
	id := w.taken(note1, entry("u-in-reply-to", "First"))
	w.send(create(note(evilID+"/1", evilID, post, m{"url": note1}))) // says that Ada's page is its own
	if w.state(id) != store.Shown {
		t.Error("a stranger's url took a webmention away")
	}
	w.taken("https://evil.example/1", entry("u-in-reply-to", `x</div><a class="u-url" href="`+note1+`"></a><div>`)) // says to be a copy: hides itself
	if w.state(id) != store.Shown || w.state(store.WebmentionID("https://evil.example/1", post)) != "" {
		t.Error("a page that says to be a copy is shown beside it, or in its place")
	}
}

// TestWebmentionHostile holds what pages of strangers cannot do (R6, R18).
func TestWebmentionHostile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mentions("open"))
	id := w.taken(note1, entry("u-in-reply-to", `<p onclick=x()>Hi<script>x()</script><img src=x onerror=x()><a href="javascript:x()">y</a><iframe src=//evil.example></iframe><style>*{}</style></p>`))
	c, _ := w.comment(id)
	for _, bad := range []string{"script", "onclick", "onerror", "javascript", "iframe", "style"} {
		if strings.Contains(string(c.Content), bad) {
			t.Errorf("%q in %s", bad, c.Content)
		}
	}
	w.taken("https://evil.example/2", `<title>`+html.EscapeString(`<img src=x onerror=x()>`)+`</title><a href="`+page+`">x</a>`)
	for _, m := range w.shown().Mentions {
		if strings.Contains(string(m.Content.HTML()), "<img") {
			t.Errorf("mention %s", m.Content.HTML())
		}
	}
	for name, body := range map[string]string{
		"huge": entry("u-like-of", strings.Repeat("x", 1<<20)),
		"bomb": strings.Repeat("<p><b>", 100_000) + strings.Repeat("</p>x<p>", 50_000),
	} {
		if id := w.taken("https://evil.example/"+name, body); w.state(id) != "" {
			t.Errorf("%s: %q", name, w.state(id))
		}
	}
	w.peers.handle("https://evil.example/json", func(rw http.ResponseWriter, r *http.Request) { rw.Write([]byte(`{"x":"` + page + `"}`)) })
	w.mention("https://evil.example/json", page)
	w.round()
	if id := store.WebmentionID("https://evil.example/json", post); w.state(id) != "" {
		t.Error("what is no page was taken")
	}
}

// TestWebmentionRedirects: a source may lead elsewhere, and then that site speaks; never to us, to whom is blocked, or inwards.
func TestWebmentionRedirects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mentions("open"))
	w.write(func(tx *store.Tx) error {
		return tx.AddBlock(t.Context(), store.Block{What: "blocked.example", At: w.now})
	})
	to := func(from, where string) string {
		w.peers.handle(from, func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, where, http.StatusFound) })
		if got := w.mention(from, page); got != 202 {
			t.Fatalf("%s: %d", from, got)
		}
		w.round()
		return store.WebmentionID(from, post)
	}
	w.peers.page(note1, entry("u-in-reply-to", "First"))
	if c, ok := w.comment(to("https://short.example/1", note1)); !ok || c.URL != note1 || !strings.HasPrefix(c.Actor, "https://ada.example/") {
		t.Errorf("redirected: %+v", c)
	}
	w.peers.page("https://blocked.example/1", entry("u-in-reply-to", "x"))
	w.peers.page(blog+"/posts/two/", entry("u-in-reply-to", "x"))
	for _, where := range []string{"https://blocked.example/1", blog + "/posts/two/", "https://short.example/loop"} {
		if id := to("https://short.example/"+url.PathEscape(where), where); w.state(id) != "" {
			t.Errorf("→ %s: %q", where, w.state(id))
		}
	}
}

// TestWebmentionInwards: no webmention, received or sent, makes us ask an address that is not public, straight or by a redirect, an endpoint or a picture.
func TestWebmentionInwards(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.2", "[::ffff:127.0.0.2]", "2130706434", "localhost", "127.0.0.2."} {
		w := newStrict(t, 0)
		mentions("open")(w.cfg)
		at := "https://" + host + ":" + w.port
		w.mention(at+"/source", page)
		w.peers.handle("https://away.example/1", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, at+"/redirected", http.StatusFound)
		})
		w.peers.page("https://away.example/2", strings.ReplaceAll(entry("u-in-reply-to", "x"), "Ada</a>", `<img src="`+at+`/photo">Ada</a>`))
		w.peers.page("https://away.example/3", `<link rel="webmention" href="`+at+`/endpoint">`)
		w.write(func(tx *store.Tx) error {
			for n, target := range []string{at + "/target", "https://away.example/1", "https://away.example/3"} {
				data := fmt.Appendf(nil, `{"source":%q,"target":%q}`, page, target)
				if err := tx.AddErrand(t.Context(), store.Errand{URL: fmt.Sprint(n), Reason: outbox.TellMention, Post: post, Data: data, Next: w.now}); err != nil {
					return err
				}
			}
			return nil
		})
		for n := range 2 {
			if got := w.mention(fmt.Sprint("https://away.example/", n+1), page); got != 202 {
				t.Errorf("%d", got)
			}
		}
		w.round()
		if got := w.get("/media/" + store.MediaHash(at+"/photo")).StatusCode; got != 404 {
			t.Errorf("the picture: %d", got)
		}
		w.unreached(at)
	}
}

// TestWebmentionBudget: a flood of them is bounded, by site and in all, and crowds nobody else's errands out.
func TestWebmentionBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t, mentions("guarded"))
	count := map[int]int{}
	for n := range 80 {
		count[w.mention(fmt.Sprintf("https://a%d.evil.example/%d", n, n), page)]++
	}
	if count[202] != 60 || count[429] != 20 {
		t.Errorf("of one site: %v", count)
	}
	w.write(func(tx *store.Tx) error {
		for n := range 1000 {
			if err := tx.AddErrand(t.Context(), store.Errand{URL: fmt.Sprint(n), Reason: "mention", Next: w.now.Add(time.Hour)}); err != nil {
				return err
			}
		}
		return nil
	})
	if got := w.mention(note1, page); got != 429 {
		t.Errorf("with 1000 waiting: %d, want 429", got)
	}
}
