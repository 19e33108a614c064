// Package publisher turns content/ into public/: Markdown becomes pages, feeds and, for followers, one Activity Streams
// document a post, with a list of them all.
//
// A site's folder comes in; whole files go out, and a Report. It knows no database, no key and no network: delivery takes days
// and belongs to the daemon, which reads the list when it changes (outbox/reconcile.go).
//
// A run is one line: scan (every front matter, every fault), render (Markdown that changed), plan (every file of the site, each
// with a hash of all that its bytes depend on), stage (make and write beside the site what differs), commit (rename, remove, the
// list last). Up to commit nothing that a reader sees is touched. What a run learns is kept in .cache/ and only ever saves work.
package publisher

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
	"github.com/yuin/goldmark"
	"golang.org/x/sync/errgroup"
)

// Options of one run.
type Options struct {
	Config   *site.Config
	DryRun   bool
	Withdraw bool   // permit taking back more than two posts, or all
	Drafts   bool   // preview only: with Output set elsewhere
	Future   bool   // preview only
	Announce bool   // false: posts that are new in this run are Silent (default true is set by callers)
	Output   string // "" = Config.Publish.Output
	// LiveReload is the path of an event stream that pages of a preview listen to; "" for a real site.
	LiveReload string
	Now        time.Time // zero = time.Now()
	// Progress is told what is being done, at most some times a second; may be nil.
	Progress func(stage string, done, total int)
	// Previous finds the published list where the output folder has none (a clean checkout): that of the live site, nil if
	// there is no such site yet. May be nil: then nothing was published before.
	Previous func() (*site.PublishedList, error)
}

// Report is what a run did, for people (cmd/publish prints it) and --json.
type Report struct {
	Posts, Pages int
	Changed      int // content files rendered
	Unchanged    int
	Files, Bytes int // written
	Removed      int // files
	Changes      []Change
	HeldBack     []Held
	Diagnostics  site.Diagnostics // warnings; errors come as the error
	Elapsed      time.Duration
	Nothing      bool // nothing to publish: not a byte was written
}

// Change is one line of the diff. Mark is "+", "~" or "-".
type Change struct {
	Mark string `json:"mark"`
	Path string `json:"path"` // "/posts/x/"
	Note string `json:"note"` // "new post", "text (12 words), federated update", "listing"
	// Federated is what followers will get: "Create", "Update", "Delete" or "".
	Federated string `json:"federated,omitempty"`
	ID        string `json:"id,omitempty"`
}

// Held is a post that was not published, and why.
type Held struct {
	File string `json:"file"` // relative to content
	Why  string `json:"why"`  // "draft: true", "scheduled 1 Dec 2026 09:00 CET, in 9 days", "expired …"
	Flag string `json:"flag"` // what includes it: "publish preview --drafts"
}

// Publish builds the site. Faults in the content come back as site.Diagnostics (all of them, nothing written);
// ErrWithdraw when posts would be taken back without leave; any other error is the machine's.
func Publish(ctx context.Context, o Options) (Report, error) {
	r, _, err := publish(ctx, o, nil)
	return r, err
}

// publish is Publish for callers that run again: it gives back what it learnt.
func publish(ctx context.Context, o Options, before *memory) (r Report, after *memory, err error) {
	start := time.Now()
	b := newBuild(o)
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.begin(ctx, before); err != nil {
		return r, nil, err
	}
	if err := b.gather(ctx); err != nil {
		return r, nil, err
	}
	r, err = b.finish(ctx)
	r.Elapsed = time.Since(start)
	return r, b.next, err
}

// build is one run.
type build struct {
	options   Options
	config    *site.Config
	addresses site.Addresses
	now       time.Time
	workers   int
	closers   []io.Closer

	site    *os.Root // the folder of config.toml
	content *os.Root
	output  *os.Root
	cache   *cache
	memory  *memory // of the last run
	next    *memory // of this one

	all    []*Post // every post and page, newest first
	byFile map[string]*Post
	files  map[string]*file
	notes  map[*Post]*remembered
	faults site.Diagnostics
	mu     sync.Mutex // guards faults

	previous  *site.PublishedList
	before    map[string]site.PublishedPost // its posts, by id
	federated map[*Post]string              // "Create" or "Update"

	posts, pages []*Post // that are out
	tags         map[string]*tag
	tagNames     []*tag
	series       map[string][]*Post
	place        map[*Post]int
	scores       []float64 // of related, by place; zero between posts

	markdownOnce func() goldmark.Markdown
	templates    *template.Template
	look         string // hash of all templates
	blogData     templates.Blog
	blogPrint    [32]byte
	cards        map[*Post]card
	standing     map[string]stamp // what is in the output folder
	outputs      map[string]output

	stageOnce  sync.Once
	stages     []string // that killed runs left
	stageDir   string
	stageErr   error
	stageCount atomic.Int64
	syncLater  bool
	changes    []Change
	rendered   int
	ticked     atomic.Int64
}

