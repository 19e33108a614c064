package publisher

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"html"
	"strings"
	"time"

	"github.com/gorilla/feeds"
	"github.com/postil-blog/postil/templates"
)

// maxFeed and maxTagFeed are how many posts the site's feeds and a tag's hold, in full.
const (
	maxFeed    = 20
	maxTagFeed = 10
)

// feed is what the three formats are made from.
type feed struct {
	title, description, page, home, language, author string
	dir                                              string // site path of the folder that the three files lie in
	posts                                            []*Post
}

// The formats of a feed: file name, media type, and how it is written.
var feedFormats = []struct {
	name, media, called string
	write               func(*build, feed) ([]byte, error)
}{
	{"feed.xml", "application/rss+xml", "RSS", (*build).rss},
	{"atom.xml", "application/atom+xml", "Atom", (*build).atom},
	{"feed.json", "application/feed+json", "JSON Feed", (*build).jsonFeed},
}

// feedLinks are the <link rel="alternate"> of a page that has the feeds of a folder.
func (b *build) feedLinks(title, dir string) []templates.Feed {
	var list []templates.Feed
	for _, f := range feedFormats {
		list = append(list, templates.Feed{Title: title + " (" + f.called + ")", Type: f.media, URL: b.addresses.Page(escapePath(dir + f.name))})
	}
	return list
}

// feeds plans the three files of a feed.
func (b *build) feeds(f feed) {
	if !b.concerns(f.posts, whole) {
		return
	}
	for _, format := range feedFormats {
		if f.dir != "/" && b.occupied(f.dir+format.name) {
			continue
		}
		b.plan(output{
			path: strings.TrimPrefix(f.dir+format.name, "/"), print: b.feedPrint(f, format.name), class: listings,
			make: func() ([]byte, error) { return format.write(b, f) },
		})
	}
}

func (b *build) feedPrint(f feed, name string) [32]byte {
	parts := []any{name, b.feedStyle, f.title, f.description, f.page, f.home, f.language, f.author}
	for _, p := range f.posts {
		parts = append(parts, b.cardPrint(p, whole))
	}
	return b.print(parts...)
}

// newest is the time of a feed: that of its newest post, and not of the clock, so that the same content gives the same bytes.
func newest(posts []*Post) time.Time {
	var t time.Time
	for _, p := range posts {
		for _, u := range []time.Time{p.Date, p.Updated} {
			if u.After(t) {
				t = u
			}
		}
	}
	return t
}

// plainText drops the control characters that XML 1.0 cannot hold: gorilla/feeds lets them through.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 || r == 0xFFFE || r == 0xFFFF || r >= 0xD800 && r <= 0xDFFF {
			return -1
		}
		return r
	}, s)
}

type rssFeed struct {
	XMLName xml.Name `xml:"rss"`
	Version string   `xml:"version,attr"`
	Content string   `xml:"xmlns:content,attr"`
	DC      string   `xml:"xmlns:dc,attr"`
	Atom    string   `xml:"xmlns:atom,attr"`
	Lang    string   `xml:"xml:lang,attr,omitempty"`
	Channel rssChannel
}

// rssChannel adds to gorilla's what it has no place for: the link to itself and several items' members.
type rssChannel struct {
	feeds.RssFeed
	XMLName xml.Name  `xml:"channel"`
	Self    atomLink  `xml:"atom:link"`
	Items   []rssItem `xml:"item"`
}

type rssItem struct {
	feeds.RssItem
	XMLName    xml.Name `xml:"item"`
	Creator    string   `xml:"dc:creator,omitempty"`
	Categories []string `xml:"category"`
}

type atomLink struct {
	Href string `xml:"href,attr"`
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
}

func (b *build) rss(f feed) ([]byte, error) {
	c := rssChannel{
		RssFeed: feeds.RssFeed{Title: plainText(f.title), Link: f.page, Description: plainText(cmp.Or(f.description, f.title)), Language: f.language, Generator: generator},
		Self:    atomLink{b.addresses.Page(escapePath(f.dir + "feed.xml")), "self", "application/rss+xml"},
	}
	if t := newest(f.posts); !t.IsZero() {
		c.LastBuildDate = t.Format(time.RFC1123Z)
	}
	for _, p := range f.posts {
		text, err := b.bodies(p)
		if err != nil {
			return nil, err
		}
		at := b.pageURL(p)
		c.Items = append(c.Items, rssItem{
			RssItem: feeds.RssItem{
				Title: plainText(p.Title), Link: at, Description: plainText(b.summary(p)), Guid: &feeds.RssGuid{Id: b.uid(p), IsPermaLink: "false"},
				PubDate: p.Date.Format(time.RFC1123Z), Content: &feeds.RssContent{Content: text.feed}, Enclosure: b.rssEnclosure(p),
			},
			Creator: plainText(b.by(p)), Categories: p.Tags,
		})
	}
	return marshalXML(rssFeed{Version: "2.0", Content: "http://purl.org/rss/1.0/modules/content/", DC: "http://purl.org/dc/elements/1.1/",
		Atom: "http://www.w3.org/2005/Atom", Lang: f.language, Channel: c}, b.feedStyle)
}

// uid names a post for feed readers for ever, whatever becomes of its address.
func (b *build) uid(p *Post) string { return b.addresses.Post(p.Key) }

