package importer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/publisher/importer"
	"github.com/postil-blog/postil/site"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// TestGolden imports the export of each file of testdata: what stands below in/ comes in, out/ is the blog that goes out.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			o, dir := unpack(t, a)
			stage, err := importer.Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			got := tree(t, stage.Dir)
			summary := stage.Summary
			summary.Dir = ""
			if err := stage.Commit(); err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			e.SetIndent("", " ")
			if err := e.Encode(summary); err != nil {
				t.Fatal(err)
			}
			got["summary.json"] = b.String()
			publishes(t, filepath.Join(dir, "blog"))
			if *update {
				rewrite(t, file, a, got)
				return
			}
			want := map[string]string{}
			for _, f := range a.Files {
				if name, ok := strings.CutPrefix(f.Name, "out/"); ok {
					want[name] = string(f.Data)
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("the blog differs (-want +got):\n%s", d)
			}
		})
	}
}

// unpack writes the files below in/ and reads the options from the lines above them, "from: hugo".
func unpack(t *testing.T, a *txtar.Archive) (importer.Options, string) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, "in/") {
			write(t, filepath.Join(dir, filepath.FromSlash(f.Name)), string(f.Data))
		}
	}
	o := importer.Options{Dir: filepath.Join(dir, "blog"), Source: filepath.Join(dir, "in"), Now: now}
	for l := range strings.Lines(string(a.Comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(l), ": ")
		switch key {
		case "from":
			o.From = value
		case "source":
			o.Source = filepath.Join(dir, "in", value)
		case "media":
			o.Media = filepath.Join(dir, "in", value)
		case "url":
			o.URL = value
		}
	}
	return o, dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func rewrite(t *testing.T, file string, a *txtar.Archive, got map[string]string) {
	t.Helper()
	var files []txtar.File
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, "in/") {
			files = append(files, f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		files = append(files, txtar.File{Name: "out/" + name, Data: []byte(got[name])})
	}
	a.Files = files
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// publishes holds that publish takes the blog without an error, announces nothing, and gives back the list of what is out.
func publishes(t *testing.T, dir string) site.PublishedList {
	t.Helper()
	c, err := site.Load(filepath.Join(dir, site.FileName), nil, map[string]string{"federation.enabled": "true"})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "public")
	r, err := publisher.Publish(t.Context(), publisher.Options{Config: c, Announce: true, Output: out, Now: now})
	var faults site.Diagnostics
	if errors.As(err, &faults) {
		t.Fatalf("publish refuses the import:\n%v", faults)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range r.Changes {
		if change.Federated != "" {
			t.Errorf("%s is announced (%s)", change.Path, change.Federated)
		}
	}
	var list site.PublishedList
	data, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(site.PublishedFile)))
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list.Posts {
		if !p.Silent {
			t.Errorf("%s is listed to be announced", p.Name)
		}
	}
	return list
}
