package embed

import (
	"math"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"github.com/postil-blog/postil/activitypub"
)

// plain is text for a member that is no HTML, and that widgets put into markup all the same: the signs that could end a text or an
// attribute there become their typographic relatives.
func plain(s string) string { return harmless.Replace(s) }

var harmless = strings.NewReplacer("<", "‹", ">", "›", `"`, "”", "'", "’", "`", "’", "\x00", "\uFFFD")

// address is a URL for such a member: of the web, one that browsers parse, and with nothing in it that could end an attribute; else "".
func address(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || !hosted(u) {
		return ""
	}
	return quoted.Replace(s)
}

// hosted tells whether a URL has a host and a port that browsers take (https://url.spec.whatwg.org/#host-parsing): "new URL" throws for all else, and
// with it goes the widget that did not expect it. It is stricter than that standard.
func hosted(u *url.URL) bool {
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n > math.MaxUint16 {
			return false
		}
	}
	host := strings.TrimSuffix(u.Hostname(), ".")
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" || '0' <= last[0] && last[0] <= '9' { // it would be read as a number of IPv4
		return false
	}
	ascii, err := idna.Lookup.ToASCII(strings.ReplaceAll(host, "_", "-"))
	return err == nil && ascii != ""
}

var quoted = strings.NewReplacer("<", "%3C", ">", "%3E", `"`, "%22", "'", "%27", "`", "%60", " ", "%20", "\t", "%09", "\\", "%5C")

// spelled is a tree with its custom emoji as their names, and the emoji that it names.
func spelled(t activitypub.Tree) (activitypub.Tree, []emoji) {
	return t.Spelled(), emojiOf(t, nil)
}

func emojiOf(t activitypub.Tree, list []emoji) []emoji {
	for _, n := range t {
		if src := address(n.Attr["src"]); n.Tag == "emoji" && n.Attr["own"] != "" && src != "" {
			list = append(list, emoji{strings.Trim(plain(n.Attr["name"]), ":"), src, src, false})
		}
		list = emojiOf(n.Children, list)
	}
	return list
}
