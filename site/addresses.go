package site

import (
	"net/url"
	"strings"
)

// Addresses makes every URL and id of the blog. Nothing else in Postil joins a path to a host.
// Ids are for ever: a change here breaks every follower of every blog, see docs/architecture.md.
type Addresses struct {
	site       string // no trailing slash
	federation string // no trailing slash
	handle     string
}

// Addresses gives the blog's addresses.
func (c *Config) Addresses() Addresses {
	fed := c.Federation.URL
	if fed == "" {
		fed = c.Site.URL
	}
	return Addresses{strings.TrimRight(c.Site.URL, "/"), strings.TrimRight(fed, "/"), c.Federation.Handle}
}

// Home is the front page, with its closing slash.
func (a Addresses) Home() string { return a.site + "/" }

// Page is the address of a path of the site, "/posts/x/" or "posts/x/".
func (a Addresses) Page(path string) string { return a.site + "/" + strings.TrimPrefix(path, "/") }

// Path is the path that a site address has on its server, below the root: the inverse of Page for
// links inside the site. A site at https://example.com/blog gives "/blog/posts/x/" for "/posts/x/".
func (a Addresses) Path(path string) string {
	return basePath(a.site) + "/" + strings.TrimPrefix(path, "/")
}

// BasePath is the path part of the site's URL, without a closing slash: "" or "/blog".
func (a Addresses) BasePath() string { return basePath(a.site) }

// FederationBasePath is the path part of the federation URL, without a closing slash.
func (a Addresses) FederationBasePath() string { return basePath(a.federation) }

func basePath(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.Path, "/")
}

// Host is host[:port] of the federation URL: the right half of the blog's handle.
func (a Addresses) Host() string { return host(a.federation) }

// SiteHost is host[:port] of the site's URL.
func (a Addresses) SiteHost() string { return host(a.site) }

func host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Host
}

// Acct is "handle@host", as after "acct:". The host is the site's, also where the federation's is another: publish leaves a WebFinger
// answer there that leads on (FEP-2c59).
func (a Addresses) Acct() string { return a.AcctOf(a.handle) }

// AcctOf is Acct for the handle of any of our actors.
func (a Addresses) AcctOf(handle string) string { return handle + "@" + a.SiteHost() }

// Split tells whether the federation has a host of its own.
func (a Addresses) Split() bool { return a.Host() != a.SiteHost() }

// InstanceAcct is the handle of the instance actor: its host doubles as its name (Mastodon's habit).
func (a Addresses) InstanceAcct() string { return a.Host() + "@" + a.Host() }

