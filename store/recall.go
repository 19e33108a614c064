package store

import (
	"context"
	"time"
)

// Reach is how far what was told of an object last has come. Held counts the inboxes to which it has surely not gone yet, Left those
// that have it or may have it. Ever: somebody may have the object, from this telling or an earlier one.
type Reach struct {
	Held, Left int
	Ever       bool
}

// notLeft is the condition that a delivery was never begun, or surely refused. A claim counts as begun (ClaimDeliveries), so a delivery
// that is on its way at this moment is not among them.
const notLeft = `doubt = 0 AND state <> 'delivered'`

// Reach tells how far the Create and the Updates of an object have come that were queued at since or later. While nobody may have the
// object, everything that waits counts, whenever it was queued.
func (q queries) Reach(ctx context.Context, object string, since time.Time) (r Reach, err error) {
	ever, err := q.count(ctx, `SELECT COUNT(*) FROM deliveries WHERE object = $1 AND NOT (`+notLeft+`)`, object)
	if err != nil {
		return r, err
	}
	if r.Ever = ever > 0; !r.Ever {
		since = time.Time{}
	}
	r.Held, err = q.count(ctx, `SELECT COUNT(DISTINCT inbox) FROM deliveries WHERE object = $1 AND type IN ('Create', 'Update') AND created >= $2
		AND state IN ('pending', 'parked') AND `+notLeft, object, since)
	if err != nil {
		return r, err
	}
	r.Left, err = q.count(ctx, `SELECT COUNT(DISTINCT inbox) FROM deliveries WHERE object = $1 AND type IN ('Create', 'Update') AND created >= $2
		AND NOT (`+notLeft+`)`, object, since)
	return r, err
}

// Recall drops what Reach counts as held: those deliveries are as if they had never been queued, so that the same activity can be queued
// again. While nobody may have the object, everything about it goes.
func (tx *Tx) Recall(ctx context.Context, object string, since time.Time, ever bool) error {
	if !ever {
		_, err := tx.exec(ctx, `DELETE FROM deliveries WHERE object = $1 AND `+notLeft, object)
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM deliveries WHERE object = $1 AND type IN ('Create', 'Update') AND created >= $2
		AND state IN ('pending', 'parked', 'superseded') AND `+notLeft, object, since)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE deliveries SET waits = FALSE WHERE object = $1 AND waits AND `+nothingBefore, object)
	return err
}
