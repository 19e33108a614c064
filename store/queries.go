package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// queries are the reads that Store and Tx share, and the statements below them.
type queries struct{ *statements }

// statements runs SQL on a pool, a connection or a transaction. SQLite parses a statement in about the time it takes to run it, so
// there each text is prepared once; pgx keeps its own cache.
type statements struct {
	on       handle
	keep     bool // prepare and keep
	detached bool // not ended by the caller's context
	mu       sync.Mutex
	prepared map[string]*sql.Stmt
}

// handle is what *sql.DB, *sql.Conn and *sql.Tx have in common.
type handle interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// row is a *sql.Rows or *sql.Row in scanning.
type row interface{ Scan(dest ...any) error }

func (s *statements) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.prepared[query]; st != nil {
		return st, nil
	}
	st, err := s.on.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if s.prepared == nil {
		s.prepared = map[string]*sql.Stmt{}
	}
	s.prepared[query] = st
	return st, nil
}

// close ends the prepared statements. SQLite keeps a connection with an open statement as a ghost, and its log beside the file.
func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, st := range s.prepared {
		err = errors.Join(err, st.Close())
	}
	s.prepared = nil
	return err
}

func (s *statements) context(ctx context.Context) context.Context {
	if s.detached {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

func (s *statements) rows(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	ctx, args = s.context(ctx), clean(args)
	if !s.keep {
		return s.on.QueryContext(ctx, query, args...)
	}
	st, err := s.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// exec runs a statement and gives the number of rows that it changed.
func (s *statements) exec(ctx context.Context, query string, args ...any) (int, error) {
	ctx, args = s.context(ctx), clean(args)
	var r sql.Result
	var err error
	if !s.keep {
		r, err = s.on.ExecContext(ctx, query, args...)
	} else if st, e := s.stmt(ctx, query); e != nil {
		err = e
	} else {
		r, err = st.ExecContext(ctx, args...)
	}
	if err != nil {
		return 0, fmt.Errorf("writing to the database: %w", err)
	}
	n, err := r.RowsAffected()
	return int(n), err
}

// all reads every row of a query.
func all[T any](ctx context.Context, q queries, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.rows(ctx, query, args)
	if err != nil {
		return nil, fmt.Errorf("reading the database: %w", err)
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("reading the database: %w", err)
		}
		list = append(list, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the database: %w", err)
	}
	return list, nil
}

// one reads a query's first row; ErrNotFound if there is none.
func one[T any](ctx context.Context, q queries, scan func(row) (T, error), query string, args ...any) (T, error) {
	list, err := all(ctx, q, scan, query, args...)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return list[0], nil
}

// value scans a row of one column.
func value[T any](r row) (v T, err error) {
	err = r.Scan(&v)
	return v, err
}

// has tells whether a query has a row.
func (q queries) has(ctx context.Context, query string, args ...any) (bool, error) {
	_, err := one(ctx, q, value[int64], query, args...)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// count reads one number.
func (q queries) count(ctx context.Context, query string, args ...any) (int, error) {
	return one(ctx, q, value[int], query, args...)
}

// clean makes strings into what both databases take: PostgreSQL refuses NUL and invalid UTF-8, which strangers do send.
func clean(args []any) []any {
	for i, a := range args {
		switch v := a.(type) {
		case string:
			args[i] = text(v)
		case time.Time:
			args[i] = millis(v)
		case []byte:
			// A typed nil would be an empty document to SQLite and NULL to PostgreSQL.
			if v == nil {
				args[i] = nil
			}
		}
	}
	return args
}

func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// millis is a time as it is kept: Unix milliseconds, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment scans what millis wrote.
type moment struct{ to *time.Time }

// Scan reads Unix milliseconds.
func (m moment) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a time is kept as a number, not as %T", v)
	}
	*m.to = time.Time{}
	if n != 0 {
		*m.to = time.UnixMilli(n).UTC()
	}
	return nil
}
