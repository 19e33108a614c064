package publisher

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/postil-blog/postil/publisher/markup"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// language is a post's, else the site's.
func (b *build) language(p *Post) string {
	if p.Lang != "" {
		return p.Lang
	}
	return b.config.Site.Language
}

// wordsFor gives the themes' own words in the language of a post.
func (b *build) wordsFor(p *Post) func(key string, with ...any) string {
	language := b.language(p)
	return func(key string, with ...any) string { return templates.Text(language, key, with...) }
}

// callouts names those of the document, and tells of kinds that there are not.
func (r *rendered) callouts(doc ast.Node) {
	label := func(kind string, title ast.Node) string {
		if title == nil {
			return r.word(kind)
		}
		if s := r.plain(title); s != "" && s != r.word(kind) {
			return r.word(kind) + ": " + s
		}
		return r.word(kind)
	}
	markup.Callouts(doc, label, func(name string, n ast.Node) {
		help := "there are " + strings.Join(markup.Kinds, ", ")
		if near := site.Nearest(name, markup.Kinds); near != "" {
			help = fmt.Sprintf("did you mean [!%s]?", strings.ToUpper(near))
		}
		at := r.before(n, "[!")
		r.Faults = append(r.Faults, r.fault(site.Warning, codeCallout, at, len(name)+3, fmt.Sprintf("there is no callout %q: this stays a quotation", name), help))
	})
}

// before is the offset of a mark that stands before a block's text.
func (r *rendered) before(n ast.Node, mark string) int {
	end := len(r.source)
	switch next := n.NextSibling(); {
	case n.Type() == ast.TypeBlock && n.Lines().Len() > 0:
		end = n.Lines().At(0).Start
	case next != nil && next.Type() == ast.TypeBlock && next.Lines().Len() > 0:
		end = next.Lines().At(0).Start
	}
	return max(bytes.LastIndex(r.source[:end], []byte(mark)), 0)
}

// caption renders a picture's title, which is Markdown.
func (r *rendered) caption(i *ast.Image) []byte {
	return r.markdown(string(i.Title), r.find(i, string(i.Destination)))
}

// markdown renders a line of Markdown that stands within another element, at an offset of the post. What is no plain line of
// text stays as it is written.
func (r *rendered) markdown(s string, at int) []byte {
	c := &rendered{post: r.post, source: []byte(s), line: r.line, all: r.all, file: r.file, resolve: r.resolve, account: r.account, word: r.word, codes: &shortcodes{}, md: r.md, math: r.math, typesets: r.typesets, emoji: r.emoji, inner: true}
	pc := parser.NewContext()
	pc.Set(renderedKey, c)
	doc := r.md.Parser().Parse(text.NewReader(c.source), parser.WithContext(pc))
	var b bytes.Buffer
	if _, line := doc.FirstChild().(*ast.Paragraph); !line || doc.ChildCount() != 1 || r.md.Renderer().Render(&b, c.source, doc) != nil {
		return []byte(html.EscapeString(s))
	}
	r.merge(c, at)
	out := bytes.TrimSpace(b.Bytes())
	out, _ = bytes.CutPrefix(out, []byte("<p>"))
	out, _ = bytes.CutSuffix(out, []byte("</p>"))
	return out
}

// merge takes over what the rendering of a line found. Its faults stand where the line is.
func (r *rendered) merge(c *rendered, at int) {
	r.Uses, r.Emoji, r.Media = append(r.Uses, c.Uses...), append(r.Emoji, c.Emoji...), append(r.Media, c.Media[:min(len(c.Media), maxPictures-len(r.Media))]...)
	r.failed = errors.Join(r.failed, c.failed)
	r.Images = append(r.Images, c.Images[:min(len(c.Images), maxPictures-len(r.Images))]...)
	for _, m := range c.Mentions {
		m.Fault = r.moved(m.Fault, at)
		r.Mentions = append(r.Mentions, m)
	}
	for _, a := range c.Anchors {
		a.Fault = r.moved(a.Fault, at)
		r.Anchors = append(r.Anchors, a)
	}
	for _, d := range c.Faults {
		r.Faults = append(r.Faults, r.moved(d, at))
	}
}

func (r *rendered) moved(d site.Diagnostic, at int) site.Diagnostic {
	to := r.fault(d.Severity, d.Code, at, 1, d.Message, d.Help)
	d.Line, d.Col, d.Width, d.Excerpt = to.Line, to.Col, to.Width, to.Excerpt
	return d
}
