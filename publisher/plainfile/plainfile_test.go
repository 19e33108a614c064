package plainfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestReadTakesPlainFilesAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("words"), 0o644); err != nil {
		t.Fatal(err)
	}
	folder := FS{Dir: os.DirFS(dir), Limit: 5}
	for name, read := range map[string]func(string) ([]byte, error){
		"ReadPath": func(name string) ([]byte, error) { return ReadPath(filepath.Join(dir, name), 5) },
		"Read":     func(name string) ([]byte, error) { return Read(os.DirFS(dir), name, 5) },
		"FS":       func(name string) ([]byte, error) { return fs.ReadFile(folder, name) },
	} {
		if data, err := read("a"); err != nil || string(data) != "words" {
			t.Errorf("%s: %q, %v", name, data, err)
		}
		if _, err := read("none"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s of a file that is not there: %v", name, err)
		}
	}
	if runtime.GOOS != "windows" {
		if _, err := ReadPath(os.DevNull, 5); !errors.Is(err, ErrKind) {
			t.Errorf("a device is read: %v", err)
		}
	}
	folder.Limit = 4
	if _, err := fs.ReadFile(folder, "a"); !errors.Is(err, ErrLarge) {
		t.Errorf("5 bytes of at most 4: %v", err)
	}
	if _, err := folder.Open("a"); !errors.Is(err, ErrLarge) {
		t.Errorf("opened, 5 bytes of at most 4: %v", err)
	}
}

func TestWriteFollowsNoLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other, link := filepath.Join(dir, "other"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(other, []byte("theirs"), 0o644), os.Symlink(other, link)); err != nil {
		t.Skip(err)
	}
	if err := Write(link, []byte("ours")); err != nil {
		t.Fatal(err)
	}
	theirs, _ := os.ReadFile(other)
	ours, _ := os.ReadFile(link)
	if string(theirs) != "theirs" || string(ours) != "ours" {
		t.Errorf("written through the link: %q, and here %q", theirs, ours)
	}
}
