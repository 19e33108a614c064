package publisher

import (
	"cmp"
	"slices"
	"strings"

	"github.com/postil-blog/postil/publisher/sitepath"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
)

// shelf is posts that have a page and feeds together besides the tags: those of an author, of a series, in a language.
type shelf struct {
	key, name string
	path      string  // site path of its page, "" where it can have none
	posts     []*Post // newest first
}

// shelve sorts the posts that are out into shelves. Authors of the settings have one each, also before their first post.
func (b *build) shelve() {
	b.authors, b.volumes, b.homes = map[string]*shelf{}, map[string]*shelf{}, map[string]*shelf{}
	for name, a := range b.config.Authors {
		b.authors[name] = &shelf{key: name, name: cmp.Or(a.Name, name), path: authorPath(name)}
	}
	for _, p := range b.posts {
		if p.Author != "" {
			key := b.authorKey(p)
			shelved(b.authors, key, func() (string, string) { return p.Author, below("authors", key) }).add(p)
		}
		if key := seriesKey(p); key != "" {
			s := shelved(b.volumes, key, func() (string, string) { return p.Series, below("series", key) })
			s.add(p)
			s.name = p.Series // as the oldest post spells it
		}
		key := strings.ToLower(p.Lang)
		shelved(b.homes, key, func() (string, string) { return templates.LanguageName(p.Lang), languagePath(key) }).add(p)
	}
	if len(b.homes) < 2 {
		clear(b.homes)
	}
}

// shelved is the shelf of a key, a new one where there is none, whose name and path are asked for.
func shelved(all map[string]*shelf, key string, called func() (name, at string)) *shelf {
	s := all[key]
	if s == nil {
		s = &shelf{key: key}
		s.name, s.path = called()
		all[key] = s
	}
	return s
}

func (s *shelf) add(p *Post) { s.posts = append(s.posts, p) }

// below is a path in a folder of the site's, "" for a key that cannot be part of one.
func below(folder, key string) string {
	if !sitepath.Plain(key) {
		return ""
	}
	return "/" + folder + "/" + key + "/"
}

// authorKey is what the page of a post's author is named after: the name in the settings, else what an address can hold of it.
func (b *build) authorKey(p *Post) string {
	if _, known := b.config.Authors[p.Author]; known {
		return p.Author
	}
	return cmp.Or(site.Slug(p.Author), p.Author)
}

func authorPath(name string) string {
	return cmp.Or(below("authors", name), below("authors", site.Slug(name)))
}

// seriesKey tells one series from others: two spellings that give one address are the same.
func seriesKey(p *Post) string { return cmp.Or(site.Slug(p.Series), p.Series) }

// languagePath is the home of a language, "" for one that is called as a folder of the daemon's.
func languagePath(lang string) string {
	if slices.Contains(sitepath.Reserved, lang) {
		return ""
	}
	at, _ := sitepath.Page("/" + lang + "/")
	return at
}

// inOrder lists shelves that have a page, by address.
func inOrder(all map[string]*shelf) (list []*shelf) {
	for _, s := range all {
		if s.path != "" {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(x, y *shelf) int { return cmp.Compare(x.path, y.path) })
	return list
}

// shelves are all of them, in the order in which they are planned.
func (b *build) shelves() []*shelf {
	return slices.Concat(inOrder(b.authors), inOrder(b.volumes), inOrder(b.homes))
}

// occupied tells whether an address has something of the owner's: a post, a page, an alias, a file. It stands for the page that would be
// made there.
func (b *build) occupied(at string) bool {
	name := outputPath(at)
	return b.taken(name) || b.files[name] != nil
}

// planShelves plans the pages of all shelves, and those that list authors and series.
func (b *build) planShelves() {
	for _, s := range inOrder(b.authors) {
		page := b.shelfPage("author", s)
		page.Author = b.profile(s)
		b.planShelf(s, func() { b.paginate("author", s.path, s.posts, page) })
	}
	for _, s := range inOrder(b.volumes) {
		page := b.shelfPage("series-page", s)
		page.Series = &templates.Series{Name: s.name, URL: page.Path}
		posts := slices.Clone(s.posts)
		slices.Reverse(posts)
		b.planShelf(s, func() { b.planList("series-page", outputPath(s.path), page, posts) })
	}
	for _, s := range inOrder(b.homes) {
		page := b.shelfPage("index", s)
		page.Title, page.Language, page.Translations = b.config.Site.Title, s.posts[0].Lang, b.homesIn(s)
		b.planShelf(s, func() { b.paginate("index", s.path, s.posts, page) })
	}
	b.planOverview("authors", inOrder(b.authors))
	b.planOverview("series", inOrder(b.volumes))
}

func (b *build) shelfPage(kind string, s *shelf) templates.Page {
	page := b.page(kind, s.name, s.path)
	if len(s.posts) > 0 {
		page.Feeds = b.feedLinks(b.config.Site.Title+" · "+s.name, s.path)
	}
	return page
}

func (b *build) planShelf(s *shelf, plan func()) {
	if !b.occupied(s.path) {
		plan()
	}
}

// planOverview plans the page that lists the shelves of one kind.
func (b *build) planOverview(kind string, all []*shelf) {
	at := "/" + kind + "/"
	if len(all) == 0 || b.occupied(at) {
		return
	}
	page := b.page("overview", b.word(kind), at)
	for _, s := range all {
		page.List = append(page.List, templates.Link{Name: s.name, URL: escapePath(b.addresses.Path(s.path)), Count: len(s.posts)})
	}
	b.planList("overview", outputPath(at), page, nil)
}

// shelfFeed is the feed of a shelf.
func (b *build) shelfFeed(whole feed, s *shelf) feed {
	f := whole
	f.title, f.page, f.dir = whole.title+" · "+s.name, b.addresses.Page(escapePath(s.path)), s.path
	f.posts = s.posts[:min(len(s.posts), maxTagFeed)]
	switch s {
	case b.authors[s.key]:
		f.author, f.home = s.name, f.page
		f.description = cmp.Or(b.config.Authors[s.key].Summary, whole.description)
	case b.homes[s.key]:
		f.language = s.posts[0].Lang
		f.posts = s.posts[:min(len(s.posts), maxFeed)]
	}
	return f
}
