package search

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// What a query may ask for, so that no reader keeps the daemon busy.
const (
	maxQuery = 200 // characters
	maxWords = 12
	maxFound = 50 // words that begin like one of the query's
)

// maxFile bounds a file of the index, in bytes.
const maxFile = 16 << 20

// Find looks a query up in the files of an index in dir: documents that hold all its words, or words that begin with them, the best first.
// At most n are given, and how many there are. Terms and Key of a found Doc are empty.
func Find(dir fs.FS, at string, l Layout, query string, n int) (found []Doc, total int, err error) {
	if r := []rune(query); len(r) > maxQuery {
		query = string(r[:maxQuery])
	}
	var scores map[string]float64
	words := 0
	for term := range Tokens(query) {
		if words++; words > maxWords {
			break
		}
		list, all, err := matches(dir, at, l, term)
		if err != nil {
			return nil, 0, err
		}
		if !all {
			scores = both(scores, list)
		}
	}
	ids := slices.SortedFunc(func(yield func(string) bool) {
		for id := range scores {
			if !yield(id) {
				return
			}
		}
	}, func(x, y string) int { return cmp.Or(cmp.Compare(scores[y], scores[x]), cmp.Compare(x, y)) })
	for _, id := range ids[:min(len(ids), n)] {
		d, err := document(dir, at, l, id)
		if err != nil {
			return nil, 0, err
		}
		found = append(found, d)
	}
	return found, len(ids), nil
}

// matches are the documents of all words that begin with term. all is true where the word is too common to tell documents apart.
func matches(dir fs.FS, at string, l Layout, term string) (list map[string]float64, all bool, err error) {
	words := map[string]string{}
	if err := read(dir, path.Join(at, wordFile(l.shard(term))), &words); err != nil {
		return nil, false, err
	}
	var near []string
	for w := range words {
		if strings.HasPrefix(w, term) {
			near = append(near, w)
		}
	}
	if records, ok := words[term]; ok && records == "" {
		return nil, true, nil
	}
	slices.SortFunc(near, func(x, y string) int { return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)) })
	list = map[string]float64{}
	for _, w := range near[:min(len(near), maxFound)] {
		add(list, words[w], w == term)
	}
	return list, false, nil
}

// add scores the documents of one word: rare words say more, whole ones more than beginnings.
func add(list map[string]float64, records string, whole bool) {
	rare := 1 / math.Log2(2+float64(len(records)/(idLength+1)))
	if !whole {
		rare /= 2
	}
	for i := 0; i+idLength < len(records); i += idLength + 1 {
		weight, _ := strconv.ParseInt(records[i+idLength:i+idLength+1], 36, 0)
		id := records[i : i+idLength]
		list[id] = max(list[id], rare*float64(weight))
	}
}

// both keeps what stands in both lists; a nil one has everything.
func both(scores, list map[string]float64) map[string]float64 {
	if scores == nil {
		return list
	}
	for id := range scores {
		if s, ok := list[id]; ok {
			scores[id] += s
		} else {
			delete(scores, id)
		}
	}
	return scores
}

func document(dir fs.FS, at string, l Layout, id string) (Doc, error) {
	docs := map[string][]string{}
	if err := read(dir, path.Join(at, docFile(l.doc(id))), &docs); err != nil {
		return Doc{}, err
	}
	d := docs[id]
	if len(d) != 5 {
		return Doc{}, fmt.Errorf("the index names a document %s that it does not have", id)
	}
	return Doc{Title: d[0], URL: d[1], Date: d[2], Lang: d[3], Excerpt: d[4]}, nil
}

func read(dir fs.FS, name string, v any) error {
	info, err := fs.Stat(dir, name)
	if err == nil && info.Size() > maxFile {
		err = errors.New("it is larger than 16 MB")
	}
	var data []byte
	if err == nil {
		data, err = fs.ReadFile(dir, name)
	}
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return fmt.Errorf("reading the search index: %w", err)
	}
	return nil
}
