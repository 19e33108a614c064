package inbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/postil-blog/postil/store"
)

const (
	maxPicture = 2 << 20 // bytes fetched
	maxSide    = 4096
	maxPixels  = 8 << 20 // 3840 × 2160 is the largest that Mastodon keeps
	shownSide  = store.ShownSide
	smallSide  = 128 // of avatars and emoji, which are shown at 48 and less: sharp where a pixel of the page is two and a half of the screen
	tryAgain   = time.Hour
	mediaTTL   = 7 * 24 * time.Hour

	picturesAtOnce = 16 // fetched at the same time: each is some megabytes until it is decoded
	picturesOfOne  = 4  // of one registrable domain
)

// errBusy says that a picture did not get its turn. It is no failure of its server: the next reader may have it.
var errBusy = fmt.Errorf("too many pictures are on their way: %w", store.ErrNotFound)

// media serves our copy of a picture that the store knows, fetching it when it is asked for first. Readers' browsers never talk to
// another server, and no byte of a foreign file reaches them: what is sent was decoded and encoded here.
func (i *Inbox) media(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		notAllowed(w, "GET, HEAD")
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Timing-Allow-Origin", "*")
	hash := r.PathValue("hash")
	shown, err := i.o.Store.MediaShown(r.Context(), hash)
	if err == nil && !shown { // it came with words that wait or are hidden: whoever knows its address learns nothing of them here
		err = store.ErrNotFound
	}
	i.sendPicture(w, r, hash, err)
}

// OwnersMedia is media for the owner, who also sees what does not show: the path's last part is the picture's hash. The caller has made sure
// who asks.
func (i *Inbox) OwnersMedia(w http.ResponseWriter, r *http.Request) {
	i.sendPicture(w, r, r.PathValue("hash"), nil)
}

// sendPicture answers with a picture, or for err that there is none.
func (i *Inbox) sendPicture(w http.ResponseWriter, r *http.Request, hash string, err error) {
	h := w.Header()
	var m store.Media
	if err == nil {
		m, err = i.picture(r.Context(), hash)
	}
	if err != nil {
		if !errors.Is(err, store.ErrNotFound) && r.Context().Err() == nil {
			i.o.Log.Error("reading a picture", "error", err)
		}
		h.Set("Cache-Control", "public, max-age=60") // short: it may be approved
		http.Error(w, "no such picture", http.StatusNotFound)
		return
	}
	h.Set("Content-Type", m.Type)
	if h.Get("Cache-Control") == "" { // the owner's page says no-store
		h.Set("Cache-Control", "public, max-age=604800")
	}
	h.Set("ETag", `"`+m.Hash[:min(16, len(m.Hash))]+"-"+m.Fetched.UTC().Format("20060102150405")+`"`)
	http.ServeContent(w, r, "", m.Fetched, bytes.NewReader(m.Data))
}

// picture gives a known picture with its data. ErrNotFound: unknown, or it could not be had.
func (i *Inbox) picture(ctx context.Context, hash string) (store.Media, error) {
	m, err := i.o.Store.Media(ctx, hash)
	if err != nil {
		return m, err
	}
	now := i.o.Now()
	fresh := m.Type != "" && now.Sub(m.Fetched) < mediaTTL
	failed := !m.Failed.IsZero() && now.Sub(m.Failed).Abs() < tryAgain
	if !fresh && !failed && !i.address.Local(m.URL) { // our own pages are not asked because a stranger calls one a picture
		m, err = i.fetchPicture(ctx, m)
	}
	if err == nil && m.Type == "" {
		err = store.ErrNotFound
	}
	return m, err
}

// fetchPicture fetches and stores a picture, once for all who wait for it. A failure keeps the old data and is remembered for an hour.
func (i *Inbox) fetchPicture(ctx context.Context, m store.Media) (store.Media, error) {
	v, err, _ := i.flights.Do("picture "+m.Hash, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		done, ok := i.pictures.take(ctx, domain(m.URL))
		if !ok && m.Type != "" {
			return m, nil
		}
		if !ok {
			return m, errBusy
		}
		defer done()
		m, now := m, i.o.Now().UTC()
		data, err := i.o.Client.Picture(ctx, m.URL, maxPicture)
		if err == nil {
			i.decode <- struct{}{}
			data, m.Type, err = shrink(data, m.MaxSide)
			<-i.decode
		}
		if err != nil {
			i.o.Log.Debug("picture not fetched", "url", m.URL, "error", err)
			m.Failed = now
		} else {
			m.Data, m.Fetched, m.Failed = data, now, time.Time{}
		}
		return m, i.o.Store.Write(ctx, func(tx *store.Tx) error { return tx.PutMedia(ctx, m) })
	})
	return v.(store.Media), err
}

var errPicture = errors.New("not a picture that is shown")

// formats are the kinds that are decoded, told by their first bytes and never by what a server calls them. SVG is not one: it is a program.
var formats = []struct {
	magic  string // ? is any byte
	config func([]byte) (image.Config, error)
	decode func([]byte) (image.Image, error)
}{
	{"\x89PNG\r\n\x1a\n", readConfig(png.DecodeConfig), readImage(png.Decode)},
	{"\xff\xd8\xff", readConfig(jpeg.DecodeConfig), readImage(jpeg.Decode)},
	{"GIF8?a", readConfig(gif.DecodeConfig), readImage(gif.Decode)}, // the first frame
	{"RIFF????WEBP", readConfig(webp.DecodeConfig), readImage(webp.Decode)},
}

// shrink decodes a picture and encodes it anew, at most side pixels wide and high: nothing else that a file can carry, such as the place
// where a photo was taken, comes through.
func shrink(data []byte, side int) (out []byte, kind string, err error) {
	for _, f := range formats {
		if !begins(data, f.magic) {
			continue
		}
		c, err := f.config(data)
		if err != nil || c.Width < 1 || c.Height < 1 || c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > maxPixels {
			return nil, "", errPicture
		}
		m, err := f.decode(data)
		if err != nil {
			return nil, "", err
		}
		return encode(turned(fit(m, side), data))
	}
	return nil, "", errPicture
}

// fit scales a picture down to the largest size that is shown.
func fit(m image.Image, most int) image.Image {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	if side := max(w, h); side > most {
		w, h = max(1, w*most/side), max(1, h*most/side)
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.BiLinear.Scale(out, out.Bounds(), m, b, draw.Src, nil)
	return out
}

// encode writes JPEG, or PNG where there is transparency to keep or the picture is small enough to be an emoji.
func encode(m image.Image) ([]byte, string, error) {
	var b bytes.Buffer
	if o, ok := m.(interface{ Opaque() bool }); ok && o.Opaque() && m.Bounds().Dx() > 64 {
		err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 82})
		return b.Bytes(), "image/jpeg", err
	}
	err := png.Encode(&b, m)
	return b.Bytes(), "image/png", err
}

func begins(data []byte, magic string) bool {
	if len(data) < len(magic) {
		return false
	}
	for n := range len(magic) {
		if magic[n] != '?' && data[n] != magic[n] {
			return false
		}
	}
	return true
}

func readConfig(f func(io.Reader) (image.Config, error)) func([]byte) (image.Config, error) {
	return func(b []byte) (image.Config, error) { return f(bytes.NewReader(b)) }
}

func readImage(f func(io.Reader) (image.Image, error)) func([]byte) (image.Image, error) {
	return func(b []byte) (image.Image, error) { return f(bytes.NewReader(b)) }
}
