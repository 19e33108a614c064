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
	status, _, err = c.Ask(ctx, url, token)
	return status, err
}

// maxReport bounds what the daemon answers to Ask, in bytes.
const maxReport = 1 << 20

// Ask is Command with the answer's body, at most 1 MiB of it.
func (c *Client) Ask(ctx context.Context, url, token string) (status int, body []byte, err error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	r, err := c.request(ctx, http.MethodPost, url, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("telling inboxd: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := c.http.Do(r)
	if err != nil {
		return 0, nil, fmt.Errorf("telling inboxd: %w", err)
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(io.LimitReader(resp.Body, maxReport)); err != nil {
		return 0, nil, fmt.Errorf("telling inboxd: %w", err)
	}
	return resp.StatusCode, body, nil
}
