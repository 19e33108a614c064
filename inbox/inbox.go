// Package inbox is what arrives, and how it shows: the daemon's http.Handler. Requests come in; followers, comments and
// withdrawals go to the store, Accepts to the outbox, pages and documents to readers and peers.
//
// receive.go is the door: every check on a foreign activity stands there, before any other code sees it. Behind it there is
// one file for each kind of word received (follow.go, reply.go, reaction.go, withdraw.go), and there is no queue: once the
// signature is good an activity is one transaction, and the answer is 202 after its commit. What needs a further fetch becomes a
// durable errand (errand.go) that a later round does.
//
// It knows nothing of Markdown and themes, and it opens no connection itself: activitypub/remote does.
package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/inbox/comments"
	"github.com/postil-blog/postil/inbox/profile"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// Options of an Inbox. Config, Store, Client, Outbox and Keys are needed, the others have defaults.
type Options struct {
	Config *site.Config
	Store  *store.Store
	Client *remote.Client
	Outbox *outbox.Outbox
	Keys   map[string]signature.Key // by actor id: the blog's, the instance's
	// Multikeys are what our actors list as assertionMethod (FEP-521a), by actor id.
	Multikeys map[string][]activitypub.Multikey
	Admin     http.Handler     // mounted at /admin/; nil: there is no such page
	Now       func() time.Time // default time.Now
	Log       *slog.Logger     // default slog.Default()
	Version   string
	Stopping  <-chan struct{} // closed when the daemon is told to stop; nil: never
}

// Inbox answers everything that inboxd serves. It is safe for concurrent use.
type Inbox struct {
	o       Options
	address site.Addresses
	actors  []site.Actor // those that can be followed
	proxies []netip.Prefix
	mux     *http.ServeMux
	account *profile.Profile
	limits  *limits
	callers *lru[caller]
	asked   *lru[answered]     // servers of readers, by account
	flights singleflight.Group // fetches of actors and pictures under way
	decode  chan struct{}      // one picture is decoded at a time: a decoded one takes tens of megabytes
	wake    chan struct{}

	pictures *turns // fetches of them

	// unwrap is provenInside: a field, because the table of verbs leads to it and it leads to the table.
	unwrap func(ctx context.Context, l *letter, a *activitypub.Object) (change effect, proven bool, err error)
}

// New wires the rooms. An error is a fault of the configuration or of a key.
func New(o Options) (*Inbox, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	i := &Inbox{
		o: o, address: o.Config.Addresses(), actors: o.Config.Actors(), limits: newLimits(), callers: newLRU[caller](maxCallers), asked: newLRU[answered](keptAnswers),
		decode: make(chan struct{}, 1), wake: make(chan struct{}, 1), pictures: newTurns(picturesAtOnce, picturesOfOne),
	}
	i.unwrap = i.provenInside
	for _, s := range o.Config.Inboxd.TrustedProxies {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("reading inboxd.trusted_proxies: %w", err)
		}
		i.proxies = append(i.proxies, p)
	}
	return i, i.routes()
}

// routes is the daemon's contents page. The pages have a mux of their own, so that no pattern of theirs meets one of ours.
func (i *Inbox) routes() error {
	files := siteFiles(i.o.Config)
	keys, ids := map[string]string{}, map[string]string{}
	for id, k := range i.o.Keys {
		pem, err := signature.PublicPEM(k.Private)
		if err != nil {
			return fmt.Errorf("reading the key of %s: %w", id, err)
		}
		keys[id], ids[id] = pem, k.ID
	}
	pages, err := comments.New(comments.Options{Config: i.o.Config, Store: i.o.Store, Site: files, Now: i.o.Now, Log: i.o.Log, Subscribe: i.subscribe, Stopping: i.o.Stopping})
	if err != nil {
		return fmt.Errorf("preparing the comments: %w", err)
	}
	i.account = profile.New(profile.Options{
		Config: i.o.Config, Store: i.o.Store, Site: files, PublicKeys: keys, PublicKeyIDs: ids, Multikeys: i.o.Multikeys,
		Prove: i.o.Outbox.Prove, Version: i.o.Version, Now: i.o.Now, Log: i.o.Log,
	})

	mux, front, base := http.NewServeMux(), http.NewServeMux(), i.address.FederationBasePath()
	i.account.Register(mux)                       // actor, collections, posts, WebFinger, NodeInfo
	mux.HandleFunc(base+"/ap/inbox", i.receive)   // the door
	mux.HandleFunc(base+"/media/{hash}", i.media) // pictures of others
	mux.HandleFunc(base+"/webmention", i.webmention)
	mux.HandleFunc(base+"/api/v1/reconcile", i.publisher(i.reconcile))
	mux.HandleFunc(base+"/api/v1/undo", i.publisher(i.recall))
	mux.HandleFunc(base+"/api/v1/replies", i.writeReply)
	mux.HandleFunc(base+"/api/v1/replies/{key}", i.withdrawReply)
	mux.HandleFunc("/healthz", i.healthz)
	mux.HandleFunc("/readyz", i.readyz)
	if i.o.Admin != nil {
		mux.Handle(base+"/admin/", i.o.Admin)
	}
	pages.Register(front) // the site with its comments, the thread API, /interact
	mux.Handle("/", i.account.Named(front))
	mux.Handle(i.address.BasePath()+"/"+site.PublishedFile, front) // beneath /ap/, and yet a file: publish reads it on a clean checkout
	i.mux = mux
	return nil
}

