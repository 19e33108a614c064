//go:build linux

package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"strings"
)

// bomb is a picture of a few hundred bytes that says it is so large, and where that is cheap is.
func bomb(kind string, width, height int) string {
	switch kind {
	case "gif":
		head := append([]byte("GIF89a"), byte(width), byte(width>>8), byte(height), byte(height>>8), 0x80, 0, 0, 0, 0, 0, 255, 255, 255)
		frame := append([]byte{0x2c, 0, 0, 0, 0}, byte(width), byte(width>>8), byte(height), byte(height>>8), 0, 2, 2, 0x4c, 1, 0)
		return string(head) + string(frame) + ";"
	case "webp":
		body := append([]byte("VP8X"), 10, 0, 0, 0, 0, 0, 0, 0, byte(width-1), byte((width-1)>>8), byte((width-1)>>16), byte(height-1), byte((height-1)>>8), byte((height-1)>>16))
		return "RIFF" + string(binary.LittleEndian.AppendUint32(nil, uint32(4+len(body)))) + "WEBP" + string(body)
	case "jpeg":
		b := append([]byte{0xff, 0xd8, 0xff, 0xc0, 0, 17, 8}, byte(height>>8), byte(height), byte(width>>8), byte(width), 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0)
		return string(b) + "\xff\xd9"
	}
	bits, form := 1, "\x01\x00" // of a pixel; depth and colour type
	switch kind {
	case "colour":
		bits, form = 32, "\x08\x06"
	case "deep":
		bits, form = 64, "\x10\x06"
	}
	var rows bytes.Buffer
	z, _ := zlib.NewWriterLevel(&rows, zlib.BestSpeed)
	line := make([]byte, 1+(min(width, 1<<20)*bits+7)/8)
	for range min(height, 1<<28/len(line)) {
		_, _ = z.Write(line)
	}
	_ = z.Close()
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(width)), uint32(height))
	return "\x89PNG\r\n\x1a\n" + pngChunk("IHDR", string(head)+form+"\x00\x00\x00") + pngChunk("IDAT", rows.String()) + pngChunk("IEND", "")
}

func pngChunk(kind, data string) string {
	c := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	body := kind + data
	return string(c) + body + string(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(body))))
}

// shown is a post that shows a picture in each way that publish knows: in the text, as the post's own, large.
func shown(name, data string) func(*box) {
	return func(b *box) {
		b.write(posts+name, data)
		b.write(posts+"a.md", "+++\ntitle = \"A\"\ndate = 2020-01-02\nimage = {src = \""+name+"\", alt = \"A\"}\n+++\n![A]("+name+")\n\n{{< figure src=\""+name+"\" alt=\"A\" >}}\n")
	}
}

// pictureRows are pictures that grow when they are decoded, lie about themselves, or run.
func pictureRows() []hostile {
	return []hostile{
		{name: "PNG of 900 million pixels", lay: shown("a.png", bomb("png", 30_000, 30_000))},
		{name: "PNG of 24 million pixels", long: true, dear: true, lay: func(b *box) { shown("a.png", bomb("png", 6000, 4000))(b) }},
		{name: "PNG of 24 million colours", long: true, dear: true, lay: func(b *box) { shown("a.png", bomb("colour", 6000, 4000))(b) }},
		{name: "PNG of 24 million deep colours", long: true, dear: true, lay: func(b *box) { shown("a.png", bomb("deep", 6000, 4000))(b) }},
		{name: "PNG with half of its pixels", lay: func(b *box) {
			one := bomb("png", 2000, 1000) // and says that it is twice as high
			shown("a.png", one[:8]+pngChunk("IHDR", "\x00\x00\x07\xd0\x00\x00\x07\xd0\x01\x00\x00\x00\x00")+one[33:])(b)
		}, code: 3, says: "P082", at: "content/posts/a.png"},
		{name: "PNG wider than a number", lay: shown("a.png", bomb("png", 1<<31-1, 1<<31-1))},
		{name: "GIF of 4,000 million pixels", lay: shown("a.gif", bomb("gif", 65_535, 65_535))},
		{name: "GIF of many frames", lay: func(b *box) {
			one := bomb("gif", 4000, 4000)
			shown("a.gif", one[:19]+strings.Repeat(one[19:len(one)-1], 20_000)+";")(b)
		}},
		{name: "WebP of 268 million pixels", lay: shown("a.webp", bomb("webp", 16_384, 16_384))},
		{name: "JPEG of 4,000 million pixels", lay: shown("a.jpg", bomb("jpeg", 65_535, 65_535))},
		{name: "200 MB for a JPEG", lay: func(b *box) {
			b.sparse(posts+"a.jpg", []byte(bomb("jpeg", 4000, 3000)[:21]), 200<<20)
			b.post("a.md", "![A](a.jpg)")
		}},
		{name: "200 MB for a PNG", lay: func(b *box) {
			b.sparse(posts+"a.png", []byte(bomb("png", 40, 30)), 200<<20)
			b.post("a.md", "![A](a.png)")
		}},
		{name: "200 MB download", lay: func(b *box) { b.sparse("site/content/film.mp4", []byte("\x00\x00\x00\x18ftypmp42"), 200<<20) }},
		{name: "PNG cut off", lay: shown("a.png", bomb("png", 4000, 3000)[:60])},
		{name: "JPEG cut off", lay: shown("a.jpg", "\xff\xd8\xff\xe1\xff\xffExif"), code: 3, says: "P082", at: "content/posts/a.jpg"},
		{name: "text for a picture", lay: shown("a.png", "no picture at all")},
		{name: "PNG with a text bomb", lay: func(b *box) {
			var z bytes.Buffer
			w := zlib.NewWriter(&z)
			_, _ = w.Write(make([]byte, 64<<20))
			_ = w.Close()
			one := bomb("png", 40, 30)
			shown("a.png", one[:33]+pngChunk("iCCP", "x\x00\x00"+z.String())+pngChunk("zTXt", "x\x00\x00"+z.String())+one[33:])(b)
		}},
		{name: "PNG of 300,000 chunks", lay: func(b *box) {
			one := bomb("png", 40, 30)
			shown("a.png", one[:33]+strings.Repeat(pngChunk("tEXt", ""), 300_000)+one[33:])(b)
		}},
		{name: "SVG that runs", lay: shown("a.svg", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script><image href="file:///etc/passwd"/></svg>`)},
		{name: "SVG with entities", lay: shown("a.svg", `<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg"><text>&b;</text></svg>`)},
		{name: "film with boxes in boxes", lay: shown("a.mp4", strings.Repeat("\x00\x01\x00\x00moov", 100_000))},
		{name: "film with a box of no size", lay: shown("a.mp4", "\x00\x00\x00\x14ftypmp42\x00\x00\x00\x00mp42"+strings.Repeat("\x00\x00\x00\x08free", 300_000))},
	}
}
