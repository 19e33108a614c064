// Package mend applies the fixes that diagnostics carry to the files that they are about.
//
// A fix is applied only where the file still says what the diagnostic saw; line ends and a byte order mark stay as they are. A file is
// replaced whole or not at all and keeps its permissions. The package knows no post: whether a file is better afterwards, its
// callers judge.
package mend

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/postil-blog/postil/site"
)

// bom is the byte order mark that some editors write. Places in a file do not count it.
const bom = "\ufeff"

// Apply gives a source with the fixes applied, and how many of them were. A fix whose Old does not stand at its place is left out, and so
// is one that touches another.
func Apply(src []byte, fixes []site.Fix) ([]byte, int) {
	text, marked := bytes.CutPrefix(src, []byte(bom))
	if strings.Count(string(text), "\r") != strings.Count(string(text), "\r\n") {
		return src, 0 // lines end in a lone carriage return: the places are those of another text
	}
	lines := strings.SplitAfter(string(text), "\n")
	fixes = slices.Clone(fixes)
	slices.SortFunc(fixes, func(x, y site.Fix) int {
		return cmp.Or(cmp.Compare(y.Line, x.Line), cmp.Compare(y.Col, x.Col), cmp.Compare(x.Text, y.Text))
	})
	done := 0
	for i, f := range fixes {
		if i > 0 && f.Line == fixes[i-1].Line && f.Col == fixes[i-1].Col {
			continue
		}
		if apply(lines, f) {
			done++
		}
	}
	out := []byte(strings.Join(lines, ""))
	if marked {
		out = append([]byte(bom), out...)
	}
	return out, done
}

func apply(lines []string, f site.Fix) bool {
	if f.Line < 1 || f.Line > len(lines) {
		return false
	}
	line := []rune(lines[f.Line-1])
	if f.Col < 1 || f.Col-1 > len(line) {
		return false
	}
	before, rest := string(line[:f.Col-1]), string(line[f.Col-1:])
	after, found := strings.CutPrefix(rest, f.Old)
	if !found {
		return false
	}
	text := f.Text
	if strings.HasSuffix(lines[f.Line-1], "\r\n") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	lines[f.Line-1] = before + text + after
	return true
}

// ErrNotPlain means that a name is no plain file: what lies behind a link is not ours to replace.
var ErrNotPlain = errors.New("not a plain file")

// Write puts data into the place of an existing file, whole or not at all, with the permissions that it has.
func Write(name string, data []byte) error {
	info, err := os.Lstat(name)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w", name, ErrNotPlain)
	}
	// A name with a dot is an editor's to publish, so a run that is under way reads no half file.
	f, err := os.CreateTemp(filepath.Dir(name), ".mend-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(info.Mode().Perm()), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
