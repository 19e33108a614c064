package pictures

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Store is a folder of what encoders made: it only ever saves work. Each file begins with the sum of the rest, so that half a file is none.
type Store struct{ Dir string }

// Get gives what was put under a name, and whether it is there and whole.
func (s Store) Get(name string) ([]byte, bool) {
	file, err := os.ReadFile(filepath.Join(s.Dir, name))
	if err != nil || len(file) < sha256.Size || sha256.Sum256(file[sha256.Size:]) != [32]byte(file[:sha256.Size]) {
		return nil, false
	}
	return file[sha256.Size:], true
}

// Put keeps data under a name.
func (s Store) Put(name string, data []byte) error {
	sum := sha256.Sum256(data)
	file := append(sum[:], data...)
	at := filepath.Join(s.Dir, name)
	err := os.WriteFile(at, file, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(s.Dir, 0o755); err == nil {
			err = os.WriteFile(at, file, 0o644)
		}
	}
	return err
}

// Forget removes what is not used and was put there before a time.
func (s Store) Forget(used map[string]bool, before time.Time) {
	entries, _ := os.ReadDir(s.Dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && !used[e.Name()] && info.ModTime().Before(before) {
			_ = os.Remove(filepath.Join(s.Dir, e.Name()))
		}
	}
}
