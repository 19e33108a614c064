package publisher

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// dialect says which HTML a reader elsewhere understands.
type dialect struct {
	keep map[string][]string // element → attributes that stay
	as   map[string]string   // element → what it becomes
	rows bool                // tables become lists
	// texOnly writes formulas as their TeX, bareMath also those that have none.
	texOnly, bareMath bool
	tagged            bool // custom emoji stay ":name:", and players are links: tags and attachments say what they show
}

// federated is the subset that other servers show (FEP-b2b8); feeding is what feed readers show without our style sheet.
var federated = dialect{
	keep: map[string][]string{
		"p": nil, "span": {"lang", "dir"}, "h2": nil, "h3": nil, "h4": nil, "h5": nil, "h6": nil, "br": nil, "a": {"href", "class"}, "del": nil, "pre": nil, "code": nil,
		"em": nil, "strong": nil, "b": nil, "i": nil, "u": nil, "ul": nil, "ol": {"start", "reversed"}, "li": nil, "blockquote": nil,
		"img": {"src", "alt", "width", "height"}, "video": {"src", "poster", "width", "height", "controls"}, "audio": {"src", "controls"},
		"ruby": nil, "rt": nil, "rp": nil,
	},
	as: map[string]string{
		"h1": "h2", "s": "del", "strike": "del", "kbd": "code", "samp": "code", "tt": "code", "var": "em", "cite": "em", "dfn": "em", "ins": "u",
		"figcaption": "p", "dt": "p", "dd": "p", "summary": "p", "details": "blockquote", "caption": "p", "tr": "li", "table": "ul",
	},
	rows: true, tagged: true,
}

var feeding = dialect{
	keep: map[string][]string{
		"p": nil, "span": {"lang", "dir"}, "h1": nil, "h2": nil, "h3": nil, "h4": nil, "h5": nil, "h6": nil, "br": nil, "hr": nil, "a": {"href", "title"}, "del": nil, "ins": nil, "pre": nil,
		"code": nil, "kbd": nil, "samp": nil, "var": nil, "em": nil, "strong": nil, "b": nil, "i": nil, "u": nil, "s": nil, "mark": nil, "small": nil, "sub": nil, "sup": nil,
		"ul": nil, "ol": {"start", "reversed"}, "li": nil, "dl": nil, "dt": nil, "dd": nil, "blockquote": {"cite"}, "q": {"cite"}, "figure": nil, "figcaption": nil,
		"table": nil, "caption": nil, "thead": nil, "tbody": nil, "tfoot": nil, "tr": nil, "th": {"align", "colspan", "rowspan"}, "td": {"align", "colspan", "rowspan"},
		"img": {"src", "alt", "title", "width", "height"}, "video": {"src", "poster", "width", "height", "controls"}, "audio": {"src", "controls"}, "source": {"src", "type"},
		"picture": nil, "details": nil, "summary": nil, "abbr": {"title"}, "cite": nil, "dfn": nil, "time": {"datetime"}, "ruby": nil, "rt": nil, "rp": nil, "div": nil, "section": nil,
	},
	bareMath: true,
}

// dropped are elements that go with everything in them.
var dropped = []string{"script", "style", "iframe", "object", "embed", "form", "button", "select", "textarea", "svg", "template", "noscript", "canvas", "head", "title"}

var void = []string{"br", "hr", "img", "input", "source", "wbr", "col", "area", "base", "embed", "link", "meta", "param", "track"}

// translate rewrites a page's HTML in a dialect: unknown elements are unwrapped, links made absolute against page, and every
// element closed that was opened.
func translate(page string, src string, d dialect) string {
	out, _ := translateAll(page, src, d)
	return out[0]
}

// translateAll is translate into several dialects, for one reading, which also finds the ids of the page's elements.
func translateAll(page string, src string, dialects ...dialect) (out, ids []string) {
	out = make([]string, len(dialects))
	base, err := url.Parse(page)
	if err != nil {
		return out, nil
	}
	all, links := make([]*translator, len(dialects)), map[string]string{}
	for i, d := range dialects {
		all[i] = &translator{dialect: d, base: base, links: links}
		all[i].out.Grow(len(src))
	}
	for z := html.NewTokenizer(strings.NewReader(src)); z.Next() != html.ErrorToken; {
		t := z.Token()
		if id := attr(t, "id"); id != "" {
			ids = append(ids, id)
		}
		for _, w := range all {
			w.token(t)
		}
	}
	for i, w := range all {
		w.closeTo(0)
		out[i] = string(bytes.TrimSpace(w.out.Bytes()))
	}
	return out, ids
}

