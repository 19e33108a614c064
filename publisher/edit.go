package publisher

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/postil-blog/postil/publisher/seal"
	"github.com/postil-blog/postil/publisher/stray"
	"github.com/postil-blog/postil/site"
)

// An edit is a run of which the seal tells that nothing but the texts of some posts is another: their front matter says what it said, and the
// site lies there as it was left. Then what other posts, lists and files say of each other stands, and only what shows those texts is planned:
// the posts' pages and documents, the lists and feeds that they are in, the words of the search index, and the pages that lead to other posts
// than before. All else is neither read nor hashed, so that it costs about the same in a blog of a hundred posts and of ten thousand.
//
// Where anything is not as plain as that the edit is given up before the site is touched, and the run looks at everything.
type edit struct {
	*build
	seal   *brokenSeal
	was    *sketch
	packed map[string]string // renderings that nobody asked for yet, by file
	thawed map[*Post]bool
	list   *listText
	posts  []*Post       // those with another text
	before []*remembered // what was known of them
	others []*Post       // those that lead to others than before
	failed bool          // what is remembered cannot be read
}

// errWhole gives an edit up.
var errWhole = errors.New("not only texts are others")

// edit publishes the texts that are others, if that is all there is to do.
func (b *build) edit(ctx context.Context) (r Report, done bool, err error) {
	if b.broken == nil {
		return r, false, nil
	}
	e := &edit{build: newBuild(b.options), seal: b.broken, packed: map[string]string{}, thawed: map[*Post]bool{}}
	e.now, e.site, e.content, e.output, e.cache, e.setting = b.now, b.site, b.content, b.output, b.cache, b.setting
	defer func() { err = errors.Join(err, e.close()) }()
	changed, err := e.plan(ctx)
	if err != nil {
		return r, false, ctx.Err()
	}
	r, err = e.finish(changed)
	return r, !errors.Is(err, errWhole), err
}

// plan makes and stages whatever shows the texts. Any error gives the edit up: a run that looks at everything meets the same fault and tells of it.
func (e *edit) plan(ctx context.Context) ([]staged, error) {
	for _, step := range []func(context.Context) error{e.recall, e.gather, e.render, e.dressed, e.pages, e.words} {
		if err := step(ctx); err != nil {
			return nil, err
		}
		if len(e.faults) > 0 || e.failed {
			return nil, errWhole
		}
	}
	return e.stage(ctx)
}

// recall reads what the last run remembers, but no rendering.
func (e *edit) recall(context.Context) error {
	was, ok := e.cache.sketch(program(e.config))
	if !ok || was.written() != e.seal.last.Written || was.count+len(e.seal.changed) > maxEdits || was.head.Output != e.outputDir() {
		return errWhole
	}
	m := was.head
	m.Program, m.Written, m.Sources = program(e.config), was.written(), make(map[string]remembered, len(was.sources))
	if was.edits.Written > 0 {
		m.Index = was.edits.Index
	}
	m.fill()
	for file, packed := range was.sources {
		r, rest, ok := unpackHead(packed)
		if !ok {
			return errWhole
		}
		m.Sources[file], e.packed[file] = r, rest
	}
	for file, r := range was.edits.Sources {
		m.Sources[file] = r
		delete(e.packed, file)
	}
	e.was = was
	e.recollect(&m)
	e.build.thaw = e.thaw
	return nil
}

// unpackHead reads a remembered source without its rendering, which is the rest.
func unpackHead(packed string) (r remembered, rest string, ok bool) {
	u, v := unpacker{rest: packed}, reflect.ValueOf(&r).Elem()
	fields := fieldsOf(v.Type())
	for _, i := range fields[:len(fields)-1] {
		u.value(v.Field(i))
	}
	return r, u.rest, !u.bad
}

// telling is what related.Words gave of a post that is not thawed: the first field of its rendering.
func telling(packed string) string {
	u := unpacker{rest: packed}
	if u.take(1) != "\x01" {
		return ""
	}
	return u.take(u.uvarint())
}

// thaw reads the rendering of a post, and the line that the published list has of it.
func (e *edit) thaw(p *Post) {
	if e.thawed[p] {
		return
	}
	e.thawed[p] = true
	n := e.notes[p]
	if packed, frozen := e.packed[p.File]; frozen {
		delete(e.packed, p.File)
		e.failed = unpack(packed, &n.Rendering) != nil || e.failed
		if n.Rendering == nil {
			n.Rendering = &rendering{}
		}
	}
	id := e.addresses.Post(p.Key)
	if entry, ok := e.list.entry(id); ok {
		e.build.before[id] = entry
	}
	if err := e.preparePictures(context.Background(), []*Post{p}); err != nil {
		e.failed = true
	}
}

// gather makes all posts as the last run knew them, and those that are others as they are.
func (e *edit) gather(ctx context.Context) (err error) {
	if e.list, err = e.listText(); err != nil {
		return err
	}
	e.build.previous, e.build.before = &e.list.rest, map[string]site.PublishedPost{}
	entries, err := e.entries()
	if err != nil {
		return err
	}
	if err := e.readAll(ctx, e.divide(entries)); err != nil {
		return err
	}
	e.nameKeys()
	e.arrange()
	e.translate()
	e.shelve()
	if err := e.readData(); err != nil {
		return err
	}
	e.readEmoji()
	if e.codes, err = e.readShortcodes(); err != nil {
		return err
	}
	return e.compare()
}

