package remote

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/postil-blog/postil/activitypub"
)

const profile = "https://www.w3.org/ns/activitystreams"

// Object fetches the Activity Streams document at id, signed. The answer's own id must equal the final URL (one more fetch of
// the id it names is allowed when it differs and is on the same origin), its type one of the two Activity Streams types.
//
// After a redirect to another origin the document that comes back bears another id than the one asked for: use the id that it bears.
// A Tombstone is ErrGone. At most three requests.
func (c *Client) Object(ctx context.Context, id string) (*activitypub.Object, error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	o, err := c.document(ctx, id, &budget{documentRequests})
	if err != nil {
		return nil, err
	}
	if o.Is("Tombstone") {
		return nil, fmt.Errorf("%s: %w", id, ErrGone)
	}
	return o, nil
}

// document gets a document that counts for the address it came from.
func (c *Client) document(ctx context.Context, id string, b *budget) (*activitypub.Object, error) {
	o, from, err := c.read(ctx, id, b)
	if err != nil || o.ID == from {
		return o, err
	}
	// A page address, a key's address, another spelling: the document may only name its true address, where it is read again.
	if !activitypub.SameOrigin(o.ID, from) {
		return nil, fmt.Errorf("%w: %s serves a document of %q", ErrDocument, from, o.ID)
	}
	again, from, err := c.read(ctx, o.ID, b)
	if err != nil {
		return nil, err
	}
	if again.ID != from || again.ID != o.ID {
		return nil, fmt.Errorf("%w: %s serves a document of %q", ErrDocument, from, again.ID)
	}
	return again, nil
}

// read gets one document and the address that it was served at.
func (c *Client) read(ctx context.Context, id string, b *budget) (*activitypub.Object, string, error) {
	a, err := c.get(ctx, query{method: http.MethodGet, url: id, accept: activitypub.AcceptType, limit: activitypub.MaxDocument, signed: c.o.Key.Private != nil}, b)
	if err != nil {
		return nil, "", err
	}
	if err := outcome(a, activitypub.SameOrigin(a.url, id)); err != nil {
		return nil, "", err
	}
	if err := checkType(a.header); err != nil {
		return nil, "", fmt.Errorf("%s: %w", a.url, err)
	}
	o, err := activitypub.Read(a.body)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %s: %w", ErrDocument, a.url, err)
	}
	if u, err := c.address(a.url); err == nil && activitypub.SameOrigin(o.ID, a.url) {
		c.schemes.heedActor(u.Host, o)
	}
	return o, a.url, nil
}

// checkType refuses what is not meant as Activity Streams: a file that somebody uploaded is served as text or plain JSON, and
// must never speak for the server that holds it (CVE-2024-25636).
func checkType(h http.Header) error {
	values := h.Values("Content-Type")
	if len(values) != 1 {
		return fmt.Errorf("%w: %d content types", ErrDocument, len(values))
	}
	if !isActivityStreams(values[0]) {
		return fmt.Errorf("%w: content type %q", ErrDocument, values[0])
	}
	return nil
}

// isActivityStreams knows the two types of ActivityPub §3.2.
func isActivityStreams(contentType string) bool {
	// Some peers forget the quotes without which the profile is no parameter.
	contentType = strings.Replace(contentType, "profile="+profile, `profile="`+profile+`"`, 1)
	t, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch t {
	case "application/activity+json":
		return true
	case "application/ld+json":
		return slices.Contains(strings.Fields(params["profile"]), profile)
	}
	return false
}
