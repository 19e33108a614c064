package interop

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/inbox/comments"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

// liveWorld is a published blog with its daemon's comments, and a reader's server.
type liveWorld struct {
	embedWorld
	broken atomic.Bool // the thread cannot be had
}

func newLiveWorld(t *testing.T) *liveWorld {
	t.Helper()
	w := &liveWorld{embedWorld: embedWorld{t: t, store: storetest.Open(t)}}
	mux := http.NewServeMux()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.broken.Load() && strings.HasPrefix(r.URL.Path, "/comments/") {
			http.Error(rw, "not now", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(strict{rw}, r)
	}))
	t.Cleanup(server.Close)
	home := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { fmt.Fprint(rw, "at home") }))
	t.Cleanup(home.Close)
	w.inbox, w.host = server.URL, home.URL
	dir := t.TempDir()
	for name, text := range map[string]string{
		"config.toml":        "format = 1\n[site]\nurl = \"" + server.URL + "\"\ntitle = \"Notes\"\n[federation]\nenabled = true\nhandle = \"notes\"\n",
		"content/posts/a.md": "+++\nid = \"a\"\ntitle = \"Tides\"\ndate = 2026-10-28\n+++\nWords.\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if w.config, err = site.Load(filepath.Join(dir, "config.toml"), nil, nil); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 10, 28, 12, 0, 0, 0, time.UTC)
	if _, err := publisher.Publish(t.Context(), publisher.Options{Config: w.config, Announce: true, Now: at}); err != nil {
		t.Fatal(err)
	}
	w.addr = w.config.Addresses()
	c, err := comments.New(comments.Options{Config: w.config, Store: w.store, Site: os.DirFS(filepath.Join(dir, "public"))})
	if err != nil {
		t.Fatal(err)
	}
	c.Register(mux)
	w.post = store.Article{ID: w.addr.Post("a"), URL: w.addr.Page("/posts/a/"), Name: "Tides", JSON: []byte(`{}`), Published: at, Revision: 1, Announced: true}
	w.write(func(tx *store.Tx) error { return tx.PutArticle(t.Context(), w.post) })
	return w
}

// strict asks for Trusted Types beside what the page's own policy asks for.
type strict struct{ http.ResponseWriter }

// WriteHeader adds to the policy.
func (s strict) WriteHeader(status int) {
	if p := s.Header().Get("Content-Security-Policy"); p != "" {
		s.Header().Set("Content-Security-Policy", p+"; require-trusted-types-for 'script'")
	}
	s.ResponseWriter.WriteHeader(status)
}

// Write begins the answer where nobody has.
func (s strict) Write(data []byte) (int, error) {
	if p := s.Header().Get("Content-Security-Policy"); p != "" && !strings.Contains(p, "trusted-types") {
		s.WriteHeader(http.StatusOK)
	}
	return s.ResponseWriter.Write(data)
}

// Unwrap is the writer that a stream flushes.
func (s strict) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// visit navigates to an address.
func (w *liveWorld) visit(ctx context.Context, address string) {
	w.t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		w.t.Fatal(err)
	}
}

// say puts a reply without pictures, answering parent or the post.
func (w *liveWorld) say(n int, parent, words string) string {
	id := fmt.Sprintf("https://social.example/notes/%d", n)
	ada := person("Ada")
	ada.Icon = ""
	w.comment(store.Comment{ID: id, Kind: store.Reply, Parent: parent, URL: id, Published: w.post.Published.Add(time.Duration(n) * time.Minute),
		Content: treeJSON(activitypub.ParseHTML("<p>"+words+"</p>", nil))}, ada)
	return id
}

