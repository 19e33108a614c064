package remotetest

import (
	"slices"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// Post is a post of somebody followed, as it stands in the home timeline.
type Post struct {
	ID, Type  string
	By        string // actor id
	Name      string
	Summary   string // HTML
	Content   string // HTML
	URL       string
	Published time.Time
	Updated   time.Time
	Edits     int
}

// keep lets an activity act on the timeline. It runs under the server's lock, after the signature was checked; an activity about
// what is not its actor's is recorded and does nothing.
func (s *Server) keep(activity *activitypub.Object) {
	if len(activity.Object) != 1 {
		return
	}
	o, by := activity.Object[0], activity.Actor.ID
	i := slices.IndexFunc(s.timeline, func(p *Post) bool { return p.ID == o.ID })
	switch {
	case activity.Is("Delete") && o.ID == by:
		s.forget(by)
	case i >= 0 && s.timeline[i].By != by:
	case activity.Is("Create") && i < 0 && writtenBy(o, by):
		s.timeline = slices.Insert(s.timeline, 0, postOf(o, by))
	case activity.Is("Update") && i >= 0 && writtenBy(o, by) && o.Updated.After(s.timeline[i].Updated):
		edits := s.timeline[i].Edits + 1
		s.timeline[i] = postOf(o, by)
		s.timeline[i].Edits = edits
	case activity.Is("Delete") && i >= 0:
		s.timeline = slices.Delete(s.timeline, i, i+1)
	}
}

func writtenBy(o *activitypub.Object, actor string) bool {
	return !o.Bare && len(o.AttributedTo) == 1 && o.AttributedTo[0].ID == actor && activitypub.SameOrigin(o.ID, actor)
}

func postOf(o *activitypub.Object, by string) *Post {
	return &Post{ID: o.ID, Type: o.Type, By: by, Name: o.Name, Summary: o.Summary, Content: o.Content,
		URL: pageOf(o), Published: o.Published, Updated: o.Updated}
}
