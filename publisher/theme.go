package publisher

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/postil-blog/postil/publisher/pictures"
	"github.com/postil-blog/postil/publisher/plainfile"
	"github.com/postil-blog/postil/publisher/stray"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
	"github.com/postil-blog/postil/themes"
)

// blog is what every page knows of the blog.
func (b *build) blog() (templates.Blog, error) {
	c, a := b.config, b.addresses
	css, err := b.theme()
	blog := templates.Blog{
		Title: c.Site.Title, Description: c.Site.Description, Language: c.Site.Language, Author: c.Site.Author, Home: a.Path("/"), URL: a.Home(),
		CSS: css, Feeds: b.feedLinks(c.Site.Title, "/"), Generator: generator, Params: c.Params,
	}
	if c.Federation.Enabled {
		blog.Handle, blog.Actor, blog.Follow = "@"+a.Acct(), a.Actor(), a.Interact("follow", a.Actor())
		if b.config.Webmention.Receive {
			blog.Webmention = a.Webmention()
		}
	}
	if icon := c.Federation.Icon; strings.Contains(icon, "://") {
		blog.Icon = icon
	} else if icon != "" {
		blog.Icon = escapePath(a.Path(icon))
	}
	return blog, err
}

// theme plans the theme's files, each under a name that changes with its content, and gives the path of the style sheet.
func (b *build) theme() (css string, err error) {
	t, err := themes.Load(b.config.Publish.Theme, b.folder("themes"))
	if err != nil {
		return "", site.Diagnostics{{
			Severity: site.Error, Code: codeTheme, File: "themes/" + b.config.Publish.Theme, Message: err.Error(),
			Help: "publish theme list shows what there is; publish.theme in config.toml chooses",
		}}
	}
	files := map[string][]byte{}
	err = fs.WalkDir(t.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || stray.File(d.Name()) {
			return err
		}
		data, err := fs.ReadFile(t.Files, name)
		files[name] = asSent(t.Name, name, data)
		return err
	})
	if d, ok := b.noFile("themes/"+t.Name, codeTheme, err); ok {
		return "", site.Diagnostics{d}
	}
	if err != nil {
		return "", fmt.Errorf("reading the theme %s: %w", t.Name, err)
	}
	// Style sheets come last: they name the other files.
	if css, ok := files["style.css"]; ok {
		files["style.css"] = append(bytes.Clone(css), pictures.StyleSheet()...)
	}
	b.makeScripts(files["theme.js"])
	delete(files, "theme.js")
	names := slices.SortedFunc(maps.Keys(files), func(x, y string) int {
		return cmp.Or(isStyle(x)-isStyle(y), cmp.Compare(x, y))
	})
	hashed := map[string]string{}
	for _, name := range names {
		data := files[name]
		if path.Ext(name) == ".css" {
			data = relink(data, hashed)
		}
		at := strings.TrimSuffix(name, path.Ext(name)) + "." + sumOf(data)[:8] + path.Ext(name)
		hashed[name] = at
		b.planAsset("assets/"+at, data)
	}
	if at, ok := hashed["style.css"]; ok {
		css = b.addresses.Path("/assets/" + at)
	}
	if at, ok := hashed["feed.css"]; ok {
		b.feedStyle = b.addresses.Path("/assets/" + at)
	}
	return css, nil
}

func isStyle(name string) int {
	if path.Ext(name) == ".css" {
		return 1
	}
	return 0
}

// relink gives a style sheet the hashed names of the files that it mentions.
func relink(css []byte, hashed map[string]string) []byte {
	for name, at := range hashed {
		for _, q := range []string{"", `"`, "'"} {
			css = bytes.ReplaceAll(css, []byte("url("+q+name+q+")"), []byte("url("+q+at+q+")"))
		}
	}
	return css
}

// folder is a folder of the site as a file system, nil where there is none.
func (b *build) folder(name string) fs.FS {
	root, err := b.site.OpenRoot(name)
	if err != nil {
		return nil
	}
	b.closers = append(b.closers, root)
	return plainfile.FS{Dir: root.FS(), Limit: maxThemeFile}
}

// Bounds on files of templates/ and themes/, in bytes. A font of a whole script has ten megabytes.
const (
	maxTemplate  = 1 << 20
	maxThemeFile = 16 << 20
)

// word is one of the templates' own texts in the site's language.
func (b *build) word(key string) string { return templates.Text(b.config.Site.Language, key) }

// readTemplates loads the templates and tells them from those of the last run.
func (b *build) readTemplates() (err error) {
	folder, err := b.site.OpenRoot("templates")
	if err != nil {
		b.templates, err = templates.Load(nil)
	} else {
		defer folder.Close()
		b.templates, err = templates.Load(plainfile.FS{Dir: folder.FS(), Limit: maxTemplate})
	}
	if d, ok := b.noFile("templates", codeTemplateText, err); ok {
		return site.Diagnostics{d}
	}
	var machine *fs.PathError
	if errors.As(err, &machine) {
		return fmt.Errorf("reading the templates: %w", err)
	}
	if err != nil {
		return site.Diagnostics{b.inTemplate(codeTemplateText, err)}
	}
	texts := map[string]string{}
	for _, t := range b.templates.Templates() {
		if t.Tree != nil && t.Tree.Root != nil {
			texts[t.Name()] = t.Tree.Root.String()
		}
	}
	b.look, b.depths = lookOf(texts), map[string]depth{}
	for name, text := range texts {
		b.asks = b.asks || asksData(text)
		b.depths[name] = depthOf(texts, name)
	}
	return nil
}

var included = regexp.MustCompile(`{{template "([^"]+)"`)

// depthOf is how much of posts a template shows, with those that it includes: lists are made without what they do not name.
func depthOf(texts map[string]string, name string) depth {
	names := func(field string) bool { return mentions(texts, name, field, map[string]bool{}) }
	switch {
	case names(".Body"):
		return whole
	case names(".Words"):
		return counted
	case names(".Summary"), names(".Minutes"):
		return brief
	}
	return heading
}

// mentions tells whether a template, or one that it includes, names a field.
func mentions(texts map[string]string, name, field string, seen map[string]bool) bool {
	if seen[name] {
		return false
	}
	seen[name] = true
	if strings.Contains(texts[name], field) {
		return true
	}
	for _, m := range included.FindAllStringSubmatch(texts[name], -1) {
		if mentions(texts, m[1], field, seen) {
			return true
		}
	}
	return false
}

// dress loads the theme and makes what all pages share.
func (b *build) dress() (err error) {
	b.pulled = map[string]bool{}
	if names, err := fs.ReadDir(b.site.FS(), "comments"); err == nil {
		for _, d := range names {
			b.pulled[d.Name()] = true
		}
	}
	b.blogData, err = b.blog()
	b.makeMenus()
	b.blogPrint = b.print(b.blogData, b.menus, b.scripts, b.homesIn(nil))
	if b.asks {
		b.blogPrint = b.print(b.blogPrint, b.data.Sum)
	}
	return err
}

// lookOf is a hash of every template, so that a page is made again when one of them changes.
func lookOf(texts map[string]string) string {
	var all []string
	for name, text := range texts {
		all = append(all, name+"\n"+text)
	}
	slices.Sort(all)
	sum := sha256.Sum256([]byte(strings.Join(all, "\x00")))
	return hex.EncodeToString(sum[:])
}