func newBuild(o Options) *build {
	b := &build{
		options: o, config: o.Config, addresses: o.Config.Addresses(), now: o.Now, workers: max(2, runtime.GOMAXPROCS(0)),
		cards: map[*Post]card{}, notes: map[*Post]*remembered{}, federated: map[*Post]string{}, outputs: map[string]output{},
	}
	if b.now.IsZero() {
		b.now = time.Now()
	}
	b.now = b.now.In(o.Config.Location())
	b.markdownOnce = sync.OnceValue(func() goldmark.Markdown { return newMarkdown(len(o.Config.Authors) <= 1) })
	return b
}

// begin opens the folders, waits for a run that is under way, and remembers the last one.
func (b *build) begin(ctx context.Context, before *memory) (err error) {
	if b.site, err = b.openRoot(b.config.Dir); err != nil {
		return err
	}
	if b.content, err = b.openRoot(b.config.Path(b.config.Publish.Content)); err != nil {
		return fmt.Errorf("opening the content folder: %w", err)
	}
	if err := b.openOutput(); err != nil {
		return err
	}
	if err := b.openCache(ctx); err != nil {
		return err
	}
	id := program(b.config)
	if b.memory = before; before == nil || before.Program != id {
		b.memory = b.cache.load(id)
	}
	if b.memory.bodies != nil {
		b.cache.bodies = b.memory.bodies
	}
	if b.memory.Output != b.outputDir() {
		b.memory.Outputs = map[string]outputFact{}
	}
	b.next = newMemory(id)
	b.next.Output, b.next.bodies = b.outputDir(), b.cache.bodies
	return nil
}

func (b *build) openRoot(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if err == nil {
		b.closers = append(b.closers, root)
	}
	return root, err
}

