package activitypub

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// handleShape is "user@host". The host has a dot or a port: "@a@b" is something else.
var handleShape = regexp.MustCompile(`^[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]{0,126}[\p{L}\p{N}_])?@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,251}[\p{L}\p{N}])?(?::[0-9]{1,5})?`)

// CutHandle reads the handle that a text begins with ("user@host", without an "@" before it), and whether there is one.
func CutHandle(s string) (handle string, ok bool) {
	h := handleShape.FindString(s)
	_, host, _ := strings.Cut(h, "@")
	return h, strings.ContainsAny(host, ".:")
}

// HandleAfter reads the handle of "@user@host", with which text begins, by the character before it (0 or a line end at the beginning).
// ok is false inside a longer word, an address or an e-mail address.
func HandleAfter(before rune, text string) (handle string, ok bool) {
	if unicode.IsLetter(before) || unicode.IsDigit(before) || before != 0 && strings.ContainsRune("@/_.-+=&#%~", before) {
		return "", false
	}
	rest, at := strings.CutPrefix(text, "@")
	if handle, ok = CutHandle(rest); !at || !ok {
		return "", false
	}
	after, _ := utf8.DecodeRuneInString(rest[len(handle):])
	return handle, after != '@' && after != '/' && after != '_'
}

// Handles gives where "@user@host" stands in plain text: pairs of byte offsets, the first that of the "@", as regexp gives them.
func Handles(text string) (list [][]int) {
	var before rune
	for at := 0; at < len(text); {
		if handle, ok := HandleAfter(before, text[at:]); ok {
			end := at + 1 + len(handle)
			list = append(list, []int{at, end})
			before, at = 'x', end
			continue
		}
		r, size := utf8.DecodeRuneInString(text[at:])
		before, at = r, at+size
	}
	return list
}