// TestLivePage: under the page's strict policy new replies wait behind a button, nothing that the reader looks at moves, what is taken back
// goes by itself, and a fault leaves the thread and the way to reply.
func TestLivePage(t *testing.T) {
	t.Parallel()
	w := newLiveWorld(t)
	first := w.say(1, "", "The first")
	for n := range 12 {
		w.say(n+2, "", strings.Repeat("words ", 60))
	}
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	seen := watch(t, ctx, strings.TrimPrefix(w.inbox, "http://"))
	look(t, ctx, 1000, "light", true)
	w.visit(ctx, w.post.URL)
	const thread = `document.querySelector("#comments")`
	until(t, ctx, "the page is there", thread+` && `+thread+`.textContent.includes("13 replies")`)
	mark := fmt.Sprintf(`document.getElementById(%q)`, activitypub.Anchor("https://social.example/notes/9"))
	value[bool](t, ctx, `(`+mark+`.scrollIntoView({behavior: "instant", block: "center"}), true)`)
	place := value[float64](t, ctx, mark+`.getBoundingClientRect().top`)
	still := func(when string) {
		t.Helper()
		if now := value[float64](t, ctx, mark+`.getBoundingClientRect().top`); now-place > 1 || place-now > 1 {
			t.Errorf("%s the page moved from %v to %v", when, place, now)
		}
	}
	fresh := w.say(40, first, "Fresh")
	until(t, ctx, "a button tells of it", thread+`.querySelector("[aria-live=polite] button")?.textContent === "1 new reply, show"`)
	still("when a reply came")
	if value[bool](t, ctx, thread+`.textContent.includes("Fresh")`) {
		t.Error("it shows before the reader wants it")
	}
	w.broken.Store(true)
	click := `(document.querySelector("#comments [aria-live] button").click(), true)`
	value[bool](t, ctx, click)
	until(t, ctx, "the fault is told", thread+`.textContent.includes("cannot be loaded now") && !`+thread+`.hasAttribute("aria-busy")`)
	if !value[bool](t, ctx, thread+`.textContent.includes("13 replies") && !!`+thread+`.querySelector("a[href*='intent=reply']")`) {
		t.Error("a fault takes the thread or the way to reply away")
	}
	seen.take() // the browser logs the 503
	w.broken.Store(false)
	value[bool](t, ctx, click)
	until(t, ctx, "it shows", thread+`.textContent.includes("Fresh")`)
	if !value[bool](t, ctx, fmt.Sprintf(`document.activeElement.id === %q`, activitypub.Anchor(fresh))) {
		t.Error("the focus is not on the new reply")
	}
	value[bool](t, ctx, `(`+mark+`.scrollIntoView({behavior: "instant", block: "center"}), true)`)
	place = value[float64](t, ctx, mark+`.getBoundingClientRect().top`)
	w.write(func(tx *store.Tx) error {
		_, err := tx.RemoveComment(ctx, fresh)
		return err
	})
	until(t, ctx, "it is gone", `!`+thread+`.textContent.includes("Fresh")`)
	still("when a reply went")
	value[bool](t, ctx, `dispatchEvent(new Event("offline"))`)
	until(t, ctx, "being offline is told", thread+`.textContent.includes("You are offline")`)
	if faults := seen.take(); len(faults) > 0 {
		t.Errorf("the page did what it must not:\n%s", strings.Join(faults, "\n"))
	}
}

// TestAskInDialog: a click on Reply asks on the spot, says what is wrong there, leads to the reader's server, and the account is remembered only
// as long as the reader wants. The page of /interact, which works without script, knows it too.
func TestAskInDialog(t *testing.T) {
	t.Parallel()
	w := newLiveWorld(t)
	w.say(1, "", "The first")
	ctx, cancel := context.WithTimeout(browser(t), 90*time.Second)
	defer cancel()
	w.visit(ctx, w.post.URL)
	until(t, ctx, "the page is there", `document.readyState === "complete" && !!document.querySelector(".c-bar a")`)
	value[bool](t, ctx, `(document.querySelector(".c-bar a").click(), true)`)
	until(t, ctx, "the dialog is open", `document.querySelector("dialog")?.open === true && document.activeElement.name === "acct"`)
	fill := func(acct string) {
		value[bool](t, ctx, fmt.Sprintf(`((f) => { f.elements.acct.value = %q; f.querySelector("[type=checkbox]").checked = true; f.requestSubmit(); return true; })(document.querySelector("dialog form"))`, acct))
	}
	fill("not an account")
	until(t, ctx, "what is wrong is told", `document.querySelector("dialog .err").textContent.includes("That is not an account")`)
	fill("me@" + strings.TrimPrefix(w.host, "http://"))
	until(t, ctx, "the reader is at home", fmt.Sprintf(`location.href.startsWith("%s/authorize_interaction?uri=") && document.body.textContent === "at home"`, w.host))

	w.visit(ctx, w.inbox+"/interact?intent=like&uri="+w.post.ID)
	until(t, ctx, "the account is remembered", fmt.Sprintf(`document.querySelector("#acct")?.value === "me@%s"`, strings.TrimPrefix(w.host, "http://")))
	value[bool](t, ctx, `([...document.querySelectorAll("form button")].find((b) => b.textContent.startsWith("Forget")).click(), true)`)
	if !value[bool](t, ctx, `document.querySelector("#acct").value === "" && localStorage.length === 0`) {
		t.Error("the account is not forgotten")
	}
	if cookies := value[string](t, ctx, `document.cookie`); cookies != "" {
		t.Errorf("cookies: %s", cookies)
	}
}
