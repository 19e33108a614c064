package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/postil-blog/postil/activitypub"
)

// Actor fetches an actor by its id, or by the id of a key (follows a stub's or a key document's owner; the actor must list the key).
//
// The actor that comes back was served at its own id, and its PublicKey has only keys that are its own: of its origin, owned by
// it, with their PEM or Multibase where that could be had. At most three requests.
func (c *Client) Actor(ctx context.Context, id string) (*activitypub.Object, error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	b := &budget{documentRequests}
	o, err := c.document(ctx, id, b)
	if err != nil {
		return nil, err
	}
	if !activitypub.SameOrigin(o.ID, id) {
		return nil, fmt.Errorf("%w: %s leads to %s of another origin", ErrDocument, id, o.ID)
	}
	var key keyDocument
	if o.Inbox == "" {
		if key, o, err = c.owner(ctx, o, b); err != nil {
			return nil, err
		}
	}
	if o.Is("Tombstone") {
		return nil, fmt.Errorf("%s: %w", id, ErrGone)
	}
	if o.ID == "" || o.Inbox == "" {
		return nil, fmt.Errorf("%w: %s is no actor", ErrDocument, id)
	}
	o.PublicKey = ownKeys(o)
	return o, c.completeKey(ctx, o, id, key, b)
}

// keyDocument is a key that is served at an address of its own (Misskey, Hubzilla). Stubs nest it in an actor without inbox.
type keyDocument struct {
	ID         string `json:"id"`
	Owner      string `json:"owner"`
	Controller string `json:"controller"` // FEP-521a
	PEM        string `json:"publicKeyPem"`
	Multibase  string `json:"publicKeyMultibase"`
}

// owner goes from a key document or a stub to the actor it belongs to. What either says is only a hint where to look: the actor
// itself must list the key.
func (c *Client) owner(ctx context.Context, o *activitypub.Object, b *budget) (keyDocument, *activitypub.Object, error) {
	key := readKey(o)
	owner := key.Owner
	if owner == "" || owner == o.ID || !activitypub.SameOrigin(owner, o.ID) {
		return key, o, nil
	}
	actor, from, err := c.read(ctx, owner, b)
	if err != nil {
		return key, nil, err
	}
	if actor.ID != from || actor.ID != owner {
		return key, nil, fmt.Errorf("%w: %s serves a document of %q", ErrDocument, from, actor.ID)
	}
	return key, actor, nil
}

// readKey reads a document as a key.
func readKey(o *activitypub.Object) keyDocument {
	var k keyDocument
	if json.Unmarshal(o.Raw, &k) != nil {
		return keyDocument{}
	}
	if k.Owner == "" {
		k.Owner = k.Controller
	}
	if k.Owner == "" && len(o.PublicKey) > 0 {
		k = keyDocument{ID: o.PublicKey[0].ID, Owner: o.PublicKey[0].Owner}
	}
	return k
}

// ownKeys drops the keys that an actor lists and cannot own: another owner's, another origin's, or part of another document
// ("…/users/alice#main-key" in the document of bob).
func ownKeys(actor *activitypub.Object) []activitypub.PublicKey {
	return slices.DeleteFunc(slices.Clone(actor.PublicKey), func(k activitypub.PublicKey) bool {
		document, _, part := strings.Cut(k.ID, "#")
		return !activitypub.SameOrigin(k.ID, actor.ID) || !owns(actor, k) || part && !sameDocument(document, actor.ID)
	})
}

// owns tells whether a key names the actor as its owner. Some programs leave the owner of a PEM out; a Multikey must name its
// controller (FEP-521a).
func owns(actor *activitypub.Object, k activitypub.PublicKey) bool {
	return k.Owner == actor.ID || k.Owner == "" && k.Multibase == ""
}

// sameDocument compares up to slashes: BookWyrm writes ".../mouse/#main-key" for ".../mouse", lotide "//users/3#main-key".
func sameDocument(a, b string) bool {
	bare := strings.NewReplacer("/", "")
	return a == b || bare.Replace(a) == bare.Replace(b)
}

// completeKey sees to it that the key asked for is listed and has its public half, which an actor may give by reference. seen is
// the key document that led here, if one did.
func (c *Client) completeKey(ctx context.Context, actor *activitypub.Object, id string, seen keyDocument, b *budget) error {
	want := id
	if id == actor.ID {
		if len(actor.PublicKey) == 0 {
			return nil
		}
		want = actor.PublicKey[0].ID
	}
	i := slices.IndexFunc(actor.PublicKey, func(k activitypub.PublicKey) bool { return k.ID == want })
	if i < 0 {
		return fmt.Errorf("%w: %s does not list the key %s", ErrDocument, actor.ID, id)
	}
	k := &actor.PublicKey[i]
	if k.PEM != "" || k.Multibase != "" {
		k.Owner = actor.ID
		return nil
	}
	if document, _, part := strings.Cut(k.ID, "#"); part && document == actor.ID {
		return fmt.Errorf("%w: the key %s is empty", ErrDocument, k.ID) // it is a part of what was just read
	}
	if seen.ID != k.ID {
		o, from, err := c.read(ctx, k.ID, b)
		if err != nil {
			return err
		}
		if seen = readKey(o); o.ID != from {
			return fmt.Errorf("%w: %s serves a document of %q", ErrDocument, from, o.ID)
		}
	}
	if seen.ID != k.ID || seen.Owner != actor.ID {
		return fmt.Errorf("%w: the key %s is not of %s", ErrDocument, k.ID, actor.ID)
	}
	*k = activitypub.PublicKey{ID: k.ID, Owner: actor.ID, PEM: seen.PEM, Multibase: seen.Multibase, Asserts: k.Asserts}
	return nil
}
