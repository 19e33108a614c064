// Package pictures makes pictures quicker to see: the same one in formats that need fewer bytes (WebP, AVIF), and a colour that holds its
// place until it is there.
//
// JPEG and PNG files come in; copies in other formats, where they are worth having, and the HTML that offers them go out. The package
// writes no such format itself and starts no program: encoders are handed in, because no lossy one is written in Go. It knows no post.
package pictures

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// Encoder writes pictures in one format.
type Encoder struct {
	Name string // of the program, as people call it
	Type string // media type, "image/avif"
	Ext  string // of its files, ".avif"
	// Print names everything that its bytes depend on besides the picture: program, version, quality.
	Print string
	// Encode gives a JPEG or PNG in the format, nil where it has nothing to offer for pictures of that kind. It bounds its own time.
	Encode func(ctx context.Context, picture []byte) ([]byte, error)
}

// MinBytes is the size in bytes below which a picture is left alone: a smaller one comes in one packet anyway.
const MinBytes = 4 << 10

// Copy is a picture at one width in pixels.
type Copy struct {
	Width int
	Data  []byte
}

// Encoded is a picture's copies in one format, in the order of the originals.
type Encoded struct {
	Encoder Encoder
	Copies  []Copy
}

// Failure is an encoder that did not do its work.
type Failure struct {
	Encoder Encoder
	Err     error
}

func (f *Failure) Error() string { return f.Encoder.Name + ": " + f.Err.Error() }

// Unwrap gives what the encoder said.
func (f *Failure) Unwrap() error { return f.Err }

// Encode gives the formats in which a picture is worth having, the one with the fewest bytes first: no copy is larger than the original
// of its width, and all together are smaller than in the formats after it. An encoder that fails gives a *Failure beside what the others made.
func Encode(ctx context.Context, originals []Copy, encoders []Encoder) (list []Encoded, failures []*Failure) {
	for _, e := range encoders {
		all, err := encode(ctx, originals, e)
		if err != nil {
			failures = append(failures, &Failure{e, err})
		} else if all != nil {
			list = append(list, Encoded{e, all})
		}
	}
	slices.SortStableFunc(list, func(x, y Encoded) int { return x.size() - y.size() })
	return list, failures
}

// encode gives all copies in one format, nil where one of them saves nothing.
func encode(ctx context.Context, originals []Copy, e Encoder) (list []Copy, err error) {
	for _, o := range originals {
		data, err := e.Encode(ctx, o.Data)
		if err != nil {
			return nil, err
		}
		if len(data) == 0 || len(data) >= len(o.Data) {
			return nil, nil
		}
		list = append(list, Copy{o.Width, data})
	}
	return list, nil
}

func (e Encoded) size() (n int) {
	for _, c := range e.Copies {
		n += len(c.Data)
	}
	return n
}

// Key names a picture's copies in one format: the same bytes come of the same picture, turned alike, from the same encoder.
func Key(sum [32]byte, orientation, width int, print string) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%x %d %d %s", sum, orientation, width, print))
	return hex.EncodeToString(h[:16])
}

// Prints names a list of encoders.
func Prints(encoders []Encoder) string {
	h := sha256.New()
	for _, e := range encoders {
		fmt.Fprintf(h, "%q %q\n", e.Type, e.Print)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
