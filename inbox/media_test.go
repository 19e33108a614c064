package inbox_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
)

const pictureURL = "http://remote.example/p"

func picture(w, h int, format string) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), 100, 255})
		}
	}
	var b bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&b, m)
	case "jpeg":
		err = jpeg.Encode(&b, m, nil)
	case "gif":
		err = gif.Encode(&b, m, nil)
	}
	if err != nil {
		panic(err)
	}
	return b.Bytes()
}

func (w *world) wantPicture(data []byte, kind string) {
	w.write(func(tx *store.Tx) error {
		return errors.Join(tx.WantMedia(w.t.Context(), pictureURL, 640), tx.ShowMedia(w.t.Context(), "", pictureURL))
	})
	w.peers.handle(pictureURL, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", kind)
		rw.Write(data)
	})
}

func TestPicture(t *testing.T) {
	t.Parallel()
	exif := picture(200, 100, "jpeg")
	exif = append(append(exif[:2:2], "\xff\xe1\x00\x10Exif\x00\x00CANARY12"...), exif[2:]...)
	for name, c := range map[string]struct {
		data []byte
		w, h int
		kind string
	}{
		"png": {picture(1280, 640, "png"), 640, 320, "image/jpeg"}, "jpeg": {exif, 200, 100, "image/jpeg"}, "gif": {picture(40, 40, "gif"), 40, 40, "image/png"},
		"thin": {picture(2000, 1, "png"), 640, 1, "image/jpeg"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.wantPicture(c.data, "text/plain") // what a server calls it does not matter
			path := "/media/" + store.MediaHash(pictureURL)
			res := w.get(path)
			body, _ := io.ReadAll(res.Body)
			got, _, err := image.DecodeConfig(bytes.NewReader(body))
			if res.StatusCode != 200 || err != nil || got.Width != c.w || got.Height != c.h || res.Header.Get("Content-Type") != c.kind {
				t.Fatalf("status %d, %v, %+v %s, want %d×%d %s", res.StatusCode, err, got, res.Header.Get("Content-Type"), c.w, c.h, c.kind)
			}
			if bytes.Contains(body, []byte("CANARY")) {
				t.Error("what lay hidden in the file came through")
			}
			h := res.Header
			if h.Get("Cache-Control") != "public, max-age=604800" || h.Get("ETag") == "" || h.Get("Access-Control-Allow-Origin") != "*" ||
				h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers %v", h)
			}
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, blog+path, nil)
			r.Header.Set("If-None-Match", h.Get("ETag"))
			again, err := w.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			again.Body.Close()
			if again.StatusCode != http.StatusNotModified || w.peers.asked(pictureURL) != 1 {
				t.Errorf("again: status %d after %d fetches, want 304 after 1", again.StatusCode, w.peers.asked(pictureURL))
			}
		})
	}
}

// TestPictureRefused: what is no small picture by its own bytes is never passed on, and is not asked for again for an hour.
func TestPictureRefused(t *testing.T) {
	t.Parallel()
	bomb := picture(1, 1, "png")
	copy(bomb[16:24], "\x00\x00\x40\x00\x00\x00\x40\x00") // says 16384 × 16384
	for name, data := range map[string][]byte{
		"svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "html": []byte("<script>alert(1)</script>"), "nothing": {},
		"bomb": bomb, "cut short": picture(300, 300, "png")[:200], "wide": picture(5000, 1, "png"), "huge file": append(picture(9, 9, "png"), strings.Repeat("x", 3<<20)...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.wantPicture(data, "image/png")
			path := "/media/" + store.MediaHash(pictureURL)
			for range 3 {
				if res := w.get(path); res.StatusCode != 404 || !strings.Contains(res.Header.Get("Cache-Control"), "max-age=60") {
					t.Fatalf("status %d, %v, want 404 with a short life", res.StatusCode, res.Header)
				}
			}
			if n := w.peers.asked(pictureURL); n != 1 {
				t.Errorf("%d fetches, want 1", n)
			}
			w.wantPicture(picture(9, 9, "png"), "image/png")
			w.advance(61 * time.Minute)
			if res := w.get(path); res.StatusCode != 200 {
				t.Errorf("an hour later: status %d, want 200", res.StatusCode)
			}
		})
	}
}

