package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
)

//go:embed schema/*.sql
var embedded embed.FS

// migrations are the embedded schema files: the n-th brings version n-1 to n. They are only ever added.
var migrations = func() []string {
	names, _ := fs.Glob(embedded, "schema/*.sql")
	list := make([]string, len(names))
	for i, name := range names {
		data, _ := fs.ReadFile(embedded, name)
		list[i] = string(data)
	}
	return list
}()

func latest(migrations []string) int { return len(migrations) }

// schema is a database whose version can be read and raised. The two differ in where the version lives.
type schema interface {
	version(ctx context.Context) (int, error)
	before(ctx context.Context, from int) error            // a step away from a version that holds data
	step(ctx context.Context, to int, script string) error // in one transaction with the version
}

// migrate brings a database up to date, each step in a transaction of its own: killed in between, the next start goes on from there.
func migrate(ctx context.Context, migrations []string, s schema) error {
	from, err := s.version(ctx)
	if err != nil {
		return err
	}
	if from > latest(migrations) {
		return newer(from, latest(migrations))
	}
	if from > 0 && from < latest(migrations) {
		if err := s.before(ctx, from); err != nil {
			return fmt.Errorf("backing up before a migration: %w", err)
		}
	}
	for to := from + 1; to <= latest(migrations); to++ {
		if err := s.step(ctx, to, migrations[to-1]); err != nil {
			return fmt.Errorf("migrating to version %d: %w", to, err)
		}
	}
	return nil
}

func newer(have, known int) error {
	return fmt.Errorf("%w: its schema has version %d, this program knows %d: use the newer program", ErrNewerSchema, have, known)
}

// checkVersion is for readers, which do not migrate.
func checkVersion(have, known int) error {
	if have > known {
		return newer(have, known)
	}
	if have < known {
		return fmt.Errorf("its schema has version %d, this program needs %d: start inboxd once", have, known)
	}
	return nil
}

// sqliteSchema keeps the version in user_version.
type sqliteSchema struct{ *sqliteFile }

func (s sqliteSchema) version(ctx context.Context) (int, error) {
	return one(ctx, s.tx.queries, value[int], `PRAGMA user_version`)
}

func (s sqliteSchema) before(ctx context.Context, from int) error {
	return s.backup(ctx, fmt.Sprintf("%s.version%d", s.file, from))
}

func (s sqliteSchema) step(ctx context.Context, to int, script string) error {
	// The texts of a script are not worth keeping prepared.
	conn := s.tx.on
	script = fmt.Sprintf("BEGIN IMMEDIATE;\n%s\nPRAGMA user_version = %d;\nCOMMIT;", script, to)
	if _, err := conn.ExecContext(ctx, script); err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		return err
	}
	return nil
}
