package webmention

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// What a page may have. Beyond it the rest is not read.
const (
	maxNodes = 60_000
	maxOpen  = 200 // elements within one another; what is deeper counts as text of the deepest
	maxText  = 100_000
)

// node is an element, or a text (tag "").
type node struct {
	tag        string
	attr       map[string]string
	text       string
	kids       []*node
	start, end int // where its content stands in the page, in bytes
}

// void elements have no content.
var void = set("area base br col embed hr img input link meta param source track wbr")

// unseen elements hold no words and no links for a reader.
var unseen = set("script style template noscript textarea title iframe noembed noframes xmp plaintext")

// block elements end an open paragraph (HTML, "the p element").
var block = set("address article aside blockquote details div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre search section table ul li dd dt")

// closes says which open elements an element ends, and which ones keep it from looking further out.
var closes = map[string]struct {
	ends   []string
	within map[string]bool
}{
	"li": {[]string{"li"}, set("ul ol menu")},
	"dt": {[]string{"dt", "dd"}, set("dl")},
	"dd": {[]string{"dt", "dd"}, set("dl")},
	"tr": {[]string{"td", "th", "tr"}, set("table")},
	"td": {[]string{"td", "th"}, set("tr table")},
	"th": {[]string{"td", "th"}, set("tr table")},
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// kept are the attributes that mean something to this package.
var kept = set("class href src rel alt title datetime value data content lang cite poster")

// parser builds the tree: in one pass, never copying an element, so that no page costs more than its length.
type parser struct {
	open  []*node
	named map[string]int // how many of them have a name
	nodes int
}

func parse(body []byte) *node {
	root := &node{tag: "html", end: len(body)}
	p := parser{open: []*node{root}, named: map[string]int{}}
	z := html.NewTokenizer(bytes.NewReader(body))
	for at := 0; p.nodes < maxNodes; {
		kind := z.Next()
		size := len(z.Raw())
		switch kind {
		case html.ErrorToken:
			p.closeTo(1, at)
			return root
		case html.TextToken:
			p.add(&node{text: string(z.Text())})
		case html.StartTagToken, html.SelfClosingTagToken:
			p.start(element(z), at, at+size)
		case html.EndTagToken:
			name, _ := z.TagName()
			p.shut(string(name), at)
		}
		at += size
	}
	p.closeTo(1, len(body))
	return root
}

// element reads a start tag; of an attribute that stands twice the first counts, as in browsers.
func element(z *html.Tokenizer) *node {
	name, more := z.TagName()
	n := &node{tag: string(name), attr: map[string]string{}}
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		if _, twice := n.attr[string(k)]; kept[string(k)] && !twice {
			n.attr[string(k)] = string(v)
		}
	}
	return n
}

func (p *parser) add(n *node) {
	p.nodes++
	top := p.open[len(p.open)-1]
	top.kids = append(top.kids, n)
}

// start puts an element into the tree; at is where its tag begins, after where it ends.
func (p *parser) start(n *node, at, after int) {
	if block[n.tag] {
		p.end("p", nil, at)
	}
	if c, ok := closes[n.tag]; ok {
		for _, name := range c.ends {
			p.end(name, c.within, at)
		}
	}
	n.start, n.end = after, after
	p.add(n)
	if !void[n.tag] && len(p.open) < maxOpen {
		p.open = append(p.open, n)
		p.named[n.tag]++
	}
}

// end closes the outermost open element of a name that stands before one of within.
func (p *parser) end(name string, within map[string]bool, at int) {
	if p.named[name] == 0 {
		return
	}
	found := 0
	for i := len(p.open) - 1; i > 0 && !within[p.open[i].tag]; i-- {
		if p.open[i].tag == name {
			found = i
		}
	}
	if found > 0 {
		p.closeTo(found, at)
	}
}

// shut closes the innermost open element of a name; an end tag without one is nothing.
func (p *parser) shut(name string, at int) {
	for i := len(p.open) - 1; i > 0 && p.named[name] > 0; i-- {
		if p.open[i].tag == name {
			p.closeTo(i, at)
			return
		}
	}
}

func (p *parser) closeTo(n, at int) {
	for _, open := range p.open[n:] {
		open.end = at
		p.named[open.tag]--
	}
	p.open = p.open[:n]
}

// walk goes through the elements in the order of the page, for as long as f says so. What no reader sees is left out.
func (n *node) walk(f func(*node) bool) bool {
	for _, k := range n.kids {
		if k.tag == "" || unseen[k.tag] {
			continue
		}
		if !f(k) || !k.walk(f) {
			return false
		}
	}
	return true
}

func (n *node) classes() []string { return strings.Fields(n.attr["class"]) }

func (n *node) has(class string) bool { return slices.Contains(n.classes(), class) }

// words is the text of an element as a reader sees it, with what stands for pictures; white space is one space.
func (n *node) words() string {
	var b strings.Builder
	n.write(&b)
	return strings.Join(strings.Fields(b.String()), " ")
}

func (n *node) write(b *strings.Builder) {
	for _, k := range n.kids {
		switch {
		case b.Len() > maxText:
			return
		case k.tag == "":
			b.WriteString(k.text)
		case k.tag == "img":
			b.WriteString(" " + k.attr["alt"] + " ")
		case !unseen[k.tag]:
			if block[k.tag] || k.tag == "br" {
				b.WriteByte(' ')
			}
			k.write(b)
		}
	}
}
