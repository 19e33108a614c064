package comments

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/templates"
)

// intents are what a reader may want to do from their own server.
var intents = []string{"reply", "like", "boost", "follow", "share"}

// maxForm is the largest form that is read, in bytes.
const maxForm = 16 << 10

// interaction is one request of a reader, checked: about something of ours, or about something elsewhere that another site sent somebody
// to us with who said to be at home here (FEP-3b86).
type interaction struct {
	intent   string
	uri      string // the id of a post, a comment or the blog
	about    string // name of the post, "" for the blog
	page     string // where a person reads it
	language string
	foreign  bool // not ours: then the reader's server must say itself where it does that
}

// serveInteract asks the reader for an account and leads to that account's server, which does the rest. GET shows the form and
// never leads anywhere: a link from elsewhere must not be able to send a reader of ours to a server of its choice. POST must
// come from the form.
func (c *Comments) serveInteract(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodGet, http.MethodHead, http.MethodPost) {
		return
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return
	}
	in, err := c.interaction(r.Context(), r.Form.Get("intent"), r.Form.Get("uri"))
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	if r.Method != http.MethodPost {
		c.form(w, r, http.StatusOK, in, templates.Interact{Account: strings.TrimSpace(r.Form.Get("acct"))})
		return
	}
	if err := c.sameSite(r); err != nil {
		http.Error(w, "Please use the form of this page.", http.StatusForbidden)
		return
	}
	c.lead(w, r, in, strings.TrimSpace(r.PostForm.Get("acct")))
}

// sameSite refuses a POST that another site's page made the browser send.
func (c *Comments) sameSite(r *http.Request) error {
	p := http.NewCrossOriginProtection()
	// Behind a proxy that rewrites Host the browser's Origin is still our configured one.
	if err := p.AddTrustedOrigin(c.a.Origin()); err != nil {
		return err
	}
	return p.Check(r)
}

