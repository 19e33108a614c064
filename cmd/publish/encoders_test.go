package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/postil-blog/postil/publisher/pictures"
	_ "golang.org/x/image/webp"
)

// scene is a picture with some detail in it.
func scene(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := 120 + 60*math.Sin(float64(x*y)/900) + 40*math.Cos(float64(x)/17)
			m.SetRGBA(x, y, color.RGBA{uint8(v), uint8(255 * y / h), uint8(255 - v), 255})
		}
	}
	return m
}

func jpegScene(t *testing.T, w, h int) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, scene(w, h), &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// real gives the encoders of this machine, or skips.
func realEncoders(t *testing.T) map[string]pictures.Encoder {
	t.Helper()
	list := map[string]pictures.Encoder{}
	for _, p := range encoderPrograms {
		if _, err := exec.LookPath(p.name); err != nil && os.Getenv("POSTIL_TEST_REAL") != "" {
			t.Fatalf("%s is missing; .ci/install installs it", p.name)
		} else if err != nil {
			t.Skipf("%s is missing; make test installs it", p.name)
		}
	}
	for _, e := range encoders(t.Context())() {
		list[e.Name] = e
	}
	return list
}

// TestRealEncoders encodes a photograph and a drawing with the programs that Debian has, and reads what comes out.
func TestRealEncoders(t *testing.T) {
	t.Parallel()
	all := realEncoders(t)
	photo := []byte(jpegScene(t, 320, 200))
	web, err := all["cwebp"].Encode(t.Context(), photo)
	if err != nil || len(web) >= len(photo) {
		t.Fatalf("WebP: %d of %d bytes, %v", len(web), len(photo), err)
	}
	if c, kind, err := image.DecodeConfig(bytes.NewReader(web)); err != nil || kind != "webp" || c.Width != 320 || c.Height != 200 {
		t.Errorf("WebP: %s %+v %v", kind, c, err)
	}
	av, err := all["avifenc"].Encode(t.Context(), photo)
	if err != nil || len(av) >= len(photo) || string(av[4:12]) != "ftypavif" {
		t.Errorf("AVIF: %d of %d bytes, %v", len(av), len(photo), err)
	}
	again, err := all["avifenc"].Encode(t.Context(), photo)
	if err != nil || !bytes.Equal(av, again) {
		t.Errorf("the same picture gives other bytes: %v", err)
	}
	var drawing bytes.Buffer
	if err := png.Encode(&drawing, scene(40, 30)); err != nil {
		t.Fatal(err)
	}
	if lossless, err := all["cwebp"].Encode(t.Context(), drawing.Bytes()); err != nil {
		t.Error(err)
	} else if m, _, err := image.Decode(bytes.NewReader(lossless)); err != nil || m.At(11, 7) != color.Color(color.NRGBA{m.At(11, 7).(color.NRGBA).R, 59, m.At(11, 7).(color.NRGBA).B, 255}) {
		t.Errorf("the drawing is another: %v %v", m.At(11, 7), err)
	}
	if none, err := all["avifenc"].Encode(t.Context(), drawing.Bytes()); err != nil || none != nil {
		t.Errorf("a drawing as AVIF: %d bytes, %v", len(none), err)
	}
	for _, e := range all {
		_, err := e.Encode(t.Context(), []byte("\xff\xd8\xffno picture"))
		if err == nil || strings.Contains(err.Error(), os.TempDir()) || strings.ContainsAny(err.Error(), "\n") {
			t.Errorf("%s on garbage: %v", e.Name, err)
		}
	}
}

// TestEncoderIsBounded: a program that hangs ends with its context, with everything that it started.
func TestEncoderIsBounded(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"slow": "#!/bin/sh\n: > " + "\"$0.started\"\nsleep 600\n"})
	at := filepath.Join(dir, "slow")
	if err := os.Chmod(at, 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for {
			if _, err := os.Stat(at + ".started"); err == nil || ctx.Err() != nil {
				cancel()
				return
			}
			<-time.After(5 * time.Millisecond)
		}
	}()
	p := encoderProgram{name: "slow", kind: "image/slow", ext: ".slow", photo: []string{"in", "out"}}
	if _, err := p.encode(ctx, at, []byte("x")); err == nil {
		t.Error("a program that was stopped gave a picture")
	}
}

// TestPublishEncodes publishes a photograph with the real programs: browsers are offered both formats, followers the JPEG.
func TestPublishEncodes(t *testing.T) {
	t.Parallel()
	realEncoders(t)
	dir := folder(t, map[string]string{
		"config.toml":               "format = 1\n[site]\nurl = \"https://notes.example\"\n[federation]\nenabled = true\n",
		"content/posts/p.md":        "+++\ntitle = \"P\"\nid = \"p\"\ndate = 2026-10-28\n+++\n\n![The harbour](harbour.jpg)\n",
		"content/posts/harbour.jpg": jpegScene(t, 500, 120),
	})
	root := rootCommand()
	root.SetArgs([]string{"--config", filepath.Join(dir, "config.toml"), "--json"})
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "public/posts/p/index.html"))
	if err != nil || !regexp.MustCompile(`<picture><source type="image/avif"[^>]+><source type="image/webp"[^>]+><img src="/posts/p/harbour.jpg"`).Match(page) {
		t.Errorf("the page (%v):\n%s", err, page)
	}
	for _, ext := range []string{"avif", "webp"} {
		if made, _ := filepath.Glob(filepath.Join(dir, "public/assets/harbour-*."+ext)); len(made) != 2 {
			t.Errorf("copies in %s: %q", ext, made)
		}
	}
	article, err := os.ReadFile(filepath.Join(dir, "public/ap/posts/p.json"))
	if err != nil || !strings.Contains(string(article), "harbour.jpg") || strings.Contains(string(article), "avif") {
		t.Errorf("the Article (%v): %s", err, article)
	}
}

// TestPicturesInBrowser: under a strict policy Chromium takes the AVIF, and the photograph's place has a colour.
func TestPicturesInBrowser(t *testing.T) {
	t.Parallel()
	realEncoders(t)
	ctx := browser(t)
	dir := folder(t, map[string]string{
		"config.toml":               "format = 1\n[site]\nurl = \"https://notes.example\"\n",
		"content/posts/p.md":        "+++\ntitle = \"P\"\ndate = 2026-10-28\nimage = {src = \"lead.jpg\", alt = \"Lead\"}\n+++\n\n![The harbour](harbour.jpg \"A caption\")\n",
		"content/posts/harbour.jpg": jpegScene(t, 500, 120),
		"content/posts/lead.jpg":    jpegScene(t, 300, 100),
	})
	if _, stderr, err := run(t, "--config", filepath.Join(dir, "config.toml")); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	files := http.FileServer(http.Dir(filepath.Join(dir, "public")))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	const looks = `[...document.querySelectorAll("article img")].map(i => { i.loading = "eager"; return new Promise(done => { const look = () => done(
		[new URL(i.currentSrc).pathname.split(".").pop(), i.naturalWidth > 0, getComputedStyle(i).backgroundColor !== "rgba(0, 0, 0, 0)", Math.round(i.getBoundingClientRect().width) > 100].join(" "));
		i.complete && i.currentSrc ? look() : i.addEventListener("load", look); }) })`
	if err := chromedp.Do(ctx, chromedp.Navigate(server.URL+"/posts/p/")); err != nil {
		t.Fatal(err)
	}
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`Promise.all(`+looks+`).then(all => all.join(", "))`, chromedp.EvalAwaitPromise))
	if err != nil || got != "avif true true true, avif true true true" {
		t.Errorf("the pictures are %q, %v", got, err)
	}
}
