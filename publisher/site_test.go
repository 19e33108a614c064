package publisher

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
)

// now is the moment at which tests publish, unless they say otherwise.
var now = time.Date(2026, 10, 28, 9, 30, 0, 0, time.UTC)

const testConfig = `format = 1
[site]
url = "https://example.com"
title = "Notes"
description = "About small things"
author = "Ada"
timezone = "Europe/Berlin"
[federation]
enabled = true
`

// blog is a site in a temporary folder.
type blog struct {
	t   *testing.T
	dir string
	o   Options
}

// newBlog writes files, by name, into a new folder. Without a config.toml among them it gets a plain federated one.
func newBlog(t *testing.T, files map[string]string) *blog {
	t.Helper()
	b := &blog{t: t, dir: t.TempDir()}
	if _, ok := files["config.toml"]; !ok {
		b.write("config.toml", testConfig)
	}
	for name, text := range files {
		b.write(name, text)
	}
	b.configure()
	return b
}

// configure reads config.toml again.
func (b *blog) configure() {
	b.t.Helper()
	c, err := site.Load(filepath.Join(b.dir, "config.toml"), nil, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.o = Options{Config: c, Announce: true, Now: now}
}

func (b *blog) write(name, text string) {
	b.t.Helper()
	file := filepath.Join(b.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *blog) remove(name string) {
	b.t.Helper()
	if err := os.RemoveAll(filepath.Join(b.dir, filepath.FromSlash(name))); err != nil {
		b.t.Fatal(err)
	}
}

// publish publishes and expects no error.
func (b *blog) publish() Report {
	b.t.Helper()
	r, err := Publish(b.t.Context(), b.o)
	if err != nil {
		b.t.Fatalf("Publish: %v", err)
	}
	return r
}

// faults publishes and expects faults.
func (b *blog) faults() site.Diagnostics {
	b.t.Helper()
	_, err := Publish(b.t.Context(), b.o)
	var ds site.Diagnostics
	if !errors.As(err, &ds) {
		b.t.Fatalf("Publish gave %v, want diagnostics", err)
	}
	return ds
}

func (b *blog) read(name string) string {
	b.t.Helper()
	data, err := os.ReadFile(filepath.Join(b.dir, filepath.FromSlash(name)))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(data)
}

func (b *blog) has(name string) bool {
	_, err := os.Lstat(filepath.Join(b.dir, filepath.FromSlash(name)))
	return err == nil
}

// tree gives every file below a folder of the site with its content.
func (b *blog) tree(dir string) map[string]string {
	b.t.Helper()
	files := map[string]string{}
	root := filepath.Join(b.dir, dir)
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(root, name)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		b.t.Fatal(err)
	}
	return files
}

// times gives the modification time of everything below a folder.
func (b *blog) times(dir string) map[string]time.Time {
	b.t.Helper()
	times := map[string]time.Time{}
	err := filepath.WalkDir(filepath.Join(b.dir, dir), func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		times[name] = info.ModTime()
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return times
}

// post is a post's source: front matter lines, then text.
func post(title, date, more, body string) string {
	return fmt.Sprintf("+++\ntitle = %q\ndate = %s\n%s+++\n\n%s\n", title, date, lines(more), body)
}

func lines(s string) string {
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return s
}
