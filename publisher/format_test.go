package publisher

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postil-blog/postil/templates"
	"github.com/postil-blog/postil/themes"
)

// TestFormat builds the old site of each testdata/format/N with its own templates and theme, which `publish theme eject --all` wrote then, and
// compares all that comes out, byte for byte, with testdata/format/N.txtar. A difference is a change of what a format means: it belongs into a new
// format, beside the old. Until 1.0 it may be a wanted one: go test ./publisher -run TestFormat -update, with a line in CHANGELOG.md.
func TestFormat(t *testing.T) {
	t.Parallel()
	sites, err := filepath.Glob("testdata/format/*/config.toml")
	if err != nil || len(sites) == 0 {
		t.Fatal("no sites", err)
	}
	for _, config := range sites {
		dir := filepath.Dir(config)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			b := &blog{t: t, dir: t.TempDir()}
			if err := os.CopyFS(b.dir, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			b.configure()
			b.publish()
			got, file := b.whole("public"), dir+".txtar"
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("the old site is built differently now (-update writes %s anew) (-want +got):\n%s", file, cmp.Diff(string(want), string(got)))
			}
		})
	}
}

// TestEjectedIsTheSame: who copies everything that is built in into the site gets the same pages, so that a later Postil with other templates
// changes none of them.
func TestEjectedIsTheSame(t *testing.T) {
	t.Parallel()
	b := newBlog(t, nil)
	if err := os.CopyFS(filepath.Join(b.dir, "content"), os.DirFS("testdata/format/1/content")); err != nil {
		t.Fatal(err)
	}
	b.publish()
	want := b.whole("public")
	for folder, files := range map[string]fs.FS{"templates": templates.Builtin(), "themes": themes.Builtin()} {
		if err := os.CopyFS(filepath.Join(b.dir, folder), files); err != nil {
			t.Fatal(err)
		}
	}
	b.publish()
	if got := b.whole("public"); !bytes.Equal(got, want) {
		t.Errorf("with everything ejected (-want +got):\n%s", cmp.Diff(string(want), string(got)))
	}
}

// whole is a folder as one text archive. Of what is no text it holds the sum.
func (b *blog) whole(folder string) []byte {
	b.t.Helper()
	a := &txtar.Archive{}
	tree := b.tree(folder)
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		data := []byte(tree[name])
		if !utf8.Valid(data) || bytes.HasPrefix(data, []byte("-- ")) || bytes.Contains(data, []byte("\n-- ")) {
			data = fmt.Appendf(nil, "sha256 %x\n", sha256.Sum256(data))
		}
		if len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
			data = append(data, "\n(no line end)\n"...)
		}
		a.Files = append(a.Files, txtar.File{Name: name, Data: data})
	}
	return txtar.Format(a)
}
