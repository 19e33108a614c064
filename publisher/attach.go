package publisher

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/postil-blog/postil/activitypub"
)

// maxPictures is how many pictures a Note carries: Mastodon shows four and keeps sixteen.
const maxPictures = 16

// lead is the post's own picture, as followers get it.
func (b *build) lead(p *Post) *activitypub.Image {
	i := b.leadPicture(p)
	if i == nil {
		return nil
	}
	image := b.attached(*i)
	image.FocalPoint = p.Image.Focus
	return &image
}

// leadPicture resolves front matter's image; nil where there is none.
func (b *build) leadPicture(p *Post) *picture {
	if p.Image.Src == "" {
		return nil
	}
	v := b.resolve(p, p.Image.Src, true)
	if v.fault != "" {
		return nil
	}
	return &picture{cmp.Or(v.url, p.Image.Src), p.Image.Alt, v.width, v.height, v.shown()}
}

// pictures are those that a Note carries: the lead where the author wants it shown, then those of the text.
func (b *build) pictures(p *Post) []activitypub.Image {
	f := b.form(p)
	if f.As != "note" {
		return nil
	}
	var list []activitypub.Image
	if lead := b.lead(p); lead != nil && f.Lead == "image" {
		list = append(list, *lead)
	}
	for _, i := range b.notes[p].Rendering.Images {
		image := b.attached(i)
		if !slices.ContainsFunc(list, func(o activitypub.Image) bool { return o.URL == image.URL }) {
			list = append(list, image)
		}
	}
	return list[:min(len(list), maxPictures)]
}

func (b *build) attached(i picture) activitypub.Image {
	image := activitypub.Image{Type: "Image", URL: b.absolute(i.URL), MediaType: mediaType(i.URL), Name: i.Alt, Width: i.Width, Height: i.Height}
	if f, ok := b.files[i.File]; ok && b.config.Federation.Enabled {
		image.Blurhash = f.blurred(b)
	}
	return image
}

// mediaTypes are those of pictures. The system's own table differs from machine to machine.
var mediaTypes = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif", ".svg": "image/svg+xml",
}

func mediaType(at string) string { return mediaTypes[strings.ToLower(path.Ext(at))] }
