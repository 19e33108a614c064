package publisher

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
)

func TestHostileMarkdown(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"open links": strings.Repeat("[a](b", 64<<10/5),
		"lists":      strings.Repeat("- ", 32<<10),
		"quotes":     strings.Repeat("> ", 128<<10),
		"emphasis":   strings.Repeat("*a_ ", 16<<10),
		"brackets":   strings.Repeat("[", 64<<10),
		"ticks":      strings.Repeat("a`", 64<<10),
		"deep list":  deepList(200),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", "", "Fine.\n\n"+text)})
			ds := b.faults()
			if len(ds) != 1 || ds[0].Code != codeCostly || ds[0].Line < 8 {
				t.Errorf("got %v, want one %s with its line", ds, codeCostly)
			}
		})
	}
}

// TestHostileMarkup writes each kind of markup of our own as an attacker would: it is refused, or it is rendered within the time that
// any post has.
func TestHostileMarkup(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"wikilinks":       strings.Repeat("[[a|", 9_000),
		"wikilinks, long": strings.Repeat("[[", 4_900) + strings.Repeat("a", 100_000),
		"embeds":          strings.Repeat("![[", 3_000) + "\n",
		"marks":           strings.Repeat("==a ", 4_000) + strings.Repeat("a== ", 900),
		"scripts":         strings.Repeat("a^b", 9_000),
		"subscripts":      strings.Repeat("a~bbbbbbbbbbbbbbbbbbbbbbbbb", 9_000),
		"abbreviations":   strings.Repeat("*[A]: b\n", 8_000) + "\n" + strings.Repeat("A ", 10_000),
		"many of them":    manyAbbreviations(600) + "\n" + strings.Repeat("A1 ", 10_000),
		"calls":           strings.Repeat("{{< a ", 3_000),
		"calls, quoted":   strings.Repeat("{{< \"", 3_000),
		"calls, lines":    strings.Repeat("{{< a\n", 20_000),
		"nested":          strings.Repeat("{{< details >}}\n", 20_000),
		"nested in line":  strings.Repeat("{{< details >}}", 4_000) + strings.Repeat("{{< /details >}}", 900),
		"ends":            strings.Repeat("{{< /details >}}\n", 20_000),
		"callouts":        strings.Repeat("> [!NOTE]\n\n", 3_000),
		"deep callouts":   strings.Repeat("> ", 90) + "[!NOTE]\n",
		"fences":          strings.Repeat("```go {mark=\""+strings.Repeat("1,", 500)+"\"}\nx\n```\n", 200),
		"figures":         strings.Repeat("![a](b.png \"![a](b.png 'c')\")\n\n", 300),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", "", "Fine.\n\n"+text)})
			_, ds, err := Scan(t.Context(), b.o)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range ds {
				if strings.Contains(d.Message, "longer than") || d.Line == 0 {
					t.Errorf("got %v", d)
				}
			}
		})
	}
}

func manyAbbreviations(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "*[A%d]: b\n\n", i)
	}
	return b.String()
}

func deepList(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("  ", i) + "- x\n")
	}
	return b.String()
}

// TestLargeMarkdown makes sure that the bounds on hostile text let large honest posts through.
func TestLargeMarkdown(t *testing.T) {
	t.Parallel()
	table := "| a | b |\n|---|---|\n" + strings.Repeat("| [x](https://example.org/) | `code` |\n", 1000)
	prose := strings.Repeat("A sentence with *emphasis*, a [link](https://example.org/) and \"quotes\".\n", 200)
	code := "```go\n" + strings.Repeat("\tx := a[i](b)*c // \"x\"\n", 2000) + "```\n"
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", "", table+"\n"+prose+"\n"+code)})
	b.publish()
}

