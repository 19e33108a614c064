package store

import (
	"context"
	"time"
)

// MaxErrands bounds the errands that wait: beyond it the oldest leave.
const MaxErrands = 10_000

// Seen tells whether an activity was received before.
func (q queries) Seen(ctx context.Context, activity string) (bool, error) {
	return q.has(ctx, `SELECT 1 FROM seen WHERE activity = $1`, activity)
}

// MarkSeen remembers an activity as received. fresh is false if it was already; then nothing is changed. Call it after the signature
// was verified and in the transaction of the activity's effect: a forged id must not shadow the genuine one.
func (tx *Tx) MarkSeen(ctx context.Context, activity, actor string, at time.Time) (fresh bool, err error) {
	n, err := tx.exec(ctx, `INSERT INTO seen (activity, actor, received) VALUES ($1, $2, $3) ON CONFLICT (activity) DO NOTHING`,
		activity, actor, at)
	return n > 0, err
}

// PruneSeen forgets what was received before a time, and returns how many.
func (tx *Tx) PruneSeen(ctx context.Context, before time.Time) (int, error) {
	return tx.exec(ctx, `DELETE FROM seen WHERE received < $1`, before)
}

// Familiar tells whether anybody of a server ("https://host") follows, or made a comment that shows. It reads many rows: ask it last.
func (q queries) Familiar(ctx context.Context, origin string) (bool, error) {
	origin += "/"
	const here = `substr(actor, 1, $2) = $1 LIMIT 1`
	known, err := q.has(ctx, `SELECT 1 FROM followers WHERE `+here, origin, len(origin))
	if known || err != nil {
		return known, err
	}
	return q.has(ctx, `SELECT 1 FROM comments WHERE state = 'shown' AND `+here, origin, len(origin))
}

// Errand is a fetch that a received activity asks for and that a later round does: a forwarded reply, a missing parent, a boosted copy.
// There is one for each URL and Reason.
type Errand struct {
	URL      string // id to fetch
	Reason   string // what for: the inbox has a row for each
	Post     string // where known
	Data     []byte // what the errand needs to know besides, nil for nothing
	Attempts int
	Next     time.Time
}

// AddErrand adds an errand, due at Next. One that waits already is left as it is, its attempts too.
func (tx *Tx) AddErrand(ctx context.Context, e Errand) error {
	n, err := tx.exec(ctx, `INSERT INTO errands (url, reason, post, data, attempts, added, due) VALUES ($1, $2, $3, $4, $5, $6, $6)
		ON CONFLICT (url, reason) DO NOTHING`, e.URL, e.Reason, e.Post, e.Data, e.Attempts, e.Next)
	if err != nil || n == 0 {
		return err
	}
	_, err = tx.exec(ctx, `DELETE FROM errands WHERE (url, reason) IN
		(SELECT url, reason FROM errands ORDER BY added DESC, url DESC, reason DESC LIMIT 1000 OFFSET $1)`, tx.store.limits.errands)
	return err
}

// DoneErrand removes an errand.
func (tx *Tx) DoneErrand(ctx context.Context, url, reason string) error {
	_, err := tx.exec(ctx, `DELETE FROM errands WHERE url = $1 AND reason = $2`, url, reason)
	return err
}

// RetryErrand counts an attempt that failed and sets the time of the next.
func (tx *Tx) RetryErrand(ctx context.Context, url, reason string, next time.Time) error {
	_, err := tx.exec(ctx, `UPDATE errands SET attempts = attempts + 1, due = $1 WHERE url = $2 AND reason = $3`, next, url, reason)
	return err
}

// PutErrand writes an errand's Data, Attempts and Next anew: an errand that is done in steps, or that waits for its turn.
func (tx *Tx) PutErrand(ctx context.Context, e Errand) error {
	_, err := tx.exec(ctx, `UPDATE errands SET data = $1, attempts = $2, due = $3 WHERE url = $4 AND reason = $5`,
		e.Data, e.Attempts, e.Next, e.URL, e.Reason)
	return err
}

// DueErrands gives up to n errands whose time has come, the longest due first.
func (q queries) DueErrands(ctx context.Context, now time.Time, n int) ([]Errand, error) {
	return all(ctx, q, scanErrand, `SELECT url, reason, post, data, attempts, due FROM errands WHERE due <= $1 ORDER BY due, url, reason LIMIT $2`,
		now, n)
}

func scanErrand(r row) (e Errand, err error) {
	err = r.Scan(&e.URL, &e.Reason, &e.Post, &e.Data, &e.Attempts, moment{&e.Next})
	return e, err
}

// Errands gives the errands that wait for a reason, the soonest due first.
func (q queries) Errands(ctx context.Context, reason string) ([]Errand, error) {
	return all(ctx, q, scanErrand, `SELECT url, reason, post, data, attempts, due FROM errands WHERE reason = $1 ORDER BY due, url`, reason)
}
