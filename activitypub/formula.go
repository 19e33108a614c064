package activitypub

import (
	"strings"

	"golang.org/x/net/html"
)

// MathAsText puts the TeX of formulas into their place (FEP-dc88): between dollar signs, as Mastodon does, or the plain text that stands
// beside them. A formula without either stays as it is, and so do all other bytes.
func MathAsText(s string) string {
	if !strings.Contains(strings.ToLower(s), "<math") {
		return s
	}
	var out strings.Builder
	var f *formula
	for z := html.NewTokenizer(strings.NewReader(s)); ; {
		kind, raw := z.Next(), string(z.Raw())
		if f == nil && kind == html.StartTagToken {
			if t := z.Token(); t.Data == "math" {
				f = &formula{block: given(t, "display") == "block"}
			}
		} else if f != nil && kind != html.ErrorToken {
			f.read(z.Token())
		}
		switch {
		case f == nil:
			out.WriteString(raw)
		case f.ended:
			f.raw.WriteString(raw)
			out.WriteString(f.text())
			f = nil
		default:
			f.raw.WriteString(raw)
		}
		if kind == html.ErrorToken {
			if f != nil {
				out.WriteString(f.raw.String())
			}
			return out.String()
		}
	}
}

// formula is one that is being read.
type formula struct {
	raw        strings.Builder
	block      bool
	tex, plain string
	in         *string // the annotation that we are in
	ended      bool
}

func (f *formula) read(t html.Token) {
	switch {
	case t.Type == html.TextToken && f.in != nil:
		*f.in += t.Data
	case t.Type == html.StartTagToken && t.Data == "annotation":
		f.in = map[string]*string{"application/x-tex": &f.tex, "text/plain": &f.plain}[given(t, "encoding")]
	case t.Type == html.EndTagToken:
		f.in, f.ended = nil, t.Data == "math"
	}
}

// text is what stands for the formula, as HTML.
func (f *formula) text() string {
	switch {
	case f.tex != "" && f.block:
		return html.EscapeString("$$" + f.tex + "$$")
	case f.tex != "":
		return html.EscapeString("$" + f.tex + "$")
	case f.plain != "":
		return html.EscapeString(f.plain)
	}
	return f.raw.String()
}

func given(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
