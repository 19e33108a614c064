package store

import (
	"context"
	"crypto/rand"
	"errors"
)

// A thread is read again after each change of it, and nearly all of its rows are as they were. So the changes of a post are kept as a log, as far
// back as it pays: a version that stands in it is brought up to date by the rows that are named after it. What is not sure of its rows (a removal, an
// actor who looks different) ends the log, and whoever reads next reads everything.

const (
	keptChanges = 64 // of a post; between so many and twice that
	fewChanges  = 32 // rows that are read one by one; of more, the whole thread is cheaper
)

// ThreadVersion changes whenever Thread would: a word for an ETag. It never comes back, not even after a restored backup, since each
// change sets a new random one. "0" is a thread that never had a comment.
func (q queries) ThreadVersion(ctx context.Context, post string) (string, error) {
	v, err := one(ctx, q, value[string], `SELECT version FROM threads WHERE post = $1`, post)
	if errors.Is(err, ErrNotFound) {
		return "0", nil
	}
	return v, err
}

// ThreadChanges is what happened to a thread since a version of it.
type ThreadChanges struct {
	Version string        // that the thread has now, or had a moment ago: the rows may be newer, never older
	Rows    []CommentView // that Thread gives now, new or changed, in no order
	Gone    []string      // ids that Thread does not give (any more)
}

type threadChange struct{ version, comment string }

func scanThreadChange(r row) (c threadChange, err error) {
	err = r.Scan(&c.version, &c.comment)
	return c, err
}

// ThreadSince gives what changed in a thread since Thread had a version, or ErrNotFound where that is not known or too much: then Thread is to be
// read again.
func (q queries) ThreadSince(ctx context.Context, post, version string) (ThreadChanges, error) {
	log, err := all(ctx, q, scanThreadChange, `SELECT version, comment FROM thread_changes WHERE post = $1
		AND n >= (SELECT MAX(n) FROM thread_changes WHERE post = $1 AND version = $2) ORDER BY n`, post, version)
	if err != nil {
		return ThreadChanges{}, err
	}
	if len(log) == 0 || len(log) > fewChanges {
		return ThreadChanges{}, ErrNotFound
	}
	c, done := ThreadChanges{Version: log[len(log)-1].version}, map[string]bool{"": true}
	for _, l := range log[1:] { // the first is the known version itself
		if done[l.comment] {
			continue
		}
		done[l.comment] = true
		r, err := one(ctx, q, scanCommentView, commentViews+`WHERE c.id = $1 AND c.post = $2 AND c.state IN ('shown', 'removed')`, l.comment, post)
		switch {
		case errors.Is(err, ErrNotFound):
			c.Gone = append(c.Gone, l.comment)
		case err != nil:
			return ThreadChanges{}, err
		default:
			c.Rows = append(c.Rows, r)
		}
	}
	return c, nil
}

// threadChanged marks a thread of which any row may have changed.
func (tx *Tx) threadChanged(ctx context.Context, post string) error {
	if _, err := tx.exec(ctx, `DELETE FROM thread_changes WHERE post = $1`, post); err != nil {
		return err
	}
	return tx.commentsChanged(ctx, post, "")
}

// commentsChanged marks a thread of which these rows were written or deleted, and no other.
func (tx *Tx) commentsChanged(ctx context.Context, post string, ids ...string) error {
	version := rand.Text()
	// First, since its row is locked until the transaction ends: two that change one thread count one after the other.
	_, err := tx.exec(ctx, `INSERT INTO threads (post, version) VALUES ($1, $2)
		ON CONFLICT (post) DO UPDATE SET version = excluded.version`, post, version)
	if err != nil {
		return err
	}
	for _, id := range ids {
		n, err := one(ctx, tx.queries, value[int], `INSERT INTO thread_changes (post, n, version, comment)
			SELECT CAST($1 AS TEXT), COALESCE(MAX(n), 0) + 1, CAST($2 AS TEXT), CAST($3 AS TEXT) FROM thread_changes WHERE post = $1
			RETURNING n`, post, version, id)
		if err != nil {
			return err
		}
		if n%keptChanges != 0 {
			continue
		}
		if _, err := tx.exec(ctx, `DELETE FROM thread_changes WHERE post = $1 AND n <= $2`, post, n-keptChanges); err != nil {
			return err
		}
	}
	return nil
}

// threadsOfActorChanged marks every thread that shows an actor, under its own name or as what another one became.
func (tx *Tx) threadsOfActorChanged(ctx context.Context, actor string) error {
	const theirs = `(SELECT post FROM comments WHERE actor = $1 UNION SELECT c.post FROM moves m JOIN comments c ON c.actor = m.actor
		WHERE m.moved_to = $1)`
	if _, err := tx.exec(ctx, `DELETE FROM thread_changes WHERE post IN `+theirs, actor); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `UPDATE threads SET version = $2 WHERE post IN `+theirs, actor, rand.Text())
	return err
}
