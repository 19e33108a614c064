package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// moveAgain is how long an actor stays where it has moved to, as with Mastodon.
const moveAgain = 7 * 24 * time.Hour

// movement is what a Move says: From is To now. An errand takes it along.
type movement struct{ From, To string }

// move takes word that an account is another one now (FEP-7628): from the old one (push) or from the new one (pull). It is not
// believed: an errand asks both. Where the old one is nobody here there is nothing to ask for.
func (i *Inbox) move(ctx context.Context, l *letter) (effect, error) {
	m := movement{From: l.activity.Object[0].ID}
	if l.activity.Target != nil {
		m.To = l.activity.Target.ID
	}
	if l.actor.ID != m.From && l.actor.ID != m.To {
		return nil, i.foreign(ctx, m.From)
	}
	if m.From == m.To || !i.elsewhere(m.From) || !i.elsewhere(m.To) {
		return nil, nil
	}
	if no, err := i.o.Store.Blocked(ctx, m.To); no || err != nil {
		return i.unfollow(l, ""), err // the old one, who is not blocked, leaves for a place that is
	}
	if no, err := i.o.Store.Blocked(ctx, m.From); no || err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *store.Tx) error {
		if err := i.movable(ctx, tx, m.From); err != nil {
			return err
		}
		// Under the sender's name, so that nobody else's word can stand in its way.
		return i.errand(ctx, tx, store.Errand{URL: l.actor.ID, Reason: movedActor, Data: marshal(m), Next: l.now})
	}, nil
}

// foreign refuses the word of one actor about another. Forums move topics about (NodeBB): that is none of our business, and no offence.
func (i *Inbox) foreign(ctx context.Context, id string) error {
	known, err := i.o.Store.ActorKnown(ctx, id)
	if err == nil && known {
		return refusal{status: http.StatusForbidden, why: "that is somebody else's move"}
	}
	return err
}

// elsewhere tells whether an id can be an actor of another server.
func (i *Inbox) elsewhere(id string) bool {
	return len(id) <= maxAddress && activitypub.SameOrigin(id, id) && i.ours(id) == ""
}

// movable refuses the move of somebody who is nobody here, or who moved a few days ago.
func (i *Inbox) movable(ctx context.Context, tx *store.Tx, actor string) error {
	here, err := tx.TakesPart(ctx, actor)
	if err != nil {
		return err
	}
	recent, err := tx.MovedSince(ctx, actor, i.o.Now().Add(-moveAgain))
	if err == nil && (!here || recent) {
		return errIgnored
	}
	return err
}

// relocate asks both actors of a move and carries it out where they agree. Each is fetched once, and a further move of the new one is
// not followed: a circle of moves ends here.
func (i *Inbox) relocate(ctx context.Context, e store.Errand) error {
	var m movement
	if json.Unmarshal(e.Data, &m) != nil {
		return errIgnored
	}
	to, err := i.party(ctx, m.To)
	if err != nil {
		return err
	}
	if to.Suspended || to.MovedTo != "" || !slices.Contains(to.AlsoKnownAs, m.From) {
		return errIgnored
	}
	from, err := i.party(ctx, m.From)
	if err != nil {
		return err
	}
	if !consents(from, m.To, e.URL == m.From) {
		return errIgnored
	}
	now := i.o.Now().UTC()
	return i.o.Store.Write(ctx, func(tx *store.Tx) error { return i.moved(ctx, tx, actorRow(from, now), actorRow(to, now)) })
}

// consents tells whether the old actor wants a move. Where it has signed the Move itself its document may be an older copy that does not
// say so yet, and must only not say otherwise. alsoKnownAs is no consent: it names the accounts that somebody has left as well.
func consents(from *activitypub.Object, to string, signed bool) bool {
	return from.MovedTo == to || signed && from.MovedTo == ""
}

// party fetches one of the two actors of a move.
func (i *Inbox) party(ctx context.Context, id string) (*activitypub.Object, error) {
	if err := i.welcome(ctx, id); err != nil {
		return nil, err
	}
	return i.fetchActor(ctx, id)
}

// moved carries out a move that both actors want, if nothing has changed here while they were asked.
func (i *Inbox) moved(ctx context.Context, tx *store.Tx, from, to store.Actor) error {
	if err := i.movable(ctx, tx, from.ID); err != nil {
		return err
	}
	if no, err := tx.Blocked(ctx, to.ID); no || err != nil {
		return errors.Join(err, errIgnored)
	}
	for _, a := range []store.Actor{from, to} {
		if err := putActor(ctx, tx, a); err != nil {
			return err
		}
	}
	if err := i.moveFollower(ctx, tx, from.ID, to); err != nil {
		return err
	}
	return tx.PutMove(ctx, from.ID, to.ID, i.o.Now())
}

// moveFollower makes the new actor the follower that the old one was. Where nothing can be delivered to it, there is one less.
func (i *Inbox) moveFollower(ctx context.Context, tx *store.Tx, from string, to store.Actor) error {
	for _, of := range i.actors {
		if err := i.moveFollowing(ctx, tx, from, to, of.ID); err != nil {
			return err
		}
	}
	return nil
}

// moveFollowing is moveFollower for one of our actors.
func (i *Inbox) moveFollowing(ctx context.Context, tx *store.Tx, from string, to store.Actor, us string) error {
	f, err := tx.Follower(ctx, from, us)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.DeleteFollower(ctx, from, us); err != nil {
		return err
	}
	switch _, err = tx.Follower(ctx, to.ID, us); {
	case !errors.Is(err, store.ErrNotFound): // follows already, or a fault
		return err
	case !i.reachable(to.Inbox, to.ID):
		return nil
	}
	return tx.PutFollower(ctx, store.Follower{Actor: to.ID, Of: us, Inbox: to.Inbox, SharedInbox: to.SharedInbox, Since: f.Since})
}
