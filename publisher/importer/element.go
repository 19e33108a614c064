package importer

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// rewriting is one post's HTML on its way to Markdown.
type rewriting struct {
	in        *importing
	post      *Post
	notes     []footnote
	fragments []string // Markdown that stands in it as it is
	spanned   int      // cells that spans have added to tables
}

// dropped are elements without a place in a post. Those that did something are told of.
var dropped = map[atom.Atom]bool{
	atom.Script: true, atom.Style: false, atom.Object: true, atom.Embed: true, atom.Applet: true, atom.Form: true, atom.Input: false, atom.Button: false,
	atom.Select: false, atom.Textarea: false, atom.Noscript: false, atom.Template: false, atom.Svg: true, atom.Canvas: true, atom.Link: false, atom.Meta: false,
	atom.Base: false, atom.Head: false, atom.Title: false, atom.Frameset: true, atom.Frame: true, atom.Dialog: false,
}

// maxBlocks is how deep quotes and lists may nest: publish refuses a hundred levels.
const maxBlocks = 12

// children rewrites what is below n. blocks is how many quotes and lists it is in.
func (r *rewriting) children(n *html.Node, blocks int) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode {
			r.element(c, blocks)
		} else if c.Type != html.TextNode {
			n.RemoveChild(c)
		}
		c = next
	}
}

func (r *rewriting) element(n *html.Node, blocks int) {
	if told, gone := dropped[n.DataAtom]; gone {
		if told {
			r.drop(n)
		}
		n.Parent.RemoveChild(n)
		return
	}
	switch n.DataAtom {
	case atom.Blockquote, atom.Ul, atom.Ol:
		if blocks++; blocks > maxBlocks {
			r.children(n, blocks)
			n.Data, n.DataAtom, n.Attr = "div", atom.Div, nil
			return
		}
	case atom.Iframe:
		r.frame(n)
		return
	case atom.Audio, atom.Video:
		r.clip(n)
		return
	case atom.Pre:
		r.code(n)
		return
	case atom.Td, atom.Th:
		r.span(n)
	case atom.Details:
		r.details(n)
	}
	if r.card(n) {
		return
	}
	r.children(n, blocks)
	switch n.DataAtom {
	case atom.Figure:
		r.figure(n)
	case atom.A:
		r.anchor(n)
	case atom.Img:
		r.image(n)
	}
}

func (r *rewriting) drop(n *html.Node) {
	what := "<" + n.Data + ">"
	if src := attr(n, "src"); src != "" {
		what += " " + line(src, 100)
	}
	r.in.about(r.post, CodeHTML, what+" was dropped", "")
}

// frame turns an embedded page into a link to it; of the two great film sites to the film's own page.
func (r *rewriting) frame(n *html.Node) {
	src := attr(n, "src")
	if src == "" {
		src = attr(n, "data-src")
	}
	at, name := embedded(src)
	if at == "" {
		r.drop(n)
		n.Parent.RemoveChild(n)
		return
	}
	if name == "" {
		name = at
		r.in.about(r.post, CodeHTML, "<iframe> "+line(at, 100)+" became a link", "")
	}
	if title := line(attr(n, "title"), maxTag); title != "" {
		name = title
	}
	replace(n, paragraph(link(at, name)))
}

func link(at, name string) *html.Node {
	a := element("a", "href", at)
	a.AppendChild(textNode(name))
	return a
}

func paragraph(of ...*html.Node) *html.Node {
	p := element("p")
	for _, n := range of {
		p.AppendChild(n)
	}
	return p
}

var (
	youtube = regexp.MustCompile(`^(?:www\.)?(?:youtube(?:-nocookie)?\.com/(?:embed|v|shorts|live)/|youtu\.be/)([A-Za-z0-9_-]{6,20})`)
	vimeo   = regexp.MustCompile(`^player\.vimeo\.com/video/([0-9]+)`)
)

