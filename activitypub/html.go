package activitypub

import (
	"html/template"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The bounds of a Tree. They hold for what is parsed and for what is read back.
const (
	maxLevels = 16
	maxNodes  = 500
	maxText   = 10 << 10 // bytes of text, names of emoji included
)

// Tree is remote HTML as a small bounded tree: allowed elements only, at most 16 levels, 500 nodes and 10 KB of text. It is what is
// stored, sent to embedding pages, and rendered. Its JSON form is the wire format of docs: text is a string, an element is
// ["tag", {attributes}, child, …], a custom emoji is ["emoji", {"name": ":blobcat:", "src": "https://…"}].
//
// A Tree is always canonical, whichever way it was made: no two texts stand side by side, no element is empty but br and emoji,
// no block stands in a p, no link in a link. So HTML parsed again gives the same Tree, and no browser has anything to repair.
type Tree []Node

// Node is a piece of text (Tag "") or an element.
type Node struct {
	Text     string
	Tag      string
	Attr     map[string]string
	Children []Node
}

// ParseHTML makes a tree of remote HTML; of a formula it takes the TeX (MathAsText). emoji maps ":name:" to the picture's URL. base resolves nothing: relative links are dropped.
func ParseHTML(s string, emoji map[string]string) Tree {
	b := newBuilder(emoji)
	z := html.NewTokenizer(strings.NewReader(MathAsText(strings.ToValidUTF8(s, "\uFFFD"))))
	for !b.full {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				return nil // cannot be: a strings.Reader does not fail
			}
			return b.tree()
		case html.TextToken:
			b.text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			name, attr := startTag(z)
			if rawText[name] {
				skipRaw(z, name)
				continue
			}
			b.open(name, attr)
		case html.EndTagToken:
			name, _ := z.TagName()
			b.close(string(name))
		}
	}
	return b.tree()
}

// rawText are the elements whose content the tokenizer gives as one text that no reader was meant to see.
var rawText = set("iframe noembed noframes noscript plaintext script style textarea title xmp")

// skipRaw passes over the content of a raw text element. The tokenizer gives it as a single text token, or none if it is empty.
func skipRaw(z *html.Tokenizer, name string) {
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.EndTagToken:
			if end, _ := z.TagName(); string(end) == name {
				return
			}
		}
	}
}

// startTag gives the name and those attributes that can matter; of duplicates the first counts, as in browsers.
func startTag(z *html.Tokenizer) (string, map[string]string) {
	tag, more := z.TagName()
	name := string(tag)
	attr := map[string]string{}
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		switch key := string(k); key {
		case "href", "class", "lang", "dir", "alt":
			if _, ok := attr[key]; !ok {
				attr[key] = string(v)
			}
		}
	}
	return name, attr
}

