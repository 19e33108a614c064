package importer

import (
	"encoding/json"
	"fmt"
	"strings"
)

// maxDocDepth bounds how deep an editor's document nests.
const maxDocDepth = 60

// lexicalNode is a node of Ghost's editor since 5.0 (Lexical, with Koenig's cards).
type lexicalNode struct {
	Type, Tag, Text, URL, Src, Alt, Caption, Code, Language, HTML, Markdown, ListType, Href, Title string
	Format                                                                                         any
	Children                                                                                       []lexicalNode
	Images                                                                                         []lexicalNode
	Metadata                                                                                       struct{ Title string }
	ButtonText, ButtonURL                                                                          string
	Heading, Content                                                                               string
	CalloutText                                                                                    string
	FileName                                                                                       string
}

// document is what an editor keeps, on its way to HTML.
type document struct {
	strings.Builder
	missing   []string // cards that have no equal
	fragments []string // Markdown that stands in it as it is
}

// lexical writes a document of Lexical as HTML.
func (d *document) lexical(doc string) string {
	var x struct{ Root lexicalNode }
	if err := json.Unmarshal([]byte(doc), &x); err != nil {
		d.missing = append(d.missing, "document that cannot be read")
		return ""
	}
	for i := range x.Root.Children {
		x.Root.Children[i].write(d, 0)
	}
	return d.String()
}

func (n *lexicalNode) write(b *document, depth int) {
	if depth > maxDocDepth {
		b.missing = append(b.missing, "nesting deeper than 60 levels")
		return
	}
	in := func(tag string) {
		b.WriteString("<" + tag + ">")
		for i := range n.Children {
			n.Children[i].write(b, depth+1)
		}
		b.WriteString("</" + strings.Fields(tag)[0] + ">")
	}
	switch n.Type {
	case "paragraph":
		in("p")
	case "heading", "extended-heading":
		if len(n.Tag) == 2 && n.Tag[0] == 'h' && n.Tag[1] >= '1' && n.Tag[1] <= '6' {
			in(n.Tag)
		} else {
			in("h2")
		}
	case "quote", "extended-quote", "aside":
		in("blockquote")
	case "list":
		if n.ListType == "number" || n.Tag == "ol" {
			in("ol")
		} else {
			in("ul")
		}
	case "listitem":
		in("li")
	case "link", "autolink":
		in(`a href="` + escapeHTML(n.URL) + `"`)
	case "text", "extended-text", "code-highlight":
		n.words(b)
	case "linebreak":
		b.WriteString("<br>")
	case "tab":
		b.WriteString(" ")
	default:
		n.card(b)
	}
}

// words writes a text with its format, a sum of bits: 1 bold, 2 italic, 4 struck, 8 underlined, 16 code, 32 below, 64 above, 128 marked.
func (n *lexicalNode) words(b *document) {
	bits, _ := n.Format.(float64)
	var tags []string
	for i, tag := range []string{"strong", "em", "s", "", "code", "sub", "sup", "mark"} {
		if int(bits)&(1<<i) != 0 && tag != "" {
			tags = append(tags, tag)
		}
	}
	for _, t := range tags {
		b.WriteString("<" + t + ">")
	}
	b.WriteString(escapeHTML(n.Text))
	for i := len(tags) - 1; i >= 0; i-- {
		b.WriteString("</" + tags[i] + ">")
	}
}

// card writes a card of Koenig's: what can be words, pictures, code or a link.
func (n *lexicalNode) card(b *document) {
	figure := func(i *lexicalNode) {
		fmt.Fprintf(b, `<figure><img src="%s" alt="%s"><figcaption>%s</figcaption></figure>`, escapeHTML(i.Src), escapeHTML(i.Alt), i.Caption)
	}
	switch n.Type {
	case "image":
		figure(n)
	case "gallery":
		for i := range n.Images {
			figure(&n.Images[i])
		}
	case "codeblock":
		fmt.Fprintf(b, `<pre><code class="language-%s">%s</code></pre>`, escapeHTML(n.Language), escapeHTML(n.Code))
	case "html":
		b.WriteString(n.HTML)
	case "markdown":
		fmt.Fprintf(b, `<p><%s n="%d"></%s></p>`, markdownTag, len(b.fragments), markdownTag)
		b.fragments = append(b.fragments, "\n\n"+n.Markdown+"\n\n")
	case "horizontalrule":
		b.WriteString("<hr>")
	case "bookmark", "embed":
		title := n.Metadata.Title
		if title == "" {
			title = n.URL
		}
		fmt.Fprintf(b, `<p><a href="%s">%s</a></p>`, escapeHTML(n.URL), escapeHTML(title))
	case "button":
		fmt.Fprintf(b, `<p><a href="%s">%s</a></p>`, escapeHTML(n.ButtonURL), escapeHTML(n.ButtonText))
	case "callout":
		b.WriteString("<blockquote>" + n.CalloutText + "</blockquote>")
	case "toggle":
		b.WriteString("<p><strong>" + n.Heading + "</strong></p>" + n.Content)
	case "audio", "video", "file":
		name := n.Title
		if name == "" {
			name = n.FileName
		}
		if name == "" {
			name = fileName(n.Src)
		}
		fmt.Fprintf(b, `<p><a href="%s">%s</a></p>`, escapeHTML(n.Src), escapeHTML(name))
	default:
		b.missing = append(b.missing, n.Type)
	}
}

