package ogcard

import (
	"encoding/binary"
	"hash/crc32"
	"image/color"
)

// stride is the length of a line in bytes: the filter, which is none, then two pixels a byte.
const stride = 1 + Width/2

// encode writes a picture of at most sixteen colours, whose lines are packed already (PNG, W3C Recommendation, §5 and §11). image/png asks
// for each pixel, and tries filters that help no such picture.
func encode(d *deflater, lines []byte, palette color.Palette) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, Width), Height)
	var colours []byte
	for _, c := range palette {
		r, g, b, _ := c.RGBA()
		colours = append(colours, byte(r>>8), byte(g>>8), byte(b>>8))
	}
	const fourBits, indexed = 4, 3
	out := []byte("\x89PNG\r\n\x1a\n")
	out = chunk(out, "IHDR", append(head, fourBits, indexed, 0, 0, 0))
	out = chunk(out, "PLTE", colours)
	out = chunk(out, "IDAT", d.compress(lines, stride))
	return chunk(out, "IEND", nil)
}

func chunk(out []byte, kind string, data []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	from := len(out)
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[from:]))
}
