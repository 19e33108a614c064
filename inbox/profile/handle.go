package profile

import (
	"errors"
	"net/http"
	"strings"

	"github.com/postil-blog/postil/store"
)

// People type "/@handle", as at every microblog, and follow old links. Both lead to where the account is read now.

// Named answers "/@handle" and "/@handle/KEY" for the handles that our actors have or had, and lets next answer everything else: a site may have pages that
// are called so.
func (p *Profile) Named(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handle, ok := strings.CutPrefix(r.URL.Path, p.address.FederationBasePath()+"/@")
		if !ok || !p.o.Config.Federation.Enabled || r.Method != http.MethodGet && r.Method != http.MethodHead || !p.lead(w, r, handle) && !p.leadToPost(w, r, handle) {
			next.ServeHTTP(w, r)
		}
	})
}

// leadToPost redirects "/@handle/KEY", as Mastodon has it and widgets for Mastodon write it, to the page of the post of that key. It tells whether it answered.
func (p *Profile) leadToPost(w http.ResponseWriter, r *http.Request, rest string) bool {
	handle, key, _ := strings.Cut(rest, "/")
	if handle == "" || key == "" || strings.ContainsAny(rest, "\x00") {
		return false
	}
	_, _, err := p.called(r.Context(), handle)
	var post store.Article
	if err == nil {
		post, err = p.o.Store.Article(r.Context(), p.address.Post(key))
	}
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && (!post.Withdrawn.IsZero() || post.URL == ""):
		return false
	case err != nil:
		p.fail(w, r, err)
	default:
		w.Header().Set("Cache-Control", "public, max-age=180")
		http.Redirect(w, r, post.URL, http.StatusFound)
	}
	return true
}

// beneath answers what is below /ap/ and has no route of its own: "@handle", which an actor had for its page once, and nothing else.
func (p *Profile) beneath(w http.ResponseWriter, r *http.Request) {
	handle, ok := strings.CutPrefix(r.URL.Path, p.address.FederationBasePath()+"/ap/@")
	if !ok || !p.lead(w, r, handle) {
		http.NotFound(w, r)
	}
}

// lead redirects to the blog for a handle of today, and for good to the profile of today for a former one. It tells whether it answered.
// Caches forget it soon all the same: who takes a former handle back must not send readers round in a circle.
func (p *Profile) lead(w http.ResponseWriter, r *http.Request, handle string) bool {
	if handle == "" || strings.ContainsAny(handle, "/\x00") {
		return false
	}
	actor, now, err := p.called(r.Context(), handle)
	if errors.Is(err, store.ErrNotFound) {
		return false
	}
	if err != nil {
		p.fail(w, r, err)
		return true
	}
	w.Header().Set("Cache-Control", "public, max-age=180")
	if now {
		p.page(w, r)
		return true
	}
	http.Redirect(w, r, p.address.ProfileOf(actor), http.StatusMovedPermanently)
	return true
}
