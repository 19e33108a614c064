// Package ogcard draws the picture that other servers show beside a link to a post that has no picture of its own (https://ogp.me): the
// title, the blog's name and its accent, 1200 by 630 pixels.
//
// Words come in, a PNG goes out. The fonts are those of Go, which know Latin, Greek and Cyrillic: a title in another script is left out
// rather than drawn as boxes, and the blog's name stands alone. The same words give the same bytes.
package ogcard

import (
	"image/color"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
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

// Drawer draws cards. It keeps the letters that it has drawn: a blog's titles share them. The zero value is ready, and may be used by several
// goroutines.
type Drawer struct {
	mu   sync.Mutex
	idle []*pen
}

// PNG draws a card.
func (d *Drawer) PNG(c Card) ([]byte, error) {
	p, err := d.take()
	if err != nil {
		return nil, err
	}
	data := p.card(c)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle = append(d.idle, p)
	return data, nil
}

func (d *Drawer) take() (p *pen, err error) {
	d.mu.Lock()
	if n := len(d.idle); n > 0 {
		p, d.idle = d.idle[n-1], d.idle[:n-1]
	}
	d.mu.Unlock()
	if p == nil {
		p, err = newPen()
	}
	return p, err
}

func (p *pen) card(c Card) []byte {
	p.wipe()
	name, title := Clean(c.Name, p.bold), Clean(c.Title, p.bold)
	if title == "" {
		title, name = name, ""
	}
	p.drawTitle(title)
	p.drawFoot(strings.TrimSpace(name + "  " + Clean(c.Handle, p.regular)))
	return encode(&p.deflater, p.lines, palette(c.Accent))
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
func (p *pen) drawTitle(title string) {
	for i, f := range p.titles {
		lines := wrap(f, title, Width-2*margin)
		height, last := int(f.size*1.2), i == len(p.titles)-1
		if len(lines)*height > room && !last || len(lines) > maxLines && !last {
			continue
		}
		if n := room / height; len(lines) > n {
			lines = lines[:n]
			lines[n-1] = cut(f, lines[n-1], Width-2*margin)
		}
		for i, line := range lines {
			p.write(f, line, top+int(f.size)+i*height)
		}
		return
	}
}

// drawFoot writes one line, cut to its room.
func (p *pen) drawFoot(text string) {
	if letters := []rune(text); len(letters) > maxTitle {
		text = string(letters[:maxTitle])
	}
	if !p.foot.fits(text, Width-2*margin) {
		text = cut(p.foot, text, Width-2*margin)
	}
	p.write(p.foot, text, footing)
}

// wrap breaks a text between words; a word that is wider than a line is broken inside.
func wrap(f *face, text string, width int) (lines []string) {
	if letters := []rune(text); len(letters) > maxTitle {
		text = string(letters[:maxTitle])
	}
	line := ""
	for _, word := range strings.Fields(text) {
		for {
			next := strings.TrimSpace(line + " " + word)
			if f.fits(next, width) {
				line = next
				break
			}
			if line != "" {
				lines, line = append(lines, line), ""
				continue
			}
			head := prefix(f, word, width)
			lines, word = append(lines, head), word[len(head):]
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// maxTitle is more than any card shows: the rest of a title is cut off before it is measured, word by word.
const maxTitle = 1000

// prefix is as much of a word as fits, one letter at least.
func prefix(f *face, word string, width int) string {
	end := 0
	for i, c := range word {
		if end > 0 && !f.fits(word[:i+len(string(c))], width) {
			break
		}
		end = i + len(string(c))
	}
	return word[:end]
}

// cut ends a line with an ellipsis.
func cut(f *face, line string, width int) string {
	r := []rune(line)
	for len(r) > 0 && !f.fits(string(r)+"…", width) {
		r = r[:len(r)-1]
	}
	return strings.TrimRight(string(r), " ,;:–—-") + "…"
}
