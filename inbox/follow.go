package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/store"
)

// follow stores a follower and queues the Accept in the same transaction. A Follow of a post, which Friendica sends for "notify me
// of this thread", makes nobody a follower.
func (i *Inbox) follow(ctx context.Context, l *letter) (effect, error) {
	of := l.activity.Object[0].ID
	if _, post := i.address.PostKey(of); post || !i.address.Local(of) {
		return nil, nil
	}
	if of != i.address.Actor() {
		return nil, refusal{status: http.StatusNotFound, why: "no such actor"}
	}
	if !i.reachable(l.actor.Inbox, l.actor.ID) {
		return nil, refusal{status: http.StatusBadRequest, why: "the actor's inbox is not an acceptable address"}
	}
	return func(ctx context.Context, tx *store.Tx) error {
		if err := i.keep(ctx, tx, l); err != nil {
			return err
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
		l.sent = true
		return i.o.Outbox.Queue(ctx, tx, i.acceptOf(l), l.id, []string{l.actor.Inbox})
	}, nil
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
func (i *Inbox) acceptOf(l *letter) activitypub.Activity {
	sum := sha256.Sum256([]byte(l.seen))
	key := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
	var object any = json.RawMessage(l.activity.Raw)
	if len(l.activity.Raw) == 0 || len(l.activity.Raw) > maxEmbedded {
		object = activitypub.Activity{ID: l.activity.ID, Type: "Follow", Actor: l.actor.ID, Object: l.activity.Object[0].ID}
	}
	return activitypub.Activity{
		Context: "https://www.w3.org/ns/activitystreams", ID: i.address.Activity("accept-" + key), Type: "Accept",
		Actor: i.address.Actor(), To: []string{l.actor.ID}, Object: object,
	}
}

// blocked takes away a follower who blocks the blog.
func (i *Inbox) blocked(ctx context.Context, l *letter) (effect, error) {
	if l.activity.Object[0].ID != i.address.Actor() {
		return nil, nil
	}
	return i.unfollow(l), nil
}

// unfollow takes away a follower.
func (i *Inbox) unfollow(l *letter) effect {
	return func(ctx context.Context, tx *store.Tx) error {
		found, err := tx.DeleteFollower(ctx, l.actor.ID, i.address.Actor())
		if err == nil && !found {
			return errIgnored
		}
		return err
	}
}
