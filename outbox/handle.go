package outbox

import (
	"cmp"
	"context"
	"html"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// What the owner writes through the API or on the admin page is plain text that publish never sees. So the daemon finds whom it names.

const (
	// maxNamed is how many handles of one reply are looked up, nameTime how long all of them together may take.
	maxNamed, nameTime = 20, 10 * time.Second
	// profilePage is the link relation of an account's page for people.
	profilePage = "http://webfinger.net/rel/profile-page"
)

// lookUp finds the accounts that a text names as "@user@host", by their handles in lower case. Who is not found stays text.
func (o *Outbox) lookUp(ctx context.Context, text string) map[string]person {
	ctx, cancel := context.WithTimeout(ctx, nameTime)
	defer cancel()
	var mu sync.Mutex
	var asks sync.WaitGroup
	found := map[string]person{}
	for _, handle := range handlesIn(text) {
		asks.Go(func() {
			if p, ok := o.account(ctx, handle); ok {
				mu.Lock()
				defer mu.Unlock()
				found[handle] = p
			}
		})
	}
	asks.Wait()
	return found
}

// handlesIn are the first of a text's handles, in lower case, each once. Addresses hold none.
func handlesIn(text string) (list []string) {
	text = webAddress.ReplaceAllString(text, "\x00")
	for _, m := range activitypub.Handles(text) {
		handle := strings.ToLower(text[m[0]+1 : m[1]])
		if !slices.Contains(list, handle) && len(list) < maxNamed {
			list = append(list, handle)
		}
	}
	return list
}

// account finds an account: one of ours by the settings, any other by WebFinger.
func (o *Outbox) account(ctx context.Context, handle string) (person, bool) {
	a := o.o.Config.Addresses()
	for _, actor := range o.o.Config.Actors() {
		if strings.EqualFold(handle, a.AcctOf(actor.Handle)) {
			return person{id: actor.ID, handle: a.AcctOf(actor.Handle), url: a.ProfileOf(actor)}, true
		}
	}
	r, err := o.o.Client.WebFinger(ctx, handle)
	if err != nil {
		o.o.Log.Info("an account that a reply names was not found and stays text", "handle", handle, "err", err)
		return person{}, false
	}
	p := person{id: r.Self(), handle: strings.TrimPrefix(r.Subject, "acct:")}
	for _, l := range r.Links {
		// A page elsewhere would let one server put links to another under its account's name.
		if l.Rel == profilePage && activitypub.SameOrigin(l.Href, p.id) {
			p.url = l.Href
		}
	}
	return p, plainAddress(p.id) && plainAddress(cmp.Or(p.url, p.id))
}

// plainAddress tells whether what another server gave can stand in a page of ours: a web address and no script.
func plainAddress(at string) bool {
	u, err := url.Parse(at)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && len(at) <= maxInbox
}

// address adds whom a text names to its note: a Mention and a place in cc for each.
func address(note *activitypub.Article, text string, who map[string]person) {
	for _, handle := range handlesIn(text) {
		p, ok := who[handle]
		if !ok || slices.Contains(note.CC, p.id) {
			continue
		}
		note.CC = append(note.CC, p.id)
		note.Tag = append(note.Tag, activitypub.Tag{Type: "Mention", Name: "@" + p.handle, Href: p.id})
	}
}

// naming escapes a text and makes links of the handles in it whose accounts are known, as publish does.
func naming(text string, who map[string]person) string {
	var b strings.Builder
	at := 0
	for _, m := range activitypub.Handles(text) {
		p, ok := who[strings.ToLower(text[m[0]+1:m[1]])]
		if !ok {
			continue
		}
		b.WriteString(html.EscapeString(text[at:m[0]]) + `<a href="` + html.EscapeString(cmp.Or(p.url, p.id)) + `" class="u-url mention">` +
			html.EscapeString(text[m[0]:m[1]]) + `</a>`)
		at = m[1]
	}
	return b.String() + html.EscapeString(text[at:])
}
