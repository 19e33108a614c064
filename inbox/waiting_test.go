package inbox_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// waits lists what waits for a parent.
func (w *world) waits() (ids []string) {
	w.t.Helper()
	list, n, err := w.store.CommentsIn(w.t.Context(), store.Waiting, 0, 100)
	if err != nil || n != len(list) {
		w.t.Fatal(n, len(list), err)
	}
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	return ids
}

// settled advances the clock in small steps until nothing waits any more, or hours are over.
func (w *world) settled() {
	w.t.Helper()
	for range 200 {
		for w.round() > 0 {
		}
		if len(w.waits()) == 0 {
			return
		}
		w.advance(time.Minute)
	}
}

// thread serves a chain of notes of somebody whom nobody knows: the first answers to, each further one the one before. It gives their ids.
func (w *world) thread(host, to string, n int) (ids []string) {
	by := host + "/users/other"
	w.peers.serve(by, actor(by, nil))
	for k := range n {
		id := fmt.Sprintf("%s/n%d", host, k)
		w.peers.serve(id, served(note(id, by, to, nil)))
		ids, to = append(ids, id), id
	}
	return ids
}

// TestMissingParents: a reply to something that we never got brings what lies between it and the post, one step at a time: two fetches
// within the first minute, the sender and the parent (mutants: climb at once; fetch the author of what waits).
func TestMissingParents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.thread("http://third.example", post, 6)
	leaf := note(aliceID+"/n", aliceID, ids[5], nil)
	w.send(create(leaf))
	if n := w.peers.count(); n != 1 {
		t.Errorf("%d fetches while answering, want the key alone", n)
	}
	for range 12 {
		w.advance(5 * time.Second)
		w.round()
	}
	if n := w.peers.count(); n != 2 || w.count(store.Reply) != 0 {
		t.Errorf("%d fetches in a minute, %d replies shown, want 2 and none", n, w.count(store.Reply))
	}
	if got := w.waits(); len(got) != 2 {
		t.Errorf("%v wait, want the leaf and its parent", got)
	}
	w.settled()
	if n := w.count(store.Reply); n != 7 {
		t.Errorf("%d replies, want 7", n)
	}
	if got := w.text(aliceID + "/n"); got != "words of "+aliceID {
		t.Errorf("the leaf says %q", got)
	}
	for n, id := range append(ids, aliceID+"/n") {
		c, _ := w.comment(id)
		if want := append([]string{post}, ids...)[n]; c.Parent != want || c.Post != post || c.State != store.Shown {
			t.Errorf("%s: %s under %s in %s, want it shown under %s", id, c.State, c.Parent, c.Post, want)
		}
	}
	if n := w.peers.asked(aliceID + "/n"); n != 0 {
		t.Errorf("the leaf, which its author had sent, was fetched %d times", n)
	}
}

// TestParentArrivesByItself: it is on its way, so nobody asks for it at once, and when it is here nothing is fetched (mutant: no patience).
func TestParentArrivesByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(bobID+"/n", bobID, aliceID+"/n", nil)))
	if n := w.round(); n != 0 {
		t.Errorf("%d errands at once, want none", n)
	}
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.advance(10 * time.Second)
	w.round()
	if n := w.peers.asked(aliceID+"/n") + w.peers.asked(bobID+"/n"); n != 0 || w.count(store.Reply) != 2 {
		t.Errorf("%d fetches, %d replies, want 0 and 2", n, w.count(store.Reply))
	}
}

