package templates

import (
	"bytes"
	"flag"
	"html/template"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func load(t *testing.T) *template.Template {
	t.Helper()
	tmpl, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func execute(t *testing.T, tmpl *template.Template, name string, data any) string {
	t.Helper()
	var b bytes.Buffer
	if err := tmpl.ExecuteTemplate(&b, name, data); err != nil {
		t.Fatalf("executing %s: %v", name, err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	tmpl := load(t)
	for state, s := range states() {
		t.Run(state, func(t *testing.T) {
			got := execute(t, tmpl, s.name, s.data)
			file := filepath.Join("testdata", state+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s differs (go test ./templates -update writes it anew) (-want +got):\n%s", file, diff)
			}
		})
	}
}

func TestGoldenFilesAreAllUsed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	s := states()
	for _, f := range files {
		if _, ok := s[strings.TrimSuffix(filepath.Base(f), ".golden")]; !ok {
			t.Errorf("%s belongs to no state", f)
		}
	}
	if len(files) != len(s) {
		t.Errorf("%d golden files for %d states", len(files), len(s))
	}
}

// What publish bakes and what inboxd serves must be the same to the byte, else every visit would look like a change.
func TestBakedAndServedThreadsAreTheSame(t *testing.T) {
	t.Parallel()
	tmpl := load(t)
	page := postPage()
	page.Thread = sampleThread()
	want := "<!--comments:7-->" + execute(t, tmpl, "comments", sampleThread()) + "<!--/comments-->"
	got := execute(t, tmpl, "post", page)
	if !strings.Contains(got, `<section id="comments" class="comments" aria-labelledby="c-h">`+want+"</section>") {
		t.Errorf("the slot of the page does not hold the comments template's output\n%s", got)
	}
}

func TestEmptyThreadIsWhatInboxdServes(t *testing.T) {
	t.Parallel()
	tmpl := load(t)
	thread := sampleThread()
	thread.Count, thread.Pending, thread.Replies, thread.Quotes, thread.Reactions = 0, 0, nil, nil, nil
	thread.Likes.Count, thread.Boosts.Count = 0, 0
	thread.Actions.Reply = intent(sampleBlog().Follow, "reply", thread.Post)
	thread.Actions.Like, thread.Actions.Boost = intent(sampleBlog().Follow, "like", thread.Post), intent(sampleBlog().Follow, "boost", thread.Post)
	thread.Actions.Share, thread.Actions.Follow = intent(sampleBlog().Follow, "share", thread.Post), sampleBlog().Follow
	want := execute(t, tmpl, "comments", thread)
	if got := execute(t, tmpl, "post", postPage()); !strings.Contains(got, "<!--comments:7-->"+want+"<!--/comments-->") {
		t.Errorf("the page of a post that nobody answered differs from what inboxd serves, want\n%s\ngot\n%s", want, got)
	}
}

func TestSlotIsLeftOutWhereNobodyCanAnswer(t *testing.T) {
	t.Parallel()
	tmpl := load(t)
	off := postPage()
	off.Post.CommentsOff = true
	off.Thread = sampleThread()
	for name, page := range map[string]Page{"comments off": off, "no federation": plainPost()} {
		if got := execute(t, tmpl, "post", page); strings.Contains(got, "comments:") || strings.Contains(got, `id="comments"`) {
			t.Errorf("%s: the page has a slot", name)
		}
	}
}

func TestSlotKeyCannotEndItsComment(t *testing.T) {
	t.Parallel()
	tmpl := load(t)
	for _, key := range []string{"a-->b", "--", "-", "x---y", "a b", "é", "><script>", "a+b&c'd\"e", "2026-a.b_c~d"} {
		got := execute(t, tmpl, "slot", key)
		inside := strings.TrimSuffix(strings.TrimPrefix(got, "<!--comments:"), "-->")
		if strings.Contains(inside, "--") || strings.ContainsAny(inside, "<>& ") {
			t.Errorf("the slot of %q opens with %q", key, got)
		}
		if back, err := url.QueryUnescape(inside); err != nil || back != key {
			t.Errorf("the slot of %q reads back as %q, %v", key, back, err)
		}
	}
}

func TestLoadOverrides(t *testing.T) {
	t.Parallel()
	tmpl, err := Load(fstest.MapFS{
		"footer.html":     {Data: []byte("<p>my footer</p>")},
		"mine.html":       {Data: []byte(`<b>{{.Title}}</b>`)},
		"page.html":       {Data: []byte(`{{template "mine" .}}{{template "footer" .}}`)},
		"head-extra.html": {Data: []byte(`<meta name="mine" content="1">`)},
		"toc.html":        {Data: []byte(`{{define "byline"}}nobody{{end}}`)},
		"notes.txt":       {Data: []byte(`{{ not a template`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := execute(t, tmpl, "page", Page{Title: "A<b"}), "<b>A&lt;b</b><p>my footer</p>"; got != want {
		t.Errorf("page = %q, want %q", got, want)
	}
	got := execute(t, tmpl, "post", postPage())
	for _, want := range []string{`<meta name="mine" content="1">`, "nobody", `<a href="#why">`} {
		if !strings.Contains(got, want) {
			t.Errorf("the post's page lacks %s", want)
		}
	}
}

func TestLoadNamesFileAndLineOfFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"syntax":            {"<p>\n{{.Title</p>", "templates/post.html:2"},
		"unknown function":  {"\n\n{{nosuch .Title}}", "templates/post.html:3"},
		"unclosed if":       {"{{if .Title}}", "templates/post.html:1"},
		"unclosed quote":    {"<p>\n<a href=\"{{.Path}}>x</a>", "post.html"},
		"unknown template":  {"<p>\n{{template \"nosuch\"}}", "templates/post.html:2"},
		"script in a quote": {"<p>\n<script>var x = \"{{if .Title}}\"{{end}};</script>", "templates/post.html:2"},
	} {
		_, err := Load(fstest.MapFS{"post.html": {Data: []byte(c.text)}})
		if err == nil {
			t.Errorf("%s: no error", name)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %q does not name %s", name, err, c.want)
		}
	}
}

func TestFaultWhileExecutingNamesFileAndLine(t *testing.T) {
	t.Parallel()
	tmpl, err := Load(fstest.MapFS{"page.html": {Data: []byte("<p>\n{{.Nosuch}}")}})
	if err != nil {
		t.Fatal(err)
	}
	err = tmpl.ExecuteTemplate(&bytes.Buffer{}, "page", Page{})
	if err == nil || !strings.Contains(err.Error(), "templates/page.html:2:") {
		t.Errorf("err = %v, want one that names templates/page.html:2", err)
	}
}

// TestWebmentionEndpoint: posts that take comments name where the blog takes webmentions, no other page does.
func TestWebmentionEndpoint(t *testing.T) {
	t.Parallel()
	tmpl := load(t)
	const link = `<link rel="webmention" href="https://inbox.example.blog/webmention">`
	open, closed, list := postPage(), postPage(), listPage("index")
	for _, p := range []*Page{&open, &closed, &list} {
		p.Blog.Webmention = "https://inbox.example.blog/webmention"
	}
	closed.Post.CommentsOpen = false
	for i, c := range []struct {
		page Page
		want bool
	}{{open, true}, {closed, false}, {list, false}} {
		if got := strings.Contains(execute(t, tmpl, "head", c.page), link); got != c.want {
			t.Errorf("page %d: %v, want %v", i, got, c.want)
		}
	}
}
