package comments

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/templates"
)

func TestThreadOrders(t *testing.T) {
	t.Parallel()
	for by, want := range map[string]string{
		"oldest": "one\n  early\n  late\ntwo\nthree\n", "": "one\n  early\n  late\ntwo\nthree\n",
		"newest": "three\ntwo\none\n  early\n  late\n", "liked": "two\none\n  early\n  late\nthree\n",
	} {
		b := newBlog(t, func(b *blog, _ *Options) { b.config.Comments.Order = by })
		ada, bea := b.person("ada"), b.person("bea")
		one := b.reply(1, ada, "", "<p>one</p>")
		b.reply(4, bea, one, "<p>early</p>")
		b.reply(5, bea, one, "<p>late</p>")
		two := b.reply(2, bea, "", "<p>two</p>")
		b.reply(3, ada, "", "<p>three</p>")
		b.react(store.Like, 1, ada, two, "")
		b.react(store.Like, 2, bea, two, "")
		b.react(store.Like, 3, bea, one, "")
		if diff := cmp.Diff(want, outline(b.thread().Replies, "")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", by, diff)
		}
	}
}

// TestThreadPinned: what the owner put on top stands there with its answers, wherever it was said and whatever the order, and once.
func TestThreadPinned(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada, bea := b.person("ada"), b.person("bea")
	first := b.reply(1, ada, "", "<p>first</p>")
	deep := b.reply(2, bea, first, "<p>answer</p>")
	b.reply(3, ada, deep, "<p>thanks</p>")
	pin := func(id string) error {
		return b.store.Write(t.Context(), func(tx *store.Tx) error { return tx.PinComment(t.Context(), id) })
	}
	before := b.get("/posts/federating/").Header().Get("ETag")
	if err := pin(deep); err != nil {
		t.Fatal(err)
	}
	got := b.thread()
	if diff := cmp.Diff("answer ← @ada@social.example\n  thanks\nfirst\n", outline(got.Replies, "")); diff != "" || !got.Replies[0].Pinned || got.Count != 3 {
		t.Errorf("pinned %t, %d replies (-want +got):\n%s", got.Replies[0].Pinned, got.Count, diff)
	}
	if w := b.get("/posts/federating/"); w.Header().Get("ETag") == before || !strings.Contains(w.Body.String(), "pinned</span>") {
		t.Error("the page does not show it")
	}
	held := b.reply(5, bea, "", "<p>held</p>", func(m *store.Comment) { m.State = store.Held })
	if err := pin(held); err == nil {
		t.Error("what does not show can be pinned")
	}
	b.write(func(tx *store.Tx) error { return tx.SetCommentState(t.Context(), deep, store.Hidden) })
	if diff := cmp.Diff("first\nthanks\n", outline(b.thread().Replies, "")); diff != "" {
		t.Errorf("hidden (-want +got):\n%s", diff)
	}
	b.write(func(tx *store.Tx) error {
		if err := tx.SetCommentState(t.Context(), deep, store.Shown); err != nil {
			return err
		}
		found, err := tx.UnpinComment(t.Context(), deep)
		if !found {
			t.Error("it was pinned and is not found")
		}
		return err
	})
	if diff := cmp.Diff("first\n  answer\n    thanks\n", outline(b.thread().Replies, "")); diff != "" {
		t.Errorf("unpinned (-want +got):\n%s", diff)
	}
}

// TestThreadPending: how many wait is the owner's secret unless they say otherwise; nothing else of what waits ever shows.
func TestThreadPending(t *testing.T) {
	t.Parallel()
	for _, told := range []bool{false, true} {
		b := newBlog(t, func(b *blog, _ *Options) { b.config.Comments.Pending = told })
		b.get("/posts/federating/")
		b.reply(1, b.person("ada"), "", "<p>CANARY</p>", func(m *store.Comment) { m.State = store.Held })
		page := b.get("/posts/federating/").Body.String()
		if strings.Contains(page, "1 reply waits for the author") != told || strings.Contains(page, "CANARY") || strings.Contains(page, "ada") {
			t.Errorf("told %t, the page says\n%s", told, page)
		}
	}
}

