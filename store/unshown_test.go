package store

import (
	"errors"
	"testing"
	"time"
)

// What somebody said who asks not to show is hidden, and so is what they say later, edit, like, or said under the account that they moved from; others
// are not concerned, and after they change their mind what is new shows.
func TestHidePerson(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		const ada, old, bo = "https://a.example/ada", "https://a.example/old", "https://a.example/bo"
		put := func(n int, by string, kind Kind) Comment {
			t.Helper()
			c := reply(n)
			c.Actor, c.Kind = by, kind
			write(t, s, func(tx *Tx) error { return tx.PutComment(ctx, c) })
			return c
		}
		state := func(c Comment) CommentState {
			t.Helper()
			return must(s.Comment(ctx, c.ID))(t).State
		}
		first, former, others := put(1, ada, Reply), put(2, old, Reply), put(3, bo, Reply)
		write(t, s, func(tx *Tx) error {
			_, err := tx.exec(ctx, `INSERT INTO moves (actor, moved_to, since) VALUES ($1, $2, 1)`, old, ada)
			return errors.Join(err, tx.PinComment(ctx, first.ID))
		})
		before := must(s.ThreadVersion(ctx, first.Post))(t)
		write(t, s, func(tx *Tx) error {
			n, err := tx.HidePerson(ctx, ada, noon)
			if n != 2 {
				t.Errorf("%d hidden, want 2", n)
			}
			return err
		})
		later, like, again := put(4, ada, Reply), put(5, ada, Like), put(6, old, Reply)
		write(t, s, func(tx *Tx) error { first.Updated = noon.Add(time.Hour); return tx.PutComment(ctx, first) })
		for _, c := range []Comment{first, former, later, like, again} {
			if got := state(c); got != Hidden {
				t.Errorf("%s of %s is %s", c.ID, c.Actor, got)
			}
		}
		if state(others) != Shown || must(s.ThreadVersion(ctx, first.Post))(t) == before || must(s.PinnedComment(ctx, first.Post))(t) != "" {
			t.Error("somebody else is hidden, or the thread did not change, or what was pinned stays on top")
		}
		if list := must(s.UnshownPeople(ctx))(t); len(list) != 1 || list[0] != (Unshown{ada, noon}) {
			t.Errorf("%+v", list)
		}
		write(t, s, func(tx *Tx) error {
			was, err := tx.ShowPerson(ctx, ada)
			if !was {
				t.Error("was shown")
			}
			return err
		})
		if c := put(7, ada, Reply); state(c) != Shown || state(first) != Hidden {
			t.Error("what is new does not show, or what was hidden does")
		}
	})
}
