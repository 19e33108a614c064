package inbox

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

// exifed puts an EXIF block with an orientation into a JPEG.
func exifed(jpeg []byte, order binary.AppendByteOrder, mark string, value uint16) []byte {
	tiff := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x0112), 3), 1)
	tiff = order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, value), 0), 0)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(segment)+2))
	return append(append(head, segment...), jpeg[2:]...)
}

// TestPictureIsUpright: where the first row's two ends are in what was seen, for each way of holding a camera (EXIF 2.3, 4.6.4).
func TestPictureIsUpright(t *testing.T) {
	t.Parallel()
	const tl, tr, bl, br = 0, 1, 2, 3
	for o, ends := range map[int][2]int{1: {tl, tr}, 2: {tr, tl}, 3: {br, bl}, 4: {bl, br}, 5: {tl, bl}, 6: {tr, br}, 7: {br, tr}, 8: {bl, tl}} {
		stored := image.NewGray(image.Rect(0, 0, 96, 64))
		for y := range 24 {
			for x := range 24 {
				stored.SetGray(x, y, color.Gray{255})
				stored.SetGray(95-x, y, color.Gray{128})
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, stored, nil); err != nil {
			t.Fatal(err)
		}
		file := exifed(b.Bytes(), binary.BigEndian, "MM", uint16(o))
		if o%2 == 0 {
			file = exifed(b.Bytes(), binary.LittleEndian, "II", uint16(o))
		}
		out, _, err := shrink(file, 640)
		if err != nil {
			t.Fatal(o, err)
		}
		m, _, err := image.Decode(bytes.NewReader(out))
		if err != nil || m.Bounds().Dx() != 96 && o < 5 || m.Bounds().Dx() != 64 && o > 4 {
			t.Fatalf("%d: %v, %v", o, m.Bounds(), err)
		}
		w, h := m.Bounds().Dx(), m.Bounds().Dy()
		for n, p := range [4]image.Point{{6, 6}, {w - 7, 6}, {6, h - 7}, {w - 7, h - 7}} {
			want := map[int]uint8{ends[0]: 255, ends[1]: 128}[n]
			if got := color.GrayModel.Convert(m.At(p.X, p.Y)).(color.Gray).Y; max(got, want)-min(got, want) > 20 {
				t.Errorf("%d: corner %d is %d, want %d", o, n, got, want)
			}
		}
		if bytes.Contains(out, []byte("Exif")) {
			t.Errorf("%d: EXIF came through", o)
		}
	}
}

// FuzzOrientation: whatever the bytes are, they are read within bounds.
func FuzzOrientation(f *testing.F) {
	f.Add(exifed([]byte{0xff, 0xd8, 0xff, 0xd9}, binary.BigEndian, "MM", 6))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II\x2a\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if o := orientation(b); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}
