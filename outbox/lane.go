package outbox

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/postil-blog/postil/store"
)

// inARow is how many deliveries a lane asks for at once, and sends before it lets others have its slots.
const inARow = 16

// together is for how long the first attempt of a batch that ends waits for the other one, so that both are written down at once.
const together = 20 * time.Millisecond

// lane sends what is due to one host. While all arrives, one transaction writes a batch down and claims the next: a commit costs as
// much as the rest of a delivery. Until it is written down an attempt keeps its slot, so that a crash repeats no more than maxYoung of
// them.
type lane struct {
	o     *Outbox
	host  string
	ended []ended
	due   []store.Delivery // the next ones, as they were when last asked for
	full  bool             // there may be more behind due
	slots int              // held besides those of ended
	row   int              // sent since the slots were taken
}

// run sends until nothing more may be sent, oldest first, at most two at a time. It gives how many it sent.
func (l *lane) run(ctx context.Context) (sent int, err error) {
	for more := true; more && ctx.Err() == nil && l.take(ctx); {
		var batch []store.Outgoing
		if batch, more, err = l.claim(ctx); err != nil || len(batch) == 0 {
			return sent, err
		}
		sent += len(batch)
		l.row += len(batch)
		released, err := l.send(ctx, batch)
		if err != nil {
			return sent, err
		}
		if !more || l.row >= inARow || !l.smooth() {
			some, err := l.record(ctx)
			if err != nil {
				return sent, err
			}
			released = released || some
		}
		more = more || released
	}
	_, err = l.record(ctx)
	return sent, err
}

// smooth tells whether all that ended did so in time and arrived: what failed is written down before anything else.
func (l *lane) smooth() bool {
	for _, e := range l.ended {
		if !e.slot || e.says.State != store.Delivered {
			return false
		}
	}
	return true
}

// take waits for one slot unless the lane has one, and takes more where they are free.
func (l *lane) take(ctx context.Context) bool {
	if l.slots+len(l.ended) == 0 {
		select {
		case l.o.slots <- struct{}{}:
			l.slots, l.row = 1, 0
		case <-ctx.Done():
			return false
		}
	}
	for l.slots+len(l.ended) < perHost {
		select {
		case l.o.slots <- struct{}{}:
			l.slots++
		default:
			return true
		}
	}
	return true
}

// free gives back n of the slots.
func (l *lane) free(n int) {
	for range n {
		<-l.o.slots
	}
}

// claim writes down what has ended and takes as many deliveries as there are slots, and as far as the host's breaker and the owner's
// blocks permit. The slots go over to them.
func (l *lane) claim(ctx context.Context) (batch []store.Outgoing, more bool, err error) {
	n, now := l.slots+len(l.ended), l.o.o.Now()
	var rest []store.Delivery
	var full bool
	write := func(tx *store.Tx) error {
		batch, rest, full = nil, l.due, l.full
		h, released, err := recordAll(ctx, tx, l.host, l.ended)
		if err != nil {
			return err
		}
		blocked, err := tx.Blocked(ctx, l.host)
		if err != nil {
			return err
		}
		if blocked {
			return tx.BlockHost(ctx, l.host, now)
		}
		permitted := min(n, allowance(h, now))
		for permitted > 0 && len(batch) == 0 {
			if len(rest) == 0 {
				if rest, err = tx.DueDeliveries(ctx, l.host, now, inARow); err != nil || len(rest) == 0 {
					return err
				}
				full, released = len(rest) == inARow, false
			}
			if batch, rest, err = tx.ClaimDeliveries(ctx, rest, permitted); err != nil {
				return err
			}
		}
		full = full || released
		return nil
	}
	if len(l.ended) > 0 {
		err = l.o.insist(ctx, write)
	} else {
		err = l.o.write(ctx, write)
	}
	if err != nil {
		batch = nil
	}
	l.ended, l.slots, l.due, l.full = nil, 0, rest, full
	l.free(n - len(batch))
	return batch, full || len(rest) > 0, err
}

// send makes the attempts of one batch side by side and waits for them. It writes down those whose neighbour takes its time.
func (l *lane) send(ctx context.Context, batch []store.Outgoing) (released bool, err error) {
	ends := make(chan ended, len(batch))
	for _, d := range batch {
		go func() { ends <- l.o.attempt(ctx, d) }()
	}
	var late <-chan time.Time
	for left := len(batch); left > 0; {
		select {
		case e := <-ends:
			left--
			l.ended = append(l.ended, e)
			if left > 0 {
				late = time.After(together)
			}
		case <-late:
			late = nil
			some, failed := l.record(ctx)
			released, err = released || some, errors.Join(err, failed)
		}
	}
	return released, err
}

// record writes down what has ended, and asks after the followers of an inbox that is gone. It gives the slots back.
func (l *lane) record(ctx context.Context) (released bool, err error) {
	list := l.ended
	if len(list) == 0 {
		return false, nil
	}
	err = l.o.insist(ctx, func(tx *store.Tx) error {
		_, released, err = recordAll(ctx, tx, l.host, list)
		return err
	})
	l.ended = nil
	for _, e := range list {
		if e.slot {
			l.free(1)
		}
		if e.result.Status == http.StatusGone && err == nil {
			err = l.o.checkGone(context.WithoutCancel(ctx), e.Inbox)
		}
	}
	return released, err
}
