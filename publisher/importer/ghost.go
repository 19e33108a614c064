package importer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// maxGhost bounds a Ghost export in bytes: it is one JSON document and is read whole.
const maxGhost = 256 << 20

// ghostFile is an export of Ghost: {"db":[{"data":{…}}]}, or what stands in it (ghost/core/core/server/data/exporter).
type ghostFile struct {
	DB   []struct{ Data ghostData }
	Data ghostData
}

type ghostData struct {
	Posts        []ghostPost
	PostsMeta    []ghostMeta `json:"posts_meta"`
	Tags         []ghostTag
	PostsTags    []ghostTagged `json:"posts_tags"`
	Users        []ghostUser
	PostsAuthors []ghostWrote `json:"posts_authors"`
	Settings     []struct {
		Key   string
		Value any
	}
	Comments []ghostComment // in full backups alone
	Members  []ghostMember
}

// id is a Ghost identity: a text since 1.0, a number before.
type id string

// UnmarshalJSON reads texts and numbers alike.
func (i *id) UnmarshalJSON(data []byte) error {
	s := strings.Trim(string(data), `"`)
	if s == "null" {
		s = ""
	}
	*i = id(s)
	return nil
}

type ghostPost struct {
	ID, UUID                              id
	Title, Slug, HTML, Mobiledoc, Lexical string
	Status, Visibility, Type, Locale      string
	Page, Featured                        any
	RawImage                              string    `json:"image"`
	RawFeature                            string    `json:"feature_image"`
	Excerpt                               string    `json:"custom_excerpt"`
	MetaDescription                       string    `json:"meta_description"`
	Canonical                             string    `json:"canonical_url"`
	Head                                  string    `json:"codeinjection_head"`
	Foot                                  string    `json:"codeinjection_foot"`
	Author                                id        `json:"author_id"`
	Created                               ghostTime `json:"created_at"`
	Updated                               ghostTime `json:"updated_at"`
	Published                             ghostTime `json:"published_at"`
}

type ghostMeta struct {
	Post        id     `json:"post_id"`
	Alt         string `json:"feature_image_alt"`
	Description string `json:"meta_description"`
	EmailOnly   any    `json:"email_only"`
}

type ghostTag struct {
	ID                     id
	Name, Slug, Visibility string
}

type ghostTagged struct {
	Post id  `json:"post_id"`
	Tag  id  `json:"tag_id"`
	Sort int `json:"sort_order"`
}

type ghostUser struct {
	ID         id
	Name, Slug string
}

type ghostWrote struct {
	Post   id  `json:"post_id"`
	Author id  `json:"author_id"`
	Sort   int `json:"sort_order"`
}

type ghostComment struct {
	ID           id
	Post         id `json:"post_id"`
	Member       id `json:"member_id"`
	Parent       id `json:"parent_id"`
	Answers      id `json:"in_reply_to_id"`
	Status, HTML string
	Created      ghostTime `json:"created_at"`
}

// ghostMember has a name alone: the address of a member is not read.
type ghostMember struct {
	ID   id
	Name string
}

// ghostTime reads the ways in which Ghost has written moments: RFC 3339, SQL, and milliseconds.
type ghostTime struct{ time.Time }

// UnmarshalJSON leaves the zero time where it finds none.
func (t *ghostTime) UnmarshalJSON(data []byte) error {
	s := strings.Trim(string(data), `"`)
	for _, shape := range []string{time.RFC3339Nano, time.DateTime, "2006-01-02T15:04:05"} {
		if at, err := time.Parse(shape, s); err == nil {
			t.Time = at
			return nil
		}
	}
	var ms int64
	if json.Unmarshal(data, &ms) == nil && ms > 0 {
		t.Time = time.UnixMilli(ms).UTC()
	}
	return nil
}

// ghost is one import of a Ghost export.
type ghost struct {
	*importing
	data ghostData
	file string

	meta    map[id]ghostMeta
	tags    map[id][]string
	authors map[id]id // first author by post
	users   map[id]ghostUser
}

func readGhost(ctx context.Context, in *importing) error {
	files, err := exports(in.Source, ".json")
	if err != nil {
		return err
	}
	for _, file := range files {
		g := &ghost{importing: in, file: filepath.Base(file)}
		f, err := os.Open(file)
		if err != nil {
			return fmt.Errorf("reading the export: %w", err)
		}
		err = fits(f, maxGhost)
		if err == nil {
			err = g.read(f)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
		if err := g.posts(ctx); err != nil {
			return err
		}
	}
	return nil
}

// fits refuses an export that is larger than what is read of it, before any of it is.
func fits(f *os.File, most int64) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading the export: %w", err)
	}
	if info.Size() > most {
		return unread(filepath.Base(f.Name()), 0, fmt.Sprintf("the export has %d MB, and at most %d MB are read", info.Size()>>20, most>>20), "export in parts, or take out what is no text")
	}
	return nil
}

