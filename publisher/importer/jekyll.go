package importer

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// jekyll is one import of a Jekyll site.
type jekyll struct {
	*importing
	*tree
	config *matter
	style  string // of permalinks
	other  map[string]int
}

// jekyllStyles are the names of permalink styles (jekyllrb.com/docs/permalinks).
var jekyllStyles = map[string]string{
	"date": "/:categories/:year/:month/:day/:title:output_ext", "pretty": "/:categories/:year/:month/:day/:title/", "ordinal": "/:categories/:year/:y_day/:title:output_ext",
	"weekdate": "/:categories/:w_year/W:week/:short_day/:title:output_ext", "none": "/:categories/:title:output_ext",
}

var jekyllName = regexp.MustCompile(`^(\d{4}-\d{1,2}-\d{1,2})-(.+)$`)

func readJekyll(ctx context.Context, in *importing) (err error) {
	j := &jekyll{importing: in, other: map[string]int{}}
	skip := func(dir string) bool {
		return dir == "_site" || dir == "_sass" || dir == "_layouts" || dir == "_plugins"
	}
	if j.tree, err = in.openTree(ctx, skip); err != nil {
		return err
	}
	name := ""
	if j.config, name, err = j.tree.settings("_config.yml", "_config.yaml", "_config.toml"); err != nil {
		return err
	}
	if name == "" && !slices.ContainsFunc(j.names, func(f string) bool { return strings.Contains("/"+f, "/_posts/") }) {
		return unread(in.Source, 0, "this is no Jekyll site: it has neither _config.yml nor _posts", "")
	}
	j.settings()
	in.media = append(in.media, finder{j.root, func(at string) (string, bool) {
		name := strings.TrimPrefix(at, "/")
		return name, j.known[name] && isMedia(name) && !strings.HasPrefix(name, "_")
	}})
	for _, file := range j.names {
		if err := ctx.Err(); err != nil {
			return err
		}
		j.file(file)
	}
	for _, what := range slices.Sorted(maps.Keys(j.other)) {
		j.note(Note{Code: CodeItem, File: what, Message: fmt.Sprintf("%s of a theme, plugin or collection", count(j.other[what], "file")), Help: "posts, drafts, pages and media are carried"})
	}
	return nil
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (j *jekyll) settings() {
	c, b := j.config, &j.blog
	b.Title, b.Description = c.text("title", "name"), c.text("description", "tagline")
	b.Language, b.Timezone = c.text("lang", "locale", "language"), c.text("timezone")
	if base := strings.Trim(c.text("baseurl"), "/"); base != "" {
		b.URL = siteURL(c.text("url") + "/" + base)
	} else {
		b.URL = siteURL(c.text("url"))
	}
	if z, err := time.LoadLocation(cmp.Or(j.Timezone, b.Timezone)); err == nil && cmp.Or(j.Timezone, b.Timezone) != "" {
		j.zone = z
	}
	if a, ok := c.get("author").(map[string]any); ok {
		j.Author = cmp.Or(j.Author, scalar(a["name"]))
	} else {
		j.Author = cmp.Or(j.Author, c.text("author"))
	}
	j.style = cmp.Or(c.text("permalink"), "date")
	if s, ok := jekyllStyles[j.style]; ok {
		j.style = s
	}
}

// file carries one file, or counts it among those that are not carried.
func (j *jekyll) file(name string) {
	dir, ext := path.Dir(name)+"/", path.Ext(name)
	text := ext == ".md" || ext == ".markdown" || ext == ".mkd" || ext == ".html" || ext == ".htm"
	switch {
	case strings.Contains("/"+dir, "/_posts/") && text:
		j.post(name, false)
	case strings.Contains("/"+dir, "/_drafts/") && text:
		j.post(name, true)
	case strings.Contains("/"+dir, "/_posts/"), strings.Contains("/"+dir, "/_drafts/"):
		j.note(Note{Code: CodeItem, File: name, Message: "is neither Markdown nor HTML"})
	case strings.HasPrefix(name, "_"):
		first, _, _ := strings.Cut(name, "/")
		if first != "_config.yml" && first != "_config.yaml" && first != "_config.toml" && first != "_includes" {
			j.other[first]++
		}
	case text:
		j.page(name)
	case isMedia(name) && !skipped(name):
		if !isPicture(name) && j.template(name) {
			j.other[name]++
			return
		}
		j.wanted = append(j.wanted, "/"+name)
	}
}

// skipped are media of the site's own machinery.
func skipped(name string) bool {
	switch strings.ToLower(path.Base(name)) {
	case "robots.txt", "sitemap.xml", "feed.xml", "atom.xml", "rss.xml", "package.json", "package-lock.json", "composer.json", "manifest.json", "search.json", "tsconfig.json", "license.txt", "browserconfig.xml":
		return true
	}
	return false
}

// template tells whether a file that is no picture begins with front matter: Jekyll makes it anew.
func (j *jekyll) template(name string) bool {
	f, err := j.root.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4)
	n, _ := f.Read(head)
	return n == 4 && string(head) == "---\n"
}

