package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/feed"
	"github.com/postil-blog/postil/store"
)

// maxSitemaps is how many sitemaps of an index are read. An index in an index is not: sitemaps.org knows none.
const maxSitemaps = 20

// indexed begins what is kept in the place of an ETag of a site whose list is an index: a sum of all that its sitemaps say. An index may stay the same
// while they change, so it is asked for without conditions.
const indexed = "index "

// list fetches what a site lists of its pages, all sitemaps of an index together. changed is false where it says what it said before. What a look is
// remembered by goes into known.
func (o *Outbox) list(ctx context.Context, address string, known *store.Site) (entries []feed.Entry, changed bool, err error) {
	etag, modified := known.ETag, known.Modified
	if strings.HasPrefix(etag, indexed) {
		etag, modified = "", ""
	}
	f, changed, err := o.o.Client.Feed(ctx, address, maxFeed, etag, modified)
	if err != nil || !changed {
		return nil, false, err
	}
	maps, index := feed.Sitemaps(f.Body, f.URL)
	if !index {
		known.ETag, known.Modified = f.Header.Get("ETag"), f.Header.Get("Last-Modified")
		entries, err = feed.Read(f.Body, f.URL)
		return entries, true, err
	}
	if entries, err = o.sitemaps(ctx, f.URL, maps, known); err != nil {
		return nil, false, err
	}
	sum := sumOfList(entries)
	changed = sum != known.ETag
	known.ETag, known.Modified = sum, ""
	return entries, changed, nil
}

// sitemaps reads those of an index that lie on its own origin. One that is not there is left out; another fault ends the look: what is not read today
// must not look new tomorrow.
func (o *Outbox) sitemaps(ctx context.Context, index string, maps []string, known *store.Site) (all []feed.Entry, err error) {
	read := 0
	for _, m := range maps {
		if !activitypub.SameOrigin(m, index) {
			continue
		}
		if read++; read > maxSitemaps || len(all) >= feed.MaxEntries {
			known.Error = fmt.Sprintf("of the %d sitemaps that the index lists, the first %d are read", len(maps), read-1)
			break
		}
		f, _, err := o.o.Client.Feed(ctx, m, maxFeed, "", "")
		if errors.Is(err, remote.ErrNotFound) || errors.Is(err, remote.ErrGone) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the sitemap %s: %w", m, err)
		}
		entries, err := feed.Read(f.Body, f.URL)
		if err != nil {
			return nil, fmt.Errorf("reading the sitemap %s: %w", m, err)
		}
		all = append(all, entries...)
	}
	return all[:min(len(all), feed.MaxEntries)], nil
}

// sumOfList tells one state of a list from another.
func sumOfList(entries []feed.Entry) string {
	h := sha256.New()
	for _, e := range entries {
		io.WriteString(h, e.URL+"\x00"+sumOfEntry(e)+"\n")
	}
	return indexed + hex.EncodeToString(h.Sum(nil))
}
