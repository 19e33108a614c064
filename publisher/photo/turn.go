package photo

import (
	"bytes"
	"fmt"
	"image"
	stdjpeg "image/jpeg"
)

// quality is that of a JPEG that had to be written again: beyond it files grow and nobody sees more.
const quality = 92

// Turned tells whether an orientation changes width and height.
func Turned(orientation int) bool { return orientation >= 5 && orientation <= 8 }

// Upright gives a JPEG, as Clean left it, turned as its Exif asked for: not every reader of the picture knows Exif, and it is gone. The
// colour profile is kept. The picture is decoded: the caller has looked at its size.
func Upright(data []byte, orientation int) ([]byte, error) {
	m, err := stdjpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrBroken, err)
	}
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, Turn(m, orientation), &stdjpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	out := b.Bytes()
	if _, cmyk := m.(*image.CMYK); cmyk {
		return out, nil // the profile is of colours that the picture has no more
	}
	return withProfile(out, profile(data)), nil
}

// profile is the segments of the colour profile.
func profile(data []byte) (list []byte) {
	for at := 2; at+4 <= len(data) && data[at] == 0xff && data[at+1] != sos; {
		size := 2 + int(data[at+2])<<8 + int(data[at+3])
		if at+size > len(data) {
			break
		}
		if data[at+1] == app2 {
			list = append(list, data[at:at+size]...)
		}
		at += size
	}
	return list
}

// Turn gives a picture as an orientation of 1 to 8 asks for (CIPA DC-008, tag 0x112).
func Turn(m image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return m
	}
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if Turned(orientation) {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	bands(m, func(top int, rows *image.RGBA) {
		for y := range rows.Rect.Dy() {
			for x := range w {
				tx, ty := place(orientation, x, top+y, w, h)
				copy(to.Pix[to.PixOffset(tx, ty):][:4], rows.Pix[rows.PixOffset(x, y):][:4])
			}
		}
	})
	return to
}

// place is where a stored pixel is shown.
func place(orientation, x, y, w, h int) (int, int) {
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
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}
