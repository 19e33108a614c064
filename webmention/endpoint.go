package webmention

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// rel is the relation by which a page names its endpoint.
const rel = "webmention"

// Endpoint finds where a page takes mentions (§3.1.2): the first Link header with the relation, else the first <link> or <a> in the
// order of the page. page is the address that answered, after all redirects. "" where there is none.
func Endpoint(h http.Header, body []byte, page string) string {
	base, err := url.Parse(page)
	if err != nil {
		return ""
	}
	for _, l := range linkHeader(h) {
		if names(l.rel) {
			if u := resolve(base, l.href); u != "" {
				return u
			}
		}
	}
	d, ok := read(body, page)
	if !ok {
		return ""
	}
	found := ""
	d.root.walk(func(n *node) bool {
		href, has := n.attr["href"]
		if has && (n.tag == "link" || n.tag == "a") && names(n.attr["rel"]) { // an empty href is the page itself
			found = d.address(href)
		}
		return found == ""
	})
	return found
}

func names(rels string) bool {
	return slices.Contains(strings.Fields(strings.ToLower(rels)), rel)
}

// headerLink is one link of a Link header (RFC 8288).
type headerLink struct{ href, rel string }

// linkHeader reads all Link headers. What it cannot read it leaves out.
func linkHeader(h http.Header) (list []headerLink) {
	for _, v := range h.Values("Link") {
		for _, part := range outside(v, ',') {
			href, rest, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(part), "<"), ">")
			if !ok {
				continue
			}
			l := headerLink{href: href}
			for _, param := range outside(rest, ';') {
				key, value, _ := strings.Cut(param, "=")
				if strings.EqualFold(strings.TrimSpace(key), "rel") && l.rel == "" {
					l.rel = strings.Trim(strings.TrimSpace(value), `"`)
				}
			}
			list = append(list, l)
		}
	}
	return list
}

// outside splits a header at a sign that stands neither in quotes nor in an address.
func outside(s string, sep byte) (parts []string) {
	start, quoted, address := 0, false, false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' && !address:
			quoted = !quoted
		case c == '<' && !quoted:
			address = true
		case c == '>' && !quoted:
			address = false
		case c == sep && !quoted && !address:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}
