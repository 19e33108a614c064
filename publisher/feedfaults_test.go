package publisher

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// feedFaults holds a feed against the rules of its format. at is its own address.
func feedFaults(name, at, text string) []string {
	f := &faultList{}
	switch name {
	case "atom.xml":
		f.atom(at, text)
	case "feed.xml":
		f.rss(at, text)
	case "feed.json":
		f.json(at, text)
	}
	return f.list
}

type faultList struct{ list []string }

// must notes a fault where a rule does not hold.
func (f *faultList) must(holds bool, rule string, args ...any) {
	if !holds {
		f.list = append(f.list, fmt.Sprintf(rule, args...))
	}
}

// absolute tells whether s is an address that leads somewhere from anywhere.
func absolute(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(s, " <>\"")
}

// xmlNode is an element as it stands.
type xmlNode struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []xmlNode  `xml:",any"`
}

const atomNS = "http://www.w3.org/2005/Atom"

// all are the children of a name in a namespace.
func (n xmlNode) all(space, name string) (list []xmlNode) {
	for _, c := range n.Nodes {
		if c.XMLName.Local == name && c.XMLName.Space == space {
			list = append(list, c)
		}
	}
	return list
}

func (n xmlNode) one(space, name string) string {
	if list := n.all(space, name); len(list) > 0 {
		return strings.TrimSpace(list[0].Text)
	}
	return ""
}

func (n xmlNode) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// atom checks RFC 4287.
func (f *faultList) atom(at, text string) {
	var feed xmlNode
	if err := xml.Unmarshal([]byte(text), &feed); err != nil {
		f.must(false, "%v", err)
		return
	}
	f.must(feed.XMLName == xml.Name{Space: atomNS, Local: "feed"}, "the root is %v", feed.XMLName)
	f.atomCommon(feed, "the feed")
	self := 0
	for _, l := range feed.all(atomNS, "link") {
		if l.attr("rel") == "self" {
			self++
			f.must(l.attr("href") == at, "4.2.7.2: self is %s", l.attr("href"))
		}
	}
	f.must(self == 1, "4.1.1: %d links to itself", self)
	ids := map[string]bool{}
	for _, e := range feed.all(atomNS, "entry") {
		id := e.one(atomNS, "id")
		f.atomCommon(e, id)
		f.must(!ids[id], "4.1.1: %s twice", id)
		ids[id] = true
		f.must(len(e.all(atomNS, "author")) > 0 || len(feed.all(atomNS, "author")) > 0, "4.1.2: %s has no author", id)
		for _, p := range e.all(atomNS, "published") {
			f.must(isTime(p.Text), "3.3: published %s", p.Text)
			f.must(!before(e.one(atomNS, "updated"), p.Text), "%s was updated before it was published", id)
		}
		content := e.all(atomNS, "content")
		f.must(len(content) == 1 && len(content[0].Nodes) == 0 && content[0].attr("type") == "html", "4.1.3: %s has %d contents, or markup that is not escaped", id, len(content))
		f.must(len(e.all(atomNS, "summary")) <= 1, "4.1.2: %s has several summaries", id)
	}
}

func before(x, y string) bool {
	a, _ := time.Parse(time.RFC3339, x)
	b, _ := time.Parse(time.RFC3339, y)
	return a.Before(b)
}

// atomCommon checks what feed and entry have in common.
func (f *faultList) atomCommon(n xmlNode, what string) {
	for _, name := range []string{"id", "title", "updated"} {
		f.must(len(n.all(atomNS, name)) == 1 && n.one(atomNS, name) != "", "4.1: %s has %d %s", what, len(n.all(atomNS, name)), name)
	}
	f.must(absolute(n.one(atomNS, "id")), "4.2.6: the id of %s is %q", what, n.one(atomNS, "id"))
	f.must(isTime(n.one(atomNS, "updated")), "3.3: %s was updated %q", what, n.one(atomNS, "updated"))
	for _, p := range n.all(atomNS, "author") {
		f.must(len(p.all(atomNS, "name")) == 1 && p.one(atomNS, "name") != "", "3.2.1: an author of %s has no name", what)
		f.must(len(p.all(atomNS, "uri")) == 0 || absolute(p.one(atomNS, "uri")), "3.2.2: the address of an author of %s is %q", what, p.one(atomNS, "uri"))
	}
	for _, c := range n.all(atomNS, "category") {
		f.must(c.attr("term") != "", "4.2.2.1: %s has a category without a term", what)
	}
	alternates := map[string]bool{}
	for _, l := range n.all(atomNS, "link") {
		f.must(absolute(l.attr("href")), "4.2.7.1: %s leads to %q", what, l.attr("href"))
		if rel := l.attr("rel"); rel == "alternate" || rel == "" {
			key := l.attr("type") + " " + l.attr("hreflang")
			f.must(!alternates[key], "4.1: %s has two alternates of %s", what, key)
			alternates[key] = true
		}
	}
	f.must(len(alternates) > 0, "%s leads to no page", what)
}