func (w *translator) token(t html.Token) {
	if t.Type != html.TextToken {
		w.script = ""
	}
	if len(w.formula) > 0 || w.skipping == "" && t.Data == "math" && t.Type == html.StartTagToken {
		w.gather(t)
		return
	}
	switch t.Type {
	case html.TextToken:
		w.text(t.Data)
	case html.StartTagToken:
		w.start(t, false)
	case html.SelfClosingTagToken:
		w.start(t, true)
	case html.EndTagToken:
		w.end(t.Data)
	}
}

type translator struct {
	dialect
	base     *url.URL
	links    map[string]string // those that were made absolute before, in any dialect
	out      bytes.Buffer
	open     []element
	skipping string       // the dropped element that we are in
	depth    int          // how often it is opened within itself
	formula  []html.Token // that we are in
	script   string       // "sup" or "sub": directly within one that the dialect does not know
	tables   []table      // that we are in, where they become lists
	kind     string       // of the callout whose title comes next
}

// element is one that is open. Silent ones are left out and only wait for their end tag; end is written before the tag.
type element struct {
	name   string
	silent bool
	end    string
}

// text writes text, but for the line ends between the parts of a table.
func (w *translator) text(s string) {
	if w.skipping != "" {
		return
	}
	if t := w.table(); t != nil && !slices.ContainsFunc(w.open, func(e element) bool { return e.name == "pre" }) {
		if !t.inside && strings.TrimSpace(s) == "" {
			return
		}
		if strings.ContainsAny(s, "\t\n\f\r") || strings.Contains(s, "  ") {
			s = blanks.ReplaceAllString(s, " ")
		}
	}
	if w.script != "" {
		s = scripted(w.script, s)
	}
	w.escape(s)
}

// escape writes text as html.EscapeString has it, without making it first.
func (w *translator) escape(s string) {
	from := 0
	for i := range len(s) {
		if as := escapes[s[i]]; as != "" {
			w.out.WriteString(s[from:i])
			w.out.WriteString(as)
			from = i + 1
		}
	}
	w.out.WriteString(s[from:])
}

