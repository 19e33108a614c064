package inbox

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// A reply whose parent is neither here nor ours waits in the store, where no page and no count reaches it, and an errand fetches
// the parent: one step at a time and ever more slowly, so that an endless chain costs nobody anything. Whatever way the parent
// comes, all that waits for it is put beneath it in the same transaction.

const (
	// patience is how long the first parent is waited for before it is fetched: mostly it is on its way to us as well.
	patience = 5 * time.Second
	// stepTime goes by before each further parent is fetched: once it before the second, twice before the third, and so on.
	stepTime = 2 * time.Minute
	maxDepth = 10 // parents fetched, one above the other
)

// wait keeps a reply until its parent is here. depth is how many parents were fetched below that one.
func (i *Inbox) wait(ctx context.Context, tx *store.Tx, c *store.Comment, o *activitypub.Object, by string, depth int) error {
	parent, err := i.awaited(ctx, tx, o)
	if err != nil {
		return err
	}
	if depth >= maxDepth || c.Source == nil || i.o.Config.Comments.Mode == "closed" {
		return errIgnored
	}
	if blocked, err := tx.Blocked(ctx, parent); err != nil || blocked {
		return cmp.Or(err, errIgnored)
	}
	c.Kind, c.Post, c.Parent, c.Actor, c.State = store.Reply, "", parent, by, store.Waiting
	if err := tx.PutComment(ctx, *c); err != nil {
		return err
	}
	if _, err := tx.Comment(ctx, parent); !errors.Is(err, store.ErrNotFound) {
		return err // it waits itself, and is looked after already
	}
	due := i.o.Now().Add(patience)
	if depth > 0 {
		due = i.o.Now().Add(time.Duration(depth) * stepTime)
	}
	return i.errand(ctx, tx, store.Errand{URL: parent, Reason: missingParent, Data: []byte(strconv.Itoa(depth)), Next: due})
}

// awaited gives what a reply answers, the first of several that may be known one day. errIgnored if there is none.
func (i *Inbox) awaited(ctx context.Context, tx *store.Tx, o *activitypub.Object) (string, error) {
	for _, id := range o.InReplyTo[:min(len(o.InReplyTo), 5)] {
		_, err := i.resolve(ctx, tx, id)
		if errors.Is(err, errElsewhere) && i.fetchable(id) && !plainer(id, o.ID) && id != o.ID {
			return id, nil
		}
		if err != nil && !errors.Is(err, errElsewhere) && !errors.Is(err, errIgnored) {
			return "", err
		}
	}
	return "", errIgnored
}

// adopt puts what waits for a comment beneath it, and so on downwards. No more can wait than store.MaxWaiting.
func (i *Inbox) adopt(ctx context.Context, tx *store.Tx, id string) error {
	for ids := []string{id}; len(ids) > 0; ids = ids[1:] {
		below, err := tx.WaitingFor(ctx, ids[0], store.MaxWaiting)
		if err != nil {
			return err
		}
		for _, c := range below {
			placed, err := i.adoptOne(ctx, tx, c)
			if err != nil {
				return err
			}
			if placed {
				ids = append(ids, c.ID)
			}
		}
	}
	return nil
}

// adoptOne places a reply that has waited, as if it came now. Where it has no place any more it goes, with all below it. It stays where
// its author is not known yet: then an errand fetches both.
func (i *Inbox) adoptOne(ctx context.Context, tx *store.Tx, c store.Comment) (placed bool, err error) {
	blocked, err := tx.Blocked(ctx, c.Actor)
	if err != nil {
		return false, err
	}
	by, err := tx.Actor(ctx, c.Actor)
	switch {
	case blocked:
		err = errIgnored
	case errors.Is(err, store.ErrNotFound):
		return false, i.errand(ctx, tx, store.Errand{URL: c.ID, Reason: missingReply, Next: i.o.Now()})
	case err == nil:
		err = i.settleAgain(ctx, tx, c, by)
	}
	if errors.Is(err, errIgnored) {
		_, err = tx.RemoveComment(ctx, c.ID)
		return false, err
	}
	return err == nil, err
}

// settleAgain is settle for a stored reply whose parent has come.
func (i *Inbox) settleAgain(ctx context.Context, tx *store.Tx, c store.Comment, by store.Actor) error {
	o, err := activitypub.Read(c.Source)
	if err != nil {
		return errIgnored
	}
	at, err := i.resolve(ctx, tx, c.Parent)
	if err != nil {
		return err
	}
	return i.settle(ctx, tx, &c, at, o, by)
}

// findParent fetches what replies wait for. Where that cannot be had, or leads elsewhere, they go.
func (i *Inbox) findParent(ctx context.Context, e store.Errand) error {
	waiting, err := i.o.Store.WaitingFor(ctx, e.URL, 1)
	if err != nil || len(waiting) == 0 { // taken back, adopted or out of time: nothing is fetched
		return err
	}
	err = i.bring(ctx, e)
	if err == nil || errors.Is(err, errLater) || !lastTry(e, err) {
		return err
	}
	return errors.Join(err, i.o.Store.Write(ctx, func(tx *store.Tx) error { return tx.RemoveWaiting(ctx, e.URL) }))
}

