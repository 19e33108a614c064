package publisher

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/postil-blog/postil/publisher/data"
	"github.com/postil-blog/postil/publisher/stray"
	"github.com/postil-blog/postil/site"
)

// settle is how long the folders must be quiet before a build: an editor's save is several events, a git checkout thousands.
const settle = 100 * time.Millisecond

// Watch publishes, then publishes again after each save (fsnotify, settled for Options.Settle), and calls done after each run, until ctx ends.
// Faults in the content are told to done and do not end it; it gives ctx's error, or what keeps it from watching.
func Watch(ctx context.Context, o Options, done func(Report, error)) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer w.Close()
	if err := watchAll(w, o.Config); err != nil {
		return err
	}
	var known *memory
	run := func() {
		r, m, err := publish(ctx, o, known)
		if m != nil && err == nil {
			known = m
		}
		if ctx.Err() == nil {
			done(r, err)
		}
	}
	run()
	settle := cmp.Or(o.Settle, settle)
	timer := time.NewTimer(settle)
	timer.Stop()
	saved, waits := map[string]bool{}, 0
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e, ok := <-w.Events:
			if !ok {
				return errors.New("the file watcher stopped")
			}
			if !stray.File(filepath.Base(e.Name)) && e.Op != fsnotify.Chmod && concerns(o.Config, e.Name) {
				if e.Has(fsnotify.Create) {
					_ = watchTree(w, e.Name)
				}
				saved[e.Name] = true
				timer.Reset(settle)
			}
		case err := <-w.Errors:
			// An overflow loses events: build, and look at everything.
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				_ = watchAll(w, o.Config)
				timer.Reset(settle)
			}
		case <-timer.C:
			if waits++; waits <= maxWaits && emptied(saved) {
				timer.Reset(settle)
				continue
			}
			waits = 0
			clear(saved)
			run()
		}
	}
}

// maxWaits is how many times as long as usual a build waits for a text that an editor has emptied and not written yet.
const maxWaits = 10

// emptied tells whether one of the texts that were saved has nothing in it: editors that write in place empty a file first.
func emptied(saved map[string]bool) bool {
	for name := range saved {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && info.Size() == 0 && filepath.Ext(name) == ".md" {
			return true
		}
	}
	return false
}

// concerns tells whether a file that changed is one that a build reads: the daemon's database lies beside the data files, and changes with
// every reply.
func concerns(c *site.Config, name string) bool {
	return !within(name, c.Path(data.Folder)) || data.Reads(name) || filepath.Ext(name) == ""
}

// watchAll watches every folder that a build reads. fsnotify is not recursive, and a watched file is lost when an editor renames
// another over it.
func watchAll(w *fsnotify.Watcher, c *site.Config) error {
	if err := watchTree(w, c.Path(c.Publish.Content)); err != nil {
		return err
	}
	for _, name := range []string{"templates", "themes", "comments", data.Folder} {
		_ = watchTree(w, c.Path(name)) // a site need not have them
	}
	return nil
}

func watchTree(w *fsnotify.Watcher, dir string) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name != dir && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		return w.Add(name)
	})
}
