package seal

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	s := &Seal{For: [32]byte{1, 2}, Read: 9, Began: 5, From: -7, Until: 1 << 60, Note: []byte("note"), Inputs: []Mark{{".", Folder, 3}, {"a", 1 << 40, -4}}, Made: []Mark{{"b/c", 0, 0}}}
	data := s.Encode()
	got, err := Decode(data)
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("read back %+v, %v", got, err)
	}
	for n := range data {
		if _, err := Decode(data[:n]); !errors.Is(err, ErrBroken) {
			t.Fatalf("%d of %d bytes: %v", n, len(data), err)
		}
		bad := append([]byte(nil), data...)
		bad[n] ^= 1
		if _, err := Decode(bad); !errors.Is(err, ErrBroken) {
			t.Fatalf("byte %d changed: %v", n, err)
		}
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	in, out := t.TempDir(), t.TempDir()
	past := time.Date(2025, 1, 1, 0, 0, 0, 1, time.UTC)
	write := func(dir, name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(in, "a", "one")
	write(out, "x", "one")
	for _, name := range []string{filepath.Join(in, "a"), in} {
		if err := os.Chtimes(name, past, past); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	s := &Seal{Read: now.UnixNano(), From: now.UnixNano(), Until: now.Add(time.Hour).UnixNano()}
	var err, err2 error
	s.Inputs, err = Look(in, []string{".", "a", "none"})
	s.Made, err2 = Look(out, []string{".", "x"})
	if err != nil || err2 != nil || len(s.Inputs) != 2 || s.Inputs[0].Size != Folder || s.Inputs[1].Size != 3 {
		t.Fatalf("%+v, %v, %v", s, err, err2)
	}
	if !s.Holds(now, in, out) {
		t.Error("nothing changed, and it does not hold")
	}
	if s.Holds(now.Add(time.Hour), in, out) || s.Holds(now.Add(-1), in, out) {
		t.Error("it holds outside of its time")
	}
	write(out, "x", "other")
	if s.Holds(now, in, out) {
		t.Error("it holds over a changed file")
	}
	if s.Holds(now, in, filepath.Join(out, "none")) {
		t.Error("it holds without the folder")
	}
}

// A file is settled after its pause, and a nanosecond before it is not. Nobody waits for two seconds, or for a file of tomorrow.
func TestPause(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 10, 1, time.UTC)
	for _, ago := range []time.Duration{0, time.Millisecond, 19 * time.Millisecond, tick} {
		modified := now.Add(-ago).UnixNano()
		pause := Pause(modified, now)
		if at := now.Add(pause).UnixNano(); pause <= 0 || !Settled(modified, at) || Settled(modified, at-1) {
			t.Errorf("%s ago: a pause of %s", ago, pause)
		}
	}
	for _, ago := range []time.Duration{tick + 1, time.Hour, -1, -time.Hour, 10*time.Millisecond + 1} { // the last has whole milliseconds
		if pause := Pause(now.Add(-ago).UnixNano(), now); pause != 0 {
			t.Errorf("%s ago: a pause of %s", ago, pause)
		}
	}
}

func TestSettled(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 1, 0, 0, 10, 0, time.UTC)
	for _, c := range []struct {
		before time.Duration
		want   bool
	}{{2 * time.Second, false}, {2*time.Second + time.Millisecond, true}, {time.Second, false}, {time.Second + 1, true}, {20*time.Millisecond + 1, true}, {15*time.Millisecond + 1, false}, {-time.Second - 1, false}} {
		if got := Settled(began.Add(-c.before).UnixNano(), began.UnixNano()); got != c.want {
			t.Errorf("%s before: %v", c.before, got)
		}
	}
}
