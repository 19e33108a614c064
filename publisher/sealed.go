package publisher

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/publisher/data"
	"github.com/postil-blog/postil/publisher/pictures"
	"github.com/postil-blog/postil/publisher/plainfile"
	"github.com/postil-blog/postil/publisher/seal"
	"github.com/postil-blog/postil/site"
)

// sealTime is for how long a run's outcome is believed where nothing depends on the clock.
const sealTime = 24 * time.Hour

// surroundings is what a run depends on besides the content folder and the clock, found before anything is read.
type surroundings struct {
	began  time.Time
	read   time.Time // when all inputs were listed, and old enough for their times to be believed
	sum    [32]byte  // of the program, all settings, and the names and times of templates, themes, comments and data
	plain  bool      // no links among them
	newest int64     // of their times
}

// sealedRun is the caller's part of a seal.
type sealedRun struct {
	Output   string // the folder that Made lies in
	Report   Report // of a run that finds nothing to do
	Pictures bool   // pages show pictures, so that a new encoder makes a difference
	Encoders string // print of those that there were
	Written  int64  // memory.Written after it
}

// brokenSeal is one that is right but for some files of the content folder.
type brokenSeal struct {
	*seal.Seal
	last    sealedRun
	changed []seal.Mark // as they are now
}

// seals tells whether the run is one whose outcome depends on nothing but the site's folder, the settings and the program.
func (b *build) seals() bool {
	o := b.options
	return b.cache.dir != "" && !o.Drafts && !o.Future && !o.Lint && !o.External && o.LiveReload == "" && o.Thread == nil
}

func (b *build) sealFile() string { return filepath.Join(b.cache.dir, "seal") }

// survey looks around before anything is read: what changes from here on is seen by the next run.
func (b *build) survey() {
	s := surroundings{began: time.Now(), plain: true}
	parts := []any{program(b.config), *b.config, b.outputDir(), b.options.Encoders != nil}
	for _, name := range []string{"templates", "themes", "comments", data.Folder} {
		var take func(string) bool
		if name == data.Folder {
			take = data.Reads // the daemon's database lies beside them
		}
		sum, newest, plain := seal.Tree(b.config.Path(name), take)
		parts = append(parts, name, sum)
		s.plain, s.newest = s.plain && plain, max(s.newest, newest)
	}
	s.sum = b.print(parts...)
	b.setting = s
}

// rest waits until the times of all inputs can be believed (seal.Settled), which for a text that was saved this moment is some hundredths of a
// second: else the next run could not tell a text that is saved twice within a tick of the clock from one that stands.
func (b *build) rest() {
	if !b.seals() {
		return
	}
	now := time.Now()
	var pause time.Duration
	for _, m := range b.inputs {
		pause = max(pause, seal.Pause(m.Modified, now))
	}
	time.Sleep(pause)
	b.setting.read = time.Now()
}

// untouched gives the report of the last run, as one that did nothing, where nothing changed since: no post, no setting, none of the site's own
// files. It is decided by sizes and times alone, and nothing of what the last run remembers is read.
func (b *build) untouched() (Report, bool) {
	if !b.seals() {
		return Report{}, false
	}
	b.survey()
	encoded, err := plainfile.ReadPath(b.sealFile(), maxMemory)
	if err != nil {
		return Report{}, false
	}
	s, err := seal.Decode(encoded)
	var last sealedRun
	if err != nil || unpack(string(s.Note), &last) != nil {
		return Report{}, false
	}
	if last.Output == b.outputDir() {
		b.left = s.Made
	}
	if s.For != b.setting.sum || !b.setting.plain || !seal.Settled(b.setting.newest, s.Began) {
		return Report{}, false
	}
	if last.Pictures && last.Encoders != b.encodersNow() {
		return Report{}, false
	}
	changed, ok := s.Changes(b.now, b.content.Name(), b.output.Name())
	if ok && len(changed) > 0 {
		b.broken = &brokenSeal{s, last, changed}
	}
	return last.Report, ok && len(changed) == 0
}

