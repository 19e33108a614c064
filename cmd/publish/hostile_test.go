//go:build linux

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What one hostile site may cost (R18): CPU time of all threads, and memory at its highest.
const (
	maxCPU      = 2 * time.Second
	maxResident = 256 << 20
)

// canary lies outside of the content folder: it may stand in nothing that publish writes or says.
const canary = "hunter2-saw-the-grey-heron"

// hostile is a site that somebody made to stop publish, to have it read what is not the blog's, or to have it write elsewhere.
type hostile struct {
	name string
	lay  func(*box)
	args []string // instead of --offline
	code int
	says string // beside the place
	at   string // file:line, or the file where a line says nothing

	long   bool // left out unless POSTIL_TEST_HOSTILE is set
	dear   bool // a picture that is decoded costs more
	either bool // it may also be refused, with a place in content/posts/a.md
}

// TestHostile lays out one site after the other and runs the program on it.
func TestHostile(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, h := range hostileSites() {
		if seen[h.name] {
			t.Errorf("two rows are called %q", h.name)
		}
		seen[h.name] = true
		if h.long && os.Getenv("POSTIL_TEST_HOSTILE") == "" {
			continue
		}
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			newBox(t).try(h)
		})
	}
	if len(seen) < 60 {
		t.Errorf("%d hostile sites, want 60 at least", len(seen))
	}
}

// try runs publish on the site and looks at everything around it.
func (b *box) try(h hostile) {
	t := b.t
	t.Helper()
	b.base()
	h.lay(b)
	old, around := b.files("site/public"), b.around()
	if h.args == nil {
		h.args = []string{"--offline"}
	}
	got := b.run(h.args...)
	for range 2 { // the processor's time grows with what else the machine does: of a run that is over the limit the best of three counts
		if h.dear || got.cpu <= maxCPU {
			break
		}
		twin := newBox(t)
		twin.base()
		h.lay(twin)
		got.cpu = min(got.cpu, twin.run(h.args...).cpu)
	}
	if h.either && got.code == 3 {
		h.code, h.says, h.at = 3, "P0", "content/posts/a.md:"
	}
	if got.code != h.code {
		t.Errorf("exit code %d, want %d:\n%s", got.code, h.code, got.out)
	}
	if !strings.Contains(got.out, h.says) || !strings.Contains(got.out, h.at) {
		t.Errorf("said %s\nwant %q at %s", got.out, h.says, h.at)
	}
	if len(got.out) > 64<<10 || strings.Contains(got.out, "goroutine ") {
		t.Errorf("said %d bytes: %.2000s", len(got.out), got.out)
	}
	if !h.dear && got.cpu > maxCPU || got.memory > maxResident {
		t.Errorf("took %v of CPU and %d MB, at most %v and %d MB", got.cpu, got.memory>>20, maxCPU, maxResident>>20)
	}
	t.Logf("%v, %d MB", got.cpu, got.memory>>20)
	if diff := cmp.Diff(around, b.around()); diff != "" {
		t.Errorf("outside of public/ something changed:\n%s", diff)
	}
	now := b.files("site/public")
	if h.code != 0 {
		if diff := cmp.Diff(old, now); diff != "" {
			t.Errorf("the old site changed:\n%s", diff)
		}
	}
	if strings.Contains(got.out, canary) {
		t.Errorf("what lies outside was told: %s", got.out)
	}
	b.hunt("site/public", "site/.cache", "site/.scheduled")
}

// box is a folder that holds a site and what is none of its business.
type box struct {
	t   *testing.T
	dir string
}

// newBox holds a secret beside the site, and one in the site's folder but outside of content.
func newBox(t *testing.T) *box {
	t.Helper()
	b := &box{t, t.TempDir()}
	b.write("outside/secret.txt", canary)
	b.write("outside/secret.md", "+++\ntitle = \"Secret\"\ndate = 2020-01-02\n+++\n"+canary+"\n")
	b.write("site/.env", canary)
	return b
}

const hostileConfig = `format = 1
[site]
url = "https://example.com"
title = "Notes"
author = "Ada"
timezone = "Europe/Berlin"
[federation]
enabled = true
`

// published is a small site with its public/ and .cache/, made once and copied.
var published = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "postil-hostile-")
	if err != nil {
		return "", err
	}
	for name, text := range map[string]string{
		"config.toml": hostileConfig, "content/posts/base.md": markdown("Base", "The first text."), "content/about.md": markdown("About", "A page."), "content/plain.txt": "A download.",
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755), os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)); err != nil {
			return "", err
		}
	}
	cmd := exec.Command(os.Args[0], "--offline")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "POSTIL_TEST_ROLE=publish", "CI=", "HOME="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return dir, err
})

// base copies it: rows that fail must leave it as it is.
func (b *box) base() {
	b.t.Helper()
	dir, err := published()
	if err == nil {
		err = os.CopyFS(filepath.Join(b.dir, "site"), os.DirFS(dir))
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) path(name string) string { return filepath.Join(b.dir, filepath.FromSlash(name)) }

func (b *box) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) parent(name string) string {
	b.t.Helper()
	b.check(os.MkdirAll(filepath.Dir(b.path(name)), 0o755))
	return b.path(name)
}

func (b *box) write(name, text string) {
	b.t.Helper()
	b.check(os.WriteFile(b.parent(name), []byte(text), 0o644))
}

// post writes content/posts/NAME with a front matter that is in order.
func (b *box) post(name, body string) { b.write("site/content/posts/"+name, markdown("Hostile", body)) }

