package publisher

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/postil-blog/postil/site"
	"github.com/yuin/goldmark-emoji/ast"
	gast "github.com/yuin/goldmark/ast"
)

// use is one thing that a post's HTML says about another file. While every use still resolves to the same value, the HTML
// remembered from the last run is still right.
type use struct {
	Ref     string // as the Markdown has it
	Picture bool
	Value   string // resolved.value
}

// resolved is what a relative link or picture leads to.
type resolved struct {
	url           string // from the site's root; "" leaves the link as it is
	file          string // the content file to be copied, "" for none
	to            string // site path of the copy
	lies          string // the content file of a picture that is named from the site's root
	width, height int
	set           []variant // the same picture, smaller
	title         string    // of the post that a wikilink leads to
	post          string    // the file of the post that it leads to
	fault         string    // why it leads nowhere
	code, help    string
	severity      site.Severity
}

// value is everything about a resolved link that a page's bytes depend on.
func (v resolved) value() string {
	return strings.Join([]string{v.url, v.file, v.to, strconv.Itoa(v.width), strconv.Itoa(v.height), srcset(v), v.title, v.fault, v.help}, "\x00")
}

// shown is the content file of a picture.
func (v resolved) shown() string { return cmp.Or(v.file, v.lies) }

// link gives relative links between posts, and to files beside them, the address that they will have.
func (r *rendered) link(n *gast.Link) {
	ref := string(n.Destination)
	v := r.follow(ref, false, n)
	if v.url != "" {
		n.Destination = []byte(v.url)
	}
	name, wiki := strings.CutPrefix(ref, wikiRef)
	_, id, ok := strings.Cut(name, "#")
	if !ok || v.post == "" && !strings.HasPrefix(name, "#") {
		return
	}
	at := r.find(n, ref)
	if at += bytes.IndexByte(r.source[at:], '#'); wiki {
		id = slugOf(id)
	}
	r.wants(v.post, id, at)
}

// picture does the same for pictures, tells browsers their size, and asks for a description.
func (r *rendered) picture(n *gast.Image) {
	ref := string(n.Destination)
	v := r.follow(ref, true, n)
	if v.url != "" {
		n.Destination = []byte(v.url)
	}
	if width, height := v.width, v.height; width > 0 {
		if narrow, _ := n.AttributeString("narrow"); narrow != nil && 0 < narrow.(int) && narrow.(int) < width {
			width, height = narrow.(int), max(1, height*narrow.(int)/width)
		}
		n.SetAttributeString("width", []byte(strconv.Itoa(width)))
		n.SetAttributeString("height", []byte(strconv.Itoa(height)))
	}
	n.SetAttributeString("loading", []byte(r.loading(v)))
	n.SetAttributeString("decoding", []byte("async"))
	if set := srcset(v); set != "" {
		n.SetAttributeString("srcset", []byte(set))
		n.SetAttributeString("sizes", []byte(imageSizes))
	}
	alt := r.plain(n)
	if v.width > 0 && len(r.Images) < maxPictures {
		r.Images = append(r.Images, picture{v.url, alt, v.width, v.height, v.shown()})
	}
	if alt == "" {
		help := "write it between the brackets: ![A map of the harbour](" + ref + ")"
		if name, ok := strings.CutPrefix(ref, wikiRef); ok {
			help = "write it behind a bar: ![[" + name + "|A map of the harbour]]"
		}
		d := r.fault(site.Warning, codeAlt, r.find(n, ref), 1, "image has no description", help)
		d.Label = "people using a screen reader, and Mastodon, get nothing"
		r.Faults = append(r.Faults, d)
	}
}

// follow resolves a link, remembers that it did, and notes its fault.
func (r *rendered) follow(ref string, picture bool, n gast.Node) resolved {
	v := r.resolve(r.post, ref, picture)
	if v.url == "" && v.fault == "" {
		return v
	}
	r.Uses = append(r.Uses, use{ref, picture, v.value()})
	if v.fault != "" {
		r.Faults = append(r.Faults, r.fault(v.severity, v.code, r.find(n, ref), utf8.RuneCountInString(strings.TrimPrefix(ref, wikiRef)), v.fault, v.help))
	}
	return v
}

