package store

import (
	"context"
	"errors"
	"strings"
	"time"
)

// ProfileTold is what followers were told of one of our actors.
type ProfileTold struct {
	Actor    string // id
	Sum      string // of the document last told
	Revision int64  // 1 at the first start, one more for each Update
	At       time.Time
}

// ProfileTold gives what was told of one of our actors, or ErrNotFound.
func (q queries) ProfileTold(ctx context.Context, actor string) (ProfileTold, error) {
	scan := func(r row) (p ProfileTold, err error) {
		err = r.Scan(&p.Actor, &p.Sum, &p.Revision, moment{&p.At})
		return p, err
	}
	return one(ctx, q, scan, `SELECT actor, sum, revision, told FROM profiles WHERE actor = $1`, actor)
}

// PutProfileTold writes what was told of one of our actors.
func (tx *Tx) PutProfileTold(ctx context.Context, p ProfileTold) error {
	_, err := tx.exec(ctx, `INSERT INTO profiles (actor, sum, revision, told) VALUES ($1, $2, $3, $4)
		ON CONFLICT (actor) DO UPDATE SET sum = excluded.sum, revision = excluded.revision, told = excluded.told`,
		p.Actor, p.Sum, p.Revision, p.At)
	return err
}

// ClaimHandle keeps for ever that an actor of ours has a handle, and gives whose it is: another actor's, if that one ever had it.
// Handles are compared without case.
func (tx *Tx) ClaimHandle(ctx context.Context, handle, actor string, at time.Time) (owner string, err error) {
	owner, err = tx.HandleOwner(ctx, handle)
	if !errors.Is(err, ErrNotFound) {
		return owner, err
	}
	_, err = tx.exec(ctx, `INSERT INTO handles (handle, actor, since) VALUES ($1, $2, $3)`, strings.ToLower(handle), actor, at)
	return actor, err
}

// HandleOwner gives the actor of ours that has or had a handle, or ErrNotFound.
func (q queries) HandleOwner(ctx context.Context, handle string) (string, error) {
	return one(ctx, q, value[string], `SELECT actor FROM handles WHERE handle = $1`, strings.ToLower(handle))
}
