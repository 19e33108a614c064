package publisher

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/publisher/markup"
	"github.com/postil-blog/postil/publisher/mathml"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
	"github.com/yuin/goldmark"
	emoji "github.com/yuin/goldmark-emoji"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// rendering is what publish remembers of a post's Markdown from run to run. The HTML lies in a file of its own.
type rendering struct {
	Excerpt  string // plain text, 80 to 500 characters where the post has as many
	Words    int
	TOC      []templates.Heading
	Outline  []outlined // headings as they were written
	Uses     []use      // what the HTML says about other files
	Faults   site.Diagnostics
	Mentions []mention
	IDs      []string // of the HTML's elements, which links can lead to
	Anchors  []anchor // what this post's links want of other posts' IDs, and of its own
	Emoji    []emojiUse
	Media    []medium  // likewise
	Images   []picture // of the post's own folder or site, in order, at most maxPictures
	For      string    // the post's key and path, which stand in the HTML
	Blob     string    // name of the file that holds the bodies
	Telling  string    // what related.Words gives of the post
}

// bodies is a post's HTML in its three forms, and its words.
type bodies struct {
	page      string // links begin at the site's root
	feed      string // for feed readers: absolute links, no classes
	federated string // the subset that other servers show (FEP-b2b8)
	words     string // search.Terms, encoded
}

func (t bodies) size() int { return len(t.page) + len(t.feed) + len(t.federated) + len(t.words) }

// picture is an image that a post shows.
type picture struct {
	URL, Alt      string // URL from the site's root
	Width, Height int
	File          string // below content/, "" if it is none
}

// maxRender is how long one post may take. Real posts take a thousandth of it.
const maxRender = 10 * time.Second

// newMarkdown configures goldmark for the posts of one language. Raw HTML is let through only where the blog has a single author, who
// can be trusted with the whole site anyway. paired tells the shortcodes that have a text.
func newMarkdown(raw bool, language string, paired func(name string) bool) goldmark.Markdown {
	o := []renderer.Option{
		renderer.WithNodeRenderers(util.Prioritized(codeRenderer{}, 100), util.Prioritized(boxRenderer{}, 100), util.Prioritized(formulaRenderer{}, 100), util.Prioritized(emojiRenderer{}, 100), util.Prioritized(mediumRenderer{}, 100)),
	}
	if raw {
		o = append(o, html.WithUnsafe())
	}
	return goldmark.New(
		goldmark.WithExtensions(
			extension.Linkify, extension.Strikethrough, extension.TaskList, markup.Typographer(language), extension.DefinitionList, emoji.New(emoji.WithRenderingMethod(emoji.Unicode)),
			// The align attribute instead of a style: the pages' Content-Security-Policy refuses inline styles.
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Footnote, markup.Extension{Paired: paired},
		),
		goldmark.WithParserOptions(parser.WithAttribute(), parser.WithBlockParsers(util.Prioritized(mathBlockParser{}, 650)), parser.WithInlineParsers(util.Prioritized(mentionParser{}, 500), util.Prioritized(mathParser{}, 500), util.Prioritized(emojiParser{}, 500)), parser.WithASTTransformers(util.Prioritized(transformer{}, 500))),
		goldmark.WithRendererOptions(o...),
	)
}

// boxRenderer writes the boxes of task lists with what a screen reader calls them: their item's text.
type boxRenderer struct{}

// RegisterFuncs is goldmark's renderer.NodeRenderer.
func (boxRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(east.KindTaskCheckBox, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		box := `<input type="checkbox" disabled=""`
		if n.(*east.TaskCheckBox).IsChecked {
			box = `<input type="checkbox" checked="" disabled=""`
		}
		if label, ok := n.AttributeString("aria-label"); ok {
			box += fmt.Sprintf(` aria-label="%s"`, util.EscapeHTML(label.([]byte)))
		}
		_, err := w.WriteString(box + "> ")
		return ast.WalkContinue, err
	})
}

// rendered is one post's way through goldmark. Transformers find it in the parser's context.
type rendered struct {
	rendering
	html     string
	post     *Post
	source   []byte
	line     int    // of the source's first line in the file
	starts   []int  // where its lines begin, once lineOf was asked
	all      string // the whole file, for excerpts of faults
	file     string // as faults name it
	resolve  func(p *Post, ref string, picture bool) resolved
	account  func(handle string) string
	word     func(key string, with ...any) string // the themes' own words, in the post's language
	codes    *shortcodes
	md       goldmark.Markdown
	inner    bool // a caption or a title: text within the post's
	emoji    func(name string) string
	math     *mathml.Typesetter
	ids      map[string]bool
	pictures int   // so far
	failed   error // the machine's, and no fault of the post
}

