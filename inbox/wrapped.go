package inbox

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

// A group passes on what its members do wrapped into an Announce (FEP-1b12). The wrapper's words count for nothing: they only say
// where to look, and what its own server answers there is what counts; or what carries its own actor's proof (proof.go).

// wrapped takes an Announce of an activity. It is never a boost.
func (i *Inbox) wrapped(ctx context.Context, l *letter, a *activitypub.Object) (effect, error) {
	if len(a.Object) == 0 {
		return nil, nil
	}
	o := a.Object[0]
	if plainer(a.ID, l.actor.ID) || plainer(o.ID, l.actor.ID) {
		return nil, refusal{status: http.StatusBadRequest, why: "an id inside is not https"}
	}
	if change, proven, err := i.unwrap(ctx, l, a); proven || err != nil {
		return change, err
	}
	switch {
	case a.Is("Create", "Update"):
		return i.forwarded(ctx, o)
	case isReaction(a):
		return i.wrappedReaction(ctx, a)
	case a.Is("Delete"):
		return i.wrappedDelete(o.ID), nil
	}
	return nil, nil
}

func isReaction(a *activitypub.Object) bool {
	return a.Type == "Like" || a.Type == "Dislike" || a.Type == "EmojiReact"
}

// wrappedReaction asks for a reaction that is said to be about something of ours. An id with a fragment cannot be asked for: Mastodon
// serves no likes, and there is nothing to believe.
func (i *Inbox) wrappedReaction(ctx context.Context, a *activitypub.Object) (effect, error) {
	if !i.fetchable(a.ID) || strings.Contains(a.ID, "#") || a.Actor == nil || !activitypub.SameOrigin(a.Actor.ID, a.ID) {
		return nil, nil
	}
	for _, id := range []string{a.ID, a.Actor.ID} {
		if err := i.welcome(ctx, id); err != nil {
			return nil, ignored(err)
		}
	}
	return func(ctx context.Context, tx *store.Tx) error {
		if _, err := i.resolve(ctx, tx, a.Object[0].ID); err != nil {
			if errors.Is(err, errElsewhere) {
				return errIgnored
			}
			return err
		}
		if _, err := tx.Comment(ctx, a.ID); !errors.Is(err, store.ErrNotFound) {
			return cmp.Or(err, errIgnored) // counted already
		}
		return i.errand(ctx, tx, store.Errand{URL: a.ID, Reason: relayed, Next: i.o.Now()})
	}, nil
}

// fetchReaction takes a reaction as its own server serves it, under the id that was asked for and of an actor of its own.
func (i *Inbox) fetchReaction(ctx context.Context, e store.Errand) error {
	a, err := i.fetch(ctx, e.URL)
	if err != nil {
		return err
	}
	if a.ID != e.URL || !isReaction(a) || len(a.Object) == 0 || a.Actor == nil || !activitypub.SameOrigin(a.Actor.ID, a.ID) {
		return errIgnored
	}
	if _, err := i.resolve(ctx, i.o.Store, a.Object[0].ID); err != nil {
		if errors.Is(err, errElsewhere) {
			return errIgnored
		}
		return err
	}
	if err := i.welcome(ctx, a.Actor.ID); err != nil {
		return err
	}
	by, err := i.author(ctx, a.Actor.ID)
	if err != nil {
		return err
	}
	return i.do(ctx, &letter{activity: a, actor: by.author, fetched: !by.known, id: a.ID, seen: a.ID + " " + a.Actor.ID, now: i.o.Now().UTC()})
}

// fetch asks for a document at its own server, within the budget.
func (i *Inbox) fetch(ctx context.Context, id string) (*activitypub.Object, error) {
	if err := i.welcome(ctx, id); err != nil {
		return nil, err
	}
	if err := i.afforded(id); err != nil {
		return nil, err
	}
	return i.o.Client.Object(remote.Frugal(ctx), id)
}

// wrappedDelete asks whether a comment of ours is still there: a group also passes on what its moderators delete in the group alone.
func (i *Inbox) wrappedDelete(id string) effect {
	return func(ctx context.Context, tx *store.Tx) error {
		c, err := tx.Comment(ctx, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && !i.fromElsewhere(c) {
			return errIgnored
		}
		if err != nil {
			return err
		}
		return i.errand(ctx, tx, store.Errand{URL: id, Reason: perhapsGone, Next: i.o.Now()})
	}
}

// fromElsewhere tells whether a comment is the copy of words that another server holds.
func (i *Inbox) fromElsewhere(c store.Comment) bool {
	return (c.Kind == store.Reply || c.Kind == store.Quote) && c.State != store.Removed && !i.address.Local(c.ID)
}

// checkGone removes a comment that its own server does not have any more.
func (i *Inbox) checkGone(ctx context.Context, e store.Errand) error {
	_, err := i.fetch(ctx, e.URL)
	if !gone(err) {
		return err
	}
	return i.vanish(ctx, e.URL)
}

// vanish removes a comment by what its own server answered.
func (i *Inbox) vanish(ctx context.Context, id string) error {
	return i.o.Store.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.RemoveComment(ctx, id)
		return err
	})
}
