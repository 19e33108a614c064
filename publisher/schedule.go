package publisher

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/publisher/plainfile"
	"github.com/postil-blog/postil/site"
)

// maxMoments is how many moments to come are prepared: each is a build of what changes at it.
const maxMoments = 16

const (
	scheduleState = "state"  // what the prepared releases were made from
	scheduleWork  = ".work-" // begins the name of a folder that is no release: what a killed run left is removed by the next
)

// moments are the nearest moments at which a post appears or goes.
func (b *build) moments() []time.Time {
	at := map[int64]time.Time{}
	for _, p := range b.all {
		for _, t := range b.turns(p) {
			at[t.UnixNano()] = t
		}
	}
	var list []time.Time
	for _, k := range slices.Sorted(maps.Keys(at)) {
		list = append(list, at[k].UTC())
	}
	return list[:min(len(list), maxMoments)]
}

// turns are the moments to come in the life of one post.
func (b *build) turns(p *Post) (list []time.Time) {
	if p.State == scheduled {
		list = append(list, p.Date)
	}
	if (p.State == scheduled || p.State == live) && p.Expires.After(b.now) {
		list = append(list, p.Expires)
	}
	return list
}

// schedule prepares the site's changes at the moments to come, each on top of the one before it, so that inboxd can put them into place
// at their time. Nothing of it lies below a folder that is served.
func (b *build) schedule(ctx context.Context, r *Report) error {
	r.Moments, r.Releases = b.moments(), b.config.Releases()
	if b.cache.dir == "" || b.options.Drafts || b.options.Future {
		return nil // a dry run, or a preview
	}
	dir := b.config.Path(b.config.Publish.Scheduled)
	if len(r.Moments) == 0 || !r.Releases {
		return clearSchedule(dir)
	}
	base, err := plainfile.Read(b.output.FS(), site.PublishedFile, maxList)
	if err != nil {
		return err
	}
	state := b.scheduleState(base, r.Moments)
	if old, err := plainfile.ReadPath(filepath.Join(dir, scheduleState), maxSource); err == nil && string(old) == state {
		return nil
	}
	b.progress("Preparing scheduled posts", 0, 0)
	return b.prepareSchedule(ctx, dir, base, state, r)
}

// scheduleState names everything that the prepared releases depend on. Where it is the same nothing is written.
func (b *build) scheduleState(list []byte, moments []time.Time) string {
	h := sha256.New()
	fmt.Fprintln(h, b.next.Program, b.look, sumOf(list), moments)
	for _, p := range b.all {
		fmt.Fprintf(h, "%q %x\n", p.File, b.notes[p].Sum)
	}
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		fmt.Fprintf(h, "%q %v\n", name, b.files[name].stamp)
	}
	for _, name := range slices.Sorted(maps.Keys(b.next.Outputs)) {
		fmt.Fprintf(h, "%q %x\n", name, b.next.Outputs[name].Sum)
	}
	return hex.EncodeToString(h.Sum(nil)) + "\n"
}

// prepareSchedule builds the releases in a folder of their own and swaps them in.
func (b *build) prepareSchedule(ctx context.Context, dir string, base []byte, state string, r *Report) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	if err := emptySchedule(dir); err != nil {
		return err
	}
	work := filepath.Join(dir, scheduleWork+strings.ToLower(rand.Text()[:8]))
	defer os.RemoveAll(work)
	mirror := filepath.Join(work, "site")
	if err := linkTree(b.output.Name(), mirror); err != nil {
		return fmt.Errorf("preparing scheduled posts: %w", err)
	}
	known := *b.next
	known.Output = mirror
	err := b.prepareMoments(ctx, work, &known, base, r)
	var faults site.Diagnostics
	if errors.As(err, &faults) {
		r.Diagnostics = append(r.Diagnostics, notReleased(faults)...)
		state = "" // told again by the next run
	} else if err != nil {
		return fmt.Errorf("preparing scheduled posts: %w", err)
	}
	ready, err := filepath.Glob(filepath.Join(work, "[0-9]*"))
	if err != nil {
		return err
	}
	for _, from := range ready {
		if err := os.Rename(from, filepath.Join(dir, filepath.Base(from))); err != nil {
			return err
		}
	}
	if state == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(dir, scheduleState), []byte(state), 0o600)
}

