package publisher

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// at sets the clock of the next runs.
func (b *blog) at(t *testing.T, moment string) {
	t.Helper()
	m, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		t.Fatal(err)
	}
	b.o.Now = m
}

// warned gives the codes that a run warned with.
func warned(r Report) (codes []string) {
	for _, d := range r.Diagnostics {
		codes = append(codes, d.Code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// sends gives what followers are told.
func sends(r Report) string {
	var list []string
	for _, c := range r.Changes {
		if c.Federated != "" {
			list = append(list, c.Federated)
		}
	}
	return strings.Join(list, " ")
}

// TestClockSetBack holds that a clock which goes back an hour, a day or ten years sends nothing and changes nothing: what is out is not
// withdrawn, and what has expired does not come back.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"content/posts/old.md":  post("Old", "2026-10-01", "", "Text of old."),
		"content/posts/new.md":  post("New", "2026-10-28 10:10:00", "", "Text of new."),
		"content/posts/over.md": post("Over", "2026-10-01", "expires = 2026-10-28 10:20:00", "Text of over."),
		"content/posts/next.md": post("Next", "2026-10-29", "", "Text of next."),
	}
	b := newBlog(t, files)
	b.at(t, "2026-10-28T08:00:00Z") // 9 o'clock in Berlin
	b.publish()
	b.at(t, "2026-10-28T09:30:00Z")
	b.publish()
	if !b.has("public/posts/new/index.html") || b.has("public/posts/over/index.html") || b.has("public/posts/next/index.html") {
		t.Fatal("the second run is not as it should be")
	}
	before := b.tree("public")
	for _, back := range []string{"2026-10-28T08:30:00Z", "2026-10-27T09:30:00Z", "2016-10-28T09:30:00Z"} {
		for _, memory := range []bool{true, false} {
			if !memory {
				b.remove(".cache")
			}
			b.at(t, back)
			r := b.publish()
			if diff := cmp.Diff(before, b.tree("public")); diff != "" {
				t.Errorf("at %s, with the memory: %v: the site changed:\n%s", back, memory, diff)
			}
			if len(r.Changes) != 0 || !slices.Equal(warned(r), []string{"P027"}) {
				t.Errorf("at %s: %+v, warned of %v", back, r.Changes, warned(r))
			}
		}
	}
	b.at(t, "2026-10-28T09:31:00Z")
	if r := b.publish(); len(r.Changes) != 0 || len(warned(r)) != 0 || !maps.Equal(before, b.tree("public")) {
		t.Errorf("set right again: %+v, warned of %v", r.Changes, warned(r))
	}
}

// TestClockSetBackEdits holds that what the author does is done all the same while the clock is behind: an update is newer than the one before
// it, and a post whose date is moved to tomorrow is taken back once its first publication has passed.
func TestClockSetBackEdits(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28 10:10:00", "", "One."), "content/posts/b.md": post("B", "2026-10-01", "", "Text.")})
	b.publish() // at half past ten
	first := b.read("public/ap/published.json")
	b.at(t, "2026-10-28T09:00:00Z")
	b.write("content/posts/a.md", post("A", "2026-10-28 10:10:00", "", "Two."))
	r := b.publish()
	if sends(r) != "Update" || !strings.Contains(b.read("public/ap/published.json"), `"updated": "2026-10-28T09:30:01Z"`) {
		t.Errorf("an edit while the clock is behind: %+v\n%s", r.Changes, first)
	}
	b.at(t, "2026-10-28T09:31:00Z")
	b.write("content/posts/a.md", post("A", "2026-10-30", "", "Two."))
	if r := b.publish(); sends(r) != "Delete" {
		t.Errorf("moved to a later day by its author: %+v", r.Changes)
	}
}

// TestClocksThatChange publishes posts whose hour clocks skip, or have twice: each is out at the moment that is told, and stays out while
// clocks show its hour for the second time.
func TestClocksThatChange(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/skipped.md": post("Skipped", "2026-03-29 02:30:00", "", "Text."),
		"content/posts/twice.md":   post("Twice", "2026-10-25 02:30:00", "", "Text."),
	})
	for _, c := range []struct {
		at             string
		skipped, twice bool
	}{
		{"2026-03-29T01:29:00Z", false, false}, {"2026-03-29T01:30:00Z", true, false}, // 3:30 by then
		{"2026-10-25T00:29:00Z", true, false}, {"2026-10-25T00:30:00Z", true, true}, {"2026-10-25T01:15:00Z", true, true}, // 2:30, and then 2:15
	} {
		b.at(t, c.at)
		r := b.publish()
		if b.has("public/posts/skipped/index.html") != c.skipped || b.has("public/posts/twice/index.html") != c.twice {
			t.Errorf("at %s: skipped is out: %v, twice is out: %v", c.at, !c.skipped, !c.twice)
		}
		if !slices.Contains(warned(r), "P049") {
			t.Errorf("at %s: nothing is said of the hours: %v", c.at, warned(r))
		}
	}
}

// TestFilesFromTheFuture holds that an edit is seen where files are of a time to come, and keep it.
func TestFilesFromTheFuture(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-01", "", "![A](a.png)\n\nOne."), "content/posts/a.png": dot})
	ahead := time.Now().Add(48 * time.Hour)
	save := func(name, text string) {
		b.write(name, text)
		if err := os.Chtimes(filepath.Join(b.dir, name), ahead, ahead); err != nil {
			t.Fatal(err)
		}
	}
	save("content/posts/a.png", dot+"1")
	save("content/posts/a.md", post("A", "2026-10-01", "", "![A](a.png)\n\nOne."))
	b.publish()
	if r := b.publish(); r.Changed != 0 {
		t.Errorf("nothing changed, and %d files are written", r.Changed)
	}
	save("content/posts/a.md", post("A", "2026-10-01", "", "![A](a.png)\n\nTwo."))
	save("content/posts/a.png", dot+"2")
	b.publish()
	if !strings.Contains(b.read("public/posts/a/index.html"), "Two.") || b.read("public/posts/a/a.png") != dot+"2" {
		t.Error("an edit was missed that left size and time as they were")
	}
}

// TestTomorrow holds that a post of tomorrow is nowhere in what is published, and no line of the list.
func TestTomorrow(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28 10:30:01", "", "CANARY"), "content/posts/b.md": post("B", "2026-10-28 10:30:00", "", "Text.")})
	r := b.publish()
	for name, text := range b.tree("public") {
		if strings.Contains(text, "CANARY") || strings.HasPrefix(name, "posts/a") {
			t.Errorf("%s is out a second early", name)
		}
	}
	if len(r.HeldBack) != 1 || !b.has("public/posts/b/index.html") {
		t.Errorf("held back: %+v", r.HeldBack)
	}
}
