package publisher

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

// everything is a post with every construct that Markdown has here.
const everything = "An excerpt of a first paragraph that is long enough to stand alone in a timeline, with *emphasis* and a [link](other.md).\n\n" +
	"# One\n\n## Two ünd drei\n\n### Three\n\n## Two ünd drei\n\n" +
	"> A quote\n\n> [!WARNING]\n> Careful.\n\n" +
	"1. one\n2. two\n   - deep\n\n- [ ] open\n- [x] done\n\n" +
	"| a | b |\n|:--|--:|\n| 1 | **2** |\n| 3 | ![alt text](dot.png) |\n\n" +
	"```go title=\"main.go\"\nfunc main() { fmt.Println(\"<&>\") }\n```\n\n    indented\n\n" +
	"![A dot](dot.png \"Title\") ~~gone~~ :tada: \"quoted\" -- https://example.org/x?a=1&b=2 <b onclick=\"x()\">bold</b>\n\n" +
	"Term\n: Meaning\n\nA note.[^n] Again.[^n]\n\n***\n\n" +
	"<script>alert(1)</script><iframe src=\"https://evil.example/\"></iframe><video src=\"v.mp4\" controls autoplay></video>\n\n" +
	"<a href=\"javascript:alert(1)\">no</a> <img src=\"data:image/png;base64,AA\" alt=\"data\"> <kbd>Ctrl</kbd> H<sub>2</sub>O <mark>m</mark>\n\n" +
	"{.note}\nLast.\n\n[^n]: The *note*.\n"

func richBlog(t *testing.T) *blog {
	return newBlog(t, map[string]string{
		"content/posts/rich.md": post("Rich & <plain>", "2026-10-28 08:00:00",
			"id = \"01JRICH\"\ntags = [\"Go\", \"signed fetch\"]\nimage = {src = \"dot.png\", alt = \"A dot\"}\n[fediverse]\nlead = \"image\"", everything),
		"content/posts/other.md": post("Other", "2026-10-27", "", "Text."),
		"content/posts/dot.png":  dot,
	})
}

func TestArticleGolden(t *testing.T) {
	t.Parallel()
	b := richBlog(t)
	b.publish()
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(b.read("public/ap/posts/01JRICH.json")), "", "  "); err != nil {
		t.Fatal(err)
	}
	compare(t, "testdata/article.golden.json", out.String())
}

func TestPageGolden(t *testing.T) {
	t.Parallel()
	b := richBlog(t)
	b.publish()
	page := b.read("public/posts/rich/index.html")
	_, page, ok := strings.Cut(page, `<div class="e-content prose">`)
	if !ok {
		t.Fatal("no body in the page")
	}
	page, _, _ = strings.Cut(page, "<footer")
	compare(t, "testdata/page.golden.html", page)
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestArticleStrict checks what the strictest readers ask for: no null, no empty member, no array where one string must be.
func TestArticleStrict(t *testing.T) {
	t.Parallel()
	b := richBlog(t)
	b.publish()
	var doc map[string]any
	if err := json.Unmarshal([]byte(b.read("public/ap/posts/01JRICH.json")), &doc); err != nil {
		t.Fatal(err)
	}
	for name, v := range doc {
		if v == nil || v == "" {
			t.Errorf("%s is empty", name)
		}
	}
	for _, name := range []string{"inReplyTo", "language", "updated"} {
		if _, ok := doc[name]; ok {
			t.Errorf("%s is there", name)
		}
	}
	if _, ok := doc["attributedTo"].(string); !ok {
		t.Error("attributedTo is no string")
	}
	if _, ok := doc["image"].(map[string]any); !ok {
		t.Error("image is no single object")
	}
	first, _ := doc["attachment"].([]any)[0].(map[string]any)
	if first["type"] != "Link" || first["href"] != doc["url"] {
		t.Errorf("the first attachment is %v, want the Link of the card", first)
	}
	summary := doc["summary"].(string)
	if n := len([]rune(summary)); n < 80 || n > 500 || strings.Contains(summary, "<a") || strings.Contains(summary, "<img") {
		t.Errorf("summary: %s", summary)
	}
	if preview := doc["preview"].(map[string]any)["content"].(string); strings.Contains(preview, "http") {
		t.Errorf("the preview holds a link: %s", preview)
	}
}

// TestTranslateAllowed holds every element and link of what leaves against the list of FEP-b2b8.
func TestTranslateAllowed(t *testing.T) {
	t.Parallel()
	allowed := strings.Fields("p span h2 h3 h4 h5 h6 br a del pre code em strong b i u ul ol li blockquote img video audio ruby rt rp")
	b := richBlog(t)
	b.publish()
	var doc struct{ Content string }
	if err := json.Unmarshal([]byte(b.read("public/ap/posts/01JRICH.json")), &doc); err != nil {
		t.Fatal(err)
	}
	checkHTML(t, doc.Content, allowed)
	for _, s := range []string{
		"<p><em>open", "</p></p><b>", "<table><tr><td>1<table><tr><td>2</table>", "<script><script></script>x</script>y", "<a href=' JaVaScRiPt:x'>a</a>",
		"<svg><a href=x></svg><p>after", "<img src=x onerror=y>", "<p style=x class=y id=z>", "<span><span lang=de>a</span></span>", "<a href='//evil.example'>x</a>", "a < b & c",
	} {
		checkHTML(t, translate("https://example.com/p/", s, federated), allowed)
	}
}

func checkHTML(t *testing.T, s string, allowed []string) {
	t.Helper()
	var open []string
	for z := html.NewTokenizer(strings.NewReader(s)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("%v is not closed in %s", open, s)
			}
			return
		case html.StartTagToken:
			tok := z.Token()
			if !slices.Contains(allowed, tok.Data) {
				t.Errorf("<%s> in %s", tok.Data, s)
			}
			for _, a := range tok.Attr {
				isLink := a.Key == "href" || a.Key == "src" || a.Key == "poster"
				if isLink && !strings.HasPrefix(a.Val, "https://") && !strings.HasPrefix(a.Val, "http://") && !strings.HasPrefix(a.Val, "mailto:") {
					t.Errorf("%s=%q in %s", a.Key, a.Val, s)
				}
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "class" && (tok.Data != "a" || a.Val != "u-url mention") {
					t.Errorf("attribute %s in %s", a.Key, s)
				}
			}
			if !slices.Contains(void, tok.Data) {
				open = append(open, tok.Data)
			}
		case html.EndTagToken:
			name := z.Token().Data
			if len(open) == 0 || open[len(open)-1] != name {
				t.Fatalf("</%s> where %v is open in %s", name, open, s)
			}
			open = open[:len(open)-1]
		}
	}
}

func FuzzTranslate(f *testing.F) {
	for _, s := range []string{"<p>a<b>c", "<table><td><hr>", "<span class=x>a</span>", "</", "<a href=\"\x00\">"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := translate("https://example.com/", s, federated)
		if again := translate("https://example.com/", once, federated); again != once {
			t.Errorf("not stable:\n%q\n%q\n%q", s, once, again)
		}
	})
}

func TestRawHTMLWithAuthors(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"config.toml":        testConfig + "[authors.ada]\nname = \"Ada\"\n[authors.bo]\nname = \"Bo\"\n",
		"content/posts/a.md": post("A", "2026-10-27", "author = \"bo\"", "<script>alert(1)</script> [x](javascript:alert(1))"),
	})
	b.publish()
	if page := b.read("public/posts/a/index.html"); strings.Contains(page, "<script>alert") || strings.Contains(page, "javascript:alert") {
		t.Error("raw HTML of one author among several came through")
	}
}