// lookAgain lists the output folder as the last run left it, where no folder of it has other names now: only what a file holds may have changed.
// That takes a third of the time of a walk.
func (b *build) lookAgain() bool {
	names := make([]string, len(b.left))
	for i, m := range b.left {
		names[i] = m.Name
	}
	now, err := seal.Look(b.output.Name(), names)
	if err != nil || len(now) == 0 || len(now) != len(b.left) {
		return false
	}
	b.standing = make(map[string]stamp, len(now))
	for i, m := range now {
		switch was := b.left[i]; {
		case m.Name != was.Name || (m.Size == seal.Folder) != (was.Size == seal.Folder), m.Size == seal.Folder && m != was:
			return false
		case strings.HasPrefix(m.Name, ".") || strings.Contains(m.Name, "/."):
		case m.Size == seal.Folder:
			b.folders = append(b.folders, m.Name)
		default:
			b.standing[m.Name] = stamp{m.Size, m.Modified}
		}
	}
	return true
}

func (b *build) encodersNow() string {
	if b.options.Encoders == nil {
		return ""
	}
	return pictures.Prints(b.options.Encoders())
}

// seal remembers a run that went well, so that the next one can end at once where it finds all as it is now. A run whose outcome the clock
// changes within sealTime, or that has something to try again, is not sealed.
func (b *build) seal(r Report) error {
	if !b.seals() || !b.setting.plain || b.linked || len(r.Moments) > 0 || len(b.encoding.failures) > 0 || !b.steady(b.now.Add(sealTime)) {
		return nil
	}
	r = Report{Posts: r.Posts, Pages: r.Pages, Unchanged: r.Unchanged + r.Changed, HeldBack: r.HeldBack, Diagnostics: r.Diagnostics, Releases: r.Releases, Nothing: true}
	note := pack(nil, reflect.ValueOf(sealedRun{b.outputDir(), r, b.encoding.print != "", b.encoding.print, b.next.Written}))
	s := seal.Seal{For: b.setting.sum, Read: b.setting.read.UnixNano(), Began: b.setting.began.UnixNano(), From: b.now.UnixNano(), Until: b.now.Add(sealTime).UnixNano(), Note: note, Inputs: b.inputs}
	var err error
	if s.Made, err = b.made(); err != nil {
		return err
	}
	return b.keepSeal(&s)
}

func (b *build) keepSeal(s *seal.Seal) error {
	tmp := b.sealFile() + ".new"
	err := plainfile.Write(tmp, s.Encode())
	if err == nil {
		err = os.Rename(tmp, b.sealFile())
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil // .cache/ was removed under us: it only ever saves work
	}
	return err
}

// made are the files of the site as they were written, and the folders that they lie in as they are now.
func (b *build) made() ([]seal.Mark, error) {
	folders := map[string]bool{".": true}
	for _, dir := range b.folders {
		folders[dir] = true
	}
	list := make([]seal.Mark, 0, 2*len(b.next.Outputs))
	for name, fact := range b.next.Outputs {
		list = append(list, seal.Mark{Name: name, Size: fact.Stamp.Size, Modified: fact.Stamp.Modified})
		for dir := path.Dir(name); !folders[dir]; dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	around, err := seal.Look(b.output.Name(), append(slices.Collect(maps.Keys(folders)), site.PublishedFile))
	list = append(list, around...)
	slices.SortFunc(list, func(x, y seal.Mark) int { return strings.Compare(x.Name, y.Name) })
	return list, err
}

// steady tells whether the clock alone changes nothing until a moment: no comments are closed, and no account is asked for again.
func (b *build) steady(until time.Time) bool {
	for _, p := range b.posts {
		if b.takesComments(p) != b.takesCommentsAt(p, until) {
			return false
		}
	}
	for handle := range b.named() {
		if !b.accounts.get(handle).fresh(until) {
			return false
		}
	}
	return true
}
