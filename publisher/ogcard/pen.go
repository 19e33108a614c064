package ogcard

import (
	"bytes"
	"image"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// pen is what drawing a card needs, kept from one to the next.
type pen struct {
	bold, regular *sfnt.Font
	titles        []*face // the largest first
	foot          *face
	blank, lines  []byte // the picture: lines of a stride, two pixels a byte
	deflater      deflater
}

// titleSizes are tried one after the other, in pixels.
var titleSizes = []float64{84, 72, 62, 54, 46}

func newPen() (p *pen, err error) {
	f, err := parsed()
	if err != nil {
		return nil, err
	}
	p = &pen{bold: f[0], regular: f[1]}
	for _, size := range titleSizes {
		title, err := newFace(p.bold, size, shades-1)
		if err != nil {
			return nil, err
		}
		p.titles = append(p.titles, title)
	}
	if p.foot, err = newFace(p.regular, 34, 8); err != nil {
		return nil, err
	}
	line := append(append([]byte{0}, bytes.Repeat([]byte{accent<<4 | accent}, bar/2)...), make([]byte, (Width-bar)/2)...)
	p.blank = bytes.Repeat(line, Height)
	return p, nil
}

// wipe begins a new picture: paper, and the accent at its left.
func (p *pen) wipe() { p.lines = append(p.lines[:0], p.blank...) }

// face is a font in a size and a shade, with the letters that were asked for.
type face struct {
	font.Face
	size     float64
	shade    int
	advances map[rune]fixed.Int26_6
	kerns    map[[2]rune]fixed.Int26_6
	letters  map[place]letter
}

// place is a letter and where its origin lies, in half pixels of a byte's two.
type place struct {
	c     rune
	phase int
}

// letter is a drawn one: rows of bytes as the picture has them, from a byte and line on, seen from its origin.
type letter struct {
	x, y  int
	width int // in bytes
	rows  []byte
}

// maxLetters is how many letters a face keeps.
const maxLetters = 2000

func newFace(f *sfnt.Font, size float64, shade int) (*face, error) {
	drawn, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	return &face{drawn, size, shade, map[rune]fixed.Int26_6{}, map[[2]rune]fixed.Int26_6{}, map[place]letter{}}, err
}

func (f *face) advance(c rune) fixed.Int26_6 {
	a, known := f.advances[c]
	if !known {
		a, _ = f.GlyphAdvance(c)
		f.advances[c] = a
	}
	return a
}

func (f *face) kern(c, next rune) fixed.Int26_6 {
	k, known := f.kerns[[2]rune{c, next}]
	if !known {
		k = f.Kern(c, next)
		f.kerns[[2]rune{c, next}] = k
	}
	return k
}

// walk calls at with each letter of a line and where it begins, and gives the line's width.
func (f *face) walk(text string, at func(c rune, x fixed.Int26_6)) (x fixed.Int26_6) {
	last := rune(-1)
	for _, c := range text {
		if last >= 0 {
			x += f.kern(last, c)
		}
		at(c, x)
		x += f.advance(c)
		last = c
	}
	return x
}

func (f *face) fits(text string, width int) bool {
	return f.walk(text, func(rune, fixed.Int26_6) {}) <= fixed.I(width)
}

// letter draws one, or takes it from those that were.
func (f *face) letter(c rune, phase int) letter {
	at := place{c, phase}
	l, known := f.letters[at]
	if !known {
		if len(f.letters) >= maxLetters {
			clear(f.letters)
		}
		l = f.draw(c, phase)
		f.letters[at] = l
	}
	return l
}

func (f *face) draw(c rune, phase int) (l letter) {
	box, mask, from, _, ok := f.Glyph(fixed.Point26_6{X: fixed.Int26_6(phase * 32)}, c)
	a, alpha := mask.(*image.Alpha)
	if !ok || !alpha || box.Empty() {
		return l
	}
	left := box.Min.X &^ 1
	l = letter{x: left / 2, y: box.Min.Y, width: (box.Max.X - left + 1) / 2}
	l.rows = make([]byte, l.width*box.Dy())
	for y := range box.Dy() {
		for x := range box.Dx() {
			shade := (int(a.AlphaAt(from.X+x, from.Y+y).A)*f.shade + 127) / 255
			at := box.Min.X - left + x
			l.rows[y*l.width+at/2] |= byte(shade << (4 * (1 - at%2)))
		}
	}
	return l
}

// write draws a line on its baseline. font.Drawer would ask for each pixel.
func (p *pen) write(f *face, text string, baseline int) {
	f.walk(text, func(c rune, x fixed.Int26_6) {
		half := int(fixed.I(margin)+x+16) >> 5 // rounded to half a pixel
		p.stamp(f.letter(c, half&3), half>>2, baseline)
	})
}

// stamp draws one letter whose origin lies in a byte of a line. Where two meet the darker shows.
func (p *pen) stamp(l letter, x, y int) {
	if l.width == 0 || x+l.x < 0 || x+l.x+l.width > Width/2 {
		return
	}
	for i := range len(l.rows) / l.width {
		if at := y + l.y + i; at >= 0 && at < Height {
			to := p.lines[at*stride+1+x+l.x:][:l.width]
			for j, b := range l.rows[i*l.width:][:l.width] {
				if b != 0 {
					to[j] = max(to[j]&0xf0, b&0xf0) | max(to[j]&0x0f, b&0x0f)
				}
			}
		}
	}
}
