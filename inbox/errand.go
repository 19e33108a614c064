package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

// The reasons of errands.
const (
	missingReply = "reply"
	refreshActor = "actor"
)

// errands is one row for each reason: how to do it. One of an unknown reason (of a later version) is dropped.
var errands = map[string]func(i *Inbox, ctx context.Context, e store.Errand) error{
	missingReply: (*Inbox).climb,
	refreshActor: (*Inbox).refresh,
	checkQuote:   (*Inbox).lookAtQuote,
}

const (
	// patience is how long a reply to something unknown waits: its parent is mostly on its way to us as well.
	patience    = 5 * time.Second
	maxClimb    = 10 // parents fetched for one reply
	maxAttempts = 5
	atOnce      = 4
	errandTime  = time.Minute
)

// forwarded asks for a copy of an object from where it is at home: it was passed on by somebody else, or only its id came.
func (i *Inbox) forwarded(ctx context.Context, o *activitypub.Object) (effect, error) {
	if o.ID == "" || len(o.ID) > maxID || i.address.Local(o.ID) || !activitypub.SameOrigin(o.ID, o.ID) {
		return nil, nil
	}
	if !o.Bare && !isReply(o) {
		return nil, nil
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

// Run does the errands (missing parents, forwarded replies, stale actors) until ctx ends.
func (i *Inbox) Run(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		if _, err := i.Round(ctx); err != nil && ctx.Err() == nil {
			i.o.Log.Error("doing errands", "error", err)
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
	due, err := i.o.Store.DueErrands(ctx, i.o.Now(), 50)
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
	if err != nil {
		i.o.Log.Debug("errand failed", "url", e.URL, "reason", e.Reason, "error", err)
	}
	return i.o.Store.Write(ctx, func(tx *store.Tx) error {
		if err == nil || final(err) || e.Attempts+1 >= maxAttempts {
			return tx.DoneErrand(ctx, e.URL, e.Reason)
		}
		return tx.RetryErrand(ctx, e.URL, e.Reason, i.o.Now().Add(time.Minute<<(2*e.Attempts)))
	})
}

// final tells which failures trying again does not mend.
func final(err error) bool {
	var no refusal
	return errors.Is(err, errIgnored) || errors.Is(err, remote.ErrGone) || errors.Is(err, remote.ErrNotFound) ||
		errors.Is(err, remote.ErrBlocked) || errors.Is(err, remote.ErrDocument) || errors.As(err, &no)
}

// errLater says that a server's share of fetches is used up for now.
var errLater = errors.New("too many fetches from one server")

// afforded takes a fetch from the budget of a server: replies that name ever new parents must not make us knock at somebody's door.
func (i *Inbox) afforded(id string) error {
	if i.limits.errands.take(domain(id), 1, i.o.Now()) > 0 {
		return errLater
	}
	return nil
}

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
	if err := i.afforded(id); err != nil {
		return err
	}
	o, err := i.o.Client.Actor(ctx, id)
	if err == nil && o.ID != id {
		return errIgnored
	}
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

// link is one fetched reply with its author.
type link struct {
	object *activitypub.Object
	author store.Actor
	known  bool // the author stands in the store
}

// climb fetches a reply and, where what it answers is unknown, that as well, until it meets something of ours. Then the authors are
// fetched and the whole chain is stored, from the top down. A chain that ends elsewhere, or has a link that is not public, is dropped whole.
func (i *Inbox) climb(ctx context.Context, e store.Errand) error {
	id := e.URL
	var chain []link
	seen := map[string]bool{}
	for range maxClimb + 1 {
		if seen[id] {
			return errIgnored
		}
		seen[id] = true
		o, err := i.fetchReply(ctx, id)
		if err != nil {
			return err
		}
		seen[o.ID] = true
		chain = append(chain, link{object: o})
		_, err = i.parent(ctx, i.o.Store, o) // looked up again where it counts: in the transaction
		if errors.Is(err, errElsewhere) {
			id = o.InReplyTo[max(slices.IndexFunc(o.InReplyTo, isWeb), 0)]
			continue
		}
		if err != nil {
			return err
		}
		if err := i.authors(ctx, chain); err != nil {
			return err
		}
		return i.store(ctx, chain)
	}
	return errIgnored
}

// fetchReply fetches one reply from its own id. The client has checked that it came from where it says to be at home.
func (i *Inbox) fetchReply(ctx context.Context, id string) (*activitypub.Object, error) {
	if err := i.welcome(ctx, id); err != nil {
		return nil, err
	}
	if err := i.afforded(id); err != nil {
		return nil, err
	}
	o, err := i.o.Client.Object(ctx, id)
	if err != nil {
		return nil, err
	}
	if !isReply(o) || len(o.ID) > maxID || !activitypub.SameOrigin(authorOf(o), o.ID) {
		return nil, errIgnored
	}
	return o, i.welcome(ctx, authorOf(o))
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
	if i.address.Local(id) {
		return errIgnored
	}
	no, err := i.o.Store.Blocked(ctx, id)
	if err == nil && no {
		return errIgnored
	}
	return err
}

// authors fills in who wrote the links of a chain.
func (i *Inbox) authors(ctx context.Context, chain []link) error {
	met := map[string]link{}
	for n := range chain {
		id := authorOf(chain[n].object)
		by, ok := met[id]
		if !ok {
			var err error
			if by, err = i.author(ctx, id); err != nil {
				return err
			}
			met[id] = by
		}
		chain[n].author, chain[n].known = by.author, by.known
	}
	return nil
}

func (i *Inbox) author(ctx context.Context, id string) (link, error) {
	a, err := i.o.Store.Actor(ctx, id)
	if err == nil {
		return link{author: a, known: true}, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return link{}, err
	}
	if err := i.afforded(id); err != nil {
		return link{}, err
	}
	o, err := i.o.Client.Actor(ctx, id)
	if err != nil {
		return link{}, err
	}
	if o.ID != id || len(id) > maxAddress {
		return link{}, errIgnored
	}
	return link{author: actorRow(o, i.o.Now().UTC())}, nil
}

// store puts a chain under its post in one transaction.
func (i *Inbox) store(ctx context.Context, chain []link) error {
	now := i.o.Now().UTC()
	return i.o.Store.Write(ctx, func(tx *store.Tx) error {
		for _, n := range slices.Backward(chain) {
			if err := i.storeLink(ctx, tx, n, now); err != nil {
				return err
			}
		}
		return nil
	})
}

func (i *Inbox) storeLink(ctx context.Context, tx *store.Tx, n link, now time.Time) error {
	c := commentOf(n.object, now)
	old, err := tx.Comment(ctx, c.ID)
	switch {
	case err == nil && old.Actor == n.author.ID && !c.Updated.After(old.Updated): // came by itself in the meantime
		return nil
	case err == nil && old.Actor == n.author.ID:
		return i.edit(ctx, tx, old, c, n.object, &letter{actor: n.author, now: now})
	case err == nil && old.State == store.Removed:
		return errIgnored
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return err
	}
	at, err := i.parent(ctx, tx, n.object)
	if err != nil {
		if errors.Is(err, errElsewhere) {
			return errIgnored
		}
		return err
	}
	if err := i.place(ctx, tx, &c, at, n.object, n.author); err != nil {
		return err
	}
	if n.known {
		return nil
	}
	return putActor(ctx, tx, n.author)
}
