package inbox

import (
	"encoding/binary"
	"image"
)

// turned gives a picture as its photographer held the camera: JPEG says it beside the pixels (EXIF 2.3, tag 0x0112), and what is encoded here
// says nothing. A program that strips EXIF without turning the picture would show it on its side.
func turned(m image.Image, jpeg []byte) image.Image {
	o := orientation(jpeg)
	if o < 2 {
		return m
	}
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	if o > 4 {
		w, h = h, w
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := source(o, x, y, w, h)
			out.Set(x, y, m.At(b.Min.X+sx, b.Min.Y+sy))
		}
	}
	return out
}

// source is the place in the stored picture of what is shown at x, y of a picture of w × h.
func source(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, w - 1 - x
	case 7:
		return h - 1 - y, w - 1 - x
	default: // 8
		return h - 1 - y, x
	}
}

// orientation reads tag 0x0112 of a JPEG's EXIF, 1 to 8; 1 where there is none or it cannot be read. The bytes are a stranger's: every
// offset is checked, and nothing is followed twice.
func orientation(b []byte) int {
	tiff := exif(b)
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == 0x0112 {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			break
		}
		entries = entries[12:]
	}
	return 1
}

// exif is the TIFF block of a JPEG's APP1 segment, nil where there is none before the picture begins.
func exif(b []byte) []byte {
	for at := 2; at+4 <= len(b) && b[at] == 0xff && b[at+1] != 0xda; {
		size := int(binary.BigEndian.Uint16(b[at+2:]))
		if size < 2 || at+2+size > len(b) {
			return nil
		}
		if segment := b[at+4 : at+2+size]; b[at+1] == 0xe1 && len(segment) > 6 && string(segment[:6]) == "Exif\x00\x00" {
			return segment[6:]
		}
		at += 2 + size
	}
	return nil
}
