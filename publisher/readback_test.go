package publisher

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"willnorris.com/go/microformats"
)

// sampleSite publishes the sample blog of this repository, with what it lacks: several authors, languages and parts.
func sampleSite(t *testing.T) *blog {
	t.Helper()
	config, err := os.ReadFile("../config.toml")
	if err != nil {
		t.Fatal(err)
	}
	b := newBlog(t, map[string]string{
		"config.toml":             string(config) + "\n[authors.ada]\nname = \"Ada & Co\"\nsummary = \"Counts.\"\nicon = \"icon.png\"\nlinks = {Web = \"https://ada.example/\"}\n",
		"content/posts/tide.md":   post("Tide <one>", "2026-10-20", "author = \"ada\"\nseries = \"Tides\"\ntags = [\"sea & salt\"]\nsummary = \"Low & high.\"\nupdated = 2026-10-24", "Text with a [link](/about/) and ]]>."),
		"content/posts/tide2.md":  post("Tide two", "2026-10-21", "author = \"ada\"\nseries = \"Tides\"", "More."),
		"content/posts/ebbe.md":   post("Ebbe", "2026-10-22", "lang = \"de\"\ntranslation_of = \"tide2.md\"", "Wasser."),
		"content/posts/bibliö.md": post("Ö", "2026-10-23", "tags = [\"Über\"]\nlang = \"de\"", "Noch ein Text."),
	})
	if err := os.CopyFS(path.Join(b.dir, "content"), os.DirFS("../content")); err != nil {
		t.Fatal(err)
	}
	b.publish()
	return b
}

// TestReadBack reads the sample blog as others do: microformats parsers, search engines and feed readers.
func TestReadBack(t *testing.T) {
	t.Parallel()
	b := sampleSite(t)
	pages, feeds := 0, 0
	for name, text := range b.tree("public") {
		at := b.o.Config.Addresses().Page(escapePath("/" + strings.TrimSuffix(name, "index.html")))
		switch path.Base(name) {
		case "index.html":
			pages++
			b.readPage(at, text)
		case "feed.xml", "atom.xml", "feed.json":
			feeds++
			for _, fault := range feedFaults(path.Base(name), at, text) {
				t.Errorf("%s: %s", name, fault)
			}
		}
	}
	if pages < 30 || feeds < 30 {
		t.Errorf("%d pages and %d feeds were read", pages, feeds)
	}
	b.readMap()
}

// readPage holds a page's microformats against what is known of it.
func (b *blog) readPage(at, text string) {
	t := b.t
	t.Helper()
	base, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	data := microformats.Parse(strings.NewReader(text), base)
	switch {
	case strings.Contains(text, `http-equiv="refresh"`):
	case strings.Contains(text, `<body class="post">`):
		b.readPost(at, text, data)
	case strings.Contains(text, `<body class="author">`):
		card := first(first(data.Items, "h-feed").Properties["author"])
		if card == nil || !slices.Contains(card.Type, "h-card") || !has(card, "uid", at) || !has(card, "name", "Ada & Co") || !has(card, "note", "Counts.") || !has(card, "photo", "https://notes.example/icon.png") {
			t.Errorf("%s: the author is %+v", at, card)
		}
		if !slices.Contains(data.Rels["me"], "https://ada.example/") || !slices.Contains(data.Rels["me"], "https://notes.example/ap/@ada") {
			t.Errorf("%s: rel=me leads to %v", at, data.Rels["me"])
		}
	case strings.Contains(text, `<body class="index">`), strings.Contains(text, `<body class="tag">`), strings.Contains(text, `<body class="series-page">`):
		feed := first(data.Items, "h-feed")
		if feed == nil || len(feed.Children) == 0 {
			t.Fatalf("%s is no h-feed", at)
		}
		for _, e := range feed.Children {
			if !slices.Contains(e.Type, "h-entry") || !strings.HasPrefix(text1(e, "url"), "https://notes.example/") || !isTime(text1(e, "published")) || text1(e, "name") == "" {
				t.Errorf("%s lists %+v", at, e.Properties)
			}
		}
	}
	for rel, want := range map[string]int{"canonical": 1, "icon": 1} {
		if got := len(data.Rels[rel]); got != want && !strings.Contains(text, "http-equiv") && !strings.HasSuffix(at, "404.html") {
			t.Errorf("%s has %d rel=%s", at, got, rel)
		}
	}
}

