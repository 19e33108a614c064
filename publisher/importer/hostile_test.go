package importer_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/postil-blog/postil/publisher/importer"
	"github.com/postil-blog/postil/site"
)

const wxrHead = `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>T</title><wp:base_blog_url>https://old.example</wp:base_blog_url>`

// wxrPost is a published post of 2020 with a slug, a text and anything more.
func wxrPost(id int, slug, text, more string) string {
	return fmt.Sprintf(`<item><title>Post %d</title><link>https://old.example/%s/</link><dc:creator>me</dc:creator><content:encoded><![CDATA[%s]]></content:encoded><wp:post_id>%d</wp:post_id><wp:post_date>2020-01-01 10:00:00</wp:post_date><wp:post_date_gmt>2020-01-01 10:00:00</wp:post_date_gmt><wp:post_name>%s</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>%s</item>`,
		id, slug, text, id, slug, more)
}

func wxr(items ...string) string { return wxrHead + strings.Join(items, "\n") + "</channel></rss>" }

// run imports one file and gives the blog's files, by name. Nothing may lie beside the blog but what was there.
func run(t *testing.T, from, text string, change ...func(*importer.Options)) (map[string]string, importer.Summary, error) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "in", map[string]string{"wordpress": "export.xml", "ghost": "export.json", "bear": "export.csv"}[from])
	write(t, file, text)
	o := importer.Options{From: from, Source: file, Dir: filepath.Join(dir, "a", "blog"), Now: now}
	for _, c := range change {
		c(&o)
	}
	stage, err := importer.Run(t.Context(), o)
	if err == nil {
		err = stage.Commit()
	}
	if err != nil {
		if left, folders := tree(t, dir), appeared(filepath.Join(dir, "a")); len(left) != 1 || folders {
			t.Errorf("a failed import left files: %v", left)
		}
		return nil, importer.Summary{}, err
	}
	names, _ := os.ReadDir(filepath.Join(dir, "a"))
	if beside, _ := os.ReadDir(dir); len(names) != 1 || len(beside) != 2 {
		t.Errorf("%d names beside the blog", len(names))
	}
	publishes(t, o.Dir)
	return tree(t, o.Dir), stage.Summary, nil
}

// appeared tells whether a folder was made where none should be.
func appeared(dir string) bool {
	_, err := os.Stat(dir)
	return err == nil
}

func noted(s importer.Summary, code, part string) bool {
	for _, n := range s.NotCarried {
		if n.Code == code && strings.Contains(n.Message+n.File, part) {
			return true
		}
	}
	return false
}

// TestHostileExports: what cannot be read leaves nothing behind and says where; what can be read harms nothing.
func TestHostileExports(t *testing.T) {
	t.Parallel()
	lol := `<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>`
	refused := map[string][2]string{
		"entities":        {"wordpress", strings.Replace(wxr(wxrPost(1, "a", "x", "<wp:x>&c;</wp:x>")), "<rss", lol+"<rss", 1)},
		"external entity": {"wordpress", strings.Replace(strings.Replace(wxr(wxrPost(1, "a", "x", "")), "<rss", `<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss`, 1), "<title>T<", "<title>&x;<", 1)},
		"cut off":         {"wordpress", wxr(wxrPost(1, "a", "x", ""))[:700]},
		"not wordpress":   {"wordpress", `<html><body>no</body></html>`},
		"empty":           {"wordpress", ""},
		"deep":            {"wordpress", wxrHead + "<item>" + strings.Repeat("<a>", 20_000)},
		"no posts":        {"wordpress", wxr()},
		"ghost cut off":   {"ghost", `{"db":[{"data":{"posts":[{"id":"1",`},
		"ghost other":     {"ghost", `{"version":"https://jsonfeed.org/version/1","items":[]}`},
		"ghost deep":      {"ghost", strings.Repeat(`{"db":[`, 20_000)},
		"ghost types":     {"ghost", `{"db":[{"data":{"posts":"none"}}]}`},
		"csv without":     {"bear", ""},
		"csv other":       {"bear", "a,b\n1,2\n"},
	}
	for name, c := range refused {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if files, _, err := run(t, c[0], c[1]); err == nil {
				t.Errorf("imported: %v", files)
			}
		})
	}
	t.Run("says the line", func(t *testing.T) {
		t.Parallel()
		_, _, err := run(t, "wordpress", wxrHead+"\n\n<item><title>a</item>")
		var faults site.Diagnostics
		if !errors.As(err, &faults) || faults[0].Line != 3 || faults[0].Code != importer.CodeUnread || faults[0].Help == "" {
			t.Errorf("got %v, want a fault on line 3", err)
		}
	})
}

