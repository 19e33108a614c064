// Package seal tells in some milliseconds that nothing changed since a run: it keeps the size and the time of every file and folder that the run
// read or wrote, and looks whether all of them are still so. It opens none of them, and knows neither posts nor settings.
package seal

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Folder is the Size of a folder. Its time changes with the names in it.
const Folder = -1

// Mark is a file or folder as it was. Name is relative, with slashes; Modified is in Unix nanoseconds.
type Mark struct {
	Name           string
	Size, Modified int64
}

// Seal is what is known of a run.
type Seal struct {
	For    [32]byte // of all that the run depended on besides files
	Read   int64    // by the machine's clock, when all inputs were listed and none was opened yet; Unix nanoseconds, as are the next three
	Began  int64    // likewise, before anything else was read
	From   int64    // what it made is right from here
	Until  int64    // to here, by the clock of the site
	Note   []byte   // the caller's own
	Inputs []Mark   // below the folder that was read
	Made   []Mark   // below the folder that was written
}

// ErrBroken means that bytes are not those of a whole seal.
var ErrBroken = errors.New("no whole seal")

// Settled tells whether a file with this time, looked at when a run began, cannot have been changed again without another time: clocks of file
// systems stand still for some milliseconds, and those that count whole ones may count in twos of seconds.
func Settled(modified, began int64) bool {
	return modified < began-int64(slack(modified))
}

func slack(modified int64) time.Duration {
	if modified%int64(time.Millisecond) == 0 {
		return 2 * time.Second
	}
	return tick
}

// tick is longer than a clock of a file system stands still, where it counts less than milliseconds: Linux' for ten at most.
const tick = 20 * time.Millisecond

// Pause is how long it takes from now until a file with this time is settled: 0 where it is, and where that takes longer than a tick.
func Pause(modified int64, now time.Time) time.Duration {
	if pause := time.Duration(modified-now.UnixNano()) + tick + 1; slack(modified) == tick && pause > 0 && pause <= tick+1 {
		return pause
	}
	return 0
}

// few is how many inputs may be others until Changes gives up.
const few = 16

// Holds tells whether every file and folder is as it was, and the moment one for which the seal speaks. read and written are the folders below
// which Inputs and Made lie.
func (s *Seal) Holds(now time.Time, read, written string) bool {
	changed, ok := s.Changes(now, read, written)
	return ok && len(changed) == 0
}

// Changes gives the inputs that are not as they were, as they are now. It is false where more is to be said: the seal does not speak for the
// moment, an input is gone, many are others, or something that was made is.
func (s *Seal) Changes(now time.Time, read, written string) ([]Mark, bool) {
	if at := now.UnixNano(); at < s.From || at >= s.Until {
		return nil, false
	}
	for _, m := range s.Inputs {
		if !Settled(m.Modified, s.Read) {
			return nil, false
		}
	}
	changed, ok := differ(read, s.Inputs, few)
	if !ok {
		return nil, false
	}
	_, ok = differ(written, s.Made, 0)
	return changed, ok
}

// differ looks at all of them, side by side, and gives those that are others, in order: false for more than some, or for one that is gone.
func differ(dir string, marks []Mark, most int) (list []Mark, ok bool) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var changed atomic.Bool
	at := runtime.GOMAXPROCS(0)
	for some := range slices.Chunk(marks, max(1, (len(marks)+at-1)/at)) {
		wg.Go(func() {
			l, err := newLooker(dir)
			if err != nil {
				changed.Store(true)
				return
			}
			defer l.close()
			for _, m := range some {
				if changed.Load() {
					return
				}
				now, ok := l.look(m.Name)
				if ok && now == m {
					continue
				}
				mu.Lock()
				list = append(list, now)
				changed.Store(changed.Load() || !ok || len(list) > most)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.SortFunc(list, func(x, y Mark) int { return cmp.Compare(x.Name, y.Name) })
	return list, !changed.Load()
}

// Look gives the marks of those names below dir that are there, as they are now.
func Look(dir string, names []string) ([]Mark, error) {
	l, err := newLooker(dir)
	if err != nil {
		return nil, err
	}
	defer l.close()
	list := make([]Mark, 0, len(names))
	for _, name := range names {
		if m, ok := l.look(name); ok {
			list = append(list, m)
		}
	}
	return list, nil
}

// Encode writes a seal as bytes.
func (s *Seal) Encode() []byte {
	b := make([]byte, sha256.Size, 1<<16)
	b = append(b, s.For[:]...)
	for _, at := range []int64{s.Read, s.Began, s.From, s.Until} {
		b = binary.AppendVarint(b, at)
	}
	b = append(binary.AppendUvarint(b, uint64(len(s.Note))), s.Note...)
	for _, list := range [][]Mark{s.Inputs, s.Made} {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, m := range list {
			b = append(binary.AppendUvarint(b, uint64(len(m.Name))), m.Name...)
			b = binary.AppendVarint(binary.AppendVarint(b, m.Size), m.Modified)
		}
	}
	sum := sha256.Sum256(b[sha256.Size:])
	copy(b, sum[:])
	return b
}

// Decode reads what Encode wrote; its error is ErrBroken.
func Decode(data []byte) (*Seal, error) {
	if len(data) < 2*sha256.Size {
		return nil, ErrBroken
	}
	if sum := sha256.Sum256(data[sha256.Size:]); !bytes.Equal(sum[:], data[:sha256.Size]) {
		return nil, ErrBroken
	}
	s := &Seal{For: [32]byte(data[sha256.Size : 2*sha256.Size])}
	r := reader{rest: string(data[2*sha256.Size:])}
	s.Read, s.Began, s.From, s.Until = r.number(), r.number(), r.number(), r.number()
	s.Note = []byte(r.text())
	s.Inputs, s.Made = r.marks(), r.marks()
	if r.bad || r.rest != "" {
		return nil, ErrBroken
	}
	return s, nil
}

// reader takes values from the front of rest.
type reader struct {
	rest string
	bad  bool
}

func (r *reader) number() int64 {
	n := r.count()
	return int64(n>>1) ^ -int64(n&1) // as binary.AppendVarint folds it
}

func (r *reader) count() (n uint64) {
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		c := r.rest[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.bad, r.rest = true, ""
	return 0
}

func (r *reader) text() string {
	n := r.count()
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, ""
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) marks() []Mark {
	n := r.count()
	if n > uint64(len(r.rest)) { // each takes more than a byte
		r.bad = true
		return nil
	}
	list := make([]Mark, n)
	for i := range list {
		list[i] = Mark{r.text(), r.number(), r.number()}
	}
	return list
}
