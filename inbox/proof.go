package inbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// Integrity proofs (FEP-8b32) let somebody else bring what an actor said: a server that forwards from its inbox, a group. The request is signed by
// whoever brings it, the activity proven by the actor whose it is, with a key that the actor lists as assertionMethod.

// provable are the activities that may be brought by somebody else: what is said for all about posts and comments. What lies between an actor and us
// (Follow, Block, Move, Flag, QuoteRequest) nobody has a reason to pass on, and an old copy would be as good as a new one.
var provable = map[string]bool{"Create": true, "Update": true, "Delete": true, "Like": true, "Dislike": true, "EmojiReact": true, "Announce": true, "Undo": true}

// provenFor is how old a proof may be that somebody else brings. The store remembers for 30 days what was received: what is brought again
// later than that would be taken for new.
const provenFor = 29 * 24 * time.Hour

// believe proves that the activity's actor said it: the actor signed the request, or somebody who brings it with the actor's proof. gone
// is authenticate's.
func (i *Inbox) believe(r *http.Request, l *letter) (gone bool, err error) {
	keyID, err := signature.KeyID(r)
	if err != nil {
		return false, refusal{status: http.StatusUnauthorized, why: err.Error()}
	}
	by, _, _ := strings.Cut(keyID, "#")
	brought := l.activity.HasProof && l.activity.ID != "" && provable[l.activity.Type] && by != l.activity.Actor.ID
	if !brought || activitypub.SameOrigin(by, l.activity.Actor.ID) { // a key may have an address of its own, on its actor's server
		gone, err = i.authenticate(r, l)
		var no refusal
		if err == nil && !gone {
			return false, i.agree(r.Context(), l)
		}
		if !brought || !errors.As(err, &no) || no.status != http.StatusUnauthorized {
			return gone, err
		}
	}
	return false, i.brought(r, l, by)
}

// brought takes an activity that somebody else brings. The request's signature comes first: who sends rubbish is known and pays.
func (i *Inbox) brought(r *http.Request, l *letter, by string) error {
	sender := &letter{activity: &activitypub.Object{Actor: &activitypub.Object{ID: by}}, body: l.body, now: l.now}
	if !activitypub.SameOrigin(by, by) || !i.o.Client.Reaches(by) {
		return refusal{status: http.StatusUnauthorized, why: "the key is at no address that is ever asked"}
	}
	if err := i.admit(r.Context(), by); err != nil {
		return err
	}
	if _, err := i.authenticate(r, sender); err != nil {
		return err
	}
	l.by = sender
	return i.proven(r.Context(), l)
}

// proven verifies the activity's own proof, with the stored keys of its actor, else with those that a fetch gives, within the budget for keys.
func (i *Inbox) proven(ctx context.Context, l *letter) error {
	id := l.activity.Actor.ID
	proof, err := signature.ReadProof(l.body, l.now)
	switch {
	case err != nil:
		return refusal{status: http.StatusUnauthorized, why: err.Error()}
	case proof.Created.IsZero() || l.now.Sub(proof.Created) > provenFor:
		return refusal{status: http.StatusUnauthorized, why: "the proof is too old to be passed on"}
	case len(proof.Method) > maxAddress || !activitypub.SameOrigin(proof.Method, id):
		return refusal{status: http.StatusUnauthorized, why: "the proof's key is not the actor's"}
	}
	row, err := i.o.Store.Actor(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("reading an actor: %w", err)
	}
	if l.actor = row; err == nil && proves(row, proof) == nil {
		return nil
	}
	return i.provenAnew(ctx, l, err == nil, proof)
}

// provenAnew is proven with the actor as its server shows it now.
func (i *Inbox) provenAnew(ctx context.Context, l *letter, stored bool, proof signature.Proof) error {
	c, err := i.call(ctx, l, stored, func(a store.Actor) error { return proves(a, proof) })
	if err != nil {
		return err
	}
	if c.err != nil {
		return refusal{status: http.StatusUnauthorized, why: "the proof's key cannot be fetched: " + c.err.Error()}
	}
	l.actor, l.fetched = c.actor, true
	return nil
}

// proves tells whether a proof is made with a key that the actor lists as assertionMethod. The client has left the actor only keys of which it is the
// controller, on its own server.
func proves(a store.Actor, proof signature.Proof) error {
	key, err := assertionKey(a, proof.Method)
	if err != nil {
		return err
	}
	return proof.Verify(key)
}

// agree refuses an activity whose request is signed well and whose proof is wrong: the proof takes precedence (FEP-8b32, "Proof verification"). One that
// cannot be judged, or whose key the actor does not list, counts for nothing.
func (i *Inbox) agree(ctx context.Context, l *letter) error {
	if !l.activity.HasProof {
		return nil
	}
	proof, err := signature.ReadProof(l.body, l.now)
	if _, unknown := assertionKey(l.actor, proof.Method); unknown != nil || errors.Is(err, signature.ErrNoProof) {
		return nil
	}
	fault := err
	if fault == nil {
		fault = proves(l.actor, proof)
	}
	switch {
	case fault == nil:
		return nil
	case err != nil || l.fetched:
		return refusal{status: http.StatusUnauthorized, why: fault.Error()}
	}
	return i.provenAnew(ctx, l, true, proof) // the key may be another one under the same id
}

// provenInside takes an activity that a group wraps and that carries its own actor's proof: it is as if that actor had sent it. proven is
// false where it has to be asked for at its own server.
func (i *Inbox) provenInside(ctx context.Context, l *letter, a *activitypub.Object) (change effect, proven bool, err error) {
	if !a.HasProof || !provable[a.Type] || a.Type == "Announce" || a.ID == "" {
		return nil, false, nil
	}
	inner, err := i.open(a.Raw)
	if err != nil || nameless(inner.activity) {
		return nil, false, nil
	}
	inner.by = l
	for _, check := range []func() error{
		func() error { return i.admit(ctx, inner.activity.Actor.ID) },
		func() error { return i.bound(inner.activity) },
		func() error { return i.proven(ctx, inner) },
	} {
		if err := check(); err != nil {
			return nil, false, unlessRefused(err)
		}
	}
	change, err = verbs[a.Type](i, ctx, inner)
	if err != nil || change == nil {
		return nil, true, unlessRefused(err)
	}
	return inner.once(l, change), true, nil
}

// once is the effect of a wrapped activity: it counts once, whoever brings it.
func (l *letter) once(outer *letter, change effect) effect {
	return func(ctx context.Context, tx *store.Tx) error {
		fresh, err := tx.MarkSeen(ctx, l.seen, l.actor.ID, l.now)
		if err == nil && !fresh {
			err = errIgnored
		}
		if err == nil {
			err = change(ctx, tx)
		}
		outer.sent = outer.sent || l.sent
		return err
	}
}

// unlessRefused makes nothing of what is wrong with a wrapped activity: that is no fault of the group's.
func unlessRefused(err error) error {
	var no refusal
	if errors.As(err, &no) {
		return nil
	}
	return err
}
