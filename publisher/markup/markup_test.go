package markup

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// transform does what publisher does with the nodes, in the simplest way.
func transform(doc ast.Node, source []byte, pc parser.Context) {
	blocks, spans := Shortcodes(doc, paired)
	for _, n := range blocks {
		n.Write = write(n.Call, n.Open)
	}
	for _, n := range spans {
		n.Write = write(n.Call, n.Open)
	}
	Callouts(doc, func(kind string, title ast.Node) string { return kind }, func(string, ast.Node) {})
	Figures(doc, func(i *ast.Image) []byte { return i.Title })
	Abbreviations(doc, source, pc)
}

func paired(name string) bool { return strings.HasPrefix(name, "p") }

func write(c Call, open bool) func([]byte) []byte {
	return func(inner []byte) []byte {
		out := "{" + c.Name
		for _, a := range c.Args {
			out += " " + a
		}
		for _, k := range []string{"a", "b"} {
			if v, ok := c.Named[k]; ok {
				out += " " + k + "=" + v
			}
		}
		switch {
		case c.Fault != "":
			return []byte("{fault: " + c.Fault + "}")
		case open:
			out += " OPEN"
		case c.Shut:
			out += " SHUT"
		}
		if len(inner) > 0 {
			out += ": " + strings.TrimSpace(string(inner))
		}
		return []byte(out + "}")
	}
}

// render renders Markdown with everything of this package, and GitHub's strikethrough beside it.
func render(t *testing.T, md string) string {
	t.Helper()
	m := goldmark.New(goldmark.WithExtensions(extension.Strikethrough, extension.Linkify, extension.Footnote, Extension{Paired: paired}))
	pc := parser.NewContext()
	source := []byte(md)
	doc := m.Parser().Parse(text.NewReader(source), parser.WithContext(pc))
	transform(doc, source, pc)
	var b bytes.Buffer
	if err := m.Renderer().Render(&b, source, doc); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

func table(t *testing.T, cases [][2]string) {
	t.Helper()
	for _, c := range cases {
		if diff := cmp.Diff(c[1], render(t, c[0])); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c[0], diff)
		}
	}
}

func TestCallouts(t *testing.T) {
	t.Parallel()
	start, shut := "<blockquote class=\"callout tip\" role=\"note\" aria-label=\"tip\">\n<p class=\"callout-title\"><strong>", "</strong></p>\n"
	table(t, [][2]string{
		{"> [!TIP]\n> Text.", start + "tip" + shut + "<p>Text.</p>\n</blockquote>"},
		{"> [!tip]\n>\n> Text.", start + "tip" + shut + "<p>Text.</p>\n</blockquote>"},
		{"> [!HINT] A *title*  \n> Text.", start + "A <em>title</em>" + shut + "<p>Text.</p>\n</blockquote>"},
		{"> [!TIP]", start + "tip" + shut + "</blockquote>"},
		{"> [!TIP]- Folded\n> Text.", "<details class=\"callout tip\">\n<summary class=\"callout-title\"><strong>Folded</strong></summary>\n<p>Text.</p>\n</details>"},
		{"> [!TIP]+\n> Text.", "<details class=\"callout tip\" open=\"\">\n<summary class=\"callout-title\"><strong>tip</strong></summary>\n<p>Text.</p>\n</details>"},
		{"- > [!TIP]\n  > Text.", "<ul>\n<li>\n" + start + "tip" + shut + "<p>Text.</p>\n</blockquote>\n</li>\n</ul>"},
		{"> [!TIP]\n> > [!TIP]\n> > Deep.", start + "tip" + shut + start + "tip" + shut + "<p>Deep.</p>\n</blockquote>\n</blockquote>"},
		// Quotations that only look like one.
		{"> [!TIP](https://example.org/) is a link.", "<blockquote>\n<p><a href=\"https://example.org/\">!TIP</a> is a link.</p>\n</blockquote>"},
		{"> Text.\n> [!TIP]", "<blockquote>\n<p>Text.\n[!TIP]</p>\n</blockquote>"},
		{"> [! TIP]", "<blockquote>\n<p>[! TIP]</p>\n</blockquote>"},
		{"[!TIP]\nText.", "<p>[!TIP]\nText.</p>"},
		{"> [!FOO] x\n> Text.", "<blockquote>\n<p>[!FOO] x</p>\n<p>Text.</p>\n</blockquote>"},
	})
}