// TestPictureUnknown: the proxy fetches nothing but what a comment shows (mutant: any hash or URL is fetched).
func TestPictureUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/media/" + store.MediaHash(pictureURL), "/media/" + strings.Repeat("0", 32), "/media/http:%2f%2fremote.example%2fp"} {
		if res := w.get(path); res.StatusCode != 404 {
			t.Errorf("%s: status %d, want 404", path, res.StatusCode)
		}
	}
	if n := w.peers.count(); n != 0 {
		t.Errorf("%d fetches, want none", n)
	}
}

func TestPictureIsKeptWhenItsServerFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.wantPicture(picture(9, 9, "png"), "image/png")
	path := "/media/" + store.MediaHash(pictureURL)
	w.get(path)
	w.peers.status(pictureURL, 500)
	w.advance(8 * 24 * time.Hour)
	if res := w.get(path); res.StatusCode != 200 || w.peers.asked(pictureURL) != 2 {
		t.Errorf("status %d after %d fetches, want 200 after 2", res.StatusCode, w.peers.asked(pictureURL))
	}
}

// TestPictureSizes: avatars and emoji are kept small, attached pictures at the size of a column, whatever use of one came first.
func TestPictureSizes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const avatar, emoji, photo = pictureURL + "/avatar", pictureURL + "/emoji", pictureURL + "/photo"
	for _, url := range []string{avatar, emoji, photo} {
		w.peers.handle(url, func(rw http.ResponseWriter, r *http.Request) { rw.Write(picture(1000, 500, "png")) })
	}
	width := func(url string) int {
		t.Helper()
		got, _, err := image.DecodeConfig(w.get("/media/" + store.MediaHash(url)).Body)
		if err != nil {
			t.Fatal(url, err)
		}
		return got.Width
	}
	attached := []m{{"type": "Image", "mediaType": "image/png", "url": photo}}
	w.peers.serve(aliceID, actor(aliceID, m{"icon": m{"type": "Image", "url": avatar}}))
	w.send(create(note(aliceID+"/notes/1", aliceID, post, m{"attachment": attached, "content": "<p>:cat:</p>",
		"tag": []m{{"type": "Emoji", "name": ":cat:", "icon": m{"type": "Image", "url": emoji}}}})))
	if a, e, p := width(avatar), width(emoji), width(photo); a != 128 || e != 128 || p != 640 {
		t.Errorf("avatar %d, emoji %d, picture %d pixels wide, want 128, 128, 640", a, e, p)
	}
	attached[0]["url"] = avatar
	w.send(create(note(aliceID+"/notes/2", aliceID, post, m{"attachment": attached})))
	if got := width(avatar); got != 640 {
		t.Errorf("an avatar that is a picture as well: %d pixels wide, want 640", got)
	}
}

// TestPosterOfFilm: the still picture that stands for a film comes through us as every picture does, and goes with the words.
func TestPosterOfFilm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const poster = pictureURL + "/poster"
	w.peers.handle(poster, func(rw http.ResponseWriter, r *http.Request) { rw.Write(picture(1000, 500, "png")) })
	w.peers.serve(aliceID, actor(aliceID, m{}))
	n := note(aliceID+"/notes/1", aliceID, post, m{"attachment": []m{{"type": "Document", "mediaType": "video/mp4", "url": "https://remote.example/film.mp4", "icon": m{"type": "Image", "url": poster}}}})
	w.send(create(n))
	path := "/media/" + store.MediaHash(poster)
	if res := w.get(path); res.StatusCode != 200 {
		t.Fatalf("the still picture: status %d", res.StatusCode)
	}
	if res := w.get("/media/" + store.MediaHash("https://remote.example/film.mp4")); res.StatusCode != 404 {
		t.Errorf("the film itself: status %d, want 404", res.StatusCode)
	}
	w.send(m{"id": aliceID + "/delete/1", "type": "Delete", "actor": aliceID, "object": n["id"]})
	if kept, err := w.store.Media(t.Context(), store.MediaHash(poster)); err != nil || kept.Data != nil {
		t.Errorf("after the Delete our copy is still here: %d bytes, %v", len(kept.Data), err)
	}
}
