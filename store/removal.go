package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
)

// RemoveComment does what an author's Delete or Undo asks: the row goes, with the likes it got. A reply that others answered stays as
// an empty Removed row until its last answer goes too. It tells whether there was something to remove.
func (tx *Tx) RemoveComment(ctx context.Context, id string) (bool, error) {
	c, err := tx.Comment(ctx, id)
	if errors.Is(err, ErrNotFound) || err == nil && c.State == Removed {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := tx.remove(ctx, c); err != nil {
		return false, err
	}
	if c.State == Waiting { // was in no thread
		return true, nil
	}
	return true, tx.threadChanged(ctx, c.Post)
}

// ForgetRemoved deletes the empty row of a removed reply, whatever answers it got: for a reply of our own that comes back after it was
// recalled. Its answers find it by its id again.
func (tx *Tx) ForgetRemoved(ctx context.Context, id string) error {
	posts, err := all(ctx, tx.queries, value[string], `DELETE FROM comments WHERE id = $1 AND state = 'removed' RETURNING post`, id)
	if err != nil || len(posts) == 0 {
		return err
	}
	return tx.threadChanged(ctx, posts[0])
}

// RemoveReaction undoes a like, boost or reaction by what it was, for an Undo whose id is unknown. Of several reactions of one person
// it takes the one with this emoji, all if that is "". It tells whether there was one.
func (tx *Tx) RemoveReaction(ctx context.Context, kind Kind, parent, actor, emoji string) (bool, error) {
	posts, err := all(ctx, tx.queries, value[string], `DELETE FROM comments WHERE kind = $1 AND parent = $2 AND actor = $3
		AND ($4 = '' OR `+plainEmoji+` = $4) AND kind NOT IN ('reply', 'quote') RETURNING post`, string(kind), parent, actor, PlainEmoji(emoji))
	if err != nil || len(posts) == 0 {
		return false, err
	}
	return true, tx.threadChanged(ctx, posts[0])
}

// RemoveActorComments removes all that an actor ever answered, its leave to quote, and its name from rows that must stay. It returns how many comments went.
func (tx *Tx) RemoveActorComments(ctx context.Context, actor string) (int, error) {
	if err := tx.forgetQuotesBy(ctx, actor); err != nil {
		return 0, err
	}
	if err := tx.threadsOfActorChanged(ctx, actor); err != nil {
		return 0, err
	}
	// Answers before what they answer: then fewer rows stay behind empty.
	list, err := all(ctx, tx.queries, scanComment, `SELECT `+commentColumns+` FROM comments c WHERE c.actor = $1
		AND c.state <> 'removed' ORDER BY c.received DESC, c.id`, actor)
	if err != nil {
		return 0, err
	}
	for _, c := range list {
		if err := tx.remove(ctx, c); err != nil {
			return 0, err
		}
	}
	_, err = tx.exec(ctx, `UPDATE comments SET actor = '' WHERE actor = $1`, actor)
	return len(list), err
}

func (tx *Tx) remove(ctx context.Context, c Comment) error {
	if c.State == Waiting {
		if _, err := tx.exec(ctx, `DELETE FROM comments WHERE id = $1`, c.ID); err != nil {
			return err
		}
		return tx.RemoveWaiting(ctx, c.ID)
	}
	if err := tx.forgetAttachments(ctx, c); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM pins WHERE comment = $1`, c.ID); err != nil {
		return err
	}
	posts, err := all(ctx, tx.queries, value[string], `DELETE FROM comments WHERE parent = $1 AND kind NOT IN ('reply', 'quote') RETURNING post`, c.ID)
	if err != nil {
		return err
	}
	for _, post := range slices.Compact(posts) {
		if post != c.Post { // a comment that was moved below another post leaves its likes behind
			if err := tx.threadChanged(ctx, post); err != nil {
				return err
			}
		}
	}
	answered, err := tx.answered(ctx, c.ID)
	if err != nil {
		return err
	}
	if answered {
		_, err = tx.exec(ctx, `UPDATE comments SET state = 'removed', content = NULL, warning = NULL, sensitive = FALSE, attachments = NULL,
			source = NULL, url = '', language = '' WHERE id = $1`, c.ID)
		return err
	}
	return tx.dropRow(ctx, c)
}

func (tx *Tx) answered(ctx context.Context, id string) (bool, error) {
	return tx.has(ctx, `SELECT 1 FROM comments WHERE parent = $1 AND kind IN ('reply', 'quote') AND state <> 'waiting' LIMIT 1`, id)
}

// dropRow deletes a row, and the empty ones above it that stood only for its sake.
func (tx *Tx) dropRow(ctx context.Context, c Comment) error {
	for {
		if _, err := tx.exec(ctx, `DELETE FROM comments WHERE id = $1`, c.ID); err != nil {
			return err
		}
		above, err := tx.Comment(ctx, c.Parent)
		if errors.Is(err, ErrNotFound) || err == nil && above.State != Removed {
			return nil
		}
		if err != nil {
			return err
		}
		if answered, err := tx.answered(ctx, above.ID); answered || err != nil {
			return err
		}
		c = above
	}
}

// forgetAttachments drops our copies of a comment's pictures. Another comment with the same picture has it fetched again.
func (tx *Tx) forgetAttachments(ctx context.Context, c Comment) error {
	var list []Attachment
	if json.Unmarshal(c.Attachments, &list) != nil {
		return nil
	}
	for _, a := range list {
		for _, u := range []string{a.URL, a.Poster} {
			if err := tx.forgetMedia(ctx, u); err != nil {
				return err
			}
		}
	}
	return nil
}
