package publisher

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// plain is a node's text as a reader sees it.
func (r *rendered) plain(n ast.Node) string {
	return strings.Join(strings.Fields(r.spaced(n)), " ")
}

// spaced is plain with its blanks as they come.
func (r *rendered) spaced(n ast.Node) string {
	var b strings.Builder
	if w, ok := n.(written); ok {
		b.WriteString(w.written())
	}
	r.write(&b, n)
	return b.String()
}

func (r *rendered) write(b *strings.Builder, n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(spoken(c.Segment.Value(r.source)))
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(spoken(c.Value))
		case written:
			b.WriteString(c.written())
		case *ast.CodeSpan:
			for t := c.FirstChild(); t != nil; t = t.NextSibling() {
				if s, ok := t.(*ast.Text); ok {
					b.Write(s.Segment.Value(r.source))
				}
			}
		case *ast.AutoLink:
			b.Write(c.Label(r.source))
		case *ast.RawHTML:
		default:
			if s, ok := emojiOf(c); ok {
				b.WriteString(s)
				continue
			}
			if c.Kind().String() == "FootnoteLink" || c.Kind().String() == "FootnoteBacklink" {
				continue
			}
			r.write(b, c)
			if c.Type() == ast.TypeBlock {
				b.WriteByte(' ')
			}
		}
	}
}

func spoken(s []byte) []byte {
	if bytes.IndexByte(s, '&') < 0 && bytes.IndexByte(s, '\\') < 0 {
		return s // nearly all are so
	}
	return util.ResolveNumericReferences(util.ResolveEntityNames(util.UnescapePunctuations(s)))
}

// count takes the number of words and the excerpt from the text.
func (r *rendered) count(doc *ast.Document) {
	var out strings.Builder
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Kind().String() == "FootnoteList" {
			continue
		}
		s := r.spaced(n)
		r.Words += words(s)
		if (n.Kind() != ast.KindParagraph && n.Kind() != kindMathBlock) || utf8.RuneCountInString(out.String()) >= 80 {
			continue
		}
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			if out.Len() > 0 {
				out.WriteByte(' ')
			}
			out.WriteString(s)
		}
	}
	r.Excerpt = shorten(out.String(), 500)
}

// words counts runs of letters and digits; where a script has no blanks, two characters are a word.
func words(s string) int {
	n, dense, inside := 0, 0, false
	for _, c := range s {
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z': // the other questions take a hundred times as long
			if !inside {
				n++
			}
			inside = true
		case c >= 0x80 && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
			dense++
			inside = false
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			if !inside {
				n++
			}
			inside = true
		case c != '\'' && c != '’' && c != '-':
			inside = false
		}
	}
	return n + (dense+1)/2
}

// shorten cuts a text after a sentence, else after a word, so that it has at most n characters.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := string(r[:n-1])
	if i := strings.LastIndexAny(cut, ".!?。！？"); utf8.RuneCountInString(cut[:max(i, 0)]) >= 80 {
		_, size := utf8.DecodeRuneInString(cut[i:])
		return cut[:i+size]
	}
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:–—-") + "…"
}
