package photo

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// The flags of a VP8X chunk that say what follows (WebP Container Specification).
const (
	hasXMP  = 0x04
	hasExif = 0x08
)

// maxWebP bounds a WebP, in bytes: its size stands before its parts, so that they are held until all are known.
const maxWebP = 256 << 20

// webp copies the chunks of a WebP that are no metadata.
func webp(w io.Writer, r *bufio.Reader) (Facts, error) {
	f := Facts{Kind: "webp"}
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return f, err
	}
	left := int64(binary.LittleEndian.Uint32(head[4:])) - 4
	if left > maxWebP {
		return f, fmt.Errorf("%w: %d bytes of WebP", ErrBroken, left)
	}
	var body []byte
	for left >= 8 {
		var name [8]byte
		if _, err := io.ReadFull(r, name[:]); err != nil {
			return f, err
		}
		size := int64(binary.LittleEndian.Uint32(name[4:]))
		size += size & 1 // chunks are padded
		if left -= 8 + size; left < -1 {
			return f, fmt.Errorf("%w: a chunk of %d bytes", ErrBroken, size)
		}
		chunk, err := io.ReadAll(io.LimitReader(r, size))
		if err != nil {
			return f, err
		}
		if int64(len(chunk)) < size-1 {
			return f, io.ErrUnexpectedEOF
		}
		switch string(name[:4]) {
		case "VP8X":
			if len(chunk) > 0 {
				chunk[0] &^= hasXMP | hasExif
			}
		case "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP":
		default:
			f.Removed = true
			continue
		}
		body = append(append(body, name[:]...), chunk...)
		if int64(len(chunk)) < size { // the padding at the very end is often forgotten
			body = append(body, 0)
		}
	}
	binary.LittleEndian.PutUint32(head[4:], uint32(len(body)+4))
	if _, err := w.Write(head[:]); err != nil {
		return f, err
	}
	if _, err := w.Write(body); err != nil {
		return f, err
	}
	return f, rest(r, &f)
}
