package comments

import (
	"net/http"
	"strings"
)

// advertise names the endpoint for webmentions of a post's page (https://www.w3.org/TR/webmention/ §3.1.2).
func (c *Comments) advertise(h http.Header) {
	if c.o.Config.Federation.Enabled && c.o.Config.Webmention.Receive && c.o.Config.Comments.Mode != "closed" {
		h.Add("Link", "<"+c.a.Webmention()+`>; rel="webmention"`)
	}
}

// withdrawn tells whether a path that has no file was the page of a post that the owner took back: 410 lets those who were told of it
// forget it (§3.1.4).
func (c *Comments) withdrawn(r *http.Request) bool {
	if !c.o.Config.Federation.Enabled {
		return false
	}
	name := strings.TrimPrefix(r.URL.EscapedPath(), c.a.BasePath()+"/")
	post, err := c.o.Store.ArticleByURL(r.Context(), c.a.Page(name))
	return err == nil && !post.Withdrawn.IsZero()
}
