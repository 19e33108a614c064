package store

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestSecondOpenerIsRefused(t *testing.T) {
	t.Parallel()
	for _, dsn := range dsns(t) {
		s, err := Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Open(t.Context(), dsn)
		if !errors.Is(err, ErrInUse) {
			t.Errorf("second Open: %v, want ErrInUse", err)
		}
		if pid := strconv.Itoa(os.Getpid()); s.sqlite != nil && !strings.Contains(err.Error(), pid) {
			t.Errorf("%q does not name the holder, %s", err, pid)
		}
		putComments(t, s, reply(1))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		open(t, dsn)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	for _, dsn := range dsns(t) {
		s := open(t, dsn)
		raise := `UPDATE schema_version SET version = 99`
		if s.sqlite != nil {
			raise = `PRAGMA user_version = 99`
		}
		write(t, s, func(tx *Tx) error { return second(tx.exec(t.Context(), raise)) })
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), dsn); !errors.Is(err, ErrNewerSchema) {
			t.Errorf("Open of version 99: %v, want ErrNewerSchema", err)
		}
		if _, err := OpenReader(t.Context(), dsn); !errors.Is(err, ErrNewerSchema) {
			t.Errorf("OpenReader of version 99: %v, want ErrNewerSchema", err)
		}
	}
}

// A step that fails leaves the version and the rows before it, and can be done again; the copy made before it has them too.
func TestMigrationFailsWhole(t *testing.T) {
	t.Parallel()
	for _, dsn := range dsns(t) {
		s := open(t, dsn)
		ctx := t.Context()
		putComments(t, s, reply(1))
		var target schema
		if s.sqlite != nil {
			target = sqliteSchema{s.sqlite}
		} else {
			target = postgresSchema{s.on.(*sql.DB)}
		}
		run := func(second string) error {
			list := append(append([]string{}, migrations...), second)
			return migrate(ctx, list, target)
		}
		if err := run(`DELETE FROM comments; CREATE TABLE extra (a TEXT); INSERT INTO nowhere VALUES (1);`); err == nil {
			t.Fatal("a broken migration succeeds")
		}
		if v := must(target.version(ctx))(t); v != len(migrations) {
			t.Errorf("version %d after a broken migration, want %d", v, len(migrations))
		}
		if _, err := s.Comment(ctx, reply(1).ID); err != nil {
			t.Error("the row before it:", err)
		}
		if err := run(`CREATE TABLE extra (a TEXT);`); err != nil {
			t.Error("the mended migration:", err)
		}
		if v := must(target.version(ctx))(t); v != len(migrations)+1 {
			t.Errorf("version %d, want %d", v, len(migrations)+1)
		}
		if s.sqlite != nil {
			checkCopy(t, dsn+".version"+strconv.Itoa(len(migrations)), reply(1).ID)
		}
	}
}

