package store

import (
	"context"
	"time"
)

// maxSchemes bounds the table, in hosts.
const maxSchemes = 10_000

// Scheme is which way of signing a host takes.
type Scheme struct {
	Host    string // host[:port]
	RFC9421 bool   // else draft-cavage
	Tried   bool   // the other way was refused
}

func scanScheme(r row) (s Scheme, err error) {
	err = r.Scan(&s.Host, &s.RFC9421, &s.Tried)
	return s, err
}

// Schemes gives what is known of hosts' signatures, what was learned last at the end.
func (q queries) Schemes(ctx context.Context) ([]Scheme, error) {
	return all(ctx, q, scanScheme, `SELECT host, rfc9421, tried FROM schemes ORDER BY learned, host`)
}

// PutSchemes keeps what was learned at a moment. Where there are too many hosts, those of which nothing was learned for longest are
// forgotten.
func (tx *Tx) PutSchemes(ctx context.Context, list []Scheme, at time.Time) error {
	for _, s := range list {
		_, err := tx.exec(ctx, `INSERT INTO schemes (host, rfc9421, tried, learned) VALUES ($1, $2, $3, $4)
			ON CONFLICT (host) DO UPDATE SET rfc9421 = excluded.rfc9421, tried = excluded.tried, learned = excluded.learned`,
			s.Host, s.RFC9421, s.Tried, at)
		if err != nil {
			return err
		}
	}
	_, err := tx.exec(ctx, `DELETE FROM schemes WHERE host IN (SELECT host FROM schemes ORDER BY learned DESC, host
		LIMIT 1000000 OFFSET $1)`, tx.store.limits.schemes)
	return err
}
