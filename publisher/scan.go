package publisher

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	_ "image/gif"  // sizes of GIF,
	_ "image/jpeg" // JPEG
	_ "image/png"  // and PNG pictures
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/postil-blog/postil/publisher/seal"
	"github.com/postil-blog/postil/publisher/sitepath"
	"github.com/postil-blog/postil/publisher/stray"
	"github.com/postil-blog/postil/site"
	_ "golang.org/x/image/webp" // and of WebP
	"golang.org/x/sync/errgroup"
)

// maxSource bounds a Markdown file in bytes.
const maxSource = 16 << 20

// maxName is how long the path of a post below content/ may be, in bytes: sitepath.File says so of all others.
const maxName = 500

// entry is a file of the content folder as the walk found it.
type entry struct {
	file  string
	stamp stamp
}

// stamp tells whether a file is still the one that was read.
type stamp struct{ Size, Modified int64 }

func stampOf(info fs.FileInfo) stamp { return stamp{info.Size(), info.ModTime().UnixNano()} }

// file is a content file that is no Markdown: a picture, a download.
type file struct {
	name  string
	stamp stamp
	once  sync.Once
	fact  fileFact

	blur   sync.Once
	hash   string // the blurhash
	hashed bool
}

// fileFact is what publish remembers of such a file. Width and Height are 0 where it is no picture.
type fileFact struct {
	Stamp         stamp
	Sum           [32]byte
	Width, Height int      // as it is to be seen
	Orientation   int      // of its Exif: how it is to be turned for that
	Cleaned       bool     // readers get it without its metadata,
	CleanSum      [32]byte // and then it has this sum
	CleanSize     int64    // and size
	Weight        int      // bytes that a pixel takes while the picture is decoded
	Scales        bool     // smaller copies can be made of it
	Damaged       bool     // what lies in it cannot be told apart
	Blurred       bool     // Blurhash was made, or cannot be
	Blurhash      string
	Duration      time.Duration // of sound and film that say it
	Opaque        bool          // nothing shows through it
	Coder         string        // the encoders that Formats was found with, "" where it was not
	Formats       string        // media types in which it is worth having, the best first
}

// look reads the file once, unless it is unchanged since the last run.
func (f *file) look(b *build) fileFact {
	f.once.Do(func() {
		if old, ok := b.memory.Files[f.name]; ok && old.Stamp == f.stamp && b.memory.trusts(f.stamp) {
			f.fact = old
			return
		}
		f.fact = fileFact{Stamp: f.stamp}
		f.examine(b)
	})
	return f.fact
}

func (f *file) size(b *build) (width, height int) {
	fact := f.look(b)
	return fact.Width, fact.Height
}

// scan reads the content folder: every post and page with its front matter, and the names of all other files.
func (b *build) scan(ctx context.Context) error {
	entries, err := b.walk()
	if err != nil {
		return fmt.Errorf("reading %s: %w", b.config.Path(b.config.Publish.Content), err)
	}
	b.rest()
	return b.readAll(ctx, b.divide(entries))
}

// divide notes the files that are no posts and gives the others.
func (b *build) divide(entries []entry) (sources []entry) {
	b.files, b.byFile = map[string]*file{}, map[string]*Post{}
	for _, e := range entries {
		if strings.HasSuffix(e.file, ".md") {
			if isContent(e.file) || isReply(e.file) {
				sources = append(sources, e)
			}
			continue
		}
		if strings.HasPrefix(e.file, repliesFolder) {
			continue // what a reply shows lies elsewhere: it has no page to go with
		}
		b.files[e.file] = &file{name: e.file, stamp: e.stamp}
	}
	return sources
}

// isContent tells posts and pages from Markdown that is something else: a README in a folder.
func isContent(file string) bool {
	return strings.HasPrefix(file, "posts/") || !strings.Contains(file, "/")
}

func (b *build) walk() ([]entry, error) {
	var found []entry
	err := fs.WalkDir(b.content.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch {
		case name != "." && stray.File(d.Name()) && d.IsDir():
			return fs.SkipDir
		case d.IsDir():
			return b.markFolder(name, d)
		case stray.File(d.Name()) && d.Name() != ".md":
			return nil
		}
		e, ok, err := b.inspect(name, d)
		if ok {
			found = append(found, e)
		}
		return err
	})
	return found, err
}

