package publisher

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// causeway is a body with what every form has to carry: an excerpt long enough for a timeline, a heading, a link.
const causeway = "The causeway is dry for four hours, and the sea comes back faster than anybody walks who looks at birds.\n\n## Before you go\n\nRead the [tables](https://example.org/tides), then read them again.\n"

// forms are the posts of which testdata/forms/NAME.json holds what followers get: front matter and body.
var forms = map[string]struct{ more, body string }{
	"article":           {"tags = [\"sea\", \"signed fetch\", \"C++\", \"2026\"]\nimage = {src = \"sea.png\", alt = \"The sea\"}\nsummary = \"When to walk, and when to run.\"", causeway},
	"article-excerpt":   {"[fediverse]\ncontent = \"excerpt\"", causeway},
	"article-image":     {"image = {src = \"sea.png\", alt = \"The sea\", focus = [0, -0.5]}\n[fediverse]\nlead = \"image\"", causeway},
	"article-cw":        {"summary = \"A walk & what came of it.\"\n[fediverse]\ncw = \"drowning & birds\"", causeway},
	"article-cw-bare":   {"[fediverse]\ncw = \"drowning\"", causeway},
	"article-sensitive": {"image = {src = \"sea.png\", alt = \"The sea\"}\n[fediverse]\nlead = \"image\"\nsensitive = true", causeway},
	"note":              {"[fediverse]\nas = \"note\"", "Dry until six."},
	"note-pictures":     {"image = {src = \"sea.png\", alt = \"The sea\", focus = [0.5, 1]}\n[fediverse]\nas = \"note\"\nlead = \"image\"", "![Sand](sand.png) ![The sea](sea.png)"},
	"note-cw":           {"[fediverse]\nas = \"note\"\ncw = \"drowning & birds\"", "Dry until six."},
	"link":              {"[fediverse]\nas = \"link\"", causeway},
	"none":              {"[fediverse]\nas = \"none\"", causeway},
	"german":            {"lang = \"de\"\nsummary = \"Wann man geht.\"", "Der Weg liegt vier Stunden trocken."},
	"unlisted":          {"[fediverse]\nvisibility = \"unlisted\"", causeway},
	"followers":         {"[fediverse]\nvisibility = \"followers\"", causeway},
	"series":            {"series = \"Tides\"", causeway},
	"math":              {"math = true", "Euler: $e^{i\\pi}_{x} + 1_{y} = 0$, and no more."},
	"mentions":          {"[fediverse]\nmention = [\"@b_o@example.net\"]", "Thanks to @ada@example.org for the tables."},
	"audio":             {"", "![Waves against the wall](waves.wav)\n\n" + causeway},
	"note-video":        {"[fediverse]\nas = \"note\"", "![The tide, in a minute](tide.mp4)"},
	"pinned":            {"pin = 1", causeway},
	"emoji":             {"summary = \"Mind the :tide:, walker.\"", "Hi :tide: and :nobody:.\n\n" + causeway},
	"policies":          {"[fediverse]\nquote_policy = \"nobody\"\nreply_policy = \"followers\"\nlike_policy = \"public\"\nboost_policy = \"nobody\"", causeway},
}

// picturePNG is a picture of a gradient, w by h pixels.
func picturePNG(t *testing.T, w, h int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, gradient(w, h)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gradient(w, h int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x * 4), uint8(y * 5), uint8(x * y), 255})
		}
	}
	return m
}

// TestForms holds what followers get of each form against its file.
func TestForms(t *testing.T) {
	t.Parallel()
	files := map[string]string{"content/posts/sea.png": picturePNG(t, 64, 48), "content/posts/sand.png": picturePNG(t, 5, 7), "content/emoji/tide.png": picturePNG(t, 32, 32),
		"content/posts/waves.wav": waves, "content/posts/tide.mp4": "no film"}
	for name, f := range forms {
		if name == "math" && raced {
			continue
		}
		files["content/posts/"+name+".md"] = post("The causeway", "2026-10-28 08:00:00", "id = \""+name+"\"\n"+f.more, f.body)
	}
	b := newBlog(t, files)
	b.o.Resolve = newDirectory().resolve
	b.publish()
	for name := range forms {
		if name == "math" && raced {
			continue
		}
		file := "public/ap/posts/" + name + ".json"
		if name == "none" {
			if b.has(file) {
				t.Error("a post that stays here has a document")
			}
			continue
		}
		var out bytes.Buffer
		if err := json.Indent(&out, []byte(b.read(file)), "", "  "); err != nil {
			t.Fatal(err)
		}
		compare(t, "testdata/forms/"+name+".json", out.String())
		strict(t, name, out.Bytes())
	}
}

