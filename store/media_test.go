package store

import (
	"errors"
	"testing"
)

// TestMediaShown: a picture is for everybody while a comment that brings it shows, or anything of the person whose picture it is.
func TestMediaShown(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx, c := t.Context(), reply(1)
		c.State = Held
		pictures := map[string]string{"attached": "https://social.example/a.png", "icon": "https://social.example/i.png", "moved": "https://new.example/i.png", "known before": "https://old.example/o.png"}
		want := func(when string, shown ...string) {
			t.Helper()
			for name, u := range pictures {
				got := must(s.MediaShown(ctx, MediaHash(u)))(t)
				is := name == "known before"
				for _, n := range shown {
					is = is || n == name
				}
				if got != is {
					t.Errorf("%s: %s is shown: %t", when, name, got)
				}
			}
		}
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.PutComment(ctx, c), tx.ShowMedia(ctx, c.ID, pictures["attached"], ""), tx.ShowMedia(ctx, c.Actor, pictures["icon"]),
				tx.ShowMedia(ctx, "https://new.example/ada", pictures["moved"]), tx.ShowMedia(ctx, "", pictures["known before"]))
		})
		want("held")
		write(t, s, func(tx *Tx) error { return tx.SetCommentState(ctx, c.ID, Shown) })
		want("approved", "attached", "icon")
		write(t, s, func(tx *Tx) error { return tx.PutMove(ctx, c.Actor, "https://new.example/ada", noon) })
		want("moved", "attached", "icon", "moved")
		write(t, s, func(tx *Tx) error { return tx.ShowMedia(ctx, c.ID) })
		want("edited", "icon", "moved")
		write(t, s, func(tx *Tx) error { return second(tx.RemoveComment(ctx, c.ID)) })
		want("removed")
	})
}
