package inbox

import (
	"context"

	"github.com/postil-blog/postil/activitypub"
)

// ActorDocument gives one of our actors as it is served, for an Update that tells of it; nil for one that the profile does not know.
func (i *Inbox) ActorDocument(ctx context.Context, id string) (*activitypub.Actor, error) {
	return i.account.ActorDocument(ctx, id)
}