func (b *box) link(to, name string) { b.check(os.Symlink(to, b.parent(name))) }

func (b *box) fifo(name string) { b.check(syscall.Mkfifo(b.parent(name), 0o644)) }

// sparse is a file with a beginning and then a hole: it has a size and takes no room.
func (b *box) sparse(name string, head []byte, size int64) {
	b.t.Helper()
	b.write(name, string(head))
	b.check(os.Truncate(b.path(name), size))
}

func markdown(title, body string) string {
	return "+++\ntitle = \"" + title + "\"\ndate = 2020-01-02\n+++\n" + body + "\n"
}

// files gives everything below a folder: what it is, and its sum.
func (b *box) files(dir string) map[string]string {
	b.t.Helper()
	found := map[string]string{}
	b.check(filepath.WalkDir(b.path(dir), func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			found[name] = d.Type().String()
			return err
		}
		data, err := os.ReadFile(name)
		found[name] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	}))
	return found
}

// around is everything in the box that publish may not touch, with size, mode, time and end of links.
func (b *box) around() map[string]string {
	b.t.Helper()
	found := map[string]string{}
	own := map[string]bool{b.path("site/public"): true, b.path("site/.cache"): true, b.path("site/.scheduled"): true, b.path("measures"): true}
	b.check(filepath.WalkDir(b.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if own[name] && d.IsDir() {
			return fs.SkipDir
		}
		end, _ := os.Readlink(name)
		found[name] = fmt.Sprint(info.Mode(), " ", end)
		if !d.IsDir() && !own[name] {
			found[name] += fmt.Sprint(info.Size(), info.ModTime())
		}
		return nil
	}))
	delete(found, b.path("measures"))
	return found
}

// hunt looks for the canary in what was written.
func (b *box) hunt(dirs ...string) {
	b.t.Helper()
	for _, dir := range dirs {
		for name, kind := range b.files(dir) {
			if len(kind) != 2*sha256.Size {
				continue
			}
			data, err := os.ReadFile(name)
			b.check(err)
			if bytes.Contains(data, []byte(canary)) {
				b.t.Errorf("%s holds what lies outside of the content folder", name)
			}
		}
	}
}

// ended is how a run went.
type ended struct {
	code   int
	out    string // both streams
	cpu    time.Duration
	memory int64 // bytes
}

// run runs publish in the site's folder and measures it.
func (b *box) run(args ...string) ended {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), os.Args[0], args...)
	cmd.Dir = b.path("site")
	cmd.Env = append(os.Environ(), "POSTIL_TEST_ROLE=measure", "POSTIL_TEST_PROGRAM="+program(b.t), "POSTIL_TEST_MEASURES="+b.path("measures"), "HOME="+b.dir, "CI=", "SECRET="+canary, "TMPDIR="+b.dir)
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		b.t.Fatal(err)
	}
	var m measures
	data, err := os.ReadFile(b.path("measures"))
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	b.check(err)
	return ended{code: cmd.ProcessState.ExitCode(), out: string(out), cpu: m.CPU, memory: m.Memory}
}

// program is publish without the race detector, whose costs are not those of the product. Without it the test's own binary is publish,
// so that a mutant is tried too.
var program = func(t *testing.T) string {
	t.Helper()
	if !raced {
		return os.Args[0]
	}
	name, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "postil-publish-")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "publish")
	out, err := exec.Command("go", "build", "-race=false", "-o", name, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("building publish: %w: %s", err, out)
	}
	return name, err
})

func init() { roles["measure"] = func() { os.Exit(measure()) } }

type measures struct {
	CPU    time.Duration
	Memory int64
}

// measure runs a program and writes down what it took. It stands between the test and the program because the kernel counts what a
// process held before its exec: the test's own memory.
func measure() int {
	cmd := exec.Command(os.Getenv("POSTIL_TEST_PROGRAM"), os.Args[1:]...)
	cmd.Env = append(os.Environ(), "POSTIL_TEST_ROLE=publish")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	_ = syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: 10, Max: 10}) // seconds
	if err := cmd.Start(); err != nil {
		fmt.Println(err)
		return 99
	}
	end := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() }) // a FIFO is waited for without end
	_ = cmd.Wait()
	end.Stop()
	s := cmd.ProcessState
	usage := s.SysUsage().(*syscall.Rusage)
	data, err := json.Marshal(measures{s.UserTime() + s.SystemTime(), usage.Maxrss << 10})
	if err == nil {
		err = os.WriteFile(os.Getenv("POSTIL_TEST_MEASURES"), data, 0o644)
	}
	if err != nil {
		fmt.Println(err)
		return 99
	}
	return s.ExitCode()
}

// hostileSites are the rows of all files but those of Markdown.
func hostileSites() (all []hostile) {
	for _, rows := range []func() []hostile{pathRows, nameRows, frontMatterRows, templateRows, pictureRows, otherRows} {
		all = append(all, rows()...)
	}
	return all
}

// TestHostileMarkdown does so with Markdown that a reader without bounds takes more than linear time for: with each in a long run, with the
// worst and one of twenty of the others otherwise, the same each time.
func TestHostileMarkdown(t *testing.T) {
	t.Parallel()
	for i, h := range markdownRows() {
		if i%20 != 0 && !everyTime(h.name) && os.Getenv("POSTIL_TEST_HOSTILE") == "" {
			continue
		}
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			newBox(t).try(h)
		})
	}
}
