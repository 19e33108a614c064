package publisher

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"

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
	fault         string    // why it leads nowhere
	code, help    string
	severity      site.Severity
}

// value is everything about a resolved link that a page's bytes depend on.
func (v resolved) value() string {
	return strings.Join([]string{v.url, v.file, v.to, strconv.Itoa(v.width), strconv.Itoa(v.height), srcset(v), v.fault, v.help}, "\x00")
}

// shown is the content file of a picture.
func (v resolved) shown() string { return cmp.Or(v.file, v.lies) }

// link gives relative links between posts, and to files beside them, the address that they will have.
func (r *rendered) link(n *gast.Link) {
	ref := string(n.Destination)
	if v := r.follow(ref, false, n); v.url != "" {
		n.Destination = []byte(v.url)
	}
}

// picture does the same for pictures, tells browsers their size, and asks for a description.
func (r *rendered) picture(n *gast.Image) {
	ref := string(n.Destination)
	v := r.follow(ref, true, n)
	if v.url != "" {
		n.Destination = []byte(v.url)
	}
	if v.width > 0 {
		n.SetAttributeString("width", []byte(strconv.Itoa(v.width)))
		n.SetAttributeString("height", []byte(strconv.Itoa(v.height)))
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
		d := r.fault(site.Warning, codeAlt, r.find(n, ref), 1, "image has no description", "write it between the brackets: ![A map of the harbour]("+ref+")")
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
		r.Faults = append(r.Faults, r.fault(v.severity, v.code, r.find(n, ref), len([]rune(ref)), v.fault, v.help))
	}
	return v
}

// find is the offset of a link in the Markdown: goldmark keeps the place of the paragraph alone.
func (r *rendered) find(n gast.Node, ref string) int {
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
	v := resolved{url: escapePath(b.addresses.Path(p.Path)) + tail}
	if p.State != live && !b.shows(p) {
		v.fault, v.code, v.severity = fmt.Sprintf("%s is held back (%s)", file, p.State), codeLink, site.Warning
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

// callouts are the kinds of > [!NOTE].
var callouts = map[string]string{"NOTE": "note", "TIP": "tip", "IMPORTANT": "important", "WARNING": "warning", "CAUTION": "caution"}

// callout turns a quote that begins with [!NOTE] into a callout.
func (r *rendered) callout(n *gast.Blockquote) {
	p, ok := n.FirstChild().(*gast.Paragraph)
	if !ok || p.Lines().Len() == 0 {
		return
	}
	first := p.Lines().At(0)
	line := strings.TrimSpace(string(first.Value(r.source)))
	mark, ok := strings.CutPrefix(line, "[!")
	mark, closed := strings.CutSuffix(mark, "]")
	kind := callouts[strings.ToUpper(mark)]
	if !ok || !closed || kind == "" {
		return
	}
	end := first.Stop
	for c := p.FirstChild(); c != nil; {
		next := c.NextSibling()
		if t, ok := c.(*gast.Text); !ok || t.Segment.Start >= end {
			break
		}
		p.RemoveChild(p, c)
		c = next
	}
	n.SetAttributeString("class", []byte("callout "+kind))
	title := gast.NewParagraph()
	strong := gast.NewEmphasis(2)
	strong.AppendChild(strong, gast.NewString([]byte(strings.ToUpper(kind[:1])+kind[1:])))
	title.AppendChild(title, strong)
	title.SetAttributeString("class", []byte("callout-title"))
	n.InsertBefore(n, p, title)
	if p.ChildCount() == 0 {
		n.RemoveChild(n, p)
	}
}
