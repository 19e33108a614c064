package publisher

import (
	"slices"

	"github.com/postil-blog/postil/publisher/related"
	"github.com/postil-blog/postil/templates"
)

// maxRelated is how many posts a post leads to at its end.
const maxRelated = 3

// nearness is what publish remembers of the posts that are like one.
type nearness struct {
	Out  bool     // it was one of those that are out
	Best []string // their files, the neighbours in time among them
}

// relate finds for each post those that are about the same: from memory where no change concerns it.
func (b *build) relate() {
	before, changes := b.turned()
	if before == len(b.posts) && len(changes) == 0 {
		b.leadOn()
		return
	}
	list := make([]related.Post, len(b.posts))
	for i, p := range b.posts {
		list[i] = b.relation(p, b.notes[p])
	}
	stale := related.Stale(list, before, changes)
	if slices.Contains(stale, true) {
		// Two more than are shown: the neighbours in time are linked anyway.
		for i, others := range related.Best(list, maxRelated+2, stale) {
			if stale[i] {
				b.notes[b.posts[i]].Near.Best = filesOf(b.posts, others)
			}
		}
	}
	b.leadOn()
}

// leadOn makes the links that posts end with.
func (b *build) leadOn() {
	b.nearest = make(map[*Post][]templates.Link, len(b.posts))
	for i, p := range b.posts {
		b.nearest[p] = b.nearestTo(i, p)
	}
}

func filesOf(posts []*Post, at []int) (list []string) {
	for _, j := range at {
		list = append(list, posts[j].File)
	}
	return list
}

func (b *build) nearestTo(i int, p *Post) (list []templates.Link) {
	if p.Unrelated {
		return nil
	}
	for _, file := range b.notes[p].Near.Best {
		q := b.byFile[file]
		if j := b.place[q]; j != i-1 && j != i+1 && len(list) < maxRelated {
			list = append(list, *b.linkTo(q))
		}
	}
	return list
}

// turned gives how many posts were out in the last run, and what became another since.
func (b *build) turned() (before int, changes []related.Change) {
	for _, p := range b.all {
		n := b.notes[p]
		at, out := b.place[p]
		old := b.memory.Sources[p.File]
		n.Near.Out = out
		switch {
		case !out:
			n.Near.Best = nil
		case !old.Near.Out:
			changes = append(changes, related.Change{After: b.relation(p, n), Moved: true, At: at})
		case n.Sum == old.Sum && n.Rendering.Blob == old.Rendering.Blob:
		default:
			n.Near.Best = old.Near.Best
			changes = append(changes, related.Change{Before: b.relation(&old.Post, &old), After: b.relation(p, n), Moved: !p.Date.Equal(old.Post.Date), At: at})
		}
	}
	for file, old := range b.memory.Sources {
		if !old.Near.Out {
			continue
		}
		before++
		if p := b.byFile[file]; p == nil || !b.notes[p].Near.Out {
			changes = append(changes, related.Change{Before: b.relation(&old.Post, &old), Moved: true, At: -1})
		}
	}
	return before, changes
}

func (b *build) relation(p *Post, m *remembered) related.Post {
	r := related.Post{Lang: p.Lang, Words: m.Rendering.Telling}
	for _, t := range b.tagged[p] { // as the last run saw them where that is what p is
		r.Tags = append(r.Tags, t.path)
	}
	if len(r.Tags) != len(p.Tags) {
		r.Tags = nil
		for _, t := range p.Tags {
			r.Tags = append(r.Tags, tagPath(t))
		}
	}
	return r
}
