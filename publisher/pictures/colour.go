package pictures

import (
	"fmt"
	"strings"
)

// The colours that hold a picture's place: a page's Content-Security-Policy allows no inline style, so each is a class of the style sheet.
// There are few, and always the same ones: a new picture changes no style sheet. Eyes tell shades of green apart best.
var shades = [3][]int{{0x3, 0x8, 0xd}, {0x2, 0x6, 0xa, 0xe}, {0x3, 0x8, 0xd}}

const colourClass = "ph"

// Class is the class with the colour nearest to 0xRRGGBB.
func Class(rgb int) string {
	at := 0
	for i, list := range shades {
		at = at*len(list) + nearest(list, rgb>>(16-8*i)&0xff)
	}
	return fmt.Sprint(colourClass, at)
}

// nearest is the index of the shade that a value of 0 to 255 comes nearest to.
func nearest(list []int, v int) (best int) {
	for i, s := range list {
		if abs(s*17-v) < abs(list[best]*17-v) {
			best = i
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// StyleSheet is what every theme's style sheet ends with, in less than 1 KB.
func StyleSheet() string {
	var b strings.Builder
	b.WriteString("\npicture{display:contents}\n")
	n := 0
	for _, r := range shades[0] {
		for _, g := range shades[1] {
			for _, bl := range shades[2] {
				fmt.Fprintf(&b, ".%s%d{background:#%x%x%x}", colourClass, n, r, g, bl)
				n++
			}
		}
	}
	return b.String() + "\n"
}
