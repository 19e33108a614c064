package publisher

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

func TestNewPost(t *testing.T) {
	t.Parallel()
	b := newBlog(t, nil)
	for _, kind := range []string{"", "article", "note", "photo", "page"} {
		title := `A "new" <post> & more ` + kind
		file, err := NewPost(b.o.Config, title, kind, nil, now)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := NewPost(b.o.Config, title, kind, nil, now); err != nil || again == file {
			t.Errorf("the second %q is %s (%v)", kind, again, err)
		}
		rel, _ := filepath.Rel(filepath.Join(b.dir, "content"), file)
		posts, ds, err := Scan(t.Context(), b.o)
		if err != nil || len(ds) > 0 {
			t.Fatalf("%s: %v %v", kind, ds, err)
		}
		for _, p := range posts {
			if p.File == filepath.ToSlash(rel) && (p.Title != strings.TrimSpace(title) || !p.Draft || !p.NamedKey || len(p.Key) != 26 || !p.Date.Equal(now)) {
				t.Errorf("%s: %+v", kind, p)
			}
		}
	}
	if _, err := NewPost(b.o.Config, "x", "novel", nil, now); err == nil {
		t.Error("an unknown kind was accepted")
	}
	if file, err := NewPost(b.o.Config, "../../etc", "article", nil, now); err != nil || filepath.Dir(file) != filepath.Join(b.dir, "content/posts") {
		t.Errorf("a title led to %s (%v)", file, err)
	}
}

func TestInit(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "blog")
	a := Answers{Title: `My "blog"`, URL: "https://example.org", Author: "Ada", Timezone: "Europe/Berlin", Federation: true, Handle: "ada", Now: now}
	if err := Init(dir, a); err != nil {
		t.Fatal(err)
	}
	c, err := site.Load(filepath.Join(dir, "config.toml"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Site.Title != `My "blog"` || !c.Federation.Enabled || c.Federation.Handle != "ada" {
		t.Errorf("config %+v", c)
	}
	r, err := Publish(t.Context(), Options{Config: c, Announce: true, Now: now})
	if err != nil || r.Posts != 1 || r.Pages != 1 || len(sent(r)) != 1 {
		t.Errorf("the new site: %+v %v", r, err)
	}
	if err := Init(dir, a); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second init gives %v", err)
	}
}

func TestArticleOfDraft(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md": post("A", "2026-10-27", "draft = true", "Text."),
		"content/posts/x.md": post("X", "2026-10-01", "expires = 2026-10-02", "Text."),
		"content/posts/n.md": post("N", "2026-10-27", "[fediverse]\nas = \"none\"", "Text."),
	})
	posts, _, err := Scan(t.Context(), b.o)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range posts {
		data, err := Article(t.Context(), b.o, p)
		if p.Title != "A" {
			if err == nil {
				t.Errorf("%s: an Article for a post that has none", p.Title)
			}
			continue
		}
		var a activitypub.Article
		if err != nil || json.Unmarshal(data, &a) != nil || a.Content != "<p>Text.</p>" {
			t.Errorf("%s (%v)", data, err)
		}
	}
	if b.has("public") || b.has(".cache") {
		t.Error("showing an Article wrote something")
	}
}
