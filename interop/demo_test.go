package interop

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// demo is a running `go run ./cmd/demo`.
type demo struct {
	blog string // address of the front page
	post string // path of the post with the answers, without its first slash
	dir  string // folder of the content
	proc *exec.Cmd

	mu  sync.Mutex
	out bytes.Buffer
}

func (d *demo) text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.out.String()
}

// startDemo builds and starts the demo, and waits until its accounts have answered.
func startDemo(t *testing.T) *demo {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "demo")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/demo").CombinedOutput(); err != nil {
		t.Fatalf("building the demo: %v\n%s", err, out)
	}
	d := &demo{proc: exec.Command(bin, "--port", "0")}
	d.proc.Dir = ".."
	pipe, err := d.proc.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.proc.Stderr = t.Output()
	if err := d.proc.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for s := bufio.NewScanner(pipe); s.Scan(); {
			d.mu.Lock()
			fmt.Fprintln(&d.out, s.Text())
			d.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		d.proc.Process.Kill()
		d.proc.Wait()
	})
	blog := regexp.MustCompile(`(?m)^Blog\s+(http://\S+)\s+\(.* (\S+)\)$`)
	post := regexp.MustCompile(`(?m)http://[^/\s]+/(posts/\S+/)`)
	eventually(t, "the demo tells what happened", func() error {
		text := d.text()
		b, p := blog.FindStringSubmatch(text), post.FindStringSubmatch(text)
		if b == nil || p == nil || !strings.Contains(text, "bjork replied") || !strings.Contains(text, "Ctrl-C") {
			return fmt.Errorf("it printed:\n%s", text)
		}
		d.blog, d.post = b[1], p[1]
		return nil
	})
	return d
}

// TestDemoCleansUp: Ctrl-C ends the demo with 0 and leaves nothing behind.
func TestDemoCleansUp(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	edit := regexp.MustCompile(`Edit the post: (\S+)`).FindStringSubmatch(d.text())
	if edit == nil {
		t.Fatalf("the demo does not say which file to edit:\n%s", d.text())
	}
	if _, err := os.Stat(edit[1]); err != nil {
		t.Fatal(err)
	}
	if err := d.proc.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(15*time.Second, func() { d.proc.Process.Signal(syscall.SIGKILL) })
	err := d.proc.Wait()
	timer.Stop()
	if err != nil {
		t.Errorf("demo after Ctrl-C: %v", err)
	}
	if _, err := os.Stat(edit[1]); !os.IsNotExist(err) {
		t.Errorf("%s is still there", edit[1])
	}
}
