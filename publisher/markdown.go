package publisher

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postil-blog/postil/publisher/costly"
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
	Telling  string // what related.Words gives of the post; the first, so that it is read alone
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
	html    string
	post    *Post
	source  []byte
	line    int      // of the source's first line in the file
	starts  []int    // where its lines begin, once lineOf was asked
	counted struct { // by column, for the line at start
		start, offset, column int
		shown                 string
	}
	all      string // the whole file, for excerpts of faults
	file     string // as faults name it
	resolve  func(p *Post, ref string, picture bool) resolved
	account  func(handle string) string
	word     func(key string, with ...any) string // the themes' own words, in the post's language
	codes    *shortcodes
	md       goldmark.Markdown
	inner    bool // a caption or a title: text within the post's
	emoji    func(name string) string
	used     map[emojiUse]bool // those of Emoji
	math     *mathml.Typesetter
	typesets *typesets
	ids      map[string]int // of headings: the last number that was put behind it, 1 for none
	pictures int            // so far
	failed   error          // the machine's, and no fault of the post
}

var renderedKey = parser.NewContextKey()

// render turns a post's Markdown into a rendering within maxRender. A goroutine that takes longer is abandoned: goldmark cannot
// be stopped, and the run ends soon.
func render(ctx context.Context, md goldmark.Markdown, r *rendered) (*rendering, error) {
	if f, ok := costly.Look(r.source, r.post.Math); ok {
		r.Faults = append(r.Faults, r.fault(site.Error, codeCostly, f.Offset, 1, f.Message, f.Help))
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
		apart := rendered{source: r.source, line: r.line, file: r.file} // the goroutine still writes to r
		return &rendering{Faults: site.Diagnostics{apart.fault(site.Error, codeCostly, 0, 0, "Markdown takes longer than "+maxRender.String(),
			"look for hundreds of unclosed brackets, quotes or emphasis marks")}}, nil
	}
}

func (r *rendered) convert(md goldmark.Markdown) error {
	pc := parser.NewContext()
	pc.Set(renderedKey, r)
	r.md, r.typesets = md, &typesets{known: map[typesetKey]string{}}
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
	line := r.lineOf(offset)
	col := r.column(r.starts[line-r.line], offset)
	return site.Diagnostic{Severity: s, Code: code, File: r.file, Line: line, Col: col, Width: max(width, 1), Message: message, Excerpt: r.counted.shown, Help: help}
}

// column is that of an offset in the line that begins at start. In a long line it goes on from where it counted last: faults come in order.
func (r *rendered) column(start, offset int) int {
	c := &r.counted
	offset = max(min(offset, len(r.source)), start)
	if c.start != start || c.column == 0 {
		rest := r.source[start:]
		c.shown = strings.Clone(excerpt(string(rest[:min(len(rest), utf8.UTFMax*(maxShown+1))]), 1))
	}
	if c.start != start || c.offset > offset || c.column == 0 {
		c.start, c.offset, c.column = start, start, 1
	}
	c.column += utf8.RuneCount(r.source[c.offset:offset])
	c.offset = offset
	return c.column
}

// lineOf is the line of the file that an offset of the Markdown stands in.
func (r *rendered) lineOf(offset int) int {
	if r.starts == nil {
		r.starts = []int{0}
		for line := range bytes.Lines(r.source) {
			if line[len(line)-1] == '\n' {
				r.starts = append(r.starts, r.starts[len(r.starts)-1]+len(line))
			}
		}
	}
	n, found := slices.BinarySearch(r.starts, offset)
	if found {
		n++
	}
	return r.line - 1 + max(n, 1)
}

// wideTable is the number of columns from which on a table is wider than a telephone, and with some words in them than the column of text. The
// keyboard can stop there to scroll it.
const wideTable = 5

// transformer finishes the syntax tree: headings, links, pictures, callouts, and what is counted and cited.
type transformer struct{}

// Transform is goldmark's parser.ASTTransformer.
func (transformer) Transform(doc *ast.Document, _ text.Reader, pc parser.Context) {
	r := pc.Get(renderedKey).(*rendered)
	doc.AddMeta("notes", markup.Notes{Prefix: r.post.Key + "-", Title: r.word("footnotes"), Back: r.word("back-to-ref")})
	r.ids = map[string]int{}
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
			case *east.Table:
				if len(n.Alignments) >= wideTable {
					n.SetAttributeString("tabindex", []byte("0"))
				}
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
	id, n := name, max(r.ids[name], 1)
	for r.ids[id] > 0 {
		n++
		id = fmt.Sprintf("%s-%d", name, n)
	}
	r.ids[name] = n // the next one of the name goes on from there: a post may have thousands
	r.ids[id] = max(r.ids[id], 1)
	return id
}

// maxContents is how many headings the table of contents lists on a level: in front of the text nobody reads more.
const maxContents = 1000

func (r *rendered) contents(h templates.Heading) {
	if last := len(r.TOC) - 1; h.Level == 3 && last >= 0 {
		if len(r.TOC[last].Children) < maxContents {
			r.TOC[last].Children = append(r.TOC[last].Children, h)
		}
		return
	}
	if len(r.TOC) < maxContents {
		r.TOC = append(r.TOC, h)
	}
}
