package publisher

import (
	"cmp"
	"fmt"
	"html"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/postil-blog/postil/site"
)

// heavy is the weight from which a picture is said to be too large for a page, in bytes.
const heavy = 1_000_000

// farOff is how far ahead a date may lie before its year is doubted.
const farOff = 5 * 365 * 24 * time.Hour

// outlined is a heading as it stands in the Markdown.
type outlined struct{ Level, Offset int }

// lint looks at what no page depends on and what a careful author would want to know. publish check asks for it; it needs every
// post's rendering.
func (b *build) lint() {
	for _, p := range slices.Concat(b.posts, b.pages) {
		if b.notes[p].Rendering == nil {
			continue
		}
		b.lintHeadings(p)
		b.lintWeights(p)
		b.lintDates(p)
		if !p.Page {
			b.lintMoved(p)
			b.lintFollowers(p)
		}
	}
}

// whereIs gives a key's place in a post's front matter, also where the post comes from memory, which keeps none.
func (b *build) whereIs(p *Post, key string) position {
	if p.lines == nil {
		again, _, _ := b.parse(p.File, []byte(b.source(p)))
		p.lines = again.lines
	}
	return p.at(key)
}

// lintFault notes a warning at a place of a post's file.
func (b *build) lintFault(p *Post, code string, at position, message, label, help string, fix site.Fix) {
	b.fault(site.Diagnostic{
		Severity: site.Warning, Code: code, File: b.shown(p.File), Line: at.line, Col: at.col, Width: max(at.width, 1),
		Message: message, Excerpt: excerpt(b.source(p), at.line), Label: label, Help: help, Fix: fix,
	})
}

// inBody is the place of a text in a post's Markdown, from an offset on; its first line where it is not to be found.
func (b *build) inBody(p *Post, offset int, text string) position {
	body, err := splitFrontMatter(b.source(p))
	if err != nil {
		return position{1, 1, 1}
	}
	if i := strings.Index(body.body[min(offset, len(body.body)):], text); i >= 0 {
		offset += i
	} else {
		text = ""
	}
	line, col := lineCol(body.body, offset)
	return position{body.bodyLine + line - 1, col, len([]rune(text))}
}

// lintHeadings tells of levels that are skipped: a screen reader's list of headings is read as a tree.
func (b *build) lintHeadings(p *Post) {
	last, told := 0, 0
	for _, h := range b.notes[p].Rendering.Outline {
		// A post may begin with # or ##: both stand below the page's own title.
		if limit := max(last, 1) + 1; h.Level > limit && told < maxFaults {
			told++
			marks := strings.Repeat("#", h.Level)
			at := b.inBody(p, h.Offset, "")
			at.width = h.Level
			after := "at the beginning"
			if last > 0 {
				after = "after " + strings.Repeat("#", last)
			}
			b.lintFault(p, codeHeading, at, fmt.Sprintf("%s %s skips a level", marks, after), "people who go from heading to heading look for what is missing",
				"write "+strings.Repeat("#", limit), site.Fix{})
		}
		last = h.Level
	}
}

// lintWeights tells of pictures that take long to load.
func (b *build) lintWeights(p *Post) {
	refs := []string{}
	for _, u := range b.notes[p].Rendering.Uses {
		if u.Picture {
			refs = append(refs, u.Ref)
		}
	}
	if p.Image.Src != "" {
		refs = append(refs, p.Image.Src)
	}
	slices.Sort(refs)
	for _, ref := range slices.Compact(refs) {
		f := b.files[b.resolve(p, ref, true).shown()]
		if f == nil || f.stamp.Size <= heavy {
			continue
		}
		at := b.whereIs(p, "image")
		if ref != p.Image.Src {
			at = b.inBody(p, 0, ref)
		}
		b.lintFault(p, codeHeavy, at, fmt.Sprintf("%s weighs %.1f MB", path.Base(f.name), float64(f.stamp.Size)/1e6), "",
			"scale it down to the width at which it is shown, 1600 pixels at most, or save it as JPEG or WebP", site.Fix{})
	}
}

