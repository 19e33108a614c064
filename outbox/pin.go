package outbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// maxPinned is how many posts of an actor are pinned for followers: Mastodon shows five.
const maxPinned = 5

// pinned is where a post stands in the collection featured of its actor.
type pinned struct {
	place int64 // from 1; 0: nowhere
	actor string
}

// pins tells followers which posts were pinned and unpinned (Add to and Remove from the collection featured, ActivityPub §7.6 and §7.7),
// exactly where that differs from what they were told. A withdrawn post left the collection with its Delete.
func (o *Outbox) pins(ctx context.Context, list site.PublishedList, r *Report) error {
	ledger, err := o.o.Store.Articles(ctx)
	if err != nil {
		return err
	}
	want := o.wantedPins(list, ledger)
	for _, a := range ledger {
		if w := want[a.ID]; a.Withdrawn.IsZero() && w.place != a.Pinned {
			if err := o.pin(ctx, a.ID, w, r); err != nil {
				return fmt.Errorf("telling what is pinned: %w", err)
			}
		}
	}
	return nil
}

// wantedPins gives the pinned posts that followers can have, the first few of each actor.
func (o *Outbox) wantedPins(list site.PublishedList, ledger []store.Article) map[string]pinned {
	told := map[string]store.Article{}
	for _, a := range ledger {
		told[a.ID] = a
	}
	posts := slices.DeleteFunc(slices.Clone(list.Posts), func(p site.PublishedPost) bool {
		a, known := told[p.ID]
		return p.Pinned <= 0 || !known || !a.Withdrawn.IsZero() || !a.Announced && !p.Silent
	})
	slices.SortStableFunc(posts, func(x, y site.PublishedPost) int { return cmp.Compare(x.Pinned, y.Pinned) })
	want, n := map[string]pinned{}, map[string]int64{}
	for _, p := range posts {
		actor := o.o.Config.Addresses().Actor()
		if _, ok := o.o.Keys[p.Actor]; ok {
			actor = p.Actor
		}
		if n[actor]++; n[actor] <= maxPinned {
			want[p.ID] = pinned{n[actor], actor}
		}
	}
	return want
}

// pin writes a post's new place into the ledger and queues what followers hear of it. Another order they read for themselves.
func (o *Outbox) pin(ctx context.Context, id string, want pinned, r *Report) error {
	key, err := o.key(id)
	if err != nil {
		return err
	}
	return o.o.Store.Write(ctx, func(tx *store.Tx) error {
		a, err := tx.Article(ctx, id)
		if err != nil {
			return err
		}
		kind, actor := "", a.PinnedBy
		switch {
		case a.Pinned == 0:
			kind, actor = "Add", want.actor
		case want.place == 0:
			kind = "Remove"
		}
		a.Pinned, a.PinnedBy = want.place, actor
		if kind != "" {
			a.Pins++
			n, err := o.queuePin(ctx, tx, kind, fmt.Sprintf("%s-pin-%d", key, a.Pins), actor, id)
			if err != nil {
				return err
			}
			r.Deliveries += n
		}
		return tx.PutArticle(ctx, a)
	})
}

func (o *Outbox) queuePin(ctx context.Context, tx *store.Tx, kind, key, actor, post string) (int, error) {
	address := o.o.Config.Addresses()
	inboxes, err := tx.FollowerInboxes(ctx, actor)
	if err != nil {
		return 0, err
	}
	a := activitypub.Activity{Context: activityStreams, ID: address.Activity(key), Type: kind, Actor: actor, To: []string{activitypub.Public},
		CC: []string{address.FollowersOf(actor)}, Published: o.o.Now().UTC().Format(time.RFC3339), Object: post, Target: address.FeaturedOf(actor)}
	return len(inboxes), o.queue(ctx, tx, a, post, inboxes, o.held())
}
