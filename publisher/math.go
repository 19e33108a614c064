package publisher

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// mathParser keeps the TeX of a post with math = true as it was written: $x$ within a line, $$x$$ over several. Without it Markdown
// would take its underscores for emphasis and eat its backslashes. What leaves is that text: other servers show no formula.
type mathParser struct{}

// Trigger is goldmark's parser.InlineParser.
func (mathParser) Trigger() []byte { return []byte{'$'} }

// Parse is goldmark's parser.InlineParser.
func (mathParser) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	r, ok := pc.Get(renderedKey).(*rendered)
	if !ok || !r.post.Math {
		return nil
	}
	line, _ := block.PeekLine()
	if bytes.HasPrefix(line, []byte("$$")) {
		return display(block)
	}
	end := bytes.IndexByte(line[1:], '$') + 1
	// As in Pandoc: "$5 and $6" is money.
	if end < 2 || line[1] == ' ' || line[end-1] == ' ' || line[end-1] == '\\' || end+1 < len(line) && '0' <= line[end+1] && line[end+1] <= '9' {
		return nil
	}
	block.Advance(end + 1)
	return tex(string(line[:end+1]))
}

// display reads $$…$$, which may go over lines.
func display(block text.Reader) ast.Node {
	number, at := block.Position()
	var all strings.Builder
	for from := 2; ; from = 0 {
		line, _ := block.PeekLine()
		if line == nil {
			block.SetPosition(number, at)
			return nil
		}
		if end := bytes.Index(line[from:], []byte("$$")); end >= 0 {
			all.Write(line[:from+end+2])
			block.Advance(from + end + 2)
			return tex(all.String())
		}
		all.Write(line)
		block.AdvanceLine()
	}
}

func tex(s string) ast.Node {
	n := ast.NewString([]byte(s))
	n.SetRaw(true)
	return n
}
