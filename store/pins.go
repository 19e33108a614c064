package store

import (
	"context"
	"errors"
)

// PinComment puts a shown reply on top of its post's thread, in place of the one that stood there. ErrNotFound: it does not show, or it is no
// reply.
func (tx *Tx) PinComment(ctx context.Context, id string) error {
	c, err := tx.Comment(ctx, id)
	if err != nil {
		return err
	}
	if c.Kind != Reply || c.State != Shown {
		return ErrNotFound
	}
	_, err = tx.exec(ctx, `INSERT INTO pins (post, comment) VALUES ($1, $2) ON CONFLICT (post) DO UPDATE SET comment = excluded.comment`, c.Post, id)
	if err != nil {
		return err
	}
	return tx.commentsChanged(ctx, c.Post, id)
}

// UnpinComment takes a comment from the top of its thread. It tells whether it stood there.
func (tx *Tx) UnpinComment(ctx context.Context, id string) (bool, error) {
	post, err := one(ctx, tx.queries, value[string], `DELETE FROM pins WHERE comment = $1 RETURNING post`, id)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, tx.commentsChanged(ctx, post, id)
}

// PinnedComment gives the id of the comment on top of a post's thread, "" if there is none. It may have been hidden or removed since.
func (q queries) PinnedComment(ctx context.Context, post string) (string, error) {
	id, err := one(ctx, q, value[string], `SELECT comment FROM pins WHERE post = $1`, post)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return id, err
}

// HeldCount counts the replies to a post that wait for the owner.
func (q queries) HeldCount(ctx context.Context, post string) (int, error) {
	return q.count(ctx, `SELECT COUNT(*) FROM comments WHERE post = $1 AND kind = 'reply' AND state = 'held'`, post)
}