// entries are the files of the content folder: those of the seal, as they are now.
func (e *edit) entries() (list []entry, err error) {
	now := map[string]seal.Mark{}
	for _, m := range e.seal.changed {
		if now[m.Name] = m; m.Size == seal.Folder && !e.sameNames(m.Name) {
			return nil, errWhole
		}
	}
	e.inputs = slices.Clone(e.seal.Inputs)
	for i, m := range e.inputs {
		if other, ok := now[m.Name]; ok {
			if (other.Size == seal.Folder) != (m.Size == seal.Folder) || m.Size != seal.Folder && !strings.HasSuffix(m.Name, ".md") {
				return nil, errWhole
			}
			e.inputs[i] = other
		}
		if m = e.inputs[i]; m.Size != seal.Folder {
			list = append(list, entry{m.Name, stamp{m.Size, m.Modified}})
		}
	}
	e.rest()
	return list, nil
}

// sameNames tells whether a folder whose time is another has the names in it that it had: editors save a text beside the old one and rename it.
func (e *edit) sameNames(dir string) bool {
	found, err := fs.ReadDir(e.content.FS(), dir)
	if err != nil {
		return false
	}
	known := map[string]bool{}
	for _, m := range e.seal.Inputs {
		if path.Dir(m.Name) == dir && m.Name != "." {
			known[path.Base(m.Name)] = m.Size == seal.Folder
		}
	}
	for _, d := range found {
		if stray.File(d.Name()) && (d.IsDir() || d.Name() != ".md") {
			continue
		}
		if folder, ok := known[d.Name()]; !ok || folder != d.IsDir() || !d.IsDir() && !d.Type().IsRegular() {
			return false
		}
		delete(known, d.Name())
	}
	return len(known) == 0
}

// compare finds the posts whose files are others, and gives up where more than the text of one is.
func (e *edit) compare() error {
	e.only = map[*Post]bool{}
	for _, p := range e.sources() {
		n, old := e.notes[p], e.memory.Sources[p.File]
		if n.Sum == old.Sum {
			continue
		}
		told := func(d site.Diagnostic) bool { return d.File == e.shown(p.File) }
		if p.Reply || p.State != live || n.Head != old.Head || n.Textless != old.Textless || slices.ContainsFunc(e.seal.last.Report.Diagnostics, told) {
			return errWhole
		}
		n.Near = old.Near
		e.only[p], e.posts = true, append(e.posts, p)
	}
	if len(e.posts) == 0 {
		return errWhole
	}
	for _, p := range e.posts {
		if e.shelved(p) && strings.Contains(e.list.text, `"former"`) {
			return errWhole // a redirect may stand where a list would
		}
	}
	return nil
}

// shelved tells whether a post is on a shelf, whose page gives way to what else has its address.
func (e *edit) shelved(p *Post) bool { return p.Author != "" || p.Series != "" || len(e.homes) > 0 }

// render renders the texts. What others say of them, and they of others, must stand.
func (e *edit) render(ctx context.Context) error {
	for _, p := range e.posts {
		old := e.memory.Sources[p.File]
		if packed, frozen := e.packed[p.File]; frozen && unpack(packed, &old.Rendering) != nil || old.Rendering == nil {
			return errWhole
		}
		delete(e.packed, p.File)
		e.memory.Sources[p.File] = old
		e.before = append(e.before, &old)
		done, _, err := e.renderPost(ctx, p)
		if err != nil || done == nil || !e.sameLinks(old.Rendering, done) {
			return cmp.Or(err, errWhole)
		}
		e.notes[p].Rendering = done
	}
	for _, p := range e.posts {
		for _, a := range e.notes[p].Rendering.Anchors {
			if to := e.byFile[a.Post]; to != nil {
				e.ready(to)
			}
		}
		e.checkAnchors(p)
	}
	return nil
}

// sameLinks tells whether a text leads to, shows and names what the one before it did, and others can still lead to all its parts.
func (e *edit) sameLinks(old, now *rendering) bool {
	astray := func(d site.Diagnostic) bool { return d.Code == codeAnchor }
	if !slices.Equal(old.IDs, now.IDs) && slices.ContainsFunc(e.seal.last.Report.Diagnostics, astray) {
		return false
	}
	for _, id := range old.IDs {
		if !slices.Contains(now.IDs, id) {
			return false
		}
	}
	plain := func(r *rendering) bool { return len(r.Faults) == 0 && len(r.Mentions) == 0 && len(r.Media) == 0 }
	return plain(old) && plain(now) && slices.Equal(old.Uses, now.Uses)
}

// dressed makes what all pages share. The theme's files are as they were.
func (e *edit) dressed(context.Context) error {
	if err := errors.Join(e.readTemplates(), e.dress()); err != nil {
		return err
	}
	clear(e.outputs)
	for _, p := range slices.Concat(e.build.posts, e.build.pages) {
		e.cards[p] = &card{}
	}
	return nil
}
