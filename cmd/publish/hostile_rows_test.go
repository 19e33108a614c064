//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const posts = "site/content/posts/"

// pathRows lead out of the content folder or into what never ends.
func pathRows() []hostile {
	return []hostile{
		{name: "post is a link to a system file", lay: func(b *box) { b.link("/etc/passwd", posts+"a.md") }, code: 3, says: "P021", at: "content/posts/a.md"},
		{name: "post is a link out of the site", lay: func(b *box) { b.link(b.path("outside/secret.md"), posts+"a.md") }, code: 3, says: "P021", at: "content/posts/a.md"},
		{name: "picture is a link up", lay: func(b *box) {
			b.link("../../../outside/secret.txt", posts+"a.png")
			b.post("b.md", "![A](a.png)")
		}, code: 3, says: "P021", at: "content/posts/a.png"},
		{name: "link to the site's own folder", lay: func(b *box) { b.link("../.env", "site/content/env.txt") }, code: 3, says: "P021", at: "content/env.txt"},
		{name: "folder is a link out", lay: func(b *box) { b.link("../../outside", "site/content/more") }, code: 3, says: "P021", at: "content/more"},
		{name: "folder of posts is a link out", lay: func(b *box) { b.link("../../../outside", posts+"more") }, code: 3, says: "P021", at: "content/posts/more"},
		{name: "link through a folder out", lay: func(b *box) {
			b.link("sub/../../../outside/secret.txt", "site/content/c.txt")
			b.write("site/content/sub/x.txt", "x")
		}, code: 3, says: "P021", at: "content/c.txt"},
		{name: "link to itself", lay: func(b *box) { b.link("a.md", posts+"a.md") }, code: 3, says: "P021", at: "content/posts/a.md"},
		{name: "loop of folders", lay: func(b *box) { b.link("..", posts+"up") }, code: 3, says: "P021", at: "content/posts/up"},
		{name: "loop of two", lay: func(b *box) { b.link("y.md", posts+"x.md"); b.link("x.md", posts+"y.md") }, code: 3, says: "P021", at: "content/posts/y.md"},
		{name: "link to nothing", lay: func(b *box) { b.link("nowhere.md", posts+"a.md") }, code: 3, says: "P021", at: "content/posts/a.md"},
		{name: "post is a FIFO", lay: func(b *box) { b.fifo(posts + "a.md") }, code: 3, says: "not a plain file", at: "content/posts/a.md"},
		{name: "picture is a FIFO", lay: func(b *box) { b.fifo("site/content/a.png"); b.post("a.md", "![A](/a.png)") }, code: 3, says: "not a plain file", at: "content/a.png"},
		{name: "link to a FIFO", lay: func(b *box) { b.fifo("site/content/.f"); b.link("../.f", posts+"a.md") }, code: 3, says: "not a plain file", at: "content/posts/a.md"},
		{name: "link to a device", lay: func(b *box) { b.link("/dev/zero", posts+"a.md") }, code: 3, says: "P021", at: "content/posts/a.md"},
		{name: "device", lay: func(b *box) {
			if err := syscall.Mknod(b.parent(posts+"a.md"), syscall.S_IFCHR|0o644, 1<<8|5); err != nil {
				b.t.Skip("only root makes devices:", err)
			}
		}, code: 3, says: "not a plain file", at: "content/posts/a.md"},
		{name: "socket", lay: func(b *box) {
			fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
			b.check(err)
			defer syscall.Close(fd)
			at, err := os.Open(filepath.Dir(b.parent(posts + "s.md")))
			b.check(err)
			defer at.Close()
			b.check(syscall.Bind(fd, &syscall.SockaddrUnix{Name: fmt.Sprintf("/proc/self/fd/%d/s.md", at.Fd())})) // the name of a socket is short
		}, code: 3, says: "not a plain file", at: "content/posts/s.md"},
		{name: "template is a FIFO", lay: func(b *box) { b.fifo("site/templates/post.html") }, code: 3, says: "not a plain file", at: "templates/post.html"},
		{name: "template is a link out", lay: func(b *box) { b.link("../../outside/secret.txt", "site/templates/post.html") }, code: 3, says: "P051", at: "templates/post.html"},
		{name: "shortcode is a FIFO", lay: func(b *box) { b.fifo("site/templates/shortcodes/x.html") }, code: 3, says: "not a plain file", at: "templates/shortcodes/x.html"},
		{name: "shortcode is a link out", lay: func(b *box) {
			b.link("../../../outside/secret.txt", "site/templates/shortcodes/x.html")
			b.post("a.md", "{{< x >}}")
		}, code: 3, says: "P076", at: "templates/shortcodes/x.html"},
		{name: "theme holds a FIFO", lay: func(b *box) { b.theme(); b.fifo("site/themes/mine/font.woff2") }, code: 3, says: "not a plain file", at: "themes/mine/font.woff2"},
		{name: "theme holds a link out", lay: func(b *box) { b.theme(); b.link("../../../outside/secret.txt", "site/themes/mine/x.txt") }, code: 3, says: "P052", at: "themes/mine/x.txt"},
		{name: "thread is a FIFO", lay: func(b *box) {
			b.thread("{}")
			b.check(os.Remove(b.comments()))
			b.check(syscall.Mkfifo(b.comments(), 0o644))
		}, code: 3, says: "not a plain file", at: "comments/"},
		{name: "thread is a link out", lay: func(b *box) {
			b.thread("{}")
			b.check(os.Remove(b.comments()))
			b.check(os.Symlink("../../outside/secret.txt", b.comments()))
		}, code: 3, says: "P060", at: "comments/"},
		{name: "config.toml is a FIFO", lay: func(b *box) { b.check(os.Remove(b.path("site/config.toml"))); b.fifo("site/config.toml") }, code: 2, says: "no config.toml", at: "config.toml"},
		{name: "memory is a FIFO", lay: func(b *box) { b.check(os.Remove(b.path("site/.cache/index"))); b.fifo("site/.cache/index") }},
		{name: "memory to be is a link out", lay: func(b *box) {
			b.link("../../outside/secret.txt", "site/.cache/index.new")
			b.post("a.md", "New.")
		}},
		{name: "published list is a FIFO", lay: func(b *box) {
			b.check(os.Remove(b.path("site/public/ap/published.json")))
			b.fifo("site/public/ap/published.json")
		}, code: 1, says: "published.json"},
		{name: "published list is a link out", lay: func(b *box) {
			b.check(os.Remove(b.path("site/public/ap/published.json")))
			b.link("../../../outside/secret.txt", "site/public/ap/published.json")
		}, code: 1, says: "published.json"},
		{name: "page is a FIFO", lay: func(b *box) {
			b.check(os.Remove(b.path("site/public/index.html")))
			b.fifo("site/public/index.html")
		}},
		{name: "page is a link out", lay: func(b *box) {
			b.check(os.Remove(b.path("site/public/index.html")))
			b.link("../../outside/secret.txt", "site/public/index.html")
		}},
		{name: "folder of public is a link out", lay: func(b *box) {
			b.check(os.RemoveAll(b.path("site/public/posts")))
			b.link("../../outside", "site/public/posts")
		}},
		{name: "public is a link to the root", lay: func(b *box) { b.public("/") }, code: 1, says: "root of the file system"},
		{name: "public is a link home", lay: func(b *box) { b.public("../..") }, code: 1, says: "home folder"},
		{name: "public is a link to the site", lay: func(b *box) { b.public(".") }, code: 1, says: "site's own folder"},
		{name: "public is a link to another's folder", lay: func(b *box) { b.public("../outside") }, code: 1, says: "publish did not make"},
		{name: "public is a file", lay: func(b *box) { b.check(os.RemoveAll(b.path("site/public"))); b.write("site/public", "x") }, code: 1, says: "public"},
		{name: "output inside content", lay: func(b *box) { b.setting("[publish]\noutput = \"content/out\"") }, code: 1, says: "it lies in content"},
		{name: "content inside output", lay: func(b *box) { b.setting("[publish]\noutput = \"web\"\ncontent = \"web/content\"") }, code: 1, says: ""},
		{name: "output is content by a link", lay: func(b *box) { b.public("content") }, code: 1, says: "content folder"},
		{name: "markdown asks for a file above", lay: func(b *box) {
			b.post("a.md", "![x](../../.env)\n\n[y](../../../outside/secret.txt)\n\n![[../../.env]]")
		}, code: 3, says: "P03", at: "content/posts/a.md:5"},
		{name: "markdown asks for a file of the system", lay: func(b *box) { b.post("a.md", "![x](file:///etc/passwd)\n\n![y](/../../.env)\n\n![z](..%2f..%2f.env)") }, code: 3, says: "P03", at: "content/posts/a.md:9"},
		{name: "markdown asks for the memory", lay: func(b *box) { b.post("a.md", "![x](/../.cache/index)") }},
	}
}

