package site

import (
	"net/url"
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

// Hashtag makes one word of a tag: "signed fetch" is SignedFetch. "" where no letter is in it.
func Hashtag(tag string) string {
	parts := strings.FieldsFunc(tag, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '_'
	})
	if len(parts) == 1 {
		return parts[0]
	}
	var b strings.Builder
	for _, s := range parts {
		r := []rune(s)
		b.WriteString(string(unicode.ToUpper(r[0])) + string(r[1:]))
	}
	return b.String()
}