// openCache uses .cache/ for a real run. A dry run writes nothing, and a preview into another folder must not replace what the
// real run remembers.
func (b *build) openCache(ctx context.Context) error {
	b.cache = &cache{bodies: map[string]bodies{}}
	dir := b.config.Path(".cache")
	if b.options.DryRun {
		b.cache.from = dir
		return nil
	}
	if b.options.Output != "" && b.config.Path(b.options.Output) != b.config.Path(b.config.Publish.Output) {
		b.cache.from = dir
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	b.cache.dir, b.cache.from = dir, dir
	unlock, err := lock(ctx, filepath.Join(dir, "lock"), func() { b.progress("Waiting for another publish", 0, 0) })
	if err != nil {
		return err
	}
	b.closers = append(b.closers, unlock)
	return nil
}

func (b *build) close() error {
	if b.stageDir != "" {
		_ = b.output.RemoveAll(b.stageDir)
	}
	var errs []error
	for _, c := range slices.Backward(b.closers) {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
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
	if err := b.renderAll(ctx); err != nil {
		return err
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
	for _, p := range b.all {
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

// shows tells whether a preview includes a post that is held back.
func (b *build) shows(p *Post) bool {
	return b.options.Drafts && (p.State == draft || p.State == empty) || b.options.Future && p.State == scheduled
}

// renderAll renders every post that is out and not remembered.
func (b *build) renderAll(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(b.workers)
	for _, p := range slices.Concat(b.posts, b.pages) {
		n := b.notes[p]
		if r := n.Rendering; r != nil && r.Blob != "" && b.stands(p, r) {
			b.mu.Lock()
			b.faults = append(b.faults, r.Faults...)
			b.mu.Unlock()
			continue
		}
		b.rendered++
		g.Go(func() error {
			_, err := b.renderPost(ctx, p)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, p := range slices.Concat(b.posts, b.pages) {
		b.checkLead(p)
	}
	return nil
}

// stands tells whether all that a remembered rendering says about other files is still so.
func (b *build) stands(p *Post, r *rendering) bool {
	for _, u := range r.Uses {
		if b.resolve(p, u.Ref, u.Picture).value() != u.Value {
			return false
		}
	}
	return r.For == b.subject(p)
}

// subject is what a post's HTML depends on besides its source and the files that it names.
func (b *build) subject(p *Post) string { return p.Key + " " + p.Path }

// renderPost renders one post and keeps the result.
func (b *build) renderPost(ctx context.Context, p *Post) (bodies, error) {
	src := b.source(p)
	body, err := splitFrontMatter(src)
	if err != nil {
		return bodies{}, nil // its fault is noted already
	}
	r := &rendered{post: p, source: []byte(body.body), line: body.bodyLine, all: src, file: b.shown(p.File), resolve: b.resolve}
	done, err := render(ctx, b.markdownOnce(), r)
	if err != nil {
		return bodies{}, err
	}
	for _, d := range done.Faults {
		b.fault(d)
	}
	page := b.pageURL(p)
	t := bodies{page: colour(r.html), feed: translate(page, r.html, feeding), federated: translate(page, r.html, federated)}
	done.For = b.subject(p)
	sum := b.print(done, t.page, t.feed, t.federated)
	done.Blob = fmt.Sprintf("%x", sum[:16])
	b.mu.Lock()
	b.notes[p].Rendering = done
	b.mu.Unlock()
	return t, b.cache.put(done.Blob, t)
}

// bodies gives a post's HTML: from memory, from .cache/, or rendered again where that was lost.
func (b *build) bodies(p *Post) (bodies, error) {
	b.mu.Lock()
	r := b.notes[p].Rendering
	b.mu.Unlock()
	if t, ok := b.cache.get(r.Blob); ok {
		return t, nil
	}
	return b.renderPost(context.Background(), p)
}

// source is a post's file, with LF line ends.
func (b *build) source(p *Post) string {
	data, err := b.readSource(p.File)
	if err != nil {
		return ""
	}
	return normal(data)
}

// markdown is the post's text below its front matter.
func (b *build) markdown(p *Post) string {
	body, err := splitFrontMatter(b.source(p))
	if err != nil {
		return ""
	}
	return strings.TrimLeft(body.body, "\n")
}

// checkLead notes a lead picture that is not there, and one without a description.
func (b *build) checkLead(p *Post) {
	if p.Image.Src == "" {
		return
	}
	at := p.at("image")
	d := site.Diagnostic{File: b.shown(p.File), Line: at.line, Col: at.col, Width: at.width, Excerpt: excerpt(b.source(p), at.line)}
	if v := b.resolve(p, p.Image.Src, true); v.fault != "" {
		d.Severity, d.Code, d.Message, d.Help = v.severity, v.code, v.fault, v.help
		b.fault(d)
	} else if p.Image.Alt == "" {
		d.Severity, d.Code, d.Message, d.Help = site.Warning, codeAlt, "image has no description", `write image = {src = "…", alt = "A map of the harbour"}`
		b.fault(d)
	}
}

// finish makes the site and swaps it in.
func (b *build) finish(ctx context.Context) (Report, error) {
	r := b.report()
	if err := b.dress(); err != nil {
		return r, err
	}
	if err := b.lookAround(); err != nil {
		return r, err
	}
	list, err := b.list()
	if err != nil {
		return r, err
	}
	b.planPages()
	b.planFeeds()
	b.planFiles()
	b.planMap()
	if err := b.errors(); err != nil {
		return r, err
	}
	gone := b.leftovers()
	b.syncLater = canSyncAll && len(b.memory.Outputs) == 0
	changed, err := b.stage(ctx)
	if err != nil {
		return r, err
	}
	published, err := b.newList(list)
	if err != nil {
		return r, err
	}
	b.describe(&r, changed, gone, published)
	if b.options.DryRun {
		return r, nil
	}
	for _, name := range b.stages {
		_ = b.output.RemoveAll(name)
	}
	if err := b.commit(changed, gone, published); err != nil {
		return r, fmt.Errorf("writing the site: %w", err)
	}
	return r, b.remember()
}

// newList is the list's file, nil if it would be the same as before.
func (b *build) newList(list *site.PublishedList) ([]byte, error) {
	data, err := writeList(list)
	if err != nil {
		return nil, err
	}
	if old, err := b.output.ReadFile(site.PublishedFile); err == nil && string(old) == string(data) {
		return nil, nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return data, nil
}

// remember saves what the next run can use, if it is anything new.
func (b *build) remember() error {
	for _, p := range b.all {
		m := *b.notes[p]
		b.next.Sources[p.File] = m
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
	return nil
}

func (b *build) report() Report {
	r := Report{Changed: b.rendered, Diagnostics: b.faults}
	for _, p := range b.all {
		switch {
		case p.Page:
			r.Pages++
		default:
			r.Posts++
		}
		if p.State != live && !b.shows(p) {
			r.HeldBack = append(r.HeldBack, Held{File: p.File, Why: p.Why, Flag: flagOf(p.State)})
		}
	}
	r.Unchanged = len(b.all) - len(r.HeldBack) - r.Changed
	return r
}

func flagOf(state string) string {
	switch state {
	case draft, empty:
		return "publish preview --drafts"
	case scheduled:
		return "publish preview --future"
	}
	return ""
}

// describe adds to the report what was written and removed.
func (b *build) describe(r *Report, changed []staged, gone []string, published []byte) {
	for _, s := range changed {
		r.Files++
		r.Bytes += s.size
		if c, ok := b.line(s); ok {
			r.Changes = append(r.Changes, c)
		}
	}
	withdrawn := map[string]bool{}
	for _, c := range b.changes {
		withdrawn[outputPath(c.Path)] = true
	}
	for _, name := range gone {
		if strings.HasSuffix(name, ".html") && !withdrawn[name] {
			r.Changes = append(r.Changes, Change{Mark: "-", Path: "/" + strings.TrimSuffix(name, "index.html"), Note: "removed"})
		}
	}
	r.Changes = append(r.Changes, b.changes...)
	r.Removed = len(gone)
	if published != nil {
		r.Files++
		r.Bytes += len(published)
	}
	r.Nothing = r.Files == 0 && r.Removed == 0
	b.unannounced(r)
}

// line describes a changed page.
func (b *build) line(s staged) (Change, bool) {
	c := Change{Mark: "~", Path: "/" + strings.TrimSuffix(s.path, "index.html")}
	if s.new {
		c.Mark = "+"
	}
	switch {
	case s.post != nil:
		c.Note, c.Federated = b.note(s), b.federated[s.post]
		if c.Federated != "" {
			c.ID = b.addresses.Post(s.post.Key)
		}
		if c.Federated == "Update" {
			c.Note += ", federated update"
		}
	case s.alias != nil:
		c.Note = "redirect"
	case s.class == listings && strings.HasSuffix(s.path, ".html") && !strings.Contains(s.path, "page/"):
		c.Note = "listing"
	default:
		return c, false
	}
	return c, true
}

func (b *build) note(s staged) string {
	kind := "post"
	if s.post.Page {
		kind = "page"
	}
	old, known := b.memory.Sources[s.post.File]
	now := b.notes[s.post]
	switch {
	case s.new:
		return "new " + kind
	case known && old.Sum == now.Sum:
		return "around the text"
	case known && old.Rendering != nil && old.Rendering.Words != now.Rendering.Words:
		n := now.Rendering.Words - old.Rendering.Words
		return "text (" + plural(max(n, -n), "word") + ")"
	}
	return "text"
}

// unannounced adds updates of posts whose page is the same: a changed content warning, say.
func (b *build) unannounced(r *Report) {
	for _, p := range b.posts {
		id := b.addresses.Post(p.Key)
		if f := b.federated[p]; f != "" && !slices.ContainsFunc(r.Changes, func(c Change) bool { return c.ID == id }) {
			r.Changes = append(r.Changes, Change{Mark: "~", Path: p.Path, Note: "for followers", Federated: f, ID: id})
		}
	}
}

func (b *build) change(c Change) { b.changes = append(b.changes, c) }

// progress passes on what is being done, at most twenty times a second.
func (b *build) progress(stage string, done, total int) {
	if b.options.Progress == nil {
		return
	}
	now := time.Now().UnixNano()
	if last := b.ticked.Load(); done != total && now-last < int64(50*time.Millisecond) || !b.ticked.CompareAndSwap(last, now) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.options.Progress(stage, done, total)
}
