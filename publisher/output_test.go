package publisher

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/postil-blog/postil/site"
)

// sample is a small site with a bit of everything.
func sample() map[string]string {
	return map[string]string{
		"content/posts/hello.md":           post("Hello", "2026-10-28 08:00:00", "tags = [\"Go\", \"small web\"]\nseries = \"S\"", "First, see [two](two.md#part).\n\n```go\nfunc main() {}\n```\n"),
		"content/posts/two.md":             post("Two", "2026-10-27", "tags = [\"go\"]\nseries = \"S\"\naliases = [\"/old/two/\"]", "## Part\n\n![A dot](dot.png)\n"),
		"content/posts/bundle/index.md":    post("Bundle", "2026-10-26", "image = {src = \"img/dot.png\", alt = \"A dot\"}\n", "[data](data.csv)\n"),
		"content/posts/bundle/data.csv":    "a,b\n",
		"content/posts/bundle/img/dot.png": dot,
		"content/posts/dot.png":            dot,
		"content/posts/unused.txt":         "not published",
		"content/posts/draft.md":           post("Draft", "2026-10-27", "draft = true", "SECRET"),
		"content/about.md":                 "+++\ntitle = \"About\"\n+++\n\nMe.\n",
		"content/CNAME":                    "example.com\n",
	}
}

// dot is a PNG of one pixel.
const dot = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\b\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"

func TestSecondRunWritesNothing(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.publish()
	before := b.times("")
	b.later(time.Hour)
	r := b.publish()
	if !r.Nothing || r.Files != 0 || r.Changed != 0 || len(r.Changes) != 0 {
		t.Errorf("the second run did something: %+v", r)
	}
	after := b.times("")
	for _, name := range []string{".cache", ".cache/seal"} { // a file as young as the run is not trusted by its time: the next run seals anew
		delete(before, filepath.Join(b.dir, name))
		delete(after, filepath.Join(b.dir, name))
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("times changed:\n%s", diff)
	}
}

func TestCacheOnlySavesWork(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.publish()
	want := b.tree("public")
	for name, spoil := range map[string]func(){
		"without":   func() { b.remove(".cache") },
		"broken":    func() { b.write(".cache/index", "rubbish") },
		"no bodies": func() { b.remove(".cache/bodies"); b.write("templates/footer.html", "<footer></footer></body></html>") },
		"restored":  func() { b.remove("templates") },
		"torn body": func() {
			for name := range b.tree(".cache/bodies") {
				b.write(".cache/bodies/"+name, "x")
			}
			b.remove("public/index.html")
		},
	} {
		spoil()
		b.publish()
		if name == "no bodies" {
			b.remove("templates")
			b.publish()
		}
		if diff := cmp.Diff(want, b.tree("public")); diff != "" {
			t.Fatalf("cache %s: the site differs:\n%s", name, diff)
		}
	}
	// In a new place, with a new cache, the same bytes.
	c := newBlog(t, sample())
	c.publish()
	if diff := cmp.Diff(want, c.tree("public")); diff != "" {
		t.Errorf("elsewhere the site differs:\n%s", diff)
	}
}

func TestOutputHolds(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.publish()
	got := b.tree("public")
	for _, name := range []string{
		"index.html", "404.html", "archive/index.html", "tags/index.html", "tags/go/index.html", "tags/go/feed.xml", "tags/go/atom.xml", "tags/go/feed.json", "tags/small-web/index.html",
		"feed.xml", "atom.xml", "feed.json", "sitemap.xml", "robots.txt", "about/index.html", "posts/hello/index.html", "posts/two/dot.png", "old/two/index.html",
		"posts/bundle/data.csv", "posts/bundle/img/dot.png", "CNAME", "ap/published.json",
	} {
		if _, ok := got[name]; !ok {
			t.Errorf("no %s", name)
		}
	}
	for name, text := range got {
		if strings.Contains(text, "SECRET") || strings.Contains(name, "unused") || strings.Contains(name, "stage") {
			t.Errorf("%s should not be there", name)
		}
	}
	for name, want := range map[string]string{
		"posts/hello/index.html":  `href="/posts/two/#part"`,
		"posts/two/index.html":    `src="/posts/two/dot.png" alt="A dot" width="1" height="1" loading="lazy"`,
		"posts/bundle/index.html": `<meta property="og:image" content="https://example.com/posts/bundle/img/dot.png">`,
		"robots.txt":              "Sitemap: https://example.com/sitemap.xml",
		"sitemap.xml":             "<loc>https://example.com/posts/hello/</loc><lastmod>2026-10-28T08:00:00+01:00</lastmod>",
	} {
		if !strings.Contains(got[name], want) {
			t.Errorf("%s lacks %s", name, want)
		}
	}
	if !strings.Contains(got["posts/hello/index.html"], `<link rel="alternate" type="application/activity+json" href="https://example.com/ap/posts/`) {
		t.Error("a post's page does not name its Activity Streams document")
	}
	if !strings.Contains(got["posts/hello/index.html"], "<!--comments:"+keyOf("posts/hello.md")+"-->") {
		t.Error("a post's page has no slot for comments")
	}
}

