package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

// profilePage is the link relation of an account's page for people.
const profilePage = "http://webfinger.net/rel/profile-page"

// resolver finds the accounts that posts mention, by WebFinger. No key is needed for that: nothing is signed.
func resolver(c *site.Config) func(ctx context.Context, handle string) (publisher.Mentioned, error) {
	from := client(c)
	return func(ctx context.Context, handle string) (publisher.Mentioned, error) {
		r, err := from.WebFinger(ctx, handle)
		if err != nil {
			return publisher.Mentioned{}, fmt.Errorf("looking up @%s: %w", handle, err)
		}
		m := publisher.Mentioned{ID: r.Self(), URL: r.Self(), Handle: strings.TrimPrefix(r.Subject, "acct:")}
		if m.ID == "" {
			return m, fmt.Errorf("looking up @%s: it has no Activity Streams actor", handle)
		}
		for _, l := range r.Links {
			// A page elsewhere would let one server put links to another under its account's name.
			if l.Rel == profilePage && activitypub.SameOrigin(l.Href, m.ID) {
				m.URL = l.Href
			}
		}
		return m, nil
	}
}