type atomFeed struct {
	feeds.AtomFeed
	XMLName xml.Name    `xml:"feed"`
	Xmlns   string      `xml:"xmlns,attr"`
	Lang    string      `xml:"xml:lang,attr,omitempty"`
	Links   []atomLink  `xml:"link"`
	By      *atomPerson `xml:"author"`
	Maker   string      `xml:"generator"`
	Entries []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

type atomEntry struct {
	feeds.AtomEntry
	XMLName    xml.Name       `xml:"entry"`
	Lang       string         `xml:"xml:lang,attr,omitempty"`
	By         *atomPerson    `xml:"author"`
	Categories []atomCategory `xml:"category"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

func (b *build) atom(f feed) ([]byte, error) {
	out := atomFeed{
		AtomFeed: feeds.AtomFeed{Title: plainText(f.title), Id: f.page, Subtitle: plainText(f.description), Updated: newest(f.posts).Format(time.RFC3339)},
		Xmlns:    "http://www.w3.org/2005/Atom", Lang: f.language, Maker: generator,
		Links: []atomLink{{b.addresses.Page(escapePath(f.dir + "atom.xml")), "self", "application/atom+xml"}, {f.page, "alternate", "text/html"}},
		By:    &atomPerson{Name: plainText(f.author), URI: f.home},
	}
	texts := make([]string, len(f.posts))
	for i, p := range f.posts {
		text, err := b.bodies(p)
		if err != nil {
			return nil, err
		}
		texts[i] = text.feed
		e := atomEntry{
			AtomEntry: feeds.AtomEntry{
				Title: plainText(p.Title), Id: b.uid(p), Published: p.Date.Format(time.RFC3339), Updated: latest(p).Format(time.RFC3339),
				Links:   append([]feeds.AtomLink{{Href: b.pageURL(p), Rel: "alternate", Type: "text/html"}}, b.atomEnclosures(p)...),
				Summary: &feeds.AtomSummary{Content: plainText(b.summary(p)), Type: "text"},
				Content: &feeds.AtomContent{Type: "html"},
			},
			Lang: p.Lang, By: &atomPerson{Name: plainText(b.by(p)), URI: b.authorURL(p)},
		}
		for _, t := range p.Tags {
			e.Categories = append(e.Categories, atomCategory{t})
		}
		out.Entries = append(out.Entries, e)
	}
	data, err := marshalXML(out, b.feedStyle)
	if err != nil {
		return nil, err
	}
	return putTexts(data, texts), nil
}

// atomText is an entry's text before it is put there. No other text of the document can read so: what means something in XML is escaped.
var atomText = []byte(`<content type="html"></content>`)

// putTexts puts the entries' texts into a feed, in their order. encoding/xml, which takes four times as long for them, writes all the rest.
func putTexts(data []byte, texts []string) []byte {
	size := len(data)
	for _, s := range texts {
		size += len(s) + len(s)/2
	}
	out := make([]byte, 0, size)
	for _, s := range texts {
		before, after, _ := bytes.Cut(data, atomText)
		out = append(append(out, before...), atomText[:len(atomText)-len("</content>")]...)
		out = append(appendXML(out, s), "</content>"...)
		data = after
	}
	return append(out, data...)
}

// appendXML writes text as encoding/xml has it. It is of plainText, so it holds nothing that XML cannot.
func appendXML(out []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		if as := xmlEscapes[s[i]]; as != "" {
			out = append(append(out, s[from:i]...), as...)
			from = i + 1
		}
	}
	return append(out, s[from:]...)
}

var xmlEscapes = [256]string{'"': "&#34;", '\'': "&#39;", '&': "&amp;", '<': "&lt;", '>': "&gt;", '\t': "&#x9;", '\n': "&#xA;", '\r': "&#xD;"}

func latest(p *Post) time.Time {
	if p.Updated.After(p.Date) {
		return p.Updated
	}
	return p.Date
}

// marshalXML writes a document. style is the path of its style sheet for browsers, "" for none.
func marshalXML(v any, style string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if style != "" {
		b.WriteString(`<?xml-stylesheet href="` + html.EscapeString(style) + `" type="text/css"?>` + "\n")
	}
	if err := xml.NewEncoder(&b).Encode(v); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

type jsonItem struct {
	*feeds.JSONItem
	Language string `json:"language,omitempty"`
}

func (b *build) jsonFeed(f feed) ([]byte, error) {
	out := struct {
		feeds.JSONFeed
		Items []jsonItem `json:"items"`
	}{JSONFeed: feeds.JSONFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: f.title, Language: f.language, HomePageUrl: f.page, Description: f.description,
		FeedUrl: b.addresses.Page(escapePath(f.dir + "feed.json")), Authors: []*feeds.JSONAuthor{{Name: f.author, Url: f.home}},
	}, Items: []jsonItem{}}
	for _, p := range f.posts {
		text, err := b.bodies(p)
		if err != nil {
			return nil, err
		}
		published, modified := p.Date, latest(p)
		i := &feeds.JSONItem{
			Id: b.uid(p), Url: b.pageURL(p), Title: p.Title, ContentHTML: text.feed, Summary: b.summary(p), PublishedDate: &published,
			Authors: []*feeds.JSONAuthor{{Name: b.by(p), Url: b.authorURL(p)}}, Tags: p.Tags, Attachments: b.jsonAttachments(p),
		}
		if modified.After(published) {
			i.ModifiedDate = &modified
		}
		if lead := b.leadPicture(p); lead != nil {
			i.Image = b.absolute(lead.URL)
		}
		out.Items = append(out.Items, jsonItem{i, p.Lang})
	}
	var w bytes.Buffer
	e := json.NewEncoder(&w)
	e.SetEscapeHTML(false)
	err := e.Encode(out)
	return w.Bytes(), err
}
