package publisher

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/postil-blog/postil/publisher/hosting"
	"github.com/postil-blog/postil/site"
)

// planHost plans what the host is told: redirects and headers. Where it takes a redirect, the page that leads on goes.
// It comes last: only then is it known which addresses are taken.
func (b *build) planHost() error {
	if err := b.planMoves(); err != nil {
		return err
	}
	host := b.config.Publish.Host
	if hosting.Static(host) && b.config.Federation.Enabled && !b.addresses.Split() {
		b.fault(site.Diagnostic{Severity: site.Warning, Code: codeHost, File: site.FileName, Message: fmt.Sprintf("%s serves files alone, and nobody answers for the blog's account at %s", host, b.addresses.Host()),
			Help: "set federation.url to the address of inboxd, before anything is sent: ids begin with it"})
	}
	said := hosting.Site{Common: b.commonHeaders(), WellKnown: b.fingers(), Moves: b.moves()}
	if hosting.Rules(host) {
		said.Pages = b.pageHeaders()
	}
	if b.taken("_redirects") || b.taken("vercel.json") {
		said.Moves = nil // the owner's own file decides; the pages stay
	}
	r := hosting.Files(host, said)
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		b.planOwn(name, r.Files[name])
	}
	for k, o := range b.outputs {
		if o.alias != nil && r.Moved[escapePath(b.addresses.Path(o.from))] {
			delete(b.outputs, k)
		}
	}
	return nil
}

// planOwn plans a small file that is made whole, unless the owner has one of that name in content/.
func (b *build) planOwn(name string, data []byte) {
	if !b.taken(name) {
		b.plan(output{path: name, print: b.print("own", name, data), class: listings, make: func() ([]byte, error) { return data, nil }})
	}
}

// aliases are the planned pages that lead on, in the order of their addresses.
func (b *build) aliases() []output {
	var list []output
	for _, k := range slices.Sorted(maps.Keys(b.outputs)) {
		if o := b.outputs[k]; o.alias != nil {
			list = append(list, o)
		}
	}
	return list
}

// moves are the redirects of the site's own addresses.
func (b *build) moves() (list []hosting.Redirect) {
	for _, o := range b.aliases() {
		list = append(list, hosting.Redirect{From: escapePath(b.addresses.Path(o.from)), To: escapePath(b.addresses.Path(o.alias.Path)), Status: 301})
	}
	return list
}

// planMoves plans the list from which inboxd answers 301.
func (b *build) planMoves() error {
	moved := site.Moved{}
	for _, o := range b.aliases() {
		moved[b.addresses.Path(o.from)] = escapePath(b.addresses.Path(o.alias.Path))
	}
	if len(moved) == 0 {
		return nil
	}
	data, err := json.Marshal(moved)
	if err != nil {
		return err
	}
	b.planOwn(site.MovedFile, append(data, '\n'))
	return nil
}

// wellKnownNames are what the fediverse asks the site's own host about its account.
var wellKnownNames = []string{"/.well-known/webfinger", "/.well-known/host-meta", "/.well-known/nodeinfo"}

// fingers send the fediverse's questions on to the daemon where it has a host of its own.
func (b *build) fingers() (list []hosting.Redirect) {
	if !b.config.Federation.Enabled || !b.addresses.Split() {
		return nil
	}
	for _, name := range wellKnownNames {
		list = append(list, hosting.Redirect{From: name, To: b.addresses.Origin() + name, Status: 302})
	}
	return list
}

// commonHeaders are those of every answer.
func (b *build) commonHeaders() []hosting.Rule {
	every := []hosting.Header{
		{Name: "Content-Security-Policy", Value: b.options.Config.PagePolicy("'self'")},
		{Name: "Referrer-Policy", Value: "no-referrer"},
		{Name: "X-Content-Type-Options", Value: "nosniff"},
	}
	if strings.HasPrefix(b.addresses.Home(), "https://") {
		every = append(every, hosting.Header{Name: "Strict-Transport-Security", Value: "max-age=31536000"})
	}
	return []hosting.Rule{
		{Path: b.addresses.Path("/*"), Headers: every},
		{Path: b.addresses.Path("/assets/*"), Headers: []hosting.Header{{Name: "Cache-Control", Value: "public, max-age=31536000, immutable"}}},
		{Path: b.addresses.Path("/" + site.PublishedFile), Headers: []hosting.Header{{Name: "Cache-Control", Value: "public, max-age=0, must-revalidate"}}},
	}
}

// pageHeaders lead from each post's page to what servers of the fediverse read: they ask the page, and a static host cannot tell them apart
// from readers.
func (b *build) pageHeaders() (list []hosting.Rule) {
	for _, p := range b.posts {
		if b.federates(p) {
			list = append(list, hosting.Rule{Path: escapePath(b.addresses.Path(p.Path)), Headers: []hosting.Header{
				{Name: "Link", Value: "<" + b.addresses.Post(p.Key) + `>; rel="alternate"; type="application/activity+json"`},
			}})
		}
	}
	return list
}
