package publisher

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/postil-blog/postil/publisher/bounded"
	"github.com/postil-blog/postil/publisher/markup"
	"github.com/postil-blog/postil/publisher/plainfile"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
)

// shortcodes are those that posts can use: the built-in ones, and over them those of the site's templates/shortcodes/.
type shortcodes struct {
	own    *template.Template // nil for none
	names  []string           // of the own ones
	inner  map[string]bool    // own ones that have a text
	data   map[string]any     // what data files hold
	print  string             // tells these templates from those of the last run
	embeds bool               // players of other sites stand in the page
}

// builtin is every built-in shortcode.
var builtin = map[string]struct {
	paired bool
	run    func(r *rendered, n *markup.Shortcode)
}{
	"details": {true, (*rendered).details},
	"figure":  {false, (*rendered).figure},
	"gallery": {true, (*rendered).gallery},
	"vimeo":   {false, func(r *rendered, n *markup.Shortcode) { r.player(n, "vimeo") }},
	"youtube": {false, func(r *rendered, n *markup.Shortcode) { r.player(n, "youtube") }},
}

// readShortcodes loads the site's own shortcodes.
func (b *build) readShortcodes() (*shortcodes, error) {
	folder, err := b.site.OpenRoot("templates/shortcodes")
	if err != nil {
		return &shortcodes{}, nil // there is none
	}
	defer folder.Close()
	files := plainfile.FS{Dir: folder.FS(), Limit: maxTemplate}
	t, err := templates.LoadShortcodes(files)
	if d, ok := b.noFile("templates/shortcodes", codeCodeFault, err); ok {
		return nil, site.Diagnostics{d}
	}
	if err != nil {
		return nil, site.Diagnostics{{Severity: site.Error, Code: codeCodeFault, File: "templates/shortcodes", Message: err.Error(), Help: "correct the template"}}
	}
	c := &shortcodes{own: t, data: b.data.Values}
	c.names, c.inner = templates.ShortcodeNames(t)
	sources, _ := fs.Glob(files, "*.html")
	var all []string
	for _, name := range sources {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading the shortcode %s: %w", name, err)
		}
		all = append(all, name, string(text))
	}
	if asksData(strings.Join(all, "\x00")) {
		all = append(all, string(b.data.Sum[:]))
	}
	c.print = sumOf([]byte(strings.Join(all, "\x00")))
	return c, nil
}

// embeds tells whether a post shows the players of other sites: where the site lets it, and the post does not say otherwise.
func (b *build) embeds(p *Post) bool {
	own, said := p.Params["embeds"].(bool)
	return b.config.Publish.Embeds && (own || !said)
}

// of is the shortcodes for a post.
func (c shortcodes) of(embeds bool) *shortcodes {
	c.embeds = embeds
	return &c
}

func (c *shortcodes) has(name string) bool {
	_, ok := builtin[name]
	return ok || slices.Contains(c.names, name)
}

// paired tells whether a shortcode has a text. Of the site's own that is those whose template uses it.
func (c *shortcodes) paired(name string) bool {
	if slices.Contains(c.names, name) {
		return c.inner[name]
	}
	return builtin[name].paired
}

// markdownFor is goldmark for the language of a post.
func (b *build) markdownFor(p *Post) goldmark.Markdown {
	style := markup.QuoteStyle(b.language(p))
	b.markdownLock.Lock()
	defer b.markdownLock.Unlock()
	md := b.markdowns[style]
	if md == nil {
		md = newMarkdown(len(b.config.Authors) <= 1, style, b.codes.paired)
		b.markdowns[style] = md
	}
	return md
}

// shortcodes runs those of a document, or says why they cannot be.
func (r *rendered) shortcodes(doc ast.Node) {
	blocks, spans := markup.Shortcodes(doc, r.codes.paired)
	for _, n := range blocks {
		if r.runs(n.Call, n.Open) {
			r.block(n)
		}
	}
	for _, n := range spans {
		if r.runs(n.Call, n.Open) {
			r.span(n)
		}
	}
}

