package store

import (
	"context"
	"time"
)

// limits bound what strangers can fill. They are fields so that a test can reach them.
type limits struct {
	mediaBytes int64
	errands    int
	waiting    int
	hosts      int
	seen       int
	actors     int // that neither follow nor comment
	media      int // rows; the bytes have their own bound
	reports    int
	keep       time.Duration // how long what is not needed for a page is kept
	pruneEvery int64
	quotes     int // authorizations in all
	quotesBy   int // of one actor
	schemes    int // hosts
}

func defaultLimits() limits {
	return limits{mediaBytes: MaxMediaBytes, errands: MaxErrands, waiting: MaxWaiting, hosts: maxHosts, seen: 1_000_000, actors: 50_000, media: 200_000, reports: maxReports, keep: 30 * 24 * time.Hour,
		pruneEvery: pruneEvery, quotes: MaxQuotes, quotesBy: MaxQuotesBy, schemes: maxSchemes}
}

// pruneEvery is the number of writes after which the caps are looked after, besides in Maintain: within an hour a flood could bring
// millions.
const pruneEvery = 20_000

// wrote counts a write, and now and then looks after the caps on the caller's time.
func (s *Store) wrote(ctx context.Context) {
	if s.writes.Add(1)%s.limits.pruneEvery == 0 {
		// An error will come again in Maintain, which tells it; this caller's own write is done.
		_ = s.prune(context.WithoutCancel(ctx))
	}
}

// prune forgets what is past its time, and the oldest of what is too many.
func (s *Store) prune(ctx context.Context) error {
	before := s.now().Add(-s.limits.keep)
	for _, f := range []func(tx *Tx) error{
		func(tx *Tx) error { _, err := tx.PruneSeen(ctx, before); return err },
		func(tx *Tx) error { return tx.capSeen(ctx) },
		func(tx *Tx) error { return tx.pruneWaiting(ctx, s.now().Add(-WaitingTime)) },
		func(tx *Tx) error { return tx.pruneAnswers(ctx, before) },
		func(tx *Tx) error { return tx.pruneMoves(ctx, before) },
		func(tx *Tx) error { return tx.pruneReports(ctx, s.now().Add(-keepReport)) },
		func(tx *Tx) error { return tx.pruneActors(ctx, before) },
		func(tx *Tx) error { return tx.capMedia(ctx) },
		func(tx *Tx) error { return tx.pruneClaims(ctx) },
	} {
		// A transaction each: none holds up the inbox for long.
		if err := s.write(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) capSeen(ctx context.Context) error {
	_, err := tx.exec(ctx, `DELETE FROM seen WHERE activity IN (SELECT activity FROM seen ORDER BY received DESC, activity
		LIMIT 1000000 OFFSET $1)`, tx.store.limits.seen)
	return err
}

// answers are what we sent to say yes or no, one for each Follow: nobody asks for them once they arrived.
const answers = `SELECT id FROM activities WHERE type IN ('Accept', 'Reject') AND sent < $1`

func (tx *Tx) pruneAnswers(ctx context.Context, before time.Time) error {
	const underWay = `state IN ('pending', 'parked')`
	if _, err := tx.exec(ctx, `DELETE FROM deliveries WHERE activity IN (`+answers+`) AND NOT `+underWay, before); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM activities WHERE id IN (`+answers+`)
		AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.activity = activities.id)`, before)
	return err
}

// idleActors are the ones that no follower and no comment needs, not even under the name of another one.
const idleActors = `SELECT id FROM actors a WHERE NOT EXISTS (SELECT 1 FROM followers f WHERE f.actor = a.id)
	AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.actor = a.id) AND NOT EXISTS (SELECT 1 FROM moves m WHERE m.moved_to = a.id)`

func (tx *Tx) pruneActors(ctx context.Context, before time.Time) error {
	if _, err := tx.exec(ctx, `DELETE FROM actors WHERE fetched < $1 AND id IN (`+idleActors+`)`, before); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM actors WHERE id IN (`+idleActors+` ORDER BY a.fetched DESC, a.id LIMIT 1000000 OFFSET $1)`,
		tx.store.limits.actors)
	return err
}

func (tx *Tx) capMedia(ctx context.Context) error {
	_, err := tx.exec(ctx, `DELETE FROM media WHERE hash IN (SELECT hash FROM media ORDER BY wanted DESC, hash
		LIMIT 1000000 OFFSET $1)`, tx.store.limits.media)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `DELETE FROM media_of WHERE NOT EXISTS (SELECT 1 FROM media m WHERE m.hash = media_of.hash)`)
	return err
}
