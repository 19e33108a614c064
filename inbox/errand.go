package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/store"
)

// The reasons of errands.
const (
	missingReply  = "reply"    // an id that may be a reply to us
	missingParent = "parent"   // what waiting replies answer
	refreshActor  = "actor"    // an actor whose row is old
	relayed       = "activity" // a reaction that came wrapped
	perhapsGone   = "check"    // a comment that is said to be deleted
	moreReplies   = "crawl"    // a comment whose answers may not all have come
	movedActor    = "move"     // an actor who says to have moved
	verifyMention = "mention"  // a page that is said to mention a post
)

// errands is one row for each reason: how to do it. One of an unknown reason (of a later version) is dropped.
var errands = map[string]func(i *Inbox, ctx context.Context, e store.Errand) error{
	missingReply:  (*Inbox).fetchMissing,
	missingParent: (*Inbox).findParent,
	refreshActor:  (*Inbox).refresh,
	relayed:       (*Inbox).fetchReaction,
	perhapsGone:   (*Inbox).checkGone,
	moreReplies:   (*Inbox).crawl,
	movedActor:    (*Inbox).relocate,
	checkQuote:    (*Inbox).lookAtQuote,
	verifyMention: (*Inbox).lookAtMention,

	outbox.TellMention: (*Inbox).mention,
}

const (
	maxAttempts = 5
	batch       = 50 // errands of one round
	atOnce      = 4
	errandTime  = time.Minute
)

// forwarded asks for a copy of an object from where it is at home: it was passed on by somebody else, or only its id came.
func (i *Inbox) forwarded(ctx context.Context, o *activitypub.Object) (effect, error) {
	if !i.fetchable(o.ID) || !o.Bare && !isReply(o) {
		return nil, nil
	}
	if err := i.welcome(ctx, o.ID); err != nil {
		return nil, ignored(err)
	}
	return func(ctx context.Context, tx *store.Tx) error {
		if !o.Bare { // its own words say what it answers: nothing of ours, no fetch
			if _, err := i.parent(ctx, tx, o); err != nil {
				if errors.Is(err, errElsewhere) {
					return errIgnored
				}
				return err
			}
		}
		return i.errand(ctx, tx, store.Errand{URL: o.ID, Reason: missingReply, Next: i.o.Now()})
	}, nil
}

// fetchable tells whether an id can be asked for at its own server.
func (i *Inbox) fetchable(id string) bool {
	return len(id) <= maxID && activitypub.SameOrigin(id, id) && !i.address.Local(i.ownSpelling(id))
}

// ignored makes nothing of errIgnored, for verbs that find out before the effect that there is none.
func ignored(err error) error {
	if errors.Is(err, errIgnored) {
		return nil
	}
	return err
}

// errand adds an errand and wakes the round.
func (i *Inbox) errand(ctx context.Context, tx *store.Tx, e store.Errand) error {
	if err := tx.AddErrand(ctx, e); err != nil {
		return err
	}
	select {
	case i.wake <- struct{}{}:
	default:
	}
	return nil
}

// Run does the errands (missing parents, forwarded replies, stale actors, crawls) until ctx ends.
func (i *Inbox) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		n, err := i.Round(ctx)
		if err != nil && ctx.Err() == nil {
			i.o.Log.Error("doing errands", "error", err)
		}
		if n == batch && err == nil && ctx.Err() == nil { // there are more: none is due again at once
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-i.wake:
		}
	}
}

