package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"
)

// Actor is a remote actor as last fetched.
type Actor struct {
	ID          string
	Type        string
	Handle      string // user@host
	Name        []byte // activitypub.Tree as JSON: display name with custom emoji
	URL         string
	Icon        string // remote URL of the avatar
	Inbox       string
	SharedInbox string
	Keys        []byte // JSON: [{"id","pem"}]
	Followers   string
	Indexable   bool
	Created     time.Time // actor's own published
	Fetched     time.Time
	Gone        time.Time // first time it answered 410
	AlsoKnownAs []byte    // JSON array
	MovedTo     string
}

const actorColumns = `id, type, handle, name, url, icon, inbox, shared_inbox, keys, followers, indexable, created, fetched, gone,
	also_known_as, moved_to`

func scanActor(r row) (a Actor, err error) {
	err = r.Scan(&a.ID, &a.Type, &a.Handle, &a.Name, &a.URL, &a.Icon, &a.Inbox, &a.SharedInbox, &a.Keys, &a.Followers, &a.Indexable,
		moment{&a.Created}, moment{&a.Fetched}, moment{&a.Gone}, &a.AlsoKnownAs, &a.MovedTo)
	return a, err
}

// shownActorColumns are what a CommentView has of the actor; the row may be missing.
const shownActorColumns = `COALESCE(m.moved_to, c.actor), COALESCE(a.type, ''), COALESCE(a.handle, ''), a.name, COALESCE(a.url, ''), COALESCE(a.icon, ''),
	COALESCE(a.inbox, ''), COALESCE(a.shared_inbox, ''), COALESCE(a.followers, ''), COALESCE(a.indexable, FALSE),
	COALESCE(a.created, 0), COALESCE(a.fetched, 0), COALESCE(a.gone, 0), COALESCE(a.moved_to, '')`

func (a *Actor) shown() []any {
	return []any{&a.ID, &a.Type, &a.Handle, &a.Name, &a.URL, &a.Icon, &a.Inbox, &a.SharedInbox, &a.Followers, &a.Indexable,
		moment{&a.Created}, moment{&a.Fetched}, moment{&a.Gone}, &a.MovedTo}
}

// looks tells whether two versions of an actor look the same to a reader of the comments.
func (a Actor) looks(b Actor) bool {
	return a.Type == b.Type && a.Handle == b.Handle && bytes.Equal(a.Name, b.Name) && a.URL == b.URL && a.Icon == b.Icon &&
		a.Indexable == b.Indexable
}

// PutActor writes an actor in place of the one with the same id. Threads that show it change when it looks different, and our copy of a
// picture that it shows no more goes. Of its keys, only
// those with an id on the actor's own host can be found by ActorByKey: no actor speaks for another server's key.
func (tx *Tx) PutActor(ctx context.Context, a Actor) error {
	old, err := tx.Actor(ctx, a.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := tx.putActor(ctx, a); err != nil {
		return err
	}
	if err := tx.putKeys(ctx, a); err != nil {
		return err
	}
	if old.looks(a) {
		return nil
	}
	if old.Icon != "" && old.Icon != a.Icon {
		if err := tx.forgetMedia(ctx, old.Icon); err != nil {
			return err
		}
	}
	return tx.threadsOfActorChanged(ctx, a.ID)
}

func (tx *Tx) putActor(ctx context.Context, a Actor) error {
	_, err := tx.exec(ctx, `INSERT INTO actors (`+actorColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (id) DO UPDATE SET type = excluded.type, handle = excluded.handle, name = excluded.name, url = excluded.url,
		icon = excluded.icon, inbox = excluded.inbox, shared_inbox = excluded.shared_inbox, keys = excluded.keys,
		followers = excluded.followers, indexable = excluded.indexable, created = excluded.created, fetched = excluded.fetched,
		gone = excluded.gone, also_known_as = excluded.also_known_as, moved_to = excluded.moved_to`,
		a.ID, a.Type, a.Handle, a.Name, a.URL, a.Icon, a.Inbox, a.SharedInbox, a.Keys, a.Followers, a.Indexable,
		a.Created, a.Fetched, a.Gone, a.AlsoKnownAs, a.MovedTo)
	return err
}

func (tx *Tx) putKeys(ctx context.Context, a Actor) error {
	if _, err := tx.exec(ctx, `DELETE FROM actor_keys WHERE actor = $1`, a.ID); err != nil {
		return err
	}
	var keys []struct{ ID string }
	if json.Unmarshal(a.Keys, &keys) != nil {
		return nil
	}
	for _, k := range keys {
		if !sameServer(k.ID, a.ID) {
			continue
		}
		_, err := tx.exec(ctx, `INSERT INTO actor_keys (key, actor) VALUES ($1, $2) ON CONFLICT DO NOTHING`, k.ID, a.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteActor forgets an actor, our copy of its picture, its moves and its block. Its comments and followings are deleted on their own.
func (tx *Tx) DeleteActor(ctx context.Context, id string) error {
	if err := tx.deleteMoves(ctx, id); err != nil {
		return err
	}
	if _, err := tx.DeleteBlockedBy(ctx, id, ""); err != nil {
		return err
	}
	a, err := tx.Actor(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := tx.forgetMedia(ctx, a.Icon); err != nil {
		return err
	}
	_, err = tx.exec(ctx, `DELETE FROM actors WHERE id = $1`, id)
	return err
}

// Actor gives an actor by its id, or ErrNotFound.
func (q queries) Actor(ctx context.Context, id string) (Actor, error) {
	return one(ctx, q, scanActor, `SELECT `+actorColumns+` FROM actors WHERE id = $1`, id)
}

// ActorByKey gives the actor that lists a key, or ErrNotFound. Of several on one server, the one that the key's id points into wins.
func (q queries) ActorByKey(ctx context.Context, keyID string) (Actor, error) {
	page, _, _ := strings.Cut(keyID, "#")
	return one(ctx, q, scanActor, `SELECT `+actorColumns+` FROM actors WHERE id IN (SELECT actor FROM actor_keys WHERE key = $1)
		ORDER BY id <> $2, id LIMIT 1`, keyID, page)
}

// ActorKnown tells whether anything of an actor is here: its row, a following, a comment. Of one who is unknown a Delete needs no fetch.
func (q queries) ActorKnown(ctx context.Context, id string) (bool, error) {
	return q.has(ctx, `SELECT 1 FROM actors WHERE id = $1 UNION ALL SELECT 1 FROM followers WHERE actor = $1
		UNION ALL SELECT 1 FROM comments WHERE actor = $1 LIMIT 1`, id)
}

// sameServer compares scheme, host and port.
func sameServer(a, b string) bool {
	x, err := url.Parse(a)
	if err != nil {
		return false
	}
	y, err := url.Parse(b)
	return err == nil && x.Scheme == y.Scheme && strings.EqualFold(x.Host, y.Host)
}
