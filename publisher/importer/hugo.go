package importer

import (
	"cmp"
	"context"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// hugo is one import of a Hugo site.
type hugo struct {
	*importing
	*tree
	config     *matter
	content    string // folder of the content, "content"
	statics    []string
	permalinks map[string]string // by section
	languages  map[string]bool
	standard   string // language of files that name none
	ugly       bool
	other      map[string]int
	bundles    map[string]bool // folders that are one page
}

func readHugo(ctx context.Context, in *importing) (err error) {
	h := &hugo{importing: in, permalinks: map[string]string{}, languages: map[string]bool{}, other: map[string]int{}, bundles: map[string]bool{}}
	skip := func(dir string) bool {
		return dir == "public" || dir == "themes" || dir == "resources" || dir == "layouts" || dir == "archetypes"
	}
	if h.tree, err = in.openTree(ctx, skip); err != nil {
		return err
	}
	var names []string
	for _, dir := range []string{"", "config/_default/"} {
		for _, name := range []string{"hugo", "config"} {
			names = append(names, dir+name+".toml", dir+name+".yaml", dir+name+".yml", dir+name+".json")
		}
	}
	name := ""
	if h.config, name, err = h.tree.settings(names...); err != nil {
		return err
	}
	h.settings()
	if name == "" && !slices.ContainsFunc(h.names, func(f string) bool { return strings.HasPrefix(f, h.content+"/") }) {
		return unread(in.Source, 0, "this is no Hugo site: it has neither hugo.toml nor content/", "")
	}
	h.finders()
	for _, file := range h.names {
		if base := path.Base(file); strings.HasPrefix(file, h.content+"/") && strings.HasPrefix(base, "index.") && textFile(file) {
			h.bundles[path.Dir(file)] = true
		}
	}
	for _, file := range h.names {
		if err := ctx.Err(); err != nil {
			return err
		}
		h.file(file)
	}
	for _, what := range slices.Sorted(maps.Keys(h.other)) {
		h.note(Note{Code: CodeItem, File: what, Message: count(h.other[what], "file") + " that the theme or Hugo itself uses", Help: "posts, pages and media are carried"})
	}
	return nil
}

func (h *hugo) settings() {
	c, b := h.config, &h.blog
	params := newMatter(tableOf(c.get("params")), h.zone)
	b.Title, b.URL = c.text("title"), siteURL(c.text("baseurl"))
	b.Description = cmp.Or(params.text("description"), params.text("subtitle"))
	h.standard = cmp.Or(c.text("defaultcontentlanguage"), "en")
	b.Language, b.Timezone = cmp.Or(c.text("languagecode", "locale"), h.standard), c.text("timezone")
	h.languages[h.standard] = true
	for code, l := range tableOf(c.get("languages")) {
		h.languages[strings.ToLower(code)] = true
		if m := newMatter(tableOf(l), h.zone); strings.EqualFold(code, h.standard) {
			b.Title = cmp.Or(b.Title, m.text("title"))
		}
	}
	if z, err := time.LoadLocation(cmp.Or(h.Timezone, b.Timezone)); err == nil && cmp.Or(h.Timezone, b.Timezone) != "" {
		h.zone = z
	}
	for _, v := range []any{params.get("author"), c.get("author")} {
		if t := tableOf(v); len(t) > 0 {
			v = t["name"]
		}
		h.Author = cmp.Or(h.Author, scalar(v))
	}
	h.content = strings.Trim(path.Clean(cmp.Or(c.text("contentdir"), "content")), "/")
	if h.statics = c.list(false, "staticdir"); len(h.statics) == 0 {
		h.statics = []string{"static"}
	}
	h.ugly = c.yes("uglyurls")
	permalinks := tableOf(c.get("permalinks"))
	for section, t := range permalinks {
		if s := scalar(t); s != "" {
			h.permalinks[section] = s
		}
	}
	for section, t := range tableOf(permalinks["page"]) {
		h.permalinks[section] = scalar(t)
	}
}

func tableOf(v any) map[string]any {
	t, _ := v.(map[string]any)
	return t
}

// finders look for media where Hugo serves them: in static/, and beside the page of a bundle.
func (h *hugo) finders() {
	h.media = append(h.media, finder{h.root, func(at string) (string, bool) {
		for _, dir := range append(slices.Clone(h.statics), "assets") {
			if name := strings.Trim(path.Clean(dir), "/") + at; h.known[name] {
				return name, true
			}
		}
		name := h.content + at
		return name, h.known[name] && isMedia(name)
	}})
}

func textFile(name string) bool {
	switch path.Ext(name) {
	case ".md", ".markdown", ".html", ".htm":
		return true
	}
	return false
}

func (h *hugo) file(name string) {
	if rest, ok := strings.CutPrefix(name, h.content+"/"); ok {
		h.inContent(name, rest)
		return
	}
	for _, dir := range h.statics {
		if rest, ok := strings.CutPrefix(name, strings.Trim(path.Clean(dir), "/")+"/"); ok {
			h.static(name, rest)
			return
		}
	}
	if first, _, more := strings.Cut(name, "/"); more && first != "config" && first != "assets" {
		h.other[first]++
	}
}

// static carries what Hugo copies, but for what only its old server understood.
func (h *hugo) static(name, rest string) {
	switch strings.ToLower(rest) {
	case "robots.txt", "cname", "_redirects", "_headers", "sitemap.xml", "vercel.json", "netlify.toml", "browserconfig.xml", "site.webmanifest", "manifest.json":
		h.note(Note{Code: CodeSetting, File: name, Message: "is for the old server and was not carried", Help: "see docs/settings.md for what publish writes itself"})
		return
	}
	if ext := path.Ext(rest); ext == ".html" || ext == ".htm" || ext == ".md" || ext == ".js" || ext == ".css" {
		h.other[path.Dir(name)]++
		return
	}
	h.wanted = append(h.wanted, "/"+rest)
}

func (h *hugo) inContent(name, rest string) {
	base := path.Base(rest)
	switch {
	case strings.HasPrefix(base, "_index."):
		if p, _, _ := h.tree.page(name); p != nil && strings.TrimSpace(p.Body) != "" {
			h.note(Note{Code: CodeItem, File: name, Message: "the text of a list page was not carried", Help: "make it a page of its own"})
		}
	case textFile(name):
		if dir := h.bundleOf(name); dir != "" && !(path.Dir(name) == dir && strings.HasPrefix(base, "index.")) {
			h.note(Note{Code: CodeItem, File: name, Message: "is a part of the page in " + dir + " and no page of its own"})
			return
		}
		h.page(name, rest)
	case isMedia(name):
		if h.bundleOf(name) == "" {
			h.wanted = append(h.wanted, "/"+rest)
		}
	default:
		h.note(Note{Code: CodeItem, File: name, Message: "is in a format that is not carried", Help: "turn it into Markdown"})
	}
}

// bundleOf is the folder of the leaf bundle that a file lies in, "" for none.
func (h *hugo) bundleOf(name string) string {
	for dir := path.Dir(name); dir != h.content && dir != "."; dir = path.Dir(dir) {
		if h.bundles[dir] {
			return dir
		}
	}
	return ""
}

// page carries one page. A post is a page of a section that has a date; every other is a page.
func (h *hugo) page(name, rest string) {
	p, m, ok := h.tree.page(name)
	if p == nil {
		return
	}
	if !ok {
		h.note(Note{Code: CodeItem, File: name, Message: "has no front matter and was not carried"})
		return
	}
	h.importing.common(p, m)
	base, lang := h.language(strings.TrimSuffix(path.Base(rest), path.Ext(rest)))
	bundle := base == "index"
	place := path.Dir(rest)
	if bundle {
		base, place = path.Base(place), path.Dir(place)
	}
	if place == "." {
		place = ""
	}
	section, _, _ := strings.Cut(place, "/")
	if lang != "" && lang != h.standard {
		p.Lang = lang
	}
	h.dates(p, m)
	p.Page = section == "" || p.Date.IsZero() && !p.Draft
	if p.Title == "" {
		p.Title = titleOf(base)
	}
	p.Slug = cmp.Or(m.text("slug"), base)
	p.OldPath = h.url(p, m, section, place, base, lang)
	if p.Lang != "" && lang != h.standard && lang != "" {
		p.Slug += "-" + lang
	}
	for _, a := range m.list(false, "aliases") {
		if !strings.HasPrefix(a, "/") && !strings.Contains(a, "://") {
			a = path.Join("/", place, a) + "/"
		}
		p.Aliases = append(p.Aliases, a)
	}
	p.Tags = append(m.list(false, "tags", "tag"), m.list(false, "categories", "category")...)
	for _, k := range []string{"url", "slug", "tag", "category", "publishdate", "expirydate", "resources", "headless", "weight"} {
		m.get(k)
	}
	p.Params = m.rest()
	if bundle {
		h.beside(p, name)
	}
	p.Body = withoutMore(h.shortcodes(p, p.Body))
	if ext := path.Ext(name); ext == ".html" || ext == ".htm" {
		p.Body = h.markdown(p, p.Body)
	}
	h.tidy(p)
	h.blog.Posts = append(h.blog.Posts, p)
}

// language cuts the language off a file's name: post.de is post in German, if the site knows German or is told of no languages.
func (h *hugo) language(base string) (name, lang string) {
	name, code, ok := cutLast(base, ".")
	if !ok || name == "" {
		return base, ""
	}
	if _, err := language.Parse(code); err != nil || !h.languages[strings.ToLower(code)] && (len(h.languages) > 1 || len(code) != 2) {
		return base, ""
	}
	return name, code
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func (h *hugo) dates(p *Post, m *matter) {
	publish, ok := m.date("publishdate", "pubdate", "published")
	if !ok {
		h.about(p, CodeDate, "publishDate "+quoted(m.text("publishdate"))+" cannot be read", "")
	}
	if p.Date.IsZero() || publish.After(h.Now) {
		p.Date = cmp.Or(publish, p.Date)
	}
	p.Expires, _ = m.date("expirydate", "unpublishdate")
	if m.yes("headless") {
		p.Draft = true
		h.about(p, CodeItem, quoted(p.Title)+" was headless: it is a draft now", "")
	}
	if b := tableOf(m.get("build", "_build")); scalar(b["render"]) == "never" || scalar(b["render"]) == "false" {
		p.Draft = true
		h.about(p, CodeItem, quoted(p.Title)+" was never shown: it is a draft now", "")
	}
	m.get("_build")
}

// url is the path that a page had.
func (h *hugo) url(p *Post, m *matter, section, place, base, lang string) string {
	before := ""
	if lang != "" && lang != h.standard {
		before = "/" + strings.ToLower(lang)
	}
	if u := m.text("url"); u != "" {
		if !strings.HasPrefix(u, "/") {
			u = path.Join("/", place, u)
		}
		return before + u
	}
	last := cmp.Or(slug(m.text("slug")), strings.ToLower(strings.ReplaceAll(base, " ", "-")))
	if t := h.permalinks[section]; t != "" {
		w := dateWords(p.Date)
		w["title"], w["slug"], w["filename"], w["contentbasename"] = slug(p.Title), cmp.Or(slug(m.text("slug")), slug(p.Title)), base, base
		w["slugorfilename"], w["slugorcontentbasename"], w["section"], w["sections"] = last, last, section, place
		at := permalink(strings.ReplaceAll(t, ":sections[1:]", strings.TrimPrefix(strings.TrimPrefix(place, section), "/")), w)
		if path.Ext(at) == "" && !strings.HasSuffix(at, "/") {
			at += "/"
		}
		return before + strings.ToLower(at)
	}
	at := before + strings.ToLower(path.Join("/", strings.ReplaceAll(place, " ", "-"), last))
	if h.ugly {
		return at + ".html"
	}
	return at + "/"
}

// beside takes the files of a bundle along: with a post they lie in its folder; those of a page keep their old place.
func (h *hugo) beside(p *Post, name string) {
	dir := path.Dir(name)
	for _, f := range h.names {
		rest, ok := strings.CutPrefix(f, dir+"/")
		if !ok || textFile(f) || !isMedia(f) || !h.plainName(rest) {
			continue
		}
		if p.Page {
			at := path.Join("/", h.oldPath(p.OldPath), rest)
			h.media = append(h.media, finder{h.root, func(want string) (string, bool) { return f, want == at }})
			h.wanted = append(h.wanted, at)
			continue
		}
		if p.Beside == nil {
			p.Beside = map[string]asset{}
		}
		p.Beside[rest] = asset{h.root, f}
	}
}

// plainName tells whether publish takes a file of this name along.
func (h *hugo) plainName(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if ignoredName(part) {
			h.note(Note{Code: CodeItem, File: name, Message: "a file of this name cannot be part of a site", Help: "rename it"})
			return false
		}
	}
	return true
}
