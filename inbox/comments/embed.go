package comments

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/inbox/embed"
	"github.com/postil-blog/postil/store"
)

const (
	maxMentions = 1000 // so many likes, boosts and reactions are mentions
	perPage     = 20   // mentions of a page that does not say, as at webmention.io
	maxPerPage  = 1000
	maxTargets  = 20 // of a question for mentions: a page and its other names
)

// registerEmbed adds what other sites take: the elements and the thread in the shapes of others.
func (c *Comments) registerEmbed(mux *http.ServeMux, base string) {
	for _, name := range embed.Elements() {
		mux.HandleFunc(base+"/"+name+".js", c.serveElement(name))
	}
	mux.HandleFunc(base+"/comments/{key}/feed.atom", c.serveAtom)
	mux.HandleFunc(base+"/comments/{key}/likes", c.serveFaces("likes"))
	mux.HandleFunc(base+"/comments/{key}/boosts", c.serveFaces("boosts"))
	mux.HandleFunc(base+"/api/v1/statuses/{key}", c.serveStatus)
	mux.HandleFunc(base+"/api/v1/statuses/{key}/context", c.serveContext)
	mux.HandleFunc(base+"/api/v1/statuses/{key}/favourited_by", c.serveAccounts("likes"))
	mux.HandleFunc(base+"/api/v1/statuses/{key}/reblogged_by", c.serveAccounts("boosts"))
	mux.HandleFunc(base+"/api/v1/mentions.jf2", c.serveMentions)
	mux.HandleFunc(base+"/api/v1/openapi.json", c.serveOpenAPI)
	mux.HandleFunc(base+"/api/v1/stream", c.serveStream)
}

// shaped sends bytes that hold no page, with the headers of everything that is embedded.
func shaped(w http.ResponseWriter, r *http.Request, mediaType string, d *document) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Cache-Control", cachePage)
	h.Set("ETag", d.tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.body))
}

// serveElement answers with the file of a custom element.
func (c *Comments) serveElement(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !c.crossOrigin(w, r) {
			return
		}
		d, err := c.remembered("element "+name, func() ([]byte, error) { return embed.Script(name) })
		if err != nil {
			c.refuse(w, r, err)
			return
		}
		shaped(w, r, "text/javascript; charset=utf-8", d)
	}
}

// serveOpenAPI answers with the description of this interface (docs/openapi.json).
func (c *Comments) serveOpenAPI(w http.ResponseWriter, r *http.Request) {
	if !c.crossOrigin(w, r) {
		return
	}
	d, err := c.remembered("openapi", func() ([]byte, error) {
		return embed.OpenAPI(c.a.Origin() + c.a.FederationBasePath())
	})
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	shaped(w, r, "application/json; charset=utf-8", d)
}

// threadAnswer is the answer of GET /api/v1/thread.
type threadAnswer struct {
	*activitypub.Thread
	State  string            `json:"version"`         // changes whenever the thread does; the stream tells it
	Spoken string            `json:"spoken"`          // the language of the element's texts, and of its dates and numbers
	Words  map[string]string `json:"words,omitempty"` // those texts, where they are not the English ones that the element has
}

// version is a thread's state as a short word.
func version(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:8])
}

// serveContext answers GET /api/v1/statuses/{key}/context in Mastodon's shape. key is the post's own.
func (c *Comments) serveContext(w http.ResponseWriter, r *http.Request) {
	c.serveShape(w, r, "context", "application/json; charset=utf-8", maxFaces, func(t *activitypub.Thread, _ embed.Post) ([]byte, error) {
		return activitypub.Marshal(embed.ContextOf(t))
	})
}

// serveStatus answers GET /api/v1/statuses/{key}: the post itself, with its counts.
func (c *Comments) serveStatus(w http.ResponseWriter, r *http.Request) {
	c.serveShape(w, r, "status", "application/json; charset=utf-8", maxFaces, func(t *activitypub.Thread, p embed.Post) ([]byte, error) {
		return activitypub.Marshal(embed.OfPost(t, p))
	})
}

// serveAccounts answers GET /api/v1/statuses/{key}/favourited_by and /reblogged_by: who likes or boosts the post, the first maxMentions of them.
func (c *Comments) serveAccounts(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c.serveShape(w, r, "accounts "+kind, "application/json; charset=utf-8", maxMentions, func(t *activitypub.Thread, _ embed.Post) ([]byte, error) {
			if kind == "boosts" {
				return activitypub.Marshal(embed.AccountsOf(t.Boosts))
			}
			return activitypub.Marshal(embed.AccountsOf(t.Likes))
		})
	}
}

