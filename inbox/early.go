package inbox

import (
	"context"
	"errors"

	"github.com/postil-blog/postil/store"
)

// Letters overtake each other. A Delete or an Undo that comes before what it takes back is remembered, so that the late one does
// nothing; but only of an actor who has a row here, or everybody's would fill the table.

// early is change, and where that finds nothing to take back the id counts as seen: the activity that bears it comes too late.
func early(l *letter, id string, change effect) effect {
	if change == nil || id == "" {
		return change
	}
	return func(ctx context.Context, tx *store.Tx) error {
		if err := change(ctx, tx); !errors.Is(err, errIgnored) {
			return err
		}
		return markEarly(ctx, tx, l, id+" "+l.actor.ID)
	}
}

// markEarly marks what a known actor takes back before it came.
func markEarly(ctx context.Context, tx *store.Tx, l *letter, key string) error {
	known, err := tx.ActorKnown(ctx, l.actor.ID)
	if err != nil {
		return err
	}
	if !known {
		return errIgnored
	}
	_, err = tx.MarkSeen(ctx, key, l.actor.ID, l.now)
	return err
}

// deletedKey is under what an object's early Delete is remembered. No id has a space in it, so nothing else is called that.
func deletedKey(id, by string) string { return id + " " + by + " deleted" }

// deletedBefore gives errIgnored for an object whose author deleted it before it came.
func deletedBefore(ctx context.Context, tx *store.Tx, id, by string) error {
	gone, err := tx.Seen(ctx, deletedKey(id, by))
	if err == nil && gone {
		return errIgnored
	}
	return err
}
