package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// ErrNotEmpty means that the folder for the new blog holds something: nothing that exists is ever replaced.
var ErrNotEmpty = errors.New("holds files already")

// Stage is a blog that was imported and lies beside its place.
type Stage struct {
	Dir     string // where it lies: a whole site
	Summary Summary

	target string
}

// Free tells whether a new blog can be made at dir: ErrNotEmpty where it is a file, or a folder that holds anything but .git.
func Free(dir string) error {
	names, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	for _, d := range names {
		if d.Name() != ".git" {
			return fmt.Errorf("%s %w, %s among them", dir, ErrNotEmpty, d.Name())
		}
	}
	return nil
}

// write makes the whole site in a folder of its own: beside the target where that is not there yet, in it where it is.
func (in *importing) write(ctx context.Context) (s *Stage, err error) {
	target, err := filepath.Abs(in.Dir)
	if err != nil {
		return nil, err
	}
	if err := Free(target); err != nil {
		return nil, err
	}
	parent := filepath.Dir(target)
	if info, err := os.Stat(target); err == nil && info.IsDir() {
		parent = target
	} else { // folders above are made by Commit alone
		for up := filepath.Dir(parent); errors.Is(missing(parent), fs.ErrNotExist) && up != parent; up = filepath.Dir(parent) {
			parent = up
		}
	}
	dir, err := os.MkdirTemp(parent, ".postil-import-")
	if err != nil {
		return nil, err
	}
	s = &Stage{Dir: dir, target: target}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("writing the blog: %w", err), s.Discard())
		}
	}()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return s, err
	}
	defer root.Close()
	if err := in.writeAll(ctx, root); err != nil {
		return s, err
	}
	in.summary.Dir = in.Dir
	in.summary.NotCarried = sorted(in.summary.NotCarried)
	s.Summary = in.summary
	return s, nil
}

func missing(dir string) error {
	_, err := os.Stat(dir)
	return err
}

func (in *importing) writeAll(ctx context.Context, root *os.Root) error {
	count := &in.summary.Carried
	tags := map[string]bool{}
	for _, p := range in.blog.Posts {
		if err := ctx.Err(); err != nil {
			return err
		}
		in.count(p, tags)
		if err := put(root, "content/"+p.file, []byte(in.source(p))); err != nil {
			return err
		}
		if err := in.writeBeside(root, p); err != nil {
			return err
		}
		if err := in.writeThread(root, p); err != nil {
			return err
		}
	}
	count.Tags, count.Authors = len(tags), len(in.blog.Authors)
	for _, to := range slices.Sorted(maps.Keys(in.files)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := in.copy(root, in.files[to], "content/"+to); err != nil {
			return err
		}
	}
	if err := put(root, ".gitignore", []byte("/public/\n/data/\n/.cache/\n/.scheduled/\n")); err != nil {
		return err
	}
	return put(root, "config.toml", []byte(in.config()))
}

func (in *importing) count(p *Post, tags map[string]bool) {
	count := &in.summary.Carried
	switch {
	case p.Draft:
		count.Drafts++
	case p.Page:
		count.Pages++
	default:
		count.Posts++
	}
	if in.hushed(p) {
		in.summary.Silent++
	}
	count.Redirects += len(p.aliases)
	for _, t := range p.Tags {
		tags[slug(t)] = true
	}
}

// writeBeside copies the files of a post's own folder.
func (in *importing) writeBeside(root *os.Root, p *Post) error {
	for _, name := range slices.Sorted(maps.Keys(p.Beside)) {
		if err := in.copy(root, p.Beside[name], "content/"+path.Join(path.Dir(p.file), name)); err != nil {
			return err
		}
	}
	return nil
}

// copy copies one file. What cannot be read is told of and left out.
func (in *importing) copy(root *os.Root, from asset, to string) error {
	r, err := from.root.Open(from.name)
	if err != nil {
		in.note(Note{Code: CodeMedia, File: from.name, Message: "cannot be read: " + err.Error()})
		return nil
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxMedia {
		in.note(Note{Code: CodeMedia, File: from.name, Message: "is no plain file of at most 2 GB"})
		return nil
	}
	if err := root.MkdirAll(path.Dir(to), 0o755); err != nil {
		return err
	}
	w, err := root.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	in.summary.Carried.Media++
	return errors.Join(err, w.Close())
}

func put(root *os.Root, name string, data []byte) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, bytes.NewReader(data))
	return errors.Join(err, f.Close())
}

// writeThread writes the comments that stood under a post where publish looks for them.
func (in *importing) writeThread(root *os.Root, p *Post) error {
	t := in.thread(p)
	if t == nil {
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(t); err != nil {
		return err
	}
	return put(root, "comments/"+p.id+".json", b.Bytes())
}

// Commit puts the blog into its place. A folder that did not exist appears whole; into one that did, config.toml comes last.
func (s *Stage) Commit() (err error) {
	if filepath.Dir(s.Dir) != s.target {
		if err := Free(s.target); err != nil {
			return errors.Join(err, s.Discard())
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(s.target), 0o755), os.Chmod(s.Dir, 0o755)); err != nil {
			return errors.Join(err, s.Discard())
		}
		if err := os.Rename(s.Dir, s.target); err != nil {
			return errors.Join(err, s.Discard())
		}
		return nil
	}
	names, err := os.ReadDir(s.Dir)
	if err != nil {
		return err
	}
	slices.SortFunc(names, func(x, y fs.DirEntry) int {
		switch {
		case x.Name() == "config.toml":
			return 1
		case y.Name() == "config.toml":
			return -1
		}
		return 0
	})
	var moved []string
	for _, d := range names {
		to := filepath.Join(s.target, d.Name())
		if _, err = os.Lstat(to); err == nil {
			err = fmt.Errorf("%s %w, %s among them", s.target, ErrNotEmpty, d.Name())
		} else {
			err = os.Rename(filepath.Join(s.Dir, d.Name()), to)
		}
		if err != nil {
			for _, name := range moved {
				err = errors.Join(err, os.RemoveAll(name))
			}
			return errors.Join(err, s.Discard())
		}
		moved = append(moved, to)
	}
	return s.Discard()
}

// Discard removes what was staged.
func (s *Stage) Discard() error { return os.RemoveAll(s.Dir) }
