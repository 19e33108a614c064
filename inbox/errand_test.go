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
		"wrapped Update": func(w *world, forged m) {
			w.send(activity("Announce", evilID+"/c", evilID, activity("Update", aliceID+"/up", aliceID, forged, nil), m{"to": public}))
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
	n := note(aliceID+"/n", aliceID, post, nil)
	w.peers.serve(aliceID+"/n", served(n))
	w.send(create(n))
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