// markFolder notes when names in a folder changed last.
func (b *build) markFolder(name string, d fs.DirEntry) error {
	info, err := d.Info()
	if err == nil {
		b.inputs = append(b.inputs, seal.Mark{Name: name, Size: seal.Folder, Modified: info.ModTime().UnixNano()})
	}
	return err
}

// inspect accepts plain files, and links that lead to plain files below the content folder.
func (b *build) inspect(name string, d fs.DirEntry) (entry, bool, error) {
	info, err := d.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return entry{}, false, nil // gone since the folder was listed
	}
	if err == nil && d.Type()&fs.ModeSymlink != 0 {
		info, err = b.content.Stat(name)
		b.linked = true
	}
	fault := func(message, help string) (entry, bool, error) {
		b.fault(site.Diagnostic{Severity: site.Error, Code: codeFile, File: b.shown(name), Message: message, Help: help})
		return entry{}, false, nil
	}
	switch {
	case err != nil:
		return fault("this leads out of the content folder, or nowhere", "copy the file here")
	case !info.Mode().IsRegular():
		return fault("this is not a plain file", "only files and folders belong here")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }):
		return fault(fmt.Sprintf("the name %q cannot be an address", name), "rename the file")
	case path.Base(name) == ".md":
		return fault("a file needs a name before .md", "rename it")
	}
	if !strings.HasSuffix(name, ".md") || len(name) > maxName {
		if why, help := sitepath.File(name); why != "" {
			return fault(why, help)
		}
	}
	if of, ok := stray.Conflict(name); ok && strings.HasSuffix(name, ".md") {
		return fault(fmt.Sprintf("this is the copy that a synchroniser made when %s was written in two places at once", b.shown(of)), "keep what you want of both in "+path.Base(of)+", and remove this one: followers would get it as another post")
	}
	s := stampOf(info)
	b.inputs = append(b.inputs, seal.Mark{Name: name, Size: s.Size, Modified: s.Modified})
	return entry{name, s}, true, nil
}

// atOnce is how many sources are read one after the other: most of them are remembered, which takes less time than a goroutine's beginning.
const atOnce = 64