// serveAtom answers GET /comments/{key}/feed.atom.
func (c *Comments) serveAtom(w http.ResponseWriter, r *http.Request) {
	c.serveShape(w, r, "atom", "application/atom+xml; charset=utf-8", maxFaces, func(t *activitypub.Thread, p embed.Post) ([]byte, error) {
		return embed.Atom(t, p, c.a.Fragment(t.Key)+"/feed.atom")
	})
}

// serveShape answers for the post whose key is in the path.
func (c *Comments) serveShape(w http.ResponseWriter, r *http.Request, form, mediaType string, faces int, shape func(*activitypub.Thread, embed.Post) ([]byte, error)) {
	if !c.crossOrigin(w, r) {
		return
	}
	post, err := c.post(r.Context(), c.a.Post(r.PathValue("key")))
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	d, err := c.shape(r.Context(), post, form, faces, shape)
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	shaped(w, r, mediaType, d)
}

// shape is the thread in a form, made anew only when it changed.
func (c *Comments) shape(ctx context.Context, post store.Article, form string, faces int, shape func(*activitypub.Thread, embed.Post) ([]byte, error)) (*document, error) {
	state, err := c.state(ctx, post)
	if err != nil {
		return nil, err
	}
	return c.remembered(form+" "+state, func() ([]byte, error) {
		t, err := c.arranged(ctx, post, faces)
		if err != nil {
			return nil, err
		}
		return shape(t, embed.Post{Title: post.Name, By: c.author(post), Published: post.Published})
	})
}

// author is the face of who wrote a post: one of the blog's authors where its document says so, else the blog.
func (c *Comments) author(post store.Article) activitypub.Face {
	var doc struct {
		By string `json:"attributedTo"`
	}
	if json.Unmarshal(post.JSON, &doc) != nil {
		doc.By = ""
	}
	if _, ours := c.owner(doc.By); !ours {
		doc.By = c.a.Actor()
	}
	return c.face(&store.CommentView{Comment: store.Comment{Actor: doc.By}})
}

// serveMentions answers GET /api/v1/mentions.jf2?target=URL as webmention.io does. Widgets send a page's other spellings beside it
// (target[]): all that are known are answered together.
func (c *Comments) serveMentions(w http.ResponseWriter, r *http.Request) {
	if !c.crossOrigin(w, r) {
		return
	}
	q := r.URL.Query()
	targets := append(append([]string{}, q["target"]...), q["target[]"]...)
	if len(targets) == 0 || len(targets) > maxTargets {
		http.Error(w, "Name the page: ?target=URL", http.StatusBadRequest)
		return
	}
	page, per := number(q.Get("page"), 0, 1<<20), number(q.Get("per-page"), perPage, maxPerPage)
	form := "jf2 " + strconv.Itoa(page) + " " + strconv.Itoa(per)
	post, err := c.first(r.Context(), targets)
	if errors.Is(err, store.ErrNotFound) { // a page that nobody mentioned is no fault
		d, err := c.remembered("jf2 none", func() ([]byte, error) { return activitypub.Marshal(embed.Page(nil, 0, 0)) })
		if err != nil {
			c.refuse(w, r, err)
			return
		}
		shaped(w, r, "application/json; charset=utf-8", d)
		return
	}
	var d *document
	if err == nil {
		d, err = c.shape(r.Context(), post, form, maxMentions, func(t *activitypub.Thread, _ embed.Post) ([]byte, error) {
			return activitypub.Marshal(embed.Page(embed.MentionsOf(t), page, per))
		})
	}
	if err != nil {
		c.refuse(w, r, err)
		return
	}
	shaped(w, r, "application/json; charset=utf-8", d)
}

// first is the first of the addresses that is a post. http:// stands for https://: widgets ask for both.
func (c *Comments) first(ctx context.Context, addresses []string) (store.Article, error) {
	for _, a := range addresses {
		if rest, ok := strings.CutPrefix(a, "http://"); ok && !c.insecure() {
			a = "https://" + rest
		}
		if u, err := url.Parse(a); err == nil {
			u.Fragment = ""
			a = u.String()
		}
		post, err := c.named(ctx, a)
		if !errors.Is(err, store.ErrNotFound) {
			return post, err
		}
	}
	return store.Article{}, store.ErrNotFound
}

// number reads a number of a query, from 0 to most; without one it is usual.
func number(s string, usual, most int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return usual
	}
	return min(n, most)
}
