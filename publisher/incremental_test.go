package publisher

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
)

// TestIncremental edits a blog at random: after each edit the run that remembers the last one leaves what a run without memory makes, byte for
// byte. POSTIL_TEST_EDITS says how often, POSTIL_TEST_SEED where chance begins.
func TestIncremental(t *testing.T) {
	t.Parallel()
	edits, seed := 20, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("POSTIL_TEST_EDITS")); err == nil {
		edits = n
	}
	if n, err := strconv.ParseUint(os.Getenv("POSTIL_TEST_SEED"), 10, 64); err == nil {
		seed = n
	}
	e := newEditor(t, seed)
	e.publish()
	quick := 0
	for step := range edits {
		what := e.edit(step)
		list := e.list()
		e.later(time.Minute)
		if e.publish(); e.quick {
			quick++
		}
		if !e.sameAsClean(list) {
			t.Fatalf("after edit %d (seed %d): %s (quick: %v)", step, seed, what, e.quick)
		}
	}
	if quick == 0 && edits > 10 {
		t.Error("no text was published by itself")
	}
	t.Logf("%d of %d edits were published by themselves", quick, edits)
}

// later moves the clock of the next runs on.
func (e *editor) later(d time.Duration) { e.clock = e.clock.Add(d) }

// editor changes a blog at random.
type editor struct {
	*blog
	r        *rand.Rand
	clock    time.Time
	posts    map[string]*edited // by file name
	created  int
	settings map[string]string
	touched  time.Time
	quick    bool // the last run ended early
}

// edited is a post as the editor knows it.
type edited struct {
	title, slug, body, lead string
	date                    time.Time
	tags                    []string
	draft                   bool
}

// beginning is how many posts the editor begins with: near the number from which on the index has another layout.
const beginning = 63

func newEditor(t *testing.T, seed uint64) *editor {
	e := &editor{blog: newBlog(t, nil), r: rand.New(rand.NewPCG(seed, 1)), clock: now, posts: map[string]*edited{}, settings: map[string]string{}, touched: now.AddDate(-1, 0, 0)}
	for range beginning {
		e.add()
	}
	e.put("content/about.md", "+++\ntitle = \"About\"\n+++\n\nA page about words.\n")
	e.configured()
	return e
}

// put writes a file that looks old.
func (e *editor) put(name, text string) {
	e.t.Helper()
	e.write(name, text)
	e.past(name)
}

func (e *editor) publish() {
	e.t.Helper()
	e.o.Now, e.o.Withdraw = e.clock, true
	for _, dir := range []string{"content", "content/posts", "templates"} {
		if _, err := os.Stat(filepath.Join(e.dir, dir)); err == nil {
			e.past(dir)
		}
	}
	_, m, err := publish(e.t.Context(), e.o, nil)
	if err != nil {
		e.t.Fatal(err)
	}
	e.quick = m == nil
}

// past gives a file a time of its own that lies well in the past: the next run may trust it.
func (e *editor) past(name string) {
	e.t.Helper()
	e.touched = e.touched.Add(time.Second)
	if err := os.Chtimes(filepath.Join(e.dir, name), e.touched, e.touched); err != nil {
		e.t.Fatal(err)
	}
}

func (e *editor) list() *site.PublishedList {
	e.t.Helper()
	root, err := os.OpenRoot(filepath.Join(e.dir, "public"))
	if err != nil {
		e.t.Fatal(err)
	}
	defer root.Close()
	b := &build{output: root}
	list, err := b.readList()
	if err != nil {
		e.t.Fatal(err)
	}
	return list
}

// sameAsClean compares the site with that of a run in a new folder, which knows of the last one what the live site tells: its list.
func (e *editor) sameAsClean(list *site.PublishedList) bool {
	e.t.Helper()
	clean := &blog{t: e.t, dir: e.t.TempDir()}
	if err := os.CopyFS(clean.dir, os.DirFS(e.dir)); err != nil {
		e.t.Fatal(err)
	}
	clean.remove("public")
	clean.remove(".cache")
	clean.configure()
	clean.o.Now, clean.o.Withdraw, clean.o.Previous = e.clock, true, func() (*site.PublishedList, error) { return list, nil }
	clean.publish()
	got, want, same := e.tree("public"), clean.tree("public"), true
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			e.t.Errorf("%s is not what a clean run makes:\n%s", name, firstDifference(want[name], got[name]))
			same = false
		}
		delete(got, name)
	}
	for name := range got {
		e.t.Errorf("%s is left over", name)
		same = false
	}
	_ = os.RemoveAll(clean.dir)
	return same
}

// firstDifference shows where two texts part.
func firstDifference(want, got string) string {
	n := 0
	for n < min(len(want), len(got)) && want[n] == got[n] {
		n++
	}
	around := func(s string) string { return s[max(0, n-60):min(len(s), n+60)] }
	return fmt.Sprintf("-…%q\n+…%q", around(want), around(got))
}

