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

// TestNewAcquaintance: a server that was unknown a moment ago is known as soon as somebody of it was taken in (mutant: it stays unknown for
// its minute), and looking for servers in the store is not for strangers to order (mutant: no bound on it).
func TestNewAcquaintance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arrive := func(server string, n int) int {
		id := fmt.Sprintf("http://%s/users/u%d", server, n)
		w.peers.serve(id, actor(id, nil))
		return w.post(letter{doc: activity("Dislike", id+"/l", id, "http://third.example/1", nil), signer: id})
	}
	for n := range 25 {
		arrive("new.example", n)
	}
	if got := arrive("new.example", 25); got != http.StatusTooManyRequests {
		t.Fatalf("the 26th of an unknown server: status %d, want 429", got)
	}
	first := "http://new.example/users/u0"
	w.send(create(note(first+"/n", first, post, nil)))
	if got := arrive("new.example", 26); got != http.StatusAccepted {
		t.Errorf("after one was taken in: status %d, want 202", got)
	}
	for n := range 400 {
		arrive(fmt.Sprintf("s%d.flood.example", n), 1)
	}
	if got := w.inbox.Remembered()["familiar"]; got > 110 {
		t.Errorf("%d servers were looked for at once, want about 100 at most", got)
	}
}
