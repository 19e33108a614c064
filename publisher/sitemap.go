package publisher

import (
	"encoding/xml"
	"time"
)

// planFeeds plans the feeds of the site, of each tag, author, series and language.
func (b *build) planFeeds() {
	c := b.config.Site
	whole := feed{title: c.Title, description: c.Description, page: b.addresses.Home(), home: b.addresses.Home(), language: c.Language, author: orTitle(c.Author, c.Title), dir: "/"}
	whole.posts = b.posts[:min(len(b.posts), maxFeed)]
	b.feeds(whole)
	for _, t := range b.tagNames {
		f := whole
		f.title, f.page, f.dir = c.Title+" · "+t.name, b.addresses.Page(escapePath(t.path)), t.path
		f.posts = t.posts[:min(len(t.posts), maxTagFeed)]
		b.feeds(f)
	}
	for _, s := range b.shelves() {
		if len(s.posts) > 0 {
			b.feeds(b.shelfFeed(whole, s))
		}
	}
}

func orTitle(author, title string) string {
	if author != "" {
		return author
	}
	return title
}

type urlSet struct {
	XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []mapURL `xml:"url"`
}

type mapURL struct {
	Loc     string    `xml:"loc"`
	LastMod string    `xml:"lastmod,omitempty"`
	Others  []mapLink `xml:"http://www.w3.org/1999/xhtml link,omitempty"`
}

// mapLink names a page in another language (https://developers.google.com/search/docs/specialty/international/localized-versions).
type mapLink struct {
	Rel  string `xml:"rel,attr"`
	Lang string `xml:"hreflang,attr"`
	Href string `xml:"href,attr"`
}

func (b *build) mapLinks(p *Post) (list []mapLink) {
	for _, t := range b.inLanguages(p) {
		list = append(list, mapLink{"alternate", t.Language, t.URL})
	}
	return list
}

// mapList is a page that lists posts: it changes with the newest of them.
func (b *build) mapList(at string, posts []*Post) mapURL {
	u := mapURL{Loc: b.addresses.Page(escapePath(at))}
	if t := newest(posts); !t.IsZero() {
		u.LastMod = t.Format(time.RFC3339)
	}
	return u
}

// planMap plans sitemap.xml, and robots.txt beside it.
func (b *build) planMap() {
	set := urlSet{URLs: []mapURL{b.mapList("/", b.posts)}}
	for _, p := range b.posts {
		set.URLs = append(set.URLs, mapURL{b.pageURL(p), latest(p).Format(time.RFC3339), b.mapLinks(p)})
	}
	for _, p := range b.pages {
		set.URLs = append(set.URLs, mapURL{Loc: b.pageURL(p), Others: b.mapLinks(p)})
	}
	for _, t := range b.tagNames {
		set.URLs = append(set.URLs, b.mapList(t.path, t.posts))
	}
	for _, s := range b.shelves() {
		set.URLs = append(set.URLs, b.mapList(s.path, s.posts))
	}
	b.plan(output{path: "sitemap.xml", print: b.print("sitemap", set), class: listings, make: func() ([]byte, error) { return marshalXML(set, "") }})
	b.planRobots()
}