// public makes public/ a link.
func (b *box) public(to string) {
	b.check(os.RemoveAll(b.path("site/public")))
	b.link(to, "site/public")
}

func (b *box) theme() {
	b.setting("[publish]\ntheme = \"mine\"")
	b.write("site/themes/mine/style.css", "p { color: red }")
}

func (b *box) setting(more string) { b.write("site/config.toml", hostileConfig+more+"\n") }

// nameRows have names that some file system or some address takes for another.
func nameRows() []hostile {
	return []hostile{
		{name: "NFC and NFD", lay: func(b *box) { b.post("caf\u00e9.md", "A"); b.post("cafe\u0301.md", "B") }, code: 3, says: "content/posts/cafe\u0301.md", at: "content/posts/caf\u00e9.md"},
		{name: "NFC and NFD of downloads", lay: func(b *box) { b.write("site/content/\u00e9.txt", "A"); b.write("site/content/e\u0301.txt", "B") }, code: 3, says: "content/e\u0301.txt", at: "content/\u00e9.txt"},
		{name: "case", lay: func(b *box) { b.post("Foo.md", "A"); b.post("foo.md", "B") }, code: 3, says: "content/posts/Foo.md", at: "content/posts/foo.md"},
		{name: "case of downloads", lay: func(b *box) { b.write("site/content/A.txt", "A"); b.write("site/content/a.txt", "B") }, code: 3, says: "content/A.txt", at: "content/a.txt"},
		{name: "device of Windows", lay: func(b *box) { b.post("CON.md", "A") }, code: 3, says: "P013", at: "content/posts/CON.md"},
		{name: "download named as a device", lay: func(b *box) { b.write("site/content/aux.txt", "A") }, code: 3, says: "for a device", at: "content/aux.txt"},
		{name: "folder named as a device", lay: func(b *box) { b.write("site/content/x/COM1/a.txt", "A") }, code: 3, says: "for a device", at: "content/x/COM1/a.txt"},
		{name: "trailing dot", lay: func(b *box) { b.post("trailing..md", "A"); b.post("trailing.md", "B") }, code: 3, says: "content/posts/trailing..md", at: "content/posts/trailing.md"},
		{name: "download with a trailing dot", lay: func(b *box) { b.write("site/content/a.txt.", "A") }, code: 3, says: "on Windows", at: "content/a.txt."},
		{name: "255 bytes", lay: func(b *box) { b.post(strings.Repeat("a", 252)+".md", "A") }, code: 3, says: "P013", at: "content/posts/aaaa"},
		{name: "255 bytes of a download", lay: func(b *box) { b.write("site/content/"+strings.Repeat("a", 251)+".txt", "A") }},
		{name: "newline", lay: func(b *box) { b.post("a\nb.md", "A") }, code: 3, says: "cannot be an address", at: `"posts/a\nb.md"`},
		{name: "invalid UTF-8", lay: func(b *box) { b.post("a\xffb.md", "A") }, code: 3, says: "cannot be an address", at: `"posts/a\xffb.md"`},
		{name: "no name", lay: func(b *box) { b.post(".md", "A") }, code: 3, says: "needs a name", at: "content/posts/.md"},
		{name: "folders named badly", lay: func(b *box) { b.post("a\x1b[2Jb/c.md", "A") }, code: 3, says: "cannot be an address", at: `\x1b[2J`},
		{name: "nothing left of a name", lay: func(b *box) { b.post("!!!.md", "A") }, code: 3, says: "P013", at: "content/posts/!!!.md"},
		{name: "slugs that case makes one", lay: func(b *box) { b.post("Grüße.md", "A"); b.post("GRÜSSE.md", "B"); b.post("grüsse.md", "C") }, code: 3, says: "content/posts/GRÜSSE.md", at: "content/posts/grüsse.md"},
		{name: "file where a page's folder is", lay: func(b *box) {
			b.write("site/content/contact", "x")
			b.write("site/content/contact.md", markdown("Contact", "x"))
		}, code: 3, says: "content/contact and content/contact.md", at: "content/contact.md"},
		{name: "address below the published list", lay: func(b *box) {
			b.write(posts+"a.md", "+++\ntitle = \"A\"\ndate = 2020-01-02\npermalink = \"/ap/published.json/\"\n+++\nA")
		}, code: 3, says: "published.json", at: "content/posts/a.md:4"},
		{name: "slug of another", lay: func(b *box) { b.write(posts+"a.md", "+++\ntitle = \"A\"\ndate = 2020-01-02\nslug = \"base\"\n+++\nA") }, code: 3, says: "content/posts/base.md", at: "content/posts/a.md"},
		{name: "named as the program's own", lay: func(b *box) { b.write("site/content/ap/published.json", `{"version":1}`) }, code: 3, says: "the program's own", at: "content/ap/published.json"},
		{name: "page named as a listing", lay: func(b *box) {
			b.write("site/content/tags.md", markdown("T", "x"))
			b.write(posts+"a.md", "+++\ntitle = \"A\"\ndate = 2020-01-02\ntags = [\"a\"]\n+++\nA")
		}, code: 3, says: "would both be /tags/", at: "content/tags.md"},
		{name: "below the daemon's addresses", lay: func(b *box) { b.write("site/content/api/v1/thread", "x") }, code: 3, says: "the program's own", at: "content/api/v1/thread"},
		{name: "below the daemon's addresses by case", lay: func(b *box) { b.write("site/content/Media/x.png", "x") }, code: 3, says: "the program's own", at: "content/Media/x.png"},
		{name: "page over the home page", lay: func(b *box) { b.write("site/content/index.html", "x") }, code: 3, says: "P016", at: "content/index.html"},
		{name: "thousand folders deep", lay: func(b *box) { b.post(strings.Repeat("d/", 1000)+"a.md", "A") }, code: 3, says: "too deep", at: "content/posts/d/d/"},
		{name: "thousand folders above a download", lay: func(b *box) { b.write("site/content/"+strings.Repeat("d/", 1000)+"a.txt", "A") }, code: 3, says: "too deep", at: "content/d/d/"},
		{name: "old address of another", lay: func(b *box) {
			b.write(posts+"a.md", "+++\ntitle = \"A\"\ndate = 2020-01-02\naliases = [\"/posts/base/\"]\n+++\nA")
		}, code: 3, says: "content/posts/base.md", at: "content/posts/a.md"},
	}
}

