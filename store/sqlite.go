package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteFile is what is particular to SQLite: the lock, the one connection that writes, and the file.
type sqliteFile struct {
	file   string
	lock   *fileLock // nil beside a daemon
	pool   *sql.DB   // of one connection
	tx     *Tx       // on its connection
	writer *writer
	reads  *sql.DB
	read   *statements // on reads
}

// openSQLite opens a file to write. The order matters: the lock first, then the check of what an unclean stop left, then migrations.
func (s *Store) openSQLite(ctx context.Context, file string) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f := &sqliteFile{file: file}
	if f.lock, err = lockFile(file + ".lock"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.abandon()
		}
	}()
	if err := create(file); err != nil {
		return err
	}
	if err := f.openPools(ctx, s); err != nil {
		return describe(err)
	}
	if f.lock.unclean {
		if err := quickCheck(ctx, f.tx.queries, file); err != nil {
			return err
		}
	}
	if err := migrate(ctx, migrations, sqliteSchema{f}); err != nil {
		return describe(err)
	}
	if err := f.lock.mark(); err != nil {
		return err
	}
	f.serve(s)
	return nil
}

// serve makes a store of an open file.
func (f *sqliteFile) serve(s *Store) {
	f.writer = newWriter(f.tx, &s.failed)
	s.queries, s.sqlite, s.close = queries{f.read}, f, sync.OnceValue(f.close)
	s.write, s.soon = f.writer.write, f.writer.writeSoon
}

// openSQLiteReader opens a file only to read. The connection may write (a reader of a WAL database needs its index file), the
// statements may not.
func (s *Store) openSQLiteReader(ctx context.Context, file string) error {
	if err := exists(file); err != nil {
		return err
	}
	f := &sqliteFile{file: file}
	if err := f.openReads(); err != nil {
		return err
	}
	s.queries, s.close = queries{f.read}, sync.OnceValue(f.closePools)
	err := f.checkVersion(ctx)
	if err != nil {
		_ = f.closePools()
	}
	return err
}

func (f *sqliteFile) checkVersion(ctx context.Context) error {
	v, err := one(ctx, queries{f.read}, value[int], `PRAGMA user_version`)
	if err != nil {
		return describe(err)
	}
	return checkVersion(v, latest(migrations))
}

// create makes an empty database file that only its owner can read; SQLite gives its log and index the same mode. A file that is there
// is left alone: opening and closing it here would end the POSIX locks of a reader in this process.
func create(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// pragmas for every connection. secure_delete overwrites deleted text with zeros; trusted_schema and cell_size_check cost nothing and
// refuse the tricks of a file that somebody else has written.
var pragmas = []string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)",
	"trusted_schema(0)", "cell_size_check(1)", "cache_size(-8000)"}

// openPools opens the readers' pool, and the writer's with its connection.
func (f *sqliteFile) openPools(ctx context.Context, s *Store) (err error) {
	if f.pool, err = sql.Open("sqlite", f.dsn("_txlock=immediate", pragmas...)); err != nil {
		return err
	}
	f.pool.SetMaxOpenConns(1)
	conn, err := f.pool.Conn(ctx)
	if err != nil {
		return err
	}
	f.tx = &Tx{queries{&statements{on: conn, keep: true, detached: true}}, s}
	return f.openReads()
}

func (f *sqliteFile) openReads() (err error) {
	if f.reads, err = sql.Open("sqlite", f.dsn("mode=rw", "busy_timeout(10000)", "query_only(1)", "trusted_schema(0)", "cache_size(-4000)")); err != nil {
		return err
	}
	n := max(4, runtime.GOMAXPROCS(0))
	f.reads.SetMaxOpenConns(n)
	f.reads.SetMaxIdleConns(n)
	f.read = &statements{on: f.reads, keep: true}
	return nil
}

// dsn names the file as a URI, so that a "?" or "%" in its path is only a letter.
func (f *sqliteFile) dsn(query string, pragmas ...string) string {
	path := filepath.ToSlash(f.file)
	if abs, err := filepath.Abs(f.file); err == nil {
		path = filepath.ToSlash(abs)
	}
	u := url.URL{Scheme: "file", Path: path}
	for _, p := range pragmas {
		query += "&_pragma=" + url.QueryEscape(p)
	}
	u.RawQuery = query
	return u.String()
}

// abandon undoes an Open that failed. The mark of an unclean stop stays as it was found.
func (f *sqliteFile) abandon() {
	_ = f.closePools()
	_ = f.lock.release()
}

func (f *sqliteFile) close() error {
	f.writer.close()
	err := f.closePools()
	if f.lock == nil {
		return err
	}
	if err == nil && f.writer.failed.err() == nil {
		err = f.lock.unmark()
	}
	return errors.Join(err, f.lock.release())
}

// closePools closes what is open. The last connection of all takes the log into the file and removes it.
func (f *sqliteFile) closePools() (err error) {
	if f.tx != nil {
		err = errors.Join(f.tx.close(), f.tx.on.(*sql.Conn).Close())
	}
	if f.reads != nil {
		err = errors.Join(err, f.read.close(), f.reads.Close())
	}
	if f.pool != nil {
		err = errors.Join(err, f.pool.Close())
	}
	return err
}

// checkpoint empties the log into the file and cuts it to nothing, and lets SQLite renew its statistics.
func (f *sqliteFile) checkpoint(ctx context.Context) error {
	return f.writer.alone(ctx, func(tx *Tx) error {
		busy, err := one(ctx, tx.queries, func(r row) (busy int, err error) {
			var pages, done int
			err = r.Scan(&busy, &pages, &done)
			return busy, err
		}, `PRAGMA wal_checkpoint(TRUNCATE)`)
		if err != nil {
			return err
		}
		if busy != 0 {
			return errors.New("a reader holds an old snapshot; the next round will do it")
		}
		_, err = tx.exec(ctx, `PRAGMA optimize`)
		return err
	})
}

// quickCheck reads the whole file and refuses a damaged one, before anything could be written on top.
func quickCheck(ctx context.Context, q queries, file string) error {
	list, err := all(ctx, q, value[string], `PRAGMA quick_check(3)`)
	if err == nil && len(list) == 1 && list[0] == "ok" {
		return nil
	}
	if err == nil {
		err = errors.New(list[0])
	}
	return fmt.Errorf("%w: %s did not pass the check after an unclean stop (%w): restore a backup, or move the file away to start anew",
		ErrDamaged, file, err)
}

// isFinal tells the errors after which nothing that this process knows of the file can be trusted: after a failed fsync the kernel has
// dropped the pages, and a second fsync would claim success. A full disk is not one of them: the transaction is undone, the next may fit.
func isFinal(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC:
		return true
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}

// describe makes SQLite's word for a file that is no database, or a broken one, into ours.
func describe(err error) error {
	if err != nil && !errors.Is(err, ErrDamaged) && isFinal(err) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}