func checkCopy(t *testing.T, file string, wantComments ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var ok string
	if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&ok); err != nil || ok != "ok" {
		t.Fatalf("integrity_check of %s: %q, %v", file, ok, err)
	}
	for _, id := range wantComments {
		var n int
		if err := db.QueryRow(`SELECT COUNT(*) FROM comments WHERE id = $1`, id).Scan(&n); err != nil || n != 1 {
			t.Errorf("%s has %d rows of %s, %v", file, n, id, err)
		}
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	s := open(t, sqliteDSN(t))
	putComments(t, s, reply(1))
	folder := t.TempDir()
	file := filepath.Join(folder, "copy.db")
	if err := os.WriteFile(file, []byte("the backup before"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	checkCopy(t, file, reply(1).ID)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the backup: %v, %v", info.Mode(), err)
	}
	if err := s.Backup(t.Context(), filepath.Join(folder, "none", "copy.db")); err == nil {
		t.Error("a backup into a folder that is not there succeeds")
	}
	list, err := os.ReadDir(folder)
	if err != nil || len(list) != 1 {
		t.Errorf("left in the folder: %v, %v", list, err)
	}
	// A copy is a database: opening it needs nothing else.
	putComments(t, open(t, file), reply(2))
}

// After a stop that was none, the file is read through before anything is served from it; after a clean one that is not needed.
func TestUncleanStopIsChecked(t *testing.T) {
	t.Parallel()
	file := sqliteDSN(t)
	s, err := Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		putComments(t, s, reply(i))
	}
	if text := must(os.ReadFile(file + ".lock"))(t); strings.TrimSpace(string(text)) != strconv.Itoa(os.Getpid()) {
		t.Errorf("the lock file of a running store holds %q", text)
	}
	// A page that opening alone does not read.
	root := must(s.count(t.Context(), `SELECT rootpage FROM sqlite_schema WHERE name = 'comments'`))(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Close left a log beside the file (%v)", err)
	}
	if text := must(os.ReadFile(file + ".lock"))(t); len(text) != 0 {
		t.Errorf("the lock file of a closed store holds %q", text)
	}
	if err := os.WriteFile(file+".lock", []byte("4711\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = Open(t.Context(), file)
	if err != nil {
		t.Fatal("a sound file after an unclean stop:", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	damagePage(t, file, root)
	if err := os.WriteFile(file+".lock", []byte("4711\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), file); !errors.Is(err, ErrDamaged) {
		t.Errorf("a damaged file after an unclean stop: %v, want ErrDamaged", err)
	}
	if _, err := Open(t.Context(), file); !errors.Is(err, ErrDamaged) {
		t.Errorf("the next try: %v, want ErrDamaged again", err)
	}
}

func damagePage(t *testing.T, file string, page int) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xaa}, 4096), int64(page-1)*4096); err != nil {
		t.Fatal(err)
	}
}

func TestNoDatabase(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "postil.db")
	if err := os.WriteFile(file, bytes.Repeat([]byte("not a database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), file); !errors.Is(err, ErrDamaged) {
		t.Errorf("opening a text file: %v, want ErrDamaged", err)
	}
}

// Deleted words leave the disk: the file at once (secure_delete), the log with the hourly round.
func TestDeletedWordsAreGone(t *testing.T) {
	t.Parallel()
	file := sqliteDSN(t)
	s := open(t, file)
	ctx := t.Context()
	canary := []byte("canary-" + strings.Repeat("secret words ", 20))
	for i := range 80 {
		c := reply(i)
		if i%2 == 0 {
			// Large ones lie in overflow pages, small ones among others on one page.
			c.Content, c.Source = bytes.Repeat(canary, 1+i), canary
		}
		putComments(t, s, c)
	}
	if err := s.Maintain(ctx); err != nil {
		t.Fatal(err)
	}
	if !onDisk(t, file, canary) {
		t.Fatal("the words never were on disk: the test tests nothing")
	}
	for i := 0; i < 80; i += 2 {
		write(t, s, func(tx *Tx) error { return second(tx.RemoveComment(ctx, reply(i).ID)) })
	}
	if err := s.Maintain(ctx); err != nil {
		t.Fatal(err)
	}
	if onDisk(t, file, canary[:20]) {
		t.Error("removed words are still on disk")
	}
	if n := must(s.CommentCount(ctx, reply(1).Post, Reply))(t); n != 40 {
		t.Errorf("%d replies left, want 40", n)
	}
}

func onDisk(t *testing.T, file string, words []byte) bool {
	t.Helper()
	for _, name := range []string{file, file + "-wal"} {
		if bytes.Contains(must(os.ReadFile(name))(t), words) {
			return true
		}
	}
	return false
}

// SQLite must be told all this on each connection that writes; without synchronous=FULL a power cut loses acknowledged rows.
func TestPragmas(t *testing.T) {
	t.Parallel()
	s := open(t, sqliteDSN(t))
	ctx := t.Context()
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "foreign_keys": "1", "query_only": "0"} {
		err := s.sqlite.writer.alone(ctx, func(tx *Tx) error {
			if got := must(one(ctx, tx.queries, value[string], `PRAGMA `+pragma))(t); got != want {
				t.Errorf("%s is %s, want %s", pragma, got, want)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if got := must(one(ctx, s.queries, value[string], `PRAGMA query_only`))(t); got != "1" {
		t.Error("the readers' connections may write")
	}
}

// Who loses the lock must not write: another daemon may have it.
func TestLostPostgresLockStopsTheStore(t *testing.T) {
	t.Parallel()
	onPostgres(t)
	dsn := postgresDSN(t)
	s := open(t, dsn)
	ctx := t.Context()
	putComments(t, s, reply(1))
	killed := must(s.count(ctx, `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_locks
		WHERE locktype = 'advisory' AND granted AND objid::bigint = hashtext(current_schema())::bigint & 4294967295`))(t)
	if killed != 1 {
		t.Fatalf("%d sessions held the lock, want 1", killed)
	}
	select {
	case <-s.Failed():
	case <-time.After(30 * time.Second):
		t.Fatal("Failed says nothing of the lost lock")
	}
	if err := s.Write(ctx, func(*Tx) error { return nil }); err == nil {
		t.Error("a store without its lock writes")
	}
	next := openFreed(t, dsn)
	defer next.Close()
	putComments(t, next, reply(2))
}
