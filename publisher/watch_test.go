package publisher

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

type run struct {
	report Report
	err    error
}

func TestWatch(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	ctx, cancel := context.WithCancel(t.Context())
	runs, ended := make(chan run, 16), make(chan error)
	go func() {
		ended <- Watch(ctx, b.o, func(r Report, err error) { runs <- run{r, err} })
	}()
	// until waits for a run that shows what was saved: one save may be seen as two.
	until := func(what string, ok func(run) bool) {
		t.Helper()
		for {
			select {
			case r := <-runs:
				if ok(r) {
					return
				}
			case <-t.Context().Done():
				t.Fatal("no run: " + what)
			}
		}
	}
	until("at the start", func(r run) bool { return r.err == nil && r.report.Posts == 4 })
	b.write("content/posts/hello.md", post("Hello", "2026-10-28 08:00:00", "", "Saved."))
	until("a save", func(r run) bool { return strings.Contains(b.read("public/posts/hello/index.html"), "Saved.") })
	b.write("content/posts/new/folder/deep.md", post("Deep", "2026-10-27", "", "In a new folder."))
	until("a new folder", func(r run) bool { return r.err == nil && b.has("public/posts/deep/index.html") })
	b.write("content/posts/new/folder/deep.md", "+++\n")
	until("a fault", func(r run) bool { return r.err != nil && b.has("public/posts/deep/index.html") })
	b.write("content/posts/new/folder/deep.md", post("Deep", "2026-10-27", "", "Mended."))
	until("a save in a new folder", func(r run) bool {
		return r.err == nil && strings.Contains(b.read("public/posts/deep/index.html"), "Mended.")
	})
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Watch ended with %v", err)
	}
}

// TestPreview builds elsewhere with everything that is held back, and leaves the real site and what it remembers alone.
func TestPreview(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.publish()
	before := b.tree("public")
	o := b.o
	o.Output, o.Drafts, o.Future, o.LiveReload, o.Withdraw = t.TempDir(), true, true, "/events</script>", true
	p := &blog{t: t, dir: o.Output, o: o}
	p.publish()
	page := p.read("posts/draft/index.html")
	if !strings.Contains(page, "SECRET") || !strings.Contains(page, "EventSource") || strings.Contains(page, "events</script>") {
		t.Error("the preview of a draft is not there, or does not reload")
	}
	if strings.Contains(p.read("ap/published.json"), keyOf("posts/draft.md")) {
		t.Error("a draft is in the preview's list")
	}
	if r := b.publish(); !r.Nothing || len(before) != len(b.tree("public")) {
		t.Errorf("a preview made the real run work: %+v", r)
	}
}

// TestEmptied holds that a build waits for the text of a file that was emptied to be written anew, and for nothing else.
func TestEmptied(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": "", "content/posts/b.md": "x", "content/posts/c.txt": "", "content/posts/d.md/x": "x"})
	for name, want := range map[string]bool{"a.md": true, "b.md": false, "c.txt": false, "d.md": false, "gone.md": false} {
		if got := emptied(map[string]bool{filepath.Join(b.dir, "content/posts", name): true}); got != want {
			t.Errorf("%s is taken for emptied: %v", name, got)
		}
	}
}
