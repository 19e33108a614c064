package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// folder writes a site's files.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		put(t, dir, name, text)
	}
	return dir
}

func put(t testing.TB, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	// By rename, as editors save: never half a file.
	if err := os.WriteFile(file+".new", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

const draftPost = "+++\ntitle = \"Draft\"\nid = \"d\"\ndate = 2026-10-28\ndraft = true\n+++\n\nFirst words.\n"

// startPreview runs publish preview until the test ends and gives the address that it prints.
func startPreview(t testing.TB, dir string, more ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	root := rootCommand()
	root.SetArgs(append([]string{"preview", "--port", "0", "--config", filepath.Join(dir, "config.toml")}, more...))
	root.SetOut(w)
	root.SetErr(io.Discard)
	root.SilenceErrors, root.SilenceUsage = true, true
	ended := make(chan error, 1)
	go func() { err := root.ExecuteContext(ctx); w.CloseWithError(err); ended <- err }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("preview ended with %v", err)
		}
	})
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, r)
	return regexp.MustCompile(`http://\S+`).FindString(line)
}

func get(t *testing.T, url, host string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestPreview holds that drafts show, that a fault comes over the last good page, that mending it builds again, and that the real
// output is not touched.
func TestPreview(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"config.toml": "format = 1\n[site]\nurl = \"https://notes.example\"\n", "content/posts/d.md": draftPost})
	base := startPreview(t, dir)
	page := base + "posts/d/"
	deadline := time.Now().Add(20 * time.Second)
	for {
		if status, body := get(t, page, ""); status == http.StatusOK && strings.Contains(body, "First words.") {
			if !regexp.MustCompile(`data-events="/-/events\?seen=[01]" data-peer="/-/mastodon"></script></body>`).MatchString(body) {
				t.Errorf("the page does not listen:\n%s", body)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the draft never showed")
		}
		<-time.After(20 * time.Millisecond)
	}
	if status, _ := get(t, page, "evil.example"); status != http.StatusForbidden {
		t.Errorf("another name got %d, want 403", status)
	}
	if status, _ := get(t, base+"nowhere/", ""); status != http.StatusNotFound {
		t.Errorf("a page that is not there got %d, want 404", status)
	}
	events := listen(t, base+"-/events?seen=1")
	put(t, dir, "content/posts/d.md", strings.Replace(draftPost, "title", "titel", 1))
	if data := next(t, events, "fault"); !strings.Contains(data, `did you mean \"title\"`) {
		t.Errorf("the fault reads %s", data)
	}
	if status, body := get(t, page, ""); status != http.StatusOK || !strings.Contains(body, "First words.") {
		t.Errorf("the last good page is gone: %d", status)
	}
	put(t, dir, "content/posts/d.md", strings.Replace(draftPost, "First", "Second", 1))
	next(t, events, "built")
	if _, body := get(t, page, ""); !strings.Contains(body, "Second words.") {
		t.Errorf("the page is not the new one:\n%s", body)
	}
	if _, err := os.Stat(filepath.Join(dir, "public")); !os.IsNotExist(err) {
		t.Errorf("preview wrote to public/: %v", err)
	}
}

// TestPreviewRemoved removes the only post of a blog that federates: a preview takes nothing back from anybody, so it asks nothing.
func TestPreviewRemoved(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"config.toml":        "format = 1\n[site]\nurl = \"https://notes.example\"\n[federation]\nenabled = true\n",
		"content/posts/p.md": "+++\ntitle = \"P\"\ndate = 2014-10-28\n+++\n\nWords.\n",
	})
	base := startPreview(t, dir)
	events := listen(t, base+"-/events?seen=0")
	next(t, events, "built")
	if err := os.Remove(filepath.Join(dir, "content/posts/p.md")); err != nil {
		t.Fatal(err)
	}
	for events.Scan() {
		if kind, ok := strings.CutPrefix(events.Text(), "event: "); ok {
			if kind != "built" {
				t.Errorf("the preview tells a %s", kind)
			}
			break
		}
	}
	if status, _ := get(t, base+"posts/p/", ""); status != http.StatusNotFound {
		t.Errorf("the removed post got %d, want 404", status)
	}
}

// listen opens an event stream.
func listen(t *testing.T, url string) *bufio.Scanner {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return bufio.NewScanner(resp.Body)
}

// next gives the data of the next event of a kind.
func next(t testing.TB, events *bufio.Scanner, kind string) string {
	t.Helper()
	for events.Scan() {
		if events.Text() == "event: "+kind && events.Scan() {
			return strings.TrimPrefix(events.Text(), "data: ")
		}
	}
	t.Fatalf("the stream ended before %q: %v", kind, events.Err())
	return ""
}
