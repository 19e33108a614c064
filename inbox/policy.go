package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// A post says who may answer, like and boost it (interactionPolicy, as GoToSocial reads it). Servers that know such rules keep their people
// to them; the door keeps everybody to them. Where the rule says no there is nothing for the owner to approve: no manualApproval is given.

// errNotAllowed is errIgnored because of a post's own rule: nothing is kept of it, and its sender is told so.
var errNotAllowed = fmt.Errorf("the post does not allow it: %w", errIgnored)

// notAllowedHere makes of errNotAllowed what the sender is answered.
func notAllowedHere(err error) error {
	if errors.Is(err, errNotAllowed) {
		return refusal{status: http.StatusForbidden, why: errNotAllowed.Error()}
	}
	return err
}

// rule picks one rule of a post.
type rule func(*activitypub.InteractionPolicy) *activitypub.Policy

func canReply(p *activitypub.InteractionPolicy) *activitypub.Policy    { return p.CanReply }
func canLike(p *activitypub.InteractionPolicy) *activitypub.Policy     { return p.CanLike }
func canAnnounce(p *activitypub.InteractionPolicy) *activitypub.Policy { return p.CanAnnounce }

// may reads a rule of the post's own interactionPolicy, as followers were told it. A post that says nothing allows all; one that we cannot
// read, nothing.
func (i *Inbox) may(ctx context.Context, tx *store.Tx, post store.Article, actor string, of rule) (bool, error) {
	doc := post.JSON
	if len(doc) == 0 { // listed and never announced: only the site's own file has it
		doc, _ = i.account.Document(ctx, post.ID)
	}
	var told struct {
		InteractionPolicy *activitypub.InteractionPolicy `json:"interactionPolicy"`
	}
	if json.Unmarshal(doc, &told) != nil {
		return false, nil
	}
	if told.InteractionPolicy == nil || of(told.InteractionPolicy) == nil {
		return true, nil
	}
	for _, who := range of(told.InteractionPolicy).AutomaticApproval {
		switch who {
		case activitypub.Public, actor:
			return true, nil
		case i.address.FollowersOf(i.speaker(ctx, tx, post.ID)):
			if _, err := tx.Follower(ctx, actor, i.speaker(ctx, tx, post.ID)); !errors.Is(err, store.ErrNotFound) {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// answerable gives errNotAllowed where a post's rule keeps an actor from answering in its thread: the page is one, so the rule is for all of
// it. Whom the post or an answer of ours names was asked, and may answer that.
func (i *Inbox) answerable(ctx context.Context, tx *store.Tx, at place, actor string) error {
	ok, err := i.may(ctx, tx, at.article, actor, canReply)
	if err == nil && !ok {
		ok, err = i.named(ctx, tx, at, actor)
	}
	if err == nil && !ok {
		err = errNotAllowed
	}
	return err
}

// named tells whether what is answered is ours and mentions an actor.
func (i *Inbox) named(ctx context.Context, tx *store.Tx, at place, actor string) (bool, error) {
	doc := at.article
	if at.comment != nil {
		if !i.address.Local(at.id) {
			return false, nil
		}
		var err error
		if doc, err = tx.Article(ctx, at.id); errors.Is(err, store.ErrNotFound) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	o, err := activitypub.Read(doc.JSON)
	if err != nil {
		return false, nil
	}
	return slices.ContainsFunc(o.Tag, func(t *activitypub.Object) bool { return t.Is("Mention") && t.Href == actor }), nil
}

// clickable gives errNotAllowed where a post's rule keeps an actor from liking or boosting it. What others wrote beneath it has rules of its own.
func (i *Inbox) clickable(ctx context.Context, tx *store.Tx, at place, actor string, kind store.Kind) error {
	of := canLike
	if kind == store.Boost {
		of = canAnnounce
	}
	if at.comment != nil {
		return nil
	}
	ok, err := i.may(ctx, tx, at.article, actor, of)
	if err == nil && !ok {
		err = errNotAllowed
	}
	return err
}
