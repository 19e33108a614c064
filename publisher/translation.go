package publisher

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/templates"
	"golang.org/x/text/language"
)

// langSuffix is the language that a file's name states: "de" of "hello.de.md" where there is a hello.md. base is that file.
func (b *build) langSuffix(file string) (base, lang string) {
	stem := strings.TrimSuffix(file, ".md")
	ext := path.Ext(stem)
	base = strings.TrimSuffix(stem, ext) + ".md"
	if _, err := language.Parse(strings.TrimPrefix(ext, ".")); ext == "" || err != nil || b.byFile[base] == nil {
		return "", ""
	}
	return base, ext[1:]
}

// original is the file that a post is a translation of: what its front matter names, else what its name says; "" for none.
func (b *build) original(p *Post) string {
	if p.TranslationOf == "" {
		base, _ := b.langSuffix(p.File)
		return base
	}
	file := path.Join(path.Dir(p.File), p.TranslationOf)
	if b.byFile[file] == nil || file == p.File {
		at := p.at("translation_of")
		b.fault(site.Diagnostic{Severity: site.Error, Code: codeTranslation, File: b.shown(p.File), Line: at.line, Col: at.col, Width: at.width, Excerpt: excerpt(b.source(p), at.line),
			Message: fmt.Sprintf("there is no %s to be a translation of", file), Help: cmp.Or(nearestFile(file, b.byFile), `name its file, relative to this one: translation_of = "hello.md"`)})
		return ""
	}
	return file
}

// translate groups the posts that say the same in several languages.
func (b *build) translate() {
	groups := map[string][]*Post{}
	for _, p := range b.all {
		if _, lang := b.langSuffix(p.File); lang != "" && !p.NamedLang {
			p.Lang = lang
		}
	}
	for _, p := range slices.Concat(b.posts, b.pages) {
		if file := b.original(p); file != "" {
			groups[file] = append(groups[file], p)
		}
	}
	b.translations = map[*Post][]*Post{}
	for file, list := range groups {
		if first := b.byFile[file]; (first.State == live || b.shows(first)) && !first.Reply {
			list = append(list, first)
		}
		slices.SortFunc(list, func(x, y *Post) int { return cmp.Or(cmp.Compare(x.Lang, y.Lang), cmp.Compare(x.File, y.File)) })
		list = slices.CompactFunc(list, func(x, y *Post) bool { return x == y })
		for _, p := range list {
			if len(list) > 1 {
				b.translations[p] = list
			}
		}
	}
}

// inLanguages are the addresses of a post in all its languages, its own among them.
func (b *build) inLanguages(p *Post) (list []templates.Translation) {
	for _, q := range b.translations[p] {
		list = append(list, templates.Translation{Language: q.Lang, Title: q.Title, URL: b.pageURL(q), Path: escapePath(b.addresses.Path(q.Path)), Current: q == p})
	}
	return list
}
