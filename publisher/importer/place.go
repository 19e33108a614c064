package importer

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/postil-blog/postil/publisher/sitepath"
	"github.com/postil-blog/postil/site"
	"golang.org/x/text/unicode/norm"
)

// places are the files of the site to come: no two may fall together, on any file system.
type places struct {
	files, folders map[string]string // who has them
	names          map[string]bool   // of the files of pages, without .md
}

func newPlaces() *places {
	t := &places{map[string]string{}, map[string]string{}, map[string]bool{}}
	for _, name := range []string{"index.html", "404.html", "tags/index.html", "archive/index.html", "feed.xml", "atom.xml", "rss.xml", "feed.json", "sitemap.xml",
		"robots.txt", "ap/index.html", "search/index.html", "page/index.html", "manifest.json", "opensearch.xml"} {
		t.claim(name, "the site's own "+path.Base(name))
	}
	return t
}

func fold(name string) string { return strings.ToLower(norm.NFC.String(name)) }

// holder says who has a place or one that would be its folder, "" if it is free.
func (t *places) holder(name string) string {
	name = fold(name)
	if who := t.files[name]; who != "" {
		return who
	}
	if who := t.folders[name]; who != "" {
		return who
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if who := t.files[dir]; who != "" {
			return who
		}
	}
	return ""
}

func (t *places) claim(name, who string) {
	name = fold(name)
	t.files[name] = who
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if t.folders[dir] == "" {
			t.folders[dir] = who
		}
	}
}

// output is the file of a site path.
func output(at string) string {
	at = strings.TrimPrefix(at, "/")
	if at == "" || strings.HasSuffix(at, "/") {
		return at + "index.html"
	}
	return at
}

// place gives every post its file, path and id, and notes its old addresses so that links find it.
func (in *importing) place() {
	in.taken = newPlaces()
	ids := map[string]bool{}
	for _, p := range in.blog.Posts {
		for _, t := range p.Tags {
			if s := site.Slug(t); s != "" {
				in.taken.claim("tags/"+s+"/index.html", "the page of the tag "+t)
			}
		}
	}
	for _, p := range in.blog.Posts {
		p.OldPath = in.oldPath(p.OldPath)
		p.id = idOf(in.From, p.Key)
		for n := 2; ids[p.id]; n++ {
			p.id = idOf(in.From, fmt.Sprintf("%s#%d", p.Key, n))
		}
		ids[p.id] = true
		if p.Page {
			in.placePage(p)
		} else {
			in.placePost(p)
		}
		in.remember(p)
	}
}

// remember makes a post known under its old addresses. The first that has one keeps it.
func (in *importing) remember(p *Post) {
	for _, at := range append(slices.Concat(p.Query, p.Aliases), p.OldPath) {
		if k := pathKey(at); k != "" && in.byPath[k] == nil {
			in.byPath[k] = p
		}
	}
	if p.Source != "" && in.bySrc[p.Source] == nil {
		in.bySrc[p.Source] = p
	}
}

// pathKey is one spelling of a path, whether or not it has a closing slash or names the folder's index.
func pathKey(at string) string {
	if strings.HasPrefix(at, "?") {
		return at
	}
	at = strings.TrimSuffix(strings.TrimSuffix(at, "index.html"), "/")
	return fold(strings.TrimSuffix(at, ".html"))
}

// placePost puts a post into posts/, as a folder where files lie beside it.
func (in *importing) placePost(p *Post) {
	base := in.named(p)
	s := base
	for n := 2; in.taken.holder("posts/"+s+"/index.html") != ""; n++ {
		s = fmt.Sprintf("%s-%d", base, n)
	}
	if s != base {
		in.about(p, CodeSlug, fmt.Sprintf("%q has the slug %q of %s", p.Title, base, in.taken.holder("posts/"+base+"/index.html")), "it is "+s+" now; set slug in its front matter to change that")
	}
	p.path = "/posts/" + s + "/"
	p.file = "posts/" + s + ".md"
	if len(p.Beside) > 0 {
		p.file = "posts/" + s + "/index.md"
	}
	in.taken.claim(output(p.path), fmt.Sprintf("%q", p.Title))
}

// placePage keeps a page at its old address where that can be.
func (in *importing) placePage(p *Post) {
	base := in.named(p)
	if slices.Contains(sitepath.Reserved, base) || base == "posts" || base == "replies" || base == "readme" {
		base += "-page"
	}
	at, ok := sitepath.Page(p.OldPath)
	keep := ok && in.taken.holder(output(at)) == "" && !strings.HasPrefix(at, "/posts/")
	s := base
	for n := 2; in.taken.names[s] || !keep && in.taken.holder(s+"/index.html") != ""; n++ {
		s = fmt.Sprintf("%s-%d", base, n)
	}
	if !keep {
		at = "/" + s + "/"
		if s != base {
			in.about(p, CodeSlug, fmt.Sprintf("the page %q cannot have the address /%s/, which is that of %s", p.Title, base, in.taken.holder(base+"/index.html")), "it is at "+at+" now")
		}
	}
	in.taken.names[s] = true
	p.path, p.file, p.permalink = at, s+".md", at != "/"+s+"/"
	in.taken.claim(output(at), fmt.Sprintf("%q", p.Title))
}

// named is the slug that a post wants: its own, else that of its title.
func (in *importing) named(p *Post) string {
	for _, s := range []string{p.Slug, p.Title} {
		if s = slug(s); s != "" {
			return s
		}
	}
	if p.Page {
		return "page-" + p.id[:8]
	}
	return "post-" + p.id[:8]
}

// oldPath is the path of an old address below the site's own, decoded; "" for one that is elsewhere or is a query alone.
func (in *importing) oldPath(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Path == "" && u.Host == "" {
		return ""
	}
	at := u.Path
	if old, err := url.Parse(in.blog.URL); err == nil {
		if rest, ok := strings.CutPrefix(at, strings.TrimRight(old.Path, "/")+"/"); ok && u.Host != "" {
			at = "/" + rest
		}
	}
	return at
}

// aliases keeps the old addresses of each post as redirects, as far as files can be redirects.
func (in *importing) aliases() {
	for _, name := range slices.Sorted(maps.Keys(in.files)) {
		if who := in.taken.holder(name); who != "" {
			in.note(Note{Code: CodeItem, File: in.files[name].name, Message: "its place /" + name + " is that of " + who})
			delete(in.files, name)
			continue
		}
		in.taken.claim(name, "the file "+name)
	}
	for _, p := range in.blog.Posts {
		for _, old := range append([]string{p.OldPath}, p.Aliases...) {
			in.alias(p, in.oldPath(old))
		}
		if len(p.Query) > 0 && pathKey(p.OldPath) == "" && !p.Draft {
			in.about(p, CodeAddress, "the old address /"+p.Query[0]+" is a query: no file can redirect it", "let the web server lead it to "+p.path)
		}
	}
}

func (in *importing) alias(p *Post, old string) {
	if old == "" || old == "/" || len(p.aliases) >= maxTags {
		return
	}
	at, ok := sitepath.Page(old)
	if !ok {
		in.about(p, CodeAddress, "the old address "+old+" cannot be a redirect", "let the web server lead it to "+p.path)
		return
	}
	if at == p.path || slices.Contains(p.aliases, at) {
		return
	}
	if who := in.taken.holder(output(at)); who != "" {
		in.about(p, CodeAddress, fmt.Sprintf("the old address %s of %q is that of %s", at, p.Title, who), "")
		return
	}
	in.taken.claim(output(at), "an old address of "+fmt.Sprintf("%q", p.Title))
	p.aliases = append(p.aliases, at)
}
