package store

import (
	"context"
	"time"
)

// Activity is one activity of ours: what we sent, at /ap/activities/ID and in the outbox.
type Activity struct {
	ID     string // full URL
	Type   string // Create, Update, Delete, Accept, …
	Object string // id of what it is about
	Actor  string // which of our actors sent it: its id
	Public bool   // listed in the outbox
	JSON   []byte
	At     time.Time
}

const activityColumns = `id, type, object, actor, public, json, sent`

func scanActivity(r row) (a Activity, err error) {
	err = r.Scan(&a.ID, &a.Type, &a.Object, &a.Actor, &a.Public, &a.JSON, moment{&a.At})
	return a, err
}

// AddActivity keeps an activity. The same id again has no effect: what was sent under an id stays.
func (tx *Tx) AddActivity(ctx context.Context, a Activity) error {
	_, err := tx.exec(ctx, `INSERT INTO activities (`+activityColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO NOTHING`, a.ID, a.Type, a.Object, a.Actor, a.Public, a.JSON, a.At)
	return err
}

// Activity gives one activity, or ErrNotFound.
func (q queries) Activity(ctx context.Context, id string) (Activity, error) {
	return one(ctx, q, scanActivity, `SELECT `+activityColumns+` FROM activities WHERE id = $1`, id)
}

// Outbox gives a page of the public activities, newest first, and how many there are in all.
func (q queries) Outbox(ctx context.Context, offset, n int) (page []Activity, total int, err error) {
	if total, err = q.count(ctx, `SELECT COUNT(*) FROM activities WHERE public`); err != nil {
		return nil, 0, err
	}
	page, err = all(ctx, q, scanActivity, `SELECT `+activityColumns+` FROM activities WHERE public
		ORDER BY sent DESC, id DESC LIMIT $1 OFFSET $2`, n, offset)
	return page, total, err
}

// OutboxOf is Outbox for what one of our actors sent.
func (q queries) OutboxOf(ctx context.Context, actor string, offset, n int) (page []Activity, total int, err error) {
	if total, err = q.count(ctx, `SELECT COUNT(*) FROM activities WHERE public AND actor = $1`, actor); err != nil {
		return nil, 0, err
	}
	page, err = all(ctx, q, scanActivity, `SELECT `+activityColumns+` FROM activities WHERE public AND actor = $1
		ORDER BY sent DESC, id DESC LIMIT $2 OFFSET $3`, actor, n, offset)
	return page, total, err
}
