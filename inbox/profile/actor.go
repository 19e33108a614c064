package profile

import (
	"context"
	"html"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

// actor serves one of our actors.
func (p *Profile) actor(actor site.Actor) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		doc, err := p.Actor(r.Context(), actor)
		if err != nil {
			p.fail(w, r, err)
			return
		}
		p.serve(w, r, http.StatusOK, doc)
	}
}

// Actor gives the document of one of our actors, as other servers fetch it.
func (p *Profile) Actor(ctx context.Context, actor site.Actor) (activitypub.Actor, error) {
	since, err := p.began(ctx)
	if err != nil {
		return activitypub.Actor{}, err
	}
	doc := p.common(actor)
	if !since.IsZero() {
		doc.Published = since.UTC().Format(time.RFC3339)
	}
	if actor.Author == "" {
		p.blog(&doc)
	} else {
		p.author(&doc, actor.Author)
	}
	doc.Tag = p.emojiTags(doc)
	doc.Context = activitypub.ActorContextOf(doc.Tag)
	doc.AlsoKnownAs, doc.MovedTo, err = p.otherSelves(ctx, actor.ID, doc.AlsoKnownAs)
	return doc, err
}

// common is what the blog and its authors have in common. Everything in it is on one host: Misskey throws other actors away.
func (p *Profile) common(actor site.Actor) activitypub.Actor {
	f, a, id := p.o.Config.Federation, p.address, actor.ID
	return activitypub.Actor{
		Context: activitypub.ActorContext, ID: id, Type: "Person", PreferredUsername: actor.Handle, URL: a.ProfileOf(actor),
		Inbox: a.Inbox(), Outbox: a.OutboxOf(id), Followers: a.FollowersOf(id), Following: a.FollowingOf(id), Featured: a.FeaturedOf(id),
		FeaturedTags: a.TagsOf(id), Endpoints: &activitypub.Endpoints{SharedInbox: a.Inbox()}, PublicKey: p.key(id, a.KeyOf(id)),
		Discoverable: f.Discoverable, Indexable: f.Indexable, WebFinger: a.AcctOf(actor.Handle), AttributionDomains: p.credited(),
		AssertionMethod: p.multikeys(id), Generator: activitypub.Generator(),
	}
}

// blog adds what the blog says of itself.
func (p *Profile) blog(doc *activitypub.Actor) {
	f, s, a := p.o.Config.Federation, p.o.Config.Site, p.address
	doc.Type = firstOf(f.Type, "Person")
	doc.Name, doc.Summary = firstOf(f.Name, s.Title, f.Handle), paragraph(firstOf(f.Summary, s.Description))
	doc.Icon, doc.Image, doc.AlsoKnownAs = p.picture(f.Icon), p.picture(f.Image), f.AlsoKnownAs
	doc.Attachment = append([]activitypub.PropertyValue{property("Blog", a.Home())}, rows(f.Fields)...)
	doc.Attachment = doc.Attachment[:min(len(doc.Attachment), maxRows)]
	if doc.Type == "Group" { // without these Lemmy takes it for a community in which everybody may post
		doc.AttributedTo, doc.ModsOnly = a.Moderators(), true
	}
}

// author adds what an author says, after the blog.
func (p *Profile) author(doc *activitypub.Actor, name string) {
	author := p.o.Config.Authors[name]
	doc.Name, doc.Summary = firstOf(author.Name, name), paragraph(author.Summary)
	doc.Icon, doc.Image = p.picture(author.Icon), p.picture(author.Image)
	doc.Attachment = []activitypub.PropertyValue{property("Blog", p.address.Home())}
	for _, title := range slices.Sorted(maps.Keys(author.Links)) {
		doc.Attachment = append(doc.Attachment, property(title, author.Links[title]))
	}
	doc.Attachment = append(doc.Attachment, rows(author.Fields)...)
	doc.Attachment = doc.Attachment[:min(len(doc.Attachment), maxRows)]
}

// maxRows is how many rows of a profile Mastodon reads.
const maxRows = 50

