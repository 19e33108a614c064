package inbox_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
)

// served is a note as its own server serves it.
func served(n m) m { return merge(m{"@context": "https://www.w3.org/ns/activitystreams"}, n) }

// TestMissingParents: a reply to something that we never got brings what lies between it and the post.
func TestMissingParents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	parent := post
	var last m
	for n := range 5 {
		id := fmt.Sprintf("%s/n%d", aliceID, n)
		last = note(id, aliceID, parent, nil)
		w.peers.serve(id, served(last))
		parent = id
	}
	w.send(create(last))
	if n := w.peers.count(); n != 1 {
		t.Errorf("%d fetches while answering, want the key alone", n)
	}
	w.advance(10 * time.Second)
	w.round()
	if n := w.count(store.Reply); n != 5 {
		t.Errorf("%d replies, want 5", n)
	}
	if n := w.round(); n != 0 {
		t.Errorf("%d errands left", n)
	}
}

// TestParentArrivesByItself: then nothing but the reply is fetched.
func TestParentArrivesByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	child := note(bobID+"/n", bobID, aliceID+"/n", nil)
	w.peers.serve(bobID+"/n", served(child))
	w.send(create(child))
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.advance(10 * time.Second)
	w.round()
	if n := w.peers.asked(aliceID + "/n"); n != 0 || w.count(store.Reply) != 2 {
		t.Errorf("parent fetched %d times, %d replies, want 0 and 2", n, w.count(store.Reply))
	}
}

// TestChains that end elsewhere, never end, go in a circle, or have a link that is not public are dropped whole, within a budget.
func TestChains(t *testing.T) {
	t.Parallel()
	chain := func(n int) string { return fmt.Sprintf("http://third.example/n%d", n) }
	by := "http://third.example/users/other"
	for name, c := range map[string]struct {
		link func(n int) m
		max  int
	}{
		"endless": {func(n int) m { return note(chain(n), by, chain(n+1), nil) }, 12},
		"circle":  {func(n int) m { return note(chain(n), by, chain((n+1)%3), nil) }, 5},
		"elsewhere": {func(n int) m {
			if n == 2 {
				return note(chain(n), by, post, m{"inReplyTo": nil})
			}
			return note(chain(n), by, chain(n+1), nil)
		}, 6},
		"private link": {func(n int) m {
			if n == 1 {
				return note(chain(n), by, post, m{"to": by + "/followers"})
			}
			return note(chain(n), by, chain(n+1), nil)
		}, 6},
		"somebody else's words": {func(n int) m { return note(chain(n), "http://victim.example/u", post, nil) }, 4},
		"another id":            {func(n int) m { return note(chain(n+100), by, post, nil) }, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.peers.serve(by, actor(by, nil))
			w.peers.serve("http://victim.example/u", actor("http://victim.example/u", nil))
			for n := range 30 {
				w.peers.serve(chain(n), served(c.link(n)))
			}
			reply := note(aliceID+"/n", aliceID, chain(0), nil)
			w.peers.serve(aliceID+"/n", served(reply))
			w.send(create(reply))
			w.advance(10 * time.Second)
			before := w.peers.count()
			w.round()
			if n := w.count(store.Reply); n != 0 {
				t.Errorf("%d replies, want none", n)
			}
			if n := w.peers.count() - before; n > c.max+2 {
				t.Errorf("%d fetches, want at most %d", n, c.max+2)
			}
		})
	}
}

