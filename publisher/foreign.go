package publisher

import (
	"slices"
	"strings"

	"github.com/postil-blog/postil/publisher/mathml"
	"golang.org/x/net/html"
)

// Formulas leave in the form of FEP-dc88: <math><semantics>, a formula of MathML Core, its TeX as an annotation. Mastodon shows the
// TeX between dollar signs, others the formula. Who drops tags without looking shows both, one after the other; federation.math =
// "tex" sends the TeX alone.

// gather collects the tokens of a formula, and writes it at its end: only then is it known whether its TeX is there.
func (w *translator) gather(t html.Token) {
	w.formula = append(w.formula, t)
	if t.Data != "math" || t.Type == html.TextToken {
		return
	}
	switch t.Type {
	case html.StartTagToken:
		w.depth++
	case html.EndTagToken:
		w.depth--
	}
	if w.depth > 0 {
		return
	}
	tex, annotated := annotation(w.formula)
	switch {
	case annotated && w.texOnly, !annotated && tex != "":
		w.text(delimited(tex, attr(w.formula[0], "display") == "block"))
	case annotated || w.bareMath:
		w.out.WriteString(coreMath(w.formula))
	}
	w.formula = nil
}

// annotation is the TeX beside a formula, and whether both stand as FEP-dc88 has it.
func annotation(tokens []html.Token) (tex string, ok bool) {
	inside := false
	for _, t := range tokens {
		switch {
		case t.Type == html.StartTagToken && t.Data == "annotation":
			inside = tex == "" && attr(t, "encoding") == "application/x-tex"
		case t.Type == html.EndTagToken:
			inside = false
		case t.Type == html.TextToken && inside:
			tex += t.Data
		}
	}
	first := slices.IndexFunc(tokens[1:], func(t html.Token) bool { return t.Type == html.StartTagToken })
	return tex, tex != "" && first >= 0 && tokens[first+1].Data == "semantics"
}

// delimited is TeX as Mastodon writes it, and as it was typed.
func delimited(tex string, block bool) string {
	if block {
		return "$$" + tex + "$$"
	}
	return "$" + tex + "$"
}

// coreMath writes a formula in MathML Core alone, every element closed that was opened. What is not of it is unwrapped.
func coreMath(tokens []html.Token) string {
	var b strings.Builder
	var open []string
	skipping := ""
	for _, t := range tokens {
		switch {
		case skipping != "":
			if t.Type == html.EndTagToken && t.Data == skipping {
				skipping = ""
			}
		case t.Type == html.TextToken:
			b.WriteString(html.EscapeString(t.Data))
		case t.Type == html.EndTagToken:
			if i := lastIndex(open, t.Data); i >= 0 {
				open = closed(&b, open, i)
			}
		case t.Type == html.StartTagToken && t.Data != "math" && slices.Contains(dropped, t.Data) || t.Data == "annotation-xml":
			skipping = t.Data
		case (t.Type == html.StartTagToken || t.Type == html.SelfClosingTagToken) && mathml.Element(t.Data):
			b.WriteString("<" + t.Data)
			for _, a := range t.Attr {
				if mathml.Attribute(t.Data, a.Key) {
					b.WriteString(" " + a.Key + `="` + html.EscapeString(a.Val) + `"`)
				}
			}
			b.WriteByte('>')
			if open = append(open, t.Data); t.Type == html.SelfClosingTagToken {
				open = closed(&b, open, len(open)-1)
			}
		}
	}
	closed(&b, open, 0)
	return b.String()
}

// closed ends the open elements from the n-th on.
func closed(b *strings.Builder, open []string, n int) []string {
	for _, name := range slices.Backward(open[n:]) {
		b.WriteString("</" + name + ">")
	}
	return open[:n]
}

func lastIndex(list []string, s string) int {
	for i, e := range slices.Backward(list) {
		if e == s {
			return i
		}
	}
	return -1
}
