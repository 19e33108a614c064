package publisher

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"
	"github.com/postil-blog/postil/publisher/markup"
	"github.com/postil-blog/postil/site"
	"github.com/yuin/goldmark/ast"
)

// inLines writes code line by line: numbered, marked, or as a difference. Every byte of the text stands in the page once and in
// order, so that what is copied is what was written; numbers are the style sheet's.
func inLines(w *strings.Builder, language, text string, f markup.Fence) {
	var signs []byte
	if f.Diff {
		text, signs = withoutSigns(text)
	}
	tokens, ok := tokenise(language, text)
	if !ok {
		tokens = []chroma.Token{{Type: chroma.Text, Value: text}}
	}
	for i, line := range cutLines(tokens) {
		sign := byte(0)
		if i < len(signs) {
			sign = signs[i]
		}
		writeLine(w, line, sign, i, f)
	}
}

// withoutSigns takes the "+", "-" or blank off each line's beginning; 0 for a line that has none.
func withoutSigns(text string) (rest string, signs []byte) {
	var b strings.Builder
	for line := range strings.Lines(text) {
		sign := byte(0)
		if strings.IndexByte("+- ", line[0]) >= 0 {
			sign, line = line[0], line[1:]
		}
		signs = append(signs, sign)
		b.WriteString(line)
	}
	return b.String(), signs
}

// cutLines cuts tokens behind their line feeds.
func cutLines(tokens []chroma.Token) (lines [][]chroma.Token) {
	fresh := true
	for _, t := range tokens {
		for part := range strings.Lines(t.Value) {
			if fresh {
				lines = append(lines, nil)
			}
			last := len(lines) - 1
			lines[last] = append(lines[last], chroma.Token{Type: t.Type, Value: part})
			fresh = strings.HasSuffix(part, "\n")
		}
	}
	return lines
}

// writeLine writes line i, counted from 0.
func writeLine(w *strings.Builder, line []chroma.Token, sign byte, i int, f markup.Fence) {
	element, class := "span", "line"
	switch sign {
	case '+':
		element, class = "ins", "gi"
	case '-':
		element, class = "del", "gd"
	}
	if f.Marked(i + 1) {
		class += " hl"
	}
	number := ""
	if f.Lines {
		number = ` data-n="` + strconv.Itoa(f.Start+i) + `"`
	}
	w.WriteString("<" + element + ` class="` + class + `"` + number + ">")
	if sign != 0 {
		w.WriteString(html.EscapeString(string(sign)))
	}
	for _, t := range line {
		writeToken(w, t)
	}
	w.WriteString("</" + element + ">")
}

// fence names a code block, and tells of options that there are not.
func (r *rendered) fence(n *ast.FencedCodeBlock) {
	f := fenceOf(n, r.source)
	label := r.word("code")
	switch {
	case f.File != "":
		label += ": " + f.File
	case f.Language != "":
		label += ": " + f.Language
	}
	n.SetAttributeString("label", label)
	for _, name := range f.Unknown {
		at := n.Info.Segment.Start + max(strings.Index(string(n.Info.Segment.Value(r.source)), name), 0)
		help := "known are " + strings.Join(markup.FenceOptions, ", ")
		bare, _, _ := strings.Cut(name, "=")
		if near := site.Nearest(bare, markup.FenceOptions); near != "" && near != bare {
			help = fmt.Sprintf("did you mean %q?", near)
		}
		r.Faults = append(r.Faults, r.fault(site.Warning, codeFence, at, utf8.RuneCountInString(name), fmt.Sprintf("code blocks have no option %q", name), help))
	}
}