// rss checks RSS 2.0 and the Advisory Board's best practices profile.
func (f *faultList) rss(at, text string) {
	var root xmlNode
	if err := xml.Unmarshal([]byte(text), &root); err != nil {
		f.must(false, "%v", err)
		return
	}
	channels := root.all("", "channel")
	if f.must(root.XMLName.Local == "rss" && root.attr("version") == "2.0" && len(channels) == 1, "no RSS 2.0 with one channel"); len(f.list) > 0 {
		return
	}
	c := channels[0]
	for _, name := range []string{"title", "link", "description"} {
		f.must(len(c.all("", name)) == 1 && c.one("", name) != "", "the channel has %d %s", len(c.all("", name)), name)
	}
	f.must(absolute(c.one("", "link")), "the channel leads to %q", c.one("", "link"))
	self := c.all(atomNS, "link")
	f.must(len(self) == 1 && self[0].attr("rel") == "self" && self[0].attr("href") == at && self[0].attr("type") == "application/rss+xml", "atom:link is %+v", self)
	f.rssDate(c, "lastBuildDate")
	seen := map[string]bool{}
	for _, i := range c.all("", "item") {
		guid := i.one("", "guid")
		f.must(i.one("", "title") != "" || i.one("", "description") != "", "an item has neither title nor description")
		f.must(guid != "" && !seen[guid], "the guid %q stands twice or is empty", guid)
		seen[guid] = true
		f.must(absolute(i.one("", "link")), "%s leads to %q", guid, i.one("", "link"))
		f.must(i.all("", "guid")[0].attr("isPermaLink") == "false" || absolute(guid), "%s is a permalink and no address", guid)
		f.must(len(i.all("", "pubDate")) == 1, "%s has no time", guid)
		f.rssDate(i, "pubDate")
		f.must(len(i.all("", "author")) == 0, "%s has an author that is no email address", guid)
		f.must(i.one("http://purl.org/dc/elements/1.1/", "creator") != "", "%s has no creator", guid)
		f.must(i.one("http://purl.org/rss/1.0/modules/content/", "encoded") != "", "%s has no text", guid)
		for _, e := range i.all("", "enclosure") {
			f.must(absolute(e.attr("url")) && e.attr("type") != "" && e.attr("length") != "", "an enclosure of %s lacks something", guid)
		}
	}
}

func (f *faultList) rssDate(n xmlNode, name string) {
	for _, d := range n.all("", name) {
		_, err := time.Parse(time.RFC1123Z, d.Text)
		f.must(err == nil, "%s is %q", name, d.Text)
	}
}

