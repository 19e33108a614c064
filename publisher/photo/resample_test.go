package photo

import (
	"bytes"
	"image"
	"image/color"
	stdpng "image/png"
	"runtime"
	"testing"

	"golang.org/x/image/draw"
)

// What is scaled by a few rows at a time looks as x/image scales the whole, for each kind of picture, and see-through where it was.
func TestResampleAsOthersDo(t *testing.T) {
	t.Parallel()
	plain := sampleImage(301, 157)
	grey, alpha, ycc := image.NewGray(plain.Bounds()), image.NewNRGBA(plain.Bounds()), image.NewYCbCr(plain.Bounds(), image.YCbCrSubsampleRatio420)
	draw.Draw(grey, grey.Rect, plain, image.Point{}, draw.Src)
	for y := range 157 {
		for x := range 301 {
			alpha.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), 90, uint8((x * y) % 256)})
			ycc.Y[ycc.YOffset(x, y)], ycc.Cb[ycc.COffset(x, y)], ycc.Cr[ycc.COffset(x, y)] = uint8(x), uint8(y), 200
		}
	}
	moved := plain.(*image.RGBA).SubImage(image.Rect(20, 9, 290, 150))
	for name, m := range map[string]image.Image{"colours": plain, "grey": grey, "alpha": alpha, "photograph": ycc, "part": moved} {
		for _, size := range []image.Point{{100, 52}, {7, 3}, {1, 1}, {299, 140}, {33, 141}, m.Bounds().Size()} {
			want := image.NewNRGBA(image.Rectangle{Max: size})
			draw.BiLinear.Scale(want, want.Rect, m, m.Bounds(), draw.Src, nil)
			got := resample(m, size)
			for i := range want.Pix {
				d := int(got.Pix[i]) - int(want.Pix[i])
				if i%4 < 3 {
					d = d * int(want.Pix[i|3]) / 255 // as it is seen
				}
				if d < -2 || d > 2 {
					t.Fatalf("%s to %v: byte %d is %d, want %d", name, size, i, got.Pix[i], want.Pix[i])
				}
			}
		}
	}
}

// Scaling takes the picture once and little more: with a float for each of its rows a photograph takes hundreds of megabytes.
func TestScaleTakesLittle(t *testing.T) { // alone: it counts what the whole program allocates
	var b bytes.Buffer
	if err := stdpng.Encode(&b, image.NewGray(image.Rect(0, 0, 3000, 2000))); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out, err := Scale(b.Bytes(), 1, 1440)
	runtime.ReadMemStats(&after)
	if took := (after.TotalAlloc - before.TotalAlloc) >> 20; err != nil || took > 24 {
		t.Errorf("%d MB for a picture of 6 MB, %v", took, err)
	}
	if c, err := stdpng.DecodeConfig(bytes.NewReader(out)); err != nil || c.Width != 1440 || c.Height != 960 {
		t.Errorf("%v %v", c, err)
	}
}

// TestProgressive holds that the kind of JPEG is known that takes several times its size to decode.
func TestProgressive(t *testing.T) {
	t.Parallel()
	data := jpegOf(t, 40, 20)
	for _, want := range []bool{false, true} {
		f, err := Clean(&bytes.Buffer{}, bytes.NewReader(data))
		if err != nil || f.Progressive != want {
			t.Errorf("progressive: %v, want %v (%v)", f.Progressive, want, err)
		}
		data = bytes.Replace(data, []byte{0xff, 0xc0}, []byte{0xff, sof2}, 1)
	}
}
