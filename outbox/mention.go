package outbox

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

const (
	// maxMentioned is how many accounts are told that a post names them, mentionTime how long finding their inboxes may take.
	maxMentioned, mentionTime = 50, 20 * time.Second
	// maxInbox bounds an inbox's address, in bytes: PostgreSQL indexes no longer ones.
	maxInbox = 2000
)

// mentioned gives the inboxes of those whom a post mentions, where their servers answer now: best effort, since a server that is
// down must not keep the post from everybody else. publish wrote the ids, a person wrote the handles.
func (o *Outbox) mentioned(ctx context.Context, doc document) []string {
	ctx, cancel := context.WithTimeout(ctx, mentionTime)
	defer cancel()
	var ids []string
	for _, t := range doc.Tag {
		if t.Type == "Mention" && len(ids) < maxMentioned && !slices.Contains(ids, t.Href) && !Ours(o.o.Config.Addresses(), t.Href) {
			ids = append(ids, t.Href)
		}
	}
	inboxes := make([]string, len(ids))
	var fetches sync.WaitGroup
	for i, id := range ids {
		fetches.Go(func() { inboxes[i] = o.inboxOf(ctx, id) })
	}
	fetches.Wait()
	inboxes = slices.DeleteFunc(inboxes, func(s string) bool { return s == "" })
	slices.Sort(inboxes)
	return slices.Compact(inboxes)
}

// inboxOf fetches an actor for its inbox: the shared one where it is on the same host, so that a server gets the post once. An inbox
// must be on the actor's own host: else an actor could aim our posts at any server.
func (o *Outbox) inboxOf(ctx context.Context, id string) string {
	if blocked, err := o.o.Store.Blocked(ctx, id); blocked || err != nil {
		return ""
	}
	actor, err := o.o.Client.Actor(ctx, id)
	if err != nil {
		o.o.Log.Info("a mentioned account could not be reached and is not told", "actor", id, "err", err)
		return ""
	}
	inbox := actor.Inbox
	if actor.SharedInbox != "" && activitypub.SameOrigin(actor.SharedInbox, inbox) {
		inbox = actor.SharedInbox
	}
	if !activitypub.SameOrigin(inbox, id) || len(inbox) > maxInbox || strings.TrimSpace(inbox) == "" {
		return ""
	}
	return inbox
}

// without gives those of a list that are not in any of the others.
func without(list []string, others ...[]string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		return slices.ContainsFunc(others, func(other []string) bool { return slices.Contains(other, s) })
	})
}

// queueToMentioned sends the Create to those who are named for the first time by an Update: they never got the post, and an Update of
// what they do not know tells them nothing.
func (o *Outbox) queueToMentioned(ctx context.Context, tx *store.Tx, id string, create []byte, doc document, inboxes []string) error {
	row := store.Activity{ID: id, Type: "Create", Object: doc.ID, Actor: o.actorOf(doc), JSON: create, At: o.o.Now()}
	return tx.AddDeliveries(ctx, row, slices.DeleteFunc(slices.Clone(inboxes), ours(o.o.Config.Addresses())), o.held())
}
