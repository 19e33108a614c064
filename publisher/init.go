package publisher

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/postil-blog/postil/publisher/deploy"
)

// Answers are what publish init asks.
type Answers struct {
	Title, URL, Author string
	Language           string // default "en"
	Timezone           string // default "UTC"
	Federation         bool   // the blog is an account that can be followed
	Handle             string // default "blog"
	Host               string // a name of publisher/deploy, "" for none: where the site is built and served
	Now                time.Time
}

// Init writes a new site into a folder: config.toml, a first post, a page, and the file with which its host builds it. It never replaces a file: the error names the one
// that is in the way.
func Init(dir string, a Answers) error {
	if a.Language == "" {
		a.Language = "en"
	}
	if a.Timezone == "" {
		a.Timezone = "UTC"
	}
	if a.Handle == "" {
		a.Handle = "blog"
	}
	if a.Now.IsZero() {
		a.Now = time.Now()
	}
	if zone, err := time.LoadLocation(a.Timezone); err == nil {
		a.Now = a.Now.In(zone)
	}
	files := []struct{ name, text string }{
		{"config.toml", a.config()}, {"content/posts/hello.md", a.hello()}, {"content/about.md", a.about()}, {".gitignore", "/public/\n/data/\n/.cache/\n/.scheduled/\n"},
	}
	host, _ := deploy.Find(a.Host)
	if host.File != "" {
		files = append(files, struct{ name, text string }{host.File, host.Text})
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.name)); err == nil && f.name != ".gitignore" {
			return fmt.Errorf("%s is there already: %w", filepath.Join(dir, f.name), os.ErrExist)
		}
	}
	for _, f := range files {
		file := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := writeNew(file, f.text); err != nil && f.name != ".gitignore" {
			return err
		}
		if host.Run && f.name == host.File {
			if err := os.Chmod(file, 0o755); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a Answers) config() string {
	var b strings.Builder
	fmt.Fprintf(&b, "format = 1\n\n[site]\nurl = %s\ntitle = %s\nlanguage = %s\ntimezone = %s\n", tomlText(a.URL), tomlText(a.Title), tomlText(a.Language), tomlText(a.Timezone))
	if a.Author != "" {
		fmt.Fprintf(&b, "author = %s\n", tomlText(a.Author))
	}
	fmt.Fprintf(&b, "\n# The blog as an account of the fediverse. Turning this off later takes back every post from its followers.\n[federation]\nenabled = %v\nhandle = %s\n", a.Federation, tomlText(a.Handle))
	if host, _ := deploy.Find(a.Host); host.Static {
		fmt.Fprintf(&b, "\n# Where the pages are served: redirects and headers are written for it.\n[publish]\nhost = %s\n", tomlText(a.Host))
	}
	return b.String()
}

func (a Answers) hello() string {
	return fmt.Sprintf(`+++
title = "Hello"
date = %s
id = %q
tags = ["meta"]
+++

This is the first post of %s. It is a Markdown file, `+"`content/posts/hello.md`"+`: change it, run `+"`publish`"+`, and the page
follows. Write the next one with `+"`publish new \"Title\"`"+`.
`, a.Now.Format(time.RFC3339), strings.ToLower(rand.Text()), a.Title)
}

func (a Answers) about() string {
	who := a.Author
	if who == "" {
		who = "somebody"
	}
	return fmt.Sprintf("+++\ntitle = \"About\"\n+++\n\n%s is written by %s.\n", a.Title, who)
}
