// Package bounded keeps the templates of a site within bounds: how much they write, and how long they take. It knows neither posts nor
// templates.
package bounded

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

// Limit is how much a Buffer takes, in bytes: ten times the longest page that a browser shows well.
const Limit = 32 << 20

// What Buffer and Run give.
var (
	ErrLong = fmt.Errorf("it writes more than %d MB", Limit>>20)
	ErrTime = errors.New("it does not come to an end")
)

// Buffer is a bytes.Buffer that refuses to hold more than Limit. The zero value is ready.
type Buffer struct{ b bytes.Buffer }

// Write is io.Writer. It gives ErrLong beyond the limit.
func (b *Buffer) Write(p []byte) (int, error) {
	if b.b.Len()+len(p) > Limit {
		return 0, ErrLong
	}
	return b.b.Write(p)
}

// Grow makes room for n bytes, at most for the limit.
func (b *Buffer) Grow(n int) { b.b.Grow(min(n, Limit)) }

// Bytes are what was written.
func (b *Buffer) Bytes() []byte { return b.b.Bytes() }

// Run runs work and gives ErrTime where that takes longer than d. Work that does is left alone and not waited for: a template cannot be
// stopped, and the run ends soon. What it panics with becomes an error.
func Run(d time.Duration, work func() error) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("it fails: %v", p)
			}
		}()
		done <- work()
	}()
	limit := time.NewTimer(d)
	defer limit.Stop()
	select {
	case err := <-done:
		return err
	case <-limit.C:
		return ErrTime
	}
}
