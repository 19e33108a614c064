package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// follow stores a follower and queues the Accept in the same transaction. A Follow of a post, which Friendica sends for "notify me
// of this thread", makes nobody a follower, and no answer is waited for.
func (i *Inbox) follow(ctx context.Context, l *letter) (effect, error) {
	of := i.followed(l.activity.Object)
	if _, post := i.address.PostKey(of); post || of == "" {
		return nil, nil
	}
	if !i.mine(of) {
		return nil, refusal{status: http.StatusNotFound, why: "no such actor"}
	}
	if !i.reachable(l.actor.Inbox, l.actor.ID) {
		return nil, refusal{status: http.StatusBadRequest, why: "the actor's inbox is not an acceptable address"}
	}
	return func(ctx context.Context, tx *store.Tx) error {
		if err := i.keep(ctx, tx, l); err != nil {
			return err
		}
		s, err := tx.Standing(ctx, of)
		if err != nil {
			return err
		}
		if s.MovedTo != "" {
			return i.turnAway(ctx, tx, l, of)
		}
		f := store.Follower{
			Actor: l.actor.ID, Of: of, Inbox: l.actor.Inbox, SharedInbox: l.actor.SharedInbox, FollowID: l.activity.ID, Since: l.now,
		}
		if old, err := tx.Follower(ctx, f.Actor, of); err == nil {
			f.Since = old.Since
		}
		if err := tx.PutFollower(ctx, f); err != nil {
			return err
		}
		if _, err := tx.DeleteBlockedBy(ctx, f.Actor, ""); err != nil { // who follows blocks no more
			return err
		}
		l.sent = true
		return i.o.Outbox.Queue(ctx, tx, i.acceptOf(l, of), l.id, []string{l.actor.Inbox})
	}, nil
}

// mine tells whether an id is one of our actors that can be followed.
func (i *Inbox) mine(id string) bool {
	return slices.ContainsFunc(i.actors, func(a site.Actor) bool { return a.ID == id })
}

// follows tells whether somebody follows the blog or one of its authors.
func (i *Inbox) follows(ctx context.Context, tx *store.Tx, actor string) (bool, error) {
	for _, a := range i.actors {
		if _, err := tx.Follower(ctx, actor, a.ID); !errors.Is(err, store.ErrNotFound) {
			return err == nil, err
		}
	}
	return false, nil
}

// followed gives what of ours a list names, an actor before all else; "" is nothing of ours.
func (i *Inbox) followed(list []*activitypub.Object) (of string) {
	for _, o := range list {
		switch id := i.ours(o.ID); {
		case i.mine(id):
			return id
		case of == "":
			of = id
		}
	}
	return of
}

// ours gives one of our ids as we write it, "" for any other. An empty fragment makes no other id of one.
func (i *Inbox) ours(id string) string {
	own, _ := i.address.Own(strings.TrimSuffix(id, "#"))
	return own
}

// reachable tells whether an inbox is a place to deliver to: same scheme as its actor, a plain host written plainly, and not on a
// server of ours. Addresses that are not public are refused at dial time as well.
func (i *Inbox) reachable(inbox, actor string) bool {
	scheme, _, _ := strings.Cut(actor, ":")
	return len(inbox) <= maxAddress && strings.HasPrefix(inbox, scheme+"://") && !outbox.Ours(i.address, inbox)
}

// maxEmbedded is the largest Follow that goes back word for word; from a larger one the members that matter are taken.
const maxEmbedded = 16 << 10

// acceptOf answers a Follow. The whole Follow is embedded: Threads and Pixelfed do not look up a bare id, and compare what they sent.
func (i *Inbox) acceptOf(l *letter, of string) activitypub.Activity {
	var object any = json.RawMessage(l.activity.Raw)
	if len(l.activity.Raw) == 0 || len(l.activity.Raw) > maxEmbedded {
		object = activitypub.Activity{ID: l.activity.ID, Type: "Follow", Actor: l.actor.ID, Object: of}
	}
	return activitypub.Activity{
		Context: "https://www.w3.org/ns/activitystreams", ID: i.address.Activity("accept-" + l.key()), Type: "Accept",
		Actor: of, To: []string{l.actor.ID}, Object: object,
	}
}

// key stands for a letter in an address or on a command line.
func (l *letter) key() string { return answerKey(l.seen) }

// answerKey makes the last part of the id of an answer, the same for the same activity: it is answered once.
func answerKey(seen string) string {
	sum := sha256.Sum256([]byte(seen))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// blocked takes away a follower who blocks the blog or one of its authors, and sends nothing more to that person's own inbox, unless the
// person still follows another of our actors. What the person said stays: with other programs as well a block takes nothing back, and a
// Delete can.
func (i *Inbox) blocked(ctx context.Context, l *letter) (effect, error) {
	of := i.followed(l.activity.Object)
	if !i.mine(of) {
		return nil, nil
	}
	return func(ctx context.Context, tx *store.Tx) error {
		here, err := tx.TakesPart(ctx, l.actor.ID)
		if err == nil && !here {
			return errIgnored
		}
		if err != nil {
			return err
		}
		if _, err := tx.DeleteFollower(ctx, l.actor.ID, of); err != nil {
			return err
		}
		if still, err := i.follows(ctx, tx, l.actor.ID); still || err != nil {
			return err
		}
		inbox := l.actor.Inbox
		if len(inbox) > maxAddress {
			inbox = ""
		}
		return tx.AddBlockedBy(ctx, l.actor.ID, l.id, inbox, l.now)
	}, nil
}

// unfollow takes away a follower of one of our actors, of all of them where of is "".
func (i *Inbox) unfollow(l *letter, of string) effect {
	return func(ctx context.Context, tx *store.Tx) error {
		found, err := tx.DeleteFollower(ctx, l.actor.ID, of)
		if err == nil && !found {
			return errIgnored
		}
		return err
	}
}
