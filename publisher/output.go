package publisher

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/postil-blog/postil/site"
	"golang.org/x/sync/errgroup"
)

// staged is a file that is written beside the site and waits to be renamed into place.
type staged struct {
	output
	tmp  string
	fact outputFact
	size int
	new  bool
}

// stage makes every output that is not as it should be and writes it beside the site. Nothing that a reader sees is touched.
func (b *build) stage(ctx context.Context) ([]staged, error) {
	var mu sync.Mutex
	var list []staged
	faults := site.Diagnostics{}
	var done atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(b.workers)
	stale := b.stale()
	for _, o := range stale {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			b.progress("Writing", int(done.Add(1)), len(stale))
			s, changed, err := b.prepareOnce(o)
			mu.Lock()
			defer mu.Unlock()
			var ds site.Diagnostics
			if errors.As(err, &ds) {
				faults = append(faults, ds...)
				return nil
			}
			if err != nil {
				return err
			}
			b.next.Outputs[o.path] = s.fact
			if changed {
				list = append(list, s)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, sameTemplate(faults)
	}
	slices.SortFunc(list, func(x, y staged) int { return cmp.Or(cmp.Compare(x.class, y.class), cmp.Compare(x.path, y.path)) })
	return list, nil
}

// stale are the outputs that must be made: the others are made of the same and lie there as they were written.
func (b *build) stale() (list []output) {
	for _, o := range b.outputs {
		if fact, known := b.memory.Outputs[o.path]; known && fact.Print == o.print && b.intact(o.path, fact) {
			b.next.Outputs[o.path] = fact
			continue
		}
		list = append(list, o)
	}
	// The three feeds of a tag are made one after the other: they show the same posts, whose texts are read once.
	slices.SortFunc(list, func(x, y output) int { return strings.Compare(x.path, y.path) })
	return list
}

func (b *build) prepareOnce(o output) (staged, bool, error) {
	if o.ready != nil {
		return o.ready.staged, o.ready.changed, nil
	}
	return b.prepare(o)
}

// prepare tells whether an output differs from the file that is there, and stages it if so.
func (b *build) prepare(o output) (staged, bool, error) {
	s := staged{output: o}
	s.fact.Print = o.print
	if o.file != nil {
		return b.prepareCopy(s)
	}
	data, err := o.make()
	if err != nil {
		return s, false, err
	}
	s.fact.Sum = sha256.Sum256(data)
	return b.prepareData(s, data)
}

// prepareData is prepare for a file whose content, and the hash of it, are known.
func (b *build) prepareData(s staged, data []byte) (staged, bool, error) {
	s.size = len(data)
	if len(b.standing) == 0 && !strings.HasPrefix(s.path, ".") { // a new site: nothing is asked for ten thousand times
		s.new = true
	} else if info, err := b.output.Lstat(s.path); err == nil && info.Mode().IsRegular() && info.Size() == int64(len(data)) {
		if old, err := b.output.ReadFile(s.path); err == nil && bytes.Equal(old, data) {
			s.fact.Stamp = stampOf(info)
			return s, false, nil
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		s.new = true
	}
	if b.options.DryRun {
		return s, true, nil
	}
	var err error
	if s.tmp, err = b.beside(s.path); err == nil {
		s.fact.Stamp, err = b.write(s.tmp, bytes.NewReader(data))
	}
	if err != nil {
		err = fmt.Errorf("writing %s: %w", s.path, err)
	}
	return s, true, err
}

// prepareCopy does the same for a content file, without reading it into memory.
func (b *build) prepareCopy(s staged) (staged, bool, error) {
	fact := s.file.look(b)
	sum, size := fact.published()
	s.fact.Sum, s.size = sum, int(size)
	info, err := b.output.Lstat(s.path)
	if err == nil && info.Mode().IsRegular() && info.Size() == size && sumFile(b.output, s.path) == sum {
		s.fact.Stamp = stampOf(info)
		return s, false, nil
	}
	s.new = errors.Is(err, fs.ErrNotExist)
	if b.options.DryRun {
		return s, true, nil
	}
	in, err := b.openFile(s.file)
	if err != nil {
		return s, false, err
	}
	defer in.Close()
	var from io.Reader = in
	if fact.Cleaned {
		clean := cleaned(in)
		defer clean.Close() // a write that fails leaves nobody waiting
		from = clean
	}
	if s.tmp, err = b.beside(s.path); err == nil {
		s.fact.Stamp, err = b.write(s.tmp, from)
	}
	if err != nil {
		err = fmt.Errorf("writing %s: %w", s.path, err)
	}
	return s, true, err
}

func sumFile(root *os.Root, name string) (sum [32]byte) {
	f, err := root.Open(name)
	if err != nil {
		return sum
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum
	}
	return [32]byte(h.Sum(nil))
}

// stagePrefix begins the name of the folder that a run writes into before anything is renamed. What a killed run left is
// removed by the next.
const stagePrefix = ".stage-"

// beside is a new name in the stage folder, which lies in the output folder: a rename within one file system is atomic.
func (b *build) beside(name string) (string, error) {
	b.stageOnce.Do(func() {
		b.stageDir = stagePrefix + strings.ToLower(rand.Text()[:12])
		b.stageErr = b.output.Mkdir(b.stageDir, 0o700)
	})
	return fmt.Sprintf("%s/%d%s", b.stageDir, b.stageCount.Add(1), path.Ext(name)), b.stageErr
}

func (b *build) write(name string, r io.Reader) (stamp, error) {
	f, err := b.output.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return stamp{}, err
	}
	_, err = io.Copy(f, r)
	info, statErr := f.Stat()
	if err = errors.Join(err, statErr, f.Close()); err != nil {
		return stamp{}, err
	}
	return stampOf(info), nil
}

// commit renames what is staged into place, then the list, and removes what is no longer part of the site. The list's file is written before
// anything is renamed, so that a full disk is met while nothing has changed. Documents go after the list: until then it names them.
func (b *build) commit(list []staged, gone []string, published []byte) error {
	listed, err := b.stageList(published)
	if err != nil {
		return err
	}
	if err := b.syncStage(list); err != nil {
		return err
	}
	made := map[string]bool{}
	for _, s := range list {
		if err := b.rename(s.tmp, s.path, made); err != nil {
			return err
		}
	}
	isDocument := func(name string) bool { return strings.HasPrefix(name, "ap/") }
	if err := b.removeAll(gone, func(name string) bool { return !isDocument(name) }); err != nil {
		return err
	}
	if listed != "" {
		if err := b.rename(listed, site.PublishedFile, made); err != nil {
			return err
		}
	}
	if err := b.removeAll(gone, isDocument); err != nil {
		return err
	}
	return b.syncDirs(slices.Collect(maps.Keys(made)))
}

// stageList writes the new list beside the site and gives its name there, "" for none.
func (b *build) stageList(published []byte) (string, error) {
	if published == nil {
		return "", nil
	}
	tmp, err := b.beside(site.PublishedFile)
	if err != nil {
		return "", err
	}
	if _, err := b.write(tmp, bytes.NewReader(published)); err != nil {
		return "", err
	}
	return tmp, syncFiles(b.output, os.O_RDWR, []string{tmp})
}

// removeAll removes those files of a list that which picks, and the folders that they leave empty.
func (b *build) removeAll(gone []string, which func(name string) bool) error {
	for _, name := range gone {
		if !which(name) {
			continue
		}
		err := b.output.Remove(name)
		if info, lost := b.output.Lstat(name); err != nil && lost == nil && info.IsDir() {
			continue // a link stood here, and is a folder of the site's by now
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		b.prune(path.Dir(name))
	}
	return nil
}

// manySyncs is how many files are synced one by one. Beyond that the whole file system takes less time.
const manySyncs = 64

// syncStage makes what is staged durable before any of it is renamed: after a power cut there is the old file or the new one.
func (b *build) syncStage(list []staged) error {
	if canSyncAll && len(list) > manySyncs {
		return syncAll(b.output)
	}
	var names []string
	for _, s := range list {
		names = append(names, s.tmp)
	}
	return syncFiles(b.output, os.O_RDWR, names)
}

// syncDirs makes renames durable.
func (b *build) syncDirs(dirs []string) error {
	if canSyncAll && len(dirs) > manySyncs {
		return syncAll(b.output)
	}
	if !canSyncDirs {
		return nil
	}
	return syncFiles(b.output, os.O_RDONLY, dirs)
}

// syncFiles opens files or folders with a flag and syncs them side by side: a journal takes them all with one write.
func syncFiles(root *os.Root, flag int, names []string) error {
	var g errgroup.Group
	g.SetLimit(16)
	for _, name := range names {
		g.Go(func() error {
			f, err := root.OpenFile(name, flag, 0)
			if flag == os.O_RDONLY && errors.Is(err, fs.ErrNotExist) {
				return nil // a folder that was emptied and removed meanwhile
			}
			if err != nil {
				return err
			}
			return errors.Join(f.Sync(), f.Close())
		})
	}
	return g.Wait()
}

// rename puts one staged file into place. A folder that stands where the file belongs, or a file where a folder does, is left from an
// older site and goes.
func (b *build) rename(tmp, name string, made map[string]bool) error {
	dir := path.Dir(name)
	if !made[dir] {
		made[dir] = true
		if err := b.output.MkdirAll(dir, 0o755); err != nil {
			for up := dir; up != "."; up = path.Dir(up) {
				if info, err := b.output.Lstat(up); err == nil && !info.IsDir() {
					_ = b.output.Remove(up)
				}
			}
			if err := b.output.MkdirAll(dir, 0o755); err != nil {
				return err
			}
		}
	}
	err := b.output.Rename(tmp, name)
	if err == nil {
		return nil
	}
	if info, statErr := b.output.Lstat(name); statErr == nil && info.IsDir() {
		if err = b.output.RemoveAll(name); err == nil {
			err = b.output.Rename(tmp, name)
		}
	}
	return err
}

// prune removes folders that became empty.
func (b *build) prune(dir string) {
	for dir != "." && dir != "ap" && b.output.Remove(dir) == nil {
		dir = path.Dir(dir)
	}
}

// lookAround lists the output folder. Names that begin with a dot belong to others (.git, .well-known) and stay, but for stages
// that a killed run left.
func (b *build) lookAround() error {
	if b.lookAgain() {
		return nil
	}
	b.standing, b.folders = map[string]stamp{}, nil
	root := b.output.Name()
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == root {
			return err
		}
		rel := filepath.ToSlash(name[len(root):])
		rel = strings.TrimPrefix(rel, "/")
		switch {
		case strings.HasPrefix(rel, stagePrefix):
			b.stages = append(b.stages, rel)
		case strings.HasPrefix(d.Name(), "."), d.IsDir():
		default:
			info, err := d.Info()
			if err != nil {
				return err
			}
			b.standing[rel] = stamp{-1, 0} // no plain file: never as it was written
			if info.Mode().IsRegular() {
				b.standing[rel] = stampOf(info)
			}
			return nil
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if d.IsDir() {
			b.folders = append(b.folders, rel)
		}
		return nil
	})
}

// intact tells whether an output is still as it was written.
func (b *build) intact(name string, fact outputFact) bool {
	s, ok := b.standing[name]
	return ok && s == fact.Stamp
}

// leftovers are the files of the output folder that are not part of the site any more.
func (b *build) leftovers() (gone []string) {
	for name := range b.standing {
		if o, ok := b.outputs[fold(name)]; name != site.PublishedFile && (!ok || o.path != name) {
			gone = append(gone, name)
		}
	}
	gone = append(gone, b.formerWellKnown()...)
	slices.Sort(gone)
	return gone
}
