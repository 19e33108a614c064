package mend

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/postil-blog/postil/site"
)

func TestApply(t *testing.T) {
	t.Parallel()
	date := site.Fix{Line: 2, Col: 7, Old: "28/10/2026", Text: "2026-10-28"}
	for name, c := range map[string]struct {
		src   string
		fixes []site.Fix
		want  string
		done  int
	}{
		"one":           {"---\ndate: 28/10/2026 # then\n---\n", []site.Fix{date}, "---\ndate: 2026-10-28 # then\n---\n", 1},
		"windows":       {"---\r\ndate: 28/10/2026\r\n---\r\n", []site.Fix{date}, "---\r\ndate: 2026-10-28\r\n---\r\n", 1},
		"marked":        {"\ufeff---\ndate: 28/10/2026\n", []site.Fix{date}, "\ufeff---\ndate: 2026-10-28\n", 1},
		"moved":         {"---\n\ndate: 28/10/2026\n", []site.Fix{date}, "---\n\ndate: 28/10/2026\n", 0},
		"old Mac":       {"---\rdate: 28/10/2026\r", []site.Fix{date}, "---\rdate: 28/10/2026\r", 0},
		"mixed":         {"a\rb\ndate: 28/10/2026\n", []site.Fix{date}, "a\rb\ndate: 28/10/2026\n", 0},
		"same twice":    {"---\ndate: 28/10/2026\n", []site.Fix{date, date}, "---\ndate: 2026-10-28\n", 1},
		"two of a line": {"é: a b\n", []site.Fix{{Line: 1, Col: 4, Old: "a", Text: "aaa"}, {Line: 1, Col: 6, Old: "b", Text: "bbb"}}, "é: aaa bbb\n", 2},
		"overlapping":   {"abcd\n", []site.Fix{{Line: 1, Col: 1, Old: "abc", Text: "x"}, {Line: 1, Col: 3, Old: "cd", Text: "yz"}}, "abyz\n", 1},
		"new line":      {"+++\r\ntitle = \"A\"\r\n", []site.Fix{{Line: 2, Col: 1, Text: "id = \"k\"\n"}}, "+++\r\nid = \"k\"\r\ntitle = \"A\"\r\n", 1},
		"out of it":     {"a\n", []site.Fix{{Line: 9, Col: 1, Text: "x"}, {Line: 1, Col: 9, Text: "x"}, {}}, "a\n", 0},
	} {
		got, done := Apply([]byte(c.src), c.fixes)
		if string(got) != c.want || done != c.done {
			t.Errorf("%s: %q, %d applied, want %q, %d", name, got, done, c.want, c.done)
		}
	}
}

// TestWrite holds that a file keeps its permissions, that nothing is left beside it, and that a link is not replaced.
func TestWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name, link := filepath.Join(dir, "a.md"), filepath.Join(dir, "b.md")
	if err := errors.Join(os.WriteFile(name, []byte("old"), 0o600), os.Chmod(name, 0o640), os.Symlink("a.md", link)); err != nil {
		t.Fatal(err)
	}
	if err := Write(name, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, []byte("newer")); !errors.Is(err, ErrNotPlain) {
		t.Errorf("a link gives %v, want ErrNotPlain", err)
	}
	data, err := os.ReadFile(name)
	info, statErr := os.Lstat(name)
	if err = errors.Join(err, statErr); err != nil || string(data) != "new" || info.Mode().Perm() != 0o640 {
		t.Errorf("%q, %v, %v", data, info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("left in the folder: %v, %v", entries, err)
	}
}
