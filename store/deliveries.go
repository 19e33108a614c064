package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states. Only Pending rows leave; Parked ones come back when their host is heard again, the others are final.
const (
	Pending    DeliveryState = "pending"
	Delivered  DeliveryState = "delivered"
	GivenUp    DeliveryState = "given-up"
	Superseded DeliveryState = "superseded" // a later activity about the same object replaced it before it left
	Parked     DeliveryState = "parked"
	Blocked    DeliveryState = "blocked" // the owner blocked the server before it left
)

// Delivery is one activity for one inbox.
type Delivery struct {
	Activity string // id
	Object   string // what the activity is about: orders and supersedes
	Type     string // of the activity
	Inbox    string
	Host     string // scheme://host[:port] of the inbox: the lane
	Actor    string // signs it
	State    DeliveryState
	Attempts int
	Refused  int // attempts that the inbox itself refused (final 4xx): few are made
	Created  time.Time
	Since    time.Time // start of the seven days in which it is tried
	Next     time.Time // not before
	Status   int       // of the last answer; 0 none
	Error    string    // of the last attempt, as sent by them, at most 500 bytes
	Done     time.Time
}

// Counts is the conservation law of one object: the sum is every inbox it was ever to reach, each counted once, by the last
// activity that was not superseded.
type Counts struct{ Pending, Delivered, GivenUp, Superseded, Parked, Blocked int }

const deliveryColumns = `d.activity, d.object, d.type, d.inbox, d.host, d.actor, d.state, d.attempts, d.refused, d.created, d.since,
	d.due, d.status, d.error, d.done`

func (d *Delivery) fields() []any {
	return []any{&d.Activity, &d.Object, &d.Type, &d.Inbox, &d.Host, &d.Actor, &d.State, &d.Attempts, &d.Refused, moment{&d.Created},
		moment{&d.Since}, moment{&d.Next}, &d.Status, &d.Error, moment{&d.Done}}
}

func scanDelivery(r row) (d Delivery, err error) {
	err = r.Scan(d.fields()...)
	return d, err
}

// AddDeliveries adds one delivery of an activity for each inbox, due at notBefore (at once where that is zero). The same activity for
// the same inbox again has no effect. What an earlier activity about the same object still waits for is settled here, so that each
// inbox hears things in order and only what it needs:
//
//   - an Update replaces Updates that have not left. Where the Create surely never arrived the Update is dropped too, because the
//     Create will carry the new content (ReplaceActivity); where it may have arrived, the Update waits for it. An inbox that was
//     never sent the Create gets no Update.
//   - a Delete replaces everything that has not left, to any inbox. Where what was queued surely never left it is dropped too.
//   - after a Delete there is no Create and no Update any more.
//   - anything else waits for what was queued before it.
func (tx *Tx) AddDeliveries(ctx context.Context, a Activity, inboxes []string, notBefore time.Time) error {
	if a.Type == "Create" || a.Type == "Update" {
		gone, err := tx.has(ctx, `SELECT 1 FROM deliveries WHERE object = $1 AND type = 'Delete' LIMIT 1`, a.Object)
		if gone || err != nil {
			return err
		}
	}
	if notBefore.IsZero() {
		notBefore = a.At
	}
	if err := tx.insertDeliveries(ctx, a, inboxes, notBefore); err != nil {
		return err
	}
	switch a.Type {
	case "Update":
		if err := tx.updateSupersedes(ctx, a); err != nil {
			return err
		}
	case "Delete":
		return tx.deleteSupersedes(ctx, a)
	}
	return tx.holdBehindEarlier(ctx, a)
}

// insertChunk rows go into one statement: a fan-out holds the one writer for as long as it takes.
const insertChunk = 50

func (tx *Tx) insertDeliveries(ctx context.Context, a Activity, inboxes []string, notBefore time.Time) error {
	seq, err := tx.count(ctx, `SELECT COALESCE(MAX(seq), 0) + 1 FROM deliveries WHERE object = $1`, a.Object)
	if err != nil {
		return err
	}
	for len(inboxes) > 0 {
		n := 1
		if len(inboxes) >= insertChunk {
			n = insertChunk
		}
		args := []any{a.ID, a.Object, a.Type, a.Actor, seq, a.At, notBefore}
		for _, inbox := range inboxes[:n] {
			args = append(args, inbox, laneOf(inbox), stateOfNew(inbox))
		}
		if _, err := tx.exec(ctx, insertStatement(n), args...); err != nil {
			return err
		}
		inboxes = inboxes[n:]
	}
	return nil
}

// stateOfNew gives up at once on an inbox that is no address: an actor can claim any.
func stateOfNew(inbox string) string {
	if laneOf(inbox) == "" {
		return string(GivenUp)
	}
	return string(Pending)
}

func insertStatement(rows int) string {
	var b strings.Builder
	b.WriteString(`INSERT INTO deliveries (activity, object, type, actor, seq, created, since, floor, due, inbox, host, state,
		waits, attempts, refused, doubt, status, error, done) VALUES `)
	for i := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		n := 8 + 3*i
		fmt.Fprintf(&b, `($1, $2, $3, $4, $5, $6, $7, $7, $7, $%d, $%d, $%d, FALSE, 0, 0, 0, 0, '', 0)`, n, n+1, n+2)
	}
	b.WriteString(` ON CONFLICT (activity, inbox) DO NOTHING`)
	return b.String()
}

