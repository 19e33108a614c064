package publisher

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/postil-blog/postil/publisher/sitepath"
)

var keyShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

func (r *reader) key(v value) {
	if !keyShape.MatchString(v.text) {
		r.fault(codeKey, v.at, "id cannot be an address", "", "up to 64 letters, digits, - and _")
		return
	}
	r.post.Key, r.post.NamedKey = v.text, true
}

func (r *reader) slug(v value) {
	s := v.text
	if v.kind == isList || v.kind == isTable || s == "" || len(s) > 200 || s != strings.ToLower(s) && slugOf(s) == "" || !plainSegment(s) {
		r.fault(codeSlug, v.at, "slug cannot be part of an address", "", "letters, digits and hyphens, for example "+strconv.Quote(slugOf(s)))
		return
	}
	r.post.Slug = s
}

func plainSegment(s string) bool { return sitepath.Plain(s) }

var reserved = sitepath.Reserved

func sitePath(s string) (string, bool) { return sitepath.Page(s) }

func (r *reader) permalink(v value) {
	p, ok := sitePath(v.text)
	if !ok {
		r.fault(codeSlug, v.at, "permalink cannot be an address", "", `a path from the site's root, for example "/2026/hello/"`)
		return
	}
	r.post.Path = p
}

func (r *reader) aliases(v value) {
	var list []string
	r.list(v, &list)
	for _, s := range list {
		if !strings.HasPrefix(s, "/") {
			s = "/posts/" + s
		}
		p, ok := sitePath(s)
		if !ok {
			r.fault(codeSlug, v.at, fmt.Sprintf("alias %q cannot be an address", s), "", `a path from the site's root, for example "/old/place/"`)
			continue
		}
		r.post.Aliases = append(r.post.Aliases, p)
	}
}
