package publisher

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/postil-blog/postil/site"
)

// open opens the output folder, once it is sure that the folder is one to write into.
func (b *build) openOutput() error {
	dir := b.outputDir()
	if err := b.safe(dir); err != nil {
		return err
	}
	if b.options.DryRun {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			// A dry run may not even make the folder: compare with an empty one.
			tmp, err := os.MkdirTemp("", "postil-dry-")
			if err != nil {
				return err
			}
			b.closers = append(b.closers, closer(func() error { return os.RemoveAll(tmp) }))
			dir = tmp
		}
	} else if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	b.output = root
	b.closers = append(b.closers, root)
	return nil
}

type closer func() error

func (c closer) Close() error { return c() }

func (b *build) outputDir() string {
	return b.config.Path(cmp.Or(b.options.Output, b.config.Publish.Output))
}

// safe refuses to publish into a folder that holds something else: everything in it that publish did not make is removed.
func (b *build) safe(dir string) error {
	refuse := func(why string) error {
		return fmt.Errorf("not publishing into %s: %s; set publish.output to a folder of its own", dir, why)
	}
	real := resolveLinks(dir)
	home, _ := os.UserHomeDir()
	for _, taken := range []struct{ dir, why string }{
		{"/", "it is the root of the file system"}, {home, "it is your home folder"}, {b.config.Dir, "it is the site's own folder"},
		{b.config.Path(b.config.Publish.Content), "it is the content folder"},
	} {
		if taken.dir != "" && within(resolveLinks(taken.dir), real) {
			return refuse(taken.why + ", or holds it")
		}
	}
	for _, name := range []string{b.config.Publish.Content, "templates", "themes", "comments", ".cache", b.config.Inboxd.Data} {
		if inner := resolveLinks(b.config.Path(name)); name != "" && within(real, inner) {
			return refuse("it lies in " + name)
		}
	}
	names, err := os.ReadDir(real)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(names, func(d fs.DirEntry) bool { return strings.HasPrefix(d.Name(), ".") })
	if _, err := os.Stat(filepath.Join(real, site.PublishedFile)); len(names) > 0 && err != nil {
		return refuse("it holds files that publish did not make")
	}
	return nil
}

// within tells whether dir is outer or lies in it.
func within(dir, outer string) bool {
	rel, err := filepath.Rel(outer, dir)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// resolveLinks follows symbolic links as far as the path exists.
func resolveLinks(dir string) string {
	dir = filepath.Clean(dir)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return real
	}
	if parent := filepath.Dir(dir); parent != dir {
		return filepath.Join(resolveLinks(parent), filepath.Base(dir))
	}
	return dir
}
