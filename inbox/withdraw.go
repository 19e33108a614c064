package inbox

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// delete takes a comment away, or an actor with all that it ever said here. Only who made something may delete it: to be of the same server
// is not enough.
func (i *Inbox) delete(ctx context.Context, l *letter) (effect, error) {
	id := l.activity.Object[0].ID
	if id == l.actor.ID {
		return i.forget(l.actor.ID), nil
	}
	return func(ctx context.Context, tx *store.Tx) error {
		err := takeBack(ctx, tx, id, l.actor.ID)
		if err != nil && !errors.Is(err, errIgnored) {
			return err
		}
		if forgot, broken := tx.ForgetQuote(ctx, id, l.actor.ID); broken != nil || forgot || err == nil {
			return broken
		}
		switch known, broken := tx.ActorKnown(ctx, id); {
		case broken != nil:
			return broken
		case known:
			return refusal{status: http.StatusForbidden, why: "that is somebody else"}
		}
		return markEarly(ctx, tx, l, deletedKey(id, l.actor.ID))
	}, nil
}

// forget removes an actor who is gone.
func (i *Inbox) forget(actor string) effect {
	return func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.RemoveActorComments(ctx, actor); err != nil {
			return err
		}
		if _, err := tx.DeleteFollower(ctx, actor, ""); err != nil {
			return err
		}
		return tx.DeleteActor(ctx, actor)
	}
}

// takeBack removes what an actor made: a reply, or by the activity's id a like, a boost, a reaction.
func takeBack(ctx context.Context, tx *store.Tx, id, actor string) error {
	c, err := tx.Comment(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return errIgnored
	case err != nil:
		return err
	case c.Actor != actor:
		return refusal{status: http.StatusForbidden, why: "that is somebody else's"}
	}
	found, err := tx.RemoveComment(ctx, id)
	if err == nil && !found {
		return errIgnored
	}
	return err
}

// update takes the new text of a comment, or asks for a fresh copy of an actor: a key is never taken from what was sent.
func (i *Inbox) update(ctx context.Context, l *letter) (effect, error) {
	o := l.activity.Object[0]
	if o.ID == l.actor.ID {
		return func(ctx context.Context, tx *store.Tx) error {
			return i.errand(ctx, tx, store.Errand{URL: o.ID, Reason: refreshActor, Next: l.now})
		}, nil
	}
	if o.Bare {
		return i.forwarded(ctx, o)
	}
	if o.Is("Person", "Service", "Group", "Organization", "Application") {
		return nil, refusal{status: http.StatusForbidden, why: "that is somebody else"}
	}
	if !wrote(o, l.actor.ID) {
		return nil, refusal{status: http.StatusForbidden, why: "the object is somebody else's"}
	}
	c := commentOf(o, l.now)
	return func(ctx context.Context, tx *store.Tx) error {
		old, err := tx.Comment(ctx, o.ID)
		if errors.Is(err, store.ErrNotFound) {
			return i.missed(ctx, tx, o, l)
		}
		if err != nil {
			return err
		}
		return i.edit(ctx, tx, old, c, o, l)
	}, nil
}

// missed is an edit of something that we never got: its own copy decides, which is gone where a Delete came first.
func (i *Inbox) missed(ctx context.Context, tx *store.Tx, o *activitypub.Object, l *letter) error {
	if !isReply(o) {
		return errIgnored
	}
	if _, err := i.parent(ctx, tx, o); err != nil {
		if errors.Is(err, errElsewhere) {
			return errIgnored
		}
		return err
	}
	return i.errand(ctx, tx, store.Errand{URL: o.ID, Reason: missingReply, Next: l.now})
}

// edit replaces a comment's words and nothing else: it stays where it is and whose it is. What is no longer public goes away.
func (i *Inbox) edit(ctx context.Context, tx *store.Tx, old, c store.Comment, o *activitypub.Object, l *letter) error {
	if old.Actor != l.actor.ID {
		return refusal{status: http.StatusForbidden, why: "that is somebody else's"}
	}
	if old.Kind != store.Reply && old.Kind != store.Quote || old.State == store.Removed {
		return errIgnored
	}
	if !o.IsPublic() {
		_, err := tx.RemoveComment(ctx, o.ID)
		return err
	}
	if !newer(o.Updated, old) {
		return errIgnored
	}
	post, err := tx.Article(ctx, old.Post)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if old.Kind == store.Quote && !quotesPost(o, post) {
		_, err := tx.RemoveComment(ctx, o.ID)
		return err
	}
	withoutFallback(&c, o, post)
	c.Kind, c.Post, c.Parent, c.Actor, c.State = old.Kind, old.Post, old.Parent, old.Actor, old.State
	c.Published, c.Received, c.Updated = old.Published, old.Received, l.now
	if !o.Updated.IsZero() {
		c.Updated = past(o.Updated, l.now)
	} else if sameWords(c, old) {
		c.Updated = old.Updated
	}
	if old.State == store.Shown && i.suspiciousEdit(ctx, tx, c, o, l.actor) {
		c.State = store.Held
	}
	if err := tx.PutComment(ctx, c); err != nil {
		return err
	}
	if err := wantPictures(ctx, tx, c); err != nil {
		return err
	}
	return i.keep(ctx, tx, l)
}

