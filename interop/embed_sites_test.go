package interop

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
)

// snippet is a part of docs/embedding.md that belongs into a file of a site.
var snippet = regexp.MustCompile("(?ms)^<!-- snippet: (\\S+) (\\S+) -->\n```\\S*\n(.*?)^```$")

// snippets gives the files that docs/embedding.md has for a kind of site, with the addresses of this world in place of the examples.
func (w *embedWorld) snippets(kind string) map[string]string {
	w.t.Helper()
	doc, err := os.ReadFile("../docs/embedding.md")
	if err != nil {
		w.t.Fatal(err)
	}
	files := map[string]string{}
	for _, m := range snippet.FindAllStringSubmatch(string(doc), -1) {
		if m[1] == kind {
			files[m[2]] = strings.NewReplacer("https://inbox.example.blog", w.inbox, "https://example.blog", w.host, "https%3A%2F%2Fexample.blog", query(w.host)).Replace(m[3])
		}
	}
	if len(files) == 0 {
		w.t.Fatalf("docs/embedding.md has no snippet for %s", kind)
	}
	return files
}

// elsewhere makes the post one that stands on the host, as a site that Postil did not build has it.
func (w *embedWorld) elsewhere() {
	w.t.Helper()
	w.post.URL = w.host + "/posts/federating/"
	w.post.Revision++
	w.write(func(tx *store.Tx) error { return tx.PutArticle(w.t.Context(), w.post) })
}

