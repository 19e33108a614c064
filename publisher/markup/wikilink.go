package markup

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxWiki is how many bytes a wikilink may have: what is longer is text.
const maxWiki = 400

// WikiLink is [[target#heading|text]], or with Embed ![[target|text]]. Whoever knows the posts puts a link or picture in its place.
type WikiLink struct {
	ast.BaseInline
	Target  string // as written, "" for a heading of the same post
	Heading string // behind "#", "" for none
	Label   string // behind "|", "" for none
	Embed   bool
	Segment text.Segment // from the first bracket (or "!") to the last
}

// KindWikiLink is the kind of WikiLink nodes.
var KindWikiLink = ast.NewNodeKind("WikiLink")

// Kind is goldmark's ast.Node.
func (*WikiLink) Kind() ast.NodeKind { return KindWikiLink }

// Dump is goldmark's ast.Node.
func (n *WikiLink) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// wikiParser finds wikilinks. "[[1]](address)" is a link whose text is in brackets, "a[[1]]" an index.
type wikiParser struct{}

// Trigger is goldmark's parser.InlineParser.
func (wikiParser) Trigger() []byte { return []byte{'[', '!'} }

// Parse is goldmark's parser.InlineParser.
func (wikiParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, at := block.PeekLine()
	inner, embed := bytes.CutPrefix(line, []byte("!"))
	inner, ok := bytes.CutPrefix(inner, []byte("[["))
	before := block.PrecendingCharacter()
	if !ok || !embed && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
		return nil
	}
	inner = inner[:min(len(inner), maxWiki)]
	end := bytes.Index(inner, []byte("]]"))
	if end < 0 {
		return nil
	}
	size := len(line) - len(line[bytes.IndexByte(line, '[')+2:]) + end + 2
	inner = inner[:end]
	if bytes.ContainsAny(inner, "[]\n") || size < len(line) && (line[size] == '(' || line[size] == '[' || line[size] == ']') {
		return nil
	}
	n := wikiLink(string(inner))
	if n == nil {
		return nil
	}
	n.Embed, n.Segment = embed, text.NewSegment(at.Start, at.Start+size)
	block.Advance(size)
	return n
}

// wikiLink reads what stands between the brackets. "[[ -f x ]]" is a shell's.
func wikiLink(s string) *WikiLink {
	target, words, named := strings.Cut(s, "|")
	target, heading, headed := strings.Cut(target, "#")
	n := &WikiLink{Target: strings.TrimSpace(target), Heading: strings.TrimSpace(heading), Label: strings.TrimSpace(words)}
	if strings.HasPrefix(s, " ") || n.Target == "" && n.Heading == "" || headed && n.Heading == "" || named && n.Label == "" {
		return nil
	}
	return n
}

// inlineRenderer writes marks, scripts, abbreviations, and wikilinks that nobody resolved as the text that they were.
type inlineRenderer struct{}

// RegisterFuncs is goldmark's renderer.NodeRenderer.
func (inlineRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(KindWikiLink, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		_, err := w.WriteString(escaped(string(n.(*WikiLink).Segment.Value(source))))
		return ast.WalkContinue, err
	})
	r.Register(KindMark, element("mark"))
	r.Register(KindAbbreviation, writeAbbreviation)
	r.Register(KindScript, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if n.(*Script).Sub {
			return element("sub")(w, source, n, entering)
		}
		return element("sup")(w, source, n, entering)
	})
}

// element writes a node as an element without attributes.
func element(name string) renderer.NodeRendererFunc {
	return func(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
		mark := "</"
		if entering {
			mark = "<"
		}
		_, err := w.WriteString(mark + name + ">")
		return ast.WalkContinue, err
	}
}
