package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// Why a reply of the owner is not told.
var (
	// ErrNoParent says that what it answers cannot be found now; a later round looks again.
	ErrNoParent = errors.New("what it answers cannot be found")
	// ErrPrivate says that what it answers is not for everybody, or not shown here: an answer to all would tell of it.
	ErrPrivate = errors.New("what it answers is not public, and a reply on a blog is")
)

// parent is what a reply of the owner answers.
type parent struct {
	id           string
	author       person // zero where we answer ourselves
	root         string // id of the post of ours whose thread it is in; "" for what others wrote elsewhere
	page         string // where that thread is read
	conversation string // context of what others wrote
	unlisted     bool   // for everybody who comes by, and in no public timeline
}

// person is who is answered, and mentioned.
type person struct {
	id, handle, url string
	inbox           string // the shared one where there is one, as for everybody else who holds a thread
}

// findParent looks a comment or post up by its id or the page where it is read: among the comments, among our own posts, else at its
// own server.
func (o *Outbox) findParent(ctx context.Context, name string) (parent, error) {
	if own, ok := o.o.Config.Addresses().Own(name); ok {
		name = own
	}
	c, err := o.comment(ctx, name)
	if err == nil {
		return o.parentComment(ctx, c)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return parent{}, err
	}
	if o.o.Config.Addresses().Local(name) {
		return o.parentPost(ctx, name)
	}
	return o.fetchParent(ctx, name)
}

// comment finds a comment by its id, by its page at its author's server, or by its place on a page of ours.
func (o *Outbox) comment(ctx context.Context, name string) (store.Comment, error) {
	c, err := o.o.Store.Comment(ctx, name)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return c, err
	}
	if c, err = o.o.Store.CommentByURL(ctx, name); err == nil || !errors.Is(err, store.ErrNotFound) {
		return c, err
	}
	page, anchor, _ := strings.Cut(name, "#")
	if !strings.HasPrefix(anchor, "c-") || !o.o.Config.Addresses().Local(page) {
		return c, store.ErrNotFound
	}
	post, err := o.o.Store.ArticleByURL(ctx, page)
	if err != nil {
		return c, err
	}
	rows, err := o.o.Store.Thread(ctx, post.ID)
	for _, r := range rows {
		if activitypub.Anchor(r.ID) == anchor && (r.Kind == store.Reply || r.Kind == store.Quote) {
			return r.Comment, err
		}
	}
	return c, errors.Join(err, store.ErrNotFound)
}

// parentComment is a comment as what a reply answers. One that is held or hidden shows nowhere, so no public answer to it may either.
func (o *Outbox) parentComment(ctx context.Context, c store.Comment) (parent, error) {
	switch {
	case c.Kind != store.Reply && c.Kind != store.Quote:
		return parent{}, fmt.Errorf("%w: %s is a %s, which nobody can answer", ErrNoParent, c.ID, c.Kind)
	case c.State == store.Removed, c.State == store.Waiting:
		return parent{}, fmt.Errorf("%w: %s is %s", ErrNoParent, c.ID, c.State)
	case c.State != store.Shown:
		return parent{}, fmt.Errorf("%w: %s is %s; show it first", ErrPrivate, c.ID, c.State)
	}
	root, err := o.o.Store.Article(ctx, c.Post)
	if err != nil {
		return parent{}, fmt.Errorf("reading the post of %s: %w", c.ID, err)
	}
	if !root.Withdrawn.IsZero() {
		return parent{}, fmt.Errorf("%w: its post was withdrawn", ErrNoParent)
	}
	p := parent{id: c.ID, root: root.ID, page: root.URL}
	if p.unlisted, err = audienceOf(c.ID, c.Source); err != nil {
		return p, err
	}
	if _, ours := o.o.Keys[c.Actor]; ours {
		return p, nil
	}
	a, err := o.o.Store.Actor(ctx, c.Actor)
	if err != nil {
		return p, fmt.Errorf("%w: its author: %w", ErrNoParent, err)
	}
	p.author = person{id: a.ID, handle: a.Handle, url: a.URL, inbox: cmp.Or(a.SharedInbox, a.Inbox)}
	return p, nil
}

// parentPost is a post of ours, or a reply of ours to something that is not in a thread here.
func (o *Outbox) parentPost(ctx context.Context, name string) (parent, error) {
	a, err := o.o.Store.Article(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		page, _, _ := strings.Cut(name, "#")
		a, err = o.o.Store.ArticleByURL(ctx, page)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return parent{}, fmt.Errorf("%w: %s is not out", ErrNoParent, name)
	case err != nil:
		return parent{}, err
	case !a.Withdrawn.IsZero():
		return parent{}, fmt.Errorf("%w: %s was withdrawn", ErrNoParent, name)
	}
	p := parent{id: a.ID, root: a.ID, page: a.URL}
	if len(a.JSON) > 0 { // nobody was told of what has none
		p.unlisted, err = audienceOf(a.ID, a.JSON)
	}
	return p, err
}

// audienceOf tells whether what is answered is unlisted, by its own words: ErrPrivate where it is not for everybody. What is too large to
// be kept with its words counts as unlisted, the smaller one of the two.
func audienceOf(id string, words []byte) (unlisted bool, err error) {
	if len(words) == 0 {
		return true, nil
	}
	o, err := activitypub.Read(words)
	switch {
	case err != nil:
		return true, nil
	case !o.IsPublic():
		return true, fmt.Errorf("%w: %s is for few", ErrPrivate, id)
	}
	return !o.Listed(), nil
}

// fetchParent asks the server of what others wrote. The id that the document bears counts, and only what is public is answered.
func (o *Outbox) fetchParent(ctx context.Context, name string) (parent, error) {
	doc, err := o.o.Client.Object(ctx, name)
	if err != nil {
		return parent{}, fmt.Errorf("%w: %w", ErrNoParent, err)
	}
	if c, err := o.o.Store.Comment(ctx, doc.ID); err == nil {
		return o.parentComment(ctx, c)
	} else if !errors.Is(err, store.ErrNotFound) {
		return parent{}, err
	}
	by := activitypub.IDs(doc.AttributedTo)
	switch {
	case !doc.IsPublic():
		return parent{}, fmt.Errorf("%w: %s", ErrPrivate, doc.ID)
	case len(by) == 0 || !activitypub.SameOrigin(by[0], doc.ID):
		return parent{}, fmt.Errorf("%w: %s names no author", ErrNoParent, doc.ID)
	}
	actor, err := o.o.Client.Actor(ctx, by[0])
	if err != nil {
		return parent{}, fmt.Errorf("%w: its author: %w", ErrNoParent, err)
	}
	return parent{id: doc.ID, author: personOf(actor), conversation: doc.Context, unlisted: !doc.Listed()}, nil
}

func personOf(actor *activitypub.Object) person {
	p := person{id: actor.ID, handle: actor.ID, url: actor.ID, inbox: cmp.Or(actor.SharedInbox, actor.Inbox)}
	for _, l := range actor.URL {
		if strings.HasPrefix(l.Href, "https://") || strings.HasPrefix(l.Href, "http://") {
			p.url = l.Href
			break
		}
	}
	user := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-~", r) {
			return r
		}
		return -1
	}, actor.PreferredUsername)
	if u, err := url.Parse(actor.ID); err == nil && user != "" {
		p.handle = user + "@" + u.Host
	}
	return p
}