func TestFigures(t *testing.T) {
	t.Parallel()
	one := "<figure><img src=\"a.jpg\" alt=\"A\"><figcaption>T</figcaption></figure>"
	bare := "<figure><img src=\"b.jpg\" alt=\"B\"></figure>"
	table(t, [][2]string{
		{"![A](a.jpg \"T\")", one},
		{"[![A](a.jpg \"T\")](/x)", "<figure><a href=\"/x\"><img src=\"a.jpg\" alt=\"A\"></a><figcaption>T</figcaption></figure>"},
		{"![A](a.jpg)", "<p><img src=\"a.jpg\" alt=\"A\"></p>"},
		{"![A](a.jpg \"T\")\n![B](b.jpg)", "<div class=\"gallery\">\n" + one + "\n" + bare + "\n</div>"},
		{"![B](b.jpg) ![B](b.jpg)", "<div class=\"gallery\">\n" + bare + "\n" + bare + "\n</div>"},
		{"See ![A](a.jpg \"T\")", "<p>See <img src=\"a.jpg\" alt=\"A\" title=\"T\"></p>"},
		{"![A](a.jpg \"T\"), ![B](b.jpg)", "<p><img src=\"a.jpg\" alt=\"A\" title=\"T\">, <img src=\"b.jpg\" alt=\"B\"></p>"},
	})
}

// TestMarksLeaveTextAlone holds what each mark is against what it is not: money, addresses, comparisons, tildes.
func TestMarksLeaveTextAlone(t *testing.T) {
	t.Parallel()
	table(t, [][2]string{
		{"==a== and (==b c==)", "<p><mark>a</mark> and (<mark>b c</mark>)</p>"},
		{"==*a*==, *==b==*", "<p><mark><em>a</em></mark>, <em><mark>b</mark></em></p>"},
		{"H~2~O, x^2^ (a)^n+1^ 10^-3^ 日本^1^", "<p>H<sub>2</sub>O, x<sup>2</sup> (a)<sup>n+1</sup> 10<sup>-3</sup> 日本<sup>1</sup></p>"},
		{"~~a~~ ~b c~ a~~b~~", "<p><del>a</del> <del>b c</del> a<del>b</del></p>"},
		{"x==1 and y==2", "<p>x==1 and y==2</p>"},
		{"a == b == c ===d=== =e=", "<p>a == b == c ===d=== =e=</p>"},
		{"~5 to ~10, ~/bin and ~/lib, 3~4 5~6", "<p>~5 to ~10, ~/bin and ~/lib, 3~4 5~6</p>"},
		{"^_^ and a^b, c ^d^ 2^^3^^", "<p>^_^ and a^b, c ^d^ 2^^3^^</p>"},
		{"x^a b^ H~2 3~ x^a*b*^", "<p>x^a b^ H~2 3~ x^a<em>b</em>^</p>"},
		{"https://example.org/~ada/x~2~y^2^", "<p><a href=\"https://example.org/~ada/x~2~y%5E2%5E\">https://example.org/~ada/x~2~y^2^</a></p>"},
		{"`x^2^ ==a== [[b]]`", "<p><code>x^2^ ==a== [[b]]</code></p>"},
		{"$5==$6 and \\==a== x\\^2^", "<p>$5==$6 and ==a== x^2^</p>"},
		{"x[^1]\n\n[^1]: y^2^", "<p>x<sup id=\"fnref:1\" class=\"fnref-1\"><a href=\"#fn:1\" class=\"footnote-ref\" role=\"doc-noteref\">1</a></sup></p>\n" +
			"<div class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"Footnotes\">\n<hr>\n<ol>\n<li id=\"fn:1\" class=\"fn-1\">\n<p>y<sup>2</sup>&#160;" +
			"<a href=\"#fnref:1\" class=\"footnote-backref\" role=\"doc-backlink\" aria-label=\"Back to reference 1\">&#x21a9;&#xfe0e;</a></p>\n</li>\n</ol>\n</div>"},
	})
}

func TestAbbreviations(t *testing.T) {
	t.Parallel()
	a := "<abbr title=\"A &lt;B&gt;\">"
	table(t, [][2]string{
		{"An AB, ABs, xAB and *AB*.\n\n*[AB]: A <B>", "<p>An " + a + "AB</abbr>, ABs, xAB and <em>" + a + "AB</abbr></em>.</p>"},
		{"*[AB]: A <B>\n*[C++]: D\n\n`AB` C++ [AB](/AB)", "<p><code>AB</code> <abbr title=\"D\">C++</abbr> <a href=\"/AB\">" + a + "AB</abbr></a></p>"},
		{"*[AB]: a\n*[AB 2]: b\n\nAB 2 AB", "<p><abbr title=\"b\">AB 2</abbr> <abbr title=\"a\">AB</abbr></p>"},
		{"*[AB] is* emphasis", "<p><em>[AB] is</em> emphasis</p>"},
		{"![AB](x.png)\n\n*[AB]: a", "<p><img src=\"x.png\" alt=\"AB\"></p>"},
	})
}

