package templates

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func dom(t *testing.T, s string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// classed gives the elements below n that have all the classes.
func classed(n *html.Node, classes ...string) []*html.Node {
	var found []*html.Node
	for d := range n.Descendants() {
		have := strings.Fields(attr(d, "class"))
		if d.Type == html.ElementNode && !slices.ContainsFunc(classes, func(c string) bool { return !slices.Contains(have, c) }) {
			found = append(found, d)
		}
	}
	return found
}

func elements(n *html.Node, name string) []*html.Node {
	var found []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name {
			found = append(found, d)
		}
	}
	return found
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// one is the only element with the classes.
func one(t *testing.T, n *html.Node, classes ...string) *html.Node {
	t.Helper()
	found := classed(n, classes...)
	if len(found) != 1 {
		t.Fatalf("%d elements with class %q, want 1", len(found), strings.Join(classes, " "))
	}
	return found[0]
}

func linkTo(n *html.Node, rel, mediaType string) string {
	for _, l := range elements(n, "link") {
		if attr(l, "rel") == rel && attr(l, "type") == mediaType {
			return attr(l, "href")
		}
	}
	return ""
}

func meta(n *html.Node, name string) string {
	for _, m := range elements(n, "meta") {
		if attr(m, "name") == name || attr(m, "property") == name {
			return attr(m, "content")
		}
	}
	return ""
}

func TestHeadOfPost(t *testing.T) {
	t.Parallel()
	root := dom(t, execute(t, load(t), "post", postPage()))
	for name, c := range map[string]struct{ got, want string }{
		"canonical":    {linkTo(root, "canonical", ""), "https://example.blog/posts/federating/"},
		"activity":     {linkTo(root, "alternate", "application/activity+json"), "https://example.blog/ap/posts/7"},
		"rss":          {linkTo(root, "alternate", "application/rss+xml"), "https://example.blog/feed.xml"},
		"json feed":    {linkTo(root, "alternate", "application/feed+json"), "https://example.blog/feed.json"},
		"rel=me":       {linkTo(root, "me", ""), "https://example.blog/ap/actor"},
		"creator":      {meta(root, "fediverse:creator"), "@ana@example.blog"},
		"og:title":     {meta(root, "og:title"), "Federating a static blog"},
		"og:type":      {meta(root, "og:type"), "article"},
		"og:image":     {meta(root, "og:image"), "https://example.blog/posts/federating/a.jpg"},
		"og:locale":    {meta(root, "og:locale"), "en_US"},
		"twitter:card": {meta(root, "twitter:card"), "summary_large_image"},
		"description":  {meta(root, "description"), "How a folder of files became an account."},
		"lang":         {attr(elements(root, "html")[0], "lang"), "en"},
		"title":        {text(elements(root, "title")[0]), "Federating a static blog · Notes from the Edge"},
	} {
		if c.got != c.want {
			t.Errorf("%s = %q, want %q", name, c.got, c.want)
		}
	}
	if first := elements(root, "a")[0]; attr(first, "class") != "skip" || attr(first, "href") != "#main" {
		t.Errorf("the first link is %v, want the one that skips to the content", first.Attr)
	}
}

func TestJSONLDIsThePost(t *testing.T) {
	t.Parallel()
	page := postPage()
	page.Title = `A </script> & "more"`
	root := dom(t, execute(t, load(t), "post", page))
	var block string
	for _, s := range elements(root, "script") {
		if attr(s, "type") == "application/ld+json" {
			block = s.FirstChild.Data
		}
	}
	var got struct {
		Type          string `json:"@type"`
		Headline      string
		DatePublished string
		Keywords      []string
		Author        struct{ Name string }
	}
	if err := json.Unmarshal([]byte(block), &got); err != nil {
		t.Fatalf("%v in %s", err, block)
	}
	if got.Type != "BlogPosting" || got.Headline != page.Title || got.DatePublished != "2026-10-28T09:30:00Z" || len(got.Keywords) != 2 || got.Author.Name != "Ana Marin" {
		t.Errorf("JSON-LD = %+v", got)
	}
}

func TestEntryOfPost(t *testing.T) {
	t.Parallel()
	page := postPage()
	page.Thread = sampleThread()
	entry := one(t, dom(t, execute(t, load(t), "post", page)), "h-entry")
	header := one(t, entry, "title")
	if got := text(one(t, header, "p-name")); got != "Federating a static blog" {
		t.Errorf("p-name = %q", got)
	}
	if got := text(one(t, header, "p-author", "h-card")); got != "Ana Marin" {
		t.Errorf("p-author = %q", got)
	}
	if got := attr(one(t, header, "dt-published"), "datetime"); got != "2026-10-28T09:30:00Z" {
		t.Errorf("dt-published = %q", got)
	}
	if got := attr(one(t, header, "u-url", "u-uid"), "href"); got != "https://example.blog/posts/federating/" {
		t.Errorf("u-uid = %q", got)
	}
	if got := len(classed(one(t, entry, "end"), "p-category")); got != 2 {
		t.Errorf("%d p-category, want 2", got)
	}
	if got := text(one(t, entry, "e-content", "prose")); got != "WhyBecause files last." {
		t.Errorf("e-content = %q", got)
	}
	if likes, boosts := len(classed(entry, "u-like", "h-cite")), len(classed(entry, "u-repost", "h-cite")); likes != 2 || boosts != 1 {
		t.Errorf("%d u-like and %d u-repost, want 2 and 1", likes, boosts)
	}
}

func TestCommentsAsCitations(t *testing.T) {
	t.Parallel()
	root := dom(t, execute(t, load(t), "comments", sampleThread()))
	cites := classed(root, "u-comment", "h-cite")
	if len(cites) != 8 {
		t.Fatalf("%d comments, want 8", len(cites))
	}
	first := cites[0]
	if got := text(classed(first, "p-author", "h-card")[0]); got != "A ada @ada@social.example" {
		t.Errorf("p-author = %q", got)
	}
	if got := text(classed(first, "e-content")[0]); got != "Hello there." {
		t.Errorf("e-content = %q", got)
	}
	if got := attr(classed(first, "u-in-reply-to")[0], "href"); got != "https://example.blog/posts/federating/" {
		t.Errorf("u-in-reply-to = %q", got)
	}
	for _, a := range elements(root, "a") {
		if rel := attr(a, "rel"); strings.Contains(attr(a, "href"), "social.example") && rel != "nofollow ugc noopener noreferrer" {
			t.Errorf("link to %s has rel %q", attr(a, "href"), rel)
		}
	}
}

func TestCommentStates(t *testing.T) {
	t.Parallel()
	root := dom(t, execute(t, load(t), "comments", sampleThread()))
	at := func(id string) *html.Node {
		for d := range root.Descendants() {
			if attr(d, "id") == id {
				return d
			}
		}
		t.Fatalf("there is no #%s", id)
		return nil
	}
	warned := elements(at("c-5"), "details")[0]
	if text(elements(warned, "summary")[0]) != "Plot spoiler" || len(classed(warned, "e-content")) != 1 {
		t.Error("a content warning does not fold the words behind it away")
	}
	sensitive := elements(at("c-6"), "details")[0]
	if len(classed(sensitive, "media")) != 1 || len(classed(sensitive, "e-content")) != 0 {
		t.Error("sensitive media are not folded away by themselves")
	}
	if !strings.Contains(text(at("c-6")), "No description given") {
		t.Error("a missing description is not said")
	}
	if got := attr(elements(at("c-7"), "article")[0], "lang"); got != "ar" {
		t.Errorf("lang of an Arabic comment = %q", got)
	}
	// Search engines heed data-nosnippet on div, section and span alone.
	for id, want := range map[string]bool{"c-1": false, "c-7": true} {
		for _, class := range []string{"by", "e-content"} {
			n := classed(at(id), class)[0]
			if got := slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "data-nosnippet" }); got != want || n.Data != "div" {
				t.Errorf("%s of #%s: data-nosnippet is %t on a %s, want %t on a div", class, id, got, n.Data, want)
			}
		}
	}
	if got := text(at("c-9")); !strings.HasPrefix(got, "(removed) ") || !strings.Contains(got, "I saw it.") {
		t.Errorf("a removed comment with an answer = %q", got)
	}
	if got := text(one(t, at("c-2"), "badge")); got != "author" {
		t.Errorf("the owner's mark = %q", got)
	}
	if got := text(one(t, at("c-4"), "c-to")); got != "in reply to @ada@social.example" {
		t.Errorf("whom a deep reply answers = %q", got)
	}
}

