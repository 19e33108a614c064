package ogcard

import (
	"bytes"
	"compress/zlib"
	"flag"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pictures, when set, keeps what is drawn: go test ./publisher/ogcard -pictures FOLDER
var pictures = flag.String("pictures", "", "folder to write the cards to")

var cards = map[string]Card{
	"short":  {Title: "Fog", Name: "Notes from the Margin", Handle: "@notes@notes.example", Accent: Default},
	"long":   {Title: "What your followers see: a long walk through every server, every client, and every way in which they show or hide what you wrote", Name: "Notes from the Margin", Handle: "@notes@notes.example", Accent: Default},
	"longer": {Title: strings.Repeat("A title without end ", 40), Name: strings.Repeat("A name without end ", 20), Accent: Default},
	"word":   {Title: strings.Repeat("Donaudampfschifffahrt", 6), Name: "N", Accent: Default},
	"greek":  {Title: "Ο μύθος του Σίσυφου, и немного по-русски", Name: "N", Accent: Default},
	"emoji":  {Title: "🎉 Party time 👩‍🚀", Name: "Notes", Accent: Default},
	"cjk":    {Title: "日本語の記事", Name: "Notes from the Margin", Handle: "@notes@notes.example", Accent: Default},
	"none":   {Title: "日本語", Name: "ブログ", Accent: Default},
	"empty":  {},
}

func TestCards(t *testing.T) {
	t.Parallel()
	var used Drawer
	for name, c := range cards {
		data, err := new(Drawer).PNG(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		m, err := png.Decode(bytes.NewReader(data))
		if err != nil || m.Bounds() != image.Rect(0, 0, Width, Height) || len(data) > 60<<10 {
			t.Fatalf("%s: %d bytes, %v", name, len(data), err)
		}
		if r, g, b, _ := m.At(5, 5).RGBA(); r>>8 != uint32(c.Accent.R) || g>>8 != uint32(c.Accent.G) || b>>8 != uint32(c.Accent.B) {
			t.Errorf("%s: the accent is %x %x %x", name, r>>8, g>>8, b>>8)
		}
		if drawn := dark(m); drawn != (name != "none" && name != "empty") {
			t.Errorf("%s: something is written: %v", name, drawn)
		}
		if again, _ := used.PNG(c); !bytes.Equal(data, again) {
			t.Errorf("%s: one who drew other cards before draws another picture", name)
		}
		if *pictures != "" {
			if err := os.WriteFile(filepath.Join(*pictures, "card-"+name+".png"), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A title that the font cannot draw whole is not drawn at all: the card is the one of the blog's name.
func TestMissingGlyphs(t *testing.T) {
	t.Parallel()
	f, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Plain text":      "Plain text",
		"e\u0301te\u0301": "été",
		"Ёлка и Σ":        "Ёлка и Σ",
		"A 🎉 party 👩‍🚀":   "A party",
		"日本語":             "",
		"Mixed 日本語":       "",
		"مرحبا":           "",
		"हिन्दी":          "",
		" a\n b ":         "a b",
	} {
		if got := Clean(text, f[0]); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
	c := cards["cjk"]
	with, err := new(Drawer).PNG(c)
	c.Title = ""
	without, err2 := new(Drawer).PNG(c)
	if err != nil || err2 != nil || !bytes.Equal(with, without) {
		t.Errorf("a title in a script that the font lacks leaves a trace: %v %v", err, err2)
	}
}

// dark tells whether a picture has ink on its paper.
func dark(m image.Image) bool {
	for y := range Height / 2 {
		for x := margin; x < Width; x++ {
			if r, _, _, _ := m.At(x, y).RGBA(); r < 0x4000 {
				return true
			}
		}
	}
	return false
}

func BenchmarkPNG(b *testing.B) {
	var d Drawer
	for b.Loop() {
		if _, err := d.PNG(cards["long"]); err != nil {
			b.Fatal(err)
		}
	}
}

// What the deflater writes compress/zlib reads back, whatever it is.
func TestDeflater(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var d deflater
	for i := range 300 {
		stride, data := 1+r.IntN(700), make([]byte, 1+r.IntN(3000))
		for j := range data {
			switch k := r.IntN(4); {
			case k == 0 || j < stride:
				data[j] = byte(r.IntN(1 << (i % 9)))
			case k == 1 && j > 0:
				data[j] = data[j-1]
			default:
				data[j] = data[j-stride]
			}
		}
		z, err := zlib.NewReader(bytes.NewReader(d.compress(data, stride)))
		if err != nil {
			t.Fatal(err)
		}
		if back, err := io.ReadAll(z); err != nil || !bytes.Equal(back, data) {
			t.Fatalf("%d bytes in lines of %d come back as %d: %v", len(data), stride, len(back), err)
		}
	}
}

// No code is longer than deflate permits, though Fibonacci numbers ask for that.
func TestLongCodes(t *testing.T) {
	t.Parallel()
	often := []uint32{1, 1}
	for len(often) < 30 {
		often = append(often, often[len(often)-1]+often[len(often)-2])
	}
	room := 0
	for _, c := range codes(often) {
		if c.n == 0 || c.n > longestCode {
			t.Fatalf("a code of %d bits", c.n)
		}
		room += 1 << (longestCode - c.n)
	}
	if room != 1<<longestCode {
		t.Errorf("the codes take %d of %d", room, 1<<longestCode)
	}
}
