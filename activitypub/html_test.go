package activitypub

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// The picture that stands for an emoji in these tests.
var testEmoji = map[string]string{":cat:": "https://social.example/cat.png"}

func TestParseHTML(t *testing.T) {
	t.Parallel()
	const rel = `rel="nofollow ugc noopener noreferrer"`
	tests := []struct{ name, in, want string }{
		{"plain paragraph", `<p>Hello <strong>you</strong></p>`, `<p>Hello <strong>you</strong></p>`},
		{"mention as Mastodon writes it",
			`<p><span class="h-card" translate="no"><a href="https://a.example/@x" class="u-url mention">@<span>x</span></a></span> hi</p>`,
			`<p><span class="h-card"><a class="u-url mention" href="https://a.example/@x" ` + rel + `>@x</a></span> hi</p>`},
		{"hashtag", `<a href="https://a.example/tags/go" class="mention hashtag" rel="tag">#<span>go</span></a>`,
			`<a class="mention hashtag" href="https://a.example/tags/go" ` + rel + `>#go</a>`},
		{"long link as Mastodon writes it",
			`<a href="https://a.example/long/path"><span class="invisible">https://</span><span class="ellipsis">a.example/long</span><span class="invisible">/path</span></a>`,
			`<a href="https://a.example/long/path" ` + rel + `><span class="invisible">https://</span><span class="ellipsis">a.example/long</span><span class="invisible">/path</span></a>`},
		{"nothing is hidden in a link that says something else",
			`<a href="https://evil.example/"><span class="invisible">https://evil.example/?</span>bank.example</a>`,
			`<a href="https://evil.example/" ` + rel + `>https://evil.example/?bank.example</a>`},
		{"nothing is hidden outside links", `<p>a<span class="invisible">b</span></p>`, `<p>ab</p>`},
		{"classes of the page", `<p class="site-header admin-bar">hi</p><span class="p-author h-entry">x</span>`, `<p>hi</p>x`},
		{"u-url outside an h-card", `<a class="u-url" href="https://a.example/">x</a>`, `<a href="https://a.example/" ` + rel + `>x</a>`},
		{"heading", `<h2>T</h2><p>x</p>`, `<p><strong>T</strong></p><p>x</p>`},
		{"heading without end", `<h1>T<h2>U`, `<p><strong>T</strong></p><p><strong>U</strong></p>`},
		{"divs are lines", `<div>a</div><div>b<div>c</div></div>`, `a<br>b<br>c`},
		{"divs and paragraphs", `<div><p>a</p>b</div><p>c</p>`, `<p>a</p>b<p>c</p>`},
		{"table", `<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>`, `a b<br>c`},
		{"list without ends", `<ul><li>a<li>b<ul><li>c</ul>d</ul>`, `<ul><li>a</li><li>b<ul><li>c</li></ul>d</li></ul>`},
		{"item without list", `<li>a</li><li>b</li>`, `a<br>b`},
		{"paragraph in paragraph", `<p>a<p>b</p>`, `<p>a</p><p>b</p>`},
		{"list in paragraph", `<p>a<ul><li>b</ul>`, `<p>a</p><ul><li>b</li></ul>`},
		{"ends in the wrong order", `<b><i>x</b>y</i>`, `<b><i>x</i></b>y`},
		{"ends too many", `</div></p></article></b>hi`, `hi`},
		{"empty elements", `<p></p><p><b></b></p>a<i></i>b`, `ab`},
		{"white space", "  <p>  a \n\t b  <b> c</b></p> \n <p>d</p> ", `<p>a b <b>c</b></p><p>d</p>`},
		{"preformatted", "<pre><code>a  b\n\n c</code></pre>", "<pre><code>a  b\n\n c</code></pre>"},
		{"a thousand line breaks", strings.Repeat("<br>\n", 1000) + "hi", `<br><br>hi`},
		{"old names", `<s>a</s><ins>b</ins><kbd>c</kbd>`, `<del>a</del><u>b</u><code>c</code>`},
		{"ruby", `<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby><rt>x</rt>`, `<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>x`},
		{"languages", `<p lang="ar" dir="RTL">x</p><p lang="&quot;">y</p><p dir="up">z</p>`, `<p dir="rtl" lang="ar">x</p><p>y</p><p>z</p>`},
		{"picture", `<img src="https://evil.example/t.gif" alt="a cat" onerror="x()">`, `a cat`},
		{"script, style and frames", `a<script>b</script><style>c</style><iframe src="x">d</iframe><noscript>e</noscript><textarea>f</textarea>g`, `ag`},
		{"script without end", `a<script>b`, `a`},
		{"words in svg and math", `<svg onload=x><text>a</text></svg><math><mi>b</mi></math>`, `ab`},
		{"formula", `<p>Let <math><semantics><mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow><annotation encoding="application/x-tex">a &lt; b</annotation></semantics></math>.</p>`, `<p>Let $a &lt; b$.</p>`},
		{"formula on its own", `<math display="block"><semantics><mi>x</mi><annotation encoding="text/plain">ex</annotation><annotation encoding="application/x-tex">x</annotation></semantics></math>`, `$$x$$`},
		{"formula in words", `<math><semantics><mi>x</mi><annotation encoding="text/plain">ex &lt;b&gt;</annotation></semantics></math>`, `ex &lt;b&gt;`},
		{"formula without end", `a<math><semantics><annotation encoding="application/x-tex">x`, `ax`},
		{"comment", `a<!-- b --><!--> c -->d`, `a c --&gt;d`},
		{"attribute break-out", `<a title="x" onmouseover="alert(1)" href="https://a.example/?q=%22&quot;><b>">x</a>`,
			`<a href="https://a.example/?q=%22%22%3E%3Cb%3E" ` + rel + `>x</a>`},
		{"link in link", `<a href="https://a.example/">a<a href="https://b.example/">b</a>c</a>`,
			`<a href="https://a.example/" ` + rel + `>a</a><a href="https://b.example/" ` + rel + `>b</a>c`},
		{"foreign script", `<a href="https://пример.example/ä">x</a>`, `<a href="https://xn--e1afmkfd.example/%C3%A4" ` + rel + `>x</a>`},
		{"controls", "a\u202Eb\u2066c\u0001d\u0085e\uFEFFf\uFFFEg\u200Fh", "abcd efg\u200Fh"},
		{"template syntax is text", `{{.Secrets}} <?php x() ?>y`, `{{.Secrets}} y`},
		{"signs", `1 < 2 && "x" = 'y'`, `1 &lt; 2 &amp;&amp; &#34;x&#34; &#61; &#39;y&#39;`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := ParseHTML(tt.in, nil)
			if got := string(tree.HTML()); got != tt.want {
				t.Errorf("ParseHTML(%q)\n got %s\nwant %s", tt.in, got, tt.want)
			}
			checkTree(t, tree)
		})
	}
}

