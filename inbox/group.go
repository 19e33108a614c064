package inbox

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/store"
)

// A blog that is a Group passes on to its followers what comes in about its posts (FEP-1b12): subscribers on Lemmy, PieFed and Mbin see
// comments and votes no other way. What is passed on is what the page shows, whole and as it was sent: a reply that waits for the
// owner, or is not public, stays here.

// maxPassedOn is the largest activity that is passed on, in bytes: with what is put around it the whole must be a document that
// others take.
const maxPassedOn = 512 << 10

// passOn runs a change and, where the blog is a Group, queues the Announce of the activity that caused it.
func (i *Inbox) passOn(ctx context.Context, tx *store.Tx, l *letter, change effect) error {
	if i.o.Config.Federation.Type != "Group" || len(l.activity.Raw) > maxPassedOn || len(l.activity.Raw) == 0 {
		return change(ctx, tx)
	}
	before, id, err := i.shows(ctx, tx, l)
	if err != nil {
		return err
	}
	if err := change(ctx, tx); err != nil {
		return err
	}
	after, _, err := i.shows(ctx, tx, l)
	if err != nil || !passes(l.activity, before, after) {
		return err
	}
	inboxes, err := tx.FollowerInboxes(ctx, i.address.Actor())
	if err != nil {
		return err
	}
	l.sent = true
	return i.o.Outbox.Queue(ctx, tx, i.wrap(l), id, inboxes)
}

// passes tells whether an activity is passed on, by whether what it is about was shown before it and is shown after it.
func passes(a *activitypub.Object, before, after bool) bool {
	switch a.Type {
	case "Create", "Like", "Dislike", "EmojiReact":
		return !before && after
	case "Update":
		return after && a.Object[0].IsPublic()
	case "Delete", "Undo":
		return before && !after
	}
	return false
}

// shows tells whether the page shows what an activity is about, and under which id that is kept: a like is known by its own activity.
func (i *Inbox) shows(ctx context.Context, tx *store.Tx, l *letter) (bool, string, error) {
	id := l.activity.Object[0].ID
	if isReaction(l.activity) {
		id = l.id
	}
	c, err := tx.Comment(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return false, id, nil
	}
	return err == nil && c.State == store.Shown && c.Kind != store.Boost, id, err
}

// wrap is the Group's Announce of an activity that came in, the same for the same activity: it is passed on once.
func (i *Inbox) wrap(l *letter) activitypub.Activity {
	a := outbox.Wrap(i.address, "announce-"+l.key(), activitypub.Activity{})
	a.Context, a.Object = plainContext, json.RawMessage(l.activity.Raw)
	return a
}

const plainContext = "https://www.w3.org/ns/activitystreams"
