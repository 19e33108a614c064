package outbox

import (
	"context"
	"errors"
	"time"
)

const (
	maxLanes = 512 // lanes, the slow ones included
	duePage  = 1000
)

// errDelivering is what Deliver gives while Run delivers: two at once would send things twice.
var errDelivering = errors.New("deliveries are being sent already; Wake asks for what is due")

// Deliver sends what is due and returns when nothing is due any more. Not while Run does the same.
func (o *Outbox) Deliver(ctx context.Context) error {
	if !o.delivering.TryLock() {
		return errDelivering
	}
	defer o.delivering.Unlock()
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
	o.delivering.Lock()
	defer o.delivering.Unlock()
	d := o.newDispatcher()
	for ctx.Err() == nil {
		err := errors.Join(d.fill(ctx), d.err)
		d.err = nil
		if err != nil && ctx.Err() == nil {
			o.o.Log.Error("deliveries stand still until the database can be used again", "err", err)
		}
		timer := time.NewTimer(o.pause(ctx, len(d.busy), err))
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

// pause is how long the loop may sleep: until the next delivery is due, while lanes are busy or the database is unwell some seconds.
func (o *Outbox) pause(ctx context.Context, busy int, err error) time.Duration {
	const some = 5 * time.Second
	if busy > 0 || err != nil {
		return some
	}
	next, err := o.o.Store.NextDelivery(ctx)
	switch {
	case err != nil:
		return some
	case next.IsZero():
		return time.Minute
	}
	// The lower bound is for what seems due and gives nothing.
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
			sent, err := (&lane{o: d.o, host: host}).run(ctx)
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
	case again:
		d.ready = append(d.ready, l.host)
	case l.sent == 0:
		d.empty[l.host] = true
	}
}