// TestForwarded: what somebody passes on is fetched from its own id and that copy counts (mutant: the sender's copy is stored).
func TestForwarded(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(w *world, forged m){
		"create with a foreign object": func(w *world, forged m) {
			w.send(activity("Create", evilID+"/c", evilID, forged, m{"to": public}))
		},
		"bare id": func(w *world, forged m) { w.send(activity("Create", evilID+"/c", evilID, forged["id"], nil)) },
		"wrapped in an Announce": func(w *world, forged m) {
			w.send(activity("Announce", evilID+"/c", evilID, create(forged), m{"to": public}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, honest := range []bool{true, false} {
				w := newWorld(t)
				id := aliceID + "/n"
				if honest {
					w.peers.serve(id, served(note(id, aliceID, post, nil)))
				}
				send(w, note(id, aliceID, post, m{"content": "forged words"}))
				if n := w.peers.count(); n != 1 {
					t.Errorf("%d fetches while answering, want the sender's key alone", n)
				}
				w.round()
				if got := w.text(id); honest && got != "words of "+aliceID || !honest && got != "" {
					t.Errorf("honest %v: stored %q", honest, got)
				}
				if c, _ := w.comment(id); honest && c.Actor != aliceID {
					t.Errorf("author %q, want alice", c.Actor)
				}
			}
		})
	}
}

// TestWrappedActivities do nothing by the wrapper's word.
func TestWrappedActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.send(activity("Like", aliceID+"/l", aliceID, post, nil))
	for n, inner := range []m{
		activity("Delete", aliceID+"/d", aliceID, aliceID+"/n", nil), activity("Undo", aliceID+"/u", aliceID, activity("Like", aliceID+"/l", aliceID, post, nil), nil),
		activity("Like", bobID+"/l", bobID, post, nil), activity("Update", aliceID+"/up", aliceID, note(aliceID+"/n", aliceID, post, m{"content": "forged"}), nil),
		create(note("http://third.example/1", "http://third.example/u", "http://third.example/0", nil)),
	} {
		w.send(activity("Announce", fmt.Sprint(evilID, "/w", n), evilID, inner, m{"to": public}))
	}
	w.round()
	if got := w.text(aliceID + "/n"); got != "words of "+aliceID || w.count(store.Like) != 1 || w.count(store.Boost) != 0 {
		t.Errorf("text %q, %d likes, %d boosts", got, w.count(store.Like), w.count(store.Boost))
	}
	if n := w.peers.asked("http://third.example/1"); n != 0 {
		t.Errorf("a foreign thread was fetched %d times", n)
	}
}

// TestErrandsAreTriedAgain after a fault that may pass, and given up after five tries.
func TestErrandsAreTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := aliceID + "/n"
	w.peers.status(id, http.StatusServiceUnavailable)
	w.send(activity("Create", evilID+"/c", evilID, id, nil))
	tries := 0
	for range 20 {
		tries += w.round()
		w.advance(12 * time.Hour)
	}
	if tries != 5 {
		t.Errorf("%d tries, want 5", tries)
	}
	w.send(activity("Create", evilID+"/c2", evilID, id, nil))
	w.round()
	w.peers.serve(id, served(note(id, aliceID, post, nil)))
	w.advance(time.Hour)
	w.round()
	if n := w.count(store.Reply); n != 1 {
		t.Errorf("%d replies after the server came back, want 1", n)
	}
}

// TestFetchBudget: replies that name ever new notes do not make us knock at one server's door without end.
func TestFetchBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range 60 {
		w.send(activity("Create", fmt.Sprint(evilID, "/c", n), evilID, fmt.Sprintf("http://s%d.victim.example/n", n), nil))
	}
	before := w.peers.count()
	for range 3 {
		w.round()
	}
	if n := w.peers.count() - before; n > 30 {
		t.Errorf("%d fetches from one owner at once, want at most 30", n)
	}
}

// TestStaleActorIsRefreshed behind the answer; one that is gone for good is forgotten.
func TestStaleActorIsRefreshed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.advance(48 * time.Hour)
	w.peers.serve(aliceID, actor(aliceID, m{"name": "Alice Anew"}))
	w.send(activity("Like", aliceID+"/l", aliceID, post, nil))
	w.round()
	if a, _ := w.store.Actor(t.Context(), aliceID); string(a.Name) != `["Alice Anew"]` {
		t.Errorf("name %s", a.Name)
	}
	w.peers.status(aliceID, http.StatusGone)
	for n, want := range []int{1, 0} {
		w.advance(48 * time.Hour)
		w.sendAs(aliceID, activity("Announce", fmt.Sprint(aliceID, "/b", n), aliceID, post, m{"to": public}), 202)
		w.round()
		if got := w.count(store.Reply); got != want {
			t.Errorf("after %d answers of 410: %d replies, want %d", n+1, got, want)
		}
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.inbox.Run(ctx) }()
	id := aliceID + "/n"
	fetched := make(chan struct{}, 1)
	w.peers.handle(id, func(rw http.ResponseWriter, r *http.Request) {
		rw.WriteHeader(http.StatusNotFound)
		fetched <- struct{}{}
	})
	w.send(activity("Create", evilID+"/c", evilID, id, nil))
	<-fetched
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
}
