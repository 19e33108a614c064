package publisher

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postil-blog/postil/publisher/pictures"
)

// shrinking is an encoder whose copies have so many hundredths of the original's bytes.
func shrinking(kind string, hundredths int, calls *atomic.Int64) pictures.Encoder {
	return pictures.Encoder{
		Name: "shrink", Type: "image/" + kind, Ext: "." + kind, Print: kind + " 1",
		Encode: func(_ context.Context, picture []byte) ([]byte, error) {
			calls.Add(1)
			return bytes.Repeat([]byte(kind[:1]), len(picture)*hundredths/100), nil
		},
	}
}

func with(list ...pictures.Encoder) func() []pictures.Encoder {
	return func() []pictures.Encoder { return list }
}

// noisy is a photograph that is worth encoding.
func noisy(t *testing.T, w, h int) string { t.Helper(); return photograph(t, w, h, 1) }

func encodedBlog(t *testing.T) *blog {
	t.Helper()
	return newBlog(t, map[string]string{
		"content/posts/a.md":     post("A", "2026-10-01", "image = {src = \"lead.jpg\", alt = \"x\"}\nfediverse = {as = \"note\"}", "![wide](wide.jpg) ![outside](https://other.example/x.jpg)\n\n<img src=\"wide.jpg\" alt=\"raw\">"),
		"content/posts/wide.jpg": noisy(t, 1000, 300),
		"content/posts/lead.jpg": noisy(t, 1600, 150),
	})
}

// TestEncodedPictures: pages offer the formats that save bytes, best first; feeds and followers get the JPEG, and a second run does nothing.
func TestEncodedPictures(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	b := encodedBlog(t)
	b.o.Encoders = with(shrinking("webp", 60, &calls), shrinking("avif", 40, &calls), shrinking("jxl", 120, &calls))
	b.publish()
	page := b.read("public/posts/a/index.html")
	want := regexp.MustCompile(`<picture><source type="image/avif" srcset="/assets/wide-480\.([0-9a-f]{8})\.avif 480w, /assets/wide-960\.[0-9a-f]{8}\.avif 960w, /assets/wide-1000\.[0-9a-f]{8}\.avif 1000w" sizes="[^"]+">` +
		`<source type="image/webp" srcset="/assets/wide-480\.[0-9a-f]{8}\.webp 480w, [^"]+" sizes="[^"]+"><img src="/posts/a/wide.jpg" alt="wide"[^>]* class="ph[0-9]+"></picture>`)
	m := want.FindStringSubmatch(page)
	if m == nil || strings.Contains(page, "image/jxl") || !strings.Contains(page, `<img src="wide.jpg" alt="raw">`) || !strings.Contains(page, `<img src="https://other.example/x.jpg"`) {
		t.Fatalf("the page:\n%s", page)
	}
	if !regexp.MustCompile(`<figure class="lead"><picture><source type="image/avif" srcset="/assets/lead-480\.[^"]+ 480w, [^"]+ 960w, [^"]+ 1440w" sizes="[^"]+"><source type="image/webp"[^>]+><img class="u-photo ph[0-9]+" src="/posts/a/lead.jpg"[^>]+></picture></figure>`).MatchString(page) {
		t.Errorf("the lead picture:\n%s", page)
	}
	if data := b.read("public/assets/wide-480." + m[1] + ".avif"); data == "" || strings.Trim(data, "a") != "" {
		t.Errorf("the copy is %q", data)
	}
	if css := b.tree("public/assets"); !strings.Contains(css[cssOf(css)], ".ph0{background:#323}") {
		t.Error("the style sheet has no colours")
	}
	for name, data := range b.tree("public") {
		if !strings.HasSuffix(name, ".html") && !strings.HasPrefix(name, "assets/") && (strings.Contains(data, ".avif") || strings.Contains(data, "<picture")) {
			t.Errorf("%s has a copy in another format", name)
		}
	}
	before := calls.Load()
	b.later(time.Hour)
	if r := b.publish(); !r.Nothing || calls.Load() != before {
		t.Errorf("the second run did something: %+v, %d encodings", r, calls.Load()-before)
	}
	b.remove(".cache/index")
	was := b.tree("public")
	if b.publish(); !maps.Equal(b.tree("public"), was) || calls.Load() != before {
		t.Errorf("without its memory it made another site, or %d encodings", calls.Load()-before)
	}
	b.remove("public/assets")
	b.publish()
	if calls.Load() != before || b.read("public/assets/wide-480."+m[1]+".avif") == "" {
		t.Errorf("the copies were made anew, %d times", calls.Load()-before)
	}
}

