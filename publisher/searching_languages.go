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

// searchOf is the site path of the search page for readers of a page in a language. That of the site's own language finds everything, as its front
// page shows everything; each other language that has a home has its own, with an index of what is written in it.
func (b *build) searchOf(lang string) string {
	s := b.homes[strings.ToLower(lang)]
	if s == nil || s.path == "" || strings.EqualFold(lang, b.config.Site.Language) {
		return searchPath
	}
	at := s.path + site.SearchDir + "/"
	own := func(p *Post) bool { return p.Path == at || slices.Contains(p.Aliases, at) }
	if b.files[outputPath(at)] != nil || slices.ContainsFunc(b.posts, own) || slices.ContainsFunc(b.pages, own) {
		return searchPath
	}
	return at
}

// planSearchPage plans a search page and what says into how many files its index is divided.
func (b *build) planSearchPage(at, lang, script string, l search.Layout) {
	page := b.page("search", templates.Text(lang, "search"), at)
	page.Language = lang
	page.Search = &templates.Search{Index: page.Path, Shards: l.Shards, Docs: l.Docs, Script: script}
	b.planList("search", outputPath(at), page, nil)
	manifest, _ := json.Marshal(l) // numbers alone
	b.planOwn(strings.TrimPrefix(at, "/")+"index.json", append(manifest, '\n'))
}

// planSearchIn plans the search page of a language and its index, which is made anew with each change: of the whole site's alone is
// remembered what it was made from.
func (b *build) planSearchIn(s *shelf, script string) {
	at := b.searchOf(s.key)
	if at == searchPath || b.occupied(at) {
		return
	}
	posts := slices.Clone(s.posts)
	for _, p := range b.pages {
		if strings.EqualFold(p.Lang, s.key) {
			posts = append(posts, p)
		}
	}
	l := search.LayoutOf(len(posts))
	b.planSearchPage(at, s.posts[0].Lang, script, l)
	x := &indexing{b: b, layout: l, posts: posts, all: b.wordsPrint(posts), whole: true, mend: func() map[int][]byte { return nil }}
	x.begin, x.fill = sync.OnceValue(x.newIndex), sync.OnceValues(x.index)
	x.docs = sync.OnceValue(func() [][]byte { return x.begin().Docs() })
	for n, name := range l.Names() {
		file := strings.TrimPrefix(at, "/") + name
		b.plan(output{path: file, print: b.print("index", file, x.all), class: listings, make: func() ([]byte, error) { return x.file(n, name) }})
	}
}
