// Package search is the site's full-text index: small JSON files that a browser, or inboxd for readers without scripts, looks words up in.
//
// Documents with their words come in; files by name go out (Build), and found documents for a query (Find). Words with a common beginning
// lie in one file, so that a reader who types fetches a few kilobytes whatever the size of the blog, and an edit rewrites only the files
// that hold its words. search.js reads the same files in the browser: what words.go and Layout say, it says again.
//
// It imports nothing of ours and opens no file but those of the folder that it is given.
package search

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base32"
	"encoding/json"
	"hash/fnv"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Script is the part of it that runs in browsers.
//
//go:embed search.js
var Script []byte

// Doc is a document as results show it. Key names it for ever.
type Doc struct {
	Key     string
	Title   string
	URL     string // path, percent-encoded
	Date    string // "2026-10-28", "" for a page without one
	Lang    string
	Excerpt string
	Terms   Terms
}

// Layout is into how many files words and documents are divided. It follows from the number of documents alone.
type Layout struct {
	Shards int `json:"shards"`
	Docs   int `json:"docs"`
}

// LayoutOf gives a blog's layout: files of some kilobytes each, and no more of them than help.
func LayoutOf(docs int) Layout {
	switch {
	case docs <= 64:
		return Layout{16, 1}
	case docs <= 512:
		return Layout{64, 8}
	}
	return Layout{256, 32}
}

// Names are the files of a layout.
func (l Layout) Names() (names []string) {
	for i := range l.Shards {
		names = append(names, wordFile(i))
	}
	for i := range l.Docs {
		names = append(names, docFile(i))
	}
	return names
}

func wordFile(n int) string { return "w" + strconv.Itoa(n) + ".json" }
func docFile(n int) string  { return "d" + strconv.Itoa(n) + ".json" }

// shard is the file of a word: of its first two characters, or of the first where a script has no spaces, because there every
// pair is a word.
func (l Layout) shard(term string) int { return bucket(stem(term), l.Shards) }

func (l Layout) doc(id string) int { return bucket(id, l.Docs) }

func stem(term string) string {
	first, n := utf8.DecodeRuneInString(term)
	if !dense(first) {
		_, second := utf8.DecodeRuneInString(term[n:])
		n += second
	}
	return term[:n]
}

func bucket(s string, n int) int {
	h := fnv.New32a()
	h.Write([]byte(s))
	return int(h.Sum32() % uint32(n))
}

// idLength is how many characters name a document in the files.
const idLength = 6

// common is the share of all documents from which on a word finds nothing: it is in the index, so that a query with it is understood, and
// names no document. Blogs of less than manyDocs have no such words.
const (
	common   = 0.4
	manyDocs = 40
)

func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // texts alone
	return b.Bytes()
}

// digit writes a weight as one character.
func digit(weight int) byte { return digits[min(max(weight, 1), len(digits)-1)] }

const digits = "0123456789abcdefghijklmnopqrstuvwxyz"

// ids are short names of documents, made of their keys: they stay when others come and go.
func ids(docs []Doc) []string {
	list, taken := make([]string, len(docs)), map[string]bool{}
	for i, d := range docs {
		name := d.Key
		for list[i] == "" || taken[list[i]] {
			sum := sha256.Sum256([]byte(name))
			list[i] = strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))[:idLength]
			name += "+"
		}
		taken[list[i]] = true
	}
	return list
}

// Encode writes terms into a text that Decode reads: for a cache.
func (t Terms) Encode() string {
	size := 0
	for _, w := range t {
		size += len(w.Word) + 2
	}
	var b strings.Builder
	b.Grow(size)
	for _, w := range t {
		b.WriteByte(digit(w.Weight))
		b.WriteString(w.Word)
		b.WriteByte(' ')
	}
	return b.String()
}

// Decode reads what Encode wrote. The words are parts of s.
func Decode(s string) Terms {
	t := make(Terms, 0, len(s)/8)
	for s != "" {
		end := strings.IndexByte(s, ' ')
		if end < 1 {
			break
		}
		t = append(t, Term{s[1:end], weightOf(s[0])})
		s = s[end+1:]
	}
	return t
}

func weightOf(digit byte) int { return strings.IndexByte(digits, digit) }
