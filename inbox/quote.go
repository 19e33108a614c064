package inbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/inbox/comments"
	"github.com/postil-blog/postil/store"
)

// Quotes (FEP-044f). Who quotes a post and knows the FEP asks first (QuoteRequest) and gets an Accept with the address of an
// authorization, or a Reject. Who does not know it (Misskey, Akkoma, Fedibird, Bridgy Fed) just quotes, and is listed where the
// post's policy lets that person quote it. As Mastodon does, an Accept waits until it is known that the quote is the asker's and
// quotes the post: by the object that came along, whose sender signed for it, or else by a copy from its origin.

// checkQuote is the reason of the errand that looks at a quote of which only the id came.
const checkQuote = "quote"

// quoteRequest is what must be known of a QuoteRequest to answer it.
type quoteRequest struct {
	ID     string // of the activity
	Seen   string // the letter's: the answer's id is made of it
	Actor  string
	Inbox  string
	Object string // what they ask to quote, as they call it
	Post   string // the Article that this is
	Quote  string // id of the quoting object
}

// quoteRequested answers who asks to quote a post of ours. What is asked in somebody else's name is refused; what is no post of ours,
// or cannot be named in an answer, leaves no trace.
func (i *Inbox) quoteRequested(ctx context.Context, l *letter) (effect, error) {
	a := l.activity
	if a.ID == "" || !i.address.Local(a.Object[0].ID) {
		return nil, nil
	}
	if !i.reachable(l.actor.Inbox, l.actor.ID) {
		return nil, refusal{status: http.StatusBadRequest, why: "the actor's inbox is not an acceptable address"}
	}
	o := a.Instrument
	switch {
	case o == nil || o.ID == "":
		o = &activitypub.Object{Bare: true}
	case len(o.ID) > maxID:
		return nil, refusal{status: http.StatusBadRequest, why: "id is too long"}
	case !activitypub.SameOrigin(o.ID, l.actor.ID), !o.Bare && !wrote(o, l.actor.ID):
		return nil, refusal{status: http.StatusForbidden, why: "the instrument is somebody else's"}
	}
	return func(ctx context.Context, tx *store.Tx) error {
		post, err := ownPost(ctx, tx, a.Object[0].ID)
		if errors.Is(err, store.ErrNotFound) {
			return errIgnored
		}
		if err != nil {
			return err
		}
		r := quoteRequest{ID: a.ID, Seen: l.seen, Actor: l.actor.ID, Inbox: l.actor.Inbox, Object: a.Object[0].ID, Post: post.ID, Quote: o.ID}
		return i.answer(ctx, tx, r, post, o, l)
	}, nil
}

// answer decides on a QuoteRequest: Reject, Accept, or a look at the quote's own copy first.
func (i *Inbox) answer(ctx context.Context, tx *store.Tx, r quoteRequest, post store.Article, o *activitypub.Object, l *letter) error {
	if len(o.Quotes) > 0 && !quotesPost(o, post) {
		return refusal{status: http.StatusForbidden, why: "the instrument quotes something else"}
	}
	ok, err := i.quotable(ctx, tx, post, r.Quote, r.Actor)
	if err != nil {
		return err
	}
	if !ok || o.ID == "" {
		l.sent = true
		return i.reject(ctx, tx, r)
	}
	if err := i.keep(ctx, tx, l); err != nil {
		return err
	}
	proven, err := proven(ctx, tx, r, o)
	if err != nil {
		return err
	}
	if !proven {
		// Known by the request and its actor, so that nobody's question can stand in for somebody else's.
		return i.errand(ctx, tx, store.Errand{URL: r.Seen, Reason: checkQuote, Post: r.Post, Data: marshal(r), Next: l.now})
	}
	l.sent = true
	return i.grant(ctx, tx, r, o, l.actor, l.now)
}

