package publisher

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/postil-blog/postil/publisher/markup"
	"github.com/postil-blog/postil/site"
	"github.com/yuin/goldmark/ast"
)

// wikiRef begins the reference of a wikilink, which is a name and no address. NUL stands in no post.
const wikiRef = "\x00"

// wikis are the names that posts, pages and pictures go by in wikilinks.
type wikis struct {
	exact  map[string][]*Post  // file without ".md", its last part, slug
	titles map[string][]*Post  // slug of the title
	files  map[string][]string // last part of a file's name
	names  []string            // of exact and of titles, in order
}

func (b *build) wikiNames() *wikis {
	w := &wikis{exact: map[string][]*Post{}, titles: map[string][]*Post{}, files: map[string][]string{}}
	add := func(to map[string][]*Post, name string, p *Post) {
		if name = strings.ToLower(name); name != "" && !slices.Contains(to[name], p) {
			to[name] = append(to[name], p)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(b.byFile)) {
		p := b.byFile[file]
		if p.Reply {
			continue
		}
		stem := strings.TrimSuffix(strings.TrimSuffix(file, ".md"), "/index")
		add(w.exact, stem, p)
		add(w.exact, path.Base(stem), p)
		add(w.exact, p.Slug, p)
		add(w.titles, slugOf(p.Title), p)
	}
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		base := strings.ToLower(path.Base(name))
		w.files[base] = append(w.files[base], name)
	}
	w.names = append(slices.Sorted(maps.Keys(w.exact)), slices.Sorted(maps.Keys(w.titles))...)
	return w
}

// wiki says where [[name#heading]] of a post leads.
func (b *build) wiki(p *Post, name string, picture bool) resolved {
	name, heading, headed := strings.Cut(name, "#")
	tail := ""
	if headed {
		tail = "#" + url.PathEscape(slugOf(heading))
	}
	if name == "" {
		return resolved{url: tail}
	}
	if picture {
		return b.embedded(p, name)
	}
	if path.Ext(name) != "" && path.Ext(name) != ".md" {
		if v := b.embedded(p, name); v.fault == "" {
			return v
		}
	}
	w, key := b.wikis(), strings.ToLower(strings.TrimSuffix(name, ".md"))
	found := w.exact[key]
	if q, ok := b.byFile[strings.TrimSuffix(name, ".md")+".md"]; ok && !q.Reply {
		found = []*Post{q}
	}
	if len(found) == 0 {
		found = w.titles[slugOf(name)]
	}
	switch len(found) {
	case 0:
		return resolved{fault: fmt.Sprintf("no post is called %q", name), code: codeLink, severity: site.Error, help: w.near(key)}
	case 1:
		v := b.leading(found[0], tail)
		v.title = found[0].Title
		return v
	}
	return resolved{fault: fmt.Sprintf("%q is both %s and %s", name, b.shown(found[0].File), b.shown(found[1].File)), code: codeAmbiguous, severity: site.Error,
		help: fmt.Sprintf("name the file: [[%s]]", strings.TrimSuffix(found[0].File, ".md"))}
}

// near is help for a name that nobody has.
func (w *wikis) near(key string) string {
	if near := site.Nearest(key, w.names); near != "" {
		return fmt.Sprintf("did you mean [[%s]]? If it is text, write \\[[%s]]", near, key)
	}
	return fmt.Sprintf("a post goes by its file's name, its slug or its title; if it is text, write \\[[%s]]", key)
}

// embedded finds the picture or other file that ![[name]] shows: beside the post, or wherever one of that name is.
func (b *build) embedded(p *Post, name string) resolved {
	if v := b.resolve(p, (&url.URL{Path: name}).EscapedPath(), true); v.fault == "" && v.url != "" {
		return v
	}
	found := b.wikis().files[strings.ToLower(path.Base(name))]
	switch len(found) {
	case 0:
		return resolved{fault: fmt.Sprintf("there is no picture called %q", name), code: codePicture, severity: site.Error, help: "put the file beside the post"}
	case 1:
		return b.toFile(p, found[0], "", true)
	}
	return resolved{fault: fmt.Sprintf("%q is both %s and %s", name, b.shown(found[0]), b.shown(found[1])), code: codeAmbiguous, severity: site.Error,
		help: "copy the one that is meant beside the post"}
}

// wikilinks puts links and pictures in the place of wikilinks.
func (r *rendered) wikilinks(doc ast.Node) {
	var found []*markup.WikiLink
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if w, ok := n.(*markup.WikiLink); ok && entering {
			found = append(found, w)
		}
		return ast.WalkContinue, nil
	})
	inRaw := r.insideRaw()
	for _, n := range found {
		if standsIn(n, ast.KindLink) || standsIn(n, ast.KindImage) || inRaw(n) {
			continue // a link within a link would undo the outer one
		}
		if with := r.wikilink(n); with != nil {
			n.Parent().ReplaceChild(n.Parent(), n, with)
		}
	}
}

