package store

import (
	"context"
	"errors"
	"time"
)

// maxHosts bounds the table: anybody can follow from as many hosts as they like.
const maxHosts = 20_000

// Host is what is known of a peer as a place to deliver to: the breaker. Only hosts that failed once have a row.
type Host struct {
	Host         string // scheme://host[:port]
	Failures     int    // in the window
	FirstFailed  time.Time
	OpenUntil    time.Time // zero: closed
	Opened       int       // times it opened in a row: sets the next probe; 0: closed
	FailingSince time.Time // when it opened first, without a success since
	Failed       time.Time // last failure
	Heard        time.Time // last time that inbound traffic moved the probe
	LastError    string
	LastOK       time.Time
}

const hostColumns = `host, failures, first_failed, open_until, opened, failing_since, failed, heard, last_error, last_ok`

func scanHost(r row) (h Host, err error) {
	err = r.Scan(&h.Host, &h.Failures, moment{&h.FirstFailed}, moment{&h.OpenUntil}, &h.Opened, moment{&h.FailingSince},
		moment{&h.Failed}, moment{&h.Heard}, &h.LastError, moment{&h.LastOK})
	return h, err
}

// Host gives what is known of a host; of one that never failed, its name alone.
func (q queries) Host(ctx context.Context, host string) (Host, error) {
	h, err := one(ctx, q, scanHost, `SELECT `+hostColumns+` FROM hosts WHERE host = $1`, host)
	if errors.Is(err, ErrNotFound) {
		return Host{Host: host}, nil
	}
	return h, err
}

// FailingHosts gives the hosts that answer badly, the one that has failed for longest first.
func (q queries) FailingHosts(ctx context.Context) ([]Host, error) {
	return all(ctx, q, scanHost, `SELECT `+hostColumns+` FROM hosts WHERE failures > 0 OR opened > 0 ORDER BY first_failed, host`)
}

// PutHost writes what is known of a host. Where there are too many the one that failed longest ago is forgotten, a closed one first.
func (tx *Tx) PutHost(ctx context.Context, h Host) error {
	n, err := tx.exec(ctx, `UPDATE hosts SET failures = $2, first_failed = $3, open_until = $4, opened = $5, failing_since = $6,
		failed = $7, heard = $8, last_error = $9, last_ok = $10 WHERE host = $1`, h.values()...)
	if n > 0 || err != nil {
		return err
	}
	full, err := tx.count(ctx, `SELECT COUNT(*) FROM hosts`)
	if err != nil {
		return err
	}
	if full >= tx.store.limits.hosts {
		_, err = tx.exec(ctx, `DELETE FROM hosts WHERE host = (SELECT host FROM hosts
			ORDER BY CASE WHEN opened > 0 THEN 1 ELSE 0 END, failed LIMIT 1)`)
		if err != nil {
			return err
		}
	}
	_, err = tx.exec(ctx, `INSERT INTO hosts (`+hostColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (host) DO NOTHING`, h.values()...)
	return err
}

func (h Host) values() []any {
	return []any{h.Host, h.Failures, h.FirstFailed, h.OpenUntil, h.Opened, h.FailingSince, h.Failed, h.Heard, cut(h.LastError), h.LastOK}
}

// unfinished is the condition of the index deliveries_host, which SQLite uses only where it finds these very words.
const unfinished = `state IN ('pending', 'parked')`

// ReleaseHost makes what was held back by an open breaker due now. What was never tried keeps its time (hold), and so does what the
// host itself put off (Retry-After).
func (tx *Tx) ReleaseHost(ctx context.Context, host string, now time.Time) error {
	_, err := tx.exec(ctx, `UPDATE deliveries SET due = CASE WHEN floor > $2 THEN floor ELSE $2 END
		WHERE host = $1 AND `+unfinished+` AND state = 'pending' AND due > $2`, host, now)
	return err
}

// GiveUpHost gives up what a host that does not answer was to get since before.
func (tx *Tx) GiveUpHost(ctx context.Context, host string, before, now time.Time) error {
	n, err := tx.exec(ctx, `UPDATE deliveries SET state = 'given-up', waits = FALSE, done = $3
		WHERE host = $1 AND `+unfinished+` AND state = 'pending' AND since <= $2`, host, before, now)
	if n == 0 || err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE deliveries SET state = 'superseded', waits = FALSE, done = $2
		WHERE host = $1 AND `+unfinished+` AND state = 'pending' AND waits AND type = 'Update' AND EXISTS (SELECT 1 FROM deliveries c
			WHERE c.object = deliveries.object AND c.inbox = deliveries.inbox AND c.type = 'Create' AND c.state = 'given-up')`, host, now)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE deliveries SET waits = FALSE WHERE host = $1 AND `+unfinished+` AND state = 'pending' AND waits AND `+nothingBefore, host)
	return err
}

// ParkHost parks a host that has not answered for too long: its followers and everything that it was to get.
func (tx *Tx) ParkHost(ctx context.Context, host string, now time.Time) error {
	if err := tx.ParkFollowers(ctx, host, now); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `UPDATE deliveries SET state = 'parked', done = $2 WHERE host = $1 AND `+unfinished+` AND state = 'pending'`, host, now)
	return err
}

// UnparkHost gives what was parked another seven days from now.
func (tx *Tx) UnparkHost(ctx context.Context, host string, now time.Time) error {
	_, err := tx.exec(ctx, `UPDATE deliveries SET state = 'pending', since = $2, due = $2, done = 0
		WHERE host = $1 AND `+unfinished+` AND state = 'parked'`, host, now)
	return err
}

// BlockHost ends what was still to reach a host that the owner has blocked.
func (tx *Tx) BlockHost(ctx context.Context, host string, now time.Time) error {
	_, err := tx.exec(ctx, `UPDATE deliveries SET state = 'blocked', waits = FALSE, done = $2
		WHERE host = $1 AND `+unfinished, host, now)
	return err
}

// FollowersAt gives at most n followers whose deliveries go to an inbox.
func (q queries) FollowersAt(ctx context.Context, inbox string, n int) ([]Follower, error) {
	return all(ctx, q, scanFollower, `SELECT `+followerColumns+` FROM followers WHERE host = $1 AND parked = 0
		AND (shared_inbox = $2 OR (shared_inbox = '' AND inbox = $2)) ORDER BY actor LIMIT $3`, laneOf(inbox), inbox, n)
}

// HostOf is scheme://host[:port] of an inbox or an actor's id in lower case, as Host.Host and Delivery.Host are written; "" if it
// has none.
func HostOf(address string) string { return laneOf(address) }
