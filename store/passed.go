package store

import (
	"context"
	"time"
)

// Passed is what the followers of a blog that is a Group know of a comment (FEP-1b12).
type Passed struct {
	Comment  string
	Activity []byte    // its Create as it came; nil where none came, or the comment was edited since
	Announce string    // id of the Announce by which they know it; "" while they do not
	Times    int64     // how often they were told; -1: they never are
	Edited   time.Time // its last edit of which they know; zero if none
}

func scanPassed(r row) (p Passed, err error) {
	err = r.Scan(&p.Comment, &p.Activity, &p.Announce, &p.Times, moment{&p.Edited})
	return p, err
}

const passedColumns = `p.comment, p.activity, p.announce, p.times, p.edited`

// GroupSince gives since when an actor of ours is a Group: since now, if it was not known for one.
func (tx *Tx) GroupSince(ctx context.Context, actor string, now time.Time) (since time.Time, err error) {
	if _, err := tx.exec(ctx, `INSERT INTO groups_since (actor, since) VALUES ($1, $2) ON CONFLICT (actor) DO NOTHING`, actor, now); err != nil {
		return since, err
	}
	scan := func(r row) (at time.Time, err error) {
		err = r.Scan(moment{&at})
		return at, err
	}
	return one(ctx, tx.queries, scan, `SELECT since FROM groups_since WHERE actor = $1`, actor)
}

// Passed gives what the Group's followers know of a comment, or ErrNotFound.
func (q queries) Passed(ctx context.Context, comment string) (Passed, error) {
	return one(ctx, q, scanPassed, `SELECT `+passedColumns+` FROM passed_on p WHERE p.comment = $1`, comment)
}

// PutPassed writes what the Group's followers know of a comment.
func (tx *Tx) PutPassed(ctx context.Context, p Passed) error {
	_, err := tx.exec(ctx, `INSERT INTO passed_on (comment, activity, announce, times, edited) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (comment) DO
		UPDATE SET activity = excluded.activity, announce = excluded.announce, times = excluded.times, edited = excluded.edited`,
		p.Comment, p.Activity, p.Announce, p.Times, p.Edited)
	return err
}

// DropPassed forgets that a comment was passed on.
func (tx *Tx) DropPassed(ctx context.Context, comment string) error {
	_, err := tx.exec(ctx, `DELETE FROM passed_on WHERE comment = $1`, comment)
	return err
}

// words selects the replies and quotes of others: ours lie beneath $1.
const words = `c.kind IN ('reply', 'quote') AND substr(c.id, 1, length($1)) <> $1`

// ToPass gives comments of others that show, came since the Group is one, and are not known to its followers: the oldest first, at most n.
func (q queries) ToPass(ctx context.Context, ours string, since time.Time, n int) ([]Comment, error) {
	return all(ctx, q, scanComment, `SELECT `+commentColumns+` FROM comments c LEFT JOIN passed_on p ON p.comment = c.id
		WHERE `+words+` AND c.state = 'shown' AND c.received >= $2 AND COALESCE(p.announce, '') = '' AND COALESCE(p.times, 0) >= 0 AND (c.source IS NOT NULL OR p.activity IS NOT NULL)
		ORDER BY c.received, c.id LIMIT $3`, ours, since, n)
}

// Outdated gives comments that show and were edited since the Group's followers were told, at most n.
func (q queries) Outdated(ctx context.Context, n int) ([]Comment, error) {
	return all(ctx, q, scanComment, `SELECT `+commentColumns+` FROM comments c JOIN passed_on p ON p.comment = c.id
		WHERE p.announce <> '' AND c.state = 'shown' AND c.updated <> p.edited AND c.source IS NOT NULL ORDER BY c.updated, c.id LIMIT $1`, n)
}

// NoMoreShown gives what the Group's followers know and the page does not show any more, at most n.
func (q queries) NoMoreShown(ctx context.Context, n int) ([]Passed, error) {
	return all(ctx, q, scanPassed, `SELECT `+passedColumns+` FROM passed_on p LEFT JOIN comments c ON c.id = p.comment
		WHERE p.announce <> '' AND COALESCE(c.state, '') <> 'shown' ORDER BY p.comment LIMIT $1`, n)
}

// TidyPassed forgets what was never passed on, or no more, and is no comment any more.
func (tx *Tx) TidyPassed(ctx context.Context) error {
	_, err := tx.exec(ctx, `DELETE FROM passed_on WHERE announce = '' AND NOT EXISTS
		(SELECT 1 FROM comments c WHERE c.id = passed_on.comment AND c.state <> 'removed')`)
	return err
}

// ReactionIDs gives the ids of an actor's likes, boosts and reactions of one kind to a post or comment.
func (q queries) ReactionIDs(ctx context.Context, kind Kind, parent, actor string) ([]string, error) {
	return all(ctx, q, value[string], `SELECT id FROM comments WHERE kind = $1 AND parent = $2 AND actor = $3
		AND kind NOT IN ('reply', 'quote') ORDER BY received, id`, string(kind), parent, actor)
}
