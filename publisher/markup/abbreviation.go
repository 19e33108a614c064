package markup

import (
	"bytes"
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Abbreviation is a word that the post defined with "*[HTML]: HyperText Markup Language" (PHP Markdown Extra).
type Abbreviation struct {
	ast.BaseInline
	Title string
}

// KindAbbreviation is the kind of Abbreviation nodes.
var KindAbbreviation = ast.NewNodeKind("Abbreviation")

// Kind is goldmark's ast.Node.
func (*Abbreviation) Kind() ast.NodeKind { return KindAbbreviation }

// Dump is goldmark's ast.Node.
func (n *Abbreviation) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// maxAbbreviations bounds how many a post defines.
const maxAbbreviations = 500

var abbreviationsKey = parser.NewContextKey()

var definition = regexp.MustCompile(`^ {0,3}\*\[([^\[\]]{1,60})\]: *(.{1,500}?)\s*$`)

// abbreviationParser takes paragraphs of definitions out of the text.
type abbreviationParser struct{}

// Transform is goldmark's parser.ParagraphTransformer.
func (abbreviationParser) Transform(p *ast.Paragraph, reader text.Reader, pc parser.Context) {
	found := map[string]string{}
	for i := range p.Lines().Len() {
		line := p.Lines().At(i)
		m := definition.FindSubmatch(line.Value(reader.Source()))
		if m == nil {
			return
		}
		found[string(m[1])] = string(m[2])
	}
	all, _ := pc.Get(abbreviationsKey).(map[string]string)
	if all == nil {
		all = map[string]string{}
		pc.Set(abbreviationsKey, all)
	}
	if len(all)+len(found) <= maxAbbreviations {
		maps.Copy(all, found)
	}
	p.Parent().RemoveChild(p.Parent(), p)
}

// Abbreviations marks the words in the document's text that the post defined.
func Abbreviations(doc ast.Node, source []byte, pc parser.Context) {
	all, _ := pc.Get(abbreviationsKey).(map[string]string)
	if len(all) == 0 {
		return
	}
	// The longest first: of "HTML5" and "HTML" the first is meant.
	names := slices.SortedFunc(maps.Keys(all), func(x, y string) int { return cmp.Or(len(y)-len(x), cmp.Compare(x, y)) })
	for i, name := range names {
		names[i] = regexp.QuoteMeta(name)
	}
	words := regexp.MustCompile(strings.Join(names, "|"))
	var texts []*ast.Text
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.CodeSpan, *ast.Image:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if entering && !n.IsRaw() {
				texts = append(texts, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, t := range texts {
		abbreviate(t, source, words, all)
	}
}

// abbreviate cuts a text at the words in it.
func abbreviate(t *ast.Text, source []byte, words *regexp.Regexp, titles map[string]string) {
	parent, rest := t.Parent(), t.Segment
	for _, at := range words.FindAllIndex(t.Segment.Value(source), -1) {
		start, stop := t.Segment.Start+at[0], t.Segment.Start+at[1]
		if t.Segment.Padding > 0 || start < rest.Start || !bounded(source, start, stop) {
			continue
		}
		if start > rest.Start {
			parent.InsertBefore(parent, t, ast.NewTextSegment(rest.WithStop(start)))
		}
		a := &Abbreviation{Title: titles[string(source[start:stop])]}
		a.AppendChild(a, ast.NewTextSegment(text.NewSegment(start, stop)))
		parent.InsertBefore(parent, t, a)
		rest = text.NewSegment(stop, t.Segment.Stop)
	}
	t.Segment = rest
}

// bounded tells whether a piece of the source is a whole word.
func bounded(source []byte, start, stop int) bool {
	before, _ := utf8.DecodeLastRune(source[:start])
	after, _ := utf8.DecodeRune(source[stop:])
	part := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || c == '_' }
	return !part(before) && !part(after) && !bytes.HasSuffix(source[:start], []byte("\\"))
}

func writeAbbreviation(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	s := "</abbr>"
	if entering {
		s = `<abbr title="` + escaped(n.(*Abbreviation).Title) + `">`
	}
	_, err := w.WriteString(s)
	return ast.WalkContinue, err
}
