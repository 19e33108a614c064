package publisher

import (
	"testing"
)

func TestPublishFirst(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/hello.md": post("Hello", "2026-10-28 08:00:00", `tags = ["Go", "small web"]`, "First *post* of mine, with a [link](other.md) and `code`.\n\n## Über uns\n\n```go\nfunc main() {}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nA note.[^1]\n\n[^1]: Here.\n"),
		"content/posts/other.md": post("Other", "2026-10-27", "", "Text."),
		"content/about.md":       "+++\ntitle = \"About\"\n+++\n\nMe.\n",
	})
	r := b.publish()
	t.Logf("%+v", r)
	for name, text := range b.tree("public") {
		t.Logf("== %s\n%s", name, text)
	}
	r = b.publish()
	t.Logf("%+v", r)
	if !r.Nothing {
		t.Error("second run wrote something")
	}
}
