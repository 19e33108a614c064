package publisher

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/postil-blog/postil/search"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
)

// searchPath is the site path of the search page.
const searchPath = "/" + site.SearchDir + "/"

// maxExcerpt is how much of a post a result shows, in characters.
const maxExcerpt = 160

// searches tells whether the site has a search page: the owner wants one, has posts, and no page of that address.
func (b *build) searches() bool {
	own := func(p *Post) bool { return p.Path == searchPath }
	return b.config.Publish.Search && len(b.posts) > 0 && !slices.ContainsFunc(b.posts, own) && !slices.ContainsFunc(b.pages, own)
}

// planSearch plans the search page and its index. Every file of the index depends on all posts; those that come out as they were are not
// written.
func (b *build) planSearch() {
	if !b.searches() {
		return
	}
	posts := slices.Concat(b.posts, b.pages)
	l := search.LayoutOf(len(posts))
	script := "assets/search." + sumOf(search.Script)[:8] + ".js"
	b.plan(output{path: script, print: b.print("asset", string(search.Script)), class: assets, make: func() ([]byte, error) { return search.Script, nil }})
	page := b.page("search", b.word("search"), searchPath)
	page.Search = &templates.Search{Index: page.Path, Shards: l.Shards, Docs: l.Docs, Script: b.addresses.Path("/" + script)}
	b.planList("search", outputPath(searchPath), page, nil)
	manifest, _ := json.Marshal(l) // numbers alone
	b.planOwn(site.SearchFile, append(manifest, '\n'))

	print, index := b.wordsPrint(posts), sync.OnceValues(func() (map[string][]byte, error) { return b.index(posts) })
	for _, name := range l.Names() {
		b.plan(output{path: site.SearchDir + "/" + name, print: b.print("index", name, print), class: listings, make: func() ([]byte, error) {
			files, err := index()
			return files[name], err
		}})
	}
}

// index makes the files of the index.
func (b *build) index(posts []*Post) (map[string][]byte, error) {
	words, err := b.terms()
	if err != nil {
		return nil, err
	}
	docs := make([]search.Doc, len(posts))
	for i, p := range posts {
		d := search.Doc{Key: p.Key, Title: p.Title, URL: escapePath(b.addresses.Path(p.Path)), Excerpt: shorten(b.summary(p), maxExcerpt), Terms: words[p]}
		if !p.Page {
			d.Date = p.Date.Format("2006-01-02")
		}
		if !strings.EqualFold(p.Lang, b.config.Site.Language) {
			d.Lang = p.Lang
		}
		docs[i] = d
	}
	return search.Build(docs), nil
}
