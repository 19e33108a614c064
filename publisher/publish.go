// Package publisher turns content/ into public/: Markdown becomes pages, feeds and, for followers, one Activity Streams
// document a post, with a list of them all.
//
// A site's folder comes in; whole files go out, and a Report. It knows no database, no key and no network: delivery takes days
// and belongs to the daemon, which reads the list when it changes (outbox/reconcile.go).
//
// A run is one line: scan (every front matter, every fault), render (Markdown that changed), plan (every file of the site, each
// with a hash of all that its bytes depend on), stage (make and write beside the site what differs), commit (rename, remove, the
// list last). Up to commit nothing that a reader sees is touched. What a run learns is kept in .cache/ and only ever saves work.
// Where only the texts of some posts are others the run is a shorter one (edit.go).
package publisher

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/publisher/pictures"
	"github.com/postil-blog/postil/site"
)

// Options of one run.
type Options struct {
	Config   *site.Config
	DryRun   bool
	Withdraw bool   // permit taking back more than two posts, or all
	Drafts   bool   // preview only: with Output set elsewhere
	Future   bool   // preview only
	Lint     bool   // also warn of what no page depends on: heading order, weights, moved addresses, dead links within the site
	External bool   // also list the links to other sites: publisher asks none of them
	Announce bool   // false: posts that are new in this run are Silent (default true is set by callers)
	Output   string // "" = Config.Publish.Output
	// LiveReload is the path of an event stream that pages of a preview listen to; "" for a real site.
	LiveReload string
	Now        time.Time // zero = time.Now()
	// Thread gives the comments that a preview shows under a post, nil for none. May be nil: then those of comments/. A thread that it gives
	// again must still say the same.
	Thread func(p *Post) *activitypub.Thread
	// Settle is how long the folders must be quiet before Watch builds; 0 is 100 ms.
	Settle time.Duration
	// Progress is told what is being done, at most some times a second; may be nil.
	Progress func(stage string, done, total int)
	// Previous finds the published list where the output folder has none (a clean checkout): that of the live site, nil if
	// there is no such site yet. May be nil: then nothing was published before.
	Previous func() (*site.PublishedList, error)
	// Resolve finds the account of a handle, "user@host" in lower case. It is asked for handles in the posts that .cache/ does not
	// know; may be nil: then only those that it knows are mentioned.
	Resolve func(ctx context.Context, handle string) (Mentioned, error)
	// Encoders gives what writes pictures in formats that need fewer bytes, for browsers that know them. It is asked once, where a page
	// shows a picture; may be nil: then pages have JPEG and PNG alone.
	Encoders func() []pictures.Encoder
}

// Publish builds the site. Faults in the content come back as site.Diagnostics (all of them, nothing written);
// ErrWithdraw when posts would be taken back without leave; any other error is the machine's.
func Publish(ctx context.Context, o Options) (Report, error) {
	r, _, err := publish(ctx, o, nil)
	return r, err
}

// run makes the site as of b.now.
func (b *build) run(ctx context.Context, before *memory) (r Report, err error) {
	b.recollect(before)
	// The output folder is listed, and the templates are read, while the content is.
	around := make(chan error, 2)
	go func() { around <- b.lookAround() }()
	go func() { around <- b.readTemplates() }()
	err = b.gather(ctx)
	if err := together(err, <-around, <-around); err != nil {
		return b.report(), err
	}
	return b.finish(ctx)
}

// gather reads and renders all content. Its faults come back together.
func (b *build) gather(ctx context.Context) (err error) {
	b.progress("Checking", 0, 0)
	if err := b.scan(ctx); err != nil {
		return err
	}
	if b.previous, err = b.readList(); err != nil {
		return err
	}
	b.before = map[string]site.PublishedPost{}
	for _, e := range b.previous.Posts {
		b.before[e.ID] = e
	}
	b.nameKeys()
	b.checkKeys()
	b.arrange()
	b.translate()
	b.shelve()
	b.checkPaths()
	if err := b.readData(); err != nil {
		return err
	}
	b.readEmoji()
	b.checkGroup()
	b.checkMenu()
	if b.codes, err = b.readShortcodes(); err != nil {
		return err
	}
	if err := b.renderAll(ctx); err != nil {
		return err
	}
	if err := b.preparePictures(ctx, slices.Concat(b.posts, b.pages)); err != nil {
		return err
	}
	if b.options.Lint {
		b.lint()
		b.lintHeld()
	}
	return b.errors()
}