func TestLinksThatAreNone(t *testing.T) {
	t.Parallel()
	for _, href := range []string{
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)", "vbscript:x", "data:text/html,x",
		"//a.example/", "/logout", "logout", "", "https://", "https:///x", "https://good.example@evil.example/", "https://u:p@a.example/",
		"ftp://a.example/", "mailto:a@b.example", "https://a.example:port/", "https://a b.example/", "https://[fe80::1%25eth0]/",
		"https://" + strings.Repeat("a", 3000) + ".example/", "https:a.example", "http:\\\\a.example",
	} {
		tree := ParseHTML(`<a href="`+html.EscapeString(href)+`">hi</a>`, nil)
		if got := tree.HTML(); got != "hi" {
			t.Errorf("href %q: got %s, want no link", href, got)
		}
	}
}

func TestEmoji(t *testing.T) {
	t.Parallel()
	emoji := map[string]string{":cat:": "https://social.example/cat.png", ":js:": "javascript:x", ":x\" onload=\"y:": "https://evil.example/"}
	tests := []struct{ name, in, want string }{
		{"in words", `<p>a :cat:b</p>`, `<p>a [:cat:]b</p>`},
		{"twice, sharing no colon", `:cat::cat:`, `[:cat:][:cat:]`},
		{"after another colon", `at 10:cat: x`, `at 10[:cat:] x`},
		{"unknown", `:dog: :`, `:dog: :`},
		{"in code", `<code>:cat:</code>`, `<code>:cat:</code>`},
		{"address that is none", `:js:`, `:js:`},
		{"name that breaks out", `:x" onload="y:`, `:x&#34; onload&#61;&#34;y:`},
		{"over a dropped element", `:c<x>at:`, `[:cat:]`},
	}
	for _, tt := range tests {
		tree := ParseHTML(tt.in, emoji)
		shown := tree.Pictures(func(url string) string { return "/media/" + fmt.Sprint(len(url)) })
		picture := `<img class="emoji" src="/media/30" alt=":cat:" title=":cat:" width="20" height="20" loading="lazy">`
		if got, want := string(shown.HTML()), strings.ReplaceAll(tt.want, "[:cat:]", picture); got != want {
			t.Errorf("%s: got %s, want %s", tt.name, got, want)
		}
		bare := strings.NewReplacer("[", "", "]", "").Replace(tt.want)
		if got := string(tree.HTML()); got != bare {
			t.Errorf("%s: before Pictures got %s, want %s: no page may name the remote address", tt.name, got, bare)
		}
		if got := string(tree.Pictures(func(string) string { return "" }).HTML()); got != bare {
			t.Errorf("%s: without a copy got %s, want %s", tt.name, got, bare)
		}
		checkTree(t, tree)
	}
}

