package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pages gives the HTML files of a published site.
func pages(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	root := filepath.Join(dir, "public")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".html" {
			return err
		}
		data, err := os.ReadFile(name)
		found[strings.TrimPrefix(name, root)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func publishIn(t *testing.T, dir string) {
	t.Helper()
	root := rootCommand()
	root.SetArgs([]string{"--offline", "--config", filepath.Join(dir, "config.toml")})
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestPreviewBesidePublish publishes while a preview builds after each save: the site is what it is without a preview, and no draft of the
// preview gets into it, nor into what publish remembers.
func TestPreviewBesidePublish(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"config.toml":            "format = 1\n[site]\nurl = \"https://example.com\"\ntitle = \"Notes\"\nauthor = \"Ada\"\n[federation]\nenabled = true\n",
		"content/posts/draft.md": draftPost,
	}
	dir, alone := folder(t, files), folder(t, files)
	startPreview(t, dir, "--comments=none")
	for i := range 4 {
		for _, at := range []string{dir, alone} {
			put(t, at, fmt.Sprintf("content/posts/p%d.md", i%3), fmt.Sprintf("+++\ntitle = \"Post\"\ndate = 2020-01-0%d\n+++\n\nWords, saved %d times.\n", i%3+1, i))
			publishIn(t, at)
		}
		if diff := cmp.Diff(pages(t, alone), pages(t, dir)); diff != "" {
			t.Fatalf("beside a preview the site is another one:\n%s", diff)
		}
	}
	for name, text := range pages(t, dir) {
		if strings.Contains(text, "First words") || strings.Contains(text, "127.0.0.1") {
			t.Errorf("%s has something of the preview", name)
		}
	}
}
