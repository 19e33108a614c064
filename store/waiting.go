package store

import (
	"context"
	"time"
)

// What waits is bounded: beyond MaxWaiting the oldest leave, and after WaitingTime all do.
const (
	MaxWaiting  = 2_000
	WaitingTime = 3 * 24 * time.Hour
)

// WaitingFor gives up to n Waiting replies to an id, the oldest first.
func (q queries) WaitingFor(ctx context.Context, parent string, n int) ([]Comment, error) {
	return all(ctx, q, scanComment, `SELECT `+commentColumns+` FROM comments c WHERE c.parent = $1 AND c.state = 'waiting'
		ORDER BY c.received, c.id LIMIT $2`, parent, n)
}

// MoveWaiting lets what waits for one id wait for another: an address turned out to be another spelling of it.
func (tx *Tx) MoveWaiting(ctx context.Context, from, to string) error {
	_, err := tx.exec(ctx, `UPDATE comments SET parent = $1 WHERE parent = $2 AND state = 'waiting'`, to, from)
	return err
}

// RemoveWaiting forgets what waits for an id, and what waits for that.
func (tx *Tx) RemoveWaiting(ctx context.Context, parent string) error {
	for parents := []string{parent}; len(parents) > 0; parents = parents[1:] {
		below, err := all(ctx, tx.queries, value[string], `DELETE FROM comments WHERE parent = $1 AND state = 'waiting' RETURNING id`, parents[0])
		if err != nil {
			return err
		}
		parents = append(parents, below...) // each row is deleted once: a circle ends
	}
	return nil
}

// capWaiting keeps the number of Waiting replies within bounds. They are in no thread and hold no pictures, so their rows just go.
func (tx *Tx) capWaiting(ctx context.Context) error {
	_, err := tx.exec(ctx, `DELETE FROM comments WHERE id IN (SELECT id FROM comments WHERE state = 'waiting'
		ORDER BY received DESC, id LIMIT 1000 OFFSET $1)`, tx.store.limits.waiting)
	return err
}

func (tx *Tx) pruneWaiting(ctx context.Context, before time.Time) error {
	_, err := tx.exec(ctx, `DELETE FROM comments WHERE state = 'waiting' AND received < $1`, before)
	return err
}
