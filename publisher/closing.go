package publisher

import (
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

// closes is when a post takes no more comments by its own front matter, counted from its first publication; the zero time leaves that to
// the settings. A post that shows no comments takes none.
func closes(p *Post, published time.Time) time.Time {
	if p.Comments == "off" || p.Comments == "read-only" {
		return published
	}
	if !daysShape.MatchString(p.Comments) {
		return time.Time{}
	}
	days, _ := site.Days(p.Comments)
	return published.AddDate(0, 0, days)
}

// takesComments tells whether a post takes comments at the moment of this run.
func (b *build) takesComments(p *Post) bool { return b.takesCommentsAt(p, b.now) }

func (b *build) takesCommentsAt(p *Post, at time.Time) bool {
	published := b.now.UTC().Truncate(time.Second)
	if e, ok := b.before[b.addresses.Post(p.Key)]; ok {
		published = e.Published
	}
	return !p.Page && p.Comments != "off" && !b.config.Comments.Closed(published, closes(p, published), at)
}

// shut makes a pulled thread one that takes no more answers.
func shut(t *activitypub.Thread) {
	t.Closed, t.Actions.Reply = true, ""
	unanswerable(t.Replies)
	unanswerable(t.Quotes)
}

func unanswerable(list []*activitypub.Comment) {
	for _, c := range list {
		c.Actions.Reply = ""
		unanswerable(c.Replies)
	}
}
