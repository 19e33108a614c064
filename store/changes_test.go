package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// watcher is a reader who keeps a thread up to date by what changed.
type watcher struct {
	version string
	rows    map[string]CommentView
	whole   int // times that everything was read
}

func (f *watcher) read(t *testing.T, s *Store, post string) {
	t.Helper()
	changes, err := s.ThreadSince(t.Context(), post, f.version)
	if errors.Is(err, ErrNotFound) {
		f.whole++
		f.version = must(s.ThreadVersion(t.Context(), post))(t)
		f.rows = map[string]CommentView{}
		for _, r := range must(s.Thread(t.Context(), post))(t) {
			f.rows[r.ID] = r
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	f.version = changes.Version
	for _, id := range changes.Gone {
		delete(f.rows, id)
	}
	for _, r := range changes.Rows {
		f.rows[r.ID] = r
	}
}

// TestThreadSince: whoever reads what changed has, after anything that can happen to a thread, what Thread gives; and reads everything seldom.
func TestThreadSince(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx, post := t.Context(), reply(1).Post
		r := rand.New(rand.NewPCG(7, 11))
		some := func() string { return reply(r.IntN(12)).ID }
		person := func(n int) string { return fmt.Sprintf("https://social.example/users/p%d", n) }
		changes := []func(tx *Tx) error{
			func(tx *Tx) error {
				c := reply(r.IntN(12))
				c.Actor = person(r.IntN(3))
				c.Updated = noon.Add(time.Duration(r.IntN(99)) * time.Second)
				return tx.PutComment(ctx, c)
			},
			func(tx *Tx) error {
				c := reply(12 + r.IntN(12))
				c.Parent, c.Actor = some(), person(r.IntN(3))
				return tx.PutComment(ctx, c)
			},
			func(tx *Tx) error {
				c := reply(r.IntN(12))
				c.Post = "https://example.com/ap/posts/other"
				return tx.PutComment(ctx, c)
			},
			func(tx *Tx) error {
				c := like(30+r.IntN(99), some())
				c.Post, c.Actor = post, person(r.IntN(3))
				return tx.PutComment(ctx, c)
			},
			func(tx *Tx) error {
				return tx.SetCommentState(ctx, some(), []CommentState{Shown, Held, Hidden}[r.IntN(3)])
			},
			func(tx *Tx) error { _, err := tx.RemoveComment(ctx, some()); return err },
			func(tx *Tx) error { return tx.ForgetRemoved(ctx, some()) },
			func(tx *Tx) error { _, err := tx.RemoveReaction(ctx, Like, some(), person(r.IntN(3)), ""); return err },
			func(tx *Tx) error { return tx.PinComment(ctx, some()) },
			func(tx *Tx) error { _, err := tx.UnpinComment(ctx, some()); return err },
			func(tx *Tx) error {
				return tx.PutActor(ctx, Actor{ID: person(r.IntN(3)), Type: "Person", Handle: fmt.Sprint("p", r.IntN(5))})
			},
			func(tx *Tx) error { return tx.PutMove(ctx, person(0), person(1+r.IntN(2)), noon) },
			func(tx *Tx) error { return tx.DeleteActor(ctx, person(r.IntN(3))) },
			func(tx *Tx) error { _, err := tx.RemoveActorComments(ctx, person(2)); return err },
		}
		var f watcher
		for n := range 400 {
			i := r.IntN(len(changes))
			if r.IntN(3) > 0 { // mostly what people do most
				i = r.IntN(5)
			}
			if err := s.Write(ctx, func(tx *Tx) error { return changes[i](tx) }); err != nil && !errors.Is(err, ErrNotFound) {
				t.Fatal(err)
			}
			if r.IntN(3) > 0 {
				continue // several changes between two readings
			}
			f.read(t, s, post)
			want := map[string]CommentView{}
			for _, v := range must(s.Thread(ctx, post))(t) {
				want[v.ID] = v
			}
			if !maps.EqualFunc(f.rows, want, func(a, b CommentView) bool { return cmp.Equal(a, b) }) || f.version != must(s.ThreadVersion(ctx, post))(t) {
				t.Fatalf("after change %d, of kind %d (-Thread +read):\n%s", n, i, cmp.Diff(want, f.rows))
			}
		}
		if f.whole == 0 || f.whole > 90 {
			t.Errorf("everything was read %d times, want now and then", f.whole)
		}
	})
}

// TestThreadChangesBounded: the log of a post stays short, and one who has been away for long reads everything.
func TestThreadChangesBounded(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx, c := t.Context(), reply(1)
		put := func(n int) {
			for range n {
				write(t, s, func(tx *Tx) error { return tx.PutComment(ctx, c) })
			}
		}
		put(1)
		old := must(s.ThreadVersion(ctx, c.Post))(t)
		put(fewChanges - 1)
		if got, err := s.ThreadSince(ctx, c.Post, old); err != nil || len(got.Rows) != 1 || got.Version == old {
			t.Errorf("after %d changes of one row: %v, %v", fewChanges-1, got, err)
		}
		put(1)
		if _, err := s.ThreadSince(ctx, c.Post, old); !errors.Is(err, ErrNotFound) {
			t.Errorf("after %d changes: %v, want ErrNotFound", fewChanges, err)
		}
		put(3 * keptChanges)
		n := must(s.queries.count(ctx, `SELECT COUNT(*) FROM thread_changes`))(t)
		if n < keptChanges || n > 2*keptChanges {
			t.Errorf("%d changes are kept, want %d to twice that", n, keptChanges)
		}
		for _, version := range []string{old, "0", "", "of a restored backup"} {
			if _, err := s.ThreadSince(ctx, c.Post, version); !errors.Is(err, ErrNotFound) {
				t.Errorf("since %q: %v, want ErrNotFound", version, err)
			}
		}
	})
}

// TestThreadSinceTogether: of changes by several at once none is lost to a reader.
func TestThreadSinceTogether(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx, post := t.Context(), reply(1).Post
		var f watcher
		f.read(t, s, post)
		done := make(chan error, 4)
		for by := range 4 {
			go func() {
				done <- s.Write(ctx, func(tx *Tx) error { return three(ctx, tx, by) })
			}()
		}
		for range 4 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			f.read(t, s, post)
		}
		want := must(s.Thread(ctx, post))(t)
		if got := slices.Sorted(maps.Keys(f.rows)); len(got) != len(want) || len(got) != 12 {
			t.Errorf("read %q, want %d", got, len(want))
		}
	})
}

func three(ctx context.Context, tx *Tx, by int) error {
	for n := range 3 {
		if err := tx.PutComment(ctx, reply(by*3+n)); err != nil {
			return err
		}
	}
	return nil
}
