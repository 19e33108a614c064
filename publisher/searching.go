package publisher

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/postil-blog/postil/search"
	"github.com/postil-blog/postil/site"
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

// planSearch plans the search page and its index.
func (b *build) planSearch() {
	if !b.searches() {
		for _, p := range b.all {
			b.notes[p].Indexed = indexed{}
		}
		return
	}
	posts := slices.Concat(b.posts, b.pages)
	l := search.LayoutOf(len(posts))
	script := "assets/search." + sumOf(search.Script)[:8] + ".js"
	b.plan(output{path: script, print: b.print("asset", string(search.Script)), class: assets, make: func() ([]byte, error) { return search.Script, nil }})
	b.planSearchPage(searchPath, b.config.Site.Language, b.addresses.Path("/"+script), l)
	for _, s := range inOrder(b.homes) {
		b.planSearchIn(s, b.addresses.Path("/"+script))
	}
	x := b.indexing(posts, l)
	for n, name := range l.Names() {
		b.plan(output{path: searchFile(name), print: x.print(n, name), class: listings, make: func() ([]byte, error) { return x.file(n, name) }})
	}
}

func searchFile(name string) string { return site.SearchDir + "/" + name }

// indexed is what publish remembers of a document in the search index.
type indexed struct {
	Key   string
	Print [32]byte // of all that the index is made from
}

// indexing makes the index's files: all of them, or those that the edits since the last run touch, out of what lies there.
type indexing struct {
	b       *build
	layout  search.Layout
	posts   []*Post
	all     [32]byte // print of all documents
	whole   bool
	changed []reworded
	touched map[int]bool // files that are not as they were

	begin func() *search.Index
	mend  func() map[int][]byte // what could be mended
	fill  func() (*search.Index, error)
	docs  func() [][]byte
}

// reworded is a document that is not as it was.
type reworded struct {
	key    string
	before *rendering // nil for a new one
	after  *Post      // nil for one that is gone
}

// indexing compares the documents with those of the last run.
func (b *build) indexing(posts []*Post, l search.Layout) *indexing {
	x := b.newIndexing(posts, l)
	x.all = b.wordsPrint(posts)
	for _, p := range b.all {
		b.notes[p].Indexed = indexed{}
	}
	for _, p := range posts {
		b.notes[p].Indexed = indexed{p.Key, b.cardPrint(p, whole)}
	}
	before := map[string]string{} // files by key
	for file, m := range b.memory.Sources {
		if m.Indexed.Key != "" {
			before[m.Indexed.Key] = file
		}
	}
	x.compare(before)
	if x.whole = b.memory.Index.Common == nil || len(x.changed) > len(posts)/2; !x.whole && len(x.changed) > 0 {
		x.touch(slices.Collect(maps.Keys(before)))
	}
	return x
}

func (b *build) newIndexing(posts []*Post, l search.Layout) *indexing {
	x := &indexing{b: b, layout: l, posts: posts, touched: map[int]bool{}}
	x.begin, x.mend, x.fill = sync.OnceValue(x.newIndex), sync.OnceValue(x.mended), sync.OnceValues(x.filled)
	x.docs = sync.OnceValue(func() [][]byte { return x.begin().Docs() })
	b.next.Index = b.memory.Index
	return x
}

// compare finds the documents that are not as they were. before names the files that there were, by key.
func (x *indexing) compare(before map[string]string) {
	there := make(map[string]bool, len(x.posts))
	for _, p := range x.posts {
		there[p.Key] = true
		old := x.b.memory.Sources[before[p.Key]]
		if old.Indexed != x.b.notes[p].Indexed {
			x.changed = append(x.changed, reworded{p.Key, old.Rendering, p})
		}
	}
	for key, file := range before {
		if !there[key] {
			x.changed = append(x.changed, reworded{key, x.b.memory.Sources[file].Rendering, nil})
		}
	}
}

// wordsPrint is a hash of all that the search index is made from.
func (b *build) wordsPrint(posts []*Post) [32]byte {
	parts := make([]any, 0, len(posts))
	for _, p := range posts {
		parts = append(parts, b.cardPrint(p, whole))
	}
	return b.print(parts...)
}

