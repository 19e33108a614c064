package remotetest

import (
	"bytes"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
)

const avatarSize = 96

// avatar draws a picture of a name: a symmetric pattern of 5 by 5 squares in one colour, the same every time.
func avatar(name string) []byte {
	h := fnv.New64a()
	h.Write([]byte(name))
	bits := h.Sum64()
	ink := color.NRGBA{uint8(40 + bits%120), uint8(40 + bits>>8%120), uint8(60 + bits>>16%140), 255}
	img := image.NewPaletted(image.Rect(0, 0, avatarSize, avatarSize), color.Palette{color.NRGBA{236, 236, 240, 255}, ink})
	const margin, cell = 8, (avatarSize - 16) / 5
	for y := range 5 * cell {
		for x := range 5 * cell {
			column := min(x/cell, 4-x/cell)
			if bits>>(24+uint(column*5+y/cell))&1 == 1 {
				img.SetColorIndex(margin+x, margin+y, 1)
			}
		}
	}
	var b bytes.Buffer
	// A bytes.Buffer takes everything.
	_ = png.Encode(&b, img)
	return b.Bytes()
}

func (s *Server) serveAvatar(w http.ResponseWriter, r *http.Request) {
	a, err := s.account(r.PathValue("user"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	servePNG(w, avatar(a.name))
}

// serveEmoji serves a picture for every custom emoji that anybody may name.
func (s *Server) serveEmoji(w http.ResponseWriter, r *http.Request) {
	servePNG(w, avatar(strings.TrimSuffix(r.PathValue("name"), ".png")))
}

func servePNG(w http.ResponseWriter, picture []byte) {
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(picture)
}

// Emoji is the tag of a custom emoji (":blobcat:") whose picture the server serves.
func (s *Server) Emoji(name string) map[string]any {
	picture := s.origin + "/emoji/" + strings.Trim(name, ":") + ".png"
	return map[string]any{"id": nil, "type": "Emoji", "name": name, "icon": map[string]any{"type": "Image", "mediaType": "image/png", "url": picture}}
}

// emoji is Emoji for what looks like one, nil for a character.
func (s *Server) emoji(content string) map[string]any {
	if len(content) > 2 && strings.HasPrefix(content, ":") && strings.HasSuffix(content, ":") {
		return s.Emoji(content)
	}
	return nil
}