// read reads the document and joins its tables.
func (g *ghost) read(r io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(r, maxGhost+1))
	if err != nil {
		return fmt.Errorf("reading the export: %w", err)
	}
	if len(data) > maxGhost {
		return unread(g.file, 0, "the export is larger than 256 MB", "")
	}
	var f ghostFile
	if err := json.Unmarshal([]byte(strings.TrimPrefix(strings.ToValidUTF8(string(data), "\uFFFD"), "\ufeff")), &f); err != nil {
		return unread(g.file, jsonLine(data, err), "this is no Ghost export: "+err.Error(), "in Ghost: Settings, Migration tools, Export, Content & settings")
	}
	if g.data = f.Data; len(f.DB) > 0 {
		g.data = f.DB[0].Data
	}
	if len(g.data.Posts) == 0 {
		return unread(g.file, 0, "this is no Ghost export: it has no posts", "in Ghost: Settings, Migration tools, Export, Content & settings")
	}
	g.settings()
	g.join()
	return nil
}

func jsonLine(data []byte, err error) int {
	var s *json.SyntaxError
	var t *json.UnmarshalTypeError
	switch {
	case errors.As(err, &s):
		return 1 + strings.Count(string(data[:min(int(s.Offset), len(data))]), "\n")
	case errors.As(err, &t):
		return 1 + strings.Count(string(data[:min(int(t.Offset), len(data))]), "\n")
	}
	return 0
}

func (g *ghost) settings() {
	values := map[string]string{}
	for _, s := range g.data.Settings {
		if v, ok := s.Value.(string); ok {
			values[s.Key] = v
		}
	}
	b := &g.blog
	b.Title, b.Description = values["title"], values["description"]
	b.Language = cmp.Or(values["locale"], values["lang"], values["default_locale"])
	b.Timezone = cmp.Or(values["timezone"], values["active_timezone"], values["activeTimezone"])
	if b.URL = siteURL(values["url"]); b.URL == "" {
		b.URL = siteURL(g.URL) // the export does not know its address: most people keep it
	}
	if z, err := time.LoadLocation(cmp.Or(g.Timezone, b.Timezone)); err == nil {
		g.zone = z
	}
	for _, k := range []string{"codeinjection_head", "codeinjection_foot", "ghost_head", "ghost_foot"} {
		if strings.TrimSpace(values[k]) != "" {
			g.note(Note{Code: CodeSetting, File: g.file, Message: "the code injection of the whole site (" + k + ") was not carried", Help: "what it does belongs into templates/"})
		}
	}
}

func (g *ghost) join() {
	g.meta, g.tags, g.authors, g.users = map[id]ghostMeta{}, map[id][]string{}, map[id]id{}, map[id]ghostUser{}
	for _, m := range g.data.PostsMeta {
		g.meta[m.Post] = m
	}
	names := map[id]string{}
	for _, t := range g.data.Tags {
		if t.Visibility != "internal" && !strings.HasPrefix(t.Name, "#") {
			names[t.ID] = t.Name
		}
	}
	slices.SortStableFunc(g.data.PostsTags, func(x, y ghostTagged) int { return cmp.Compare(x.Sort, y.Sort) })
	for _, t := range g.data.PostsTags {
		if name := names[t.Tag]; name != "" {
			g.tags[t.Post] = append(g.tags[t.Post], name)
		}
	}
	for _, u := range g.data.Users {
		g.users[u.ID] = u
	}
	slices.SortStableFunc(g.data.PostsAuthors, func(x, y ghostWrote) int { return cmp.Compare(x.Sort, y.Sort) })
	several := map[id]int{}
	for _, a := range g.data.PostsAuthors {
		if several[a.Post]++; g.authors[a.Post] == "" {
			g.authors[a.Post] = a.Author
		}
	}
	for post, n := range several {
		if n > 1 {
			g.note(Note{Code: CodeSetting, File: g.file, Message: fmt.Sprintf("the post %s has %d authors: the first was carried", post, n)})
		}
	}
}

func (g *ghost) posts(ctx context.Context) error {
	comments := g.comments()
	for i := range g.data.Posts {
		if err := ctx.Err(); err != nil {
			return err
		}
		p := g.post(&g.data.Posts[i])
		p.Comments = comments[g.data.Posts[i].ID]
		g.tidy(p)
		g.blog.Posts = append(g.blog.Posts, p)
	}
	return nil
}

