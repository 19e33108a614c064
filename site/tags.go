package site

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Tag is the page of a tag.
func (a Addresses) Tag(tag string) string {
	return a.Page("tags/" + (&url.URL{Path: Slug(tag)}).EscapedPath() + "/")
}

// Slug is the last part of an address made of a title, a tag or a file's name: letters and digits of any script, in
// lower case and NFC, everything else a single hyphen.
func Slug(s string) string {
	var b strings.Builder
	gap := false
	runes := []rune(strings.ToLower(norm.NFC.String(s)))
	for i, r := range runes {
		switch {
		case wordRune(r):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		case r == '\'' || r == '’':
		case (r == '+' || r == '#') && !gap && b.Len() > 0 && (i+1 == len(runes) || !wordRune(runes[i+1])):
			// "c++" and "c#" are no "c".
			b.WriteString(map[rune]string{'+': "p", '#': "-sharp"}[r])
		default:
			gap = true
		}
	}
	return b.String()
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_'
}

// Hashtag makes one word of a tag: "signed fetch" is #SignedFetch, "C++" #Cpp and "C#" #CSharp. It is "" where no word is left that
// servers take: one without a letter (Mastodon, app/models/tag.rb).
func Hashtag(tag string) string {
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
