package remote

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// visitRequests bounds the requests of one visit: its redirects, and GET where HEAD is refused.
const visitRequests = 8

// Visit is how a web page answers.
type Visit struct {
	Status int
	URL    string // the address that answered in the end
	// Moved is that address where every redirect on the way says that it is for good (301, 308); "" otherwise.
	Moved string
}

// Visit asks a web page whether it is there: HEAD, then GET where HEAD is refused. Unlike everything else here it also goes to http
// addresses, since it neither sends nor believes anything; the address guard is the same. The body is not read.
func (c *Client) Visit(ctx context.Context, url string) (Visit, error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	v, method, forGood := Visit{URL: url}, http.MethodHead, true
	for range visitRequests {
		a, err := c.glance(ctx, method, v.URL)
		if err != nil {
			return v, err
		}
		next, err := location(a)
		switch {
		case err != nil:
			return v, err
		case next != "":
			forGood = forGood && (a.status == http.StatusMovedPermanently || a.status == http.StatusPermanentRedirect)
			v.URL = next
		case a.status >= 400 && method == http.MethodHead:
			method = http.MethodGet
		default:
			if v.Status = a.status; forGood && v.URL != url {
				v.Moved = v.URL
			}
			return v, nil
		}
	}
	return v, fmt.Errorf("%w: %s redirects without end", ErrDocument, url)
}

// glance makes one request and looks at the head of its answer.
func (c *Client) glance(ctx context.Context, method, url string) (answer, error) {
	safe, plain := url, false
	if rest, ok := strings.CutPrefix(url, "http://"); ok {
		safe, plain = "https://"+rest, true
	}
	r, err := c.request(ctx, method, safe, nil)
	if err != nil {
		return answer{}, err
	}
	if plain {
		r.URL.Scheme = "http"
	}
	r.Header.Set("Accept", "text/html, */*;q=0.5")
	resp, err := c.http.Do(r)
	if err != nil {
		return answer{}, fmt.Errorf("fetching: %w", err)
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // a short one is read to its end, so that the connection can be used again
	resp.Body.Close()
	return answer{url: url, status: resp.StatusCode, header: resp.Header}, nil
}
