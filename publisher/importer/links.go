package importer

import (
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/postil-blog/postil/site"
)

// The places of Markdown and of HTML in it where an address stands: (address), [name]: address, src="address".
var (
	inlineLink = regexp.MustCompile(`(!?)(\[(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*\])\((\s*)(<[^<>\n]*>|[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)((?:\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))?\s*)\)`)
	reference  = regexp.MustCompile(`(?m)^( {0,3}\[[^\]\n^][^\]\n]*\]:[ \t]*)(<[^<>\n]*>|\S+)`)
	attribute  = regexp.MustCompile(`(?i)(<(a|img|source|video|audio)\b[^<>]*?\s(src|href|poster)\s*=\s*)("[^"\n]*"|'[^'\n]*')`)
)

// links gives every address in a post's text, and its lead picture, the new end.
func (in *importing) links(p *Post) {
	p.Body = outsideCode(p.Body, func(s string) string {
		var out strings.Builder
		for _, part := range strings.SplitAfter(s, "\n\n") { // no link goes on behind an empty line
			out.WriteString(nestedLinks(part, func(ref string, picture bool) string { return in.lead(p, ref, picture) }))
		}
		if s = out.String(); strings.Contains(s, "]:") {
			s = reference.ReplaceAllStringFunc(s, func(m string) string {
				g := reference.FindStringSubmatch(m)
				return g[1] + destination(in.lead(p, bare(g[2]), isPicture(g[2])))
			})
		}
		if !strings.Contains(s, "<") {
			return s
		}
		return attribute.ReplaceAllStringFunc(s, func(m string) string {
			g := attribute.FindStringSubmatch(m)
			return g[1] + `"` + strings.ReplaceAll(in.leadRooted(p, unescaped(g[4][1:len(g[4])-1]), !strings.EqualFold(g[2], "a")), `"`, "%22") + `"`
		})
	})
	if p.Image.Src != "" {
		p.Image.Src = in.lead(p, p.Image.Src, true)
	}
}

// nestedLinks rewrites links and the pictures in their texts.
func nestedLinks(s string, to func(ref string, picture bool) string) string {
	if !strings.Contains(s, "](") {
		return s
	}
	return inlineLink.ReplaceAllStringFunc(s, func(m string) string {
		g := inlineLink.FindStringSubmatch(m)
		text := g[2]
		if inner := text[1 : len(text)-1]; strings.Contains(inner, "](") || strings.Contains(inner, "![") {
			text = "[" + nestedLinks(inner, to) + "]"
		}
		return g[1] + text + "(" + g[3] + destination(to(bare(g[4]), g[1] == "!")) + g[5] + ")"
	})
}

func bare(ref string) string { return strings.TrimSuffix(strings.TrimPrefix(ref, "<"), ">") }

func unescaped(s string) string { return strings.ReplaceAll(s, "&amp;", "&") }

// destination writes an address so that Markdown takes it for one.
func destination(ref string) string {
	return strings.NewReplacer(" ", "%20", "<", "%3C", ">", "%3E", "(", "%28", ")", "%29", "\\", "%5C", "\n", "", "\t", "%09").Replace(ref)
}

// lead gives the new end of an address as the old text has it: a post's file, a copied file's path, or the address as it was.
func (in *importing) lead(p *Post, ref string, picture bool) string {
	return in.end(p, ref, picture, func(to *Post) string { return relative(p.file, to.file) })
}

// leadRooted is lead for HTML, where publish resolves nothing: paths from the root of the host.
func (in *importing) leadRooted(p *Post, ref string, picture bool) string {
	s := in.end(p, ref, picture, func(to *Post) string { return (&url.URL{Path: to.path}).EscapedPath() })
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") {
		if u, err := url.Parse(in.address()); err == nil {
			s = strings.TrimRight(u.EscapedPath(), "/") + s
		}
	}
	return s
}

// relative is the way from one content file to another.
func relative(from, to string) string {
	way, err := filepath.Rel(path.Dir(from), to)
	if err != nil {
		return escaped(to)
	}
	return escaped(filepath.ToSlash(way))
}

func escaped(name string) string {
	return strings.TrimPrefix((&url.URL{Path: "/" + name}).EscapedPath(), "/")
}

func (in *importing) end(p *Post, ref string, picture bool, toPost func(*Post) string) string {
	u, err := url.Parse(strings.TrimSpace(ref))
	if err != nil || u.Opaque != "" || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" || u.Host == "" && u.Path == "" && u.RawQuery == "" {
		return strings.TrimSpace(ref)
	}
	if u = in.proxied(u); u.Host != "" && !in.own(u) {
		return u.String()
	}
	fragment := ""
	if u.Fragment != "" {
		fragment = "#" + u.EscapedFragment()
	}
	if u.Host == "" && u.Path != "" && !strings.HasPrefix(u.Path, "/") {
		if to, ok := in.beside(p, u.Path, toPost); ok {
			return to + fragment
		}
	}
	at := in.absolutePath(p, u)
	if to := in.postAt(at, u); to != nil {
		if to == p && fragment != "" {
			return fragment
		}
		return toPost(to) + fragment
	}
	if to, ok := in.kept(at); ok {
		return escapePath(to) + fragment
	}
	if to, ok := in.fullSize(at); ok {
		return escapePath(to)
	}
	return in.lost(p, u, at, picture, fragment)
}

