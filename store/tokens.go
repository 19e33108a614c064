package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Token is an API token's name and right. Its secret is not kept: only a SHA-256 of it, which is enough for a random one.
type Token struct {
	Name  string
	Scope string // publish, moderate, read
	Since time.Time
}

// AddToken keeps a token's SHA-256 with its name and scope.
func (tx *Tx) AddToken(ctx context.Context, name, scope, secret string, at time.Time) error {
	_, err := tx.exec(ctx, `INSERT INTO tokens (sha256, name, scope, since) VALUES ($1, $2, $3, $4)
		ON CONFLICT (sha256) DO UPDATE SET name = excluded.name, scope = excluded.scope`, hashToken(secret), name, scope, at)
	return err
}

// DeleteToken revokes every token of that name. It tells whether there was one.
func (tx *Tx) DeleteToken(ctx context.Context, name string) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM tokens WHERE name = $1`, name)
	return n > 0, err
}

// Token gives the scope of a secret, or ErrNotFound. The look-up is by hash, so its duration tells nothing about a secret.
func (q queries) Token(ctx context.Context, secret string) (scope string, err error) {
	return one(ctx, q, value[string], `SELECT scope FROM tokens WHERE sha256 = $1`, hashToken(secret))
}

// Tokens lists the tokens, newest first.
func (q queries) Tokens(ctx context.Context) ([]Token, error) {
	scan := func(r row) (t Token, err error) {
		err = r.Scan(&t.Name, &t.Scope, moment{&t.Since})
		return t, err
	}
	return all(ctx, q, scan, `SELECT name, scope, since FROM tokens ORDER BY since DESC, name`)
}

func hashToken(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
