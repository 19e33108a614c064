// Package webmention reads pages of strangers for the W3C's Webmention (https://www.w3.org/TR/webmention/): where a page takes mentions
// (endpoint.go), what a page links to (links.go), and what it says of another one, by microformats2 (mention.go). Bytes come in; words, addresses
// and times go out.
//
// It opens no connection and knows no blog: what it gives are claims of whoever wrote the page, and nothing here is fit for a page of ours before
// activitypub.ParseHTML or ParseText has made a tree of it.
//
// It builds a small tree of its own instead of calling html.Parse, because the repairs that the HTML standard asks for copy elements: a page
// of one megabyte can be made to have tens of millions (tree.go).
package webmention

import (
	"net/url"
	"strings"
)

// resolve gives the absolute http(s) address of a link, "" where it has none. base is the page's.
func resolve(base *url.URL, href string) string {
	u, err := base.Parse(strings.TrimSpace(href))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.String()
}

// document is a page with the address that its links are relative to.
type document struct {
	root *node
	base *url.URL
	body []byte
}

// read makes a document of a page; ok is false where its address is none.
func read(body []byte, page string) (d document, ok bool) {
	base, err := url.Parse(page)
	if err != nil || base.Host == "" {
		return d, false
	}
	d = document{root: parse(body), base: base, body: body}
	d.root.walk(func(n *node) bool {
		href, has := n.attr["href"]
		if n.tag != "base" || !has {
			return true
		}
		if u, err := base.Parse(strings.TrimSpace(href)); err == nil && u.Host != "" {
			d.base = u
		}
		return false
	})
	return d, true
}

// address resolves a link of the page.
func (d document) address(href string) string { return resolve(d.base, href) }