// runs tells whether a shortcode can be run, and notes why not.
func (r *rendered) runs(c markup.Call, open bool) bool {
	switch {
	case c.Fault != "":
		r.misuse(c, codeShortcode, c.Fault, "write {{< name \"argument\" >}}; for text that looks like one, {{</* name */>}}")
	case !r.codes.has(c.Name):
		names := slices.Concat(slices.Collect(maps.Keys(builtin)), r.codes.names)
		slices.Sort(names)
		help := "there are " + strings.Join(slices.Compact(names), ", ") + "; your own stand in templates/shortcodes/"
		if near := site.Nearest(c.Name, names); near != "" {
			help = fmt.Sprintf("did you mean %q?", near)
		}
		if strings.HasSuffix(c.Name, "ref") && len(c.Args) == 1 { // Hugo's ref and relref
			help = fmt.Sprintf("a link to a post names its file: [text](%s)", c.Args[0])
		}
		r.misuse(c, codeNoCode, fmt.Sprintf("there is no shortcode %q", c.Name), help)
	case c.Shut && r.codes.paired(c.Name):
		r.misuse(c, codeShortcode, fmt.Sprintf("this ends a shortcode %q that nothing began", c.Name), "take it away, or begin it: {{< "+c.Name+" >}}")
	case c.Shut:
		r.misuse(c, codeShortcode, fmt.Sprintf("the shortcode %q has no text, and so no end", c.Name), "take it away")
	case open:
		r.misuse(c, codeShortcode, fmt.Sprintf("the shortcode %q is not ended", c.Name), "write {{< /"+c.Name+" >}} behind its text")
	default:
		return true
	}
	return false
}

// misuse notes a fault at a shortcode.
func (r *rendered) misuse(c markup.Call, code, message, help string) {
	width := 1
	if c.Offset+c.Width <= len(r.source) {
		line, _, _ := bytes.Cut(r.source[c.Offset:c.Offset+c.Width], []byte("\n"))
		width = utf8.RuneCount(line)
	}
	r.Faults = append(r.Faults, r.fault(site.Error, code, c.Offset, width, message, help))
}

func (r *rendered) block(n *markup.Shortcode) {
	if slices.Contains(r.codes.names, n.Name) {
		n.Write = func(inner []byte) []byte { return r.template(n.Call, inner) }
		return
	}
	builtin[n.Name].run(r, n)
}

// span runs a shortcode within a line of text. What takes a block of its own would tear the paragraph.
func (r *rendered) span(n *markup.Span) {
	switch {
	case slices.Contains(r.codes.names, n.Name):
		n.Write = func(inner []byte) []byte { return r.template(n.Call, inner) }
	case n.Name == "youtube" || n.Name == "vimeo":
		if v, ok := r.video(n.Call, n.Name); ok {
			n.Write = func([]byte) []byte { return []byte(v.link()) }
		}
	default:
		r.misuse(n.Call, codeShortcode, fmt.Sprintf("the shortcode %q stands within a line of text", n.Name), "give it lines of its own, with an empty line before and behind")
	}
}

// template runs one of the site's own shortcodes.
func (r *rendered) template(c markup.Call, inner []byte) []byte {
	data := templates.Shortcode{Name: c.Name, Inner: template.HTML(inner), Args: c.Args, Params: c.Named, Title: r.post.Title, Language: r.post.Lang, Page: r.post.Params, Data: r.codes.data}
	var b bounded.Buffer
	if err := r.codes.own.ExecuteTemplate(&b, c.Name, data); err != nil {
		r.misuse(c, codeCodeFault, err.Error(), "the template is templates/shortcodes/"+c.Name+".html")
		return nil
	}
	return bytes.TrimSpace(b.Bytes())
}

// details folds a text: {{< details "Summary" open=true >}}.
func (r *rendered) details(n *markup.Shortcode) {
	summary := n.Get("summary", 0)
	if summary == "" {
		summary = n.Get("title", -1)
	}
	if summary == "" {
		summary = r.word("details")
	}
	open := ""
	if n.Get("open", 1) == "true" {
		open = ` open=""`
	}
	head := r.markdown(summary, n.Offset)
	n.Write = func(inner []byte) []byte {
		return fmt.Appendf(nil, "<details%s>\n<summary><strong>%s</strong></summary>\n%s\n</details>\n", open, head, bytes.TrimSpace(inner))
	}
}

