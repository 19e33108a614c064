package webmention

import (
	"slices"
	"strings"
	"time"
)

// Kind is what a page does to the page that it mentions.
type Kind string

// The kinds, the one that says most first.
const (
	Reply    Kind = "in-reply-to"
	Repost   Kind = "repost-of"
	Like     Kind = "like-of"
	Bookmark Kind = "bookmark-of"
	Plain    Kind = "mention-of"
)

// Mention is what a page says of another one. All of it are the page's own claims.
type Mention struct {
	Kind      Kind
	Claims    []string // the addresses that it says to be at as well: u-url, u-uid, u-syndication
	InReplyTo []string
	Author    Author
	Title     string // plain text
	Summary   string // plain text
	Content   string // HTML as it came, bounded by the page
	Language  string
	Published time.Time // zero if it does not say
}

// Author is the h-card of a Mention's author; its fields are "" where the page does not say.
type Author struct{ Name, URL, Photo string }

const (
	maxClaims  = 20
	maxEntries = 30 // of one page that are looked at
)

// Read gives what a page says of the page that is is true of. ok is false where it does not link there: then there is no mention.
func Read(body []byte, page string, is func(address string) bool) (m Mention, ok bool) {
	d, ok := read(body, page)
	if !ok || !d.links(d.root, is) {
		return Mention{}, false
	}
	entry, kind := d.entry(is)
	m = Mention{Kind: kind, Title: d.title()}
	if entry != nil {
		d.fill(&m, entry)
	}
	if m.Author == (Author{}) {
		d.signed(&m, entry)
	}
	return m, true
}

// entry chooses the h-entry that speaks of the address: the first that says how, else the first that links there, nil for none.
func (d document) entry(is func(string) bool) (chosen *node, kind Kind) {
	kind = Plain
	left := maxEntries
	d.root.walk(func(n *node) bool {
		if !n.has("h-entry") && !n.has("h-event") {
			return left > 0
		}
		left--
		if k := d.kind(n, is); k != Plain {
			chosen, kind = n, k
			return false
		}
		if chosen == nil && d.links(n, is) {
			chosen = n
		}
		return true
	})
	return chosen, kind
}

// kind tells what an entry does to the address.
func (d document) kind(entry *node, is func(string) bool) Kind {
	kind := Plain
	entry.properties(func(n *node) {
		for _, k := range []Kind{Reply, Repost, Like, Bookmark} {
			class := "u-" + string(k)
			if kind == Plain && n.has(class) && slices.ContainsFunc(d.urls(n), is) {
				kind = k
			}
		}
	})
	return kind
}

// fill reads the properties of an entry.
func (d document) fill(m *Mention, entry *node) {
	named := ""
	entry.properties(func(n *node) {
		for _, class := range n.classes() {
			switch class {
			case "u-url", "u-uid", "u-syndication":
				m.claim(d.urls(n))
			case "u-in-reply-to":
				m.InReplyTo = append(m.InReplyTo, d.urls(n)...)
			case "p-name":
				if named == "" {
					named = n.value()
				}
			case "p-summary":
				if m.Summary == "" {
					m.Summary = n.value()
				}
			case "e-content", "p-content":
				if m.Content == "" && !void[n.tag] {
					m.Content = strings.TrimSpace(string(d.body[n.start:max(n.start, n.end)]))
				}
			case "dt-published":
				if m.Published.IsZero() {
					m.Published = n.time()
				}
			case "p-author", "u-author":
				if m.Author == (Author{}) {
					m.Author = d.card(n)
				}
			}
		}
	})
	m.Title = first(named, m.Title)
	m.Language = entry.attr["lang"]
}

func (m *Mention) claim(list []string) {
	for _, u := range list {
		if len(m.Claims) < maxClaims && !slices.Contains(m.Claims, u) {
			m.Claims = append(m.Claims, u)
		}
	}
}

