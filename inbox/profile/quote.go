package profile

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// quote serves an authorization to quote a post (FEP-044f): 410 once it is revoked, or the post withdrawn. It may lie in no cache, for
// WordPress looks whether it is gone the moment that it is told so.
func (p *Profile) quote(w http.ResponseWriter, r *http.Request) {
	if !p.o.Config.Federation.Enabled {
		missing(w, r)
		return
	}
	q, err := p.o.Store.QuoteAuthorization(r.Context(), r.PathValue("key"))
	if errors.Is(err, store.ErrNotFound) || err == nil && q.Granted.IsZero() {
		missing(w, r)
		return
	}
	holds := false
	if err == nil {
		holds, err = p.holds(r.Context(), q)
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	doc, err := p.Document(r.Context(), q.Post)
	if err != nil && !errors.Is(err, errUnknown) {
		p.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	id := p.address.Quote(q.Key)
	if !holds {
		gone := activitypub.Tombstone{Context: plainContext, ID: id, Type: "Tombstone", FormerType: "QuoteAuthorization"}
		if !q.Revoked.IsZero() {
			gone.Deleted = q.Revoked.UTC().Format(time.RFC3339)
		}
		p.serve(w, r, http.StatusGone, gone)
		return
	}
	p.serve(w, r, http.StatusOK, activitypub.QuoteAuthorization{
		Context: activitypub.QuoteAuthorizationContext, ID: id, Type: "QuoteAuthorization", AttributedTo: p.o.Config.Speaker(activitypub.Attributed(doc)),
		InteractingObject: q.Quote, InteractionTarget: q.Post,
	})
}

// holds tells whether an authorization is still our word.
func (p *Profile) holds(ctx context.Context, q store.QuoteAuthorization) (bool, error) {
	if !q.Revoked.IsZero() {
		return false, nil
	}
	if blocked, err := p.o.Store.Blocked(ctx, q.Actor); blocked || err != nil {
		return false, err
	}
	post, err := p.findPost(ctx, q.Post)
	if errors.Is(err, errUnknown) {
		return false, nil
	}
	return err == nil && post.withdrawn.IsZero(), err
}

// Document gives a post's Article or Note as it is out now, without the counts of the moment. The error is that there is none.
func (p *Profile) Document(ctx context.Context, id string) ([]byte, error) {
	post, err := p.findPost(ctx, id)
	return post.json, err
}
