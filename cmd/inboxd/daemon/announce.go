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
	for _, actor := range c.Actors() { // nobody follows the instance actor
		if _, replaced := k.retiring[actor.ID]; !replaced {
			continue
		}
		doc, err := in.Actor(ctx, actor)
		if err == nil {
			err = s.Write(ctx, func(tx *store.Tx) error { return announceKey(ctx, c, tx, out, k.signing[actor.ID].ID, doc) })
		}
		if err != nil {
			return fmt.Errorf("telling of a new key of %s: %w", actor.ID, err)
		}
	}
	return nil
}

func announceKey(ctx context.Context, c *site.Config, tx *store.Tx, out *outbox.Outbox, key string, doc activitypub.Actor) error {
	sum := sha256.Sum256([]byte(key))
	update := "key-" + hex.EncodeToString(sum[:8])
	if _, err := tx.Activity(ctx, c.Addresses().Activity(update)); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return out.TellActor(ctx, tx, update, doc)
}
