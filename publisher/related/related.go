// Package related finds the posts of a blog that are about the same: cosines of their words and tags, each weighed by how rare it is.
//
// Posts come in with their words; for each, the places of the nearest go out. Posts in two languages are never related: few words in common
// say nothing there. It knows no files, and the same posts give the same answer.
package related

import (
	"cmp"
	"math"
	"slices"

	"github.com/postil-blog/postil/search"
)

// Post is what is known of a post.
type Post struct {
	Lang  string
	Tags  []string // their slugs
	Words search.Terms
	None  bool // nothing is asked for it; others may still name it
}

const (
	// most is how many words of a post are compared: those that tell it best from others.
	most = 60
	// tagShare is how much the tags count beside the words.
	tagShare = 0.5
	// near is the least cosine of the words of two posts without a common tag, shared how many words they have in common: one rare word
	// in two short posts is chance.
	near   = 0.15
	shared = 3
	// shortest is the least length of a compared word, in bytes.
	shortest = 3
)

// Best gives for each post the places of at most n others, the nearest first; of equals the one that comes first in the list. skip tells
// pairs that are not asked for.
func Best(posts []Post, n int, skip func(i, j int) bool) [][]int {
	best := make([][]int, len(posts))
	words := vectors(posts, func(p Post) (list search.Terms) { return p.Words }, most)
	tags := vectors(posts, func(p Post) (list search.Terms) {
		for _, t := range p.Tags {
			list = append(list, search.Term{Word: t, Weight: 1})
		}
		return list
	}, math.MaxInt)
	byWord, byTag := places(words), places(tags)
	inWords, inTags := make([]sum, len(posts)), make([]sum, len(posts))
	for i, p := range posts {
		if p.None {
			continue
		}
		met := dot(words[i], byWord, inWords, nil)
		met = dot(tags[i], byTag, inTags, met)
		best[i] = choose(posts, i, n, met, inWords, inTags, skip)
		for _, j := range met {
			inWords[j], inTags[j] = sum{}, sum{}
		}
	}
	return best
}

// choose takes the nearest of those that have something in common with a post.
func choose(posts []Post, i, n int, met []int, inWords, inTags []sum, skip func(i, j int) bool) (list []int) {
	score := func(j int) float64 { return tagShare*inTags[j].cosine + (1-tagShare)*inWords[j].cosine }
	far := func(j int) bool {
		return inTags[j].words == 0 && (inWords[j].cosine < near || inWords[j].words < shared)
	}
	better := func(x, y int) int { return cmp.Or(cmp.Compare(score(y), score(x)), cmp.Compare(x, y)) }
	slices.Sort(met)
	for _, j := range slices.Compact(met) {
		if j == i || skip(i, j) || posts[j].Lang != posts[i].Lang || far(j) || len(list) == n && better(list[n-1], j) < 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(list, j, better)
		list = slices.Insert(list, at, j)
		list = list[:min(len(list), n)]
	}
	return list
}

// weighed is one coordinate of a post.
type weighed struct {
	word   int
	weight float64
}

// place is a post that has a coordinate.
type place struct {
	post   int
	weight float64
}

// sum is a product of two vectors as far as it is known, and how many words they have in common.
type sum struct {
	cosine float64
	words  int
}

// vectors are the posts as directions, of length one before the least telling words are dropped.
func vectors(posts []Post, of func(Post) search.Terms, most int) [][]weighed {
	names, count := map[string]int{}, []int{}
	for _, p := range posts {
		for _, t := range of(p) {
			at, known := names[t.Word]
			if !known {
				at = len(count)
				names[t.Word], count = at, append(count, 0)
			}
			count[at]++
		}
	}
	list := make([][]weighed, len(posts))
	for i, p := range posts {
		length := 0.0
		for _, t := range of(p) {
			at := names[t.Word]
			w := weighed{at, (1 + math.Log(float64(t.Weight))) * math.Log(1+float64(len(posts))/float64(count[at]))}
			length += w.weight * w.weight
			if count[at] > 1 && (most == math.MaxInt || len(t.Word) >= shortest && count[at] <= len(posts)/2+1) {
				list[i] = append(list[i], w)
			}
		}
		slices.SortFunc(list[i], func(x, y weighed) int { return cmp.Or(cmp.Compare(y.weight, x.weight), cmp.Compare(x.word, y.word)) })
		list[i] = slices.Clip(list[i][:min(len(list[i]), most)])
		for k := range list[i] {
			list[i][k].weight /= math.Sqrt(length)
		}
	}
	return list
}

// places turns vectors round: for each word the posts that have it.
func places(vectors [][]weighed) map[int][]place {
	m := map[int][]place{}
	for i, v := range vectors {
		for _, w := range v {
			m[w.word] = append(m[w.word], place{i, w.weight})
		}
	}
	return m
}

// dot adds a vector's products with all others to sums, and the places where there are any to met.
func dot(v []weighed, by map[int][]place, sums []sum, met []int) []int {
	for _, w := range v {
		for _, p := range by[w.word] {
			if sums[p.post].words == 0 {
				met = append(met, p.post)
			}
			sums[p.post].words++
			sums[p.post].cosine += w.weight * p.weight
		}
	}
	return met
}
