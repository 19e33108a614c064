package store

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSeen(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		mark := func(id string, at time.Time, want bool) {
			t.Helper()
			write(t, s, func(tx *Tx) error {
				if fresh, err := tx.MarkSeen(ctx, id, "https://a.example/u", at); fresh != want || err != nil {
					t.Errorf("MarkSeen(%s) = %v, %v, want %v", id, fresh, err, want)
				}
				return nil
			})
		}
		mark("1", noon, true)
		mark("1", noon.Add(time.Hour), false)
		mark("2", noon.Add(time.Hour), true)
		write(t, s, func(tx *Tx) error {
			if n, err := tx.PruneSeen(ctx, noon.Add(time.Minute)); n != 1 || err != nil {
				t.Errorf("PruneSeen: %d, %v, want 1", n, err)
			}
			return nil
		})
		if must(s.Seen(ctx, "1"))(t) || !must(s.Seen(ctx, "2"))(t) {
			t.Error("PruneSeen forgot the wrong one")
		}
	})
}

func TestErrands(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		first := Errand{URL: "https://a.example/1", Reason: "parent", Post: "p", Next: noon}
		later := Errand{URL: "https://a.example/2", Reason: "reply", Next: noon.Add(time.Hour)}
		write(t, s, func(tx *Tx) error {
			again := first
			again.Next = noon.Add(9 * time.Hour)
			return errors.Join(tx.AddErrand(ctx, first), tx.AddErrand(ctx, later), tx.AddErrand(ctx, again))
		})
		if got, want := must(s.DueErrands(ctx, noon, 9))(t), []Errand{first}; !cmp.Equal(got, want) {
			t.Error(cmp.Diff(want, got))
		}
		write(t, s, func(tx *Tx) error { return tx.RetryErrand(ctx, first.URL, first.Reason, noon.Add(2*time.Hour)) })
		first.Attempts, first.Next = 1, noon.Add(2*time.Hour)
		if got, want := must(s.DueErrands(ctx, noon.Add(3*time.Hour), 9))(t), []Errand{later, first}; !cmp.Equal(got, want) {
			t.Error(cmp.Diff(want, got))
		}
		write(t, s, func(tx *Tx) error { return tx.DoneErrand(ctx, later.URL, later.Reason) })
		if got := must(s.DueErrands(ctx, noon.Add(3*time.Hour), 9))(t); len(got) != 1 {
			t.Errorf("errands left: %v", got)
		}
	})
}

// Beyond the cap the oldest errands leave.
func TestErrandsAreBounded(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		s.limits.errands = 5
		for i := range 20 {
			write(t, s, func(tx *Tx) error {
				return tx.AddErrand(t.Context(), Errand{URL: fmt.Sprintf("https://a.example/%02d", i), Next: noon.Add(time.Duration(i) * time.Second)})
			})
		}
		got := must(s.DueErrands(t.Context(), noon.Add(time.Hour), 99))(t)
		if len(got) != 5 || got[0].URL != "https://a.example/15" {
			t.Errorf("%d errands, first %v; want the last 5", len(got), got)
		}
	})
}

func TestMedia(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		const icon = "https://a.example/icon.png"
		if _, err := s.Media(ctx, MediaHash(icon)); !errors.Is(err, ErrNotFound) {
			t.Errorf("a picture that no page wants: %v, want ErrNotFound", err)
		}
		write(t, s, func(tx *Tx) error { return tx.WantMedia(ctx, icon, 128) })
		if got, want := must(s.Media(ctx, MediaHash(icon)))(t), (Media{Hash: MediaHash(icon), URL: icon, MaxSide: 128}); !cmp.Equal(got, want) {
			t.Error(cmp.Diff(want, got))
		}
		want := Media{Hash: MediaHash(icon), URL: icon, Type: "image/png", Data: []byte("\x89PNG\x00"), MaxSide: 128, Fetched: noon}
		write(t, s, func(tx *Tx) error {
			return errors.Join(tx.PutMedia(ctx, want), tx.WantMedia(ctx, icon, 128), tx.WantMedia(ctx, icon, 96))
		})
		if got := must(s.Media(ctx, MediaHash(icon)))(t); !cmp.Equal(got, want) {
			t.Error("wanting it again changed it:", cmp.Diff(want, got))
		}
		write(t, s, func(tx *Tx) error { return tx.WantMedia(ctx, icon, 640) })
		want.MaxSide, want.Fetched = 640, time.Time{}
		if got := must(s.Media(ctx, MediaHash(icon)))(t); !cmp.Equal(got, want) {
			t.Error("wanted larger, it is not fetched again:", cmp.Diff(want, got))
		}
		if len(MediaHash(icon)) != 32 {
			t.Errorf("MediaHash %q has not 32 digits", MediaHash(icon))
		}
	})
}

func TestMediaIsBounded(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		s.limits.mediaBytes = 30
		picture := func(i int) string { return fmt.Sprintf("https://a.example/%d.png", i) }
		for i := range 5 {
			write(t, s, func(tx *Tx) error {
				return tx.PutMedia(t.Context(), Media{URL: picture(i), Type: "image/png", Data: make([]byte, 10), Fetched: noon.Add(time.Duration(i) * time.Hour)})
			})
		}
		var kept []int
		for i := range 5 {
			m := must(s.Media(t.Context(), MediaHash(picture(i))))(t)
			if m.URL != picture(i) {
				t.Errorf("the address of picture %d is lost", i)
			}
			if len(m.Data) > 0 {
				kept = append(kept, i)
			}
		}
		if !slices.Equal(kept, []int{2, 3, 4}) {
			t.Errorf("kept %v, want the three fetched last", kept)
		}
	})
}

