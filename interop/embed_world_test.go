package interop

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/inbox/comments"
	"github.com/postil-blog/postil/inbox/embed"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

// strictCSP is the policy of a page that embeds the elements and permits nothing but what comments.md says. %[1]s is the daemon's origin.
const strictCSP = "default-src 'none'; script-src %[1]s; connect-src %[1]s; img-src %[1]s; style-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

// colours are those of pictures.
var colours = []color.RGBA{{0x4a, 0x6f, 0xa5, 0xff}, {0xa5, 0x4a, 0x5b, 0xff}, {0x4a, 0x8f, 0x5f, 0xff}, {0xb0, 0x82, 0x33, 0xff}, {0x7a, 0x5a, 0xa8, 0xff}}

// plainPicture is one in a single colour, which is that of its name.
func plainPicture(name string) []byte {
	var b bytes.Buffer
	c := colours[crc32.ChecksumIEEE([]byte(name))%uint32(len(colours))]
	if err := png.Encode(&b, image.NewPaletted(image.Rect(0, 0, 64, 48), color.Palette{c})); err != nil {
		panic(err)
	}
	return b.Bytes()
}

var blue = plainPicture("blue")

// embedWorld is a daemon's comments on one origin, and somebody else's site on another.
type embedWorld struct {
	t        *testing.T
	store    *store.Store
	config   *site.Config
	addr     site.Addresses
	post     store.Article
	inbox    string // origins
	host     string
	mu       sync.Mutex
	pages    map[string]string // of the host, by path
	policies map[string]string
}

// newEmbedWorld serves one post's comments, and a host without pages.
func newEmbedWorld(t *testing.T, change ...func(*site.Config)) *embedWorld {
	t.Helper()
	w := &embedWorld{t: t, store: storetest.Open(t), pages: map[string]string{}, policies: map[string]string{}}
	mux := http.NewServeMux()
	server := httptest.NewUnstartedServer(mux)
	t.Cleanup(server.Close)
	w.inbox = "http://" + server.Listener.Addr().String()
	w.config = &site.Config{
		Site:       site.Site{URL: w.inbox, Title: "Notes from the Edge", Language: "en"},
		Federation: site.Federation{Enabled: true, Handle: "notes", Name: "Notes"},
		Comments:   site.Comments{Mode: "guarded"},
	}
	for _, f := range change {
		f(w.config)
	}
	w.addr = w.config.Addresses()
	c, err := comments.New(comments.Options{Config: w.config, Store: w.store})
	if err != nil {
		t.Fatal(err)
	}
	c.Register(mux)
	mux.HandleFunc("/media/{hash}", func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "image/png")
		rw.Write(plainPicture(r.PathValue("hash")))
	})
	server.Start()
	w.post = store.Article{ID: w.addr.Post("7"), URL: w.addr.Page("/posts/federating/"), Name: "Federating", JSON: []byte(`{"contentMap":{"en":"x"}}`), Published: time.Now().Add(-time.Hour).UTC().Truncate(time.Second), Revision: 1, Announced: true}
	w.write(func(tx *store.Tx) error { return tx.PutArticle(t.Context(), w.post) })
	host := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		page, ok := w.pages[r.URL.Path]
		policy := w.policies[r.URL.Path]
		w.mu.Unlock()
		if !ok {
			rw.WriteHeader(http.StatusNoContent)
			return
		}
		if policy != "" {
			rw.Header().Set("Content-Security-Policy", policy)
		}
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(rw, page)
	}))
	t.Cleanup(host.Close)
	w.host = host.URL
	return w
}

func (w *embedWorld) write(f func(*store.Tx) error) {
	w.t.Helper()
	if err := w.store.Write(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

// comment puts a comment and its author.
func (w *embedWorld) comment(c store.Comment, by store.Actor) {
	w.t.Helper()
	if c.Parent == "" {
		c.Parent = w.post.ID
	}
	c.Post, c.Actor, c.State, c.Received = w.post.ID, by.ID, store.Shown, c.Published
	w.write(func(tx *store.Tx) error {
		if err := tx.PutActor(w.t.Context(), by); err != nil {
			return err
		}
		return tx.PutComment(w.t.Context(), c)
	})
}

// person is an actor who has a picture.
func person(name string) store.Actor {
	id := "https://social.example/users/" + strings.ToLower(name)
	return store.Actor{ID: id, Type: "Person", Handle: strings.ToLower(name) + "@social.example", Name: treeJSON(activitypub.ParseText(name, nil)), URL: "https://social.example/@" + name,
		Icon: "https://social.example/" + name + ".png", Inbox: id + "/inbox", Indexable: true, Fetched: time.Now()}
}

func treeJSON(t activitypub.Tree) []byte {
	data, err := json.Marshal(t)
	if err != nil {
		panic(err)
	}
	return data
}

// tag is the script element of docs/embedding.md.
func (w *embedWorld) tag(element string) string {
	script, err := embed.Script(element)
	if err != nil {
		w.t.Fatal(err)
	}
	sum := sha512.Sum384(script)
	return fmt.Sprintf(`<script type="module" src="%s/%s.js" integrity="sha384-%s" crossorigin></script>`, w.inbox, element, base64.StdEncoding.EncodeToString(sum[:]))
}

// page gives the host a page, with a policy or none.
func (w *embedWorld) page(path, policy, body string) {
	w.raw(path, `<!doctype html><html lang="en"><meta charset="utf-8"><title>Elsewhere</title><body>`+body+`</body></html>`)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.policies[path] = policy
}

// raw gives the host a page as it is.
func (w *embedWorld) raw(path, page string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages[path] = page
}

// closed is a blog that takes no more replies.
func closed(c *site.Config) { c.Comments.Mode = "closed" }

// open navigates to a page of the host.
func (w *embedWorld) open(ctx context.Context, path string) {
	w.t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(w.host+path)); err != nil {
		w.t.Fatal(err)
	}
}

// value evaluates JavaScript. A promise is not waited for.
func value[T any](t *testing.T, ctx context.Context, js string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return v
}

// until waits until JavaScript gives true.
func until(t *testing.T, ctx context.Context, what, js string) {
	t.Helper()
	eventually(t, what, func() error {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](js))
		if err == nil && !ok {
			err = fmt.Errorf("%s is false", js)
		}
		return err
	})
}

// foreign drops what a page may do: requests to its own host and to the daemon's.
func (w *embedWorld) foreign(faults []string) []string {
	var left []string
	for _, f := range faults {
		if !strings.HasPrefix(f, "request to "+w.inbox) && !strings.HasPrefix(f, "request to "+w.host) {
			left = append(left, f)
		}
	}
	return left
}
