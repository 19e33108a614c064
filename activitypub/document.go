package activitypub

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a document besides MaxDocument. The largest honest documents seen hold a few hundred values, nine levels deep.
const (
	maxDepth  = 32
	maxValues = 10_000
)

// value is one JSON value with its members in document order, the ground on which Read stands. encoding/json's structs are
// not used for reading: they match names without regard to case and let the last duplicate win, so that a second "Actor" or
// "publicKey" (with a Kelvin sign) would silently replace the first.
type value struct {
	kind    byte // first byte of the JSON: { [ " t f n, or 0 for a number
	raw     []byte
	text    string // of a string
	list    []value
	members []member
}

type member struct {
	name  string
	value value
}

// parseDocument checks size, encoding, syntax, depth, count and names, in that order, and gives the tree.
func parseDocument(data []byte) (value, error) {
	if len(data) > MaxDocument {
		return value{}, ErrTooLarge
	}
	// Some servers (B2) write a byte order mark; RFC 8259 §8.1 lets a reader pass over one.
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if !utf8.Valid(data) {
		return value{}, malformed("not UTF-8")
	}
	if !json.Valid(data) {
		return value{}, malformed("not one JSON value")
	}
	w := walker{data: data, fold: foldName}
	return w.value(1)
}

// malformed says what is wrong with a document, as an ErrMalformed.
func malformed(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, a...))
}

// walker builds the tree of a document that json.Valid has passed, so it need not doubt the syntax again.
type walker struct {
	data  []byte
	at    int
	count int
	fold  func(string) string // makes one of names that may not stand side by side
}

func (w *walker) value(depth int) (value, error) {
	if w.count++; w.count > maxValues {
		return value{}, malformed("more than %d values", maxValues)
	}
	if depth > maxDepth {
		return value{}, malformed("more than %d levels", maxDepth)
	}
	w.space()
	start := w.at
	v := value{kind: w.data[w.at]}
	var err error
	switch v.kind {
	case '{':
		v.members, err = w.object(depth)
	case '[':
		v.list, err = w.array(depth)
	case '"':
		v.text = w.string()
	case 't', 'f', 'n':
		w.scalar()
	default:
		v.kind = 0
		w.scalar()
	}
	v.raw = w.data[start:w.at:w.at]
	return v, err
}

func (w *walker) object(depth int) ([]member, error) {
	var members []member
	seen := map[string]bool{}
	for w.at++; w.more('}'); {
		name := w.string()
		key := w.fold(name)
		if seen[key] {
			return nil, malformed("two members are called %.50q", name)
		}
		seen[key] = true
		w.space()
		w.at++ // the colon
		v, err := w.member(name, depth+1)
		if err != nil {
			return nil, err
		}
		members = append(members, member{name, v})
	}
	return members, nil
}

// member reads the value of a member. In @context, terms that differ by case are honest (Ghost defines quoteAuthorization and
// QuoteAuthorization) and harmless, since nothing reads them.
func (w *walker) member(name string, depth int) (value, error) {
	if name != "@context" {
		return w.value(depth)
	}
	fold := w.fold
	w.fold = func(s string) string { return s }
	v, err := w.value(depth)
	w.fold = fold
	return v, err
}

func (w *walker) array(depth int) ([]value, error) {
	var list []value
	for w.at++; w.more(']'); {
		v, err := w.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// more steps over a comma and tells whether another entry follows; at the end it steps over the closing bracket.
func (w *walker) more(end byte) bool {
	w.space()
	if w.data[w.at] == ',' {
		w.at++
		w.space()
	}
	if w.data[w.at] == end {
		w.at++
		return false
	}
	return true
}

func (w *walker) space() {
	for w.at < len(w.data) && strings.IndexByte(" \t\r\n", w.data[w.at]) >= 0 {
		w.at++
	}
}

func (w *walker) scalar() {
	for w.at < len(w.data) && strings.IndexByte(" \t\r\n,]}", w.data[w.at]) < 0 {
		w.at++
	}
}

// string reads a string. A lone surrogate becomes U+FFFD, because clients that cut text at UTF-16 units send them in honest
// posts; NUL does too, because PostgreSQL cannot hold it.
func (w *walker) string() string {
	start, escaped := w.at, false
	for w.at++; w.data[w.at] != '"'; w.at++ {
		if w.data[w.at] == '\\' {
			escaped = true
			w.at++
		}
	}
	w.at++
	if !escaped {
		return string(w.data[start+1 : w.at-1])
	}
	var s string
	if err := json.Unmarshal(w.data[start:w.at], &s); err != nil {
		return "" // cannot be: json.Valid passed it
	}
	return strings.ReplaceAll(s, "\x00", "\uFFFD")
}

// foldName gives equal results for names that differ by Unicode simple case folding only.
func foldName(s string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (r < 'A' || r > 'Z') && r != 'k' && r != 's' {
			return r
		}
		// The smallest rune of the orbit stands for all: K, k and the Kelvin sign are one orbit; S, s and the long s another.
		low := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			low = min(low, f)
		}
		if 'A' <= low && low <= 'Z' {
			low += 'a' - 'A'
		}
		return low
	}, s)
}

// get gives the first member of one of the names that is there and not null, else a null value.
func (v value) get(names ...string) value {
	for _, name := range names {
		for i := range v.members {
			if v.members[i].name == name && v.members[i].value.kind != 'n' {
				return v.members[i].value
			}
		}
	}
	return value{kind: 'n'}
}

// many gives the entries of an array, or the value itself as the only one, without nulls: one-or-many, as JSON-LD has it.
func (v value) many() []value {
	list := v.list
	if v.kind != '[' {
		list = []value{v}
	}
	var out []value
	for _, e := range list {
		if e.kind != 'n' {
			out = append(out, e)
		}
	}
	return out
}
