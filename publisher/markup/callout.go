package markup

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Kinds are the kinds of callouts, as GitHub has them.
var Kinds = []string{"note", "tip", "important", "warning", "caution"}

// Callout is a quote that begins with [!NOTE]. Its first child is a CalloutTitle where the author wrote a title or it folds.
type Callout struct {
	ast.BaseBlock
	Name  string // one of Kinds
	Fold  string // "" stands open, "-" is folded, "+" can be folded
	Label string // what assistive technology calls it; whoever knows the language sets it
}

// KindCallout is the kind of Callout nodes.
var KindCallout = ast.NewNodeKind("Callout")

// Kind is goldmark's ast.Node.
func (*Callout) Kind() ast.NodeKind { return KindCallout }

// Dump is goldmark's ast.Node.
func (n *Callout) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// CalloutTitle is the first line of a callout, with the Markdown that the author wrote behind [!NOTE].
type CalloutTitle struct {
	ast.BaseBlock
	fold bool
	kind string // what precedes a title that folds: its element can have no label
	name string // as written, in lower case
	sign string
}

// KindCalloutTitle is the kind of CalloutTitle nodes.
var KindCalloutTitle = ast.NewNodeKind("CalloutTitle")

// Kind is goldmark's ast.Node.
func (*CalloutTitle) Kind() ast.NodeKind { return KindCalloutTitle }

// Dump is goldmark's ast.Node.
func (n *CalloutTitle) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// calloutParser cuts the first line off a quote's first paragraph before its Markdown is read.
type calloutParser struct{}

// Transform is goldmark's parser.ParagraphTransformer.
func (calloutParser) Transform(p *ast.Paragraph, reader text.Reader, _ parser.Context) {
	quote, ok := p.Parent().(*ast.Blockquote)
	if !ok || p.PreviousSibling() != nil || p.Lines().Len() == 0 {
		return
	}
	first := p.Lines().At(0)
	name, sign, size := calloutMark(first.Value(reader.Source()))
	if name == "" {
		return
	}
	title := &CalloutTitle{name: name, sign: sign}
	rest := text.NewSegment(first.Start+size, first.Stop)
	if rest = rest.TrimRightSpace(reader.Source()); rest.Len() > 0 {
		title.Lines().Append(rest)
	}
	quote.InsertBefore(quote, p, title)
	if p.Lines().Len() == 1 {
		quote.RemoveChild(quote, p)
		return
	}
	p.Lines().SetSliced(1, p.Lines().Len())
}

// calloutMark reads "[!NOTE]- " at the start of a line: the name in lower case, the sign and how many bytes they take.
func calloutMark(line []byte) (name, sign string, size int) {
	open := bytes.IndexFunc(line, func(c rune) bool { return c != ' ' && c != '\t' })
	if open < 0 || !bytes.HasPrefix(line[open:], []byte("[!")) {
		return "", "", 0
	}
	shut := bytes.IndexByte(line, ']')
	if shut < 0 || shut == open+2 {
		return "", "", 0
	}
	name, size = string(line[open+2:shut]), shut+1
	if strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz") != "" {
		return "", "", 0
	}
	if size < len(line) && (line[size] == '-' || line[size] == '+') {
		sign, size = string(line[size]), size+1
	}
	if size < len(line) && !util.IsSpace(line[size]) {
		return "", "", 0 // [!NOTE](a link), or more text
	}
	for size < len(line) && util.IsSpace(line[size]) {
		size++
	}
	return strings.ToLower(name), sign, size
}

// aliases are names of callouts that other programs know (Obsidian, Docusaurus).
var aliases = map[string]string{"info": "note", "hint": "tip", "success": "tip", "attention": "warning", "danger": "caution", "error": "caution"}

// calloutKind is the kind of a name, "" where there is none.
func calloutKind(name string) string {
	if other, ok := aliases[name]; ok {
		return other
	}
	for _, kind := range Kinds {
		if kind == name {
			return kind
		}
	}
	return ""
}

// Callouts turns the quotes of a document that calloutParser marked into Callout nodes. label names each in the document's
// language: by its title, "" where the author wrote none. A quote of a kind that nobody knows stays one with its first line, and
// unknown is told its name and the node.
func Callouts(doc ast.Node, label func(kind string, title ast.Node) string, unknown func(name string, n ast.Node)) {
	var titles []*CalloutTitle
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*CalloutTitle); ok && entering {
			titles = append(titles, t)
		}
		return ast.WalkContinue, nil
	})
	for _, t := range titles {
		quote := t.Parent()
		kind := calloutKind(t.name)
		if kind == "" {
			unknown(t.name, t)
			quote.ReplaceChild(quote, t, plainTitle(t))
			continue
		}
		c := &Callout{Name: kind, Fold: t.sign}
		if t.ChildCount() == 0 {
			t.AppendChild(t, Verbatim(label(kind, nil)))
		}
		c.Label = label(kind, t)
		if t.fold = t.sign != ""; t.fold && c.Label != label(kind, nil) {
			t.kind = label(kind, nil) + ": "
		}
		for n := quote.FirstChild(); n != nil; n = quote.FirstChild() {
			c.AppendChild(c, n)
		}
		quote.Parent().ReplaceChild(quote.Parent(), quote, c)
	}
}

// plainTitle is the first line of a quote as it was written.
func plainTitle(t *CalloutTitle) ast.Node {
	p := ast.NewParagraph()
	p.AppendChild(p, Verbatim("[!"+strings.ToUpper(t.name)+"]"+t.sign+" "))
	for n := t.FirstChild(); n != nil; n = t.FirstChild() {
		p.AppendChild(p, n)
	}
	return p
}

// blockRenderer writes callouts and figures.
type blockRenderer struct{}

// RegisterFuncs is goldmark's renderer.NodeRenderer.
func (blockRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(KindCallout, writeCallout)
	r.Register(KindCalloutTitle, writeCalloutTitle)
	r.Register(KindFigure, writeFigure)
	r.Register(KindGallery, writeGallery)
}

// A callout is a quote to readers without a style sheet: what it says is set off from the text. role=note is what a screen
// reader announces; <aside> would be a landmark, and landmarks do not stand within an article.
func writeCallout(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	c := n.(*Callout)
	element := "blockquote"
	if c.Fold != "" {
		element = "details"
	}
	if !entering {
		_, err := w.WriteString("</" + element + ">\n")
		return ast.WalkContinue, err
	}
	rest := ` role="note" aria-label="` + escaped(c.Label) + `"`
	if c.Fold != "" {
		rest = ""
	}
	if c.Fold == "+" {
		rest = ` open=""`
	}
	_, err := w.WriteString("<" + element + ` class="callout ` + c.Name + `"` + rest + ">\n")
	return ast.WalkContinue, err
}

func writeCalloutTitle(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	element, t := "p", n.(*CalloutTitle)
	if t.fold {
		element = "summary"
	}
	if entering {
		kind := ""
		if t.kind != "" {
			kind = `<span class="vh">` + escaped(t.kind) + `</span>`
		}
		_, err := w.WriteString("<" + element + ` class="callout-title">` + kind + `<strong>`)
		return ast.WalkContinue, err
	}
	_, err := w.WriteString("</strong></" + element + ">\n")
	return ast.WalkContinue, err
}