// Round does the errands that are due and returns how many it did.
func (i *Inbox) Round(ctx context.Context) (int, error) {
	due, err := i.o.Store.DueErrands(ctx, i.o.Now(), batch)
	if err != nil {
		return 0, fmt.Errorf("reading errands: %w", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, e := range due {
		g.Go(func() error { return i.run(ctx, e) })
	}
	return len(due), g.Wait()
}

// run does one errand. What fails for a reason that may pass is tried again later; all else is done with.
func (i *Inbox) run(ctx context.Context, e store.Errand) error {
	limited, cancel := context.WithTimeout(ctx, errandTime)
	defer cancel()
	err := errIgnored
	if do := errands[e.Reason]; do != nil {
		err = do(i, limited, e)
	}
	if ctx.Err() != nil { // we are stopping: nobody's fault
		return nil
	}
	var next later
	if err != nil && !errors.As(err, &next) {
		i.o.Log.Debug("errand failed", "url", e.URL, "reason", e.Reason, "error", err)
	}
	return i.o.Store.Write(ctx, func(tx *store.Tx) error {
		switch {
		case errors.As(err, &next):
			e.Data, e.Attempts, e.Next = next.data, 0, next.at
			return tx.PutErrand(ctx, e)
		case errors.Is(err, errLater): // its turn has not come, which is no attempt
			e.Next = i.o.Now().Add(time.Minute)
			return tx.PutErrand(ctx, e)
		case err == nil || lastTry(e, err):
			return tx.DoneErrand(ctx, e.URL, e.Reason)
		}
		return tx.RetryErrand(ctx, e.URL, e.Reason, i.o.Now().Add(time.Minute<<(2*e.Attempts)))
	})
}

// lastTry tells whether an errand that failed is given up.
func lastTry(e store.Errand, err error) bool { return final(err) || e.Attempts+1 >= maxAttempts }

// final tells which failures trying again does not mend.
func final(err error) bool {
	var no refusal
	return errors.Is(err, errIgnored) || errors.Is(err, remote.ErrGone) || errors.Is(err, remote.ErrNotFound) ||
		errors.Is(err, remote.ErrBlocked) || errors.Is(err, remote.ErrDocument) || errors.As(err, &no)
}

// errLater says that a server's share of fetches is used up for now.
var errLater = errors.New("too many fetches from one server")

// later ends one step of an errand and says when the next is due.
type later struct {
	at   time.Time
	data []byte
}

// Error says that there is more to do.
func (l later) Error() string { return "the next step is due at " + l.at.Format(time.RFC3339) }

// refresh fetches an actor again. One that is gone for good is forgotten: twice a 410, a day apart.
func (i *Inbox) refresh(ctx context.Context, e store.Errand) error {
	id := e.URL
	old, err := i.o.Store.Actor(ctx, id)
	if err != nil {
		if errors.Is(err, store.ErrNotFound) {
			return errIgnored
		}
		return err
	}
	o, err := i.fetchActor(ctx, id)
	now := i.o.Now().UTC()
	switch {
	case errors.Is(err, remote.ErrGone) && !old.Gone.IsZero() && now.Sub(old.Gone) >= stale:
		return i.o.Store.Write(ctx, func(tx *store.Tx) error { return i.forget(id)(ctx, tx) })
	case errors.Is(err, remote.ErrGone):
		if old.Gone.IsZero() {
			old.Gone = now
		}
		old.Fetched = now
		return i.o.Store.Write(ctx, func(tx *store.Tx) error { return tx.PutActor(ctx, old) })
	case err != nil:
		return err
	}
	return i.o.Store.Write(ctx, func(tx *store.Tx) error { return putActor(ctx, tx, actorRow(o, now)) })
}

// fetchReply fetches one reply from its own id. The client has checked that it came from where it says to be at home.
func (i *Inbox) fetchReply(ctx context.Context, id string) (*activitypub.Object, error) {
	o, err := i.fetch(ctx, id)
	if err != nil {
		return nil, err
	}
	return o, i.replies(ctx, o)
}

// replies tells whether a fetched object may be a reply, of somebody of its own server who is not blocked: else errIgnored.
func (i *Inbox) replies(ctx context.Context, o *activitypub.Object) error {
	if !isReply(o) || len(o.ID) > maxID || !activitypub.SameOrigin(authorOf(o), o.ID) {
		return errIgnored
	}
	return i.welcome(ctx, authorOf(o))
}

// authorOf gives the first author.
func authorOf(o *activitypub.Object) string {
	if list := activitypub.IDs(o.AttributedTo); len(list) > 0 {
		return list[0]
	}
	return ""
}

// welcome refuses what is blocked, and our own ids: those are not fetched from ourselves.
func (i *Inbox) welcome(ctx context.Context, id string) error {
	if i.address.Local(i.ownSpelling(id)) {
		return errIgnored
	}
	no, err := i.o.Store.Blocked(ctx, id)
	if err == nil && no {
		return errIgnored
	}
	return err
}

// link is a fetched reply with its author.
type link struct {
	object *activitypub.Object
	author store.Actor
	known  bool // the author stands in the store
}

// author gives an author from the store, or fetched.
func (i *Inbox) author(ctx context.Context, id string) (link, error) {
	a, err := i.o.Store.Actor(ctx, id)
	if err == nil {
		return link{author: a, known: true}, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return link{}, err
	}
	o, err := i.fetchActor(ctx, id)
	if err != nil {
		return link{}, err
	}
	if len(id) > maxAddress {
		return link{}, errIgnored
	}
	return link{author: actorRow(o, i.o.Now().UTC())}, nil
}

// fetchActor fetches the actor of an id for an errand, within the budget. errIgnored: it is somebody else's id.
func (i *Inbox) fetchActor(ctx context.Context, id string) (*activitypub.Object, error) {
	if err := i.afforded(id); err != nil {
		return nil, err
	}
	o, err := i.o.Client.Actor(remote.Frugal(ctx), id)
	if err == nil && o.ID != id {
		err = errIgnored
	}
	return o, err
}
