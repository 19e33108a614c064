package publisher

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/postil-blog/postil/site"
)

// External is a link of a post to another site.
type External struct {
	URL string // with http or https, without its fragment
	At  site.Diagnostic
}

// outward are the tags of a page that name addresses elsewhere.
var outward = regexp.MustCompile(`<(?:a|img|audio|video|source|iframe)\s[^>]*>`)

var outwardAddress = regexp.MustCompile(`\s(?:href|src|poster)="(https?://[^"]+)"`)

// external lists the links of all posts to other sites, each with its first place in its file. Accounts that a post mentions are not among
// them: they are looked up otherwise.
func (b *build) external() (list []External, err error) {
	for _, p := range slices.Concat(b.posts, b.pages) {
		text, err := b.bodies(p)
		if err != nil {
			return nil, err
		}
		seen := map[string]bool{}
		for _, tag := range outward.FindAllString(text.page, -1) {
			if strings.Contains(tag, `"u-url mention"`) || strings.Contains(tag, ` class="mention`) {
				continue
			}
			for _, m := range outwardAddress.FindAllStringSubmatch(tag, -1) {
				ref := html.UnescapeString(m[1])
				if at, ok := b.elsewhere(ref); ok && !seen[at] {
					seen[at] = true
					list = append(list, External{at, b.atLink(p, ref)})
				}
			}
		}
	}
	return list, nil
}

// elsewhere gives a link's address without its fragment, and whether it leads to another site.
func (b *build) elsewhere(ref string) (string, bool) {
	u, err := url.Parse(ref)
	if err != nil || u.Host == "" {
		return "", false
	}
	u.Fragment, u.RawFragment = "", ""
	at := u.String()
	return at, !strings.HasPrefix(at, b.addresses.Home()) && !strings.HasPrefix(at, b.addresses.Actor())
}

// atLink is where a post writes a link. Markdown may have it with other escapes, or a shortcode may have made it: then it is the post.
func (b *build) atLink(p *Post, ref string) site.Diagnostic {
	text := ref
	if plain, err := url.PathUnescape(ref); err == nil && !strings.Contains(b.source(p), ref) {
		text = plain
	}
	at := b.inBody(p, 0, text)
	return site.Diagnostic{Severity: site.Warning, File: b.shown(p.File), Line: at.line, Col: at.col, Width: max(at.width, 1), Excerpt: excerpt(b.source(p), at.line)}
}
