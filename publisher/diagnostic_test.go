package publisher

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/postil-blog/postil/publisher/diagnostic"
	"github.com/postil-blog/postil/publisher/importer"
	"github.com/postil-blog/postil/site"
)

// diagnosticPages is where the pages of the codes lie.
const diagnosticPages = "../docs/diagnostics"

// TestDiagnosticPages holds that every code in the sources has a row, every row a page that says what the row says, and that the
// examples of a row are what they claim to be. -update writes the pages.
func TestDiagnosticPages(t *testing.T) {
	t.Parallel()
	if used, known := codesInSources(t), codesOf(diagnostic.All()); !slices.Equal(used, known) {
		t.Errorf("the sources use\n%q\nand the table of publisher/diagnostic has\n%q", used, known)
	}
	page(t, "README.md", diagnostic.Index())
	want := []string{"README.md"}
	for _, r := range diagnostic.All() {
		page(t, r.Code+".md", r.Page())
		want = append(want, r.Code+".md")
		t.Run(r.Code, func(t *testing.T) { t.Parallel(); examples(t, r) })
	}
	if *update {
		return
	}
	entries, err := os.ReadDir(diagnosticPages)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(want, e.Name()) {
			t.Errorf("%s/%s belongs to no row", diagnosticPages, e.Name())
		}
	}
}

// page compares a page with its file, or writes it.
func page(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(diagnosticPages, name)
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != text {
		t.Errorf("%s is stale (%v): go test ./publisher -run TestDiagnosticPages -update", file, err)
	}
}

// codesInSources are all codes that the sources name, in order.
func codesInSources(t *testing.T) []string {
	t.Helper()
	code, found := regexp.MustCompile(`"(P[0-9]{3})"`), map[string]bool{}
	for _, dir := range []string{"../site", ".", "../cmd", "../templates", "../themes"} {
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && (d.Name() == "diagnostic" || d.Name() == "testdata") {
				return fs.SkipDir
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			data, err := os.ReadFile(name)
			for _, m := range code.FindAllStringSubmatch(withoutComments(string(data)), -1) {
				found[m[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var list []string
	for c := range found {
		list = append(list, c)
	}
	slices.Sort(list)
	return list
}

func withoutComments(src string) string {
	return regexp.MustCompile(`(?m)(^|\s)//.*$`).ReplaceAllString(src, "")
}

func codesOf(rows []diagnostic.Row) (list []string) {
	for _, r := range rows {
		list = append(list, r.Code)
	}
	return list
}

// examples holds that the bad example yields the row's code with one of its severities, and the good one does not.
func examples(t *testing.T, r diagnostic.Row) {
	if r.Name == "" || r.Meaning == "" || r.Fix == "" || r.Bad == "" || r.Good == "" {
		t.Errorf("the row is not complete: %+v", r)
	}
	told := told
	if pkg, test, ok := strings.Cut(r.Outside, " "); ok {
		if !hasTest(t, filepath.Join("..", pkg), test) {
			t.Errorf("there is no %s", r.Outside)
		}
		return
	}
	if r.Import != "" {
		told = func(t *testing.T, example string) site.Diagnostics { return toldOfImport(t, r.Import, example) }
	}
	found := false
	for _, d := range told(t, r.Bad) {
		if d.Code == r.Code {
			found = true
			if !strings.Contains(r.Severity, string(d.Severity)) {
				t.Errorf("the row says %s, it is told as %s", r.Severity, d.Severity)
			}
		}
	}
	if !found {
		t.Errorf("the bad example yields %v", told(t, r.Bad))
	}
	for _, d := range told(t, r.Good) {
		if d.Code == r.Code || d.Severity == site.Error {
			t.Errorf("the good example yields %v", d)
		}
	}
}

// hasTest tells whether a folder has a test.
func hasTest(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(f string) bool {
		data, err := os.ReadFile(f)
		return err == nil && strings.Contains(string(data), "\nfunc "+name+"(")
	})
}

// told is everything that is said of an example.
func told(t *testing.T, example string) site.Diagnostics {
	t.Helper()
	dir, before := t.TempDir(), false
	for _, stage := range []string{"before/", ""} {
		for name, text := range diagnostic.Files(example) {
			rest, ok := strings.CutPrefix(name, "before/")
			if ok != (stage != "") {
				continue
			}
			before = before || ok
			lay(t, dir, rest, unescape(text))
		}
		if stage != "" && before {
			if ds := said(t, dir, false); ds.Errors() > 0 {
				t.Fatalf("what is published before has faults: %v", ds)
			}
			if err := os.RemoveAll(filepath.Join(dir, "content")); err != nil {
				t.Fatal(err)
			}
		}
	}
	return said(t, dir, true)
}

// toldOfImport is everything that is said when the blog of another program is imported.
func toldOfImport(t *testing.T, from, example string) site.Diagnostics {
	t.Helper()
	dir := t.TempDir()
	for name, text := range diagnostic.Files(example) {
		lay(t, filepath.Join(dir, "in"), name, unescape(text))
	}
	source := filepath.Join(dir, "in")
	if from != "jekyll" {
		source = filepath.Join(source, map[string]string{"ghost": "export.json", "wordpress": "export.xml"}[from])
	}
	stage, err := importer.Run(t.Context(), importer.Options{From: from, Source: source, Dir: filepath.Join(dir, "out"), Now: now})
	var ds site.Diagnostics
	if errors.As(err, &ds) {
		return ds
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range stage.Summary.NotCarried {
		ds = append(ds, site.Diagnostic{Severity: site.Warning, Code: n.Code, File: n.File, Line: n.Line, Message: n.Message})
	}
	return ds
}

func lay(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// said publishes a folder, or checks it, and gives all faults of settings and content.
func said(t *testing.T, dir string, check bool) site.Diagnostics {
	t.Helper()
	file := filepath.Join(dir, "config.toml")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		lay(t, dir, "config.toml", testConfig)
	}
	if err := os.MkdirAll(filepath.Join(dir, "content"), 0o755); err != nil {
		t.Fatal(err)
	}
	var ds site.Diagnostics
	c, err := site.Load(file, nil, nil)
	if errors.As(err, &ds) {
		return ds
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := Publish(t.Context(), Options{Config: c, Announce: true, Now: now, DryRun: check, Lint: check})
	if errors.As(err, &ds) {
		return ds
	}
	if err != nil {
		t.Fatal(err)
	}
	return r.Diagnostics
}
