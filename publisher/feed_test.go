package publisher

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestFeeds(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 25 {
		files[fmt.Sprintf("content/posts/p%02d.md", i)] = post(fmt.Sprintf("P%d ]]> & <i>", i), fmt.Sprintf("2026-09-%02d", i+1), `tags = ["go"]`, "Text ]]> with a [link](/about/) and \u0001 control.")
	}
	b := newBlog(t, files)
	b.publish()
	for _, name := range []string{"feed.xml", "atom.xml", "tags/go/feed.xml", "tags/go/atom.xml", "sitemap.xml"} {
		wellFormed(t, name, b.read("public/"+name))
	}
	var rss struct {
		Channel struct {
			Links []struct {
				Href string `xml:"href,attr"`
				Rel  string `xml:"rel,attr"`
				Text string `xml:",chardata"`
			} `xml:"link"`
			Items []struct {
				Title      string   `xml:"title"`
				GUID       string   `xml:"guid"`
				PubDate    string   `xml:"pubDate"`
				Creator    string   `xml:"http://purl.org/dc/elements/1.1/ creator"`
				Content    string   `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
				Categories []string `xml:"category"`
			} `xml:"item"`
		} `xml:"channel"`
	}
	if err := xml.Unmarshal([]byte(b.read("public/feed.xml")), &rss); err != nil {
		t.Fatal(err)
	}
	c := rss.Channel
	if len(c.Items) != maxFeed || c.Items[0].Title != "P24 ]]> & <i>" || c.Items[0].Creator != "Ada" || c.Items[0].Categories[0] != "go" ||
		c.Items[0].PubDate != "Fri, 25 Sep 2026 00:00:00 +0200" || !strings.Contains(c.Items[0].Content, `<a href="https://example.com/about/">`) || !strings.Contains(c.Items[0].Content, "Text ]]&gt; with") {
		t.Errorf("RSS: %d items, first %+v", len(c.Items), c.Items[0])
	}
	if l := c.Links[len(c.Links)-1]; l.Rel != "self" || l.Href != "https://example.com/feed.xml" {
		t.Errorf("RSS links %+v", c.Links)
	}
	var atom struct {
		ID      string `xml:"id"`
		Updated string `xml:"updated"`
		Entries []struct {
			ID        string `xml:"id"`
			Published string `xml:"published"`
			Content   struct {
				Type string `xml:"type,attr"`
				Text string `xml:",chardata"`
			} `xml:"content"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(b.read("public/tags/go/atom.xml")), &atom); err != nil {
		t.Fatal(err)
	}
	if len(atom.Entries) != maxTagFeed || atom.Updated != "2026-09-25T00:00:00+02:00" || atom.Entries[0].ID != c.Items[0].GUID || atom.Entries[0].Content.Type != "html" ||
		!strings.HasPrefix(atom.Entries[0].Content.Text, "<p>Text") {
		t.Errorf("Atom: %+v", atom.Entries[0])
	}
	var feed struct {
		Version string `json:"version"`
		Items   []struct {
			ID          string   `json:"id"`
			ContentHTML string   `json:"content_html"`
			Tags        []string `json:"tags"`
		} `json:"items"`
	}
	if err := json.Unmarshal([]byte(b.read("public/feed.json")), &feed); err != nil {
		t.Fatal(err)
	}
	if feed.Version != "https://jsonfeed.org/version/1.1" || len(feed.Items) != maxFeed || feed.Items[0].ID != c.Items[0].GUID || feed.Items[0].Tags[0] != "go" {
		t.Errorf("JSON Feed: %+v", feed)
	}
}

func wellFormed(t *testing.T, name, s string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(s)); ; {
		_, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Errorf("%s is not well formed: %v", name, err)
			return
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 25 {
		files[fmt.Sprintf("content/posts/p%02d.md", i)] = post(fmt.Sprintf("P%d", i), fmt.Sprintf("2025-09-%02d", i+1), `tags = ["go"]`, "Text.")
	}
	b := newBlog(t, files)
	b.publish()
	if !b.has("public/page/3/index.html") || b.has("public/page/4") || b.has("public/page/1") || !b.has("public/tags/go/page/3/index.html") {
		t.Error("25 posts are not on three pages")
	}
	if first := b.read("public/index.html"); !strings.Contains(first, "/posts/p24/") || strings.Contains(first, "/posts/p14/") {
		t.Error("the first page does not hold the ten newest")
	}
	if page := b.read("public/posts/p10/index.html"); !strings.Contains(page, `rel="prev" href="/posts/p09/"`) || !strings.Contains(page, `rel="next" href="/posts/p11/"`) {
		t.Error("a post does not lead to its neighbours")
	}
}

// TestFeedStyle: a browser shows feeds by the theme's feed.css; without one they are as readers want them.
func TestFeedStyle(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"config.toml":        strings.Replace(testConfig, "example.com", "example.com/blog", 1),
		"content/posts/a.md": post("A", "2026-10-01", "tags = [\"sea\"]", "Text."), "themes/bare/style.css": "body { color: red }\n",
	})
	b.publish()
	for _, name := range []string{"feed.xml", "atom.xml", "tags/sea/feed.xml"} {
		m := regexp.MustCompile(`^<\?xml version="1.0" encoding="UTF-8"\?>\n<\?xml-stylesheet href="/blog/(assets/feed\.[0-9a-f]{8}\.css)" type="text/css"\?>\n`).FindStringSubmatch(b.read("public/" + name))
		if m == nil || !b.has("public/"+m[1]) {
			t.Errorf("%s begins %.200s", name, b.read("public/"+name))
		}
	}
	b.write("config.toml", b.read("config.toml")+"[publish]\ntheme = \"bare\"\n")
	b.configure()
	b.publish()
	for _, name := range []string{"feed.xml", "sitemap.xml"} {
		if strings.Contains(b.read("public/"+name), "xml-stylesheet") {
			t.Errorf("%s names a style sheet that is not there", name)
		}
	}
}