// TestNamesStayInside: slugs, links and titles that lead elsewhere make plain files of the blog.
func TestNamesStayInside(t *testing.T) {
	t.Parallel()
	var items []string
	for i, s := range []string{"../../etc/passwd", "..", ".", "/etc/passwd", `C:\x`, "con", "a/b", "%2e%2e%2fx", ".hidden", "", "-", strings.Repeat("x", 5000), "ünï", "a b", "index", "README"} {
		items = append(items, wxrPost(i+1, s, "Text.", ""))
		items = append(items, strings.Replace(wxrPost(100+i, s, "Text.", ""), ">post<", ">page<", 1))
	}
	files, s, err := run(t, "wordpress", wxr(items...))
	if err != nil {
		t.Fatal(err)
	}
	if s.Carried.Posts != 16 || s.Carried.Pages != 16 {
		t.Errorf("carried %+v, want 16 posts and 16 pages", s.Carried)
	}
	for name := range files {
		if strings.Contains(name, "..") || strings.Count(name, "/") > 2 || len(name) > 200 {
			t.Errorf("a file is called %q", name)
		}
	}
}

// TestScriptsStayOutside: nothing of an export runs on a page, and what was taken out is told.
func TestScriptsStayOutside(t *testing.T) {
	t.Parallel()
	bad := `<script>alert(1)</script><p onclick="alert(2)">Text <a href="javascript:alert(3)">x</a> <a href="JaVaScRiPt:alert(4)">y</a></p><iframe src="javascript:alert(5)"></iframe><svg onload="alert(6)"></svg><form action="https://x.example"><input></form><object data="x.swf"></object><img src="data:text/html,x" onerror="alert(7)"><postil-markdown n="0">z</postil-markdown>`
	markdown := bad + "\n\n[z](javascript:alert(8)) <img src=x onerror=alert(9)>\n\n```html\n<script>shown</script>\n```\n"
	for from, text := range map[string]string{
		"wordpress": wxr(wxrPost(1, "a", bad, "")),
		"ghost":     `{"db":[{"data":{"posts":[{"id":"1","title":"a","slug":"a","status":"published","published_at":"2020-01-01T00:00:00Z","html":` + quote(bad) + `},{"id":"2","title":"b","slug":"b","status":"published","published_at":"2020-01-01T00:00:00Z","lexical":` + quote(`{"root":{"children":[{"type":"markdown","markdown":`+quote(markdown)+`}]}}`) + `}]}}]}`,
		"bear":      "title,slug,published date,content\na,a,2020-01-01,\"" + strings.ReplaceAll(markdown, `"`, `""`) + "\"\n",
	} {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			files, s, err := run(t, from, text)
			if err != nil {
				t.Fatal(err)
			}
			for name, body := range files {
				shown := strings.ReplaceAll(body, "<script>shown</script>", "")
				for _, never := range []string{"<script", "alert(", "onclick", "onerror", "javascript:", "JaVa", "<iframe", "<svg", "<form", "<object", "data:text"} {
					if strings.Contains(shown, never) {
						t.Errorf("%s holds %s:\n%s", name, never, body)
					}
				}
			}
			if !noted(s, importer.CodeHTML, "<script>") {
				t.Errorf("the script is not told of: %v", s.NotCarried)
			}
		})
	}
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// TestOddBytes: control characters and broken UTF-8, which WordPress writes, do not stop an import.
func TestOddBytes(t *testing.T) {
	t.Parallel()
	files, _, err := run(t, "wordpress", wxr(wxrPost(1, "a", "one\x00two\x0b\xff\xfe three \u202e", ""), wxrPost(2, "b", "<p>x", "<title>T\x01</title>")))
	if err != nil {
		t.Fatal(err)
	}
	if body := files["content/posts/a.md"]; !utf8.ValidString(body) || strings.ContainsAny(body, "\x00\x0b") || !strings.Contains(body, "three") {
		t.Errorf("got %q", body)
	}
}

