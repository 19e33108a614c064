package publisher

import (
	"strings"
	"testing"
)

func TestPins(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md": post("A", "2026-10-25", "id = \"a\"\npin = true", "Text."),
		"content/posts/b.md": post("B", "2026-10-26", "id = \"b\"\npin = 7", "Text."),
		"content/posts/c.md": "---\ntitle: C\ndate: 2026-10-27\nid: c\npin: 2\n---\n\nText.\n",
		"content/posts/d.md": post("D", "2026-10-27", "id = \"d\"\npin = 1\nfediverse = {visibility = \"followers\"}", "Text."),
		"content/posts/e.md": post("E", "2026-10-27", "id = \"e\"\npin = false", "Text."),
	})
	b.publish()
	want := map[string]int{"a": 3, "b": 2, "c": 1, "d": 0, "e": 0}
	for _, p := range b.list().Posts {
		if key := p.ID[strings.LastIndex(p.ID, "/")+1:]; p.Pinned != want[key] {
			t.Errorf("%s is pinned at %d, want %d", key, p.Pinned, want[key])
		}
	}
	b.write("content/posts/a.md", post("A", "2026-10-25", "id = \"a\"", "Text."))
	before := b.list()
	b.publish()
	for i, p := range b.list().Posts {
		if p.SHA256 != before.Posts[i].SHA256 || !p.Updated.IsZero() {
			t.Errorf("a pin changed the document of %s", p.ID)
		}
	}
	for _, bad := range []string{"pin = 0", "pin = -1", "pin = 1.5", "pin = \"high\""} {
		b.write("content/posts/a.md", post("A", "2026-10-25", bad, "Text."))
		if ds := b.faults(); len(ds) != 1 || ds[0].Code != codeType {
			t.Errorf("%s: %v", bad, ds)
		}
	}
}
