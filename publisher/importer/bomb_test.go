package importer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postil-blog/postil/publisher/importer"
)

// BenchmarkBomb imports texts that once took a quarter of a minute: each is to take about a second of a processor.
func BenchmarkBomb(b *testing.B) {
	for name, text := range map[string]string{
		"captions": strings.Repeat("[caption]", 300_000), "word": strings.Repeat("x", 15<<20), "links": strings.Repeat("[caption](x)", 100_000), "ends": strings.Repeat("[a][/b]", 300_000),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				file := filepath.Join(b.TempDir(), "export.xml")
				if err := os.WriteFile(file, []byte(wxr(wxrPost(1, "a", text, ""))), 0o644); err != nil {
					b.Fatal(err)
				}
				stage, err := importer.Run(b.Context(), importer.Options{From: "wordpress", Source: file, Dir: filepath.Join(filepath.Dir(file), "blog"), Now: now})
				if err != nil {
					b.Fatal(err)
				}
				_ = stage.Discard()
			}
		})
	}
}

// TestManyShortcodes: beginnings without an end stay in the text, every one of them; pairs are found whatever lies between.
func TestManyShortcodes(t *testing.T) {
	t.Parallel()
	files, _, err := run(t, "wordpress", wxr(wxrPost(1, "a", strings.Repeat("[caption]", 4_000), ""), wxrPost(2, "b", "[code]one[/code] [caption]x [CODE]two[/code] [/code]", "")))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(files["content/posts/a.md"], "caption"); n != 4_000 {
		t.Errorf("%d of 4,000 are left", n)
	}
	if body := files["content/posts/b.md"]; strings.Count(body, "```") != 4 || !strings.Contains(body, "two") {
		t.Errorf("the blocks of code:\n%s", body)
	}
}

// TestTooLongText: what publish would refuse is a draft without text, and told.
func TestTooLongText(t *testing.T) {
	t.Parallel()
	files, s, err := run(t, "wordpress", wxr(wxrPost(1, "a", strings.Repeat("x", 17<<20), ""), wxrPost(2, "b", "Fine.", "")))
	if err != nil {
		t.Fatal(err)
	}
	if body := files["content/posts/a.md"]; len(body) > 1000 || !strings.Contains(body, "draft = true") || !noted(s, importer.CodeItem, "17 MB") {
		t.Errorf("%d bytes, %v", len(body), s.NotCarried)
	}
}

// TestLargeExport: an export that is larger than what is read is refused before it is, with its size.
func TestLargeExport(t *testing.T) {
	t.Parallel()
	for from, name := range map[string]string{"ghost": "export.json", "bear": "export.csv"} {
		dir := t.TempDir()
		file := filepath.Join(dir, name)
		write(t, file, "title,content\n")
		if err := os.Truncate(file, 450<<20); err != nil { // a hole: it takes no room
			t.Fatal(err)
		}
		_, err := importer.Run(t.Context(), importer.Options{From: from, Source: file, Dir: filepath.Join(dir, "blog"), Now: now})
		if err == nil || !strings.Contains(err.Error(), "450 MB") {
			t.Errorf("%s: %v", from, err)
		}
	}
}

// TestFilms: a film that stands alone is a shortcode, with its title and its beginning; in a sentence, in code, and what is no film stays.
func TestFilms(t *testing.T) {
	t.Parallel()
	const id = "dQw4w9WgXcQ"
	for text, want := range map[string]string{
		"[embed]https://youtu.be/" + id + "?t=1m30s[/embed]":                                                  "{{< youtube " + id + " start=90 >}}",
		"https://m.youtube.com/shorts/" + id:                                                                  "{{< youtube " + id + " >}}",
		`<iframe src="https://player.vimeo.com/video/76979871" title="Tide &amp; &quot;time&quot;"></iframe>`: `{{< vimeo 76979871 "Tide & time" >}}`,
		`<p><a href="https://www.youtube.com/watch?v=` + id + `">A } >}} film</a></p>`:                        `{{< youtube ` + id + ` "A } film" >}}`,
		"https://www.youtube.com/watch?v=" + id + "&list=PL1":                                                 "https://www.youtube.com/watch?v=" + id + "&list=PL1",
		"https://www.youtube.com/@someone":                                                                    "https://www.youtube.com/@someone",
		"https://vimeo.com/76979871/0123456789":                                                               "https://vimeo.com/76979871/0123456789",
		"https://youtube.com.evil.example/watch?v=" + id:                                                      "https://youtube.com.evil.example/watch?v=" + id,
		"See https://youtu.be/" + id + " first.":                                                              "See https://youtu.be/" + id + " first.",
		"[code]\n\nhttps://youtu.be/" + id + "\n\n[/code]":                                                    "```\n\nhttps://youtu.be/" + id + "\n\n```",
	} {
		files, _, err := run(t, "wordpress", wxr(wxrPost(1, "a", text, "")))
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(files["content/posts/a.md"], "+++\n\n")
		if strings.Join(strings.Fields(body), " ") != strings.Join(strings.Fields(want), " ") {
			t.Errorf("%s\nbecame %s\nwant   %s", text, body, want)
		}
	}
	doc := `{"root":{"children":[{"type":"embed","url":"https://www.youtube.com/watch?v=` + id + `","metadata":{"title":"Low water"}},{"type":"bookmark","url":"https://vimeo.com/76979871"}]}}`
	files, _, err := run(t, "ghost", `{"db":[{"data":{"posts":[{"id":"1","title":"a","slug":"a","status":"published","published_at":"2020-01-01T00:00:00Z","lexical":`+quote(doc)+`}]}}]}`)
	if body := files["content/posts/a.md"]; err != nil || !strings.Contains(body, `{{< youtube `+id+` "Low water" >}}`) || !strings.Contains(body, "{{< vimeo 76979871 >}}") {
		t.Errorf("Ghost (%v):\n%s", err, body)
	}
}

// TestHugoRefs: a reference is a link to the file, in a link or alone.
func TestHugoRefs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "site/hugo.toml"), "title = 'x'\nbaseURL = 'https://old.example/'\n")
	write(t, filepath.Join(dir, "site/content/posts/low-water.md"), "---\ntitle: Low\ndate: 2020-01-01\n---\nx\n")
	write(t, filepath.Join(dir, "site/content/posts/a.md"), "---\ntitle: a\ndate: 2020-01-02\n---\n[in]({{< ref \"low-water.md\" >}}) and {{< relref \"low-water\" >}}, [part]({{% ref \"low-water.md#x\" %}})\n\n{{< youtube dQw4w9WgXcQ >}}\n{{< vimeo 76979871 >}}\n")
	stage, err := importer.Run(t.Context(), importer.Options{From: "hugo", Source: filepath.Join(dir, "site"), Dir: filepath.Join(dir, "blog"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	want := "[in](low-water.md) and [low-water](low-water.md), [part](low-water.md#x)\n\n{{< youtube dQw4w9WgXcQ >}}\n{{< vimeo 76979871 >}}\n"
	if body := tree(t, stage.Dir)["content/posts/a.md"]; !strings.HasSuffix(body, want) {
		t.Errorf("got\n%s\nwant\n%s", body, want)
	}
}
