package publisher

import (
	"encoding/hex"
	"image/color"
	"slices"

	"github.com/postil-blog/postil/publisher/ogcard"
	"github.com/postil-blog/postil/templates"
)

// planPosters plans a preview picture for each post and page that has no picture of its own. Its name is made of what it shows, so that
// servers which keep it ask again after a change, and two posts of one title share it.
func (b *build) planPosters() {
	b.posters = map[*Post]string{}
	if !b.config.Publish.Cards {
		return
	}
	for _, p := range slices.Concat(b.posts, b.pages) {
		card, print, at := b.poster(p)
		if b.posters[p] = at; at != "" && !b.taken(at) {
			b.plan(output{path: at, print: print, class: assets, make: func() ([]byte, error) { return b.drawer.PNG(card) }})
		}
	}
}

// poster is the picture that is drawn for a post, and its path, "" where there is none.
func (b *build) poster(p *Post) (card ogcard.Card, print [32]byte, at string) {
	if b.leadPicture(p) != nil || !b.config.Publish.Cards {
		return card, print, ""
	}
	card = ogcard.Card{Name: b.config.Site.Title, Handle: b.blogData.Handle, Accent: b.accent(), Title: p.Title}
	print = b.print("poster", card)
	return card, print, "assets/card." + hex.EncodeToString(print[:8]) + ".png"
}

// accent is the theme's colour: params.accent, "#rrggbb", else that of the default theme.
func (b *build) accent() color.RGBA {
	s, _ := b.config.Params["accent"].(string)
	if rgb, err := hex.DecodeString(s[min(len(s), 1):]); err == nil && len(rgb) == 3 && s[0] == '#' {
		return color.RGBA{rgb[0], rgb[1], rgb[2], 0xff}
	}
	return ogcard.Default
}

// preview says which picture goes with a link to the page: the post's own, else the one that was drawn.
func (b *build) preview(page *templates.Page, p *Post) {
	if i := page.Post.Image; i != nil {
		page.Image, page.ImageAlt, page.ImageWidth, page.ImageHeight = b.absolute(i.URL), i.Alt, i.Width, i.Height
	} else if at := b.posters[p]; at != "" {
		page.Image, page.ImageAlt = b.addresses.Page(at), p.Title
		page.ImageWidth, page.ImageHeight = ogcard.Width, ogcard.Height
	}
}
