package publisher

import (
	"maps"
	"slices"
	"strings"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
)

// authorURL is the page of a post's author, "" where there is none.
func (b *build) authorURL(p *Post) string {
	if p.Author == "" || p.Page {
		return ""
	}
	if s := b.authors[b.authorKey(p)]; s != nil && s.path != "" {
		return b.addresses.Page(escapePath(s.path))
	}
	return ""
}

// profile is an author as the page of their own shows them: what [authors.NAME] says.
func (b *build) profile(s *shelf) *templates.Author {
	c := b.config.Authors[s.key]
	v := &templates.Author{Name: s.name, Summary: c.Summary, Handle: b.handleOf(s.key), Picture: b.portrait(c.Icon)}
	for _, actor := range b.config.Actors() {
		if b.config.Federation.Enabled && actor.Author == s.key && s.key != "" {
			v.Account = b.addresses.ProfileOf(actor)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Links)) {
		v.Links = append(v.Links, templates.Link{Name: name, URL: c.Links[name]})
	}
	for _, row := range c.Fields {
		name, value, _ := strings.Cut(row, ":")
		f := templates.Field{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)}
		if strings.HasPrefix(f.Value, "https://") || strings.HasPrefix(f.Value, "http://") {
			f.URL = f.Value
		}
		v.Fields = append(v.Fields, f)
	}
	return v
}

// portrait is an author's picture, nil for one on another host: a page asks no other host for anything.
func (b *build) portrait(at string) *templates.Image {
	f := b.files[strings.TrimPrefix(at, "/")]
	if f == nil {
		return nil
	}
	i := &templates.Image{URL: escapePath(b.addresses.Path("/" + f.name))}
	i.Width, i.Height = f.size(b)
	return i
}

// handleOf is an author's account: of the blog's own, or the one elsewhere that the settings name; "" for none.
func (b *build) handleOf(name string) string {
	a, known := b.config.Authors[name]
	if h := strings.TrimPrefix(a.Handle, "@"); strings.Contains(h, "@") {
		return "@" + h
	}
	own := slices.IndexFunc(b.config.Actors(), func(actor site.Actor) bool { return actor.Author == name })
	if !known || own < 0 || !b.config.Federation.Enabled {
		return ""
	}
	return "@" + b.addresses.AcctOf(b.config.Actors()[own].Handle)
}
