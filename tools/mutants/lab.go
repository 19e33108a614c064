package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// limit is how long one test may take. Mutants are for quick tests: a slow one here is a mistake in the table.
const limit = 2 * time.Minute

// verdict says what became of a mutant.
type verdict string

const (
	dead     verdict = "killed"
	survived verdict = "SURVIVED"
	broken   verdict = "BROKEN" // nothing was learned
)

// result of one mutant.
type result struct {
	mutant
	verdict verdict
	why     string // of a mutant that was not killed
	took    time.Duration
}

func (r result) print(w io.Writer) {
	fmt.Fprintf(w, "%-8s %-36s %s %s (%.1f s)\n", r.verdict, r.name, r.folder, r.test, r.took.Seconds())
	if r.verdict != dead {
		fmt.Fprintf(w, "         %s\n         %s\n", r.reason, strings.ReplaceAll(strings.TrimSpace(r.why), "\n", "\n         "))
	}
}

// lab builds and runs tests. Test programs lie in a temporary folder.
type lab struct {
	dir     string // the module's, absolute
	scratch string

	mu    sync.Mutex
	whole map[string]func() error // of tests without a change, by folder and name; and of test programs, by folder
	count int
}

func newLab(dir string) (*lab, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "mutants")
	return &lab{dir: dir, scratch: scratch, whole: map[string]func() error{}}, err
}

func (l *lab) close() { os.RemoveAll(l.scratch) }

// try tells whether a mutant's test notices. One that is not killed is tried once more: on a machine that is busy with something else a
// sound test may miss its deadline.
func (l *lab) try(ctx context.Context, m mutant) result {
	begun := time.Now()
	v, err := l.judge(ctx, m)
	if v != dead {
		l.forget(m.folder + " " + m.test)
		v, err = l.judge(ctx, m)
	}
	r := result{mutant: m, verdict: v, took: time.Since(begun)}
	if err != nil {
		r.why = err.Error()
	}
	return r
}

func (l *lab) judge(ctx context.Context, m mutant) (verdict, error) {
	if err := l.passes(ctx, m.folder, m.test); err != nil {
		return broken, fmt.Errorf("without the change: %w", err)
	}
	overlay, err := l.overlay(m)
	if err != nil {
		return broken, err
	}
	program := l.path(".test")
	defer os.Remove(program)
	if err := l.build(ctx, m.folder, program, overlay); err != nil {
		return broken, err
	}
	out, err := l.run(ctx, program, m.folder, m.test)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return survived, errors.New("its test passes without the protection")
	case errors.As(err, &exit) && exit.ExitCode() == 1 && bytes.Contains(out, []byte("--- FAIL: ")):
		return dead, nil
	}
	return broken, fmt.Errorf("its test neither passes nor fails by an assertion: %w\n%s", err, tail(out))
}

// passes tells whether a test passes without any change, and that it really ran. Each is run once.
func (l *lab) passes(ctx context.Context, folder, test string) error {
	return l.once(folder+" "+test, func() error {
		program := filepath.Join(l.scratch, strings.ReplaceAll(folder, "/", "_")+".whole")
		if err := l.once(folder, func() error { return l.build(ctx, folder, program, "") }); err != nil {
			return err
		}
		out, err := l.run(ctx, program, folder, test)
		switch {
		case err != nil:
			return fmt.Errorf("%s fails: %w\n%s", test, err, tail(out))
		case bytes.Contains(out, []byte("--- SKIP: ")):
			return fmt.Errorf("%s is skipped", test)
		case !bytes.Contains(out, []byte("--- PASS: ")):
			return fmt.Errorf("there is no %s", test)
		}
		return nil
	})
}

// once gives the result of f, which is run by the first who asks under a name.
func (l *lab) once(name string, f func() error) error {
	l.mu.Lock()
	g := l.whole[name]
	if g == nil {
		g = sync.OnceValue(f)
		l.whole[name] = g
	}
	l.mu.Unlock()
	return g()
}

// forget lets a test that failed without a change be run again.
func (l *lab) forget(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.whole, name)
}

// path gives a new name in the scratch folder.
func (l *lab) path(end string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	return filepath.Join(l.scratch, fmt.Sprint(l.count, end))
}

// overlay writes the changed files of a mutant and the JSON that lays them over the true ones.
func (l *lab) overlay(m mutant) (string, error) {
	changed := map[string]string{}
	for _, e := range m.edits {
		text, ok := changed[e.file]
		if !ok {
			data, err := os.ReadFile(filepath.Join(l.dir, e.file))
			if err != nil {
				return "", err
			}
			text = string(data)
		}
		if n := strings.Count(text, e.before); n != 1 {
			return "", fmt.Errorf("%s has this %d times, want once:\n%s", e.file, n, e.before)
		}
		changed[e.file] = strings.Replace(text, e.before, e.after, 1)
	}
	replace := map[string]string{}
	for file, text := range changed {
		path := l.path(".go")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(l.dir, file)] = path
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := l.path(".json")
	return path, os.WriteFile(path, data, 0o600)
}

// build compiles a package's tests. A program that runs once needs to be neither fast nor debugged, and a compiler that lives for seconds
// need not tidy up its memory: that halves the time of the whole table. An error is what the compiler said.
func (l *lab) build(ctx context.Context, folder, program, overlay string) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-gcflags=-N -l -dwarf=false", "-ldflags=-s -w", "-overlay="+overlay,
		"-o", program, "./"+folder)
	cmd.Dir = l.dir
	cmd.Env = append(os.Environ(), "GOGC=off", "GOMEMLIMIT=1GiB")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("it does not build: %w\n%s", err, tail(out))
	}
	return nil
}

// run runs one test where go test would: in its package's folder.
func (l *lab) run(ctx context.Context, program, folder, test string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, limit+10*time.Second)
	defer cancel()
	pattern := "^" + strings.ReplaceAll(test, "/", "$/^") + "$"
	cmd := exec.CommandContext(ctx, program, "-test.run="+pattern, "-test.v", "-test.timeout="+limit.String())
	cmd.Dir = filepath.Join(l.dir, folder)
	cmd.WaitDelay = time.Second
	return cmd.CombinedOutput()
}

// tail gives the end of an output, which says what went wrong.
func tail(out []byte) string {
	const most = 2000
	if len(out) > most {
		out = append([]byte("…"), out[len(out)-most:]...)
	}
	return strings.TrimSpace(string(out))
}