var renderedKey = parser.NewContextKey()

// render turns a post's Markdown into a rendering within maxRender. A goroutine that takes longer is abandoned: goldmark cannot
// be stopped, and the run ends soon.
func render(ctx context.Context, md goldmark.Markdown, r *rendered) (*rendering, error) {
	if fault, ok := r.costly(); ok {
		r.Faults = append(r.Faults, fault)
		return &r.rendering, nil
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("rendering %s: %v", r.file, p)
			}
		}()
		done <- r.convert(md)
	}()
	limit := time.NewTimer(maxRender)
	defer limit.Stop()
	select {
	case err := <-done:
		r.Faults = capped(r.Faults)
		only := r.rendering // and not what it was made of, which would stay in memory with it
		return &only, err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-limit.C:
		return &rendering{Faults: site.Diagnostics{r.fault(site.Error, codeCostly, 0, 0, "Markdown takes longer than "+maxRender.String(),
			"look for hundreds of unclosed brackets, quotes or emphasis marks")}}, nil
	}
}

func (r *rendered) convert(md goldmark.Markdown) error {
	pc := parser.NewContext()
	pc.Set(renderedKey, r)
	r.md = md
	doc := md.Parser().Parse(text.NewReader(r.source), parser.WithContext(pc))
	if r.failed != nil {
		return r.failed
	}
	var b strings.Builder
	b.Grow(2 * len(r.source))
	if err := md.Renderer().Render(&b, r.source, doc); err != nil {
		return err
	}
	r.html = b.String()
	return nil
}

// fault makes a diagnostic at an offset of the Markdown.
func (r *rendered) fault(s site.Severity, code string, offset, width int, message, help string) site.Diagnostic {
	if len(r.Faults) >= maxFaults {
		return site.Diagnostic{Severity: s, Code: code, File: r.file, Line: r.lineOf(offset), Col: 1, Width: 1, Message: message, Help: help}
	}
	line, col := lineCol(string(r.source), offset)
	line += r.line - 1
	return site.Diagnostic{Severity: s, Code: code, File: r.file, Line: line, Col: col, Width: max(width, 1), Message: message, Excerpt: strings.Clone(excerpt(r.all, line)), Help: help}
}

// lineOf is the line of the file that an offset of the Markdown stands in.
func (r *rendered) lineOf(offset int) int {
	if r.starts == nil {
		r.starts = []int{0}
		for line := range bytes.Lines(r.source) {
			r.starts = append(r.starts, r.starts[len(r.starts)-1]+len(line))
		}
	}
	n, found := slices.BinarySearch(r.starts, offset)
	if found {
		n++
	}
	return r.line - 1 + max(n, 1)
}

// Bounds on what goldmark is given, each far beyond any real post and far below what makes it slow.
const (
	maxNesting = 100    // levels of quotes and lists
	maxMarks   = 10_000 // brackets or emphasis marks in one paragraph
)

// costly looks for Markdown that goldmark takes more than linear time for. It reads every byte once.
func (r *rendered) costly() (site.Diagnostic, bool) {
	offset, brackets, marks := 0, 0, 0
	var fence []byte
	for line := range bytes.Lines(r.source) {
		if fence = inFence(fence, line); fence != nil {
			offset += len(line)
			brackets, marks = 0, 0
			continue // code is not parsed
		}
		body := bytes.TrimLeft(line, "> \t-*+0123456789.)")
		if n := nesting(line[:len(line)-len(body)]); n > maxNesting {
			return r.fault(site.Error, codeCostly, offset, 1, fmt.Sprintf("%d levels of quotes and lists", n), "at most 100"), true
		}
		if len(bytes.TrimSpace(line)) == 0 {
			brackets, marks = 0, 0
		}
		for _, c := range line {
			switch c {
			case '[', ']', '<', '`', '!', '(', '{':
				brackets++
			case '*', '_', '~', '"', '\'', '=', '^':
				marks++
			case '$':
				if r.post.Math {
					marks++
				}
			}
		}
		if brackets > maxMarks || marks > maxMarks {
			return r.fault(site.Error, codeCostly, offset, 1, "a paragraph with more than 10,000 brackets or emphasis marks", "break it with an empty line"), true
		}
		offset += len(line)
	}
	return site.Diagnostic{}, false
}

