package publisher

import (
	"image"
	"io"
	"math"
	"strings"

	"github.com/postil-blog/postil/publisher/photo"
)

const (
	// maxPixels bounds the pictures that are decoded for their blurhash: more would take seconds and hundreds of megabytes.
	maxPixels = 24_000_000
	// A blurhash has so many parts across and down, and is made of a picture that is at most so wide and high.
	blurAcross, blurDown, blurSide = 4, 3, 64
)

// blurred is the picture's blurhash, "" where it cannot be decoded or is too large. It is remembered with the file, so that it is
// decoded once in its life; pictures that nobody gets are not decoded at all.
func (f *file) blurred(b *build) string {
	f.blur.Do(func() {
		fact := f.look(b)
		if f.hash, f.hashed = fact.Blurhash, true; !fact.Blurred {
			f.hash = f.decode(b, fact)
		}
	})
	return f.hash
}

func (f *file) decode(b *build, fact fileFact) string {
	if !fact.decodes() {
		return ""
	}
	defer b.decoder(fact)()
	r, err := b.openFile(f)
	if err != nil {
		return ""
	}
	defer r.Close()
	m, _, err := image.Decode(io.LimitReader(r, 64<<20))
	if err != nil {
		return ""
	}
	return blurhash(photo.Turn(m, fact.Orientation), blurAcross, blurDown)
}

// pixel is a colour in linear light.
type pixel [3]float64

// blurhash encodes a picture as a few waves of colour that readers see while it loads (github.com/woltapp/blurhash, Algorithm.md):
// nx and ny from 1 to 9 are how many across and down.
func blurhash(m image.Image, nx, ny int) string {
	w, h, light := sampled(m)
	parts := make([]pixel, 0, nx*ny)
	for y := range ny {
		for x := range nx {
			parts = append(parts, wave(light, w, h, x, y))
		}
	}
	most := 0.0
	for _, p := range parts[1:] {
		most = max(most, math.Abs(p[0]), math.Abs(p[1]), math.Abs(p[2]))
	}
	scale, quantised := 1.0, 0
	if len(parts) > 1 {
		quantised = min(82, max(0, int(math.Floor(most*166-0.5))))
		scale = float64(quantised+1) / 166
	}
	var s strings.Builder
	s.WriteString(base83((nx-1)+(ny-1)*9, 1) + base83(quantised, 1))
	s.WriteString(base83(toSRGB(parts[0][0])<<16|toSRGB(parts[0][1])<<8|toSRGB(parts[0][2]), 4))
	for _, p := range parts[1:] {
		s.WriteString(base83((share(p[0]/scale)*19+share(p[1]/scale))*19+share(p[2]/scale), 2))
	}
	return s.String()
}

// sampled is a small copy of a picture, in linear light: a blurhash keeps nothing finer.
func sampled(m image.Image) (w, h int, light []pixel) {
	r := m.Bounds()
	w, h = min(r.Dx(), blurSide), min(r.Dy(), blurSide)
	for y := range h {
		for x := range w {
			cr, cg, cb, _ := m.At(r.Min.X+(2*x+1)*r.Dx()/(2*w), r.Min.Y+(2*y+1)*r.Dy()/(2*h)).RGBA()
			light = append(light, pixel{toLinear(cr), toLinear(cg), toLinear(cb)})
		}
	}
	return w, h, light
}

// wave is how much of a wave with x and y half periods is in the picture.
func wave(light []pixel, w, h, x, y int) (sum pixel) {
	norm := 2.0
	if x == 0 && y == 0 {
		norm = 1
	}
	for j := range h {
		for i := range w {
			basis := math.Cos(math.Pi*float64(x)*float64(i)/float64(w)) * math.Cos(math.Pi*float64(y)*float64(j)/float64(h))
			for c, v := range light[j*w+i] {
				sum[c] += basis * v
			}
		}
	}
	for c := range sum {
		sum[c] *= norm / float64(w*h)
	}
	return sum
}

func toLinear(c uint32) float64 {
	v := float64(c>>8) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func toSRGB(v float64) int {
	v = max(0, min(1, v))
	if v <= 0.0031308 {
		return int(v*12.92*255 + 0.5)
	}
	return int((1.055*math.Pow(v, 1/2.4)-0.055)*255 + 0.5)
}

// share is a part's strength in 19 steps.
func share(v float64) int {
	return max(0, min(18, int(math.Floor(math.Copysign(math.Sqrt(math.Abs(v)), v)*9+9.5))))
}

const digits83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"

func base83(n, length int) string {
	b := make([]byte, length)
	for i := range b {
		b[length-1-i] = digits83[n%83]
		n /= 83
	}
	return string(b)
}

// average is a picture's colour as 0xRRGGBB, which its blurhash begins with.
func average(hash string) (rgb int, ok bool) {
	if len(hash) < 6 {
		return 0, false
	}
	for _, c := range []byte(hash[2:6]) {
		rgb = rgb*83 + strings.IndexByte(digits83, c)
	}
	return rgb, true
}
