package remote

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// denied are addresses that the registries call public and that are none for us: 168.63.129.16 answers every Azure machine as
// its host, metadata included.
var denied = []netip.Prefix{netip.MustParsePrefix("168.63.129.16/32")}

// loopback is what Dev lets through besides.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// guardian makes the check of one address about to be dialled. Ports are looked at when the address is read (badPort).
func (o *Options) guardian() *ssrf.Guardian {
	allow := slices.Clone(o.AllowNetworks)
	if o.Dev {
		allow = append(allow, loopback...)
	}
	var v4, v6 []netip.Prefix
	for _, p := range allow {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	return ssrf.New(ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(denied...),
		ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
}

// control is the net.Dialer.Control of the client: it sees the very address that is connected to, after DNS, so neither a name
// nor a second answer of a resolver gets around it.
func (c *Client) control(network, address string, conn syscall.RawConn) error {
	if err := c.guard.Safe(network, address, conn); err != nil {
		return fmt.Errorf("%w: %w", ErrBlocked, err)
	}
	return nil
}

// dial connects to host:port through the guard.
func (c *Client) dial(ctx context.Context, network, hostport string) (net.Conn, error) {
	if c.o.DialHost != nil {
		hostport = c.o.DialHost(hostport)
	}
	if c.o.Dev {
		hostport = devHost(hostport)
	}
	d := net.Dialer{Timeout: dialTimeout, Resolver: c.o.Resolver, Control: c.control}
	return d.DialContext(ctx, network, hostport)
}

// devHost sends localhost and every name below it to 127.0.0.1 (RFC 6761 §6.3), which most resolvers do for the bare name only.
func devHost(hostport string) string {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil || !isLocalhost(host) {
		return hostport
	}
	return net.JoinHostPort("127.0.0.1", port)
}

func isLocalhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// maxAddress is how long an address may be, in bytes.
const maxAddress = 4096

// address reads a URL that a stranger wrote and refuses what we never go to: other schemes than https (Dev: http too), a
// username, an empty host, a zone, a host that is a number in disguise ("0x7f.1", "2130706433"), which some resolvers understand,
// names that are only good inside one network, and ports that other protocols own. The dial guard stands behind all of it.
func (c *Client) address(raw string) (*url.URL, error) {
	if len(raw) > maxAddress {
		return nil, fmt.Errorf("%w: the address has %d bytes", ErrBlocked, len(raw))
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBlocked, err)
	}
	switch {
	case u.Scheme != "https" && !(c.o.Dev && u.Scheme == "http"):
		return nil, fmt.Errorf("%w: %q is no https address", ErrBlocked, raw)
	case u.User != nil, u.Opaque != "", u.Hostname() == "":
		return nil, fmt.Errorf("%w: %q has no plain host", ErrBlocked, raw)
	case strings.ContainsAny(raw, " <>\"\\"), strings.Contains(u.Host, "%"), disguised(u.Hostname()):
		return nil, fmt.Errorf("%w: %q is written oddly", ErrBlocked, raw)
	case c.inside(u.Hostname()):
		return nil, fmt.Errorf("%w: %q is a name for one network", ErrBlocked, raw)
	case badPort(u.Port()):
		return nil, fmt.Errorf("%w: %q has a port of another protocol", ErrBlocked, raw)
	}
	u.Fragment, u.RawFragment = "", ""
	if n := len(u.String()); n > maxAddress { // what escaping adds counts too
		return nil, fmt.Errorf("%w: the address has %d bytes", ErrBlocked, n)
	}
	return u, nil
}

// Reaches tells whether an id is an address that the client would ever ask: https (Dev: http too) and a plain public-looking host. Who
// is behind anything else cannot be known, so the door refuses it before it looks any further.
func (c *Client) Reaches(id string) bool {
	_, err := c.address(id)
	return err == nil
}

// inside tells whether a name means something within one machine or network only (RFC 6761, 7686, 8375 and ICANN's
// .internal). Who has opened a private network to us may have such names in it.
func (c *Client) inside(host string) bool {
	if isLocalhost(host) {
		return !c.o.Dev
	}
	host = "." + strings.ToLower(strings.TrimSuffix(host, "."))
	return len(c.o.AllowNetworks) == 0 && slices.ContainsFunc([]string{".internal", ".home.arpa", ".onion"}, func(end string) bool {
		return strings.HasSuffix(host, end)
	})
}

// badPort refuses ports that other protocols own: an HTTP request can be a command there. Honest peers sit on 443, 80 and high
// ports; the high ones refused are the rest of the "bad ports" of the Fetch standard.
func badPort(port string) bool {
	if port == "" {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return true
	}
	high := []uint64{1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
	return n < 1024 && n != 80 && n != 443 || slices.Contains(high, n)
}

// disguised tells whether a host ends in a number (WHATWG URL, "ends in a number checker") without being a plain IP address.
func disguised(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	host = strings.TrimSuffix(host, ".")
	last := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	digits := "0123456789"
	if rest, ok := strings.CutPrefix(last, "0x"); ok {
		last, digits = rest, digits+"abcdef"
	}
	return strings.Trim(last, digits) == ""
}