func (j *jekyll) post(name string, draft bool) {
	p, m, _ := j.tree.page(name)
	if p == nil {
		return
	}
	j.importing.common(p, m)
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	p.Slug = base
	if g := jekyllName.FindStringSubmatch(base); g != nil {
		p.Slug = g[2]
		if day, ok := parseDate(g[1], j.zone); ok && p.Date.IsZero() {
			p.Date = day
		}
	} else if !draft {
		j.about(p, CodeItem, "its name has no date, YYYY-MM-DD-title: Jekyll did not show it either; it is a draft now", "")
		draft = true
	}
	if p.Title == "" {
		p.Title = titleOf(p.Slug)
	}
	p.Draft = p.Draft || draft || m.has("published") && !m.yes("published")
	m.get("published")
	categories := distinctWords(append(folders(name), append(m.list(true, "categories"), m.list(false, "category")...)...))
	p.Tags = append(m.list(true, "tags", "tag"), categories...)
	if p.OldPath = j.url(p, m, categories); strings.Contains(p.OldPath, "/:") {
		p.OldPath = "" // a draft without a date had no address
	}
	if s := m.text("slug"); s != "" {
		p.Slug = s
	}
	j.finish(p, m, name)
}

// folders are the categories that folders above _posts name.
func folders(name string) []string {
	above, _, ok := strings.Cut("/"+name, "/_posts/")
	if !ok {
		above, _, _ = strings.Cut("/"+name, "/_drafts/")
	}
	return strings.FieldsFunc(above, func(r rune) bool { return r == '/' })
}

func distinctWords(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// titleOf makes a title of a file's name.
func titleOf(name string) string {
	words := strings.Fields(strings.NewReplacer("-", " ", "_", " ").Replace(name))
	if len(words) > 0 {
		words[0] = strings.ToUpper(words[0][:1]) + words[0][1:]
	}
	return strings.Join(words, " ")
}

// url is the path that a post had.
func (j *jekyll) url(p *Post, m *matter, categories []string) string {
	w := dateWords(p.Date)
	w["title"], w["slug"], w["output_ext"] = p.Slug, cmp.Or(slug(m.text("slug")), slug(p.Slug)), ".html"
	if s := m.text("slug"); s != "" {
		w["title"] = s
	}
	var low []string
	for _, c := range categories {
		low = append(low, strings.ToLower(c))
	}
	w["categories"], w["slugified_categories"] = strings.Join(low, "/"), strings.Join(low, "/")
	return permalink(cmp.Or(m.text("permalink"), j.style), w)
}

func (j *jekyll) page(name string) {
	p, m, ok := j.tree.page(name)
	if p == nil {
		return
	}
	if !ok {
		if path.Ext(name) == ".html" || path.Ext(name) == ".htm" {
			j.other[name]++
		}
		return // Jekyll copies what has no front matter as it is: READMEs and the like
	}
	if strings.Contains(p.Body, "{% for ") || strings.TrimSuffix(name, path.Ext(name)) == "index" || strings.TrimSuffix(path.Base(name), path.Ext(name)) == "404" {
		j.note(Note{Code: CodeItem, File: name, Message: "is a template or the front page, which Postil makes itself"})
		return
	}
	j.importing.common(p, m)
	p.Page = true
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	p.Slug = base
	at := "/" + strings.TrimSuffix(name, path.Ext(name))
	if base == "index" {
		p.Slug, at = path.Base(path.Dir(name)), "/"+path.Dir(name)+"/"
	} else if strings.HasSuffix(j.style, "/") {
		at += "/"
	} else {
		at += ".html"
	}
	p.OldPath = cmp.Or(m.text("permalink"), at)
	if p.Title == "" {
		p.Title = titleOf(p.Slug)
	}
	p.Draft = p.Draft || m.has("published") && !m.yes("published")
	m.get("published")
	p.Tags = m.list(true, "tags", "tag")
	j.finish(p, m, name)
}

// finish does what posts and pages share.
func (j *jekyll) finish(p *Post, m *matter, name string) {
	for _, k := range []string{"permalink", "slug", "category", "categories", "tags", "tag"} {
		m.get(k)
	}
	p.Aliases = m.list(false, "redirect_from")
	if to := m.text("redirect_to"); to != "" {
		j.about(p, CodeAddress, quoted(p.Title)+" led to "+line(to, 100), "let the web server do that")
	}
	if e := m.text("redirect_to"); e != "" && strings.TrimSpace(p.Body) == "" {
		return
	}
	p.Params = m.rest()
	p.Body = withoutMore(j.liquid(p, p.Body))
	if path.Ext(name) == ".html" || path.Ext(name) == ".htm" {
		p.Body = j.markdown(p, p.Body)
	} else {
		p.Body = kramdown(p.Body)
	}
	j.tidy(p)
	j.blog.Posts = append(j.blog.Posts, p)
}

var (
	kramdownList = regexp.MustCompile(`(?m)^(?:[*-]|1\.) [^\n]*\n\{:\s*toc[^}\n]*\}[ \t]*\n?`)
	kramdownLine = regexp.MustCompile(`(?m)^[ \t]*\{:[^}\n]*\}[ \t]*$\n?`)
	kramdownSpan = regexp.MustCompile(`([)*_` + "`" + `])\{:[^}\n]*\}`)
)

// kramdown drops what kramdown alone understands: lists of attributes, and the place of the table of contents.
func kramdown(s string) string {
	return outsideCode(s, func(s string) string {
		s = kramdownList.ReplaceAllString(s, "")
		s = kramdownLine.ReplaceAllString(s, "")
		return kramdownSpan.ReplaceAllString(s, "$1")
	})
}
