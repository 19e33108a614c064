package publisher

import (
	"slices"
	"strings"
	"unicode"

	"github.com/postil-blog/postil/activitypub"
)

// hashtags are a post's tags, each leading to its page on the blog. A tag that no server takes for one (digits alone, signs alone)
// stays on the blog.
func (b *build) hashtags(p *Post) []activitypub.Tag {
	var tags []activitypub.Tag
	for _, t := range p.Tags {
		name := "#" + hashtag(t)
		if name == "#" || slices.ContainsFunc(tags, func(o activitypub.Tag) bool { return strings.EqualFold(o.Name, name) }) {
			continue
		}
		tags = append(tags, activitypub.Tag{Type: "Hashtag", Name: name, Href: b.addresses.Page(escapePath(tagPath(t)))})
	}
	return tags
}

// hashtag makes one word of a tag: "signed fetch" is #SignedFetch, "C++" #Cpp and "C#" #CSharp. It is "" where no word is left that
// servers take: one without a letter (Mastodon, app/models/tag.rb).
func hashtag(tag string) string {
	parts := strings.FieldsFunc(spelt(tag), func(r rune) bool { return !wordRune(r) && !joins(r) })
	parts = slices.DeleteFunc(parts, func(s string) bool { return strings.TrimFunc(s, joins) == "" })
	for i, s := range parts {
		r := []rune(strings.TrimFunc(s, joins))
		if len(parts) > 1 {
			r[0] = unicode.ToUpper(r[0])
		}
		parts[i] = string(r)
	}
	word := strings.Join(parts, "")
	if !strings.ContainsFunc(word, unicode.IsLetter) {
		return ""
	}
	return word
}

// joins tells whether a sign may stand inside a hashtag: two middle dots, and what keeps letters of Persian words apart.
func joins(r rune) bool { return r == '\u00b7' || r == '\u30fb' || r == '\u200c' }

// spelt spells out the signs at the end of a word, so that C, C++ and C# are three tags.
func spelt(tag string) string {
	words := strings.Fields(tag)
	for i, w := range words {
		name := strings.TrimRight(w, "+#")
		if name == "" || name == w {
			continue
		}
		words[i] = name + strings.NewReplacer("+", "p", "#", "Sharp").Replace(w[len(name):])
	}
	return strings.Join(words, " ")
}
