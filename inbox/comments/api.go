package comments

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/inbox/embed"
	"github.com/postil-blog/postil/store"
)

// serveFragment answers GET /comments/{key}: the slot's content, for pages that another server holds.
func (c *Comments) serveFragment(w http.ResponseWriter, r *http.Request) {
	if !c.crossOrigin(w, r) {
		return
	}
	post, err := c.post(r.Context(), c.a.Post(r.PathValue("key")))
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	c.answer(w, r, post, "fragment", func(ctx context.Context, state string) ([]byte, error) { return c.render(ctx, post, state) })
}

// serveThread answers GET /api/v1/thread?post= (or url=): an Article's id, or its page's address, also that of another site's page. Content is trees, so that an embedding
// page needs no sanitizer; ?lang= adds the element's words in that language.
func (c *Comments) serveThread(w http.ResponseWriter, r *http.Request) {
	if !c.crossOrigin(w, r) {
		return
	}
	q := r.URL.Query()
	post, err := c.named(r.Context(), cmp.Or(q.Get("post"), q.Get("url")))
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	// A language has many tags, of which a stranger can make up any number: what is kept goes by what is spoken.
	asked := r.URL.Query().Get("lang")
	spoken := embed.Spoken(asked)
	c.answer(w, r, post, "json "+spoken, func(ctx context.Context, state string) ([]byte, error) {
		t, err := c.Thread(ctx, post)
		if err != nil {
			return nil, err
		}
		return activitypub.Marshal(threadAnswer{t, version(state), spoken, embed.Words(asked, t)})
	})
}

// named finds a post by id or by its page's address, with or without the closing slash.
func (c *Comments) named(ctx context.Context, name string) (store.Article, error) {
	if _, ok := c.a.PostKey(name); ok {
		return c.post(ctx, name)
	}
	for _, address := range []string{name, name + "/"} {
		post, err := c.o.Store.ArticleByURL(ctx, address)
		if err == nil && post.Withdrawn.IsZero() {
			return post, nil
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return post, err
		}
	}
	return store.Article{}, store.ErrNotFound
}

// answer sends a form of the thread, made anew only when the thread changed.
func (c *Comments) answer(w http.ResponseWriter, r *http.Request, post store.Article, form string, build func(ctx context.Context, state string) ([]byte, error)) {
	state, err := c.state(r.Context(), post)
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	d, err := c.remembered(form+" "+state, func() ([]byte, error) { return build(r.Context(), state) })
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	h := w.Header()
	if strings.HasPrefix(form, "json") {
		h.Set("Content-Type", "application/json; charset=utf-8")
	} else {
		c.pageHeaders(h)
		h.Set("X-Robots-Tag", "noindex")
	}
	h.Set("Cache-Control", cachePage)
	h.Set("ETag", d.tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.body))
}

// refuse answers 404 for what is not there and 503 for what cannot be read now.
func (c *Comments) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, store.ErrNotFound) {
		w.Header().Set("Cache-Control", cacheFault)
		http.Error(w, "There is no such post.", http.StatusNotFound)
		return
	}
	if r.Context().Err() == nil {
		c.o.Log.Error("answering with a thread", "path", r.URL.Path, "err", err)
	}
	http.Error(w, "The thread cannot be read now.", http.StatusServiceUnavailable)
}

// crossOrigin lets pages of any origin read the answer, or those of embed.origins alone: it holds nothing but what is public, and no cookie is ever looked
// at. It tells whether there is more to answer.
func (c *Comments) crossOrigin(w http.ResponseWriter, r *http.Request) bool {
	h, reader, resource := w.Header(), "*", "cross-origin"
	if len(c.o.Config.Embed.Origins) > 0 {
		// What asks by CORS is told by its origin; what asks without, as a script of no module, is only let in from here.
		reader, resource = r.Header.Get("Origin"), "same-origin"
		h.Add("Vary", "Origin")
		if reader != "" && !c.o.Config.Embeds(reader) {
			http.Error(w, "Pages of "+reader+" may not show this blog's comments: its setting embed.origins does not list them.", http.StatusForbidden)
			return false
		}
	}
	if reader != "" {
		h.Set("Access-Control-Allow-Origin", reader)
		h.Set("Timing-Allow-Origin", reader)
	}
	h.Set("Cross-Origin-Resource-Policy", resource)
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", "GET, HEAD")
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
		return false
	}
	return allowed(w, r, http.MethodGet, http.MethodHead, http.MethodOptions)
}
