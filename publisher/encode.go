package publisher

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/postil-blog/postil/publisher/pictures"
	"github.com/postil-blog/postil/site"
	"golang.org/x/sync/errgroup"
)

// maxFailures is how often an encoder may fail before a run goes on without it: one that hangs must not hang a thousand times.
const maxFailures = 3

// keptUnused is how long an encoded picture is kept that no page shows: a post to come, or a draft, may.
const keptUnused = 7 * 24 * time.Hour

// encoding is what a run does with pictures in other formats.
type encoding struct {
	all   []pictures.Encoder
	print string // of all encoders
	store pictures.Store
	runs  bool // may run encoders: a dry run and a preview take what is there

	mu       sync.Mutex
	used     map[string]bool // names in the store
	failures []failure
}

type failure struct {
	*pictures.Failure
	file string
}

// forget removes what no page shows any more.
func (e *encoding) forget() {
	if len(e.all) > 0 {
		e.store.Forget(e.used, time.Now().Add(-keptUnused))
	}
}

// usable are the encoders that did not fail too often.
func (e *encoding) usable() (list []pictures.Encoder) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, one := range e.all {
		failed := 0
		for _, f := range e.failures {
			if f.Encoder.Type == one.Type {
				failed++
			}
		}
		if failed < maxFailures {
			list = append(list, one)
		}
	}
	return list
}

// picturesOf are the pictures that a post's page shows, by their addresses from the site's root.
func (b *build) picturesOf(p *Post) map[string]*file {
	list := map[string]*file{}
	add := func(ref string) {
		v := b.resolve(p, ref, true)
		if f, ok := b.files[v.shown()]; ok && v.url != "" {
			list[v.url] = f
		}
	}
	for _, u := range b.notes[p].Rendering.Uses {
		if u.Picture {
			add(u.Ref)
		}
	}
	if p.Image.Src != "" {
		add(p.Image.Src)
	}
	return list
}