// embedded is the address of the page behind an embedded one, and its name where that is known; "" for what is no web address.
func embedded(src string) (at, name string) {
	src = strings.TrimSpace(src)
	if strings.HasPrefix(src, "//") {
		src = "https:" + src
	}
	u, err := url.Parse(src)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", ""
	}
	whole := strings.ToLower(u.Host) + u.Path
	if m := youtube.FindStringSubmatch(whole); m != nil && m[1] != "videoseries" {
		return "https://www.youtube.com/watch?v=" + m[1], "Video on YouTube"
	}
	if m := vimeo.FindStringSubmatch(whole); m != nil {
		return "https://vimeo.com/" + m[1], "Video on Vimeo"
	}
	return u.String(), ""
}

// clip turns a film or sound into a link to its file.
func (r *rewriting) clip(n *html.Node) {
	src := attr(n, "src")
	if s := find(n, atom.Source); src == "" && s != nil {
		src = attr(s, "src")
	}
	if src == "" || !web(src) {
		n.Parent.RemoveChild(n)
		return
	}
	kind := "Audio: "
	if n.DataAtom == atom.Video {
		kind = "Video: "
	}
	replace(n, paragraph(link(src, kind+fileName(src))))
}

// web tells whether an address is on the web, or on the same site.
func web(ref string) bool {
	u, err := url.Parse(strings.TrimSpace(ref))
	return err == nil && (u.Scheme == "" || u.Scheme == "http" || u.Scheme == "https")
}

func fileName(src string) string {
	u, err := url.Parse(src)
	if err != nil {
		return src
	}
	return line(path.Base(u.Path), maxTag)
}

var codeClass = regexp.MustCompile(`(?:^|\s)(?:language-|lang-|lang:|brush:\s*|highlight-source-|prettyprint lang-|sourceCode )([A-Za-z0-9+#_-]{1,30})`)

// code gives a code block its language in the one way that the converter knows, and nothing but text inside.
func (r *rewriting) code(n *html.Node) {
	lang := ""
	for c := n; c != nil && lang == ""; c = find(c, atom.Code) {
		if m := codeClass.FindStringSubmatch(attr(c, "class")); m != nil {
			lang = m[1]
		} else if l := attr(c, "lang"); c.DataAtom == atom.Code && l != "" {
			lang = l
		}
	}
	if p := n.Parent; lang == "" && p != nil {
		if m := codeClass.FindStringSubmatch(attr(p, "class")); m != nil {
			lang = m[1]
		}
	}
	var text strings.Builder
	for c := range n.Descendants() {
		switch {
		case c.Type == html.TextNode:
			text.WriteString(c.Data)
		case c.DataAtom == atom.Br:
			text.WriteString("\n")
		}
	}
	code := element("code")
	if lang = strings.ToLower(line(lang, 30)); lang != "" && !strings.ContainsAny(lang, " `") {
		setAttr(code, "class", "language-"+lang)
	}
	code.AppendChild(textNode(strings.Trim(text.String(), "\n") + "\n"))
	pre := element("pre")
	pre.AppendChild(code)
	replace(n, pre)
}

// card opens the cards of Ghost whose frame would hide their words: a bookmark is a link, a callout a quote. It reports that n is done.
func (r *rewriting) card(n *html.Node) bool {
	class := " " + attr(n, "class") + " "
	switch {
	case strings.Contains(class, " kg-bookmark-card "):
		a := find(n, atom.A)
		if a == nil || !web(attr(a, "href")) {
			return false
		}
		name := attr(a, "href")
		for c := range n.Descendants() {
			if strings.Contains(" "+attr(c, "class")+" ", " kg-bookmark-title ") {
				name = words(c)
			}
		}
		replace(n, paragraph(link(attr(a, "href"), name)))
		return true
	case strings.Contains(class, " kg-callout-card "):
		n.Data, n.DataAtom = "blockquote", atom.Blockquote
	}
	return false
}