// signed takes the page's own h-card for the author where the entry names none.
func (d document) signed(m *Mention, entry *node) {
	d.root.walk(func(n *node) bool {
		if n == entry || m.Author != (Author{}) {
			return false
		}
		if n.has("h-card") && !n.has("p-author") {
			m.Author = d.card(n)
			return false
		}
		return true
	})
}

// card reads an h-card, or an element that only names somebody.
func (d document) card(n *node) (a Author) {
	take := func(k *node) {
		for _, class := range k.classes() {
			switch class {
			case "p-name", "fn":
				if a.Name == "" {
					a.Name = k.value()
				}
			case "u-url", "url":
				if a.URL == "" {
					a.URL = first(d.urls(k)...)
				}
			case "u-photo", "photo":
				if a.Photo == "" {
					a.Photo = first(d.urls(k)...)
				}
			}
		}
	}
	take(n)
	n.properties(take)
	if u := d.urls(n); a.URL == "" && len(u) > 0 && n.tag != "img" {
		a.URL = u[0]
	}
	n.walk(func(k *node) bool {
		if k.tag == "img" && a.Photo == "" {
			a.Photo = d.address(k.attr["src"])
		}
		if k.tag == "a" && a.URL == "" && k.attr["href"] != "" {
			a.URL = d.address(k.attr["href"])
		}
		return a.Photo == "" || a.URL == ""
	})
	a.Name = first(a.Name, n.value())
	return a
}

// properties calls f for the elements in an item that may be properties of it: what stands within an item of its own belongs to that.
func (n *node) properties(f func(*node)) {
	for _, k := range n.kids {
		if k.tag == "" || unseen[k.tag] {
			continue
		}
		f(k)
		if !k.item() {
			k.properties(f)
		}
	}
}

// item tells whether an element is a microformats2 item.
func (n *node) item() bool {
	return slices.ContainsFunc(n.classes(), func(c string) bool { return strings.HasPrefix(c, "h-") && len(c) > 2 })
}

// urls gives the addresses that a u- property has: its own, or those of the item that stands there.
func (d document) urls(n *node) (list []string) {
	for _, key := range []string{"href", "src", "data", "poster"} {
		if v, has := n.attr[key]; has {
			if u := d.address(v); u != "" {
				return []string{u}
			}
		}
	}
	if !n.item() {
		if u := d.address(n.value()); u != "" && strings.HasPrefix(n.value(), "http") {
			return []string{u}
		}
		return nil
	}
	n.properties(func(k *node) {
		if v, has := k.attr["href"]; has && (k.has("u-url") || k.has("u-uid")) && d.address(v) != "" {
			list = append(list, d.address(v))
		}
	})
	if len(list) > 0 {
		return list
	}
	n.walk(func(k *node) bool { // implied url
		if v, has := k.attr["href"]; has && k.tag == "a" && d.address(v) != "" {
			list = append(list, d.address(v))
		}
		return len(list) == 0
	})
	return list
}

// value is the text of a p- property.
func (n *node) value() string {
	switch {
	case n.tag == "img" || n.tag == "area":
		return strings.TrimSpace(n.attr["alt"])
	case n.tag == "abbr" && n.attr["title"] != "":
		return strings.TrimSpace(n.attr["title"])
	case (n.tag == "data" || n.tag == "input") && n.attr["value"] != "":
		return strings.TrimSpace(n.attr["value"])
	}
	return n.words()
}

// times are the forms of a dt- property (microformats2, "date and time").
var times = []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05-0700",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"}

// time is a dt- property; zero where it cannot be read. One without a zone is taken for UTC.
func (n *node) time() time.Time {
	s := strings.TrimSpace(first(n.attr["datetime"], n.value()))
	for _, form := range times {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// title is the page's own, for one that is no h-entry.
func (d document) title() string {
	var find func(n *node) string
	find = func(n *node) string {
		for _, k := range n.kids {
			if k.tag == "title" {
				return k.words()
			}
			if t := find(k); t != "" {
				return t
			}
		}
		return ""
	}
	return find(d.root)
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
