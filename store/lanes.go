package store

import (
	"context"
	"errors"
	"time"
)

// ready is the condition under which a delivery may be tried now ($1): its own time has come, or its host's breaker is open and the
// time of the probe has come. A probe does not wait for the row's own next try, only for what nobody may shorten.
const ready = `d.state = 'pending' AND NOT d.waits AND ((d.due <= $1 AND COALESCE(h.opened, 0) = 0)
	OR (h.opened > 0 AND h.open_until <= $1 AND d.floor <= $1))`

// DueHosts gives at most n hosts to which something may be sent now, the one with the oldest delivery first.
func (q queries) DueHosts(ctx context.Context, now time.Time, n int) ([]string, error) {
	scan := func(r row) (host string, err error) {
		var oldest int64
		err = r.Scan(&host, &oldest)
		return host, err
	}
	return all(ctx, q, scan, `SELECT d.host, MIN(d.created) AS oldest FROM deliveries d LEFT JOIN hosts h ON h.host = d.host
		WHERE `+ready+` GROUP BY d.host ORDER BY oldest, d.host LIMIT $2`, now, n)
}

// NextDelivery gives the moment at which something may be sent next: in the past if something may be sent now, the zero time if
// nothing is pending.
func (q queries) NextDelivery(ctx context.Context) (next time.Time, err error) {
	at, err := one(ctx, q, value[int64], `SELECT COALESCE(MIN(CASE WHEN COALESCE(h.opened, 0) = 0 THEN d.due
		WHEN h.open_until > d.floor THEN h.open_until ELSE d.floor END), 0)
		FROM deliveries d LEFT JOIN hosts h ON h.host = d.host WHERE d.state = 'pending' AND NOT d.waits`)
	if err != nil {
		return next, err
	}
	return next, moment{&next}.Scan(at)
}

// AwaitsUpdate tells whether an inbox is still to get an Update of an object.
func (q queries) AwaitsUpdate(ctx context.Context, object, inbox string) (bool, error) {
	return q.has(ctx, `SELECT 1 FROM deliveries WHERE object = $1 AND inbox = $2 AND type = 'Update' AND state = 'pending' LIMIT 1`, object, inbox)
}

// Outgoing is a delivery on its way out, with the activity's document.
type Outgoing struct {
	Delivery
	JSON []byte
}

// DueDeliveries gives at most n deliveries for one host that may be sent now, oldest first.
func (q queries) DueDeliveries(ctx context.Context, host string, now time.Time, n int) ([]Delivery, error) {
	return all(ctx, q, scanDelivery, `SELECT `+deliveryColumns+` FROM deliveries d JOIN activities a ON a.id = d.activity
		LEFT JOIN hosts h ON h.host = d.host WHERE `+ready+` AND d.host = $2 ORDER BY d.created, d.seq, d.inbox LIMIT $3`, now, host, n)
}

// ClaimDeliveries takes the first n of what DueDeliveries gave, also some time ago, that may still be sent, and notes that from here on
// they may have arrived. It gives those that it has not looked at as rest. The caller sends what it took and then calls RecordAttempt
// for each. It is up to the caller that one lane a host does this.
func (tx *Tx) ClaimDeliveries(ctx context.Context, due []Delivery, n int) (list []Outgoing, rest []Delivery, err error) {
	var activity string
	var doc []byte
	for len(list) < n && len(due) > 0 {
		d := due[0]
		due = due[1:]
		// The document is the same for all of a fan-out, and large.
		if d.Activity != activity {
			doc, err = one(ctx, tx.queries, value[[]byte], `SELECT json FROM activities WHERE id = $1`, d.Activity)
			if errors.Is(err, ErrNotFound) {
				continue // dropped
			}
			if err != nil {
				return nil, nil, err
			}
			activity = d.Activity
		}
		still, err := tx.exec(ctx, `UPDATE deliveries SET doubt = doubt + 1 WHERE activity = $1 AND inbox = $2 AND state = 'pending' AND NOT waits`,
			d.Activity, d.Inbox)
		if err != nil {
			return nil, nil, err
		}
		if still > 0 {
			list = append(list, Outgoing{d, doc})
		}
	}
	return list, due, nil
}

// Attempt is how one try of a delivery ended.
type Attempt struct {
	State  DeliveryState // Pending: try again at Next
	Next   time.Time
	Floor  time.Time // nobody may try before this; zero: Next stays free to be moved forward
	Status int       // of the answer; 0 none
	Error  string    // cut to 500 bytes
	At     time.Time
	// Refused: the inbox itself said no. Certain: it surely did not take the activity.
	Refused, Certain bool
}

// RecordAttempt writes down how an attempt ended and lets go what waited for it, and tells whether there was any. A delivery that was
// superseded on its way stays so, unless it arrived. Where a Create is given up, Updates that waited for it are dropped.
func (tx *Tx) RecordAttempt(ctx context.Context, d Delivery, a Attempt) (released bool, err error) {
	done := a.At
	if a.State == Pending {
		done = time.Time{}
	}
	_, err = tx.exec(ctx, `UPDATE deliveries SET state = $3, attempts = attempts + 1, refused = refused + $4, doubt = doubt - $5,
		due = $6, floor = CASE WHEN floor > $7 THEN floor ELSE $7 END, status = $8, error = $9, done = $10
		WHERE activity = $1 AND inbox = $2 AND (state = 'pending' OR ($3 = 'delivered' AND state = 'superseded'))`,
		d.Activity, d.Inbox, string(a.State), number(a.Refused), number(a.Certain), a.Next, a.Floor, a.Status, cut(a.Error), done)
	if err != nil || a.State == Pending {
		return false, err
	}
	if d.Type == "Create" && a.State != Delivered {
		_, err = tx.exec(ctx, `UPDATE deliveries SET state = 'superseded', waits = FALSE, done = $3
			WHERE object = $1 AND inbox = $2 AND type = 'Update' AND state IN ('pending', 'parked')`, d.Object, d.Inbox, a.At)
		if err != nil {
			return false, err
		}
	}
	n, err := tx.exec(ctx, `UPDATE deliveries SET waits = FALSE WHERE object = $1 AND inbox = $2 AND waits AND `+nothingBefore,
		d.Object, d.Inbox)
	return n > 0, err
}

// nothingBefore is the condition that no earlier activity about the same object is still to reach the inbox.
const nothingBefore = `NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.object = deliveries.object AND e.inbox = deliveries.inbox
	AND e.seq < deliveries.seq AND e.state IN ('pending', 'parked'))`

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// cut keeps a refusal's words to what a person reads.
func cut(s string) string {
	const most = 500
	if len(s) > most {
		s = s[:most]
	}
	return s
}
