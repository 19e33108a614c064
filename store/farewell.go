package store

import (
	"context"
	"slices"
	"time"
)

// contact is an inbox of somebody who knows one of our actors, with the shared one of its server if that is known.
type contact struct{ inbox, shared string }

// FarewellInboxes gives every inbox that must hear that one of our actors is no more, each server's shared one where it has one: whoever
// ever got anything from it, or may have, whoever follows it, parked followers too, and whoever answered or quoted anything here, and so
// looked it up. In alphabetical order.
func (q queries) FarewellInboxes(ctx context.Context, actor string) ([]string, error) {
	scan := func(r row) (c contact, err error) {
		err = r.Scan(&c.inbox, &c.shared)
		return c, err
	}
	list, err := all(ctx, q, scan, `SELECT inbox, '' FROM deliveries WHERE actor = $1 AND (state IN ('delivered', 'pending', 'parked') OR doubt > 0)
		UNION SELECT inbox, shared_inbox FROM followers WHERE followed = $1
		UNION SELECT a.inbox, a.shared_inbox FROM actors a WHERE a.inbox <> '' AND EXISTS (SELECT 1 FROM comments c WHERE c.actor = a.id)
		UNION SELECT inbox, '' FROM quotes WHERE inbox <> ''`, actor)
	if err != nil {
		return nil, err
	}
	return eachServerOnce(list), nil
}

// eachServerOnce takes the shared inbox in place of the personal ones of its server.
func eachServerOnce(list []contact) []string {
	shared, served := map[string]string{}, map[string]bool{}
	for _, c := range list {
		if c.shared != "" {
			shared[c.inbox] = c.shared
			served[laneOf(c.shared)] = true
		}
	}
	var inboxes []string
	for _, c := range list {
		switch to := shared[c.inbox]; {
		case to != "":
			inboxes = append(inboxes, to)
		case !served[laneOf(c.inbox)]:
			inboxes = append(inboxes, c.inbox)
		}
	}
	for _, to := range shared {
		inboxes = append(inboxes, to)
	}
	slices.Sort(inboxes)
	return slices.Compact(inboxes)
}

// DropDeliveriesOf stops all that one of our actors still has to send, but for one activity: what remains to be said is said by that one.
func (tx *Tx) DropDeliveriesOf(ctx context.Context, actor, but string, at time.Time) error {
	_, err := tx.exec(ctx, `UPDATE deliveries SET state = 'superseded', waits = FALSE, done = $3
		WHERE actor = $1 AND activity <> $2 AND state IN ('pending', 'parked')`, actor, but, at)
	return err
}

// TakeBack makes an activity unsaid with its deliveries, if none of them has left or may have. It tells whether it did.
func (tx *Tx) TakeBack(ctx context.Context, activity string) (bool, error) {
	left, err := tx.has(ctx, `SELECT 1 FROM deliveries WHERE activity = $1 AND (attempts > 0 OR doubt > 0 OR state = 'delivered') LIMIT 1`, activity)
	if left || err != nil {
		return false, err
	}
	if _, err := tx.exec(ctx, `DELETE FROM deliveries WHERE activity = $1`, activity); err != nil {
		return false, err
	}
	return true, tx.DropActivity(ctx, activity)
}
