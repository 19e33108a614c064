package outbox

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// ErrGone says that an actor of ours is no more, or is somewhere else already.
var ErrGone = errors.New("the account has left already")

// MoveID is the id of the Move of one of our actors. There is one: who has moved does not move again from here.
func MoveID(a site.Addresses, actor string) string { return a.Activity(leaving(a, actor) + "-move") }

// RetireID is the id of the Delete of one of our actors. Deliveries are kept under it as under an object of its own: what is under way
// about the actor (an Update of the profile that never left) must not settle it.
func RetireID(a site.Addresses, actor string) string {
	return a.Activity(leaving(a, actor) + "-delete")
}

func leaving(a site.Addresses, actor string) string {
	if name, ok := a.AuthorName(actor); ok {
		return "author-" + name
	}
	return "actor"
}

// Followers gives the inboxes that a Move of one of our actors goes to.
func (o *Outbox) Followers(ctx context.Context, actor string) ([]string, error) {
	inboxes, err := o.o.Store.FollowerInboxes(ctx, actor)
	return o.others(inboxes), err
}

// Farewell gives the inboxes that the Delete of one of our actors goes to.
func (o *Outbox) Farewell(ctx context.Context, actor string) ([]string, error) {
	inboxes, err := o.o.Store.FarewellInboxes(ctx, actor)
	return o.others(inboxes), err
}

func (o *Outbox) others(inboxes []string) []string {
	return slices.DeleteFunc(inboxes, ours(o.o.Config.Addresses()))
}

// Move says, in the caller's transaction, that one of our actors is another one from now on: its document names the new one for good, and
// every follower's server is told. That the new one agrees (alsoKnownAs) is for the caller to see to. Actor and object are the same, as
// Mastodon wants it. It is held back like a post ([federation] hold). It returns how many inboxes are told; ErrGone where the actor has
// moved elsewhere or retired. The same move again has no effect.
func (o *Outbox) Move(ctx context.Context, tx *store.Tx, actor, target string) (int, error) {
	s, err := tx.Standing(ctx, actor)
	switch {
	case err != nil:
		return 0, err
	case !s.Retired.IsZero(), s.MovedTo != "" && s.MovedTo != target:
		return 0, ErrGone
	case s.MovedTo == target:
		return 0, nil
	}
	inboxes, err := tx.FollowerInboxes(ctx, actor)
	if err != nil {
		return 0, err
	}
	inboxes = o.others(inboxes)
	s.MovedTo, s.Moved = target, o.o.Now()
	if err := tx.PutStanding(ctx, actor, s); err != nil {
		return 0, err
	}
	a := o.o.Config.Addresses()
	id := MoveID(a, actor)
	return len(inboxes), o.queue(ctx, tx, activitypub.Activity{
		Context: activityStreams, ID: id, Type: "Move", Actor: actor, To: []string{a.FollowersOf(actor)}, Object: actor, Target: target,
	}, id, inboxes, o.held())
}

// Stay takes a Move back of which nothing has left. It tells whether it did.
func (o *Outbox) Stay(ctx context.Context, tx *store.Tx, actor string) (bool, error) {
	s, err := tx.Standing(ctx, actor)
	if err != nil || s.MovedTo == "" || !s.Retired.IsZero() {
		return false, err
	}
	ok, err := tx.TakeBack(ctx, MoveID(o.o.Config.Addresses(), actor))
	if !ok || err != nil {
		return false, err
	}
	return true, tx.PutStanding(ctx, actor, store.Standing{})
}

// Retire ends one of our actors in the caller's transaction. Every server that knows it is told by one Delete of the actor, which takes
// its posts along (Mastodon's DeleteAccountService sends no more than that), and what else it had to send is dropped. It returns how many
// inboxes are told. Again it has no effect.
func (o *Outbox) Retire(ctx context.Context, tx *store.Tx, actor string) (int, error) {
	s, err := tx.Standing(ctx, actor)
	if err != nil || !s.Retired.IsZero() {
		return 0, err
	}
	inboxes, err := tx.FarewellInboxes(ctx, actor)
	if err != nil {
		return 0, err
	}
	inboxes = o.others(inboxes)
	s.Retired = o.o.Now()
	if err := tx.PutStanding(ctx, actor, s); err != nil {
		return 0, err
	}
	id := RetireID(o.o.Config.Addresses(), actor)
	if err := tx.DropDeliveriesOf(ctx, actor, id, s.Retired); err != nil {
		return 0, err
	}
	return len(inboxes), o.Queue(ctx, tx, activitypub.Activity{
		Context: activityStreams, ID: id, Type: "Delete", Actor: actor, To: []string{activitypub.Public}, Object: actor,
	}, id, inboxes)
}

// remaining is what of a round's decisions is still ours to tell. An actor that has moved announces nothing new: its new self does. What
// it told before it still corrects and takes back. Who is retired says nothing any more.
func (o *Outbox) remaining(ctx context.Context, todo []decision) (left []decision, warnings []warning, err error) {
	blog, err := o.o.Store.Standing(ctx, o.o.Config.Addresses().Actor())
	if err != nil {
		return nil, nil, err
	}
	if !blog.Retired.IsZero() {
		return nil, nil, nil
	}
	for _, d := range todo {
		if d.action == tellCreate {
			s, err := o.standing(ctx, d.post.Actor, blog)
			if err != nil {
				return nil, nil, err
			}
			if s.MovedTo != "" {
				d.action = note
				warnings = append(warnings, warning{d.id, "is not announced: the account is " + strings.TrimSpace(s.MovedTo) + " now"})
			}
		}
		left = append(left, d)
	}
	return left, warnings, nil
}

// standing is how the actor of a post stands; "" is the blog.
func (o *Outbox) standing(ctx context.Context, actor string, blog store.Standing) (store.Standing, error) {
	if actor == "" || actor == o.o.Config.Addresses().Actor() {
		return blog, nil
	}
	return o.o.Store.Standing(ctx, actor)
}
