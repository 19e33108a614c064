package profile

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// webFinger tells which actor a handle or an address means.
func (p *Profile) webFinger(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	query, err := url.ParseQuery(r.URL.RawQuery)
	resource := query.Get("resource")
	if err != nil || resource == "" {
		http.Error(w, "resource is missing", http.StatusBadRequest)
		return
	}
	d, err := p.find(r.Context(), resource)
	switch {
	case errors.Is(err, store.ErrNotFound):
		missing(w, r)
	case err != nil:
		p.fail(w, r, err)
	default:
		p.document(w, r, http.StatusOK, "application/jrd+json", d)
	}
}

// find knows our actors by their handles, also those that they had before, their ids and their pages, and the instance actor by its
// own. Hosts and handles are compared without case: people type them. The error is store.ErrNotFound for anything else.
func (p *Profile) find(ctx context.Context, resource string) (site.Resource, error) {
	a := p.address
	acct, isAcct := cutPrefixFold(resource, "acct:")
	if isAcct && strings.EqualFold(acct, a.InstanceAcct()) || resource == a.Instance() {
		return site.Resource{Subject: "acct:" + a.InstanceAcct(), Aliases: []string{a.Instance()}, Links: site.SelfLinks(a.Instance())}, nil
	}
	if user, host, _ := strings.Cut(acct, "@"); isAcct {
		return p.fingered(ctx, user, host)
	}
	if resource+"/" == a.Home() {
		resource = a.Home()
	}
	for _, actor := range p.actors {
		if r := p.o.Config.Resource(actor); slices.Contains(r.Aliases, resource) {
			return r, nil
		}
	}
	return site.Resource{}, store.ErrNotFound
}

// fingered finds the actor that has a handle, or had it: a handle that was given up still leads to its actor, which says the new one.
func (p *Profile) fingered(ctx context.Context, user, host string) (site.Resource, error) {
	if !p.ours(host) || user == "" || strings.ContainsRune(user, 0) {
		return site.Resource{}, store.ErrNotFound
	}
	actor, _, err := p.called(ctx, user)
	if err != nil {
		return site.Resource{}, err
	}
	return p.o.Config.Resource(actor), nil
}

// called finds the actor that is called so, now or formerly. The error is store.ErrNotFound where none ever was.
func (p *Profile) called(ctx context.Context, handle string) (actor site.Actor, now bool, err error) {
	for _, actor := range p.actors {
		if strings.EqualFold(handle, actor.Handle) {
			return actor, true, nil
		}
	}
	owner, err := p.o.Store.HandleOwner(ctx, handle)
	if err != nil {
		return site.Actor{}, false, err
	}
	for _, actor := range p.actors {
		if actor.ID == owner {
			return actor, false, nil
		}
	}
	return site.Actor{}, false, store.ErrNotFound
}

// ours tells whether a host is the federation's or, where the two differ, the site's: its own WebFinger may be sent on to us.
func (p *Profile) ours(host string) bool {
	return strings.EqualFold(host, p.address.Host()) || strings.EqualFold(host, p.address.SiteHost())
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// hostMeta leads old peers to WebFinger (RFC 6415).
func (p *Profile) hostMeta(w http.ResponseWriter, r *http.Request) {
	doc, err := p.o.Config.HostMeta()
	if err != nil {
		p.fail(w, r, err)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	p.document(w, r, http.StatusOK, "application/xrd+xml; charset=utf-8", doc)
}
