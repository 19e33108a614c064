package outbox

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

const (
	perHost  = 2  // attempts under way to one host
	maxYoung = 64 // attempts under way, or not written down yet, that are younger than youth
)

// youth is for how long an attempt keeps one of the slots that all share. A server that takes longer steps aside, within maxLanes:
// a third of the servers in a black hole, each silent for the full time limit, must not hold up the rest.
const youth = 500 * time.Millisecond

// ended is an attempt that is over and still to be written down.
type ended struct {
	store.Delivery
	result remote.Result
	says   store.Attempt
	slot   bool // it was young to its end, and its slot is still taken
}

// attempt sends one delivery, signed afresh. An attempt that has begun is brought to its end, whatever becomes of ctx.
func (o *Outbox) attempt(ctx context.Context, d store.Outgoing) ended {
	aside := time.AfterFunc(o.patient, func() { <-o.slots })
	r := o.send(context.WithoutCancel(ctx), d)
	e := ended{Delivery: d.Delivery, result: r, slot: aside.Stop()}
	e.says = judge(d.Delivery, r, o.o.Now(), o.random())
	if e.says.State != store.Delivered {
		o.o.Log.Debug("a delivery failed", "inbox", d.Inbox, "activity", d.Activity, "why", e.says.Error, "state", e.says.State, "next", e.says.Next)
	}
	return e
}

// send signs with the actor's key. While that is being replaced, an inbox that is still to hear of the new one gets the old one's
// signature, and where it does not take it (it has looked the actor up since) the new one's.
func (o *Outbox) send(ctx context.Context, d store.Outgoing) remote.Result {
	key, ok := o.o.Keys[d.Actor]
	if !ok {
		return remote.Result{Err: errors.New("no key for " + d.Actor)}
	}
	if old, ok := o.o.Retiring[d.Actor]; ok {
		unheard, err := o.o.Store.AwaitsUpdate(ctx, d.Actor, d.Inbox)
		if err != nil {
			return remote.Result{Err: err}
		}
		if unheard {
			r := o.o.Client.Deliver(ctx, d.Inbox, d.JSON, old)
			if r.Status != http.StatusUnauthorized && r.Status != http.StatusForbidden {
				return r
			}
		}
	}
	return o.o.Client.Deliver(ctx, d.Inbox, d.JSON, key)
}

// recordAll writes attempts at one host down, and what they say about it, which it gives as it is then. It tells whether anything that
// waited for them may leave now.
func recordAll(ctx context.Context, tx *store.Tx, host string, list []ended) (h store.Host, released bool, err error) {
	h, err = tx.Host(ctx, host)
	for _, e := range list {
		if err != nil {
			return h, false, err
		}
		var some bool
		if some, err = tx.RecordAttempt(ctx, e.Delivery, e.says); err == nil {
			h, err = settle(ctx, tx, h, e)
		}
		released = released || some
	}
	return h, released, err
}

// insist writes until it succeeds, for what has been sent: sending more without a record of it would send twice. It ends with the
// store, or after a failure with ctx.
func (o *Outbox) insist(ctx context.Context, write func(*store.Tx) error) error {
	for tries := 0; ; tries++ {
		err := o.write(ctx, write)
		if err == nil || errors.Is(err, store.ErrClosed) {
			return err
		}
		if tries == 0 {
			o.o.Log.Error("an attempt could not be written down; trying again", "err", err)
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return err
		}
	}
}

// write lets a commit wait for others to share it where many are under way.
func (o *Outbox) write(ctx context.Context, f func(*store.Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	if len(o.slots) > cap(o.slots)/2 {
		return o.o.Store.WriteSoon(ctx, f)
	}
	return o.o.Store.Write(ctx, f)
}