// Without script a reader can still do everything: each action is a plain link.
func TestActionsAreLinks(t *testing.T) {
	t.Parallel()
	root := dom(t, execute(t, load(t), "post", postPage()))
	var intents []string
	for _, a := range elements(root, "a") {
		if _, after, ok := strings.Cut(attr(a, "href"), "/interact?intent="); ok {
			name, _, _ := strings.Cut(after, "&")
			intents = append(intents, name)
		}
	}
	if want := []string{"follow", "reply", "like", "boost", "share", "follow"}; !slices.Equal(intents, want) {
		t.Errorf("links to /interact: %v, want %v", intents, want)
	}
}

func TestHeadingsHaveOneTop(t *testing.T) {
	t.Parallel()
	tmpl := load(t)
	for state, s := range states() {
		root := dom(t, execute(t, tmpl, s.name, s.data))
		want := 1
		if s.name == "comments" || s.name == "found" {
			want = 0
		}
		if got := len(elements(root, "h1")); got != want {
			t.Errorf("%s has %d h1, want %d", state, got, want)
		}
		ids := map[string]bool{}
		for d := range root.Descendants() {
			if id := attr(d, "id"); id != "" && ids[id] {
				t.Errorf("%s has two elements #%s", state, id)
			} else {
				ids[id] = true
			}
		}
	}
}

