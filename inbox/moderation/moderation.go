// Package moderation is the blogger's own page, /admin/: the replies that wait, the ones that show, what others report, whom the blog
// blocks, and which servers cannot be reached.
//
// It lets in who holds a one-time link of `inboxd login-link` (login.go) and nobody else; there is no password to guess and none to
// lose. Every change is one POST and one transaction; the page works without script. It never fetches and never sends: what it
// decides lies in the store, where the other rooms find it; to revoke a quote is a function lent by outbox.
package moderation

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

//go:embed admin.html admin.css
var files embed.FS

// perPage is how many comments one page lists.
const perPage = 50

// Options of a Moderation. Secret is the content of data/admin.key; with an empty one nobody gets in.
type Options struct {
	Config *site.Config
	Store  *store.Store
	Secret []byte
	Now    func() time.Time // default time.Now
	Log    *slog.Logger
	// RevokeQuote takes back that somebody may quote a post, and queues what others are told of it; Sent is called once that is stored.
	// Without them quotes are hidden and no more.
	RevokeQuote func(ctx context.Context, tx *store.Tx, q store.QuoteAuthorization) error
	Sent        func()
	// Reply answers a comment in the blog's name, and Withdraw takes such an answer back by its key. Without them there is no form.
	Reply    func(ctx context.Context, to, text string) error
	Withdraw func(ctx context.Context, key string) error
	// Picture serves the picture {hash} of a comment, also of one that does not show. Without it those of what is shown are seen alone.
	Picture http.HandlerFunc
}

// Moderation is the http.Handler of /admin/.
type Moderation struct {
	o       Options
	addr    site.Addresses
	page    *template.Template
	handler http.Handler
}

