// Package store is what the blog remembers, in SQLite (modernc.org/sqlite) or in PostgreSQL (pgx), in one dialect of SQL: $1
// placeholders, ON CONFLICT, RETURNING, TEXT keys, BIGINT times. One concept a file: the type and its statements.
//
// In come values that the other rooms have already checked; out go the same values. Reads are methods of Store and of Tx, writes are
// methods of Tx alone, so a decision that reads and then writes is one transaction. There is no interface: the two databases differ
// only in sqlite.go and postgres.go.
//
// It knows no ActivityPub: documents are bytes, ids are strings. What it does promise is in three words. Durable: Write returns after
// an fsynced commit, and a disk that fails an fsync stops the writing for good (Failed). Bounded: every table that a stranger can
// fill has a cap. Forgetful: deleted text leaves the files (SQLite's secure_delete, and Maintain for the log).
//
// Times are kept in Unix milliseconds and come back in UTC; the zero time is kept as 0. Strings lose NUL characters and invalid UTF-8,
// which PostgreSQL would refuse.
package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

var (
	// ErrNotFound is what a read of one row gives when there is none.
	ErrNotFound = errors.New("not found in the store")
	// ErrInUse is what Open gives when another process holds the same data.
	ErrInUse = errors.New("data in use by another process")
	// ErrNewerSchema is what Open gives when the data was written by a newer program.
	ErrNewerSchema = errors.New("data written by a newer version")
	// ErrDamaged is what Open gives when the check after an unclean stop finds the file broken.
	ErrDamaged = errors.New("data damaged")
	// ErrReadOnly is what Write gives on a Store of OpenReader.
	ErrReadOnly = errors.New("store opened for reading only")
	// ErrClosed is what Write gives after Close.
	ErrClosed = errors.New("store closed")
)

// Store is the database. It is safe for use by many goroutines.
type Store struct {
	queries
	write  func(context.Context, func(*Tx) error) error
	soon   func(context.Context, func(*Tx) error) error // as write, for what can wait a little; nil: write
	sqlite *sqliteFile                                  // nil on PostgreSQL
	close  func() error
	now    func() time.Time // for pruning only
	limits limits
	failed failure
	writes atomic.Int64 // so far
}

// Tx is one write transaction. It reads its own writes. It belongs to the function that Write called with it. Its methods follow
// their context's values and not its end: a statement cut off half-way would undo the neighbours that share the commit.
type Tx struct {
	queries
	store *Store
}

// Open opens the database: a SQLite file's path or a postgres:// URL. It takes the lock (flock on FILE.lock, or an advisory lock),
// checks the file after an unclean stop and applies migrations. Folder and file are made if missing, readable by their owner alone.
// Errors: ErrInUse, ErrNewerSchema, ErrDamaged.
func Open(ctx context.Context, dsn string) (*Store, error) {
	s := newStore()
	open := s.openSQLite
	if isPostgres(dsn) {
		open = s.openPostgres
	}
	if err := open(ctx, dsn); err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	return s, nil
}

// OpenReader opens read-only beside a running daemon (inboxd status, publish pull): no lock, no migration. A database that does not
// exist is an error that os.ErrNotExist matches.
func OpenReader(ctx context.Context, dsn string) (*Store, error) {
	s := newStore()
	open := s.openSQLiteReader
	if isPostgres(dsn) {
		open = s.openPostgresReader
	}
	if err := open(ctx, dsn); err != nil {
		return nil, fmt.Errorf("opening the database for reading: %w", err)
	}
	return s, nil
}

func newStore() *Store {
	s := &Store{now: time.Now, limits: defaultLimits(), failed: failure{c: make(chan error, 1)}}
	s.write = func(context.Context, func(*Tx) error) error { return ErrReadOnly }
	return s
}

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// Close ends it: waits for the writes under way, empties SQLite's log into the file, frees the lock. Closing twice is no error.
func (s *Store) Close() error {
	if err := s.close(); err != nil {
		return fmt.Errorf("closing the database: %w", err)
	}
	return nil
}

// Write runs f in one transaction and returns after its durable commit (synchronous=FULL). Concurrent calls share a commit (group
// commit, a savepoint each): f's error undoes f alone and is returned as it is. A failing commit fails every call that shared it.
// ctx can end the wait for f's turn, not f. f must not keep tx, wait for the network, call Write, or change anything outside it that
// a second run would break: on PostgreSQL it is run again after a serialization failure.
func (s *Store) Write(ctx context.Context, f func(*Tx) error) error {
	return s.counted(ctx, s.write, f)
}

// WriteSoon is Write for who is in no hurry: on SQLite the commit waits for a few milliseconds for others to share it, unless a Write
// comes, which takes it along. It promises the same: it returns after the durable commit.
func (s *Store) WriteSoon(ctx context.Context, f func(*Tx) error) error {
	if s.soon == nil {
		return s.counted(ctx, s.write, f)
	}
	return s.counted(ctx, s.soon, f)
}

func (s *Store) counted(ctx context.Context, write func(context.Context, func(*Tx) error) error, f func(*Tx) error) error {
	if err := s.failed.err(); err != nil {
		return fmt.Errorf("the database has stopped: %w", err)
	}
	err := write(ctx, f)
	if err == nil {
		s.wrote(ctx)
	}
	return err
}

// Writes counts the Writes of this process that have succeeded. As long as it stays the same, only another process can have changed
// what a read gave. Ask before the read.
func (s *Store) Writes() int64 { return s.writes.Load() }

// Failed gives one error when the database can be trusted no more: an fsync failed, the file is damaged, the lock's connection is
// lost. From then on every Write fails; the daemon should exit, so that the next start reads what the disk really holds.
func (s *Store) Failed() <-chan error { return s.failed.c }

// Backup writes a consistent copy of the database to file while writing goes on: a new file beside it, synced, then renamed over it.
// SQLite only; PostgreSQL has pg_dump.
func (s *Store) Backup(ctx context.Context, file string) error {
	if s.sqlite == nil {
		return errors.New("backing up: PostgreSQL has its own tool, pg_dump")
	}
	if err := s.sqlite.backup(ctx, file); err != nil {
		return fmt.Errorf("backing up to %s: %w", file, err)
	}
	return nil
}

// Maintain is the hourly round: forgets what is past its time, keeps the tables under their caps, and (SQLite) empties the log into
// the file, so that the bytes of deleted words are gone from both.
func (s *Store) Maintain(ctx context.Context) error {
	if err := s.prune(ctx); err != nil {
		return fmt.Errorf("pruning the database: %w", err)
	}
	if s.sqlite == nil {
		return nil
	}
	if err := s.sqlite.checkpoint(ctx); err != nil {
		return fmt.Errorf("emptying the database's log: %w", err)
	}
	return nil
}

// exists turns the absence of a SQLite file into os.ErrNotExist; SQLite itself would only say "unable to open".
func exists(file string) error {
	_, err := os.Stat(file)
	return err
}
