package search

import (
	"cmp"
	"encoding/binary"
	"html"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Terms are the words of a document, each once and in order.
type Terms []Term

// Term is a word and how much it says of its document: 1 to 35.
type Term struct {
	Word   string
	Weight int
}

// What a word weighs by where it stands, and how often a text may repeat it.
const (
	inTitle   = 14
	inTags    = 8
	inSummary = 3
	maxRepeat = 6
	maxTerm   = 32 // characters of a word that are kept
)

// Weigh gives the words of a document. text is plain.
func Weigh(title string, tags []string, summary, text string) Terms {
	var t tally
	t.at = make(map[string]int32, len(text)/16)
	for term := range Tokens(text) {
		if w := t.of(term); *w < maxRepeat {
			*w++
		}
	}
	once := func(s string, weight int) {
		seen := map[string]bool{}
		for term := range Tokens(s) {
			if !seen[term] {
				*t.of(term) += weight
				seen[term] = true
			}
		}
	}
	once(title, inTitle)
	once(strings.Join(tags, " "), inTags)
	once(summary, inSummary)
	return t.inOrder()
}

// tally counts words. Each is looked up once for each time that it stands in a text.
type tally struct {
	at   map[string]int32 // place in list
	list Terms
}

// of is a word's count, good until the next call.
func (t *tally) of(word string) *int {
	i, ok := t.at[word]
	if !ok {
		i = int32(len(t.list))
		t.at[word] = i
		t.list = append(t.list, Term{Word: word})
	}
	return &t.list[i].Weight
}

// inOrder gives the words in order. Eight bytes of each tell nearly all apart, and one comparison of numbers takes a tenth of one of texts.
func (t *tally) inOrder() Terms {
	type place struct {
		begins uint64
		at     int32
	}
	places := make([]place, len(t.list))
	for i, term := range t.list {
		var first [8]byte
		copy(first[:], term.Word)
		places[i] = place{binary.BigEndian.Uint64(first[:]), int32(i)}
	}
	slices.SortFunc(places, func(x, y place) int {
		if c := cmp.Compare(x.begins, y.begins); c != 0 {
			return c
		}
		return strings.Compare(t.list[x.at].Word, t.list[y.at].Word)
	})
	list := make(Terms, len(places))
	for i, p := range places {
		list[i] = Term{t.list[p.at].Word, min(t.list[p.at].Weight, len(digits)-1)}
	}
	return list
}

// Tokens yields the words of a text as the index has them: small letters, Latin, Greek and Cyrillic ones without accents. Where a script
// has no spaces every two neighbours are a word.
func Tokens(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for text != "" {
			n, gap, plain := chunk(text)
			switch word := text[:n]; {
			case n == 0:
			case plain && !yield(strings.ToLower(word[:min(n, maxTerm)])), !plain && !folded(word, yield):
				return
			}
			text = text[n+gap:]
		}
	}
}

// chunk is the length of what a text begins with and can be read by itself, and of the gap behind it; plain tells ASCII letters and digits, of
// which nearly every text is and which need no folding.
func chunk(s string) (n, gap int, plain bool) {
	plain = true
	for ; n < len(s); n++ {
		if c := s[n]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			continue
		}
		if gap = boundary(s[n:]); gap > 0 {
			return n, gap, plain
		}
		plain = false
	}
	return n, 0, plain
}

// boundary is the length of the mark or space that a text begins with where no word reaches over it: what follows could be an accent to it.
func boundary(s string) int {
	ends := func(n int) bool { return len(s) == n || s[n] < 0x80 }
	switch c := s[0]; {
	case c == ' ', c == '\n', c < 0x80 && ends(1):
		return 1
	case len(s) >= 3 && s[:2] == "\xe2\x80" && s[2] >= 0x90 && s[2] <= 0xa6 && ends(3): // dashes, quotation marks, U+2010 to U+2026
		return 3
	}
	return 0
}

// folded yields the words of a text of whatever letters, and tells whether more are wanted.
func folded(text string, yield func(string) bool) bool {
	word := make([]rune, 0, maxTerm)
	for _, c := range fold(text) {
		inside := unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c)
		if len(word) > 0 && (!inside || dense(word[0]) != dense(c) && !unicode.IsMark(c)) {
			if !emit(word, yield) {
				return false
			}
			word = word[:0]
		}
		if inside {
			word = append(word, c)
		}
	}
	return len(word) == 0 || emit(word, yield)
}

// emit gives a run of characters as one word, or as pairs.
func emit(run []rune, yield func(string) bool) bool {
	if !dense(run[0]) {
		return yield(string(run[:min(len(run), maxTerm)]))
	}
	if len(run) == 1 {
		return yield(string(run))
	}
	for i := range len(run) - 1 {
		if !yield(string(run[i : i+2])) {
			return false
		}
	}
	return true
}

// dense tells the scripts that are written without spaces.
func dense(c rune) bool {
	return c >= 0x0E00 && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// fold gives one spelling of what a reader takes for the same. ß and its like fall together with what people type instead of them.
func fold(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	bare := false // the last letter loses its accents
	for _, c := range norm.NFKD.String(strings.ToLower(s)) {
		if unicode.IsMark(c) && bare {
			continue
		}
		bare = unicode.In(c, unicode.Latin, unicode.Greek, unicode.Cyrillic)
		if plain, ok := spelt[c]; ok {
			b.WriteString(plain)
			continue
		}
		b.WriteRune(c)
	}
	return norm.NFC.String(b.String())
}

// spelt are letters that have no accent to lose and are typed otherwise.
var spelt = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i", 'ς': "σ"}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Text gives the words that readers see of HTML that we made.
func Text(page string) string {
	var b strings.Builder
	b.Grow(len(page))
	for page != "" {
		text, rest, tag := strings.Cut(page, "<")
		b.WriteString(text)
		if !tag {
			break
		}
		b.WriteByte(' ')
		page = after(rest)
	}
	return html.UnescapeString(b.String())
}

// after is what follows a tag; of a script or style what follows its end.
func after(rest string) string {
	if strings.HasPrefix(rest, "!--") {
		_, rest, _ = strings.Cut(rest, "-->")
		return rest
	}
	name, tail, _ := strings.Cut(rest, ">")
	if name == "" || name[0]|0x20 != 's' && name[0]|0x20 != 'a' {
		return tail
	}
	for _, skipped := range []string{"script", "style", "annotation"} {
		if strings.HasPrefix(strings.ToLower(name), skipped) && !strings.HasSuffix(name, "/") {
			_, tail, _ = strings.Cut(tail, "</"+skipped)
			_, tail, _ = strings.Cut(tail, ">")
		}
	}
	return tail
}
