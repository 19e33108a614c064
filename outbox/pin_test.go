package outbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// setPin pins a post in the list that publish writes next.
func (w *world) setPin(key string, place int) {
	for i := range w.posts {
		if w.posts[i].ID == w.id(key) {
			w.posts[i].Pinned = place
		}
	}
}

func (w *world) featured(want ...string) {
	w.t.Helper()
	ids, err := w.store.Pinned(w.t.Context(), w.actor())
	w.must(err)
	for i := range want {
		want[i] = w.id(want[i])
	}
	if !slices.Equal(ids, want) {
		w.t.Errorf("featured %v, want %v", ids, want)
	}
}

// TestPins tells followers of a pin once it is there, after the post itself, and of its end, and of nothing in between.
func TestPins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("ada")
	w.put("a", "one")
	w.setPin("a", 1)
	w.round()
	w.arrived(s, "Create Add")
	add := s.arrivals()[1].Body
	for _, want := range []string{`"object":"` + w.id("a") + `"`, `"target":"` + w.config.Addresses().Featured() + `"`, `"actor":"` + w.actor() + `"`, w.config.Addresses().Followers()} {
		if !strings.Contains(add, want) {
			t.Errorf("%s lacks %s", add, want)
		}
	}
	w.put("b", "two")
	w.setPin("b", 2)
	w.round()
	w.round()
	w.reopen()
	w.round()
	w.arrived(s, "Create Add Create Add")
	w.featured("a", "b")
	w.setPin("a", 2)
	w.setPin("b", 1)
	w.round()
	w.arrived(s, "Create Add Create Add") // another order is no activity
	w.featured("b", "a")
	w.pass(time.Minute)
	w.put("a", "edited")
	w.setPin("a", 2)
	w.round()
	w.arrived(s, "Create Add Create Add Update")
	w.setPin("a", 0)
	w.round()
	w.arrived(s, "Create Add Create Add Update Remove")
	w.featured("b")
	w.setPin("a", 1)
	w.round()
	w.arrived(s, "Create Add Create Add Update Remove Add")
	w.withdraw("a")
	w.round()
	w.arrived(s, "Create Add Create Add Update Remove Add Delete")
	w.featured("b")
}

func TestPinsAtMostFive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("ada")
	for i := range 7 {
		w.put(fmt.Sprint("p", i), "text")
		w.setPin(fmt.Sprint("p", i), i+1)
	}
	w.round()
	if n := strings.Count(s.types(), "Add"); n != 5 {
		t.Errorf("%d Adds", n)
	}
	w.featured("p0", "p1", "p2", "p3", "p4")
	w.withdraw("p0")
	w.round()
	w.featured("p1", "p2", "p3", "p4", "p5")
	if n := strings.Count(s.types(), "Add"); n != 6 {
		t.Errorf("%d Adds after one went", n)
	}
}

// TestPinUndone leaves the collection with the Create that was recalled.
func TestPinUndone(t *testing.T) {
	t.Parallel()
	w, s := held(t)
	w.put("a", "oops")
	w.setPin("a", 1)
	w.round()
	w.featured("a")
	w.undo(false)
	w.featured()
	w.pass(time.Hour)
	w.round()
	w.featured()
	w.arrived(s, "")
}
