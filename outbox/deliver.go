package outbox

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

const (
	perHost  = 2   // attempts under way to one host
	maxYoung = 64  // attempts under way that are younger than youth
	maxLanes = 512 // lanes, the slow ones included
	duePage  = 1000
)

// youth is for how long an attempt keeps one of the slots that all share. A server that takes longer steps aside, within maxLanes:
// a third of the servers in a black hole, each silent for the full time limit, must not hold up the rest.
const youth = 500 * time.Millisecond

// Deliver sends what is due and returns when nothing is due any more.
func (o *Outbox) Deliver(ctx context.Context) error {
	d := o.newDispatcher()
	err := d.fill(ctx)
	for len(d.busy) > 0 {
		d.end(<-d.ended)
		err = errors.Join(err, d.fill(ctx))
	}
	return errors.Join(err, d.err)
}

// deliverLoop sends what is due whenever it is due until ctx ends, and then waits for the attempts under way.
func (o *Outbox) deliverLoop(ctx context.Context) {
	d := o.newDispatcher()
	for ctx.Err() == nil {
		if err := errors.Join(d.fill(ctx), d.err); err != nil && ctx.Err() == nil {
			o.o.Log.Error("deliveries stand still until the database can be used again", "err", err)
		}
		d.err = nil
		timer := time.NewTimer(o.pause(ctx, len(d.busy)))
		select {
		case <-ctx.Done():
		case l := <-d.ended:
			d.end(l)
		case <-o.queued:
			d.refresh()
		case <-timer.C:
			d.refresh()
		}
		timer.Stop()
	}
	for len(d.busy) > 0 {
		d.end(<-d.ended)
	}
}

// pause is how long the loop may sleep: until the next delivery is due, while lanes are busy some seconds.
func (o *Outbox) pause(ctx context.Context, busy int) time.Duration {
	if busy > 0 {
		return 5 * time.Second
	}
	next, err := o.o.Store.NextDelivery(ctx)
	if err != nil || next.IsZero() {
		return time.Minute
	}
	// The lower bound is for what seems due and gives nothing, such as after a failed write.
	return min(max(next.Sub(o.o.Now()), 100*time.Millisecond), time.Minute)
}

// dispatcher starts a lane for each host with something due, the host with the oldest delivery first. It is used by one goroutine.
type dispatcher struct {
	o     *Outbox
	busy  map[string]bool // hosts with a lane; true: ask again when it ends
	empty map[string]bool // hosts whose lane found nothing since the last refresh
	ready []string        // hosts to start next
	stale bool            // ready may lack a host
	ended chan laneEnd
	err   error
}

type laneEnd struct {
	host string
	sent int
	err  error
}

func (o *Outbox) newDispatcher() *dispatcher {
	return &dispatcher{o: o, busy: map[string]bool{}, empty: map[string]bool{}, stale: true, ended: make(chan laneEnd)}
}

// refresh makes the next fill look for due deliveries again.
func (d *dispatcher) refresh() {
	d.stale = true
	clear(d.empty)
}

// fill starts as many lanes as there may be.
func (d *dispatcher) fill(ctx context.Context) error {
	if len(d.ready) == 0 && d.stale && ctx.Err() == nil {
		hosts, err := d.o.o.Store.DueHosts(ctx, d.o.o.Now(), duePage+len(d.busy))
		if err != nil {
			return err
		}
		d.stale = len(hosts) >= duePage
		d.line(hosts)
	}
	for len(d.busy) < maxLanes && len(d.ready) > 0 && ctx.Err() == nil {
		host := d.ready[0]
		d.ready = d.ready[1:]
		d.busy[host] = false
		go func() {
			sent, err := d.o.lane(ctx, host)
			d.ended <- laneEnd{host, sent, err}
		}()
	}
	return nil
}

// line puts hosts into the line. One that has a lane already is asked again when that ends: what is due may have come after its last
// look.
func (d *dispatcher) line(hosts []string) {
	for _, h := range hosts {
		if _, running := d.busy[h]; running {
			d.busy[h] = true
		} else if !d.empty[h] {
			d.ready = append(d.ready, h)
		}
	}
}

func (d *dispatcher) end(l laneEnd) {
	again := d.busy[l.host]
	delete(d.busy, l.host)
	switch {
	case l.err != nil:
		d.err, d.empty[l.host] = l.err, true
	case l.sent == 0:
		d.empty[l.host] = true
	case again:
		d.ready = append(d.ready, l.host)
	}
}

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
		if n = min(n, allowance(h, now)); n == 0 {
			return nil
		}
		batch, more, err = tx.ClaimDeliveries(ctx, host, now, n)
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

func (o *Outbox) send(ctx context.Context, d store.Outgoing) remote.Result {
	key, ok := o.o.Keys[d.Actor]
	if !ok {
		return remote.Result{Err: errors.New("no key for " + d.Actor)}
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
	for {
		err = o.o.Store.Write(context.WithoutCancel(ctx), write)
		if err == nil || errors.Is(err, store.ErrClosed) {
			return released, err
		}
		o.o.Log.Error("an attempt could not be written down; trying again", "inbox", d.Inbox, "err", err)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return false, err
		}
	}
}
