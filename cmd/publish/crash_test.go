//go:build linux

package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/postil-blog/postil/site"
)

// calls are what publish asks of the file system. strace counts each of them by itself, in each thread.
var calls = []string{"openat", "newfstatat", "fstat", "write", "renameat", "unlinkat", "mkdirat", "fsync", "getdents64", "close", "read", "flock"}

// tracer is strace, "" where it may not trace.
var tracer = sync.OnceValue(func() string {
	name, err := exec.LookPath("strace")
	if err != nil || exec.Command(name, "-f", "-o", os.DevNull, "true").Run() != nil {
		return ""
	}
	return name
})

// straced is how strace runs publish with faults.
func (b *box) straced(inject ...string) (code int, killed bool, out string) {
	b.t.Helper()
	if tracer() == "" && os.Getenv("POSTIL_TEST_REAL") != "" {
		b.t.Fatal("strace is missing; .ci/install installs it")
	}
	if tracer() == "" {
		b.t.Skip("strace is not here, or may not trace")
	}
	ctx, end := context.WithTimeout(b.t.Context(), 2*time.Minute)
	defer end()
	args := []string{"-f", "-o", os.DevNull, "-e", "trace=" + strings.Join(calls, ",")}
	for _, i := range inject {
		args = append(args, "-e", "inject="+i)
	}
	cmd := exec.CommandContext(ctx, tracer(), append(args, program(b.t), "--offline")...)
	cmd.Dir, cmd.Env = b.path("site"), b.env()
	text, _ := cmd.CombinedOutput()
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return cmd.ProcessState.ExitCode(), status.Signaled() && status.Signal() == syscall.SIGKILL, string(text)
}

// env is that of a run which is not measured. One processor: strace counts by thread.
func (b *box) env() []string {
	return append(os.Environ(), "POSTIL_TEST_ROLE=publish", "GOMAXPROCS=1", "HOME="+b.dir, "CI=", "TMPDIR="+b.dir)
}

// plain runs publish to its end.
func (b *box) plain() {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), program(b.t), "--offline")
	cmd.Dir, cmd.Env = b.path("site"), b.env()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("the next run: %v: %s", err, out)
	}
}

// changed is a published site with changes that are not published yet: posts that are new, changed and gone, a page, a download.
func changed(t *testing.T) *box {
	t.Helper()
	b := newBox(t)
	b.base()
	b.write("site/content/posts/gone.md", markdown("Gone", "Not for long."))
	b.plain()
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) // a change within the second of the publication has no time of its own
	b.check(os.Remove(b.path("site/content/posts/gone.md")))
	b.check(os.Remove(b.path("site/content/plain.txt")))
	b.write("site/content/posts/base.md", markdown("Base", "The second text."))
	for i := range 3 {
		b.write(fmt.Sprintf("site/content/posts/new-%d.md", i), "+++\ntitle = \"New\"\ndate = 2020-01-02\ntags = [\"new\"]\n+++\nText.\n")
	}
	return b
}

// change is a changed site with what it is before and after an undisturbed run.
func change(t *testing.T) (from *box, old, next map[string]string) {
	t.Helper()
	from = changed(t)
	whole := from.again(t)
	whole.plain()
	return from, from.site(), whole.site()
}

