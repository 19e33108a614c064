package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// maxQueue bounds the writes that wait; a caller beyond it waits for room, or for the end of its context.
const maxQueue = 1024

// maxGroup bounds the writes of one commit, so that the first of them does not wait long for the last.
const maxGroup = 256

// A group of writes that can all wait is committed when it has enough of them, or when the first has waited for so long.
const (
	enough = 8
	linger = 10 * time.Millisecond
)

// writer is the one goroutine that writes to SQLite: it takes the jobs that wait, runs each in a savepoint of one transaction, commits
// once, and answers all. An fsync costs as much as hundreds of rows, so under load this is what makes synchronous=FULL affordable.
type writer struct {
	tx     *Tx
	queue  chan *job
	done   chan struct{} // closed when the goroutine has ended
	mu     sync.RWMutex  // held for reading while putting into the queue
	closed bool
	failed *failure
}

// job is one call of Write.
type job struct {
	f       func(*Tx) error
	alone   bool // outside of a transaction: a pragma
	patient bool // may linger
	state   atomic.Int32
	end     chan ending
}

// Who comes first, the writer or the end of the caller's context, moves a job out of waiting.
const (
	waiting int32 = iota
	started
	dropped
)

// ending is how a job ended. A panic of f goes back to the goroutine that brought f.
type ending struct {
	err      error
	panicked any
}

func newWriter(tx *Tx, failed *failure) *writer {
	w := &writer{tx: tx, queue: make(chan *job, maxQueue), done: make(chan struct{}), failed: failed}
	go w.run()
	return w
}

func (w *writer) write(ctx context.Context, f func(*Tx) error) error {
	return w.do(ctx, &job{f: f, end: make(chan ending, 1)})
}

func (w *writer) writeSoon(ctx context.Context, f func(*Tx) error) error {
	return w.do(ctx, &job{f: f, patient: true, end: make(chan ending, 1)})
}

// alone runs f between two groups, outside of a transaction.
func (w *writer) alone(ctx context.Context, f func(*Tx) error) error {
	return w.do(ctx, &job{f: f, alone: true, end: make(chan ending, 1)})
}

func (w *writer) do(ctx context.Context, j *job) error {
	if err := w.enqueue(ctx, j); err != nil {
		return err
	}
	var e ending
	select {
	case e = <-j.end:
	case <-ctx.Done():
		if j.state.CompareAndSwap(waiting, dropped) {
			return ctx.Err()
		}
		e = <-j.end
	}
	if e.panicked != nil {
		panic(e.panicked)
	}
	return e.err
}

func (w *writer) enqueue(ctx context.Context, j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case w.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close lets the writes under way end and refuses later ones.
func (w *writer) close() {
	w.mu.Lock()
	first := !w.closed
	w.closed = true
	w.mu.Unlock()
	if first {
		close(w.queue)
	}
	<-w.done
}

func (w *writer) run() {
	defer close(w.done)
	for j := range w.queue {
		for j != nil {
			j = w.round(j)
		}
	}
}

// round runs the group that starts with a job. It returns a job that it took and that must not share a transaction.
func (w *writer) round(first *job) (next *job) {
	if first.alone {
		w.runAlone(first)
		return nil
	}
	group, late := []*job{first}, (<-chan time.Time)(nil)
	if first.patient {
		late = time.After(linger)
	}
	for len(group) < maxGroup {
		j := w.another(late)
		if j == nil || j.alone {
			next = j
			break
		}
		group = append(group, j)
		if !j.patient || len(group) >= enough {
			late = nil
		}
	}
	w.runGroup(group)
	return next
}

// another gives a job that waits already, or one that comes before it is late; nil if there is none.
func (w *writer) another(late <-chan time.Time) *job {
	select {
	case j := <-w.queue:
		return j
	default:
	}
	if late == nil {
		return nil
	}
	select {
	case j := <-w.queue:
		return j
	case <-late:
		return nil
	}
}

func (w *writer) runAlone(j *job) {
	if !j.state.CompareAndSwap(waiting, started) {
		return
	}
	e := w.call(j)
	w.failed.check(e.err)
	j.end <- e
}

// runGroup answers every job of a group that is not dropped: with its own ending if the commit is durable, else with the failure.
func (w *writer) runGroup(group []*job) {
	ran := make([]*job, 0, len(group))
	ends := make([]ending, 0, len(group))
	err := w.failed.err()
	if err == nil {
		err = w.begin()
	}
	for _, j := range group {
		if !j.state.CompareAndSwap(waiting, started) {
			continue
		}
		var e ending
		if err == nil {
			e, err = w.runOne(j)
		}
		ran, ends = append(ran, j), append(ends, e)
	}
	err = w.commit(err)
	for i, j := range ran {
		if err != nil && ends[i].err == nil && ends[i].panicked == nil {
			ends[i].err = fmt.Errorf("writing to the database: %w", err)
		}
		j.end <- ends[i]
	}
}

func (w *writer) begin() error { return w.exec(`BEGIN IMMEDIATE`) }

// commit makes a group durable, or undoes all of it after an error that was not one job's own.
func (w *writer) commit(err error) error {
	if err == nil {
		err = w.exec(`COMMIT`)
	}
	if err != nil {
		// It may be over already: SQLite ends the transaction itself on a full disk. Then there is nothing to roll back.
		_ = w.exec(`ROLLBACK`)
		w.failed.check(err)
	}
	return err
}

// runOne runs a job in a savepoint. err is a failure of the transaction as a whole.
func (w *writer) runOne(j *job) (e ending, err error) {
	if err := w.exec(`SAVEPOINT job`); err != nil {
		return e, err
	}
	e = w.call(j)
	if e.err != nil || e.panicked != nil {
		w.failed.check(e.err)
		// Fails if the job's error has ended the whole transaction (disk full): then nobody's work is left.
		err = w.exec(`ROLLBACK TO job`)
	}
	if err == nil {
		err = w.exec(`RELEASE job`)
	}
	return e, err
}

func (w *writer) call(j *job) (e ending) {
	defer func() {
		if p := recover(); p != nil {
			e.panicked = p
		}
	}()
	return ending{err: j.f(w.tx)}
}

func (w *writer) exec(statement string) error {
	_, err := w.tx.exec(context.Background(), statement)
	return err
}

// failure is an error after which the database is not written to any more.
type failure struct {
	mu    sync.Mutex
	first error
	c     chan error
}

func (f *failure) err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.first
}

// set keeps the first failure and tells it, once.
func (f *failure) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.first == nil {
		f.first = err
		f.c <- err
	}
}

// check sets the failure if err is one that the disk cannot take back.
func (f *failure) check(err error) {
	if err != nil && isFinal(err) {
		f.set(errors.Join(errors.New("the disk failed; restart to read what it really holds"), err))
	}
}
