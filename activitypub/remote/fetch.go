package remote

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/postil-blog/postil/activitypub/signature"
)

// Requests that one call may make: redirects, second knocks and second documents together. Documents are asked for because of
// what strangers send us, so they get fewer: a chain of redirects must not make us work.
const (
	documentRequests = 3
	fileRequests     = 4 // one and three redirects
)

// query is one thing to get.
type query struct {
	method string
	url    string
	accept string
	limit  int64 // bytes of the body after decoding
	cut    bool  // a larger body is cut off there and not refused
	signed bool
	header http.Header // further members of the request
}

// answer is what came, in the end.
type answer struct {
	url    string // the address that answered, as it was written: an id is compared with it byte by byte
	status int
	header http.Header
	body   []byte
}

// budget counts down the requests of one call.
type budget struct{ left int }

func (b *budget) spend(url string) error {
	if b.left <= 0 {
		return fmt.Errorf("%w: %s takes too many requests", ErrDocument, url)
	}
	b.left--
	return nil
}

// get follows redirects while the budget lasts; each hop is checked, dialled through the guard and signed like the first.
func (c *Client) get(ctx context.Context, q query, b *budget) (answer, error) {
	for {
		a, err := c.ask(ctx, q, b)
		if err != nil {
			return a, err
		}
		next, err := location(a)
		if err != nil || next == "" {
			return a, err
		}
		q.url = next
	}
}

// location gives where an answer sends us, "" if it is final.
func location(a answer) (string, error) {
	switch a.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return "", nil
	}
	l := a.header.Get("Location")
	if l == "" {
		return "", fmt.Errorf("%w: %s redirects to nowhere", ErrDocument, a.url)
	}
	base := http.Response{Header: a.header}
	req, err := http.NewRequest(http.MethodGet, a.url, nil)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrDocument, err)
	}
	base.Request = req
	u, err := base.Location()
	if err != nil {
		return "", fmt.Errorf("%w: %s redirects to %q", ErrDocument, a.url, l)
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String(), nil
}

// knock asks once, and once more with the other signature where the first may not have been understood: after 404 and 410 only of
// a stranger, since they mostly mean what they say (see Frugal).
func (c *Client) knock(ctx context.Context, q query, b *budget) (answer, error) {
	u, err := c.address(q.url)
	if err != nil {
		return answer{}, err
	}
	first, known := c.schemes.of(u.Host)
	a, err := c.once(ctx, q, first, b)
	if err != nil || !q.signed {
		return a, err
	}
	if !unsure(a.status) {
		c.schemes.took(u.Host, first)
		return a, nil
	}
	missing := a.status == http.StatusNotFound || a.status == http.StatusGone
	if b.left == 0 || missing && (known || ctx.Value(frugal{}) != nil) {
		return a, nil
	}
	second, err := c.once(ctx, q, other(first), b)
	if err != nil || unsure(second.status) {
		if missing { // both ways: so it is not the signature, and the next 404 is believed
			c.schemes.took(u.Host, first)
		}
		return a, nil
	}
	c.schemes.worked(u.Host, other(first))
	return second, nil
}

// once makes one request.
func (c *Client) once(ctx context.Context, q query, scheme signature.Scheme, b *budget) (answer, error) {
	if err := b.spend(q.url); err != nil {
		return answer{}, err
	}
	r, err := c.request(ctx, q.method, q.url, nil)
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Accept", q.accept)
	maps.Copy(r.Header, q.header)
	if q.signed {
		if err := signature.Sign(r, nil, c.o.Key, scheme, c.o.Now()); err != nil {
			return answer{}, fmt.Errorf("signing a request to %s: %w", r.URL.Host, err)
		}
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return answer{}, fmt.Errorf("fetching: %w", err)
	}
	defer resp.Body.Close()
	if q.signed {
		c.schemes.heed(r.URL.Host, resp.Header)
	}
	a := answer{url: strings.SplitN(q.url, "#", 2)[0], status: resp.StatusCode, header: resp.Header}
	if a.status != http.StatusOK {
		// Only the status counts. A short body is read all the same, so that the connection can be used again.
		_, _ = io.CopyN(io.Discard, resp.Body, 4<<10)
		return a, nil
	}
	if q.cut {
		a.body, err = io.ReadAll(io.LimitReader(resp.Body, q.limit))
	} else {
		a.body, err = readBody(resp.Body, q.limit)
	}
	if err != nil {
		return a, fmt.Errorf("reading %s: %w", q.url, err)
	}
	return a, nil
}

// request makes a request with the headers that all of ours have.
func (c *Client) request(ctx context.Context, method, url string, body io.Reader) (*http.Request, error) {
	u, err := c.address(url)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBlocked, err)
	}
	r.Header.Set("User-Agent", c.o.UserAgent)
	return r, nil
}

// readBody reads at most limit bytes, counted after decompression, and refuses a body that has more.
func readBody(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrDocument, limit)
	}
	return body, nil
}

// outcome turns a final status into the error that callers branch on. What another origin says after a redirect is no proof that
// the thing asked for is gone.
func outcome(a answer, sameOrigin bool) error {
	switch {
	case a.status == http.StatusOK:
		return nil
	case a.status == http.StatusGone && sameOrigin:
		return fmt.Errorf("%s: %w", a.url, ErrGone)
	case a.status == http.StatusNotFound && sameOrigin:
		return fmt.Errorf("%s: %w", a.url, ErrNotFound)
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
		return fmt.Errorf("%s: %w with %d", a.url, ErrRefused, a.status)
	}
	return fmt.Errorf("%s answers %d", a.url, a.status)
}
