package activitypub

import (
	"slices"
	"strings"
)

// attributes are the elements of a Tree with the attributes each may have, in the order in which they are written: the alphabet's.
var attributes = map[string][]string{
	"a": {"class", "dir", "href", "lang"}, "span": {"class", "dir", "lang"},
	"p": {"dir", "lang"}, "blockquote": {"dir", "lang"}, "pre": {"dir", "lang"},
	"ul": {"dir", "lang"}, "ol": {"dir", "lang"}, "li": {"dir", "lang"},
	"em": {"dir", "lang"}, "strong": {"dir", "lang"}, "b": {"dir", "lang"}, "i": {"dir", "lang"}, "u": {"dir", "lang"},
	"del": {"dir", "lang"}, "code": {"dir", "lang"},
	"ruby": {"dir", "lang"}, "rt": {"dir", "lang"}, "rp": {"dir", "lang"},
	"br": {}, "emoji": {},
}

// blocks are the elements of a Tree that stand on lines of their own; each closes an open p, as in HTML.
var blocks = set("p blockquote pre ul ol li")

// same are elements that we write by another name.
var same = map[string]string{"s": "del", "strike": "del", "ins": "u", "tt": "code", "kbd": "code", "samp": "code", "cite": "em", "dfn": "em", "var": "em"}

// breaks are elements of which only the line break is kept that they make before and after their words.
var breaks = set(`address article aside body caption center dd details dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
	header hgroup hr html legend main menu nav optgroup option section summary table tbody tfoot thead tr`)

var headings = set("h1 h2 h3 h4 h5 h6")

// frame is an element that is still open.
type frame struct {
	source string // the name in the source, which is what an end tag names
	node   Node
}

// builder makes a Tree of tags and text in whatever order they come: both parsers of a Tree stand on it, so that both keep the
// same rules. Each call costs at most what the 16 open elements cost.
type builder struct {
	emoji   map[string]string
	stack   []frame        // [0] is the root
	ignored map[string]int // elements opened without a frame of their own, by source name
	nodes   int
	bytes   int
	marks   int  // combining marks since the last character that is none
	space   bool // white space would be the second in a row, or begin a line
	lineEnd bool // the next words begin a line of their own
	full    bool // a bound is reached; nothing more is taken
}

func newBuilder(emoji map[string]string) *builder {
	return &builder{emoji: emoji, stack: make([]frame, 1, maxLevels+1), ignored: map[string]int{}, space: true}
}

// tree closes what is open and gives the result.
func (b *builder) tree() Tree {
	b.popTo(1)
	return b.splitEmoji(joined(b.stack[0].node.Children), 0)
}

// open begins an element.
func (b *builder) open(source string, attr map[string]string) {
	tag := source
	if s := same[source]; s != "" {
		tag = s
	}
	switch {
	case tag == "br":
		b.addBreak()
	case tag == "img":
		b.text(attr["alt"])
	case headings[tag]:
		b.breakLine()
		b.push(source, "p", attr)
		b.push("", "strong", nil) // closed with its p
	case breaks[tag]:
		b.breakLine()
	case tag == "td" || tag == "th":
		b.text(" ")
	case attributes[tag] == nil || tag == "emoji":
		// An element that we do not have: its words go to the element around it.
	case tag == "li":
		b.openItem(attr)
	case tag == "rt" || tag == "rp":
		b.openRuby(tag, attr)
	case tag == "a":
		b.closeFrame("a")
		b.ignored["a"] = 0
		b.push(source, tag, attr)
	case blocks[tag]:
		b.closeParagraph()
		b.push(source, tag, attr)
	default:
		b.push(source, tag, attr)
	}
}

// openItem begins an li, which ends the one before it and needs a list around it.
func (b *builder) openItem(attr map[string]string) {
	for i := len(b.stack) - 1; i > 0; i-- {
		switch b.stack[i].node.Tag {
		case "li":
			b.popTo(i)
			b.push("li", "li", attr)
			return
		case "ul", "ol":
			b.popTo(i + 1)
			b.push("li", "li", attr)
			return
		}
	}
	b.breakLine()
}

// openRuby begins an rt or rp, which ends the one before it and needs a ruby around it.
func (b *builder) openRuby(tag string, attr map[string]string) {
	for i := len(b.stack) - 1; i > 0; i-- {
		switch around := b.stack[i].node.Tag; {
		case around == "rt" || around == "rp":
			b.popTo(i)
			b.push(tag, tag, attr)
			return
		case around == "ruby":
			b.popTo(i + 1)
			b.push(tag, tag, attr)
			return
		case blocks[around]:
			return
		}
	}
}

// push opens a frame, unless nothing would come of it: the element is only its attributes and has none, or lies too deep.
func (b *builder) push(source, tag string, attr map[string]string) {
	n := Node{Tag: tag, Attr: b.attr(tag, attr)}
	useless := (tag == "a" && n.Attr["href"] == "") || (tag == "span" && n.Attr == nil)
	if useless || len(b.stack) > maxLevels || !b.room() {
		b.ignored[source]++
		return
	}
	if blocks[tag] {
		b.lineEnd, b.space = false, true
	} else {
		b.startLine()
	}
	b.nodes++
	b.stack = append(b.stack, frame{source, n})
}

