package inbox

import (
	"context"
	"net/http"

	"github.com/postil-blog/postil/store"
)

// retired answers 410 once the account is no more: servers then stop sending. What takes something back is let in all the same, because
// the pages stay with the comments under them, and whoever wrote one may want it gone.
func (i *Inbox) retired(ctx context.Context, l *letter) error {
	s, err := i.o.Store.Standing(ctx, i.address.Actor())
	if err != nil || s.Retired.IsZero() || l.activity.Is("Delete", "Undo") {
		return err
	}
	return refusal{status: http.StatusGone, why: "the account is no more"}
}

// turnAway rejects the Follow of an actor of ours that has moved, as Mastodon does: nothing would ever come.
func (i *Inbox) turnAway(ctx context.Context, tx *store.Tx, l *letter, of string) error {
	if _, err := tx.DeleteFollower(ctx, l.actor.ID, of); err != nil {
		return err
	}
	no := i.acceptOf(l, of)
	no.Type, no.ID = "Reject", i.address.Activity("reject-"+l.key())
	l.sent = true
	return i.o.Outbox.Queue(ctx, tx, no, l.id, []string{l.actor.Inbox})
}
