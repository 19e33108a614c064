package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// errUnseen says that a post's page does not answer yet: nothing is announced before it can be read.
var errUnseen = errors.New("its page cannot be read yet")

// apply carries one decision out.
func (o *Outbox) apply(ctx context.Context, d decision, r *Report) error {
	switch d.action {
	case tellCreate, tellUpdate:
		return o.tell(ctx, d, r)
	case tellDelete:
		return o.tellGone(ctx, d, r)
	}
	return o.o.Store.Write(ctx, func(tx *store.Tx) error { return noteOnly(ctx, tx, d) })
}

// noteOnly writes what is listed into the ledger, keeping what followers were told.
func noteOnly(ctx context.Context, tx *store.Tx, d decision) error {
	a, err := tx.Article(ctx, d.id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	a.ID = d.id
	if !d.at.IsZero() {
		a.Withdrawn = d.at
		a.JSON = nil
		if a.Published.IsZero() {
			a.Published = d.at
		}
		if a.InReplyTo != "" {
			if _, err := tx.RemoveComment(ctx, d.id); err != nil {
				return err
			}
		}
		return tx.PutArticle(ctx, a)
	}
	a.URL, a.Name, a.InReplyTo, a.Closes, a.Language = d.post.URL, d.post.Name, cmp.Or(a.InReplyTo, d.post.InReplyTo), d.post.Closes, d.post.Language
	if !a.Announced {
		a.SHA256, a.Published, a.Updated = d.post.SHA256, d.post.Published, d.post.Updated
	}
	return tx.PutArticle(ctx, a)
}

// tell queues a Create or an Update with its line in the ledger.
func (o *Outbox) tell(ctx context.Context, d decision, r *Report) error {
	doc, err := o.source.article(ctx, d.post)
	if err != nil {
		return err
	}
	if d.post.InReplyTo != "" {
		return o.tellReply(ctx, d, doc, r)
	}
	if d.action == tellCreate && o.source.page != nil {
		if err := o.source.page(ctx, d.post.URL); err != nil {
			return fmt.Errorf("%w: %w", errUnseen, err)
		}
	}
	a := store.Article{ID: d.id, URL: d.post.URL, Name: d.post.Name, SHA256: d.post.SHA256, JSON: doc.raw, Published: d.post.Published,
		Updated: d.post.Updated, Closes: d.post.Closes, Language: d.post.Language, Told: o.began, Pinned: d.told.Pinned, Pins: d.told.Pins, PinnedBy: d.told.PinnedBy}
	return o.tellDocument(ctx, d, a, answer{doc: doc}, o.mentioned(ctx, doc), r)
}

// tellReply is tell for a reply of the owner, which is made whole first: what followers get is what the ledger keeps and what its
// address serves.
func (o *Outbox) tellReply(ctx context.Context, d decision, doc document, r *Report) error {
	if err := o.patienceWith(d); err != nil {
		return err
	}
	whole, err := o.complete(ctx, doc, d.post.InReplyTo)
	if err != nil {
		o.postpone(d)
		return err
	}
	return o.tellAnswer(ctx, d, whole, "", o.mentioned(ctx, doc), r)
}

// tellAnswer tells a reply that is whole.
func (o *Outbox) tellAnswer(ctx context.Context, d decision, whole answer, origin string, named []string, r *Report) error {
	a := store.Article{ID: d.id, Name: d.post.Name, SHA256: d.post.SHA256, JSON: whole.doc.raw, Published: d.post.Published,
		Updated: d.post.Updated, InReplyTo: whole.parent.id, Origin: origin}
	if origin == "" { // what no list names is not of this round, and undone by withdrawing it
		a.Told = o.began
	}
	if whole.comment != nil {
		a.URL = whole.comment.URL
	}
	return o.tellDocument(ctx, d, a, whole, named, r)
}

// tellDocument writes one transaction: what is told, to whom, the ledger's line, and for a reply its place in the thread. named are the
// inboxes of those whom the words mention.
func (o *Outbox) tellDocument(ctx context.Context, d decision, a store.Article, whole answer, named []string, r *Report) error {
	key, err := o.key(d.id)
	if err != nil {
		return err
	}
	a.Revision, a.Announced = d.told.Revision+1, true
	var links []string
	if a.Origin == "" {
		links = o.links(ctx, a.URL, whole.doc)
	}
	var n int
	err = o.o.Store.Write(ctx, func(tx *store.Tx) error {
		if d.action == tellCreate {
			a.Revision = 1
			n, err = o.queueCreate(ctx, tx, key, whole, named)
		} else {
			n, err = o.queueUpdate(ctx, tx, key, whole.doc, a.Revision, named)
		}
		if err == nil && whole.comment != nil {
			err = putAnswer(ctx, tx, d, *whole.comment)
		}
		if err == nil && a.InReplyTo == "" && a.Origin == "" {
			err = o.mention(ctx, tx, a.ID, a.URL, links, o.held())
		}
		if err != nil {
			return err
		}
		return tx.PutArticle(ctx, a)
	})
	if err != nil {
		return err
	}
	r.Deliveries += n
	if d.action == tellCreate {
		r.Created++
	} else {
		r.Updated++
	}
	return nil
}

func (o *Outbox) queueCreate(ctx context.Context, tx *store.Tx, key string, whole answer, named []string) (int, error) {
	doc := whole.doc
	actor := o.actorOf(doc)
	inboxes, err := tx.FollowerInboxes(ctx, actor)
	if err == nil && whole.parent.id != "" {
		inboxes, err = o.concerned(ctx, tx, whole.parent, actor, inboxes)
	}
	if err != nil {
		return 0, err
	}
	unwilling, err := tx.BlockedByInboxes(ctx)
	if err != nil {
		return 0, err
	}
	inboxes = append(inboxes, without(named, inboxes, unwilling)...)
	create := doc.create(o.createID(key), actor)
	if err := o.queue(ctx, tx, create, doc.ID, inboxes, o.held()); err != nil {
		return 0, err
	}
	n, err := o.announceCreate(ctx, tx, key, doc, create)
	return len(inboxes) + n, err
}

// holders gives the inboxes of the servers that may hold a post.
func holders(ctx context.Context, tx *store.Tx, id, actor string) ([]string, error) {
	told, err := tx.InboxesTold(ctx, id)
	if err != nil {
		return nil, err
	}
	answered, err := tx.AnswerInboxes(ctx, id)
	if err != nil {
		return nil, err
	}
	followers, err := tx.FollowerInboxes(ctx, actor)
	if err != nil {
		return nil, err
	}
	inboxes := slices.Concat(told, answered, followers)
	slices.Sort(inboxes)
	return slices.Compact(inboxes), nil
}

// queueUpdate tells whoever has the post, or will get it, that it changed. The Create carries the new words from now on: to those who
// have yet to get it, and to those who look it up.
func (o *Outbox) queueUpdate(ctx context.Context, tx *store.Tx, key string, doc document, revision int64, named []string) (int, error) {
	inboxes, err := tx.InboxesTold(ctx, doc.ID)
	if err != nil {
		return 0, err
	}
	unwilling, err := tx.BlockedByInboxes(ctx)
	if err != nil {
		return 0, err
	}
	named = without(named, inboxes, unwilling)
	inboxes = without(inboxes, unwilling)
	actor := o.actorOf(doc)
	create, update := doc.create(o.createID(key), actor), doc.update(o.updateID(key, revision), actor)
	json, err := o.written(create)
	if err != nil {
		return 0, err
	}
	if err := tx.ReplaceActivity(ctx, o.createID(key), json); err != nil {
		return 0, err
	}
	if err := tx.DropActivity(ctx, o.updateID(key, revision-1)); err != nil {
		return 0, err
	}
	if err := o.queueToMentioned(ctx, tx, o.createID(key), json, doc, named); err != nil {
		return 0, err
	}
	if err := o.queue(ctx, tx, update, doc.ID, inboxes, o.held()); err != nil {
		return 0, err
	}
	n, err := o.announceUpdate(ctx, tx, key, doc, create, update, revision)
	return len(inboxes) + len(named) + n, err
}

// tellGone queues a Delete to every server that may hold the post: those that got it or answered it, and those of today's followers,
// who may have fetched it. It is not held: taking back is urgent.
func (o *Outbox) tellGone(ctx context.Context, d decision, r *Report) error {
	key, err := o.key(d.id)
	if err != nil {
		return err
	}
	var n int
	err = o.o.Store.Write(ctx, func(tx *store.Tx) error {
		a, err := tx.Article(ctx, d.id)
		if err != nil {
			return err
		}
		if n, err = o.queueDelete(ctx, tx, key, &a, d.at); err != nil {
			return err
		}
		if err := o.mention(ctx, tx, a.ID, a.URL, nil, time.Time{}); err != nil {
			return err
		}
		return tx.PutArticle(ctx, a)
	})
	if err != nil {
		return err
	}
	r.Deleted, r.Deliveries = r.Deleted+1, r.Deliveries+n
	return nil
}

func (o *Outbox) queueDelete(ctx context.Context, tx *store.Tx, key string, a *store.Article, at time.Time) (int, error) {
	doc, err := parseDocument(a.JSON)
	if err != nil {
		return 0, err
	}
	inboxes, err := holders(ctx, tx, a.ID, o.actorOf(doc))
	if err == nil && a.InReplyTo != "" {
		inboxes, err = o.leave(ctx, tx, a.ID, o.actorOf(doc), inboxes)
	}
	if err != nil {
		return 0, err
	}
	boosted, err := o.boosted(ctx, tx, key, a.Revision)
	if err != nil {
		return 0, err
	}
	// What was told before is not to be had from us any more.
	for _, id := range []string{o.createID(key), o.updateID(key, a.Revision)} {
		if err := tx.DropActivity(ctx, id); err != nil {
			return 0, err
		}
	}
	a.Withdrawn = at
	if a.JSON, err = activitypub.Marshal(doc.tombstone(at)); err != nil {
		return 0, err
	}
	activity := doc.remove(o.deleteID(key), o.actorOf(doc), at)
	if err := o.queue(ctx, tx, activity, a.ID, inboxes, time.Time{}); err != nil {
		return 0, err
	}
	n, err := o.announceDelete(ctx, tx, key, doc, activity, boosted)
	return len(inboxes) + n, err
}

// The ids of activities are a function of the post's key, the kind and the revision: telling the same thing again is no second one.
func (o *Outbox) createID(key string) string {
	return o.o.Config.Addresses().Activity(key + "-create-1")
}
func (o *Outbox) deleteID(key string) string { return o.o.Config.Addresses().Activity(key + "-delete") }
func (o *Outbox) updateID(key string, revision int64) string {
	return o.o.Config.Addresses().Activity(key + "-update-" + strconv.FormatInt(revision, 10))
}

func (o *Outbox) key(id string) (string, error) {
	key, ok := o.o.Config.Addresses().PostKey(id)
	if !ok {
		return "", fmt.Errorf("its id is not below %s; did federation.url change? Ids are for ever", o.o.Config.Addresses().Origin())
	}
	return key, nil
}

// actorOf is who speaks of a post: its author if that is an actor of ours, else the blog.
func (o *Outbox) actorOf(doc document) string {
	if _, ok := o.o.Keys[doc.AttributedTo]; ok {
		return doc.AttributedTo
	}
	return o.o.Config.Addresses().Actor()
}

// held is when the recall window ends ([federation] hold); the zero time if there is none.
func (o *Outbox) held() time.Time {
	hold, err := time.ParseDuration(o.o.Config.Federation.Hold)
	if err != nil || hold <= 0 {
		return time.Time{}
	}
	return o.o.Now().Add(hold)
}
