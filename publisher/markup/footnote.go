package markup

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// Notes is what a document says of its footnotes: AddMeta("notes", Notes{…}) before it is rendered.
type Notes struct {
	Prefix string // of their ids, so that two posts can stand on one page
	Title  string // of the list: "Footnotes"
	Back   string // of the way back: "Back to reference %v"
}

// maxSide is how many notes of a post can stand in the margin: a style sheet needs a rule for each.
const maxSide = 16

// footnoteRenderer writes footnotes as a list at the end, which is what readers without a style sheet and on paper get. The classes
// fnref-N and fn-N let a style sheet set each beside its reference (CSS anchor positioning): nothing is said twice.
type footnoteRenderer struct{}

// RegisterFuncs is goldmark's renderer.NodeRenderer.
func (f footnoteRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(east.KindFootnoteLink, f.reference)
	r.Register(east.KindFootnoteBacklink, f.back)
	r.Register(east.KindFootnote, f.note)
	r.Register(east.KindFootnoteList, f.list)
}

func notesOf(n ast.Node) Notes {
	if doc := n.OwnerDocument(); doc != nil {
		if notes, ok := doc.Meta()["notes"].(Notes); ok {
			return notes
		}
	}
	return Notes{Title: "Footnotes", Back: "Back to reference %v"}
}

// place is the id of one reference to a note.
func (n Notes) place(index, ref int) string {
	again := ""
	if ref > 0 {
		again = fmt.Sprint(ref)
	}
	return fmt.Sprintf("%sfnref%s:%d", escaped(n.Prefix), again, index)
}

// side is the class that ties a note and its first reference together, "" for notes that stay below.
func side(name string, index int) string {
	if index > maxSide {
		return ""
	}
	return fmt.Sprintf(` class="%s-%d"`, name, index)
}

func (footnoteRenderer) reference(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n, notes := node.(*east.FootnoteLink), notesOf(node)
	class := ""
	if n.RefIndex == 0 {
		class = side("fnref", n.Index)
	}
	_, err := fmt.Fprintf(w, `<sup id="%s"%s><a href="#%sfn:%d" class="footnote-ref" role="doc-noteref">%d</a></sup>`,
		notes.place(n.Index, n.RefIndex), class, escaped(notes.Prefix), n.Index, n.Index)
	return ast.WalkContinue, err
}

func (footnoteRenderer) back(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n, notes := node.(*east.FootnoteBacklink), notesOf(node)
	number := fmt.Sprint(n.Index)
	if n.RefIndex > 0 {
		number += fmt.Sprintf("-%d", n.RefIndex+1)
	}
	label := escaped(strings.Replace(notes.Back, "%v", number, 1))
	_, err := fmt.Fprintf(w, `&#160;<a href="#%s" class="footnote-backref" role="doc-backlink" aria-label="%s">&#x21a9;&#xfe0e;</a>`, notes.place(n.Index, n.RefIndex), label)
	return ast.WalkContinue, err
}

func (footnoteRenderer) note(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, err := w.WriteString("</li>\n")
		return ast.WalkContinue, err
	}
	n := node.(*east.Footnote)
	_, err := fmt.Fprintf(w, "<li id=\"%sfn:%d\"%s>\n", escaped(notesOf(node).Prefix), n.Index, side("fn", n.Index))
	return ast.WalkContinue, err
}

func (footnoteRenderer) list(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, err := fmt.Fprintf(w, "<div class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"%s\">\n<hr>\n<ol>\n", escaped(notesOf(node).Title))
		return ast.WalkContinue, err
	}
	_, err := w.WriteString("</ol>\n</div>\n")
	return ast.WalkContinue, err
}
