// Package plainfile reads files that others may have laid: whole, within a bound, and only where they are plain files. A FIFO would be
// waited for without end, a device or a file of many gigabytes read until memory is gone. It knows neither posts nor settings.
package plainfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Faults of a file, below an *fs.PathError that names it.
var (
	ErrKind  = errors.New("this is not a plain file")
	ErrLarge = errors.New("the file is too large")
)

// Read gives the file's content, of at most limit bytes. Its errors are ErrKind, ErrLarge and those of the file system.
func Read(dir fs.FS, name string, limit int64) ([]byte, error) {
	info, err := fs.Stat(dir, name)
	if err != nil {
		return nil, err
	}
	if err := check(info, name, limit); err != nil {
		return nil, err
	}
	f, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	return read(f, info.Size(), name, limit)
}

// ReadPath is Read for a path of the machine.
func ReadPath(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if err := check(info, name, limit); err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return read(f, info.Size(), name, limit)
}

func check(info fs.FileInfo, name string, limit int64) error {
	switch {
	case !info.Mode().IsRegular():
		return &fs.PathError{Op: "read", Path: name, Err: ErrKind}
	case info.Size() > limit:
		return &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("%w: larger than %d MB", ErrLarge, limit>>20)}
	}
	return nil
}

// read reads a file that was of that size when it was looked at, and closes it. One that grew meanwhile is cut off at the limit.
func read(f fs.File, size int64, name string, limit int64) ([]byte, error) {
	defer f.Close()
	data := make([]byte, 0, size+1)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case err == io.EOF:
			return data, nil
		case err != nil:
			return nil, err
		case int64(len(data)) > limit:
			return nil, &fs.PathError{Op: "read", Path: name, Err: ErrLarge}
		case len(data) == cap(data):
			data = append(data, 0)[:len(data)]
		}
	}
}

// Write makes a new file of that name. What stood there before is removed first: a link is never followed.
func Write(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		if err := os.Remove(name); err != nil {
			return err
		}
		f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// FS is a folder whose files are read by Read.
type FS struct {
	Dir   fs.FS
	Limit int64 // of one file, in bytes
}

// Open is fs.FS.
func (f FS) Open(name string) (fs.File, error) {
	info, err := fs.Stat(f.Dir, name)
	if err == nil && !info.IsDir() {
		err = check(info, name, f.Limit)
	}
	if err != nil {
		return nil, err
	}
	return f.Dir.Open(name)
}

// ReadFile is fs.ReadFileFS.
func (f FS) ReadFile(name string) ([]byte, error) { return Read(f.Dir, name, f.Limit) }

// ReadDir is fs.ReadDirFS.
func (f FS) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(f.Dir, name) }

// Stat is fs.StatFS: a folder's file is looked at without being opened.
func (f FS) Stat(name string) (fs.FileInfo, error) { return fs.Stat(f.Dir, name) }
