package interop

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// demo is a running `go run ./cmd/demo`.
type demo struct {
	blog string // address of the front page
	post string // path of the post with the answers, without its first slash
	ada  string // account of one of the pretend people
	edit string // file of the post
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
	t.Cleanup(func() { d.end() })
	blog := regexp.MustCompile(`(?m)^Blog\s+(http://\S+)\s+\(.* (\S+)\)$`)
	post := regexp.MustCompile(`(?m)http://[^/\s]+/(posts/\S+/)`)
	ada := regexp.MustCompile(`ada@a\.localhost:\d+`)
	edit := regexp.MustCompile(`Edit the post: (\S+)`)
	eventually(t, "the demo tells what happened", func() error {
		text := d.text()
		b, p := blog.FindStringSubmatch(text), post.FindStringSubmatch(text)
		if b == nil || p == nil || !strings.Contains(text, "bjork replied") || !strings.Contains(text, "Ctrl-C") {
			return fmt.Errorf("it printed:\n%s", text)
		}
		d.blog, d.post, d.ada, d.edit = b[1], p[1], ada.FindString(text), edit.FindStringSubmatch(text)[1]
		return nil
	})
	return d
}

// end presses Ctrl-C and waits; a demo that does not end within 20 seconds is killed. Once ended, it gives nil.
func (d *demo) end() error {
	if d.proc.ProcessState != nil {
		return nil
	}
	d.proc.Process.Signal(os.Interrupt)
	timer := time.AfterFunc(20*time.Second, func() { d.proc.Process.Kill() })
	defer timer.Stop()
	return d.proc.Wait()
}

// TestDemoPicksUpAnEdit: a saved change is on the page at once and reaches the followers as an Update. Then Ctrl-C ends the
// demo with 0 and leaves nothing behind.
func TestDemoPicksUpAnEdit(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	text, err := os.ReadFile(d.edit)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.edit, append(text, "\nA sentence that was added later.\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the edit is on the page", func() error {
		res, err := http.Get(d.blog + d.post)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if page, err := io.ReadAll(res.Body); err != nil || !bytes.Contains(page, []byte("added later")) {
			return fmt.Errorf("the page does not have it (%v)", err)
		}
		return nil
	})
	eventually(t, "the edit reaches three servers", func() error {
		if !regexp.MustCompile(`(?i)(edit|update|change)[^\n]*3 servers`).MatchString(d.text()) {
			return fmt.Errorf("it printed:\n%s", d.text())
		}
		return nil
	})

	if err := d.end(); err != nil {
		t.Errorf("demo after Ctrl-C: %v", err)
	}
	if _, err := os.Stat(d.edit); !os.IsNotExist(err) {
		t.Errorf("%s is still there", d.edit)
	}
}
