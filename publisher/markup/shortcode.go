package markup

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Shortcode is a shortcode that stands on lines of its own; its children are the Markdown between it and its end.
type Shortcode struct {
	ast.BaseBlock
	Call
	Write  func(inner []byte) []byte // makes its HTML of that of its children; nil writes nothing
	Open   bool                      // it has a text, and nothing ended it
	paired bool
}

// KindShortcode is the kind of Shortcode nodes.
var KindShortcode = ast.NewNodeKind("Shortcode")

// Kind is goldmark's ast.Node.
func (*Shortcode) Kind() ast.NodeKind { return KindShortcode }

// Dump is goldmark's ast.Node.
func (n *Shortcode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// Span is a shortcode within a paragraph.
type Span struct {
	ast.BaseInline
	Call
	Write func(inner []byte) []byte
	Open  bool
}

// KindSpan is the kind of Span nodes.
var KindSpan = ast.NewNodeKind("Span")

// Kind is goldmark's ast.Node.
func (*Span) Kind() ast.NodeKind { return KindSpan }

// Dump is goldmark's ast.Node.
func (n *Span) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// maxDepth is how deep shortcodes stand in each other, maxLines over how many lines one call goes.
const (
	maxDepth = 20
	maxLines = 30
)

// stackKey holds the shortcodes that wait for their ends, the innermost last.
var stackKey = parser.NewContextKey()

func stackOf(pc parser.Context) []*Shortcode {
	s, _ := pc.Get(stackKey).([]*Shortcode)
	return s
}

// shortcodeBlock finds shortcodes that have their line to themselves.
type shortcodeBlock struct{ paired func(name string) bool }

// Trigger is goldmark's parser.BlockParser.
func (shortcodeBlock) Trigger() []byte { return []byte{'{'} }

// CanInterruptParagraph is goldmark's parser.BlockParser.
func (shortcodeBlock) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine is goldmark's parser.BlockParser.
func (shortcodeBlock) CanAcceptIndentedLine() bool { return false }

// Open is goldmark's parser.BlockParser.
func (b shortcodeBlock) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, at := reader.PeekLine()
	start := len(line) - len(bytes.TrimLeft(line, " \t"))
	if !opens(line[start:]) {
		return nil, parser.NoChildren
	}
	c, ok := readCall(reader, start)
	if !ok {
		return nil, parser.NoChildren
	}
	c.Offset = at.Start + start
	n := &Shortcode{Call: c}
	if c.Fault != "" || c.Shut || c.Empty || !b.paired(c.Name) {
		return n, parser.NoChildren
	}
	stack := stackOf(pc)
	if len(stack) >= maxDepth {
		n.Fault = "more than 20 shortcodes in each other"
		return n, parser.NoChildren
	}
	n.Open, n.paired = true, true
	pc.Set(stackKey, append(stack, n))
	return n, parser.HasChildren
}

// readCall reads a call that may go over lines and stands alone on them. The reader is left before its last line's end.
func readCall(reader text.Reader, start int) (c Call, ok bool) {
	number, position := reader.Position()
	var all []byte
	for i := range maxLines {
		line, _ := reader.PeekLine()
		if line == nil {
			break
		}
		if i == 0 {
			line = line[start:]
		}
		all = append(all, line...)
		if c, size := parseCall(all); size > 0 {
			if len(bytes.TrimSpace(all[size:])) > 0 {
				reader.SetPosition(number, position)
				return c, false // a paragraph that begins with a shortcode
			}
			c.Width = size
			toLineEnd(reader)
			return c, true
		}
		if bytes.Contains(all[1:], []byte("{{")) || len(all) > maxCall {
			break
		}
		reader.AdvanceLine()
	}
	reader.SetPosition(number, position)
	toLineEnd(reader)
	first, _, _ := bytes.Cut(all, []byte("\n"))
	return Call{Width: len(first), Fault: "a shortcode has no end"}, true
}

// toLineEnd takes the line but for its line feed, which parsers of blocks leave where it is.
func toLineEnd(reader text.Reader) {
	line, _ := reader.PeekLine()
	reader.Advance(len(bytes.TrimRight(line, "\n")))
}

// Continue is goldmark's parser.BlockParser.
func (b shortcodeBlock) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	n := node.(*Shortcode)
	if !n.paired {
		return parser.Close
	}
	stack := stackOf(pc)
	if len(stack) > 0 && stack[len(stack)-1] == n && !inCode(pc) && closes(reader, n) {
		n.Open = false
		pc.Set(stackKey, stack[:len(stack)-1])
		toLineEnd(reader)
		return parser.Close
	}
	return parser.Continue | parser.HasChildren
}

// inCode tells whether the line belongs to a fenced block, in which shortcodes are text.
func inCode(pc parser.Context) bool {
	last := pc.LastOpenedBlock().Node
	return last != nil && last.Kind() == ast.KindFencedCodeBlock
}

// closes tells whether the line is the end of the shortcode.
func closes(reader text.Reader, n *Shortcode) bool {
	line, _ := reader.PeekLine()
	line = bytes.TrimSpace(line)
	if !opens(line) {
		return false
	}
	c, size := parseCall(line)
	return size == len(line) && c.Shut && c.Name == n.Name
}

