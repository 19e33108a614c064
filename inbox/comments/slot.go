package comments

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// The marks that publish leaves around the slot of a post's page.
const (
	slotOpen  = "<!--comments:"
	slotShut  = "-->"
	slotClose = "<!--/comments-->"
)

// page is a page's file, cut at its slot.
type page struct {
	id            string // identity of the file
	whole         []byte
	key           string // of the post; "" if the page has no slot
	before, after []byte // with the marks
}

// document is something rendered, with the strong ETag of its bytes.
type document struct {
	body []byte
	tag  string
}

// page reads a page's file, or remembers it.
func (c *Comments) page(f io.Reader, name string, info fs.FileInfo) (*page, error) {
	id := identity(name, info)
	if p, ok := c.cache.get("page " + id); ok {
		return p.(*page), nil
	}
	body, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	p := cut(body)
	p.id = id
	c.cache.put("page "+id, p, len(body))
	return p, nil
}

// cut finds the slot. The last one counts: what comes before it is the post, in which an author may write about slots.
func cut(body []byte) *page {
	p := &page{whole: body}
	start := bytes.LastIndex(body, []byte(slotOpen))
	if start < 0 {
		return p
	}
	rest := body[start+len(slotOpen):]
	key, _, ok := bytes.Cut(rest, []byte(slotShut))
	end := bytes.LastIndex(rest, []byte(slotClose))
	if !ok || end < len(key) {
		return p
	}
	unescaped, err := url.QueryUnescape(string(key))
	if err != nil {
		return p
	}
	cutAt := start + len(slotOpen)
	p.key, p.before, p.after = unescaped, body[:cutAt+len(key)+len(slotShut)], body[cutAt+end:]
	return p
}

// filled is the page with the thread as the store has it now. A page without a slot, or of a post that the daemon does not know
// (yet), is the file as it is.
func (c *Comments) filled(ctx context.Context, p *page) (*document, error) {
	if p.key == "" || !c.o.Config.Federation.Enabled {
		return c.remembered("file "+p.id, func() ([]byte, error) { return p.whole, nil })
	}
	if d := c.glance(p); d != nil {
		return d, nil
	}
	writes, now := c.o.Store.Writes(), c.o.Now()
	post, err := c.post(ctx, c.a.Post(p.key))
	if errors.Is(err, store.ErrNotFound) {
		return c.remembered("file "+p.id, func() ([]byte, error) { return p.whole, nil })
	}
	if err != nil {
		return nil, err
	}
	state, err := c.state(ctx, post)
	if err != nil {
		return nil, err
	}
	c.cache.put("state "+p.id, look{state, writes, now}, len(state))
	return c.remembered("filled "+p.id+" "+state, func() ([]byte, error) {
		thread, err := c.render(ctx, post, state)
		return bytes.Join([][]byte{p.before, thread, p.after}, nil), err
	})
}

// look is the state of a page's thread as the store had it at a moment.
type look struct {
	state  string
	writes int64 // of the store, counted before it was read
	at     time.Time
}

// glanceTime is for how long a state is believed while this process has written nothing: the owner's commands write beside it.
const glanceTime = time.Second

// glance gives a filled page without asking the store, where nothing can have changed since it was asked last; else nil.
func (c *Comments) glance(p *page) *document {
	v, ok := c.cache.get("state " + p.id)
	if !ok {
		return nil
	}
	l := v.(look)
	if l.writes != c.o.Store.Writes() || c.o.Now().Sub(l.at).Abs() >= glanceTime {
		return nil
	}
	if d, ok := c.cache.get("filled " + p.id + " " + l.state); ok {
		return d.(*document)
	}
	return nil
}

// post is an Article that is out. A withdrawn one is as good as none.
func (c *Comments) post(ctx context.Context, id string) (store.Article, error) {
	post, err := c.o.Store.Article(ctx, id)
	if err == nil && !post.Withdrawn.IsZero() {
		err = fmt.Errorf("%s is withdrawn: %w", id, store.ErrNotFound)
	}
	return post, err
}

// state is all that a thread is made of, as a key: the thread changes when it does, and with the post's own words, and on the day when it closes.
func (c *Comments) state(ctx context.Context, post store.Article) (string, error) {
	version, err := c.o.Store.ThreadVersion(ctx, post.ID)
	if err != nil {
		return "", fmt.Errorf("reading the thread of %s: %w", post.ID, err)
	}
	pending, err := c.pending(ctx, post)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %s %s %t %d", post.ID, version, post.SHA256, Closed(c.o.Config, post, c.o.Now()), pending), nil
}

// render is the thread as HTML: what stands in the slot and what the fragment answers. It names the state that it was made in, by which
// a page knows what the stream tells of.
func (c *Comments) render(ctx context.Context, post store.Article, state string) ([]byte, error) {
	thread, p, err := c.printed(ctx, post, maxFaces)
	if err != nil {
		return nil, err
	}
	thread.Live = version(state)
	return c.renderThread(thread, p)
}

func (c *Comments) renderThread(t *activitypub.Thread, p prints) ([]byte, error) {
	var b bytes.Buffer
	if err := c.drawn(&b, t, p); err != nil {
		return nil, fmt.Errorf("rendering the thread of %s: %w", t.Post, err)
	}
	return b.Bytes(), nil
}

// remembered gives what the cache has under key, else makes and keeps it.
func (c *Comments) remembered(key string, build func() ([]byte, error)) (*document, error) {
	if d, ok := c.cache.get(key); ok {
		return d.(*document), nil
	}
	body, err := build()
	if err != nil {
		return nil, err
	}
	d := &document{body, tagOf(body)}
	size := len(body)
	if strings.HasPrefix(key, "file ") {
		size = 0 // the bytes are the page's own, counted there
	}
	c.cache.put(key, d, size)
	return d, nil
}
