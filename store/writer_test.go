package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// occupy keeps SQLite's writer busy until the returned function is called, so that the writes after it share one commit.
func occupy(t *testing.T, s *Store) (release func()) {
	t.Helper()
	began, end := make(chan bool), make(chan bool)
	done := make(chan error, 1)
	go func() {
		done <- s.Write(context.Background(), func(*Tx) error {
			close(began)
			<-end
			return nil
		})
	}()
	<-began
	return func() {
		close(end)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// queued waits until n writes stand in the queue.
func queued(t *testing.T, s *Store, n int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for len(s.sqlite.writer.queue) < n {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d writes wait, want %d", len(s.sqlite.writer.queue), n)
		}
	}
}

// WriteSoon waits for company, for a Write, for its time or for the end of the store, and returns after its commit in each case.
func TestWriteSoonIsDurable(t *testing.T) {
	t.Parallel()
	s := open(t, sqliteDSN(t))
	soon := func(n int, extra ...func()) {
		t.Helper()
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				what := fmt.Sprintf("https://h%d-%d.example", n, i)
				err := s.WriteSoon(t.Context(), func(tx *Tx) error { return tx.AddBlock(t.Context(), Block{What: what, At: noon}) })
				if blocked, seen := s.Blocked(t.Context(), what); err != nil || seen != nil || !blocked {
					t.Errorf("%s: %v, %v, kept %v", what, err, seen, blocked)
				}
			})
		}
		for _, f := range extra {
			f()
		}
		all.Wait()
	}
	soon(1)
	soon(3 * enough)
	soon(2, func() {
		if err := s.Write(t.Context(), func(*Tx) error { return nil }); err != nil {
			t.Error(err)
		}
	})
	if err := s.WriteSoon(t.Context(), func(*Tx) error { return os.ErrInvalid }); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("its own error came back as %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteSoon(t.Context(), func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// One bad write among many in one commit is undone alone.
func TestGroupCommitIsolatesFailures(t *testing.T) {
	t.Parallel()
	s := open(t, sqliteDSN(t))
	ctx := t.Context()
	release := occupy(t, s)
	wrong := errors.New("wrong")
	errs := make([]error, 30)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			errs[i] = s.Write(ctx, func(tx *Tx) error {
				err := tx.PutComment(ctx, reply(i))
				if i%3 == 0 {
					return wrong
				}
				if i%3 == 1 {
					_, err := tx.exec(ctx, `INSERT INTO comments (id) VALUES ('breaks NOT NULL')`)
					return err
				}
				return err
			})
		})
	}
	queued(t, s, len(errs))
	release()
	wg.Wait()
	for i, err := range errs {
		_, missing := s.Comment(ctx, reply(i).ID)
		switch {
		case i%3 == 0 && !errors.Is(err, wrong):
			t.Errorf("write %d: %v, want its own error", i, err)
		case i%3 == 2 && (err != nil || missing != nil):
			t.Errorf("good write %d: %v, read back: %v", i, err, missing)
		case i%3 < 2 && (err == nil || !errors.Is(missing, ErrNotFound)):
			t.Errorf("bad write %d: %v, read back: %v, want it undone", i, err, missing)
		}
	}
}

// Writes that wait together share one commit: the last of them sees the first one's row, which no reader sees yet.
func TestGroupSharesACommit(t *testing.T) {
	t.Parallel()
	s := open(t, sqliteDSN(t))
	ctx := t.Context()
	release := occupy(t, s)
	var wg sync.WaitGroup
	wg.Go(func() { write(t, s, func(tx *Tx) error { return tx.PutComment(ctx, reply(1)) }) })
	queued(t, s, 1)
	wg.Go(func() {
		write(t, s, func(tx *Tx) error {
			if _, err := tx.Comment(ctx, reply(1).ID); err != nil {
				t.Error("the neighbour's row:", err)
			}
			if _, err := s.Comment(ctx, reply(1).ID); !errors.Is(err, ErrNotFound) {
				t.Errorf("a reader sees the row before the commit that both share (%v)", err)
			}
			return nil
		})
	})
	queued(t, s, 2)
	release()
	wg.Wait()
}

func TestContextEndsTheWaitOnly(t *testing.T) {
	t.Parallel()
	s := open(t, sqliteDSN(t))
	release := occupy(t, s)
	waitCtx, stopWaiting := context.WithCancel(t.Context())
	ran := make(chan bool, 1)
	dropped := make(chan error, 1)
	go func() {
		dropped <- s.Write(waitCtx, func(*Tx) error {
			ran <- true
			return nil
		})
	}()
	queued(t, s, 1)
	stopWaiting()
	if err := <-dropped; !errors.Is(err, context.Canceled) {
		t.Errorf("a write given up while waiting: %v, want context.Canceled", err)
	}
	release()
	ctx, stop := context.WithCancel(t.Context())
	err := s.Write(ctx, func(tx *Tx) error {
		stop()
		return tx.PutComment(ctx, reply(1))
	})
	if err != nil {
		t.Errorf("a write whose context ended after its start: %v", err)
	}
	if _, err := s.Comment(t.Context(), reply(1).ID); err != nil {
		t.Error("its row:", err)
	}
	if len(ran) > 0 {
		t.Error("a write that was given up ran all the same")
	}
}

func TestEndedContextWritesNothing(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		err := s.Write(ctx, func(*Tx) error {
			t.Error("the function ran")
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	})
}

