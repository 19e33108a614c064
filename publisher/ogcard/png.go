package ogcard

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
)

// encode writes a picture of at most sixteen colours with four bits a pixel (PNG, W3C Recommendation, §5 and §11). image/png takes ten times
// as long for the same: it asks for each pixel, and tries filters that help no such picture.
func encode(m *image.Paletted) ([]byte, error) {
	var data bytes.Buffer
	z, err := zlib.NewWriterLevel(&data, zlib.BestSpeed)
	if err != nil {
		return nil, err
	}
	row := make([]byte, 1+m.Rect.Dx()/2) // a filter of 0, then two pixels a byte
	var last []byte
	for y := range m.Rect.Dy() {
		line := m.Pix[y*m.Stride:][:m.Rect.Dx()]
		if !bytes.Equal(line, last) { // most lines are like the one before
			pack(row[1:], line)
		}
		last = line
		if _, err := z.Write(row); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(m.Rect.Dx())), uint32(m.Rect.Dy()))
	var colours []byte
	for _, c := range m.Palette {
		r, g, b, _ := c.RGBA()
		colours = append(colours, byte(r>>8), byte(g>>8), byte(b>>8))
	}
	const fourBits, indexed = 4, 3
	out := []byte("\x89PNG\r\n\x1a\n")
	out = chunk(out, "IHDR", append(head, fourBits, indexed, 0, 0, 0))
	out = chunk(out, "PLTE", colours)
	out = chunk(out, "IDAT", data.Bytes())
	return chunk(out, "IEND", nil), nil
}

// pack puts two pixels into each byte; the picture is of an even width.
func pack(row, line []byte) {
	for i := range row {
		row[i] = line[2*i]<<4 | line[2*i+1]
	}
}

func chunk(out []byte, kind string, data []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	from := len(out)
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[from:]))
}
