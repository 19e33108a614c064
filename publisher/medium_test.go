package publisher

import (
	"strings"
	"testing"
)

// waves is a WAV file of one and a half seconds.
var waves = "RIFF\xa4\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x50\x00\x00\x00\x50\x00\x00\x00\x01\x00\x08\x00data\x78\x00\x00\x00" + strings.Repeat("\x80", 120)

func TestMedia(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md":      post("A", "2026-10-28", "id = \"a\"", "Listen: ![Waves & &lt;wind&gt;](waves.wav)\n\n![The tide](/films/tide.mp4#t=3)\n\n![Elsewhere](https://example.org/x.mp3)"),
		"content/posts/waves.wav": waves, "content/films/tide.mp4": "no film",
	})
	b.publish()
	page := b.read("public/posts/a/index.html")
	for _, want := range []string{
		`<audio class="media" controls="" preload="metadata" src="/posts/a/waves.wav" aria-label="Waves &amp; &lt;wind&gt;"><a href="/posts/a/waves.wav">Waves &amp; &lt;wind&gt;</a></audio>`,
		`<video class="media" controls="" preload="metadata" src="/films/tide.mp4#t=3" aria-label="The tide">`, `<p><a href="https://example.org/x.mp3">Elsewhere</a></p>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s: %s", want, page)
		}
	}
	want := `<p>Listen: <a href="https://example.com/posts/a/waves.wav">Waves &amp; &lt;wind&gt;</a></p>` + "\n" + `<p><a href="https://example.com/films/tide.mp4#t=3">The tide</a></p>` + "\n" + `<p><a href="https://example.org/x.mp3">Elsewhere</a></p>`
	if got := b.document("a").Content; got != want {
		t.Errorf("followers get %s\nwant %s", got, want)
	}
	if !b.has("public/posts/a/waves.wav") || !b.has("public/films/tide.mp4") {
		t.Error("a file is not there")
	}
	for name, want := range map[string]string{
		"feed.xml":  `<enclosure url="https://example.com/posts/a/waves.wav" length="164" type="audio/wav"></enclosure>`,
		"atom.xml":  `<link href="https://example.com/posts/a/waves.wav" rel="enclosure" type="audio/wav" length="164"></link>`,
		"feed.json": `"attachments":[{"duration_in_seconds":1.5,"url":"https://example.com/posts/a/waves.wav","mime_type":"audio/wav","title":"Waves \u0026 \u003cwind\u003e","size":164},{"url":"https://example.com/films/tide.mp4#t=3","mime_type":"video/mp4"`,
	} {
		if got := b.read("public/" + name); !strings.Contains(got, want) {
			t.Errorf("%s has no %s: %s", name, want, got)
		}
	}
}

// TestMediaChanges puts another recording of the same name into a post: followers are told how long it lasts now.
func TestMediaChanges(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"", "![Waves](waves.wav)"), "content/posts/waves.wav": waves})
	b.publish()
	b.write("content/posts/waves.wav", strings.Replace(waves, "\x50\x00\x00\x00\x50", "\x28\x00\x00\x00\x28", 1)+"\x00")
	b.publish()
	if got := b.read("public/ap/posts/a.json"); !strings.Contains(got, `"duration":"PT3S"`) || !strings.Contains(b.read("public/feed.xml"), `length="165"`) {
		t.Errorf("followers and podcast programs have the old recording: %s", got)
	}
}

// TestMediaInGroup: Lemmy, for which a blog is a Group, refuses a post with an attachment that is no Link, Image or Document.
func TestMediaInGroup(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"config.toml":        testConfig + "type = \"Group\"\n[authors.ada]\nname = \"Ada\"\n",
		"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"\nauthor = \"ada\"", "![Waves](waves.wav)"), "content/posts/waves.wav": waves,
	})
	b.publish()
	if got := b.read("public/ap/posts/a.json"); !strings.Contains(got, `"type":"Document"`) || strings.Contains(got, `"type":"Audio"`) {
		t.Error(got)
	}
}

func TestMediaFaults(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"", "![](waves.wav)"), "content/posts/waves.wav": waves})
	r := b.publish()
	if len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != codeAlt {
		t.Errorf("sound without a name: %v", r.Diagnostics)
	}
	if got := b.document("a").Content; got != `<p><a href="https://example.com/posts/a/waves.wav">waves.wav</a></p>` {
		t.Error(got)
	}
	b.write("content/posts/a.md", post("A", "2026-10-28", "id = \"a\"", "![Gone](gone.mp3)"))
	if ds := b.faults(); len(ds) != 1 || ds[0].Code != codePicture {
		t.Errorf("a file that is not there: %v", ds)
	}
}