// json checks JSON Feed 1.1.
func (f *faultList) json(at, text string) {
	var feed struct {
		Version, Title, Description, Language string
		Home                                  string       `json:"home_page_url"`
		Feed                                  string       `json:"feed_url"`
		Author                                any          `json:"author"`
		Authors                               []jsonAuthor `json:"authors"`
		Items                                 []map[string]any
	}
	if err := json.Unmarshal([]byte(text), &feed); err != nil {
		f.must(false, "%v", err)
		return
	}
	f.must(feed.Version == "https://jsonfeed.org/version/1.1" && feed.Title != "" && feed.Items != nil, "version %q, title %q", feed.Version, feed.Title)
	f.must(feed.Feed == at && absolute(feed.Home), "feed_url is %q, home_page_url %q", feed.Feed, feed.Home)
	f.must(feed.Author == nil && len(feed.Authors) > 0 && feed.Authors[0].Name != "", "authors are %v, the deprecated author %v", feed.Authors, feed.Author)
	known := []string{"id", "url", "title", "content_html", "content_text", "summary", "image", "banner_image", "date_published", "date_modified", "authors", "tags", "language", "attachments", "external_url"}
	seen := map[string]bool{}
	for _, i := range feed.Items {
		id, _ := i["id"].(string)
		f.must(id != "" && !seen[id], "the id %v stands twice or is no string", i["id"])
		seen[id] = true
		html, _ := i["content_html"].(string)
		f.must(html != "", "%s has no text", id)
		for key, v := range i {
			s, _ := v.(string)
			f.must(slices.Contains(known, key) || strings.HasPrefix(key, "_"), "%s has %s, which JSON Feed does not know", id, key)
			switch key {
			case "url", "image", "external_url":
				f.must(absolute(s), "%s of %s is %q", key, id, s)
			case "date_published", "date_modified":
				f.must(isTime(s), "%s of %s is %q", key, id, s)
			case "language":
				f.must(s != "", "%s has an empty language", id)
			case "attachments":
				for _, a := range v.([]any) {
					m := a.(map[string]any)
					f.must(m["url"] != nil && m["mime_type"] != nil, "an attachment of %s is %v", id, m)
				}
			}
		}
	}
}

type jsonAuthor struct{ Name, URL string }

// TestFeedFaults: the rules tell bad feeds.
func TestFeedFaults(t *testing.T) {
	t.Parallel()
	const at = "https://example.com/f"
	entry := `<entry><id>https://example.com/1</id><title>T</title><updated>2026-01-01T00:00:00Z</updated><link href="https://example.com/p"/><content type="html">x</content></entry>`
	atom := `<feed xmlns="http://www.w3.org/2005/Atom"><id>https://example.com/</id><title>T</title><updated>2026-01-01T00:00:00Z</updated><author><name>A</name></author>` +
		`<link rel="self" href="` + at + `"/><link rel="alternate" href="https://example.com/"/>` + entry + `</feed>`
	item := `<item><title>T</title><link>https://example.com/p</link><guid isPermaLink="false">1</guid><pubDate>Thu, 01 Jan 2026 00:00:00 +0000</pubDate><dc:creator>A</dc:creator><c:encoded>x</c:encoded></item>`
	rss := `<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:c="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title><link>https://example.com/</link>` +
		`<description>D</description><a:link rel="self" type="application/rss+xml" href="` + at + `"/>` + item + `</channel></rss>`
	feed := `{"version":"https://jsonfeed.org/version/1.1","title":"T","home_page_url":"https://example.com/","feed_url":"` + at + `","authors":[{"name":"A"}],"items":[{"id":"1","content_html":"x","url":"https://example.com/p","date_published":"2026-01-01T00:00:00Z"}]}`
	for _, c := range []struct{ name, text, from, to string }{
		{"atom.xml", atom, entry, entry + entry}, {"atom.xml", atom, "<name>A</name>", ""}, {"atom.xml", atom, `rel="self"`, `rel="related"`}, {"atom.xml", atom, "2026-01-01T00:00:00Z</updated><link", "2026-01-01</updated><link"},
		{"atom.xml", atom, ">x<", "><p>x</p><"}, {"atom.xml", atom, `href="https://example.com/p"`, `href="/p"`},
		{"feed.xml", rss, item, item + item}, {"feed.xml", rss, "Thu, 01 Jan 2026 00:00:00 +0000", "2026-01-01"}, {"feed.xml", rss, "<description>D</description>", ""}, {"feed.xml", rss, at, "/f"},
		{"feed.json", feed, `"id":"1"`, `"id":1`}, {"feed.json", feed, "2026-01-01T", "2026-01-01 "}, {"feed.json", feed, "content_html", "content"}, {"feed.json", feed, `"url":"https`, `"url":"ftp`},
	} {
		if got := feedFaults(c.name, at, c.text); len(got) > 0 {
			t.Errorf("%s, a good feed, has %v", c.name, got)
		}
		if bad := strings.Replace(c.text, c.from, c.to, 1); bad != c.text && len(feedFaults(c.name, at, bad)) == 0 {
			t.Errorf("%s with %q for %q has no fault", c.name, c.to, c.from)
		}
	}
}