// maxSpanned bounds the cells that the spans of all tables of a post add: a few bytes can ask for more than a memory holds.
const maxSpanned = 2_000

// span drops the spans of a cell that would make too many.
func (r *rewriting) span(n *html.Node) {
	cells := 1
	for _, key := range []string{"colspan", "rowspan"} {
		if v, err := strconv.Atoi(strings.TrimSpace(attr(n, key))); err == nil && v >= 0 && v <= 100 {
			cells *= max(v, 1)
		} else {
			setAttr(n, key, "1")
		}
	}
	if r.spanned += cells - 1; r.spanned > maxSpanned {
		n.Attr = nil
	}
}

// details keeps what was folded: its summary in bold, then the rest.
func (r *rewriting) details(n *html.Node) {
	if s := find(n, atom.Summary); s != nil {
		strong := element("strong")
		strong.AppendChild(textNode(words(s)))
		replace(s, paragraph(strong))
	}
	n.Data, n.DataAtom = "div", atom.Div
}

// figure makes of a picture with its caption an image with a title, which publish shows as a caption. What holds no picture is taken
// apart: a gallery into its figures, an embedded page into its address.
func (r *rewriting) figure(n *html.Node) {
	var pictures []*html.Node
	inner := false
	for c := range n.Descendants() {
		inner = inner || c.DataAtom == atom.Figure
		if c.DataAtom == atom.Img {
			pictures = append(pictures, c)
		}
	}
	caption := find(n, atom.Figcaption)
	text := ""
	if caption != nil {
		text = words(caption)
	}
	if caption != nil && caption.Parent == n && len(pictures) == 1 && !inner && find(n, atom.Table) == nil && find(n, atom.Pre) == nil {
		if text != "" {
			setAttr(pictures[0], "title", text)
		}
		n.RemoveChild(caption)
	} else if caption != nil && caption.Parent == n {
		em := element("em")
		em.AppendChild(textNode(text))
		replace(caption, paragraph(em))
	}
	for _, c := range pictures {
		if p := c.Parent; p == n {
			after := c.NextSibling
			n.RemoveChild(c)
			n.InsertBefore(paragraph(c), after)
		}
	}
	n.Data, n.DataAtom, n.Attr = "div", atom.Div, nil
}

// anchor drops links that run something, and those that only open the picture that they hold.
func (r *rewriting) anchor(n *html.Node) {
	href := strings.TrimSpace(attr(n, "href"))
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "" && !slices.Contains([]string{"http", "https", "mailto", "tel", "xmpp", "gemini", "ftp", "sms", "geo", "acct", "magnet"}, strings.ToLower(u.Scheme)) {
		r.in.about(r.post, CodeHTML, "a link to "+fmt.Sprintf("%.60q", href)+" was dropped", "")
		unwrap(n)
		return
	}
	if href == "" {
		unwrap(n)
		return
	}
	if img := find(n, atom.Img); img != nil && isPicture(u.Path) && words(n) == "" && sized.ReplaceAllString(path.Base(attr(img, "src")), "$1") == sized.ReplaceAllString(path.Base(u.Path), "$1") {
		setAttr(img, "src", href)
		unwrap(n)
	}
}

// image keeps pictures that have an address.
func (r *rewriting) image(n *html.Node) {
	src := strings.TrimSpace(attr(n, "src"))
	if lazy := attr(n, "data-src"); lazy != "" && (src == "" || strings.HasPrefix(src, "data:")) {
		src = lazy
	}
	if src == "" || !web(src) {
		r.in.about(r.post, CodeHTML, "a picture without a web address was dropped", "")
		n.Parent.RemoveChild(n)
		return
	}
	setAttr(n, "src", destination(src))
	if t := attr(n, "title"); n.Parent != nil && n.Parent.DataAtom != atom.Figure && t != "" && (t == attr(n, "alt") || isPicture(t) || !strings.Contains(t, " ")) {
		setAttr(n, "title", "") // WordPress writes the file's name there
	}
}
