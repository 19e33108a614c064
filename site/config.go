// Package site holds what a blog's owner decides and what everybody else may rely on: config.toml with its defaults, every
// URL and id the blog will ever have (addresses.go), the published list that lies between publish and inboxd (published.go),
// and the shape in which a fault is told to a person (diagnostic.go).
//
// It reads one file and the environment. It knows no post, no database and no network: all rooms import it, it imports none.
package site

import (
	"strings"
	"time"
)

// Format is the newest config.toml format that this program understands. An older site builds as it always did.
const Format = 1

// Config is config.toml with defaults filled in and checked. Dir is the absolute folder that holds it; relative
// folders in it are relative to Dir.
type Config struct {
	Dir  string `toml:"-"`
	File string `toml:"-"` // absolute path of config.toml

	Format     int               `toml:"format"`
	Site       Site              `toml:"site"`
	Federation Federation        `toml:"federation"`
	Publish    Publish           `toml:"publish"`
	Inboxd     Inboxd            `toml:"inboxd"`
	Comments   Comments          `toml:"comments"`
	Webmention Webmention        `toml:"webmention"`
	Embed      Embed             `toml:"embed"`
	Authors    map[string]Author `toml:"authors"`
	Menu       []MenuEntry       `toml:"menu"`   // none: archive, tags, search and pages
	Params     map[string]any    `toml:"params"` // free for themes

	location *time.Location
	origins  map[string]Origin // "site.url" → where its value came from
}

// Site is [site]: what readers see.
type Site struct {
	URL         string `toml:"url"` // absolute http(s) URL, no trailing slash after Load
	Title       string `toml:"title"`
	Description string `toml:"description"`
	Language    string `toml:"language"` // BCP 47, default "en"
	Timezone    string `toml:"timezone"` // IANA name, default "UTC"
	Author      string `toml:"author"`
}

// Federation is [federation]: the blog as an account. Nothing of it is answered or sent while Enabled is false.
type Federation struct {
	Enabled bool   `toml:"enabled"`
	Handle  string `toml:"handle"`  // preferredUsername, default "blog"
	Name    string `toml:"name"`    // default site.title
	Summary string `toml:"summary"` // plain text, default site.description
	Icon    string `toml:"icon"`    // path below content/ or absolute URL
	Image   string `toml:"image"`   // header picture, likewise
	Type    string `toml:"type"`    // "Person" (default) or "Group"
	URL     string `toml:"url"`     // where /ap/ is served, default site.url
	Hold    string `toml:"hold"`    // recall window before anything leaves, a Go duration, default "0s"
	As      string `toml:"as"`      // default form of a post: "article"
	Content string `toml:"content"` // "full" (default) or "excerpt"
	Lead    string `toml:"lead"`    // "card" (default) or "image"
	Math    string `toml:"math"`    // how formulas leave: "mathml" (default, FEP-dc88) or "tex"

	// Who may do what with a post that does not say: "public", "followers" or "nobody".
	Quote string `toml:"quote"` // default "public"
	Reply string `toml:"reply"` // default "public"
	Like  string `toml:"like"`  // default "public"
	Boost string `toml:"boost"` // default "public"

	Fields             []string `toml:"fields"`              // rows of the profile, each "Name: value"
	Tags               []string `toml:"tags"`                // featured tags of the profile
	AlsoKnownAs        []string `toml:"also_known_as"`       // ids of actors whose followers may move here
	AttributionDomains []string `toml:"attribution_domains"` // hosts besides the site's that may name the blog as author
	Discoverable       bool     `toml:"discoverable"`        // default true: directories and suggestions may show the account
	Indexable          bool     `toml:"indexable"`           // default true: searches may find its posts (FEP-5feb)
}

// Publish is [publish]: folders relative to Config.Dir.
type Publish struct {
	Content string `toml:"content"` // default "content"
	Output  string `toml:"output"`  // default "public"
	Theme   string `toml:"theme"`   // default "default"
	// Scheduled is where what is to appear later lies until then, default ".scheduled". Never below a folder that is served.
	Scheduled string `toml:"scheduled"`
	// TOC says which posts begin with a table of contents: "auto" (default: from three headings on), "on" or "off".
	TOC string `toml:"toc"`
	// Embeds lets shortcodes show the players of other sites in a frame, default false: a link leads there.
	Embeds bool `toml:"embeds"`

	Host   string `toml:"host"`   // "own" (default), or the static host that redirects and headers are written for
	Robots string `toml:"robots"` // "allow" (default) or "deny": what search engines are asked
	AI     string `toml:"ai"`     // "allow" (default) or "deny": what crawlers for machine learning are asked
	Search bool   `toml:"search"` // default true: the page /search/ and its index
	Cards  bool   `toml:"cards"`  // default true: a preview picture for posts that have none
}

