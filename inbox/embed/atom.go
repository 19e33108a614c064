package embed

import (
	"encoding/xml"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// The feed of a thread: RFC 4287, with what each entry answers by RFC 4685. Own structs, because gorilla/feeds knows neither self links nor
// threads nor languages.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Thr     string      `xml:"xmlns:thr,attr"`
	Lang    string      `xml:"xml:lang,attr,omitempty"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Lang      string     `xml:"xml:lang,attr,omitempty"`
	ID        string     `xml:"id"`
	Title     string     `xml:"title"`
	Published string     `xml:"published"`
	Updated   string     `xml:"updated"`
	Author    atomAuthor `xml:"author"`
	Links     []atomLink `xml:"link"`
	ReplyTo   atomReply  `xml:"thr:in-reply-to"`
	Summary   string     `xml:"summary,omitempty"`
	Content   *atomText  `xml:"content,omitempty"`
}

type atomAuthor struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

type atomReply struct {
	Ref  string `xml:"ref,attr"`
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// Atom writes the replies of a thread as a feed, the newest first. self is the feed's own address. What lies behind a content warning is
// not in it: a reader of feeds could not fold it, so the warning stands alone with its link.
func Atom(t *activitypub.Thread, p Post, self string) ([]byte, error) {
	f := atomFeed{Thr: "http://purl.org/syndication/thread/1.0", Lang: t.Language, ID: self, Title: visible(p.Title),
		Links: []atomLink{{"self", "application/atom+xml", self}, {"alternate", "text/html", t.URL}}}
	newest := p.Published
	entries(t.Replies, t.Post, &f.Entries)
	slices.SortStableFunc(f.Entries, func(a, b atomEntry) int { return strings.Compare(b.Published, a.Published) })
	for _, e := range f.Entries {
		if at, err := time.Parse(time.RFC3339, e.Updated); err == nil && at.After(newest) {
			newest = at
		}
	}
	f.Updated = newest.UTC().Format(time.RFC3339)
	data, err := xml.MarshalIndent(f, "", " ")
	return append([]byte(xml.Header), append(data, '\n')...), err
}

func entries(list []*activitypub.Comment, parent string, into *[]atomEntry) {
	for _, c := range list {
		if c.Removed {
			entries(c.Replies, parent, into)
			continue
		}
		*into = append(*into, entryOf(c, parent))
		entries(c.Replies, c.ID, into)
	}
}

func entryOf(c *activitypub.Comment, parent string) atomEntry {
	name, warning := c.By.Name.Spelled(), c.Warning.Spelled()
	e := atomEntry{Lang: c.Language, ID: c.ID, Title: visible(name.Text() + " (" + c.By.Handle + ")"), Author: atomAuthor{visible(name.Text()), address(c.By.URL)},
		Published: c.Published.UTC().Format(time.RFC3339), Updated: c.Published.UTC().Format(time.RFC3339),
		Links: []atomLink{{"alternate", "text/html", address(c.URL)}}, ReplyTo: atomReply{parent, address(c.Parent), "text/html"}}
	if !c.Edited.IsZero() {
		e.Updated = c.Edited.UTC().Format(time.RFC3339)
	}
	if c.Warning != nil {
		e.Summary = visible(warning.Text())
		return e
	}
	e.Content = &atomText{"html", visible(string(c.Content.HTML()))}
	return e
}

// visible drops what no XML document may hold (XML 1.0, Char).
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
}
