package main

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestPreviewHosts holds that a preview answers to the name that it printed and to this machine's own, and to no other: a web page
// elsewhere must not read a draft by giving its own name this address.
func TestPreviewHosts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte("<body>A draft</body>"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		printed, asked string
		want           int
	}{
		{"127.0.0.1", "127.0.0.1:4000", http.StatusOK}, {"127.0.0.1", "localhost:4000", http.StatusOK}, {"127.0.0.1", "192.168.1.5:4000", http.StatusForbidden},
		{"192.168.1.5", "192.168.1.5:4000", http.StatusOK}, {"192.168.1.5", "192.168.1.6:4000", http.StatusForbidden}, {"192.168.1.5", "evil.example", http.StatusForbidden},
		{"192.168.1.5", "192.168.1.5.evil.example:4000", http.StatusForbidden},
	} {
		p := &previewer{dir: dir, host: c.printed, changed: make(chan struct{})}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Host = c.asked
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("printed %s, asked for as %s: %d, want %d", c.printed, c.asked, w.Code, c.want)
		}
	}
}

// TestPreviewComments holds what stands under a post for each value of --comments, and that --open tells the browser the address.
func TestPreviewComments(t *testing.T) {
	files := map[string]string{
		"config.toml":        "format = 1\n[site]\nurl = \"https://notes.example\"\n[federation]\nenabled = true\n",
		"content/posts/d.md": draftPost,
		"browser":            "#!/bin/sh\necho \"$1\" > \"$0.opened\"\n",
	}
	dir := folder(t, files)
	if err := os.Chmod(filepath.Join(dir, "browser"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("BROWSER", filepath.Join(dir, "browser"))
	base := startPreview(t, dir, "--comments=none", "--open")
	waitFor(t, base+"posts/d/", "First words.")
	if _, body := get(t, base+"posts/d/", ""); strings.Contains(body, "This made my day.") {
		t.Error("--comments=none shows sample comments")
	}
	opened := filepath.Join(dir, "browser.opened")
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(10 * time.Millisecond) {
		if data, err := os.ReadFile(opened); err == nil && strings.TrimSpace(string(data)) == base {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the browser was not told the address")
		}
	}
	base = startPreview(t, dir)
	waitFor(t, base+"posts/d/", "This made my day.")
	if _, err := os.Stat(filepath.Join(dir, "comments")); !os.IsNotExist(err) {
		t.Errorf("the sample comments were written to the site: %v", err)
	}
}

// BenchmarkPreviewReload measures from a save of one post of two hundred to the event that loads the page again.
func BenchmarkPreviewReload(b *testing.B) {
	files := map[string]string{"config.toml": "format = 1\n[site]\nurl = \"https://notes.example\"\n[federation]\nenabled = true\n"}
	for i := range 200 {
		files[fmt.Sprintf("content/posts/p%d.md", i)] = fmt.Sprintf("+++\ntitle = \"P%d\"\nid = \"p%d\"\ndate = 2026-10-28\n+++\n\n%s\n", i, i, strings.Repeat("Words and words. ", 200))
	}
	dir := folder(b, files)
	base := startPreview(b, dir)
	resp, err := http.Get(base + "-/events?seen=0")
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	events := bufio.NewScanner(resp.Body)
	next(b, events, "built")
	began := processor(b)
	for i := 0; b.Loop(); i++ {
		put(b, dir, "content/posts/p7.md", fmt.Sprintf("+++\ntitle = \"P7\"\nid = \"p7\"\ndate = 2026-10-28\n+++\n\nSaved %d times.\n", i))
		next(b, events, "built")
	}
	b.ReportMetric(float64((processor(b)-began).Microseconds())/1000/float64(b.N), "cpu-ms/op") // what a busy machine does not change
}

// processor is how long this process has kept processors busy.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
