// Package importer turns the export of another program into a Postil blog: config.toml, posts and pages as Markdown, their media, and
// the comments that stood under them.
//
// A folder or file comes in (Options.Source); a whole site goes out, staged beside its place until Stage.Commit, and a Summary of what
// was carried and what was not. Each source has a file of its own that reads it into one model (Blog); everything after that is the same
// for all: addresses, links, media, front matter. It opens no connection: a picture that is only on the web keeps its address and is
// told of. It knows neither database nor key, and what it reads is other people's: every size is bounded, every name is made anew, every
// file is read through os.Root.
package importer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// Options of one import. What is empty is taken from the source.
type Options struct {
	From   string // "hugo", "jekyll", "wordpress", "ghost" or "bear"
	Source string // folder or file
	Dir    string // where the blog is made
	Media  string // folder with the uploads, for exports that hold none
	Now    time.Time

	Title, URL, Author, Language, Timezone string

	Federation bool
	Handle     string // default "blog"
}

// reading is one source: it fills the blog of an import.
type reading func(ctx context.Context, in *importing) error

var sources = map[string]reading{
	"wordpress": readWordPress, "ghost": readGhost, "jekyll": readJekyll, "hugo": readHugo, "bear": readBear,
}

// ErrSource means that Options name no blog that can be imported.
var ErrSource = errors.New("nothing to import")

// Sources are the values of Options.From, sorted.
func Sources() []string { return slices.Sorted(maps.Keys(sources)) }

// importing is one import under way.
type importing struct {
	Options
	blog    Blog
	summary Summary
	zone    *time.Location

	media  []finder          // where the files of the old site are
	files  map[string]asset  // those to be copied, by their place below content/
	copied map[string]string // new paths of copied files, by the old
	wanted []string          // old paths of files to be copied though no post shows them
	taken  *places
	byPath map[string]*Post // pages by their old path, "?p=12" for such addresses
	bySrc  map[string]*Post // pages by their file in the source
}

// Run reads the source and writes the blog into a stage. Nothing appears at Options.Dir before Stage.Commit. Faults of the source come
// back as site.Diagnostics.
func Run(ctx context.Context, o Options) (*Stage, error) {
	read, ok := sources[o.From]
	if !ok {
		return nil, fmt.Errorf("%w: there is no importer for %q: it is one of %s", ErrSource, o.From, strings.Join(Sources(), ", "))
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	in := &importing{Options: o, zone: time.UTC, files: map[string]asset{}, copied: map[string]string{}, byPath: map[string]*Post{}, bySrc: map[string]*Post{}}
	in.summary = Summary{V: 1, From: o.From, NotCarried: []Note{}}
	if z, err := time.LoadLocation(o.Timezone); err == nil && o.Timezone != "" {
		in.zone = z
	}
	defer in.close()
	if o.Media != "" {
		if err := in.addMedia(o.Media); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(o.Source); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSource, err)
	}
	if err := read(ctx, in); err != nil {
		return nil, err
	}
	if len(in.blog.Posts) == 0 {
		return nil, fmt.Errorf("%w: %s holds no post or page of a %s blog", ErrSource, o.Source, o.From)
	}
	in.settle()
	return in.write(ctx)
}

// settle gives every post its place and every link its new end.
func (in *importing) settle() {
	b := &in.blog
	override(&b.Title, in.Title)
	override(&b.Language, in.Language)
	override(&b.Timezone, in.Timezone)
	if b.URL == "" && in.URL == "" {
		in.note(Note{Code: CodeSetting, Message: "the export does not say the blog's address", Help: "set site.url in config.toml, or import again with --url"})
	}
	in.authors()
	in.place()
	for _, p := range b.Posts {
		in.links(p)
		in.clean(p)
		in.films(p)
	}
	for _, at := range in.wanted {
		in.kept(at)
	}
	in.aliases()
}

func override(to *string, s string) {
	if s != "" {
		*to = s
	}
}
