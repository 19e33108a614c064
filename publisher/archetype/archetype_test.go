package archetype

import (
	"strings"
	"testing"
	"time"
)

func TestFill(t *testing.T) {
	t.Parallel()
	p := Post{Title: `The "sea"`, Kind: "recipe", Slug: "the-sea", ID: "k1", Tags: []string{"a", `b"c`}, Date: time.Date(2026, 10, 28, 9, 0, 0, 0, time.UTC)}
	for name, c := range map[string]struct{ text, want string }{
		"toml":      {"+++\ntitle = {{.Title}}\ndate = {{ .Date }}\nid = {{.ID}}\ntags = {{.Tags}}\n+++\n\n# {{.Title}} ({{.Slug}})\n", "+++\ntitle = \"The \\\"sea\\\"\"\ndate = 2026-10-28T09:00:00Z\nid = \"k1\"\ntags = [\"a\", \"b\\\"c\"]\n+++\n\n# The \"sea\" (the-sea)\n"},
		"yaml":      {"---\ntitle: \"{{.Title}}\"\nid: {{.ID}}\n---\n", "---\ntitle: \"The \\\"sea\\\"\"\nid: \"k1\"\n---\n"},
		"no id":     {"---\r\ntitle: {{.Title}}\r\n---\r\nText", "---\nid: \"k1\"\ntitle: \"The \\\"sea\\\"\"\n---\nText"},
		"empty":     {"+++\n+++\n", "+++\nid = \"k1\"\n+++\n"},
		"unknown":   {"+++\ntitle = {{.Titel}}\n+++\n", "error: {{.Titel}} is not known"},
		"a program": {"+++\ntitle = {{readFile \"/etc/passwd\"}}\n+++\n", "error: is not known"},
		"no front":  {"# {{.Title}}\n", "error: begins with front matter"},
		"no end":    {"+++\ntitle = {{.Title}}\n", "error: has no end"},
	} {
		got, err := Fill(c.text, p)
		if want, fails := strings.CutPrefix(c.want, "error: "); fails {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		} else if err != nil || got != c.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
	p.Title = "it's"
	if _, err := Fill("+++\ntitle = '{{.Title}}'\n+++\n", p); err == nil {
		t.Error("a quote in quotes was written")
	}
}
