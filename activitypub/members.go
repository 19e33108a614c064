package activitypub

import (
	"strconv"
	"strings"
	"time"
)

// ids reads one-or-many ids or objects with ids; the three spellings of Public become one (ActivityPub §5.6).
func ids(v value) []string {
	var out []string
	for _, e := range v.many() {
		if e.kind == '{' {
			e = e.get("id")
		}
		id := validID(e.text)
		if e.text == "Public" || e.text == "as:Public" {
			id = Public
		}
		if id != "" {
			out = append(out, id)
		}
	}
	return out
}

func firstID(v value) string {
	if list := ids(v); len(list) > 0 {
		return list[0]
	}
	return ""
}

func isWeb(id string) bool { return Origin(id) != "" }

func str(v value) string { return v.text }

func flag(v value) bool { return v.kind == 't' }

// number reads a count or a length between 0 and limit; what is outside counts as 0.
func number(v value, limit float64) int {
	if v.kind != 0 {
		return 0
	}
	f, err := strconv.ParseFloat(string(v.raw), 64)
	if err != nil || f < 0 || f > limit {
		return 0
	}
	return int(f)
}

// links reads url: a string, a Link, or a list of either. Only addresses that may stand in a page are kept.
func links(v value) []Link {
	var out []Link
	for _, e := range v.many() {
		l := Link{Href: link(e), MediaType: str(e.get("mediaType", "mimeType")), Rel: str(e.get("rel"))}
		if l.Href != "" {
			out = append(out, l)
		}
	}
	return out
}

func link(v value) string {
	if v.kind == '{' {
		v = v.get("href", "url")
	}
	// WordPress before 9.1 wrote addresses with the HTML entity for &.
	return webURL(strings.ReplaceAll(v.text, "&#038;", "&"))
}

// natural reads a natural-language value: plain, or only as a map of languages (Activity Streams §4.7). lang is the first
// language of the map.
func natural(v value, name, mapName string) (text string, m map[string]string, lang string) {
	text = str(v.get(name))
	for _, e := range v.get(mapName).members {
		s := str(e.value)
		if e.value.kind == '[' && len(e.value.list) > 0 {
			s = str(e.value.list[0])
		}
		if s == "" {
			continue
		}
		if m == nil {
			m, lang = map[string]string{}, e.name
		}
		m[e.name] = s
		if text == "" {
			text = s
		}
	}
	return text, m, lang
}

// language gives the first of these that is a language: of contentMap, Lemmy's own member, @language of @context.
func language(lang string, v value) string {
	candidates := []string{lang, str(v.get("language")), str(v.get("language").get("identifier"))}
	for _, c := range v.get("@context").many() {
		candidates = append(candidates, str(c.get("@language")))
	}
	for _, c := range candidates {
		if c != "und" && validLanguage(c) {
			return c
		}
	}
	return ""
}

// validLanguage tells whether s has the form of a language tag (RFC 5646).
func validLanguage(s string) bool {
	if len(s) < 2 || len(s) > 35 {
		return false
	}
	for part := range strings.SplitSeq(s, "-") {
		if part == "" || len(part) > 8 || strings.IndexFunc(part, notAlphanumeric) >= 0 {
			return false
		}
	}
	return s[0] > '9'
}

func notAlphanumeric(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

// layouts are the ways in which servers write a time: RFC 3339, without colon in the zone (Pixelfed, Threads), without
// seconds (allowed by Activity Streams §2.3), without zone (taken as UTC).
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04",
}

// timestamp reads a time. What is unreadable, or no later than the epoch, is the zero time: the reader then uses its own clock.
func timestamp(s string) time.Time {
	s = strings.ToUpper(strings.TrimSpace(s))
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			if t.Unix() <= 0 {
				return time.Time{}
			}
			return t.UTC()
		}
	}
	return time.Time{}
}

// clip shortens what another server wrote for an error message.
func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}
