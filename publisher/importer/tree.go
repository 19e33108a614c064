package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// Bounds of a source folder.
const (
	maxFiles = 200_000
	maxText  = 16 << 20 // bytes of one Markdown file
)

// tree is the folder of a generator's site.
type tree struct {
	in    *importing
	root  *os.Root
	names []string // plain files, slashes, in order
	known map[string]bool
}

// openTree lists a folder. Hidden names, links that lead out of it, and what is no plain file are left out; skip names further folders.
func (in *importing) openTree(ctx context.Context, skip func(dir string) bool) (*tree, error) {
	info, err := os.Stat(in.Source)
	if err == nil && !info.IsDir() {
		err = errors.New("is a file; name the site's folder")
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", in.Source, err)
	}
	root, err := os.OpenRoot(in.Source)
	if err != nil {
		return nil, err
	}
	t := &tree{in: in, root: root, known: map[string]bool{}}
	in.media = append(in.media, finder{root, func(string) (string, bool) { return "", false }}) // closed with the others
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil || name == "." {
			return err
		}
		switch {
		case d.IsDir() && (hidden(d.Name()) || skip(name)):
			return fs.SkipDir
		case d.IsDir(), hidden(d.Name()):
			return nil
		case !isFile(root, name):
			in.note(Note{Code: CodeItem, File: name, Message: "is no plain file, or leads out of the folder"})
			return nil
		case len(t.names) >= maxFiles:
			return unread(in.Source, 0, fmt.Sprintf("the folder holds more than %d files", maxFiles), "name the site's own folder")
		}
		t.names, t.known[name] = append(t.names, name), true
		return nil
	})
	return t, err
}

func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || name == "node_modules" || name == "vendor" || name == "Thumbs.db"
}

// read gives a text file. One that is too large is told of.
func (t *tree) read(name string) (string, bool) {
	f, err := t.root.Open(name)
	if err != nil {
		t.in.note(Note{Code: CodeItem, File: name, Message: "cannot be read: " + err.Error()})
		return "", false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxText+1))
	if err != nil || len(data) > maxText {
		t.in.note(Note{Code: CodeItem, File: name, Message: "is larger than 16 MB, or cannot be read"})
		return "", false
	}
	return string(data), true
}

// settings reads the first of some files that is there.
func (t *tree) settings(names ...string) (*matter, string, error) {
	for _, name := range names {
		if !t.known[name] {
			continue
		}
		text, ok := t.read(name)
		if !ok {
			return nil, "", fmt.Errorf("%s cannot be read", name)
		}
		kind := strings.TrimPrefix(path.Ext(name), ".")
		fields, err := settings(map[string]string{"yml": "yaml"}[kind]+map[string]string{"toml": "toml", "json": "json"}[kind], textual(text))
		if err != nil {
			return nil, "", unread(name, 0, err.Error(), "")
		}
		return newMatter(fields, time.UTC), name, nil
	}
	return newMatter(nil, time.UTC), "", nil
}

// page reads the front matter of a file into a post. ok is false where it has none or it cannot be read, which is told of.
func (t *tree) page(name string) (p *Post, m *matter, ok bool) {
	text, ok := t.read(name)
	if !ok {
		return nil, nil, false
	}
	fields, body, at, err := splitMatter(text)
	if err != nil && !errors.Is(err, errNoMatter) {
		t.in.note(Note{Code: CodeItem, File: name, Line: 1, Message: err.Error(), Help: "correct it and import again"})
		return nil, nil, false
	}
	p = &Post{Source: name, Line: at, Key: name, Body: body, raw: true}
	return p, newMatter(fields, t.in.zone), err == nil
}

// common reads the keys that Jekyll and Hugo share.
func (in *importing) common(p *Post, m *matter) {
	p.Title = m.text("title", "linktitle")
	m.get("linktitle")
	p.Summary = m.text("description", "summary", "excerpt")
	for _, k := range []string{"description", "summary", "excerpt", "layout", "type"} {
		m.get(k)
	}
	p.Draft = m.yes("draft")
	p.Lang = m.text("lang", "language", "locale")
	p.Math = m.yes("math", "mathjax", "katex", "usemathjax")
	p.Canonical = m.text("canonical_url", "canonicalurl", "canonical")
	var ok bool
	if p.Date, ok = m.date("date"); !ok {
		in.about(p, CodeDate, "the date "+quoted(m.text("date"))+" cannot be read", "")
	}
	p.Updated, _ = m.date("lastmod", "last_modified_at", "updated", "modified", "last-modified-at")
	if s := m.list(false, "series"); len(s) > 0 {
		p.Series = s[0]
	}
	if m.has("comments") && !m.yes("comments") {
		p.CommentsMode = "off"
	}
	switch a := m.get("author", "authors").(type) {
	case string:
		p.Author = in.blog.author(a, a)
	case []any:
		if len(a) > 0 {
			p.Author = in.blog.author(scalar(a[0]), scalar(a[0]))
		}
	case map[string]any:
		p.Author = in.blog.author(scalar(a["name"]), scalar(a["name"]))
	}
	m.get("authors")
	p.Image = pictureOf(m)
}

// pictureOf finds the lead picture in the many places where themes look for it.
func pictureOf(m *matter) Picture {
	var found Picture
	for _, k := range []string{"image", "cover", "featured_image", "featuredimage", "feature_image", "thumbnail", "header", "images", "hero", "banner", "teaser"} {
		switch v := m.get(k).(type) {
		case string:
			found = one(found, Picture{v, ""})
		case []any:
			if len(v) > 0 {
				found = one(found, Picture{scalar(v[0]), ""})
			}
		case map[string]any:
			for _, key := range []string{"path", "src", "image", "url", "feature", "teaser", "overlay_image"} {
				if s := scalar(v[key]); s != "" && found.Src == "" {
					found = Picture{s, scalar(v["alt"]) + scalar(v["image_alt"])}
				}
			}
		}
	}
	return found
}

func one(have, other Picture) Picture {
	if have.Src == "" && isPicture(other.Src) {
		return other
	}
	return have
}

var moreMark = "<!--more-->"

// withoutMore drops the mark that ends a teaser.
func withoutMore(s string) string {
	return strings.NewReplacer(moreMark, "", "<!-- more -->", "", "<!--More-->", "").Replace(s)
}