// Origin is scheme://host of the federation URL: what signatures are verified against.
func (a Addresses) Origin() string {
	u, err := url.Parse(a.federation)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// Webmention is where the blog takes mentions.
func (a Addresses) Webmention() string { return a.federation + "/webmention" }

// The actors and their keys.
func (a Addresses) Actor() string { return a.federation + "/ap/actor" }
func (a Addresses) Author(name string) string {
	return a.federation + "/ap/authors/" + url.PathEscape(name)
}

// AuthorName is the inverse of Author: the NAME of an author's id, and whether it is one.
func (a Addresses) AuthorName(id string) (string, bool) {
	rest, ok := strings.CutPrefix(id, a.federation+"/ap/authors/")
	if !ok || rest == "" || strings.ContainsAny(rest, "/?#") {
		return "", false
	}
	name, err := url.PathUnescape(rest)
	return name, err == nil
}

func (a Addresses) Instance() string    { return a.federation + "/ap/instance" }
func (a Addresses) Key() string         { return a.Actor() + "#main-key" }
func (a Addresses) InstanceKey() string { return a.Instance() + "#main-key" }

// KeyOf is the id of an actor's RSA key; EdKeyOf that of its Ed25519 key (FEP-521a).
func (a Addresses) KeyOf(actor string) string   { return actor + "#main-key" }
func (a Addresses) EdKeyOf(actor string) string { return actor + "#ed25519-key" }

// The collections of any of our actors, by its id (what Actor and Author gave). The blog's own have shorter addresses.
func (a Addresses) FollowersOf(actor string) string { return a.collection(actor, "followers") }
func (a Addresses) FollowingOf(actor string) string { return a.collection(actor, "following") }
func (a Addresses) OutboxOf(actor string) string    { return a.collection(actor, "outbox") }
func (a Addresses) FeaturedOf(actor string) string  { return a.collection(actor, "featured") }
func (a Addresses) TagsOf(actor string) string      { return a.collection(actor, "tags") }

func (a Addresses) collection(actor, name string) string {
	if actor == a.Actor() {
		return a.federation + "/ap/" + name
	}
	return actor + "/" + name
}

// Profile is the page of the blog as an account: the front page; where the federation has a host of its own an address there that
// leads to it, because Misskey throws away an actor whose url is on another host.
func (a Addresses) Profile() string {
	if a.Split() {
		return a.federation + "/@" + url.PathEscape(a.handle)
	}
	return a.Home()
}

// ProfileOf is the page of one of our actors. An author's lies beneath /ap/, which every server in front leads to the daemon, and
// leads on to the blog.
func (a Addresses) ProfileOf(actor Actor) string {
	if actor.Author == "" {
		return a.Profile()
	}
	return a.federation + "/ap/@" + url.PathEscape(actor.Handle)
}

// The collections.
func (a Addresses) Inbox() string     { return a.federation + "/ap/inbox" }
func (a Addresses) Outbox() string    { return a.federation + "/ap/outbox" }
func (a Addresses) Followers() string { return a.federation + "/ap/followers" }
func (a Addresses) Following() string { return a.federation + "/ap/following" }
func (a Addresses) Featured() string  { return a.federation + "/ap/featured" }

// Moderators lists who may post where the blog is a Group.
func (a Addresses) Moderators() string { return a.federation + "/ap/moderators" }

// Tags is the collection of featured tags.
func (a Addresses) Tags() string { return a.federation + "/ap/tags" }

// Post is the id of a post's Article. key is the post's own key (front matter id), never its slug.
func (a Addresses) Post(key string) string { return a.federation + "/ap/posts/" + url.PathEscape(key) }

// The collections beneath a post, by the post's id (what Post gave).
func (a Addresses) Replies(post string) string { return post + "/replies" }
func (a Addresses) Likes(post string) string   { return post + "/likes" }
func (a Addresses) Shares(post string) string  { return post + "/shares" }
func (a Addresses) Context(post string) string { return post + "/context" }

// Emoji is the id of a custom emoji of the blog's (FEP-9098).
func (a Addresses) Emoji(name string) string {
	return a.federation + "/ap/emoji/" + url.PathEscape(name)
}

// EmojiFile is the path of a custom emoji's document below the output folder.
func (a Addresses) EmojiFile(name string) string { return "ap/emoji/" + name + ".json" }

// Series is the id of the collection of a series' posts; slug is what Slug made of its name.
func (a Addresses) Series(slug string) string {
	return a.federation + "/ap/series/" + url.PathEscape(slug)
}

// SeriesFile is the path of that collection below the output folder.
func (a Addresses) SeriesFile(slug string) string { return "ap/series/" + slug + ".json" }

// Activity is the id of something that we sent.
func (a Addresses) Activity(key string) string {
	return a.federation + "/ap/activities/" + url.PathEscape(key)
}

// Quote is the id of an authorization to quote a post (FEP-044f); key is opaque.
func (a Addresses) Quote(key string) string {
	return a.federation + "/ap/quotes/" + url.PathEscape(key)
}

// PostKey is the inverse of Post: the key of a post's id, and whether id is one of ours.
func (a Addresses) PostKey(id string) (string, bool) {
	rest, ok := strings.CutPrefix(id, a.federation+"/ap/posts/")
	if !ok || rest == "" || strings.ContainsAny(rest, "/?#") {
		return "", false
	}
	key, err := url.PathUnescape(rest)
	return key, err == nil
}

// Local tells whether an id or URL is on the blog's own federation or site address.
func (a Addresses) Local(id string) bool {
	return id == a.federation || id == a.site || strings.HasPrefix(id, a.federation+"/") || strings.HasPrefix(id, a.site+"/")
}

// Own gives an id or URL of the blog's in the spelling in which we write it: neither the scheme nor the case of the host nor a default
// port makes it another one. ok is false for what is not the blog's.
func (a Addresses) Own(id string) (own string, ok bool) {
	if a.Local(id) {
		return id, true
	}
	scheme, rest, _ := strings.Cut(id, "://")
	if !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return "", false
	}
	end := strings.IndexAny(rest+"/", "/?#")
	at := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(rest[:end]), ":443"), ":80")
	for _, base := range []string{a.federation, a.site} {
		scheme, _, _ := strings.Cut(base, "://")
		if own := scheme + "://" + at + rest[end:]; at == host(base) && a.Local(own) {
			return own, true
		}
	}
	return "", false
}

// Interact is the page where a reader says from which server to reply, like, boost, follow or share (intent) about uri.
func (a Addresses) Interact(intent, uri string) string {
	return a.federation + "/interact?" + url.Values{"intent": {intent}, "uri": {uri}}.Encode()
}

// Intent is Interact with a {placeholder} in the place of uri, for WebFinger (FEP-3b86).
func (a Addresses) Intent(intent, placeholder string) string {
	return a.federation + "/interact?intent=" + intent + "&uri={" + placeholder + "}"
}

// WebFinger is where the federation's host answers about handles (RFC 7033).
func (a Addresses) WebFinger() string { return a.Origin() + "/.well-known/webfinger" }

// Fragment is the HTML fragment of a post's thread. key is the post's own key.
func (a Addresses) Fragment(key string) string {
	return a.federation + "/comments/" + url.PathEscape(key)
}

// Media is the proxied copy of a remote picture; hash is what store.MediaHash made of its URL.
func (a Addresses) Media(hash string) string { return a.federation + "/media/" + hash }

// Admin is the blogger's own page.
func (a Addresses) Admin() string { return a.federation + "/admin/" }

// Thread is the JSON of a post's thread, by the post's id.
func (a Addresses) Thread(post string) string {
	return a.federation + "/api/v1/thread?" + url.Values{"post": {post}}.Encode()
}

// Reconcile is where publish, with a token, asks inboxd to read the published list now.
func (a Addresses) Reconcile() string { return a.federation + "/api/v1/reconcile" }

// Undo is where publish asks the daemon to stop what has not left yet; ?dry_run=1 changes nothing.
func (a Addresses) Undo() string { return a.federation + "/api/v1/undo" }
