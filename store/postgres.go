package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// maxPostgres bounds the connections: Thread and its like are short, and a blog shares its server with others.
const maxPostgres = 8

// lockNumber is Postil's half of the advisory lock; the other half is the schema's name, so two blogs can share a database.
const lockNumber = 0x706f7374

// postgres is what is particular to PostgreSQL: the pool, and the connection that holds the lock.
type postgres struct {
	pool   *sql.DB
	lock   *sql.Conn          // nil beside a daemon
	stop   context.CancelFunc // ends the watch over lock
	ended  chan struct{}
	store  *Store
	mu     sync.RWMutex // read-held by each Write: Close waits for them
	closed bool
}

func postgresPool(dsn, readOnly string) (*sql.DB, error) {
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	// The server's own limits, since a write is not ended by its caller's context.
	defaults := map[string]string{"statement_timeout": "60000", "lock_timeout": "30000", "idle_in_transaction_session_timeout": "60000",
		"application_name": "postil"}
	for name, v := range defaults {
		if _, given := c.RuntimeParams[name]; !given {
			c.RuntimeParams[name] = v
		}
	}
	c.RuntimeParams["default_transaction_read_only"] = readOnly
	db := stdlib.OpenDB(*c)
	db.SetMaxOpenConns(maxPostgres)
	db.SetMaxIdleConns(maxPostgres)
	return db, nil
}

func (s *Store) openPostgres(ctx context.Context, dsn string) (err error) {
	p := &postgres{store: s, ended: make(chan struct{})}
	if p.pool, err = postgresPool(dsn, "off"); err != nil {
		return err
	}
	if p.lock, err = lockPostgres(ctx, p.pool); err != nil {
		p.pool.Close()
		return err
	}
	if err := migrate(ctx, migrations, postgresSchema{p.pool}); err != nil {
		unlockPostgres(p.lock)
		p.pool.Close()
		return err
	}
	watch, stop := context.WithCancel(context.Background())
	p.stop = stop
	go p.watch(watch)
	s.queries, s.write, s.close = queries{&statements{on: p.pool}}, p.write, sync.OnceValue(p.close)
	return nil
}

func (s *Store) openPostgresReader(ctx context.Context, dsn string) error {
	return s.postgresUnlocked(ctx, dsn, "on")
}

// postgresUnlocked opens a database of exactly this version, without lock and migration.
func (s *Store) postgresUnlocked(ctx context.Context, dsn, readOnly string) error {
	db, err := postgresPool(dsn, readOnly)
	if err != nil {
		return err
	}
	s.queries, s.close = queries{&statements{on: db}}, db.Close
	v, err := postgresSchema{db}.version(ctx)
	if err == nil {
		err = checkVersion(v, latest(migrations))
	}
	if err != nil {
		db.Close()
	}
	return err
}

// lockPostgres takes the advisory lock on a connection that is kept for it.
func lockPostgres(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	q := queries{&statements{on: conn}}
	got, err := one(ctx, q, value[bool], `SELECT pg_try_advisory_lock($1, hashtext(current_schema()))`, lockNumber)
	if err == nil && !got {
		err = fmt.Errorf("%w: %s", ErrInUse, postgresHolder(ctx, q))
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// unlockPostgres frees the lock before it closes the connection: the server alone would notice the end only some moments later. If
// the connection is lost, so is the lock.
func unlockPostgres(lock *sql.Conn) {
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	_, _ = lock.ExecContext(ctx, `SELECT pg_advisory_unlock_all()`)
	lock.Close()
}

func postgresHolder(ctx context.Context, q queries) string {
	who, err := one(ctx, q, value[string], `SELECT 'held by PostgreSQL session ' || a.pid || ' from ' || COALESCE(host(a.client_addr), 'this machine')
		FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1 AND l.objid::bigint = hashtext(current_schema())::bigint & 4294967295
		AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1`, lockNumber)
	if err != nil {
		return "its holder is not known"
	}
	return who
}

// watch waits for the end of the lock's connection. Without the lock another daemon may start, so this one must not write any more.
func (p *postgres) watch(ctx context.Context) {
	defer close(p.ended)
	err := p.lock.Raw(func(driver any) error {
		for {
			if _, err := driver.(*stdlib.Conn).Conn().WaitForNotification(ctx); err != nil {
				return err
			}
		}
	})
	if ctx.Err() == nil {
		p.store.failed.set(fmt.Errorf("the connection that holds the database's lock is lost: %w", err))
	}
}

func (p *postgres) close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	if p.lock != nil {
		p.stop()
		<-p.ended
		unlockPostgres(p.lock)
	}
	return p.pool.Close()
}

// maxTries bounds the runs of one Write. A conflict means that some other write went through, so a few are enough for a crowd.
const maxTries = 100

// write runs f in a serializable transaction, which means what a SQLite transaction means: as if it were alone.
func (p *postgres) write(ctx context.Context, f func(*Tx) error) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return ErrClosed
	}
	for try := 1; ; try++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := p.once(ctx, f)
		if !isConflict(err) || try == maxTries {
			return err
		}
		pause := time.NewTimer(rand.N(time.Duration(min(try, 20)) * time.Millisecond))
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
	}
}

func (p *postgres) once(ctx context.Context, f func(*Tx) error) error {
	conn, err := p.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("writing to the database: %w", err)
	}
	defer conn.Close()
	t, err := conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return fmt.Errorf("writing to the database: %w", err)
	}
	defer t.Rollback() // no effect after a commit; ends the transaction if f panics
	if err := f(&Tx{queries{&statements{on: t, detached: true}}, p.store}); err != nil {
		return err
	}
	if err := p.store.failed.err(); err != nil {
		return fmt.Errorf("the database has stopped: %w", err)
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("writing to the database: %w", err)
	}
	return nil
}

// isConflict tells serialization failures and deadlocks, which a second run solves.
func isConflict(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

// postgresSchema keeps the version in a table of one row.
type postgresSchema struct{ db *sql.DB }

func (s postgresSchema) version(ctx context.Context) (int, error) {
	q := queries{&statements{on: s.db}}
	there, err := q.has(ctx, `SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'schema_version'`)
	if err != nil || !there {
		return 0, err
	}
	return q.count(ctx, `SELECT version FROM schema_version`)
}

// before has nothing to do: the steps are transactions, and the backups of a server are its owner's.
func (s postgresSchema) before(context.Context, int) error { return nil }

func (s postgresSchema) step(ctx context.Context, to int, script string) error {
	t, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback()
	if to == 1 {
		script += "\nCREATE TABLE schema_version (version BIGINT NOT NULL);\nINSERT INTO schema_version VALUES (1);"
	}
	// Without arguments pgx sends the text as it is, so a script may hold many statements.
	if _, err := t.ExecContext(ctx, script); err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, `UPDATE schema_version SET version = $1`, to); err != nil {
		return err
	}
	return t.Commit()
}
