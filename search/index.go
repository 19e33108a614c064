package search

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Index makes the files of an index, all anew or those that an edit touches.
type Index struct {
	State

	layout Layout
	docs   []Doc             // by key
	ids    []string          // of the same
	gone   map[string]string // ids of documents that were there before, by key
	words  []map[string]*postings
	ranks  func() map[string]int // of documents, gone ones among them, by their ids
}

// State is what the files do not say: keep it for Mend.
type State struct {
	Common map[string]int // the words that name no document, since too many have them, with how many that are
	Widest int            // no other word has more documents
}

// New begins an index of some documents. Their Terms are not looked at.
func New(docs []Doc) *Index {
	docs = slices.SortedFunc(slices.Values(docs), func(x, y Doc) int { return cmp.Compare(x.Key, y.Key) })
	x := &Index{layout: LayoutOf(len(docs)), docs: docs, ids: ids(docs)}
	x.ranks = sync.OnceValue(x.rank)
	return x
}

// Fill takes in the terms of all documents, one after the other: nothing of them is kept but what the files hold.
func (x *Index) Fill(terms func(Doc) (Terms, error)) error {
	x.words, x.State = make([]map[string]*postings, x.layout.Shards), State{Common: map[string]int{}}
	for i := range x.words {
		x.words[i] = map[string]*postings{}
	}
	for i, d := range x.docs {
		list, err := terms(d)
		if err != nil {
			return err
		}
		for _, t := range list {
			words := x.words[x.layout.shard(t.Word)]
			have := words[t.Word]
			if have == nil {
				have = &postings{}
				words[strings.Clone(t.Word)] = have // t.Word is part of a long text
			}
			have.list = append(append(have.list, x.ids[i]...), digit(t.Weight))
		}
	}
	for _, words := range x.words {
		for word, list := range words {
			if n := len(list.list) / posting; x.common(n) {
				list.list, x.Common[word] = nil, n
			} else {
				x.Widest = max(x.Widest, n)
			}
		}
	}
	return nil
}

// postings are the documents under a word, with its weight in each.
type postings struct{ list []byte }

// posting is the length of a document's entry under a word: its name and a weight.
const posting = idLength + 1

func (x *Index) common(n int) bool {
	return len(x.docs) >= manyDocs && float64(n) > common*float64(len(x.docs))
}

// Words is a file of words, after Fill.
func (x *Index) Words(shard int) []byte {
	var list []entry
	for _, word := range slices.Sorted(maps.Keys(x.words[shard])) {
		list = append(list, entry{word, string(x.words[shard][word].list)})
	}
	return format(list)
}

// Docs are the files of documents, in their order.
func (x *Index) Docs() [][]byte {
	found := make([]map[string][]string, x.layout.Docs)
	for i := range found {
		found[i] = map[string][]string{}
	}
	for i, d := range x.docs {
		found[x.layout.doc(x.ids[i])][x.ids[i]] = []string{d.Title, d.URL, d.Date, d.Lang, d.Excerpt}
	}
	var files [][]byte
	for _, f := range found {
		files = append(files, marshal(f))
	}
	return files
}

// Change is a document whose words became others: none before where it is new, none after where it is gone.
type Change struct {
	Key           string
	Before, After Terms
}

// From tells the index what was there before: the keys of all documents then. It is false where so much became another that Fill is needed.
func (x *Index) From(keys []string) bool {
	if LayoutOf(len(keys)) != x.layout {
		return false
	}
	keys = slices.Sorted(slices.Values(keys))
	same := func(d Doc, key string) bool { return d.Key == key }
	if slices.EqualFunc(x.docs, keys, same) {
		return true
	}
	old := make([]Doc, len(keys))
	for i, key := range keys {
		old[i].Key = key
	}
	x.gone = map[string]string{}
	for i, id := range ids(old) {
		if at, there := x.find(keys[i]); !there {
			x.gone[keys[i]] = id
		} else if x.ids[at] != id {
			return false // two documents had one name, and now another has it
		}
	}
	taken := map[string]bool{}
	for _, id := range x.ids {
		taken[id] = true
	}
	for _, id := range x.gone {
		if taken[id] {
			return false
		}
	}
	return true
}

// Touched gives the files of words that changes concern, by number.
func (x *Index) Touched(changes []Change) map[int]bool {
	touched := map[int]bool{}
	for _, c := range changes {
		for word := range c.differ() {
			touched[x.layout.shard(word)] = true
		}
	}
	return touched
}

// DocFile is the number of the file that tells of a document, or told of one that is gone; -1 for one that is unknown.
func (x *Index) DocFile(key string) int {
	if id := x.id(key); id != "" {
		return x.layout.doc(id)
	}
	return -1
}

func (x *Index) id(key string) string {
	if i, ok := x.find(key); ok {
		return x.ids[i]
	}
	return x.gone[key]
}

func (x *Index) find(key string) (int, bool) {
	return slices.BinarySearchFunc(x.docs, key, func(d Doc, key string) int { return cmp.Compare(d.Key, key) })
}