// proven tells whether the quote that came along is enough: it says what it quotes, and no other account is known to have its id.
func proven(ctx context.Context, tx *store.Tx, r quoteRequest, o *activitypub.Object) (bool, error) {
	if o.Bare || len(o.Quotes) == 0 {
		return false, nil
	}
	c, err := tx.Comment(ctx, r.Quote)
	if err == nil && c.Actor != r.Actor {
		return false, nil
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	q, err := tx.QuoteOf(ctx, r.Post, r.Quote)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	return q.Actor == r.Actor, err
}

// lookAtQuote fetches a quote of which only the id came, and answers the request. What cannot be had, is not the asker's or does not
// quote the post is rejected.
func (i *Inbox) lookAtQuote(ctx context.Context, e store.Errand) error {
	var r quoteRequest
	if json.Unmarshal(e.Data, &r) != nil {
		return errIgnored
	}
	if err := i.welcome(ctx, r.Actor); err != nil {
		return err
	}
	o, by, err := i.fetchQuote(ctx, r)
	if err != nil && (ctx.Err() != nil || !final(err) && e.Attempts+1 < maxAttempts) {
		return err
	}
	write := i.o.Store.Write(ctx, func(tx *store.Tx) error {
		post, missing := tx.Article(ctx, r.Post)
		if missing != nil {
			return missing
		}
		ok, broken := i.quotable(ctx, tx, post, r.Quote, r.Actor)
		if broken != nil {
			return broken
		}
		if err != nil || !ok || !quotesPost(o, post) {
			return i.reject(ctx, tx, r)
		}
		return i.grant(ctx, tx, r, o, by, i.o.Now().UTC())
	})
	if write == nil {
		i.o.Outbox.Wake()
	}
	return write
}

// fetchQuote gets a quote from its own id, with its author, who must be the one who asks.
func (i *Inbox) fetchQuote(ctx context.Context, r quoteRequest) (*activitypub.Object, store.Actor, error) {
	if err := i.afforded(r.Quote); err != nil {
		return nil, store.Actor{}, err
	}
	o, err := i.o.Client.Object(remote.Frugal(ctx), r.Quote)
	if err != nil {
		return nil, store.Actor{}, err
	}
	if o.ID != r.Quote || !slices.Contains(activitypub.IDs(o.AttributedTo), r.Actor) {
		return nil, store.Actor{}, errIgnored
	}
	by, err := i.author(ctx, r.Actor)
	return o, by.author, err
}

// grant keeps the authorization, lists the quote, and queues the Accept. The authorization is not embedded: whoever wants to know
// asks for it, and sees whether it still holds.
func (i *Inbox) grant(ctx context.Context, tx *store.Tx, r quoteRequest, o *activitypub.Object, by store.Actor, now time.Time) error {
	q, err := tx.AuthorizeQuote(ctx, store.QuoteAuthorization{
		Key: strings.ToLower(rand.Text()), Post: r.Post, Quote: r.Quote, Actor: r.Actor, Inbox: r.Inbox, Granted: now,
	})
	if errors.Is(err, store.ErrTooMany) || err == nil && !q.Revoked.IsZero() {
		return i.reject(ctx, tx, r)
	}
	if err != nil {
		return err
	}
	if err := i.listQuote(ctx, tx, o, by, now); err != nil {
		return err
	}
	stamp := i.address.Quote(q.Key)
	a := i.replyTo(ctx, tx, r, "Accept")
	a.Result = stamp
	return i.o.Outbox.Queue(ctx, tx, a, stamp, []string{r.Inbox})
}

func (i *Inbox) reject(ctx context.Context, tx *store.Tx, r quoteRequest) error {
	return i.o.Outbox.Queue(ctx, tx, i.replyTo(ctx, tx, r, "Reject"), r.ID, []string{r.Inbox})
}

// speaker is the actor of ours that speaks of a post.
func (i *Inbox) speaker(ctx context.Context, tx *store.Tx, post string) string {
	var doc []byte
	if a, err := tx.Article(ctx, post); err == nil {
		doc = a.JSON
	}
	if len(doc) == 0 { // listed and never announced: only the site's own file has it
		doc, _ = i.account.Document(ctx, post)
	}
	return i.o.Config.Speaker(activitypub.Attributed(doc))
}

// replyTo makes the Accept or Reject of a QuoteRequest. The instrument goes back as its id: its words may be for few.
func (i *Inbox) replyTo(ctx context.Context, tx *store.Tx, r quoteRequest, kind string) activitypub.Activity {
	return activitypub.Activity{
		Context: activitypub.QuoteRequestContext, ID: i.address.Activity(strings.ToLower(kind) + "-" + answerKey(r.Seen)), Type: kind,
		Actor: i.speaker(ctx, tx, r.Post), To: []string{r.Actor},
		Object: activitypub.Activity{ID: r.ID, Type: "QuoteRequest", Actor: r.Actor, Object: r.Object, Instrument: r.Quote},
	}
}

// listQuote puts an allowed quote under its post, where it is public and says so itself. One that is there already stays as it is.
func (i *Inbox) listQuote(ctx context.Context, tx *store.Tx, o *activitypub.Object, by store.Actor, now time.Time) error {
	if !isReply(o) {
		return nil
	}
	old, err := tx.Comment(ctx, o.ID)
	if err == nil && (old.Actor == by.ID || old.State == store.Removed) {
		return nil
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	at, err := i.parent(ctx, tx, o)
	if err == nil {
		c := commentOf(o, now)
		err = i.place(ctx, tx, &c, at, o, by)
	}
	if errors.Is(err, errIgnored) || errors.Is(err, errElsewhere) {
		return nil
	}
	return err
}

// ownPost finds a post of ours by its id or its page, withdrawn ones too.
func ownPost(ctx context.Context, q reader, id string) (store.Article, error) {
	a, err := q.Article(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		page, _, _ := strings.Cut(id, "#")
		a, err = q.ArticleByURL(ctx, page)
	}
	return a, err
}

// quoted finds the post of ours that an object quotes. A quote of a comment is nothing of ours.
func (i *Inbox) quoted(ctx context.Context, q reader, o *activitypub.Object) (place, error) {
	for _, id := range i.ownQuotes(o) {
		a, err := ownPost(ctx, q, id)
		if err = outOrIgnored(a, err); !errors.Is(err, errIgnored) {
			return place{id: a.ID, article: a, quote: true}, err
		}
	}
	return place{}, errIgnored
}

// ownQuotes lists what an object quotes on our own address.
func (i *Inbox) ownQuotes(o *activitypub.Object) []string {
	var list []string
	for _, id := range o.Quotes {
		if i.address.Local(id) && len(list) < 5 {
			list = append(list, id)
		}
	}
	return list
}

// quotesPost tells whether an object says to quote a post, by the post's id or its page.
func quotesPost(o *activitypub.Object, post store.Article) bool {
	return slices.ContainsFunc(o.Quotes, isPost(post))
}

// isPost recognises the addresses of a post.
func isPost(post store.Article) func(string) bool {
	return func(address string) bool {
		page, _, _ := strings.Cut(address, "#")
		return address == post.ID || post.URL != "" && page == post.URL
	}
}

// quotable tells whether somebody may quote a post in an object: the post is out and not closed, its policy allows it, and the owner
// has not revoked it.
func (i *Inbox) quotable(ctx context.Context, tx *store.Tx, post store.Article, quote, actor string) (bool, error) {
	if !post.Withdrawn.IsZero() || comments.Closed(i.o.Config, post, i.o.Now()) {
		return false, nil
	}
	q, err := tx.QuoteOf(ctx, post.ID, quote)
	if err == nil && !q.Revoked.IsZero() {
		return false, nil
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	return i.may(ctx, tx, post, actor, func(p *activitypub.InteractionPolicy) *activitypub.Policy { return p.CanQuote })
}

// withoutFallback takes the line out of a quote's words that only repeats what it quotes.
func withoutFallback(c *store.Comment, o *activitypub.Object, post store.Article) {
	var t activitypub.Tree
	if quotesPost(o, post) && json.Unmarshal(c.Content, &t) == nil {
		c.Content = marshal(t.WithoutQuote(isPost(post)))
	}
}
