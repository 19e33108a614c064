package activitypub

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// maxID is the longest id we keep, in bytes: the shortest index entry of the databases we store ids in is 2,700 bytes.
const maxID = 2048

// SameOrigin tells whether two ids are http(s) URLs of the same scheme, host and port. It fails closed: userinfo, an empty host, a
// trailing dot, an unreadable URL or an IDN that is not in its one canonical form make it false.
func SameOrigin(a, b string) bool {
	x, y := Origin(a), Origin(b)
	return x != "" && x == y
}

// Origin gives "scheme://host:port" of an http(s) URL in one spelling, "" for everything that SameOrigin finds like nothing.
func Origin(id string) string {
	u, err := url.Parse(id)
	if err != nil || u.User != nil || u.Opaque != "" {
		return ""
	}
	port := u.Port()
	switch {
	case u.Scheme != "http" && u.Scheme != "https", strings.HasSuffix(u.Host, ":"):
		return ""
	case port == "" && u.Scheme == "http":
		port = "80"
	case port == "" && u.Scheme == "https":
		port = "443"
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || strconv.FormatUint(n, 10) != port {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	if !canonicalHost(host) {
		return ""
	}
	return u.Scheme + "://" + host + ":" + port
}

// labels is how we read the labels of internationalised names: as a browser does, and checked.
var labels = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false), idna.ValidateLabels(true))

// canonicalHost tells whether a lower-case host is written in the one way that we compare: an IP address in its shortest
// form, or a name in ASCII without empty labels whose xn-- labels are what their Unicode form encodes to.
func canonicalHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.String() == host && ip.Zone() == ""
	}
	if host == "" || len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	if !strings.Contains(host, "xn--") {
		return true
	}
	ascii, err := labels.ToASCII(host)
	return err == nil && ascii == host
}

// validID gives s back when it can be an id: an absolute URI without spaces and control characters, with a host where its scheme
// has one, and not too long; else "".
func validID(s string) string {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || rest == "" || len(s) > maxID {
		return ""
	}
	if strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7F || r == 0xFFFD }) >= 0 {
		return ""
	}
	if strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https") {
		if u, err := url.Parse(s); err != nil || u.Hostname() == "" {
			return ""
		}
		return s
	}
	if strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+-.") != "" {
		return ""
	}
	return s
}

// webURL gives the one spelling in which we put a remote address into a page: absolute, http(s), a host in ASCII, no userinfo
// (it is there to mislead), everything escaped that an HTML or text reader could stumble over. Else "".
func webURL(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || len(s) > maxID {
		return ""
	}
	host, err := webHost(u.Hostname())
	if err != nil || host == "" {
		return ""
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	u.Host = host
	u.RawQuery = escapeQuery(u.RawQuery)
	out := strings.ReplaceAll(u.String(), "'", "%27") // net/url lets it stand in paths and fragments
	if len(out) > maxID || Origin(out) == "" {        // another scheme, a name before the @, a port that there is none of
		return ""
	}
	return out
}

func webHost(host string) (string, error) {
	host = strings.ToLower(host)
	if canonicalHost(host) {
		return host, nil
	}
	ascii, err := labels.ToASCII(host)
	if err != nil || !canonicalHost(ascii) {
		return "", fmt.Errorf("%q is not a host", host)
	}
	return ascii, nil
}

// escapeQuery escapes what net/url lets stand in a query: quotes, brackets, backslashes, spaces and everything outside ASCII.
func escapeQuery(q string) string {
	var b strings.Builder
	for i := range len(q) {
		if c := q[i]; c > ' ' && c < 0x7F && strings.IndexByte("\"'<>`\\", c) < 0 {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:]))
		}
	}
	return b.String()
}
