package markup

import (
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Mark is ==marked== text.
type Mark struct{ ast.BaseInline }

// KindMark is the kind of Mark nodes.
var KindMark = ast.NewNodeKind("Mark")

// Kind is goldmark's ast.Node.
func (*Mark) Kind() ast.NodeKind { return KindMark }

// Dump is goldmark's ast.Node.
func (n *Mark) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// markParser finds ==marks==. Within a word they are none: "x==1 and y==2" compares.
type markParser struct{}

// Trigger is goldmark's parser.InlineParser.
func (markParser) Trigger() []byte { return []byte{'='} }

// Parse is goldmark's parser.InlineParser.
func (markParser) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, at := block.PeekLine()
	d := parser.ScanDelimiter(line, before, 2, markDelimiters{})
	if d == nil || d.OriginalLength != 2 || before == '=' {
		return nil
	}
	after := block.Source()[at.Start+2 : min(at.Start+3, len(block.Source()))]
	d.CanOpen = d.CanOpen && !narrow(before)
	d.CanClose = d.CanClose && (len(after) == 0 || !narrow(rune(after[0])))
	d.Segment = at.WithStop(at.Start + 2)
	block.Advance(2)
	pc.PushDelimiter(d)
	return d
}

// narrow tells letters and digits of scripts that set blanks between words.
func narrow(c rune) bool { return c < 0x2e80 && (unicode.IsLetter(c) || unicode.IsDigit(c)) }

type markDelimiters struct{}

// IsDelimiter is goldmark's parser.DelimiterProcessor.
func (markDelimiters) IsDelimiter(b byte) bool { return b == '=' }

// CanOpenCloser is goldmark's parser.DelimiterProcessor.
func (markDelimiters) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

// OnMatch is goldmark's parser.DelimiterProcessor.
func (markDelimiters) OnMatch(int) ast.Node { return &Mark{} }

// Script is a subscript, H~2~O, or a superscript, x^2^.
type Script struct {
	ast.BaseInline
	Sub bool
}

// KindScript is the kind of Script nodes.
var KindScript = ast.NewNodeKind("Script")

// Kind is goldmark's ast.Node.
func (*Script) Kind() ast.NodeKind { return KindScript }

// Dump is goldmark's ast.Node.
func (n *Script) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// maxScript is how many bytes a sub- or superscript may have.
const maxScript = 24

// scriptParser finds H~2~O and x^2^: right behind a letter, a digit or a bracket, without blanks in it. "~/bin and ~/lib",
// "~5 to ~10", "^_^" and ~~struck~~ text stay what they are.
type scriptParser struct{}

// Trigger is goldmark's parser.InlineParser.
func (scriptParser) Trigger() []byte { return []byte{'~', '^'} }

// Parse is goldmark's parser.InlineParser.
func (scriptParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	if !unicode.IsLetter(before) && !unicode.IsDigit(before) && before != ')' && before != ']' {
		return nil
	}
	line, at := block.PeekLine()
	size := scriptSize(line)
	if size == 0 && line[0] == '~' && len(line) > 1 && wordy(line[1]) {
		block.Advance(1) // "3~4 and 5~6": one tilde within a word strikes nothing out
		return ast.NewTextSegment(text.NewSegment(at.Start, at.Start+1))
	}
	if size == 0 {
		return nil
	}
	n := &Script{Sub: line[0] == '~'}
	n.AppendChild(n, ast.NewTextSegment(text.NewSegment(at.Start+1, at.Start+size-1)))
	block.Advance(size)
	return n
}

func wordy(c byte) bool {
	return c >= 0x80 || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// scriptSize is how many bytes a script takes with both of its marks, 0 where there is none.
func scriptSize(line []byte) int {
	for i, c := range line[1:min(len(line), maxScript+2)] {
		switch {
		case c == line[0]:
			if i == 0 || i+2 < len(line) && line[i+2] == c {
				return 0
			}
			return i + 2
		case wordy(c):
		case c == '+', c == '-', c == '=', c == '(', c == ')', c == '.', c == ',':
		default:
			return 0
		}
	}
	return 0
}
