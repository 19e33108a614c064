package publisher

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/postil-blog/postil/site"
)

// TestMain is also the publish that TestKill kills.
func TestMain(m *testing.M) {
	dir := os.Getenv("POSTIL_TEST_SITE")
	if dir == "" {
		os.Exit(m.Run())
	}
	c, err := site.Load(filepath.Join(dir, "config.toml"), nil, nil)
	if err == nil {
		_, err = Publish(context.Background(), Options{Config: c, Announce: true, Now: now, Progress: func(stage string, done, total int) { fmt.Println(stage, done, total) }})
	}
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

func TestKill(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.publish()
	old := b.tree("public")
	for i := range 60 {
		b.write(fmt.Sprintf("content/posts/more-%d.md", i), post(fmt.Sprintf("More %d", i), "2026-10-27", "tags = [\"more\"]", "Text."))
	}
	fresh := newBlog(t, nil)
	if err := os.CopyFS(filepath.Join(fresh.dir, "content"), os.DirFS(filepath.Join(b.dir, "content"))); err != nil {
		t.Fatal(err)
	}
	fresh.publish()
	next := fresh.tree("public")
	for kill := range 6 {
		killAfter(t, b.dir, kill)
		// Each file is whole, old or new, and the list is never ahead of what it names.
		for name, text := range b.tree("public") {
			if !strings.HasPrefix(name, stagePrefix) && text != old[name] && text != next[name] {
				t.Fatalf("kill %d: %s is neither the old file nor the new one", kill, name)
			}
		}
		for _, e := range b.list().Posts {
			if !b.has("public/" + e.Article) {
				t.Fatalf("kill %d: the list names %s, which is not there", kill, e.Article)
			}
		}
	}
	b.publish()
	if diff := cmp.Diff(next, b.tree("public")); diff != "" {
		t.Errorf("the next run does not end where it should:\n%s", diff)
	}
}

// killAfter starts a publish in a process of its own and kills it after so many lines of progress.
func killAfter(t *testing.T, dir string, lines int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "POSTIL_TEST_SITE="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1)
	for seen := 0; seen <= lines; {
		if _, err := out.Read(buf); err != nil {
			break
		}
		if buf[0] == '\n' {
			seen++
		}
	}
	_ = cmd.Process.Signal(syscall.SIGKILL)
	_ = cmd.Wait()
}
