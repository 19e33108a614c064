package inbox

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/inbox/comments"
	"github.com/postil-blog/postil/store"
)

// create takes replies to a post or to a comment under one, and quotes of a post. Whatever is not public by its own words, answers nothing of ours, or
// only casts a vote in a poll leaves no trace.
func (i *Inbox) create(ctx context.Context, l *letter) (effect, error) {
	o := l.activity.Object[0]
	identify(o, l.actor.ID)
	if o.ID == "" {
		return nil, nil
	}
	if plainer(o.ID, l.actor.ID) {
		return nil, refusal{status: http.StatusBadRequest, why: "the object's id is not https"}
	}
	if o.Bare || !activitypub.SameOrigin(o.ID, l.actor.ID) {
		return i.forwarded(ctx, o)
	}
	if !isReply(o) || len(o.InReplyTo) == 0 && len(i.ownQuotes(o)) == 0 {
		return nil, nil
	}
	if !wrote(o, l.actor.ID) {
		return nil, refusal{status: http.StatusForbidden, why: "the object is somebody else's"}
	}
	return i.reply(o, l), nil
}

// identify gives an object whose id is no web address (Bridgy Fed makes tag: ids of things that were not federated) the address of its
// page for an id, where that is on its author's server.
func identify(o *activitypub.Object, by string) {
	if o.ID == "" || o.Bare || isWeb(o.ID) {
		return
	}
	for _, u := range o.URL {
		if activitypub.SameOrigin(u.Href, by) && len(u.Href) <= maxID {
			o.ID = u.Href
			return
		}
	}
}

// plainer tells whether an id is of http where whoever names it is reached over https.
func plainer(id, by string) bool {
	return strings.HasPrefix(id, "http:") && strings.HasPrefix(by, "https:")
}

