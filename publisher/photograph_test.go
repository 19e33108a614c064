package publisher

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"regexp"
	"strings"
	"testing"
	"time"
)

// photograph is a JPEG of w by h stored pixels with an Exif that says how it is to be turned, and where it was taken.
func photograph(t *testing.T, w, h, orientation int) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{uint8(255 * x / w), uint8(255 * y / h), 40, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	tiff := "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(rune(orientation)) + "\x00\x00\x00\x00\x00\x00"
	exif := "Exif\x00\x00" + tiff + "GPS-CANARY 52.52N 13.40E"
	xmp := "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>GPS-CANARY"
	s := b.String()
	return s[:2] + "\xff\xe1\x00" + string([]byte{byte(len(exif) + 2)}) + exif + "\xff\xe1\x00" + string([]byte{byte(len(xmp) + 2)}) + xmp + s[2:] + "GPS-CANARY"
}

// TestPublishedPhotosTellNothing: nothing that publish writes says where a photograph was taken, wherever it lies and however it is used.
func TestPublishedPhotosTellNothing(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md":            post("A", "2026-10-01", "image = {src = \"lead.jpg\", alt = \"x\"}\nfediverse = {as = \"note\"}", "![one](flat.jpg) [two](linked.jpg)"),
		"content/posts/lead.jpg":        photograph(t, 60, 40, 1),
		"content/posts/flat.jpg":        photograph(t, 1000, 40, 1),
		"content/posts/linked.jpg":      photograph(t, 60, 40, 8),
		"content/posts/b/index.md":      post("B", "2026-10-02", "", "x"),
		"content/posts/b/beside.jpg":    photograph(t, 60, 40, 3),
		"content/pictures/anywhere.jpg": photograph(t, 60, 40, 1),
		"content/renamed.png":           photograph(t, 60, 40, 1),
	})
	b.publish()
	photos := 0
	for _, dir := range []string{"public", ".cache"} {
		for name, data := range b.tree(dir) {
			if strings.Contains(data, "CANARY") || strings.Contains(data, "Exif") {
				t.Errorf("%s/%s tells where it was taken", dir, name)
			}
			if _, kind, err := image.DecodeConfig(strings.NewReader(data)); err == nil && kind == "jpeg" {
				photos++
			}
		}
	}
	if photos < 6 {
		t.Errorf("%d photographs were published, want all six", photos)
	}
	before := b.times("public")
	b.later(time.Hour)
	if r := b.publish(); !r.Nothing {
		t.Errorf("the second run did something: %+v", r)
	}
	for name, at := range b.times("public") {
		if !before[name].Equal(at) {
			t.Errorf("%s was written again", name)
		}
	}
}

// A photograph that was held sideways is shown upright: its pixels are turned, and the page says so.
func TestPhotosAreUpright(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-01", "", "![tall](tall.jpg)"), "content/posts/tall.jpg": photograph(t, 60, 40, 6)})
	b.publish()
	m, err := jpeg.Decode(strings.NewReader(b.read("public/posts/a/tall.jpg")))
	if err != nil || m.Bounds() != image.Rect(0, 0, 40, 60) {
		t.Fatalf("the picture is %v, %v", m.Bounds(), err)
	}
	if r, g, _, _ := m.At(38, 2).RGBA(); r > 0x3000 || g > 0x3000 { // what was stored first is at the upper right
		t.Errorf("the upper right is %x %x", r, g)
	}
	if page := b.read("public/posts/a/index.html"); !regexp.MustCompile(`<img[^>]* width="40" height="60"`).MatchString(page) {
		t.Errorf("the page has other sizes:\n%s", page)
	}
}

func TestDamagedPhoto(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-01", "", "![x](x.jpg)"), "content/posts/x.jpg": photograph(t, 60, 40, 1)[:120]})
	if ds := b.faults(); ds.Errors() == 0 || ds[len(ds)-1].Code != codeDamaged {
		t.Errorf("faults: %v", ds)
	}
}
