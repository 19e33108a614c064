// Package photo takes out of photographs what is nobody's business before they are published: where they were taken, with what, by whom.
//
// A file comes in; the same picture goes out without Exif, XMP, IPTC, comments and what stands behind its end (a second picture, a film).
// Pixels and colour profile stay byte for byte. JPEG, PNG and WebP are understood; of other files Clean says that it cannot tell. Nothing
// is decoded for that, so the size of a picture does not matter.
package photo

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrBroken is wrapped where a picture's parts cannot be told apart: what lies in it cannot be taken out.
var ErrBroken = errors.New("the picture is damaged")

// Facts are what Clean learnt on its way.
type Facts struct {
	Kind        string // "jpeg", "png", "webp", or "" for other files, which are copied as they are
	Removed     bool   // something was left out
	Animated    bool   // a PNG that moves
	Progressive bool   // a JPEG whose decoder holds all of its coefficients, several times what the picture takes
	Orientation int    // of a JPEG's Exif, 1 to 8: how the picture is to be turned; 0 where nothing is said
}

// Clean copies a file without its metadata.
func Clean(w io.Writer, r io.Reader) (Facts, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(12)
	if err != nil && !errors.Is(err, io.EOF) {
		return Facts{}, err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	var f Facts
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		f, err = jpeg(out, in)
	case bytes.HasPrefix(head, []byte(pngMagic)):
		f, err = png(out, in)
	case len(head) == 12 && string(head[:4]) == "RIFF" && string(head[8:]) == "WEBP":
		f, err = webp(out, in)
	default:
		_, err = io.Copy(out, in)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: it ends too early", ErrBroken)
	}
	return f, errors.Join(err, out.Flush())
}

const pngMagic = "\x89PNG\r\n\x1a\n"

// kept are the chunks of a PNG that say how it looks (PNG, W3C Recommendation, §11); every critical one, which begins with a capital letter, is
// kept as well.
var kept = map[string]bool{
	"tRNS": true, "gAMA": true, "cHRM": true, "sRGB": true, "iCCP": true, "sBIT": true, "bKGD": true, "pHYs": true, "hIST": true, "sPLT": true,
	"cICP": true, "mDCV": true, "cLLI": true, "acTL": true, "fcTL": true, "fdAT": true,
}

// png copies the chunks that are kept, up to the last.
func png(w io.Writer, r *bufio.Reader) (Facts, error) {
	f := Facts{Kind: "png"}
	if _, err := io.CopyN(w, r, int64(len(pngMagic))); err != nil {
		return f, err
	}
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return f, err
		}
		size, name := int64(binary.BigEndian.Uint32(head[:]))+4, string(head[4:]) // with its checksum
		if size > 1<<31 {
			return f, fmt.Errorf("%w: a chunk %q of %d bytes", ErrBroken, name, size)
		}
		to := w
		if name[0] < 'A' || name[0] > 'Z' && !kept[name] {
			to, f.Removed = io.Discard, true
		} else if _, err := w.Write(head[:]); err != nil {
			return f, err
		}
		if to == io.Discard {
			_, err := r.Discard(int(size))
			if err != nil {
				return f, err
			}
			continue
		}
		if _, err := io.CopyN(to, r, size); err != nil {
			return f, err
		}
		f.Animated = f.Animated || name == "acTL"
		if name == "IEND" {
			return f, rest(r, &f)
		}
	}
}

// rest notes what stands behind the end, and drops it.
func rest(r *bufio.Reader, f *Facts) error {
	if _, err := r.Peek(1); err == nil {
		f.Removed = true
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// signs stand where metadata begin.
var signs = [][]byte{[]byte("Exif"), []byte("EXIF"), []byte("eXIf"), []byte("ns.adobe.com"), []byte("xmpmeta"), []byte("Photoshop"), []byte("tEXt"), []byte("iTXt"), []byte("zTXt")}

// Telling tells whether a damaged file seems to have metadata: then it is not to be published as it is.
func Telling(r io.Reader) (bool, error) {
	const longest = 16
	room := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := r.Read(room[kept:])
		for _, s := range signs {
			if bytes.Contains(room[:kept+n], s) {
				return true, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(room, room[max(0, kept+n-longest):kept+n]) // a sign may lie across two pieces
	}
}
