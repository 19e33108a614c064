package remote

import (
	"context"
	"encoding/xml"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/postil-blog/postil/activitypub"
)

// maxHostMeta is how large a host-meta document may be, in bytes.
const maxHostMeta = 64 << 10

// hostMeta asks a host where it answers WebFinger (RFC 6415 §3.1): some have it elsewhere than at /.well-known/webfinger. It gives the
// address to ask about resource.
func (c *Client) hostMeta(ctx context.Context, host, resource string, b *budget) (string, error) {
	u := url.URL{Scheme: c.scheme(host), Host: host, Path: "/.well-known/host-meta"}
	a, err := c.get(ctx, query{method: http.MethodGet, url: u.String(), accept: "application/xrd+xml", limit: maxHostMeta}, b)
	if err != nil {
		return "", err
	}
	if err := outcome(a, activitypub.SameOrigin(a.url, u.String())); err != nil {
		return "", err
	}
	if t, _, _ := mime.ParseMediaType(a.header.Get("Content-Type")); t != "application/xrd+xml" && t != "application/xml" && t != "text/xml" {
		return "", fmt.Errorf("%w: %s has content type %q", ErrDocument, a.url, a.header.Get("Content-Type"))
	}
	template, err := lrdd(a.body)
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrDocument, a.url, err)
	}
	return strings.ReplaceAll(template, "{uri}", url.QueryEscape(resource)), nil
}

// lrdd gives the template of the first link of that relation which has a place for the resource.
func lrdd(data []byte) (string, error) {
	var doc struct {
		Link []struct {
			Rel      string `xml:"rel,attr"`
			Template string `xml:"template,attr"`
		}
	}
	if err := xml.Unmarshal(data, &doc); err != nil {
		return "", err
	}
	for _, l := range doc.Link {
		if strings.EqualFold(l.Rel, "lrdd") && strings.Contains(l.Template, "{uri}") {
			return l.Template, nil
		}
	}
	return "", fmt.Errorf("no lrdd template")
}
