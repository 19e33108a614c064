package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// OpenBeside opens the database to write beside a running daemon: for the owner's own short decisions from the command line, such as
// a block or a token. It takes no lock and migrates nothing, so it needs a database of exactly this version; the databases themselves
// keep two writers apart. A database that does not exist is an error that os.ErrNotExist matches.
func OpenBeside(ctx context.Context, dsn string) (*Store, error) {
	s := newStore()
	open := s.besideSQLite
	if isPostgres(dsn) {
		open = s.besidePostgres
	}
	if err := open(ctx, dsn); err != nil {
		return nil, fmt.Errorf("opening the database beside the daemon: %w", err)
	}
	return s, nil
}

func (s *Store) besideSQLite(ctx context.Context, file string) (err error) {
	if err := exists(file); err != nil {
		return err
	}
	f := &sqliteFile{file: file}
	defer func() {
		if err != nil {
			_ = f.closePools()
		}
	}()
	if err := f.openPools(ctx, s); err != nil {
		return describe(err)
	}
	// Asked through a reader: on a file of another version nothing is written at all.
	if err := f.checkVersion(ctx); err != nil {
		return err
	}
	f.serve(s)
	return nil
}

func (s *Store) besidePostgres(ctx context.Context, dsn string) error {
	if err := s.postgresUnlocked(ctx, dsn, "off"); err != nil {
		return err
	}
	p := &postgres{pool: s.on.(*sql.DB), store: s}
	s.write = p.write
	s.close = sync.OnceValue(p.close)
	return nil
}