// TestWaitingIsNotShown by any door, until its parent is here: then all that waits below comes with it, however that parent came.
func TestWaitingIsNotShown(t *testing.T) {
	t.Parallel()
	schemes(t, func(t *testing.T, s signature.Scheme) {
		w := newWorld(t)
		parent, child, grandchild := aliceID+"/n", bobID+"/n", evilID+"/n"
		for _, n := range []m{note(grandchild, evilID, child, nil), note(child, bobID, parent, m{"content": "the child's words"})} {
			if got := w.post(letter{doc: create(n), signer: n["attributedTo"].(string), scheme: s}); got != 202 {
				t.Fatalf("status %d, want 202", got)
			}
		}
		w.send(activity("Like", bobID+"/l", bobID, child, nil))
		if n := w.count(store.Reply) + w.count(store.Like); n != 0 || len(w.waits()) != 2 {
			t.Errorf("%d shown, %v wait, want none and two", n, w.waits())
		}
		for _, path := range []string{"/ap/posts/one/replies?page=1", "/ap/posts/one/context?page=1", "/api/v1/thread?post=" + post, "/interact?intent=reply&uri=" + child} {
			body, err := io.ReadAll(w.get(path).Body)
			if err != nil {
				t.Fatal(err)
			}
			if contains(string(body), "the child's words", grandchild, `"`+child) {
				t.Errorf("%s shows what waits: %s", path, body)
			}
		}
		w.send(create(note(parent, aliceID, post, nil)))
		if n := w.count(store.Reply); n != 3 || len(w.waits()) != 0 {
			t.Errorf("%d replies, %v wait, want 3 and none", n, w.waits())
		}
		if c, _ := w.comment(grandchild); c.Parent != child || c.Post != post {
			t.Errorf("the grandchild lies under %s in %s", c.Parent, c.Post)
		}
		w.advance(time.Minute)
		w.round()
		if n := w.peers.asked(parent) + w.peers.asked(child) + w.peers.asked(grandchild); n != 0 {
			t.Errorf("%d fetches of what came by itself", n)
		}
	})
}

func contains(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) })
}

// TestWaitingIsTakenBack by its author's Delete, Update or leaving, and by a block, like any other reply (mutants: no Blocked in
// adoptOne, takeBack passes over what waits).
func TestWaitingIsTakenBack(t *testing.T) {
	t.Parallel()
	id, parent := bobID+"/n", aliceID+"/n"
	for name, f := range map[string]func(w *world){
		"Delete":              func(w *world) { w.send(activity("Delete", bobID+"/d", bobID, id, nil)) },
		"Delete of the actor": func(w *world) { w.send(activity("Delete", bobID+"/d", bobID, bobID, nil)) },
		"narrowed": func(w *world) {
			w.send(activity("Update", bobID+"/u", bobID, note(id, bobID, parent, m{"to": bobID + "/followers", "cc": nil}), nil))
		},
		"block of the actor": func(w *world) {
			w.write(func(tx *store.Tx) error { return tx.AddBlock(t.Context(), store.Block{What: bobID, At: w.clock()}) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.send(create(note(id, bobID, parent, nil)))
			w.sendAs(evilID, activity("Delete", evilID+"/d", evilID, id, nil), http.StatusForbidden)
			if got := w.waits(); len(got) != 1 {
				t.Fatalf("%v wait, want the reply", got)
			}
			f(w)
			w.send(create(note(parent, aliceID, post, nil)))
			if n := w.count(store.Reply); n != 1 || len(w.waits()) != 0 {
				t.Errorf("%d replies, %v wait, want the parent alone", n, w.waits())
			}
		})
	}
	w := newWorld(t)
	w.send(create(note(id, bobID, parent, nil)))
	w.send(activity("Update", bobID+"/u", bobID, note(id, bobID, parent, m{"content": "second thoughts", "updated": w.clock().Format(time.RFC3339)}), nil))
	w.send(create(note(parent, aliceID, post, nil)))
	if got := w.text(id); got != "second thoughts" {
		t.Errorf("after an edit while it waited: %q", got)
	}
}

// TestNobodyWaitsAnyMore: what was waited for is not fetched when nobody does (mutant: it is).
func TestNobodyWaitsAnyMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(bobID+"/n", bobID, aliceID+"/n", nil)))
	w.send(activity("Delete", bobID+"/d", bobID, bobID+"/n", nil))
	w.advance(time.Minute)
	if n := w.round(); n != 1 || w.peers.asked(aliceID+"/n") != 0 {
		t.Errorf("%d errands, %d fetches, want one and none", n, w.peers.asked(aliceID+"/n"))
	}
}

