package importer

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// footnote is a note that the text leads to.
type footnote struct {
	id   string
	node *html.Node // of its text
}

// footnotes finds marks of footnotes, <sup><a href="#fn1">, whose note stands in an item of a list below, and writes them as [^1]. WordPress,
// kramdown, Markdown Extra and Hugo all render theirs so.
func (r *rewriting) footnotes(doc *html.Node) {
	items := map[string]*html.Node{}
	for n := range doc.Descendants() {
		if id := attr(n, "id"); n.DataAtom == atom.Li && id != "" && items[id] == nil {
			items[id] = n
		}
	}
	if len(items) == 0 {
		return
	}
	numbers := map[string]int{}
	var marks []*html.Node
	for n := range doc.Descendants() {
		if n.DataAtom == atom.Sup && target(n, items) != "" {
			marks = append(marks, n)
		}
	}
	for _, n := range marks {
		id := target(n, items)
		if numbers[id] == 0 {
			numbers[id] = len(numbers) + 1
			r.notes = append(r.notes, footnote{fmt.Sprint(numbers[id]), items[id]})
		}
		replace(n, element(markdownTag, "n", strconv.Itoa(len(r.fragments))))
		r.fragments = append(r.fragments, fmt.Sprintf("[^%d]", numbers[id]))
	}
	for _, note := range r.notes {
		detach(note.node)
		dropBackLinks(note.node)
	}
}

// target is the id of the item that the link in a mark leads to.
func target(mark *html.Node, items map[string]*html.Node) string {
	a := find(mark, atom.A)
	if a == nil {
		return ""
	}
	id, ok := strings.CutPrefix(attr(a, "href"), "#")
	if !ok || items[id] == nil || within(mark, items[id]) {
		return ""
	}
	return id
}

func within(n, outer *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == outer {
			return true
		}
	}
	return false
}

// detach takes a note out of its list, and the list away when it was the last.
func detach(n *html.Node) {
	for p := n.Parent; p != nil; {
		p.RemoveChild(n)
		if p.Parent == nil || p.DataAtom != atom.Ol && p.DataAtom != atom.Ul && p.DataAtom != atom.Div && p.DataAtom != atom.Section && p.DataAtom != atom.Aside {
			return
		}
		for c := p.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode && c.DataAtom != atom.Hr || c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
				return
			}
		}
		n, p = p, p.Parent
	}
}

// dropBackLinks removes the arrows that lead from a note back to its mark.
func dropBackLinks(n *html.Node) {
	var back []*html.Node
	for c := range n.Descendants() {
		if c.DataAtom == atom.A && strings.HasPrefix(attr(c, "href"), "#") {
			back = append(back, c)
		}
	}
	for _, a := range back {
		a.Parent.RemoveChild(a)
	}
}

// definitions are the notes as Markdown, at the end of the text.
func (r *rewriting) definitions() string {
	var b strings.Builder
	for _, n := range r.notes {
		doc := &html.Node{Type: html.DocumentNode}
		for n.node.FirstChild != nil {
			c := n.node.FirstChild
			n.node.RemoveChild(c)
			doc.AppendChild(c)
		}
		r.children(doc, 1)
		text, err := newConverter(r.fragments).ConvertNode(doc)
		if err != nil {
			continue
		}
		fmt.Fprintf(&b, "[^%s]: %s\n", n.id, strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "\n    "))
	}
	return strings.TrimSpace(b.String())
}
