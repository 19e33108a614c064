package publisher

import (
	"html"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	fast "github.com/postil-blog/postil/publisher/highlight"
	"github.com/postil-blog/postil/publisher/markup"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// codeRenderer writes code blocks with chroma's class names, which the themes colour. chroma's own HTML formatter writes
// styles that a strict Content-Security-Policy refuses, and twice as many elements.
type codeRenderer struct{}

// RegisterFuncs is goldmark's renderer.NodeRenderer.
func (c codeRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, c.fenced)
	r.Register(ast.KindCodeBlock, c.indented)
}

func (codeRenderer) indented(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		writeCode(w, markup.Fence{}, labelOf(n), code(source, n))
	}
	return ast.WalkSkipChildren, nil
}

func (codeRenderer) fenced(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		writeCode(w, fenceOf(n.(*ast.FencedCodeBlock), source), labelOf(n), code(source, n))
	}
	return ast.WalkSkipChildren, nil
}

func fenceOf(n *ast.FencedCodeBlock, source []byte) markup.Fence {
	if n.Info == nil {
		return markup.Fence{}
	}
	return markup.ParseFence(string(n.Info.Segment.Value(source)))
}

// labelOf is what assistive technology calls a block: a region that scrolls can be reached, and says what it is.
func labelOf(n ast.Node) string {
	label, _ := n.AttributeString("label")
	s, _ := label.(string)
	return s
}

func code(source []byte, n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b.Write(line.Value(source))
	}
	return b.String()
}

// writeCode writes a block without colours. colour adds them to the page alone: other servers and feed readers have no style
// sheet for them.
func writeCode(w util.BufWriter, f markup.Fence, label, text string) {
	if f.File != "" {
		_, _ = w.WriteString(`<figure class="code"><figcaption>` + html.EscapeString(f.File) + `</figcaption>`)
	}
	if !f.Plain() && f.Language == "" {
		f.Language = "text"
	}
	_, _ = w.WriteString(preStart + html.EscapeString(label) + preEnd)
	if f.Language != "" {
		_, _ = w.WriteString(` data-lang="` + html.EscapeString(f.Language) + `"` + f.Data())
	}
	_, _ = w.WriteString(">" + html.EscapeString(text) + codeEnd)
	if f.File != "" {
		_, _ = w.WriteString("</figure>")
	}
	_ = w.WriteByte('\n')
}

// preStart is followed by the label, preEnd by what codeStart and the language begin.
const (
	preStart = `<pre class="chroma" tabindex="0" role="group" aria-label="`
	preEnd   = `"><code`
)

// codeStart is followed by the language, "> and the code.
const (
	codeStart = preEnd + ` data-lang="`
	codeEnd   = "</code></pre>"
)

// maxLanguages is how many languages one page is coloured in: finding out that a name is none takes chroma ten milliseconds.
const maxLanguages = 40

// colour highlights every code block of a page. Blocks that stand in the page as it was before are taken from there: loading a
// lexer takes longer than all the rest of an edited post.
func colour(page, before string) string {
	var b strings.Builder
	b.Grow(len(page) * 2)
	var known map[snippet]string
	languages := map[string]bool{}
	for {
		c, ok := nextSnippet(page)
		if !ok {
			b.WriteString(page)
			return b.String()
		}
		if known == nil {
			known = coloured(before)
		}
		language, data, _ := strings.Cut(c.language, `"`)
		b.WriteString(c.before + codeStart + c.language + `" class="language-` + language + `">`)
		if len(languages) < maxLanguages {
			languages[language] = true
		}
		if done, ok := known[c.snippet]; ok {
			b.WriteString(done)
		} else if !languages[language] {
			b.WriteString(c.text)
		} else {
			highlight(&b, html.UnescapeString(language), html.UnescapeString(c.text), markup.ParseData(data+`"`))
		}
		b.WriteString(codeEnd)
		page = c.after
	}
}

// snippet is a block with its language and what is said of its lines (markup.Fence.Data, without the last quote), all as HTML.
type snippet struct{ language, text string }

// placedSnippet is a block of a page with what stands around it.
type placedSnippet struct {
	snippet
	before, after string
}

// nextSnippet finds the first block of a page that names its language.
func nextSnippet(page string) (c placedSnippet, ok bool) {
	var rest string
	var named, closed bool
	c.before, rest, ok = strings.Cut(page, codeStart)
	c.language, rest, named = strings.Cut(rest, `">`)
	c.text, c.after, closed = strings.Cut(rest, codeEnd)
	return c, ok && named && closed
}