// TestThreadClosesByItsOwnWord: the post's front matter, as the published list tells it, goes before the blog's settings.
func TestThreadClosesByItsOwnWord(t *testing.T) {
	t.Parallel()
	b := newBlog(t, func(b *blog, _ *Options) { b.config.Comments.CloseAfter = "1d" })
	post, err := b.store.Article(t.Context(), postID)
	if err != nil {
		t.Fatal(err)
	}
	post.Closes = noon.Add(90 * 24 * time.Hour)
	b.article(post)
	b.now = noon.Add(89 * 24 * time.Hour)
	if b.thread().Closed || !strings.Contains(b.get("/posts/federating/").Body.String(), "intent=reply") {
		t.Error("closed before its time")
	}
	b.now = post.Closes
	if !b.thread().Closed || !strings.Contains(b.get("/posts/federating/").Body.String(), "Comments are closed") {
		t.Error("open after its time")
	}
}

// TestThreadOfAnUntoldPost: the thread of a post that nobody was told of, as an old one, speaks the language that the published list tells.
func TestThreadOfAnUntoldPost(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.article(store.Article{ID: postID, URL: postURL, Name: "مقال", Published: noon, Language: "ar"})
	if got := b.thread().Language; got != "ar" {
		t.Errorf("language %q, want ar", got)
	}
	if page := b.get("/posts/federating/").Body.String(); !strings.Contains(page, templates.Text("ar", "reply")) {
		t.Errorf("the empty slot is not in Arabic\n%s", page)
	}
}

// TestFaces: the whole list is one click behind the pile, in parts, without script.
func TestFaces(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for n := range facesPerPage + 1 {
		b.react(store.Like, n, b.person(fmt.Sprintf("liker%d", n)), "", "")
	}
	shy := "https://social.example/users/shy"
	b.actor(store.Actor{ID: shy, Type: "Person", Handle: "shy@social.example", URL: "https://social.example/@shy", Inbox: shy + "/inbox", Fetched: noon})
	b.react(store.Boost, 1, shy, "", "")
	page := b.get("/posts/federating/").Body.String()
	for _, want := range []string{`<a href="https://example.blog/comments/7/likes" rel="nofollow">201 likes</a>`, `<li class="h-cite u-repost" data-nosnippet>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s\n%s", want, page)
		}
	}
	first, second := b.get("/comments/7/likes"), b.get("/comments/7/likes?page=2")
	if n := strings.Count(first.Body.String(), "<li>"); n != facesPerPage || !strings.Contains(first.Body.String(), `href="?page=2"`) || !strings.Contains(first.Body.String(), "@liker0@social.example") {
		t.Errorf("the first part lists %d\n%s", n, first.Body)
	}
	if n := strings.Count(second.Body.String(), "<li>"); n != 1 || !strings.Contains(second.Body.String(), "@liker200@social.example") {
		t.Errorf("the second part lists %d\n%s", n, second.Body)
	}
	h := first.Header()
	if h.Get("X-Robots-Tag") != "noindex" || h.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
		t.Errorf("headers %v", h)
	}
	for path, want := range map[string]int{"/comments/7/boosts": 200, "/comments/7/likes?page=3": 404, "/comments/none/likes": 404, "/comments/7/dislikes": 404} {
		if w := b.get(path); w.Code != want {
			t.Errorf("%s = %d, want %d", path, w.Code, want)
		}
	}
	if w := b.do(http.MethodPost, "/comments/7/likes"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST = %d", w.Code)
	}
}

// TestThreadMedia: pictures have the size at which they are served, films their still picture, and both come from here.
func TestThreadMedia(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.reply(1, b.person("ada"), "", "<p>look</p>", func(m *store.Comment) {
		m.Attachments = []byte(`[{"URL":"https://files.example/a.png","MediaType":"image/png","Width":4000,"Height":1000},{"URL":"https://files.example/b.png","MediaType":"image/*"},
			{"URL":"https://files.example/c.mp4","MediaType":"video/mp4","Poster":"https://files.example/c.png","Alt":"A film"},{"URL":"https://files.example/d.ogg","MediaType":"audio/ogg","Width":20000,"Height":1}]`)
	})
	got := b.thread().Replies[0].Media
	if len(got) != 4 || got[0].Width != 640 || got[0].Height != 160 || got[1].Width != 0 || got[2].Picture != b.c.a.Media(store.MediaHash("https://files.example/c.png")) || got[3].Picture != "" || got[3].Width != 0 {
		t.Errorf("media %+v", got)
	}
	page := b.get("/posts/federating/").Body.String()
	for _, want := range []string{`width="640" height="160" loading="lazy"`, `class="u-photo boxed"`, `<span lang="en">Video</span>: <bdi>A film</bdi>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s\n%s", want, page)
		}
	}
	if strings.Contains(page, `src="https://files.example`) || strings.Contains(page, "<video") || strings.Contains(page, "<audio") {
		t.Errorf("the page loads or plays what is elsewhere\n%s", page)
	}
}