// Close is goldmark's parser.BlockParser.
func (b shortcodeBlock) Close(node ast.Node, _ text.Reader, pc parser.Context) {
	stack := stackOf(pc)
	for i, n := range stack {
		if n == node {
			pc.Set(stackKey, stack[:i])
			return
		}
	}
}

// shortcodeInline finds shortcodes within text, and shows {{</* escaped */>}} ones without the stars.
type shortcodeInline struct{}

// Trigger is goldmark's parser.InlineParser.
func (shortcodeInline) Trigger() []byte { return []byte{'{'} }

// Parse is goldmark's parser.InlineParser.
func (shortcodeInline) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, at := block.PeekLine()
	if s, size := escapedCall(line); size > 0 {
		block.Advance(size)
		return Verbatim(s)
	}
	if !opens(line) {
		return nil
	}
	c, size := parseCall(line)
	if size == 0 {
		size, c.Fault = 3, "a shortcode has no end"
	}
	c.Offset, c.Width = at.Start, size
	block.Advance(size)
	return &Span{Call: c}
}

// escapedCall is what {{</* name */>}} shows.
func escapedCall(line []byte) (shown string, size int) {
	for _, marks := range [][4]string{{"{{</*", "*/>}}", "{{<", ">}}"}, {"{{%/*", "*/%}}", "{{%", "%}}"}} {
		rest, ok := bytes.CutPrefix(line[:min(len(line), maxCall)], []byte(marks[0]))
		if !ok {
			continue
		}
		if inner, _, ok := bytes.Cut(rest, []byte(marks[1])); ok {
			return marks[2] + string(inner) + marks[3], len(marks[0]) + len(inner) + len(marks[1])
		}
	}
	return "", 0
}

// Shortcodes finds every shortcode of a document: those within text get what stands before their end as children, and one that is
// alone in its paragraph becomes a block.
func Shortcodes(doc ast.Node, paired func(name string) bool) (blocks []*Shortcode, spans []*Span) {
	var found []*Span
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *Shortcode:
			blocks = append(blocks, n)
		case *Span:
			found = append(found, n)
		}
		return ast.WalkContinue, nil
	})
	for _, s := range pair(found, paired) {
		p, ok := s.Parent().(*ast.Paragraph)
		if !ok || p.ChildCount() != 1 {
			spans = append(spans, s)
			continue
		}
		b := &Shortcode{Call: s.Call, Open: s.Open}
		inner := ast.NewTextBlock()
		for n := s.FirstChild(); n != nil; n = s.FirstChild() {
			inner.AppendChild(inner, n)
		}
		if inner.ChildCount() > 0 {
			b.AppendChild(b, inner)
		}
		p.Parent().ReplaceChild(p.Parent(), p, b)
		blocks = append(blocks, b)
	}
	return blocks, spans
}

// pair moves what stands between a shortcode and its end below it, and gives the shortcodes without their ends.
func pair(found []*Span, paired func(name string) bool) (rest []*Span) {
	var waiting []*Span
	for _, s := range found {
		if !s.Shut || s.Fault != "" {
			s.Open = s.Fault == "" && !s.Empty && paired(s.Name)
			if s.Open && len(waiting) < maxDepth {
				waiting = append(waiting, s)
			}
			rest = append(rest, s)
			continue
		}
		i := len(waiting) - 1
		for i >= 0 && (waiting[i].Name != s.Name || waiting[i].Parent() != s.Parent()) {
			i--
		}
		if i < 0 {
			rest = append(rest, s) // an end without a beginning
			continue
		}
		begin := waiting[i]
		waiting = waiting[:i]
		for n := begin.NextSibling(); n != nil && n != ast.Node(s); n = begin.NextSibling() {
			begin.AppendChild(begin, n)
		}
		begin.Open = false
		s.Parent().RemoveChild(s.Parent(), s)
	}
	return rest
}

// shortcodeRenderer writes what a shortcode makes of its children.
type shortcodeRenderer struct{ md goldmark.Markdown }

// RegisterFuncs is goldmark's renderer.NodeRenderer.
func (r shortcodeRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(KindShortcode, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		return r.write(w, source, n, entering, n.(*Shortcode).Write)
	})
	reg.Register(KindSpan, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		return r.write(w, source, n, entering, n.(*Span).Write)
	})
}

func (r shortcodeRenderer) write(w util.BufWriter, source []byte, n ast.Node, entering bool, to func([]byte) []byte) (ast.WalkStatus, error) {
	if !entering || to == nil {
		return ast.WalkSkipChildren, nil
	}
	var inner bytes.Buffer
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if err := r.md.Renderer().Render(&inner, source, c); err != nil {
			return ast.WalkStop, err
		}
	}
	out := to(inner.Bytes())
	_, err := w.Write(out)
	if err == nil && n.Type() == ast.TypeBlock && !strings.HasSuffix(string(out), "\n") {
		err = w.WriteByte('\n')
	}
	return ast.WalkSkipChildren, err
}