func (e *editor) words(n int) string {
	var list []string
	for range n {
		list = append(list, fmt.Sprintf("%c%cword%c", 'a'+rune(e.r.IntN(26)), 'a'+rune(e.r.IntN(6)), 'a'+rune(e.r.IntN(4))))
	}
	return strings.Join(list, " ")
}

func (e *editor) some() (name string, p *edited) {
	names := slices.Sorted(maps.Keys(e.posts))
	name = names[e.r.IntN(len(names))]
	return name, e.posts[name]
}

func (e *editor) add() string {
	e.created++
	name := fmt.Sprintf("content/posts/p%03d.md", e.created)
	p := &edited{title: e.words(3), body: e.body(), date: now.AddDate(0, 0, -1-e.r.IntN(400)), tags: e.tags()}
	e.posts[name] = p
	e.save(name)
	return "new " + name
}

func (e *editor) body() string {
	text := e.words(6+e.r.IntN(30)) + " everywhere"
	switch e.r.IntN(6) {
	case 0:
		text += "\n\n## " + e.words(2) + "\n\n```go\nfunc main() {}\n```\n"
	case 1:
		text += "\n\n![" + e.words(1) + "](/dot.png)\n"
	case 2:
		if len(e.posts) > 0 {
			name, _ := e.some()
			text += "\n\nSee [that](" + filepath.Base(name) + ").\n"
		}
	}
	return text
}

func (e *editor) tags() (list []string) {
	for _, t := range []string{"go", "sea", "web", "Work", "rare"} {
		if e.r.IntN(4) == 0 {
			list = append(list, t)
		}
	}
	return list
}

func (e *editor) save(name string) {
	e.t.Helper()
	p := e.posts[name]
	more := fmt.Sprintf("id = %q\ntags = [", strings.TrimSuffix(filepath.Base(name), ".md"))
	for _, t := range p.tags {
		more += strconv.Quote(t) + ", "
	}
	more += "]\n"
	if p.slug != "" {
		more += fmt.Sprintf("slug = %q\n", p.slug)
	}
	if p.draft {
		more += "draft = true\n"
	}
	if p.lead != "" {
		more += p.lead + "\n"
	}
	e.put(name, post(p.title, p.date.Format("2006-01-02"), more, p.body))
}

// edit does one thing, and says which.
func (e *editor) edit(step int) string {
	e.t.Helper()
	switch n := e.r.IntN(20); {
	case n <= 1:
		return e.add()
	case n <= 3:
		return e.deleteOne()
	case n == 4:
		e.put("templates/footer.html", fmt.Sprintf(`{{define "footer"}}<footer>Footer %d</footer>{{end}}`, step))
		return "a template"
	case n == 5:
		e.settings["title"] = e.words(2)
		e.configured()
		return "the blog's title"
	case n == 6:
		e.put("content/dot.png", dot+strings.Repeat("x", step))
		return "a picture"
	case n == 7:
		e.put("content/about.md", "+++\ntitle = \"About\"\n+++\n\n"+e.words(20)+"\n")
		return "a page"
	}
	return e.editPost(step)
}

func (e *editor) deleteOne() string {
	name, _ := e.some()
	for other, p := range e.posts {
		p.body = strings.ReplaceAll(p.body, "("+filepath.Base(name)+")", "(https://example.org/)")
		if other != name {
			e.save(other)
		}
	}
	delete(e.posts, name)
	e.remove(name)
	return "deleted " + name
}

func (e *editor) editPost(step int) string {
	name, p := e.some()
	what := []string{"body", "word", "word", "word", "title", "tags", "date", "slug", "draft", "lead"}[e.r.IntN(10)]
	switch what {
	case "body":
		p.body = e.body()
	case "word":
		p.body += " " + e.words(1)
	case "title":
		p.title = e.words(1 + e.r.IntN(3))
	case "tags":
		p.tags = e.tags()
	case "date":
		p.date = now.AddDate(0, 0, -1-e.r.IntN(400))
	case "slug":
		p.slug = fmt.Sprintf("slug-%d", step)
	case "draft":
		p.draft = !p.draft
	case "lead":
		p.lead = fmt.Sprintf(`summary = %q`, e.words(5))
	}
	e.save(name)
	return what + " of " + name
}

func (e *editor) configured() {
	e.t.Helper()
	config := testConfig
	if title := e.settings["title"]; title != "" {
		config = strings.Replace(config, `title = "Notes"`, fmt.Sprintf("title = %q", title), 1)
	}
	e.put("content/dot.png", dot)
	e.write("config.toml", config)
	e.configure()
}

// A list whose template shows posts' texts, in a template that it includes, has them.
func TestListsWithTexts(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md":   post("A", "2026-10-27", "", "Text of the post."),
		"templates/posts.html": `{{range .Posts}}{{.Title}}{{template "whole" .}}{{end}}{{define "whole"}}{{.Body}}{{end}}`,
	})
	b.publish()
	if page := b.read("public/index.html"); !strings.Contains(page, "<p>Text of the post.</p>") {
		t.Errorf("the index:\n%s", page)
	}
}
