// Package profile is the blog as an account: actors, collections, WebFinger, host-meta, NodeInfo, and the posts' own JSON. Rows of
// the store and files of the published site come in, documents go out; it changes nothing and fetches nothing.
//
// JSON has addresses of its own and never shares one with a page, so that no cache between us and a peer can mix them up: the
// Accept header is not read. While federation is switched off nothing is answered, but that a withdrawn post stays withdrawn.
package profile

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// Options of a Profile. Config and Store are needed.
type Options struct {
	Config     *site.Config
	Store      *store.Store
	Site       fs.FS             // the published site (output folder); nil: posts are told from the ledger
	PublicKeys map[string]string // by actor id: publicKeyPem
	// PublicKeyIDs are the ids of these where they are not an actor's first; Multikeys what an actor lists as assertionMethod (FEP-521a).
	PublicKeyIDs map[string]string
	Multikeys    map[string][]activitypub.Multikey
	// Prove adds the proof of one of our actors to an activity, made at a time (FEP-8b32); nil: none is served.
	Prove   func(actor string, activity []byte, at time.Time) []byte
	Version string
	Now     func() time.Time // default time.Now
	Log     *slog.Logger     // default slog.Default()
}

// Profile answers for the account. It is safe for concurrent use.
type Profile struct {
	o       Options
	address site.Addresses
	actors  []site.Actor // the blog first
	list    listing

	mu    sync.Mutex
	since time.Time // of the oldest post: when the account began
}

// New makes a profile.
func New(o Options) *Profile {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Profile{o: o, address: o.Config.Addresses(), actors: o.Config.Actors()}
}

// Register adds the routes. WebFinger and its like are at the root of the host, wherever the blog is (RFC 8615); the ids begin at
// the path of federation.url.
func (p *Profile) Register(mux *http.ServeMux) {
	base := p.address.FederationBasePath()
	for path, h := range map[string]http.HandlerFunc{
		fingerPath:                       p.webFinger,
		"/.well-known/host-meta":         p.hostMeta,
		"/.well-known/nodeinfo":          p.nodeInfoLinks,
		base + "/nodeinfo/2.0":           p.nodeInfo("2.0"),
		base + "/nodeinfo/2.1":           p.nodeInfo("2.1"),
		base + "/ap/moderators":          p.moderators,
		base + "/ap/activities/{key}":    p.activity,
		base + "/ap/quotes/{key}":        p.quote,
		base + "/ap/posts/{key}":         p.post,
		base + "/ap/posts/{key}/replies": p.ofPost(p.replies),
		base + "/ap/posts/{key}/likes":   p.ofPost(p.likes),
		base + "/ap/posts/{key}/shares":  p.ofPost(p.shares),
		base + "/ap/posts/{key}/context": p.ofPost(p.context),
		base + "/ap/emoji/{name}":        p.emoji,
		base + "/ap/series/{name}":       p.series,
		base + "/ap/":                    p.beneath,
	} {
		mux.Handle(path, p.reading(h))
	}
	for _, actor := range p.actors {
		p.registerActor(mux, base, actor)
	}
	mux.Handle(base+"/ap/instance", p.signing(p.instance))
}

// registerActor adds the routes of one of our actors: itself, its collections and its page.
func (p *Profile) registerActor(mux *http.ServeMux, base string, actor site.Actor) {
	a := p.address
	below := func(id string) string { return base + strings.TrimPrefix(id, a.Origin()+base) }
	mux.Handle(below(actor.ID), p.signing(p.actor(actor)))
	for id, h := range map[string]http.HandlerFunc{
		a.OutboxOf(actor.ID): p.outbox(actor), a.FollowersOf(actor.ID): p.followers(actor), a.FollowingOf(actor.ID): p.following(actor),
		a.FeaturedOf(actor.ID): p.featured(actor), a.TagsOf(actor.ID): p.tags(actor),
	} {
		mux.Handle(below(id), p.reading(h))
	}
	if at := a.ProfileOf(actor); at != a.Home() {
		mux.Handle(below(at), p.reading(p.page))
	}
}

// signing serves an actor, also while federation is off if the blog ever told anybody a post: who is now told to delete it
// fetches the key to see that the blog says so.
func (p *Profile) signing(h http.HandlerFunc) http.Handler {
	closed := p.reading(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.o.Config.Federation.Enabled || r.Method != http.MethodGet && r.Method != http.MethodHead {
			closed.ServeHTTP(w, r)
			return
		}
		if p.retired(w, r) {
			return
		}
		told, err := p.o.Store.Articles(r.Context())
		switch {
		case err != nil:
			p.fail(w, r, err)
		case slices.ContainsFunc(told, func(a store.Article) bool { return a.Announced }):
			h(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// reading lets GET and HEAD through, and keeps everything shut while federation is off, but for post, which sees to that itself.
func (p *Profile) reading(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		case p.retired(w, r): // is answered
		case !p.o.Config.Federation.Enabled && r.PathValue("key") == "":
			http.NotFound(w, r)
		default:
			h(w, r)
		}
	})
}

// serve answers with an Activity Streams document.
func (p *Profile) serve(w http.ResponseWriter, r *http.Request, status int, doc any) {
	p.document(w, r, status, activitypub.ContentType, doc)
}

// document answers with a document of a type. What changes seldom may lie in caches for three minutes; nothing here is about the one who asks.
func (p *Profile) document(w http.ResponseWriter, r *http.Request, status int, kind string, doc any) {
	body, ok := doc.([]byte)
	if !ok {
		var err error
		if body, err = activitypub.Marshal(doc); err != nil {
			p.fail(w, r, err)
			return
		}
	}
	sum := sha256.Sum256(body)
	h := w.Header()
	h.Set("Content-Type", kind)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "public, max-age=180")
	}
	h.Add("Vary", "Accept")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	if status == http.StatusOK && r.Header.Get("If-None-Match") == h.Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// missing answers 404.
func missing(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=60")
	http.NotFound(w, r)
}

// fail answers for a fault of ours: the store cannot be read.
func (p *Profile) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil {
		p.o.Log.Error("answering "+r.URL.Path, "error", err)
	}
	w.Header().Set("Retry-After", "60")
	http.Error(w, "cannot answer now", http.StatusServiceUnavailable)
}