// reply stores a reply that its author sent. Where its parent is unknown it waits, and an errand looks for the parent.
func (i *Inbox) reply(o *activitypub.Object, l *letter) effect {
	c := commentOf(o, l.now)
	return func(ctx context.Context, tx *store.Tx) error {
		old, err := tx.Comment(ctx, o.ID)
		if err == nil && (old.Actor == l.actor.ID || old.State == store.Removed) {
			return errIgnored // sent again under another activity
		}
		if err == nil { // the id was used by another account of the same server: its own copy decides
			return i.errand(ctx, tx, store.Errand{URL: o.ID, Reason: missingReply, Next: l.now})
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := deletedBefore(ctx, tx, o.ID, l.actor.ID); err != nil {
			return err
		}
		at, err := i.parent(ctx, tx, o)
		switch {
		case errors.Is(err, errElsewhere):
			err = i.wait(ctx, tx, &c, o, l.actor.ID, 0)
		case err == nil:
			err = i.place(ctx, tx, &c, at, o, l.actor)
		}
		if err != nil {
			return notAllowedHere(err)
		}
		return i.keep(ctx, tx, l)
	}
}

// isReply tells a reply or a quote from everything else that a Create carries. A vote in a poll has a name and no content.
func isReply(o *activitypub.Object) bool {
	if !o.Is("Note", "Article", "Page") || len(o.InReplyTo) == 0 && len(o.Quotes) == 0 || !o.IsPublic() {
		return false
	}
	return words(o) != "" || len(o.Attachment) > 0
}

// wrote tells whether an actor is an author of an object. An object without an author is the sender's.
func wrote(o *activitypub.Object, actor string) bool {
	if len(o.AttributedTo) == 0 {
		return o.Actor == nil || o.Actor.ID == actor
	}
	return slices.Contains(activitypub.IDs(o.AttributedTo), actor)
}

// reader is what Store and Tx share and resolving needs.
type reader interface {
	Article(ctx context.Context, id string) (store.Article, error)
	ArticleByURL(ctx context.Context, url string) (store.Article, error)
	Comment(ctx context.Context, id string) (store.Comment, error)
}

// place in a thread: a post, or a comment under it.
type place struct {
	id      string // of the post or comment
	article store.Article
	comment *store.Comment // nil: the post itself
	quote   bool           // quoted, not answered
}

// errElsewhere says that something answered may be in one of our threads, but is not known here.
var errElsewhere = errors.New("unknown, and not ours")

// resolve finds the post or the comment that an id or a page address names. errIgnored: nothing of ours; errElsewhere: unknown, or
// itself waiting for what it answers.
func (i *Inbox) resolve(ctx context.Context, q reader, id string) (place, error) {
	id = i.ownSpelling(id)
	c, err := q.Comment(ctx, id)
	if err == nil && c.State == store.Waiting {
		return place{}, errElsewhere
	}
	if err == nil && (c.Kind == store.Reply || c.Kind == store.Quote) {
		a, err := q.Article(ctx, c.Post)
		return place{id: id, article: a, comment: &c}, outOrIgnored(a, err)
	}
	if err == nil { // a like of a like, a boost of a boost
		return place{}, errIgnored
	}
	if !errors.Is(err, store.ErrNotFound) {
		return place{}, err
	}
	if !i.address.Local(id) {
		return place{}, errElsewhere
	}
	a, err := q.Article(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		page, _, _ := strings.Cut(id, "#")
		a, err = q.ArticleByURL(ctx, page)
	}
	return place{id: a.ID, article: a}, outOrIgnored(a, err)
}

// ownSpelling gives an id that is ours as we write it, and any other as it is.
func (i *Inbox) ownSpelling(id string) string {
	if own, ok := i.address.Own(id); ok {
		return own
	}
	return id
}

func outOrIgnored(a store.Article, err error) error {
	if errors.Is(err, store.ErrNotFound) || err == nil && !a.Withdrawn.IsZero() {
		return errIgnored
	}
	return err
}

// parent finds what a reply answers, the first of several that is ours, or else the post of ours that it quotes.
func (i *Inbox) parent(ctx context.Context, q reader, o *activitypub.Object) (place, error) {
	answer := errIgnored
	for _, id := range o.InReplyTo[:min(len(o.InReplyTo), 5)] {
		at, err := i.resolve(ctx, q, id)
		switch {
		case errors.Is(err, errElsewhere):
			answer = err
		case !errors.Is(err, errIgnored):
			return at, err
		}
	}
	if at, err := i.quoted(ctx, q, o); !errors.Is(err, errIgnored) {
		return at, err
	}
	return place{}, answer
}

// place puts a comment into its thread, and beneath it what waited for it.
func (i *Inbox) place(ctx context.Context, tx *store.Tx, c *store.Comment, at place, o *activitypub.Object, by store.Actor) error {
	if err := i.settle(ctx, tx, c, at, o, by); err != nil {
		return err
	}
	return i.adopt(ctx, tx, c.ID)
}

// settle puts one comment into its thread, in the state that the blog's rules give it.
func (i *Inbox) settle(ctx context.Context, tx *store.Tx, c *store.Comment, at place, o *activitypub.Object, by store.Actor) error {
	if comments.Closed(i.o.Config, at.article, i.o.Now()) {
		return errIgnored
	}
	kind := store.Reply
	if at.quote {
		kind = store.Quote
		if ok, err := i.quotable(ctx, tx, at.article, c.ID, by.ID); err != nil {
			return err
		} else if !ok {
			return errIgnored
		}
	} else if err := i.answerable(ctx, tx, at, by.ID); err != nil {
		return err
	}
	withoutFallback(c, o, at.article)
	state, err := i.state(ctx, tx, *c, at, o, by)
	if err != nil {
		return err
	}
	c.Kind, c.Post, c.Parent, c.Actor, c.State = kind, at.article.ID, at.id, by.ID, state
	if err := tx.PutComment(ctx, *c); err != nil {
		return err
	}
	if err := supersede(ctx, tx, *c, c.URL, c.ID); err != nil {
		return err
	}
	if err := i.watch(ctx, tx, *c, at); err != nil {
		return err
	}
	return wantPictures(ctx, tx, *c)
}

// state decides whether a reply is shown at once. Under what is not shown itself everything waits.
func (i *Inbox) state(ctx context.Context, tx *store.Tx, c store.Comment, at place, o *activitypub.Object, by store.Actor) (store.CommentState, error) {
	if at.comment != nil && (at.comment.State == store.Held || at.comment.State == store.Hidden) {
		return store.Held, nil
	}
	switch i.o.Config.Comments.Mode {
	case "open":
		return store.Shown, nil
	case "approve":
		return store.Held, nil
	}
	known, err := i.follows(ctx, tx, by.ID)
	if err != nil {
		return "", err
	}
	if !known && i.suspicious(c, o, by) {
		return store.Held, nil
	}
	return store.Shown, nil
}

const (
	manyMentions = 4
	newAccount   = 24 * time.Hour
)

// suspicious is the shape of the spam waves: many strangers mentioned, or a link from an account made today. Only the mentions that
// the text makes count: those that programs add for everybody in a thread stand in the tags alone.
func (i *Inbox) suspicious(c store.Comment, o *activitypub.Object, by store.Actor) bool {
	mentions, links := i.linksIn(c.Content, o)
	young := !by.Created.IsZero() && i.o.Now().Sub(by.Created) < newAccount
	return mentions >= manyMentions || young && links > 0
}
