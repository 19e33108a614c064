package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/site"
)

// young is how many posts get a date of these days. A post that is first published with a date more than a week old is taken for an
// import and not announced, and the sample blog grows old.
const young = 3

// sample finds the checkout: the nearest folder upward that holds go.mod, config.toml and content/.
func sample() (string, error) {
	at, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if has(at, "go.mod") && has(at, site.FileName) && has(at, "content") {
			return at, nil
		}
		up := filepath.Dir(at)
		if up == at {
			return "", errors.New("the sample blog is not here: run  go run ./cmd/demo  in a checkout of Postil")
		}
		at = up
	}
}

func has(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// copyBlog copies the sample blog's words and settings, not what an earlier publish or inboxd made of them.
func copyBlog(root, dir string) error {
	if err := os.CopyFS(filepath.Join(dir, "content"), os.DirFS(filepath.Join(root, "content"))); err != nil {
		return fmt.Errorf("copying the sample blog: %w", err)
	}
	config, err := os.ReadFile(filepath.Join(root, site.FileName))
	if err != nil {
		return fmt.Errorf("copying the sample blog: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, site.FileName), config, 0o644)
}

// settings are the sample's, at the demo's own address. The environment has no say: a blogger's own blog may be named in it.
func settings(dir, address string) (*site.Config, error) {
	return site.Load(filepath.Join(dir, site.FileName), nil, map[string]string{
		"site.url": address, "federation.url": address, "federation.enabled": "true", "federation.hold": "0s",
		"inboxd.data": "data", "inboxd.database": "", "inboxd.site": "", "publish.output": "public", "comments.mode": "guarded",
	})
}

// refresh gives the newest posts dates of these days, and returns the newest of all.
func refresh(ctx context.Context, c *site.Config, now time.Time) (*publisher.Post, error) {
	posts, faults, err := publisher.Scan(ctx, publisher.Options{Config: c, Now: now})
	if err != nil {
		return nil, err
	}
	if faults.Errors() > 0 {
		return nil, faults
	}
	var newest *publisher.Post
	done := 0
	for _, p := range posts {
		if p.Page || p.State != "live" || done == young {
			continue
		}
		if newest == nil {
			newest = p
		}
		if err := redate(filepath.Join(c.Path(c.Publish.Content), filepath.FromSlash(p.File)), now.Add(-time.Duration(done)*24*time.Hour-time.Minute)); err != nil {
			return nil, err
		}
		done++
	}
	if newest == nil {
		return nil, errors.New("the sample blog has no post to show")
	}
	return newest, nil
}

var dateLine = regexp.MustCompile(`(?m)^date(\s*[=:]\s*).*$`)

// redate replaces the date in a post's front matter, which is the first line of that kind.
func redate(file string, to time.Time) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	at := dateLine.FindSubmatchIndex(text)
	if at == nil {
		return fmt.Errorf("%s has no date", file)
	}
	return os.WriteFile(file, []byte(string(text[:at[3]])+to.UTC().Format(time.RFC3339)+string(text[at[1]:])), 0o644)
}

// short cuts a title for a line of the demo's story.
func short(s string) string {
	r := []rune(strings.TrimSpace(s))
	if len(r) <= 40 {
		return string(r)
	}
	return string(r[:39]) + "…"
}
