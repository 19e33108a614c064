package outbox

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// Whoever follows the blog is to see what its authors write. The blog Announces each post of an author once (a boost). Where the blog is
// a Group it also Announces the whole activity, which is all that Lemmy, PieFed and Mbin read (FEP-1b12); they do the same two things,
// for everybody else ignores the second.

// isGroup tells whether the blog is a Group.
func (o *Outbox) isGroup() bool { return o.o.Config.Federation.Type == "Group" }

// public tells whether everybody may see a post.
func (d document) public() bool {
	return public(d.To, d.CC)
}

// ofGroup tells whether a document is the Group's to pass on: a post, or a reply in a thread of ours, which alone has a page here. An
// answer to what others wrote elsewhere is in no thread that the Group's subscribers know.
func (d document) ofGroup() bool { return d.InReplyTo == "" || d.URL != "" }

// boost is the blog's Announce of an author's post, to those that the post is for and the blog's followers.
func (o *Outbox) boost(key string, doc document) activitypub.Activity {
	a := o.o.Config.Addresses()
	b := activitypub.Activity{
		Context: activityStreams, ID: a.Activity(key + "-announce"), Type: "Announce", Actor: a.Actor(),
		To: []string{activitypub.Public}, CC: []string{a.Followers(), doc.AttributedTo}, Published: doc.Published, Object: doc.ID,
	}
	if !slices.Contains(doc.To, activitypub.Public) { // unlisted: in home timelines and no others
		b.To, b.CC = []string{a.Followers()}, []string{activitypub.Public, doc.AttributedTo}
	}
	return b
}

// Wrap is the Group's Announce of a whole activity (FEP-1b12), to everybody and its followers. key ends its id. The @context of what is
// inside stands on the outside.
func Wrap(a site.Addresses, key string, inner activitypub.Activity) activitypub.Activity {
	context := inner.Context
	inner.Context = nil
	return activitypub.Activity{
		Context: context, ID: a.Activity(key), Type: "Announce", Actor: a.Actor(), To: []string{activitypub.Public}, CC: []string{a.Followers()},
		Object: inner,
	}
}

// announceCreate passes a new post on to the blog's followers. It is queued behind the Create, and leaves no earlier.
func (o *Outbox) announceCreate(ctx context.Context, tx *store.Tx, key string, doc document, create activitypub.Activity) (int, error) {
	blog := o.o.Config.Addresses().Actor()
	if !doc.public() {
		return 0, nil
	}
	var list []activitypub.Activity
	if create.Actor != blog && doc.InReplyTo == "" { // an answer is for whom it answers
		list = append(list, o.boost(key, doc))
	}
	if o.isGroup() && doc.ofGroup() {
		list = append(list, Wrap(o.o.Config.Addresses(), key+"-announce-create", create))
	}
	return o.queueAll(ctx, tx, list, doc.ID, o.held())
}

// queueAll queues activities for the blog's followers and counts their deliveries.
func (o *Outbox) queueAll(ctx context.Context, tx *store.Tx, list []activitypub.Activity, object string, notBefore time.Time) (int, error) {
	inboxes, err := tx.FollowerInboxes(ctx, o.o.Config.Addresses().Actor())
	if err != nil {
		return 0, err
	}
	for _, a := range list {
		if err := o.queue(ctx, tx, a, object, inboxes, notBefore); err != nil {
			return 0, err
		}
	}
	return len(list) * len(inboxes), nil
}

// announceUpdate passes a change on where the blog is a Group; elsewhere the boost leads to the post as it is. Who gets the Create late
// gets the new words.
func (o *Outbox) announceUpdate(ctx context.Context, tx *store.Tx, key string, doc document, create, update activitypub.Activity, revision int64) (int, error) {
	if !o.isGroup() || !doc.public() || !doc.ofGroup() {
		return 0, nil
	}
	a := o.o.Config.Addresses()
	late := Wrap(a, key+"-announce-create", create)
	json, err := o.written(late)
	if err != nil {
		return 0, err
	}
	if err := tx.ReplaceActivity(ctx, late.ID, json); err != nil {
		return 0, err
	}
	list := []activitypub.Activity{Wrap(a, key+"-announce-update-"+strconv.FormatInt(revision, 10), update)}
	return o.queueAll(ctx, tx, list, doc.ID, o.held())
}

// boosted gives the inboxes that got the boost of a post, and forgets the words of everything that passed the post on.
func (o *Outbox) boosted(ctx context.Context, tx *store.Tx, key string, revision int64) (inboxes []string, err error) {
	a := o.o.Config.Addresses()
	if inboxes, err = tx.InboxesOf(ctx, a.Activity(key+"-announce")); err != nil {
		return nil, err
	}
	ids := []string{key + "-announce", key + "-announce-create"}
	for n := int64(2); n <= revision; n++ {
		ids = append(ids, key+"-announce-update-"+strconv.FormatInt(n, 10))
	}
	for _, id := range ids {
		if err := tx.DropActivity(ctx, a.Activity(id)); err != nil {
			return nil, err
		}
	}
	return inboxes, nil
}

// announceDelete takes the boost back from those who got it, and passes the Delete on where the blog is a Group.
func (o *Outbox) announceDelete(ctx context.Context, tx *store.Tx, key string, doc document, del activitypub.Activity, boosted []string) (int, error) {
	a, n := o.o.Config.Addresses(), 0
	if len(boosted) > 0 {
		b := o.boost(key, doc)
		undo := activitypub.Activity{
			Context: activityStreams, ID: a.Activity(key + "-undo-announce"), Type: "Undo", Actor: b.Actor, To: b.To, CC: b.CC,
			Object: activitypub.Activity{ID: b.ID, Type: b.Type, Actor: b.Actor, To: b.To, CC: b.CC, Object: b.Object},
		}
		if err := o.queue(ctx, tx, undo, b.ID, boosted, time.Time{}); err != nil {
			return 0, err
		}
		n = len(boosted)
	}
	if !o.isGroup() || !doc.public() || !doc.ofGroup() {
		return n, nil
	}
	m, err := o.queueAll(ctx, tx, []activitypub.Activity{Wrap(a, key+"-announce-delete", del)}, doc.ID, time.Time{})
	return n + m, err
}
