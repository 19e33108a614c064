package publisher

import (
	"image"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestSrcset(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md":        post("A", "2026-10-01", "", "![wide](my%20wide.jpg) ![again](my%20wide.jpg) ![small](small.jpg)"),
		"content/posts/b.md":        post("B", "2026-10-02", "image = {src = \"tall.jpg\", alt = \"x\"}", "![wide](my%20wide.jpg)"),
		"content/posts/my wide.jpg": photograph(t, 1000, 50, 1),
		"content/posts/tall.jpg":    photograph(t, 50, 700, 6), // 700 wide, 50 high
		"content/posts/small.jpg":   photograph(t, 300, 50, 1),
	})
	b.publish()
	page := b.read("public/posts/a/index.html")
	set := regexp.MustCompile(`<img src="/posts/a/my%20wide.jpg" alt="wide" width="1000" height="50" loading="eager" decoding="async" srcset="/assets/my%20wide-480\.([0-9a-f]{8})\.jpg 480w, /assets/my%20wide-960\.[0-9a-f]{8}\.jpg 960w, /posts/a/my%20wide.jpg 1000w" sizes="[^"]+" class="ph[0-9]+">`)
	m := set.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page:\n%s", page)
	}
	if !regexp.MustCompile(`alt="again"[^>]*loading="lazy"`).MatchString(page) || !regexp.MustCompile(`alt="small" width="300" height="50" loading="lazy" decoding="async" class="ph[0-9]+">`).MatchString(page) {
		t.Errorf("the other pictures:\n%s", page)
	}
	small, _, err := image.DecodeConfig(strings.NewReader(b.read("public/assets/my wide-480." + m[1] + ".jpg")))
	if err != nil || small.Width != 480 || small.Height != 24 {
		t.Errorf("the copy is %+v, %v", small, err)
	}
	lead := b.read("public/posts/b/index.html")
	tall := regexp.MustCompile(`srcset="/(assets/tall-480\.[0-9a-f]{8}\.jpg) 480w, /posts/b/tall.jpg 700w"`).FindStringSubmatch(lead)
	if tall == nil || !strings.Contains(lead, `alt="wide" width="1000" height="50" loading="lazy"`) {
		t.Fatalf("the lead picture:\n%s", lead)
	}
	if c, _, err := image.DecodeConfig(strings.NewReader(b.read("public/" + tall[1]))); err != nil || c.Width != 480 || c.Height != 34 {
		t.Errorf("the copy of the turned picture is %+v, %v", c, err)
	}
	for _, name := range []string{"public/feed.xml", "public/atom.xml", "public/feed.json"} {
		if strings.Contains(b.read(name), "srcset") {
			t.Errorf("%s has addresses that no reader can resolve", name)
		}
	}
	for name, data := range b.tree("public/ap") {
		if strings.Contains(data, "srcset") {
			t.Errorf("ap/%s has a srcset", name)
		}
	}
	// Another picture of the same name has other addresses; the former copies go.
	b.later(time.Hour)
	b.write("content/posts/my wide.jpg", photograph(t, 1000, 60, 1))
	b.publish()
	if n := set.FindStringSubmatch(b.read("public/posts/a/index.html")); n != nil || b.has("public/assets/my wide-480."+m[1]+".jpg") {
		t.Error("the copies of the former picture stay")
	}
	if r := b.publish(); !r.Nothing {
		t.Errorf("the second run did something: %+v", r)
	}
}
