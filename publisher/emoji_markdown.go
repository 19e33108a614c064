package publisher

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/postil-blog/postil/activitypub"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// emojiUse is one ":name:" of a text, and what it showed then: "" for one that nobody has.
type emojiUse struct{ Name, Value string }

// emojiParser finds ":name:" in text. One that the blog has no picture for is left to others.
type emojiParser struct{}

// Trigger is goldmark's parser.InlineParser.
func (emojiParser) Trigger() []byte { return []byte{':'} }

// Parse is goldmark's parser.InlineParser.
func (emojiParser) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	r, ok := pc.Get(renderedKey).(*rendered)
	line, _ := block.PeekLine()
	end := bytes.IndexByte(line[1:], ':') + 1
	if !ok || end < 3 || r.emoji == nil || !activitypub.EmojiName.Match(line[1:end]) {
		return nil
	}
	after, _ := utf8.DecodeRune(line[end+1:])
	if before := block.PrecendingCharacter(); joins(before) || joins(after) && end+1 < len(line) {
		return nil
	}
	u := emojiUse{Name: string(line[1:end])}
	u.Value = r.emoji(u.Name)
	r.useEmoji(u)
	if u.Value == "" {
		return nil
	}
	block.Advance(end + 1)
	return &emojiNode{emojiUse: u}
}

// useEmoji notes the use, once.
func (r *rendered) useEmoji(u emojiUse) {
	if r.used == nil {
		r.used = map[emojiUse]bool{}
	}
	if !r.used[u] {
		r.used[u] = true
		r.Emoji = append(r.Emoji, u)
	}
}

// joins tells whether a character makes a ":name:" beside it part of something else: a time, an address.
func joins(c rune) bool { return c == ':' || unicode.IsLetter(c) || unicode.IsDigit(c) }

// emojiNode is a custom emoji in the syntax tree.
type emojiNode struct {
	ast.BaseInline
	emojiUse
}

var kindEmoji = ast.NewNodeKind("CustomEmoji")

// Kind is goldmark's ast.Node.
func (*emojiNode) Kind() ast.NodeKind { return kindEmoji }

// Dump is goldmark's ast.Node.
func (n *emojiNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// written is the emoji as its author wrote it.
func (n *emojiNode) written() string { return ":" + n.Name + ":" }

// emojiRenderer writes custom emoji.
type emojiRenderer struct{}

// RegisterFuncs is goldmark's renderer.NodeRenderer.
func (emojiRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindEmoji, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, err := w.WriteString(n.(*emojiNode).Value)
			return ast.WalkSkipChildren, err
		}
		return ast.WalkContinue, nil
	})
}

// written is a node that stands for text: where no element may stand, in a picture's description and in what the author wrote as code,
// its text stands again.
type written interface {
	ast.Node
	written() string
}

// asWritten puts that text back.
func (r *rendered) asWritten(doc ast.Node) {
	var found []written
	inRaw := r.insideRaw()
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if w, ok := n.(written); ok && entering && (inside(n, ast.KindImage) || inRaw(n)) {
			found = append(found, w)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range found {
		n.Parent().ReplaceChild(n.Parent(), n, ast.NewString([]byte(n.written())))
	}
}

func inside(n ast.Node, kind ast.NodeKind) bool {
	for n = n.Parent(); n != nil; n = n.Parent() {
		if n.Kind() == kind {
			return true
		}
	}
	return false
}
