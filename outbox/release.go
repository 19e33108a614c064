package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/postil-blog/postil/site"
)

// releaseStage is where files of a release are written before they are renamed into place. It lies in the output folder, since a rename
// within one file system is atomic, and begins as publish's own do (publisher/output.go): the next run removes what was left.
const releaseStage = ".stage-release"

// maxManifest bounds a release.json, in bytes.
const maxManifest = 16 << 20

// untilRelease is how long the loop may sleep for the sake of what is scheduled.
func (o *Outbox) untilRelease() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.next.IsZero() {
		return time.Hour
	}
	return max(o.next.Sub(o.o.Now()), 10*time.Millisecond)
}

// release puts into place what publish prepared for moments that have come, one after the other, and notes when the next one comes.
// It holds the lock of the output folder, so that no publish is at work; while one is, it asks again in a second. o.mu is held.
func (o *Outbox) release(ctx context.Context) {
	o.next = time.Time{}
	c := o.o.Config
	if o.source.dir == "" || !c.Releases() {
		return
	}
	names, err := filepath.Glob(filepath.Join(c.Path(c.Publish.Scheduled), "[0-9]*", site.ReleaseFile))
	if err != nil || len(names) == 0 {
		return
	}
	once, cancel := context.WithCancel(ctx)
	cancel()
	unlock, err := c.Lock(once, func() {})
	if err != nil {
		o.next = o.o.Now().Add(time.Second)
		return
	}
	defer unlock.Close()
	for _, name := range names { // sorted: the order of the moments
		due, err := o.releaseOne(ctx, filepath.Dir(name))
		if err != nil {
			if ctx.Err() == nil && o.odd != name+err.Error() {
				o.odd = name + err.Error()
				o.o.Log.Warn("what is scheduled was not released; the next publish prepares it anew", "release", filepath.Base(filepath.Dir(name)), "why", err)
			}
			return
		}
		if !due {
			return
		}
	}
}

// releaseOne puts one release into place if its time has come.
func (o *Outbox) releaseOne(ctx context.Context, dir string) (due bool, err error) {
	m, err := readRelease(dir)
	if err != nil {
		return false, err
	}
	if o.o.Now().Before(m.At) {
		o.next = m.At
		return false, nil
	}
	_, sum, err := o.source.list(ctx)
	if err != nil {
		return false, err
	}
	switch sum {
	case m.Base:
		if err := o.putInPlace(ctx, dir, m); err != nil {
			return false, err
		}
		o.o.Log.Info("released what was scheduled", "at", m.At, "files", len(m.Files), "removed", len(m.Removed))
	case m.List: // killed behind the list: documents that it names no more may be left
		if err := o.removeDocuments(m); err != nil {
			return false, err
		}
	default:
		return false, errors.New("the site has changed since it was prepared")
	}
	return true, os.RemoveAll(dir)
}

func readRelease(dir string) (m site.Release, err error) {
	data, err := readIn(dir, site.ReleaseFile, maxManifest)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, err
	}
	if m.Version != 1 {
		return m, fmt.Errorf("it has version %d and this daemon reads version 1", m.Version)
	}
	return m, nil
}

// putInPlace checks every file of a release and then renames them into the site, the list last. Killed in between it leaves the old
// list, and the next try does it all again.
func (o *Outbox) putInPlace(ctx context.Context, dir string, m site.Release) error {
	files, err := os.OpenRoot(filepath.Join(dir, site.ReleaseFiles))
	if errors.Is(err, fs.ErrNotExist) && len(m.Files) == 0 {
		files, err = os.OpenRoot(dir)
	}
	if err != nil {
		return err
	}
	defer files.Close()
	for _, f := range m.Files {
		data, err := files.ReadFile(filepath.FromSlash(f.Path))
		if err != nil {
			return err
		}
		if sumOf(data) != f.SHA256 {
			return fmt.Errorf("%s is not the file that was prepared", f.Path)
		}
	}
	out, err := os.OpenRoot(o.source.dir)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := out.Mkdir(releaseStage, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	defer out.RemoveAll(releaseStage)
	p := placing{ctx: ctx, from: files, to: out, changed: map[string]bool{}, step: o.copied}
	return p.place(m)
}

// removeDocuments ends a release whose list is in place.
func (o *Outbox) removeDocuments(m site.Release) error {
	out, err := os.OpenRoot(o.source.dir)
	if err != nil {
		return err
	}
	defer out.Close()
	p := placing{ctx: context.Background(), to: out}
	return p.remove(m.Removed, true)
}

// placing is a release on its way into the site.
type placing struct {
	ctx      context.Context // of one call of place
	from, to *os.Root
	changed  map[string]bool // folders
	step     func()          // after each change of the site; may be nil
}

// place has the order of publish's own commit: everything is written beside the site, so that a full disk is met while nothing has changed; then
// the files are renamed, what goes is removed, and the list is renamed. Documents go after the list: until then it names them.
func (p *placing) place(m site.Release) error {
	for i, f := range m.Files {
		if err := p.stage(f.Path, i); err != nil {
			return fmt.Errorf("releasing %s: %w", f.Path, err)
		}
	}
	list := -1
	for i, f := range m.Files {
		if f.Path == site.PublishedFile {
			list = i
			continue
		}
		if err := p.rename(i, f.Path); err != nil {
			return err
		}
	}
	if err := p.remove(m.Removed, false); err != nil {
		return err
	}
	if err := syncFolders(p.to, p.changed); err != nil { // what the list names is there before it, after a power cut too
		return err
	}
	if list >= 0 {
		if err := p.rename(list, site.PublishedFile); err != nil {
			return err
		}
	}
	if err := syncFolders(p.to, map[string]bool{path.Dir(site.PublishedFile): true}); err != nil {
		return err
	}
	return p.remove(m.Removed, true)
}

func staged(i int) string { return filepath.Join(releaseStage, strconv.Itoa(i)) }

// stage writes one file beside the site and makes it durable.
func (p *placing) stage(name string, i int) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	data, err := p.from.ReadFile(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	f, err := p.to.OpenFile(staged(i), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// rename puts one staged file into place.
func (p *placing) rename(i int, name string) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	p.changed[path.Dir(name)] = true
	name = filepath.FromSlash(name)
	if err := p.to.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	err := p.to.Rename(staged(i), name)
	if info, look := p.to.Lstat(name); err != nil && look == nil && info.IsDir() { // a folder of the site as it was
		err = cmp.Or(p.to.RemoveAll(name), p.to.Rename(staged(i), name))
	}
	p.done()
	return err
}

// remove removes documents, or what is none, and the folders that they leave empty.
func (p *placing) remove(names []string, documents bool) error {
	for _, name := range names {
		if strings.HasPrefix(name, "ap/") != documents {
			continue
		}
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if err := p.to.Remove(filepath.FromSlash(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for dir := path.Dir(name); dir != "." && dir != "ap" && p.to.Remove(filepath.FromSlash(dir)) == nil; dir = path.Dir(dir) {
		}
		p.done()
	}
	return nil
}

func (p *placing) done() {
	if p.step != nil {
		p.step()
	}
}

// syncFolders makes renames durable, where the system can.
func syncFolders(root *os.Root, dirs map[string]bool) error {
	for dir := range dirs {
		f, err := root.Open(filepath.FromSlash(dir))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		_ = f.Sync() // not every file system syncs a folder
		_ = f.Close()
	}
	return nil
}
