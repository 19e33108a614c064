package publisher

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/postil-blog/postil/publisher/mathml"
	"github.com/postil-blog/postil/site"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// mathParser finds the formulas of a post with math = true: $x$ within a line, $$x$$ over several. Without it Markdown would take
// their underscores for emphasis and eat their backslashes.
type mathParser struct{}

// Trigger is goldmark's parser.InlineParser.
func (mathParser) Trigger() []byte { return []byte{'$'} }

// Parse is goldmark's parser.InlineParser.
func (mathParser) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	r, ok := pc.Get(renderedKey).(*rendered)
	if !ok || !r.post.Math {
		return nil
	}
	line, at := block.PeekLine()
	if bytes.HasPrefix(line, []byte("$$")) {
		return display(block)
	}
	end := bytes.IndexByte(line[1:], '$') + 1
	// As in Pandoc: "$5 and $6" is money.
	if end < 2 || line[1] == ' ' || line[end-1] == ' ' || line[end-1] == '\\' || end+1 < len(line) && '0' <= line[end+1] && line[end+1] <= '9' {
		return nil
	}
	block.Advance(end + 1)
	return &formula{tex: string(line[1:end]), lines: []lineStart{{0, at.Start + 1}}}
}

// display reads $$…$$, which may go over lines.
func display(block text.Reader) ast.Node {
	number, before := block.Position()
	n := &formula{display: true}
	for from := 2; ; from = 0 {
		line, at := block.PeekLine()
		if line == nil {
			block.SetPosition(number, before)
			return nil
		}
		if end := bytes.Index(line[from:], []byte("$$")); end >= 0 {
			n.add(line[from:from+end], at.Start+from)
			block.Advance(from + end + 2)
			return n
		}
		n.add(line[from:], at.Start+from)
		block.AdvanceLine()
	}
}

// formula is one in the syntax tree.
type formula struct {
	ast.BaseInline
	tex     string // between the dollar signs
	display bool   // $$…$$
	lines   []lineStart
	markup  string // MathML
}

// add takes a line of a formula, which stands at an offset of the Markdown. What is too long for a formula is too long without the rest, too.
func (n *formula) add(line []byte, at int) {
	if len(n.tex) > mathml.MaxTeX {
		return
	}
	n.lines = append(n.lines, lineStart{len(n.tex), at})
	n.tex += string(line)
}

// lineStart says where a line of a formula stands: at which offset of its TeX, and of the Markdown.
type lineStart struct{ tex, source int }

var kindFormula = ast.NewNodeKind("Formula")

// Kind is goldmark's ast.Node.
func (*formula) Kind() ast.NodeKind { return kindFormula }

// Dump is goldmark's ast.Node.
func (n *formula) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// written is the formula as its author wrote it, which is how it reads where there is text alone.
func (n *formula) written() string {
	if n.display {
		return "$$" + n.tex + "$$"
	}
	return "$" + n.tex + "$"
}

// source is where an offset of the TeX stands in the Markdown.
func (n *formula) source(offset int) int {
	for i := len(n.lines) - 1; i > 0; i-- {
		if n.lines[i].tex <= offset {
			return n.lines[i].source + offset - n.lines[i].tex
		}
	}
	return n.lines[0].source + offset
}

// Bounds on a post's formulas. Each different one takes the engine near half a millisecond.
const (
	maxDifferent = 1000
	maxFormulas  = 10_000
)

// typesets are the formulas of a post so far: many stand in it more than once.
type typesets struct {
	known        map[typesetKey]string // MathML
	all, differs int                   // differs: those that were tried
	told         bool                  // that there are too many
}

type typesetKey struct {
	tex     string
	display bool
}

// typeset turns a formula into MathML. One that is none is an error of the post's: what its author meant is not to be guessed.
func (r *rendered) typeset(n *formula) {
	tex, so := strings.TrimSpace(n.tex), r.typesets
	key := typesetKey{tex, n.display}
	known, again := so.known[key]
	if so.all++; !again {
		so.differs++
	}
	switch {
	case so.all > maxFormulas || so.differs > maxDifferent:
		if !so.told {
			r.Faults = append(r.Faults, r.fault(site.Error, codeCostly, n.source(0), 1, fmt.Sprintf("more than %d formulas, or %d different ones", maxFormulas, maxDifferent), "split the post"))
		}
		so.told = true
		return
	case again:
		n.markup = known
		return
	}
	markup, err := r.math.Typeset(tex, n.display)
	var fault *mathml.Fault
	switch {
	case errors.As(err, &fault):
		at := n.source(min(fault.Offset+strings.Index(n.tex, tex), len(n.tex)))
		r.Faults = append(r.Faults, r.fault(site.Error, codeMath, at, 1, "this is no formula: "+fault.Message,
			"write it as TeX does, or \\$ for a dollar sign; what is understood stands at https://temml.org/docs/en/supported"))
	case err != nil:
		r.failed = errors.Join(r.failed, err)
	default:
		so.known[key] = markup
	}
	n.markup = markup
}

// formulaRenderer writes formulas as they were made.
type formulaRenderer struct{}

// RegisterFuncs is goldmark's renderer.NodeRenderer.
func (formulaRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindFormula, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, err := w.WriteString(n.(*formula).markup)
			return ast.WalkSkipChildren, err
		}
		return ast.WalkContinue, nil
	})
	r.Register(kindMathBlock, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, err := w.WriteString("<p>" + n.(*mathBlock).markup + "</p>\n")
			return ast.WalkSkipChildren, err
		}
		return ast.WalkContinue, nil
	})
}