// front is a post with this front matter.
func front(s string) func(*box) {
	return func(b *box) { b.write(posts+"a.md", s) }
}

func ladder(head string) string {
	s := head + "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		s += fmt.Sprintf("a%d: &a%[1]d [%s]\n", i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	return s
}

// frontMatterRows have a front matter that is made to stop the reader, or that says what it may not.
func frontMatterRows() []hostile {
	return []hostile{
		{name: "YAML aliases", lay: front(ladder("---\ntitle: A\n") + "---\nx"), code: 3, says: "P001", at: "content/posts/a.md:3"},
		{name: "100 MB of front matter", lay: func(b *box) { b.sparse(posts+"a.md", []byte("---\ntitle: A\nx-a: "), 100<<20) }, code: 3, says: "P020", at: "content/posts/a.md"},
		{name: "15 MB of front matter", lay: front("---\ntitle: A\nx-a: \"" + strings.Repeat("a", 15<<20) + "\"\n---\nx"), code: 3, says: "P002", at: "content/posts/a.md:1"},
		{name: "keys without end", lay: front("---\n" + strings.Repeat("k:\n", 21_000) + "---\nx"), code: 3, says: "P001", at: "content/posts/a.md:3"},
		{name: "unlike keys without end", lay: func(b *box) {
			s := "---\n"
			for i := range 6000 {
				s += fmt.Sprintf("k%d: 1\n", i)
			}
			b.write(posts+"a.md", s+"---\nx")
		}, code: 3, says: "P003", at: "content/posts/a.md:2"},
		{name: "deep flow", lay: front("---\ntitle: A\nx-a: " + strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000) + "\n---\nx"), code: 3, says: "P002", at: "content/posts/a.md:1"},
		{name: "deep blocks", lay: front("---\n" + strings.Repeat("- ", 30_000) + "x\n---\nx"), code: 3, says: "P002", at: "content/posts/a.md:"},
		{name: "deep indents", lay: func(b *box) {
			s := "---\n"
			for i := range 340 {
				s += strings.Repeat(" ", i) + "a:\n"
			}
			b.write(posts+"a.md", s+"---\nx")
		}, code: 3, says: "P002", at: "content/posts/a.md:"},
		{name: "deep TOML keys", lay: front("+++\ntitle = \"A\"\ndate = 2020-01-02\nx-a." + strings.Repeat("b.", 30_000) + "c = 1\n+++\nx"), code: 3, says: "P002", at: "content/posts/a.md:"},
		{name: "deep TOML tables", lay: front("+++\ntitle = \"A\"\n" + strings.Repeat("x-a = {b = ", 8000) + "1" + strings.Repeat("}", 8000) + "\n+++\nx"), code: 3, says: "P002", at: "content/posts/a.md:"},
		{name: "number for a date", lay: front("---\ntitle: A\ndate: 9999999\n---\nx"), code: 3, says: "P012", at: "content/posts/a.md:3"},
		{name: "date far away", lay: front("---\ntitle: A\ndate: 9999999-01-01\n---\nx"), code: 3, says: "P012", at: "content/posts/a.md:3"},
		{name: "key twice", lay: front("---\ntitle: A\ntitle: B\ndate: 2020-01-02\n---\nx"), code: 3, says: "P001", at: "content/posts/a.md:3"},
		{name: "TOML key twice", lay: front("+++\ntitle = \"A\"\ntitle = \"B\"\n+++\nx"), code: 3, says: "P001", at: "content/posts/a.md:3"},
		{name: "NUL", lay: front("---\ntitle: A\x00\n---\nx"), code: 3, says: "P022", at: "content/posts/a.md:2"},
		{name: "NUL in the text", lay: front(markdown("A", "one\n\ntwo\x00")), code: 3, says: "P022", at: "content/posts/a.md:7"},
		{name: "mark and CRLF", lay: front("\ufeff---\r\ntitle: A\r\ndate: 2020-01-02\r\n---\r\nText.\r\n")},
		{name: "mark and CRLF and a fault", lay: front("\ufeff---\r\ntitle: A\r\ndate: 2020-01-02\r\nslug: ../x\r\n---\r\nText.\r\n"), code: 3, says: "P013", at: "content/posts/a.md:4"},
		{name: "no end", lay: front("---\ntitle: A\nText."), code: 3, says: "no end", at: "content/posts/a.md:1"},
		{name: "slug leads up", lay: front("---\ntitle: A\ndate: 2020-01-02\nslug: ../../x\n---\nx"), code: 3, says: "P013", at: "content/posts/a.md:4"},
		{name: "address leads up", lay: front("---\ntitle: A\ndate: 2020-01-02\npermalink: /../../x/\n---\nx"), code: 3, says: "P013", at: "content/posts/a.md:4"},
		{name: "alias leads up", lay: front("---\ntitle: A\ndate: 2020-01-02\naliases: [/a/../../../x]\n---\nx"), code: 3, says: "P013", at: "content/posts/a.md:4"},
		{name: "id leads up", lay: front("---\ntitle: A\ndate: 2020-01-02\nid: ../../x\n---\nx"), code: 3, says: "P014", at: "content/posts/a.md:4"},
		{name: "id of another", lay: func(b *box) {
			for _, name := range []string{"a.md", "b.md"} {
				b.write(posts+name, "---\ntitle: A\ndate: 2020-01-02\nid: same\n---\nx")
			}
		}, code: 3, says: "content/posts/a.md and content/posts/b.md have the same id", at: "content/posts/b.md:4"},
		{name: "picture leads up", lay: front("---\ntitle: A\ndate: 2020-01-02\nimage: ../../.env\n---\nx"), code: 3, says: "P03", at: "content/posts/a.md:4"},
		{name: "title breaks XML", lay: front("---\ntitle: \"]]> \\x01\\x1b[2J \\uFFFE\"\ndate: 2020-01-02\n---\nx")},
		{name: "tags without end", lay: front("---\ntitle: A\ndate: 2020-01-02\ntags: [" + strings.Repeat("a,", 20_000) + "b]\n---\nx"), code: 3, says: "P026", at: "content/posts/a.md:4"},
		{name: "thousands of tags", lay: func(b *box) {
			var tags []string
			for i := range 3000 {
				tags = append(tags, fmt.Sprintf("t%d", i))
			}
			b.write(posts+"a.md", "---\ntitle: A\ndate: 2020-01-02\ntags: ["+strings.Join(tags, ", ")+"]\n---\nx")
		}, code: 3, says: "P026", at: "content/posts/a.md:4"},
		{name: "title of 60 KB", lay: front("---\ntitle: " + strings.Repeat("a", 60_000) + "\ndate: 2020-01-02\n---\nx")},
		{name: "file of 16 MB and one byte", lay: func(b *box) { b.sparse(posts+"a.md", []byte(markdown("A", "x")), 16<<20+1) }, code: 3, says: "larger than 16 MB", at: "content/posts/a.md"},
	}
}