// policy is the Content-Security-Policy of every page that inboxd serves; a handler that needs another one sets it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// ServeHTTP is the daemon's front. Its time limits belong to the http.Server around it.
func (i *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", policy)
	i.mux.ServeHTTP(w, r)
}

// publisher lets a POST through that bears a token with the scope publish.
func (i *Inbox) publisher(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			notAllowed(w, http.MethodPost)
			return
		}
		if i.permitted(w, r, "publish") {
			next(w, r)
		}
	}
}

// reconcile asks the outbox to read the published list now.
func (i *Inbox) reconcile(w http.ResponseWriter, _ *http.Request) {
	i.o.Outbox.Wake()
	w.WriteHeader(http.StatusAccepted)
}

// recall stops what has not left yet of what was told last. It answers with a list of outbox.Undone; ?dry_run=1 changes nothing.
func (i *Inbox) recall(w http.ResponseWriter, r *http.Request) {
	list, err := i.o.Outbox.UndoNow(r.Context(), r.URL.Query().Get("dry_run") == "1")
	if err != nil {
		i.o.Log.Error("recalling what was told last", "error", err)
		http.Error(w, "it could not be recalled", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"v": 1, "posts": append([]outbox.Undone{}, list...)})
}

// permitted tells whether a request bears a token with one of the scopes, and answers itself where it does not.
func (i *Inbox) permitted(w http.ResponseWriter, r *http.Request, scopes ...string) bool {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	scope, err := "", store.ErrNotFound
	if strings.EqualFold(scheme, "Bearer") && secret != "" {
		scope, err = i.o.Store.Token(r.Context(), strings.TrimSpace(secret))
	}
	switch {
	case err != nil:
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "a token is needed", http.StatusUnauthorized)
	case !slices.ContainsFunc(scopes, func(s string) bool { return hasScope(scope, s) }):
		http.Error(w, "the token has not the scope "+strings.Join(scopes, " or "), http.StatusForbidden)
	default:
		return true
	}
	return false
}

// hasScope tells whether a list of scopes, separated by commas or blanks, names one.
func hasScope(list, scope string) bool {
	for s := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if s == scope {
			return true
		}
	}
	return false
}

// healthz answers as long as the process serves.
func (i *Inbox) healthz(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") }

// readyz answers 200 when the store can be read.
func (i *Inbox) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if _, err := i.o.Store.Blocks(ctx); err != nil {
		i.o.Log.Error("reading the store", "error", err)
		http.Error(w, "the store cannot be read", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// notAllowed refuses a method.
func notAllowed(w http.ResponseWriter, allow string) {
	w.Header().Set("Allow", allow)
	http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
}

// siteFiles is the folder that publish writes. Where the site lies on another server there is none: peers then get what the
// ledger holds. The folder is opened by path at each read, because publish may swap it as a whole.
func siteFiles(c *site.Config) fs.FS {
	dir := cmp.Or(c.Inboxd.Site, c.Publish.Output)
	if strings.Contains(dir, "://") {
		return nowhere{}
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(c.Dir, dir)
	}
	return os.DirFS(dir)
}

// nowhere is a file system without files.
type nowhere struct{}

func (nowhere) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