// attr keeps the attributes that the element may have, where their values are sane. nil if there are none.
func (b *builder) attr(tag string, attr map[string]string) map[string]string {
	var out map[string]string
	for _, key := range attributes[tag] {
		v := attribute(key, attr[key])
		if key == "class" {
			v = b.classes(tag, v)
		}
		if v == "" {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[key] = v
	}
	return out
}

// attribute gives the value that may be written for an attribute, "" for none.
func attribute(key, v string) string {
	switch key {
	case "href":
		return webURL(v)
	case "lang":
		if validLanguage(v) {
			return v
		}
	case "dir":
		if v = strings.ToLower(v); v == "ltr" || v == "rtl" || v == "auto" {
			return v
		}
	case "class":
		return strings.Join(slices.DeleteFunc(strings.Fields(v), func(c string) bool { return !classes[c] }), " ")
	}
	return ""
}

// classes are those of Mastodon's markup. Other microformats' classes would let a comment speak for the page around it.
var classes = set("mention hashtag u-url h-card invisible ellipsis")

// classes keeps each class where it means something: one of h-card, invisible and ellipsis on a span, the latter two only in a
// link; u-url on a link in an h-card, for elsewhere it would claim to be the comment's own address.
func (b *builder) classes(tag, v string) string {
	inLink := slices.ContainsFunc(b.stack, func(f frame) bool { return f.node.Tag == "a" })
	inCard := slices.ContainsFunc(b.stack, func(f frame) bool { return f.node.Attr["class"] == "h-card" })
	var out []string
	for _, c := range strings.Fields(v) {
		var keep bool
		switch c {
		case "h-card":
			keep = tag == "span" && len(out) == 0
		case "invisible", "ellipsis":
			keep = tag == "span" && len(out) == 0 && inLink
		case "u-url":
			keep = tag == "a" && inCard
		default:
			keep = tag == "a"
		}
		if keep && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return strings.Join(out, " ")
}

// close ends the innermost open element of that name.
func (b *builder) close(source string) {
	switch {
	case b.ignored[source] > 0:
		b.ignored[source]--
	case b.closeFrame(source):
	case source == "p":
		b.breakLine()
	}
	if breaks[source] {
		b.breakLine()
	}
}

// closeFrame ends the innermost element from that source and all within it.
func (b *builder) closeFrame(source string) bool {
	for i := len(b.stack) - 1; i > 0; i-- {
		if b.stack[i].source == source {
			b.popTo(i)
			return true
		}
	}
	return false
}

// closeParagraph ends an open p before a block begins. A block in between (li, blockquote) shields an outer p, as in HTML, but
// there is none: a block never stands in a p.
func (b *builder) closeParagraph() {
	for i := len(b.stack) - 1; i > 0; i-- {
		if tag := b.stack[i].node.Tag; tag == "p" || tag == "pre" {
			b.popTo(i)
			return
		}
	}
}

// breakLine ends an open p and makes the next words begin a line.
func (b *builder) breakLine() {
	b.closeParagraph()
	b.lineEnd, b.space = true, true
}

// startLine puts a br between two runs of words that a dropped block kept apart.
func (b *builder) startLine() {
	if !b.lineEnd {
		return
	}
	b.lineEnd = false
	if last := b.last(); last != nil && !blocks[last.Tag] && last.Tag != "br" {
		b.add(Node{Tag: "br"})
	}
}

// addBreak adds a br, but never a third in a row: a comment must not push the page away.
func (b *builder) addBreak() {
	b.lineEnd, b.space = false, true
	c := b.stack[len(b.stack)-1].node.Children
	if n := len(c); n < 2 || c[n-1].Tag != "br" || c[n-2].Tag != "br" {
		b.add(Node{Tag: "br"})
	}
}

// last is the last child of the open element, nil if it has none.
func (b *builder) last() *Node {
	c := b.stack[len(b.stack)-1].node.Children
	if len(c) == 0 {
		return nil
	}
	return &c[len(c)-1]
}

// popTo closes frames until only n are open.
func (b *builder) popTo(n int) {
	for len(b.stack) > n {
		f := b.stack[len(b.stack)-1]
		b.stack = b.stack[:len(b.stack)-1]
		f.node.Children = joined(f.node.Children)
		if f.node.Tag == "a" {
			showLink(&f.node)
		}
		if blocks[f.node.Tag] {
			b.lineEnd, b.space = false, true
		}
		if len(f.node.Children) == 0 {
			b.nodes--
			continue
		}
		top := &b.stack[len(b.stack)-1].node
		top.Children = append(top.Children, f.node)
	}
}

// add appends a node without children.
func (b *builder) add(n Node) {
	if (n.Tag != "" && len(b.stack) > maxLevels) || !b.room() {
		return
	}
	b.nodes++
	top := &b.stack[len(b.stack)-1].node
	top.Children = append(top.Children, n)
}

// room tells whether another node may be added.
func (b *builder) room() bool {
	b.full = b.full || b.nodes >= maxNodes
	return !b.full
}

// showLink takes invisible and ellipsis away from a link whose words are not its address: nothing may be hidden there, or the
// words that are left could name another site than the link leads to.
func showLink(a *Node) {
	if webURL(Tree(a.Children).Text()) == a.Attr["href"] {
		return
	}
	a.Children = unhide(a.Children)
}

func unhide(t Tree) Tree {
	var out Tree
	for _, n := range t {
		n.Children = unhide(n.Children)
		c := n.Attr["class"]
		switch {
		case n.Tag == "":
			out = appendText(out, n.Text)
		case n.Tag == "span" && (c == "invisible" || c == "ellipsis"):
			for _, child := range n.Children {
				if child.Tag == "" {
					out = appendText(out, child.Text)
				} else {
					out = append(out, child)
				}
			}
		default:
			out = append(out, n)
		}
	}
	return out
}