// notReleased makes warnings of the faults of a post that is not out yet: the site of today is well.
func notReleased(faults site.Diagnostics) (list site.Diagnostics) {
	for _, d := range faults {
		if d.Severity == site.Error {
			d.Severity = site.Warning
			d.Message += " (this post cannot be released until it is mended)"
			list = append(list, d)
		}
	}
	return list
}

// prepareMoments builds the whole site as of each moment over the one before, and keeps what changed.
func (b *build) prepareMoments(ctx context.Context, work string, known *memory, base []byte, r *Report) error {
	sum := sumOf(base)
	for i, at := range r.Moments {
		o := b.options
		o.Output, o.Now, o.Previous, o.Progress, o.LiveReload = known.Output, at, nil, nil, ""
		// The date in a post and its expiry are its author's word: nothing else goes at this moment.
		o.Withdraw, o.Announce = true, true
		then := newBuild(o)
		then.releases = true
		err := then.open(ctx)
		if err == nil {
			_, err = then.run(ctx, known)
		}
		err = errors.Join(err, then.close())
		if err == nil {
			sum, err = then.keepRelease(filepath.Join(work, fmt.Sprintf("%04d-%d", i+1, at.Unix())), at, sum)
		}
		if err != nil {
			r.Moments = r.Moments[:i]
			return err
		}
		known = then.next
		known.Output = o.Output
	}
	return nil
}

// keepRelease writes what a build changed as a release into dir and gives the sum of the list that it leaves.
func (b *build) keepRelease(dir string, at time.Time, base string) (string, error) {
	m := site.Release{Version: 1, At: at, Base: base, List: base, Files: []site.ReleasedFile{}, Removed: append([]string{}, b.dropped...)}
	for _, s := range b.wrote {
		m.Files = append(m.Files, site.ReleasedFile{Path: s.path, SHA256: hex.EncodeToString(s.fact.Sum[:])})
	}
	if b.published != nil {
		m.List = sumOf(b.published)
		m.Files = append(m.Files, site.ReleasedFile{Path: site.PublishedFile, SHA256: m.List})
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	for _, f := range m.Files {
		if err := linkFile(filepath.Join(b.outputDir(), filepath.FromSlash(f.Path)), filepath.Join(dir, site.ReleaseFiles, filepath.FromSlash(f.Path))); err != nil {
			return "", err
		}
	}
	var manifest bytes.Buffer
	e := json.NewEncoder(&manifest)
	e.SetIndent("", " ")
	if err := e.Encode(m); err != nil {
		return "", err
	}
	return m.List, os.WriteFile(filepath.Join(dir, site.ReleaseFile), manifest.Bytes(), 0o600)
}

// clearSchedule removes the folder where nothing is to be released.
func clearSchedule(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := emptySchedule(dir); err != nil {
		return err
	}
	_ = os.Remove(dir) // what else lies in it is not ours
	return nil
}

// emptySchedule removes what publish wrote, and nothing else: the folder is the owner's to name.
func emptySchedule(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		_, err := os.Stat(filepath.Join(dir, e.Name(), site.ReleaseFile))
		if err == nil || e.Name() == scheduleState || strings.HasPrefix(e.Name(), scheduleWork) {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// linkTree makes a second name for every file of a site: publish writes a new file and renames it, so the first stays as it is.
func linkTree(from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		switch {
		case err != nil:
			return err
		case rel != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		return linkFile(name, filepath.Join(to, rel))
	})
}

// linkFile makes a second name for a file, or a copy with the same time where the file system has no links.
func linkFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close(), os.Chtimes(to, info.ModTime(), info.ModTime()))
}
