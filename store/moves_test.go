package store

import (
	"errors"
	"testing"
	"time"
)

// shownAs is what a thread shows of who wrote each comment, by the comment's author.
func shownAs(t *testing.T, s *Store) map[string]string {
	t.Helper()
	as := map[string]string{}
	for _, v := range must(s.Thread(t.Context(), reply(1).Post))(t) {
		as[v.Actor] = v.By.ID + " " + v.By.Handle
	}
	return as
}

func TestMoves(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		const a, b, c = "https://social.example/users/ada", "https://b.example/ada", "https://c.example/ada"
		putComments(t, s, reply(1))
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.PutActor(ctx, Actor{ID: a, Handle: "ada@a"}), tx.PutActor(ctx, Actor{ID: b, Handle: "ada@b"}), tx.PutActor(ctx, Actor{ID: c, Handle: "ada@c"}))
		})
		move := func(from, to string, at time.Time, want string) {
			t.Helper()
			before := must(s.ThreadVersion(ctx, reply(1).Post))(t)
			write(t, s, func(tx *Tx) error { return tx.PutMove(ctx, from, to, at) })
			if got := shownAs(t, s)[a]; got != want {
				t.Errorf("after %s became %s: shown as %s, want %s", from, to, got, want)
			}
			if must(s.ThreadVersion(ctx, reply(1).Post))(t) == before {
				t.Errorf("after %s became %s the thread's version is the same", from, to)
			}
		}
		move(a, b, noon, b+" ada@b")
		move(b, a, noon.Add(time.Hour), a+" ada@a") // back
		if !must(s.MovedSince(ctx, a, noon))(t) || must(s.MovedSince(ctx, a, noon.Add(time.Minute)))(t) {
			t.Error("when it moved away is forgotten once it moved back")
		}
		move(a, b, noon.Add(2*time.Hour), b+" ada@b")
		move(b, c, noon.Add(3*time.Hour), c+" ada@c")
		if now := must(s.MovedTo(ctx, a))(t); now != c {
			t.Errorf("moved to %s, want %s", now, c)
		}
		if now := must(s.MovedTo(ctx, c))(t); now != c {
			t.Errorf("who has not moved has moved to %s", now)
		}
		write(t, s, func(tx *Tx) error { return tx.DeleteActor(ctx, c) })
		if got := shownAs(t, s)[a]; got != a+" ada@a" {
			t.Errorf("shown as %s once what it became is deleted", got)
		}
	})
}

// An actor whose face stands beside another one's comments is kept; a move of who left nothing here is not.
func TestMovesArePruned(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		const face, gone, late = "https://b.example/ada", "https://c.example/x", "https://d.example/x"
		putComments(t, s, reply(1))
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.PutActor(ctx, Actor{ID: face, Handle: "ada@b"}), tx.PutActor(ctx, Actor{ID: gone}), tx.PutMove(ctx, reply(1).Actor, face, noon),
				tx.PutMove(ctx, gone, gone+"/new", noon), tx.PutMove(ctx, late, late+"/new", s.now()))
		})
		if err := s.Maintain(ctx); err != nil {
			t.Fatal(err)
		}
		if got := shownAs(t, s)[reply(1).Actor]; got != face+" ada@b" {
			t.Errorf("shown as %s, want %s", got, face)
		}
		if must(s.MovedSince(ctx, gone, time.Time{}))(t) || !must(s.MovedSince(ctx, late, time.Time{}))(t) {
			t.Error("want the old move of nobody gone, the new one kept")
		}
	})
}

func TestRemoveBlocked(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		for _, c := range []struct {
			what string
			want Present
		}{
			{"nobody.example", Present{}}, {"https://social.example/users/ada", Present{0, 2}}, {"Sub.Social.Example", Present{1, 1}}, {"social.example", Present{1, 0}},
			{"social.example", Present{}},
		} {
			if c.what == "nobody.example" {
				other := reply(3)
				other.Actor = "https://sub.social.example/users/bo"
				far := reply(4)
				far.Actor = "https://antisocial.example/users/cy"
				putComments(t, s, reply(1), reply(2), other, far)
				putFollowers(t, s, follower("sub.social.example", "x", 0), follower("social.example", "y", 0), follower("other.example", "z", 0))
			}
			if got := must(s.PresentOf(ctx, c.what))(t); got != c.want {
				t.Errorf("of %s here: %+v, want %+v", c.what, got, c.want)
			}
			write(t, s, func(tx *Tx) error {
				if got := must(tx.RemoveBlocked(ctx, c.what))(t); got != c.want {
					t.Errorf("of %s removed: %+v, want %+v", c.what, got, c.want)
				}
				return nil
			})
		}
		if n := must(s.FollowerCount(ctx, blog))(t); n != 1 || len(shownAs(t, s)) != 1 {
			t.Errorf("%d followers, %v, want the others untouched", n, shownAs(t, s))
		}
	})
}
