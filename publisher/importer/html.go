package importer

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/postil-blog/postil/activitypub"
)

// markdownTag is an element of our own that stands for a piece of Markdown by its number: an export cannot smuggle any in.
const markdownTag = "postil-markdown"

// kept are the elements that Markdown has no sign for and whose meaning would be lost: they stay HTML.
var keptTags = []string{"sup", "sub", "kbd", "mark", "ins", "abbr"}

func newConverter(fragments []string) *converter.Converter {
	c := converter.NewConverter(converter.WithPlugins(
		base.NewBasePlugin(),
		commonmark.NewCommonmarkPlugin(commonmark.WithHorizontalRule("---"), commonmark.WithListEndComment(false)),
		strikethrough.NewStrikethroughPlugin(),
		table.NewTablePlugin(table.WithNewlineBehavior(table.NewlineBehaviorPreserve), table.WithHeaderPromotion(true), table.WithCellPaddingBehavior(table.CellPaddingBehaviorMinimal)),
	))
	c.Register.RendererFor(markdownTag, converter.TagTypeInline, func(_ converter.Context, w converter.Writer, n *html.Node) converter.RenderStatus {
		if i, err := strconv.Atoi(attr(n, "n")); err == nil && i >= 0 && i < len(fragments) {
			_, _ = w.WriteString(fragments[i])
		}
		return converter.RenderSuccess
	}, converter.PriorityEarly)
	for _, tag := range keptTags {
		c.Register.RendererFor(tag, converter.TagTypeInline, renderKept, converter.PriorityEarly)
	}
	c.Register.RendererFor("dl", converter.TagTypeBlock, renderDefinitions, converter.PriorityEarly)
	return c
}

func renderKept(ctx converter.Context, w converter.Writer, n *html.Node) converter.RenderStatus {
	_, _ = w.WriteString("<" + n.Data)
	if title := attr(n, "title"); n.DataAtom == atom.Abbr && title != "" {
		_, _ = w.WriteString(` title="` + html.EscapeString(line(title, maxTag)) + `"`)
	}
	_, _ = w.WriteString(">")
	ctx.RenderChildNodes(ctx, w, n)
	_, _ = w.WriteString("</" + n.Data + ">")
	return converter.RenderSuccess
}

// renderDefinitions writes a definition list as Markdown Extra has it.
func renderDefinitions(ctx converter.Context, w converter.Writer, n *html.Node) converter.RenderStatus {
	_, _ = w.WriteString("\n\n")
	for c := range n.Descendants() {
		if c.DataAtom != atom.Dt && c.DataAtom != atom.Dd {
			continue
		}
		var b bytes.Buffer
		ctx.RenderChildNodes(ctx, &b, c)
		text := strings.Join(strings.Fields(b.String()), " ")
		if c.DataAtom == atom.Dd {
			text = ": " + text
		} else {
			text = "\n" + text
		}
		_, _ = w.WriteString(text + "\n")
	}
	_, _ = w.WriteString("\n")
	return converter.RenderSuccess
}

// tooLong tells of a text that publish would refuse as well: the post is carried as a draft without it.
func (in *importing) tooLong(p *Post, text string) bool {
	if len(text) <= maxText {
		return false
	}
	p.Draft = true
	in.about(p, CodeItem, fmt.Sprintf("its text has %d MB, and publish reads 16: it is a draft without text", len(text)>>20), "split it in the old blog and export again")
	return true
}

// markdown turns a post's HTML into Markdown. fragments are Markdown already, for the elements that name them by number.
func (in *importing) markdown(p *Post, src string, fragments ...string) string {
	if in.tooLong(p, src) {
		return ""
	}
	src = textual(src)
	nodes, err := html.ParseFragment(strings.NewReader(src), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		in.about(p, CodeMarkup, "its HTML cannot be read ("+err.Error()+"): only its words were carried", "")
		return activitypub.ParseHTML(src, nil).Text()
	}
	doc := &html.Node{Type: html.DocumentNode}
	for _, n := range nodes {
		doc.AppendChild(n)
	}
	r := &rewriting{in: in, post: p, fragments: fragments}
	r.footnotes(doc)
	r.children(doc, 0)
	text, err := newConverter(r.fragments).ConvertNode(doc)
	if err != nil {
		in.about(p, CodeMarkup, "its HTML cannot be turned into Markdown: "+err.Error(), "")
		return activitypub.ParseHTML(src, nil).Text()
	}
	out := strings.TrimSpace(string(text))
	if notes := r.definitions(); notes != "" {
		out += "\n\n" + notes
	}
	return out
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == key {
			return a.Val
		}
	}
	return ""
}

func setAttr(n *html.Node, key, value string) {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}

func element(tag string, attrs ...string) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: tag, DataAtom: atom.Lookup([]byte(tag))}
	for i := 0; i+1 < len(attrs); i += 2 {
		n.Attr = append(n.Attr, html.Attribute{Key: attrs[i], Val: attrs[i+1]})
	}
	return n
}

func textNode(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }

// words is the text of an element on one line.
func words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		switch {
		case c.Type == html.TextNode:
			b.WriteString(c.Data)
		case c.DataAtom == atom.Br, c.DataAtom == atom.P, c.DataAtom == atom.Div, c.DataAtom == atom.Li:
			b.WriteString(" ")
		}
	}
	return line(b.String(), maxTitle)
}

// find is the first element of a name below n, nil if there is none.
func find(n *html.Node, tag atom.Atom) *html.Node {
	for c := range n.Descendants() {
		if c.DataAtom == tag {
			return c
		}
	}
	return nil
}

// replace puts others in the place of n.
func replace(n *html.Node, with ...*html.Node) {
	for _, w := range with {
		if w.Parent != nil {
			w.Parent.RemoveChild(w)
		}
		n.Parent.InsertBefore(w, n)
	}
	n.Parent.RemoveChild(n)
}

// unwrap puts the children of n in its place.
func unwrap(n *html.Node) {
	for n.FirstChild != nil {
		c := n.FirstChild
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	n.Parent.RemoveChild(n)
}