// mobiledoc is a document of Ghost's editor from 2.0 to 4.x (Mobiledoc 0.3).
type mobiledoc struct {
	Atoms    [][]any
	Cards    [][]any
	Markups  [][]any
	Sections [][]any
}

// mobiledoc writes a document of Mobiledoc as HTML.
func (d *document) mobiledoc(doc string) string {
	var x mobiledoc
	if err := json.Unmarshal([]byte(doc), &x); err != nil {
		d.missing = append(d.missing, "document that cannot be read")
		return ""
	}
	for _, s := range x.Sections {
		x.section(d, s)
	}
	return d.String()
}

var mobileTags = map[string]bool{"p": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "blockquote": true, "ul": true, "ol": true, "aside": true}

// section writes one of the kinds 1 (markup), 2 (image), 3 (list) and 10 (card).
func (d *mobiledoc) section(b *document, s []any) {
	switch number(at(s, 0)) {
	case 1:
		tag, _ := at(s, 1).(string)
		if !mobileTags[tag] {
			tag = "p"
		}
		b.WriteString("<" + tag + ">")
		d.markers(b, at(s, 2))
		b.WriteString("</" + tag + ">")
	case 2:
		src, _ := at(s, 1).(string)
		b.WriteString(`<p><img src="` + escapeHTML(src) + `"></p>`)
	case 3:
		tag, _ := at(s, 1).(string)
		if tag != "ol" {
			tag = "ul"
		}
		b.WriteString("<" + tag + ">")
		items, _ := at(s, 2).([]any)
		for _, i := range items {
			b.WriteString("<li>")
			d.markers(b, i)
			b.WriteString("</li>")
		}
		b.WriteString("</" + tag + ">")
	case 10:
		d.card(b, number(at(s, 1)))
	}
}

// markers writes texts [0, [opened markups], how many close, text] and atoms [1, …].
func (d *mobiledoc) markers(b *document, v any) {
	list, _ := v.([]any)
	var open []string
	for _, m := range list {
		marker, _ := m.([]any)
		opened, _ := at(marker, 1).([]any)
		for _, o := range opened {
			tag, start := d.markup(number(o))
			open = append(open, tag)
			b.WriteString(start)
		}
		if number(at(marker, 0)) == 0 {
			s, _ := at(marker, 3).(string)
			b.WriteString(strings.ReplaceAll(escapeHTML(s), "\n", "<br>"))
		} else if i := number(at(marker, 3)); i >= 0 && i < len(d.Atoms) && at(d.Atoms[i], 0) == "soft-return" {
			b.WriteString("<br>")
		}
		for range min(max(number(at(marker, 2)), 0), len(open)) {
			if tag := open[len(open)-1]; tag != "" {
				b.WriteString("</" + tag + ">")
			}
			open = open[:len(open)-1]
		}
	}
}

func (d *mobiledoc) markup(i int) (tag, start string) {
	if i < 0 || i >= len(d.Markups) {
		return "", ""
	}
	tag, _ = at(d.Markups[i], 0).(string)
	switch tag {
	case "a":
		attrs, _ := at(d.Markups[i], 1).([]any)
		for n := 0; n+1 < len(attrs); n += 2 {
			if attrs[n] == "href" {
				return "a", fmt.Sprintf(`<a href="%s">`, escapeHTML(fmt.Sprint(attrs[n+1])))
			}
		}
	case "b", "strong", "i", "em", "s", "code", "sub", "sup", "mark":
		return tag, "<" + tag + ">"
	}
	return "", ""
}

// card writes one as Lexical's card of the same name.
func (d *mobiledoc) card(b *document, i int) {
	if i < 0 || i >= len(d.Cards) {
		return
	}
	name, _ := at(d.Cards[i], 0).(string)
	data, err := json.Marshal(at(d.Cards[i], 1))
	var n lexicalNode
	if err == nil {
		err = json.Unmarshal(data, &n)
	}
	if err != nil {
		b.missing = append(b.missing, name)
		return
	}
	n.Type = name
	switch name {
	case "code":
		n.Type = "codeblock"
	case "hr":
		n.Type = "horizontalrule"
	case "card-markdown":
		n.Type = "markdown"
	}
	n.card(b)
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func number(v any) int {
	n, ok := v.(float64)
	if !ok {
		return -1
	}
	return int(n)
}
