package interop

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/publisher"
)

// TestTurnsOfAPost takes a post through changes of its front matter and of what is around it: each is told once, in an Update that is newer
// than the last even where the clock goes back, and what is no change of the post is not told at all.
func TestTurnsOfAPost(t *testing.T) {
	t.Parallel()
	l := followed(t, map[string]string{"tide.md": firstPost})
	b := l.b
	walk := postNamed("walk", "A walk")
	with := func(line string) string { return strings.Replace(walk, "+++\n", "+++\n"+line+"\n", 1) }
	b.write("walk.md", with("pin = true"))
	b.publish()
	l.told("pinned", "Add walk", "Create walk")
	if _, body, err := b.get(b.addr.Featured(), "*/*"); err != nil || !strings.Contains(body, `"orderedItems":["`+b.addr.Post("walk")+`"]`) {
		t.Errorf("featured: %s, %v", body, err)
	}
	b.file("templates/footer.html", "<footer>New</footer></body></html>")
	b.publish()
	b.write("walk.md", walk)
	b.publish()
	l.told("another theme, and unpinned", "Remove walk")

	for i, words := range []string{"one", "two"} {
		b.write("walk.md", walk+"\n"+words+"\n")
		if _, err := publisher.Publish(t.Context(), publisher.Options{Config: b.cfg, Announce: true, Now: time.Now().Add(time.Duration(-i) * time.Hour)}); err != nil {
			t.Fatal(err)
		}
		was := time.Time{}
		if i > 0 {
			was = l.last().Object[0].Updated
		}
		l.told("edit "+words, "Update walk")
		if now := l.last().Object[0].Updated; !now.After(was) {
			t.Errorf("updated %v, and before that %v", now, was)
		}
	}
	b.write("walk.md", strings.Replace(walk, "announce = true\n", "as = \"none\"\n", 1))
	b.publish()
	l.told("not for followers any more", "Delete walk")
	if err := b.status(b.addr.Post("walk"), http.StatusGone); err != nil {
		t.Error(err)
	}
	b.shows(t, "/posts/walk/", "A walk")
}
