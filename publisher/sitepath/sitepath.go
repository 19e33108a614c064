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

// answered are single addresses at which the daemon answers, whatever file lies there.
var answered = []string{"interact.js", "webmention", "healthz", "readyz"}

// maxPath is how long a path may be, in bytes.
const maxPath = 500

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
	if !strings.HasPrefix(s, "/") || len(s) > maxPath {
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

// File tells why a file that is no Markdown cannot be published under its own path below content/, "" where it can, and what to do. Posts have
// their names from Page; other files keep theirs, so that these must do on every system and belong to nobody else.
func File(name string) (why, help string) {
	parts := strings.Split(name, "/")
	for _, p := range parts {
		switch {
		case windowsDevice(p):
			return "Windows keeps the name \"" + p + "\" for a device: nobody could copy the blog there", "rename it"
		case strings.HasSuffix(p, ".") || strings.HasSuffix(p, " "):
			return "a name that ends in a dot or a blank loses it on Windows", "rename it"
		}
	}
	first := strings.ToLower(parts[0])
	switch {
	case len(name) > maxPath:
		return "this lies too deep: its path is longer than any address may be", "move it up"
	case slices.Contains(Reserved, first) && (first != "assets" || len(parts) == 1), len(parts) == 1 && slices.Contains(answered, first):
		return "/" + first + " is an address of the program's own: readers would not get the file", "move it, for example below files/"
	}
	return "", ""
}