// templateRows try what a template or a theme must not be able to do.
func templateRows() []hostile {
	return []hostile{
		{name: "title ends a script", lay: func(b *box) {
			b.write(posts+"a.md", "---\ntitle: '</script><script>alert(1)</script><!--'\ndate: 2020-01-02\nsummary: '</script><img src=x onerror=alert(1)>'\ntags: ['</script><b>']\n---\nx")
		}},
		{name: "template reads a file", lay: func(b *box) { b.write("site/templates/post.html", `{{ readFile "../outside/secret.txt" }}`) }, code: 3, says: "P051", at: "templates/post.html:1"},
		{name: "template reads the environment", lay: func(b *box) { b.write("site/templates/post.html", "\n\n"+`{{ getenv "SECRET" }}{{ env "SECRET" }}`) }, code: 3, says: "P051", at: "templates/post.html:3"},
		{name: "template includes a file", lay: func(b *box) { b.write("site/templates/post.html", `{{ template "../../outside/secret.txt" . }}`) }, code: 3, says: "P05", at: "templates/post.html:1"},
		{name: "template without an end", lay: func(b *box) { b.write("site/templates/post.html", strings.Repeat("{{ if true }}", 20_000)) }, code: 3, says: "P051", at: "templates/post.html"},
		{name: "template calls itself", lay: func(b *box) {
			b.write("site/templates/post.html", `{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}`)
		}, code: 3, says: "P05", at: "templates/post.html"},
		{name: "template prints without end", lay: func(b *box) {
			b.write("site/templates/post.html", `{{ range $i := 100000000000 }}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{{ end }}`)
		}, code: 3, says: "P05", at: "templates/post.html"},
		{name: "template asks for much room", lay: func(b *box) { b.write("site/templates/post.html", `{{ printf "%0999999999d" 1 }}`) }},
		{name: "shortcode calls itself", lay: func(b *box) {
			b.write("site/templates/shortcodes/x.html", `{{ define "y" }}{{ template "y" . }}{{ end }}{{ template "y" . }}`)
			b.post("a.md", "{{< x >}}")
		}, code: 3, says: "P07", at: "content/posts/a.md:5"},
		{name: "shortcode prints without end", lay: func(b *box) {
			b.write("site/templates/shortcodes/x.html", `{{ range $i := 100000000000 }}xxxxxxxxxxxxxxxxxxxxxx{{ end }}`)
			b.post("a.md", "{{< x >}}")
		}, code: 3, says: "P07", at: "content/posts/a.md:5"},
		{name: "template is large", lay: func(b *box) { b.sparse("site/templates/post.html", []byte("{{ .Title }}"), 400<<20) }, code: 3, says: "larger than", at: "templates/post.html"},
		{name: "theme is large", lay: func(b *box) { b.theme(); b.sparse("site/themes/mine/font.woff2", nil, 400<<20) }, code: 3, says: "larger than", at: "themes/mine/font.woff2"},
		{name: "theme leads up", lay: func(b *box) { b.setting("[publish]\ntheme = \"../../outside\"") }, code: 2, says: "theme", at: "config.toml:"},
		{name: "config.toml is large", lay: func(b *box) { b.sparse("site/config.toml", []byte(hostileConfig+"#"), 400<<20) }, code: 1, says: "larger than", at: "config.toml"},
	}
}