// standsIn tells whether a node stands in one of a kind.
func standsIn(n ast.Node, kind ast.NodeKind) bool {
	for n = n.Parent(); n != nil; n = n.Parent() {
		if n.Kind() == kind {
			return true
		}
	}
	return false
}

// wikilink gives what stands in a wikilink's place, nil where it stays text. link and picture resolve it again with all others.
func (r *rendered) wikilink(n *markup.WikiLink) ast.Node {
	picture := n.Embed && path.Ext(n.Target) != "" && path.Ext(n.Target) != ".md"
	ref := wikiRef + n.Target
	if n.Heading != "" {
		ref += "#" + n.Heading
	}
	v := r.resolve(r.post, ref, picture)
	if v.url == "" {
		r.Uses = append(r.Uses, use{ref, picture, v.value()})
		r.Faults = append(r.Faults, r.fault(v.severity, v.code, n.Segment.Start, utf8.RuneCount(n.Segment.Value(r.source)), v.fault, v.help))
		return nil
	}
	l := ast.NewLink()
	l.Destination = []byte(ref)
	l.SetAttributeString("at", n.Segment.Start)
	if picture {
		return wikiPicture(n, l)
	}
	l.AppendChild(l, markup.Verbatim(wikiText(n, v)))
	return l
}

// wikiText is the words of a wikilink: the author's, else the title. Who wrote the title in their own way keeps it.
func wikiText(n *markup.WikiLink, v resolved) string {
	switch {
	case n.Label != "":
		return n.Label
	case n.Target == "":
		return n.Heading
	}
	s := cmp.Or(v.title, path.Base(n.Target))
	if v.title != "" && slugOf(n.Target) == slugOf(v.title) && strings.Contains(n.Target, " ") {
		s = n.Target
	}
	if n.Heading != "" {
		s += " § " + n.Heading
	}
	return s
}

// wikiPicture shows a picture with its description, or with its width as Obsidian has it: ![[fog.jpg|300]].
func wikiPicture(n *markup.WikiLink, l *ast.Link) ast.Node {
	i := ast.NewImage(l)
	i.SetAttributeString("at", n.Segment.Start)
	if width, err := strconv.Atoi(n.Label); err == nil {
		i.SetAttributeString("narrow", width)
	} else if n.Label != "" {
		i.AppendChild(i, markup.Verbatim(n.Label))
	}
	return i
}

// anchor is a place that a link wants to lead to.
type anchor struct {
	Post  string // file, "" for the post itself
	ID    string
	Fault site.Diagnostic // if it is not there
}

// wants notes that a link leads to an id of a post.
func (r *rendered) wants(post, id string, offset int) {
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	r.Anchors = append(r.Anchors, anchor{post, id, r.fault(site.Warning, codeAnchor, offset, utf8.RuneCountInString(id)+1, "", "")})
}

// maxHelp is for how many links of a post the name that may be meant is looked for: all names are compared each time.
const maxHelp = 10

// checkAnchors tells of links to headings that are not there. It asks when all posts are rendered.
func (b *build) checkAnchors(p *Post) {
	var faults site.Diagnostics
	known := map[*Post]map[string]bool{}
	for _, a := range b.notes[p].Rendering.Anchors {
		to := p
		if a.Post != "" {
			to = b.byFile[a.Post]
		}
		note := b.notes[to]
		if note == nil || note.Rendering == nil || given(a.ID) {
			continue
		}
		if known[to] == nil {
			known[to] = setOf(note.Rendering.IDs)
		}
		if known[to][a.ID] {
			continue
		}
		d := a.Fault
		d.Message = fmt.Sprintf("%s has no heading #%s", b.shown(to.File), a.ID)
		if len(faults) < maxHelp {
			d.Help = helpForAnchor(a.ID, note.Rendering.IDs, to.Key)
		}
		faults = append(faults, d)
	}
	for _, d := range capped(faults) {
		b.fault(d)
	}
}

// helpForAnchor names what may be meant, else what there is, "" for nothing.
func helpForAnchor(id string, ids []string, key string) string {
	if near := site.Nearest(id, ids); near != "" {
		return fmt.Sprintf("did you mean #%s?", near)
	}
	if first := headingIDs(ids, key); len(first) > 0 {
		return "it has " + strings.Join(first, ", ")
	}
	return ""
}

func setOf(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, s := range list {
		set[s] = true
	}
	return set
}

// given tells the anchors that every page has: its top, its comments, and a text to look for.
func given(id string) bool {
	return id == "" || id == "top" || id == "comments" || strings.HasPrefix(id, "c-") || strings.HasPrefix(id, ":~:")
}

// headingIDs are the first of a post's ids, but those of its footnotes.
func headingIDs(ids []string, key string) (list []string) {
	for _, id := range ids {
		if len(list) == 6 {
			break
		}
		if !strings.HasPrefix(id, key+"-fn") {
			list = append(list, "#"+id)
		}
	}
	return list
}
