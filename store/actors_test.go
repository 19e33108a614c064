package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestActors(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		ada := Actor{ID: "https://a.example/users/ada", Type: "Person", Handle: "ada@a.example", Name: []byte(`["Ada"]`), URL: "https://a.example/@ada",
			Icon: "https://a.example/i.png", Inbox: "https://a.example/users/ada/inbox", SharedInbox: "https://a.example/inbox",
			Keys: []byte(`[{"id":"https://a.example/users/ada#main-key","pem":"x"}]`), Followers: "https://a.example/users/ada/followers",
			Indexable: true, Created: noon, Fetched: noon.Add(time.Hour), Gone: noon.Add(2 * time.Hour), AlsoKnownAs: []byte(`[]`), MovedTo: "https://b.example/ada"}
		write(t, s, func(tx *Tx) error { return errors.Join(tx.PutActor(ctx, Actor{ID: ada.ID}), tx.PutActor(ctx, ada)) })
		if got := must(s.Actor(ctx, ada.ID))(t); !cmp.Equal(got, ada) {
			t.Error(cmp.Diff(ada, got))
		}
		if got := must(s.ActorByKey(ctx, ada.ID+"#main-key"))(t); !cmp.Equal(got, ada) {
			t.Error("by key:", cmp.Diff(ada, got))
		}
		rotated := ada
		rotated.Keys = []byte(`[{"id":"https://a.example/users/ada#second","pem":"y"}]`)
		write(t, s, func(tx *Tx) error { return tx.PutActor(ctx, rotated) })
		if _, err := s.ActorByKey(ctx, ada.ID+"#main-key"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a key that the actor lists no more: %v, want ErrNotFound", err)
		}
		write(t, s, func(tx *Tx) error { return errors.Join(tx.DeleteActor(ctx, ada.ID), tx.DeleteActor(ctx, ada.ID)) })
		if _, err := s.ActorByKey(ctx, ada.ID+"#second"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a deleted actor's key: %v, want ErrNotFound", err)
		}
	})
}

// An actor that lists somebody else's key must not be found by it (Fedify CVE-2026-96625's class).
func TestKeyIsItsOwners(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		keys := []byte(`[{"id":"https://a.example/users/victim#main-key","pem":"x"}]`)
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.PutActor(ctx, Actor{ID: "https://evil.example/u", Keys: keys}),
				tx.PutActor(ctx, Actor{ID: "https://a.example:444/u", Keys: keys}))
		})
		if got, err := s.ActorByKey(ctx, "https://a.example/users/victim#main-key"); !errors.Is(err, ErrNotFound) {
			t.Errorf("another server's actor is found by the victim's key: %s, %v", got.ID, err)
		}
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.PutActor(ctx, Actor{ID: "https://a.example/users/aaa", Keys: keys}),
				tx.PutActor(ctx, Actor{ID: "https://a.example/users/victim", Keys: keys}))
		})
		if got := must(s.ActorByKey(ctx, "https://a.example/users/victim#main-key"))(t); got.ID != "https://a.example/users/victim" {
			t.Errorf("found %s by the victim's key", got.ID)
		}
	})
}

func TestActorKnown(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		putComments(t, s, reply(1))
		putFollowers(t, s, follower("a.example", "ada", 0))
		write(t, s, func(tx *Tx) error { return tx.PutActor(ctx, Actor{ID: "https://c.example/u"}) })
		for id, want := range map[string]bool{reply(1).Actor: true, follower("a.example", "ada", 0).Actor: true, "https://c.example/u": true,
			"https://d.example/u": false} {
			if got := must(s.ActorKnown(ctx, id))(t); got != want {
				t.Errorf("ActorKnown(%s) = %v, want %v", id, got, want)
			}
		}
	})
}