func TestPicturesLeavesTheTreeAlone(t *testing.T) {
	t.Parallel()
	tree := ParseHTML(`<p>:cat: x</p>`, testEmoji)
	before, _ := json.Marshal(tree)
	once := tree.Pictures(func(string) string { return "https://blog.example/media/1" })
	if after, _ := json.Marshal(tree); string(before) != string(after) {
		t.Errorf("Pictures changed its receiver: %s, was %s", after, before)
	}
	twice := once.Pictures(func(url string) string { t.Errorf("media asked for our own %s", url); return "" })
	if diff := cmp.Diff(once, twice); diff != "" {
		t.Errorf("a second Pictures changed the tree:\n%s", diff)
	}
}

func TestParseText(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"Ada  Byron\n", "Ada Byron"},
		{"<b>Alice</b><script>x</script>", "&lt;b&gt;Alice&lt;/b&gt;&lt;script&gt;x&lt;/script&gt;"},
		{"Alice &lt;i&gt;", "Alice &amp;lt;i&amp;gt;"},
		{" \u2066\u202EAlice", "Alice"},
		{"   ", ""},
		{"a" + strings.Repeat("\u0335", 100), "a" + strings.Repeat("\u0335", maxMarks)},
		{"a\u0336b\u0336", "a\u0336b\u0336"},
		{"\xff\xfe", "\uFFFD"},
	}
	for _, tt := range tests {
		tree := ParseText(tt.in, nil)
		if got := string(tree.HTML()); got != tt.want {
			t.Errorf("ParseText(%q) = %q, want %q", tt.in, got, tt.want)
		}
		checkTree(t, tree)
	}
}

func TestContentTree(t *testing.T) {
	t.Parallel()
	tests := []struct{ mediaType, content, want string }{
		{"", "<b>x</b>", "<b>x</b>"},
		{"text/html; charset=utf-8", "<b>x</b>", "<b>x</b>"},
		{"text/plain", "1 < 2 && <b>not bold</b>", "<p>1 &lt; 2 &amp;&amp; &lt;b&gt;not bold&lt;/b&gt;</p>"},
		{"text/markdown", "a\nb\r\n\r\n*c*\n\n\n", "<p>a<br>b</p><p>*c*</p>"},
	}
	for _, tt := range tests {
		o := &Object{MediaType: tt.mediaType, Content: tt.content}
		if got := string(o.ContentTree().HTML()); got != tt.want {
			t.Errorf("%q as %q: got %s, want %s", tt.content, tt.mediaType, got, tt.want)
		}
		checkTree(t, o.ContentTree())
	}
}

func TestTextAndBlank(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in, text string
		blank    bool
	}{
		{`<p>a <b>b</b></p><p>c<br>d</p><ul><li>e<li>f</ul>`, "a b\nc\nd\ne\nf", false},
		{`<p>:cat:</p>`, ":cat:", false},
		{"<p>&nbsp;\u200b\u2800\u00AD</p>", "\u200b\u2800\u00AD", true},
		{``, ``, true},
	}
	for _, tt := range tests {
		tree := ParseHTML(tt.in, testEmoji)
		if got := tree.Text(); got != tt.text {
			t.Errorf("Text of %q = %q, want %q", tt.in, got, tt.text)
		}
		if got := tree.Blank(); got != tt.blank {
			t.Errorf("Blank of %q = %v, want %v", tt.in, got, tt.blank)
		}
	}
}

