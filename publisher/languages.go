package publisher

import (
	"strings"

	"github.com/postil-blog/postil/templates"
)

// Where posts are in several languages each has a home with feeds of its own, "/de/" beside "/de/atom.xml". The front page keeps all posts:
// who reads its feed loses none when the first post in another language comes.

// homesIn are the homes of all languages, and the front page for readers of any other. here is the page that they stand on, nil for the
// front page.
func (b *build) homesIn(here *shelf) (list []templates.Translation) {
	if len(b.homes) == 0 {
		return nil
	}
	for _, s := range inOrder(b.homes) {
		list = append(list, templates.Translation{Language: s.posts[0].Lang, Title: s.name, URL: b.addresses.Page(escapePath(s.path)), Path: escapePath(b.addresses.Path(s.path)), Current: s == here})
	}
	return append(list, templates.Translation{Language: "x-default", Title: b.config.Site.Title, URL: b.addresses.Home(), Path: b.addresses.Path("/"), Current: here == nil})
}

// homeOf is the path of the front page for readers of a page in a language: its home, and for the site's own language the front page of all posts.
func (b *build) homeOf(lang string) string {
	s := b.homes[strings.ToLower(lang)]
	if s == nil || s.path == "" || strings.EqualFold(lang, b.config.Site.Language) {
		return b.addresses.Path("/")
	}
	return escapePath(b.addresses.Path(s.path))
}

// languageSwitch leads from a page to other languages: to the same post where it is translated, else to the language's home.
func (b *build) languageSwitch(page templates.Page) (list []templates.Translation) {
	for _, s := range inOrder(b.homes) {
		t := templates.Translation{Language: s.posts[0].Lang, Title: s.name, URL: b.addresses.Page(escapePath(s.path)), Path: escapePath(b.addresses.Path(s.path))}
		t.Current = page.Post != nil && strings.EqualFold(page.Language, s.key) || strings.HasPrefix(page.Path, t.Path)
		for _, other := range page.Translations {
			if strings.EqualFold(other.Language, s.key) {
				t.URL, t.Path, t.Current = other.URL, other.Path, other.Current
			}
		}
		list = append(list, t)
	}
	return list
}
