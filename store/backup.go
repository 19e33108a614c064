package store

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
)

// backup copies into a new file in the same folder and renames it, so that there is never half a backup under the name. VACUUM INTO
// reads one snapshot; the copy has no log beside it and no deleted pages in it.
func (f *sqliteFile) backup(ctx context.Context, file string) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer func() {
		temp.Close()
		if err != nil {
			os.Remove(temp.Name())
		}
	}()
	if err := f.vacuumInto(ctx, temp.Name()); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), file); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(file))
}

// vacuumInto uses a connection of its own: the readers' are query_only, which VACUUM takes as a refusal, and the writer must go on.
func (f *sqliteFile) vacuumInto(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", f.dsn("mode=rw", "busy_timeout(10000)"))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, file)
	return err
}

// syncFolder makes a rename in a folder durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
