package mathml

import (
	stdhtml "html"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// core are the elements of MathML Core, which is what browsers show and FEP-dc88 allows, with the attributes that carry meaning.
var core = map[string][]string{
	"math": {"display"}, "semantics": nil, "annotation": {"encoding"}, "mrow": nil, "mfrac": {"linethickness"}, "msqrt": nil, "mroot": nil,
	"mstyle": nil, "merror": nil, "mpadded": {"width", "height", "depth", "lspace", "voffset"}, "mphantom": nil,
	"msub": nil, "msup": nil, "msubsup": nil, "munder": {"accentunder"}, "mover": {"accent"}, "munderover": {"accent", "accentunder"},
	"mmultiscripts": nil, "mprescripts": nil, "none": nil, "mtable": nil, "mtr": nil, "mtd": {"columnspan", "rowspan"},
	"mi": nil, "mn": nil, "mtext": nil, "ms": nil, "mspace": {"width", "height", "depth"},
	"mo": {"form", "stretchy", "symmetric", "largeop", "movablelimits", "lspace", "rspace", "minsize", "maxsize", "fence", "separator"},
}

// general are attributes that any of them may have.
var general = []string{"displaystyle", "scriptlevel", "mathvariant", "dir"}

// onPage are those that the site's own pages have besides: there the style sheet knows the classes, and the colours are the author's.
var onPage = []string{"class", "mathcolor", "mathbackground", "mathsize"}

// Element tells whether a name is an element of MathML Core.
func Element(name string) bool { _, ok := core[name]; return ok }

// Attribute tells whether an element of MathML Core keeps an attribute wherever it is shown.
func Attribute(element, name string) bool {
	return slices.Contains(general, name) || slices.Contains(core[element], name)
}

// strict writes Temml's markup anew: known elements with known attributes, styles as classes, and the TeX beside it.
func strict(markup, tex string, display bool) string {
	var b strings.Builder
	depth, roots := 0, 0
	for z := html.NewTokenizer(strings.NewReader(markup)); z.Next() != html.ErrorToken; {
		t := z.Token()
		switch {
		case t.Data == "math" && t.Type != html.TextToken:
		case t.Type == html.TextToken:
			b.WriteString(stdhtml.EscapeString(t.Data))
		case !known(t.Data):
		case t.Type == html.StartTagToken:
			if depth++; depth == 1 {
				roots++
			}
			start(&b, t)
		case t.Type == html.EndTagToken:
			depth--
			b.WriteString("</" + t.Data + ">")
		}
	}
	return annotated(b.String(), tex, display, roots == 1)
}

// annotated puts a formula, which is one element or becomes one, into the form of FEP-dc88. The blank keeps formula and TeX apart
// where a reader's program drops all tags.
func annotated(formula, tex string, display, one bool) string {
	head := "<math>"
	if display {
		head = `<math display="block">`
	}
	if !one {
		formula = "<mrow>" + formula + "</mrow>"
	}
	return head + "<semantics>" + formula + ` <annotation encoding="application/x-tex">` + stdhtml.EscapeString(tex) + "</annotation></semantics></math>"
}

// known adds to Core what Temml needs and browsers take for a row: the classes on it draw the line.
func known(name string) bool { return name == "menclose" || name == "span" || Element(name) }

func start(b *strings.Builder, t html.Token) {
	b.WriteString("<" + t.Data)
	var classes []string
	for _, a := range t.Attr {
		switch {
		case a.Key == "style":
			for declaration := range strings.SplitSeq(a.Val, ";") {
				name, value, _ := strings.Cut(declaration, ":")
				classes = append(classes, styled(b, strings.TrimSpace(name), strings.TrimSpace(value)))
			}
		case a.Key == "class":
			classes = append(classes, strings.Fields(a.Val)...)
		case t.Data != "span" && (slices.Contains(onPage, a.Key) || Attribute(t.Data, a.Key)):
			write(b, a.Key, a.Val)
		}
	}
	if classes = slices.DeleteFunc(classes, func(c string) bool { return c == "" }); len(classes) > 0 {
		write(b, "class", strings.Join(classes, " "))
	}
	b.WriteByte('>')
}

func write(b *strings.Builder, name, value string) {
	b.WriteString(" " + name + `="` + stdhtml.EscapeString(value) + `"`)
}

// styles are the declarations of Temml's that have a class in the theme's style sheet.
var styles = map[string]string{
	"text-align:left": "math-left", "text-align:right": "math-right", "padding:0": "math-p0", "width:100%": "math-w100", "width:50%": "math-w50",
	"math-depth:0": "math-depth0", "math-depth:2": "math-depth2", "font-weight:bold": "math-bold", "transform:scaleX(-1)": "math-mirror",
}

// styled is the class of a declaration, "" where there is none. A colour becomes an attribute instead: MathML has one for it.
func styled(b *strings.Builder, name, value string) string {
	switch name {
	case "color":
		write(b, "mathcolor", value)
		return ""
	case "background-color":
		write(b, "mathbackground", value)
		return ""
	case "border":
		return "math-box"
	case "border-left", "border-right", "border-top", "border-bottom":
		return "math-" + strings.TrimPrefix(name, "border-") + line(value)
	case "padding-left", "padding-right", "padding-top", "padding-bottom":
		return "math-p" + name[len("padding-"):][:1] + step(value)
	}
	return styles[name+":"+value]
}

// line is the end of a border's class.
func line(value string) string {
	for _, kind := range []string{"dashed", "double"} {
		if strings.Contains(value, kind) {
			return "-" + kind
		}
	}
	return "-line"
}

// step rounds a length to one that the style sheet has: 0, a half, 1 or 2 times the size of the letters.
func step(value string) string {
	number := strings.TrimRight(value, "abcdefghijklmnopqrstuvwxyz%")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return "0"
	}
	if strings.HasSuffix(value, "pt") {
		n /= 12
	}
	switch {
	case n < 0.25:
		return "0"
	case n < 0.75:
		return "5"
	case n < 1.5:
		return "10"
	}
	return "20"
}
