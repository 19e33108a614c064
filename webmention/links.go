package webmention

import "slices"

// MaxLinks bounds what Links gives.
const MaxLinks = 100

// Links gives the addresses that a page's own words link to, each once, in their order: those in the content of its first h-entry and those that
// say what the entry answers or likes. A page without an h-entry, or a piece of one, is all content. Links to people (class "mention") are none.
func Links(body []byte, page string) (list []string) {
	d, ok := read(body, page)
	if !ok {
		return nil
	}
	add := func(n *node) bool {
		href, has := n.attr["href"]
		if u := d.address(href); n.tag == "a" && has && u != "" && !n.has("mention") && !slices.Contains(list, u) {
			list = append(list, u)
		}
		return len(list) < MaxLinks
	}
	entry := d.first("h-entry")
	if entry == nil {
		d.root.walk(add)
		return list
	}
	entry.properties(func(n *node) {
		switch {
		case n.has("e-content"):
			n.walk(add)
		case n.has("u-in-reply-to"), n.has("u-like-of"), n.has("u-repost-of"), n.has("u-bookmark-of"):
			add(n)
		}
	})
	return list[:min(len(list), MaxLinks)]
}

// first gives the first element of the page with a class, nil if there is none.
func (d document) first(class string) (found *node) {
	d.root.walk(func(n *node) bool {
		if n.has(class) {
			found = n
		}
		return found == nil
	})
	return found
}

// outgoing are the attributes by which an element names another address.
var outgoing = []string{"href", "src", "cite", "data", "poster"}

// links tells whether an element or anything in it names an address that is. What no reader gets (a comment, a script) names nothing.
func (d document) links(n *node, is func(string) bool) bool {
	found := false
	n.walk(func(k *node) bool {
		found = slices.ContainsFunc(outgoing, func(key string) bool {
			v, has := k.attr[key]
			return has && k.tag != "base" && is(d.address(v))
		})
		return !found
	})
	return found
}
