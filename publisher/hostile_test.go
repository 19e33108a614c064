package publisher

import (
	"errors"
	"strings"
	"testing"

	"github.com/postil-blog/postil/site"
)

// TestHostileFrontMatter publishes posts whose front matter is broken or made to stop the run: each gets a message with its place, and
// nothing is written. One that took longer than maxRender would end the test by its own time limit.
func TestHostileFrontMatter(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c]\n"
	for name, c := range map[string]struct {
		source, code, says string
		line               int
	}{
		"alias bomb":         {"---\ntitle: A\n" + bomb + "---\n", "P001", "anchors", 3},
		"merge key":          {"---\ntitle: A\nx-a: {<<: {b: 1}}\n---\n", "P001", "anchors, aliases or tags", 3},
		"tag":                {"---\ntitle: !!binary aGk=\n---\n", "P001", "tags", 2},
		"100 MB":             {"---\ntitle: A\nx-a: \"" + strings.Repeat("a", 100<<20) + "\"\n---\nText.\n", "P020", "larger than 16 MB", 0},
		"1 MB":               {"---\ntitle: A\nx-a: \"" + strings.Repeat("a", 1<<20) + "\"\n---\nText.\n", "P002", "larger than 64 KB", 1},
		"deep YAML":          {"---\ntitle: A\nx-a: " + deep + "\n---\n", "P002", "nested too deep", 1},
		"deep TOML":          {"+++\ntitle = \"A\"\nx-a = " + deep + "\n+++\n", "P002", "nested too deep", 1},
		"deep by indent":     {"---\n" + indented(200) + "---\n", "P002", "nested too deep", 0},
		"twice, YAML":        {"---\ntitle: A\ntitle: B\n---\n", "P001", "", 3},
		"twice, TOML":        {"+++\ntitle = \"A\"\ntitle = \"B\"\n+++\n", "P001", "already defined", 3},
		"NUL":                {"---\ntitle: A\x00\n---\n", "P022", "not UTF-8", 2},
		"not UTF-8":          {"---\ntitle: \xff\xfe\n---\n", "P022", "not UTF-8", 2},
		"no end":             {"---\ntitle: A\ndate: 2026-10-28\nText.\n", "P002", "no end", 1},
		"wrong end":          {"+++\ntitle = \"A\"\ndate = 2026-10-28\n---\nText.\n", "P002", "no end", 1},
		"marks, CRLF":        {"\ufeff---\r\ntitle: A\r\ndaet: 2026-10-28\r\n---\r\n", "P003", `did you mean "date"`, 3},
		"two away":           {"---\ntitle: A\ndate: 2026-10-28\nsumary: x\n---\n", "P003", `did you mean "summary"`, 4},
		"three away":         {"---\ntitle: A\ndate: 2026-10-28\nsumarium: x\n---\n", "P003", `unknown key "sumarium"`, 4},
		"not keys":           {"---\njust words\n---\n", "P001", "where keys should be", 2},
		"two documents":      {"---\ntitle: A\n--- \n...\n---\n", "P011", "needs a date", 1},
		"number":             {"---\ntitle: A\ndate: 9999999\n---\n", "P012", "no date", 3},
		"month 13":           {"+++\ntitle = \"A\"\ndate = 2026-13-01\n+++\n", "P012", "there is no month 13", 3},
		"list for a date":    {"---\ntitle: A\ndate: [2026]\n---\n", "P012", "", 3},
		"address":            {"---\ntitle: A\ndate: 2026-10-28\nslug: ../../x\n---\n", "P013", "cannot be part of an address", 4},
		"address, encoded":   {"---\ntitle: A\ndate: 2026-10-28\nslug: '..%2Fx'\n---\n", "P013", "", 4},
		"device":             {"---\ntitle: A\ndate: 2026-10-28\nslug: con\n---\n", "P013", "", 4},
		"colour in a key":    {"---\ntitle: A\ndate: 2026-10-28\n\"\\e[2J\": 1\n---\n", "P003", "unknown key", 4},
		"thousands of keys":  {"---\ntitle: A\ndate: 2026-10-28\n" + strings.Repeat("k: 1\n", 12000) + "---\n", "P001", "", 0},
		"thousands of quote": {"---\ntitle: \"" + strings.Repeat("\\\"", 30000) + "\n---\n", "P001", "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t, map[string]string{"content/posts/a.md": c.source})
			_, err := Publish(t.Context(), b.o)
			var ds site.Diagnostics
			if !errors.As(err, &ds) {
				t.Fatalf("no faults: %v", err)
			}
			if left := b.tree("public"); len(left) > 0 {
				t.Errorf("written in spite of it: %v", left)
			}
			for _, d := range ds {
				if d.Code == c.code && strings.Contains(d.Message+" "+d.Label, c.says) && (c.line == 0 || d.Line == c.line) && d.File == "content/posts/a.md" {
					return
				}
			}
			t.Errorf("said %.2000v, want %s %q in line %d", ds, c.code, c.says, c.line)
		})
	}
}

// indented is a key within a key within a key.
func indented(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "x-a:\n")
	}
	return b.String()
}
