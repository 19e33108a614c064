package importer_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/publisher/importer"
	"github.com/postil-blog/postil/site"
)

// FuzzWordPress: whatever stands in an export, the import ends, writes inside its folder, and publish takes what it wrote.
func FuzzWordPress(f *testing.F) {
	seed(f, "wordpress", "in/export.xml")
	for _, s := range []string{"[caption]<img src=a.png>[/caption][gallery]", "<!-- wp:code {\"language\":\"go\"} --><pre>a</pre><!-- /wp:code -->", "<table><tr><td>a|b<td>c</table>", "# a\n\n> b\n\n- c\n1. d\n\n```x", "<dl><dt>a<dd>b</dl>",
		"<sup><a href=#x>1</a></sup><ol><li id=x>n<a href=#y>b</a></ol>", "[[a](b)](c) ![x](y.md) [z](../../q.md) <a href=\"x.pdf\">p</a> <img src=\"q q.png\">", "<blockquote><blockquote><ul><li><ol><li>x", "{{< youtube x >}} {{% y %}} +++\n---\n"} {
		f.Add([]byte(wxr(wxrPost(1, "a", s, ""))))
	}
	fuzz(f, "wordpress", "export.xml")
}

// FuzzGhost is the same for Ghost's JSON.
func FuzzGhost(f *testing.F) {
	seed(f, "ghost", "in/ghost.json")
	f.Add([]byte(`{"data":{"posts":[{"id":1,"title":"a","slug":"../x","page":1,"status":"published","published_at":1500000000000,"html":"<pre><code class=\"language-a b\">x</code></pre>"}]}}`))
	f.Add([]byte(`{"db":[{"data":{"posts":[{"id":"1","title":"","slug":"","status":"published","published_at":"2020-01-01 10:00:00","mobiledoc":"{\"sections\":[[1,\"p\",[[0,[9],5,\"x\"]]],[10,7],[3,\"x\",[[]]]]}"}]}}]}`))
	fuzz(f, "ghost", "export.json")
}

func seed(f *testing.F, golden, name string) {
	a, err := txtar.ParseFile(filepath.Join("testdata", golden+".txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range a.Files {
		if file.Name == name {
			f.Add(file.Data)
		}
	}
}

func fuzz(f *testing.F, from, name string) {
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		source := filepath.Join(dir, name)
		if err := os.WriteFile(source, data, 0o644); err != nil {
			t.Fatal(err)
		}
		stage, err := importer.Run(t.Context(), importer.Options{From: from, Source: source, Dir: filepath.Join(dir, "blog"), Now: now})
		if err != nil {
			if names, _ := os.ReadDir(dir); len(names) != 1 {
				t.Fatalf("a failed import left %v", names)
			}
			return
		}
		c, err := site.Load(filepath.Join(stage.Dir, site.FileName), nil, nil)
		if err != nil {
			t.Fatalf("the settings are refused: %v", err)
		}
		_, err = publisher.Publish(t.Context(), publisher.Options{Config: c, DryRun: true, Announce: true, Now: now})
		var faults site.Diagnostics
		if errors.As(err, &faults) && !strings.Contains(err.Error(), "[P020]") { // Markdown that takes too long is told of, and stays
			t.Fatalf("publish refuses the import:\n%v", faults)
		} else if err != nil && faults == nil {
			t.Fatal(err)
		}
	})
}
