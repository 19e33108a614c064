package stray

import "testing"

func TestFile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		".a.md.swp", "a.swp", "a.md.swo", "a.md~", "a.md.~1~", ".#a.md", "#a.md#", ".syncthing.a.md.tmp", "~syncthing~a.md.tmp", ".DS_Store", "._a.png", "Thumbs.db", "Desktop.ini",
		"~$letter.docx", "film.mp4.part", "map.pdf.crdownload", "a.md___jb_tmp___", ".goutputstream-ABC", "index.md.orig", "index.md.bak", ".git", ".stfolder", ".sync_abc.db",
	} {
		if !File(name) {
			t.Errorf("%q is taken for the author's", name)
		}
	}
	for _, name := range []string{"a.md", "a.png", "data.bak", "notes.orig", "a~b.md", "~a.md", "tmp", "swap.txt", "a.tmpl", "party.md.txt", "parts", "4913"} {
		if File(name) {
			t.Errorf("%q is taken for a stray file", name)
		}
	}
}

func TestConflict(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"posts/a.sync-conflict-20261028-101010-ABCDEF7.md":       "posts/a.md",
		"posts/a.sync-conflict-20261028-101010.md":               "posts/a.md",
		"posts/a (Ada's conflicted copy 2026-10-28).md":          "posts/a.md",
		"posts/a b (conflicted copy 2026-10-28 101010).md":       "posts/a b.md",
		"a (Ada's MacBook's conflicted copy 2026-10-28 (1)).md":  "",
		"posts/a (Case Conflict).md":                             "posts/a.md",
		"posts/sync-conflict.md":                                 "",
		"posts/a.sync-conflict.md":                               "",
		"posts/how I resolved a conflicted copy.md":              "",
		"posts/a (my copy).md":                                   "",
		"posts/a.sync-conflict-20261028-101010-ABCDEF7/index.md": "",
	} {
		if of, ok := Conflict(file); of != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", file, of, ok, want)
		}
	}
}