func TestWeight(t *testing.T) {
	t.Parallel()
	tmpl := load(t)
	css, err := os.ReadFile("../themes/default/style.css")
	if err != nil {
		t.Fatal(err)
	}
	empty := execute(t, tmpl, "post", postPage())
	if got := zipped(empty) + zipped(string(css)); got > 12<<10 {
		t.Errorf("page and style sheet are %d bytes in gzip, the limit is 12 KB", got)
	}
	thread := sampleThread()
	thread.Replies = nil
	none := zipped(execute(t, tmpl, "comments", thread))
	for i := range 100 {
		thread.Replies = append(thread.Replies, sampleComment(i+30, "<p>"+strings.Repeat("word "+string(rune('a'+i%26))+" ", 10)+"</p>"))
	}
	if got := (zipped(execute(t, tmpl, "comments", thread)) - none) / 100; got > 512 {
		t.Errorf("a comment costs %d bytes in gzip, the limit is 512", got)
	}
}

func zipped(s string) int {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.Len()
}

// TestListIsAFeed: a list is an h-feed whose entries a microformats reader can tell apart: name, address, date and author.
func TestListIsAFeed(t *testing.T) {
	t.Parallel()
	tmpl := load(t)
	for _, kind := range []string{"index", "tag"} {
		page := listPage(kind)
		feed := classed(dom(t, execute(t, tmpl, kind, page)), "h-feed")
		if len(feed) != 1 || len(classed(feed[0], "p-author", "h-card")) != 1 {
			t.Errorf("%s: %d feeds, want one with one author", kind, len(feed))
			continue
		}
		entries := classed(feed[0], "h-entry")
		if len(entries) != len(page.Posts) {
			t.Fatalf("%s has %d entries, want %d", kind, len(entries), len(page.Posts))
		}
		for i, e := range entries {
			name, date := classed(e, "p-name", "u-url"), classed(e, "dt-published")
			if len(name) != 1 || len(date) != 1 || text(name[0]) != page.Posts[i].Title || attr(name[0], "href") != page.Posts[i].Path || attr(date[0], "datetime") == "" {
				t.Errorf("%s: entry %d is not %q", kind, i, page.Posts[i].Title)
			}
		}
	}
}

// TestListsKeepDirections: a title that runs the other way than its list says so, or its quotation marks and full stops
// land on the wrong side; one that runs the same way says nothing.
func TestListsKeepDirections(t *testing.T) {
	t.Parallel()
	tmpl := load(t)
	for _, c := range []struct{ page, post, want string }{{"ar", "fr", "ltr"}, {"en", "ar", "rtl"}, {"en", "de", ""}, {"ar", "ar", ""}, {"ar", "", ""}} {
		page := listPage("index")
		page.Language = c.page
		page.Posts[0].Language = c.post
		page.Posts = page.Posts[:1]
		entry := classed(dom(t, execute(t, tmpl, "index", page)), "h-entry")[0]
		if h2, p := attr(elements(entry, "h2")[0], "dir"), attr(classed(entry, "p-summary")[0], "dir"); h2 != c.want || p != c.want {
			t.Errorf("index in %q, post in %q: title %q, summary %q, want %q", c.page, c.post, h2, p, c.want)
		}
		page.Years = []Year{{2026, page.Posts}}
		link := elements(classed(dom(t, execute(t, tmpl, "archive", page)), "year")[0], "a")[0]
		if got := attr(link, "dir"); got != c.want {
			t.Errorf("archive in %q, post in %q: %q, want %q", c.page, c.post, got, c.want)
		}
	}
}