// errors gives the faults, in the order of the files, if one of them is an error.
func (b *build) errors() error {
	slices.SortStableFunc(b.faults, func(x, y site.Diagnostic) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Col, y.Col))
	})
	if b.faults.Errors() > 0 {
		return b.faults
	}
	return nil
}

func (b *build) fault(d site.Diagnostic) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, d)
}

// checkKeys refuses two posts with one id: followers could not tell them apart.
func (b *build) checkKeys() {
	first := map[string]*Post{}
	for _, p := range b.sources() {
		k := strings.ToLower(p.Key)
		other, ok := first[k]
		if !ok {
			first[k] = p
			continue
		}
		at := p.at("id")
		b.fault(site.Diagnostic{Severity: site.Error, Code: codeSameKey, File: b.shown(p.File), Line: at.line, Col: at.col, Width: at.width, Excerpt: excerpt(b.source(p), at.line),
			Message: fmt.Sprintf("%s and %s have the same id %q", b.shown(other.File), b.shown(p.File), p.Key), Help: "an id belongs to one post for ever: remove the one that was copied"})
	}
}

// finish makes the site and swaps it in.
func (b *build) finish(ctx context.Context) (Report, error) {
	r := b.report()
	if err := b.dress(); err != nil {
		return r, err
	}
	list, err := b.list()
	if err != nil {
		return r, err
	}
	if err := b.planPages(); err != nil {
		return r, err
	}
	b.planFeeds()
	b.planFiles()
	b.planEncoded()
	b.planEmoji()
	b.planSeries()
	b.planMap()
	if err := b.wellKnown(); err != nil {
		return r, err
	}
	if err := b.planHost(); err != nil {
		return r, err
	}
	b.checkFolders()
	if b.options.Lint {
		if err := b.lintLinks(); err != nil {
			return r, err
		}
	}
	if b.options.External {
		if r.External, err = b.external(); err != nil {
			return r, err
		}
	}
	if err := b.errors(); err != nil {
		return r, err
	}
	r.Diagnostics = b.faults
	gone := b.leftovers()
	changed, err := b.stage(ctx)
	if err != nil {
		return r, err
	}
	published, err := b.newList(list)
	if err != nil {
		return r, err
	}
	if err := b.unmoved(); err != nil {
		return r, err
	}
	b.describe(&r, changed, gone, published)
	if b.options.DryRun {
		return r, nil
	}
	for _, name := range b.stages {
		_ = b.output.RemoveAll(name)
	}
	if err := ctx.Err(); err != nil {
		return r, err
	}
	// What is remembered holds only for files that are as they were staged, so it may be written while they are renamed.
	remembered := make(chan error, 1)
	go func() { remembered <- b.remember() }()
	b.wrote, b.dropped, b.published = changed, gone, published
	err = b.commit(changed, gone, published)
	if err != nil {
		err = fmt.Errorf("writing the site: %w", err)
	}
	return r, cmp.Or(err, <-remembered)
}

// newList is the list's file, nil if it would say the same as before.
func (b *build) newList(list *site.PublishedList) ([]byte, error) {
	if _, err := b.output.Lstat(site.PublishedFile); err == nil && b.print(list) == b.print(b.previous) {
		return nil, nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return writeList(list)
}

// remember saves what the next run can use, if it is anything new.
func (b *build) remember() error {
	for _, p := range b.sources() {
		m := *b.notes[p]
		b.next.Sources[p.File] = m
	}
	if err := b.keepAccounts(); err != nil {
		return err
	}
	if b.next.same(b.memory) {
		b.next.Written = b.memory.Written
		return nil
	}
	b.next.Written = time.Now().UnixNano()
	if err := b.cache.save(b.next); err != nil {
		return err
	}
	b.cache.forget(b.memory, b.next)
	b.encoding.forget()
	return nil
}
