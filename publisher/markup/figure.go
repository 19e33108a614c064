package markup

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// Figure is a picture that stands alone in its paragraph, or in a gallery, with a caption.
type Figure struct {
	ast.BaseBlock
	Caption []byte // HTML, nil for none
}

// KindFigure is the kind of Figure nodes.
var KindFigure = ast.NewNodeKind("Figure")

// Kind is goldmark's ast.Node.
func (*Figure) Kind() ast.NodeKind { return KindFigure }

// Dump is goldmark's ast.Node.
func (n *Figure) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// Gallery is several pictures, and nothing else, in one paragraph. Its children are Figures.
type Gallery struct{ ast.BaseBlock }

// KindGallery is the kind of Gallery nodes.
var KindGallery = ast.NewNodeKind("Gallery")

// Kind is goldmark's ast.Node.
func (*Gallery) Kind() ast.NodeKind { return KindGallery }

// Dump is goldmark's ast.Node.
func (n *Gallery) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// Figures makes figures and galleries of the document's paragraphs that hold pictures alone. caption renders a picture's title,
// which is Markdown, as HTML.
func Figures(doc ast.Node, caption func(i *ast.Image) []byte) {
	var found []*ast.Paragraph
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if p, ok := n.(*ast.Paragraph); ok && entering {
			found = append(found, p)
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	for _, p := range found {
		pictures := picturesOf(p)
		if len(pictures) == 0 || len(pictures) == 1 && len(imageOf(pictures[0]).Title) == 0 {
			continue
		}
		var whole ast.Node
		for _, n := range pictures {
			f := figure(n, caption)
			if len(pictures) == 1 {
				whole = f
				continue
			}
			if whole == nil {
				whole = &Gallery{}
			}
			whole.AppendChild(whole, f)
		}
		p.Parent().ReplaceChild(p.Parent(), p, whole)
	}
}

func figure(n ast.Node, caption func(i *ast.Image) []byte) *Figure {
	f, i := &Figure{}, imageOf(n)
	if len(bytes.TrimSpace(i.Title)) > 0 {
		f.Caption = caption(i)
		i.Title = nil // the caption says it; a tooltip would say it twice
	}
	f.AppendChild(f, n)
	return f
}

// picturesOf gives the paragraph's pictures, each a picture or a link around one; nil where it holds anything else.
func picturesOf(p *ast.Paragraph) (list []ast.Node) {
	for n := p.FirstChild(); n != nil; n = n.NextSibling() {
		if t, ok := n.(*ast.Text); ok && t.Segment.Len() == 0 {
			continue // a line's end
		} else if ok && t.Segment.Len() == 1 {
			if next := t.NextSibling(); next != nil && next.Kind() == ast.KindImage && t.PreviousSibling() != nil {
				continue // the blank between two
			}
		}
		if imageOf(n) == nil {
			return nil
		}
		list = append(list, n)
	}
	return list
}

// imageOf is the picture that a node is, or that a link is around; else nil.
func imageOf(n ast.Node) *ast.Image {
	if l, ok := n.(*ast.Link); ok && l.ChildCount() == 1 {
		n = l.FirstChild()
	}
	i, _ := n.(*ast.Image)
	return i
}

func writeFigure(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, err := w.WriteString("<figure>")
		return ast.WalkContinue, err
	}
	if c := n.(*Figure).Caption; len(c) > 0 {
		_, _ = w.WriteString("<figcaption>")
		_, _ = w.Write(c)
		_, _ = w.WriteString("</figcaption>")
	}
	_, err := w.WriteString("</figure>\n")
	return ast.WalkContinue, err
}

func writeGallery(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, err := w.WriteString("<div class=\"gallery\">\n")
		return ast.WalkContinue, err
	}
	_, err := w.WriteString("</div>\n")
	return ast.WalkContinue, err
}
