package signature

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Numbered is a name with a key's number behind it; the first key has none. A key file's number is part of its id: actor.pem is
// #main-key, actor.2.pem is #main-key-2.
func Numbered(name, sep string, n int) string {
	if n <= 1 {
		return name
	}
	return name + sep + strconv.Itoa(n)
}

// Newest is the number of the newest of a key's files: base.pem is 1, base.N.pem is N. It is 1 also where there is none.
func Newest(base string) int {
	newest, name := 1, filepath.Base(base)
	files, _ := os.ReadDir(filepath.Dir(base))
	for _, file := range files {
		rest, _ := strings.CutPrefix(file.Name(), name+".")
		n, err := strconv.Atoi(strings.TrimSuffix(rest, ".pem"))
		if err == nil && file.Name() == Numbered(name, ".", n)+".pem" {
			newest = max(newest, n)
		}
	}
	return newest
}
