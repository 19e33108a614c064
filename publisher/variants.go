package publisher

import (
	"encoding/hex"
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/postil-blog/postil/publisher/photo"
	"github.com/postil-blog/postil/site"
)

// variantWidths are those of smaller copies of a picture, in pixels: a phone, the column of text, the same on a dense screen.
var variantWidths = []int{480, 960, 1440}

// imageSizes says how wide a picture is shown: the column of the default theme, else the whole screen.
const imageSizes = "(min-width: 48rem) 45rem, 100vw"

// variant is a smaller copy of a picture.
type variant struct {
	url   string // from the site's root
	at    string // its file below the output folder
	width int
}

// variants are the copies of a picture that are worth making. Their names are made of the picture's content.
func (b *build) variants(f *file) (list []variant) {
	fact := f.look(b)
	if !fact.Scales {
		return nil
	}
	sum, _ := fact.published()
	ext := path.Ext(f.name)
	name := strings.TrimSuffix(path.Base(f.name), ext)
	for _, w := range variantWidths {
		if w < fact.Width {
			at := "assets/" + name + "-" + strconv.Itoa(w) + "." + hex.EncodeToString(sum[:4]) + ext
			list = append(list, variant{escapePath(b.addresses.Path("/" + at)), at, w})
		}
	}
	return list
}

// srcset is the list of a picture and its copies as HTML has it, "" where it has none. A comma would end an address there.
func srcset(v resolved) string {
	if len(v.set) == 0 {
		return ""
	}
	var parts []string
	for _, s := range append(slices.Clone(v.set), variant{url: v.url, width: v.width}) {
		parts = append(parts, strings.ReplaceAll(s.url, ",", "%2C")+" "+strconv.Itoa(s.width)+"w")
	}
	return strings.Join(parts, ", ")
}

// leadSet is the srcset of a post's own picture.
func (b *build) leadSet(p *Post) string {
	if p.Image.Src == "" {
		return ""
	}
	return srcset(b.resolve(p, p.Image.Src, true))
}

// planVariants plans the copies of a picture that a page shows.
func (b *build) planVariants(v resolved) {
	f := b.files[v.shown()]
	for _, s := range v.set {
		if b.taken(s.at) {
			continue
		}
		sum, _ := f.look(b).published()
		b.plan(output{path: s.at, print: b.print("variant", sum, s.width), class: assets, make: func() ([]byte, error) { return b.scaled(f, s.width) }})
	}
}

// scaled makes one copy.
func (b *build) scaled(f *file, width int) ([]byte, error) {
	defer b.decoder(f.look(b))()
	clean, err := b.clean(f)
	if err != nil {
		return nil, err
	}
	data, err := photo.Scale(clean, f.look(b).Orientation, width)
	if errors.Is(err, photo.ErrBroken) {
		return nil, site.Diagnostics{{Severity: site.Error, Code: codeDamaged, File: b.shown(f.name), Message: err.Error(), Help: "open it in a picture program and save it again"}}
	}
	return data, err
}

// loading says whether a picture is fetched with the page: the first of a post that begins with no picture of its own, where it is large
// enough to be what a reader waits for.
func (r *rendered) loading(v resolved) string {
	if r.pictures++; r.pictures == 1 && v.width >= variantWidths[0] && r.post.Image.Src == "" {
		return "eager"
	}
	return "lazy"
}