func (tx *Tx) updateSupersedes(ctx context.Context, a Activity) error {
	// Never an Update before its Create. Objects that never had a Create (an actor) are updated without.
	_, err := tx.exec(ctx, `DELETE FROM deliveries WHERE activity = $1
		AND EXISTS (SELECT 1 FROM deliveries c WHERE c.object = $2 AND c.type = 'Create')
		AND NOT EXISTS (SELECT 1 FROM deliveries c WHERE c.object = $2 AND c.inbox = deliveries.inbox AND c.activity <> $1
			AND (c.state = 'delivered' OR (c.type = 'Create' AND c.state IN ('pending', 'parked'))))`, a.ID, a.Object)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE deliveries SET state = 'superseded', waits = FALSE, done = $3
		WHERE object = $2 AND type = 'Update' AND activity <> $1 AND state IN ('pending', 'parked')
		AND EXISTS (SELECT 1 FROM deliveries n WHERE n.activity = $1 AND n.inbox = deliveries.inbox)`, a.ID, a.Object, a.At)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE deliveries SET state = 'superseded', done = $3 WHERE activity = $1 AND state = 'pending'
		AND EXISTS (SELECT 1 FROM deliveries c WHERE c.object = $2 AND c.inbox = deliveries.inbox AND c.type = 'Create'
			AND c.state IN ('pending', 'parked') AND c.doubt = 0)`, a.ID, a.Object, a.At)
	return err
}

func (tx *Tx) deleteSupersedes(ctx context.Context, a Activity) error {
	_, err := tx.exec(ctx, `UPDATE deliveries SET state = 'superseded', waits = FALSE, done = $3
		WHERE object = $2 AND activity <> $1 AND state IN ('pending', 'parked')`, a.ID, a.Object, a.At)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE deliveries SET state = 'superseded', done = $3 WHERE activity = $1 AND state = 'pending'
		AND EXISTS (SELECT 1 FROM deliveries c WHERE c.object = $2 AND c.inbox = deliveries.inbox AND c.activity <> $1)
		AND NOT EXISTS (SELECT 1 FROM deliveries c WHERE c.object = $2 AND c.inbox = deliveries.inbox AND c.activity <> $1
			AND (c.state = 'delivered' OR c.attempts > 0 OR c.doubt > 0))`, a.ID, a.Object, a.At)
	return err
}

func (tx *Tx) holdBehindEarlier(ctx context.Context, a Activity) error {
	_, err := tx.exec(ctx, `UPDATE deliveries SET waits = TRUE WHERE activity = $1 AND state = 'pending'
		AND EXISTS (SELECT 1 FROM deliveries e WHERE e.object = $2 AND e.inbox = deliveries.inbox AND e.activity <> $1
			AND e.seq < deliveries.seq AND e.state IN ('pending', 'parked'))`, a.ID, a.Object)
	return err
}

// ReplaceActivity puts a newer document in the place of an activity that AddActivity kept: a Create carries the post as it is now,
// both to those who get it late and to those who look it up.
func (tx *Tx) ReplaceActivity(ctx context.Context, id string, json []byte) error {
	_, err := tx.exec(ctx, `UPDATE activities SET json = $2 WHERE id = $1`, id, json)
	return err
}

// DropActivity forgets the words of an activity and takes it off the outbox: it told of what has been replaced or withdrawn. Its
// deliveries stay as a record.
func (tx *Tx) DropActivity(ctx context.Context, id string) error {
	_, err := tx.exec(ctx, `DELETE FROM activities WHERE id = $1`, id)
	return err
}

// InboxesTold gives every inbox that ever got the object, may have got it, or may yet get it: whom a Delete must reach.
func (q queries) InboxesTold(ctx context.Context, object string) ([]string, error) {
	return all(ctx, q, value[string], `SELECT DISTINCT inbox FROM deliveries WHERE object = $1 AND type <> 'Delete'
		AND (state IN ('delivered', 'pending', 'parked') OR doubt > 0) ORDER BY inbox`, object)
}

// InboxesOf gives every inbox that got an activity or may have got it.
func (q queries) InboxesOf(ctx context.Context, activity string) ([]string, error) {
	return all(ctx, q, value[string], `SELECT inbox FROM deliveries WHERE activity = $1 AND (state = 'delivered' OR doubt > 0)
		ORDER BY inbox`, activity)
}

// Deliveries gives all deliveries about an object, in the order in which they were queued.
func (q queries) Deliveries(ctx context.Context, object string) ([]Delivery, error) {
	return all(ctx, q, scanDelivery, `SELECT `+deliveryColumns+` FROM deliveries d WHERE d.object = $1 ORDER BY d.seq, d.inbox`, object)
}

// DeliveryCounts gives the conservation law of one object.
func (q queries) DeliveryCounts(ctx context.Context, object string) (c Counts, err error) {
	type group struct {
		state DeliveryState
		n     int
	}
	scan := func(r row) (g group, err error) {
		err = r.Scan(&g.state, &g.n)
		return g, err
	}
	groups, err := all(ctx, q, scan, `SELECT state, COUNT(*) FROM (SELECT state, ROW_NUMBER() OVER (PARTITION BY inbox
		ORDER BY CASE WHEN state = 'superseded' THEN 1 ELSE 0 END, seq DESC) AS place FROM deliveries WHERE object = $1) AS last
		WHERE place = 1 GROUP BY state`, object)
	for _, g := range groups {
		*c.of(g.state) += g.n
	}
	return c, err
}

func (c *Counts) of(s DeliveryState) *int {
	switch s {
	case Delivered:
		return &c.Delivered
	case GivenUp:
		return &c.GivenUp
	case Superseded:
		return &c.Superseded
	case Parked:
		return &c.Parked
	case Blocked:
		return &c.Blocked
	}
	return &c.Pending
}

// Sum is every inbox that the object was ever to reach.
func (c Counts) Sum() int {
	return c.Pending + c.Delivered + c.GivenUp + c.Superseded + c.Parked + c.Blocked
}
