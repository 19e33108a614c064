package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	stdpng "image/png"
	"strings"
	"testing"

	xwebp "golang.org/x/image/webp"
)

// canary is what must not get out.
const canary = "GPS-CANARY-52.5200N-13.4050E"

// sampleImage has another colour in each quarter.
func sampleImage(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{200, 30, 30, 255}
			if x >= w/2 {
				c.G = 220
			}
			if y >= h/2 {
				c.R = 20
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func jpegOf(t testing.TB, w, h int) []byte {
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, sampleImage(w, h), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func app(m byte, body string) string {
	return string([]byte{0xff, m, byte((len(body) + 2) >> 8), byte(len(body) + 2)}) + body
}

// exif is an Exif segment with an orientation and a canary.
func exif(order binary.AppendByteOrder, orientation int) string {
	tiff := []byte("MM\x00*")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		tiff = []byte("II*\x00")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, e := range [][2]int{{0x10f, 2}, {0x112, 3}} {
		tiff = order.AppendUint16(order.AppendUint16(tiff, uint16(e[0])), uint16(e[1]))
		tiff = order.AppendUint32(tiff, 1)
		tiff = order.AppendUint16(order.AppendUint16(tiff, uint16(orientation)), 0)
	}
	return app(app1, "Exif\x00\x00"+string(tiff)+canary)
}

// loaded is a JPEG with everything that a phone and a photo program write.
func loaded(t testing.TB, w, h, orientation int) []byte {
	plain := jpegOf(t, w, h)
	head := exif(binary.BigEndian, orientation) + app(app1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"+canary) + app(app2, "ICC_PROFILE\x00\x01\x01colours") +
		app(app2, "MPF\x00"+canary) + app(0xed, "Photoshop 3.0\x00"+canary) + app(com, canary) + app(0xe5, canary)
	out := append([]byte{}, plain[:2]...)
	out = append(out, head...)
	out = append(out, plain[2:]...)
	return append(append(out, plain[:2]...), exif(binary.LittleEndian, 1)+canary...) // a second picture behind the end
}

func chunk(name, data string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
}

func pngOf(t testing.TB) []byte {
	var b bytes.Buffer
	if err := stdpng.Encode(&b, sampleImage(20, 10)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func riff(chunks ...string) []byte {
	body := "WEBP" + strings.Join(chunks, "")
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riffChunk(name, data string) string {
	if len(data)%2 == 1 {
		data += "\x00"
	}
	return string(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data)))) + data
}

// vp8l is a lossless WebP of one pixel.
const vp8l = "/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"

func TestCleanTakesOutWhatIsPrivate(t *testing.T) {
	t.Parallel()
	full := pngOf(t)
	end := len(full) - 12
	png := string(full[:33]) + chunk("eXIf", canary) + chunk("tEXt", "Comment\x00"+canary) + chunk("iTXt", canary) + chunk("zTXt", canary) + chunk("tIME", "1234567") + chunk("prVt", canary) +
		chunk("gAMA", "\x00\x00\xb1\x8f") + string(full[33:end]) + string(full[end:]) + canary
	web := riff(riffChunk("VP8X", "\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00"), riffChunk("VP8L", vp8l), riffChunk("EXIF", canary), riffChunk("XMP ", canary))
	for name, c := range map[string]struct {
		in   []byte
		kind string
	}{"jpeg": {loaded(t, 40, 20, 6), "jpeg"}, "png": {[]byte(png), "png"}, "webp": {append(web, canary...), "webp"}} {
		var out bytes.Buffer
		f, err := Clean(&out, bytes.NewReader(c.in))
		if err != nil || f.Kind != c.kind || !f.Removed {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
		if !bytes.Contains(c.in, []byte(canary)) || bytes.Contains(out.Bytes(), []byte("CANARY")) {
			t.Errorf("%s: what is private gets out", name)
		}
		var again bytes.Buffer
		if f, err := Clean(&again, bytes.NewReader(out.Bytes())); err != nil || f.Removed || !bytes.Equal(again.Bytes(), out.Bytes()) {
			t.Errorf("%s: a clean picture is changed again: %+v %v", name, f, err)
		}
		if name == "webp" {
			if _, err := xwebp.DecodeConfig(bytes.NewReader(out.Bytes())); err != nil || out.Bytes()[20] != 0 {
				t.Errorf("webp: %v, flags %x", err, out.Bytes()[20])
			}
			continue
		}
		was, _, err1 := image.Decode(bytes.NewReader(c.in))
		is, _, err2 := image.Decode(bytes.NewReader(out.Bytes()))
		if err1 != nil || err2 != nil || !same(was, is) {
			t.Errorf("%s: the picture looks otherwise: %v %v", name, err1, err2)
		}
	}
}

func same(x, y image.Image) bool {
	if x.Bounds() != y.Bounds() {
		return false
	}
	for j := range x.Bounds().Dy() {
		for i := range x.Bounds().Dx() {
			if x.At(i, j) != y.At(i, j) {
				return false
			}
		}
	}
	return true
}

func TestCleanKeepsTheProfile(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	f, err := Clean(&out, bytes.NewReader(loaded(t, 40, 20, 6)))
	if err != nil || f.Orientation != 6 || !bytes.Contains(out.Bytes(), []byte("ICC_PROFILE")) {
		t.Fatalf("%+v %v", f, err)
	}
	up, err := Upright(out.Bytes(), f.Orientation)
	if err != nil || !bytes.Contains(up, []byte("ICC_PROFILE\x00\x01\x01colours")) {
		t.Fatalf("turned without its profile: %v", err)
	}
	m, err := stdjpeg.Decode(bytes.NewReader(up))
	if err != nil || m.Bounds() != image.Rect(0, 0, 20, 40) {
		t.Fatalf("turned: %v %v", m.Bounds(), err)
	}
	// Turned right: what was at the lower left is at the upper left now.
	if r, g, _, _ := m.At(3, 3).RGBA(); r > 0x6000 || g > 0x6000 {
		t.Errorf("the upper left is %x %x", r, g)
	}
}

// What cannot be told apart is an error, and other files stay as they are.
func TestCleanDamaged(t *testing.T) {
	t.Parallel()
	full := loaded(t, 40, 20, 1)
	for _, in := range [][]byte{full[:3], full[:40], full[:300], []byte("\xff\xd8\xffgarbage"), pngOf(t)[:30], riff(riffChunk("VP8L", vp8l))[:20], []byte("RIFF\xff\xff\xff\xffWEBP")} {
		if _, err := Clean(&bytes.Buffer{}, bytes.NewReader(in)); !errors.Is(err, ErrBroken) {
			t.Errorf("Clean of %d bytes gave %v", len(in), err)
		}
	}
	plain := jpegOf(t, 40, 20)
	var out bytes.Buffer
	if f, err := Clean(&out, bytes.NewReader(plain[:len(plain)-30])); err != nil || f.Removed || !bytes.HasSuffix(out.Bytes(), []byte{0xff, eoi}) {
		t.Errorf("a picture that was cut off: %+v %v", f, err)
	}
	for _, text := range []string{"", "x", "GIF89a and more", "<svg/>"} {
		var out bytes.Buffer
		if f, err := Clean(&out, strings.NewReader(text)); err != nil || f != (Facts{}) || out.String() != text {
			t.Errorf("%q: %+v %v %q", text, f, err, out.String())
		}
	}
}

func TestTelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want bool
	}{{string(loaded(t, 40, 20, 1)[:300]), true}, {string(jpegOf(t, 40, 20)), false}, {"", false}, {strings.Repeat("x", 64<<10-2) + "Exif", true}, {strings.Repeat("x", 200<<10) + "eXIf", true}} {
		if got, err := Telling(strings.NewReader(c.in)); got != c.want || err != nil {
			t.Errorf("%d bytes tell of metadata: %v %v, want %v", len(c.in), got, err, c.want)
		}
	}
}

func TestOrientation(t *testing.T) {
	t.Parallel()
	for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
		for o := range 10 {
			want := o
			if o < 1 || o > 8 {
				want = 0
			}
			if got := orientation(app1, []byte(exif(order, o)[4:])); got != want {
				t.Errorf("orientation %d in %v is %d", o, order, got)
			}
		}
	}
	m := sampleImage(6, 4)
	for o := range 9 {
		back := map[int]int{6: 8, 8: 6}[o]
		if back == 0 {
			back = o
		}
		if got := Turn(Turn(m, o), back); !same(got, m) {
			t.Errorf("orientation %d there and back is another picture", o)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add(loaded(f, 8, 8, 3))
	f.Add(pngOf(f))
	f.Add(riff(riffChunk("VP8L", vp8l), riffChunk("EXIF", canary)))
	f.Fuzz(func(t *testing.T, in []byte) {
		var out, again bytes.Buffer
		facts, err := Clean(&out, bytes.NewReader(in))
		if err != nil || facts.Kind == "" {
			return
		}
		if f, err := Clean(&again, bytes.NewReader(out.Bytes())); err != nil || f.Removed || !bytes.Equal(out.Bytes(), again.Bytes()) {
			t.Errorf("cleaning twice is not cleaning once: %+v %v", f, err)
		}
	})
}
