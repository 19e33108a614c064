package outbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

// TestRetiredSaysNothing: with the Delete of an actor all goes that it still had to send, and nothing can be queued after it; what another
// actor of ours says is not touched.
func TestRetiredSaysNothing(t *testing.T) {
	t.Parallel()
	ctx, s, now := t.Context(), storetest.Open(t), time.UnixMilli(1_750_000_000_000).UTC()
	c := &site.Config{Site: site.Site{URL: "https://blog.example"}, Federation: site.Federation{Enabled: true, Handle: "notes"}}
	a := c.Addresses()
	out := outbox.New(outbox.Options{Config: c, Store: s, Now: func() time.Time { return now }})
	const inbox = "https://peer.example/inbox"
	say := func(tx *store.Tx, actor, key string) error {
		return out.Queue(ctx, tx, activitypub.Activity{ID: a.Activity(key), Type: "Update", Actor: actor, Object: actor}, actor, []string{inbox})
	}
	write(t, s, func(tx *store.Tx) error { return say(tx, a.Actor(), "before") })
	write(t, s, func(tx *store.Tx) error { return say(tx, a.Author("eve"), "hers") })
	for want := range 2 { // again has no effect
		write(t, s, func(tx *store.Tx) error {
			n, err := out.Retire(ctx, tx, a.Actor())
			if n != 1-want {
				t.Errorf("%d are told, want %d", n, 1-want)
			}
			return err
		})
	}
	write(t, s, func(tx *store.Tx) error { return say(tx, a.Actor(), "after") })
	write(t, s, func(tx *store.Tx) error {
		if _, err := out.Move(ctx, tx, a.Actor(), "https://new.example/a"); err != outbox.ErrGone {
			t.Errorf("a retired actor moves: %v", err)
		}
		ok, err := out.Stay(ctx, tx, a.Actor())
		if ok {
			t.Error("a retirement was taken back")
		}
		return err
	})
	for object, want := range map[string][]store.DeliveryState{a.Actor(): {store.Superseded}, outbox.RetireID(a, a.Actor()): {store.Pending}, a.Author("eve"): {store.Pending}} {
		list, err := s.Deliveries(ctx, object)
		if err != nil || len(list) != len(want) || list[0].State != want[0] {
			t.Errorf("%s: %+v, %v, want %v", object, list, err, want)
		}
	}
}

func write(t *testing.T, s *store.Store, f func(tx *store.Tx) error) {
	t.Helper()
	if err := s.Write(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

// TestMoveIsHeld: a Move waits like a post for as long as the owner may change their mind, goes to followers alone, and can be said again
// after it was taken back.
func TestMoveIsHeld(t *testing.T) {
	t.Parallel()
	ctx, s, now := t.Context(), storetest.Open(t), time.UnixMilli(1_750_000_000_000).UTC()
	c := &site.Config{Site: site.Site{URL: "https://blog.example"}, Federation: site.Federation{Enabled: true, Handle: "notes", Hold: "2m"}}
	us, id := c.Addresses().Actor(), outbox.MoveID(c.Addresses(), c.Addresses().Actor())
	out := outbox.New(outbox.Options{Config: c, Store: s, Now: func() time.Time { return now }})
	write(t, s, func(tx *store.Tx) error {
		return tx.PutFollower(ctx, store.Follower{Actor: "https://peer.example/1", Of: us, Inbox: "https://peer.example/inbox", Since: now})
	})
	for _, to := range []string{"https://new.example/a", "https://new.example/b"} {
		write(t, s, func(tx *store.Tx) error { _, err := out.Move(ctx, tx, us, to); return err })
		list, err := s.Deliveries(ctx, id)
		if err != nil || len(list) != 1 || !list[0].Next.Equal(now.Add(2*time.Minute)) || list[0].Inbox != "https://peer.example/inbox" {
			t.Fatalf("%+v, %v, want one in two minutes", list, err)
		}
		write(t, s, func(tx *store.Tx) error {
			ok, err := out.Stay(ctx, tx, us)
			if !ok {
				t.Error("could not be taken back")
			}
			return err
		})
	}
	if st, err := s.Standing(ctx, us); err != nil || st != (store.Standing{}) {
		t.Errorf("%+v, %v, want nothing of a move", st, err)
	}
}
