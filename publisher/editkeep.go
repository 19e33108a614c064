package publisher

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/publisher/seal"
	"github.com/postil-blog/postil/site"
)

// finish puts what is staged into place, and remembers it.
func (e *edit) finish(changed []staged) (Report, error) {
	r := e.seal.last.Report
	var entries []site.PublishedPost
	for _, p := range e.posts {
		if e.federates(p) {
			entries = append(entries, e.build.before[e.addresses.Post(p.Key)])
		}
	}
	published, err := e.list.replace(entries)
	if err != nil || e.unmoved() != nil {
		return r, errWhole
	}
	if string(published) == e.list.text {
		published = nil
	}
	r.Changed = len(e.posts)
	r.Unchanged -= r.Changed
	e.describe(&r, changed, nil, published)
	if err := e.commit(changed, nil, published); err != nil {
		return r, err
	}
	e.clearStage()
	if err := e.remember(); err != nil {
		return r, err
	}
	return r, e.sealAgain(changed, published)
}

// remember writes down what is another.
func (e *edit) remember() error {
	m := e.was.edits
	m.Output, m.Program, m.Index, m.Written = e.next.Output, e.next.Program, e.next.Index, time.Now().UnixNano()
	m.Sources, m.Outputs = maps.Clone(m.Sources), maps.Clone(m.Outputs)
	if m.Sources == nil {
		m.Sources, m.Outputs = map[string]remembered{}, map[string]outputFact{}
	}
	for _, p := range slices.Concat(e.posts, e.others) {
		m.Sources[p.File] = *e.notes[p]
	}
	maps.Copy(m.Outputs, e.next.Outputs)
	e.next.Written = m.Written
	if err := e.cache.saveEdits(m.Program, e.was.head.Written, m); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // .cache/ that was removed under us only ever saves work
	}
	for i, p := range e.posts {
		if old := e.before[i].Rendering.Blob; old != e.notes[p].Rendering.Blob {
			_ = os.Remove(e.cache.blob(old))
		}
	}
	return nil
}

// sealAgain seals the site as it is now. What the clock changes, it changes when it did before.
func (e *edit) sealAgain(changed []staged, published []byte) error {
	s := *e.seal.Seal
	s.Read, s.Began, s.From, s.Inputs = e.setting.read.UnixNano(), e.setting.began.UnixNano(), e.now.UnixNano(), e.inputs
	last := e.seal.last
	last.Written = e.next.Written
	s.Note = pack(nil, reflect.ValueOf(last))
	names := map[string]bool{".": true, site.PublishedFile: published != nil, path.Dir(site.PublishedFile): true}
	for _, o := range changed {
		names[o.path], names[path.Dir(o.path)] = true, true
	}
	now, err := seal.Look(e.output.Name(), slices.Collect(maps.Keys(names)))
	if err != nil {
		return err
	}
	s.Made = slices.Clone(s.Made)
	for _, m := range now {
		at, known := slices.BinarySearchFunc(s.Made, m.Name, func(m seal.Mark, name string) int { return strings.Compare(m.Name, name) })
		if !known {
			s.Made = slices.Insert(s.Made, at, m)
		} else {
			s.Made[at] = m
		}
	}
	return e.keepSeal(&s)
}
