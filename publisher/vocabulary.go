package publisher

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/postil-blog/postil/publisher/plainfile"
	"github.com/postil-blog/postil/publisher/related"
	"github.com/postil-blog/postil/search"
	"github.com/postil-blog/postil/templates"
)

// maxRelated is how many posts a post leads to at its end.
const maxRelated = 3

// relations is what publish remembers of related posts: they are looked for again when any post changed.
type relations struct {
	Print [32]byte            // of all posts that are out
	Of    map[string][]string // files, by file
}

// wordsPrint is a hash of all that the search index and the related posts are made from.
func (b *build) wordsPrint(posts []*Post) [32]byte {
	parts := make([]any, 0, 2*len(posts))
	for _, p := range posts {
		parts = append(parts, b.cards[p].print, p.Unrelated)
	}
	return b.print(parts...)
}

// relate finds for each post those that are about the same, from memory where no post changed.
func (b *build) relate() error {
	print := b.wordsPrint(b.posts)
	b.next.Related = b.memory.Related
	if print != b.memory.Related.Print || b.memory.Related.Of == nil {
		r, err := b.relations(print)
		if err != nil {
			return err
		}
		b.next.Related = r
	}
	b.nearest = map[*Post][]templates.Link{}
	for file, others := range b.next.Related.Of {
		for _, other := range others {
			if p, q := b.byFile[file], b.byFile[other]; p != nil && q != nil {
				b.nearest[p] = append(b.nearest[p], *b.linkTo(q))
			}
		}
	}
	return nil
}

func (b *build) relations(print [32]byte) (relations, error) {
	r := relations{Print: print, Of: map[string][]string{}}
	if len(b.posts) < 2 {
		return r, nil
	}
	words, err := b.terms()
	if err != nil {
		return r, err
	}
	list := make([]related.Post, len(b.posts))
	for i, p := range b.posts {
		list[i] = related.Post{Lang: p.Lang, Words: words[p], None: p.Unrelated}
		for _, t := range b.tagged[p] {
			list[i].Tags = append(list[i].Tags, t.path)
		}
	}
	// The neighbours in time are linked anyway.
	beside := func(i, j int) bool { return j == i-1 || j == i+1 }
	for i, others := range related.Best(list, maxRelated, beside) {
		for _, j := range others {
			r.Of[b.posts[i].File] = append(r.Of[b.posts[i].File], b.posts[j].File)
		}
	}
	return r, nil
}

// terms are the words of all posts and pages. Those that are the same as in the last run come from .cache/terms.
func (b *build) terms() (map[*Post]search.Terms, error) {
	if b.vocabulary != nil {
		return b.vocabulary, nil
	}
	all := map[*Post]search.Terms{}
	old, kept := b.cache.terms(b.next.Program), map[string]string{}
	changed := false
	for _, p := range slices.Concat(b.posts, b.pages) {
		key := b.print("terms", b.notes[p].Rendering.Blob, p.Title, p.Tags, p.Summary)
		packed, known := old[string(key[:16])]
		if !known {
			text, err := b.bodies(p)
			if err != nil {
				return nil, err
			}
			packed = search.Weigh(p.Title, p.Tags, p.Summary, search.Text(text.feed)).Encode()
			changed = true
		}
		kept[string(key[:16])] = packed
		all[p] = search.Decode(packed)
	}
	b.vocabulary = all
	if !changed && len(kept) == len(old) {
		return all, nil
	}
	return all, b.cache.keepTerms(b.next.Program, kept)
}

func (c *cache) termFile() string { return filepath.Join(c.from, "terms") }

// terms reads what keepTerms wrote, nothing where that is broken or of another program.
func (c *cache) terms(program string) map[string]string {
	data, err := plainfile.ReadPath(c.termFile(), maxMemory)
	if err != nil || len(data) < sha256.Size {
		return nil
	}
	sum := sha256.Sum256(data[sha256.Size:])
	packed, same := strings.CutPrefix(string(data[sha256.Size:]), program)
	m := map[string]string{}
	if !same || !bytes.Equal(sum[:], data[:sha256.Size]) || unpack(packed, &m) != nil {
		return nil
	}
	return m
}

// keepTerms writes the words of posts into .cache/, whole or not at all.
func (c *cache) keepTerms(program string, m map[string]string) error {
	if c.dir == "" {
		return nil
	}
	data := pack(append(make([]byte, sha256.Size, 1<<20), program...), reflect.ValueOf(m))
	sum := sha256.Sum256(data[sha256.Size:])
	copy(data, sum[:])
	tmp := c.termFile() + ".new"
	if err := plainfile.Write(tmp, data); err != nil {
		return err
	}
	return os.Rename(tmp, c.termFile())
}