// coloured are the blocks of a page that colour made.
func coloured(page string) map[snippet]string {
	known := map[snippet]string{}
	for c, ok := nextSnippet(page); ok; c, ok = nextSnippet(c.after) {
		language, class, named := strings.Cut(c.language, `" class="`)
		name, _, _ := strings.Cut(language, `"`)
		if text, plain := withoutSpans(c.text); named && plain && class == "language-"+name {
			known[snippet{language, text}] = c.text
		}
	}
	return known
}

// ours is how the elements begin that colour puts into code.
var ours = []string{`span class="`, `ins class="`, `del class="`}

// withoutSpans is a coloured block as it was before, and whether its elements are such spans alone.
func withoutSpans(s string) (text string, ok bool) {
	var b strings.Builder
	for {
		before, rest, more := strings.Cut(s, "<")
		b.WriteString(before)
		if !more {
			return b.String(), true
		}
		tag, after, _ := strings.Cut(rest, ">")
		if !slices.Contains([]string{"/span", "/ins", "/del"}, tag) && !slices.ContainsFunc(ours, func(start string) bool { return strings.HasPrefix(tag, start) }) {
			return "", false
		}
		s = after
	}
}

// highlight writes code as spans of chroma's classes; as plain text where there is no lexer for it.
func highlight(w *strings.Builder, language, text string, f markup.Fence) {
	if !f.Plain() {
		inLines(w, language, text, f)
		return
	}
	tokens, ok := tokenise(language, text)
	if !ok {
		w.WriteString(html.EscapeString(text))
		return
	}
	for _, t := range tokens {
		writeToken(w, t)
	}
}

func writeToken(w *strings.Builder, t chroma.Token) {
	class := classOf(t.Type)
	if class == "" {
		w.WriteString(html.EscapeString(t.Value))
		return
	}
	w.WriteString(`<span class="`)
	w.WriteString(class)
	w.WriteString(`">`)
	w.WriteString(html.EscapeString(t.Value))
	w.WriteString("</span>")
}

// tokenise runs the fast lexers, and chroma where they give up. Its lexers are tables of regular expressions that others wrote:
// one that panics or loses a byte costs the colours, not the code.
func tokenise(language, text string) (tokens []chroma.Token, ok bool) {
	if language == "" {
		return nil, false
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	if tokens, ok = fast.Tokens(language, text); ok {
		return tokens, true
	}
	lexer := lexers.Get(language)
	if lexer == nil || !modest(text) {
		return nil, false
	}
	next, err := chroma.Coalesce(lexer).Tokenise(nil, text)
	if err != nil {
		return nil, false
	}
	began := time.Now()
	for t := next(); t != chroma.EOF; t = next() {
		if tokens = append(tokens, t); len(tokens)%64 == 0 && time.Since(began) > maxColouring {
			return nil, false
		}
	}
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(t.Value)
	}
	return tokens, b.String() == text
}

// Bounds on a block that chroma colours: its regular expressions go back and forth within lines, and some over all lines. Beyond them code stays
// without colours.
const (
	maxColoured     = 32 << 10  // bytes
	maxColouredLine = 1000      // bytes
	maxUnclosed     = 20        // comments that begin and do not end: each is looked for up to the end of the block
	maxColouring    = maxRender // many times what a block within the other bounds takes
)

// comments are how comments of many lines begin and end.
var comments = [][2]string{{"/*", "*/"}, {"<!--", "-->"}, {"{-", "-}"}, {"(*", "*)"}, {"#|", "|#"}, {"[[", "]]"}, {"<![CDATA[", "]]>"}, {"=begin", "=end"}, {"{#", "#}"}, {"<#", "#>"}}

// modest tells whether a block is within those bounds that can be seen beforehand.
func modest(text string) bool {
	if len(text) > maxColoured {
		return false
	}
	for _, c := range comments {
		if strings.Count(text, c[0])-strings.Count(text, c[1]) > maxUnclosed {
			return false
		}
	}
	for line := range strings.Lines(text) {
		if len(line) > maxColouredLine {
			return false
		}
	}
	return true
}

// classOf is chroma's short name of a token type, "" for plain text and blanks.
func classOf(t chroma.TokenType) string {
	if t == chroma.Text || t == chroma.TextWhitespace || t == chroma.Name || t == chroma.None || t == chroma.Other || t == chroma.EOFType {
		return ""
	}
	for _, t := range []chroma.TokenType{t, t.SubCategory(), t.Category()} {
		if class, ok := chroma.StandardTypes[t]; ok {
			return class
		}
	}
	return ""
}
