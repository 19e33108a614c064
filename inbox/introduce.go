package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// ErrHandleTaken says that the settings give an actor a handle that another actor of the blog had before. Readers who know it would
// find somebody else.
var ErrHandleTaken = errors.New("that handle was another actor's")

// Introduce makes our actors known, once at each start: their handles are theirs for ever, and where an actor's document is not the
// one that its followers were told last, they get one Update. At the very first start nobody was told anything, and nobody needs to be.
// The error is ErrHandleTaken where two actors would share a handle.
func (i *Inbox) Introduce(ctx context.Context) error {
	if !i.o.Config.Federation.Enabled {
		return nil
	}
	told := false
	for _, actor := range i.actors {
		doc, err := i.Actor(ctx, actor)
		if err != nil {
			return err
		}
		sum, err := profileSum(doc)
		if err != nil {
			return err
		}
		err = i.o.Store.Write(ctx, func(tx *store.Tx) error {
			if err := i.claim(ctx, tx, actor); err != nil {
				return err
			}
			return i.introduce(ctx, tx, actor, doc, sum, &told)
		})
		if err != nil {
			return err
		}
	}
	if told {
		i.o.Outbox.Wake()
	}
	return nil
}

// Actor gives the document of one of our actors as it is served.
func (i *Inbox) Actor(ctx context.Context, actor site.Actor) (activitypub.Actor, error) {
	return i.account.Actor(ctx, actor)
}

// claim keeps that an actor has its handle.
func (i *Inbox) claim(ctx context.Context, tx *store.Tx, actor site.Actor) error {
	owner, err := tx.ClaimHandle(ctx, actor.Handle, actor.ID, i.o.Now())
	if err == nil && owner != actor.ID {
		err = fmt.Errorf("@%s of %s: %w: it is that of %s for ever", actor.Handle, actor.ID, ErrHandleTaken, owner)
	}
	return err
}

// introduce queues the Update of an actor that has changed.
func (i *Inbox) introduce(ctx context.Context, tx *store.Tx, actor site.Actor, doc activitypub.Actor, sum string, told *bool) error {
	known, err := tx.ProfileTold(ctx, actor.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	first := err != nil
	if !first && known.Sum == sum {
		return nil
	}
	now := store.ProfileTold{Actor: actor.ID, Sum: sum, Revision: known.Revision + 1, At: i.o.Now()}
	if err := tx.PutProfileTold(ctx, now); err != nil || first {
		return err
	}
	*told = true
	key := "update-actor-"
	if actor.Author != "" {
		key = "update-author-" + actor.Author + "-"
	}
	return i.o.Outbox.TellActor(ctx, tx, key+strconv.FormatInt(now.Revision, 10), doc)
}

// profileSum is a hash of what an actor says of itself. The day of the first post is none of it: it comes with that post. Nor are the
// keys and what the program reads: of a new key its own Update tells.
func profileSum(doc activitypub.Actor) (string, error) {
	doc.Published, doc.PublicKey, doc.AssertionMethod, doc.Generator = "", nil, nil, nil
	b, err := activitypub.Marshal(doc)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}
