package store

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Follower is an actor who follows one of ours.
type Follower struct {
	Actor       string // id
	Of          string // id of our actor
	Inbox       string
	SharedInbox string // "" if none
	FollowID    string // id of the Follow activity
	Since       time.Time
	Parked      time.Time // zero while deliveries go out
}

const followerColumns = `actor, followed, inbox, shared_inbox, follow_id, since, parked`

func scanFollower(r row) (f Follower, err error) {
	err = r.Scan(&f.Actor, &f.Of, &f.Inbox, &f.SharedInbox, &f.FollowID, moment{&f.Since}, moment{&f.Parked})
	return f, err
}

// PutFollower writes a follower. One who follows again keeps the place of the first time.
func (tx *Tx) PutFollower(ctx context.Context, f Follower) error {
	_, err := tx.exec(ctx, `INSERT INTO followers (`+followerColumns+`, host) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (actor, followed) DO UPDATE SET inbox = excluded.inbox, shared_inbox = excluded.shared_inbox,
		follow_id = excluded.follow_id, parked = excluded.parked, host = excluded.host`,
		f.Actor, f.Of, f.Inbox, f.SharedInbox, f.FollowID, f.Since, f.Parked, laneOf(f.target()))
	return err
}

// DeleteFollower ends a following; of "" means of all our actors. It tells whether there was one.
func (tx *Tx) DeleteFollower(ctx context.Context, actor, of string) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM followers WHERE actor = $1 AND (followed = $2 OR $2 = '')`, actor, of)
	return n > 0, err
}

// ParkFollowers stops deliveries to the followers of one host: "https://example.org", or "example.org" for the same.
func (tx *Tx) ParkFollowers(ctx context.Context, host string, at time.Time) error {
	if !strings.Contains(host, "://") {
		host = "https://" + host
	}
	_, err := tx.exec(ctx, `UPDATE followers SET parked = $1 WHERE host = $2 AND parked = 0`, at, strings.ToLower(host))
	return err
}

// UnparkFollower lets deliveries go out again to an actor that was heard of.
func (tx *Tx) UnparkFollower(ctx context.Context, actor string) error {
	_, err := tx.exec(ctx, `UPDATE followers SET parked = 0 WHERE actor = $1 AND parked <> 0`, actor)
	return err
}

// Follower gives one follower of one of our actors, or ErrNotFound.
func (q queries) Follower(ctx context.Context, actor, of string) (Follower, error) {
	return one(ctx, q, scanFollower, `SELECT `+followerColumns+` FROM followers WHERE actor = $1 AND followed = $2`, actor, of)
}

// Followers gives a page of an actor's followers, newest first.
func (q queries) Followers(ctx context.Context, of string, offset, n int) ([]Follower, error) {
	return all(ctx, q, scanFollower, `SELECT `+followerColumns+` FROM followers WHERE followed = $1
		ORDER BY since DESC, actor LIMIT $2 OFFSET $3`, of, n, offset)
}

// FollowerCount counts an actor's followers, parked ones too.
func (q queries) FollowerCount(ctx context.Context, of string) (int, error) {
	return q.count(ctx, `SELECT COUNT(*) FROM followers WHERE followed = $1`, of)
}

// FollowerInboxes gives each distinct inbox to deliver to, the shared inbox where a follower has one, of followers who are neither
// parked nor blocked, in alphabetical order.
func (q queries) FollowerInboxes(ctx context.Context, of string) ([]string, error) {
	list, err := all(ctx, q, scanFollower, `SELECT `+followerColumns+` FROM followers WHERE followed = $1 AND parked = 0`, of)
	if err != nil {
		return nil, err
	}
	blocked, err := q.blockList(ctx)
	if err != nil {
		return nil, err
	}
	var inboxes []string
	for _, f := range list {
		if !blocked.has(f.Actor) && !blocked.has(f.target()) {
			inboxes = append(inboxes, f.target())
		}
	}
	slices.Sort(inboxes)
	return slices.Compact(inboxes), nil
}

// target is the inbox that deliveries to this follower go to.
func (f Follower) target() string {
	if f.SharedInbox != "" {
		return f.SharedInbox
	}
	return f.Inbox
}

// laneOf is scheme://host[:port] of an inbox in lower case: what deliveries are lined up by. "" if it has none.
func laneOf(inbox string) string {
	u, err := url.Parse(inbox)
	if err != nil || u.Host == "" {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}