// differ yields the words that are not as they were, with their weights before and after, 0 for none.
func (c Change) differ() map[string][2]int {
	m := map[string][2]int{}
	for _, t := range c.Before {
		m[t.Word] = [2]int{t.Weight, 0}
	}
	for _, t := range c.After {
		if was := m[t.Word]; was[0] == t.Weight {
			delete(m, t.Word)
		} else {
			m[t.Word] = [2]int{was[0], t.Weight}
		}
	}
	return m
}

// Recount brings the state to what it is after changes. It is false where that does not suffice: a word is common no more, and only Fill
// knows who has it, or one that no change concerns may be common now.
func (x *Index) Recount(before State, changes []Change) bool {
	x.State = State{maps.Clone(before.Common), before.Widest}
	for _, c := range changes {
		for word, weight := range c.differ() {
			n, ok := x.Common[word]
			switch {
			case !ok:
			case weight[0] == 0:
				x.Common[word] = n + 1
			case weight[1] == 0:
				x.Common[word] = n - 1
			}
		}
	}
	for _, n := range x.Common {
		if !x.common(n) {
			return false
		}
	}
	return !x.common(x.Widest)
}

// Mend gives a file of words after changes, made of the one before them. It is nil where that is none, or where a word became common: then
// Fill is needed.
func (x *Index) Mend(shard int, file []byte, changes []Change) []byte {
	list, ok := parse(string(file))
	if !ok {
		return nil
	}
	for _, c := range changes {
		id := x.id(c.Key)
		if id == "" {
			return nil
		}
		for word, weight := range c.differ() {
			if _, common := x.Common[word]; common || x.layout.shard(word) != shard {
				continue
			}
			if list, ok = x.mend(list, word, id, weight[1]); !ok {
				return nil
			}
		}
	}
	return format(list)
}

// mend sets what a document weighs under a word; 0 takes it out.
func (x *Index) mend(list []entry, word, id string, weight int) ([]entry, bool) {
	at, found := slices.BinarySearchFunc(list, word, func(e entry, word string) int { return cmp.Compare(e.word, word) })
	if !found {
		list = slices.Insert(list, at, entry{word: word})
	}
	e := &list[at]
	from, to := x.place(e.list, id)
	var own string
	if weight > 0 {
		own = id + string(digit(weight))
	}
	e.list = e.list[:from] + own + e.list[to:]
	n := len(e.list) / posting
	if x.Widest = max(x.Widest, n); x.common(n) {
		return list, false
	}
	if e.list == "" {
		list = slices.Delete(list, at, at+1)
	}
	return list, true
}

// place is where a document stands, or would stand, in the list of a word: lists are in the order of the keys.
func (x *Index) place(list, id string) (from, to int) {
	rank := x.ranks()
	for from < len(list) && rank[list[from:from+idLength]] < rank[id] {
		from += posting
	}
	if to = from; from < len(list) && list[from:from+idLength] == id {
		to += posting
	}
	return from, to
}

func (x *Index) rank() map[string]int {
	type named struct{ key, id string }
	var all []named
	for i, d := range x.docs {
		all = append(all, named{d.Key, x.ids[i]})
	}
	for key, id := range x.gone {
		all = append(all, named{key, id})
	}
	slices.SortFunc(all, func(x, y named) int { return cmp.Compare(x.key, y.key) })
	m := make(map[string]int, len(all))
	for i, n := range all {
		m[n.id] = i
	}
	return m
}

// entry is a word with the documents that have it.
type entry struct{ word, list string }

// format makes a file of words. They are letters, digits and marks, which JSON holds as they are.
func format(list []entry) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, e := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + e.word + `":"` + e.list + `"`)
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// parse is the opposite of format. It takes nothing else.
func parse(file string) (list []entry, ok bool) {
	rest, opened := strings.CutPrefix(file, "{")
	rest, closed := strings.CutSuffix(rest, "}\n")
	if !opened || !closed || strings.Contains(rest, `\`) {
		return nil, false
	}
	parts := strings.Split(rest, `"`) // "", a word, ":", a list, ",", …
	if len(parts)%4 != 1 {
		return nil, false
	}
	for i := 0; i+4 < len(parts); i += 4 {
		if parts[i+2] != ":" || len(parts[i+3])%posting != 0 {
			return nil, false
		}
		list = append(list, entry{parts[i+1], parts[i+3]})
	}
	return list, true
}

// Build makes all files of an index of documents with their Terms. The same documents give the same bytes, in whatever order.
func Build(docs []Doc) map[string][]byte {
	x, files := New(docs), map[string][]byte{}
	_ = x.Fill(func(d Doc) (Terms, error) { return d.Terms, nil }) // nothing fails
	for i := range x.layout.Shards {
		files[wordFile(i)] = x.Words(i)
	}
	for i, file := range x.Docs() {
		files[docFile(i)] = file
	}
	return files
}
