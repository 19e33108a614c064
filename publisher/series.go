package publisher

import (
	"maps"
	"slices"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
)

// Each post keeps a context of its own, the conversation beneath it (FEP-f228). A series is another collection: its posts, the oldest
// first, as its pages link to each other. A post names it as what it is part of.

// partOf is the series of a post, nil where it has none.
func (b *build) partOf(p *Post) *activitypub.Series {
	slug := site.Slug(p.Series)
	if slug == "" {
		return nil
	}
	return &activitypub.Series{ID: b.addresses.Series(slug), Type: "OrderedCollection", Name: p.Series}
}

// planSeries plans the collection of each series. It is public, so a post for followers alone is not in it.
func (b *build) planSeries() {
	if !b.config.Federation.Enabled {
		return
	}
	members := map[string][]*Post{}
	for _, p := range slices.Backward(b.posts) {
		if b.partOf(p) != nil && b.federates(p) && b.form(p).Visibility != "followers" {
			slug := site.Slug(p.Series)
			members[slug] = append(members[slug], p)
		}
	}
	for _, slug := range slices.Sorted(maps.Keys(members)) {
		c := b.seriesOf(slug, members[slug])
		b.plan(output{path: b.addresses.SeriesFile(slug), print: b.print("series", c.Name, c.OrderedItems), class: documents, make: func() ([]byte, error) {
			data, err := activitypub.Marshal(c)
			return append(data, '\n'), err
		}})
	}
}

// seriesOf is a series as followers' servers fetch it. Its name is as the first post spells it.
func (b *build) seriesOf(slug string, posts []*Post) activitypub.Collection {
	c := activitypub.Collection{
		Context: "https://www.w3.org/ns/activitystreams", ID: b.addresses.Series(slug), Type: "OrderedCollection", Name: posts[0].Series,
		AttributedTo: b.addresses.Actor(), TotalItems: len(posts), OrderedItems: []any{},
	}
	for _, p := range posts {
		c.OrderedItems = append(c.OrderedItems, b.addresses.Post(p.Key))
	}
	return c
}

// inSeries is the place of a post in its series, nil for one that is alone there. Of a part in several languages it names the one in the
// post's, so that each part counts once.
func (b *build) inSeries(p *Post) *templates.Series {
	volume := b.volumes[seriesKey(p)]
	if volume == nil || len(volume.posts) < 2 {
		return nil
	}
	s := &templates.Series{Name: volume.name}
	if volume.path != "" {
		s.URL = escapePath(b.addresses.Path(volume.path))
	}
	for _, q := range slices.Backward(volume.posts) {
		if other := b.inMenu(q, p.Lang); other != q && q != p && seriesKey(other) == seriesKey(q) {
			continue
		}
		l := *b.linkTo(q)
		s.Posts = append(s.Posts, l)
		if l.Current = q == p; l.Current {
			s.Part = len(s.Posts)
			s.Posts[s.Part-1].Current = true
		}
	}
	if s.Part > 1 {
		s.Prev = &s.Posts[s.Part-2]
	}
	if s.Part < len(s.Posts) {
		s.Next = &s.Posts[s.Part]
	}
	if len(s.Posts) < 2 {
		return nil
	}
	return s
}
