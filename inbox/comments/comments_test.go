package comments

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

const (
	postID  = "https://example.blog/ap/posts/7"
	postURL = "https://example.blog/posts/federating/"
)

// blog is a published site with its daemon's store.
type blog struct {
	t       testing.TB
	config  *site.Config
	store   *store.Store
	files   fstest.MapFS
	now     time.Time
	handler http.Handler
	c       *Comments
}

// newBlog makes a blog with one post that is out, served with everything real but the network. change may alter it before.
func newBlog(t testing.TB, change ...func(*blog, *Options)) *blog {
	t.Helper()
	s := storetest.Open(t)
	b := &blog{t: t, store: s, now: noon, files: fstest.MapFS{}, config: &site.Config{
		Site:       site.Site{URL: "https://example.blog", Title: "Notes from the Edge", Language: "en"},
		Federation: site.Federation{Enabled: true, Handle: "notes", Name: "Notes"},
		Comments:   site.Comments{Mode: "guarded"},
	}}
	b.file("index.html", "<html>front</html>")
	b.file("404.html", "<html>not here</html>")
	b.file("posts/federating/index.html", pageOf("7", "baked"))
	b.file("assets/style.1234abcd.css", "a{}")
	b.file("ap/published.json", `{"version":1}`)
	b.file("ap/posts/7.json", `{"secret":true}`)
	o := Options{Config: b.config, Store: s, Site: b.files, Now: func() time.Time { return b.now }}
	for _, f := range change {
		f(b, &o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	b.c = c
	mux := http.NewServeMux()
	b.c.Register(mux)
	b.handler = mux
	b.article(store.Article{ID: postID, URL: postURL, Name: "Federating", JSON: []byte(`{"contentMap":{"en":"x"}}`), Published: noon.Add(-24 * time.Hour), Revision: 1, Announced: true})
	return b
}

func pageOf(key, baked string) string {
	return `<html><body><p>Post</p><section id="comments"><!--comments:` + key + `-->` + baked + `<!--/comments--></section></body></html>`
}

func (b *blog) file(name, text string) {
	b.files[name] = &fstest.MapFile{Data: []byte(text), ModTime: noon}
}

func (b *blog) write(f func(*store.Tx) error) {
	b.t.Helper()
	if err := b.store.Write(b.t.Context(), f); err != nil {
		b.t.Fatal(err)
	}
}

func (b *blog) article(a store.Article) {
	b.t.Helper()
	b.write(func(tx *store.Tx) error { return tx.PutArticle(b.t.Context(), a) })
}

// person makes an actor known and gives its id.
func (b *blog) person(name string) string {
	b.t.Helper()
	id := "https://social.example/users/" + name
	b.actor(store.Actor{ID: id, Type: "Person", Handle: name + "@social.example", Name: stored(b.t, activitypub.ParseText(strings.ToUpper(name[:1])+name[1:], nil)), URL: "https://social.example/@" + name, Inbox: id + "/inbox", Indexable: true, Fetched: noon})
	return id
}

func (b *blog) actor(a store.Actor) {
	b.t.Helper()
	b.write(func(tx *store.Tx) error { return tx.PutActor(b.t.Context(), a) })
}

func stored(t testing.TB, tree activitypub.Tree) []byte {
	t.Helper()
	data, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// reply puts a reply to parent ("" for the post), n minutes after noon, and gives its id.
func (b *blog) reply(n int, actor, parent, html string, change ...func(*store.Comment)) string {
	b.t.Helper()
	id := fmt.Sprintf("https://social.example/notes/%d", n)
	if parent == "" {
		parent = postID
	}
	at := noon.Add(time.Duration(n) * time.Minute)
	m := store.Comment{ID: id, Kind: store.Reply, Post: postID, Parent: parent, Actor: actor, URL: fmt.Sprintf("https://social.example/@x/%d", n),
		Content: stored(b.t, activitypub.ParseHTML(html, nil)), Language: "en", Published: at, Received: at, State: store.Shown}
	for _, f := range change {
		f(&m)
	}
	b.comment(m)
	return m.ID
}

func (b *blog) comment(m store.Comment) {
	b.t.Helper()
	b.write(func(tx *store.Tx) error { return tx.PutComment(b.t.Context(), m) })
}

// react puts a like, boost or reaction of the post or, with parent, of a comment.
func (b *blog) react(kind store.Kind, n int, actor, parent, emoji string) {
	b.t.Helper()
	if parent == "" {
		parent = postID
	}
	at := noon.Add(time.Duration(n) * time.Minute)
	b.comment(store.Comment{ID: fmt.Sprintf("https://social.example/%s/%d", kind, n), Kind: kind, Post: postID, Parent: parent, Actor: actor, Emoji: emoji, Published: at, Received: at, State: store.Shown})
}

func (b *blog) thread() *activitypub.Thread {
	b.t.Helper()
	post, err := b.store.Article(b.t.Context(), postID)
	if err != nil {
		b.t.Fatal(err)
	}
	thread, err := b.c.Thread(b.t.Context(), post)
	if err != nil {
		b.t.Fatal(err)
	}
	return thread
}

// do sends a request. headers are name, value, name, value.
func (b *blog) do(method, target string, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func (b *blog) get(target string, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.do(http.MethodGet, target, headers...)
}
