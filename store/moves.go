package store

import (
	"context"
	"time"
)

// PutMove keeps that an actor is now another one, as both of them say: the threads show the new one's name and face beside what the
// old one wrote, which stays the old one's. Those who moved to the old one before are taken along.
func (tx *Tx) PutMove(ctx context.Context, actor, to string, at time.Time) error {
	if _, err := tx.exec(ctx, `UPDATE moves SET moved_to = $1 WHERE moved_to = $2`, to, actor); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `INSERT INTO moves (actor, moved_to, since) VALUES ($1, $2, $3)
		ON CONFLICT (actor) DO UPDATE SET moved_to = excluded.moved_to, since = excluded.since`, actor, to, at)
	if err != nil {
		return err
	}
	return tx.threadsOfActorChanged(ctx, to)
}

// MovedSince tells whether an actor has moved at or after a time.
func (q queries) MovedSince(ctx context.Context, actor string, after time.Time) (bool, error) {
	return q.has(ctx, `SELECT 1 FROM moves WHERE actor = $1 AND since >= $2`, actor, after)
}

// MovedTo gives the actor that an actor is now: itself, if it has not moved.
func (q queries) MovedTo(ctx context.Context, actor string) (string, error) {
	return one(ctx, q, value[string], `SELECT COALESCE((SELECT moved_to FROM moves WHERE actor = $1), $1)`, actor)
}

// TakesPart tells whether an actor follows one of ours or answered anything: only then has its move a consequence here.
func (q queries) TakesPart(ctx context.Context, actor string) (bool, error) {
	return q.has(ctx, `SELECT 1 FROM followers WHERE actor = $1 UNION ALL SELECT 1 FROM comments WHERE actor = $1 LIMIT 1`, actor)
}

// deleteMoves forgets where an actor moved and who became it: what those wrote shows under their old names again.
func (tx *Tx) deleteMoves(ctx context.Context, actor string) error {
	if err := tx.threadsOfActorChanged(ctx, actor); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM moves WHERE actor = $1 OR moved_to = $1`, actor)
	return err
}

// pruneMoves forgets the moves of those who left nothing here.
func (tx *Tx) pruneMoves(ctx context.Context, before time.Time) error {
	_, err := tx.exec(ctx, `DELETE FROM moves WHERE since < $1
		AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.actor = moves.actor)`, before)
	return err
}
