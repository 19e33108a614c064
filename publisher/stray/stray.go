// Package stray knows, by their names, the files that nobody wrote for readers: those which editors, synchronisers and systems leave beside
// others. Published, a swap file would show what an author has not said yet. It opens nothing, and knows no post.
package stray

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// half are the ends of names of files that are being written: vim's swap files, downloads of browsers, the safe writes of JetBrains'
// editors, and what everybody calls .tmp.
var half = []string{"~", ".tmp", ".swp", ".swo", ".swn", ".swx", ".part", ".partial", ".crdownload", ".download", "___jb_tmp___", "___jb_old___"}

// kept are the ends that editors, patch and git mergetool give to a text as it was. A download may be called so, a post may not.
var kept = []string{".md.bak", ".md.orig", ".md.rej", ".md.save", ".md.old"}

// systems are the files, in lower case, that systems lay into every folder.
var systems = []string{"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"}

// File tells whether a file or folder of this name (the last part of a path) is none of the site's.
func File(name string) bool {
	for _, start := range []string{".", "#", "~$", "~syncthing~"} { // .DS_Store, ._x, .git, emacs' locks and autosaves; Office; Syncthing on Windows
		if strings.HasPrefix(name, start) {
			return true
		}
	}
	ends := func(end string) bool { return strings.HasSuffix(name, end) }
	return slices.ContainsFunc(half, ends) || slices.ContainsFunc(kept, ends) || slices.Contains(systems, strings.ToLower(name))
}

// conflicts are the names that Syncthing, Dropbox and Nextcloud give to the second of two texts that were written at once:
// post.sync-conflict-20261028-101010-ABCDEFG.md, post (Ada's conflicted copy 2026-10-28).md, post (conflicted copy 2026-10-28 101010).md.
var conflicts = regexp.MustCompile(`^(.+?)(?:\.sync-conflict-[0-9]{8}-[0-9]{6}(?:-[A-Z0-9]{7})?| \((?:[^()]+ )?(?i:conflicted copy|case conflict)[^()]*\))(\.[^.]+)$`)

// Conflict gives the file that a path is a conflicting copy of, and false where it is none.
func Conflict(file string) (of string, ok bool) {
	m := conflicts.FindStringSubmatch(path.Base(file))
	if m == nil {
		return "", false
	}
	return path.Join(path.Dir(file), m[1]+m[2]), true
}
