package outbox

import (
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
)

// held is a world with a recall window of ten minutes and one follower.
func held(t *testing.T) (*world, *sink) {
	w := newWorld(t)
	w.config.Federation.Hold = "10m"
	return w, w.sink("ada")
}

func (w *world) undo(dryRun bool) []Undone {
	w.t.Helper()
	list, err := w.out.Undo(w.t.Context(), dryRun)
	w.must(err)
	return list
}

func (w *world) arrived(s *sink, want string) {
	w.t.Helper()
	if got := s.types(); got != want {
		w.t.Fatalf("arrived %q, want %q", got, want)
	}
}

// TestHold keeps Creates and Updates for the window, through a restart, and merges edits into the Create.
func TestHold(t *testing.T) {
	t.Parallel()
	w, s := held(t)
	w.put("a", "first")
	w.round()
	w.pass(5 * time.Minute)
	w.put("a", "last")
	w.round()
	w.reopen()
	w.pass(5*time.Minute - time.Second)
	w.round()
	w.arrived(s, "")
	w.pass(time.Second)
	w.round()
	w.arrived(s, "Create")
	if got := s.arrivals()[0].Object.Content; got != "last" {
		t.Errorf("the Create says %q", got)
	}
	w.pass(time.Hour)
	w.round()
	w.arrived(s, "Create")

	w.put("a", "edited")
	w.round()
	w.pass(10*time.Minute - time.Second)
	w.round()
	w.arrived(s, "Create")
	w.pass(time.Second)
	w.round()
	w.arrived(s, "Create Update")

	w.withdraw("a") // a Delete is not held
	w.round()
	w.arrived(s, "Create Update Delete")
	w.put("b", "Never mind")
	w.round()
	w.withdraw("b")
	w.round()
	w.pass(time.Hour)
	w.round()
	w.arrived(s, "Create Update Delete")
}

// TestUndoCreate recalls a post that nobody has: nothing leaves, also after a restart, until its words change; then it is new.
func TestUndoCreate(t *testing.T) {
	t.Parallel()
	w, s := held(t)
	w.put("a", "oops")
	w.round()
	if l := w.undo(true); len(l) != 1 || l[0].Stopped != 1 || l[0].Had || len(w.undo(true)) != 1 {
		t.Errorf("dry run: %+v", l)
	}
	if n, err := w.store.DeliveryCounts(t.Context(), w.id("a")); err != nil || n.Pending != 1 {
		t.Errorf("a dry run changed something: %+v %v", n, err)
	}
	if l := w.undo(false); len(l) != 1 || l[0].ID != w.id("a") || l[0].Stopped != 1 || l[0].Left != 0 || l[0].Had {
		t.Errorf("undo: %+v", l)
	}
	if _, err := w.store.Activity(t.Context(), w.out.createID("a")); err == nil {
		t.Error("the Create is still to be had")
	}
	w.pass(time.Hour)
	w.round()
	w.reopen()
	w.round()
	w.arrived(s, "")
	if l := w.undo(false); len(l) != 0 {
		t.Errorf("undo again: %+v", l)
	}
	w.put("a", "better")
	w.round()
	w.pass(10 * time.Minute)
	w.round()
	w.arrived(s, "Create")
	if got := s.arrivals()[0].Object.Content; got != "better" {
		t.Errorf("the Create says %q", got)
	}
}

// TestUndoMergedEdit recalls an edit that went into a Create which is still held: nobody gets either.
func TestUndoMergedEdit(t *testing.T) {
	t.Parallel()
	w, s := held(t)
	w.put("a", "one")
	w.round()
	w.pass(time.Minute)
	w.put("a", "two")
	w.round()
	if l := w.undo(false); len(l) != 1 || l[0].Had || l[0].Stopped != 1 {
		t.Errorf("undo: %+v", l)
	}
	w.pass(time.Hour)
	w.round()
	w.arrived(s, "")
	w.withdraw("a")
	w.round()
	w.arrived(s, "")
}

// TestUndoUpdate recalls an edit of a post that is out: its readers keep what they have, and the next edit is an Update.
func TestUndoUpdate(t *testing.T) {
	t.Parallel()
	w, s := held(t)
	w.put("a", "one")
	w.round()
	w.pass(10 * time.Minute)
	w.round()
	w.put("b", "another")
	w.round()
	w.pass(10 * time.Minute)
	w.round()
	w.arrived(s, "Create Create")
	w.put("a", "oops")
	w.round()
	if l := w.undo(false); len(l) != 1 || l[0].ID != w.id("a") || l[0].Stopped != 1 || l[0].Left != 0 || !l[0].Had {
		t.Errorf("undo: %+v", l)
	}
	w.pass(time.Hour)
	w.round()
	w.arrived(s, "Create Create")
	w.put("a", "better")
	w.round()
	w.pass(10 * time.Minute)
	w.round()
	w.arrived(s, "Create Create Update")
	w.withdraw("a")
	w.round()
	w.arrived(s, "Create Create Update Delete")
}

// TestUndoHalfLeft stops what a server that is down has yet to get, and names what has left. The Delete reaches whoever may have it.
func TestUndoHalfLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, late, lost := w.sink("ada"), w.sink("late"), w.sink("lost")
	w.setDown("late", true)
	lost.set(modeLost)
	w.put("a", "oops")
	w.round()
	if l := w.undo(false); len(l) != 1 || l[0].Stopped != 1 || l[0].Left != 2 || !l[0].Had {
		t.Fatalf("undo: %+v", l)
	}
	w.setDown("late", false)
	lost.set(0)
	w.pass(8 * 24 * time.Hour)
	w.round()
	w.arrived(s, "Create")
	w.arrived(late, "")
	w.put("a", "better")
	w.round()
	w.arrived(s, "Create Update")
	w.withdraw("a")
	w.round()
	w.arrived(s, "Create Update Delete")
	if l := lost.arrivals(); l[len(l)-1].Type != "Delete" {
		t.Errorf("who may have it got %s", lost.types())
	}
}

// TestUndoUnderWay does not forget a delivery that is on its way at this moment.
func TestUndoUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sink("ada")
	w.put("a", "oops")
	w.publish()
	_, err := w.out.Reconcile(t.Context())
	w.must(err)
	w.must(w.store.Write(t.Context(), func(tx *store.Tx) error {
		due, err := tx.DueDeliveries(t.Context(), w.address("ada", ""), w.time(), 5)
		if err == nil {
			_, _, err = tx.ClaimDeliveries(t.Context(), due, 5)
		}
		return err
	}))
	if l := w.undo(false); len(l) != 1 || l[0].Stopped != 0 || l[0].Left != 1 {
		t.Errorf("undo: %+v", l)
	}
}

// TestUndoIsOfTheLastRound leaves what earlier rounds told.
func TestUndoIsOfTheLastRound(t *testing.T) {
	t.Parallel()
	w, s := held(t)
	w.put("a", "one")
	w.round()
	w.pass(time.Minute)
	w.put("b", "two")
	w.round()
	if l := w.undo(false); len(l) != 1 || l[0].ID != w.id("b") {
		t.Errorf("undo: %+v", l)
	}
	if l := w.undo(true); len(l) != 1 || l[0].ID != w.id("a") {
		t.Errorf("the next undo: %+v", l)
	}
	w.pass(time.Hour)
	w.round()
	w.arrived(s, "Create")
	if s.arrivals()[0].Object.ID != w.id("a") {
		t.Errorf("arrived %+v", s.arrivals())
	}
}
