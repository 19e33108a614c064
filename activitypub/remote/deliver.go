package remote

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// refusalText is how much of a refusal is kept for the blogger to read, in bytes.
const refusalText = 500

// Result is how a delivery ended. Status 0 means that no answer came: Err says why (transport, TLS, DNS, blocked address).
type Result struct {
	Status     int
	RetryAfter time.Duration // 0 when the answer has none
	Body       string        // the first 500 bytes of a refusal, as text
	Err        error
}

// Deliver posts body, signed afresh with key, to inbox: draft-cavage first to strangers, RFC 9421 to hosts that said they read it, the
// other scheme once more on 400/401/403/404/410, what worked remembered per host. Redirects are not followed. Time limit 10 s.
func (c *Client) Deliver(ctx context.Context, inbox string, body []byte, key signature.Key) Result {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	u, err := c.address(inbox)
	if err != nil {
		return Result{Err: fmt.Errorf("delivering: %w", err)}
	}
	scheme, _ := c.schemes.of(u.Host)
	first := c.post(ctx, inbox, body, key, scheme)
	if delivered(first) {
		c.schemes.took(u.Host, scheme)
	}
	if !unsure(first.Status) {
		return first
	}
	second := c.post(ctx, inbox, body, key, other(scheme))
	if !delivered(second) {
		// The answer to the scheme that the host is thought to know tells more.
		return first
	}
	c.schemes.worked(u.Host, other(scheme))
	return second
}

func delivered(r Result) bool { return r.Status >= 200 && r.Status < 300 }

// unsure are the answers that may mean no more than "I cannot read this signature": peers differ (Threads says 404).
func unsure(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return true
	}
	return false
}

// post sends once.
func (c *Client) post(ctx context.Context, inbox string, body []byte, key signature.Key, scheme signature.Scheme) Result {
	r, err := c.request(ctx, http.MethodPost, inbox, bytes.NewReader(body))
	if err != nil {
		return Result{Err: fmt.Errorf("delivering: %w", err)}
	}
	r.Header.Set("Content-Type", activitypub.ContentType)
	if err := signature.Sign(r, body, key, scheme, c.o.Now()); err != nil {
		return Result{Err: fmt.Errorf("signing a delivery to %s: %w", r.URL.Host, err)}
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return Result{Err: fmt.Errorf("delivering: %w", err)}
	}
	defer resp.Body.Close()
	c.schemes.heed(r.URL.Host, resp.Header)
	// Reading a little more than is kept lets the connection be used again; a body that goes on is cut off with it.
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 8*refusalText))
	result := Result{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), c.o.Now())}
	if !delivered(result) {
		result.Body = plain(text)
	}
	return result
}

// plain makes a refusal fit for a log line and a page: valid UTF-8 without control characters, cut at refusalText bytes.
func plain(text []byte) string {
	if len(text) > refusalText {
		text = text[:refusalText]
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(text), "")))
}