// rows reads "Name: value" rows of the settings.
func rows(list []string) (made []activitypub.PropertyValue) {
	for _, row := range list {
		name, value, _ := strings.Cut(row, ":")
		made = append(made, property(strings.TrimSpace(name), strings.TrimSpace(value)))
	}
	return made
}

// property is one row of a profile. An address becomes a link: rel=me lets Mastodon verify it.
func property(name, value string) activitypub.PropertyValue {
	shown := html.EscapeString(value)
	if strings.HasPrefix(value, "https://") || strings.HasPrefix(value, "http://") {
		shown = meLink(value)
	}
	return activitypub.PropertyValue{Type: "PropertyValue", Name: name, Value: shown}
}

// credited are the hosts whose pages may name our actors as their authors: Mastodon believes no others.
func (p *Profile) credited() []string {
	list := []string{p.address.SiteHost()}
	for _, host := range p.o.Config.Federation.AttributionDomains {
		if !slices.Contains(list, host) {
			list = append(list, host)
		}
	}
	return list
}

// page leads from the page of an actor to the blog.
func (p *Profile) page(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, p.address.Home(), http.StatusFound)
}

// instance serves the actor that signs what the daemon fetches. It has no posts and no followers.
func (p *Profile) instance(w http.ResponseWriter, r *http.Request) {
	a := p.address
	p.serve(w, r, http.StatusOK, activitypub.Actor{
		Context: activitypub.ActorContext, ID: a.Instance(), Type: "Application", PreferredUsername: a.Host(), Name: a.Host(),
		URL: a.Profile(), Inbox: a.Inbox(), Outbox: a.Outbox(), Endpoints: &activitypub.Endpoints{SharedInbox: a.Inbox()},
		PublicKey: p.key(a.Instance(), a.InstanceKey()), AssertionMethod: p.multikeys(a.Instance()),
		Generator: activitypub.Generator(), ManuallyApproves: true, WebFinger: a.InstanceAcct(),
	})
}

func (p *Profile) key(actor, id string) *activitypub.ActorKey {
	if p.o.PublicKeys[actor] == "" {
		return nil
	}
	if now := p.o.PublicKeyIDs[actor]; now != "" {
		id = now
	}
	return &activitypub.ActorKey{ID: id, Owner: actor, PublicKeyPem: p.o.PublicKeys[actor]}
}

// multikeys are the keys that an actor lists besides its publicKey: one that is being replaced for as long as the two overlap.
func (p *Profile) multikeys(actor string) (list []activitypub.Multikey) {
	for _, k := range p.o.Multikeys[actor] {
		if k.Until.IsZero() || p.o.Now().Before(k.Until) {
			list = append(list, k)
		}
	}
	return list
}

// began tells when the first post appeared. Bridgy Fed does not trust accounts that are younger than a week.
func (p *Profile) began(ctx context.Context) (time.Time, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.since.IsZero() {
		return p.since, nil
	}
	list, err := p.o.Store.Articles(ctx)
	if err != nil {
		return time.Time{}, err
	}
	for _, a := range slices.Backward(list) {
		if p.since.IsZero() || a.Published.Before(p.since) {
			p.since = a.Published
		}
	}
	return p.since, nil
}

// picture makes the Image of a setting: a path below content/ or an address.
func (p *Profile) picture(at string) *activitypub.Image {
	where, kind := p.o.Config.Picture(at)
	if where == "" {
		return nil
	}
	return &activitypub.Image{Type: "Image", URL: where, MediaType: kind}
}

func paragraph(text string) string {
	if text == "" {
		return ""
	}
	return "<p>" + html.EscapeString(text) + "</p>"
}

// meLink shows an address without its scheme, as profiles everywhere do.
func meLink(at string) string {
	_, short, _ := strings.Cut(at, "://")
	return `<a href="` + html.EscapeString(at) + `" rel="me nofollow noopener">` + html.EscapeString(strings.TrimSuffix(short, "/")) + `</a>`
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
