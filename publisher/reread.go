package publisher

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/postil-blog/postil/site"
)

// A save is not one moment: an editor empties a file and writes it, a synchroniser or git writes many. So a run that read files looks at them
// once more before it changes the site, and begins again where one is not as it was found.
const (
	maxRuns    = 3                      // before the author is told
	betweenRun = 100 * time.Millisecond // for whoever is writing
)

// readings are the content files that a run has read, with what they were when the folder was listed.
type readings struct {
	mu    sync.Mutex
	files map[string]stamp
	err   error // of the first source that could be read once and not again
}

func (r *readings) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = cmp.Or(r.err, err)
}

func (r *readings) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *readings) note(name string, s stamp) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.files == nil {
		r.files = map[string]stamp{}
	}
	r.files[name] = s
}

// openFile opens a content file that is no Markdown.
func (b *build) openFile(f *file) (*os.File, error) {
	b.readings.note(f.name, f.stamp)
	return b.content.Open(f.name)
}

// moved lists the files that changed, or went, since the content folder was listed, among those that were read.
func (b *build) moved() (names []string) {
	b.readings.mu.Lock()
	defer b.readings.mu.Unlock()
	for name, s := range b.readings.files {
		if info, err := b.content.Stat(name); err != nil || stampOf(info) != s {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// unmoved is nil where all that was read is still as it was, and could be read each time.
func (b *build) unmoved() error {
	var faults site.Diagnostics
	for _, name := range b.moved() {
		faults = append(faults, site.Diagnostic{Severity: site.Error, Code: codeFile, File: b.shown(name), Message: "the file changes while it is read", Help: "wait until it is saved, then publish again"})
	}
	if len(faults) > 0 {
		return faults
	}
	return b.readings.failed()
}

// publish is Publish for callers that run again: it gives back what it learnt.
func publish(ctx context.Context, o Options, before *memory) (r Report, after *memory, err error) {
	start := time.Now()
	for run := 1; ; run++ {
		again := false
		r, after, again, err = publishOnce(ctx, o, before)
		if r.Elapsed = time.Since(start); !again || run == maxRuns {
			return r, after, err
		}
		select {
		case <-ctx.Done():
			return r, after, ctx.Err()
		case <-time.After(betweenRun):
		}
	}
}

// publishOnce is one run. Again means that what it read, and perhaps what it found fault with, was being written.
func publishOnce(ctx context.Context, o Options, before *memory) (r Report, after *memory, again bool, err error) {
	b := newBuild(o)
	defer func() { err = errors.Join(err, b.close()) }()
	if err = b.open(ctx); err != nil {
		return r, nil, false, err
	}
	if r, done := b.untouched(); done {
		return r, nil, false, nil
	}
	if r, done, err := b.edit(ctx); done {
		return r, nil, false, err
	}
	if r, err = b.run(ctx, before); err != nil {
		var faults site.Diagnostics
		again = errors.As(err, &faults) || errors.Is(err, fs.ErrNotExist)
		return r, b.next, again && len(b.moved()) > 0, err
	}
	if err = b.schedule(ctx, &r); err == nil {
		b.clearStage()
		err = b.seal(r)
	}
	return r, b.next, false, err
}
