package embed

import (
	"bytes"
	"compress/gzip"
	"regexp"
	"strings"
	"testing"
)

// budgets are what an element may weigh, compressed, in bytes: with its style and one language.
var budgets = map[string]int{"fedi-comments": 5 << 10, "fedi-follow": 2 << 10}

func TestSize(t *testing.T) {
	t.Parallel()
	for _, name := range Elements() {
		script, err := Script(name)
		if err != nil {
			t.Fatal(err)
		}
		n := zipped(t, script)
		t.Logf("size: %s.js %d bytes, %d compressed, of %d", name, len(script), n, budgets[name])
		if n > budgets[name] {
			t.Errorf("%s.js is %d bytes compressed, its budget is %d", name, n, budgets[name])
		}
	}
}

func zipped(t *testing.T, data []byte) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// TestScriptShort: no name that is to be shortened was left over or mistaken for something else, and no shortened one was there before.
func TestScriptShort(t *testing.T) {
	t.Parallel()
	texts := regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	for _, element := range Elements() {
		script, err := Script(element)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range long {
			if at := regexp.MustCompile(`(^|[^.\w]|\.\.\.)` + name + `\b`).FindString(texts.ReplaceAllString(string(script), `""`)); at != "" {
				t.Errorf("%s.js: %s is left", element, at)
			}
		}
		for _, file := range []string{"base.js", element + ".js"} {
			source, err := sources.ReadFile("script/" + file)
			if err != nil {
				t.Fatal(err)
			}
			code := regexp.MustCompile(`(?m)^\s*//.*$`).ReplaceAllString(texts.ReplaceAllString(string(source), `""`), "")
			if at := regexp.MustCompile(`\b[` + strings.ReplaceAll(letters, "$", "") + `]\b`).FindString(code); at != "" {
				t.Errorf("%s: the name %s is given by shorten", file, at)
			}
		}
	}
}