func escapePath(at string) string { return (&url.URL{Path: at}).EscapedPath() }

// own tells whether an address is on the old site: its host with or without www, or WordPress.com's host for the blog's files.
func (in *importing) own(u *url.URL) bool {
	old, err := url.Parse(in.blog.URL)
	if err != nil || old.Host == "" {
		return false
	}
	host, mine := strings.TrimPrefix(strings.ToLower(u.Host), "www."), strings.TrimPrefix(strings.ToLower(old.Host), "www.")
	if name, ok := strings.CutSuffix(mine, ".wordpress.com"); ok && host == name+".files.wordpress.com" {
		return true
	}
	return host == mine && strings.HasPrefix(u.Path+"/", strings.TrimRight(old.Path, "/")+"/")
}

// proxied undoes Photon's addresses, i0.wp.com/HOST/PATH, where they lead to the old site.
func (in *importing) proxied(u *url.URL) *url.URL {
	switch u.Host {
	case "i0.wp.com", "i1.wp.com", "i2.wp.com", "i3.wp.com":
		host, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
		if v := (&url.URL{Scheme: "https", Host: host, Path: "/" + rest}); in.own(v) {
			return v
		}
	}
	return u
}

// beside resolves a relative address among the files of the source: a file of the post's own folder, or another post's.
func (in *importing) beside(p *Post, ref string, toPost func(*Post) string) (string, bool) {
	name := path.Clean(ref)
	if _, ok := p.Beside[name]; ok {
		return escaped(name), true
	}
	if p.raw {
		if to := in.bySrc[path.Join(path.Dir(p.Source), ref)]; to != nil {
			return toPost(to), true
		}
	}
	return "", false
}

// absolutePath is the path of an address below the old site's own, decoded.
func (in *importing) absolutePath(p *Post, u *url.URL) string {
	at := u.Path
	if old, err := url.Parse(in.blog.URL); err == nil {
		if rest, ok := strings.CutPrefix(at+"/", strings.TrimRight(old.Path, "/")+"/"); ok {
			at = strings.TrimSuffix("/"+rest, "/")
			if strings.HasSuffix(u.Path, "/") && at != "" {
				at += "/"
			}
		}
	}
	if strings.HasPrefix(at, "/") || at == "" {
		return path.Clean("/" + at)
	}
	base := p.OldPath
	if !strings.HasSuffix(base, "/") {
		base = path.Dir(base)
	}
	return path.Join("/", base, at)
}

// postAt finds the post of an old address, also by WordPress's queries.
func (in *importing) postAt(at string, u *url.URL) *Post {
	if at == "/" || at == "/index.php" {
		for _, k := range []string{"p", "page_id"} {
			if v := u.Query().Get(k); v != "" {
				return in.byPath["?"+k+"="+v]
			}
		}
		return nil
	}
	return in.byPath[pathKey(at)]
}

var sized = regexp.MustCompile(`-[0-9]{1,5}x[0-9]{1,5}(\.[A-Za-z]+)$`)

// fullSize finds the whole picture where the text shows a smaller copy that is not at hand, as WordPress makes them.
func (in *importing) fullSize(at string) (string, bool) {
	if whole := sized.ReplaceAllString(at, "$1"); whole != at {
		return in.kept(whole)
	}
	return "", false
}

// lost is what becomes of an address of the old site that leads to nothing that was imported.
func (in *importing) lost(p *Post, u *url.URL, at string, picture bool, fragment string) string {
	if at == "/" && u.RawQuery == "" {
		return "/" + fragment
	}
	if to, ok := in.tagPage(at); ok && !picture {
		return to
	}
	whole := escapePath(at)
	if strings.HasSuffix(u.Path, "/") {
		whole += "/"
	}
	if u.RawQuery != "" {
		whole += "?" + u.RawQuery
	}
	if old := strings.TrimRight(in.blog.URL, "/"); (picture || isMedia(at)) && old != "" {
		whole = old + whole // what is not at the new place is taken from the old one while that lasts
	}
	if u.Host != "" && strings.HasSuffix(strings.ToLower(u.Host), ".files.wordpress.com") {
		whole = u.String()
	}
	if picture || isMedia(at) {
		in.note(Note{Code: CodeMedia, File: whole, Message: "a file that is not among the imported ones, used in " + p.file, Help: in.mediaHelp()})
	} else if !strings.HasSuffix(at, "/feed") && at != "/feed" {
		in.about(p, CodeAddress, "a link to "+whole+", which was not imported", "correct it in content/"+p.file)
	}
	return whole + fragment
}

func (in *importing) mediaHelp() string {
	if in.Media == "" && (in.From == "wordpress" || in.From == "ghost") {
		return "fetch the uploads folder of the old blog and import again with --media DIR"
	}
	return "copy the file to the same path below content/"
}

var tagAddress = regexp.MustCompile(`^/(?:tag|tags|category|categories|topics)/(?:.*/)?([^/]+)$`)

// tagPage leads links to the page of a tag or category to that of the tag.
func (in *importing) tagPage(at string) (string, bool) {
	m := tagAddress.FindStringSubmatch(strings.TrimSuffix(at, "/"))
	if m == nil {
		return "", false
	}
	s := site.Slug(m[1])
	if s == "" || !strings.HasPrefix(in.taken.holder("tags/"+s+"/index.html"), "the page of the tag") {
		return "", false
	}
	return "/tags/" + escaped(s) + "/", true
}
