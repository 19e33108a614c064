package peers_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/publisher/peers"
	"github.com/postil-blog/postil/site"
)

// TestForms: every form that the publisher makes has a view everywhere, and Mastodon's text of an Article holds name, summary and link.
func TestForms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "config.toml", "format = 1\n[site]\nurl = \"https://notes.example\"\n[federation]\nenabled = true\nhandle = \"notes\"\n")
	n := 0
	for _, as := range []string{"article", "note", "link"} {
		for _, content := range []string{"full", "excerpt", "link"} {
			for _, more := range []string{"", `cw = "Drowning"`, `lead = "image"`, `visibility = "unlisted"`, `visibility = "followers"`, `quote_policy = "nobody"`} {
				n++
				write(t, dir, fmt.Sprintf("content/posts/p%d.md", n), fmt.Sprintf("+++\ntitle = \"Title <%d> & more\"\nid = \"p%d\"\ndate = 2026-10-28\nsummary = \"What <it> says.\"\n"+
					"tags = [\"Fog\", \"two words\"]\n[fediverse]\nas = %q\ncontent = %q\n%s\n+++\n\n# One\n\nWords with `code` & a [link](p1.md).\n\n> quoted\n", n, n, as, content, more))
			}
		}
	}
	c, err := site.Load(filepath.Join(dir, "config.toml"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := publisher.Options{Config: c, Announce: true, Now: time.Date(2026, 10, 28, 9, 0, 0, 0, time.UTC)}
	posts, faults, err := publisher.Scan(t.Context(), o)
	if err != nil || faults.Errors() > 0 || len(posts) != n {
		t.Fatalf("%d posts, %v, %v", len(posts), faults, err)
	}
	for _, post := range posts {
		doc, err := publisher.Article(t.Context(), o, post)
		if err != nil {
			t.Fatal(err)
		}
		p, err := peers.Read(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range peers.Names() {
			v, ok := peers.Look(name, p)
			if !ok || !v.Dropped && v.Text == "" || len(v.Findings) == 0 {
				t.Errorf("%s of %s: %+v", name, post.File, v)
			}
		}
		v, _ := peers.Look("mastodon", p)
		var out bytes.Buffer
		if err := peers.WriteText(&out, []peers.View{v}); err != nil {
			t.Fatal(err)
		}
		summary := "What <it> says."
		if p.Object.Sensitive {
			summary = "Drowning"
		}
		for _, want := range []string{post.Title, summary, "https://notes.example/posts/"} {
			if p.Object.Is("Article") && !strings.Contains(out.String(), want) {
				t.Errorf("Mastodon's text of %s lacks %q:\n%s", post.File, want, out.String())
			}
		}
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
