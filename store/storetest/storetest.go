// Package storetest lends tests a real SQLite store that is quick to have: the schema is made once for each test program, and every
// test gets a copy of that file.
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/postil-blog/postil/store"
)

// empty is the file of a store that holds nothing yet.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "empty.db")
	s, err := store.Open(context.Background(), file)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil { // takes the log into the file
		return nil, err
	}
	return os.ReadFile(file)
})

// Make writes an empty store's file, and the folder it lies in, where there is no file yet: store.Open then finds the schema done.
func Make(t testing.TB, file string) {
	t.Helper()
	data, err := empty()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if os.IsExist(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// Open gives a store of its own to a test, which it closes at the end.
func Open(t testing.TB) *store.Store {
	t.Helper()
	file := filepath.Join(t.TempDir(), "data", "postil.db")
	Make(t, file)
	s, err := store.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("closing the store:", err)
		}
	})
	return s
}