// TestAdoptedByTheRules: what waited is held, shown or dropped by the same rules as what comes at once.
func TestAdoptedByTheRules(t *testing.T) {
	t.Parallel()
	spam := m{"content": `<p><a href="http://spam.example/">win</a></p>`}
	for name, c := range map[string]struct {
		mode  string
		child m
		want  store.CommentState
	}{
		"guarded": {"guarded", nil, store.Shown}, "spam": {"guarded", spam, store.Held}, "open": {"open", spam, store.Shown},
		"approve": {"approve", nil, store.Held}, "closed": {"closed", nil, ""}, "vote": {"open", m{"name": "yes", "content": nil}, ""},
		"private": {"open", m{"to": bobID + "/followers"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(cfg *site.Config) { cfg.Comments.Mode = c.mode })
			w.peers.serve(bobID, actor(bobID, m{"published": time.Now().UTC().Add(-time.Hour).Format(time.RFC3339)}))
			w.send(create(note(bobID+"/n", bobID, aliceID+"/n", c.child)))
			if c.want == "" && len(w.waits()) != 0 {
				t.Errorf("%v wait", w.waits())
			}
			w.send(create(note(aliceID+"/n", aliceID, post, nil)))
			if got, _ := w.comment(bobID + "/n"); got.State != c.want {
				t.Errorf("state %q, want %q", got.State, c.want)
			}
		})
	}
}

// TestChains that end elsewhere, never end, go in a circle, or have a link that is gone, private, a vote or somebody else's are dropped
// whole, and cost few fetches (mutants: maxDepth, what waits below a dead end stays).
func TestChains(t *testing.T) {
	t.Parallel()
	chain := func(n int) string { return fmt.Sprintf("http://third.example/n%d", n) }
	by := "http://third.example/users/other"
	last := func(at int, with m) func(int) m {
		return func(n int) m {
			if n == at {
				return note(chain(n), by, post, with)
			}
			return note(chain(n), by, chain(n+1), nil)
		}
	}
	for name, c := range map[string]struct {
		link func(n int) m
		max  int // fetches beside the sender
		left int // of a circle all wait until their time is out
	}{
		"endless":               {last(-1, nil), 10, 0},
		"circle":                {func(n int) m { return note(chain(n), by, chain((n+1)%3), nil) }, 3, 4},
		"itself":                {func(n int) m { return note(chain(n), by, chain(n), nil) }, 1, 0},
		"elsewhere":             {last(2, m{"inReplyTo": nil}), 3, 0},
		"to nothing of ours":    {last(2, m{"inReplyTo": blog + "/ap/posts/unknown"}), 3, 0},
		"private link":          {last(1, m{"to": by + "/followers"}), 2, 0},
		"vote":                  {last(1, m{"name": "yes", "content": nil}), 2, 0},
		"somebody else's words": {last(1, m{"attributedTo": "http://victim.example/u"}), 2, 0},
		"another id":            {func(n int) m { return note("http://other.example/n", by, post, nil) }, 1, 0},
		"gone":                  {func(n int) m { return nil }, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.peers.serve(by, actor(by, nil))
			w.peers.serve("http://victim.example/u", actor("http://victim.example/u", nil))
			for n := range 30 {
				if doc := c.link(n); doc != nil {
					w.peers.serve(chain(n), served(doc))
				}
			}
			w.send(create(note(aliceID+"/n", aliceID, chain(0), nil)))
			before := w.peers.count()
			w.settled()
			if n := w.count(store.Reply); n != 0 || len(w.waits()) != c.left {
				t.Errorf("%d replies, %v wait, want none and %d", n, w.waits(), c.left)
			}
			if n := w.peers.count() - before; n > c.max {
				t.Errorf("%d fetches, want at most %d", n, c.max)
			}
		})
	}
}

// TestParentComesBack: a server that is down for a while loses nobody's reply; one that stays away does.
func TestParentComesBack(t *testing.T) {
	t.Parallel()
	for _, back := range []bool{true, false} {
		w := newWorld(t)
		id := aliceID + "/n"
		w.peers.status(id, http.StatusServiceUnavailable)
		w.send(create(note(bobID+"/n", bobID, id, nil)))
		w.advance(10 * time.Second)
		w.round()
		if back {
			w.peers.serve(id, served(note(id, aliceID, post, nil)))
		}
		w.settled()
		if n := w.count(store.Reply); back && n != 2 || !back && n != 0 || len(w.waits()) != 0 {
			t.Errorf("back %v: %d replies, %v wait", back, n, w.waits())
		}
	}
}