// TestBombs feeds what is meant to burn time or memory; each case is far over a bound. Anything worse than linear shows as a
// test that does not end.
func TestBombs(t *testing.T) {
	t.Parallel()
	emoji := map[string]string{":a:": "https://a.example/a.png"}
	for name, in := range map[string]string{
		"50,000 nested":          strings.Repeat("<b>", 50_000) + "x" + strings.Repeat("</b>", 50_000),
		"50,000 nested quotes":   strings.Repeat("<blockquote>", 50_000) + "x",
		"50,000 nested headings": strings.Repeat("<h1>", 50_000) + "x",
		"200,000 unclosed":       strings.Repeat("<p", 200_000) + "x",
		"200,000 paragraphs":     strings.Repeat("<p>x", 200_000),
		"200,000 ends":           strings.Repeat("</p>", 200_000),
		"20,000 mixed":           strings.Repeat("<ul><li><a href='https://a.example'></b>", 5_000),
		"100,000 entities":       strings.Repeat("&lt;", 100_000),
		"1 MB of text":           strings.Repeat("word ", 200_000),
		"1 MB attribute":         `<a href="https://a.example/` + strings.Repeat("a", 1<<20) + `">x</a>`,
		"100,000 attributes":     `<p ` + strings.Repeat("a ", 100_000) + `>x`,
		"100 KB of colons":       strings.Repeat(":", 100<<10),
		"emoji only":             strings.Repeat(":a:", 20_000),
		"words between emoji":    strings.Repeat("x:a:", 20_000),
		"comments":               strings.Repeat("<!--", 200_000),
		"unclosed script":        strings.Repeat("<script>", 100_000),
		"spans":                  strings.Repeat(`<span lang=en>x`, 50_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkTree(t, ParseHTML(in, emoji))
			checkBounds(t, ParseText(in, emoji))
		})
	}
}

func TestLongTextEndsWithAnEllipsis(t *testing.T) {
	t.Parallel()
	text := ParseHTML(strings.Repeat("ä", maxText), nil).Text()
	if len(text) > maxText || len(text) < maxText-5 || !strings.HasSuffix(text, "ä…") {
		t.Errorf("got %d bytes ending in %q, want just under %d ending in ä…", len(text), text[len(text)-8:], maxText)
	}
}

// fragments are what random documents are made of: right, wrong and hostile.
var fragments = []string{
	"<p>", "</p>", "<b>", "</b>", "<i>", "</i>", "<a href='https://a.example/x?y=1&z'>", "</a>", "<a href='javascript:x'>", "<ul>", "</ul>",
	"<ol>", "</ol>", "<li>", "</li>", "<blockquote>", "</blockquote>", "<pre>", "</pre>", "<code>", "</code>", "<h1>", "</h1>", "<h3>", "</h3>",
	"<div>", "</div>", "<br>", "<hr>", "<span class='h-card'>", "<span class=invisible>", "<span class=ellipsis>", "<span lang=de dir=ltr>", "</span>",
	"<a class='u-url mention' href=https://a.example>", "https://a.example/x?y=1&z", "https://", "<ruby>", "<rt>", "<rp>", "</rt>", "</ruby>",
	"<td>", "<tr>", "<table>", "</table>", "<em>", "</em>", "<strong>", "</strong>", "<u>", "<del>", "</del>", "<svg>", "</svg>", "<math>",
	"<script>x</script>", "<img alt='a  b'>", "<style>", "</style>", "<!--", "-->", "<x-y onclick=z>", "text", " ", "\n", "  ", ":cat:", ":", "&amp;", "&lt;b&gt;",
	"\u202E", "a\u0301\u0301", "<", ">", "\"", "=", "'", "&", "é", "\u00A0", "\x00", "</", "<p lang=xx-1234567890>", "\r\n",
}

// TestStable is the property that nothing is left to repair: whatever comes in, the tree that goes out is a fixed point.
func TestStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(rapid.SampledFrom(fragments), 0, 60).Draw(t, "html"), "")
		checkTree(t, ParseHTML(in, testEmoji))
		checkTree(t, ParsePlain(in, testEmoji))
	})
}

// TestParseName: the tags of HTML are no part of a name, and whatever only looks like one is.
func TestParseName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Ada": "Ada",
		"<b>Ada</b> <script>alert(1)</script>Lov": "Ada Lov",
		`<img src=x onerror=alert(1)>"'`:          `"'`,
		"I <3 cats & <o/ >_< a<b":                 "I <3 cats & <o/ >_< a<b",
		"Ada &lt;script&gt;":                      "Ada &lt;script&gt;",
		"x <style>p{}</style><STRONG class=a>y":   "x y",
		"<script>only":                            "",
		"Tom </span><span class=\"author\">Jerry": "Tom Jerry",
	} {
		if got := strings.TrimSpace(ParseName(name, nil).Text()); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
