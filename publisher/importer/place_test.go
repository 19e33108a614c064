package importer_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/publisher/importer"
)

// folder imports a site of files.
func folder(t *testing.T, from string, files map[string]string) (map[string]string, importer.Summary) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, "site", name), text)
	}
	stage, err := importer.Run(t.Context(), importer.Options{From: from, Source: filepath.Join(dir, "site"), Dir: filepath.Join(dir, "blog"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if err := stage.Commit(); err != nil {
		t.Fatal(err)
	}
	publishes(t, filepath.Join(dir, "blog"))
	return tree(t, filepath.Join(dir, "blog")), stage.Summary
}

// TestJekyllAddresses: every style of permalink, and own ones (jekyllrb.com/docs/permalinks), become redirects.
func TestJekyllAddresses(t *testing.T) {
	t.Parallel()
	for style, want := range map[string]string{
		"":                                     "/jekyll/2009/04/29/slap-chop.html",
		"date":                                 "/jekyll/2009/04/29/slap-chop.html",
		"pretty":                               "/jekyll/2009/04/29/slap-chop/",
		"ordinal":                              "/jekyll/2009/119/slap-chop.html",
		"weekdate":                             "/jekyll/2009/W18/Wed/slap-chop.html",
		"none":                                 "/jekyll/slap-chop.html",
		"/:month-:day-:year/:title:output_ext": "/04-29-2009/slap-chop.html",
		"/blog/:year/:title":                   "/blog/2009/slap-chop/",
		"/:i_day/:short_year/:slug/":           "/29/09/slap-chop/",
	} {
		t.Run(strings.ReplaceAll(style, "/", "_"), func(t *testing.T) {
			t.Parallel()
			files, _ := folder(t, "jekyll", map[string]string{"_config.yml": "url: https://x.example\npermalink: " + style + "\n", "_posts/2009-04-29-slap-chop.textile.md": "x", "_posts/2009-04-29-slap-chop.md": "---\ntitle: Slap\ncategories: jekyll\n---\nText.\n"})
			if got := files["content/posts/slap-chop.md"]; !strings.Contains(got, fmt.Sprintf("aliases = [%q]", want)) {
				t.Errorf("want the alias %s:\n%s", want, got)
			}
		})
	}
}

// TestJekyllMatter: front matter as people write it.
func TestJekyllMatter(t *testing.T) {
	t.Parallel()
	files, s := folder(t, "jekyll", map[string]string{
		"_config.yml":              "timezone: Europe/Berlin\n",
		"_posts/2020-01-01-a.md":   "---\ntitle: A\ndate: 2020-05-06 07:08:09 -0500\ncategories: one two\ntags: three, four\nlast_modified_at: 2021-01-01\nredirect_from: /gone.html\nauthor: Ines\n---\nx\n",
		"_posts/2020-01-02-b.md":   "---\npublished: false\ntitle: 'B: \"quoted\" [x]'\ntags: null\n---\nx\n",
		"_posts/2020-01-03-c.md":   "---\r\ntitle: C\r\n---\r\n\r\nLine.\r\n",
		"_posts/2020-01-04-d.md":   "---\ntitle: D\ndate: some day\n---\nx\n",
		"_posts/2020-01-05-e.html": "---\ntitle: E\n---\n<p>Para <b>bold</b></p>\n",
		"_posts/no-date.md":        "---\ntitle: F\n---\nx\n",
		"_posts/2020-01-06-g.md":   "---\ntitle: G\nnever closed\n",
		"docs/guide.md":            "---\n---\n# Guide\n",
		"sub/index.md":             "---\ntitle: Sub\n---\nx [g](../docs/guide.md)\n",
	})
	for name, parts := range map[string][]string{
		"content/posts/a.md":       {"date = 2020-05-06T07:08:09-05:00", "updated = 2021-01-01T00:00:00+01:00", `tags = ["three", "four", "one", "two"]`, `"/one/two/2020/05/06/a.html", "/gone.html"`},
		"content/posts/b.md":       {"draft = true", `title = "B: \"quoted\" [x]"`},
		"content/posts/c.md":       {`title = "C"`, "date = 2020-01-03T00:00:00+01:00", "\n\nLine.\n"},
		"content/posts/d.md":       {"date = 2020-01-04"},
		"content/posts/e.md":       {"Para **bold**"},
		"content/posts/no-date.md": {"draft = true"},
		"content/guide.md":         {`title = "Guide"`, `permalink = "/docs/guide.html"`},
		"content/sub.md":           {"[g](guide.md)"},
	} {
		for _, part := range parts {
			if !strings.Contains(files[name], part) {
				t.Errorf("%s lacks %s:\n%s", name, part, files[name])
			}
		}
	}
	if !noted(s, importer.CodeDate, "some day") || !noted(s, importer.CodeItem, "2020-01-06-g.md") {
		t.Errorf("not told: %v", s.NotCarried)
	}
}

// TestHugoMatter: the three formats, dates, addresses and languages.
func TestHugoMatter(t *testing.T) {
	t.Parallel()
	files, s := folder(t, "hugo", map[string]string{
		"config/_default/config.yaml": "baseURL: https://x.example/sub/\ntitle: T\npermalinks:\n  posts: /:year/:month/:title/\n  notes: /:sections/:contentbasename/\nlanguages:\n  en: {}\n  de: {}\n",
		"content/posts/toml.md":       "+++\ntitle = 'Toml'\ndate = 2020-01-02\nslug = 'own'\naliases = ['old', '/older/']\nexpiryDate = 2030-01-01\n+++\nx [r]({{< relref path=\"yaml.md\" >}})\n",
		"content/posts/yaml.md":       "---\ntitle: Yaml\npublishDate: 2021-02-03T04:05:06Z\ncategories: Sea\nseries: [Walks]\nkatex: true\n---\n$x$\n",
		"content/posts/json.de.md":    "{\"title\": \"Json\", \"date\": \"2020-01-02\"}\n\nText\n",
		"content/posts/future.md":     "---\ntitle: Future\ndate: 2020-01-01\npublishDate: 2027-01-01\n---\nx\n",
		"content/notes/deep/n.md":     "---\ntitle: N\ndate: 2020-01-02\nauthor: Ines\n---\nx\n",
		"content/posts/b/index.md":    "---\ntitle: B\ndate: 2020-01-02\n---\n![p](pics/p.png) <script>x</script>\n",
		"content/posts/b/pics/p.png":  "png",
		"content/posts/b/part.md":     "---\ntitle: part\n---\n",
		"content/posts/never.md":      "---\ntitle: Never\ndate: 2020-01-02\n_build:\n  render: never\n---\nx\n",
		"content/posts/plain.md":      "no front matter\n",
		"content/about.md":            "---\ntitle: About\nurl: /who/\n---\n[home](/sub/2020/01/b/) [abs](https://x.example/sub/2020/01/toml/#x) [gone](/sub/gone/)\n",
		"static/posts/x.png":          "png",
		"static/media/y.png":          "png",
		"static/about/index.html":     "html",
	})
	for name, parts := range map[string][]string{
		"content/posts/own.md":      {"date = 2020-01-02T00:00:00Z", `"/2020/01/toml/", "/posts/old/", "/older/"`, "expires = 2030", "[r](yaml.md)"},
		"content/posts/yaml.md":     {"date = 2021-02-03T04:05:06Z", `series = "Walks"`, "math = true", `tags = ["Sea"]`},
		"content/posts/json-de.md":  {`lang = "de"`, `"/de/2020/01/json/"`},
		"content/posts/future.md":   {"date = 2027-01-01", "announce = false"},
		"content/posts/n.md":        {`"/notes/deep/n/"`},
		"content/posts/b/index.md":  {"![p](pics/p.png)"},
		"content/posts/never.md":    {"draft = true"},
		"content/about.md":          {`permalink = "/who/"`, "[home](posts/b/index.md) [abs](posts/own.md#x) [gone](/gone/)"},
		"content/files/posts/x.png": {"png"},
		"content/files/media/y.png": {"png"},
		"config.toml":               {`url = "https://x.example/sub"`},
	} {
		for _, part := range parts {
			if !strings.Contains(files[name], part) {
				t.Errorf("%s lacks %s:\n%s", name, part, files[name])
			}
		}
	}
	if files["content/posts/b/pics/p.png"] != "png" || !noted(s, importer.CodeItem, "plain.md") || !noted(s, importer.CodeItem, "part of the page") {
		t.Errorf("files %v\n%v", slices.Sorted(maps.Keys(files)), s.NotCarried)
	}
}

// TestThreads: answers hang below what they answer; loops, lost parents and repetitions do no harm; no thread is deeper than a page shows.
func TestThreads(t *testing.T) {
	t.Parallel()
	comment := func(id, parent string) string {
		return fmt.Sprintf(`<wp:comment><wp:comment_id>%s</wp:comment_id><wp:comment_author>N%[1]s</wp:comment_author><wp:comment_date_gmt>2020-01-02 10:00:00</wp:comment_date_gmt><wp:comment_content>C%[1]s</wp:comment_content><wp:comment_approved>1</wp:comment_approved><wp:comment_parent>%s</wp:comment_parent></wp:comment>`, id, parent)
	}
	all := comment("1", "0") + comment("2", "1") + comment("3", "2") + comment("4", "3") + comment("5", "4") + comment("6", "5") + comment("7", "8") + comment("8", "7") + comment("9", "9") + comment("10", "99") + comment("1", "5")
	files, s, err := run(t, "wordpress", wxr(wxrPost(1, "a", "Text.", all)))
	if err != nil {
		t.Fatal(err)
	}
	if s.Carried.Comments != 10 {
		t.Errorf("%d comments were carried, want 10", s.Carried.Comments)
	}
	var thread activitypub.Thread
	for name, body := range files {
		if strings.HasPrefix(name, "comments/") {
			if err := json.Unmarshal([]byte(body), &thread); err != nil {
				t.Fatal(err)
			}
		}
	}
	var show func(list []*activitypub.Comment) string
	show = func(list []*activitypub.Comment) string {
		var parts []string
		for _, c := range list {
			s := c.Content.Text()
			if c.InReplyTo != "" {
				s += "@" + c.InReplyTo
			}
			if len(c.Replies) > 0 {
				s += "(" + show(c.Replies) + ")"
			}
			parts = append(parts, s)
		}
		return strings.Join(parts, " ")
	}
	if got, want := show(thread.Replies), "C1(C2(C3(C4 C5@N4 C6@N5))) C7 C8 C9 C10"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestSilence: who reads the old blog has read these posts. A draft is no news yet, and says nothing.
func TestSilence(t *testing.T) {
	t.Parallel()
	at := func(id int, d time.Duration, status string) string {
		day := now.Add(d).Format(time.DateTime)
		return strings.NewReplacer("2020-01-01 10:00:00", day, ">publish<", ">"+status+"<").Replace(wxrPost(id, fmt.Sprint("p", id), "Text.", ""))
	}
	files, s, err := run(t, "wordpress", wxr(at(1, -time.Hour, "publish"), at(2, -167*time.Hour, "publish"), at(3, -168*time.Hour-time.Minute, "publish"), at(4, -300*time.Hour, "publish"), at(5, 48*time.Hour, "future"), at(6, -time.Hour, "draft")))
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[int]bool{1: true, 2: true, 3: true, 4: false, 5: true, 6: false} {
		if got := strings.Contains(files[fmt.Sprintf("content/posts/p%d.md", id)], "fediverse = {announce = false}"); got != want {
			t.Errorf("post %d says announce = false: %v, want %v", id, got, want)
		}
	}
	if s.Silent != 4 {
		t.Errorf("silent %d, want 4", s.Silent)
	}
}

// TestSameIDs: an import of the same export gives the same posts, also when others came to it.
func TestSameIDs(t *testing.T) {
	t.Parallel()
	one, _, err := run(t, "wordpress", wxr(wxrPost(7, "a", "Text.", "")))
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := run(t, "wordpress", wxr(wxrPost(6, "a", "Other.", ""), wxrPost(7, "a", "Text.", "")))
	if err != nil {
		t.Fatal(err)
	}
	id := strings.Split(one["content/posts/a.md"], "\n")[1]
	if !strings.Contains(two["content/posts/a-2.md"], id) || strings.Contains(two["content/posts/a.md"], id) {
		t.Errorf("post 7 has %s, then:\n%s", id, two["content/posts/a-2.md"])
	}
}
