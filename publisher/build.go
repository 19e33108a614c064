package publisher

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postil-blog/postil/publisher/data"
	"github.com/postil-blog/postil/publisher/mathml"
	"github.com/postil-blog/postil/publisher/ogcard"
	"github.com/postil-blog/postil/publisher/pictures"
	"github.com/postil-blog/postil/publisher/seal"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
	"github.com/yuin/goldmark"
)

// build is one run.
type build struct {
	options   Options
	config    *site.Config
	addresses site.Addresses
	now       time.Time
	workers   int
	releases  bool // of a moment to come, beside a real run
	closers   []io.Closer

	site     *os.Root // the folder of config.toml
	content  *os.Root
	output   *os.Root
	cache    *cache
	accounts *accounts
	memory   *memory // of the last run
	next     *memory // of this one

	setting surroundings
	inputs  []seal.Mark // of the content folder
	linked  bool        // something in it is a link
	broken  *brokenSeal // of the last run, nil where it says too little
	left    []seal.Mark // the output folder as the last run left it, none where that is not known
	folders []string    // of the output folder, before anything was written

	all     []*Post // every post and page, newest first
	replies []*Post // the owner's replies, newest first
	byFile  map[string]*Post
	files   map[string]*file
	emoji   map[string]customEmoji // by name
	notes   map[*Post]*remembered
	faults  site.Diagnostics
	mu      sync.Mutex // guards faults

	readings readings
	decoding sync.Mutex // held while a picture is decoded
	encoding encoding
	dresses  map[*Post]map[string]pictures.Dress // what pages add to pictures, by their addresses

	previous  *site.PublishedList
	before    map[string]site.PublishedPost // its posts, by id
	federated map[*Post]string              // "Create" or "Update"

	posts, pages []*Post // that are out
	answers      []*Post // replies that are out
	tags         map[string]*tag
	tagNames     []*tag
	tagged       map[*Post][]*tag  // in the order of the front matter
	authors      map[string]*shelf // by authorKey
	volumes      map[string]*shelf // the series, by seriesKey
	homes        map[string]*shelf // by language, in lower case; none where there is one language
	place        map[*Post]int
	pulled       map[string]bool   // names in comments/
	translations map[*Post][]*Post // by language
	posters      map[*Post]string  // path of the preview picture that is drawn for a post
	drawer       ogcard.Drawer
	nearest      map[*Post][]templates.Link

	markdowns    map[string]goldmark.Markdown // by style of quotation marks
	markdownLock sync.Mutex
	codes        *shortcodes
	wikis        func() *wikis // the names that wikilinks know
	math         *mathml.Typesetter
	templates    *template.Template
	look         string           // hash of all templates
	asks         bool             // one of them asks for data
	depths       map[string]depth // how much of posts they show, by name
	blogData     templates.Blog
	data         data.Set
	menus        map[string][]templates.Link // by language
	scripts      map[string]scripts          // by language
	blogPrint    [32]byte
	feedStyle    string // path of the style sheet of feeds, "" where the theme has none
	cards        map[*Post]*card
	standing     map[string]stamp // what is in the output folder
	outputs      map[string]output
	planned      sync.Mutex // guards outputs

	stageOnce  sync.Once
	stages     []string // that killed runs left
	stageDir   string
	stageErr   error
	stageCount atomic.Int64
	changes    []Change
	silenced   []Held
	wrote      []staged       // of this run, in the order in which they were put into place
	dropped    []string       // files that this run removed
	only       map[*Post]bool // of an edit: the posts whose lists are planned; nil for all
	thaw       func(p *Post)  // of an edit: reads what is remembered of a post
	published  []byte         // the new list; nil if it says what the last one said
	rendered   int

	tick     sync.Mutex // guards what progress keeps
	ticked   time.Time
	stageNow string
}

func newBuild(o Options) *build {
	b := &build{
		options: o, config: o.Config, addresses: o.Config.Addresses(), now: o.Now, workers: max(2, runtime.GOMAXPROCS(0)),
		cards: map[*Post]*card{}, tagged: map[*Post][]*tag{}, notes: map[*Post]*remembered{}, federated: map[*Post]string{}, dresses: map[*Post]map[string]pictures.Dress{}, outputs: map[string]output{},
	}
	if b.now.IsZero() {
		b.now = time.Now()
	}
	b.now = b.now.In(o.Config.Location())
	b.markdowns, b.codes, b.wikis = map[string]goldmark.Markdown{}, &shortcodes{}, sync.OnceValue(b.wikiNames)
	b.math = mathml.New(b.workers)
	b.closers = append(b.closers, b.math)
	return b
}

// open opens the folders, and waits for a run that is under way.
func (b *build) open(ctx context.Context) (err error) {
	if b.site, err = b.openRoot(b.config.Dir); err != nil {
		return err
	}
	if b.content, err = b.openRoot(b.config.Path(b.config.Publish.Content)); err != nil {
		return fmt.Errorf("opening the content folder: %w", err)
	}
	if err := b.openOutput(); err != nil {
		return err
	}
	return b.openCache(ctx)
}

// begin is open and recollect.
func (b *build) begin(ctx context.Context, before *memory) error {
	err := b.open(ctx)
	if err == nil {
		b.recollect(before)
	}
	return err
}

// recollect remembers the last run.
func (b *build) recollect(before *memory) {
	b.encoding = encoding{
		store: pictures.Store{Dir: filepath.Join(b.cache.from, "pictures")}, runs: b.cache.dir != "" || b.releases, used: map[string]bool{},
	}
	b.accounts = readAccounts(b.cache.mentions())
	id := program(b.config)
	if b.memory = before; before == nil || before.Program != id {
		b.memory = b.cache.load(id)
	}
	if b.memory.bodies != nil {
		b.cache.adopt(b.memory.bodies)
	}
	threads := b.memory.threads
	if threads == nil {
		threads = new(sync.Map)
	}
	if b.memory.Output != b.outputDir() {
		b.memory.Outputs = map[string]outputFact{}
	}
	b.next = newMemory(id)
	b.next.Output, b.next.bodies = b.outputDir(), b.cache.bodies
	b.next.threads = threads
	b.progress("Comparing", 0, len(b.memory.Sources))
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
	b.cache.dir, b.cache.from = dir, dir
	unlock, err := b.config.Lock(ctx, func() { b.progress("Waiting for another publish", 0, 0) })
	if err != nil {
		return err
	}
	b.closers = append(b.closers, unlock)
	return nil
}

// clearStage removes what was staged and is not in place.
func (b *build) clearStage() {
	if b.stageDir != "" {
		_ = b.output.RemoveAll(b.stageDir)
	}
}

func (b *build) close() error {
	b.clearStage()
	var errs []error
	for _, c := range slices.Backward(b.closers) {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
