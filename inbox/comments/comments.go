// Package comments shows what the fediverse answered. Requests of readers come in; pages with the thread in their slot, the
// thread as a fragment or as JSON, and the page where a reader says from which server to reply go out.
//
// The published site is served as whole files (serve.go). A page of a post has one slot between two HTML comments, and what
// stands between them is replaced by the thread as the store has it now: readers need no script, and a crawler sees what they
// see. The thread is arranged in thread.go and rendered by the one template that publish bakes threads with.
//
// It refuses to know how the words arrived: it reads the store and writes nothing. It opens no connection; asking a reader's
// server (interact.go) is a function lent by package inbox.
package comments

import (
	"context"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/templates"
)

// Options of Comments.
type Options struct {
	Config *site.Config
	Store  *store.Store
	Site   fs.FS            // the published site (output folder); nil when another server has it
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: none
	// Stopping is closed when the daemon is told to stop: streams end then. nil: never.
	Stopping <-chan struct{}
	// Subscribe asks the server of account ("you@social.example", or "social.example" alone) by WebFinger how it wants to be
	// asked for intent (reply, like, boost, follow, share), and gives an address with placeholders (see Choose). "" means that
	// the server answered and names no such address; an error, that it is no fediverse server. nil: nobody is asked and the
	// address that most servers have is taken.
	Subscribe func(ctx context.Context, account, intent string) (templateURL string, err error)
}

// Comments serves the site with its comments. It is safe for concurrent use.
type Comments struct {
	o         Options
	a         site.Addresses
	templates *template.Template
	cache     *cache
	searching chan struct{} // holds one entry for each search under way
	streams   chan struct{} // and for each reader who listens

	pagePolicy string // the Content-Security-Policy of pages
}

// cacheBytes bounds what is kept of rendered pages: some thousand posts of usual length.
const cacheBytes = 32 << 20

// New makes a Comments. It fails on a fault in the site's own templates, naming file and line.
func New(o Options) (*Comments, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	t, err := templates.Load(ownTemplates(o.Config))
	if err != nil {
		return nil, err
	}
	c := &Comments{o: o, a: o.Config.Addresses(), templates: t, cache: newCache(cacheBytes), searching: make(chan struct{}, searchers), streams: make(chan struct{}, maxStreams)}
	c.pagePolicy = c.o.Config.PagePolicy("'self'")
	return c, nil
}

// ownTemplates is the site's templates/ folder, nil if it has none.
func ownTemplates(c *site.Config) fs.FS {
	if c.Dir == "" {
		return nil
	}
	dir := filepath.Join(c.Dir, "templates")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil
	}
	return os.DirFS(dir)
}

// Register adds the routes: the site's files with slots filled (everything below the site's path that no other route has),
// and, when federation is on, /comments/{key}, /api/v1/thread, /interact and what registerEmbed adds.
func (c *Comments) Register(mux *http.ServeMux) {
	if c.o.Site != nil {
		mux.HandleFunc(c.a.BasePath()+"/", c.serveSite)
		mux.HandleFunc(c.a.BasePath()+"/"+site.PublishedFile, c.serveSite)
	}
	if !c.o.Config.Federation.Enabled {
		return
	}
	base := c.a.FederationBasePath()
	mux.HandleFunc(base+"/comments/{key}", c.serveFragment)
	mux.HandleFunc(base+"/api/v1/thread", c.serveThread)
	mux.HandleFunc(base+"/interact", c.serveInteract)
	mux.HandleFunc(base+"/interact.js", c.serveScript)
	c.registerEmbed(mux, base)
}
