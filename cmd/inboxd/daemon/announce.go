package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/inbox"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// announceKeys tells the followers of each actor whose key is being replaced of the new one, once. It must be queued before anything
// is delivered: what is signed with the new key before would be signed with one that nobody knows.
func announceKeys(ctx context.Context, c *site.Config, s *store.Store, out *outbox.Outbox, in *inbox.Inbox, k keyring) error {
	for actor := range k.retiring {
		if actor == c.Addresses().Instance() { // nobody follows it
			continue
		}
		doc, err := in.ActorDocument(ctx, actor)
		if err == nil {
			err = s.Write(ctx, func(tx *store.Tx) error { return announceKey(ctx, c, tx, out, actor, k.signing[actor].ID, doc) })
		}
		if err != nil {
			return fmt.Errorf("telling of a new key of %s: %w", actor, err)
		}
	}
	return nil
}

func announceKey(ctx context.Context, c *site.Config, tx *store.Tx, out *outbox.Outbox, actor, key string, doc *activitypub.Actor) error {
	a, sum := c.Addresses(), sha256.Sum256([]byte(key))
	update := activitypub.Activity{
		Context: activitypub.ActorContext, ID: a.Activity("key-" + hex.EncodeToString(sum[:8])), Type: "Update", Actor: actor,
		To: []string{activitypub.Public}, CC: []string{a.FollowersOf(actor)}, Object: actor,
	}
	if doc != nil {
		doc.Context = nil
		update.Object = doc
	}
	if _, err := tx.Activity(ctx, update.ID); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	inboxes, err := tx.FollowerInboxes(ctx, actor)
	if err != nil {
		return err
	}
	return out.Queue(ctx, tx, update, actor, inboxes)
}
