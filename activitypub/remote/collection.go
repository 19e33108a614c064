package remote

import (
	"context"
	"fmt"

	"github.com/postil-blog/postil/activitypub"
)

// Collection fetches a collection, or one page of one, at an address; signed. What answers must be of the address's own origin, call
// itself a collection or a page, and name nothing of another origin as its id or as what it is part of. A page may go without an id
// (BookWyrm's do) or name another spelling of its address (the order of a query's members differs); so it counts as a list of ids
// alone, and whoever wants what it lists asks each id at its own server. At most three requests.
func (c *Client) Collection(ctx context.Context, id string) (*activitypub.Object, error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	o, from, err := c.read(ctx, id, &budget{documentRequests})
	if err != nil {
		return nil, err
	}
	if !activitypub.SameOrigin(from, id) {
		return nil, fmt.Errorf("%w: %s is answered by %s", ErrDocument, id, from)
	}
	if !o.Is("Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage") {
		return nil, fmt.Errorf("%w: %s is no collection but a %q", ErrDocument, from, o.Type)
	}
	for _, named := range []string{o.ID, o.PartOf} {
		if named != "" && !activitypub.SameOrigin(named, from) {
			return nil, fmt.Errorf("%w: %s serves a part of %q", ErrDocument, from, named)
		}
	}
	return o, nil
}
