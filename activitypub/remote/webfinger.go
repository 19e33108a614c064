package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/postil-blog/postil/activitypub"
)

// Resource is a WebFinger answer.
type Resource struct {
	Subject string         `json:"subject"`
	Aliases []string       `json:"aliases"`
	Links   []ResourceLink `json:"links"`
}

// ResourceLink is one link of a Resource.
type ResourceLink struct {
	Rel      string `json:"rel"`
	Type     string `json:"type"`
	Href     string `json:"href"`
	Template string `json:"template"`
}

// Self gives the href of the Activity Streams self link, "" if there is none.
func (r *Resource) Self() string {
	for _, l := range r.Links {
		if strings.EqualFold(l.Rel, "self") && isActivityStreams(l.Type) {
			return l.Href
		}
	}
	return ""
}

// WebFinger looks up "user@host" (RFC 7033); a leading "@" or "acct:" may stand before it. Where the answer's subject is another
// account, that account's own host must agree (a handle on the bare domain, the server on another: Mastodon's split domains).
func (c *Client) WebFinger(ctx context.Context, acct string) (*Resource, error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	acct = trimAccount(acct)
	r, err := c.finger(ctx, acct)
	if err != nil {
		return nil, err
	}
	subject, isAccount := strings.CutPrefix(r.Subject, "acct:")
	if !isAccount {
		return nil, fmt.Errorf("%w: WebFinger of %s has the subject %q", ErrDocument, acct, r.Subject)
	}
	if strings.EqualFold(subject, acct) {
		return r, nil
	}
	own, err := c.finger(ctx, subject)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(own.Subject, r.Subject) {
		return nil, fmt.Errorf("%w: WebFinger of %s leads to %s and on to %q", ErrDocument, acct, r.Subject, own.Subject)
	}
	return own, nil
}

func trimAccount(acct string) string {
	acct = strings.TrimPrefix(strings.TrimSpace(acct), "acct:")
	return strings.TrimPrefix(acct, "@")
}

// finger asks one host about one of its accounts.
func (c *Client) finger(ctx context.Context, acct string) (*Resource, error) {
	user, host, ok := strings.Cut(acct, "@")
	if !ok || user == "" || host == "" || strings.ContainsAny(acct, "/?#\\ ") || strings.Contains(host, "@") {
		return nil, fmt.Errorf("%w: %q is not user@host", ErrDocument, acct)
	}
	u := url.URL{Scheme: c.scheme(host), Host: host, Path: "/.well-known/webfinger",
		RawQuery: url.Values{"resource": {"acct:" + acct}}.Encode()}
	b := &budget{fileRequests}
	r, err := c.resource(ctx, u.String(), b)
	if !errors.Is(err, ErrNotFound) {
		return r, err
	}
	// Not here: perhaps the host says where.
	at, metaErr := c.hostMeta(ctx, host, "acct:"+acct, b)
	if metaErr != nil || at == u.String() {
		return nil, err
	}
	return c.resource(ctx, at, b)
}

// resource reads one WebFinger answer.
func (c *Client) resource(ctx context.Context, at string, b *budget) (*Resource, error) {
	a, err := c.get(ctx, query{method: http.MethodGet, url: at, accept: "application/jrd+json, application/json", limit: 256 << 10}, b)
	if err != nil {
		return nil, err
	}
	if err := outcome(a, activitypub.SameOrigin(a.url, at)); err != nil {
		return nil, err
	}
	if t, _, _ := mime.ParseMediaType(a.header.Get("Content-Type")); t != "application/json" && !strings.HasSuffix(t, "+json") {
		return nil, fmt.Errorf("%w: %s has content type %q", ErrDocument, a.url, a.header.Get("Content-Type"))
	}
	var r Resource
	if err := json.Unmarshal(a.body, &r); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDocument, a.url, err)
	}
	return &r, nil
}

// scheme is https, and http in Dev for a host on this machine.
func (c *Client) scheme(host string) string {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip, err := netip.ParseAddr(strings.Trim(name, "[]"))
	if c.o.Dev && (isLocalhost(name) || err == nil && ip.IsLoopback()) {
		return "http"
	}
	return "https"
}
