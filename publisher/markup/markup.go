// Package markup is the Markdown that Postil reads beyond goldmark's own: callouts, figures and galleries, wikilinks, shortcodes,
// marks, sub- and superscripts, abbreviations, the options of code fences, and footnotes that can stand in the margin.
//
// Source text comes in and nodes of goldmark's tree go out, with the renderers that write them as HTML for a strict
// Content-Security-Policy: classes, no inline style, no script. It knows no post, no site and no language: whoever resolves a
// wikilink, words a label or runs a shortcode walks the tree and fills the nodes in (publisher/markdown.go).
//
// Every parser here looks at each byte a bounded number of times: goldmark has no clock, and a post may be hostile.
package markup

import (
	"html"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// Extension adds all of the package to a goldmark.Markdown.
type Extension struct {
	// Paired tells whether the shortcode of a name has a text of its own, which {{< /name >}} ends. nil for none.
	Paired func(name string) bool
}

// Extend is goldmark's Extender. The numbers order the parsers: footnotes are read at 101, links at 200, emphasis at 500.
func (e Extension) Extend(m goldmark.Markdown) {
	if e.Paired == nil {
		e.Paired = func(string) bool { return false }
	}
	m.Parser().AddOptions(
		parser.WithBlockParsers(util.Prioritized(shortcodeBlock{e.Paired}, 90)),
		parser.WithInlineParsers(
			util.Prioritized(shortcodeInline{}, 90), util.Prioritized(wikiParser{}, 100), util.Prioritized(scriptParser{}, 400), util.Prioritized(markParser{}, 500)),
		parser.WithParagraphTransformers(util.Prioritized(calloutParser{}, 50), util.Prioritized(abbreviationParser{}, 60)),
	)
	m.Renderer().AddOptions(renderer.WithNodeRenderers(
		util.Prioritized(blockRenderer{}, 100), util.Prioritized(inlineRenderer{}, 100), util.Prioritized(footnoteRenderer{}, 100), util.Prioritized(shortcodeRenderer{m}, 100)))
}

// escaped is text as it stands in HTML, in an attribute's value, too.
func escaped(s string) string { return html.EscapeString(s) }

// Verbatim is a node of text that is no Markdown any more: its backslashes and entities stand for themselves.
func Verbatim(s string) *ast.String {
	n := ast.NewString([]byte(s))
	n.SetRaw(true)
	return n
}