func TestSlugs(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Hello, World!": "hello-world", "Über uns": "über-uns", "C++": "cpp", "C#": "c-sharp", "#Go": "go", "Issue #2": "issue-2", "日本語": "日本語", "don’t": "dont",
		" -- ": "", "e\u0301": "é", "a_b": "a_b",
	} {
		if got := slugOf(in); got != want {
			t.Errorf("slugOf(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHashtags(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Go": "Go", "signed fetch": "SignedFetch", "größe": "größe", "c++": "cpp", "C#": "CSharp", "F#": "FSharp", ".NET": "NET", "node.js": "NodeJs", "1984": "", "+1": "", "#Go": "Go", "c++ in 2026": "CppIn2026", "web·log": "web·log", "·x·": "x", "می\u200cخواهم": "می\u200cخواهم", "हिन्दी": "हिन्दी", "東京 散歩": "東京散歩", "small-web": "SmallWeb"} {
		if got := site.Hashtag(in); got != want {
			t.Errorf("hashtag(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{"": 0, "one": 1, "don't stop-motion two": 3, "日本語です": 3, "a 日本 b": 3} {
		if got := words(in); got != want {
			t.Errorf("words(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 30) + "end. " + strings.Repeat("more ", 100)
	if got := shorten(long, 500); !strings.HasSuffix(got, "end.") {
		t.Errorf("not cut after the sentence: %q", got)
	}
	if got := shorten(strings.Repeat("word ", 200), 500); len([]rune(got)) > 500 || !strings.HasSuffix(got, "word…") {
		t.Errorf("not cut after a word: %q", got)
	}
	if got := shorten(strings.Repeat("字", 900), 500); len([]rune(got)) != 500 {
		t.Errorf("%d characters, want 500", len([]rune(got)))
	}
}

func TestFrontMatterForms(t *testing.T) {
	t.Parallel()
	zone, _ := time.LoadLocation("Europe/Berlin")
	want := time.Date(2026, 10, 20, 9, 0, 0, 0, zone)
	for name, source := range map[string]string{
		"toml":     "+++\ntitle = \"T\"\ndate = 2026-10-20T09:00:00+02:00\ntags = [\"a\", \"b\"]\ndraft = false\ncategories = [\"c\"]\ndescription = \"D\"\n+++\nText\n",
		"yaml":     "---\ntitle: T\ndate: 2026-10-20 09:00\ntags: [a, b]\ncategories:\n  - c\ndraft: no\nsummary: D\n---\nText\n",
		"zola":     "+++\ntitle = \"T\"\ndate = 2026-10-20T07:00:00Z\nsummary = \"D\"\n[taxonomies]\ntags = [\"a\", \"b\"]\ncategories = [\"c\"]\n+++\nText\n",
		"jekyll":   "---\nlayout: post\ntitle: \"T\"\ndate: 2026-10-20 09:00:00 +0200\ntags: a, b, c\ndescription: D\n---\nText\n",
		"crlf bom": "\ufeff---\r\ntitle: T\r\ndate: 2026-10-20T09:00\r\ntags: [a, b, c, A]\r\nsummary: D\r\n---\r\nText\r\n",
	} {
		b := newBlog(t, map[string]string{"content/posts/a.md": source})
		posts, ds, err := Scan(t.Context(), b.o)
		if err != nil || len(ds) > 0 {
			t.Fatalf("%s: %v %v", name, ds, err)
		}
		p := posts[0]
		if p.Title != "T" || !p.Date.Equal(want) || strings.Join(p.Tags, " ") != "a b c" || p.Summary != "D" || p.Draft || p.State != live || p.Words != 1 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// FuzzFrontMatter wants no panic, no endless loop, and a place inside the file for every fault.
func FuzzFrontMatter(f *testing.F) {
	for _, s := range []string{"+++\ntitle = \"a\"\n+++\nb", "---\ntitle: a\n---\n", "---\na: [\n---", "+++\n[a]\n[[b]]\nc.d=1\n+++\n", "---\n? a\n: b\n---\n", "---\n<<: *x\n---\n"} {
		f.Add(s)
	}
	config := &site.Config{Site: site.Site{URL: "https://example.com", Language: "en"}}
	f.Fuzz(func(t *testing.T, s string) {
		b := newBuild(Options{Config: config})
		_, _, ds := b.parse("posts/x.md", []byte(s))
		n := strings.Count(normal([]byte(s)), "\n") + 1
		for _, d := range ds {
			if d.Line > n || d.Message == "" {
				t.Errorf("fault outside of the file's %d lines: %v", n, d)
			}
		}
	})
}
