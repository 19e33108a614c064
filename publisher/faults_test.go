package publisher

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/postil-blog/postil/site"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what came out into the golden files")

// TestFaults publishes the site of each testdata/faults/*.txtar and compares what a person is told with its file "want". Nothing
// may be written.
func TestFaults(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/faults/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files, want := map[string]string{}, ""
			for _, f := range a.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				files[f.Name] = unescape(string(f.Data))
			}
			b := newBlog(t, files)
			r, err := Publish(t.Context(), b.o)
			var ds site.Diagnostics
			if !errors.As(err, &ds) {
				if ds = r.Diagnostics; err != nil {
					t.Fatal(err)
				}
			} else if left := b.tree("public"); len(left) > 0 {
				t.Errorf("files were written in spite of faults: %d", len(left))
			}
			var out strings.Builder
			if err := WriteDiagnostics(&out, ds, false); err != nil {
				t.Fatal(err)
			}
			if *update {
				golden(t, name, a, out.String())
				return
			}
			if diff := cmp.Diff(want, out.String()); diff != "" {
				t.Errorf("what is said (-want +got):\n%s", diff)
			}
		})
	}
}

// unescape lets a text archive hold what it cannot: \r, NUL, a byte order mark.
func unescape(s string) string {
	return strings.NewReplacer(`\r`, "\r", `\0`, "\x00", `\ufeff`, "\ufeff", `\xff`, "\xff").Replace(s)
}

func golden(t *testing.T, name string, a *txtar.Archive, got string) {
	t.Helper()
	for i := range a.Files {
		if a.Files[i].Name == "want" {
			a.Files[i].Data = []byte(got)
		}
	}
	if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestWriteDiagnosticsColour(t *testing.T) {
	t.Parallel()
	d := site.Diagnostics{{Severity: site.Error, Code: "P012", File: "content/posts/a.md", Line: 3, Col: 7, Width: 4, Message: "no\x1b[2Jdate", Excerpt: "date: 2026\x07", Help: "help"}}
	var plain, coloured strings.Builder
	if err := errors.Join(WriteDiagnostics(&plain, d, false), WriteDiagnostics(&coloured, d, true)); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(plain.String(), "\x1b\x07") {
		t.Errorf("a file's control characters reach the terminal: %q", plain.String())
	}
	if !strings.Contains(coloured.String(), "\x1b[1;31m^^^^\x1b[0m") {
		t.Errorf("no coloured caret in %q", coloured.String())
	}
}