// TestNothingIsReplaced: a folder that holds anything stays as it is, and a failure on the way leaves nothing half.
func TestNothingIsReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	export := filepath.Join(dir, "export.xml")
	write(t, export, wxr(wxrPost(1, "a", "Text.", "")))
	full := filepath.Join(dir, "full")
	write(t, filepath.Join(full, "mine.txt"), "mine")
	o := importer.Options{From: "wordpress", Source: export, Dir: full, Now: now}
	if _, err := importer.Run(t.Context(), o); !errors.Is(err, importer.ErrNotEmpty) {
		t.Errorf("importing into a full folder gives %v", err)
	}
	// A file that appears while the import runs is safe, too; both ways of committing are tried.
	for _, there := range []bool{false, true} {
		o.Dir = filepath.Join(dir, fmt.Sprint("late-", there))
		if there {
			if err := os.Mkdir(o.Dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		stage, err := importer.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(o.Dir, "content", "mine.md"), "mine")
		if err := stage.Commit(); !errors.Is(err, importer.ErrNotEmpty) {
			t.Errorf("committing over a file gives %v", err)
		}
		if got := tree(t, o.Dir); len(got) != 1 || got["content/mine.md"] != "mine" {
			t.Errorf("the folder holds %v", got)
		}
	}
	names, _ := filepath.Glob(filepath.Join(dir, ".postil-import-*"))
	if len(names) > 0 || len(tree(t, full)) != 1 {
		t.Errorf("left behind: %v, %v", names, tree(t, full))
	}
	// Into an empty folder, and one with a repository alone.
	o.Dir = filepath.Join(dir, "empty")
	write(t, filepath.Join(o.Dir, ".git", "HEAD"), "ref")
	stage, err := importer.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := stage.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, o.Dir); got["config.toml"] == "" || got["content/posts/a.md"] == "" || got[".git/HEAD"] != "ref" {
		t.Errorf("the folder holds %v", got)
	}
}

// TestFilesOutside: links that lead out of a source folder, and media named by paths that do, are not read.
func TestFilesOutside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secret.png"), "SECRET")
	write(t, filepath.Join(dir, "uploads", "ok.png"), "fine")
	if err := os.Symlink(filepath.Join(dir, "secret.png"), filepath.Join(dir, "uploads", "leak.png")); err != nil {
		t.Skip(err)
	}
	files, s, err := run(t, "wordpress", wxr(wxrPost(1, "a", `<img src="/wp-content/uploads/leak.png" alt="x"><img src="/wp-content/uploads/../../../secret.png" alt="x"><img src="https://old.example/wp-content/uploads/ok.png" alt="x">`, "")),
		func(o *importer.Options) { o.Media = filepath.Join(dir, "uploads") })
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range files {
		if strings.Contains(body, "SECRET") {
			t.Errorf("%s was read from outside", name)
		}
	}
	if files["content/wp-content/uploads/ok.png"] != "fine" || !noted(s, importer.CodeMedia, "leak.png") || !strings.Contains(files["content/posts/a.md"], "https://old.example/wp-content/uploads/leak.png") {
		t.Errorf("got %v\n%v", files, s.NotCarried)
	}
	for _, from := range []string{"jekyll", "hugo"} {
		site := filepath.Join(dir, from)
		write(t, filepath.Join(site, "_config.yml"), "title: x\n")
		write(t, filepath.Join(site, "hugo.toml"), "title = 'x'\n")
		write(t, filepath.Join(site, "_posts", "2020-01-01-a.md"), "---\ntitle: a\n---\n![x](/static/leak.png) ![x](/leak.png)\n")
		write(t, filepath.Join(site, "content", "posts", "a", "index.md"), "---\ntitle: a\ndate: 2020-01-01\n---\n![x](leak.png) ![x](/leak.png)\n")
		for _, at := range []string{"static/leak.png", "content/posts/a/leak.png", "content/posts/leak.md", "_posts/2020-01-02-leak.md"} {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(site, at)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Join(dir, "secret.png"), filepath.Join(site, at)); err != nil {
				t.Fatal(err)
			}
		}
		stage, err := importer.Run(t.Context(), importer.Options{From: from, Source: site, Dir: filepath.Join(dir, "out-"+from), Now: now})
		if err != nil {
			t.Fatal(err)
		}
		for name, body := range tree(t, stage.Dir) {
			if strings.Contains(body, "SECRET") {
				t.Errorf("%s: %s was read from outside", from, name)
			}
		}
		if stage.Summary.Carried.Posts != 1 {
			t.Errorf("%s carried %+v", from, stage.Summary.Carried)
		}
	}
}

