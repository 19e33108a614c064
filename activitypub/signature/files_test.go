package signature

import (
	"os"
	"path/filepath"
	"testing"
)

// TestNewest counts a key's files, and no others beside them.
func TestNewest(t *testing.T) {
	t.Parallel()
	base := filepath.Join(t.TempDir(), "[a]", "actor")
	if err := os.Mkdir(filepath.Dir(base), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		file string
		want int
	}{
		{"actor.pem", 1}, {"actor.2.pem", 2}, {"actor-ed25519.5.pem", 2}, {"actor.07.pem", 2}, {"actor.9.pem.old-2026-01-02", 2}, {"actor.-3.pem", 2},
		{"author.8.pem", 2}, {"actor.10.pem", 10}, {"actor.3.pem", 10},
	} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(base), step.file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := Newest(base); got != step.want {
			t.Errorf("with %s: %d, want %d", step.file, got, step.want)
		}
	}
}
