package publisher

import (
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"head and rows": {"<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td><strong>2</strong></td>\n<td>3</td>\n</tr>\n</tbody>\n</table>",
			"<ul><li><strong>a · b</strong></li><li>1 · <strong>2</strong> · 3</li></ul>"},
		"blanks":     {"<table>\n  <tr>\n    <th></th>\n    <th>\n where\n  they <em>read</em>\n</th><th> what they get </th></tr></table>", "<ul><li><strong>where they <em>read</em> · what they get</strong></li></ul>"},
		"empty cell": {"<table><tr><td>a</td><td> </td><td>c</td></tr></table>", "<ul><li>a · – · c</li></ul>"},
		"row's head": {"<table><tr><th>a</th><td>1</td></tr><tr><td>b<th>2</table>", "<ul><li><strong>a</strong> · 1</li><li>b · <strong>2</strong></li></ul>"},
		"unclosed":   {"<table><td>1<b>2<td>3<tr><td>4</table>5", "<ul><li>1<b>2</b> · 3</li><li>4</li></ul>5"},
		"nested":     {"<table><tr><td>1<table><tr><td>2</td></tr></table></td><td>3</td></tr></table>", "<ul><li>1<ul><li>2</li></ul> · 3</li></ul>"},
		"cut short":  {"<blockquote><table><tr><td> 1 </blockquote><p>2</p>", "<blockquote><ul><li>1</li></ul></blockquote><p>2</p>"},
		"code":       {"<table><tr><td><pre>a\n  b</pre></td></tr></table>", "<ul><li><pre>a\n  b</pre></li></ul>"},
	} {
		if got := translate("https://example.com/", c.in, federated); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestTaskList(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"", "- [ ] Buy <milk & [bread](https://example.org/)\n- [x] **Rest**\n")})
	b.publish()
	page, doc := b.read("public/posts/a/index.html"), b.read("public/ap/posts/a.json")
	for _, want := range []string{`disabled="" aria-label="Buy &lt;milk &amp; bread">`, `checked="" disabled="" aria-label="Rest">`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in the page", want)
		}
	}
	for _, want := range []string{"<li>☐ Buy ", "<li>☑ <strong>Rest"} {
		if !strings.Contains(doc, want) {
			t.Errorf("no %s in the document", want)
		}
	}
}

// TestWideTable: the keyboard stops at a table that may have to be scrolled, and at no other.
func TestWideTable(t *testing.T) {
	t.Parallel()
	rows := func(n int) string {
		return "|" + strings.Repeat(" a |", n) + "\n|" + strings.Repeat("---|", n) + "\n|" + strings.Repeat(" b |", n) + "\n\n"
	}
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "", rows(wideTable-1)+rows(wideTable))})
	b.publish()
	page := b.read("public/posts/a/index.html")
	if strings.Count(page, "<table>") != 1 || strings.Count(page, `<table tabindex="0">`) != 1 {
		t.Errorf("not one of the two tables takes the focus:\n%s", page)
	}
}

// TestColourReuse edits a post with code: blocks that did not change are taken from the page as it was, and come out the same.
func TestColourReuse(t *testing.T) {
	t.Parallel()
	code := "```go title=\"a<b.go\"\nfunc main() { fmt.Println(\"<&>\") }\n```\n\n```\nplain <b>\n```\n\n```python\nprint(1)  # x\n```\n"
	forged := "<pre class=\"chroma\" tabindex=\"0\"><code data-lang=\"go\" class=\"language-go\">var <i>x</i></code></pre>\n\n"
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "", forged+code)})
	b.publish()
	b.write("content/posts/a.md", post("A", "2026-10-28", "", "New.\n\n"+forged+"```go\nvar x\n```\n\n"+code+"\n```go\nvar new = 1\n```\n"))
	b.publish()
	got := b.read("public/posts/a/index.html")
	b.remove("public")
	b.remove(".cache")
	b.publish()
	if want := b.read("public/posts/a/index.html"); got != want {
		t.Errorf("an edit gives other colours than a clean run:\n%s\n\n%s", got, want)
	}
	if before := "<code data-lang=\"go\">var x\n" + codeEnd; strings.Contains(got, before) {
		t.Error("a block has no colours")
	}
	page := colour(codeStart+`go">func f() {}`+codeEnd, "")
	mark := strings.Replace(page, "func", "fun"+`</span><span class="k">c`, 1)
	if again := colour(codeStart+`go">func f() {}`+codeEnd, mark); again != mark {
		t.Errorf("the known block was not taken: %s", again)
	}
}