// built writes a site's files, has a generator build it into out, and gives the host its pages.
func (w *embedWorld) built(files map[string]string, out string, command ...string) {
	w.t.Helper()
	dir := w.t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	if said, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("%s: %v\n%s", command[0], err, said)
	}
	site := os.DirFS(filepath.Join(dir, out))
	err := fs.WalkDir(site, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(name) != "index.html" {
			return err
		}
		page, err := fs.ReadFile(site, name)
		w.raw("/"+strings.TrimSuffix(name, "index.html"), string(page))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// shows opens the post on the host and waits for the thread.
func (w *embedWorld) shows(name string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(browser(w.t), 90*time.Second)
	defer cancel()
	look(w.t, ctx, 720, "light", true)
	w.open(ctx, "/posts/federating/")
	until(w.t, ctx, "the thread shows", shadow+`.includes("The butler")`)
	want := w.inbox + "/interact?intent=reply&uri=" + query(w.post.URL)
	if to := value[string](w.t, ctx, `document.querySelector("fedi-comments a").href`); !strings.EqualFold(to, want) { // Hugo escapes in lower case
		w.t.Errorf("without script a reader is led to %s, want %s", to, want)
	}
	until(w.t, ctx, "the pictures are there", `[...document.querySelector("fedi-comments").shadowRoot.querySelectorAll("article > .by img, .pile img, .emoji")].every((i) => i.complete && i.naturalWidth > 0)`)
	picture(w.t, ctx, name)
}

const someWords = "Words of a post on a site that Postil did not build. Who reads it can answer from their own account, and what they write stands below.\n"

// hostStyles are how the sites look that embed the element: each its own way, as the pictures of docs/embedding.md show.
var hostStyles = map[string]string{
	"html":     `body { font: 1.1rem/1.6 Georgia, serif; max-width: 36em; margin: 2em auto; padding: 0 1em; background: #fffdf7 } fedi-comments { --fc-background: none; --fc-accent: #8a3a12; margin-top: 3em; border-top: 1px solid #ddd6c5 }`,
	"hugo":     `body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 38em; margin: 0 auto; padding: 2em 1em; background: #f3f6fa } fedi-comments { --fc-radius: 9em; --fc-accent: #1f5aa8; padding: .2em 1.6em 1.4em; border-radius: 12px; box-shadow: 0 1px 4px #0002 }`,
	"eleventy": `:root { color-scheme: dark; background: #16161d; color: #dcd7ba } body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 38em; margin: 0 auto; padding: 2em 1em } fedi-comments { --fc-background: #1f1f28; --fc-color: #dcd7ba; --fc-accent: #ffa066; padding: .2em 1.6em 1.4em }`,
	"jekyll":   `body { font: 16px/1.6 "Helvetica Neue", Helvetica, Arial, sans-serif; max-width: 40em; margin: 0 auto; padding: 2em 1em; border-top: 5px solid #424242; color: #111 } fedi-comments { --fc-background: #fdfdfd; --fc-accent: #2a7ae2; --fc-radius: 2px } fedi-comments::part(author) { font-weight: bold } fedi-comments::part(handle) { font-weight: normal }`,
}

// hostHead is how a page of such a site begins.
func hostHead(kind, title string) string {
	return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>` + title + `</title><style>` + hostStyles[kind] + `</style>`
}

// TestEmbedPlain: the snippet for plain HTML shows the thread.
func TestEmbedPlain(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.elsewhere()
	w.talk()
	w.raw("/posts/federating/", hostHead("html", "Plain")+`<h1>Federating</h1><p>`+someWords+"</p>"+w.snippets("html")["index.html"])
	w.shows("embed-html")
}

// TestEmbedHugo: a site that Hugo builds with the snippet shows the thread.
func TestEmbedHugo(t *testing.T) {
	t.Parallel()
	hugo := hugo(t)
	w := newEmbedWorld(t)
	w.elsewhere()
	w.talk()
	files := w.snippets("hugo")
	files["content/posts/federating.md"] = "---\ntitle: Federating\n---\n" + someWords
	files["layouts/page.html"] = hostHead("hugo", "{{ .Title }}") + `<h1>{{ .Title }}</h1>{{ .Content }}{{ partial "fedi-comments.html" . }}`
	files["layouts/home.html"] = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Hugo</title>`
	files["layouts/section.html"] = files["layouts/home.html"]
	w.built(files, "public", hugo, "--quiet", "--disableKinds", "taxonomy,term,rss,sitemap")
	w.shows("embed-hugo")
}

// hugo finds Hugo where .ci/install puts it.
func hugo(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err == nil {
		if own := filepath.Join(cache, "postil-test", "hugo"); isFile(own) {
			return own
		}
	}
	path, err := exec.LookPath("hugo")
	if err != nil {
		missing(t, "hugo")
	}
	return path
}

// eleventy finds Eleventy where .ci/install puts it.
func eleventy(t *testing.T) string {
	t.Helper()
	main, err := filepath.Abs("eleventy/node_modules/@11ty/eleventy/cmd.cjs")
	if err != nil || !isFile(main) {
		missing(t, "eleventy")
	}
	return main
}

// TestEmbedEleventy: a site that Eleventy builds with the snippet shows the thread.
func TestEmbedEleventy(t *testing.T) {
	t.Parallel()
	main := eleventy(t)
	w := newEmbedWorld(t)
	w.elsewhere()
	w.talk()
	files := w.snippets("eleventy")
	files["posts/federating.md"] = "---\ntitle: Federating\nlayout: post.njk\n---\n" + someWords
	files["_includes/post.njk"] = hostHead("eleventy", "{{ title }}") + `<h1>{{ title }}</h1>{{ content | safe }}{% include "fedi-comments.njk" %}`
	w.built(files, "_site", "node", main, "--quiet")
	w.shows("embed-eleventy")
}

// TestEmbedJekyll: the snippet for Jekyll shows the thread. Jekyll's templates are Liquid: Eleventy's Liquid puts this one together, with Jekyll's way
// to include; the filter that only Jekyll has is written here as its manual says it.
func TestEmbedJekyll(t *testing.T) {
	t.Parallel()
	main := eleventy(t)
	w := newEmbedWorld(t)
	w.elsewhere()
	w.talk()
	files := w.snippets("jekyll")
	settings := regexp.MustCompile(`(?m)^(\w+): (\S+)$`).ReplaceAllString(strings.TrimSpace(files["_config.yml"]), `"$1": "$2",`)
	delete(files, "_config.yml")
	files["_data/site.json"] = "{" + strings.TrimSuffix(settings, ",") + "}"
	files["eleventy.config.js"] = `module.exports = (c) => {
	c.setLiquidOptions({ jekyllInclude: true });
	c.addLiquidFilter("absolute_url", function (path) { return this.context.environments.site.url + path; });
};`
	files["posts/federating.md"] = "---\ntitle: Federating\nlayout: post.liquid\n---\n" + someWords
	files["_includes/post.liquid"] = hostHead("jekyll", "{{ title }}") + `<h1>{{ title }}</h1>{{ content }}{% include fedi-comments.html %}`
	w.built(files, "_site", "node", main, "--quiet")
	w.shows("embed-jekyll")
}

// TestEmbedInclude: nginx puts the fragment into a page, which then shows the thread without any script.
func TestEmbedInclude(t *testing.T) {
	t.Parallel()
	w := newEmbedWorld(t)
	w.talk()
	files := w.snippets("nginx")
	dir, port := t.TempDir(), freePort(t)
	page := strings.Replace(files["index.html"], "/comments/federating", "/comments/7", 1)
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte("<!doctype html><title>SSI</title>"+page), 0o644); err != nil {
		t.Fatal(err)
	}
	conf := fmt.Sprintf("daemon off;\npid %[1]s/pid;\nerror_log %[1]s/error.log;\nevents {}\nhttp {\ntypes { text/html html; }\naccess_log off;\nclient_body_temp_path %[1]s/body;\nproxy_temp_path %[1]s/proxy;\nfastcgi_temp_path %[1]s/f;\nuwsgi_temp_path %[1]s/u;\nscgi_temp_path %[1]s/s;\n"+
		"server {\nlisten 127.0.0.1:%[2]s;\nroot %[1]s;\n%[3]s}\n}\n", dir, port, strings.Replace(files["site.conf"], "http://127.0.0.1:8080", w.inbox, 1))
	if os.Getuid() == 0 {
		conf = "user root;\n" + conf
	}
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		if nginx = "/usr/sbin/nginx"; !isFile(nginx) {
			missing(t, "nginx")
		}
	}
	var said bytes.Buffer
	cmd := exec.Command(nginx, "-e", filepath.Join(dir, "error.log"), "-c", filepath.Join(dir, "nginx.conf"))
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	})
	b := &blog{t: t, http: http.DefaultClient}
	eventually(t, "nginx answers with the thread", func() error {
		_, body, err := b.get("http://127.0.0.1:"+port+"/", "text/html")
		for _, want := range []string{`<section id="comments">`, "Answering Ada", "The butler", `class="thread"`} {
			if err == nil && !strings.Contains(body, want) {
				err = fmt.Errorf("no %q in %s; nginx: %s", want, body, &said)
			}
		}
		return err
	})
}
