package publisher

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// FuzzMarkdown renders any text of a blog with several authors: no panic, no endless work, nothing that runs on the page, and a place
// inside the file for every fault.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"# T {#x .y onclick=z style=w}\n\n[a](javascript:alert(1)) <script>x</script> ![b](c.png \"d\")\n", "```go\nfunc f() {}\n```\n", "| a | b |\n|---|:-:|\n| `c` | d |\n",
		"- [x] done\n- [ ] not\n  1. a\n\n     b\n", "a[^1] :cat: ~~b~~ \"c\"\n\n[^1]: d\n", "<a href=x onclick=y>\n<!-- z -->\n&lt;&#0;", "term\n: what\n\nhttps://a.example/?b=c&d",
		"[x]: data:text/html,x\n[x] <vbscript:x> [y](<a b> 'c')", "> > * a\n\n        code\n***\n---",
	} {
		f.Add(s)
	}
	md := newMarkdown(false, "en", (&shortcodes{}).paired)
	f.Fuzz(func(t *testing.T, s string) {
		resolve := func(_ *Post, ref string, _ bool) resolved {
			return resolved{url: map[bool]string{true: "/c.png", false: ""}[ref == "c.png"]}
		}
		r := &rendered{post: &Post{}, source: []byte(s), line: 1, all: s, file: "x.md", resolve: resolve, codes: &shortcodes{}, account: func(string) string { return "" }, word: func(key string, _ ...any) string { return key }}
		done, err := render(t.Context(), md, r)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		for _, d := range done.Faults {
			if d.Line < 1 || d.Line > strings.Count(s, "\n")+1 || d.Message == "" {
				t.Errorf("fault outside of the text: %v", d)
			}
		}
		checkNothingRuns(t, r.html)
	})
}

// checkNothingRuns reads HTML as a browser does and looks for what a browser would run.
func checkNothingRuns(t *testing.T, text string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(text))
	for z.Next() != html.ErrorToken {
		tag := z.Token()
		if tag.Type != html.StartTagToken && tag.Type != html.SelfClosingTagToken {
			continue
		}
		switch tag.Data {
		case "script", "style", "iframe", "object", "embed", "base", "meta", "link", "form", "svg", "math", "template":
			t.Errorf("<%s> in %s", tag.Data, text)
		}
		for _, a := range tag.Attr {
			at := strings.ToLower(strings.TrimLeft(a.Val, "\x00\x01\t\n\r "))
			if strings.HasPrefix(a.Key, "on") || (a.Key == "href" || a.Key == "src") && (strings.HasPrefix(at, "javascript:") || strings.HasPrefix(at, "vbscript:") || strings.HasPrefix(at, "data:text")) {
				t.Errorf("%s=%q in %s", a.Key, a.Val, text)
			}
		}
	}
}