// strict checks what holds for every form: no null, no empty member at any depth, one string where readers want one, and language
// maps that say what the member says.
func strict(t *testing.T, name string, data []byte) {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	filledIn(t, name, doc)
	for _, member := range []string{"name", "summary", "content"} {
		m, _ := doc[member+"Map"].(map[string]any)
		text, there := doc[member]
		if there != (len(m) == 1) {
			t.Errorf("%s: %s is there: %v, and its map is %v", name, member, there, m)
		}
		for _, v := range m {
			if v != text {
				t.Errorf("%s: %sMap says something else than %s", name, member, member)
			}
		}
	}
}

func filledIn(t *testing.T, at string, v any) {
	t.Helper()
	switch v := v.(type) {
	case nil:
		t.Errorf("%s is null", at)
	case string:
		if v == "" {
			t.Errorf("%s is empty", at)
		}
	case []any:
		if len(v) == 0 {
			t.Errorf("%s is empty", at)
		}
		for _, e := range v {
			filledIn(t, at+"[]", e)
		}
	case map[string]any:
		for name, e := range v {
			filledIn(t, at+"."+name, e)
		}
	}
}

// document reads what followers get of a post.
func (b *blog) document(key string) (a activitypub.Article) {
	b.t.Helper()
	if err := json.Unmarshal([]byte(b.read("public/ap/posts/"+key+".json")), &a); err != nil {
		b.t.Fatal(err)
	}
	return a
}

func TestWarningKeepsTextBack(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"\n[fediverse]\ncw = \"Spoilers\"\ncontent = \"excerpt\"", "SECRET ending.")})
	b.publish()
	a := b.document("a")
	for _, s := range []string{a.Name, a.Summary, a.Preview.Content} {
		if !strings.Contains(s, "Spoilers") || strings.Contains(s, "SECRET") {
			t.Errorf("a reader who was not warned sees %q", s)
		}
	}
}

// TestPolicyOfTheBlog takes the policies of config.toml where a post says nothing, and the post's where it does.
func TestPolicyOfTheBlog(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"config.toml":        testConfig + "quote = \"nobody\"\nreply = \"followers\"\nlike = \"nobody\"\nboost = \"followers\"\n",
		"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"", "Text."),
		"content/posts/b.md": post("B", "2026-10-28", "id = \"b\"\n[fediverse]\nlike_policy = \"public\"", "Text."),
	})
	b.publish()
	const actor, followers = "https://example.com/ap/actor", "https://example.com/ap/followers"
	for key, want := range map[string][]string{"a": {actor, followers, actor, followers}, "b": {actor, followers, activitypub.Public, followers}} {
		p := b.document(key).InteractionPolicy
		var got []string
		for _, rule := range []*activitypub.Policy{p.CanQuote, p.CanReply, p.CanLike, p.CanAnnounce} {
			got = append(got, rule.AutomaticApproval...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: who may quote, reply, like, boost: %v, want %v", key, got, want)
		}
	}
}

// TestEmptyLines saves a post with other line ends and empty lines at its end: nobody is told of that.
func TestEmptyLines(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"", causeway)})
	b.publish()
	before := b.read("public/ap/posts/a.json")
	text := b.read("content/posts/a.md")
	for i, other := range []string{text + "\n \n\n", strings.TrimRight(text, "\n"), strings.ReplaceAll(text, "\n", "\r\n"), strings.Replace(text, "\n+++\n", "\n+++\n\n\n", 1)} {
		b.write("content/posts/a.md", other)
		b.o.Now = now.Add(time.Duration(i+1) * time.Hour)
		if r := b.publish(); len(r.Changes) > 0 || b.read("public/ap/posts/a.json") != before {
			t.Errorf("step %d: %+v, %s", i, r.Changes, b.read("public/ap/posts/a.json"))
		}
	}
}

func TestHashtagsOnce(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "id = \"a\"\ntags = [\"C\", \"C++\", \"C#\", \"small web\", \"Small-Web!\", \"SmallWeb\", \"2026\", \"+1\", \"日本 語\"]", "Text.")})
	b.publish()
	var got []string
	for _, tag := range b.document("a").Tag {
		got = append(got, tag.Name)
	}
	if want := []string{"#C", "#Cpp", "#CSharp", "#SmallWeb", "#日本語"}; !slices.Equal(got, want) {
		t.Errorf("hashtags %v, want %v", got, want)
	}
}

func TestFocusFaults(t *testing.T) {
	t.Parallel()
	for _, focus := range []string{"[2, 0]", "[0]", "[0, 0, 0]", "\"left\"", "[\"0\", 0]", "[0, nan]"} {
		b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", "image = {src = \"a.png\", alt = \"x\", focus = "+focus+"}", "Text."), "content/posts/a.png": dot})
		if ds := b.faults(); len(ds) != 1 || ds[0].Code != codeChoice {
			t.Errorf("focus = %s: %v", focus, ds)
		}
	}
}