// find is the offset of a link in the Markdown: goldmark keeps the place of the paragraph alone.
func (r *rendered) find(n gast.Node, ref string) int {
	if at, ok := n.AttributeString("at"); ok {
		return at.(int)
	}
	for n != nil && n.Type() == gast.TypeInline {
		n = n.Parent()
	}
	start := 0
	if n != nil && n.Type() == gast.TypeBlock && n.Lines().Len() > 0 {
		start = n.Lines().At(0).Start
	}
	if i := bytes.Index(r.source[start:], []byte("("+ref)); i >= 0 {
		return start + i + 1
	}
	if i := bytes.Index(r.source[start:], []byte(ref)); i >= 0 {
		return start + i
	}
	return start
}

// resolve says where a link of a post leads. Links with a scheme, to a fragment, or to a page relative to the post's own are
// left alone.
func (b *build) resolve(p *Post, ref string, picture bool) resolved {
	if name, ok := strings.CutPrefix(ref, wikiRef); ok {
		return b.wiki(p, name, picture)
	}
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || u.Path == "" {
		return resolved{}
	}
	tail := ""
	if u.RawQuery != "" {
		tail += "?" + u.RawQuery
	}
	if u.Fragment != "" {
		tail += "#" + u.EscapedFragment()
	}
	if strings.HasPrefix(u.Path, "/") {
		return b.rooted(u.Path, tail, picture)
	}
	file := path.Join(path.Dir(p.File), u.Path)
	if strings.HasPrefix(file, "../") || file == ".." {
		return resolved{fault: "this leads out of the content folder", code: codeLink, severity: site.Error, help: "copy the file beside the post"}
	}
	if strings.HasSuffix(file, ".md") {
		return b.toPost(file, tail)
	}
	return b.toFile(p, file, tail, picture)
}

func (b *build) rooted(at, tail string, picture bool) resolved {
	v := resolved{url: escapePath(b.addresses.Path(at)) + tail}
	if f, ok := b.files[strings.TrimPrefix(at, "/")]; ok && picture && !strings.HasPrefix(at, "/posts/") {
		v.width, v.height = f.size(b)
		v.lies, v.set = f.name, b.variants(f)
	}
	return v
}

func (b *build) toPost(file, tail string) resolved {
	p, ok := b.byFile[file]
	if !ok {
		return resolved{fault: fmt.Sprintf("there is no %s", file), code: codeLink, severity: site.Error, help: nearestFile(file, b.byFile)}
	}
	return b.leading(p, tail)
}

// leading is a link to a post.
func (b *build) leading(p *Post, tail string) resolved {
	v := resolved{url: escapePath(b.addresses.Path(p.Path)) + tail, post: p.File}
	if p.State != live && !b.shows(p) {
		v.fault, v.code, v.severity = fmt.Sprintf("%s is held back (%s)", p.File, p.State), codeLink, site.Warning
		v.help = "readers will find no page there yet"
	}
	return v
}

func (b *build) toFile(p *Post, file, tail string, picture bool) resolved {
	f, ok := b.files[file]
	if !ok {
		if picture {
			return resolved{fault: fmt.Sprintf("there is no picture %s", file), code: codePicture, severity: site.Error, help: "put the file beside the post"}
		}
		if path.Ext(file) == "" || strings.HasSuffix(file, ".html") {
			return resolved{}
		}
		return resolved{fault: fmt.Sprintf("there is no file %s", file), code: codeLink, severity: site.Error, help: "put the file beside the post"}
	}
	v := resolved{file: file, to: b.copyPath(p, file)}
	v.url = escapePath(b.addresses.Path(v.to)) + tail
	if picture {
		v.width, v.height = f.size(b)
		v.set = b.variants(f)
	}
	return v
}

// copyPath is the site path of a content file that a post uses: in the post's folder for files of content/posts, else where it
// lies.
func (b *build) copyPath(p *Post, file string) string {
	if !strings.HasPrefix(file, "posts/") {
		return "/" + file
	}
	name := path.Base(file)
	if rest, ok := strings.CutPrefix(file, path.Dir(p.File)+"/"); ok {
		name = rest
	}
	return path.Join(strings.TrimSuffix(p.Path, ".html"), name)
}

func nearestFile(file string, posts map[string]*Post) string {
	var names []string
	for name := range posts {
		if path.Dir(name) == path.Dir(file) {
			names = append(names, path.Base(name))
		}
	}
	if near := site.Nearest(path.Base(file), names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// escapePath makes a path of names an address.
func escapePath(p string) string { return (&url.URL{Path: p}).EscapedPath() }

func emojiOf(n gast.Node) (string, bool) {
	if e, ok := n.(*ast.Emoji); ok && e.Value != nil {
		return string(e.Value.Unicode), true
	}
	return "", false
}