func (g *ghost) post(x *ghostPost) *Post {
	m := g.meta[x.ID]
	p := &Post{Source: g.file + " " + line(x.Slug, 60), Key: string(cmp.Or(x.UUID, x.ID)), Page: x.Type == "page" || yes(x.Page), Title: x.Title, Slug: x.Slug, Lang: x.Locale, Tags: g.tags[x.ID]}
	p.Date, p.Updated = g.moment(x.Published), g.moment(x.Updated)
	if p.Date.IsZero() {
		p.Date = g.moment(x.Created)
	}
	p.OldPath = "/" + slug(x.Slug) + "/"
	p.Summary = cmp.Or(x.Excerpt, x.MetaDescription, m.Description)
	p.Canonical = x.Canonical
	if u, ok := g.users[cmp.Or(g.authors[x.ID], x.Author)]; ok {
		p.Author = g.blog.author(cmp.Or(u.Slug, string(u.ID)), u.Name)
	}
	if src := cmp.Or(x.RawFeature, x.RawImage); src != "" {
		p.Image = Picture{ghostURL(src), m.Alt}
	}
	g.state(p, x, m)
	p.Body = g.text(p, x)
	return p
}

func (g *ghost) moment(t ghostTime) time.Time {
	if t.IsZero() {
		return t.Time
	}
	return t.In(g.zone).Truncate(time.Second)
}

// yes reads Ghost's truths: true, 1, "1".
func yes(v any) bool {
	s := fmt.Sprint(v)
	return s == "true" || s == "1"
}

// state decides whether a post is out. What not everybody could read becomes a draft.
func (g *ghost) state(p *Post, x *ghostPost, m ghostMeta) {
	hold := func(why string) {
		p.Draft = true
		g.about(p, CodeItem, quoted(p.Title)+" "+why+": it is a draft now", "remove draft to publish it to all")
	}
	switch {
	case x.Status == "sent" || yes(m.EmailOnly):
		hold("was only sent by e-mail")
	case x.Status == "scheduled" || x.Status == "published":
		if v := x.Visibility; v != "" && v != "public" {
			hold("was for " + line(v, 30) + " alone")
		}
	default:
		p.Draft = true
	}
	if strings.TrimSpace(x.Head+x.Foot) != "" {
		g.about(p, CodeSetting, "the code injection of "+quoted(p.Title)+" was not carried", "")
	}
	if yes(x.Featured) {
		g.about(p, CodeSetting, quoted(p.Title)+" was featured", "pin = true in its front matter pins it, and tells followers")
	}
}

// ghostURL takes Ghost's mark for its own address out.
func ghostURL(s string) string { return strings.ReplaceAll(s, "__GHOST_URL__", "") }

// text is the post's Markdown, of its HTML, else of what its editor keeps.
func (g *ghost) text(p *Post, x *ghostPost) string {
	switch {
	case strings.TrimSpace(x.HTML) != "":
		return g.markdown(p, ghostCards(ghostURL(x.HTML)))
	case x.Lexical != "":
		d := document{}
		s := d.lexical(ghostURL(x.Lexical))
		g.cards(p, d.missing)
		return g.markdown(p, s, d.fragments...)
	case x.Mobiledoc != "":
		d := document{}
		s := d.mobiledoc(ghostURL(x.Mobiledoc))
		g.cards(p, d.missing)
		return g.markdown(p, s, d.fragments...)
	}
	return ""
}

func (g *ghost) cards(p *Post, missing []string) {
	slices.Sort(missing)
	for _, c := range slices.Compact(missing) {
		g.about(p, CodeMarkup, "the card “"+line(c, 40)+"” in "+quoted(p.Title)+" was not carried", "")
	}
}

// comments are those that show, by post.
func (g *ghost) comments() map[id][]Comment {
	names := map[id]string{}
	for _, m := range g.data.Members {
		names[m.ID] = m.Name
	}
	out, held := map[id][]Comment{}, 0
	for _, c := range g.data.Comments {
		if c.Status != "published" {
			held++
			continue
		}
		out[c.Post] = append(out[c.Post], Comment{ID: string(c.ID), Parent: string(cmp.Or(c.Answers, c.Parent)), Name: names[c.Member], HTML: c.HTML, Date: c.Created.Time})
	}
	if held > 0 {
		g.note(Note{Code: CodeComment, File: g.file, Message: fmt.Sprintf("comments that were hidden or deleted: %d", held)})
	}
	return out
}

// ghostCards takes the frames of Ghost's cards apart where their text alone counts: bookmarks, buttons, products.
func ghostCards(s string) string {
	return strings.NewReplacer("<!--kg-card-begin: html-->", "", "<!--kg-card-end: html-->", "", "<!--kg-card-begin: markdown-->", "", "<!--kg-card-end: markdown-->", "").Replace(s)
}

func escapeHTML(s string) string { return html.EscapeString(s) }
