package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// wordpress is one import of WordPress's exports.
type wordpress struct {
	*importing
	items       []wxrItem
	kept        int
	attachments map[string]*wxrItem // by id
	blocks      map[string]string   // reusable blocks, by id
	skipped     map[string]int      // what was left out, and how often
	file        string
	owners      map[string]bool // ids of the blog's users
}

// readWordPress reads an export (WXR), or all those of a folder: WordPress.com and wp-cli write several.
func readWordPress(ctx context.Context, in *importing) error {
	w := &wordpress{importing: in, attachments: map[string]*wxrItem{}, blocks: map[string]string{}, skipped: map[string]int{}, owners: map[string]bool{}}
	files, err := exports(in.Source, ".xml")
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := w.readFile(ctx, file); err != nil {
			return err
		}
	}
	for i := range w.items {
		if item := &w.items[i]; item.kind == "attachment" {
			w.attachments[item.id] = item
		}
	}
	for i := range w.items {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.item(&w.items[i])
	}
	w.uploads()
	w.tell()
	return nil
}

// exports are the files to be read: the source itself, or those of a kind in it.
func exports(source, ext string) ([]string, error) {
	info, err := os.Stat(source)
	if err != nil {
		return nil, fmt.Errorf("reading the export: %w", err)
	}
	if !info.IsDir() {
		return []string{source}, nil
	}
	names, err := os.ReadDir(source)
	if err != nil {
		return nil, fmt.Errorf("reading the export: %w", err)
	}
	var files []string
	for _, d := range names {
		if strings.EqualFold(filepath.Ext(d.Name()), ext) && d.Type()&fs.ModeDir == 0 {
			files = append(files, filepath.Join(source, d.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no %s file", source, ext)
	}
	return files, nil
}

func (w *wordpress) readFile(ctx context.Context, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("reading the export: %w", err)
	}
	defer f.Close()
	w.file = filepath.Base(file)
	x := newWXR(w.file, f, func(i wxrItem) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return w.keep(i)
	})
	if err := x.read(); err != nil {
		return err
	}
	w.settings(x.blog)
	return nil
}

func (w *wordpress) settings(x wxrBlog) {
	b := &w.blog
	if b.URL = siteURL(x.base); b.URL == "" {
		b.URL = siteURL(x.link)
	}
	b.Title, b.Description, b.Language = plainHTML(x.title), plainHTML(x.description), strings.TrimSpace(x.language)
	for _, a := range x.authors {
		b.author(a.Login, a.Name)
		w.owners[a.ID] = true
	}
}

// keep remembers an item that can become something.
func (w *wordpress) keep(i wxrItem) error {
	switch {
	case i.kind == "wp_block":
		w.blocks[i.id] = i.content
		return nil
	case i.kind != "post" && i.kind != "page" && i.kind != "attachment":
		w.skipped["items of the type "+line(i.kind, 40)]++
		return nil
	case i.kind != "attachment" && slices.Contains([]string{"trash", "auto-draft", "inherit", "private"}, i.status):
		if i.status != "private" {
			w.skipped[map[string]string{"trash": "posts in the trash", "auto-draft": "automatic drafts", "inherit": "revisions"}[i.status]]++
		} else {
			w.note(Note{Code: CodeItem, File: w.file, Line: i.line, Message: fmt.Sprintf("%s is private and was not carried", quoted(plainHTML(i.title))), Help: "publish it as a draft in WordPress and export again to have it"})
		}
		return nil
	}
	if w.kept += i.size(); w.kept > maxKept {
		return unread(w.file, i.line, errKept.Error(), "export it in parts and import each into a folder of its own")
	}
	w.items = append(w.items, i)
	return nil
}

func (w *wordpress) item(i *wxrItem) {
	if i.kind == "attachment" {
		return
	}
	p := &Post{Source: w.file, Line: i.line, Key: w.blog.URL + " " + i.id, Page: i.kind == "page", Title: plainHTML(i.title), Slug: i.name, Author: w.blog.author(i.creator, i.creator)}
	p.Date, p.Updated = wpTime(i.date, i.gmt, w.zone), wpTime(i.modified, i.modifiedGMT, w.zone)
	w.state(p, i)
	w.place(p, i)
	for _, c := range i.categories {
		name := html.UnescapeString(strings.TrimSpace(c.Name))
		if c.Domain == "post_tag" || c.Domain == "category" && !strings.EqualFold(name, "Uncategorized") {
			p.Tags = append(p.Tags, name)
		}
	}
	if p.Summary = plainHTML(i.excerpt); p.Summary == "" {
		p.Summary = plainHTML(i.meta["_yoast_wpseo_metadesc"])
	}
	p.Canonical = siteURL(i.meta["_yoast_wpseo_canonical"])
	if a := w.attachments[i.meta["_thumbnail_id"]]; a != nil {
		p.Image = Picture{a.url, altOf(a)}
	} else if i.meta["_thumbnail_id"] != "" {
		w.about(p, CodeMedia, "the featured image of "+quoted(p.Title)+" is not in the export", "export All content, so that attachments are in it")
	}
	p.Body = w.markdown(p, w.content(p, i))
	w.comments(p, i)
	w.tidy(p)
	w.blog.Posts = append(w.blog.Posts, p)
}

// state decides whether a post is out. What not everybody could read becomes a draft.
func (w *wordpress) state(p *Post, i *wxrItem) {
	switch {
	case i.password != "":
		p.Draft = true
		w.about(p, CodeItem, quoted(p.Title)+" has a password: it is a draft now", "a static page can have none; remove draft to publish it to all")
	case i.status == "publish", i.status == "future":
	default:
		p.Draft = true
	}
	if i.sticky == "1" {
		w.about(p, CodeSetting, quoted(p.Title)+" was sticky", "pin = true in its front matter pins it, and tells followers")
	}
}

// place notes the old addresses.
func (w *wordpress) place(p *Post, i *wxrItem) {
	p.Query = []string{"?p=" + url.QueryEscape(i.id)}
	if p.Page {
		p.Query = append(p.Query, "?page_id="+url.QueryEscape(i.id))
	}
	u, err := url.Parse(strings.TrimSpace(i.link))
	if err != nil || u.RawQuery != "" {
		return
	}
	p.OldPath = strings.TrimSpace(i.link)
	for k, old := range i.meta {
		if strings.HasPrefix(k, "_wp_old_slug ") && old != "" && i.name != "" {
			p.Aliases = append(p.Aliases, strings.Replace(p.OldPath, "/"+i.name, "/"+old, 1))
		}
	}
	slices.Sort(p.Aliases)
	p.Query = slices.Clone(p.Query)
}

func altOf(a *wxrItem) string {
	if alt := line(a.meta["_wp_attachment_image_alt"], maxTitle); alt != "" {
		return alt
	}
	return ""
}

// wpTime reads a moment: the offset of the blog is the difference of its two forms.
func wpTime(local, gmt string, zone *time.Location) time.Time {
	l, err := time.ParseInLocation(time.DateTime, strings.TrimSpace(local), zone)
	if err != nil || l.Year() < 1 {
		return time.Time{}
	}
	g, err := time.Parse(time.DateTime, strings.TrimSpace(gmt))
	if err != nil || g.Year() < 1 {
		return l
	}
	wall, _ := time.Parse(time.DateTime, strings.TrimSpace(local))
	offset := int(wall.Sub(g).Round(time.Minute).Seconds())
	if offset < -14*3600 || offset > 15*3600 {
		return g
	}
	if offset == 0 {
		return g
	}
	return g.In(time.FixedZone("", offset))
}

var (
	wpBlock  = regexp.MustCompile(`(?s)<!--\s+(/)?wp:([a-z][a-z0-9_-]*(?:/[a-z][a-z0-9_-]*)?)\s+(.*?)(/)?-->`)
	wpRef    = regexp.MustCompile(`"ref"\s*:\s*([0-9]+)`)
	wpLang   = regexp.MustCompile(`"(?:language|lang)"\s*:\s*"([A-Za-z0-9+#_-]{1,30})"`)
	harmless = map[string]bool{"more": true, "nextpage": true, "spacer": true, "separator": true, "footnotes": true, "page-break": true, "post-title": true}
)

// content is the post's HTML: shortcodes turned, blocks opened, classic text in paragraphs.
func (w *wordpress) content(p *Post, i *wxrItem) string {
	if w.tooLong(p, i.content) {
		return ""
	}
	s := shortcodes{w.importing, p, i.contentLine, func(ids string) string { return w.gallery(i, ids) }}.turn(textual(i.content))
	if strings.Contains(s, "<!-- wp:") {
		s = w.openBlocks(p, s, 0)
	} else {
		s = autop(s)
	}
	return s + footnoteList(i.meta["footnotes"])
}

// openBlocks drops the marks of Gutenberg's blocks. Text between blocks is classic; blocks that the server fills are told of.
func (w *wordpress) openBlocks(p *Post, s string, depth int) string {
	var out strings.Builder
	last, level := 0, 0
	text := func(t string) {
		if level == 0 {
			t = autop(t)
		}
		out.WriteString(t)
	}
	for _, m := range wpBlock.FindAllStringSubmatchIndex(s, -1) {
		text(s[last:m[0]])
		last = m[1]
		name, attrs := s[m[4]:m[5]], s[m[6]:m[7]]
		switch {
		case m[2] >= 0:
			if level = max(level-1, 0); strings.Contains(name, "code") {
				out.WriteString("</div>")
			}
		case m[8] >= 0:
			w.filled(p, name, attrs, depth, &out)
		default:
			level++
			if name == "freeform" {
				level--
			}
			if lang := wpLang.FindStringSubmatch(attrs); strings.Contains(name, "code") && lang != nil {
				out.WriteString(`<div class="language-` + lang[1] + `">`)
			} else if strings.Contains(name, "code") {
				out.WriteString("<div>")
			}
		}
	}
	text(s[last:])
	return out.String()
}

// filled is a block without content of its own: a reusable one is put in, others are made by WordPress.
func (w *wordpress) filled(p *Post, name, attrs string, depth int, out *strings.Builder) {
	if m := wpRef.FindStringSubmatch(attrs); name == "block" && m != nil && depth < 3 {
		if inner, ok := w.blocks[m[1]]; ok {
			out.WriteString(w.openBlocks(p, textual(inner), depth+1))
			return
		}
	}
	if !harmless[name] {
		w.about(p, CodeMarkup, "the block "+name+" in "+quoted(p.Title)+" is made by WordPress and was not carried", "")
	}
}

// gallery shows the pictures that a shortcode names, or all that belong to the post.
func (w *wordpress) gallery(i *wxrItem, ids string) string {
	var out strings.Builder
	show := func(a *wxrItem) {
		if a == nil || !isPicture(a.url) {
			return
		}
		fmt.Fprintf(&out, "\n\n<figure><img src=\"%s\" alt=\"%s\"><figcaption>%s</figcaption></figure>", html.EscapeString(a.url), html.EscapeString(altOf(a)), html.EscapeString(plainHTML(a.excerpt)))
	}
	if ids != "" {
		for id := range strings.SplitSeq(ids, ",") {
			show(w.attachments[strings.TrimSpace(id)])
		}
		return out.String() + "\n\n"
	}
	for n := range w.items {
		if a := &w.items[n]; a.kind == "attachment" && a.parent == i.id && i.id != "" {
			show(a)
		}
	}
	return out.String() + "\n\n"
}

// footnoteList is the list of notes that WordPress keeps beside the text (6.3, core/footnotes).
func footnoteList(meta string) string {
	var notes []struct{ ID, Content string }
	if meta == "" || json.Unmarshal([]byte(meta), &notes) != nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("<ol>")
	for _, n := range notes {
		b.WriteString(`<li id="` + html.EscapeString(n.ID) + `">` + n.Content + "</li>")
	}
	return b.String() + "</ol>"
}

func (w *wordpress) comments(p *Post, i *wxrItem) {
	for _, c := range i.comments {
		switch {
		case c.Type == "pingback" || c.Type == "trackback":
			w.skipped["pingbacks and trackbacks"]++
		case c.Approved == "0" || c.Approved == "hold":
			w.skipped["comments that wait for approval"]++
		case c.Approved != "1" && c.Approved != "approve":
			w.skipped["comments that are spam or in the trash"]++
		case c.Type != "" && c.Type != "comment":
			w.skipped["entries of the kind "+line(c.Type, 40)+" among the comments"]++
		default:
			parent := c.Parent
			if parent == "0" {
				parent = ""
			}
			p.Comments = append(p.Comments, Comment{ID: c.ID, Parent: parent, Name: html.UnescapeString(c.Author), URL: c.URL, HTML: autop(textual(c.Content)), Date: wpTime(c.GMT, c.GMT, time.UTC),
				Owner: c.User != "" && c.User != "0" && w.owners[c.User]})
		}
	}
	if i.commentStatus == "closed" && !p.Page {
		if p.CommentsMode = "off"; len(p.Comments) > 0 {
			p.CommentsMode = "read-only"
		}
	}
}

// uploads copies what the export lists, used or not: other sites may show it.
func (w *wordpress) uploads() {
	missing := 0
	for i := range w.items {
		a := &w.items[i]
		if a.kind != "attachment" || a.url == "" {
			continue
		}
		if at := w.oldPath(a.url); w.there(at) {
			w.wanted = append(w.wanted, at)
		} else {
			missing++
		}
	}
	if missing > 0 && w.Media == "" {
		w.note(Note{Code: CodeMedia, File: w.file, Message: fmt.Sprintf("%d uploads: the export only names them", missing), Help: "fetch wp-content/uploads and import again with --media uploads; until then they are shown from the old address"})
	} else if missing > 0 {
		w.note(Note{Code: CodeMedia, File: w.Media, Message: fmt.Sprintf("%d uploads of the export are not in the folder", missing)})
	}
}

// tell says what was left out.
func (w *wordpress) tell() {
	for what, n := range w.skipped {
		code := CodeItem
		if strings.Contains(what, "comment") || strings.Contains(what, "pingback") {
			code = CodeComment
		}
		w.note(Note{Code: code, File: path.Base(w.Source), Message: fmt.Sprintf("%s: %d", what, n)})
	}
}
