package store

import (
	"context"
	"errors"
	"time"
)

// FromSite is the origin of a post that stands for a page of another site ([[embed.sites]]): no list names it, the ledger alone keeps it.
const FromSite = "site"

// Site is what is known of another site's feed.
type Site struct {
	Feed           string // its address
	ETag, Modified string // as its server gave them
	Begun          bool   // its first list was taken
	Polled         time.Time
	Error          string // of the last look, "" if all was well
}

// Site gives what is known of a feed; a new one is not begun.
func (q queries) Site(ctx context.Context, feed string) (Site, error) {
	scan := func(r row) (s Site, err error) {
		err = r.Scan(&s.Feed, &s.ETag, &s.Modified, &s.Begun, moment{&s.Polled}, &s.Error)
		return s, err
	}
	s, err := one(ctx, q, scan, `SELECT feed, etag, modified, begun, polled, error FROM sites WHERE feed = $1`, feed)
	if errors.Is(err, ErrNotFound) {
		return Site{Feed: feed}, nil
	}
	return s, err
}

// PutSite writes what is known of a feed.
func (tx *Tx) PutSite(ctx context.Context, s Site) error {
	_, err := tx.exec(ctx, `INSERT INTO sites (feed, etag, modified, begun, polled, error) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (feed) DO UPDATE SET
		etag = excluded.etag, modified = excluded.modified, begun = excluded.begun, polled = excluded.polled, error = excluded.error`,
		s.Feed, s.ETag, s.Modified, s.Begun, s.Polled, s.Error)
	return err
}

// SitePage is a page of another site.
type SitePage struct {
	Page    string
	Feed    string
	Post    string    // id of the post that stands for it
	Sum     string    // of what the feed said of it last
	Gone    time.Time // when it answered 410 first; zero: it never did, or is there again
	Remove  bool      // the owner wants it taken back
	Listed  time.Time // when the feed had it last
	Checked time.Time // when the page itself was asked last
}

func scanSitePage(r row) (p SitePage, err error) {
	err = r.Scan(&p.Page, &p.Feed, &p.Post, &p.Sum, moment{&p.Gone}, &p.Remove, moment{&p.Listed}, moment{&p.Checked})
	return p, err
}

const sitePages = `SELECT page, feed, post, sum, gone, remove, listed, checked FROM site_pages `

// SitePage gives a page of another site, or ErrNotFound.
func (q queries) SitePage(ctx context.Context, page string) (SitePage, error) {
	return one(ctx, q, scanSitePage, sitePages+`WHERE page = $1`, page)
}

// SitePages gives the pages that came by a feed.
func (q queries) SitePages(ctx context.Context, feed string) ([]SitePage, error) {
	return all(ctx, q, scanSitePage, sitePages+`WHERE feed = $1 ORDER BY page`, feed)
}

// PutSitePage writes a page.
func (tx *Tx) PutSitePage(ctx context.Context, p SitePage) error {
	_, err := tx.exec(ctx, `INSERT INTO site_pages (page, feed, post, sum, gone, remove, listed, checked) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (page) DO UPDATE SET feed = excluded.feed, sum = excluded.sum, gone = excluded.gone, remove = excluded.remove, listed = excluded.listed,
		checked = excluded.checked`, p.Page, p.Feed, p.Post, p.Sum, p.Gone, p.Remove, p.Listed, p.Checked)
	return err
}
