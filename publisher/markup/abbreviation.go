package markup

import (
	"maps"
	"regexp"
	"slices"
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
const maxAbbreviations = 200

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
	lengths := byFirst(all)
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
		abbreviate(t, source, lengths, all)
	}
}

// byFirst gives the lengths that terms have which begin with a byte, the longest first: of "HTML5" and "HTML" the first is meant.
func byFirst(all map[string]string) (lengths [256][]int) {
	for name := range all {
		if to := &lengths[name[0]]; !slices.Contains(*to, len(name)) {
			*to = append(*to, len(name))
		}
	}
	for _, list := range lengths {
		slices.SortFunc(list, func(x, y int) int { return y - x })
	}
	return lengths
}

// abbreviate cuts a text at the words in it.
func abbreviate(t *ast.Text, source []byte, lengths [256][]int, titles map[string]string) {
	if t.Segment.Padding > 0 {
		return
	}
	parent, rest := t.Parent(), t.Segment
	for i := rest.Start; i < rest.Stop; i++ {
		stop := i + len(termAt(source[:t.Segment.Stop], i, lengths[source[i]], titles))
		if stop == i {
			continue
		}
		if i > rest.Start {
			parent.InsertBefore(parent, t, ast.NewTextSegment(rest.WithStop(i)))
		}
		a := &Abbreviation{Title: titles[string(source[i:stop])]}
		a.AppendChild(a, ast.NewTextSegment(text.NewSegment(i, stop)))
		parent.InsertBefore(parent, t, a)
		rest = rest.WithStart(stop)
		i = stop - 1
	}
	t.Segment = rest
}

// termAt is the term that stands at an offset as a whole word, "" for none.
func termAt(source []byte, at int, lengths []int, titles map[string]string) string {
	if len(lengths) == 0 {
		return ""
	}
	part := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || c == '_' }
	if before, _ := utf8.DecodeLastRune(source[:at]); part(before) || before == '\\' {
		return ""
	}
	for _, n := range lengths {
		if at+n > len(source) {
			continue
		}
		if _, ok := titles[string(source[at:at+n])]; ok {
			if after, _ := utf8.DecodeRune(source[at+n:]); !part(after) {
				return string(source[at : at+n])
			}
		}
	}
	return ""
}

func writeAbbreviation(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	s := "</abbr>"
	if entering {
		s = `<abbr title="` + escaped(n.(*Abbreviation).Title) + `">`
	}
	_, err := w.WriteString(s)
	return ast.WalkContinue, err
}