// TestBlurhash holds ours against those that github.com/buckket/go-blurhash makes of the same pixels.
func TestBlurhash(t *testing.T) {
	t.Parallel()
	white := image.NewGray(image.Rect(0, 0, 5, 7))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	two := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	two.SetNRGBA(0, 0, color.NRGBA{255, 0, 0, 255})
	two.SetNRGBA(1, 0, color.NRGBA{0, 0, 255, 255})
	for _, c := range []struct {
		m      image.Image
		nx, ny int
		want   string
	}{
		{gradient(64, 48), 4, 3, "L#HLG62U$2SdmCaxjrf6gGfhfQfk"},
		{gradient(64, 48), 9, 9, "|#HLG62U$2Sdn}bEa_j=a_mCaxjrf6fPf6fRf8fRgGfhfQfkfRfkfSfkfRnia{jufRfSfRfRfQfQfgfPfRfSfRfRfPfPfPoIa|jvfRfRfPfPfPfPf5fRfRfRfQfPfOfPfSoIa}jufRfPfOfPfRfSe.fRfRfPfOfPfRfSfR"},
		{gradient(64, 48), 1, 1, "00HLG6"},
		{white, 4, 3, "L*TSUA~qfQ~q_3t7fQt7fQfQfQfQ"},
		{two, 4, 3, "L~LjfL|c|T|c|l|c|T|c|l|c|T|c"},
	} {
		if got := blurhash(c.m, c.nx, c.ny); got != c.want {
			t.Errorf("blurhash of %v in %d×%d = %q, want %q", c.m.Bounds(), c.nx, c.ny, got, c.want)
		}
	}
}

// TestBlurhashRemembered changes a picture behind publish's back, with its size and time as they were: a run that decoded it again
// would know.
func TestBlurhashRemembered(t *testing.T) {
	t.Parallel()
	const file = "content/posts/a.png"
	first, second := picturePNG(t, 64, 48), picturePNG(t, 5, 7)
	more := "id = \"a\"\nimage = {src = \"a.png\", alt = \"x\"}"
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-28", more, "One."), file: first})
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(b.dir+"/"+file, old, old); err != nil {
		t.Fatal(err)
	}
	b.publish()
	want := b.document("a").Image.Blurhash
	if want == "" {
		t.Fatal("no blurhash")
	}
	b.write(file, second+strings.Repeat("\x00", len(first)-len(second)))
	if err := os.Chtimes(b.dir+"/"+file, old, old); err != nil {
		t.Fatal(err)
	}
	b.write("content/posts/a.md", post("A", "2026-10-28", more, "Two."))
	b.publish()
	if got := b.document("a").Image.Blurhash; got != want {
		t.Errorf("blurhash %q, want %q: the picture was decoded again", got, want)
	}
	now := time.Now().Add(-time.Minute)
	if err := os.Chtimes(b.dir+"/"+file, now, now); err != nil {
		t.Fatal(err)
	}
	b.publish()
	if got := b.document("a").Image.Blurhash; got == want {
		t.Error("the picture changed and its blurhash did not")
	}
}

// TestBlurhashBounds says of a picture that it has a billion pixels: then it is not decoded.
func TestBlurhashBounds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/a.png", []byte(picturePNG(t, 5, 7)), 0o644); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	b, f := &build{content: root}, &file{name: "a.png"}
	if got := f.decode(b, fileFact{Width: 5, Height: 7}); got == "" {
		t.Error("a small picture has no blurhash")
	}
	if got := f.decode(b, fileFact{Width: 1 << 15, Height: 1 << 15}); got != "" {
		t.Errorf("a picture of a billion pixels was decoded: %q", got)
	}
}

// TestFormsAllowed holds every element of every form against the list of FEP-b2b8.
func TestFormsAllowed(t *testing.T) {
	t.Parallel()
	allowed := append(strings.Fields("p span h2 h3 h4 h5 h6 br a del pre code em strong b i u ul ol li blockquote img video audio ruby rt rp"), strings.Fields("math semantics annotation mrow mi mn mo mtext msub msup msubsup mfrac")...) // FEP-dc88
	for name := range forms {
		if name == "none" {
			continue
		}
		data, err := os.ReadFile("testdata/forms/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var a activitypub.Article
		if err := json.Unmarshal(data, &a); err != nil {
			t.Fatal(err)
		}
		checkHTML(t, a.Content, allowed)
		if a.Type == "Article" {
			checkHTML(t, a.Summary, []string{"p"})
			checkHTML(t, a.Preview.Content, []string{"p"})
		}
	}
}