// escapes are what the characters become that mean something in HTML.
var escapes = [256]string{'&': "&amp;", '\'': "&#39;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\r': "&#13;"}

// start begins an element. In HTML "/>" ends none; in the SVG that is dropped it does.
func (w *translator) start(t html.Token, closed bool) {
	name := t.Data
	switch {
	case w.skipping != "":
		if name == w.skipping && !closed {
			w.depth++
		}
	case slices.Contains(dropped, name):
		if !closed && !slices.Contains(void, name) {
			w.skipping, w.depth = name, 1
		}
	case name == "input":
		w.checkbox(t)
	case name == "a" && strings.Contains(attr(t, "class"), "footnote-backref"):
		w.skipping, w.depth = "a", 1
	case w.rows && name == "hr":
		w.out.WriteString("<p>* * *</p>")
	case w.table() != nil && (name == "td" || name == "th"):
		w.startCell(name == "th")
	case w.table() != nil && name == "tr":
		w.startRow()
		w.element(t)
	case w.rows && name == "table" && len(w.tables) < maxTables && len(w.open) < maxOpen:
		w.element(t)
		w.tables = append(w.tables, table{depth: len(w.open)})
	default:
		w.element(t)
	}
}

// Bounds on elements within one another: what stands deeper is unwrapped. Browsers go no deeper than 512, and a cell's text is written anew
// for each table that it stands in.
const (
	maxOpen   = 500
	maxTables = 20
)

// element writes the start of an element that the dialect knows.
func (w *translator) element(t html.Token) {
	name := t.Data
	if other, ok := w.as[name]; ok {
		name = other
	}
	allowed, ok := w.keep[name]
	if !ok {
		if name == "sup" || name == "sub" {
			w.script = name
		}
		return
	}
	if len(w.open) >= maxOpen && !slices.Contains(void, name) {
		return
	}
	e := element{name: name, silent: w.mute(name, t, allowed)}
	switch {
	case e.silent:
	case name == "img" && w.rows && w.bare(): // of a figure or a gallery
		w.out.WriteString("<p>")
		w.write(name, t, allowed)
		w.out.WriteString("</p>")
	default:
		w.write(name, t, allowed)
	}
	if w.rows && name == "a" && strings.Contains(attr(t, "class"), "footnote-ref") {
		w.out.WriteByte('[') // without <sup> the number would run into the word
		e.end = "]"
	}
	if !slices.Contains(void, name) {
		w.open = append(w.open, e)
	}
	w.callout(t)
}

// callout says what kind of callout a title belongs to: the label of the quote says it on the page, and colours that others have not.
func (w *translator) callout(t html.Token) {
	names := attr(t, "class")
	if names == "" {
		return
	}
	switch class := strings.Fields(names); {
	case slices.Contains(class, "callout"):
		w.kind, _, _ = strings.Cut(attr(t, "aria-label"), ": ")
		if w.kind == attr(t, "aria-label") {
			w.kind = "" // it has no title but its kind
		}
	case slices.Contains(class, "callout-title") && w.kind != "":
		w.escape(w.kind)
		w.out.WriteString(": ")
		w.kind = ""
	}
}

// bare tells whether text here would stand in no paragraph.
func (w *translator) bare() bool {
	return !slices.ContainsFunc(w.open, func(e element) bool { return !e.silent && e.name != "blockquote" })
}

// mute tells whether an element says nothing once its attributes are gone: chroma's spans, and links that may not be followed.
func (w *translator) mute(name string, t html.Token, allowed []string) bool {
	switch name {
	case "span":
		return !slices.ContainsFunc(t.Attr, func(a html.Attribute) bool { return slices.Contains(allowed, a.Key) })
	case "a":
		return w.link(attr(t, "href")) == ""
	case "audio", "video":
		return w.tagged && attr(t, "class") == "media"
	}
	return false
}

func (w *translator) write(name string, t html.Token, allowed []string) {
	if name == "img" && (w.link(attr(t, "src")) == "" || w.tagged && attr(t, "class") == "emoji") {
		w.escape(attr(t, "alt"))
		return
	}
	w.out.WriteByte('<')
	w.out.WriteString(name)
	for _, a := range t.Attr {
		if !slices.Contains(allowed, a.Key) {
			continue
		}
		v := a.Val
		if a.Key == "class" {
			if !slices.Contains(strings.Fields(v), "mention") {
				continue
			}
			v = "u-url mention"
		}
		if a.Key == "href" || a.Key == "src" || a.Key == "poster" || a.Key == "cite" {
			if v = w.link(v); v == "" {
				continue
			}
		}
		w.out.WriteByte(' ')
		w.out.WriteString(a.Key)
		w.out.WriteString(`="`)
		w.escape(v)
		w.out.WriteByte('"')
	}
	w.out.WriteByte('>')
}

// link makes an address absolute, "" where its scheme is not one that others may follow.
func (w *translator) link(s string) string {
	if s == "" {
		return ""
	}
	to, known := w.links[s]
	if !known {
		to = w.resolve(s)
		w.links[s] = to
	}
	return to
}

func (w *translator) resolve(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		return ""
	}
	u = w.base.ResolveReference(u)
	if u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto" {
		return ""
	}
	return u.String()
}

func (w *translator) checkbox(t html.Token) {
	if attr(t, "type") != "checkbox" {
		return
	}
	box := "☐"
	if slices.ContainsFunc(t.Attr, func(a html.Attribute) bool { return a.Key == "checked" }) {
		box = "☑"
	}
	w.out.WriteString(box)
}

func (w *translator) end(name string) {
	if w.skipping != "" {
		if name == w.skipping {
			if w.depth--; w.depth == 0 {
				w.skipping = ""
			}
		}
		return
	}
	switch {
	case w.table() == nil:
	case name == "td" || name == "th":
		w.endCell()
		return
	case name == "tr":
		w.closeTo(w.table().depth)
		return
	case name == "table":
		w.closeTo(w.table().depth - 1)
		return
	}
	if other, ok := w.as[name]; ok {
		name = other
	}
	for i := len(w.open) - 1; i >= 0; i-- {
		if w.open[i].name == name {
			w.closeTo(i)
			return
		}
	}
}

func (w *translator) closeTo(n int) {
	for t := w.table(); t != nil && (n < t.depth || t.inside && n < t.open); t = w.table() {
		w.endCell()
		if n >= t.depth {
			break
		}
		w.tables = w.tables[:len(w.tables)-1]
	}
	for _, e := range slices.Backward(w.open[n:]) {
		w.out.WriteString(e.end)
		if !e.silent {
			w.out.WriteString("</")
			w.out.WriteString(e.name)
			w.out.WriteByte('>')
		}
	}
	w.open = w.open[:n]
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
