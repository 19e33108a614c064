package store

import (
	"context"
	"time"
)

// Unshown is a person whose comments, likes and boosts do not show, because they asked for that. It is no block: they follow and are told, and the
// owner reads what they write on the admin page.
type Unshown struct {
	Actor string // id
	Since time.Time
}

// HidePerson hides all that a person has said here, under whatever account they moved from, and what they will say. It tells how much was hidden now.
func (tx *Tx) HidePerson(ctx context.Context, actor string, at time.Time) (int, error) {
	if _, err := tx.exec(ctx, `INSERT INTO unshown (actor, since) VALUES ($1, $2) ON CONFLICT (actor) DO NOTHING`, actor, at); err != nil {
		return 0, err
	}
	ids, err := all(ctx, tx.queries, value[string], `SELECT id FROM comments WHERE state IN ('shown', 'held')
		AND (actor = $1 OR actor IN (SELECT actor FROM moves WHERE moved_to = $1)) ORDER BY id`, actor)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := tx.SetCommentState(ctx, id, Hidden); err != nil {
			return 0, err
		}
		if _, err := tx.exec(ctx, `DELETE FROM pins WHERE comment = $1`, id); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// ShowPerson lets what a person says from now on show again. What was hidden stays so: the owner shows it one by one. It tells whether they were unshown.
func (tx *Tx) ShowPerson(ctx context.Context, actor string) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM unshown WHERE actor = $1`, actor)
	return n > 0, err
}

// UnshownPeople gives them all, the first first.
func (q queries) UnshownPeople(ctx context.Context) ([]Unshown, error) {
	scan := func(r row) (u Unshown, err error) {
		err = r.Scan(&u.Actor, moment{&u.Since})
		return u, err
	}
	return all(ctx, q, scan, `SELECT actor, since FROM unshown ORDER BY since, actor`)
}

// isUnshown tells whether an actor, or whom it moved to, asked not to show.
func (q queries) isUnshown(ctx context.Context, actor string) (bool, error) {
	return q.has(ctx, `SELECT 1 FROM unshown WHERE actor = $1 OR actor IN (SELECT moved_to FROM moves WHERE actor = $1) LIMIT 1`, actor)
}

// ActorsByHandle gives the ids of the actors known under a handle ("ada@social.example").
func (q queries) ActorsByHandle(ctx context.Context, handle string) ([]string, error) {
	return all(ctx, q, value[string], `SELECT id FROM actors WHERE LOWER(handle) = LOWER($1) ORDER BY id`, handle)
}
