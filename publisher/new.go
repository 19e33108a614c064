package publisher

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/publisher/archetype"
	"github.com/postil-blog/postil/site"
)

// Scan reads every post, page and reply and checks front matter, text, links and pictures without writing anything: what publish list,
// show and check need. The diagnostics hold errors and warnings alike; the error is the machine's. Posts are newest first,
// pages among them, and replies after them.
func Scan(ctx context.Context, o Options) ([]*Post, site.Diagnostics, error) {
	o.DryRun, o.Drafts, o.Future = true, true, true
	b := newBuild(o)
	err := b.begin(ctx, nil)
	if err == nil {
		err = b.gather(ctx)
	}
	var ds site.Diagnostics
	if err == nil || errors.As(err, &ds) {
		err = nil
		for _, p := range b.sources() {
			if r := b.notes[p].Rendering; r != nil {
				p.Words = r.Words
			}
		}
	}
	return b.sources(), b.faults, errors.Join(err, b.close())
}

// Article gives the document that followers get of a post: the published one where the post is out, else the one that publishing
// now would make. It fails for a post that does not federate.
func Article(ctx context.Context, o Options, p *Post) ([]byte, error) {
	o.DryRun, o.Drafts, o.Future = true, true, true
	b := newBuild(o)
	doc, err := b.show(ctx, p.File)
	return doc, errors.Join(err, b.close())
}

func (b *build) show(ctx context.Context, name string) ([]byte, error) {
	if err := b.begin(ctx, nil); err != nil {
		return nil, err
	}
	if err := b.gather(ctx); err != nil {
		return nil, err
	}
	p, ok := b.byFile[name]
	switch {
	case !ok:
		return nil, fmt.Errorf("%s: %w", b.shown(name), fs.ErrNotExist)
	case p.Page:
		return nil, fmt.Errorf("%s is a page: only posts go to followers", b.shown(name))
	case b.form(p).As == "none" || !b.config.Federation.Enabled:
		return nil, fmt.Errorf("%s does not go to followers", b.shown(name))
	}
	if b.notes[p].Rendering == nil {
		return nil, fmt.Errorf("%s is held back: %s", b.shown(name), p.Why)
	}
	published, updated := b.now.Truncate(time.Second), time.Time{}
	for _, e := range b.previous.Posts {
		if e.ID == b.addresses.Post(p.Key) {
			published, updated = e.Published, e.Updated
		}
	}
	text, err := b.bodies(p)
	if err != nil {
		return nil, err
	}
	if p.Reply {
		return activitypub.Marshal(b.reply(p, published, updated, text))
	}
	return activitypub.Marshal(b.article(p, published, updated, text))
}

// Kinds are the kinds of post that NewPost has an archetype for. A site adds others by a file templates/archetypes/KIND.md.
var Kinds = []string{"article", "note", "photo", "page"}

// NewPost writes a draft from the archetype of a kind ("" is "article") with an id, the tags and the date, and gives its file's path. It
// never replaces a file. The site's templates/archetypes/KIND.md goes before the built-in archetype.
func NewPost(c *site.Config, title, kind string, tags []string, at time.Time) (file string, err error) {
	slug := slugOf(title)
	if slug == "" {
		slug = "untitled"
	}
	dir := filepath.Join(c.Path(c.Publish.Content), "posts")
	if kind == "page" {
		dir = c.Path(c.Publish.Content)
	}
	text, err := newText(c, archetype.Post{Title: title, Kind: cmp.Or(kind, "article"), Slug: slug, Tags: tags, Date: at.In(c.Location()), ID: strings.ToLower(rand.Text())})
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		name := slug + ".md"
		if n > 1 {
			name = slug + "-" + strconv.Itoa(n) + ".md"
		}
		file = filepath.Join(dir, name)
		err := writeNew(file, text)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
}

// newText fills the site's own archetype, or the built-in one.
func newText(c *site.Config, p archetype.Post) (string, error) {
	known := AllKinds(c)
	if !slices.Contains(known, p.Kind) {
		return "", fmt.Errorf("unknown kind %q: one of %s", p.Kind, strings.Join(known, ", "))
	}
	name := filepath.Join(archetypes, p.Kind+".md")
	data, err := os.ReadFile(c.Path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return archetype.BuiltIn(p), nil
	}
	if err != nil {
		return "", err
	}
	text, err := archetype.Fill(string(data), p)
	if err != nil {
		return "", fmt.Errorf("%s: %w", filepath.ToSlash(name), err)
	}
	return text, nil
}

// archetypes is the folder of a site's own archetypes.
const archetypes = "templates/archetypes"

// AllKinds lists Kinds and those that the site has an archetype of its own for.
func AllKinds(c *site.Config) []string {
	kinds := slices.Clone(Kinds)
	files, _ := filepath.Glob(filepath.Join(c.Path(archetypes), "*.md"))
	for _, f := range files {
		if kind := strings.TrimSuffix(filepath.Base(f), ".md"); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// tomlText writes a TOML basic string. JSON's escapes are a subset of TOML's.
func tomlText(s string) string {
	b, _ := json.Marshal(s)
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(b))
}

func writeNew(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
