package comments

import (
	"bytes"
	"context"
	"math"
	"net/http"
	"strconv"

	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/templates"
)

// facesPerPage is how many people one page of a list shows.
const facesPerPage = 200

// serveFaces answers GET /comments/{key}/likes and /boosts: the page behind a pile's count, which lists everybody. ?page= leads on.
func (c *Comments) serveFaces(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !c.crossOrigin(w, r) {
			return
		}
		post, err := c.post(r.Context(), c.a.Post(r.PathValue("key")))
		if err != nil {
			c.refuse(w, r, err)
			return
		}
		page := max(1, number(r.URL.Query().Get("page"), 1, math.MaxInt32))
		c.answer(w, r, post, "list "+kind+" "+strconv.Itoa(page), func(ctx context.Context, _ string) ([]byte, error) {
			return c.faces(ctx, post, kind, page)
		})
	}
}

// faces renders one page of a list. A page beyond the last is not there.
func (c *Comments) faces(ctx context.Context, post store.Article, kind string, page int) ([]byte, error) {
	t, err := c.arranged(ctx, post, math.MaxInt)
	if err != nil {
		return nil, err
	}
	pile := t.Likes
	if kind == "boosts" {
		pile = t.Boosts
	}
	pages := max(1, (pile.Count+facesPerPage-1)/facesPerPage)
	if page > pages {
		return nil, store.ErrNotFound
	}
	some := pile.Faces[min(len(pile.Faces), (page-1)*facesPerPage):min(len(pile.Faces), page*facesPerPage)]
	d := templates.Faces{Blog: c.o.Config.Site.Title, Home: c.a.Home(), Language: t.Language, CSS: c.styleSheet(), Kind: kind, Count: pile.Count,
		About: post.Name, AboutURL: post.URL, List: some}
	part := func(n int) *templates.Link {
		return &templates.Link{Name: templates.Text(t.Language, "page", n), URL: "?page=" + strconv.Itoa(n)}
	}
	if page > 1 {
		d.Prev = part(page - 1)
	}
	if page < pages {
		d.Next = part(page + 1)
	}
	var b bytes.Buffer
	err = c.templates.ExecuteTemplate(&b, "faces", d)
	return b.Bytes(), err
}