// otherRows are what lies beside posts: threads, emoji, replies, and the blogs of others.
func otherRows() []hostile {
	return []hostile{
		{name: "thread is large", lay: func(b *box) { b.thread(`{"`); b.check(os.Truncate(b.comments(), 400<<20)) }, code: 3, says: "P060", at: "comments/"},
		{name: "thread is deep", lay: func(b *box) { b.thread(strings.Repeat(`{"comments":[`, 100_000)) }, code: 3, says: "P060", at: "comments/"},
		{name: "thread is cut off", lay: func(b *box) { b.thread(`{"comments":[{"id":`) }, code: 3, says: "P060", at: "comments/"},
		{name: "memory is large", lay: func(b *box) { b.sparse("site/.cache/index", nil, 2<<30) }},
		{name: "memory is cut off", lay: func(b *box) { b.check(os.Truncate(b.path("site/.cache/index"), 100)) }},
		{name: "published list is large", lay: func(b *box) { b.sparse("site/public/ap/published.json", nil, 400<<20) }, code: 1, says: "published.json"},
		{name: "published list is cut off", lay: func(b *box) { b.check(os.Truncate(b.path("site/public/ap/published.json"), 100)) }, code: 1, says: "published.json"},
		{name: "emoji of a million pixels across", lay: func(b *box) {
			b.write("site/content/emoji/big.png", bomb("png", 60_000, 60_000))
			b.post("a.md", ":big:")
		}, code: 3, says: "P025", at: "content/emoji/big.png"},
		{name: "emoji that is none", lay: func(b *box) { b.write("site/content/emoji/big.png", "x"); b.post("a.md", ":big:") }, code: 3, says: "P025", at: "content/emoji/big.png"},
		{name: "reply leads nowhere", lay: func(b *box) {
			b.write("site/content/replies/a.md", "+++\nin_reply_to = \"file:///etc/passwd\"\n+++\nx")
		}, code: 3, says: "", at: "content/replies/a.md"},
		{name: "reply to the machine itself", lay: func(b *box) { b.write("site/content/replies/a.md", "+++\nin_reply_to = \"../../.env\"\n+++\nx") }, code: 3, says: "", at: "content/replies/a.md"},
	}
}

// comments is the file of the comments on the post that every site here has.
func (b *box) comments() string {
	b.t.Helper()
	found, err := filepath.Glob(b.path("site/public/ap/posts/*.json"))
	if err != nil || len(found) != 1 {
		b.t.Fatal(found, err)
	}
	return b.path("site/comments/" + filepath.Base(found[0]))
}

func (b *box) thread(text string) {
	b.t.Helper()
	name := b.comments()
	b.check(os.MkdirAll(filepath.Dir(name), 0o755))
	b.check(os.WriteFile(name, []byte(text), 0o644))
}
