package outbox

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
)

// schedule prepares, as publish would, that the present state of the world's posts appears at a moment, over the list base.
func (w *world) schedule(nth, key string, at time.Time, base []byte, removed ...string) (list []byte) {
	w.t.Helper()
	w.config.Publish.Scheduled = ".scheduled"
	dir := filepath.Join(w.dir, ".scheduled", nth)
	list, err := json.Marshal(site.PublishedList{Version: 1, Posts: w.posts, Withdrawn: w.gone})
	w.must(err)
	m := site.Release{Version: 1, At: at, Base: sumOf(base), List: sumOf(list), Removed: append(removed, "old/"+key+".html")}
	article, err := os.ReadFile(filepath.Join(w.dir, "public", w.posts[0].Article))
	w.must(err)
	w.must(os.Remove(filepath.Join(w.dir, "public", w.posts[0].Article)))
	// The list stands first in the manifest, and is put into place last all the same.
	for _, f := range []struct {
		name string
		data []byte
	}{{site.PublishedFile, list}, {w.posts[0].Article, article}, {"posts/" + key + "/index.html", []byte("<p>" + key)}} {
		name, data := f.name, f.data
		file := filepath.Join(dir, site.ReleaseFiles, name)
		w.must(os.MkdirAll(filepath.Dir(file), 0o700))
		w.must(os.WriteFile(file, data, 0o600))
		m.Files = append(m.Files, site.ReleasedFile{Path: name, SHA256: sumOf(data)})
	}
	data, err := json.Marshal(m)
	w.must(err)
	w.must(os.WriteFile(filepath.Join(dir, site.ReleaseFile), data, 0o600))
	return list
}

func (w *world) published() []byte {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, "public", site.PublishedFile))
	w.must(err)
	return data
}

func (w *world) has(name string) bool {
	_, err := os.Stat(filepath.Join(w.dir, name))
	return err == nil
}

// twoScheduled is a world with one post out and two scheduled, an hour apart.
func twoScheduled(t *testing.T) (*world, *sink) {
	w := newWorld(t)
	s := w.sink("ada")
	w.put("now", "Text")
	w.round()
	first := w.published()
	w.file("old/one.html", []byte("gone at one"))
	w.put("one", "One")
	second := w.schedule("0001-1", "one", noon.Add(time.Hour), first)
	w.put("two", "Two")
	w.schedule("0002-2", "two", noon.Add(2*time.Hour), second)
	return w, s
}

func (w *world) tick() Report {
	w.t.Helper()
	r, err := w.out.Round(w.t.Context())
	w.must(err)
	return r
}

func TestReleaseAtItsMoment(t *testing.T) {
	t.Parallel()
	w, s := twoScheduled(t)
	w.pass(time.Hour - time.Second)
	if r := w.tick(); r.Created != 0 || w.has("public/posts/one/index.html") || w.out.untilRelease() != time.Second {
		t.Fatalf("a second early: %+v, next in %v", r, w.out.untilRelease())
	}
	w.pass(time.Second)
	if r := w.tick(); r.Created != 1 || !w.has("public/posts/one/index.html") || w.has("public/posts/two/index.html") || w.has("public/old") || w.has(".scheduled/0001-1") {
		t.Fatalf("at its moment: %+v", r)
	}
	if w.out.untilRelease() != time.Hour {
		t.Errorf("next in %v", w.out.untilRelease())
	}
	w.pass(time.Hour)
	if r := w.tick(); r.Created != 1 || w.has(".scheduled/0002-2") || s.types() != "Create Create Create" {
		t.Errorf("the second: %+v, %s", r, s.types())
	}
	if w.has("public/" + releaseStage) {
		t.Error("the stage is left")
	}
}

func TestReleaseTwoMomentsInOnePass(t *testing.T) {
	t.Parallel()
	w, s := twoScheduled(t)
	w.pass(3 * time.Hour)
	if r := w.tick(); r.Created != 2 || s.types() != "Create Create Create" {
		t.Errorf("%+v, %s", r, s.types())
	}
}

