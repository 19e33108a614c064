package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// MaxMediaBytes bounds the pictures that are kept: beyond it the ones fetched longest ago leave, to be fetched again when asked for.
const MaxMediaBytes = 256 << 20

// ShownSide is how wide and high a picture that is attached to a comment is shown at most, in pixels.
const ShownSide = 640

// Media is a remote picture that a page shows from our own address.
type Media struct {
	Hash    string // MediaHash(URL)
	URL     string
	Type    string // of Data: image/png or image/jpeg; "" while not fetched
	Data    []byte
	MaxSide int // width and height that Data may have, in pixels
	Fetched time.Time
	Failed  time.Time
}

// MediaHash is the name under which a remote picture is proxied: 32 hex digits of the SHA-256 of its URL.
func MediaHash(url string) string {
	sum := sha256.Sum256([]byte(url))
	return hex.EncodeToString(sum[:16])
}

// WantMedia makes a picture known, at most maxSide pixels wide and high: its address answers from now on, and it is fetched on the first
// request. One that is wanted larger than before is fetched anew.
func (tx *Tx) WantMedia(ctx context.Context, url string, maxSide int) error {
	if url == "" {
		return nil
	}
	_, err := tx.exec(ctx, `INSERT INTO media (hash, url, type, data, size, max_side, wanted, fetched, failed)
		VALUES ($1, $2, '', NULL, 0, $3, $4, 0, 0)
		ON CONFLICT (hash) DO UPDATE SET wanted = excluded.wanted,
			fetched = CASE WHEN excluded.max_side > media.max_side THEN 0 ELSE media.fetched END,
			max_side = CASE WHEN excluded.max_side > media.max_side THEN excluded.max_side ELSE media.max_side END`,
		MediaHash(url), url, maxSide, tx.store.now())
	return err
}

// ShowMedia says which pictures a comment or an actor brings, in place of those before: MediaShown tells of them. The owner "" shows always.
func (tx *Tx) ShowMedia(ctx context.Context, owner string, urls ...string) error {
	if _, err := tx.exec(ctx, `DELETE FROM media_of WHERE owner = $1`, owner); err != nil {
		return err
	}
	for _, u := range urls {
		if u == "" {
			continue
		}
		if _, err := tx.exec(ctx, `INSERT INTO media_of (owner, hash) VALUES ($1, $2) ON CONFLICT DO NOTHING`, owner, MediaHash(u)); err != nil {
			return err
		}
	}
	return nil
}

// MediaShown tells whether a picture belongs to a comment that shows, or to an actor (or what one became by a move) of whom a comment, like or boost
// does: only then is it for everybody.
func (q queries) MediaShown(ctx context.Context, hash string) (bool, error) {
	return q.has(ctx, `SELECT 1 FROM media_of o WHERE o.hash = $1 AND (o.owner = ''
		OR EXISTS (SELECT 1 FROM comments c WHERE c.id = o.owner AND c.state = 'shown')
		OR EXISTS (SELECT 1 FROM comments c WHERE c.actor = o.owner AND c.state = 'shown')
		OR EXISTS (SELECT 1 FROM moves m JOIN comments c ON c.actor = m.actor WHERE m.moved_to = o.owner AND c.state = 'shown')) LIMIT 1`, hash)
}

// PutMedia keeps what was fetched, or the time of a failure. The hash is made from the URL.
func (tx *Tx) PutMedia(ctx context.Context, m Media) error {
	_, err := tx.exec(ctx, `INSERT INTO media (hash, url, type, data, size, wanted, fetched, failed, max_side)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (hash) DO UPDATE SET type = excluded.type, data = excluded.data, size = excluded.size, fetched = excluded.fetched,
		failed = excluded.failed`,
		MediaHash(m.URL), m.URL, m.Type, m.Data, len(m.Data), tx.store.now(), m.Fetched, m.Failed, m.MaxSide)
	if err != nil || len(m.Data) == 0 {
		return err
	}
	return tx.boundMedia(ctx)
}

// Media gives a picture by its hash, or ErrNotFound if no page ever wanted it.
func (q queries) Media(ctx context.Context, hash string) (Media, error) {
	scan := func(r row) (m Media, err error) {
		err = r.Scan(&m.Hash, &m.URL, &m.Type, &m.Data, &m.MaxSide, moment{&m.Fetched}, moment{&m.Failed})
		return m, err
	}
	return one(ctx, q, scan, `SELECT hash, url, type, data, max_side, fetched, failed FROM media WHERE hash = $1`, hash)
}

const emptyMedia = `UPDATE media SET type = '', data = NULL, size = 0, fetched = 0, failed = 0 WHERE hash = $1`

// boundMedia empties the oldest pictures until the rest fits.
func (tx *Tx) boundMedia(ctx context.Context) error {
	over, err := one(ctx, tx.queries, value[int64], `SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM media`)
	over -= tx.store.limits.mediaBytes
	if err != nil || over <= 0 {
		return err
	}
	type picture struct {
		hash string
		size int64
	}
	scan := func(r row) (p picture, err error) {
		err = r.Scan(&p.hash, &p.size)
		return p, err
	}
	list, err := all(ctx, tx.queries, scan, `SELECT hash, size FROM media WHERE size > 0 ORDER BY fetched, hash LIMIT 1000`)
	for _, p := range list {
		if err != nil || over <= 0 {
			break
		}
		_, err = tx.exec(ctx, emptyMedia, p.hash)
		over -= p.size
	}
	return err
}

// forgetMedia drops our copy of a picture; its address stays known, for a page that may still show it.
func (tx *Tx) forgetMedia(ctx context.Context, url string) error {
	_, err := tx.exec(ctx, emptyMedia, MediaHash(url))
	return err
}
