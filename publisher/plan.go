package publisher

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/postil-blog/postil/site"
	"golang.org/x/text/unicode/norm"
)

// output is a file of the finished site, planned and not yet made.
type output struct {
	path  string // below the output folder
	print [32]byte
	class class
	make  func() ([]byte, error)
	file  *file  // content file to copy; make is nil
	post  *Post  // the post whose page this is
	alias *Post  // the post that a redirect leads to,
	from  string // and its own site path
	ready *prepared
}

// prepared is an output that was made before the others.
type prepared struct {
	staged
	changed bool
}

// class is the order in which files appear: what a page names is there before the page.
type class int

const (
	assets class = iota
	documents
	pages
	listings
)

// plan adds a file to the site. Two files that would fall together, on any file system, are a fault that names both.
func (b *build) plan(o output) {
	k := fold(o.path)
	b.planned.Lock()
	defer b.planned.Unlock()
	if other, ok := b.outputs[k]; ok {
		b.collision(o, other)
		return
	}
	b.outputs[k] = o
}

// fold is one spelling of all names that some file system takes for the same.
func fold(name string) string {
	for i := range len(name) {
		if c := name[i]; c >= 0x80 || 'A' <= c && c <= 'Z' {
			return strings.ToLower(norm.NFC.String(name))
		}
	}
	return name
}

func (b *build) taken(name string) bool {
	_, ok := b.outputs[fold(name)]
	return ok || b.only != nil && b.owned()[fold(name)]
}

func (b *build) collision(x, y output) {
	if x.file != nil && y.file != nil && x.file == y.file {
		return
	}
	d := site.Diagnostic{Severity: site.Error, Code: codeCollision, File: b.origin(x), Message: fmt.Sprintf("%s and %s would both be /%s", b.origin(y), b.origin(x), strings.TrimSuffix(x.path, "index.html")),
		Help: "give one of them another slug or name"}
	if x.post != nil {
		at := x.post.at("slug")
		d.Line, d.Col, d.Width, d.Excerpt = at.line, at.col, at.width, excerpt(b.source(x.post), at.line)
	}
	b.fault(d)
}

// origin says where a planned file comes from.
func (b *build) origin(o output) string {
	switch {
	case o.post != nil:
		return b.shown(o.post.File)
	case o.alias != nil:
		return "an alias of " + b.shown(o.alias.File)
	case o.file != nil:
		return b.shown(o.file.name)
	}
	return "the site's own " + path.Base(o.path)
}

// checkFolders refuses outputs that lie where another is a file, and those at or below the published list, which no other output may be.
func (b *build) checkFolders() {
	clash := false
	b.overlaps(maps.Keys(b.outputs), func(_, _ output) { clash = true })
	if clash { // told in the order of their names, which is not worth its time where there are none
		b.overlaps(slices.Values(slices.Sorted(maps.Keys(b.outputs))), b.collision)
	}
}

func (b *build) overlaps(names iter.Seq[string], tell func(x, y output)) {
	seen := map[string]bool{".": true}
	list := output{path: site.PublishedFile}
	for k := range names {
		if k == list.path {
			tell(b.outputs[k], list)
		}
		for dir := path.Dir(k); !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
			if other, ok := b.outputs[dir]; ok {
				tell(b.outputs[k], other)
			} else if dir == list.path {
				tell(b.outputs[k], list)
			}
		}
	}
}

// planFiles plans the copies of pictures and downloads: what posts use, what lies in their own folders, and every file outside
// content/posts.
func (b *build) planFiles() {
	copies, names := map[string]string{}, slices.Sorted(maps.Keys(b.files))
	for _, p := range slices.Concat(b.posts, b.pages) {
		for _, u := range b.notes[p].Rendering.Uses {
			b.copies(copies, p, u.Ref, u.Picture)
		}
		if p.Image.Src != "" {
			b.copies(copies, p, p.Image.Src, true)
		}
		if p.bundle() {
			dir := path.Dir(p.File) + "/"
			for i, _ := slices.BinarySearch(names, dir); i < len(names) && strings.HasPrefix(names[i], dir); i++ {
				copies[b.copyPath(p, names[i])] = names[i]
			}
		}
	}
	for name := range b.files {
		if !strings.HasPrefix(name, "posts/") {
			copies["/"+name] = name
		}
	}
	for _, at := range slices.Sorted(maps.Keys(copies)) {
		f := b.files[copies[at]]
		fact := f.look(b)
		if f.hashed {
			fact.Blurhash, fact.Blurred = f.hash, true
		}
		b.next.Files[f.name] = fact
		b.planPicture(strings.TrimPrefix(at, "/"), f)
	}
}

func (b *build) copies(copies map[string]string, p *Post, ref string, picture bool) {
	v := b.resolve(p, ref, picture)
	if v.file != "" {
		copies[v.to] = v.file
	}
	if picture {
		b.planVariants(v)
	}
}

// print is a hash of everything that an output's bytes are made from.
func (b *build) print(parts ...any) [32]byte {
	room := printRooms.Get().(*[]byte)
	data := (*room)[:0]
	for _, p := range parts {
		switch p := p.(type) { // the two most frequent
		case string:
			data = append(binary.AppendUvarint(data, uint64(len(p))), p...)
		case [32]byte:
			data = append(data, p[:]...)
		default:
			data = pack(data, reflect.ValueOf(p))
		}
	}
	sum := sha256.Sum256(data)
	*room = data
	printRooms.Put(room)
	return sum
}

var printRooms = sync.Pool{New: func() any { return new([]byte) }}

// checkPaths refuses two files for one address before anything is rendered, so that every such fault is told in one run.
func (b *build) checkPaths() {
	first := map[string]output{}
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		if !strings.HasPrefix(name, "posts/") {
			first[fold(name)] = output{path: name, file: b.files[name]}
		}
	}
	for _, p := range slices.Concat(b.posts, b.pages) {
		if p.Path == "" {
			continue // its front matter could not be read
		}
		o := output{path: outputPath(p.Path), post: p}
		k := fold(o.path)
		if other, ok := first[k]; ok {
			b.collision(o, other)
			continue
		}
		first[k] = o
	}
}
