package outbox

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/postil-blog/postil/site"
)

// watch wakes the reconciling loop when the published list changes. It is a convenience: where watching is not to be had (a network
// mount, a site on another server) the list is read every minute all the same.
func (o *Outbox) watch(ctx context.Context) {
	if o.source.dir == "" {
		return
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		o.o.Log.Warn("the published list cannot be watched; it is read every minute", "err", err)
		return
	}
	defer w.Close()
	file := filepath.Join(o.source.dir, filepath.FromSlash(site.PublishedFile))
	scheduled := ""
	if o.o.Config.Releases() {
		scheduled = o.o.Config.Path(o.o.Config.Publish.Scheduled)
	}
	again := time.NewTicker(time.Minute)
	defer again.Stop()
	arm(w, file, scheduled)
	wake(o.listed) // for what changed since the first round read the list
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-w.Events:
			switch {
			case e.Name == file, scheduled != "" && within(e.Name, scheduled):
				wake(o.listed)
			case within(file, e.Name), e.Name == scheduled: // a folder on the way to it was made, swapped or taken away
				arm(w, file, scheduled)
				wake(o.listed)
			}
		case <-w.Errors: // an overflow: something changed
			wake(o.listed)
		case <-again.C:
			arm(w, file, scheduled)
		}
	}
}

// arm watches the folder above the site's, the site's, that of the list and that of what is scheduled, as far as they exist: publish may make them, or swap
// them, at any time. From the outside in, so that a folder made meanwhile is either seen here or told of by the one around it.
// Watching a folder again is free, and puts the watch on the new one where it was swapped.
func arm(w *fsnotify.Watcher, file, scheduled string) {
	list := filepath.Dir(file)
	public := filepath.Dir(list)
	dirs := []string{filepath.Dir(public), public, list}
	if scheduled != "" {
		dirs = append(dirs, filepath.Dir(scheduled), scheduled)
	}
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			_ = w.Add(dir) // refused at a limit of the system: the minute round is left
		}
	}
}

// within tells whether path lies below folder.
func within(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != "." && filepath.IsLocal(rel)
}
