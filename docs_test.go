package postil

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/postil-blog/postil/site"
)

// TestDocumentsLinkToWhatIsThere: a link in a document to a file of the repository leads somewhere.
func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)]*)?\)`)
	for _, doc := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(outsideCode(read(t, doc)), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(doc), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", doc, m[1])
			}
		}
	}
}

// TestSettingsAreDocumented: docs/settings.md names every key of config.toml, in its section.
func TestSettingsAreDocumented(t *testing.T) {
	text := read(t, "docs/settings.md")
	for _, key := range site.Keys() {
		section, name, ok := strings.Cut(key, ".")
		if !ok {
			section, name = "", key
		}
		_, part, found := strings.Cut(text, "## ["+section+"]")
		if section == "" {
			part, found = text, true
		} else if i := strings.Index(part, "\n## "); i >= 0 {
			part = part[:i]
		}
		if !found || !strings.Contains(part, "`"+name+"`") {
			t.Errorf("docs/settings.md does not explain %s", key)
		}
	}
}

// TestReadmeIsShort: a new reader is lost after 600 words.
func TestReadmeIsShort(t *testing.T) {
	if n := len(strings.Fields(read(t, "README.md"))); n > 600 {
		t.Errorf("README.md has %d words", n)
	}
}

func documents(t *testing.T) []string {
	t.Helper()
	docs, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir("docs", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			docs = append(docs, path)
		}
		return err
	})
	if err != nil || len(docs) < 8 {
		t.Fatalf("found %d documents: %v", len(docs), err)
	}
	return docs
}

// outsideCode takes fenced blocks and code spans away: a link in an example is an example.
func outsideCode(text string) string {
	parts := strings.Split(text, "```")
	for i := range parts {
		if i%2 == 1 {
			parts[i] = ""
		}
	}
	spans := strings.Split(strings.Join(parts, ""), "`")
	return strings.Join(slices.Collect(func(yield func(string) bool) {
		for i, s := range spans {
			if i%2 == 0 && !yield(s) {
				return
			}
		}
	}), "")
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
