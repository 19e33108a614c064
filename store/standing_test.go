package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

// TestStanding keeps what an actor of ours was and where it went.
func TestStanding(t *testing.T) {
	t.Parallel()
	ctx, s, now := t.Context(), storetest.Open(t), time.UnixMilli(1_750_000_000_000).UTC()
	const us, old = "https://blog.example/ap/actor", "https://old.example/users/ada"
	if st, err := s.Standing(ctx, us); err != nil || st != (store.Standing{}) {
		t.Errorf("at first %+v, %v", st, err)
	}
	want := store.Standing{MovedTo: "https://new.example/a", Moved: now}
	err := s.Write(ctx, func(tx *store.Tx) error {
		for range 2 {
			if err := tx.PutAlias(ctx, store.Alias{Actor: us, ID: old, Handle: "ada@old.example", Since: now}); err != nil {
				return err
			}
		}
		return tx.PutStanding(ctx, us, want)
	})
	if err != nil {
		t.Fatal(err)
	}
	if st, err := s.Standing(ctx, us); err != nil || st != want {
		t.Errorf("%+v, %v, want %+v", st, err, want)
	}
	if list, err := s.Aliases(ctx, us); err != nil || len(list) != 1 || list[0] != (store.Alias{Actor: us, ID: old, Handle: "ada@old.example", Since: now}) {
		t.Errorf("aliases %+v, %v", list, err)
	}
	err = s.Write(ctx, func(tx *store.Tx) error {
		for name, want := range map[string]bool{"": false, "nobody@old.example": false, "ada@old.example": true} {
			if was, err := tx.DeleteAlias(ctx, us, name); err != nil || was != want {
				t.Errorf("deleting %q: %v, %v", name, was, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFarewellInboxes names every server that may know an actor once, by its shared inbox where that is known.
func TestFarewellInboxes(t *testing.T) {
	t.Parallel()
	ctx, s, now := t.Context(), storetest.Open(t), time.UnixMilli(1_750_000_000_000).UTC()
	const us, other = "https://blog.example/ap/actor", "https://blog.example/ap/authors/eve"
	follower := func(id, shared string, of string, parked time.Time) store.Follower {
		return store.Follower{Actor: id, Of: of, Inbox: id + "/inbox", SharedInbox: shared, Since: now, Parked: parked}
	}
	err := s.Write(ctx, func(tx *store.Tx) error {
		for _, f := range []store.Follower{
			follower("https://a.example/1", "https://a.example/inbox", us, time.Time{}), follower("https://a.example/2", "https://a.example/inbox", us, now),
			follower("https://b.example/1", "", us, now), follower("https://none.example/1", "", other, time.Time{}),
		} {
			if err := tx.PutFollower(ctx, f); err != nil {
				return err
			}
		}
		for actor, inboxes := range map[string][]string{us: {"https://a.example/2/inbox", "https://a.example/gone/inbox", "https://c.example/1/inbox"}, other: {"https://none.example/2/inbox"}} {
			a := store.Activity{ID: actor + "#x", Type: "Create", Object: actor + "#o", Actor: actor, JSON: []byte("{}"), At: now}
			if err := tx.AddActivity(ctx, a); err != nil {
				return err
			}
			if err := tx.AddDeliveries(ctx, a, inboxes, time.Time{}); err != nil {
				return err
			}
		}
		if err := tx.PutActor(ctx, store.Actor{ID: "https://d.example/1", Inbox: "https://d.example/1/inbox", SharedInbox: "https://d.example/shared"}); err != nil {
			return err
		}
		if err := tx.PutActor(ctx, store.Actor{ID: "https://none.example/silent", Inbox: "https://none.example/silent/inbox"}); err != nil {
			return err
		}
		return tx.PutComment(ctx, store.Comment{ID: "https://d.example/n", Kind: store.Reply, Post: "p", Parent: "p", Actor: "https://d.example/1", Published: now, Received: now, State: store.Shown})
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"https://a.example/inbox", "https://b.example/1/inbox", "https://c.example/1/inbox", "https://d.example/shared"}
	if list, err := s.FarewellInboxes(ctx, us); err != nil || !slices.Equal(list, want) {
		t.Errorf("%v, %v, want %v", list, err, want)
	}
}

// TestTakeBack makes an activity unsaid as long as it surely never left, and not a moment longer.
func TestTakeBack(t *testing.T) {
	t.Parallel()
	ctx, s, now := t.Context(), storetest.Open(t), time.UnixMilli(1_750_000_000_000).UTC()
	a := store.Activity{ID: "https://blog.example/ap/activities/m", Type: "Move", Object: "m", Actor: "us", JSON: []byte("{}"), At: now}
	say := func(tx *store.Tx) error {
		if err := tx.AddActivity(ctx, a); err != nil {
			return err
		}
		return tx.AddDeliveries(ctx, a, []string{"https://a.example/inbox", "https://b.example/inbox"}, time.Time{})
	}
	takeBack := func(want bool, first ...func(tx *store.Tx) error) {
		t.Helper()
		err := s.Write(ctx, func(tx *store.Tx) error {
			for _, f := range first {
				if err := f(tx); err != nil {
					return err
				}
			}
			if ok, err := tx.TakeBack(ctx, a.ID); err != nil || ok != want {
				t.Errorf("taken back: %v, %v, want %v", ok, err, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	takeBack(true, say)
	if list, err := s.Deliveries(ctx, "m"); err != nil || len(list) != 0 {
		t.Errorf("deliveries %+v, %v", list, err)
	}
	takeBack(false, say, func(tx *store.Tx) error { // on its way: nobody can say any more that it did not arrive
		due, err := tx.DueDeliveries(ctx, "https://a.example", now, 1)
		if err == nil {
			_, _, err = tx.ClaimDeliveries(ctx, due, 1)
		}
		return err
	})
	if list, err := s.Deliveries(ctx, "m"); err != nil || len(list) != 2 {
		t.Errorf("deliveries %+v, %v, want both still", list, err)
	}
}