// readPost compares the entry of a post's page with its JSON-LD: both say the same of it.
func (b *blog) readPost(at, text string, data *microformats.Data) {
	t := b.t
	t.Helper()
	entry := first(data.Items, "h-entry")
	if entry == nil {
		t.Fatalf("%s is no h-entry", at)
	}
	var ld struct {
		Context  string   `json:"@context"`
		Type     string   `json:"@type"`
		Headline string   `json:"headline"`
		URL      string   `json:"url"`
		From     string   `json:"datePublished"`
		To       string   `json:"dateModified"`
		Language string   `json:"inLanguage"`
		Keywords []string `json:"keywords"`
		Author   struct {
			Type string `json:"@type"`
			Name string `json:"name"`
			URL  string `json:"url"`
		} `json:"author"`
	}
	if err := json.Unmarshal([]byte(linkedData(t, text)), &ld); err != nil {
		t.Fatalf("%s: JSON-LD: %v", at, err)
	}
	if ld.Context != "https://schema.org" || ld.Type != "BlogPosting" || ld.URL != at || ld.Author.Type != "Person" || !isTime(ld.From) || ld.To != "" && ld.To < ld.From || ld.Language == "" {
		t.Errorf("%s: JSON-LD %+v", at, ld)
	}
	if !has(entry, "name", ld.Headline) || !has(entry, "url", at) || !has(entry, "uid", at) || !has(entry, "published", ld.From) {
		t.Errorf("%s: the entry is %+v, JSON-LD %+v", at, entry.Properties, ld)
	}
	for _, k := range ld.Keywords {
		if !has(entry, "category", k) {
			t.Errorf("%s lacks the category %q", at, k)
		}
	}
	card := first(entry.Properties["author"])
	if card == nil || !has(card, "name", ld.Author.Name) || !has(card, "url", ld.Author.URL) {
		t.Errorf("%s: the author is %+v, JSON-LD %+v", at, card, ld.Author)
	}
	content, _ := entry.Properties["content"][0].(map[string]string)
	if strings.TrimSpace(content["html"]) == "" {
		t.Errorf("%s has no content", at)
	}
}

// readMap reads the sitemap: every page of it is there, no address twice, and each time is one.
func (b *blog) readMap() {
	t := b.t
	t.Helper()
	var set struct {
		XMLName xml.Name
		URLs    []struct {
			Loc     string `xml:"loc"`
			LastMod string `xml:"lastmod"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal([]byte(b.read("public/sitemap.xml")), &set); err != nil || set.XMLName.Space != "http://www.sitemaps.org/schemas/sitemap/0.9" {
		t.Fatalf("the sitemap: %v, %v", err, set.XMLName)
	}
	seen, mods := map[string]bool{}, map[string]string{}
	for _, u := range set.URLs {
		at, err := url.Parse(u.Loc)
		if err != nil || seen[u.Loc] || u.LastMod != "" && !isTime(u.LastMod) || !b.has("public"+at.Path+"index.html") {
			t.Errorf("the sitemap has %+v (twice: %v)", u, seen[u.Loc])
		}
		seen[u.Loc], mods[u.Loc] = true, u.LastMod
	}
	for at, want := range map[string]string{"posts/tide/": "2026-10-24T", "authors/ada/": "2026-10-24T", "series/tides/": "2026-10-24T", "de/": "2026-10-23T", "tags/sea-salt/": "2026-10-24T", "": "2026-"} {
		if got := mods["https://notes.example/"+at]; !strings.HasPrefix(got, want) {
			t.Errorf("/%s was last changed %q, want %s", at, got, want)
		}
	}
}

// linkedData is the text of a page's application/ld+json.
func linkedData(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Data == "script" && len(n.Attr) > 0 && n.Attr[0].Val == "application/ld+json" {
			return n.FirstChild.Data
		}
	}
	return ""
}

// first is the first microformat of a list, of a kind where one is named; nil where there is none.
func first[T any](list []T, kind ...string) *microformats.Microformat {
	for _, v := range list {
		m, ok := any(v).(*microformats.Microformat)
		if ok && (len(kind) == 0 || slices.Contains(m.Type, kind[0])) {
			return m
		}
	}
	return nil
}

// text1 is the first value of a property.
func text1(m *microformats.Microformat, key string) string {
	if list := m.Properties[key]; len(list) > 0 {
		s, _ := list[0].(string)
		return s
	}
	return ""
}

func has(m *microformats.Microformat, key, want string) bool {
	return slices.ContainsFunc(m.Properties[key], func(v any) bool {
		if i, ok := v.(map[string]string); ok { // a picture with its text
			v = i["value"]
		}
		return v == want
	})
}

func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}