// TestReleaseKilled stops behind each step of a release with which one post appears and another expires. The list is the old one until all that
// the new one names is there, every document that the list names is there at each moment, and the next start finishes.
func TestReleaseKilled(t *testing.T) {
	t.Parallel()
	const steps = 5 // two files, a page that goes, the list, a document that goes
	for kill := 1; kill <= steps; kill++ {
		w, s := expiring(t)
		before := string(w.published())
		w.pass(time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		w.out.copied = func() {
			if n++; n == kill {
				cancel()
			}
		}
		_, _ = w.out.Reconcile(ctx)
		cancel()
		if n != kill {
			t.Fatalf("%d steps, want to stop after %d", n, kill)
		}
		if done := string(w.published()) != before; done != (kill >= 4) || done && !w.has("public/posts/one/index.html") {
			t.Fatalf("after %d steps the list is new: %v", kill, done)
		}
		w.whole()
		w.reopen()
		if w.tick(); w.has(".scheduled/0001-1") || w.has("public/ap/posts/over.json") || w.has("public/old") || s.types() != "Create Create Create Delete" && s.types() != "Create Create Delete Create" {
			t.Errorf("after a kill at %d: %s, the document is there: %v", kill, s.types(), w.has("public/ap/posts/over.json"))
		}
		w.whole()
	}
}

// TestReleaseMeetsAFullDisk holds that nothing of the site has changed while files are still being written.
func TestReleaseMeetsAFullDisk(t *testing.T) {
	t.Parallel()
	w, _ := expiring(t)
	before := string(w.published())
	w.must(os.MkdirAll(filepath.Join(w.dir, "public", staged(2)), 0o755)) // the last file cannot be written
	w.pass(time.Hour)
	_, _ = w.out.Reconcile(t.Context())
	if string(w.published()) != before || w.has("public/posts/one/index.html") || !w.has("public/old/one.html") || !w.has(".scheduled/0001-1") {
		t.Error("the site was changed in part")
	}
	w.whole()
}

// expiring is a world in which one post appears and another expires at the same moment.
func expiring(t *testing.T) (*world, *sink) {
	w := newWorld(t)
	s := w.sink("ada")
	w.put("now", "Text")
	w.put("over", "Not for long")
	w.round()
	first := w.published()
	w.file("old/one.html", []byte("gone at one"))
	w.withdraw("over")
	w.put("one", "One")
	w.schedule("0001-1", "one", noon.Add(time.Hour), first, "ap/posts/over.json")
	return w, s
}

// whole tells of documents that the list names and that are not there.
func (w *world) whole() {
	w.t.Helper()
	var list site.PublishedList
	w.must(json.Unmarshal(w.published(), &list))
	for _, e := range list.Posts {
		if !w.has("public/" + e.Article) {
			w.t.Errorf("the list names %s, which is gone", e.Article)
		}
	}
}

// TestReleaseRefuses leaves the site as it is: over another list, with a file that was changed, outside the site, or while publish is
// at work.
func TestReleaseRefuses(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*world){
		"another list": func(w *world) { w.file(site.PublishedFile, append(w.published(), '\n')) },
		"changed file": func(w *world) {
			w.must(os.WriteFile(filepath.Join(w.dir, ".scheduled/0001-1/files/posts/one/index.html"), []byte("torn"), 0o600))
		},
		"outside": func(w *world) {
			file := filepath.Join(w.dir, ".scheduled/0001-1", site.ReleaseFile)
			m, err := readRelease(filepath.Dir(file))
			w.must(err)
			m.Files = append(m.Files, site.ReleasedFile{Path: "../evil", SHA256: sumOf([]byte("evil"))})
			w.must(os.WriteFile(filepath.Join(w.dir, ".scheduled/0001-1/evil"), []byte("evil"), 0o600))
			data, _ := json.Marshal(m)
			w.must(os.WriteFile(file, data, 0o600))
		},
		"publish at work": func(w *world) {
			unlock, err := w.config.Lock(w.t.Context(), func() {})
			w.must(err)
			w.t.Cleanup(func() { unlock.Close() })
		},
		"not ours to release": func(w *world) { w.config.Inboxd.Site = "https://example.com" },
	} {
		w, _ := twoScheduled(t)
		spoil(w)
		w.pass(time.Hour)
		before := string(w.published())
		if _, err := w.out.Reconcile(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if string(w.published()) != before || w.has("public/posts/one/index.html") || w.has("evil") || !w.has(".scheduled/0001-1") {
			t.Errorf("%s: released all the same", name)
		}
	}
}
