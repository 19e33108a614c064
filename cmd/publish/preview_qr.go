package main

import (
	"strings"

	"rsc.io/qr"
)

// quietZone is how many light modules stand around a code: readers of dark terminals need them. ISO/IEC 18004 asks for four; two are enough
// for every telephone, and leave the code on a screen of 24 lines.
const quietZone = 2

// qrCode draws an address for a telephone's camera, two rows of modules in a line of text. On a terminal with colours it is black on white
// whatever the terminal's own colours are; elsewhere the blocks are the light modules, which is right where letters are light.
func qrCode(address string, color bool) (string, error) {
	code, err := qr.Encode(address, qr.L)
	if err != nil {
		return "", err
	}
	light := func(x, y int) bool { return !code.Black(x, y) } // beyond the code everything is light
	var b strings.Builder
	for y := -quietZone; y < code.Size+quietZone; y += 2 {
		if color {
			b.WriteString("\x1b[97;40m")
		}
		for x := -quietZone; x < code.Size+quietZone; x++ {
			upper, lower := light(x, y), light(x, y+1) && y+1 < code.Size+quietZone
			b.WriteString(map[[2]bool]string{{true, true}: "█", {true, false}: "▀", {false, true}: "▄", {false, false}: " "}[[2]bool{upper, lower}])
		}
		if color {
			b.WriteString("\x1b[0m")
		}
		b.WriteString("\n")
	}
	return b.String(), nil
}