// lintDates tells of dates that contradict one another, or that lie years ahead.
func (b *build) lintDates(p *Post) {
	if !p.Updated.IsZero() && p.Updated.Before(p.Date) {
		key := "updated"
		if b.whereIs(p, key); p.lines[key] == (position{}) {
			key = "lastmod"
		}
		b.lintFault(p, codeOddDate, b.whereIs(p, key), "updated lies before date", "", "the post is from "+moment(p.Date), site.Fix{})
	}
	if !p.Expires.IsZero() && p.Expires.Before(p.Date) {
		b.lintFault(p, codeOddDate, b.whereIs(p, "expires"), "expires lies before date: the post would never be out", "", "the post is from "+moment(p.Date), site.Fix{})
	}
}

// lintHeld looks at posts that are held back until their date.
func (b *build) lintHeld() {
	for _, p := range b.all {
		if p.State == scheduled && p.Date.Sub(b.now) > farOff {
			b.lintFault(p, codeOddDate, b.whereIs(p, "date"), "the date lies years ahead", "read as "+moment(p.Date), "is the year right? The post is scheduled until then", site.Fix{})
		}
	}
}

// lintMoved tells of an address that changed without an alias: the redirect lives as long as the published list does.
func (b *build) lintMoved(p *Post) {
	e, ok := b.before[b.addresses.Post(p.Key)]
	if !ok {
		return
	}
	var missing []string
	for _, u := range former(e, b.pageURL(p)) {
		if at := b.pathOf(u); at != "" && !slices.Contains(p.Aliases, at) {
			missing = append(missing, fmt.Sprintf("%q", at))
		}
	}
	if len(missing) == 0 {
		return
	}
	place, is := b.whereIs(p, "slug"), " = "
	if strings.HasPrefix(b.source(p), "---") {
		is = ": "
	}
	line, fix := "aliases"+is+"["+strings.Join(missing, ", ")+"]", site.Fix{}
	if _, has := p.lines["aliases"]; !has {
		fix = site.Fix{Line: 2, Col: 1, Text: line + "\n"}
	}
	b.lintFault(p, codeMoved, place, "the post was at "+strings.Join(missing, " and ")+" and has no alias there", "",
		"write "+line+": without it the redirect is lost with public/", fix)
}

// lintFollowers tells of front matter that says one thing and sends another.
func (b *build) lintFollowers(p *Post) {
	if !b.config.Federation.Enabled {
		return
	}
	form := b.form(p)
	at := func() position { return b.whereIs(p, "fediverse") }
	switch {
	case form.As == "none" && p.Fediverse.Announce == "yes":
		b.lintFault(p, codeFollowers, at(), "announce is true, and as is none: nobody is told", "", "take one of the two out", site.Fix{})
	case form.As == "none":
	case form.Content == "excerpt" && p.Summary == "":
		b.lintFault(p, codeFollowers, at(), "followers get an excerpt, and there is no summary", "they get the beginning of the text", `write summary = "…"`, site.Fix{})
	case form.CW != "" && form.Content == "link":
		b.lintFault(p, codeFollowers, at(), "a content warning with nothing behind it", "content = link sends a link alone", "take cw out, or send the text", site.Fix{})
	}
}

var (
	hrefShape = regexp.MustCompile(`\shref="([^"]*)"`)
	idShape   = regexp.MustCompile(`\s(?:id|name)="([^"{]+)"`)
)

