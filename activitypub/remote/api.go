package remote

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// Command posts an empty body with a bearer token to the API of the blog's own daemon (publish, after it has published) and
// gives the status of the answer. Redirects are not followed: the token is for this address alone.
func (c *Client) Command(ctx context.Context, url, token string) (status int, err error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	r, err := c.request(ctx, http.MethodPost, url, nil)
	if err != nil {
		return 0, fmt.Errorf("telling inboxd: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := c.http.Do(r)
	if err != nil {
		return 0, fmt.Errorf("telling inboxd: %w", err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, refusalText))
	return resp.StatusCode, nil
}
