package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// orphan is a reply whose parent is not here.
func orphan(n int, parent string) Comment {
	c := reply(n)
	c.Post, c.Parent, c.State = "", parent, Waiting
	return c
}

func commentIDs(list []Comment) (out []string) {
	for _, c := range list {
		out = append(out, c.ID)
	}
	return out
}

// TestWaitingIsNowhere: a reply that waits is in no thread, no count and no list of the owner's, and the owner cannot show it.
func TestWaitingIsNowhere(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		const above = "https://social.example/notes/0"
		putComments(t, s, orphan(1, above), orphan(2, above), orphan(3, "https://other.example/1"))
		if got, want := commentIDs(must(s.WaitingFor(ctx, above, 9))(t)), []string{reply(1).ID, reply(2).ID}; !cmp.Equal(got, want) {
			t.Error(cmp.Diff(want, got))
		}
		if got := must(s.WaitingFor(ctx, above, 1))(t); len(got) != 1 {
			t.Errorf("%d of at most 1", len(got))
		}
		for _, post := range []string{"", reply(1).Post} {
			if list := must(s.Thread(ctx, post))(t); len(list) != 0 {
				t.Errorf("the thread %q shows %v", post, ids(list))
			}
			if n := must(s.CommentCount(ctx, post, Reply))(t); n != 0 {
				t.Errorf("%q counts %d", post, n)
			}
			if v := must(s.ThreadVersion(ctx, post))(t); v != "0" {
				t.Errorf("the thread %q changed", post)
			}
		}
		for _, state := range []CommentState{Shown, Held, Hidden, Removed} {
			if _, n, err := s.CommentsIn(ctx, state, 0, 9); n != 0 || err != nil {
				t.Errorf("%d are %s, %v", n, state, err)
			}
		}
		err := s.Write(ctx, func(tx *Tx) error { return tx.SetCommentState(ctx, reply(1).ID, Shown) })
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("showing one that waits: %v, want ErrNotFound", err)
		}
		putComments(t, s, reply(7))
		before := must(s.ThreadVersion(ctx, reply(7).Post))(t)
		if putComments(t, s, orphan(7, "https://other.example/1")); must(s.ThreadVersion(ctx, reply(7).Post))(t) == before {
			t.Error("a comment left its thread unseen")
		}
		write(t, s, func(tx *Tx) error { return tx.MoveWaiting(ctx, above, above+"/true") })
		if a, b := must(s.WaitingFor(ctx, above, 9))(t), must(s.WaitingFor(ctx, above+"/true", 9))(t); len(a) != 0 || len(b) != 2 {
			t.Errorf("after the move %d and %d wait, want 0 and 2", len(a), len(b))
		}
	})
}

// TestWaitingGoes with its author's Delete, with what it waits for, and holds nothing together.
func TestWaitingGoes(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		left := func() int {
			_, n, err := s.CommentsIn(ctx, Waiting, 0, 1)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		chain := func() {
			putComments(t, s, orphan(1, "https://x.example/0"), orphan(2, reply(1).ID), orphan(3, reply(2).ID))
		}
		for name, f := range map[string]func(tx *Tx) error{
			"Delete": func(tx *Tx) error {
				found, err := tx.RemoveComment(ctx, reply(1).ID)
				if !found {
					t.Error("nothing was removed")
				}
				return err
			},
			"Delete of the actor": func(tx *Tx) error { _, err := tx.RemoveActorComments(ctx, reply(1).Actor); return err },
			"the parent is gone":  func(tx *Tx) error { return tx.RemoveWaiting(ctx, "https://x.example/0") },
		} {
			chain()
			if write(t, s, f); left() != 0 {
				t.Errorf("%s: %d left", name, left())
			}
		}
		putComments(t, s, orphan(1, reply(3).ID), orphan(2, reply(1).ID), orphan(3, reply(2).ID))
		if write(t, s, func(tx *Tx) error { return tx.RemoveWaiting(ctx, reply(2).ID) }); left() != 0 {
			t.Errorf("of a circle %d are left", left())
		}
		putComments(t, s, reply(5), orphan(6, reply(5).ID))
		write(t, s, func(tx *Tx) error { _, err := tx.RemoveComment(ctx, reply(5).ID); return err })
		if _, err := s.Comment(ctx, reply(5).ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("a comment stays for the sake of one that waits: %v", err)
		}
	})
}

// TestWaitingIsBounded in number and time (mutants: no capWaiting, no pruneWaiting).
func TestWaitingIsBounded(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		s.limits.waiting = 5
		for n := range 20 {
			putComments(t, s, orphan(n, "https://x.example/0"))
		}
		putComments(t, s, reply(99))
		got := commentIDs(must(s.WaitingFor(ctx, "https://x.example/0", 99))(t))
		if len(got) != 5 || got[0] != reply(15).ID {
			t.Errorf("%d wait, from %v, want the last 5", len(got), got)
		}
		s.now = func() time.Time { return reply(18).Received.Add(WaitingTime) }
		if err := s.prune(ctx); err != nil {
			t.Fatal(err)
		}
		got = commentIDs(must(s.WaitingFor(ctx, "https://x.example/0", 99))(t))
		if want := []string{reply(18).ID, reply(19).ID}; !slices.Equal(got, want) {
			t.Errorf("after three days %v wait, want %v", got, want)
		}
		if _, err := s.Comment(ctx, reply(99).ID); err != nil {
			t.Errorf("a comment of the thread: %v", err)
		}
	})
}

// TestFamiliar: a server is known by a follower or a comment that shows, and never by another server's name.
func TestFamiliar(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		held, alone := reply(1), reply(2)
		held.State, held.Actor = Held, "https://held.example/u"
		alone.Actor, alone.Post, alone.State = "https://waits.example/u", "", Waiting
		putComments(t, s, reply(3), held, alone)
		write(t, s, func(tx *Tx) error {
			return tx.PutFollower(ctx, Follower{Actor: "https://fan.example/u", Of: "https://blog.example/ap/actor", Inbox: "https://fan.example/in", Since: noon})
		})
		for origin, want := range map[string]bool{
			"https://social.example": true, "https://fan.example": true, "https://held.example": false, "https://waits.example": false,
			"https://social.exampl": false, "https://social.example.evil.example": false, "http://social.example": false, "https://s%.example": false,
		} {
			if got := must(s.Familiar(ctx, origin))(t); got != want {
				t.Errorf("%s: %v, want %v", origin, got, want)
			}
		}
	})
}

// TestPutErrand: the next step of an errand is due when it says, with what it says.
func TestPutErrand(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		e := Errand{URL: "https://a.example/1", Reason: "crawl", Post: "p", Next: noon}
		write(t, s, func(tx *Tx) error { return tx.AddErrand(ctx, e) })
		e.Data, e.Attempts, e.Next = []byte("1"), 2, noon.Add(time.Hour)
		write(t, s, func(tx *Tx) error {
			other := e
			other.Reason = "none"
			return errors.Join(tx.PutErrand(ctx, e), tx.PutErrand(ctx, other))
		})
		if got := must(s.DueErrands(ctx, noon, 9))(t); len(got) != 0 {
			t.Errorf("due before its time: %v", got)
		}
		if got, want := fmt.Sprint(must(s.DueErrands(ctx, noon.Add(time.Hour), 9))(t)), fmt.Sprint([]Errand{e}); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
