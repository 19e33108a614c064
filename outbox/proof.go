package outbox

import (
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// written is an activity as it is kept, delivered and served: with the integrity proof of its actor (FEP-8b32), so that whoever gets it from
// somebody else can tell that it is ours. It is made once, when the activity is queued, and not for each inbox. The object inside stays as it is
// served at its own address.
func (o *Outbox) written(a activitypub.Activity) ([]byte, error) {
	plain, err := activitypub.Marshal(a)
	if _, ok := o.o.Proofs[a.Actor]; err != nil || !ok {
		return plain, err
	}
	a.Context = activitypub.WithContext(a.Context, signature.ProofContext)
	doc, err := activitypub.Marshal(a)
	if err != nil {
		return nil, err
	}
	if proven := o.Prove(a.Actor, doc, o.o.Now()); len(proven) > len(doc) {
		return proven, nil
	}
	return plain, nil
}

// Prove adds the integrity proof of one of our actors, made at a time, to an activity whose @context defines its terms. Where there can be none, the
// activity comes back as it is: the actor has no such key, or a Group passes on what a stranger wrote that has no canonical form.
func (o *Outbox) Prove(actor string, activity []byte, at time.Time) []byte {
	key, ok := o.o.Proofs[actor]
	if !ok {
		return activity
	}
	proven, err := signature.Prove(activity, key, at)
	if err != nil {
		o.o.Log.Debug("an activity goes without a proof", "actor", actor, "why", err)
		return activity
	}
	return proven
}
