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

// passOn runs a change and, where the blog is a Group, queues the Announce of the activity that caused it. What did not come by itself,
// or does not show yet, the outbox passes on (outbox/pass.go); what was passed on is written down here for it.
func (i *Inbox) passOn(ctx context.Context, tx *store.Tx, l *letter, change effect) error {
	if i.o.Config.Federation.Type != "Group" || len(l.activity.Raw) > maxPassedOn || len(l.activity.Raw) == 0 {
		return change(ctx, tx)
	}
	id, err := i.about(ctx, tx, l)
	if err != nil {
		return err
	}
	before, err := shows(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := change(ctx, tx); err != nil {
		return err
	}
	after, err := shows(ctx, tx, id)
	if err != nil {
		return err
	}
	pass := passes(l.activity, before, after)
	if err := i.note(ctx, tx, l, id, pass); err != nil || !pass {
		return err
	}
	inboxes, err := tx.FollowerInboxes(ctx, i.address.Actor())
	if err != nil {
		return err
	}
	l.sent = true
	return i.o.Outbox.Queue(ctx, tx, i.wrap(l), id, inboxes)
}

// note keeps what the Group's followers know of a comment after an activity about it: passed on it or not. A Create that does not show yet
// is kept as it came; an edit makes another comment of it.
func (i *Inbox) note(ctx context.Context, tx *store.Tx, l *letter, id string, passed bool) error {
	if !l.activity.Is("Create", "Update", "Delete") {
		return nil
	}
	c, err := tx.Comment(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && c.State == store.Removed {
		if passed {
			return tx.DropPassed(ctx, id)
		}
		return nil // who knew it is told by the outbox
	}
	if err != nil || c.Kind != store.Reply && c.Kind != store.Quote {
		return err
	}
	p, err := tx.Passed(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	p.Comment = id
	switch {
	case l.activity.Is("Create"):
		p.Activity = l.activity.Raw
	default:
		p.Activity = nil
	}
	if passed {
		p.Edited = c.Updated
	}
	if passed && l.activity.Is("Create") {
		p.Announce, p.Times = i.wrap(l).ID, p.Times+1
	}
	return tx.PutPassed(ctx, p)
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

// about gives under which id we keep what an activity is about: a like is known by its own activity. An Undo may name what it takes back
// by what that was, without an id.
func (i *Inbox) about(ctx context.Context, tx *store.Tx, l *letter) (string, error) {
	o := l.activity.Object[0]
	switch {
	case isReaction(l.activity):
		return l.id, nil
	case o.ID != "" || !l.activity.Is("Undo") || !isReaction(o) || len(o.Object) == 0:
		return o.ID, nil
	}
	at, err := i.resolve(ctx, tx, o.Object[0].ID)
	if errors.Is(err, errElsewhere) || errors.Is(err, errIgnored) {
		return "", nil
	}
	for _, kind := range kindsOf(o.Type) {
		ids, broken := tx.ReactionIDs(ctx, kind, at.id, l.actor.ID)
		if err = errors.Join(err, broken); err == nil && len(ids) > 0 {
			return ids[0], nil
		}
	}
	return "", err
}

// shows tells whether the page shows something.
func shows(ctx context.Context, tx *store.Tx, id string) (bool, error) {
	c, err := tx.Comment(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && c.State == store.Shown && c.Kind != store.Boost, err
}

// wrap is the Group's Announce of an activity that came in, the same for the same activity: it is passed on once.
func (i *Inbox) wrap(l *letter) activitypub.Activity {
	a := outbox.Wrap(i.address, "announce-"+l.key(), activitypub.Activity{})
	a.Context, a.Object = plainContext, json.RawMessage(l.activity.Raw)
	return a
}

const plainContext = "https://www.w3.org/ns/activitystreams"
