package publisher

import (
	"strings"
	"testing"
)

// formulas are TeX that Markdown would spoil, money, and a formula that somebody wrote as MathML.
const formulas = "Let $a_1 + b_2 \\{x\\} < 3$ and $$\n\\sum_{i}^n *x*\n$$ cost $5 or $6.\n\n<math><semantics><mi>x</mi><annotation encoding=\"application/x-tex\">x^2</annotation></semantics></math> after <math><mi>q</mi></math>."

func TestMath(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("too slow under the race detector")
	}
	b := newBlog(t, map[string]string{
		"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"\nmath = true", formulas),
		"content/posts/b.md": post("B", "2026-10-28", "id = \"b\"", "Costs $5 *or* $6, and $x$ is $$y$$."),
	})
	b.publish()
	const inline = `<annotation encoding="application/x-tex">a_1 + b_2 \{x\} &lt; 3</annotation></semantics></math> and <math display="block">`
	page, feed, a := b.read("public/posts/a/index.html"), b.read("public/feed.json"), b.document("a")
	for where, text := range map[string]string{"the page": page, "what followers get": a.Content} {
		for _, want := range []string{inline, "<mo>∑</mo>", "*x*</annotation>", "cost $5 or $6.", "<mi>x</mi><annotation encoding=\"application/x-tex\">x^2</annotation></semantics></math> after"} {
			if !strings.Contains(strings.ReplaceAll(text, `<mo movablelimits="false">`, "<mo>"), want) {
				t.Errorf("%s has no %q: %s", where, want, text)
			}
		}
	}
	if !strings.Contains(feed, `<msub><mi>a</mi><mn>1</mn></msub>`) || !strings.Contains(feed, "<mi>q</mi>") {
		t.Errorf("the feed has no formula: %s", feed)
	}
	if !strings.Contains(a.Summary, "$a_1 + b_2 \\{x\\} &lt; 3$") {
		t.Errorf("summary %s", a.Summary)
	}
	if strings.Contains(a.Content, "<mi>q</mi>") || strings.Contains(a.Content, "class=") || strings.Contains(page, " style=") {
		t.Errorf("more leaves than FEP-dc88 allows, or a style stands on the page: %s", a.Content)
	}
	if got := b.document("b").Content; got != "<p>Costs $5 <em>or</em> $6, and $x$ is $$y$$.</p>" {
		t.Errorf("without math = true: %s", got)
	}
}

// TestMathBlocks writes formulas over several lines, as TeX has them.
func TestMathBlocks(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("too slow under the race detector")
	}
	b := newBlog(t, map[string]string{
		"config.toml": testConfig + "math = \"tex\"\n",
		"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"\nmath = true", "Before\n$$\n\\begin{aligned}\na &= b \\\\\n+ c\n\n- d\n=\n\\end{aligned}\n$$\nafter.\n\n"+
			"$$x$$\n\n> $$\n> y\n> $$ behind *it*\n\n- $$z$$\n\n$$u$$ in text\n\n    $$code$$"),
		"content/posts/b.md": post("B", "2026-10-28", "id = \"b\"", "$$\nmoney\n\nmore"),
	})
	b.publish()
	want := "<p>Before</p>\n<p>$$\\begin{aligned}\na &amp;= b \\\\\n+ c\n\n- d\n=\n\\end{aligned}$$</p>\n<p>after.</p>\n<p>$$x$$</p>\n<blockquote>\n<p>$$y$$</p>\n<p>behind <em>it</em></p>\n</blockquote>\n" +
		"<ul>\n<li>\n<p>$$z$$</p>\n</li>\n</ul>\n<p>$$u$$ in text</p>\n<pre><code>$$code$$\n</code></pre>"
	if got := b.document("a").Content; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := b.document("b").Content; got != "<p>$$\nmoney</p>\n<p>more</p>" {
		t.Errorf("without math = true: %q", got)
	}
	b.write("content/posts/a.md", post("A", "2026-10-28", "id = \"a\"\nmath = true", "One.\n\n  $$\nx\n\nTwo."))
	ds, line := b.faults(), strings.Count(post("A", "2026-10-28", "id = \"a\"\nmath = true", ""), "\n")+2
	if len(ds) == 0 || ds[0].Code != codeMath || ds[0].Line != line || ds[0].Col != 3 {
		t.Errorf("a formula without end: %v, want line %d", ds, line)
	}
}

// TestMathAsTeX sends the text alone where the blogger wants it so; the page keeps its formulas.
func TestMathAsTeX(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("too slow under the race detector")
	}
	b := newBlog(t, map[string]string{
		"config.toml":        testConfig + "math = \"tex\"\n",
		"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"\nmath = true", formulas),
	})
	b.publish()
	want := "<p>Let $a_1 + b_2 \\{x\\} &lt; 3$ and $$\\sum_{i}^n *x*$$ cost $5 or $6.</p>\n<p>$x^2$ after .</p>"
	if got := b.document("a").Content; got != want {
		t.Errorf("followers get %s\nwant %s", got, want)
	}
	if !strings.Contains(b.read("public/posts/a/index.html"), "<msub>") {
		t.Error("the page has no formula")
	}
}

func TestMathFaults(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("too slow under the race detector")
	}
	body := "First.\n\n> Let $x$ be\n> $$\n> \\begin{cases}\n> a & \\nosuch{b}\n> \\end{cases}\n> $$\n\nThen $\\frac{1$."
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "math = true", body)})
	ds := b.faults()
	if len(ds) != 2 {
		t.Fatalf("%v, want two faults", ds)
	}
	first := strings.Count(post("A", "2026-10-28", "math = true", ""), "\n")
	for i, want := range []struct{ line, col int }{{first + 5, 7}, {first + 9, 14}} {
		if d := ds[i]; d.Code != codeMath || d.Line != want.line || d.Col != want.col {
			t.Errorf("%s %d:%d %s, want %s %d:%d", d.Code, d.Line, d.Col, d.Message, codeMath, want.line, want.col)
		}
	}
	if b.has("public/posts/a/index.html") {
		t.Error("a post with a broken formula was published")
	}
}
