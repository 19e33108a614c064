package signature

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// origin is a scheme://host[:port] in the spelling that signatures use: lower case, without the default port.
type origin struct{ scheme, host string }

func (o origin) String() string { return o.scheme + "://" + o.host }

func parseOrigin(s string) (origin, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return origin{}, fmt.Errorf("checking a signature: %q is not an origin", s)
	}
	return origin{u.Scheme, withoutDefaultPort(u.Scheme, u.Host)}, nil
}

// withoutDefaultPort writes a host as RFC 9421 §2.2.3 wants it.
func withoutDefaultPort(scheme, host string) string {
	host = strings.ToLower(host)
	switch scheme {
	case "https":
		return strings.TrimSuffix(host, ":443")
	case "http":
		return strings.TrimSuffix(host, ":80")
	}
	return host
}

// target gives path and query of a request as they stand on the wire: never decoded, because what is signed is the spelling.
func target(r *http.Request) (path, query string, hasQuery bool) {
	if strings.HasPrefix(r.RequestURI, "/") {
		return strings.Cut(r.RequestURI, "?")
	}
	path = r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	return path, r.URL.RawQuery, r.URL.RawQuery != "" || r.URL.ForceQuery
}

// requestTarget joins path and query again.
func requestTarget(r *http.Request) string {
	path, query, hasQuery := target(r)
	if hasQuery {
		return path + "?" + query
	}
	return path
}
