package publisher

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

var keyShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

func (r *reader) key(v value) {
	if !keyShape.MatchString(v.text) {
		r.fault(codeKey, v.at, "id cannot be an address", "", "up to 64 letters, digits, - and _")
		return
	}
	r.post.Key, r.post.NamedKey = v.text, true
}

func (r *reader) slug(v value) {
	s := v.text
	if v.kind == isList || v.kind == isTable || s == "" || len(s) > 200 || s != strings.ToLower(s) && slugOf(s) == "" || !plainSegment(s) {
		r.fault(codeSlug, v.at, "slug cannot be part of an address", "", "letters, digits and hyphens, for example "+strconv.Quote(slugOf(s)))
		return
	}
	r.post.Slug = s
}

// plainSegment tells whether s can be one part of a path, as a file's name and as an address.
func plainSegment(s string) bool {
	if s == "" || len(s) > 200 || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") {
		return false
	}
	for _, c := range s {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) && !strings.ContainsRune("-_.~", c) {
			return false
		}
	}
	return !windowsDevice(s)
}

// windowsDevice tells whether Windows keeps the name for a device: a blog must be able to move there.
func windowsDevice(s string) bool {
	s, _, _ = strings.Cut(strings.ToLower(s), ".")
	switch s {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(s) == 4 && (strings.HasPrefix(s, "com") || strings.HasPrefix(s, "lpt")) && s[3] >= '1' && s[3] <= '9'
}

// reserved are the first parts of paths that the daemon and publish keep for themselves.
var reserved = []string{"ap", "assets", "comments", "api", "media", "interact", "admin", "nodeinfo"}

// sitePath checks a path that front matter gives and puts it into its one form, "/a/b/" or "/a/b.html".
func sitePath(s string) (string, bool) {
	if !strings.HasPrefix(s, "/") || len(s) > 500 {
		return "", false
	}
	parts := strings.Split(strings.Trim(s, "/"), "/")
	if !slices.ContainsFunc(parts, func(p string) bool { return !plainSegment(p) }) && !slices.Contains(reserved, strings.ToLower(parts[0])) {
		if path.Ext(s) == ".html" {
			return "/" + strings.Join(parts, "/"), true
		}
		return "/" + strings.Join(parts, "/") + "/", true
	}
	return "", false
}

func (r *reader) permalink(v value) {
	p, ok := sitePath(v.text)
	if !ok {
		r.fault(codeSlug, v.at, "permalink cannot be an address", "", `a path from the site's root, for example "/2026/hello/"`)
		return
	}
	r.post.Path = p
}

func (r *reader) aliases(v value) {
	var list []string
	r.list(v, &list)
	for _, s := range list {
		if !strings.HasPrefix(s, "/") {
			s = "/posts/" + s
		}
		p, ok := sitePath(s)
		if !ok {
			r.fault(codeSlug, v.at, fmt.Sprintf("alias %q cannot be an address", s), "", `a path from the site's root, for example "/old/place/"`)
			continue
		}
		r.post.Aliases = append(r.post.Aliases, p)
	}
}