// suspiciousEdit holds a comment that turns into spam after it was shown. What the owner approved stays.
func (i *Inbox) suspiciousEdit(ctx context.Context, tx *store.Tx, c store.Comment, o *activitypub.Object, by store.Actor) bool {
	if m := i.o.Config.Comments.Mode; m == "open" || m == "approve" {
		return false
	}
	if known, err := i.follows(ctx, tx, by.ID); known && err == nil {
		return false
	}
	return i.suspicious(c, o, by)
}

// newer tells whether an edit is later than what is stored. An edit without a time is believed: several programs send none.
func newer(updated time.Time, old store.Comment) bool {
	if updated.IsZero() {
		return true
	}
	if !old.Updated.IsZero() {
		return updated.After(old.Updated)
	}
	return !updated.Before(old.Published)
}

// undo takes back a Follow, a Block, a Like, a boost or a reaction, named by its id or by what it was.
func (i *Inbox) undo(ctx context.Context, l *letter) (effect, error) {
	o := l.activity.Object[0]
	if o.Actor != nil && o.Actor.ID != l.actor.ID || o.ID != "" && !activitypub.SameOrigin(o.ID, l.actor.ID) {
		return nil, refusal{status: http.StatusForbidden, why: "that is somebody else's"}
	}
	switch o.Type {
	case "Follow":
		return i.unfollowOf(l, o), nil
	case "Block":
		return i.unblock(l, o), nil
	case "Like", "Dislike", "EmojiReact", "Announce":
		return early(l, o.ID, i.unreact(l, o)), nil
	case "":
		return early(l, o.ID, i.undoID(l, o.ID)), nil
	}
	return nil, nil
}

// unfollowOf takes a follower away when the Follow named is of an actor of ours, or is the one that was stored.
func (i *Inbox) unfollowOf(l *letter, o *activitypub.Object) effect {
	if of := i.followed(o.Object); i.mine(of) {
		return i.unfollow(l, of)
	}
	return i.undoID(l, o.ID)
}

// unblock lets posts go out again to somebody who blocked us. A follower is only who follows again.
func (i *Inbox) unblock(l *letter, o *activitypub.Object) effect {
	return func(ctx context.Context, tx *store.Tx) error {
		id := o.ID
		if i.mine(i.followed(o.Object)) {
			id = ""
		}
		found, err := tx.DeleteBlockedBy(ctx, l.actor.ID, id)
		if err == nil && !found {
			return errIgnored
		}
		return err
	}
}

// undoID takes back what has the id. Follow and Block have no row of their own among the comments.
func (i *Inbox) undoID(l *letter, id string) effect {
	if id == "" {
		return nil
	}
	return func(ctx context.Context, tx *store.Tx) error {
		for _, a := range i.actors {
			f, err := tx.Follower(ctx, l.actor.ID, a.ID)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if err == nil && f.FollowID == id {
				return i.unfollow(l, a.ID)(ctx, tx)
			}
		}
		if found, err := tx.DeleteBlockedBy(ctx, l.actor.ID, id); found || err != nil {
			return err
		}
		return takeBackReaction(ctx, tx, id, l.actor.ID)
	}
}

// takeBackReaction is takeBack for Undo: a reply or a quote cannot be undone, it is deleted.
func takeBackReaction(ctx context.Context, tx *store.Tx, id, actor string) error {
	if c, err := tx.Comment(ctx, id); err == nil && (c.Kind == store.Reply || c.Kind == store.Quote) {
		return errIgnored
	}
	return takeBack(ctx, tx, id, actor)
}

// unreact takes a like, boost or reaction back by its id, else by what it was about.
func (i *Inbox) unreact(l *letter, o *activitypub.Object) effect {
	return func(ctx context.Context, tx *store.Tx) error {
		if o.ID != "" {
			if err := takeBackReaction(ctx, tx, o.ID, l.actor.ID); !errors.Is(err, errIgnored) {
				return err
			}
		}
		if len(o.Object) == 0 {
			return errIgnored
		}
		at, err := i.resolve(ctx, tx, o.Object[0].ID)
		if errors.Is(err, errElsewhere) {
			return errIgnored
		}
		if err != nil {
			return err
		}
		removed := false
		emoji := ""
		if o.Is("Like", "EmojiReact") {
			emoji, _ = reactionOf(o)
		}
		for _, kind := range kindsOf(o.Type) {
			if emoji != "" && kind == store.Like {
				continue
			}
			found, err := tx.RemoveReaction(ctx, kind, at.id, l.actor.ID, emoji)
			if err != nil {
				return err
			}
			removed = removed || found
		}
		if !removed {
			return errIgnored
		}
		return nil
	}
}

// kindsOf gives the rows that an activity can have made: a Like with an emoji is a reaction.
func kindsOf(kind string) []store.Kind {
	switch kind {
	case "Announce":
		return []store.Kind{store.Boost}
	case "Dislike":
		return []store.Kind{store.Dislike}
	case "EmojiReact":
		return []store.Kind{store.Reaction}
	}
	return []store.Kind{store.Like, store.Reaction}
}

// sameWords tells whether an edit changes nothing that a reader sees: Mastodon sends one when a quote was allowed.
func sameWords(a, b store.Comment) bool {
	return bytes.Equal(a.Content, b.Content) && bytes.Equal(a.Warning, b.Warning) && bytes.Equal(a.Attachments, b.Attachments)
}
