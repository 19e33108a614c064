//go:build unix

package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The test binary runs itself as the process that is to be killed: POSTIL_STORE_CHILD names what it does, POSTIL_STORE_DSN where.
func TestMain(m *testing.M) {
	if role := os.Getenv("POSTIL_STORE_CHILD"); role != "" {
		if err := child(role, os.Getenv("POSTIL_STORE_DSN")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(role, dsn string) error {
	s, err := Open(context.Background(), dsn)
	if err != nil {
		return err
	}
	switch role {
	case "hold":
		fmt.Println("open")
		select {}
	case "write":
		return writeForEver(s)
	case "full":
		return fillUp(s)
	case "sync":
		return writeToFailure(s)
	}
	return errors.New("no such role")
}

// writeForEver prints each row's number after its Write has returned: from then on it is acknowledged.
func writeForEver(s *Store) error {
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := g; ; i += 8 {
				c := reply(i)
				if err := s.Write(context.Background(), func(tx *Tx) error { return tx.PutComment(context.Background(), c) }); err != nil {
					fmt.Println("error", err)
					return
				}
				fmt.Println(i)
			}
		})
	}
	wg.Wait()
	return errors.New("the writers ended")
}

// fillUp writes until the file may not grow any more, then again with room.
func fillUp(s *Store) error {
	// The kernel's signal for a file at its limit would end the process; a full disk sends none.
	signal.Ignore(unix.SIGXFSZ)
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 400_000, Max: old.Max}); err != nil {
		return err
	}
	failed := false
	for i := range 200 {
		c := reply(i)
		c.Content = make([]byte, 10_000)
		err := s.Write(context.Background(), func(tx *Tx) error { return tx.PutComment(context.Background(), c) })
		if err == nil {
			fmt.Println(i)
		}
		failed = failed || err != nil
	}
	if !failed {
		return errors.New("the file never reached its limit")
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	err := s.Write(context.Background(), func(tx *Tx) error { return tx.PutComment(context.Background(), reply(1000)) })
	if err != nil {
		return fmt.Errorf("with room again: %w", err)
	}
	fmt.Println(1000)
	return s.Close()
}

// writeToFailure writes until a Write fails, and expects none to succeed after that, although the disk would take them again.
func writeToFailure(s *Store) error {
	put := func(i int) error {
		return s.Write(context.Background(), func(tx *Tx) error { return tx.PutComment(context.Background(), reply(i)) })
	}
	i := 0
	for ; put(i) == nil; i++ {
		fmt.Println(i)
		if i == 5000 {
			return errors.New("no fsync failed")
		}
	}
	for range 20 {
		if put(i+1) == nil {
			return errors.New("a write after a failed fsync is acknowledged")
		}
	}
	select {
	case err := <-s.Failed():
		fmt.Fprintln(os.Stderr, "told:", err)
	default:
		return errors.New("Failed says nothing")
	}
	return s.Close()
}

// start runs the test binary in a role and gives its lines of output.
func start(t *testing.T, role, dsn string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	return startUnder(t, role, dsn, os.Args[0])
}

// startUnder does it below another program.
func startUnder(t *testing.T, role, dsn string, command ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "POSTIL_STORE_CHILD="+role, "POSTIL_STORE_DSN="+dsn)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// numbers reads lines up to the end of the output and returns them; after n lines it calls enough.
func numbers(t *testing.T, lines *bufio.Scanner, n int, enough func()) (list []int) {
	t.Helper()
	for lines.Scan() {
		i, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("the child says %q", lines.Text())
		}
		if list = append(list, i); len(list) == n {
			enough()
		}
	}
	return list
}

// kill -9 of a process that writes loses no row that it had acknowledged, and the next start finds the file sound.
func TestKilledWriterLosesNothing(t *testing.T) {
	t.Parallel()
	for _, dsn := range dsns(t) {
		for round := range 3 {
			cmd, lines := start(t, "write", dsn)
			acknowledged := numbers(t, lines, 100+50*round, func() {
				if err := cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
			})
			_ = cmd.Wait() // killed
			checkRows(t, dsn, acknowledged)
		}
	}
}

// checkRows opens what a process left and looks for rows.
func checkRows(t *testing.T, dsn string, want []int) {
	t.Helper()
	s := openFreed(t, dsn)
	defer s.Close()
	lost := 0
	for _, i := range want {
		if _, err := s.Comment(t.Context(), reply(i).ID); err != nil {
			lost++
		}
	}
	if len(want) == 0 || lost > 0 {
		t.Errorf("%d of %d acknowledged rows are lost", lost, len(want))
	}
	if s.sqlite != nil {
		if err := quickCheck(t.Context(), s.queries, dsn); err != nil {
			t.Error(err)
		}
	}
}

// A file that cannot grow makes writes fail, not lie; with room again they succeed without a restart.
func TestFileAtItsLimit(t *testing.T) {
	t.Parallel()
	dsn := sqliteDSN(t)
	cmd, lines := start(t, "full", dsn)
	acknowledged := numbers(t, lines, -1, nil)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	checkRows(t, dsn, acknowledged)
}

// After a failed fsync the kernel has dropped the pages and the next fsync would succeed: only a stop is safe. strace makes the failure.
func TestFailedSyncStopsTheStore(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil && os.Getenv("POSTIL_TEST_REAL") != "" {
		t.Fatal("strace is missing; .ci/install installs it")
	}
	if err != nil || exec.Command(strace, "-f", "-o", os.DevNull, "true").Run() != nil {
		t.Skip("strace is not here, or may not trace")
	}
	dsn := sqliteDSN(t)
	cmd, lines := startUnder(t, "sync", dsn, strace, "-f", "-o", os.DevNull, "-e", "trace=fsync,fdatasync",
		"-e", "inject=fsync,fdatasync:error=EIO:when=40", os.Args[0])
	acknowledged := numbers(t, lines, -1, nil)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	checkRows(t, dsn, acknowledged)
}

// Of two processes one gets the data; the other hears which one. Killing the holder frees it.
func TestOtherProcessIsRefused(t *testing.T) {
	t.Parallel()
	dsn := sqliteDSN(t)
	cmd, lines := start(t, "hold", dsn)
	if !lines.Scan() {
		t.Fatal("the child did not open its store")
	}
	_, err := Open(t.Context(), dsn)
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), strconv.Itoa(cmd.Process.Pid)) {
		t.Errorf("Open beside process %d: %v, want ErrInUse with its number", cmd.Process.Pid, err)
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	open(t, dsn)
}