// moments are what another run at another moment writes otherwise: the times of first publication and of changes, and the sums of documents
// that hold them.
var moments = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|[0-9a-f]{64}`)

// site is every file of public/ by its path there, without moments.
func (b *box) site() map[string]string {
	b.t.Helper()
	root := b.path("site/public")
	found := map[string]string{}
	b.check(filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if strings.HasSuffix(name, ".json") {
			data = moments.ReplaceAll(data, nil)
		}
		found[strings.TrimPrefix(name, root+"/")] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	}))
	return found
}

// again is a copy of a box.
func (b *box) again(t *testing.T) *box {
	t.Helper()
	to := &box{t, t.TempDir()}
	if out, err := exec.Command("cp", "-a", b.dir+"/.", to.dir).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	return to
}

// between tells what public/ has that is neither of the old site nor of the new one, and whether the list names what is there.
func (b *box) between(old, next map[string]string) {
	b.t.Helper()
	now := b.site()
	for name, sum := range now {
		if !strings.HasPrefix(name, ".stage-") && sum != old[name] && sum != next[name] {
			b.t.Errorf("%s is neither the old file nor the new one", name)
		}
	}
	for name := range old {
		if _, stays := next[name]; stays && now[name] == "" {
			b.t.Errorf("%s is gone", name)
		}
	}
	var list site.PublishedList
	data, err := os.ReadFile(b.path("site/public/ap/published.json"))
	b.check(err)
	b.check(json.Unmarshal(data, &list))
	for _, e := range list.Posts {
		if now[e.Article] == "" {
			b.t.Errorf("the list names %s, which is not there", e.Article)
		}
	}
}

// heals has the next run end where an undisturbed one ends.
func (b *box) heals(next map[string]string) {
	b.t.Helper()
	b.plain()
	if diff := cmp.Diff(next, b.site()); diff != "" {
		b.t.Errorf("the next run does not end where it should:\n%s", diff)
	}
}

// steps are the numbers of calls at which a fault is tried: in a long run each of the first 300, otherwise a few.
func steps(few ...int) []int {
	if os.Getenv("POSTIL_TEST_HOSTILE") == "" {
		return few
	}
	var all []int
	for n := 1; n <= 300; n++ {
		all = append(all, n)
	}
	return all
}

// Killed at whichever file call, publish leaves each file old or new and no file lost, and the next run finishes the work.
func TestKilledAtFileCalls(t *testing.T) {
	t.Parallel()
	from, old, next := change(t)
	if maps.Equal(old, next) {
		t.Fatal("nothing was to be published")
	}
	var kills int
	for _, call := range calls {
		for _, n := range steps(3, 9, 20, 45) {
			b := from.again(t)
			_, killed, out := b.straced(fmt.Sprintf("%s:signal=KILL:when=%d", call, n))
			if !killed {
				if diff := cmp.Diff(next, b.site()); diff != "" {
					t.Fatalf("%s %d was not reached, and yet: %s\n%s", call, n, out, diff)
				}
				break // there are not so many
			}
			kills++
			b.between(old, next)
			b.heals(next)
			if t.Failed() {
				t.Fatalf("killed at %s %d", call, n)
			}
			b.check(os.RemoveAll(b.dir))
		}
	}
	t.Logf("killed %d times", kills)
	if kills < 20 {
		t.Errorf("killed %d times, want 20 at least", kills)
	}
}

// A disk that is full, broken or beyond its quota ends a run with one line, and what is there stays or is mended by the next run.
func TestDiskFails(t *testing.T) {
	t.Parallel()
	from, old, next := change(t)
	failed := 0
	for _, c := range []struct{ call, fault string }{{"write", "ENOSPC"}, {"read", "EIO"}, {"fsync", "EIO"}, {"renameat", "EIO"}, {"mkdirat", "EDQUOT"}, {"openat", "ENOSPC"}, {"unlinkat", "EIO"}} {
		few := []int{1, 3, 8}
		if c.call == "openat" {
			few = []int{60, 90} // before that the program is not up
		}
		if c.call == "read" {
			few = []int{13, 18, 23, 26} // texts that were read before, and what the last run remembers
		}
		for _, n := range steps(few...) {
			if c.call == "openat" && n < 40 {
				continue
			}
			b := from.again(t)
			code, _, out := b.straced(fmt.Sprintf("%s:error=%s:when=%d", c.call, c.fault, n))
			if code != 0 {
				failed++
				// strace counts by thread: a write that fails may be that of the message.
				if lines := strings.Split(strings.TrimSpace(out), "\n"); strings.Contains(out, "goroutine ") || len(lines) > 4 || out == "" && c.call != "write" {
					t.Errorf("it is not one line that is told: %s", out)
				}
				b.between(old, next)
			} else if diff := cmp.Diff(next, b.site()); diff != "" {
				t.Errorf("it is told as published, and is not:\n%s", diff)
			}
			b.heals(next)
			if t.Failed() {
				t.Fatalf("%s at %s %d: exit code %d, said %s", c.fault, c.call, n, code, out)
			}
			b.check(os.RemoveAll(b.dir))
		}
	}
	t.Logf("%d runs failed", failed)
	if failed < 6 {
		t.Errorf("%d runs failed, want 6 at least", failed)
	}
}

// Two runs at once end where one ends.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	from, _, next := change(t)
	rounds := 4
	if os.Getenv("POSTIL_TEST_HOSTILE") != "" {
		rounds = 100
	}
	for range rounds {
		b := from.again(t)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				cmd := exec.CommandContext(t.Context(), program(t), "--offline")
				cmd.Dir, cmd.Env = b.path("site"), b.env()
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
		both.Wait()
		if diff := cmp.Diff(next, b.site()); diff != "" {
			t.Fatalf("two runs at once do not end where one ends:\n%s", diff)
		}
		b.check(os.RemoveAll(b.dir))
	}
}
