package ogcard

import (
	"bytes"
	"flag"
	"image"
	"image/png"
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
	for name, c := range cards {
		data, err := PNG(c)
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
		if again, _ := PNG(c); !bytes.Equal(data, again) {
			t.Errorf("%s: two runs draw two pictures", name)
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
	bold, _, err := fonts()
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
		if got := Clean(text, bold); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
	c := cards["cjk"]
	with, err := PNG(c)
	c.Title = ""
	without, err2 := PNG(c)
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
	for b.Loop() {
		if _, err := PNG(cards["long"]); err != nil {
			b.Fatal(err)
		}
	}
}
