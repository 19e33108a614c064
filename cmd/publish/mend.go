package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/publisher"
	"github.com/postil-blog/postil/publisher/mend"
	"github.com/postil-blog/postil/site"
)

// rounds is how often check --fix looks again: what one fix uncovers, the next mends.
const rounds = 4

// mender applies the fixes of a site's faults.
type mender struct {
	dir    string // of config.toml
	dryRun bool
	count  int
	before map[string][]byte // by name as faults have it, what a file held at first
	after  map[string][]byte
}

// mend applies every fix that faults carry and prints what it changed.
func (a *app) mend(cmd *cobra.Command, f checkFlags) error {
	file, err := a.settings.File()
	if err != nil {
		return err
	}
	file, err = filepath.Abs(file)
	if err != nil {
		return err
	}
	m := &mender{dir: filepath.Dir(file), dryRun: f.dryRun, before: map[string][]byte{}, after: map[string][]byte{}}
	for range rounds {
		r, _, err := a.examine(cmd, f)
		if err != nil {
			return err
		}
		n, err := m.round(a, r.Diagnostics)
		if err != nil {
			return err
		}
		if m.count += n; n == 0 || f.dryRun {
			break
		}
	}
	return m.tell(cmd.OutOrStdout())
}

// round mends each file once and gives the number of fixes.
func (m *mender) round(a *app, faults site.Diagnostics) (n int, err error) {
	byFile := map[string]site.Diagnostics{}
	for _, d := range faults {
		if d.Fix != (site.Fix{}) {
			byFile[d.File] = append(byFile[d.File], d)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byFile)) {
		done, err := m.file(a, name, byFile[name])
		if err != nil {
			return n, err
		}
		n += done
	}
	return n, nil
}

// file mends one file, unless it would be no better afterwards.
func (m *mender) file(a *app, name string, faults site.Diagnostics) (int, error) {
	at := filepath.FromSlash(name)
	if !filepath.IsAbs(at) {
		at = filepath.Join(m.dir, at)
	}
	if info, err := os.Lstat(at); err != nil || !info.Mode().IsRegular() {
		return 0, nil // a link: what it leads to is not ours to change
	}
	src, err := os.ReadFile(at)
	if err != nil {
		return 0, err
	}
	var fixes []site.Fix
	for _, d := range faults {
		fixes = append(fixes, d.Fix)
	}
	out, n := mend.Apply(src, fixes)
	if n == 0 || bytes.Equal(src, out) || !better(a, name, src, out) {
		return 0, nil
	}
	if _, known := m.before[name]; !known {
		m.before[name] = src
	}
	m.after[name] = out
	if m.dryRun {
		return n, nil
	}
	return n, mend.Write(at, out)
}

// better holds that a changed file has no fault that it had not before. A fix that cannot be judged is not applied.
func better(a *app, name string, before, after []byte) bool {
	c, _, err := a.settings.Examine()
	if err != nil {
		return false
	}
	if c == nil || name == filepath.Base(c.File) {
		return !strings.HasSuffix(name, ".md")
	}
	rest, ok := strings.CutPrefix(name, filepath.ToSlash(c.Publish.Content)+"/")
	if !ok {
		return false
	}
	was := map[string]int{}
	for _, d := range publisher.CheckSource(c, rest, before) {
		was[d.Code]++
	}
	for _, d := range publisher.CheckSource(c, rest, after) {
		if was[d.Code]--; was[d.Code] < 0 && d.Severity == site.Error && was["P001"] == 0 {
			return false
		}
	}
	return true
}

// tell prints the changes as a unified diff, and their number.
func (m *mender) tell(w io.Writer) error {
	for _, name := range slices.Sorted(maps.Keys(m.before)) {
		text := diff.Diff("a/"+name, m.before[name], "b/"+name, m.after[name])
		if _, err := w.Write(withoutHead(text)); err != nil {
			return err
		}
	}
	if m.count == 0 {
		_, err := fmt.Fprintln(w, "Nothing can be fixed for certain.")
		return err
	}
	word := "Fixed"
	if m.dryRun {
		word = "Would fix"
	}
	_, err := fmt.Fprintf(w, "%s %s in %s.\n\n", word, cli.Count(m.count, "fault"), cli.Count(len(m.before), "file"))
	return err
}

// withoutHead takes the line "diff a b" off, which patch and git do not need.
func withoutHead(text []byte) []byte {
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	return rest
}