// bring fetches a parent, unless it came by itself.
func (i *Inbox) bring(ctx context.Context, e store.Errand) error {
	switch _, err := i.resolve(ctx, i.o.Store, e.URL); {
	case err == nil:
		return i.o.Store.Write(ctx, func(tx *store.Tx) error { return i.adopt(ctx, tx, e.URL) })
	case !errors.Is(err, errElsewhere):
		return err
	}
	if _, err := i.o.Store.Comment(ctx, e.URL); !errors.Is(err, store.ErrNotFound) {
		return err // it waits by now
	}
	o, err := i.fetchReply(ctx, e.URL)
	if err != nil {
		return err
	}
	depth, _ := strconv.Atoi(string(e.Data))
	return i.take(ctx, o, e.URL, depth+1)
}

// fetchMissing fetches an id that may be a reply to us. One that is not is not fetched again for the next list that names it.
func (i *Inbox) fetchMissing(ctx context.Context, e store.Errand) error {
	o, err := i.fetch(ctx, e.URL)
	if err == nil {
		err = i.takeMissing(ctx, o, e.URL)
	}
	if err == nil || !final(err) {
		return err
	}
	i.limits.vain.put(e.URL, i.o.Now())
	return cmp.Or(i.o.Store.Write(ctx, func(tx *store.Tx) error {
		c, missing := tx.Comment(ctx, e.URL)
		if missing != nil || c.State != store.Waiting {
			return nil
		}
		_, err := tx.RemoveComment(ctx, e.URL)
		return err
	}), err)
}

// takeMissing takes a fetched copy: as news of a comment that is here, which may not be for everybody any more, or as a reply.
func (i *Inbox) takeMissing(ctx context.Context, o *activitypub.Object, asked string) error {
	c, err := i.o.Store.Comment(ctx, o.ID)
	if err == nil && c.State != store.Waiting && i.fromElsewhere(c) && wrote(o, c.Actor) {
		return i.catchUp(ctx, o)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err := i.replies(ctx, o); err != nil {
		return err
	}
	return i.take(ctx, o, asked, 1)
}

// take stores a fetched reply that was asked for under an address. Its author is fetched only where it has a place: for one that waits, and
// may never show, a second request is not made.
func (i *Inbox) take(ctx context.Context, o *activitypub.Object, asked string, depth int) error {
	n := link{object: o, author: store.Actor{ID: authorOf(o)}}
	_, err := i.parent(ctx, i.o.Store, o) // looked up again where it counts: in the transaction
	if err == nil {
		n, err = i.author(ctx, n.author.ID)
		n.object = o
	}
	if err != nil && !errors.Is(err, errElsewhere) {
		return err
	}
	return i.o.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.MoveWaiting(ctx, asked, o.ID); err != nil {
			return err
		}
		if err := i.storeLink(ctx, tx, n, depth); err != nil {
			return err
		}
		if c, err := tx.Comment(ctx, o.ID); err != nil || c.State == store.Waiting {
			return err
		}
		return i.adopt(ctx, tx, o.ID) // it may be here under another address than the one that was asked for
	})
}

// storeLink puts a fetched reply into its thread or lets it wait.
func (i *Inbox) storeLink(ctx context.Context, tx *store.Tx, n link, depth int) error {
	c := commentOf(n.object, i.o.Now().UTC())
	old, err := tx.Comment(ctx, c.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil && old.State != store.Waiting {
		switch {
		case old.State == store.Removed:
			return errIgnored
		case old.Actor == n.author.ID: // came by itself in the meantime
			return i.refreshed(ctx, tx, old, c, n)
		}
	}
	if err := deletedBefore(ctx, tx, c.ID, n.author.ID); err != nil {
		return err
	}
	at, err := i.parent(ctx, tx, n.object)
	if errors.Is(err, errElsewhere) {
		return i.wait(ctx, tx, &c, n.object, n.author.ID, depth)
	}
	if err != nil {
		return err
	}
	if n.author.Fetched.IsZero() { // its place came up meanwhile: the author is fetched next time
		return errLater
	}
	if err := i.place(ctx, tx, &c, at, n.object, n.author); err != nil || n.known {
		return err
	}
	return putActor(ctx, tx, n.author)
}

// refreshed takes the words of a fetched copy where they are newer than ours.
func (i *Inbox) refreshed(ctx context.Context, tx *store.Tx, old, c store.Comment, n link) error {
	if n.object.IsPublic() && !c.Updated.After(old.Updated) {
		return nil
	}
	return i.edit(ctx, tx, old, c, n.object, &letter{actor: n.author, now: i.o.Now().UTC()})
}
