package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

const plainContext = "https://www.w3.org/ns/activitystreams"

// page reads ?page=N, counted from 1. 0 asks for the collection itself.
func page(r *http.Request) (n int, ok bool) {
	s := r.URL.Query().Get("page")
	switch s {
	case "":
		return 0, true
	case "true": // Mastodon's way of naming the first one
		return 1, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0 && n < 1_000_000
}

// paged makes a collection or one page of it.
func paged(id, kind string, total, n int, items []any) activitypub.Collection {
	c := activitypub.Collection{Context: plainContext, ID: id, Type: kind, TotalItems: total}
	if n == 0 {
		c.First = id + "?page=1"
		return c
	}
	c.ID, c.Type, c.PartOf = id+"?page="+strconv.Itoa(n), kind+"Page", id
	if n > 1 {
		c.Prev = id + "?page=" + strconv.Itoa(n-1)
	}
	if n*perPage < total {
		c.Next = id + "?page=" + strconv.Itoa(n+1)
	}
	if kind == "OrderedCollection" {
		c.OrderedItems = items
	} else {
		c.Items = items
	}
	return c
}

// counted answers with a collection that shows how many are in it and not who: a blog does not tell who reads it.
func (p *Profile) counted(w http.ResponseWriter, r *http.Request, id, kind string, n int, err error) {
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.serve(w, r, http.StatusOK, activitypub.Collection{Context: plainContext, ID: id, Type: kind, TotalItems: n})
}

func (p *Profile) followers(actor site.Actor) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, err := p.o.Store.FollowerCount(r.Context(), actor.ID)
		p.counted(w, r, p.address.FollowersOf(actor.ID), "OrderedCollection", n, err)
	}
}

func (p *Profile) following(actor site.Actor) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p.counted(w, r, p.address.FollowingOf(actor.ID), "OrderedCollection", 0, nil)
	}
}

func (p *Profile) featured(actor site.Actor) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { p.featuredBy(w, r, actor.ID) }
}

// featuredBy answers with the pinned posts of an actor, in their order. They are ids: Mastodon fetches each.
func (p *Profile) featuredBy(w http.ResponseWriter, r *http.Request, actor string) {
	ids, err := p.o.Store.Pinned(r.Context(), actor)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	var items []any
	for _, id := range ids {
		items = append(items, id)
	}
	p.listed(w, r, p.address.FeaturedOf(actor), items...)
}

// moderators lists who may post to a blog that is a Group: its authors, or the blog itself where it has none. Lemmy takes nobody's posts
// without.
func (p *Profile) moderators(w http.ResponseWriter, r *http.Request) {
	if p.o.Config.Federation.Type != "Group" {
		missing(w, r)
		return
	}
	var who []any
	for _, actor := range p.actors {
		if actor.Author != "" || len(p.actors) == 1 {
			who = append(who, actor.ID)
		}
	}
	p.listed(w, r, p.address.Moderators(), who...)
}

// listed answers with a collection that shows all of it, also where that is nothing: Lemmy reads none without orderedItems.
func (p *Profile) listed(w http.ResponseWriter, r *http.Request, id string, items ...any) {
	c := activitypub.Collection{Context: plainContext, ID: id, Type: "OrderedCollection", TotalItems: len(items), OrderedItems: append([]any{}, items...)}
	p.serve(w, r, http.StatusOK, c)
}

// tags lists the featured tags: what the settings say, for the blog and its authors alike.
func (p *Profile) tags(actor site.Actor) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		items := []any{}
		for _, tag := range p.o.Config.Federation.Tags {
			if name := site.Hashtag(tag); name != "" {
				items = append(items, activitypub.Tag{Type: "Hashtag", Name: "#" + name, Href: p.address.Tag(tag)})
			}
		}
		p.serve(w, r, http.StatusOK, activitypub.Collection{
			Context: activitypub.TagsContext, ID: p.address.TagsOf(actor.ID), Type: "Collection", TotalItems: len(items), Items: items,
		})
	}
}

// outbox lists what an actor sent to everybody, newest first.
func (p *Profile) outbox(actor site.Actor) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { p.sentBy(w, r, actor.ID) }
}

func (p *Profile) sentBy(w http.ResponseWriter, r *http.Request, actor string) {
	n, ok := page(r)
	if !ok {
		missing(w, r)
		return
	}
	rows, total, err := p.o.Store.OutboxOf(r.Context(), actor, max(n-1, 0)*perPage, perPage)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	var items []any
	for _, a := range rows {
		doc, err := p.sent(r.Context(), a, false) // fifty proofs a page would cost whoever asks nothing, and us much
		if errors.Is(err, errWithdrawn) {
			continue
		}
		if err != nil {
			p.fail(w, r, err)
			return
		}
		items = append(items, json.RawMessage(doc))
	}
	p.serve(w, r, http.StatusOK, paged(p.address.OutboxOf(actor), "OrderedCollection", total, n, items))
}

