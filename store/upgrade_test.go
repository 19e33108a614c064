package store

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestUpgrade: a database as every earlier version left it, with a row in each table that a later one touches, is brought up to date
// with all of them in it.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	const errand = `INSERT INTO errands (url, reason, post, attempts, added, due) VALUES ('https://a.example/1', 'reply', 'p', 2, 5, 7)`
	for version := 1; version < len(migrations); version++ {
		for _, dsn := range dsns(t) {
			ctx := t.Context()
			old := older(t, dsn, version)
			if _, err := old.ExecContext(ctx, errand); err != nil {
				t.Fatal(err)
			}
			_, err := old.ExecContext(ctx, `INSERT INTO comments (id, kind, post, parent, actor, url, content, sensitive, language, emoji, emoji_url, published, updated, received, state)
				VALUES ('https://a.example/c', 'reply', 'p', 'p', 'https://a.example/ada', '', '["words"]', FALSE, '', '', '', 1, 0, 1, 'shown')`)
			if err != nil {
				t.Fatal(err)
			}
			if err := old.Close(); err != nil {
				t.Fatal(err)
			}

			s := open(t, dsn)
			due := must(s.DueErrands(ctx, time.UnixMilli(7), 9))(t)
			if len(due) != 1 || due[0].URL != "https://a.example/1" || due[0].Reason != "reply" || due[0].Post != "p" || due[0].Attempts != 2 || due[0].Data != nil {
				t.Errorf("from version %d: errands %+v", version, due)
			}
			if c := must(s.Comment(ctx, "https://a.example/c"))(t); c.State != Shown || string(c.Content) != `["words"]` {
				t.Errorf("from version %d: comment %+v", version, c)
			}
		}
	}
}

// older makes a database of an earlier version.
func older(t *testing.T, dsn string, version int) *sql.DB {
	t.Helper()
	driver := "pgx"
	if !strings.Contains(dsn, "://") {
		driver = "sqlite"
		if err := os.MkdirAll(filepath.Dir(dsn), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	if driver == "pgx" {
		for n, script := range migrations[:version] {
			if err := (postgresSchema{db}).step(t.Context(), n+1, script); err != nil {
				t.Fatal(err)
			}
		}
		return db
	}
	for n, script := range migrations[:version] {
		if _, err := db.ExecContext(t.Context(), script); err != nil {
			t.Fatal(n+1, err)
		}
		if _, err := db.ExecContext(t.Context(), fmt.Sprint("PRAGMA user_version = ", n+1)); err != nil {
			t.Fatal(err)
		}
	}
	return db
}
