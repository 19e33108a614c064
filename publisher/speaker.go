package publisher

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/publisher/hosting"
	"github.com/postil-blog/postil/publisher/plainfile"
	"github.com/postil-blog/postil/site"
)

// speaker is the actor of ours that speaks of a post, for ever: who did when it was first published. Ids are for ever, and so is whose
// they are: other servers take an Update from nobody else.
func (b *build) speaker(p *Post) string {
	if old, known := b.before[b.addresses.Post(p.Key)]; known {
		if old.Actor == "" {
			return b.addresses.Actor()
		}
		return old.Actor
	}
	return b.config.ActorID(p.Author)
}

// listed is a speaker as the published list names it: the blog goes without saying.
func (b *build) listed(speaker string) string {
	if speaker == b.addresses.Actor() {
		return ""
	}
	return speaker
}

// speaks refuses a post whose author is no actor of ours any more: nobody could sign for it.
func (b *build) speaks(p *Post) error {
	who := b.speaker(p)
	if slices.ContainsFunc(b.config.Actors(), func(a site.Actor) bool { return a.ID == who }) {
		return nil
	}
	name, _ := b.addresses.AuthorName(who)
	return site.Diagnostics{{
		Severity: site.Error, Code: codeSpeaker, File: b.shown(p.File),
		Message: fmt.Sprintf("%s speaks of this post for ever, and is no actor of the blog any more", name),
		Help:    fmt.Sprintf("put [authors.%s] back into config.toml, without an account elsewhere; what the page names as author is free", name),
	}}
}

// group is the id of the blog where it is a Group, whose members get what is addressed to it (FEP-1b12).
func (b *build) group() string {
	if b.config.Federation.Type == "Group" {
		return b.addresses.Actor()
	}
	return ""
}

// address says who speaks of a post and to whom.
func (b *build) address(doc *activitypub.Article, p *Post, visibility string) {
	doc.AttributedTo = b.speaker(p)
	doc.To, doc.CC = audience(visibility, b.addresses.FollowersOf(doc.AttributedTo))
	if doc.Audience = b.group(); doc.Audience != "" && visibility != "followers" {
		doc.To = append([]string{doc.Audience}, doc.To...) // Lemmy takes a post for the community that it is addressed to
	}
}

// checkGroup warns of a Group without authors: Lemmy takes posts from a Person alone.
func (b *build) checkGroup() {
	if !b.config.Federation.Enabled || b.group() == "" || len(b.config.Actors()) > 1 {
		return
	}
	b.fault(site.Diagnostic{
		Severity: site.Warning, Code: codeGroup, File: site.FileName, Message: "the blog is a Group and has no author of its own: Lemmy takes posts from a Person alone, so it will show none",
		Help: "add [authors.NAME] to config.toml, and author: NAME to the posts",
	})
}

// wellKnown plans what the site's own host has to say about the handle where the federation has a host of its own: a file answers for
// the blog whatever it is asked about.
func (b *build) wellKnown() error {
	if !b.config.Federation.Enabled || !b.addresses.Split() || hosting.Rules(b.config.Publish.Host) {
		return nil
	}
	jrd, err := json.Marshal(b.config.Resource(b.config.Actors()[0]))
	if err != nil {
		return err
	}
	meta, err := b.config.HostMeta()
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{".well-known/webfinger": append(jrd, '\n'), ".well-known/host-meta": append(meta, '\n')} {
		if b.taken(name) { // the owner's own file
			continue
		}
		b.plan(output{path: name, print: b.print("well-known", data), class: listings, make: func() ([]byte, error) { return data, nil }})
	}
	return nil
}

// formerWellKnown are the files of wellKnown, where an earlier run wrote them and this one does not: they would speak of ids that are not
// in use. What else lies in hidden folders is not ours.
func (b *build) formerWellKnown() []string {
	const finger, meta = ".well-known/webfinger", ".well-known/host-meta"
	if b.taken(finger) {
		return nil
	}
	var r site.Resource
	data, err := plainfile.Read(b.output.FS(), finger, maxSource)
	if err != nil || json.Unmarshal(data, &r) != nil || r.Subject != "acct:"+b.addresses.Acct() {
		return nil
	}
	gone := []string{finger}
	if _, err := b.output.Lstat(meta); err == nil && !b.taken(meta) {
		gone = append(gone, meta)
	}
	return gone
}
