package inbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/inbox/comments"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/webmention"
)

const (
	maxSourcePage = 1 << 20 // bytes of a page that mentions a post
	maxExcerpt    = 400     // runes shown of a page that only links to a post
	bridgy        = "brid.gy"
)

// lookAtMention fetches the page that is said to mention a post, and makes a comment of what it says; or takes the comment away that it made before,
// where the page is gone or links to the post no more (§3.2.2, §3.2.4).
func (i *Inbox) lookAtMention(ctx context.Context, e store.Errand) error {
	m, err := readClaim(e)
	if err != nil {
		return err
	}
	post, err := i.o.Store.Article(ctx, m.Post)
	if err := outOrIgnored(post, err); err != nil {
		return err
	}
	page, err := i.sourcePage(ctx, m.Source)
	if errors.Is(err, remote.ErrGone) || errors.Is(err, remote.ErrNotFound) {
		return i.unmention(ctx, e.URL)
	}
	if err != nil {
		return err
	}
	said, ok := webmention.Mention{}, false
	if page.HTML() {
		said, ok = webmention.Read(page.Body, page.URL, func(address string) bool { return i.isPage(address, post, m.Target) })
	}
	if !ok {
		return i.unmention(ctx, e.URL)
	}
	return i.o.Store.Write(ctx, func(tx *store.Tx) error { return i.putMention(ctx, tx, e.URL, post, page.URL, said) })
}

// sourcePage fetches a page within the budget of its site. Where it leads elsewhere, that site is the one that speaks.
func (i *Inbox) sourcePage(ctx context.Context, source string) (page remote.WebPage, err error) {
	if err := i.mayMention(ctx, source); err != nil {
		return page, err
	}
	if err := i.afforded(source); err != nil {
		return page, err
	}
	page, err = i.o.Client.Web(ctx, source, maxSourcePage, false)
	if err == nil && len(page.URL) > maxID {
		return page, errIgnored
	}
	if err == nil {
		err = i.mayMention(ctx, page.URL)
	}
	return page, err
}

// isPage tells whether an address is the post's: its page or its id, whatever fragment or query follows, or the target as it was given.
func (i *Inbox) isPage(address string, post store.Article, target string) bool {
	if address == "" || address == target {
		return address != ""
	}
	plain := i.plainAddress(address)
	return plain == post.ID || strings.TrimSuffix(plain, "/") == strings.TrimSuffix(post.URL, "/")
}

func (i *Inbox) unmention(ctx context.Context, comment string) error {
	return i.o.Store.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.RemoveWebmention(ctx, comment)
		return err
	})
}

// putMention stores what a page says, in place of what it said before.
func (i *Inbox) putMention(ctx context.Context, tx *store.Tx, id string, post store.Article, page string, said webmention.Mention) error {
	old, err := tx.Comment(ctx, id)
	known := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if !known && comments.Closed(i.o.Config, post, i.o.Now()) {
		return errIgnored
	}
	by := i.mentioner(page, said.Author)
	c := i.mentionComment(page, said)
	c.ID, c.Post, c.Parent, c.Actor = id, post.ID, post.ID, by.ID
	if err := i.mentionAllowed(ctx, tx, post, c); err != nil {
		return err
	}
	claims := append([]string{page, strings.SplitN(id, "#", 2)[0]}, said.Claims...)
	if copied, err := i.isCopy(ctx, tx, c, claims, said.Author.URL); err != nil || copied {
		if copied {
			_, err = tx.RemoveWebmention(ctx, id)
		}
		return err
	}
	if c.Parent, err = i.answered(ctx, tx, post, said); err != nil {
		return err
	}
	c.State = i.mentionState(old, c, known)
	if known && !sameWords(old, c) {
		c.Updated = i.o.Now().UTC()
	} else if known {
		c.Updated = old.Updated
	}
	if err := putActor(ctx, tx, by); err != nil {
		return err
	}
	if err := tx.PutComment(ctx, c); err != nil {
		return err
	}
	if c.Kind == store.Like || c.Kind == store.Boost {
		claims = append(claims, said.Author.URL)
	}
	return tx.PutClaims(ctx, id, short(claims))
}

// short leaves out addresses that cannot be kept in an index.
func short(list []string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" || len(s) > maxID })
}

// mentionComment makes what is kept of a page's words: trees, as of everything that others write.
func (i *Inbox) mentionComment(page string, said webmention.Mention) store.Comment {
	now := i.o.Now().UTC()
	c := store.Comment{URL: page, Published: past(said.Published, now), Received: now}
	if len(said.Language) <= 35 {
		c.Language = said.Language
	}
	words := activitypub.ParseHTML(said.Content, nil)
	if words.Blank() {
		words = activitypub.ParseText(firstOf(said.Summary, said.Title), nil)
	}
	switch said.Kind {
	case webmention.Like:
		c.Kind = store.Like
		return c
	case webmention.Repost:
		c.Kind = store.Boost
		return c
	case webmention.Reply:
		c.Kind = store.Reply
	default:
		c.Kind = store.Mention
		words = activitypub.ParseText(cut(strings.TrimSpace(firstOf(said.Title, said.Summary, words.Text(), hostOf(page))), maxExcerpt), nil)
	}
	c.Content = marshal(words)
	return c
}