// Inboxd is [inboxd]: the daemon.
type Inboxd struct {
	Listen         string   `toml:"listen"`          // default "127.0.0.1:8080"
	Data           string   `toml:"data"`            // default "data"
	Database       string   `toml:"database"`        // "" = SQLite in data, or "postgres://…"
	Site           string   `toml:"site"`            // "" = publish.output, a folder, or an https URL
	TrustedProxies []string `toml:"trusted_proxies"` // CIDRs whose X-Forwarded-* is believed
	AllowNetworks  []string `toml:"allow_networks"`  // CIDRs that the outgoing guard lets through besides public addresses
}

// Comments is [comments].
type Comments struct {
	Mode       string `toml:"mode"`        // "guarded" (default), "open", "approve", "closed"
	CloseAfter string `toml:"close_after"` // "90d" after publication; "" = never
	Bake       bool   `toml:"bake"`        // default true: comments/*.json go into the pages
	Order      string `toml:"order"`       // of the replies to a post: "oldest" first (default), "newest", "liked" most
	Pending    bool   `toml:"pending"`     // say under a post how many replies wait for the owner
}

// Webmention is [webmention] (https://www.w3.org/TR/webmention/): what other sites say of posts, and what they are told of links to them. Nothing of
// it is done while Federation.Enabled is false.
type Webmention struct {
	Receive bool `toml:"receive"` // default true
	Send    bool `toml:"send"`    // default true
}

// Embed is [embed]: what other sites take of this one.
type Embed struct {
	Sites []EmbedSite `toml:"sites"`
	// Origins are the sites whose pages may read threads by script ("https://example.com"); empty: all. Those of Sites and the blog itself always may.
	Origins []string `toml:"origins"`
}

// EmbedSite is one [[embed.sites]]: a site that Postil does not build, whose pages are posts of the blog with a thread of their own.
type EmbedSite struct {
	Name    string `toml:"name"`    // for the owner; default: the host
	URL     string `toml:"url"`     // only pages at or below it are taken
	Feed    string `toml:"feed"`    // RSS, Atom or JSON Feed; an address, or a path below URL
	Sitemap string `toml:"sitemap"` // sitemap.xml, in the place of a feed
	As      string `toml:"as"`      // "article" (default), "note", "link", or "none": a thread and nothing sent
	Poll    string `toml:"poll"`    // how often it is looked at, a Go duration, default "1h"
}

// Every is Poll as a duration, an hour where it is not set.
func (s EmbedSite) Every() time.Duration {
	d, err := time.ParseDuration(s.Poll)
	if err != nil || d < minPoll {
		return time.Hour
	}
	return d
}

// List is the address of the site's feed, else of its sitemap.
func (s EmbedSite) List() string {
	at := s.Feed
	if at == "" {
		at = s.Sitemap
	}
	if strings.Contains(at, "://") {
		return at
	}
	return strings.TrimRight(s.URL, "/") + "/" + strings.TrimLeft(at, "/")
}

// Holds tells whether a page is one of the site's.
func (s EmbedSite) Holds(page string) bool {
	base := strings.TrimRight(s.URL, "/")
	return page == base || strings.HasPrefix(page, base+"/")
}

// Author is one [authors.NAME]. Who has an account elsewhere (Handle is "@user@host") is credited with it; everybody else is an actor
// of the blog's, see Actors.
type Author struct {
	Name    string            `toml:"name"`
	Handle  string            `toml:"handle"` // default NAME; or an account elsewhere
	Summary string            `toml:"summary"`
	Icon    string            `toml:"icon"`
	Image   string            `toml:"image"` // header picture
	Links   map[string]string `toml:"links"`
	Fields  []string          `toml:"fields"` // further rows of the profile, each "Name: value"
}

// Origin tells where a setting came from: Kind "file", "env", "flag" or "default"; At is file:line, a variable or flag name.
type Origin struct{ Kind, At string }
