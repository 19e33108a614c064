package publisher

import (
	"bytes"

	"github.com/postil-blog/postil/site"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// mathBlockParser finds formulas that begin a line with $$ and stand alone. They are read as blocks, because their lines may begin as
// those of lists do ("+ c"), and may be empty.
type mathBlockParser struct{}

// Trigger is goldmark's parser.BlockParser.
func (mathBlockParser) Trigger() []byte { return []byte{'$'} }

// CanInterruptParagraph is goldmark's parser.BlockParser.
func (mathBlockParser) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine is goldmark's parser.BlockParser.
func (mathBlockParser) CanAcceptIndentedLine() bool { return false }

// mathBlock is a formula that stands alone.
type mathBlock struct {
	ast.BaseBlock
	formula
	ended bool
	rest  text.Segment // what stands behind its end, on the same line
}

var kindMathBlock = ast.NewNodeKind("MathBlock")

// Kind is goldmark's ast.Node.
func (*mathBlock) Kind() ast.NodeKind { return kindMathBlock }

// IsRaw is goldmark's ast.Node: there is no Markdown in it.
func (*mathBlock) IsRaw() bool { return true }

// Dump is goldmark's ast.Node.
func (n *mathBlock) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// Open is goldmark's parser.BlockParser. A formula that text follows on the same line is left to that text.
func (mathBlockParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	r, ok := pc.Get(renderedKey).(*rendered)
	line, at := reader.PeekLine()
	from := pc.BlockOffset()
	if !ok || !r.post.Math || from < 0 || !bytes.HasPrefix(line[from:], []byte("$$")) {
		return nil, parser.NoChildren
	}
	if p, ok := pc.LastOpenedBlock().Node.(*ast.Paragraph); ok && bytes.Count(p.Lines().Value(reader.Source()), []byte("$$"))%2 == 1 {
		return nil, parser.NoChildren // the end of one that began within the paragraph
	}
	n := &mathBlock{formula: formula{display: true}}
	n.read(line, at, from+2)
	if !n.rest.IsEmpty() {
		return nil, parser.NoChildren
	}
	return n, parser.NoChildren
}

// Continue is goldmark's parser.BlockParser.
func (mathBlockParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	n := node.(*mathBlock)
	if n.ended {
		return parser.Close
	}
	line, at := reader.PeekLine()
	n.read(line, at, 0)
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

// read takes a line from an offset on, up to the end of the formula.
func (n *mathBlock) read(line []byte, at text.Segment, from int) {
	end := bytes.Index(line[from:], []byte("$$"))
	if end < 0 {
		n.add(line[from:], at.Start+from)
		return
	}
	n.add(line[from:from+end], at.Start+from)
	n.ended = true
	if after := from + end + 2; len(bytes.TrimSpace(line[after:])) > 0 {
		n.rest = text.NewSegment(at.Start+after, at.Stop)
	}
}

// Close is goldmark's parser.BlockParser.
func (mathBlockParser) Close(node ast.Node, reader text.Reader, pc parser.Context) {
	n := node.(*mathBlock)
	if r := pc.Get(renderedKey).(*rendered); !n.ended {
		r.Faults = append(r.Faults, r.fault(site.Error, codeMath, n.lines[0].source-2, 2, "this formula has no end", "close it with $$, or write \\$ for a dollar sign"))
	}
	if !n.rest.IsEmpty() {
		after := ast.NewParagraph()
		rest := n.rest.TrimLeftSpace(reader.Source())
		after.Lines().Append(rest.TrimRightSpace(reader.Source()))
		n.Parent().InsertAfter(n.Parent(), n, after)
	}
}