// A panic comes out where Write was called; its row is undone and the store goes on.
func TestPanicGoesToTheCaller(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		func() {
			defer func() {
				if p := recover(); p != "oops" {
					t.Errorf("recovered %v, want the function's own panic", p)
				}
			}()
			_ = s.Write(ctx, func(tx *Tx) error {
				if err := tx.PutComment(ctx, reply(1)); err != nil {
					return err
				}
				panic("oops")
			})
		}()
		putComments(t, s, reply(2))
		if _, err := s.Comment(ctx, reply(1).ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("the row of a write that panicked: %v, want ErrNotFound", err)
		}
	})
}

func TestFailedWriteIsUndone(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		wrong := errors.New("wrong")
		err := s.Write(ctx, func(tx *Tx) error { return errors.Join(tx.PutComment(ctx, reply(1)), wrong) })
		if !errors.Is(err, wrong) {
			t.Errorf("Write: %v, want the function's error", err)
		}
		if _, err := s.Comment(ctx, reply(1).ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("its row: %v, want ErrNotFound", err)
		}
	})
}

// 200 writers of one thread and readers beside them: every row arrives, and a count that all of them raise loses nothing.
func TestManyAtOnce(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		const n = 200
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				err := s.Write(ctx, func(tx *Tx) error {
					a, err := tx.Article(ctx, "counter")
					if err != nil && !errors.Is(err, ErrNotFound) {
						return err
					}
					err = tx.PutArticle(ctx, Article{ID: "counter", Revision: a.Revision + 1, Published: noon})
					return errors.Join(err, tx.PutComment(ctx, reply(i)))
				})
				if err != nil {
					t.Errorf("write %d: %v", i, err)
				}
				if i%20 == 0 {
					if _, err := s.Thread(ctx, reply(0).Post); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if got := must(s.CommentCount(ctx, reply(0).Post, Reply))(t); got != n {
			t.Errorf("%d replies, want %d", got, n)
		}
		if got := must(s.Article(ctx, "counter"))(t); got.Revision != n {
			t.Errorf("counted to %d, want %d: a write did not see the one before", got.Revision, n)
		}
	})
}

func TestCloseWaitsAndRefuses(t *testing.T) {
	both(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		began, end := make(chan bool), make(chan bool)
		wrote, closed := make(chan error, 1), make(chan error, 1)
		go func() {
			wrote <- s.Write(ctx, func(tx *Tx) error {
				close(began)
				<-end
				return tx.PutComment(ctx, reply(1))
			})
		}()
		<-began
		go func() { closed <- s.Close() }()
		close(end)
		if err := errors.Join(<-wrote, <-closed); err != nil {
			t.Error(err)
		}
		if err := s.Write(ctx, func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
			t.Errorf("Write after Close: %v, want ErrClosed", err)
		}
	})
}

// On a full disk a write fails and says so, what was acknowledged stays, and with room again it goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := open(t, sqliteDSN(t))
	ctx := t.Context()
	pages := func(n int) {
		t.Helper()
		err := s.sqlite.writer.alone(ctx, func(tx *Tx) error {
			return second(tx.count(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, n)))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	pages(200)
	errs := make([]error, 200)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			c := reply(i)
			c.Content = make([]byte, 20_000)
			errs[i] = s.Write(ctx, func(tx *Tx) error { return tx.PutComment(ctx, c) })
		})
	}
	wg.Wait()
	stored := 0
	for i, err := range errs {
		_, missing := s.Comment(ctx, reply(i).ID)
		if (err == nil) != (missing == nil) {
			t.Errorf("write %d said %v, reading it says %v", i, err, missing)
		}
		if err == nil {
			stored++
		}
	}
	if stored == len(errs) {
		t.Fatal("the disk was never full: the test tests nothing")
	}
	select {
	case err := <-s.Failed():
		t.Error("a full disk stopped the store for good:", err)
	default:
	}
	pages(100_000)
	putComments(t, s, reply(1000))
}

// Damage found while running stops the writing for good: nothing may be built on a broken file.
func TestDamageStopsTheStore(t *testing.T) {
	t.Parallel()
	file := sqliteDSN(t)
	s, err := Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for i := range 50 {
		c := reply(i)
		c.Content = make([]byte, 5_000)
		putComments(t, s, c)
	}
	if err := s.Maintain(ctx); err != nil {
		t.Fatal(err)
	}
	damage(t, file)
	// Without this the pages would still be in memory.
	if err := s.sqlite.writer.alone(ctx, func(tx *Tx) error { return second(tx.exec(ctx, `PRAGMA shrink_memory`)) }); err != nil {
		t.Fatal(err)
	}
	err = s.Write(ctx, func(tx *Tx) error { return tx.PutComment(ctx, reply(7)) })
	if err == nil {
		t.Fatal("a write into a damaged file is acknowledged")
	}
	select {
	case <-s.Failed():
	default:
		t.Error("Failed says nothing after", err)
	}
	if err := s.Write(ctx, func(*Tx) error { return nil }); err == nil {
		t.Error("a later write succeeds")
	}
	_ = s.Close()
	if _, err := Open(ctx, file); !errors.Is(err, ErrDamaged) {
		t.Errorf("opening it again: %v, want ErrDamaged", err)
	}
}

// damage overwrites everything but the first page.
func damage(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	junk := make([]byte, info.Size()-4096)
	for i := range junk {
		junk[i] = 0xaa
	}
	if _, err := f.WriteAt(junk, 4096); err != nil {
		t.Fatal(err)
	}
}