// readAll reads the sources side by side and keeps the posts in order: newest first, pages by name.
func (b *build) readAll(ctx context.Context, sources []entry) error {
	posts := make([]*Post, len(sources))
	notes := make([]remembered, len(sources))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(b.workers)
	for from := 0; from < len(sources); from += atOnce {
		g.Go(func() error {
			for i, e := range sources[from:min(from+atOnce, len(sources))] {
				if err := ctx.Err(); err != nil {
					return err
				}
				p, m, err := b.readPost(e)
				if posts[from+i], notes[from+i] = p, m; err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, p := range posts {
		b.faults = append(b.faults, notes[i].Faults...)
		b.notes[p] = &notes[i]
		b.byFile[p.File] = p
	}
	slices.SortFunc(posts, func(x, y *Post) int {
		return cmp.Or(y.Date.Compare(x.Date), cmp.Compare(x.File, y.File))
	})
	for _, p := range posts {
		if p.Reply {
			b.replies = append(b.replies, p)
		} else {
			b.all = append(b.all, p)
		}
	}
	return nil
}

// readPost reads one source, from memory where the file is unchanged.
func (b *build) readPost(e entry) (*Post, remembered, error) {
	old, known := b.memory.Sources[e.file]
	if known && old.Stamp == e.stamp && b.memory.trusts(e.stamp) {
		return b.recall(old), old, nil
	}
	b.readings.note(e.file, e.stamp)
	data, err := b.readSource(e.file)
	if err != nil {
		return nil, remembered{}, err
	}
	sum := sha256.Sum256(data)
	if known && old.Sum == sum {
		old.Stamp = e.stamp
		return b.recall(old), old, nil
	}
	p, body, faults := b.parse(e.file, data)
	m := remembered{Stamp: e.stamp, Sum: sum, Faults: faults, Textless: len(bytes.TrimSpace([]byte(body.body))) == 0}
	m.keep(p)
	b.settle(p, m.Textless)
	return p, m, nil
}

func (b *build) readSource(name string) ([]byte, error) {
	f, err := b.content.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size := int64(0)
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		size = min(info.Size(), maxSource)
	}
	data := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead)) // so much ReadFrom wants to find its end
	_, err = data.ReadFrom(io.LimitReader(f, maxSource+1))
	return data.Bytes(), err
}

// settle applies what depends on the moment and on nothing in the file: whether the post is out.
func (b *build) settle(p *Post, textless bool) { p.hold(b.now, textless) }

// CheckSource gives the faults of one source's front matter. name is its place below the content folder.
func CheckSource(c *site.Config, name string, data []byte) site.Diagnostics {
	_, _, faults := newBuild(Options{Config: c}).parse(name, data)
	return faults
}

// normal gives a source with LF line ends and without a byte order mark.
func normal(data []byte) string {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	return strings.ReplaceAll(strings.ReplaceAll(string(data), "\r\n", "\n"), "\r", "\n")
}

// parse reads a source's front matter. The Post is usable even where there are faults.
func (b *build) parse(name string, data []byte) (*Post, block, site.Diagnostics) {
	src := normal(data)
	p := &Post{File: name, Page: !strings.HasPrefix(name, "posts/") && !isReply(name), Reply: isReply(name), Key: keyOf(name)}
	r := &reader{config: b.config, file: b.shown(name), src: src, post: p}
	switch {
	case len(data) > maxSource:
		r.fault(codeCostly, position{}, "the file is larger than 16 MB", "", "split the post")
		return p, block{}, r.faults
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		line, col := lineCol(src, firstBad(src))
		r.fault(codeText, position{line, col, 1}, "this is not UTF-8 text", "", "save the file as UTF-8")
		return p, block{}, r.faults
	}
	body, err := splitFrontMatter(src)
	var fields []field
	if err == nil {
		fields, err = body.fields()
	}
	var fault *frontMatterFault
	if errors.As(err, &fault) {
		r.blockFault(fault)
		return p, body, r.faults
	}
	r.read(fields)
	r.finish()
	return p, body, capped(r.faults)
}

func (r *reader) blockFault(f *frontMatterFault) {
	if f.code == codeDate {
		r.notDate(f.at, f.date)
		return
	}
	r.fault(f.code, f.at, f.message, "", f.help)
	r.faults[len(r.faults)-1].Fix = f.fix
}

func firstBad(s string) int {
	for i, c := range s {
		if c == utf8.RuneError || c == 0 {
			return i
		}
	}
	return 0
}

// finish checks what every post needs and makes its address.
func (r *reader) finish() {
	p := r.post
	if p.Reply {
		r.finishReply()
		return
	}
	if _, tried := p.lines["title"]; p.Title == "" && (!tried || len(r.faults) == 0) {
		r.fault(codeTitle, p.at("title"), "there is no title", "", `begin the file with +++, title = "…", date = …, +++`)
	}
	if _, tried := p.lines["date"]; !p.Page && p.Date.IsZero() && !tried {
		r.fault(codeNoDate, position{1, 1, 3}, "a post needs a date", "", fmt.Sprintf("write date = 2026-10-28, or date = 2026-10-28 09:00:00 (%s)", r.zone()))
	}
	if n := utf8.RuneCountInString(p.Title); n > 150 {
		r.note(site.Warning, codeLongTitle, p.at("title"), fmt.Sprintf("the title has %d characters", n), "", "followers' servers show about 150")
	}
	if p.Slug == "" {
		p.Slug = nameSlug(p.File)
		if !plainSegment(p.Slug) || p.Page && slices.Contains(reserved, p.Slug) {
			r.fault(codeSlug, position{}, fmt.Sprintf("the file's name cannot be an address (%q)", p.Slug), "", `rename it or set slug = "…"`)
		}
	}
	if p.Path == "" && p.Page {
		p.Path = "/" + p.Slug + "/"
	} else if p.Path == "" {
		p.Path = "/posts/" + p.Slug + "/"
	}
	if p.Lang == "" {
		p.Lang = r.config.Site.Language
	}
}

// shown is a content file's name as faults and people see it: relative to the site's folder.
func (b *build) shown(name string) string {
	return path.Join(pathSlashes(b.config.Publish.Content), name)
}

func pathSlashes(s string) string { return strings.ReplaceAll(s, string(os.PathSeparator), "/") }
