package publisher

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// directory answers for accounts and counts who was asked for.
type directory struct {
	mu    sync.Mutex
	known map[string]Mentioned
	asked []string
}

func (d *directory) resolve(_ context.Context, handle string) (Mentioned, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, handle)
	if m, ok := d.known[handle]; ok {
		return m, nil
	}
	return Mentioned{}, errors.New("nobody")
}

func newDirectory() *directory {
	return &directory{known: map[string]Mentioned{
		"ada@example.org":  {ID: "https://example.org/users/1", URL: "https://example.org/@ada", Handle: "ada@example.org"},
		"b_o@example.net":  {ID: "https://example.net/users/bo", URL: "https://example.net/users/bo", Handle: "B_o@example.net"},
		"eve@evil.example": {ID: "https://evil.example/eve", URL: "javascript:alert(1)", Handle: "eve@evil.example"},
	}}
}

const adaLink = `<a href="https://example.org/@ada" class="u-url mention">@ada@example.org</a>`

func TestMentions(t *testing.T) {
	t.Parallel()
	d := newDirectory()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"\n[fediverse]\nmention = [\"@B_o@example.net\"]",
		"Thanks, @ada@example.org! And (@Ada@example.org).\n\n`@code@example.org` [text @link@example.org](https://example.org/) <https://example.org/@auto@example.org> mail ada@example.org me@x@ada.example https://example.org/@path@example.org \\@escaped@example.org <a href=\"https://example.org/\">@raw@example.org</a> @local @a@b\n\n    @block@example.org\n")})
	b.o.Resolve = d.resolve
	b.publish()
	slices.Sort(d.asked)
	if want := []string{"ada@example.org", "b_o@example.net"}; !slices.Equal(d.asked, want) {
		t.Errorf("asked for %v, want %v", d.asked, want)
	}
	a := b.document("a")
	if !strings.Contains(a.Content, "Thanks, "+adaLink+"!") {
		t.Errorf("no link in %s", a.Content)
	}
	if page := b.read("public/posts/a/index.html"); !strings.Contains(page, adaLink) {
		t.Error("no link in the page")
	}
	want := []activitypub.Tag{{Type: "Mention", Name: "@B_o@example.net", Href: "https://example.net/users/bo"}, {Type: "Mention", Name: "@ada@example.org", Href: "https://example.org/users/1"}}
	if !slices.Equal(a.Tag, want) {
		t.Errorf("tags %v", a.Tag)
	}
	if want := []string{"https://example.com/ap/followers", "https://example.net/users/bo", "https://example.org/users/1"}; !slices.Equal(a.CC, want) {
		t.Errorf("cc %v", a.CC)
	}
}

// TestMentionsRemembered asks once in thirty days, and keeps what it knows when a server is down after that.
func TestMentionsRemembered(t *testing.T) {
	t.Parallel()
	d := newDirectory()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"", "Thanks, @ada@example.org!")})
	b.o.Resolve = d.resolve
	b.publish()
	first := b.read("public/ap/posts/a.json")
	b.o.Now = now.Add(29 * 24 * time.Hour)
	if r := b.publish(); !r.Nothing || len(d.asked) != 1 {
		t.Errorf("asked %v; nothing to do: %v", d.asked, r.Nothing)
	}
	b.o.Now = now.Add(31 * 24 * time.Hour)
	d.known = nil
	r := b.publish()
	if len(d.asked) != 2 || len(r.Diagnostics) > 0 || b.read("public/ap/posts/a.json") != first {
		t.Errorf("a server that is down: asked %v, said %v", d.asked, r.Diagnostics)
	}
	b.o.Resolve = nil
	b.remove(".cache/index") // another version of the program
	if b.publish(); b.read("public/ap/posts/a.json") != first {
		t.Error("a mention was lost without network")
	}
}

func TestMentionOfNobody(t *testing.T) {
	t.Parallel()
	d := newDirectory()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"", "One.\n\nHello @nobody@example.org and @eve@evil.example.")})
	b.o.Resolve = d.resolve
	r := b.publish()
	if len(r.Diagnostics) != 2 || r.Diagnostics[0].Code != codeMention || r.Diagnostics[0].Line != 9 || r.Diagnostics[0].Col != 7 {
		t.Errorf("told %v", r.Diagnostics)
	}
	a := b.document("a")
	if strings.Contains(a.Content, "<a") || len(a.Tag) > 0 || len(a.CC) != 1 {
		t.Errorf("somebody is mentioned: %s %v", a.Content, a.Tag)
	}
	if page := b.read("public/posts/a/index.html"); strings.Contains(page, "javascript:") {
		t.Error("another server's script is in the page")
	}
	b.publish()
	if len(d.asked) != 2 {
		t.Errorf("asked again at once: %v", d.asked)
	}
	d.known["nobody@example.org"] = Mentioned{ID: "https://example.org/n", URL: "https://example.org/n", Handle: "nobody@example.org"}
	b.o.Now = now.Add(2 * time.Hour)
	b.publish()
	if a := b.document("a"); len(a.Tag) != 1 || a.Updated == "" {
		t.Errorf("who is found later is not mentioned: %v", a.Tag)
	}
}

func TestMentionWithoutResolver(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"", "Hello @ada@example.org.")})
	if r := b.publish(); len(r.Diagnostics) > 0 || strings.Contains(b.document("a").Content, "<a") {
		t.Errorf("said %v", r.Diagnostics)
	}
}
