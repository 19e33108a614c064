package publisher

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/postil-blog/postil/site"
)

// saved writes a post that looks old, and is another than the one before.
func (b *blog) saved(name, text string, hours int) {
	b.t.Helper()
	b.write(name, text)
	at := old.Add(time.Duration(hours) * time.Hour)
	if err := os.Chtimes(filepath.Join(b.dir, name), at, at); err != nil {
		b.t.Fatal(err)
	}
}

func editedBlog(t *testing.T) *blog {
	b := newBlog(t, map[string]string{"content/dot.png": dot, "content/other.png": dot + "x", "content/about.md": "+++\ntitle = \"About\"\n+++\n\nA page.\n"})
	for i := range 14 {
		b.write(fmt.Sprintf("content/posts/p%02d.md", i), post(fmt.Sprintf("Post %d", i), fmt.Sprintf("2026-09-%02d", i+1), fmt.Sprintf("id = \"p%d\"\ntags = [\"t%d\"]", i, i%3),
			fmt.Sprintf("The text of number%d is about harbour%d and ships.\n\n## Ships\n\n![A dot](/dot.png)\n\nA lantern.\n", i, i%5)))
	}
	b.age()
	b.publish()
	return b
}

// asClean compares the site with what a run without memory makes of the same files, on the list that there was.
func (b *blog) asClean(before site.PublishedList) {
	b.t.Helper()
	clean := &editor{blog: b, clock: b.o.Now}
	if !clean.sameAsClean(&before) {
		b.t.Error("the site is not what a clean run makes")
	}
}

// A text that is another is published without a look at all others, and the site is what a run that looks at everything makes.
func TestEdit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old, new string
		whole    bool // more than a text is another
	}{
		"a word":            {old: "lantern", new: "lamp"},
		"many words":        {old: "lantern", new: strings.Repeat("unheard of windjammers and tremendous lighthouses near harbour3 ", 60)},
		"the beginning":     {old: "The text", new: "A new text"},
		"a heading more":    {old: "A lantern.", new: "## Lanterns\n\nA lantern."},
		"a heading less":    {old: "## Ships\n\n", whole: true},
		"another picture":   {old: "/dot.png", new: "/other.png", whole: true},
		"a link to a post":  {old: "A lantern.", new: "See [that](p03.md).", whole: true},
		"an account":        {old: "A lantern.", new: "By @ada@example.org.", whole: true},
		"a fault":           {old: "A lantern.", new: "![](/dot.png)", whole: true},
		"no text":           {old: "tags = [\"t1\"]\n", new: "tags = [\"t1\"]\ndraft = true\n", whole: true},
		"a title":           {old: "Post 7", new: "Seven", whole: true},
		"nothing but space": {old: "A lantern.\n", new: "A lantern.\n\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := editedBlog(t)
			text := strings.Replace(b.read("content/posts/p07.md"), c.old, c.new, 1)
			before := b.list()
			b.saved("content/posts/p07.md", text, 1)
			b.o.Now = b.o.Now.Add(time.Minute)
			r, quick := b.sealed()
			if quick == c.whole {
				t.Fatalf("by itself: %v", quick)
			}
			if !quick {
				return
			}
			if r.Changed != 1 || r.Posts != 14 || r.Pages != 1 {
				t.Errorf("the report: %+v", r)
			}
			b.asClean(before)
		})
	}
}

// Edits follow each other, and what they leave is what the next run begins with: one that looks at everything, too.
func TestEdits(t *testing.T) {
	t.Parallel()
	b := editedBlog(t)
	for i, text := range []string{"lamp", "lighthouse and harbour4", "lantern again"} {
		before := b.list()
		for _, name := range []string{"content/posts/p07.md", "content/posts/p11.md"} {
			old := b.read(name)
			b.write(name+"~", strings.Replace(old, "A ", "A "+text+" and ", 1)) // as editors save
			if err := os.Rename(filepath.Join(b.dir, name+"~"), filepath.Join(b.dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		b.age()
		for _, name := range []string{"p07.md", "p11.md"} {
			b.saved("content/posts/"+name, b.read("content/posts/"+name), i+1)
		}
		b.o.Now = b.o.Now.Add(time.Minute)
		if r, quick := b.sealed(); !quick || r.Changed != 2 {
			t.Fatalf("edit %d looked at everything: %+v", i, r)
		}
		b.asClean(before)
		if r, quick := b.sealed(); !quick || !r.Nothing {
			t.Errorf("after edit %d there was something to do: %+v", i, r)
		}
	}
	site := b.tree("public")
	b.remove(".cache/seal")
	r, quick := b.sealed()
	if diff := cmp.Diff(site, b.tree("public")); quick || diff != "" || !r.Nothing {
		t.Errorf("a run that looks at everything changed something: %v, %+v\n%s", quick, r, diff)
	}
}

// What an edit goes by may be damaged, older or gone: then the run looks at everything.
func TestEditForgotten(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(b *blog){
		"index":      func(b *blog) { b.write(".cache/index", b.read(".cache/index")+"x") },
		"edits":      func(b *blog) { b.remove(".cache/edits") },
		"torn edits": func(b *blog) { b.write(".cache/edits", b.read(".cache/edits")[:200]) },
		"other index": func(b *blog) {
			b.remove(".cache/seal")
			b.remove(".cache/index")
			seal := b.read(".cache/edits")
			b.publish()
			b.write(".cache/edits", seal)
		},
		"bodies": func(b *blog) { b.remove(".cache/bodies") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := editedBlog(t)
			edit := func(n int, text string) bool {
				b.saved("content/posts/p07.md", strings.Replace(b.read("content/posts/p07.md"), "A ", "A "+text+" ", 1), n)
				b.o.Now = b.o.Now.Add(time.Minute)
				_, quick := b.sealed()
				return quick
			}
			if !edit(1, "first") {
				t.Fatal("looked at everything")
			}
			damage(b)
			before := b.list()
			if quick := edit(2, "second"); quick && name != "other index" {
				t.Error("believed")
			}
			b.asClean(before)
		})
	}
}
