package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const blog = "https://blog.example/ap/actor"

func follower(host, name string, after time.Duration) Follower {
	return Follower{Actor: "https://" + host + "/users/" + name, Of: blog, Inbox: "https://" + host + "/users/" + name + "/inbox",
		SharedInbox: "https://" + host + "/inbox", FollowID: "https://" + host + "/follows/" + name, Since: noon.Add(after)}
}

func putFollowers(t *testing.T, s *Store, list ...Follower) {
	t.Helper()
	write(t, s, func(tx *Tx) error {
		for _, f := range list {
			if err := tx.PutFollower(t.Context(), f); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestFollowers(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		ada, ben, cyd := follower("a.example", "ada", 0), follower("a.example", "ben", time.Hour), follower("c.example", "cyd", 2*time.Hour)
		cyd.SharedInbox = ""
		author := follower("a.example", "ada", 0)
		author.Of = "https://blog.example/ap/authors/eve"
		putFollowers(t, s, ada, ben, cyd, author)
		if got, want := must(s.Followers(ctx, blog, 0, 2))(t), []Follower{cyd, ben}; !cmp.Equal(got, want) {
			t.Error("Followers:", cmp.Diff(want, got))
		}
		if n := must(s.FollowerCount(ctx, blog))(t); n != 3 {
			t.Errorf("FollowerCount: %d, want 3", n)
		}
		want := []string{"https://a.example/inbox", "https://c.example/users/cyd/inbox"}
		if got := must(s.FollowerInboxes(ctx, blog))(t); !slices.Equal(got, want) {
			t.Errorf("FollowerInboxes: %q, want %q", got, want)
		}
		again := ada
		again.Since, again.FollowID = noon.Add(99*time.Hour), "https://a.example/follows/second"
		putFollowers(t, s, again)
		if got := must(s.Follower(ctx, ada.Actor, blog))(t); !got.Since.Equal(noon) || got.FollowID != again.FollowID {
			t.Errorf("following again: since %v, follow %s; want the first time and the second id", got.Since, got.FollowID)
		}
		write(t, s, func(tx *Tx) error {
			if gone, err := tx.DeleteFollower(ctx, ada.Actor, ""); !gone || err != nil {
				t.Errorf("DeleteFollower: %v, %v", gone, err)
			}
			if gone, err := tx.DeleteFollower(ctx, ada.Actor, ""); gone || err != nil {
				t.Errorf("DeleteFollower of nobody: %v, %v", gone, err)
			}
			return nil
		})
		if _, err := s.Follower(ctx, ada.Actor, author.Of); !errors.Is(err, ErrNotFound) {
			t.Errorf("after DeleteFollower of all: %v", err)
		}
	})
}

func TestParkedFollowersGetNothing(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		ada, cyd := follower("a.example", "ada", 0), follower("c.example", "cyd", 0)
		putFollowers(t, s, ada, cyd)
		write(t, s, func(tx *Tx) error { return tx.ParkFollowers(ctx, "https://A.example", noon) })
		if got := must(s.FollowerInboxes(ctx, blog))(t); !slices.Equal(got, []string{cyd.SharedInbox}) {
			t.Errorf("inboxes with a.example parked: %q", got)
		}
		if got := must(s.Follower(ctx, ada.Actor, blog))(t); !got.Parked.Equal(noon) {
			t.Errorf("parked at %v, want %v", got.Parked, noon)
		}
		write(t, s, func(tx *Tx) error { return tx.ParkFollowers(ctx, "a.example", noon.Add(time.Hour)) })
		if got := must(s.Follower(ctx, ada.Actor, blog))(t); !got.Parked.Equal(noon) {
			t.Error("parking again moved the time of the first")
		}
		write(t, s, func(tx *Tx) error { return tx.UnparkFollower(ctx, ada.Actor) })
		if got := must(s.FollowerInboxes(ctx, blog))(t); len(got) != 2 {
			t.Errorf("inboxes after unparking: %q", got)
		}
	})
}

func TestBlockedFollowersGetNothing(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		elsewhere := follower("d.example", "dan", 0)
		elsewhere.SharedInbox = "https://relay.evil.example/inbox"
		putFollowers(t, s, follower("a.example", "ada", 0), follower("c.example", "cyd", 0), follower("x.evil.example", "x", 0), elsewhere)
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.AddBlock(ctx, Block{What: "evil.example", At: noon}), tx.AddBlock(ctx, Block{What: follower("a.example", "ada", 0).Actor}))
		})
		if got := must(s.FollowerInboxes(ctx, blog))(t); !slices.Equal(got, []string{"https://c.example/inbox"}) {
			t.Errorf("inboxes: %q, want c.example's alone", got)
		}
	})
}

func TestBlocked(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		for _, what := range []string{"Evil.Example.", "*.sub.wide.example", "https://mixed.example/users/bad", "bücher.example", "203.0.113.7",
			"127.0.0.1:8081"} {
			write(t, s, func(tx *Tx) error { return tx.AddBlock(ctx, Block{What: what, Reason: "test", At: noon}) })
		}
		for actor, want := range map[string]bool{
			"https://evil.example/users/a":          true,
			"https://EVIL.example:8443/users/a":     true,
			"https://evil.example./users/a":         true,
			"https://deep.down.evil.example/a":      true,
			"https://good@evil.example/a":           true,
			"evil.example":                          true,
			"https://notevil.example/a":             false,
			"https://evil.example.org/a":            false,
			"https://example/a":                     false,
			"https://a.sub.wide.example/a":          true,
			"https://wide.example/a":                false,
			"https://mixed.example/users/bad":       true,
			"https://mixed.example/users/good":      false,
			"https://xn--bcher-kva.example/users/a": true,
			"https://b%C3%BCcher.example/users/a":   true,
			"https://203.0.113.7/a":                 true,
			"http://127.0.0.1:8081/a":               true,
			"http://127.0.0.1:8082/a":               false,
			"https://%zz/":                          true, // unreadable: could be anybody
			"":                                      true,
		} {
			if got := must(s.Blocked(ctx, actor))(t); got != want {
				t.Errorf("Blocked(%q) = %v, want %v", actor, got, want)
			}
		}
		write(t, s, func(tx *Tx) error { return second(tx.DeleteBlock(ctx, "EVIL.example")) })
		if must(s.Blocked(ctx, "https://evil.example/a"))(t) {
			t.Error("still blocked after DeleteBlock")
		}
		if got := must(s.Blocks(ctx))(t); len(got) != 5 || got[0].Reason != "test" || !got[0].At.Equal(noon) {
			t.Errorf("Blocks: %v", got)
		}
	})
}