// New makes the page. The error is a fault of the built-in template.
func New(o Options) (*Moderation, error) {
	page, err := template.New("admin.html").ParseFS(files, "admin.html")
	if err != nil {
		return nil, fmt.Errorf("reading the admin page's template: %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	m := &Moderation{o: o, addr: o.Config.Addresses(), page: page}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /admin/{$}", m.private(m.show))
	mux.HandleFunc("POST /admin/comment", m.private(m.comment))
	mux.HandleFunc("POST /admin/reply", m.private(m.reply))
	mux.HandleFunc("POST /admin/withdraw", m.private(m.withdraw))
	mux.HandleFunc("POST /admin/unblock", m.private(m.unblock))
	mux.HandleFunc("POST /admin/report", m.private(m.report))
	mux.HandleFunc("GET /admin/login", m.askLogin)
	mux.HandleFunc("POST /admin/login", m.login)
	mux.HandleFunc("POST /admin/logout", m.logout)
	mux.HandleFunc("GET /admin/admin.css", m.style)
	if o.Picture != nil {
		mux.HandleFunc("GET /admin/media/{hash}", m.private(o.Picture))
	}
	m.handler = http.NewCrossOriginProtection().Handler(mux)
	return m, nil
}

// ServeHTTP expects paths from /admin/ on, the federation's base path taken away.
func (m *Moderation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	m.handler.ServeHTTP(w, r)
}

func (m *Moderation) style(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	http.ServeFileFS(w, r, files, "admin.css")
}

// view is the data of admin.html. Login is set on the pages that strangers see.
type view struct {
	Title, Handle string
	Base          string // path of /admin/
	Home          string
	Login         string // "ask": how to get in; "confirm": the button
	Token         string
	State         store.CommentState
	Tabs          []tab
	Comments      []row
	Reports       []report
	Followers     int
	Failing       []store.Host
	Blocks        []store.Block
}

type tab struct {
	State store.CommentState
	Name  string
	Count int
}

// row is one comment as the page shows it.
type row struct {
	ID, Kind, Handle, URL string
	PostName, PostURL     string // where it was said
	Name                  template.HTML
	Warning, Content      template.HTML
	At                    time.Time
	Server                string
	Ours                  bool // an answer of the blog's own
	Answers               bool // may be answered here
	Pins, Pinned          bool // may be put on top of its thread, or stands there
}

func (m *Moderation) render(w http.ResponseWriter, status int, v view) {
	v.Title = m.o.Config.Site.Title
	v.Handle = "@" + m.addr.Acct()
	v.Base = m.addr.FederationBasePath() + "/admin/"
	v.Home = m.addr.Home()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := m.page.Execute(w, v); err != nil {
		m.o.Log.Error("writing the admin page", "err", err)
	}
}

// show lists the comments of one state: ?state=held (default), shown or hidden.
func (m *Moderation) show(w http.ResponseWriter, r *http.Request) {
	state := store.CommentState(r.URL.Query().Get("state"))
	if state != store.Shown && state != store.Hidden {
		state = store.Held
	}
	v, err := m.collect(r.Context(), state)
	if err != nil {
		m.fail(w, err)
		return
	}
	m.render(w, http.StatusOK, v)
}

func (m *Moderation) collect(ctx context.Context, state store.CommentState) (view, error) {
	v := view{State: state}
	for _, t := range []tab{{State: store.Held, Name: "Waiting"}, {State: store.Shown, Name: "Shown"}, {State: store.Hidden, Name: "Hidden"}} {
		list, total, err := m.o.Store.CommentsIn(ctx, t.State, 0, perPage)
		if err != nil {
			return v, err
		}
		t.Count = total
		v.Tabs = append(v.Tabs, t)
		if t.State == state {
			for _, c := range list {
				v.Comments = append(v.Comments, m.row(ctx, c))
			}
		}
	}
	var err error
	if v.Followers, err = m.o.Store.FollowerCount(ctx, m.addr.Actor()); err != nil {
		return v, err
	}
	if v.Reports, err = m.reports(ctx); err != nil {
		return v, err
	}
	if v.Failing, err = m.o.Store.FailingHosts(ctx); err != nil {
		return v, err
	}
	v.Blocks, err = m.o.Store.Blocks(ctx)
	return v, err
}

func (m *Moderation) row(ctx context.Context, c store.CommentView) row {
	r := row{
		ID: c.ID, Kind: string(c.Kind), URL: c.URL, At: c.Published, Server: hostOf(c.Actor),
		Handle: "@" + c.By.Handle, Name: m.html(c.By.Name), Warning: m.html(c.Warning), Content: m.html(c.Content),
	}
	r.Ours = m.addr.Local(c.Actor)
	r.Answers = m.o.Reply != nil && c.State == store.Shown && (c.Kind == store.Reply || c.Kind == store.Quote) && !c.Webmention()
	if r.Pins = c.State == store.Shown && c.Kind == store.Reply; r.Pins {
		pinned, err := m.o.Store.PinnedComment(ctx, c.Post)
		r.Pinned = err == nil && pinned == c.ID
	}
	for _, a := range m.o.Config.Actors() {
		if a.ID == c.Actor {
			r.Handle = "@" + m.addr.AcctOf(a.Handle)
		}
	}
	if post, err := m.o.Store.Article(ctx, c.Post); err == nil { // a comment can be older than the ledger's line
		r.PostName, r.PostURL = post.Name, post.URL
	}
	return r
}

// html renders a stored tree; its pictures come from the blog's own proxy.
func (m *Moderation) html(raw []byte) template.HTML {
	var t activitypub.Tree
	if len(raw) == 0 || json.Unmarshal(raw, &t) != nil {
		return ""
	}
	return t.Pictures(func(u string) string {
		if m.o.Picture == nil {
			return m.addr.Media(store.MediaHash(u))
		}
		return m.addr.Admin() + "media/" + store.MediaHash(u)
	}).HTML()
}

func hostOf(id string) string {
	u, err := url.Parse(id)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// comment does one thing to one comment: approve, hide, or block its author or their server.
func (m *Moderation) comment(w http.ResponseWriter, r *http.Request) {
	id, do := r.PostFormValue("id"), r.PostFormValue("do")
	c, err := m.o.Store.Comment(r.Context(), id)
	if err != nil {
		http.Error(w, "That comment is not there any more.", http.StatusNotFound)
		return
	}
	act, ok := map[string]func(context.Context, *store.Tx, store.Comment) error{
		"approve": func(ctx context.Context, tx *store.Tx, c store.Comment) error {
			return tx.SetCommentState(ctx, c.ID, store.Shown)
		},
		"hide": func(ctx context.Context, tx *store.Tx, c store.Comment) error {
			return tx.SetCommentState(ctx, c.ID, store.Hidden)
		},
		"block-person": func(ctx context.Context, tx *store.Tx, c store.Comment) error { return m.blockPerson(ctx, tx, c.Actor) },
		"block-server": func(ctx context.Context, tx *store.Tx, c store.Comment) error { return m.blockServer(ctx, tx, c.Actor) },
		"revoke-quote": m.revokeQuote,
		"pin":          func(ctx context.Context, tx *store.Tx, c store.Comment) error { return tx.PinComment(ctx, c.ID) },
		"unpin": func(ctx context.Context, tx *store.Tx, c store.Comment) error {
			_, err := tx.UnpinComment(ctx, c.ID)
			return err
		},
	}[do]
	if !ok {
		http.Error(w, "Unknown action.", http.StatusBadRequest)
		return
	}
	if err := m.o.Store.Write(r.Context(), func(tx *store.Tx) error { return act(r.Context(), tx, c) }); err != nil {
		m.fail(w, err)
		return
	}
	if m.o.Sent != nil { // a quote's end to its author, a Group's followers what shows now
		m.o.Sent()
	}
	m.back(w, r)
}

// revokeQuote takes back that a quote was allowed, or refuses one that never asked.
func (m *Moderation) revokeQuote(ctx context.Context, tx *store.Tx, c store.Comment) error {
	if m.o.RevokeQuote == nil || c.Kind != store.Quote {
		return tx.SetCommentState(ctx, c.ID, store.Hidden)
	}
	q, err := tx.QuoteOf(ctx, c.Post, c.ID)
	if errors.Is(err, store.ErrNotFound) {
		q, err = store.QuoteAuthorization{Post: c.Post, Quote: c.ID, Actor: c.Actor}, nil
	}
	if err != nil {
		return err
	}
	return m.o.RevokeQuote(ctx, tx, q)
}

// blockPerson blocks an actor, and what it has become by a move.
func (m *Moderation) blockPerson(ctx context.Context, tx *store.Tx, actor string) error {
	now, err := tx.MovedTo(ctx, actor)
	if err != nil {
		return err
	}
	if now != actor {
		if err := m.block(ctx, tx, now, now); err != nil {
			return err
		}
	}
	return m.block(ctx, tx, actor, actor)
}

// blockServer blocks an actor's server.
func (m *Moderation) blockServer(ctx context.Context, tx *store.Tx, actor string) error {
	return m.block(ctx, tx, actor, hostOf(actor))
}

// block refuses what comes from an actor or its server from now on, and removes what of it is here: followers, comments, likes.
func (m *Moderation) block(ctx context.Context, tx *store.Tx, actor, what string) error {
	if what == "" || m.addr.Local(actor) {
		return fmt.Errorf("blocking %q: not a remote actor or server", what)
	}
	if err := tx.AddBlock(ctx, store.Block{What: what, Reason: "blocked on the admin page", At: m.o.Now()}); err != nil {
		return err
	}
	_, err := tx.RemoveBlocked(ctx, what)
	return err
}

func (m *Moderation) unblock(w http.ResponseWriter, r *http.Request) {
	err := m.o.Store.Write(r.Context(), func(tx *store.Tx) error {
		_, err := tx.DeleteBlock(r.Context(), r.PostFormValue("what"))
		return err
	})
	if err != nil {
		m.fail(w, err)
		return
	}
	m.back(w, r)
}

// back returns to the list that the form was on. Only a known state comes back: nothing else of the request is echoed.
func (m *Moderation) back(w http.ResponseWriter, r *http.Request) {
	to := m.addr.FederationBasePath() + "/admin/"
	if state := r.PostFormValue("state"); strings.Contains(" held shown hidden ", " "+state+" ") {
		to += "?state=" + state
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (m *Moderation) fail(w http.ResponseWriter, err error) {
	m.o.Log.Error("admin page", "err", err)
	http.Error(w, "The blog's memory cannot be read or written now; the log says why.", http.StatusServiceUnavailable)
}
