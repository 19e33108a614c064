package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// RevokeQuote takes back, in the caller's transaction, that somebody may quote a post: the authorization is gone from its address, the
// quote from the page, and a Delete of the authorization goes to who quotes, to who answered the quote, and to every server that got
// the post (FEP-044f: whoever may have seen the quote). Of a quote that never asked nothing is to be deleted; it is not listed again.
// It returns how many inboxes are told. Wake afterwards.
func (o *Outbox) RevokeQuote(ctx context.Context, tx *store.Tx, q store.QuoteAuthorization) (int, error) {
	if q.Key == "" {
		q.Key = strings.ToLower(rand.Text())
	}
	inboxes, err := quoteInboxes(ctx, tx, q)
	if err != nil {
		return 0, err
	}
	was := q.Revoked.IsZero()
	q, err = tx.RevokeQuote(ctx, q, o.o.Now())
	if err != nil || q.Granted.IsZero() || !was {
		return 0, err
	}
	a := o.o.Config.Addresses()
	post, err := tx.Article(ctx, q.Post)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	speaker := o.o.Config.Speaker(activitypub.Attributed(post.JSON))
	stamp := activitypub.QuoteAuthorization{
		ID: a.Quote(q.Key), Type: "QuoteAuthorization", AttributedTo: speaker, InteractingObject: q.Quote, InteractionTarget: q.Post,
	}
	return len(inboxes), o.Queue(ctx, tx, activitypub.Activity{
		Context: activitypub.QuoteAuthorizationContext, ID: a.Activity("delete-quote-" + q.Key), Type: "Delete", Actor: speaker,
		To: []string{activitypub.Public}, Object: stamp,
	}, stamp.ID, inboxes)
}

// quoteInboxes lists whom a revocation concerns. The shared inbox of who quotes is on the server that the own inbox is on.
func quoteInboxes(ctx context.Context, tx *store.Tx, q store.QuoteAuthorization) ([]string, error) {
	told, err := tx.InboxesTold(ctx, q.Post)
	if err != nil {
		return nil, err
	}
	answered, err := tx.QuoteInboxes(ctx, q.Quote)
	if err != nil {
		return nil, err
	}
	inboxes := slices.Concat(told, answered)
	if q.Inbox != "" {
		inboxes = append(inboxes, q.Inbox)
	}
	slices.Sort(inboxes)
	return slices.Compact(inboxes), nil
}