// TestPrivateWordsStayPrivate: what not everybody could read is a draft or not there, and no address of a person is written.
func TestPrivateWordsStayPrivate(t *testing.T) {
	t.Parallel()
	comment := `<wp:comment><wp:comment_id>1</wp:comment_id><wp:comment_author>Ada</wp:comment_author><wp:comment_author_email>ada@leak.example</wp:comment_author_email><wp:comment_author_IP>192.0.2.99</wp:comment_author_IP><wp:comment_date_gmt>2020-01-02 10:00:00</wp:comment_date_gmt><wp:comment_content>Fine.</wp:comment_content><wp:comment_approved>%s</wp:comment_approved><wp:comment_parent>0</wp:comment_parent></wp:comment>`
	files, _, err := run(t, "wordpress", wxr(
		wxrPost(1, "open", "Open.", fmt.Sprintf(comment, "1")), wxrPost(2, "locked", "Locked words.", "<wp:post_password>x</wp:post_password>"),
		wxrPost(3, "held", "Held.", strings.Replace(fmt.Sprintf(comment, "0"), "Fine.", "Waiting words.", 1)),
		strings.Replace(wxrPost(4, "diary", "Diary words.", ""), ">publish<", ">private<", 1), strings.Replace(wxrPost(5, "bin", "Binned words.", ""), ">publish<", ">trash<", 1),
		strings.Replace(wxrPost(6, "idea", "Idea.", ""), ">publish<", ">draft<", 1), strings.Replace(wxrPost(7, "odd", "Odd.", ""), ">publish<", ">members-only<", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range files {
		for _, never := range []string{"leak.example", "192.0.2.99", "Waiting words", "Diary words", "Binned words"} {
			if strings.Contains(body, never) {
				t.Errorf("%s holds %q", name, never)
			}
		}
		if draft := strings.Contains(body, "\ndraft = true\n"); strings.HasPrefix(name, "content/posts/") && draft == (name == "content/posts/open.md" || name == "content/posts/held.md") {
			t.Errorf("%s: draft is %v", name, draft)
		}
	}
	ghost := `{"id":"%d","title":"%s","slug":"%[2]s","status":"%s","visibility":"%s","published_at":"2020-01-01T00:00:00Z","html":"<p>x</p>"}`
	files, _, err = run(t, "ghost", `{"db":[{"data":{"posts":[`+strings.Join([]string{fmt.Sprintf(ghost, 1, "open", "published", "public"), fmt.Sprintf(ghost, 2, "paid", "published", "paid"), fmt.Sprintf(ghost, 3, "members", "published", "members"),
		fmt.Sprintf(ghost, 4, "tier", "published", "tiers"), fmt.Sprintf(ghost, 5, "sent", "sent", "public"), fmt.Sprintf(ghost, 6, "mail", "published", "public"), fmt.Sprintf(ghost, 7, "draft", "draft", "public"), fmt.Sprintf(ghost, 8, "soon", "scheduled", "members")}, ",")+
		`],"posts_meta":[{"post_id":"6","email_only":1}],"users":[{"id":"1","name":"I","email":"i@leak.example"}],"members":[{"id":"1","name":"M","email":"m@leak.example"}],"comments":[{"id":"1","post_id":"1","member_id":"1","status":"published","html":"<p>c</p>","created_at":"2020-01-01T00:00:00Z"}]}}]}`)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range files {
		if strings.Contains(body, "leak.example") {
			t.Errorf("%s holds an e-mail address", name)
		}
		if strings.HasPrefix(name, "content/posts/") && strings.Contains(body, "\ndraft = true\n") == (name == "content/posts/open.md") {
			t.Errorf("%s:\n%s", name, body)
		}
	}
}

// TestTablesThatGrow: a span of a few bytes asks for ten thousand million cells.
func TestTablesThatGrow(t *testing.T) {
	t.Parallel()
	text := `<table><tr><th>a</th><th>b</th></tr><tr><td colspan="99999" rowspan="99">x</td></tr>` + strings.Repeat(`<tr><td rowspan="99" colspan="99">y</td></tr>`, 20) + `</table>`
	files, _, err := run(t, "wordpress", wxr(wxrPost(1, "a", text, "")))
	if err != nil {
		t.Fatal(err)
	}
	if got := files["content/posts/a.md"]; len(got) > 100_000 || !strings.Contains(got, "| x |") {
		t.Errorf("the post has %d bytes", len(got))
	}
}

// TestYAMLAliases: a few lines can stand for more than a memory holds.
func TestYAMLAliases(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'e'; c++ {
		bomb += fmt.Sprintf("%c: &%[1]c [%s]\n", c, strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 10), ","))
	}
	write(t, filepath.Join(dir, "site", "_posts", "2020-01-01-bomb.md"), "---\ntitle: bomb\n"+bomb+"---\nx\n")
	write(t, filepath.Join(dir, "site", "_posts", "2020-01-01-deep.md"), "---\ntitle: deep\nx: "+strings.Repeat("[", 5000)+"\n---\nx\n")
	write(t, filepath.Join(dir, "site", "_posts", "2020-01-01-fine.md"), "---\ntitle: fine\n---\nx\n")
	stage, err := importer.Run(t.Context(), importer.Options{From: "jekyll", Source: filepath.Join(dir, "site"), Dir: filepath.Join(dir, "blog"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if c := stage.Summary.Carried; c.Posts != 1 || !noted(stage.Summary, importer.CodeItem, "aliases") {
		t.Errorf("carried %+v, noted %v", c, stage.Summary.NotCarried)
	}
}

// TestAFailureOnTheWay: where the stage cannot be written whole, none of it stays.
func TestAFailureOnTheWay(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		// root writes everywhere: a file stands where the folder's parent should be.
		dir := t.TempDir()
		write(t, filepath.Join(dir, "export.xml"), wxr(wxrPost(1, "a", "Text.", "")))
		write(t, filepath.Join(dir, "file"), "x")
		_, err := importer.Run(t.Context(), importer.Options{From: "wordpress", Source: filepath.Join(dir, "export.xml"), Dir: filepath.Join(dir, "file", "blog"), Now: now})
		if err == nil || len(tree(t, dir)) != 2 {
			t.Errorf("got %v, %v", err, tree(t, dir))
		}
		return
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "export.xml"), wxr(wxrPost(1, "a", "Text.", "")))
	if err := os.Mkdir(filepath.Join(dir, "shut"), fs.FileMode(0o555)); err != nil {
		t.Fatal(err)
	}
	if _, err := importer.Run(t.Context(), importer.Options{From: "wordpress", Source: filepath.Join(dir, "export.xml"), Dir: filepath.Join(dir, "shut", "blog"), Now: now}); err == nil {
		t.Error("no error")
	}
}
