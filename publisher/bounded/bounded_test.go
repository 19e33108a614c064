package bounded

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestBuffer(t *testing.T) {
	t.Parallel()
	var b Buffer
	if _, err := b.Write(make([]byte, Limit)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, ErrLong) || len(b.Bytes()) != Limit {
		t.Errorf("%d bytes, %v", len(b.Bytes()), err)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		if err := Run(time.Minute, func() error { return nil }); err != nil {
			t.Error(err)
		}
		if err := Run(time.Minute, func() error { panic("no") }); err == nil {
			t.Error("a panic is no error")
		}
		if err := Run(time.Minute, func() error { time.Sleep(time.Hour); return nil }); !errors.Is(err, ErrTime) {
			t.Errorf("an hour within a minute: %v", err)
		}
		time.Sleep(2 * time.Hour) // the work that was left alone ends
	})
}
