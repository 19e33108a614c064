package remote

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/postil-blog/postil/activitypub"
)

// WebPage is a page of the web with the address that answered in the end.
type WebPage struct {
	URL    string
	Header http.Header
	Body   []byte
}

// HTML tells whether a page says that it is HTML.
func (p WebPage) HTML() bool {
	kind, _, _ := strings.Cut(strings.ToLower(p.Header.Get("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	return kind == "text/html" || kind == "application/xhtml+xml"
}

// Web fetches a page that anybody can read, unsigned, with at most three redirects. Of one larger than limit bytes only the beginning comes where
// cut is set; else it is ErrDocument. ErrGone and ErrNotFound come of the page's own origin alone.
func (c *Client) Web(ctx context.Context, address string, limit int64, cut bool) (WebPage, error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	q := query{method: http.MethodGet, url: address, accept: "text/html, application/xhtml+xml;q=0.9, */*;q=0.1", limit: limit, cut: cut}
	a, err := c.get(ctx, q, &budget{fileRequests})
	if err != nil {
		return WebPage{}, err
	}
	return WebPage{a.url, a.header, a.body}, outcome(a, activitypub.SameOrigin(a.url, address))
}

// Mention tells an endpoint that source mentions target (https://www.w3.org/TR/webmention/ §3.1.3). No redirect is followed: discovery has.
func (c *Client) Mention(ctx context.Context, endpoint, source, target string) Result {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	form := url.Values{"source": {source}, "target": {target}}.Encode()
	r, err := c.request(ctx, http.MethodPost, endpoint, strings.NewReader(form))
	if err != nil {
		return Result{Err: fmt.Errorf("mentioning: %w", err)}
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.http.Do(r)
	if err != nil {
		return Result{Err: fmt.Errorf("mentioning: %w", err)}
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 8*refusalText))
	result := Result{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), c.o.Now())}
	if !delivered(result) {
		result.Body = plain(text)
	}
	return result
}

// Feed fetches a list of a site's pages, unsigned. With an etag or a time (Last-Modified, as its server wrote it) it is asked for only where it changed: else
// changed is false.
func (c *Client) Feed(ctx context.Context, address string, limit int64, etag, modified string) (p WebPage, changed bool, err error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	h := http.Header{}
	if etag != "" {
		h.Set("If-None-Match", etag)
	}
	if modified != "" {
		h.Set("If-Modified-Since", modified)
	}
	const accept = "application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
	a, err := c.get(ctx, query{method: http.MethodGet, url: address, accept: accept, limit: limit, header: h}, &budget{fileRequests})
	if err != nil {
		return WebPage{}, false, err
	}
	if a.status == http.StatusNotModified && len(h) > 0 {
		return WebPage{}, false, nil
	}
	return WebPage{a.url, a.header, a.body}, true, outcome(a, activitypub.SameOrigin(a.url, address))
}
