package importer

import (
	"fmt"
	"strings"

	"github.com/postil-blog/postil/site"
)

// authors keeps those who have written something. One alone is the site's author; several get a table each, since posts name them.
func (in *importing) authors() {
	wrote := map[string]bool{}
	for _, p := range in.blog.Posts {
		if p.Author != "" && !p.Page {
			wrote[p.Author] = true
		}
	}
	var kept []Author
	seen := map[string]bool{strings.ToLower(in.handle()): true}
	known := map[string]bool{}
	for _, a := range in.blog.Authors {
		if !wrote[a.Key] || known[a.Key] {
			continue
		}
		known[a.Key] = true
		a.Name = line(a.Name, maxTag)
		if a.Name == "" {
			a.Name = line(a.Key, maxTag)
		}
		a.name = authorKey(a.Key, len(kept)+1)
		for base, n := a.name, 2; seen[strings.ToLower(a.name)]; n++ {
			a.name = fmt.Sprintf("%s-%d", base, n)
		}
		seen[strings.ToLower(a.name)] = true
		kept = append(kept, a)
	}
	in.blog.Authors = kept
}

func (in *importing) handle() string {
	if in.Handle != "" {
		return in.Handle
	}
	return "blog"
}

// authorKey is the key of [authors.KEY], which may be a handle: ASCII alone.
func authorKey(s string, n int) string {
	s = strings.Trim(strings.Map(func(r rune) rune {
		if r < 0x80 {
			return r
		}
		return -1
	}, site.Slug(s)), "-")
	if s == "" {
		return fmt.Sprintf("author-%d", n)
	}
	return s[:min(len(s), 60)]
}

// author finds an author by key or name and makes a new one where there is none.
func (b *Blog) author(key, name string) string {
	if key == "" {
		key = name
	}
	if key == "" {
		return ""
	}
	for _, a := range b.Authors {
		if a.Key == key {
			return key
		}
	}
	b.Authors = append(b.Authors, Author{Key: key, Name: name})
	return key
}

// authorOf is what a post's front matter names: nobody on a blog with one author.
func (in *importing) authorOf(p *Post) string {
	if len(in.blog.Authors) < 2 {
		return ""
	}
	for _, a := range in.blog.Authors {
		if a.Key == p.Author {
			return a.name
		}
	}
	return ""
}

// owner is the one who writes a blog with a single author.
func (in *importing) owner() string {
	switch {
	case in.Author != "":
		return in.Author
	case len(in.blog.Authors) == 1:
		return in.blog.Authors[0].Name
	}
	return ""
}