// inFence gives the mark of the block of code that a line belongs to, nil for none. open is that of the line before. It knows only blocks at
// the left edge: those in lists and quotes are counted as text.
func inFence(open, line []byte) []byte {
	text := bytes.TrimLeft(line, " ")
	if len(line)-len(text) > 3 || len(text) == 0 || text[0] != '`' && text[0] != '~' {
		return open
	}
	rest := bytes.TrimLeft(text, string(text[:1]))
	mark := text[:len(text)-len(rest)]
	switch {
	case open == nil && len(mark) >= 3 && (mark[0] == '~' || bytes.IndexByte(rest, '`') < 0):
		return mark
	case open != nil && mark[0] == open[0] && len(mark) >= len(open) && len(bytes.TrimSpace(rest)) == 0:
		return nil
	}
	return open
}

// nesting counts the quote and list marks that a line begins with, and the levels that its indentation may stand for.
func nesting(prefix []byte) int {
	marks, blanks := 0, 0
	for i, c := range prefix {
		switch c {
		case '>':
			marks++
		case '-', '*', '+', '.', ')':
			// "---" is a rule and not three lists.
			if i+1 < len(prefix) && (prefix[i+1] == ' ' || prefix[i+1] == '\t') {
				marks++
			}
		case ' ':
			blanks++
		case '\t':
			blanks += 4
		}
	}
	return max(marks, (blanks-marks)/2)
}

// transformer finishes the syntax tree: headings, links, pictures, callouts, and what is counted and cited.
type transformer struct{}

// Transform is goldmark's parser.ASTTransformer.
func (transformer) Transform(doc *ast.Document, _ text.Reader, pc parser.Context) {
	r := pc.Get(renderedKey).(*rendered)
	doc.AddMeta("notes", markup.Notes{Prefix: r.post.Key + "-", Title: r.word("footnotes"), Back: r.word("back-to-ref")})
	r.ids = map[string]bool{}
	r.shortcodes(doc)
	r.mentions(doc)
	r.wikilinks(doc)
	r.callouts(doc)
	r.asWritten(doc)
	if !r.inner {
		markup.Figures(doc, r.caption)
		r.headings(doc)
	}
	markup.Abbreviations(doc, r.source, pc)
	var films []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			switch n := n.(type) {
			case *ast.Link:
				r.link(n)
			case *ast.Image:
				if mediumType(string(n.Destination)) != "" {
					films = append(films, n)
				} else {
					r.picture(n)
				}
			case *ast.FencedCodeBlock:
				r.fence(n)
			case *ast.CodeBlock:
				n.SetAttributeString("label", r.word("code"))
			case *formula:
				r.typeset(n)
			case *mathBlock:
				r.typeset(&n.formula)
			case *east.TaskCheckBox:
				n.SetAttributeString("aria-label", []byte(r.plain(n.Parent())))
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range films {
		n.Parent().ReplaceChild(n.Parent(), n, r.medium(n))
	}
	r.count(doc)
}

// headings moves them below the page's own title, names them, and collects the table of contents.
func (r *rendered) headings(doc *ast.Document) {
	shift := 0
	var all []*ast.Heading
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			all = append(all, h)
			if h.Level == 1 {
				shift = 1
			}
		}
		return ast.WalkContinue, nil
	})
	for _, h := range all {
		if h.Lines().Len() > 0 {
			r.Outline = append(r.Outline, outlined{h.Level, bytes.LastIndexByte(r.source[:h.Lines().At(0).Start], '\n') + 1})
		}
		h.Level = min(h.Level+shift, 6)
		title := r.plain(h)
		id, named := h.AttributeString("id")
		name := ""
		if named {
			name = fmt.Sprintf("%s", id)
		}
		plainAttributes(h)
		name = r.unique(name, title)
		h.SetAttributeString("id", []byte(name))
		if h.Level <= 3 && title != "" {
			r.contents(templates.Heading{Level: h.Level, ID: name, Text: title})
		}
	}
}

// plainAttributes leaves a heading the attributes that say something: a style is refused by the pages' Content-Security-Policy.
func plainAttributes(h *ast.Heading) {
	kept := h.Attributes()
	h.RemoveAttributes()
	for _, a := range kept {
		if slices.Contains([]string{"class", "lang", "dir", "title", "translate"}, string(a.Name)) {
			h.SetAttribute(a.Name, a.Value)
		}
	}
}

// unique names a heading. The built-in names drop every letter beyond ASCII.
func (r *rendered) unique(name, title string) string {
	if name == "" {
		name = slugOf(title)
	}
	if name == "" {
		name = "section"
	}
	id := name
	for i := 2; r.ids[id]; i++ {
		id = fmt.Sprintf("%s-%d", name, i)
	}
	r.ids[id] = true
	return id
}

func (r *rendered) contents(h templates.Heading) {
	if last := len(r.TOC) - 1; h.Level == 3 && last >= 0 {
		r.TOC[last].Children = append(r.TOC[last].Children, h)
		return
	}
	r.TOC = append(r.TOC, h)
}