// interaction checks what a request is about: a post that is out, a comment that shows, the blog itself, or something elsewhere. Of our
// own addresses everything else does not exist for it.
func (c *Comments) interaction(ctx context.Context, intent, uri string) (*interaction, error) {
	in := &interaction{intent: intent, uri: uri, language: c.o.Config.Site.Language}
	if !slices.Contains(intents, intent) {
		return nil, store.ErrNotFound
	}
	if intent == "follow" && (uri == "" || c.isOurs(uri)) {
		if uri == "" {
			in.uri = c.a.Actor()
		}
		in.page = c.a.Home()
		return in, nil
	}
	post, err := c.named(ctx, uri)
	if err == nil {
		in.uri, in.about, in.page, in.language = post.ID, post.Name, post.URL, c.language(post)
		return in, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	about, err := c.aboutComment(ctx, in)
	if errors.Is(err, store.ErrNotFound) && c.foreign(in) {
		in.foreign = true
		return in, nil
	}
	return about, err
}

// foreign tells whether something elsewhere may be acted upon from here: what our WebFinger answers offer is asked for with any id of the
// fediverse. It is shown as text and is nowhere led to; only the server of the account that is typed gets it.
func (c *Comments) foreign(in *interaction) bool {
	u, err := url.Parse(in.uri)
	if err != nil || u.User != nil || len(in.uri) > maxForeign || in.intent == "share" {
		return false
	}
	_, ours := c.a.Own(in.uri)
	_, named := parseHost(u.Host, c.insecure())
	return !ours && named && (u.Scheme == "https" || u.Scheme == "http" && c.insecure())
}

// maxForeign is the longest id from elsewhere that is taken, in bytes: as at the inbox.
const maxForeign = 1024

func (c *Comments) isOurs(actor string) bool {
	_, ok := c.owner(actor)
	return ok
}

func (c *Comments) aboutComment(ctx context.Context, in *interaction) (*interaction, error) {
	m, err := c.o.Store.Comment(ctx, in.uri)
	if err != nil {
		return nil, err
	}
	if m.State != store.Shown || m.Kind != store.Reply && m.Kind != store.Quote {
		return nil, store.ErrNotFound
	}
	post, err := c.post(ctx, m.Post)
	if err != nil {
		return nil, err
	}
	in.about, in.page, in.language = post.Name, post.URL+"#"+anchor(m.ID), c.language(post)
	return in, nil
}

// lead sends the reader to their server, 303. Where the server names an address on another host, that host is shown first.
func (c *Comments) lead(w http.ResponseWriter, r *http.Request, in *interaction, account string) {
	host, ok := parseAccount(account, c.insecure())
	if !ok {
		c.again(w, r, in, account, "bad-account", "")
		return
	}
	if host.name == c.a.Host() || host.name == c.a.SiteHost() { // that would lead here again
		c.again(w, r, in, account, "own-account", "")
		return
	}
	address := ""
	if c.o.Subscribe != nil {
		var err error
		if address, err = c.o.Subscribe(r.Context(), host.account(), in.intent); err != nil {
			c.o.Log.Debug("a reader's server", "host", host.name, "err", err)
			c.again(w, r, in, account, "no-answer", host.name)
			return
		}
	}
	if address == "" && !in.foreign {
		address = c.usualAddress(host.name, in.intent)
	}
	target, ok := c.target(address, in)
	if !ok {
		c.again(w, r, in, account, "no-answer", host.name)
		return
	}
	if !strings.EqualFold(target.Host, host.name) {
		if asksJSON(r) { // the page shows that host, the dialog does not
			c.tell(w, http.StatusOK, map[string]string{})
			return
		}
		c.form(w, r, http.StatusOK, in, templates.Interact{Account: account, Next: target.String(), NextHost: target.Host})
		return
	}
	if asksJSON(r) {
		c.tell(w, http.StatusOK, map[string]string{"next": target.String()})
		return
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
}

// target fills the placeholders of the server's address and checks that it is one that a browser may be led to.
func (c *Comments) target(address string, in *interaction) (*url.URL, bool) {
	share := in.page
	if in.about != "" {
		share = in.about + " " + in.page
	}
	values := map[string]string{"uri": in.uri, "object": in.uri, "on-success": in.page, "on-cancel": in.page}
	switch in.intent {
	case "reply":
		values["inReplyTo"] = in.uri
	case "share":
		values["content"] = share
	}
	u, err := url.Parse(fill(address, values))
	if err != nil || u.Host == "" || u.User != nil {
		return nil, false
	}
	return u, u.Scheme == "https" || u.Scheme == "http" && c.insecure()
}

// insecure tells whether the blog itself is on plain http: only then (inboxd --dev, the demo) may a reader's server be.
func (c *Comments) insecure() bool { return strings.HasPrefix(c.a.Origin(), "http://") }

// asksJSON tells the page's own script, which goes on by itself. It asks with POST alone, and other sites cannot read the answer.
func asksJSON(r *http.Request) bool { return r.Header.Get("Accept") == "application/json" }

func (c *Comments) tell(w http.ResponseWriter, status int, v map[string]string) {
	data, err := activitypub.Marshal(v)
	if err != nil { // a map of texts is always JSON
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(data)
}

// serveScript answers GET /interact.js?lang=: the script that remembers the account on the page of /interact.
func (c *Comments) serveScript(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	js := templates.AskScript(cmp.Or(r.URL.Query().Get("lang"), c.o.Config.Site.Language))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	shaped(w, r, "text/javascript; charset=utf-8", &document{js, tagOf(js)})
}

// again shows the form with what was wrong.
func (c *Comments) again(w http.ResponseWriter, r *http.Request, in *interaction, account, why, host string) {
	if asksJSON(r) {
		args := []any{host}
		if host == "" {
			args = nil
		}
		c.tell(w, http.StatusUnprocessableEntity, map[string]string{"error": templates.Text(in.language, why, args...)})
		return
	}
	c.form(w, r, http.StatusUnprocessableEntity, in, templates.Interact{Account: account, Error: why, ErrorHost: host})
}

// form shows the page. p brings what differs from the first showing.
func (c *Comments) form(w http.ResponseWriter, r *http.Request, status int, in *interaction, p templates.Interact) {
	p.Blog, p.Home, p.Language, p.CSS = c.o.Config.Site.Title, c.a.Home(), in.language, c.styleSheet()
	p.Action, p.Intent, p.URI = c.a.FederationBasePath()+"/interact", in.intent, in.uri
	p.About, p.AboutURL, p.Handle = in.about, in.page, "@"+c.a.Acct()
	if in.foreign {
		p.Handle = in.uri
	}
	var b bytes.Buffer
	if err := c.templates.ExecuteTemplate(&b, "interact", p); err != nil {
		c.refuse(w, r, err)
		return
	}
	c.pageHeaders(w.Header())
	// Browsers apply form-action to the redirect after a form too, and that leads to the reader's server.
	w.Header().Set("Content-Security-Policy", c.o.Config.PagePolicy("*"))
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// styleSheet is the path of the theme's style sheet in the published site: its name carries a hash that only publish knows.
func (c *Comments) styleSheet() string {
	if c.o.Site == nil || c.a.Host() != c.a.SiteHost() {
		return ""
	}
	names, _ := fs.Glob(c.o.Site, "assets/style.*.css")
	if len(names) == 0 {
		return ""
	}
	return c.a.BasePath() + "/" + names[len(names)-1]
}

// Link is a link of a WebFinger answer.
type Link struct {
	Rel      string
	Template string // of the member template, or href: both are in the wild
}

// The rels of a WebFinger answer that name an address for an intent.
const (
	relSubscribe = "http://ostatus.org/schema/1.0/subscribe"
	relIntent    = "https://w3id.org/fep/3b86/"
)

// Choose picks, from the links of a WebFinger answer, the address with placeholders for an intent: that of FEP-3b86 for the
// intent itself, else for objects in general, else OStatus' subscribe. Rels are compared without regard to case. "" if there is
// none. A Create that cannot take {inReplyTo} is no way to reply.
func Choose(links []Link, intent string) string {
	find := func(rel, placeholder string) string {
		for _, l := range links {
			if strings.EqualFold(l.Rel, rel) && strings.Contains(l.Template, placeholder) {
				return l.Template
			}
		}
		return ""
	}
	object, subscribe := find(relIntent+"Object", "{"), find(relSubscribe, "{uri}")
	switch intent {
	case "reply":
		return firstOf(find(relIntent+"Create", "{inReplyTo}"), object, subscribe)
	case "like":
		return firstOf(find(relIntent+"Like", "{"), object, subscribe)
	case "boost":
		return firstOf(find(relIntent+"Announce", "{"), object, subscribe)
	case "follow":
		return firstOf(find(relIntent+"Follow", "{"), object, subscribe)
	case "share":
		return find(relIntent+"Create", "{content}")
	}
	return ""
}

// usualAddress is what Mastodon and most others answer at.
func (c *Comments) usualAddress(host, intent string) string {
	scheme := "https://"
	if c.insecure() {
		scheme = "http://"
	}
	if intent == "share" {
		return scheme + host + "/share?text={content}"
	}
	return scheme + host + "/authorize_interaction?uri={uri}"
}

// fill puts values, percent-encoded, in the place of {placeholders}; unknown ones become empty (FEP-3b86 asks for both).
func fill(address string, values map[string]string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(address, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return b.String()
		}
		b.WriteString(strings.ReplaceAll(url.QueryEscape(values[name]), "+", "%20"))
		address = after
	}
}
