package profile

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// actor serves the blog.
func (p *Profile) actor(w http.ResponseWriter, r *http.Request) {
	since, err := p.began(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	doc := p.blog(since)
	if doc.AlsoKnownAs, doc.MovedTo, err = p.otherSelves(r.Context(), doc.ID, p.o.Config.Federation.AlsoKnownAs); err != nil {
		p.fail(w, r, err)
		return
	}
	p.serve(w, r, http.StatusOK, doc)
}

// blog makes the blog's actor. Everything in it is on one host: Misskey throws other actors away.
func (p *Profile) blog(since time.Time) activitypub.Actor {
	f, s, a := p.o.Config.Federation, p.o.Config.Site, p.address
	home := a.Home()
	doc := activitypub.Actor{
		Context: activitypub.ActorContext, ID: a.Actor(), Type: firstOf(f.Type, "Person"), PreferredUsername: f.Handle,
		Name: firstOf(f.Name, s.Title, f.Handle), Summary: paragraph(firstOf(f.Summary, s.Description)), URL: home,
		Inbox: a.Inbox(), Outbox: a.Outbox(), Followers: a.Followers(), Following: a.Following(), Featured: a.Featured(),
		Endpoints: &activitypub.Endpoints{SharedInbox: a.Inbox()}, Icon: p.picture(f.Icon), Image: p.picture(f.Image),
		Attachment: []activitypub.PropertyValue{{Type: "PropertyValue", Name: "Blog", Value: homeLink(home)}},
		PublicKey:  p.key(a.Actor(), a.Key()), Discoverable: true, Indexable: true, WebFinger: a.Acct(),
		AttributionDomains: []string{a.SiteHost()},
	}
	if doc.Type == "Group" { // without these Lemmy takes it for a community in which everybody may post
		doc.AttributedTo, doc.ModsOnly = a.Moderators(), true
	}
	if !since.IsZero() {
		doc.Published = since.UTC().Format(time.RFC3339)
	}
	return doc
}

// instance serves the actor that signs what the daemon fetches. It has no posts and no followers.
func (p *Profile) instance(w http.ResponseWriter, r *http.Request) {
	a := p.address
	p.serve(w, r, http.StatusOK, activitypub.Actor{
		Context: activitypub.ActorContext, ID: a.Instance(), Type: "Application", PreferredUsername: a.Host(), Name: a.Host(),
		URL: a.Home(), Inbox: a.Inbox(), Outbox: a.Outbox(), Endpoints: &activitypub.Endpoints{SharedInbox: a.Inbox()},
		PublicKey: p.key(a.Instance(), a.InstanceKey()), ManuallyApproves: true, WebFinger: a.InstanceAcct(),
	})
}

func (p *Profile) key(actor, id string) *activitypub.ActorKey {
	if p.o.PublicKeys[actor] == "" {
		return nil
	}
	return &activitypub.ActorKey{ID: id, Owner: actor, PublicKeyPem: p.o.PublicKeys[actor]}
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
	if at == "" {
		return nil
	}
	where := at
	if !strings.Contains(at, "://") { // a file's name: it may hold spaces and umlauts, which no address may
		where = p.address.Page((&url.URL{Path: path.Clean("/" + at)}).EscapedPath())
	}
	kind := map[string]string{".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif"}
	return &activitypub.Image{Type: "Image", URL: where, MediaType: kind[strings.ToLower(path.Ext(at))]}
}

func paragraph(text string) string {
	if text == "" {
		return ""
	}
	return "<p>" + html.EscapeString(text) + "</p>"
}

// homeLink shows the address without its scheme, as profiles everywhere do. rel=me lets Mastodon verify it.
func homeLink(home string) string {
	_, short, _ := strings.Cut(home, "://")
	return `<a href="` + html.EscapeString(home) + `" rel="me nofollow noopener">` + html.EscapeString(strings.TrimSuffix(short, "/")) + `</a>`
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