func TestRemovedOutputsGo(t *testing.T) {
	t.Parallel()
	for _, cached := range []bool{true, false} {
		b := newBlog(t, sample())
		b.publish()
		b.remove("content/posts/two.md")
		b.remove("content/posts/dot.png")
		b.write("content/posts/hello.md", post("Hello", "2026-10-28 08:00:00", "", "Alone."))
		b.write("public/.nojekyll", "")
		b.write("public/.stage-left/1.html", "of a killed run")
		if !cached {
			b.remove(".cache")
		}
		b.publish()
		for _, name := range []string{"public/posts/two", "public/tags", "public/old", "public/.stage-left"} {
			if b.has(name) {
				t.Errorf("cached %v: %s is still there", cached, name)
			}
		}
		if !b.has("public/.nojekyll") {
			t.Error("a dot file of others was removed")
		}
	}
}

func TestIncrementalIsClean(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 11))
	b := newBlog(t, sample())
	names := []string{"hello", "two", "three", "four", "five"}
	for step := range 12 {
		name := names[r.IntN(len(names))]
		file := "content/posts/" + name + ".md"
		switch r.IntN(6) {
		case 0:
			b.remove(file)
		case 1:
			b.write("templates/footer.html", fmt.Sprintf("<footer>%d</footer></body></html>", r.IntN(3)))
		case 2:
			b.write("content/about.md", fmt.Sprintf("+++\ntitle = \"About %d\"\n+++\n\nMe.\n", r.IntN(2)))
		default:
			more := fmt.Sprintf("tags = [\"t%d\", \"t%d\"]\nid = %q\ndraft = %v", r.IntN(3), r.IntN(3), name, r.IntN(5) == 0)
			b.write(file, post(fmt.Sprintf("%s %d", name, r.IntN(3)), fmt.Sprintf("2026-10-%02d", 1+r.IntN(27)), more, fmt.Sprintf("Text %d.", r.IntN(9))))
		}
		if name != "two" {
			b.write("content/posts/two.md", post("Two", "2026-10-27", `id = "two"`, "## Part\n\nText."))
		}
		b.later(time.Minute)
		b.o.Withdraw = true
		previous := site.PublishedList{Version: 1}
		if step > 0 {
			previous = b.list()
		}
		if _, err := Publish(t.Context(), b.o); err != nil {
			var ds site.Diagnostics
			if errors.As(err, &ds) { // a link to a removed post, say
				continue
			}
			t.Fatal(err)
		}
		got := b.tree("public")
		clean := newBlog(t, nil)
		for _, dir := range []string{"content", "templates"} {
			for name, text := range b.tree(dir) {
				clean.write(dir+"/"+name, text)
			}
		}
		clean.o.Now, clean.o.Withdraw, clean.o.Previous = b.o.Now, true, func() (*site.PublishedList, error) { return &previous, nil }
		clean.publish()
		if diff := cmp.Diff(clean.tree("public"), got); diff != "" {
			t.Fatalf("step %d: the site differs from one built clean (-clean +incremental):\n%s", step, diff)
		}
	}
}