func TestWikiLinks(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]*WikiLink{
		"[[a]]":                                {Target: "a"},
		"x [[A b#c d|e *f*]]":                  {Target: "A b", Heading: "c d", Label: "e *f*"},
		"([[#c]])":                             {Heading: "c"},
		"![[a.png|300]]":                       {Target: "a.png", Label: "300", Embed: true},
		"[[1]](/x)":                            nil,
		"[[1]][x]":                             nil,
		"a[[1]]":                               nil,
		"[[ -f x ]]":                           nil,
		"[[]] [[|a]] [[a|]] [[a#]]":            nil,
		"[[a\nb]]":                             nil,
		"[[[a]]]":                              nil,
		"`[[a]]` \\[[a]]":                      nil,
		"[[" + strings.Repeat("a", 500) + "]]": nil,
	} {
		m := goldmark.New(goldmark.WithExtensions(Extension{}))
		doc := m.Parser().Parse(text.NewReader([]byte(in)))
		var got *WikiLink
		_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if w, ok := n.(*WikiLink); ok && entering {
				got = w
			}
			return ast.WalkContinue, nil
		})
		if (got == nil) != (want == nil) || got != nil && (got.Target != want.Target || got.Heading != want.Heading || got.Label != want.Label || got.Embed != want.Embed) {
			t.Errorf("%q is %+v, want %+v", in, got, want)
		}
		if got != nil && !strings.Contains(in, "[["+strings.TrimPrefix(string(got.Segment.Value([]byte(in))), "!")[2:]) {
			t.Errorf("%q stands at %q", in, got.Segment.Value([]byte(in)))
		}
	}
	// One that nobody resolves stays text.
	table(t, [][2]string{{"[[a|<b>]]", "<p>[[a|&lt;b&gt;]]</p>"}})
}

func TestParseFence(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Fence{
		"":                     {Start: 1},
		"go":                   {Language: "go", Start: 1},
		"go title=\"main.go\"": {Language: "go", File: "main.go", Start: 1},
		"go {file=\"a b.go\" lines=true mark=\"3,5-7\" start=10}": {Language: "go", File: "a b.go", Lines: true, Start: 10, Marks: []Range{{3, 3}, {5, 7}}},
		"go{linenos=table,hl_lines=[2,\"4-6\"],linenostart=199}":  {Language: "go", Lines: true, Start: 199, Marks: []Range{{2, 2}, {4, 6}}},
		"go {linenos=false}": {Language: "go", Start: 1},
		"js {1,3-4}":         {Language: "js", Start: 1, Marks: []Range{{1, 1}, {3, 4}}},
		"{.python #x}":       {Language: "python", Start: 1},
		"diff-go":            {Language: "go", Start: 1, Diff: true},
		"go {diff}":          {Language: "go", Start: 1, Diff: true},
		"diff":               {Language: "diff", Start: 1},
		"c++ {lines}":        {Language: "c++", Lines: true, Start: 1},
		"go {lnies=true mark=\"x\" start=-1 style=vim}": {Language: "go", Start: 1, Unknown: []string{"lnies", "mark=x", "start=-1"}},
		"go {file=\"open":   {Language: "go", File: "\"open", Start: 1},
		"go {mark=\"7-5\"}": {Language: "go", Start: 1, Unknown: []string{"mark=7-5"}},
	} {
		got := ParseFence(in)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
		if back := ParseData(got.Data()); back.Lines != got.Lines || got.Lines && back.Start != got.Start || back.Diff != got.Diff || !slices.Equal(back.Marks, got.Marks) {
			t.Errorf("%q: %s is read as %+v", in, got.Data(), back)
		}
	}
}

