package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote"
)

// blog writes a sample blog whose posts are older than what is announced by itself.
func blog(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                 "module x\n",
		"config.toml":            "format = 1\n[site]\nurl = \"https://sample.example\"\ntitle = \"Sample\"\n[federation]\nenabled = true\nhandle = \"notes\"\n",
		"content/posts/old.md":   "+++\ntitle = \"Old\"\ndate = 2020-01-01\nid = \"old\"\n+++\n\nOld words.\n",
		"content/posts/young.md": "---\ntitle: Young\ndate: 2020-02-01 10:00\nid: young\n---\n\nYoung words.\n",
		"content/posts/draft.md": "+++\ntitle = \"Draft\"\ndate = 2030-02-01\ndraft = true\n+++\n\nNot yet.\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestDemoOnce holds that the whole story happens, and that nothing is left of it.
func TestDemoOnce(t *testing.T) {
	root, temp := blog(t), t.TempDir()
	t.Setenv("TMPDIR", temp)
	var out strings.Builder
	if err := demo(t.Context(), &out, root, options{once: true}); err != nil {
		t.Fatalf("%v, after\n%s", err, out.String())
	}
	for _, want := range []string{`"Young" reached 3 servers`, "bjork replied · ada liked · chidi boosted · ada answered bjork", "/posts/young/#comments"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(root, "public")); !os.IsNotExist(err) {
		t.Errorf("the sample blog itself was published: %v", err)
	}
}

// TestDemoEdit holds that an edit of the Markdown file is on the page and on the three servers, without further ado.
func TestDemoEdit(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, w := io.Pipe()
	ended := make(chan error, 1)
	root := blog(t)
	go func() {
		ended <- demo(ctx, w, root, options{})
		w.Close()
	}()
	lines := bufio.NewScanner(r)
	story := until(t, lines, "Ctrl-C")
	file := regexp.MustCompile(`Edit the post: (.*)`).FindStringSubmatch(story)[1]
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "Young words", "Second thoughts", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	until(t, lines, "edit of /posts/young/ reached 3 servers")
	page := regexp.MustCompile(`Read it\s+(\S+)#`).FindStringSubmatch(story)[1]
	html, err := remote.New(remote.Options{Dev: true}).File(ctx, page, 1<<20)
	if err != nil || !strings.Contains(string(html), "Second thoughts") || !strings.Contains(string(html), reply) {
		t.Errorf("the page has not both the edit and the reply: %v\n%s", err, html)
	}
	cancel()
	go io.Copy(io.Discard, r)
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// until reads lines up to one that holds a text.
func until(t *testing.T, lines *bufio.Scanner, text string) string {
	t.Helper()
	var read strings.Builder
	for lines.Scan() {
		read.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), text) {
			return read.String()
		}
	}
	t.Fatalf("%q was not said:\n%s", text, read.String())
	return ""
}