// touch finds the files that the changes concern. before are the keys of the documents that there were.
func (x *indexing) touch(before []string) {
	index := x.begin()
	changes, ok := x.changes()
	if x.whole = !ok || !index.From(before) || !index.Recount(x.b.memory.Index, changes); x.whole {
		return
	}
	for _, c := range x.changed {
		x.touched[x.layout.Shards+index.DocFile(c.key)] = true
	}
	for n := range index.Touched(changes) {
		x.touched[n] = true
	}
	x.b.next.Index = index.State
}

// changes are the words of the changed documents, before and after. It is false where they are not known any more.
func (x *indexing) changes() (list []search.Change, ok bool) {
	for _, c := range x.changed {
		if c.before != nil && c.after != nil && c.before.Blob == x.b.notes[c.after].Rendering.Blob {
			continue
		}
		change := search.Change{Key: c.key}
		if c.before != nil {
			was, kept := x.b.cache.get(c.before.Blob)
			if !kept {
				return nil, false
			}
			change.Before = search.Decode(was.words)
		}
		if c.after != nil {
			is, err := x.b.bodies(c.after)
			if err != nil {
				return nil, false
			}
			change.After = search.Decode(is.words)
		}
		list = append(list, change)
	}
	return list, true
}

// print stays what it was for a file that no change concerns.
func (x *indexing) print(n int, name string) [32]byte {
	fact, known := x.b.memory.Outputs[searchFile(name)]
	if known && !x.whole && !x.touched[n] {
		return fact.Print
	}
	return x.b.print("index", name, x.all)
}

func (x *indexing) file(n int, name string) ([]byte, error) {
	if n >= x.layout.Shards {
		return x.docs()[n-x.layout.Shards], nil
	}
	if data, ok := x.mend()[n]; ok {
		return data, nil
	}
	index, err := x.fill()
	if err != nil {
		return nil, fmt.Errorf("making %s: %w", name, err)
	}
	return index.Words(n), nil
}

// mended are the files of words after the changes, made of those that lie there; none where that cannot be done.
func (x *indexing) mended() map[int][]byte {
	if x.whole {
		return nil // without a look at the words: those of all posts would fill the memory
	}
	files := map[int][]byte{}
	changes, ok := x.changes()
	if !ok {
		return nil
	}
	for n, name := range x.layout.Names()[:x.layout.Shards] {
		if !x.touched[n] {
			continue
		}
		old, err := x.b.output.ReadFile(searchFile(name))
		if fact, known := x.b.memory.Outputs[searchFile(name)]; err != nil || !known || sha256.Sum256(old) != fact.Sum {
			return nil
		}
		if files[n] = x.begin().Mend(n, old, changes); files[n] == nil {
			return nil
		}
	}
	x.b.next.Index = x.begin().State
	return files
}

// filled is the index with the words of all posts, which the next run mends.
func (x *indexing) filled() (*search.Index, error) {
	index, err := x.index()
	x.b.next.Index = index.State
	return index, err
}

func (x *indexing) index() (*search.Index, error) {
	index, byKey := x.newIndex(), map[string]*Post{}
	for _, p := range x.posts {
		byKey[p.Key] = p
	}
	err := index.Fill(func(d search.Doc) (search.Terms, error) {
		text, err := x.b.bodies(byKey[d.Key])
		return search.Decode(text.words), err
	})
	return index, err
}

func (x *indexing) newIndex() *search.Index {
	b := x.b
	docs := make([]search.Doc, len(x.posts))
	for i, p := range x.posts {
		if b.notes[p].Rendering == nil { // of an edit, which writes no file that tells of this one
			docs[i].Key = p.Key
			continue
		}
		d := search.Doc{Key: p.Key, Title: p.Title, URL: escapePath(b.addresses.Path(p.Path)), Excerpt: shorten(b.summary(p), maxExcerpt)}
		if !p.Page {
			d.Date = p.Date.Format("2006-01-02")
		}
		if !strings.EqualFold(p.Lang, b.config.Site.Language) {
			d.Lang = p.Lang
		}
		docs[i] = d
	}
	return search.New(docs)
}
