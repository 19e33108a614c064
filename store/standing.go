package store

import (
	"context"
	"errors"
	"time"
)

// Standing is how one of our own actors stands in the fediverse. The zero value is an actor that is where it always was.
type Standing struct {
	MovedTo string // id of the actor that it is now, "" if it has not moved
	Moved   time.Time
	Retired time.Time // since when it is no more; zero while it lives
}

// Alias is an account that one of our actors was before (alsoKnownAs, FEP-7628).
type Alias struct {
	Actor  string // ours
	ID     string // of the former account
	Handle string // user@host under which the owner named it, "" if by its id
	Since  time.Time
}

// Standing gives how one of our actors stands.
func (q queries) Standing(ctx context.Context, actor string) (Standing, error) {
	scan := func(r row) (s Standing, err error) {
		err = r.Scan(&s.MovedTo, moment{&s.Moved}, moment{&s.Retired})
		return s, err
	}
	s, err := one(ctx, q, scan, `SELECT moved_to, moved, retired FROM standings WHERE actor = $1`, actor)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return s, err
}

// PutStanding writes how one of our actors stands.
func (tx *Tx) PutStanding(ctx context.Context, actor string, s Standing) error {
	_, err := tx.exec(ctx, `INSERT INTO standings (actor, moved_to, moved, retired) VALUES ($1, $2, $3, $4) ON CONFLICT (actor) DO
		UPDATE SET moved_to = excluded.moved_to, moved = excluded.moved, retired = excluded.retired`, actor, s.MovedTo, s.Moved, s.Retired)
	return err
}

// Aliases gives the accounts that one of our actors was before, the oldest entry first.
func (q queries) Aliases(ctx context.Context, actor string) ([]Alias, error) {
	scan := func(r row) (a Alias, err error) {
		err = r.Scan(&a.Actor, &a.ID, &a.Handle, moment{&a.Since})
		return a, err
	}
	return all(ctx, q, scan, `SELECT actor, alias, handle, since FROM aliases WHERE actor = $1 ORDER BY since, alias`, actor)
}

// PutAlias keeps that one of our actors was another account before. One that is kept already stays as it is.
func (tx *Tx) PutAlias(ctx context.Context, a Alias) error {
	_, err := tx.exec(ctx, `INSERT INTO aliases (actor, alias, handle, since) VALUES ($1, $2, $3, $4) ON CONFLICT (actor, alias) DO NOTHING`,
		a.Actor, a.ID, a.Handle, a.Since)
	return err
}

// DeleteAlias forgets a former account, by its id or its handle, and tells whether there was one.
func (tx *Tx) DeleteAlias(ctx context.Context, actor, name string) (bool, error) {
	if name == "" {
		return false, nil
	}
	n, err := tx.exec(ctx, `DELETE FROM aliases WHERE actor = $1 AND (alias = $2 OR handle = $2)`, actor, name)
	return n > 0, err
}
