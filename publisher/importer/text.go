package importer

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/publisher/sitepath"
	"github.com/postil-blog/postil/site"
)

// Bounds of a post, each far beyond real ones and within what publish takes.
const (
	maxBody    = 15 << 20 // bytes
	maxTitle   = 500      // characters, as the next two
	maxSummary = 5_000
	maxTag     = 100
	maxTags    = 200 // of one post
	maxSlug    = 120 // bytes
)

// line makes one line of a text, without what steers a terminal, and cuts it after so many characters.
func line(s string, most int) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\uFFFE' || r == '\uFFFF' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))), " ")
	if utf8.RuneCountInString(s) > most {
		s = strings.TrimSpace(string([]rune(s)[:most-1])) + "…"
	}
	return s
}

// textual is a text of several lines as a Markdown file may hold it: UTF-8, LF line ends, no control characters.
func textual(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\uFFFE' || r == '\uFFFF' {
			return -1
		}
		return r
	}, s)
}

// plainHTML is the text of a piece of HTML, on one line.
func plainHTML(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return line(s, maxSummary)
	}
	return line(activitypub.ParseHTML(s, nil).Text(), maxSummary)
}

// slug makes a post's slug of what the old blog had, "" where nothing is left of it.
func slug(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		s = u
	}
	s = site.Slug(strings.ToValidUTF8(s, ""))
	for len(s) > maxSlug {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	s = strings.Trim(s, "-")
	if s == "" || sitepath.Plain(s) {
		return s
	}
	if s += "-post"; sitepath.Plain(s) { // a name that Windows keeps for a device
		return s
	}
	return ""
}

// idOf is a post's id, the same in every import of the same export.
func idOf(from, key string) string {
	sum := sha256.Sum256([]byte(from + "\x00" + key))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))[:26]
}

// tomlText writes a text as a TOML basic string. Many brackets are written as escapes: publish counts them to bound the nesting.
func tomlText(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)
	out := strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007f`)
	if strings.Count(out, "[")+strings.Count(out, "{") > 8 {
		out = strings.NewReplacer("[", `\u005b`, "{", `\u007b`).Replace(out)
	}
	return out
}

// distinct drops empty texts and repetitions, whatever their case.
func distinct(list []string, most int) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range list {
		s = line(s, maxTag)
		if k := site.Slug(s); k != "" && !seen[k] && len(out) < most {
			seen[k] = true
			out = append(out, s)
		}
	}
	return out
}
