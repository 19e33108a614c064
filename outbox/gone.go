package outbox

import (
	"context"
	"errors"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

const (
	goneTwice = 24 * hour // at least between the two answers that park a follower
	goneCheck = 20        // followers asked after at one inbox
)

// checkGone asks after the followers at an inbox that answered 410. A follower whose actor is gone twice, a day apart, is parked and
// not deleted: servers have come back from worse, and then the next signed activity brings the follower back.
func (o *Outbox) checkGone(ctx context.Context, inbox string) error {
	followers, err := o.o.Store.FollowersAt(ctx, inbox, goneCheck)
	if err != nil {
		return err
	}
	for _, f := range followers {
		_, err := o.o.Client.Actor(ctx, f.Actor)
		if !errors.Is(err, remote.ErrGone) {
			continue
		}
		if err := o.o.Store.Write(ctx, func(tx *store.Tx) error { return noteGone(ctx, tx, f, o.o.Now()) }); err != nil {
			return err
		}
	}
	return nil
}

func noteGone(ctx context.Context, tx *store.Tx, f store.Follower, now time.Time) error {
	a, err := tx.Actor(ctx, f.Actor)
	if errors.Is(err, store.ErrNotFound) {
		a, err = store.Actor{ID: f.Actor, Inbox: f.Inbox, SharedInbox: f.SharedInbox}, nil
	}
	if err != nil {
		return err
	}
	if !a.Gone.IsZero() && now.Sub(a.Gone) >= goneTwice {
		f.Parked = now
		return tx.PutFollower(ctx, f)
	}
	if a.Gone.IsZero() {
		a.Gone = now
	}
	return tx.PutActor(ctx, a)
}
