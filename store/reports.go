package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// The bounds of what others can report.
const (
	maxReports = 1000
	keepReport = 90 * 24 * time.Hour
)

// Report is what somebody told the owner about a post, a comment or a person (ActivityPub's Flag). Only the owner ever sees it.
type Report struct {
	Key     string   // short, for the owner to name it by
	Actor   string   // id of who reported: with most programs the server's own actor
	Who     string   // as a person reads it: "@ada@social.example", or the server alone
	Server  string   // registered domain
	Text    string   // plain
	Objects []string // ids of posts, comments and people that are known here
	Dropped int      // how many more were named that are not
	At      time.Time
	Closed  time.Time // zero: open
}

const reportColumns = `key, actor, who, server, text, objects, dropped, received, closed`

func scanReport(r row) (p Report, err error) {
	var objects []byte
	err = r.Scan(&p.Key, &p.Actor, &p.Who, &p.Server, &p.Text, &objects, &p.Dropped, moment{&p.At}, moment{&p.Closed})
	if err == nil && len(objects) > 0 {
		err = json.Unmarshal(objects, &p.Objects)
	}
	return p, err
}

// AddReport keeps a report; one with the same key is left as it is. Beyond the bound a closed one leaves, else the oldest of the server
// that has sent the most: a flood from one place cannot push out what others said.
func (tx *Tx) AddReport(ctx context.Context, r Report) error {
	objects, err := json.Marshal(r.Objects)
	if err != nil {
		return fmt.Errorf("keeping a report: %w", err)
	}
	n, err := tx.exec(ctx, `INSERT INTO reports (`+reportColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (key) DO NOTHING`, r.Key, r.Actor, r.Who, r.Server, r.Text, objects, r.Dropped, r.At, r.Closed)
	if err != nil || n == 0 {
		return err
	}
	total, err := tx.count(ctx, `SELECT COUNT(*) FROM reports`)
	if err != nil || total <= tx.store.limits.reports {
		return err
	}
	_, err = tx.exec(ctx, `DELETE FROM reports WHERE key IN (SELECT r.key FROM reports r
		JOIN (SELECT server, COUNT(*) AS n FROM reports GROUP BY server) s ON s.server = r.server
		ORDER BY CASE WHEN r.closed > 0 THEN 0 ELSE 1 END, s.n DESC, r.received, r.key LIMIT $1)`, total-tx.store.limits.reports)
	return err
}

// CloseReport marks a report as dealt with. It tells whether there was an open one.
func (tx *Tx) CloseReport(ctx context.Context, key string, at time.Time) (bool, error) {
	n, err := tx.exec(ctx, `UPDATE reports SET closed = $1 WHERE key = $2 AND closed = 0`, at, key)
	return n > 0, err
}

// Report gives one report, or ErrNotFound.
func (q queries) Report(ctx context.Context, key string) (Report, error) {
	return one(ctx, q, scanReport, `SELECT `+reportColumns+` FROM reports WHERE key = $1`, key)
}

// Reports gives the open reports, or all there are, the newest first.
func (q queries) Reports(ctx context.Context, withClosed bool) ([]Report, error) {
	return all(ctx, q, scanReport, `SELECT `+reportColumns+` FROM reports WHERE closed = 0 OR $1 ORDER BY received DESC, key`, withClosed)
}

// OpenReports counts the reports that the owner has not closed.
func (q queries) OpenReports(ctx context.Context) (int, error) {
	return q.count(ctx, `SELECT COUNT(*) FROM reports WHERE closed = 0`)
}

// pruneReports forgets what was reported before a time, open or closed.
func (tx *Tx) pruneReports(ctx context.Context, before time.Time) error {
	_, err := tx.exec(ctx, `DELETE FROM reports WHERE received < $1`, before)
	return err
}