// A flood is cut down without waiting for the hour.
func TestCapsHoldBetweenMaintains(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		s.limits.seen, s.limits.pruneEvery = 10, 7
		for i := range 70 {
			write(t, s, func(tx *Tx) error { return second(tx.MarkSeen(t.Context(), fmt.Sprint(i), "", s.now())) })
		}
		if n := must(s.count(t.Context(), `SELECT COUNT(*) FROM seen`))(t); n > 10+7 {
			t.Errorf("%d rows with a cap of 10", n)
		}
	})
}

// Old Accepts go once they have arrived; one that still tries stays, and so does what the outbox lists.
func TestMaintainForgetsOldAnswers(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		s.now = func() time.Time { return noon.Add(60 * 24 * time.Hour) }
		write(t, s, func(tx *Tx) error {
			var err error
			for _, id := range []string{"arrived", "trying", "create"} {
				a := Activity{ID: id, Type: "Accept", Object: id, Actor: blog, At: noon}
				if id == "create" {
					a.Type = "Create"
				}
				err = errors.Join(err, tx.AddActivity(ctx, a), tx.AddDeliveries(ctx, a, []string{"https://a.example/inbox"}, noon))
			}
			_, e := tx.exec(ctx, `UPDATE deliveries SET state = 'delivered' WHERE activity <> 'trying'`)
			return errors.Join(err, e)
		})
		if err := s.Maintain(ctx); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{`SELECT id FROM activities ORDER BY id`, `SELECT activity FROM deliveries ORDER BY activity`} {
			if got := must(all(ctx, s.queries, value[string], table))(t); !slices.Equal(got, []string{"create", "trying"}) {
				t.Errorf("%s: %q, want create and trying", table, got)
			}
		}
	})
}

// The hourly round forgets what is old or too much, and nothing that a page needs.
func TestMaintainPrunes(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		s.now = func() time.Time { return noon.Add(60 * 24 * time.Hour) }
		s.limits.actors, s.limits.seen, s.limits.media = 2, 3, 4
		putComments(t, s, reply(1))
		putFollowers(t, s, follower("a.example", "ada", 0))
		write(t, s, func(tx *Tx) error {
			err := errors.Join(tx.PutActor(ctx, Actor{ID: reply(1).Actor}), tx.PutActor(ctx, Actor{ID: follower("a.example", "ada", 0).Actor}),
				tx.PutActor(ctx, Actor{ID: "https://old.example/u", Fetched: noon}), second(tx.MarkSeen(ctx, "old", "", noon)))
			for i := range 5 {
				at := s.now().Add(-time.Duration(i) * time.Hour)
				err = errors.Join(err, tx.PutActor(ctx, Actor{ID: fmt.Sprintf("https://idle.example/%d", i), Fetched: at}),
					second(tx.MarkSeen(ctx, fmt.Sprint(i), "", at)), tx.WantMedia(ctx, fmt.Sprintf("https://a.example/%d.png", i), 128))
			}
			return err
		})
		if err := s.Maintain(ctx); err != nil {
			t.Fatal(err)
		}
		want := []string{follower("a.example", "ada", 0).Actor, "https://idle.example/0", "https://idle.example/1", reply(1).Actor}
		if got := must(all(ctx, s.queries, value[string], `SELECT id FROM actors ORDER BY id`))(t); !slices.Equal(got, want) {
			t.Errorf("actors %q, want %q", got, want)
		}
		if got := must(all(ctx, s.queries, value[string], `SELECT activity FROM seen ORDER BY activity`))(t); !slices.Equal(got, []string{"0", "1", "2"}) {
			t.Errorf("seen: %q, want the last three", got)
		}
		if n := must(s.count(ctx, `SELECT COUNT(*) FROM media`))(t); n != 4 {
			t.Errorf("%d media rows, want 4", n)
		}
	})
}

// The longest addresses that the inbox lets in (an id of 1,024 bytes; an actor, a key or an inbox of 512) fit into every index, also
// where PostgreSQL cannot compress them. It refuses index rows above about 2,700 bytes.
func TestLongestAddresses(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		address := func(n int) string {
			const start = "https://a.example/"
			b := make([]byte, (n-len(start)+1)/2)
			rand.Read(b)
			return start + hex.EncodeToString(b)[:n-len(start)]
		}
		id, actor, inbox, key := address(1024), address(512), address(512), address(512)
		write(t, s, func(tx *Tx) error {
			a := Activity{ID: "https://blog.example/ap/activities/accept-1", Type: "Accept", Object: id, Actor: "https://blog.example/ap/actor", JSON: []byte("{}"), At: noon}
			c := reply(1)
			c.ID, c.Parent, c.Actor = id, address(1024), actor
			return errors.Join(
				second(tx.MarkSeen(ctx, id+" "+actor, actor, noon)),
				tx.PutActor(ctx, Actor{ID: actor, Inbox: inbox, Keys: fmt.Appendf(nil, `[{"id":%q,"pem":"x"}]`, key), Fetched: noon}),
				tx.PutFollower(ctx, Follower{Actor: actor, Of: "https://blog.example/ap/actor", Inbox: inbox, SharedInbox: address(512), FollowID: id, Since: noon}),
				tx.PutComment(ctx, c),
				tx.AddErrand(ctx, Errand{URL: id, Reason: "reply", Next: noon}),
				tx.AddBlock(ctx, Block{What: actor, At: noon}),
				tx.AddActivity(ctx, a),
				tx.AddDeliveries(ctx, a, []string{inbox}, noon))
		})
		if known, err := s.ActorKnown(ctx, actor); err != nil || !known {
			t.Errorf("the actor is not kept: %v, %v", known, err)
		}
	})
}
