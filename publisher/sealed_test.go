package publisher

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/postil-blog/postil/publisher/pictures"
)

// old is a time that a run may trust.
var old = time.Date(2025, 3, 1, 12, 0, 0, 1, time.UTC)

// age gives everything that a run reads a time long past.
func (b *blog) age() {
	b.t.Helper()
	for _, dir := range []string{"content", "templates", "comments", "data", "themes"} {
		err := filepath.WalkDir(filepath.Join(b.dir, dir), func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Chtimes(name, old, old)
		})
		if err != nil && !os.IsNotExist(err) {
			b.t.Fatal(err)
		}
	}
}

// sealed publishes, and tells whether the run ended at once.
func (b *blog) sealed() (Report, bool) {
	b.t.Helper()
	r, m, err := publish(b.t.Context(), b.o, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return r, m == nil
}

func sealedBlog(t *testing.T) *blog {
	b := newBlog(t, map[string]string{
		"content/posts/a.md":     post("A", "2026-10-27", "id = \"a\"", "Text of the post.\n\n![](/dot.png)"),
		"content/posts/draft.md": post("Draft", "2026-10-26", "draft = true", "Not yet."),
		"content/dot.png":        dot,
		"templates/footer.html":  `{{define "footer"}}<footer>One</footer>{{end}}`,
		"data/links.toml":        "a = 1\n",
		"comments/other.json":    "{}",
	})
	b.age()
	if _, ended := b.sealed(); ended {
		t.Fatal("the first run did nothing")
	}
	return b
}

// A run that finds everything as the last one left it says what a run that looks at everything says.
func TestSealed(t *testing.T) {
	t.Parallel()
	b := sealedBlog(t)
	got, ended := b.sealed()
	if !ended {
		t.Fatal("a second run looked at everything")
	}
	b.remove(".cache/seal")
	want, ended := b.sealed()
	if ended || len(want.Diagnostics) == 0 || len(want.HeldBack) == 0 {
		t.Fatalf("without the seal: %v, %+v", ended, want)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Report{}, "Elapsed"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the report (-whole run +sealed):\n%s", diff)
	}
}

// Whatever a run depends on breaks the seal, and the run after it is sealed again.
func TestSealBreaks(t *testing.T) {
	t.Parallel()
	later := old.Add(time.Hour)
	touched := func(name, text string) func(b *blog) {
		return func(b *blog) {
			b.write(name, text)
			if err := os.Chtimes(filepath.Join(b.dir, name), later, later); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	for name, change := range map[string]func(b *blog){
		"a post":              touched("content/posts/a.md", post("A", "2026-10-27", "id = \"a\"", "Other of the post.")),
		"a new post":          touched("content/posts/b.md", post("B", "2026-10-25", "", "Another.")),
		"a post less":         func(b *blog) { b.remove("content/posts/draft.md") },
		"a picture":           touched("content/dot.png", dot+"x"),
		"a template":          touched("templates/footer.html", `{{define "footer"}}<footer>Two</footer>{{end}}`),
		"a new template":      touched("templates/nav.html", `{{define "x"}}{{end}}`),
		"data":                touched("data/links.toml", "a = 2\n"),
		"comments":            touched("comments/a.json", "{}"),
		"a page of the site":  func(b *blog) { b.write("public/posts/a/index.html", "edited by hand") },
		"a page gone":         func(b *blog) { b.remove("public/posts/a/index.html") },
		"a stranger's page":   func(b *blog) { b.write("public/posts/a/more.html", "left over") },
		"the list":            func(b *blog) { b.write("public/ap/published.json", b.read("public/ap/published.json")+"\n") },
		"a setting":           func(b *blog) { b.o.Config.Params = map[string]any{"accent": "#123456"} },
		"time":                func(b *blog) { b.o.Now = b.o.Now.Add(sealTime) },
		"a clock set back":    func(b *blog) { b.o.Now = b.o.Now.Add(-time.Hour) },
		"a program's version": func(b *blog) { b.o.Encoders = func() []pictures.Encoder { return nil } },
		"a broken seal":       func(b *blog) { b.write(".cache/seal", strings.Repeat("x", 100)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := sealedBlog(t)
			if _, ended := b.sealed(); !ended {
				t.Fatal("nothing changed, and the run looked at everything")
			}
			change(b)
			if _, ended := b.sealed(); ended {
				t.Error("the run ended at once")
			}
			if page := b.tree("public")["posts/a/index.html"]; page == "" || page == "edited by hand" || b.tree("public")["posts/a/more.html"] != "" {
				t.Error("the site was not put right")
			}
			b.age()
			b.publish()
			if _, ended := b.sealed(); !ended {
				t.Error("not sealed again")
			}
		})
	}
}

// What the clock changes, what is behind a link, and what was written so lately that its time may stay the same is looked at each time.
func TestNotSealed(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(b *blog){
		"a post to come":     func(b *blog) { b.write("content/posts/b.md", post("B", "2026-12-25", "", "Later.")) },
		"comments to close":  func(b *blog) { b.write("content/posts/b.md", post("B", "2026-10-25", `comments = "1d"`, "Soon shut.")) },
		"a link":             func(b *blog) { b.link("content/posts/c.md", "a.md") },
		"a link to anywhere": func(b *blog) { b.link("templates/nav.html", "footer.html") },
		"an account":         func(b *blog) { b.write("content/posts/b.md", post("B", "2026-10-25", "", "By @ada@example.org.")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t, map[string]string{
				"content/posts/a.md": post("A", "2026-10-27", "", "Text."), "templates/footer.html": `{{define "footer"}}<footer>One</footer>{{end}}`,
			})
			begin(b)
			b.age()
			for range 2 {
				if _, ended := b.sealed(); ended {
					t.Error("the run ended at once")
				}
			}
		})
	}
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", "", "Text.")})
	b.age()
	ahead := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(b.dir, "content/posts/a.md"), ahead, ahead); err != nil {
		t.Fatal(err)
	}
	b.publish()
	if _, ended := b.sealed(); ended {
		t.Error("a file as young as the run was believed")
	}
}

// A text that was saved this moment is waited for until its time says when, and the next run ends at once.
func TestJustSaved(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", "", "Text.")})
	b.publish()
	if _, ended := b.sealed(); !ended {
		t.Error("a text that had just been saved was not believed a run later")
	}
}

func (b *blog) link(name, to string) {
	b.t.Helper()
	if err := os.Symlink(to, filepath.Join(b.dir, name)); err != nil {
		b.t.Fatal(err)
	}
}
