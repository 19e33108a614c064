package photo

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// The markers of a JPEG (ITU-T T.81, table B.1).
const (
	sof2 = 0xc2
	soi  = 0xd8
	eoi  = 0xd9
	sos  = 0xda
	app0 = 0xe0
	app1 = 0xe1
	app2 = 0xe2
	appE = 0xee
	appF = 0xef
	com  = 0xfe
)

// jpeg copies the segments that make the picture: of application data JFIF, the colour profile and Adobe's colour transform alone.
func jpeg(w *bufio.Writer, r *bufio.Reader) (Facts, error) {
	f := Facts{Kind: "jpeg"}
	var start [2]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return f, err
	}
	w.Write(start[:])
	next := marker
	for {
		m, err := next(r)
		if err != nil {
			return f, err
		}
		if m == eoi {
			w.Write([]byte{0xff, eoi})
			return f, rest(r, &f)
		}
		next = marker
		body, err := segment(r)
		if err != nil {
			return f, err
		}
		if !picturing(m, body) {
			if o := orientation(m, body); o > 0 && f.Orientation == 0 {
				f.Orientation = o
			}
			f.Removed = true
			continue
		}
		w.Write([]byte{0xff, m})
		w.Write(binary.BigEndian.AppendUint16(nil, uint16(len(body)+2)))
		w.Write(body)
		f.Progressive = f.Progressive || m == sof2
		if m == sos {
			next = func(r *bufio.Reader) (byte, error) { return scan(w, r) }
		}
	}
}

// marker reads the next marker. Any number of FF may stand before it.
func marker(r *bufio.Reader) (byte, error) {
	b, err := r.ReadByte()
	if err == nil && b != 0xff {
		return 0, fmt.Errorf("%w: %#x where a marker belongs", ErrBroken, b)
	}
	for err == nil && b == 0xff {
		b, err = r.ReadByte()
	}
	if err == nil && (b == 0 || b == soi || b >= 0xd0 && b <= 0xd7) {
		return 0, fmt.Errorf("%w: marker %#x where a segment belongs", ErrBroken, b)
	}
	return b, err
}

func segment(r *bufio.Reader) ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(size[:]))
	if n < 2 {
		return nil, fmt.Errorf("%w: a segment of %d bytes", ErrBroken, n)
	}
	body := make([]byte, n-2)
	_, err := io.ReadFull(r, body)
	return body, err
}

// picturing tells the segments without which the picture would look otherwise.
func picturing(m byte, body []byte) bool {
	switch {
	case m == app0:
		return bytes.HasPrefix(body, []byte("JFIF\x00"))
	case m == app2:
		return bytes.HasPrefix(body, []byte("ICC_PROFILE\x00"))
	case m == appE:
		return bytes.HasPrefix(body, []byte("Adobe"))
	}
	return m != com && (m < app0 || m > appF)
}

// scan copies compressed data and gives the marker that ends it. What ends without one is a picture that was cut off: browsers show it.
func scan(w *bufio.Writer, r *bufio.Reader) (byte, error) {
	for {
		data, err := r.ReadSlice(0xff)
		if err != nil {
			w.Write(data)
			if err == bufio.ErrBufferFull {
				continue
			}
			if err == io.EOF {
				return eoi, nil
			}
			return 0, err
		}
		w.Write(data[:len(data)-1])
		m := byte(0xff)
		for m == 0xff && err == nil {
			m, err = r.ReadByte()
		}
		switch {
		case err == io.EOF:
			return eoi, nil
		case err != nil:
			return 0, err
		case m != 0 && (m < 0xd0 || m > 0xd7):
			return m, nil
		}
		w.Write([]byte{0xff, m})
	}
}

// orientation finds the tag 0x112 in the first directory of an Exif segment (CIPA DC-008, §4.6.4); 0 where there is none.
func orientation(m byte, body []byte) int {
	tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00"))
	if m != app1 || !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > len(tiff) {
		return 0
	}
	entries := int(order.Uint16(tiff[at:]))
	for i := range entries {
		e := at + 2 + 12*i
		if e+12 > len(tiff) {
			break
		}
		if o := int(order.Uint16(tiff[e+8:])); order.Uint16(tiff[e:]) == 0x112 && o >= 1 && o <= 8 {
			return o
		}
	}
	return 0
}