func TestShortcodes(t *testing.T) {
	t.Parallel()
	table(t, [][2]string{
		{"{{< x >}}", "{x}"},
		{"a\n{{% x 1 \"two three\" a=b b=\"c \\\" d\" %}}\nb", "<p>a</p>\n{x 1 two three a=b b=c \" d}\n<p>b</p>"},
		{"{{< x\n  a=\"b\"\n>}}\n\nb", "{x a=b}\n<p>b</p>"},
		{"Text {{< x 1 >}}, *{{<x>}}*.", "<p>Text {x 1}, <em>{x}</em>.</p>"},
		{"{{< p >}}\n- a\n\n*b*\n{{< /p >}}\nc", "{p: <ul>\n<li>a</li>\n</ul>\n<p><em>b</em></p>}\n<p>c</p>"},
		{"{{< p >}}\nopen para\n{{< /p >}}", "{p: <p>open para</p>}"},
		{"{{< p />}}\n\nb", "{p}\n<p>b</p>"},
		{"{{< p >}}*a* {{< x >}}{{< /p >}}", "{p: <em>a</em> {x}}"},
		{"b {{< p >}}*a*{{< /p >}} c", "<p>b {p: <em>a</em>} c</p>"},
		{"{{< p 1 >}}\n{{< p 2 >}}\na\n{{< /p >}}\nb\n{{< /p >}}", "{p 1: {p 2: <p>a</p>}\n<p>b</p>}"},
		{"> {{< p >}}\n> a\n> {{< /p >}}\n\nb", "<blockquote>\n{p: <p>a</p>}\n</blockquote>\n<p>b</p>"},
		{"- {{< p >}}\n  a\n  {{< /p >}}", "<ul>\n<li>\n{p: <p>a</p>}\n</li>\n</ul>"},
		{"{{< p >}}\n```\n{{< /p >}}\n```\n{{< /p >}}", "{p: <pre><code>{{&lt; /p &gt;}}\n</code></pre>}"},
		{"```\n{{< x >}}\n```\n`{{< x >}}`", "<pre><code>{{&lt; x &gt;}}\n</code></pre>\n<p><code>{{&lt; x &gt;}}</code></p>"},
		{"{{</* x */>}} and {{%/* x a=\"*\" */%}}", "<p>{{&lt; x &gt;}} and {{% x a=&quot;*&quot; %}}</p>"},
		// What is wrong is told, and nothing is lost.
		{"{{< p >}}\na", "{p OPEN: <p>a</p>}"},
		{"a {{< p >}} b", "<p>a {p OPEN} b</p>"},
		{"{{< /p >}}\n\na {{< /x >}}", "{p SHUT}\n<p>a {x SHUT}</p>"},
		{"{{< p >}}\na\n{{< /pp >}}\n{{< /p >}}", "{p: <p>a</p>\n{pp SHUT}}"},
		{"{{< x\n\nb", "{fault: a shortcode has no end}\n<p>b</p>"},
		{"a {{< x b", "<p>a {fault: a shortcode has no end} x b</p>"},
		{"{{< >}} {{< a=\"b\" >}}", "<p>{fault: a shortcode without a name} {fault: a shortcode without a name}</p>"},
		{"> {{< p >}}\n> a\n\nb", "<blockquote>\n{p OPEN: <p>a</p>}\n</blockquote>\n<p>b</p>"},
		// Other brackets are text.
		{"{{ x }} {< y >} {{{ z }}}", "<p>{{ x }} {&lt; y &gt;} {{{ z }}}</p>"},
	})
}

func TestShortcodesAreBounded(t *testing.T) {
	t.Parallel()
	deep := render(t, strings.Repeat("{{< p >}}\n", 500)+"a\n"+strings.Repeat("{{< /p >}}\n", 500))
	if n := strings.Count(deep, "more than 20 shortcodes"); n == 0 {
		t.Errorf("500 shortcodes in each other are taken: %.200s", deep)
	}
	if many := render(t, "{{< x "+strings.Repeat("1 ", 100)+">}}"); !strings.Contains(many, "more than 64 arguments") {
		t.Errorf("100 arguments are taken: %s", many)
	}
}

func TestQuoteStyles(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{
		"en": "“a ‘b’”", "en-GB": "“a ‘b’”", "de": "„a ‚b‘“", "de-AT": "„a ‚b‘“", "de-CH": "«a ‹b›»", "fr": "«\u202fa “b”\u202f»", "sv": "”a ’b’”", "pl": "„a «b»”",
		"ja": "「a 『b』」", "tlh": "“a ‘b’”", "": "“a ‘b’”", "nb-NO": "«a ‘b’»",
	} {
		m := goldmark.New(goldmark.WithExtensions(Typographer(language)))
		var b bytes.Buffer
		if err := m.Convert([]byte("\"a 'b'\""), &b); err != nil || b.String() != "<p>"+want+"</p>\n" {
			t.Errorf("%s: %q, want %q (%v)", language, b.String(), want, err)
		}
		b.Reset()
		if err := m.Convert([]byte("it's the '90s"), &b); err != nil || !strings.Contains(b.String(), "it&rsquo;s") {
			t.Errorf("%s: %q has another apostrophe", language, b.String())
		}
	}
}
