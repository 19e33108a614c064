package publisher

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postil-blog/postil/site"
)

// between does something in every run, after the content folder was listed and its sources were read.
func (b *blog) between(do func(run int)) {
	run := 0
	b.o.Previous = func() (*site.PublishedList, error) {
		run++
		do(run)
		return nil, nil
	}
}

// TestHalfWritten holds that what is being saved while publish runs is published whole: the run begins again.
func TestHalfWritten(t *testing.T) {
	t.Parallel()
	whole := post("A", "2026-10-01", "", "One. Two.")
	for name, c := range map[string]struct {
		first, then string
		want        string
	}{
		"half of a front matter": {whole[:20], whole, "One. Two."},
		"half of a text":         {whole[:len(whole)-6], whole, "One. Two."},
		"emptied":                {"", whole, "One. Two."},
		"written over":           {whole, post("A", "2026-10-01", "", "Three."), "Three."},
	} {
		b := newBlog(t, map[string]string{"content/posts/a.md": c.first})
		runs := 0
		b.between(func(run int) {
			if runs = run; run == 1 {
				b.write("content/posts/a.md", c.then)
			}
		})
		r := b.publish()
		if page := b.read("public/posts/a/index.html"); !strings.Contains(page, c.want) || runs != 2 || r.Posts != 1 {
			t.Errorf("%s: %d runs, published %s", name, runs, page)
		}
	}
}

// TestHalfWrittenPicture does so with a picture that is copied, cleaned, turned or scaled while it is written.
func TestHalfWrittenPicture(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-01", "", "![A](a.png)"), "content/posts/a.png": dot[:40]})
	written := false
	b.o.Progress = func(stage string, _, _ int) {
		if stage == "Writing" && !written {
			written = true
			b.write("content/posts/a.png", dot)
		}
	}
	b.publish()
	if got := b.read("public/posts/a/a.png"); got != dot || !written {
		t.Errorf("published %d bytes of %d", len(got), len(dot))
	}
	if page := b.read("public/posts/a/index.html"); !strings.Contains(page, `width="`) {
		t.Error("the page does not know the picture's size")
	}
}

// TestGoneWhileRead is a git checkout under way: a post that goes is as if it had never been there.
func TestGoneWhileRead(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-01", "", "Text."), "content/posts/b.md": post("B", "2026-10-01", "", "Text.")})
	b.between(func(int) { b.remove("content/posts/b.md") })
	if r := b.publish(); r.Posts != 1 || b.has("public/posts/b/index.html") {
		t.Errorf("%d posts", r.Posts)
	}
}

// TestNeverSettles holds that a file which changes in every run is named, and that nothing is written.
func TestNeverSettles(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-01", "", "Text.")})
	b.between(func(run int) {
		b.write("content/posts/a.md", post("A", "2026-10-01", "", fmt.Sprint("More", strings.Repeat("m", run))))
	})
	faults := b.faults()
	if len(faults) != 1 || faults[0].Code != "P021" || faults[0].File != "content/posts/a.md" || !strings.Contains(faults[0].Message, "changes while it is read") {
		t.Errorf("told %v", faults)
	}
	if now := b.tree("public"); len(now) != 0 {
		t.Errorf("written: %v", slices.Collect(maps.Keys(now)))
	}
}

// TestEditorsLeavings lays what editors, synchronisers and systems leave beside posts, in the content folder, beside a post and in a post's own folder: the
// site is as it is without them. A conflicting copy is told, since it may hold what the author wants.
func TestEditorsLeavings(t *testing.T) {
	t.Parallel()
	files := map[string]string{"content/posts/a.md": post("A", "2026-10-01", "", "Text."), "content/posts/own/index.md": post("Own", "2026-10-01", "", "Text of its own."), "content/map.txt": "x"}
	clean := newBlog(t, files)
	clean.publish()
	b := newBlog(t, files)
	for _, name := range []string{
		".a.md.swp", ".a.md.swo", "a.md.swp", "a.md~", "#a.md#", ".syncthing.a.md.tmp", "~syncthing~a.md.tmp", ".DS_Store", "._a.md", "Thumbs.db", "desktop.ini", "a.md.tmp", "a.md.orig", "a.md.bak", "a.md.rej",
		"a.md___jb_tmp___", "a.md.part", ".stversions/a.md", ".obsidian/x.md", ".goutputstream-AB12",
	} {
		for _, dir := range []string{"content/", "content/posts/", "content/posts/own/"} {
			b.write(dir+name, post("CANARY", "2026-10-01", "", "CANARY"))
		}
	}
	if err := os.Symlink("ada@desk.4711:1790000000", filepath.Join(b.dir, "content/posts/.#a.md")); err != nil {
		t.Fatal(err)
	}
	b.publish()
	if was, is := slices.Sorted(maps.Keys(clean.tree("public"))), slices.Sorted(maps.Keys(b.tree("public"))); !slices.Equal(was, is) {
		t.Errorf("published %v, want %v", is, was)
	}
	b.write("content/posts/a.sync-conflict-20261028-101010-ABCDEF7.md", post("A", "2026-10-01", "", "Another text."))
	if f := b.faults(); len(f) != 1 || f[0].Code != "P021" || !strings.Contains(f[0].Message, "content/posts/a.md") {
		t.Errorf("of a conflict: %v", f)
	}
}

// A text that could be read once and not again must not be published as an empty one.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	blog := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", "", "Text.")})
	b := newBuild(blog.o)
	defer b.close()
	if err := b.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.source(&Post{File: "posts/a.md"}) == "" || b.unmoved() != nil {
		t.Fatal("a text that is there was not read")
	}
	if b.source(&Post{File: "posts"}) != "" || b.unmoved() == nil { // a folder is there, and cannot be read
		t.Error("a text that cannot be read is one without words")
	}
}
