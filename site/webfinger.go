package site

import (
	"encoding/xml"
	"net/url"
	pathpkg "path"
	"slices"
	"strings"
)

// Resource is a WebFinger answer: a JSON Resource Descriptor (RFC 7033 §4.4). The daemon answers with it, and publish writes it where
// the federation has a host of its own.
type Resource struct {
	Subject string         `json:"subject,omitempty"`
	Aliases []string       `json:"aliases,omitempty"`
	Links   []ResourceLink `json:"links"`
}

// ResourceLink is one link of a Resource.
type ResourceLink struct {
	Rel      string `json:"rel"`
	Type     string `json:"type,omitempty"`
	Href     string `json:"href,omitempty"`
	Template string `json:"template,omitempty"`
}

// The rels by which a reader's server says where to act upon an address: OStatus' and those of FEP-3b86.
const (
	relSubscribe = "http://ostatus.org/schema/1.0/subscribe"
	relIntent    = "https://w3id.org/fep/3b86/"
)

// Resource describes one of the blog's actors.
func (c *Config) Resource(actor Actor) Resource {
	a := c.Addresses()
	page := a.ProfileOf(actor)
	r := Resource{Subject: "acct:" + a.AcctOf(actor.Handle), Aliases: []string{actor.ID, page}, Links: SelfLinks(actor.ID)}
	icon := c.Authors[actor.Author].Icon
	if actor.Author == "" {
		icon = c.Federation.Icon
		if !slices.Contains(r.Aliases, a.Home()) {
			r.Aliases = append(r.Aliases, a.Home())
		}
	}
	r.Links = append(r.Links, ResourceLink{Rel: "http://webfinger.net/rel/profile-page", Type: "text/html", Href: page})
	if at, kind := c.Picture(icon); at != "" {
		r.Links = append(r.Links, ResourceLink{Rel: "http://webfinger.net/rel/avatar", Type: kind, Href: at})
	}
	r.Links = append(r.Links, ResourceLink{Rel: relSubscribe, Template: a.Intent("follow", "uri")})
	for _, i := range [][3]string{
		{"Follow", "follow", "object"}, {"Like", "like", "object"}, {"Announce", "boost", "object"}, {"Create", "reply", "inReplyTo"},
		{"Object", "reply", "object"},
	} {
		r.Links = append(r.Links, ResourceLink{Rel: relIntent + i[0], Template: a.Intent(i[1], i[2])})
	}
	return r
}

// SelfLinks lead to an actor, under both names of the type: some readers know one of them only.
func SelfLinks(id string) []ResourceLink {
	return []ResourceLink{
		{Rel: "self", Type: "application/activity+json", Href: id},
		{Rel: "self", Type: `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, Href: id},
	}
}

// Picture gives the address and the media type of a picture in the settings: a path below content/ or an address. "" is none.
func (c *Config) Picture(at string) (address, mediaType string) {
	if at == "" {
		return "", ""
	}
	address = at
	if !strings.Contains(at, "://") { // a file's name: it may hold spaces and umlauts, which no address may
		address = c.Addresses().Page((&url.URL{Path: pathpkg.Clean("/" + at)}).EscapedPath())
	}
	kind := map[string]string{".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif"}
	return address, kind[strings.ToLower(pathpkg.Ext(at))]
}

// HostMeta leads old peers to WebFinger (RFC 6415).
func (c *Config) HostMeta() ([]byte, error) {
	type link struct {
		Rel      string `xml:"rel,attr"`
		Type     string `xml:"type,attr"`
		Template string `xml:"template,attr"`
	}
	b, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"http://docs.oasis-open.org/ns/xri/xrd-1.0 XRD"`
		Link    link
	}{Link: link{"lrdd", "application/jrd+json", c.Addresses().WebFinger() + "?resource={uri}"}})
	return append([]byte(xml.Header), b...), err
}
