package inbox_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
)

// TestStrangersBudget: from one owner of whom nobody is known here at most 30 things are fetched in a minute, keys and errands together,
// whatever the subdomains (class 27; mutants: no strangers' budget, a budget for each host). What an errand could not fetch comes later.
func TestStrangersBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	told := 0
	for n := range 60 {
		by := fmt.Sprintf("http://s%d.troll.example/users/other", n)
		w.peers.serve(by, actor(by, nil))
		got, res := w.postFull(letter{doc: activity("Create", by+"/c", by, fmt.Sprintf("http://x%d.troll.example/n", n), nil), signer: by})
		switch {
		case got == http.StatusTooManyRequests && res.Header.Get("Retry-After") != "":
			told++
		case got != http.StatusAccepted:
			t.Errorf("actor %d: status %d", n, got)
		}
	}
	for range 12 {
		w.round()
		w.advance(5 * time.Second)
	}
	if n := w.peers.count(); n > 30 || n < 20 || told < 30 {
		t.Errorf("%d fetches in a minute, %d told to wait, want at most 30, and most", n, told)
	}
	for range 30 {
		w.advance(time.Minute)
		w.round()
	}
	for n := range 20 {
		if w.peers.asked(fmt.Sprintf("http://x%d.troll.example/n", n)) == 0 {
			t.Errorf("what actor %d named was never fetched", n)
		}
	}
}

// TestCrowdOfKnownServer: from a server that has a follower or a comment here, everybody who answers is let in, however many are new (R12;
// mutant: one budget for all). One follower gives nothing to other hosts of the same domain.
func TestCrowdOfKnownServer(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(w *world, by string){
		"follower": func(w *world, by string) { w.send(activity("Follow", by+"/f", by, us, nil)) },
		"comment":  func(w *world, by string) { w.send(create(note(by+"/n", by, post, nil))) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			by := func(host string, n int) string { return fmt.Sprintf("http://%s/users/u%d", host, n) }
			arrive := func(host string, n int) int {
				id := by(host, n)
				w.peers.serve(id, actor(id, nil))
				return w.post(letter{doc: activity("Dislike", id+"/l", id, "http://third.example/1", nil), signer: id})
			}
			w.peers.serve(by("big.example", 0), actor(by("big.example", 0), nil))
			first(w, by("big.example", 0))
			for n := range 300 {
				if got := arrive("big.example", n+1); got != http.StatusAccepted {
					t.Fatalf("actor %d: status %d", n, got)
				}
			}
			refused := 0
			for n := range 40 {
				if arrive(fmt.Sprintf("s%d.big.example", n), 1) == http.StatusTooManyRequests {
					refused++
				}
			}
			if refused == 0 {
				t.Error("one follower lets a whole domain in")
			}
		})
	}
}

// TestHeldIsNotKnown: a comment that waits for the owner, or for its parent, gives its server no larger budget.
func TestHeldIsNotKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	by := "http://s.troll.example/users/other"
	w.peers.serve(by, actor(by, nil))
	w.send(create(note(by+"/n", by, post, nil)))
	w.write(func(tx *store.Tx) error { return tx.SetCommentState(t.Context(), by+"/n", store.Held) })
	w.send(create(note(by+"/m", by, "http://s.troll.example/unknown", nil)))
	refused := 0
	for n := range 40 {
		id := fmt.Sprintf("http://s.troll.example/users/u%d", n)
		w.peers.serve(id, actor(id, nil))
		if w.post(letter{doc: activity("Dislike", id+"/l", id, "http://third.example/1", nil), signer: id}) == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("nobody was told to wait")
	}
}