// TestDrawnAsTheTemplate: what is put together of remembered parts is what the template makes, to the byte, after every kind of change; and a
// site's own template is used.
func TestDrawnAsTheTemplate(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada, bea := b.person("ada"), b.person("bea")
	check := func(after string) {
		t.Helper()
		post, err := b.store.Article(t.Context(), postID)
		if err != nil {
			t.Fatal(err)
		}
		thread, names, err := b.c.printed(t.Context(), post, maxFaces)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := b.c.templates.ExecuteTemplate(&want, "comments", thread); err != nil {
			t.Fatal(err)
		}
		got, err := b.c.renderThread(thread, names)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), string(got)); diff != "" {
			t.Errorf("after %s (-template +drawn):\n%s", after, diff)
		}
		fresh := *b.c // that remembers nothing
		fresh.cache = newCache(cacheBytes)
		read, _, err := fresh.printed(t.Context(), post, maxFaces)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(read, thread, cmp.AllowUnexported(activitypub.Node{})); diff != "" {
			t.Errorf("after %s (-read +remembered):\n%s", after, diff)
		}
	}
	check("nothing")
	one := b.reply(1, ada, "", "<p>one</p>", func(m *store.Comment) {
		m.Attachments = []byte(`[{"URL":"https://files.example/a.png","MediaType":"image/png"}]`)
	})
	two := b.reply(2, bea, one, "<p>two</p>")
	b.reply(3, ada, "", "<p>three</p>")
	check("replies")
	change := func(what string, f func(*store.Comment)) {
		t.Helper()
		m, err := b.store.Comment(t.Context(), two)
		if err != nil {
			t.Fatal(err)
		}
		f(&m)
		b.comment(m)
		check(what)
	}
	change("an edit", func(m *store.Comment) { m.Updated = noon.Add(time.Hour) })
	change("other words", func(m *store.Comment) { m.Content = stored(t, activitypub.ParseText("2", nil)) })
	change("a warning", func(m *store.Comment) { m.Warning = stored(t, activitypub.ParseText("so", nil)) })
	change("a picture", func(m *store.Comment) {
		m.Warning, m.Attachments = nil, []byte(`[{"URL":"https://files.example/b.png","MediaType":"image/png","Alt":"B"}]`)
	})
	change("what is sensitive", func(m *store.Comment) { m.Sensitive = true })
	change("another language", func(m *store.Comment) { m.Language = "de" })
	change("another address", func(m *store.Comment) { m.URL = "https://social.example/@bea/new" })
	for n, page := range []string{"https://ada.example/answer", "https://bea.example/answer"} {
		b.reply(4+n, bea, "", "<p>from "+page+"</p>", func(m *store.Comment) { m.ID, m.URL = store.WebmentionID(page, postID), page })
	}
	check("two webmentions")
	b.react(store.Like, 1, ada, two, "")
	check("a like")
	b.react(store.Boost, 2, ada, two, "")
	check("a boost")
	b.react(store.Reaction, 3, ada, two, "🎉")
	check("a reaction")
	b.actor(store.Actor{ID: bea, Type: "Person", Handle: "bea@social.example", Name: stored(t, activitypub.ParseText("B :x:", map[string]string{":x:": "https://social.example/x.png"})), URL: "https://social.example/@b", Icon: "https://social.example/b.png", Inbox: bea, Fetched: noon})
	check("another name, picture and wish not to be found")
	b.write(func(tx *store.Tx) error { return tx.PinComment(t.Context(), two) })
	check("a pin")
	for _, state := range []store.CommentState{store.Held, store.Shown, store.Hidden, store.Shown} {
		b.write(func(tx *store.Tx) error { return tx.SetCommentState(t.Context(), two, state) })
		check("the owner's " + string(state))
	}
	b.react(store.Reaction, 9, ada, two, "🎉")
	check("a reaction in place of the former")
	b.write(func(tx *store.Tx) error {
		_, err := tx.RemoveReaction(t.Context(), store.Like, two, ada, "")
		return err
	})
	check("a like that was taken back")
	b.write(func(tx *store.Tx) error { return tx.PutMove(t.Context(), ada, bea, noon) })
	check("a move")
	b.now = noon.Add(time.Hour)
	b.config.Comments.CloseAfter = "1d"
	b.now = noon.Add(48 * time.Hour)
	check("closing")
	b.write(func(tx *store.Tx) error { _, err := tx.RemoveComment(t.Context(), one); return err })
	check("a removal")
}
