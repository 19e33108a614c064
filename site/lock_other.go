//go:build !unix

package site

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// lock waits until no other publish of this site runs. Without flock the lock is the file itself, which a killed process
// leaves behind: after ten minutes it counts as left.
func lock(ctx context.Context, name string, waiting func()) (io.Closer, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err == nil {
			return unlock(func() error { return errors.Join(f.Close(), os.Remove(name)) }), nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > 10*time.Minute {
			_ = os.Remove(name)
		}
		waiting()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}

type unlock func() error

func (u unlock) Close() error { return u() }