func TestFailureLeavesTheSite(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.publish()
	want := b.tree("public")
	b.write("content/posts/hello.md", post("Hello", "2026-10-28", "", "New text."))
	b.write("templates/post.html", `{{.Post.Nothing}}`)
	_, err := Publish(t.Context(), b.o)
	if err == nil || !strings.Contains(err.Error(), "post") {
		t.Errorf("a broken template gives %v", err)
	}
	if diff := cmp.Diff(want, b.tree("public")); diff != "" {
		t.Errorf("the site changed:\n%s", diff)
	}
	b.remove("templates")
	ctx, cancel := context.WithCancel(t.Context())
	b.o.Progress = func(stage string, _, _ int) {
		if stage == "Writing" {
			cancel()
		}
	}
	if _, err := Publish(ctx, b.o); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run gives %v", err)
	}
	if diff := cmp.Diff(want, b.tree("public")); diff != "" {
		t.Errorf("a cancelled run changed the site:\n%s", diff)
	}
}

func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	var wg sync.WaitGroup
	var mu sync.Mutex
	idle := 0
	for range 6 {
		wg.Go(func() {
			r, err := Publish(t.Context(), b.o)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if r.Nothing {
				idle++
			}
		})
	}
	wg.Wait()
	if idle != 5 {
		t.Errorf("%d of 6 runs at once had nothing to do, want 5", idle)
	}
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	before := b.times("")
	b.o.DryRun = true
	r := b.publish()
	if r.Files == 0 || len(sent(r)) != 3 || r.Nothing {
		t.Errorf("report %+v", r)
	}
	if diff := cmp.Diff(before, b.times("")); diff != "" {
		t.Errorf("a dry run wrote:\n%s", diff)
	}
}

func TestOutputFolderRefused(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.write("full/mine.txt", "mine")
	outside := t.TempDir()
	if err := os.Symlink("/", filepath.Join(outside, "root")); err != nil {
		t.Fatal(err)
	}
	home, _ := os.UserHomeDir()
	for _, dir := range []string{"/", home, ".", "..", "content", "content/out", "full", "templates", filepath.Join(outside, "root"), ".cache/x"} {
		b.o.Output = dir
		if _, err := Publish(t.Context(), b.o); err == nil || !strings.Contains(err.Error(), "not publishing into") {
			t.Errorf("output %q gives %v", dir, err)
		}
	}
	if !b.has("full/mine.txt") {
		t.Error("a file of others was removed")
	}
}

func TestOutputNeverLeaves(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	b.publish()
	outside := t.TempDir()
	b.remove("public/posts")
	if err := os.Symlink(outside, filepath.Join(b.dir, "public/posts")); err != nil {
		t.Fatal(err)
	}
	_, err := Publish(t.Context(), b.o)
	if names, _ := os.ReadDir(outside); len(names) > 0 {
		t.Errorf("wrote through a link out of the output folder (%v)", err)
	}
}

func TestContentNeverLeaves(t *testing.T) {
	t.Parallel()
	b := newBlog(t, sample())
	secret := filepath.Join(t.TempDir(), "secret.md")
	if err := os.WriteFile(secret, []byte(post("Secret", "2026-10-20", "", "SECRET")), 0o644); err != nil {
		t.Fatal(err)
	}
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(b.dir, "content", name)); err != nil {
			t.Fatal(err)
		}
	}
	link(secret, "posts/link.md")
	link(filepath.Dir(secret), "posts/folder")
	link("loop.md", "posts/loop.md")
	link("hello.md", "posts/.#hello.md") // emacs
	if err := syscall.Mkfifo(filepath.Join(b.dir, "content/posts/pipe.md"), 0o644); err != nil {
		t.Fatal(err)
	}
	ds := b.faults()
	var files []string
	for _, d := range ds {
		files = append(files, d.File+" "+d.Code)
	}
	want := []string{"content/posts/folder P021", "content/posts/link.md P021", "content/posts/loop.md P021", "content/posts/pipe.md P021"}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestBasePath(t *testing.T) {
	t.Parallel()
	files := sample()
	files["config.toml"] = strings.Replace(testConfig, "https://example.com", "https://example.com/blog", 1)
	b := newBlog(t, files)
	b.publish()
	page := b.read("public/posts/two/index.html")
	for _, want := range []string{`src="/blog/posts/two/dot.png"`, `href="https://example.com/blog/posts/two/"`, `href="/blog/tags/go/"`, `href="/blog/assets/style.`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in a site below /blog", want)
		}
	}
	if !strings.Contains(b.read("public/feed.xml"), `src="https://example.com/blog/posts/two/dot.png"`) {
		t.Error("the feed's picture has another address")
	}
}
