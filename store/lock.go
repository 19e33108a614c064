package store

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// fileLock is FILE.lock: locked while a process has the database open, and holding that process's id. An id that is still there when
// the lock is free means that its process did not end by Close. The file itself is never removed: between a removal and a new file two
// processes could each hold "the" lock.
type fileLock struct {
	f       *os.File
	unclean bool
}

// lockFile takes the lock or gives ErrInUse with the holder's process id.
func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	text := make([]byte, 32)
	if err := tryLock(f); err != nil {
		n, _ := f.ReadAt(text, 0)
		f.Close()
		if errors.Is(err, ErrInUse) {
			err = fmt.Errorf("%w: %s is held by process %s", ErrInUse, path, holder(text[:n]))
		}
		return nil, err
	}
	n, _ := f.ReadAt(text, 0)
	return &fileLock{f: f, unclean: n > 0}, nil
}

func holder(text []byte) string {
	if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
		return strconv.Itoa(pid)
	}
	return "(not known)"
}

// mark writes the process id.
func (l *fileLock) mark() error {
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	_, err := l.f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

// unmark says that the stop was clean.
func (l *fileLock) unmark() error { return l.f.Truncate(0) }

// release frees the lock.
func (l *fileLock) release() error { return errors.Join(unlock(l.f), l.f.Close()) }
