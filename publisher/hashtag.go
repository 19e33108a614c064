package publisher

import (
	"slices"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

// hashtags are a post's tags, each leading to its page on the blog. A tag that no server takes for one (digits alone, signs alone)
// stays on the blog.
func (b *build) hashtags(p *Post) []activitypub.Tag {
	var tags []activitypub.Tag
	for _, t := range p.Tags {
		name := "#" + site.Hashtag(t)
		if name == "#" || slices.ContainsFunc(tags, func(o activitypub.Tag) bool { return strings.EqualFold(o.Name, name) }) {
			continue
		}
		tags = append(tags, activitypub.Tag{Type: "Hashtag", Name: name, Href: b.addresses.Page(escapePath(tagPath(t)))})
	}
	return tags
}
