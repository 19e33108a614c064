package importer

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// bear is one import from Bear Blog: the CSV that its dashboard and its backups write (bearblog, blogs/backup.py: djqscsv.write_csv of all
// fields, whose headings are the fields' names in words), or a folder of posts in the form of its editor, "key: value" lines above ___.
type bear struct {
	*importing
	file string
}

// maxRows bounds the posts of one export.
const maxRows = 100_000

func readBear(ctx context.Context, in *importing) error {
	b := &bear{importing: in}
	in.blog.URL = siteURL(in.URL) // posts do not say it
	info, err := os.Stat(in.Source)
	if err != nil {
		return fmt.Errorf("reading the export: %w", err)
	}
	files := []string{in.Source}
	if info.IsDir() {
		csvs, _ := exports(in.Source, ".csv")
		if len(csvs) == 0 {
			return b.folder(ctx)
		}
		files = csvs
	} else if ext := strings.ToLower(filepath.Ext(in.Source)); ext == ".md" || ext == ".txt" {
		return unread(in.Source, 0, "this is one post", "name the folder of the posts, or the CSV of the dashboard's export")
	}
	for _, file := range files {
		if err := b.csv(ctx, file); err != nil {
			return err
		}
	}
	return nil
}

func (b *bear) csv(ctx context.Context, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("reading the export: %w", err)
	}
	defer f.Close()
	b.file = filepath.Base(file)
	if err := fits(f, maxKept); err != nil {
		return err
	}
	r := csv.NewReader(io.LimitReader(f, maxKept))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	head, err := r.Read()
	if err != nil {
		return unread(b.file, 1, "this is no CSV: "+err.Error(), "")
	}
	for i := range head {
		head[i] = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(strings.TrimPrefix(head[i], "\ufeff"))), "_", " ")
	}
	if !slices.Contains(head, "content") && !slices.Contains(head, "subdomain") {
		return unread(b.file, 1, "this is no export of Bear Blog: it has no column content", "in Bear: Settings, Export all blog data")
	}
	for n := 0; n < maxRows; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		at, _ := r.FieldPos(0)
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unread(b.file, at, "the CSV is damaged: "+err.Error(), "export again")
		}
		at, _ = r.FieldPos(0)
		fields := map[string]any{}
		for i, v := range row {
			if i < len(head) && v != "" {
				fields[head[i]] = v
			}
		}
		b.row(newMatter(fields, b.zone), at)
	}
	return nil
}

// row is a post, or the blog itself.
func (b *bear) row(m *matter, at int) {
	if !m.has("slug") && m.has("subdomain") {
		b.site(m)
		return
	}
	p := &Post{Source: b.file, Line: at, Key: cmp.Or(m.text("uid"), m.text("slug"), m.text("title")), Body: m.text("content"), raw: true, Tags: bearTags(m.text("all tags", "tags"))}
	p.Draft = m.has("publish") && !m.yes("publish")
	b.post(p, m)
}

// site reads the row of the blog, in a backup's blog.csv.
func (b *bear) site(m *matter) {
	s := &b.blog
	s.Title, s.Description, s.Language = m.text("title"), m.text("meta description"), m.text("lang")
	if d := m.text("domain"); d != "" {
		s.URL = siteURL("https://" + d)
	} else if d := m.text("subdomain"); d != "" {
		s.URL = siteURL("https://" + d + ".bearblog.dev")
	}
}

func (b *bear) post(p *Post, m *matter) {
	p.Title, p.Slug = m.text("title"), m.text("slug", "link")
	p.Page = m.yes("is page")
	var ok bool
	if p.Date, ok = m.date("published date", "date"); !ok {
		b.about(p, CodeDate, "the date "+quoted(m.text("published date"))+" cannot be read", "")
	}
	if p.Date.IsZero() {
		p.Date, _ = m.date("first published at")
	}
	p.Updated, _ = m.date("last modified", "updated")
	p.Summary, p.Lang, p.Canonical = m.text("meta description"), m.text("lang"), m.text("canonical url")
	if src := m.text("meta image"); src != "" {
		p.Image.Src = src
	}
	if s := slug(p.Slug); s != "" {
		p.OldPath = "/" + s + "/"
	}
	if a := m.text("alias"); a != "" {
		p.Aliases = []string{"/" + strings.Trim(a, "/") + "/"}
	}
	p.Body = bearMarks(p.Body)
	b.tidy(p)
	b.blog.Posts = append(b.blog.Posts, p)
}

// bearTags reads the list of tags: JSON, Python's way of writing a list, or commas.
func bearTags(s string) []string {
	var list []string
	if json.Unmarshal([]byte(s), &list) == nil {
		return list
	}
	for t := range strings.SplitSeq(strings.Trim(s, "[]"), ",") {
		if t = strings.Trim(strings.TrimSpace(t), `'"`); t != "" {
			list = append(list, t)
		}
	}
	return list
}

// bearMarks drops what Bear alone understands: {{ posts }} and its like stay and are seen; the mark for links in a new tab goes.
func bearMarks(s string) string { return strings.ReplaceAll(s, "](tab:", "](") }

// folder reads posts in the form of Bear's editor, or with front matter.
func (b *bear) folder(ctx context.Context) error {
	t, err := b.openTree(ctx, func(string) bool { return false })
	if err != nil {
		return err
	}
	b.media = append(b.media, finder{t.root, func(at string) (string, bool) {
		name := strings.TrimPrefix(at, "/")
		return name, t.known[name] && isMedia(name)
	}})
	for _, name := range t.names {
		if !strings.HasSuffix(name, ".md") && !strings.HasSuffix(name, ".txt") {
			continue
		}
		text, ok := t.read(name)
		if !ok {
			continue
		}
		b.text(name, textual(text))
	}
	return nil
}

func (b *bear) text(name, text string) {
	p := &Post{Source: name, Line: 1, Key: name, raw: true}
	fields, body, at, err := splitMatter(text)
	if errors.Is(err, errNoMatter) {
		fields, body, at, err = bearHead(text)
	}
	if err != nil {
		b.note(Note{Code: CodeItem, File: name, Message: err.Error()})
		return
	}
	words := map[string]any{}
	for k, v := range fields {
		words[strings.ReplaceAll(strings.ToLower(k), "_", " ")] = v
	}
	m := newMatter(words, b.zone)
	p.Body, p.Line = body, at
	p.Tags = m.list(false, "tags", "all tags")
	p.Draft = m.yes("draft") || m.has("publish") && !m.yes("publish")
	if !m.has("slug") && !m.has("link") {
		p.Slug = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
		m.fields["slug"] = p.Slug
	}
	b.post(p, m)
}

// bearHead reads the lines above ___.
func bearHead(text string) (fields map[string]any, body string, bodyLine int, err error) {
	head, body, ok := strings.Cut("\n"+text, "\n___\n")
	if !ok {
		return nil, text, 1, errNoMatter
	}
	fields = map[string]any{}
	for l := range strings.SplitSeq(head, "\n") {
		if k, v, ok := strings.Cut(l, ":"); ok {
			fields[strings.TrimSpace(k)] = strings.TrimSpace(v)
		}
	}
	return fields, body, strings.Count(head, "\n") + 2, nil
}