// activity serves one thing that the blog sent to everybody. An Accept concerns its follower alone.
func (p *Profile) activity(w http.ResponseWriter, r *http.Request) {
	if !p.o.Config.Federation.Enabled {
		missing(w, r)
		return
	}
	row, err := p.o.Store.Activity(r.Context(), p.address.Activity(r.PathValue("key")))
	if errors.Is(err, store.ErrNotFound) || err == nil && !row.Public {
		missing(w, r)
		return
	}
	doc := []byte(nil)
	if err == nil {
		doc, err = p.sent(r.Context(), row, true)
	}
	switch {
	case errors.Is(err, errWithdrawn):
		p.serve(w, r, http.StatusGone, activitypub.Tombstone{Context: plainContext, ID: row.ID, Type: "Tombstone", FormerType: row.Type})
	case err != nil:
		p.fail(w, r, err)
	default:
		p.serve(w, r, http.StatusOK, doc)
	}
}

// errWithdrawn says that an activity is about a post that was taken back.
var errWithdrawn = errors.New("withdrawn")

// sent gives an activity as it is true now: a Create or Update carries the post's present words, never those of an earlier revision or
// of a post that was taken back. Where the words may have changed, the proof is made again or left out.
func (p *Profile) sent(ctx context.Context, a store.Activity, prove bool) ([]byte, error) {
	if _, ours := p.address.PostKey(a.Object); !ours || a.Type != "Create" && a.Type != "Update" {
		return a.JSON, nil
	}
	post, err := p.findPost(ctx, a.Object)
	if errors.Is(err, errUnknown) || err == nil && !post.withdrawn.IsZero() {
		return nil, errWithdrawn
	}
	if err != nil {
		return nil, err
	}
	doc, err := p.live(ctx, post)
	if err != nil {
		return nil, err
	}
	return p.renewed(a, json.RawMessage(doc), prove)
}

// renewed puts the present object into an activity. Its proof was of the words that were sent, so that it is made again, of the same time: what is
// served stays the same for as long as the post does.
func (p *Profile) renewed(a store.Activity, object json.RawMessage, prove bool) ([]byte, error) {
	var was struct{ Proof json.RawMessage }
	if err := json.Unmarshal(a.JSON, &was); err != nil {
		return nil, fmt.Errorf("reading an activity of ours: %w", err)
	}
	doc, err := splice(a.JSON, map[string]any{"object": object, "proof": nil})
	if err != nil || was.Proof == nil || !prove || p.o.Prove == nil {
		return doc, err
	}
	return p.o.Prove(a.Actor, doc, a.At), nil
}

// ofPost serves something beneath a post.
func (p *Profile) ofPost(h func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if post, ok := p.lookUp(w, r); ok {
			h(w, r, post.id)
		}
	}
}

// replies lists the ids of all replies that are shown, so that other servers can complete the thread: Mastodon reads up to 500.
func (p *Profile) replies(w http.ResponseWriter, r *http.Request, post string) {
	p.thread(w, r, p.address.Replies(post), "Collection", post, false)
}

// context lists the whole conversation, its root first (FEP-f228).
func (p *Profile) context(w http.ResponseWriter, r *http.Request, post string) {
	p.thread(w, r, p.address.Context(post), "OrderedCollection", post, true)
}

func (p *Profile) thread(w http.ResponseWriter, r *http.Request, id, kind, post string, root bool) {
	n, ok := page(r)
	if !ok {
		missing(w, r)
		return
	}
	total, err := p.o.Store.CommentCount(r.Context(), post, store.Reply)
	first := 0
	if root {
		first = 1
	}
	var ids []string
	if err == nil && n > 0 {
		from := (n-1)*perPage - first // the root takes the first place of the first page
		ids, err = p.o.Store.CommentIDs(r.Context(), post, store.Reply, max(from, 0), perPage+min(from, 0))
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	var items []any
	if root && n == 1 {
		items = append(items, post)
	}
	for _, reply := range ids {
		items = append(items, reply)
	}
	c := paged(id, kind, total+first, n, items)
	if root {
		doc, err := p.Document(r.Context(), post)
		if err != nil {
			p.fail(w, r, err)
			return
		}
		c.AttributedTo = p.o.Config.Speaker(activitypub.Attributed(doc))
	}
	p.serve(w, r, http.StatusOK, c)
}

func (p *Profile) likes(w http.ResponseWriter, r *http.Request, post string) {
	n, err := p.o.Store.CommentCount(r.Context(), post, store.Like)
	p.counted(w, r, p.address.Likes(post), "Collection", n, err)
}

func (p *Profile) shares(w http.ResponseWriter, r *http.Request, post string) {
	n, err := p.o.Store.CommentCount(r.Context(), post, store.Boost)
	p.counted(w, r, p.address.Shares(post), "Collection", n, err)
}
