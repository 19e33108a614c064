package photo

import (
	"bytes"
	"fmt"
	"image"
	stdjpeg "image/jpeg"
	stdpng "image/png"
)

// smallQuality is that of scaled JPEGs.
const smallQuality = 82

// Scale gives a JPEG or PNG, as Clean left it, upright and so many pixels wide, in its own format and colours. The picture is decoded: the
// caller has looked at its size.
func Scale(data []byte, orientation, width int) ([]byte, error) {
	m, kind, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrBroken, err)
	}
	size := image.Pt(width, max(1, width*m.Bounds().Dy()/m.Bounds().Dx()))
	if Turned(orientation) { // scaled before it is turned, there are fewer pixels to turn
		size = image.Pt(max(1, width*m.Bounds().Dx()/m.Bounds().Dy()), width)
	}
	to := resample(m, size)
	var b bytes.Buffer
	if kind == "png" {
		err = stdpng.Encode(&b, to)
		return b.Bytes(), err
	}
	if err := stdjpeg.Encode(&b, Turn(to, orientation), &stdjpeg.Options{Quality: smallQuality}); err != nil {
		return nil, err
	}
	if _, cmyk := m.(*image.CMYK); cmyk {
		return b.Bytes(), nil
	}
	return withProfile(b.Bytes(), profile(data)), nil
}

// withProfile puts a colour profile behind a JPEG's first marker.
func withProfile(data, profile []byte) []byte {
	return append(append(append([]byte{}, data[:2]...), profile...), data[2:]...)
}