// ParseText makes a tree of remote plain text (a display name, a content warning) with its custom emoji. White space of any kind
// and length becomes one space.
func ParseText(s string, emoji map[string]string) Tree {
	b := newBuilder(emoji)
	b.text(strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD")))
	return b.tree()
}

// ParseName is ParseText for the name of an actor. It is plain text, and yet some programs let their people write markup: the tags of
// HTML are dropped, with what scripts and styles hold, and all else stays as it was written.
func ParseName(s string, emoji map[string]string) Tree {
	return ParseText(withoutTags(s), emoji)
}

func withoutTags(s string) string {
	if !strings.Contains(s, "<") {
		return s
	}
	var b strings.Builder
	var within atom.Atom // an element whose words are no words
	for z := html.NewTokenizer(strings.NewReader(s)); ; {
		kind, raw := z.Next(), string(z.Raw())
		if kind == html.ErrorToken {
			return b.String() + raw
		}
		tag := atom.Atom(0)
		if kind != html.TextToken {
			name, _ := z.TagName()
			tag = atom.Lookup(name)
		}
		switch {
		case kind == html.EndTagToken && tag == within:
			within = 0
		case kind == html.StartTagToken && (tag == atom.Script || tag == atom.Style):
			within = tag
		case tag == 0 && within == 0:
			b.WriteString(raw)
		}
	}
}

// ParsePlain makes a tree of remote plain text that is longer than a line: blank lines part paragraphs, line ends are kept.
func ParsePlain(s string, emoji map[string]string) Tree {
	b := newBuilder(emoji)
	s = strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"), "\r", "\n")
	for paragraph := range strings.SplitSeq(s, "\n\n") {
		b.open("p", nil)
		for i, line := range strings.Split(strings.Trim(paragraph, "\n"), "\n") {
			if i > 0 {
				b.open("br", nil)
			}
			b.text(line)
		}
		b.close("p")
	}
	return b.tree()
}

// ContentTree gives the object's content with its custom emoji: HTML, or plain text where mediaType says that it is not HTML.
func (o *Object) ContentTree() Tree {
	if mediaType, _, _ := strings.Cut(o.MediaType, ";"); mediaType != "" && !strings.EqualFold(strings.TrimSpace(mediaType), "text/html") {
		return ParsePlain(o.Content, o.Emoji())
	}
	return ParseHTML(o.Content, o.Emoji())
}

// Pictures gives a copy of the tree with every picture's address replaced by what media gives for it; where that is "" the picture
// becomes its alternative text. Done once, between store and page, so that no page ever names a third party. A picture that has
// been through it already stays as it is.
func (t Tree) Pictures(media func(url string) string) Tree {
	var out Tree
	for _, n := range t {
		switch {
		case n.Tag == "emoji" && n.Attr["own"] == "":
			src := media(n.Attr["src"])
			if src == "" {
				out = appendText(out, n.Attr["name"])
				continue
			}
			out = append(out, Node{Tag: "emoji", Attr: map[string]string{"name": n.Attr["name"], "src": src, "own": "true"}})
		case n.Tag == "":
			out = appendText(out, n.Text)
		default:
			n.Children = Tree(n.Children).Pictures(media)
			out = append(out, n)
		}
	}
	return out
}

// appendText adds text, to the last text where there is one.
func appendText(t Tree, s string) Tree {
	if i := len(t) - 1; i >= 0 && t[i].Tag == "" {
		t[i].Text += s
		return t
	}
	return append(t, Node{Text: s})
}

// HTML writes the tree. It is the only function of Postil that makes template.HTML of remote words.
//
// A picture is written only if Pictures has made its address one of ours; otherwise its alternative text stands for it.
func (t Tree) HTML() template.HTML {
	var b strings.Builder
	for _, n := range t {
		n.write(&b)
	}
	return template.HTML(b.String())
}

func (n Node) write(b *strings.Builder) {
	switch {
	case n.Tag == "":
		escaper.WriteString(b, n.Text)
	case n.Tag == "br":
		b.WriteString("<br>")
	case n.Tag == "emoji":
		n.writeEmoji(b)
	case attributes[n.Tag] == nil:
		// Not one of ours: a Node made by hand. Its words count, its element does not.
		for _, c := range n.Children {
			c.write(b)
		}
	default:
		b.WriteString("<" + n.Tag)
		n.writeAttributes(b)
		b.WriteString(">")
		for _, c := range n.Children {
			c.write(b)
		}
		b.WriteString("</" + n.Tag + ">")
	}
}

func (n Node) writeAttributes(b *strings.Builder) {
	for _, key := range attributes[n.Tag] {
		v := attribute(key, n.Attr[key])
		if v == "" {
			continue
		}
		b.WriteString(" " + key + `="`)
		quoter.WriteString(b, v)
		b.WriteString(`"`)
	}
	if n.Tag == "a" {
		b.WriteString(` rel="nofollow ugc noopener noreferrer"`)
	}
}

func (n Node) writeEmoji(b *strings.Builder) {
	if n.Attr["own"] == "" {
		escaper.WriteString(b, n.Attr["name"])
		return
	}
	b.WriteString(`<img class="emoji" src="`)
	quoter.WriteString(b, n.Attr["src"])
	b.WriteString(`" alt="`)
	quoter.WriteString(b, n.Attr["name"])
	b.WriteString(`" title="`)
	quoter.WriteString(b, n.Attr["name"])
	b.WriteString(`" width="20" height="20" loading="lazy">`)
}

// quoter escapes for quoted attributes, escaper for text. In text the equals sign goes too: then not even a reader that
// searches pages with patterns takes the words of a comment for an attribute.
var (
	quoter  = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "\x00", "\uFFFD")
	escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "\x00", "\uFFFD", "=", "&#61;")
)

// Text is the tree's text, blocks separated by newlines.
func (t Tree) Text() string {
	var b strings.Builder
	t.writeText(&b)
	return strings.TrimSpace(b.String())
}

func (t Tree) writeText(b *strings.Builder) {
	for _, n := range t {
		block := blocks[n.Tag]
		if s := b.String(); block && s != "" && !strings.HasSuffix(s, "\n") {
			b.WriteString("\n")
		}
		switch n.Tag {
		case "":
			b.WriteString(n.Text)
		case "br":
			b.WriteString("\n")
		case "emoji":
			b.WriteString(n.Attr["name"])
		default:
			Tree(n.Children).writeText(b)
		}
		if block {
			b.WriteString("\n")
		}
	}
}

// Blank tells whether a reader would see nothing: no letter, no sign, no picture.
func (t Tree) Blank() bool {
	return !slices.ContainsFunc(t, func(n Node) bool {
		return n.Tag == "emoji" || strings.ContainsFunc(n.Text, visible) || !Tree(n.Children).Blank()
	})
}

// Spelled gives a copy of the tree in which the name of every custom emoji stands for it.
func (t Tree) Spelled() Tree {
	var out Tree
	for _, n := range t {
		switch n.Tag {
		case "emoji":
			out = appendText(out, n.Attr["name"])
		case "":
			out = appendText(out, n.Text)
		default:
			n.Children = Tree(n.Children).Spelled()
			out = append(out, n)
		}
	}
	return out
}