// mentioner is the author of a page. Only the page's host is proved, so the id is made of it, no account of the fediverse has it, and readers see the
// host; a link leads to the author's own page only where that is the same site, or Bridgy says so, which knows whose account it copies.
func (i *Inbox) mentioner(page string, a webmention.Author) store.Actor {
	sum := sha256.Sum256([]byte(firstOf(a.URL, a.Name)))
	by := store.Actor{
		ID: serverOf(page) + "/#webmention-" + hex.EncodeToString(sum[:8]), Type: "Person", URL: serverOf(page) + "/", Indexable: true,
		Fetched: i.o.Now().UTC(), Keys: []byte("[]"), AlsoKnownAs: []byte("[]"),
	}
	if isWeb(a.URL) && (activitypub.SameOrigin(a.URL, page) || domain(page) == bridgy) {
		by.URL = a.URL
	}
	if isWeb(a.Photo) {
		by.Icon = a.Photo
	}
	name := activitypub.ParseText(cut(a.Name, 100), nil)
	if name.Blank() {
		name = activitypub.ParseText(hostOf(page), nil)
	}
	by.Name = marshal(name)
	return by
}

// mentionAllowed gives errNotAllowed where the post's own rule forbids what a page does.
func (i *Inbox) mentionAllowed(ctx context.Context, tx *store.Tx, post store.Article, c store.Comment) error {
	at := place{id: post.ID, article: post}
	if c.Kind == store.Like || c.Kind == store.Boost {
		return i.clickable(ctx, tx, at, c.Actor, c.Kind)
	}
	return i.answerable(ctx, tx, at, c.Actor)
}

// answered gives the comment under the post that a page answers, where it names one that shows, else the post.
func (i *Inbox) answered(ctx context.Context, tx *store.Tx, post store.Article, said webmention.Mention) (string, error) {
	if said.Kind != webmention.Reply {
		return post.ID, nil
	}
	for _, u := range said.InReplyTo[:min(len(said.InReplyTo), 5)] {
		list, err := tx.CommentsAt(ctx, post.ID, u)
		if err != nil {
			return "", err
		}
		for _, c := range list {
			if c.State == store.Shown && (c.Kind == store.Reply || c.Kind == store.Quote) {
				return c.ID, nil
			}
		}
	}
	return post.ID, nil
}

// mentionState decides whether a mention shows. Nobody signs one, so outside the mode "open" each waits for the owner; what the owner let show stays
// for as long as it says the same.
func (i *Inbox) mentionState(old, c store.Comment, known bool) store.CommentState {
	switch {
	case i.o.Config.Comments.Mode == "open":
		return store.Shown
	case known && old.State == store.Shown && old.Kind == c.Kind && old.Actor == c.Actor && bytes.Equal(old.Content, c.Content):
		return store.Shown
	}
	return store.Held
}

// isCopy tells whether what a page says is here already: a page that says to be a copy of a comment's own page hides itself and nobody else. Bridgy's
// pages are copies by trade: one that shares any address with another webmention gives way to it.
func (i *Inbox) isCopy(ctx context.Context, tx *store.Tx, c store.Comment, claims []string, author string) (bool, error) {
	for _, u := range claims {
		list, err := tx.CommentsAt(ctx, c.Post, u)
		if err != nil {
			return false, err
		}
		if domain(c.URL) == bridgy {
			more, err := tx.Claimants(ctx, c.Post, u)
			if err != nil {
				return false, err
			}
			list = append(list, more...)
		}
		if slices.ContainsFunc(list, func(o store.Comment) bool { return o.ID != c.ID && original(o, c) }) {
			return true, nil
		}
	}
	if c.Kind != store.Like && c.Kind != store.Boost || author == "" {
		return false, nil
	}
	list, err := tx.CommentsAt(ctx, c.Post, author) // a like's page is who likes
	return slices.ContainsFunc(list, func(o store.Comment) bool {
		return o.ID != c.ID && o.Kind == c.Kind && o.Parent == c.Post && !o.Webmention()
	}), err
}

// original tells whether o is what c is a copy of: words are no copy of a like.
func original(o, c store.Comment) bool {
	worded := func(k store.Kind) bool { return k == store.Reply || k == store.Quote || k == store.Mention }
	return o.State != store.Waiting && (o.Kind == c.Kind || worded(o.Kind) && worded(c.Kind))
}

// supersede takes away the webmentions that are copies of what came by the fediverse: at is the page of the comment, or of who likes, and counts
// only on the server of id, which is proved.
func supersede(ctx context.Context, tx *store.Tx, c store.Comment, at, id string) error {
	addresses := []string{c.ID}
	if activitypub.SameOrigin(at, id) {
		addresses = append(addresses, at)
	}
	for _, u := range addresses {
		list, err := tx.Claimants(ctx, c.Post, u)
		if err != nil {
			return err
		}
		for _, o := range list {
			if !original(c, o) || o.Parent != c.Parent && c.Kind != store.Reply {
				continue
			}
			if _, err := tx.RemoveWebmention(ctx, o.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
