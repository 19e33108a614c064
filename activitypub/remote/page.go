package remote

import (
	"context"
	"net/http"

	"github.com/postil-blog/postil/activitypub"
)

// Picture fetches an image of at most limit bytes; its type is told by the caller from the bytes.
func (c *Client) Picture(ctx context.Context, url string, limit int64) ([]byte, error) {
	return c.file(ctx, query{method: http.MethodGet, url: url, accept: "image/webp, image/png, image/jpeg, image/gif", limit: limit})
}

// File fetches a file of the blog's own site over https, for a daemon that does not see the output folder.
func (c *Client) File(ctx context.Context, url string, limit int64) ([]byte, error) {
	return c.file(ctx, query{method: http.MethodGet, url: url, accept: "*/*", limit: limit})
}

// Page tells whether an HTML page answers 200 (HEAD, then GET where HEAD is refused).
func (c *Client) Page(ctx context.Context, url string) error {
	q := query{method: http.MethodHead, url: url, accept: "text/html", limit: 8 << 20}
	_, err := c.file(ctx, q)
	if err == nil {
		return nil
	}
	q.method = http.MethodGet
	_, err = c.file(ctx, q)
	return err
}

// file gets a file that is public and says nothing about anybody, so it is not signed.
func (c *Client) file(ctx context.Context, q query) ([]byte, error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	a, err := c.get(ctx, q, &budget{fileRequests})
	if err != nil {
		return nil, err
	}
	return a.body, outcome(a, activitypub.SameOrigin(a.url, q.url))
}
