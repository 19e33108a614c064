package outbox

import (
	"context"
	"net/http"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
)

// The breaker of a host: so many failures within the window open it; then one delivery at a time probes, ever more rarely.
const (
	breakerFailures = 5
	breakerWindow   = 10 * minute
	parkAfter       = 30 * 24 * hour // of an open breaker
	heardAgain      = 5 * minute     // traffic moves the probe at most this often
)

var probes = []time.Duration{30 * minute, 1 * hour, 3 * hour, 6 * hour}

// faulty tells whether an answer says that the host is unwell: none at all, an error of its own, or too many requests. A final 4xx on
// one activity says nothing about the host.
func faulty(r remote.Result) bool {
	return r.Status == 0 || r.Status == http.StatusTooManyRequests || r.Status >= 500
}

// allowance is how many deliveries may be under way to a host: none while its breaker is open, one as probe.
func allowance(h store.Host, now time.Time) int {
	switch {
	case h.Opened == 0:
		return perHost
	case now.Before(h.OpenUntil):
		return 0
	}
	return 1
}

// failed is a host after one more failure.
func failed(h store.Host, now time.Time, why string) store.Host {
	h.Failed, h.LastError = now, why
	switch {
	case h.Opened > 0 && now.Before(h.OpenUntil):
		// Was under way when the breaker opened: known already.
	case h.Opened > 0:
		h = open(h, now)
	case h.Failures == 0 || now.Sub(h.FirstFailed) > breakerWindow:
		h.Failures, h.FirstFailed = 1, now
	default:
		if h.Failures++; h.Failures >= breakerFailures {
			h = open(h, now)
		}
	}
	return h
}

func open(h store.Host, now time.Time) store.Host {
	if h.Opened == 0 {
		h.FailingSince = now
	}
	h.Opened++
	h.OpenUntil = now.Add(probes[min(h.Opened, len(probes))-1])
	return h
}

// settle writes down what an attempt says about its host, and gives the host as it is then.
func settle(ctx context.Context, tx *store.Tx, before store.Host, e ended) (store.Host, error) {
	now := e.says.At
	if !faulty(e.result) {
		return settleOK(ctx, tx, before, now)
	}
	after := failed(before, now, e.says.Error)
	if err := tx.PutHost(ctx, after); err != nil {
		return before, err
	}
	switch {
	case after.Opened < 2 || after.Opened == before.Opened: // no probe
		return after, nil
	case now.Sub(after.FailingSince) >= parkAfter:
		return after, tx.ParkHost(ctx, after.Host, now)
	}
	return after, tx.GiveUpHost(ctx, after.Host, now.Add(-patience), now)
}

// settleOK closes the breaker and lets go what it held back. Hosts that never failed have no row and get none.
func settleOK(ctx context.Context, tx *store.Tx, h store.Host, now time.Time) (store.Host, error) {
	if h.Opened == 0 && h.Failures == 0 {
		return h, nil
	}
	well := store.Host{Host: h.Host, Failed: h.Failed, Heard: h.Heard, LastOK: now}
	if err := tx.PutHost(ctx, well); err != nil || h.Opened == 0 {
		return well, err
	}
	return well, tx.ReleaseHost(ctx, h.Host, now)
}

// Heard says that a signed activity came from a server: address is the actor's inbox (or id). A server that talks may listen again,
// so if its breaker is open the next probe is moved to now, and what was parked for it comes back. It clears nothing: only an answered
// delivery does.
func (o *Outbox) Heard(ctx context.Context, address string) error {
	host, now := store.HostOf(address), o.o.Now()
	h, err := o.o.Store.Host(ctx, host)
	if err != nil || !movable(h, now) {
		return err
	}
	err = o.o.Store.Write(ctx, func(tx *store.Tx) error {
		h, err := tx.Host(ctx, host)
		if err != nil || !movable(h, now) {
			return err
		}
		if h.OpenUntil.After(now) {
			h.OpenUntil = now
		}
		h.Heard = now
		if err := tx.PutHost(ctx, h); err != nil {
			return err
		}
		return tx.UnparkHost(ctx, host, now)
	})
	wake(o.queued)
	return err
}

func movable(h store.Host, now time.Time) bool { return h.Opened > 0 && now.Sub(h.Heard) >= heardAgain }
