package signature

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxLevels bounds how deeply a document may be nested that is made canonical; the inbox's reader takes far less.
const maxLevels = 100

var errCanonical = errors.New("the document has no canonical form")

// Canonical writes a JSON document in the one form of RFC 8785 (JCS): members sorted by the UTF-16 units of their names, numbers as
// ECMAScript prints them, no space. What has no such form is an error: names that stand twice, invalid UTF-8, lone surrogates, numbers
// beyond a double, more than one value.
func Canonical(doc []byte) ([]byte, error) {
	c, err := newCanonical(doc)
	if err != nil {
		return nil, err
	}
	out, err := c.value(0)
	if err != nil {
		return nil, err
	}
	return out, c.end()
}

// canonical reads a document from its start to its end, once.
type canonical struct{ dec *json.Decoder }

// canonicalMember is a member of an object with its value in canonical form.
type canonicalMember struct {
	name  string
	value []byte
}

func newCanonical(doc []byte) (canonical, error) {
	if !utf8.Valid(doc) || loneSurrogate(doc) {
		return canonical{}, fmt.Errorf("%w: not Unicode", errCanonical)
	}
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	return canonical{dec}, nil
}

// canonicalMembers gives the members of a document that is one object, sorted.
func canonicalMembers(doc []byte) ([]canonicalMember, error) {
	c, err := newCanonical(doc)
	if err != nil {
		return nil, err
	}
	t, err := c.dec.Token()
	if err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("%w: not an object", errCanonical)
	}
	members, err := c.members(0)
	if err != nil {
		return nil, err
	}
	return members, c.end()
}

func (c canonical) end() error {
	if _, err := c.dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more than one value", errCanonical)
	}
	return nil
}

func (c canonical) value(level int) ([]byte, error) {
	t, err := c.dec.Token()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCanonical, err)
	}
	switch t := t.(type) {
	case string:
		return appendString(nil, t), nil
	case json.Number:
		return number(t)
	case bool:
		return strconv.AppendBool(nil, t), nil
	case json.Delim:
		if level++; level > maxLevels {
			return nil, fmt.Errorf("%w: more than %d levels", errCanonical, maxLevels)
		}
		if t == '[' {
			return c.array(level)
		}
		members, err := c.members(level)
		return joinMembers(members), err
	}
	return []byte("null"), nil
}

func (c canonical) array(level int) ([]byte, error) {
	out := []byte{'['}
	for c.dec.More() {
		v, err := c.value(level)
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, v...)
	}
	_, err := c.dec.Token()
	return append(out, ']'), err
}

// members reads an object behind its opening brace.
func (c canonical) members(level int) ([]canonicalMember, error) {
	var list []canonicalMember
	for c.dec.More() {
		t, err := c.dec.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errCanonical, err)
		}
		name, _ := t.(string) // the decoder takes nothing else there
		v, err := c.value(level)
		if err != nil {
			return nil, err
		}
		list = append(list, canonicalMember{name, v})
	}
	if _, err := c.dec.Token(); err != nil {
		return nil, fmt.Errorf("%w: %w", errCanonical, err)
	}
	list = sorted(list)
	for i := range list[min(1, len(list)):] {
		if list[i].name == list[i+1].name {
			return nil, fmt.Errorf("%w: two members are called %.50q", errCanonical, list[i].name)
		}
	}
	return list, nil
}

// sorted puts members into their order, in place.
func sorted(list []canonicalMember) []canonicalMember {
	slices.SortFunc(list, func(a, b canonicalMember) int { return byUnits(a.name, b.name) })
	return list
}

// byUnits compares the UTF-16 units of two strings (RFC 8785 §3.2.3), which decide at the first character that differs.
func byUnits(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	for i > 0 && (i < len(a) && !utf8.RuneStart(a[i]) || i < len(b) && !utf8.RuneStart(b[i])) {
		i--
	}
	if i == len(a) || i == len(b) {
		return len(a) - len(b)
	}
	x, _ := utf8.DecodeRuneInString(a[i:])
	y, _ := utf8.DecodeRuneInString(b[i:])
	return slices.Compare(utf16.AppendRune(nil, x), utf16.AppendRune(nil, y))
}

func joinMembers(list []canonicalMember) []byte {
	out := []byte{'{'}
	for i, m := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(appendString(out, m.name), ':'), m.value...)
	}
	return append(out, '}')
}

// number prints a number as ECMAScript does (RFC 8785 §3.2.2.3), which encoding/json does but for the sign of zero.
func number(n json.Number) ([]byte, error) {
	f, err := n.Float64()
	if err != nil || math.IsInf(f, 0) {
		return nil, fmt.Errorf("%w: %.50s is no double", errCanonical, n)
	}
	return json.Marshal(f + 0) // -0 + 0 is 0
}

// short are the controls that have an escape of two characters.
var short = map[byte]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`}

// appendString quotes as JSON.stringify does (RFC 8785 §3.2.2.2): encoding/json also escapes what HTML and JavaScript stumble over.
func appendString(out []byte, s string) []byte {
	out = append(out, '"')
	done := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		out = append(out, s[done:i]...)
		if e, ok := short[c]; ok {
			out = append(out, e...)
		} else {
			out = fmt.Appendf(out, `\u%04x`, c)
		}
		done = i + 1
	}
	return append(append(out, s[done:]...), '"')
}

// loneSurrogate tells whether an escape of a JSON text is half a character. Backslashes stand in strings alone.
func loneSurrogate(doc []byte) bool {
	for i := 0; i < len(doc); i++ {
		if doc[i] != '\\' {
			continue
		}
		if i++; unit(doc, i-1) < 0 {
			continue
		}
		first := unit(doc, i-1)
		if i += 4; !utf16.IsSurrogate(first) {
			continue
		}
		if utf16.DecodeRune(first, unit(doc, i+1)) == utf8.RuneError {
			return true
		}
		i += 6
	}
	return false
}

// unit reads the escape \uXXXX at a place; -1 if there is none.
func unit(doc []byte, at int) rune {
	if at+6 > len(doc) || doc[at] != '\\' || doc[at+1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(doc[at+2:at+6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
