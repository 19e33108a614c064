package publisher

import (
	"crypto/sha256"
	"encoding/base32"
	"path"
	"strings"
	"time"

	"github.com/postil-blog/postil/site"
)

// Post is one Markdown file of the content folder: its front matter read and checked. A file in content/posts is a post, one
// directly in content/ a standalone page.
type Post struct {
	File          string         `json:"file"` // relative to the content folder, slashes
	Page          bool           `json:"page,omitempty"`
	Reply         bool           `json:"reply,omitempty"`     // the owner's, below content/replies: no page of its own
	InReplyTo     string         `json:"inReplyTo,omitempty"` // of a reply: id or page of what it answers
	Key           string         `json:"id"`                  // the post's own key, in its addresses for ever
	NamedKey      bool           `json:"-"`                   // the front matter states id
	Title         string         `json:"title"`
	Slug          string         `json:"slug"`
	Path          string         `json:"path"`              // site path, "/posts/x/"
	State         string         `json:"state"`             // "live", "draft", "scheduled", "expired" or "empty"
	Why           string         `json:"why,omitempty"`     // of a post that is held back
	Aliases       []string       `json:"aliases,omitempty"` // site paths that lead here
	Date          time.Time      `json:"date,omitzero"`
	Updated       time.Time      `json:"updated,omitzero"`
	Expires       time.Time      `json:"expires,omitzero"`
	Draft         bool           `json:"draft,omitempty"`
	Lang          string         `json:"lang,omitempty"`
	TranslationOf string         `json:"translationOf,omitempty"` // file that it is a translation of, relative to its own
	NamedLang     bool           `json:"-"`                       // the front matter states lang
	Tags          []string       `json:"tags,omitempty"`
	Series        string         `json:"series,omitempty"`
	Summary       string         `json:"summary,omitempty"` // as the author wrote it
	Image         Picture        `json:"image,omitzero"`
	Math          bool           `json:"math,omitempty"`
	TOC           string         `json:"toc,omitempty"`       // "on", "off", "auto", or "" for what the site wants
	Unrelated     bool           `json:"unrelated,omitempty"` // related = false: its page names no posts like it
	Comments      string         `json:"comments,omitempty"`  // "on", "off", "read-only" or "90d"
	Author        string         `json:"author,omitempty"`    // NAME of [authors.NAME]
	Pin           int            `json:"pin,omitempty"`       // place among the pinned posts; pinLast for pin = true, 0 for none
	Menu          string         `json:"menu,omitempty"`      // "on" or "off", "" for what the site wants
	MenuName      string         `json:"menuName,omitempty"`  // in the menu, "" for the title
	MenuWeight    int            `json:"menuWeight,omitempty"`
	Fediverse     Fediverse      `json:"fediverse,omitzero"`
	Params        map[string]any `json:"params,omitempty"`
	Words         int            `json:"words,omitempty"`

	lines map[string]position // where the keys stand, for faults found later
}

// pinLast is the place of a post that is pinned and names none: after those that do, the newest first.
const pinLast = 1 << 30

// Picture is front matter's image = {src, alt, focus}.
type Picture struct {
	Src string `json:"src,omitempty"`
	Alt string `json:"alt,omitempty"`
	// Focus is the place that a crop keeps: x from left to right, y from bottom to top, each -1 to 1. Empty or two numbers.
	Focus []float64 `json:"focus,omitempty"`
}

// Fediverse is front matter's fediverse table: how a post leaves for followers.
type Fediverse struct {
	Announce    string   `json:"announce,omitempty"` // "", "yes" or "no"
	As          string   `json:"as,omitempty"`       // article, note, link or none
	Content     string   `json:"content,omitempty"`  // full, excerpt or link
	CW          string   `json:"cw,omitempty"`
	Visibility  string   `json:"visibility,omitempty"` // public, unlisted or followers
	Mention     []string `json:"mention,omitempty"`
	QuotePolicy string   `json:"quote_policy,omitempty"` // public, followers or nobody
	ReplyPolicy string   `json:"reply_policy,omitempty"` // likewise
	LikePolicy  string   `json:"like_policy,omitempty"`
	BoostPolicy string   `json:"boost_policy,omitempty"`
	Sensitive   bool     `json:"sensitive,omitempty"` // pictures are hidden until somebody asks for them
	Lead        string   `json:"lead,omitempty"`      // card or image
}

// The states of a post.
const (
	live      = "live"
	draft     = "draft"
	scheduled = "scheduled"
	expired   = "expired"
	empty     = "empty"
)

// keyOf is the key of a post that names none: 26 characters of the hash of its place below content/.
func keyOf(file string) string {
	sum := sha256.Sum256([]byte(file))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))[:26]
}

// slugOf is the last part of an address made of a title, a tag or a file's name.
func slugOf(s string) string { return site.Slug(s) }

// nameSlug is the slug that a file's name gives: "posts/x.md" and "posts/x/index.md" are both "x".
func nameSlug(file string) string {
	name := strings.TrimSuffix(path.Base(file), ".md")
	if name == "index" && strings.Count(file, "/") > 1 {
		name = path.Base(path.Dir(file))
	}
	if s := slugOf(name); s != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		return s
	}
	return strings.Trim(name, ".")
}

// bundle tells whether the post has a folder of its own, whose files go with it.
func (p *Post) bundle() bool {
	return !p.Page && path.Base(p.File) == "index.md" && strings.Count(p.File, "/") > 1
}

// at is where a key stands in the front matter, else the file's first line.
func (p *Post) at(key string) position {
	if at, ok := p.lines[key]; ok {
		return at
	}
	return position{1, 1, 1}
}

// hold decides whether the post is out at a moment, and says why where it is not.
func (p *Post) hold(now time.Time, textless bool) {
	p.State, p.Why = live, ""
	switch {
	case p.Draft:
		p.State, p.Why = draft, "draft: true"
	case !p.Page && p.Date.After(now):
		p.State, p.Why = scheduled, "scheduled "+moment(p.Date)+", "+in(p.Date.Sub(now))
	case !p.Expires.IsZero() && !p.Expires.After(now):
		p.State, p.Why = expired, "expired "+moment(p.Expires)
	case textless:
		p.State, p.Why = empty, "no text yet"
	}
}

func moment(t time.Time) string {
	if t.Hour() == 0 && t.Minute() == 0 {
		return t.Format("2 Jan 2006")
	}
	return t.Format("2 Jan 2006 15:04 MST")
}

func in(d time.Duration) string {
	switch days := int(d.Hours()) / 24; {
	case days > 1:
		return "in " + plural(days, "day")
	case d >= time.Hour:
		return "in " + plural(int(d.Hours()), "hour")
	}
	return "in " + plural(max(int(d.Minutes()), 1), "minute")
}