func cssOf(files map[string]string) string {
	for name := range files {
		if strings.HasPrefix(name, "style.") {
			return name
		}
	}
	return ""
}

// TestEncodersWaitForARealRun: a dry run starts no program and writes nothing, and without encoders the page is as ever.
func TestEncodersWaitForARealRun(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	b := encodedBlog(t)
	b.o.Encoders = with(shrinking("webp", 60, &calls))
	b.o.DryRun = true
	b.publish()
	if calls.Load() != 0 || b.has(".cache/pictures") {
		t.Errorf("a dry run encoded %d pictures", calls.Load())
	}
	b.o.DryRun, b.o.Encoders = false, nil
	b.publish()
	plain := b.read("public/posts/a/index.html")
	if strings.Contains(plain, "<picture") || b.has(".cache/pictures") {
		t.Errorf("without encoders:\n%s", plain)
	}
	b.o.Encoders = with(shrinking("webp", 60, &calls))
	b.publish()
	b.o.Encoders = nil
	b.publish()
	if again := b.read("public/posts/a/index.html"); again != plain {
		t.Errorf("the encoders left something behind:\n%s", again)
	}
}

// TestEncoderFails: a program that fails is told once, is left alone after three failures, and tried again by the next run.
func TestEncoderFails(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	text := ""
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		files["content/posts/"+name+".jpg"] = noisy(t, 300, 200+int(name[0]))
		text += "![x](" + name + ".jpg)\n\n"
	}
	files["content/posts/p.md"] = post("P", "2026-10-01", "", text)
	b := newBlog(t, files)
	var calls, good atomic.Int64
	failing := shrinking("avif", 10, &calls)
	failing.Encode = func(context.Context, []byte) ([]byte, error) { calls.Add(1); return nil, errors.New("no such colours") }
	b.o.Encoders = with(failing, shrinking("webp", 50, &good))
	r := b.publish()
	var told []string
	for _, d := range r.Diagnostics {
		if d.Code == codeEncoder {
			told = append(told, d.File+": "+d.Message)
		}
	}
	if len(told) != 1 || !strings.Contains(told[0], "image/avif: shrink: no such colours") {
		t.Errorf("told: %q", told)
	}
	if n := calls.Load(); n < maxFailures || n > maxFailures+int64(len(files)/2) { // some were under way
		t.Errorf("it was tried %d times", n)
	}
	if page := b.read("public/posts/p/index.html"); strings.Count(page, `type="image/webp"`) != 8 || strings.Contains(page, "avif") {
		t.Errorf("the page:\n%s", page)
	}
	b.o.Encoders = with(shrinking("avif", 10, &calls), shrinking("webp", 50, &good))
	b.publish()
	if page := b.read("public/posts/p/index.html"); strings.Count(page, `type="image/avif"`) != 8 {
		t.Errorf("the next run:\n%s", page)
	}
}

// TestEncodedCopyIsWhole: half a file in the store is made again, and what nobody shows is forgotten after a week.
func TestEncodedCopyIsWhole(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	b := encodedBlog(t)
	b.o.Encoders = with(shrinking("webp", 60, &calls))
	b.publish()
	want := b.tree("public")
	for name, data := range b.tree(".cache/pictures") {
		if len(data) > 100 { // the copies, and not what is remembered of them
			b.write(".cache/pictures/"+name, data[:len(data)/2])
		}
	}
	b.remove("public/assets")
	b.later(time.Hour)
	b.publish()
	for name, data := range b.tree("public") {
		if want[name] != data {
			t.Errorf("%s is another file", name)
		}
	}
	b.write(".cache/pictures/old", "x")
	b.write(".cache/pictures/young", "x")
	long := time.Now().Add(-8 * 24 * time.Hour)
	if err := os.Chtimes(filepath.Join(b.dir, ".cache/pictures/old"), long, long); err != nil {
		t.Fatal(err)
	}
	b.write("content/posts/b.md", post("B", "2026-10-02", "", "x"))
	b.publish()
	if b.has(".cache/pictures/old") || !b.has(".cache/pictures/young") {
		t.Error("what is not used is not forgotten, or too early")
	}
}

// A transparent picture has no colour behind it, which would stay.
func TestNoColourBehindDrawings(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-01", "", "![x](x.png)"), "content/posts/x.png": picturePNG(t, 20, 20)})
	b.publish()
	if page := b.read("public/posts/a/index.html"); strings.Contains(page, ` class="ph`) {
		t.Errorf("the page:\n%s", page)
	}
}
