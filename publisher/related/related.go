// Package related finds the posts of a blog that are about the same: those with the same tags, and with the same among the words that tell
// most of each; a tag or word counts the more the rarer it is.
//
// What is known of posts comes in; for each, the places of the nearest go out. Posts in two languages are never related: few words in common
// say nothing there. It knows no files, and the same posts give the same answer.
//
// Everything is chosen so that one edit changes few answers. Which words tell most of a post follows from that post alone. How rare a word is
// counts in powers of two, so that one post more changes it seldom, and no length of a post divides what it has in common with others. So the
// answer for a post depends on those alone that share a tag or word with it, and Stale names whom a change concerns.
package related

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"github.com/postil-blog/postil/search"
)

// Post is what is known of a post.
type Post struct {
	Lang  string
	Tags  []string // their slugs
	Words string   // made by Words
}

const (
	// most is how many words of a post are compared.
	most = 40
	// tagWeight is how many words as rare a common tag is worth.
	tagWeight = 4
	// shared is how many words two posts without a common tag must share: one or two are chance.
	shared = 3
	// shortest and longest bound the length of a compared word in bytes, and what more of it counts.
	shortest, longest = 3, 10
	// crowd is how many posts at most a word is compared in: what more have tells nothing. Of a tag that more have the first count.
	crowd = 255
)

// Words gives the words that tell most of a post: those that stand in its title and tags, are often repeated, and long, since the words that
// every text has are short. Each is four bytes of a hash: two words that fall together make two posts a little nearer than they are.
func Words(t search.Terms) string {
	telling := func(w search.Term) int {
		n := min(len(w.Word), longest)
		return w.Weight * n * n
	}
	// The more a word tells the smaller its number; of two that tell as much the one that comes first in t, which is in order.
	list := make([]uint64, 0, len(t))
	for i, w := range t {
		if len(w.Word) >= shortest {
			list = append(list, uint64(math.MaxUint32-telling(w))<<32|uint64(i))
		}
	}
	slices.Sort(list)
	b := make([]byte, 0, 4*most)
	for _, n := range list[:min(len(list), most)] {
		b = binary.BigEndian.AppendUint32(b, hash(t[uint32(n)].Word))
	}
	return string(b)
}

// hash is FNV-1a.
func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

// each calls f with each tag and word of a post, once each where tags and words are so.
func (p Post) each(f func(c coordinate)) {
	for _, t := range p.Tags {
		f(coordinate{hash(t), true})
	}
	for s := p.Words; len(s) >= 4; s = s[4:] {
		f(coordinate{binary.BigEndian.Uint32([]byte(s[:4])), false})
	}
}

// coordinate is a tag or a word.
type coordinate struct {
	name uint32
	tag  bool
}

// Change is a post that became another. Where it came, went, or stands at another place among the others, all of it is new: Moved. At is its
// place among them now, -1 for one that went.
type Change struct {
	Before, After Post
	Moved         bool
	At            int
}

// Stale tells for which of the posts Best may answer otherwise than before some changes. before is how many posts there were.
func Stale(posts []Post, before int, changes []Change) []bool {
	stale := make([]bool, len(posts))
	if bits.Len(uint(before)) != bits.Len(uint(len(posts))) {
		for i := range stale {
			stale[i] = true
		}
		return stale
	}
	for _, c := range changes {
		if c.At >= 0 { // what it lost it may have had in common
			stale[c.At] = true
		}
	}
	touched := touch(posts, changes)
	if len(touched) == 0 {
		return stale
	}
	for i, p := range posts {
		p.each(func(c coordinate) { stale[i] = stale[i] || touched[c] })
	}
	return stale
}

// touch gives the tags and words that changes concern: not the words that say nothing, before as after, since a crowd has them.
func touch(posts []Post, changes []Change) map[coordinate]bool {
	touched, more := map[coordinate]bool{}, map[coordinate]int{}
	for _, c := range changes {
		count := map[coordinate]int{}
		c.Before.each(func(c coordinate) { count[c]-- })
		c.After.each(func(c coordinate) { count[c]++ })
		for name, n := range count {
			more[name] += n
			if n != 0 || c.Moved || c.Before.Lang != c.After.Lang {
				touched[name] = true
			}
		}
	}
	now := map[coordinate]int{}
	for _, p := range posts {
		p.each(func(c coordinate) {
			if touched[c] {
				now[c]++
			}
		})
	}
	for name := range touched {
		if !name.tag && now[name] > crowd && now[name]-more[name] > crowd {
			delete(touched, name)
		}
	}
	return touched
}

// Best gives for each post that is asked for the places of at most n others, the nearest first; of equals the one that comes first in the
// list.
func Best(posts []Post, n int, asked []bool) [][]int {
	best, m := make([][]int, len(posts)), met{sums: make([]sum, len(posts))}
	have := places(posts, asked)
	for i, p := range posts {
		if !asked[i] {
			continue
		}
		p.each(func(c coordinate) { m.add(c, have[c], len(posts)) })
		best[i] = m.choose(posts, i, n)
	}
	return best
}

// places are the posts that have what the asked ones have.
func places(posts []Post, asked []bool) map[coordinate][]int32 {
	have := map[coordinate][]int32{}
	for i, p := range posts {
		if asked[i] {
			p.each(func(c coordinate) { have[c] = nil })
		}
	}
	for i, p := range posts {
		p.each(func(c coordinate) {
			if list, ok := have[c]; ok {
				have[c] = append(list, int32(i))
			}
		})
	}
	return have
}

// sum is what a post has in common with another.
type sum struct {
	score int32
	words int32
	tags  int32
}

// met are the posts that have something in common with one.
type met struct {
	sums  []sum
	posts []int32
}

// add counts a tag or word that some of all posts have. Of a word that half of them have nothing follows.
func (m *met) add(c coordinate, have []int32, all int) {
	weight := int32(bits.Len(uint(all)) - bits.Len(uint(len(have))))
	switch {
	case len(have) < 2 || !c.tag && (weight == 0 || len(have) > crowd):
		return
	case c.tag:
		weight = tagWeight * (weight + 1)
	}
	for _, j := range have[:min(len(have), crowd)] {
		s := &m.sums[j]
		if s.score == 0 {
			m.posts = append(m.posts, j)
		}
		s.score += weight
		if c.tag {
			s.tags++
		} else {
			s.words++
		}
	}
}

// choose takes the nearest, and forgets all.
func (m *met) choose(posts []Post, i, n int) (list []int) {
	better := func(x, y int) int { return cmp.Or(cmp.Compare(m.sums[y].score, m.sums[x].score), cmp.Compare(x, y)) }
	for _, at := range m.posts {
		j, s := int(at), m.sums[at]
		if j == i || posts[j].Lang != posts[i].Lang || s.tags == 0 && s.words < shared || len(list) == n && better(list[n-1], j) < 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(list, j, better)
		list = slices.Insert(list, at, j)
		list = list[:min(len(list), n)]
	}
	for _, j := range m.posts {
		m.sums[j] = sum{}
	}
	m.posts = m.posts[:0]
	return list
}