// TestAnotherAddressOfTheParent: who answers a page answers what its document says to be.
func TestAnotherAddressOfTheParent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, web := aliceID+"/n", "http://remote.example/@alice/1"
	for _, at := range []string{id, web} {
		w.peers.serve(at, served(note(id, aliceID, post, nil)))
	}
	w.send(create(note(bobID+"/n", bobID, web, nil)))
	w.settled()
	if c, _ := w.comment(bobID + "/n"); c.Parent != id || c.State != store.Shown || w.count(store.Reply) != 2 {
		t.Errorf("%s under %s, %d replies, want it under %s", c.State, c.Parent, w.count(store.Reply), id)
	}
}

// TestWaitingAsksNobodyBlocked, nor ourselves: no row waits for that and nothing is fetched.
func TestWaitingAsksNobodyBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		return tx.AddBlock(t.Context(), store.Block{What: "third.example", At: w.clock()})
	})
	for n, parent := range []string{
		"http://third.example/n", "http://sub.third.example/n", blog + "/ap/posts/unknown", "http://BLOG.example/ap/posts/unknown", "https://blog.example:443/x",
		"https://blog.example@third.example/", "tag:x,2026:1", "acct:a@b.example", "http://third.example./n",
	} {
		id := fmt.Sprint(aliceID, "/n", n)
		w.send(create(note(id, aliceID, parent, nil)))
		if got := w.waits(); len(got) != 0 {
			t.Errorf("%v waits for %s", got, parent)
		}
	}
	w.advance(time.Hour)
	if n := w.round(); n != 0 || w.peers.count() != 1 {
		t.Errorf("%d errands, %d fetches, want none beside the key", n, w.peers.count())
	}
}

// TestOwnSpelling: our post is ours in whatever way its address is written, and there is one thread.
func TestOwnSpelling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n, to := range []string{
		"http://BLOG.EXAMPLE/ap/posts/one", "HTTPS://Blog.example:443/ap/posts/one", "http://blog.example:80/posts/one/", "http://blog.example/posts/one/#comments", post,
	} {
		id := fmt.Sprint(aliceID, "/n", n)
		w.send(create(note(id, aliceID, to, nil)))
		if c, _ := w.comment(id); c.Post != post || c.Parent != post {
			t.Errorf("%s: under %q in %q", to, c.Parent, c.Post)
		}
	}
	for n, to := range []string{"http://blog.example.evil.example/ap/posts/one", "http://u@blog.example/ap/posts/one", "ftp://blog.example/ap/posts/one", "http://blog.example:8080/ap/posts/one"} {
		id := fmt.Sprint(bobID, "/n", n)
		w.send(create(note(id, bobID, to, nil)))
		if c, _ := w.comment(id); c.Post != "" {
			t.Errorf("%s is taken for ours", to)
		}
	}
}

// TestIdThatIsNoAddress: Bridgy Fed names what was never federated by a tag: id; the page on its author's server stands for it.
func TestIdThatIsNoAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	url := "http://remote.example/comment/1"
	n := note("tag:remote.example,2026:1", aliceID, post, m{"url": url, "inReplyTo": m{"id": "tag:blog.example,2026:one", "url": page}})
	w.send(activity("Create", aliceID+"/c", aliceID, n, m{"to": public}))
	if c, ok := w.comment(url); !ok || c.Post != post || c.URL != url {
		t.Errorf("stored %+v, %v", c, ok)
	}
	for k, elsewhere := range []any{"http://victim.example/1", nil, "https://remote.example/comment/1", "javascript:alert(1)"} {
		w.send(activity("Create", fmt.Sprint(aliceID, "/c", k), aliceID, merge(note("tag:remote.example,2026:2", aliceID, post, nil), m{"url": elsewhere}), m{"to": public}))
	}
	w.round()
	if n := w.peers.asked("http://victim.example/1"); n != 0 || w.count(store.Reply) != 1 {
		t.Errorf("%d fetches from another server, %d replies, want none and 1", n, w.count(store.Reply))
	}
}
