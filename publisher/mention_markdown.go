package publisher

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/postil-blog/postil/activitypub"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// mentionParser finds "@user@host" in text: not in code, and not inside a longer word, an address or an e-mail address.
type mentionParser struct{}

// maxHandle is how many bytes of a line are looked at for a handle: a name and a host have 64 and 253 at most.
const maxHandle = 1024

// Trigger is goldmark's parser.InlineParser.
func (mentionParser) Trigger() []byte { return []byte{'@'} }

// Parse is goldmark's parser.InlineParser. It makes no link yet: a link within a link would undo the outer one.
func (mentionParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, at := block.PeekLine()
	handle, ok := activitypub.HandleAfter(block.PrecendingCharacter(), string(line[:min(len(line), maxHandle)]))
	if !ok {
		return nil
	}
	block.Advance(1 + len(handle))
	return &handleNode{handle: handle, at: at.Start}
}

// handleNode is a handle in the syntax tree, until mentions makes a link or text of it.
type handleNode struct {
	ast.BaseInline
	handle string
	at     int // offset of the "@"
}

var kindHandle = ast.NewNodeKind("Handle")

// Kind is goldmark's ast.Node.
func (*handleNode) Kind() ast.NodeKind { return kindHandle }

// Dump is goldmark's ast.Node.
func (n *handleNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// mentions lets the handles lead to their accounts. One that nobody is known by, or that stands in a link already, stays text.
func (r *rendered) mentions(doc *ast.Document) {
	var found []*handleNode
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*handleNode); ok && entering {
			found = append(found, h)
		}
		return ast.WalkContinue, nil
	})
	inRaw := r.insideRaw()
	for _, h := range found {
		words := ast.NewTextSegment(text.NewSegment(h.at, h.at+1+len(h.handle)))
		to := r.mention(h, inRaw)
		if to == "" {
			h.Parent().ReplaceChild(h.Parent(), h, words)
			continue
		}
		l := ast.NewLink()
		l.Destination = []byte(to)
		l.SetAttributeString("class", []byte("u-url mention"))
		l.AppendChild(l, words)
		h.Parent().ReplaceChild(h.Parent(), h, l)
	}
}

// mention gives where a handle leads, and notes it.
func (r *rendered) mention(h *handleNode, inRaw func(ast.Node) bool) string {
	for n := h.Parent(); n != nil; n = n.Parent() {
		if n.Kind() == ast.KindLink || n.Kind() == ast.KindImage {
			return ""
		}
	}
	if inRaw(h) {
		return ""
	}
	m := mention{Handle: h.handle, Value: r.account(h.handle)}
	d := unknownAccount(h.handle)
	m.Fault = r.fault(d.Severity, d.Code, h.at, utf8.RuneCountInString(h.handle)+1, d.Message, d.Help)
	r.Mentions = append(r.Mentions, m)
	return m.Value
}

// insideRaw tells whether a node stands between <a> and </a>, or <code> and </code>, that the author wrote as HTML. It goes through the
// children of a node once, when the first of them is asked for.
func (r *rendered) insideRaw() func(ast.Node) bool {
	inside, known := map[ast.Node]bool{}, map[ast.Node]bool{}
	return func(n ast.Node) bool {
		if parent := n.Parent(); !known[parent] {
			known[parent] = true
			open := false
			for c := parent.FirstChild(); c != nil; c = c.NextSibling() {
				if raw, ok := c.(*ast.RawHTML); ok {
					open = r.opens(raw, open)
				} else if open {
					inside[c] = true
				}
			}
		}
		return inside[n]
	}
}

// opens tells whether what follows a tag stands inside, where open was so before it.
func (r *rendered) opens(raw *ast.RawHTML, open bool) bool {
	tag := bytes.ToLower(raw.Segments.Value(r.source))
	for _, name := range []string{"a", "code", "pre"} {
		if rest, ok := bytes.CutPrefix(tag, []byte("<"+name)); ok && len(rest) > 0 && strings.ContainsRune(" >\n\t", rune(rest[0])) {
			return true
		}
		if bytes.HasPrefix(tag, []byte("</"+name)) {
			return false
		}
	}
	return open
}
