package outbox

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

const (
	perHost  = 2  // attempts under way to one host
	maxYoung = 64 // attempts under way that are younger than youth
)

// youth is for how long an attempt keeps one of the slots that all share. A server that takes longer steps aside, within maxLanes:
// a third of the servers in a black hole, each silent for the full time limit, must not hold up the rest.
const youth = 500 * time.Millisecond

// lane sends what is due to one host, oldest first, at most two at a time. It gives how many it sent.
func (o *Outbox) lane(ctx context.Context, host string) (sent int, err error) {
	for more := true; more && ctx.Err() == nil; {
		slots := o.take(ctx)
		if slots == 0 {
			return sent, nil
		}
		var batch []store.Outgoing
		batch, more, err = o.claim(ctx, host, slots)
		for range slots - len(batch) {
			<-o.slots
		}
		if err != nil || len(batch) == 0 {
			return sent, err
		}
		sent += len(batch)
		released, err := o.sendAll(ctx, batch)
		if err != nil {
			return sent, err
		}
		more = more || released
	}
	return sent, nil
}

// take waits for one slot, and takes a second where one is free.
func (o *Outbox) take(ctx context.Context) int {
	select {
	case o.slots <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	for n := 1; n < perHost; n++ {
		select {
		case o.slots <- struct{}{}:
		default:
			return n
		}
	}
	return perHost
}

// claim takes at most n deliveries as far as the host's breaker and the owner's blocks permit.
func (o *Outbox) claim(ctx context.Context, host string, n int) (batch []store.Outgoing, more bool, err error) {
	now := o.o.Now()
	err = o.o.Store.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		batch, more = nil, false
		blocked, err := tx.Blocked(ctx, host)
		if err != nil {
			return err
		}
		if blocked {
			return tx.BlockHost(ctx, host, now)
		}
		h, err := tx.Host(ctx, host)
		if err != nil {
			return err
		}
		if permitted := min(n, allowance(h, now)); permitted > 0 {
			batch, more, err = tx.ClaimDeliveries(ctx, host, now, permitted)
		}
		return err
	})
	return batch, more, err
}

// sendAll makes the attempts of one batch side by side and waits for them. An attempt that has begun is brought to its end and
// written down, whatever becomes of ctx.
func (o *Outbox) sendAll(ctx context.Context, batch []store.Outgoing) (released bool, err error) {
	results := make([]struct {
		released bool
		err      error
	}, len(batch))
	var attempts sync.WaitGroup
	for i, d := range batch {
		attempts.Go(func() { results[i].released, results[i].err = o.attempt(ctx, d) })
	}
	attempts.Wait()
	for _, r := range results {
		released, err = released || r.released, errors.Join(err, r.err)
	}
	return released, err
}

// attempt sends one delivery, signed afresh, and records how it ended.
func (o *Outbox) attempt(ctx context.Context, d store.Outgoing) (released bool, err error) {
	release := sync.OnceFunc(func() { <-o.slots })
	defer release()
	aside := time.AfterFunc(o.patient, release)
	defer aside.Stop()
	result := o.send(context.WithoutCancel(ctx), d)
	released, err = o.record(ctx, d.Delivery, result)
	if result.Status == 410 && err == nil {
		err = o.checkGone(context.WithoutCancel(ctx), d.Inbox)
	}
	return released, err
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

// record writes an attempt and what it says about the host in one transaction. While the database cannot be written to it tries again
// and the lane stands still: sending without a record would send twice.
func (o *Outbox) record(ctx context.Context, d store.Delivery, r remote.Result) (released bool, err error) {
	now := o.o.Now()
	a := judge(d, r, now, o.random())
	if a.State != store.Delivered {
		o.o.Log.Debug("a delivery failed", "inbox", d.Inbox, "activity", d.Activity, "why", a.Error, "state", a.State, "next", a.Next)
	}
	write := func(tx *store.Tx) error {
		if released, err = tx.RecordAttempt(ctx, d, a); err != nil {
			return err
		}
		return settle(ctx, tx, d.Host, r, a.Error, now)
	}
	for tries := 0; ; tries++ {
		err = o.o.Store.Write(context.WithoutCancel(ctx), write)
		if err == nil || errors.Is(err, store.ErrClosed) {
			return released, err
		}
		if tries == 0 {
			o.o.Log.Error("an attempt could not be written down; trying again", "inbox", d.Inbox, "err", err)
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return false, err
		}
	}
}
