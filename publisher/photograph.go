package publisher

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"image"
	"image/color"
	"io"
	"runtime"

	"github.com/postil-blog/postil/publisher/media"
	"github.com/postil-blog/postil/publisher/photo"
	"github.com/postil-blog/postil/site"
)

// maxHead bounds, in bytes, where a picture may say its size: behind all metadata, and far before the end of what is none.
const maxHead = 16 << 20

const (
	maxDecoded   = 180 << 20 // bytes that a decoded picture may take, with what its decoder needs: more is published as it is
	largePicture = 4_000_000 // pixels
)

// examine reads a file once: its size as a picture, its sum, and what it would be without its metadata. Nothing is decoded.
func (f *file) examine(b *build) {
	r, err := b.openFile(f)
	if err != nil {
		return
	}
	defer r.Close()
	if c, _, err := image.DecodeConfig(io.LimitReader(r, maxHead)); err == nil {
		f.fact.Width, f.fact.Height, f.fact.Weight = c.Width, c.Height, pixelWeight(c.ColorModel)
	}
	if kind := media.Type(f.name); kind != "" {
		f.fact.Duration = media.Duration(r, f.stamp.Size, kind)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return
	}
	whole, clean := sha256.New(), sha256.New()
	size := new(counter)
	facts, err := photo.Clean(io.MultiWriter(clean, size), io.TeeReader(r, whole))
	_, _ = io.Copy(whole, r) // what Clean had no need to read
	f.fact.Sum = [32]byte(whole.Sum(nil))
	if errors.Is(err, photo.ErrBroken) {
		_, _ = r.Seek(0, io.SeekStart)
		telling, err := photo.Telling(r)
		f.fact.Damaged = telling || err != nil
		return
	}
	if facts.Progressive {
		f.fact.Weight *= 4
	}
	f.fact.Scales = (facts.Kind == "jpeg" || facts.Kind == "png") && !facts.Animated && f.fact.decodes()
	f.fact.Opaque = facts.Kind == "jpeg"
	if facts.Removed {
		f.fact.Cleaned, f.fact.CleanSum, f.fact.CleanSize = true, [32]byte(clean.Sum(nil)), int64(*size)
	}
	if f.fact.Orientation = facts.Orientation; photo.Turned(facts.Orientation) {
		f.fact.Width, f.fact.Height = f.fact.Height, f.fact.Width
	}
}

// counter counts what is written.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// published are sum and size of a file as readers get it.
func (f fileFact) published() (sum [32]byte, size int64) {
	if f.Cleaned {
		return f.CleanSum, f.CleanSize
	}
	return f.Sum, f.Stamp.Size
}

// pixelWeight is how many bytes a pixel takes in memory, or a little more.
func pixelWeight(m color.Model) int {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.YCbCrModel:
		return 3
	}
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	return 4
}

// decodes tells whether a picture is small enough to be decoded: in pixels, which take time, and in bytes.
func (f fileFact) decodes() bool {
	return f.Width > 0 && f.Height > 0 && f.Width <= min(maxPixels, maxDecoded/max(f.Weight, 1))/f.Height
}

// decoder holds the right to decode a picture until the function that it gives is called: one at a time, each may hold maxDecoded. What
// the one before left is given back before a large one begins, since a heap may otherwise grow to twice what is in use.
func (b *build) decoder(f fileFact) (done func()) {
	b.decoding.Lock()
	if f.Width*f.Height > largePicture {
		runtime.GC()
	}
	return b.decoding.Unlock
}

// cleaned is a file as readers get it: without metadata, and nothing of it in memory.
func cleaned(in io.Reader) *io.PipeReader {
	r, w := io.Pipe()
	go func() {
		_, err := photo.Clean(w, in)
		w.CloseWithError(err)
	}()
	return r
}

// planPicture plans a content file's copy. A photograph that was held sideways is turned, because what said so is taken out of it.
func (b *build) planPicture(at string, f *file) {
	fact := f.look(b)
	if fact.Damaged {
		b.fault(site.Diagnostic{Severity: site.Error, Code: codeDamaged, File: b.shown(f.name), Message: "the picture is damaged: what it says of place and camera cannot be taken out",
			Help: "open it in a picture program and save it again"})
		return
	}
	sum, _ := fact.published()
	o := output{path: at, print: b.print("copy", sum), class: assets, file: f}
	if fact.Orientation > 1 && fact.decodes() {
		o.print, o.file, o.from = b.print("turned", sum, fact.Orientation), nil, f.name
		o.make = func() ([]byte, error) { return b.upright(f, fact.Orientation) }
	}
	b.plan(o)
}

// upright is a photograph as it is to be seen.
func (b *build) upright(f *file, orientation int) ([]byte, error) {
	defer b.decoder(f.look(b))()
	clean, err := b.clean(f)
	if err != nil {
		return nil, err
	}
	data, err := photo.Upright(clean, orientation)
	if errors.Is(err, photo.ErrBroken) {
		return clean, nil // a kind of JPEG that Go does not read: sideways, and as private
	}
	return data, err
}

// clean is a whole file without metadata, in memory.
func (b *build) clean(f *file) ([]byte, error) {
	in, err := b.openFile(f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var clean bytes.Buffer
	_, err = photo.Clean(&clean, in)
	return clean.Bytes(), err
}