// preparePictures finds what pages add to the pictures that they show: a colour, and other formats.
func (b *build) preparePictures(ctx context.Context, posts []*Post) error {
	shows, files := map[*Post]map[string]*file{}, map[string]*file{}
	for _, p := range posts {
		if b.notes[p].Rendering == nil {
			continue
		}
		if list := b.picturesOf(p); len(list) > 0 {
			shows[p] = list
			for _, f := range list {
				files[f.name] = f
			}
		}
	}
	if len(files) > 0 && b.options.Encoders != nil {
		b.encoding.all = b.options.Encoders()
		b.encoding.print = pictures.Prints(b.encoding.all)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(b.workers)
	for i, name := range slices.Sorted(maps.Keys(files)) {
		b.progress("Looking at pictures", i, len(files))
		g.Go(func() error { return b.preparePicture(ctx, files[name]) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	b.tellFailures()
	for p, list := range shows {
		for at, f := range list {
			if d := b.dressOf(f); d.Class != "" || len(d.Sources) > 0 {
				if b.dresses[p] == nil {
					b.dresses[p] = map[string]pictures.Dress{}
				}
				b.dresses[p][at] = d
			}
		}
	}
	return nil
}

// preparePicture learns a picture's colour and makes its copies in other formats, if nobody did before.
func (b *build) preparePicture(ctx context.Context, f *file) error {
	fact := f.look(b)
	if fact.Opaque && b.colours() {
		f.blurred(b)
	}
	e := &b.encoding
	if _, size := fact.published(); !fact.Scales || len(e.all) == 0 || size < pictures.MinBytes || fact.Coder == e.print {
		return nil
	}
	f.fact.Coder, f.fact.Formats = "", "" // found with other encoders
	name := b.verdict(fact)
	if kept, ok := e.store.Get(name); ok {
		f.fact.Coder, f.fact.Formats = e.print, string(kept)
		return nil
	}
	if !e.runs {
		return nil
	}
	return b.encodePicture(ctx, f, name)
}

// colours tells whether this run decodes pictures for their colour: a preview and a check take what is known.
func (b *build) colours() bool { return b.cache.dir != "" || b.options.DryRun && !b.options.Lint }

// verdict names what the store remembers of a picture: the formats in which it is worth having.
func (b *build) verdict(fact fileFact) string {
	sum, _ := fact.published()
	return pictures.Key(sum, fact.Orientation, 0, b.encoding.print)
}

// encodePicture runs the encoders. What one of them could not do is tried again by the next run.
func (b *build) encodePicture(ctx context.Context, f *file, verdict string) error {
	e, fact := &b.encoding, f.look(b)
	usable := e.usable()
	if len(usable) == 0 {
		return nil
	}
	var originals []pictures.Copy
	for _, w := range codedWidths(fact) {
		data, err := b.jpegOrPNG(f, w)
		if err != nil {
			return nil // a picture that Go does not read: browsers may
		}
		originals = append(originals, pictures.Copy{Width: w, Data: data})
	}
	list, failures := pictures.Encode(ctx, originals, usable)
	if err := ctx.Err(); err != nil {
		return err
	}
	sum, _ := fact.published()
	var formats []string
	for _, one := range list {
		formats = append(formats, one.Encoder.Type)
		for _, c := range one.Copies {
			if err := e.store.Put(pictures.Key(sum, fact.Orientation, c.Width, one.Encoder.Print), c.Data); err != nil {
				return fmt.Errorf("keeping a picture: %w", err)
			}
		}
	}
	f.fact.Formats = strings.Join(formats, " ")
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, one := range failures {
		e.failures = append(e.failures, failure{one, f.name})
	}
	if len(failures) > 0 || len(usable) < len(e.all) {
		return nil
	}
	f.fact.Coder = e.print
	return e.store.Put(verdict, []byte(f.fact.Formats))
}

// codedWidths are those of a picture's copies in other formats: the smaller ones and, unless it is wider than any page, its own.
func codedWidths(fact fileFact) (list []int) {
	for _, w := range append(slices.Clone(variantWidths), fact.Width) {
		if w <= fact.Width && w <= variantWidths[len(variantWidths)-1] && !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}

// jpegOrPNG is the JPEG or PNG that a page shows at a width.
func (b *build) jpegOrPNG(f *file, width int) ([]byte, error) {
	fact := f.look(b)
	switch {
	case width < fact.Width:
		return b.scaled(f, width)
	case fact.Orientation > 1:
		return b.upright(f, fact.Orientation)
	}
	return b.clean(f)
}

// tellFailures warns once of each encoder that failed.
func (b *build) tellFailures() {
	slices.SortFunc(b.encoding.failures, func(x, y failure) int { return cmp.Compare(x.file, y.file) })
	told := map[string]bool{}
	for _, f := range b.encoding.failures {
		if !told[f.Encoder.Type] {
			told[f.Encoder.Type] = true
			b.fault(site.Diagnostic{Severity: site.Warning, Code: codeEncoder, File: b.shown(f.file), Message: "this picture could not be written as " + f.Encoder.Type + ": " + f.Failure.Error(),
				Help: "pages show the picture as it is; run " + f.Encoder.Name + " on it by hand to see what it says"})
		}
	}
}

// encoded is one copy of a picture in another format.
type encoded struct {
	pictures.Encoder
	variant
	key string // in the store
}

// encodedOf are a picture's copies in the formats that are worth having, format by format.
func (b *build) encodedOf(f *file) (list []encoded) {
	fact := f.look(b)
	sum, _ := fact.published()
	name := strings.TrimSuffix(path.Base(f.name), path.Ext(f.name))
	for _, format := range strings.Fields(fact.Formats) {
		i := slices.IndexFunc(b.encoding.all, func(e pictures.Encoder) bool { return e.Type == format })
		if i < 0 {
			continue
		}
		e := b.encoding.all[i]
		for _, w := range codedWidths(fact) {
			key := pictures.Key(sum, fact.Orientation, w, e.Print)
			at := "assets/" + name + "-" + strconv.Itoa(w) + "." + key[:8] + e.Ext
			list = append(list, encoded{e, variant{escapePath(b.addresses.Path("/" + at)), at, w}, key})
		}
	}
	return list
}

// dressOf is what pages add to a picture.
func (b *build) dressOf(f *file) (d pictures.Dress) {
	fact := f.look(b)
	if f.hashed {
		fact.Blurhash = f.hash
	}
	if rgb, ok := average(fact.Blurhash); ok && fact.Opaque {
		d.Class = pictures.Class(rgb)
	}
	for _, c := range b.encodedOf(f) {
		entry := strings.ReplaceAll(c.url, ",", "%2C") + " " + strconv.Itoa(c.width) + "w"
		if n := len(d.Sources); n > 0 && d.Sources[n-1].Type == c.Type {
			d.Sources[n-1].Set += ", " + entry
			continue
		}
		d.Sources = append(d.Sources, pictures.Source{Type: c.Type, Set: entry, Sizes: imageSizes})
	}
	return d
}

// planEncoded plans the copies in other formats.
func (b *build) planEncoded() {
	e := &b.encoding
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		f := b.files[name]
		if fact, remembered := b.next.Files[name]; !remembered || fact.Coder == "" && fact.Formats == "" {
			continue
		}
		e.used[b.verdict(f.look(b))] = true
		for _, c := range b.encodedOf(f) {
			e.used[c.key] = true
			if b.taken(c.at) {
				continue
			}
			b.plan(output{path: c.at, print: b.print("encoded", c.key), class: assets, make: func() ([]byte, error) { return b.encodedCopy(f, c) }})
		}
	}
}

// encodedCopy gives one copy from the store, or makes it again where it was lost.
func (b *build) encodedCopy(f *file, c encoded) ([]byte, error) {
	if data, ok := b.encoding.store.Get(c.key); ok {
		return data, nil
	}
	picture, err := b.jpegOrPNG(f, c.width)
	if err != nil {
		return nil, err
	}
	data, err := c.Encode(context.Background(), picture)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", c.at, err)
	}
	return data, nil
}
