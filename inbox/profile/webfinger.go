package profile

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"

	"github.com/postil-blog/postil/activitypub"
)

// descriptor is a JSON Resource Descriptor (RFC 7033 §4.4).
type descriptor struct {
	Subject string   `json:"subject,omitempty"`
	Aliases []string `json:"aliases,omitempty"`
	Links   []link   `json:"links"`
}

type link struct {
	Rel      string `json:"rel"`
	Type     string `json:"type,omitempty"`
	Href     string `json:"href,omitempty"`
	Template string `json:"template,omitempty"`
}

const ldType = `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`

// webFinger tells which actor a handle or an address means.
func (p *Profile) webFinger(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	query, err := url.ParseQuery(r.URL.RawQuery)
	resource := query.Get("resource")
	if err != nil || resource == "" {
		http.Error(w, "resource is missing", http.StatusBadRequest)
		return
	}
	d, ok := p.find(resource)
	if !ok {
		missing(w, r)
		return
	}
	p.document(w, r, http.StatusOK, "application/jrd+json", d)
}

// find knows the blog by its handle, its actor and its page, and the instance actor by its own. Hosts and handles are compared
// without case: people type them.
func (p *Profile) find(resource string) (descriptor, bool) {
	a := p.address
	acct, isAcct := cutPrefixFold(resource, "acct:")
	user, host, _ := strings.Cut(acct, "@")
	switch {
	case isAcct && strings.EqualFold(user, p.o.Config.Federation.Handle) && p.ours(host),
		resource == a.Actor(), resource == a.Home(), resource == strings.TrimSuffix(a.Home(), "/"):
		return p.described(), true
	case isAcct && strings.EqualFold(acct, a.InstanceAcct()), resource == a.Instance():
		return descriptor{"acct:" + a.InstanceAcct(), []string{a.Instance()}, selfLinks(a.Instance())}, true
	}
	return descriptor{}, false
}

// ours tells whether a host is the federation's or, where the two differ, the site's: its own WebFinger may be sent on to us.
func (p *Profile) ours(host string) bool {
	return strings.EqualFold(host, p.address.Host()) || strings.EqualFold(host, p.address.SiteHost())
}

func (p *Profile) described() descriptor {
	a := p.address
	links := append(selfLinks(a.Actor()), link{Rel: "http://webfinger.net/rel/profile-page", Type: "text/html", Href: a.Home()})
	if icon := p.picture(p.o.Config.Federation.Icon); icon != nil {
		links = append(links, link{Rel: "http://webfinger.net/rel/avatar", Type: icon.MediaType, Href: icon.URL})
	}
	return descriptor{"acct:" + a.Acct(), []string{a.Actor(), a.Home()}, links}
}

func selfLinks(id string) []link {
	return []link{{Rel: "self", Type: activitypub.ContentType, Href: id}, {Rel: "self", Type: ldType, Href: id}}
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// hostMeta leads old peers to WebFinger (RFC 6415).
func (p *Profile) hostMeta(w http.ResponseWriter, r *http.Request) {
	type xrdLink struct {
		Rel      string `xml:"rel,attr"`
		Type     string `xml:"type,attr"`
		Template string `xml:"template,attr"`
	}
	doc := struct {
		XMLName xml.Name `xml:"http://docs.oasis-open.org/ns/xri/xrd-1.0 XRD"`
		Link    xrdLink
	}{Link: xrdLink{"lrdd", "application/jrd+json", p.address.Origin() + "/.well-known/webfinger?resource={uri}"}}
	b, err := xml.Marshal(doc)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	p.document(w, r, http.StatusOK, "application/xrd+xml; charset=utf-8", append([]byte(xml.Header), b...))
}
