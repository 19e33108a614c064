package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// noon is the time that the tests' rows are about.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// both runs a test on a new SQLite file and, when POSTIL_TEST_POSTGRES names a server (postgres://…), on a new schema there.
func both(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, emptyDSN(t)))
	})
	if os.Getenv("POSTIL_TEST_POSTGRES") == "" {
		return
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, postgresDSN(t)))
	})
}

// onPostgres skips where there is no server.
func onPostgres(t *testing.T) {
	t.Helper()
	if os.Getenv("POSTIL_TEST_POSTGRES") == "" {
		if os.Getenv("POSTIL_TEST_REAL") != "" {
			t.Fatal("POSTIL_TEST_POSTGRES is not set; .ci/with-postgres sets it")
		}
		t.Skip("POSTIL_TEST_POSTGRES is not set")
	}
}

func sqliteDSN(t testing.TB) string { return filepath.Join(t.TempDir(), "data", "postil.db") }

// emptyDSN is sqliteDSN with the schema made already.
func emptyDSN(t testing.TB) string {
	t.Helper()
	dsn := sqliteDSN(t)
	data, err := empty()
	if err == nil {
		err = os.Mkdir(filepath.Dir(dsn), 0o700)
	}
	if err == nil {
		err = os.WriteFile(dsn, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// postgresDSN names a schema of its own, which goes with the test.
func postgresDSN(t testing.TB) string {
	t.Helper()
	server := os.Getenv("POSTIL_TEST_POSTGRES")
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	schema := "test_" + strings.ToLower(rand.Text())
	if _, err := db.Exec(`CREATE SCHEMA ` + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec(`DROP SCHEMA ` + schema + ` CASCADE`); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// empty is the file of a SQLite store that holds nothing yet: a copy costs far less than making the schema again.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "empty.db")
	s, err := Open(context.Background(), file)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil { // takes the log into the file
		return nil, err
	}
	return os.ReadFile(file)
})

func open(t testing.TB, dsn string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("Close:", err)
		}
	})
	return s
}

// openFreed opens a database whose holder was just killed: PostgreSQL takes a moment to notice.
func openFreed(t *testing.T, dsn string) *Store {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		s, err := Open(t.Context(), dsn)
		if err == nil {
			return s
		}
		if !isPostgres(dsn) || !errors.Is(err, ErrInUse) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// write runs f in a Write that must not fail.
func write(t testing.TB, s *Store, f func(tx *Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), f); err != nil {
		t.Fatal("Write:", err)
	}
}

// must gives the value of a read that must not fail.
func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func reply(n int) Comment {
	id := fmt.Sprintf("https://social.example/notes/%d", n)
	return Comment{ID: id, Kind: Reply, Post: "https://blog.example/ap/posts/a", Parent: "https://blog.example/ap/posts/a",
		Actor: "https://social.example/users/ada", URL: id, Content: []byte(`["p",{},"words"]`), State: Shown,
		Published: noon.Add(time.Duration(n) * time.Minute), Received: noon.Add(time.Duration(n) * time.Minute), Source: []byte(`{}`)}
}

func TestOpenAgainKeepsRows(t *testing.T) {
	t.Parallel()
	for _, dsn := range dsns(t) {
		s, err := Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		write(t, s, func(tx *Tx) error { return tx.PutComment(t.Context(), reply(1)) })
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error("closing twice:", err)
		}
		s = open(t, dsn)
		if _, err := s.Comment(t.Context(), reply(1).ID); err != nil {
			t.Error("after opening again:", err)
		}
	}
}

// dsns are new databases of each kind at hand, for tests that open on their own.
func dsns(t testing.TB) []string {
	list := []string{sqliteDSN(t)}
	if os.Getenv("POSTIL_TEST_POSTGRES") != "" {
		list = append(list, postgresDSN(t))
	}
	return list
}

func TestReaderBesideWriter(t *testing.T) {
	t.Parallel()
	for _, dsn := range dsns(t) {
		s := open(t, dsn)
		write(t, s, func(tx *Tx) error { return tx.PutComment(t.Context(), reply(1)) })
		r, err := OpenReader(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		if got := must(r.Thread(t.Context(), reply(1).Post))(t); len(got) != 1 {
			t.Errorf("the reader sees %d comments, want 1", len(got))
		}
		if err := r.Write(t.Context(), func(*Tx) error { return nil }); !errors.Is(err, ErrReadOnly) {
			t.Errorf("Write on a reader: %v, want ErrReadOnly", err)
		}
		if _, err := r.exec(t.Context(), `DELETE FROM comments`); err == nil {
			t.Error("a reader's connection deletes rows")
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		write(t, s, func(tx *Tx) error { return tx.PutComment(t.Context(), reply(2)) })
	}
}

// The command line writes a block while the daemon runs.
func TestWriterBesideTheDaemon(t *testing.T) {
	t.Parallel()
	for _, dsn := range dsns(t) {
		s := open(t, dsn)
		ctx := t.Context()
		beside, err := OpenBeside(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		write(t, beside, func(tx *Tx) error { return tx.AddBlock(ctx, Block{What: "evil.example"}) })
		if !must(s.Blocked(ctx, "https://evil.example/u"))(t) {
			t.Error("the daemon does not see the block")
		}
		if err := beside.Close(); err != nil {
			t.Error(err)
		}
		putComments(t, s, reply(1))
		if _, err := Open(ctx, dsn); !errors.Is(err, ErrInUse) {
			t.Errorf("the daemon's lock after OpenBeside and Close: %v, want ErrInUse", err)
		}
	}
	if _, err := OpenBeside(t.Context(), sqliteDSN(t)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("OpenBeside of no file: %v, want os.ErrNotExist", err)
	}
}

func TestReaderOfNothing(t *testing.T) {
	t.Parallel()
	file := sqliteDSN(t)
	if _, err := OpenReader(t.Context(), file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("OpenReader of no file: %v, want os.ErrNotExist", err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("OpenReader made a file")
	}
}

func TestFilesAreTheOwners(t *testing.T) {
	t.Parallel()
	file := sqliteDSN(t)
	s := open(t, file)
	write(t, s, func(tx *Tx) error { return tx.PutComment(t.Context(), reply(1)) })
	for name, want := range map[string]os.FileMode{"": 0o600, "-wal": 0o600, "-shm": 0o600, ".lock": 0o600, "/..": 0o700} {
		info, err := os.Stat(filepath.Clean(file + name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("mode of %s: %o, want %o", filepath.Clean(file+name), got, want)
		}
	}
}

func TestOddFileName(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "what? 100%41 #1", "ü&x=1.db")
	open(t, file)
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}
