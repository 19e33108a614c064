package store

import (
	"errors"
	"testing"
	"time"
)

// TestPassed: of what others say the Group's followers are told of what shows since it is a Group, of edits, and of what shows no more.
func TestPassed(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx, now := t.Context(), time.UnixMilli(1_750_000_000_000).UTC()
		const ours = "https://blog.example/ap/posts/"
		add := func(id string, k Kind, state CommentState, at time.Time) Comment {
			c := Comment{ID: id, Kind: k, Post: ours + "a", Parent: ours + "a", Actor: "https://peer.example/" + id, State: state, Published: at, Received: at, Source: []byte("{}")}
			if err := s.Write(ctx, func(tx *Tx) error { return tx.PutComment(ctx, c) }); err != nil {
				t.Fatal(err)
			}
			return c
		}
		write := func(f func(tx *Tx) error) {
			t.Helper()
			if err := s.Write(ctx, f); err != nil {
				t.Fatal(err)
			}
		}
		write(func(tx *Tx) error {
			for _, at := range []time.Time{now, now.Add(time.Hour)} {
				if since, err := tx.GroupSince(ctx, "us", at); err != nil || !since.Equal(now) {
					t.Errorf("a Group since %v, %v", since, err)
				}
			}
			return nil
		})
		add("early", Reply, Shown, now.Add(-time.Second))
		add("held", Reply, Held, now)
		add("like", Like, Shown, now)
		add(ours+"mine", Reply, Shown, now)
		c := add("one", Reply, Shown, now)
		add("two", Quote, Shown, now.Add(time.Second))
		expect := func(want ...string) {
			t.Helper()
			list, err := s.ToPass(ctx, ours, now, 9)
			if err != nil || len(list) != len(want) {
				t.Fatalf("to pass on are %+v, %v, want %v", list, err, want)
			}
			for i := range list {
				if list[i].ID != want[i] {
					t.Errorf("to pass on is %s, want %s", list[i].ID, want[i])
				}
			}
		}
		expect("one", "two")
		if list, err := s.ToPass(ctx, ours, now, 1); err != nil || len(list) != 1 {
			t.Errorf("at most one: %d, %v", len(list), err)
		}
		write(func(tx *Tx) error { return tx.PutPassed(ctx, Passed{Comment: "one", Announce: "a", Times: 1}) })
		write(func(tx *Tx) error { return tx.PutPassed(ctx, Passed{Comment: "two", Times: -1}) })
		write(func(tx *Tx) error { return tx.PutPassed(ctx, Passed{Comment: "nobody's", Activity: []byte("x")}) })
		expect()
		c.Updated = now.Add(time.Minute)
		write(func(tx *Tx) error { return tx.PutComment(ctx, c) })
		if list, err := s.Outdated(ctx, 9); err != nil || len(list) != 1 || list[0].ID != "one" {
			t.Errorf("outdated are %+v, %v", list, err)
		}
		if list, err := s.NoMoreShown(ctx, 9); err != nil || len(list) != 0 {
			t.Errorf("no more shown are %+v, %v", list, err)
		}
		write(func(tx *Tx) error { _, err := tx.RemoveComment(ctx, "one"); return err })
		if list, err := s.NoMoreShown(ctx, 9); err != nil || len(list) != 1 || list[0].Announce != "a" || list[0].Times != 1 {
			t.Errorf("no more shown are %+v, %v", list, err)
		}
		write(func(tx *Tx) error { return tx.TidyPassed(ctx) })
		for id, want := range map[string]error{"one": nil, "two": nil, "nobody's": ErrNotFound} {
			if _, err := s.Passed(ctx, id); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", id, err, want)
			}
		}
		write(func(tx *Tx) error { return tx.DropPassed(ctx, "one") })
		if _, err := s.Passed(ctx, "one"); !errors.Is(err, ErrNotFound) {
			t.Errorf("dropped: %v", err)
		}
		if ids, err := s.ReactionIDs(ctx, Like, ours+"a", "https://peer.example/like"); err != nil || len(ids) != 1 || ids[0] != "like" {
			t.Errorf("likes %v, %v", ids, err)
		}
	})
}