// figure shows a picture with what Hugo's shortcode of that name knows: src, alt, title, caption, attr, attrlink, link.
func (r *rendered) figure(n *markup.Shortcode) {
	src := n.Get("src", 0)
	if src == "" {
		r.misuse(n.Call, codeShortcode, "this figure has no src", "write {{< figure src=\"fog.jpg\" alt=\"what it shows\" caption=\"…\" >}}")
		return
	}
	picture := newImage(src, n.Get("alt", 1), n.Offset+max(0, bytes.Index(r.source[n.Offset:], []byte(src))))
	f := &markup.Figure{Caption: r.figureCaption(n)}
	f.AppendChild(f, linkedTo(picture, n.Get("link", -1)))
	n.Parent().ReplaceChild(n.Parent(), n, f)
}

func newImage(src, alt string, at int) *ast.Image {
	i := ast.NewImage(ast.NewLink())
	i.Destination = []byte(src)
	i.SetAttributeString("at", at)
	if alt != "" {
		i.AppendChild(i, markup.Verbatim(alt))
	}
	return i
}

// linkedTo is a node within a link to an address, itself where there is none.
func linkedTo(n ast.Node, to string) ast.Node {
	if to == "" {
		return n
	}
	l := ast.NewLink()
	l.Destination = []byte(to)
	l.AppendChild(l, n)
	return l
}

// figureCaption puts a figure's title, caption and source together.
func (r *rendered) figureCaption(n *markup.Shortcode) []byte {
	var parts [][]byte
	if s := n.Get("title", -1); s != "" {
		parts = append(parts, fmt.Appendf(nil, "<strong>%s</strong>", r.markdown(s, n.Offset)))
	}
	if s := n.Get("caption", 2); s != "" {
		parts = append(parts, r.markdown(s, n.Offset))
	}
	if s := n.Get("attr", -1); s != "" {
		if to := n.Get("attrlink", -1); to != "" {
			s = "[" + s + "](<" + to + ">)"
		}
		parts = append(parts, r.markdown(s, n.Offset))
	}
	return bytes.Join(parts, []byte(" "))
}

// gallery sets the pictures of its text side by side.
func (r *rendered) gallery(n *markup.Shortcode) {
	var found []*ast.Image
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if i, ok := c.(*ast.Image); ok && entering {
			found = append(found, i)
		}
		return ast.WalkContinue, nil
	})
	if len(found) == 0 {
		r.misuse(n.Call, codeShortcode, "this gallery shows no picture", "write pictures between it and its end: ![what it shows](fog.jpg)")
		return
	}
	g := &markup.Gallery{}
	for _, i := range found {
		f := &markup.Figure{}
		if len(i.Title) > 0 {
			f.Caption, i.Title = r.caption(i), nil
		}
		picture := ast.Node(i)
		if l, ok := i.Parent().(*ast.Link); ok && l.ChildCount() == 1 {
			picture = l
		}
		f.AppendChild(f, picture)
		g.AppendChild(g, f)
	}
	n.Parent().ReplaceChild(n.Parent(), n, g)
}

// player is a film at another site.
func (r *rendered) player(n *markup.Shortcode, where string) {
	v, ok := r.video(n.Call, where)
	if !ok {
		return
	}
	poster := n.Get("poster", -1)
	if poster == "" || r.codes.embeds {
		n.Write = func([]byte) []byte { return []byte(v.html(r.codes.embeds)) }
		return
	}
	picture := newImage(poster, v.title, n.Offset+max(0, bytes.Index(r.source[n.Offset:], []byte(poster))))
	f := &markup.Figure{Caption: []byte(v.link())}
	f.AppendChild(f, linkedTo(picture, v.page()))
	n.Parent().ReplaceChild(n.Parent(), n, f)
}
