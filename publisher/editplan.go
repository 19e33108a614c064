package publisher

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/postil-blog/postil/publisher/related"
	"github.com/postil-blog/postil/search"
	"github.com/postil-blog/postil/templates"
)

// ready reads what is remembered of a post, where that was left for later.
func (b *build) ready(p *Post) {
	if b.thaw != nil {
		b.thaw(p)
	}
}

// concerns tells whether a list of posts, shown to some depth, may be another. Of an edit that is one that shows its texts.
func (b *build) concerns(posts []*Post, d depth) bool {
	return b.only == nil || d > heading && slices.ContainsFunc(posts, func(p *Post) bool { return b.only[p] })
}

// owned are the files at addresses that the owner chose: they stand for lists that would be made there.
func (b *build) owned() map[string]bool {
	owned := map[string]bool{}
	for _, p := range slices.Concat(b.posts, b.pages) {
		owned[fold(outputPath(p.Path))] = true
		for _, at := range p.Aliases {
			owned[fold(outputPath(at))] = true
		}
	}
	return owned
}

// pages plans what shows the texts.
func (e *edit) pages(context.Context) error {
	e.relateAgain()
	e.posters = map[*Post]string{}
	for _, p := range slices.Concat(e.posts, e.others) {
		e.ready(p)
		_, _, e.posters[p] = e.poster(p)
	}
	e.nearest = map[*Post][]templates.Link{}
	for _, p := range slices.Concat(e.posts, e.others) {
		if at, out := e.place[p]; out {
			e.nearest[p] = e.nearestTo(at, p)
		}
		e.planPost(p)
	}
	if err := e.documents(); err != nil {
		return err
	}
	e.planLists()
	e.planFeeds()
	return e.facts()
}

// documents plans what followers get.
func (e *edit) documents() error {
	for _, p := range e.posts {
		if !e.federates(p) {
			continue
		}
		d := draftEntry{post: p}
		if e.draftEntry(&d); d.err != nil || !d.known {
			return cmp.Or(d.err, errWhole)
		}
		e.settleEntry(d)
		entry := d.old
		entry.SHA256, entry.Updated = d.SHA256, d.Updated
		e.build.before[d.ID] = entry
	}
	return nil
}

// facts looks up what is known of the files that are planned: they lie there as they were written.
func (e *edit) facts() (err error) {
	names := map[string]bool{}
	for _, o := range e.outputs {
		names[o.path] = true
	}
	if e.searches() {
		for _, name := range e.layout().Names() {
			names[searchFile(name)] = true
		}
	}
	known, ok := e.was.outputFacts(names)
	if e.memory.Outputs = known; !ok {
		return errWhole
	}
	e.standing = map[string]stamp{}
	for name, fact := range known {
		e.standing[name] = fact.Stamp // or the seal would not speak
	}
	return nil
}

// relateAgain finds the posts that are nearest to others now.
func (e *edit) relateAgain() {
	var changes []related.Change
	for i, p := range e.posts {
		if at, out := e.place[p]; out && !sameWords(e.before[i].Rendering.Telling, e.notes[p].Rendering.Telling) {
			changes = append(changes, related.Change{Before: e.relation(p, e.before[i]), After: e.relation(p, e.notes[p]), At: at})
		}
	}
	if len(changes) == 0 {
		return
	}
	list := make([]related.Post, len(e.build.posts))
	for i, p := range e.build.posts {
		n := e.notes[p]
		if packed, frozen := e.packed[p.File]; frozen {
			n = &remembered{Rendering: &rendering{Telling: telling(packed)}}
		}
		list[i] = e.relation(p, n)
	}
	stale := related.Stale(list, len(list), changes)
	for i, at := range related.Best(list, maxRelated+2, stale) {
		p := e.build.posts[i]
		best := filesOf(e.build.posts, at)
		if !stale[i] || slices.Equal(best, e.notes[p].Near.Best) {
			continue
		}
		if e.notes[p].Near.Best = best; !e.only[p] {
			e.others = append(e.others, p)
		}
	}
}

// sameWords tells whether two results of related.Words hold the same words.
func sameWords(x, y string) bool {
	sorted := func(s string) []string {
		var list []string
		for w := range slices.Chunk([]byte(s), 4) {
			list = append(list, string(w))
		}
		slices.Sort(list)
		return list
	}
	return slices.Equal(sorted(x), sorted(y))
}

func (e *edit) layout() search.Layout {
	return search.LayoutOf(len(e.build.posts) + len(e.build.pages))
}

// words plans the files of the search index that the texts concern, made of those that lie there.
func (e *edit) words(context.Context) error {
	if !e.searches() {
		return nil
	}
	if slices.ContainsFunc(e.posts, func(p *Post) bool { return e.searchOf(p.Lang) != searchPath }) {
		return errWhole // the index of a language is made anew, of all that is written in it
	}
	l := e.layout()
	x := e.newIndexing(slices.Concat(e.build.posts, e.build.pages), l)
	for i, p := range e.posts {
		e.notes[p].Indexed = indexed{p.Key, e.cardPrint(p, whole)}
		x.changed = append(x.changed, reworded{p.Key, e.before[i].Rendering, p})
	}
	x.all = e.print(e.memory.Written, e.now.UnixNano()) // what is touched is made: its print needs to be no other's
	changes, ok := x.changes()
	if index := x.begin(); !ok || e.memory.Index.Common == nil || !index.Recount(e.memory.Index, changes) {
		return errWhole
	}
	e.next.Index = x.begin().State
	for n := range x.begin().Touched(changes) {
		x.touched[n] = true
	}
	e.excerpts(x)
	if len(changes) > 0 && x.mend() == nil {
		return errWhole
	}
	for n, name := range l.Names() {
		if x.touched[n] {
			e.build.plan(output{path: searchFile(name), print: x.print(n, name), class: listings, make: func() ([]byte, error) { return x.file(n, name) }})
		}
	}
	return nil
}

// excerpts finds the files that tell of documents whose excerpts are others, and what else they tell of.
func (e *edit) excerpts(x *indexing) {
	files := map[int]bool{}
	for i, p := range e.posts {
		if e.before[i].Rendering.Excerpt != e.notes[p].Rendering.Excerpt {
			files[x.begin().DocFile(p.Key)] = true
		}
	}
	if len(files) == 0 {
		return
	}
	for _, p := range x.posts {
		if n := x.begin().DocFile(p.Key); files[n] {
			x.touched[x.layout.Shards+n] = true
			e.ready(p)
		}
	}
	x.docs = sync.OnceValue(func() [][]byte { return x.newIndex().Docs() })
}
