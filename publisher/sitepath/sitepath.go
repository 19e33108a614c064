// Package sitepath says which paths of the site a post may have: a part of a path is a file's name and an address at once.
//
// Texts come in, checked paths go out. It knows no post and no file: the front matter's reader and the importers share it, so that what
// an import writes is what publish takes.
package sitepath

import (
	"path"
	"slices"
	"strings"
	"unicode"
)

// Reserved are the first parts of paths that the daemon and publish keep for themselves.
var Reserved = []string{"ap", "assets", "comments", "api", "media", "interact", "admin", "nodeinfo"}

// Plain tells whether s can be one part of a path, as a file's name and as an address.
func Plain(s string) bool {
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

// Page checks the path of a page and puts it into its one form, "/a/b/" or "/a/b.html".
func Page(s string) (string, bool) {
	if !strings.HasPrefix(s, "/") || len(s) > 500 {
		return "", false
	}
	parts := strings.Split(strings.Trim(s, "/"), "/")
	if !slices.ContainsFunc(parts, func(p string) bool { return !Plain(p) }) && !slices.Contains(Reserved, strings.ToLower(parts[0])) {
		if path.Ext(s) == ".html" {
			return "/" + strings.Join(parts, "/"), true
		}
		return "/" + strings.Join(parts, "/") + "/", true
	}
	return "", false
}
