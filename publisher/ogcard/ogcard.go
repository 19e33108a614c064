// Package ogcard draws the picture that other servers show beside a link to a post that has no picture of its own (https://ogp.me): the
// title, the blog's name and its accent, 1200 by 630 pixels.
//
// Words come in, a PNG goes out. The fonts are those of Go, which know Latin, Greek and Cyrillic: a title in another script is left out
// rather than drawn as boxes, and the blog's name stands alone. The same words give the same bytes.
package ogcard

import (
	"image"
	"image/color"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// The size that servers ask for, in pixels.
const (
	Width  = 1200
	Height = 630
)

// Where things stand, in pixels.
const (
	margin   = 96
	bar      = 28 // the accent at the left
	footing  = 552
	top      = 96
	maxLines = 5
	// room is the height that the title may take.
	room = 380
)

// Card is what a picture shows.
type Card struct {
	Title  string
	Name   string // of the blog
	Handle string // "@blog@example.com", "" for none
	Accent color.RGBA
}

// Default is the accent of the default theme.
var Default = color.RGBA{0xa8, 0x35, 0x26, 0xff}

// The colours: shades from the paper to the ink, then the accent. Sixteen at most make four bits a pixel.
const (
	shades = 14
	accent = shades
)

var paper, ink = color.RGBA{0xfd, 0xfc, 0xfa, 0xff}, color.RGBA{0x1d, 0x1f, 0x23, 0xff}

// PNG draws a card.
func PNG(c Card) ([]byte, error) {
	bold, regular, err := fonts()
	if err != nil {
		return nil, err
	}
	m := image.NewPaletted(image.Rect(0, 0, Width, Height), palette(c.Accent))
	for y := range Height {
		for x := range bar {
			m.Pix[y*m.Stride+x] = accent
		}
	}
	name, title := Clean(c.Name, bold), Clean(c.Title, bold)
	if title == "" {
		title, name = name, ""
	}
	if err := drawTitle(m, bold, title); err != nil {
		return nil, err
	}
	foot := strings.TrimSpace(name + "  " + Clean(c.Handle, regular))
	if err := drawLine(m, regular, 34, foot, footing, 8); err != nil {
		return nil, err
	}
	return encode(m)
}

func palette(accent color.RGBA) color.Palette {
	p := color.Palette{}
	for i := range shades {
		mix := func(a, b uint8) uint8 { return uint8((int(a)*(shades-1-i) + int(b)*i) / (shades - 1)) }
		p = append(p, color.RGBA{mix(paper.R, ink.R), mix(paper.G, ink.G), mix(paper.B, ink.B), 0xff})
	}
	return append(p, accent)
}

// parsed are the two fonts, read once.
var parsed = sync.OnceValues(func() ([2]*sfnt.Font, error) {
	bold, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return [2]*sfnt.Font{}, err
	}
	regular, err := opentype.Parse(goregular.TTF)
	return [2]*sfnt.Font{bold, regular}, err
})

func fonts() (bold, regular *sfnt.Font, err error) {
	f, err := parsed()
	return f[0], f[1], err
}

// Clean gives the text as the font can draw it: in composed letters, without emoji. It is "" where a letter is missing.
func Clean(text string, f *sfnt.Font) string {
	var b strings.Builder
	var room sfnt.Buffer
	for _, c := range norm.NFC.String(text) {
		switch {
		case unicode.IsSpace(c):
			b.WriteByte(' ')
			continue
		case unicode.Is(unicode.So, c) || unicode.Is(unicode.Sk, c) && c > 0xff || c == '\u200d' || c >= 0xfe00 && c <= 0xfe0f || unicode.IsControl(c):
			continue // a picture, or what belongs to one
		}
		if g, err := f.GlyphIndex(&room, c); err != nil || g == 0 {
			return ""
		}
		b.WriteRune(c)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// drawTitle writes the title as large as it fits.
func drawTitle(m *image.Paletted, f *sfnt.Font, title string) error {
	for _, size := range []float64{84, 72, 62, 54, 46} {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			return err
		}
		lines := wrap(face, title, Width-2*margin)
		height := int(size * 1.2)
		last := size == 46
		if len(lines)*height > room && !last || len(lines) > maxLines && !last {
			continue
		}
		if n := room / height; len(lines) > n {
			lines = lines[:n]
			lines[n-1] = cut(face, lines[n-1], Width-2*margin)
		}
		for i, line := range lines {
			write(m, face, line, top+int(size)+i*height, shades-1)
		}
		return nil
	}
	return nil
}

// drawLine writes one line in a shade, cut to its room.
func drawLine(m *image.Paletted, f *sfnt.Font, size float64, text string, y int, shade int) error {
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return err
	}
	if font.MeasureString(face, text) > fixed.I(Width-2*margin) {
		text = cut(face, text, Width-2*margin)
	}
	write(m, face, text, y, shade)
	return nil
}

// wrap breaks a text between words; a word that is wider than a line is broken inside.
func wrap(face font.Face, text string, width int) (lines []string) {
	if letters := []rune(text); len(letters) > maxLetters {
		text = string(letters[:maxLetters])
	}
	line := ""
	for _, word := range strings.Fields(text) {
		for {
			next := strings.TrimSpace(line + " " + word)
			if fits(face, next, width) {
				line = next
				break
			}
			if line != "" {
				lines, line = append(lines, line), ""
				continue
			}
			head := prefix(face, word, width)
			lines, word = append(lines, head), word[len(head):]
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// maxLetters is more than any card shows: the rest of a title is cut off before it is measured, word by word.
const maxLetters = 1000

func fits(face font.Face, s string, width int) bool {
	return font.MeasureString(face, s) <= fixed.I(width)
}

// prefix is as much of a word as fits, one letter at least.
func prefix(face font.Face, word string, width int) string {
	end := 0
	for i, c := range word {
		if end > 0 && !fits(face, word[:i+len(string(c))], width) {
			break
		}
		end = i + len(string(c))
	}
	return word[:end]
}

// cut ends a line with an ellipsis.
func cut(face font.Face, line string, width int) string {
	r := []rune(line)
	for len(r) > 0 && !fits(face, string(r)+"…", width) {
		r = r[:len(r)-1]
	}
	return strings.TrimRight(string(r), " ,;:–—-") + "…"
}

// write draws a line on its baseline, in shades up to one. font.Drawer would take four times as long: it asks for each pixel.
func write(m *image.Paletted, face font.Face, text string, y, shade int) {
	dot, last := fixed.P(margin, y), rune(-1)
	for _, c := range text {
		if last >= 0 {
			dot.X += face.Kern(last, c)
		}
		box, mask, at, advance, ok := face.Glyph(dot, c)
		if a, alpha := mask.(*image.Alpha); ok && alpha {
			stamp(m, box, a, at, shade)
		}
		dot.X += advance
		last = c
	}
}

// stamp draws one letter.
func stamp(m *image.Paletted, box image.Rectangle, mask *image.Alpha, at image.Point, shade int) {
	in := box.Intersect(m.Rect)
	for y := in.Min.Y; y < in.Max.Y; y++ {
		from := mask.Pix[mask.PixOffset(at.X+in.Min.X-box.Min.X, at.Y+y-box.Min.Y):]
		to := m.Pix[m.PixOffset(in.Min.X, y):]
		for x := range in.Dx() {
			if a := uint8((int(from[x])*shade + 127) / 255); a > to[x] {
				to[x] = a
			}
		}
	}
}
