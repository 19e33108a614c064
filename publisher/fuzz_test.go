package publisher

import (
	"slices"
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
		"> [!NOTE]- *a*\n> b\n\n> [!x] y\n> > [!TIP]\n", "![a](c.png \"*b*\")\n![[c.png|5]] [[a#b|c]] [[#x]]\n", "{{< details \"a\" >}}\n- b\n{{< /details >}}\n", "{{< figure c.png a b >}}\n{{< gallery >}}![a](c.png)\n\n{{< /gallery >}}",
		"a {{< youtube \"dQw4w9WgXcQ\" \"<b>\" >}} {{< details >}}x{{< /details >}} {{</* y */>}}", "==a *b== c* x^2^ H~2~O ~d~ 3~4\n\n*[HT]: \"<t>\"\n\nHT *HT*",
		"```go {file=\"<a>\" lines=true mark=\"1-2\" start=3}\na\n\nb\n```\n```diff-go\n+a\n```\n~~~{.x diff}\n", "[![a](c.png \"t\")](d) [x](#y) {{< vimeo id=1234 poster=c.png >}}\n\n{{< vimeo id=1234 poster=c.png >}}",
		"[x]: data:text/html,x\n[x] <vbscript:x> [y](<a b> 'c')", "> > * a\n\n        code\n***\n---",
	} {
		f.Add(s)
	}
	md := newMarkdown(false, "en", (&shortcodes{}).paired)
	f.Fuzz(func(t *testing.T, s string) {
		resolve := func(_ *Post, ref string, _ bool) resolved {
			if strings.HasPrefix(ref, wikiRef) && ref != wikiRef+"c.png" {
				return resolved{fault: "there is none", code: codeLink}
			}
			return resolved{url: map[bool]string{true: "/c.png", false: ""}[strings.TrimPrefix(ref, wikiRef) == "c.png"]}
		}
		r := &rendered{post: &Post{}, source: []byte(s), line: 1, all: s, file: "x.md", resolve: resolve, codes: (&shortcodes{}).of(len(s)%2 == 0), account: func(string) string { return "" }, word: func(key string, _ ...any) string { return key }}
		done, err := render(t.Context(), md, r)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		for _, d := range done.Faults {
			if d.Line < 1 || d.Line > strings.Count(s, "\n")+1 || d.Message == "" {
				t.Errorf("fault outside of the text: %v", d)
			}
		}
		checkNothingRuns(t, r.html, len(s)%2 == 0)
		page := colour(r.html, "")
		checkBalanced(t, page)
		elsewhere, _ := translateAll("https://example.org/a/", r.html, feeding, federated)
		for _, text := range elsewhere {
			checkNothingRuns(t, text, false)
			checkBalanced(t, text)
		}
		if again := colour(r.html, page); again != page {
			t.Errorf("colours differ when they are taken from the page before:\n%s\n%s", page, again)
		}
	})
}

// checkBalanced wants every element closed that was opened, in order: what follows a post on its page stands outside of it.
func checkBalanced(t *testing.T, text string) {
	t.Helper()
	var open []string
	for z := html.NewTokenizer(strings.NewReader(text)); z.Next() != html.ErrorToken; {
		tag := z.Token()
		switch {
		case tag.Type == html.StartTagToken && !slices.Contains(void, tag.Data):
			open = append(open, tag.Data)
		case tag.Type == html.EndTagToken && (len(open) == 0 || open[len(open)-1] != tag.Data):
			t.Fatalf("</%s> ends %v in %s", tag.Data, open, text)
		case tag.Type == html.EndTagToken:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Fatalf("%v is left open in %s", open, text)
	}
}

// checkNothingRuns reads HTML as a browser does and looks for what a browser would run. A frame is a player's where those are let in.
func checkNothingRuns(t *testing.T, text string, players bool) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(text))
	for z.Next() != html.ErrorToken {
		tag := z.Token()
		if tag.Type != html.StartTagToken && tag.Type != html.SelfClosingTagToken {
			continue
		}
		if tag.Data == "iframe" && players && framed(attr(tag, "src")) {
			continue
		}
		switch tag.Data {
		case "script", "style", "iframe", "object", "embed", "base", "meta", "link", "form", "svg", "math", "template":
			t.Errorf("<%s> in %s", tag.Data, text)
		}
		for _, a := range tag.Attr {
			at := strings.ToLower(strings.TrimLeft(a.Val, "\x00\x01\t\n\r "))
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || (a.Key == "href" || a.Key == "src") && (strings.HasPrefix(at, "javascript:") || strings.HasPrefix(at, "vbscript:") || strings.HasPrefix(at, "data:text")) {
				t.Errorf("%s=%q in %s", a.Key, a.Val, text)
			}
		}
	}
}

func framed(src string) bool {
	return strings.HasPrefix(src, "https://www.youtube-nocookie.com/embed/") || strings.HasPrefix(src, "https://player.vimeo.com/video/")
}
