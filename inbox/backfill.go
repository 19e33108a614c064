package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

// An answer to a comment goes to the comment's server, and not always to us. So each comment is looked at again a few times: an
// edit or a removal that we missed is made up for, and what its server lists as replies to it, and as the conversation that it is in
// (FEP-f228, FEP-7888), is fetched where it is not here. A list only says where to look.

// gaps lie between a comment's arrival, the first look and the further ones: ten minutes, an hour, six hours, one and three days after
// it came. Each new answer starts them anew for what it answers.
var gaps = []time.Duration{10 * time.Minute, 50 * time.Minute, 5 * time.Hour, 18 * time.Hour, 48 * time.Hour}

const (
	maxWatched = 500 // comments of one post
	maxPages   = 3   // of one collection
	maxListed  = 300 // ids read of one collection
	maxNew     = 100 // of them fetched after one look
	freshFor   = 5 * time.Minute
	vainFor    = 24 * time.Hour
)

// watch lets a comment that was just placed, and the one that it answers, be looked at again.
func (i *Inbox) watch(ctx context.Context, tx *store.Tx, c store.Comment, at place) error {
	n, err := tx.CommentCount(ctx, at.article.ID, store.Reply)
	if err != nil || n > maxWatched {
		return err
	}
	list := []store.Comment{c}
	if at.comment != nil {
		list = append(list, *at.comment)
	}
	for _, c := range list {
		if !i.fromElsewhere(c) {
			continue
		}
		e := store.Errand{URL: c.ID, Reason: moreReplies, Post: at.article.ID, Data: []byte("0"), Next: i.o.Now().Add(gaps[0])}
		if err := tx.AddErrand(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// crawl looks at one comment again and says when to look next.
func (i *Inbox) crawl(ctx context.Context, e store.Errand) error {
	c, err := i.o.Store.Comment(ctx, e.URL)
	if errors.Is(err, store.ErrNotFound) || err == nil && (!i.fromElsewhere(c) || c.Post == "" || c.State == store.Hidden) {
		return errIgnored
	}
	if err != nil {
		return err
	}
	if a, err := i.o.Store.Article(ctx, c.Post); outOrIgnored(a, err) != nil {
		return outOrIgnored(a, err)
	}
	if c.State == store.Shown {
		err := i.look(ctx, c)
		if err != nil && (final(err) || errors.Is(err, errLater) || e.Attempts+1 < maxAttempts) {
			return err // after the last try the next look is still due
		}
	}
	step, _ := strconv.Atoi(string(e.Data))
	if step++; step < 1 || step >= len(gaps) {
		return nil
	}
	return later{i.o.Now().Add(gaps[step]), []byte(strconv.Itoa(step))}
}

// look fetches a comment anew, and what its server lists beside it.
func (i *Inbox) look(ctx context.Context, c store.Comment) error {
	o, err := i.fetch(ctx, c.ID)
	if errors.Is(err, remote.ErrGone) { // 404 is no proof: a server that is being moved, or shows a thing to few, says so as well
		return cmp.Or(i.vanish(ctx, c.ID), errIgnored)
	}
	if err != nil {
		return err
	}
	if o.ID != c.ID || !wrote(o, c.Actor) {
		return errIgnored
	}
	if err := i.catchUp(ctx, o); err != nil {
		return err
	}
	ids := i.listed(ctx, c.ID, o.Replies)
	if o.Context != "" && !strings.Contains(o.Context, "#") { // Friendica's "…#context" is a name and no address
		ids = append(ids, i.listed(ctx, c.ID, &activitypub.Object{ID: o.Context, Bare: true})...)
	}
	return i.o.Store.Write(ctx, func(tx *store.Tx) error { return i.askFor(ctx, tx, c, ids) })
}

// gone tells whether a comment's own server has it no more, for where somebody says that it was deleted.
func gone(err error) bool {
	return errors.Is(err, remote.ErrGone) || errors.Is(err, remote.ErrNotFound)
}

// catchUp makes up for an edit that we missed.
func (i *Inbox) catchUp(ctx context.Context, o *activitypub.Object) error {
	now := i.o.Now().UTC()
	c := commentOf(o, now)
	err := i.o.Store.Write(ctx, func(tx *store.Tx) error {
		old, err := tx.Comment(ctx, o.ID)
		if err != nil {
			return err
		}
		if o.IsPublic() && (!isReply(o) || sameWords(c, old) || o.Updated.IsZero() && plainText(c.Content) == plainText(old.Content)) {
			return errIgnored
		}
		by, err := tx.Actor(ctx, old.Actor)
		if err != nil {
			return err
		}
		return i.edit(ctx, tx, old, c, o, &letter{actor: by, now: now})
	})
	if errors.Is(err, store.ErrNotFound) {
		return errIgnored
	}
	return ignored(err)
}

// plainText gives the words of a stored tree. Some programs serve other markup than they send, and that alone is no edit.
func plainText(content []byte) string {
	var t activitypub.Tree
	if json.Unmarshal(content, &t) != nil {
		return ""
	}
	return strings.TrimSpace(t.Text())
}

// listed gives the ids that a collection names which its owner's server says to be the owner's. Nothing is fetched from another server
// than the owner's, and never more than a few pages.
func (i *Inbox) listed(ctx context.Context, owner string, c *activitypub.Object) []string {
	var ids []string
	seen := map[string]bool{}
	for page := c; page != nil && len(ids) < maxListed; {
		if page.Bare || isShell(page) {
			if page = i.page(ctx, owner, page.ID, seen); page == nil {
				break
			}
		}
		for _, o := range page.Items {
			ids = append(ids, listedID(o))
		}
		page = following(page)
	}
	return ids[:min(len(ids), maxListed)]
}

// isShell tells whether an embedded collection shows nothing but its address.
func isShell(c *activitypub.Object) bool {
	return c.ID != "" && len(c.Items) == 0 && c.First == nil && c.Next == ""
}

// page fetches one page, nil if it may not or cannot be had. One that was read a moment ago for another comment of the same
// conversation says nothing new.
func (i *Inbox) page(ctx context.Context, owner, id string, seen map[string]bool) *activitypub.Object {
	if seen[id] || len(seen) == maxPages || !activitypub.SameOrigin(id, owner) || i.welcome(ctx, id) != nil {
		return nil
	}
	if !i.freshly(id) || i.afforded(id) != nil {
		return nil
	}
	seen[id] = true
	o, err := i.o.Client.Collection(remote.Frugal(ctx), id)
	if err != nil {
		i.o.Log.Debug("reading a collection", "id", id, "error", err)
		return nil
	}
	return o
}

// freshly claims the reading of a collection: one of those who come together reads it.
func (i *Inbox) freshly(id string) bool {
	now, first := i.o.Now(), false
	at := i.limits.crawled.getOrPut(id, func() time.Time { first = true; return now })
	if !first && now.Sub(at).Abs() < freshFor {
		return false
	}
	i.limits.crawled.put(id, now)
	return true
}

// following gives the next page: of a collection its first, of a page the one after it.
func following(c *activitypub.Object) *activitypub.Object {
	if c.First != nil && !c.Is("CollectionPage", "OrderedCollectionPage") {
		return c.First
	}
	if c.Next != "" {
		return &activitypub.Object{ID: c.Next, Bare: true}
	}
	return nil
}

// listedID gives what an item is about: some list the activities instead of the objects.
func listedID(o *activitypub.Object) string {
	if isActivityType(o) && len(o.Object) > 0 {
		return o.Object[0].ID
	}
	if o.ID == "" {
		return o.Href
	}
	return o.ID
}

// askFor adds an errand for each listed id that is not here.
func (i *Inbox) askFor(ctx context.Context, tx *store.Tx, c store.Comment, ids []string) error {
	asked := 0
	for _, id := range ids {
		at, vain := i.limits.vain.get(id)
		if vain && i.o.Now().Sub(at).Abs() < vainFor || !i.fetchable(id) || plainer(id, c.ID) {
			continue
		}
		if _, err := tx.Comment(ctx, id); err == nil {
			continue
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if blocked, err := tx.Blocked(ctx, id); err != nil {
			return err
		} else if blocked {
			continue
		}
		if err := i.errand(ctx, tx, store.Errand{URL: id, Reason: missingReply, Post: c.Post, Next: i.o.Now()}); err != nil {
			return err
		}
		if asked++; asked == maxNew {
			break
		}
	}
	return nil
}
