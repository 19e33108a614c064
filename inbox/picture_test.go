package inbox

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// FuzzPicture gives any file to the proxy: what comes out was encoded here, is of a kind that browsers show and none that they run, and no
// larger than was asked for.
func FuzzPicture(f *testing.F) {
	m := image.NewPaletted(image.Rect(0, 0, 9, 7), color.Palette{color.Black, color.White, color.Transparent})
	for _, encode := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return png.Encode(b, m) }, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, nil) },
		func(b *bytes.Buffer) error { return gif.Encode(b, m, nil) },
	} {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")) // one pixel
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && c.Width*c.Height > 1<<18 {
			return // its pixels are the machine's work, not ours: TestPictureRefused has the bounds
		}
		out, kind, err := shrink(data, 32)
		if err != nil {
			return
		}
		c, format, err := image.DecodeConfig(bytes.NewReader(out))
		if err != nil || "image/"+format != kind || kind != "image/png" && kind != "image/jpeg" || max(c.Width, c.Height) > 32 {
			t.Errorf("%q of %dx%d as %s: %v", format, c.Width, c.Height, kind, err)
		}
	})
}
