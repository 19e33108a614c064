package publisher

import (
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/publisher/ogcard"
)

var ogImage = regexp.MustCompile(`<meta property="og:image" content="https://example\.com/([^"]+)">`)

func (b *blog) ogImage(page string) string {
	b.t.Helper()
	m := ogImage.FindStringSubmatch(b.read("public/" + page))
	if m == nil {
		return ""
	}
	return m[1]
}

func TestPosters(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.publish()
	at := b.ogImage("posts/two/index.html")
	f, err := os.Open(filepath.Join(b.dir, "public", at))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.DecodeConfig(f)
	page := b.read("public/posts/two/index.html")
	if err != nil || m.Width != ogcard.Width || !strings.Contains(page, `og:image:width" content="1200"`) || !strings.Contains(page, `og:image:height" content="630"`) ||
		!strings.Contains(page, `og:image:alt" content="Two"`) || !strings.Contains(page, `twitter:card" content="summary_large_image"`) {
		t.Errorf("%v %v\n%s", m, err, page)
	}
	if got := b.ogImage("posts/bundle/index.html"); got != "posts/bundle/img/dot.png" {
		t.Errorf("a post with a picture of its own shows %s", got)
	}
	// Nothing else is drawn again when one title changes, and the former picture goes.
	before := b.times("public/assets")
	b.later(time.Hour)
	b.write("content/posts/two.md", post("Two and more", "2026-10-27", "tags = [\"go\"]\nseries = \"S\"", "## Part"))
	b.publish()
	if now := b.ogImage("posts/two/index.html"); now == at || !b.has("public/"+now) || b.has("public/"+at) {
		t.Errorf("the picture of the changed title is %s, before %s", now, at)
	}
	hello := filepath.Join(b.dir, "public", b.ogImage("posts/hello/index.html"))
	if b.times("public/assets")[hello] != before[hello] {
		t.Error("another post's picture was written again")
	}
	b.write("config.toml", testConfig+"[publish]\ncards = false\n")
	b.configure()
	b.publish()
	if got := b.ogImage("posts/two/index.html"); got != "" || b.has("public/"+b.ogImage("posts/hello/index.html")) && b.ogImage("posts/hello/index.html") != "" {
		t.Errorf("cards = false, and the page shows %s", got)
	}
}

// Two posts of one title share a picture.
func TestPostersOfOneTitle(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("Same", "2026-10-01", "", "x"), "content/posts/b.md": post("Same", "2026-10-02", "", "y")})
	b.publish()
	if x, y := b.ogImage("posts/a/index.html"), b.ogImage("posts/b/index.html"); x == "" || x != y {
		t.Errorf("%s and %s", x, y)
	}
}