// lintLinks follows the links within the site to pages and to places in them. It needs every planned output.
func (b *build) lintLinks() error {
	f := &following{b: b, names: idsIn(b.templateText()), pages: map[*Post]map[string]bool{}}
	for _, p := range slices.Concat(b.posts, b.pages) {
		text, err := b.bodies(p)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		f.told, f.anchors = 0, map[string]bool{}
		for _, a := range b.notes[p].Rendering.Anchors {
			f.anchors[a.ID] = true
		}
		for _, m := range hrefShape.FindAllStringSubmatch(text.page, -1) {
			ref := html.UnescapeString(m[1])
			if seen[ref] || f.told == maxFaults {
				continue
			}
			seen[ref] = true
			if err := f.link(p, ref); err != nil {
				return err
			}
		}
	}
	return nil
}

// following is what is known while links are followed: the ids of a page are read once, however many links lead to it.
type following struct {
	b       *build
	names   map[string]bool           // ids that templates give to every page
	pages   map[*Post]map[string]bool // ids of each page that was looked at
	anchors map[string]bool           // what the post's rendering told of already
	told    int                       // of the post, at most maxFaults
}

// link follows one link of a page.
func (f *following) link(p *Post, ref string) error {
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" {
		return nil
	}
	b, to := f.b, p
	if u.Path != "" {
		at, within := b.within(u, p)
		if !within {
			return nil
		}
		target, known := b.outputs[fold(outputPath(at))]
		if !known {
			if _, dir := b.outputs[fold(outputPath(at+"/"))]; dir || b.alive(at) {
				return nil
			}
			f.told++
			b.lintFault(p, codeDeadLink, b.inBody(p, 0, u.Path), "there is nothing at "+at, "", "name the post's file instead, such as [words](other.md): Postil makes it the address", site.Fix{})
			return nil
		}
		to = target.post
	}
	if to == nil || given(u.Fragment) || f.names[u.Fragment] || f.anchors[u.Fragment] {
		return nil
	}
	ids, err := f.ids(to)
	if err != nil || ids[u.Fragment] {
		return err
	}
	help := "headings are named after their words, or by {#name} behind them"
	if f.told++; f.told <= maxHelp {
		if near := site.Nearest(u.Fragment, keysOf(ids)); near != "" {
			help = fmt.Sprintf("did you mean #%s?", near)
		}
	}
	b.lintFault(p, codeDeadLink, b.inBody(p, 0, "#"+u.Fragment), fmt.Sprintf("no heading is named #%s there", u.Fragment), "", help, site.Fix{})
	return nil
}

// ids are those of a post's page.
func (f *following) ids(p *Post) (map[string]bool, error) {
	if ids, ok := f.pages[p]; ok {
		return ids, nil
	}
	text, err := f.b.bodies(p)
	if err != nil {
		return nil, err
	}
	f.pages[p] = idsIn(text.page)
	return f.pages[p], nil
}

// within gives the site path of a link, and whether it is one of the pages that publish makes: the daemon has others.
func (b *build) within(u *url.URL, p *Post) (string, bool) {
	at := u.Path
	if !strings.HasPrefix(at, "/") {
		at = path.Join(p.Path, at) + strings.Repeat("/", min(1, len(at)-len(strings.TrimSuffix(at, "/"))))
	} else if base := b.addresses.BasePath(); base != "" {
		rest, ok := strings.CutPrefix(at, base)
		if !ok {
			return at, false
		}
		at = rest
	}
	return cmp.Or(at, "/"), true
}

// alive tells whether the daemon answers at a path, or publish writes it without planning it.
func (b *build) alive(at string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(at, "/"), "/")
	return slices.Contains(reserved, first) || first == ".well-known"
}

// templateText is the text of all templates.
func (b *build) templateText() string {
	var all strings.Builder
	for _, t := range b.templates.Templates() {
		if t.Tree != nil && t.Tree.Root != nil {
			all.WriteString(t.Tree.Root.String())
		}
	}
	return all.String()
}

func idsIn(page string) map[string]bool {
	ids := map[string]bool{}
	for _, m := range idShape.FindAllStringSubmatch(page, -1) {
		ids[html.UnescapeString(m[1])] = true
	}
	return ids
}

func keysOf(set map[string]bool) (list []string) {
	for k := range set {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
