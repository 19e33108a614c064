package publisher

import (
	"regexp"
	"strings"
	"testing"
)

var menuPart = regexp.MustCompile(`(?s)<nav aria-label="[^"]*">\n<ul>(.*?)</ul>`)

// menu is the menu of a page: "name=address", with a star at the one that is current.
func (b *blog) menu(page string) string {
	b.t.Helper()
	m := menuPart.FindStringSubmatch(b.read(page))
	if m == nil {
		b.t.Fatalf("%s has no menu", page)
	}
	var list []string
	for _, l := range regexp.MustCompile(`<a href="([^"]*)"( aria-current="page")?>([^<]*)</a>`).FindAllStringSubmatch(m[1], -1) {
		entry := l[3] + "=" + l[1]
		if l[2] != "" {
			entry += "*"
		}
		list = append(list, entry)
	}
	return strings.Join(list, " ")
}

// TestMenuByItself: without settings the menu holds archive, tags, search and the pages; a page says otherwise for itself.
func TestMenuByItself(t *testing.T) {
	t.Parallel()
	page := func(title, more string) string { return "+++\ntitle = \"" + title + "\"\n" + more + "\n+++\n\nText.\n" }
	b := newBlog(t, map[string]string{
		"content/posts/a.md":  post("Post", "2026-10-01", "tags = [\"sea\"]", "Text."),
		"content/posts/in.md": post("In", "2026-10-01", "menu = \"Start here\"", "Text."),
		"content/about.md":    page("About", ""),
		"content/zebra.md":    page("Zebra", "menu = 15"),
		"content/hidden.md":   page("Hidden", "menu = false"),
		"content/former.md":   page("Former", "params = {menu = false}"),
		"content/named.md":    page("A long name", "menu = {name = \"Short\", weight = 5}"),
		"content/hugo.md":     "---\ntitle: Hugo\nmenu:\n  main:\n    weight: 25\n---\nText.\n",
	})
	b.publish()
	want := "Short=/named/ Archive=/archive/ Zebra=/zebra/* Tags=/tags/ Hugo=/hugo/ Search=/search/ About=/about/ Start here=/posts/in/"
	if got := b.menu("public/zebra/index.html"); got != want {
		t.Errorf("the menu is\n%s\nwant\n%s", got, want)
	}
	b.write("content/about.md", page("About", "menu = [1]"))
	if ds := b.faults(); len(ds) != 1 || ds[0].Code != codeType || ds[0].Line != 3 {
		t.Errorf("a list gives %v", ds)
	}
}

// TestMenuOfSettings: [[menu]] takes the place of the usual entries, by language; a page's entry is in the reader's language.
func TestMenuOfSettings(t *testing.T) {
	t.Parallel()
	config := strings.Replace(testConfig, "example.com", "example.com/blog", 1) + `
[[menu]]
name = "Home"
url = "/"
[[menu]]
page = "about.md"
[[menu]]
name = "Code"
url = "https://code.example/ada"
weight = 5
[[menu]]
name = "Archiv"
url = "/archive/"
lang = "de"
[[menu]]
page = "about.md"
name = "Wer"
lang = "de"
[[menu]]
page = "draft.md"
`
	b := newBlog(t, map[string]string{
		"config.toml":            config,
		"content/posts/a.md":     post("Post", "2026-10-01", "", "Text."),
		"content/posts/a.de.md":  post("Beitrag", "2026-10-01", "", "Text."),
		"content/about.md":       "+++\ntitle = \"About\"\n+++\nText.\n",
		"content/about.de.md":    "+++\ntitle = \"Über\"\n+++\nText.\n",
		"content/other.md":       "+++\ntitle = \"Other\"\n+++\nText.\n",
		"content/also.md":        "+++\ntitle = \"Also\"\nmenu = true\n+++\nText.\n",
		"content/draft.md":       "+++\ntitle = \"Draft\"\ndraft = true\n+++\nText.\n",
		"content/posts/sv.sv.md": post("Swedish", "2026-10-01", "lang = \"sv\"", "Text."),
	})
	b.publish()
	for page, want := range map[string]string{
		"posts/a":     "Code=https://code.example/ada Home=/blog/ About=/blog/about/ Also=/blog/also/",
		"posts/a.de":  "Archiv=/blog/archive/ Wer=/blog/about.de/ Also=/blog/also/",
		"about.de":    "Archiv=/blog/archive/ Wer=/blog/about.de/* Also=/blog/also/",
		"posts/sv.sv": "Code=https://code.example/ada Home=/blog/ About=/blog/about/ Also=/blog/also/",
	} {
		if got := b.menu("public/" + page + "/index.html"); got != want {
			t.Errorf("the menu of %s is\n%s\nwant\n%s", page, got, want)
		}
	}
	b.write("config.toml", config+"[[menu]]\npage = \"abuot.md\"\n")
	b.configure()
	ds := b.faults()
	if len(ds) != 1 || ds[0].Code != codeMenu || ds[0].Line != strings.Count(config, "\n")+2 || !strings.Contains(ds[0].Help, "about.md") {
		t.Errorf("a page that is not there gives %v", ds)
	}
}
