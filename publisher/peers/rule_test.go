package peers

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// change reads a form with a piece of its JSON replaced.
func change(t *testing.T, form, from, to string) *Post {
	t.Helper()
	raw := string(load(t, form).Object.Raw)
	if !strings.Contains(raw, from) {
		t.Fatalf("%s has no %s", form, from)
	}
	p, err := Read([]byte(strings.Replace(raw, from, to, 1)))
	if err != nil {
		t.Fatal(err)
	}
	p.Acct = "notes@notes.example"
	return p
}

// TestMastodonArticle: of an Article readers get title, summary and link, the content never.
func TestMastodonArticle(t *testing.T) {
	t.Parallel()
	v := look(t, "mastodon", load(t, "article"))
	if v.Title != "Notes on fog" || !strings.Contains(v.Text, "What the harbour") || !strings.Contains(v.Text, v.Link) || strings.Contains(v.Text, "At six") {
		t.Errorf("title %q, text %q", v.Title, v.Text)
	}
	if !v.has(Dropped, "content") || v.Warning != "" || v.Card == nil {
		t.Errorf("%+v", v)
	}
}

// TestFold: a summary is a warning to some, of a Note to nearly all.
func TestFold(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]map[string]string{
		"article":    {"mastodon": "", "misskey": "What the harbour sounds like when nobody can see it.", "gotosocial": "What the harbour sounds like when nobody can see it.", "ghost": ""},
		"article-cw": {"mastodon": "", "misskey": "Drowning", "gotosocial": "Drowning", "friendica": "Drowning"},
		"note-cw":    {"mastodon": "Drowning", "misskey": "Drowning", "gotosocial": "Drowning", "ghost": ""},
		"note":       {"mastodon": "", "misskey": "", "gotosocial": ""},
	} {
		for peer, warning := range want {
			v := look(t, peer, load(t, name))
			if v.Warning != warning || (warning != "") != v.has(Folded, "") {
				t.Errorf("%s of %s: warning %q, findings %v, want %q", name, peer, v.Warning, v.Findings, warning)
			}
		}
	}
	p := load(t, "article")
	p.Object.Summary = ""
	if v := look(t, "gotosocial", p); v.Warning != "Notes on fog" {
		t.Errorf("GoToSocial without a summary warns of %q, want the title", v.Warning)
	}
	for _, peer := range []string{"mastodon", "ghost", "wordpress"} {
		if v := look(t, peer, load(t, "article-cw")); !v.has(Wrong, "sensitive") {
			t.Errorf("%s: nothing is said of a warning that does not fold: %v", peer, v.Findings)
		}
	}
}

// TestRefused: who takes nothing of a post shows nothing of it, and says why.
func TestRefused(t *testing.T) {
	t.Parallel()
	group := func(p *Post) *Post { p.Group = true; return p }
	const link = `"attachment": [`
	for name, c := range map[string]struct {
		peer    string
		post    *Post
		dropped string // field; "" where it is shown
	}{
		"pixelfed, article":               {"pixelfed", load(t, "article"), "type"},
		"pixelfed, no picture":            {"pixelfed", load(t, "note"), "attachment"},
		"pixelfed, pictures":              {"pixelfed", load(t, "note-pictures"), ""},
		"pixelfed, a link among pictures": {"pixelfed", change(t, "note-pictures", link, link+`{"type":"Link","mediaType":"image/jpeg","href":"https://notes.example/fog/"},`), "attachment"},
		"pixelfed, large picture":         {"pixelfed", change(t, "note-pictures", `"width": 1200`, `"width": 5001`), "attachment"},
		"pixelfed, other type":            {"pixelfed", change(t, "note-pictures", "image/jpeg", "image/avif"), "attachment"},
		"pixelfed, reply":                 {"pixelfed", change(t, "note", link, `"inReplyTo":"https://a.example/1",`+link), ""},
		"lemmy, person":                   {"lemmy", load(t, "article"), "attributedTo"},
		"lemmy, group":                    {"lemmy", group(load(t, "article")), ""},
		"peertube":                        {"peertube", load(t, "note"), ""},
		"threads, article":                {"threads", load(t, "article"), "type"},
		"threads, note":                   {"threads", load(t, "note"), ""},
		"gotosocial, changed before":      {"gotosocial", change(t, "article", link, `"updated":"2026-10-27T00:00:00Z",`+link), "updated"},
		"gotosocial, changed after":       {"gotosocial", change(t, "article", link, `"updated":"2026-10-29T00:00:00Z",`+link), ""},
		"nodebb, two authors":             {"nodebb", change(t, "article", `"https://notes.example/ap/actor"`, `["https://notes.example/ap/actor","https://notes.example/ap/authors/b"]`), "attributedTo"},
	} {
		v := look(t, c.peer, c.post)
		want := c.dropped != "" || c.peer == "peertube"
		if v.Dropped != want || want && (v.Text != "" || v.Card != nil || !v.has(Dropped, c.dropped)) || !want && v.Text == "" {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// TestPictures: four of many, and no card beside them.
func TestPictures(t *testing.T) {
	t.Parallel()
	v := look(t, "mastodon", load(t, "note-pictures"))
	if len(v.Pictures) != 4 || v.Of != 5 || v.Card != nil || !v.has(Dropped, "attachment") || !v.has(Wrong, "attachment") {
		t.Errorf("%d of %d, card %v: %v", len(v.Pictures), v.Of, v.Card, v.Findings)
	}
	if strings.Contains(v.Text, "A bell in fog") {
		t.Errorf("a picture in the text stays: %q", v.Text)
	}
	if v := look(t, "misskey", load(t, "note-pictures")); len(v.Pictures) != 5 || v.has(Dropped, "attachment") {
		t.Errorf("misskey: %+v", v)
	}
}

// TestCut: Bluesky takes 300 characters, a family being one of them.
func TestCut(t *testing.T) {
	t.Parallel()
	const family = "👨‍👩‍👧"
	p := load(t, "note")
	for n, want := range map[int]bool{300: false, 301: true} {
		p.Object.Content = "<p>" + strings.Repeat(family, n) + "</p>"
		v := look(t, "bluesky", p)
		if v.Cut != want || v.has(Dropped, "content") != want || strings.Count(v.Text, family) != 300 {
			t.Errorf("%d characters: cut %v, %d left", n, v.Cut, strings.Count(v.Text, family))
		}
	}
	p = load(t, "article")
	p.Object.Preview.Content = `<p>See <a href="https://x.example/">this</a></p>`
	if v := look(t, "bluesky", p); !v.has(Wrong, "preview") || v.Text != "See this" {
		t.Errorf("%+v", v)
	}
}

// TestSixHours: Mastodon keeps what comes late out of home timelines.
func TestSixHours(t *testing.T) {
	t.Parallel()
	p := load(t, "article")
	for late, want := range map[time.Duration]bool{0: false, 6 * time.Hour: false, 6*time.Hour + time.Second: true} {
		p.Sent = p.Object.Published.Add(late)
		if v := look(t, "mastodon", p); v.has(Dropped, "published") != want {
			t.Errorf("%s late: %v", late, v.Findings)
		}
	}
}

// TestWrong: what a document says so that a peer takes it otherwise.
func TestWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		peer, form, from, to, field string
	}{
		{"mastodon", "article", `"canQuote"`, `"canLike"`, "interactionPolicy"},
		{"nodebb", "article", `(bell.jpg)`, `(https://notes.example/fog/bell.jpg)`, "source"},
		{"misskey", "article", `"attributedTo": "https://notes.example/`, `"attributedTo": "https://other.example/`, "attributedTo"},
	} {
		before, after := look(t, c.peer, load(t, c.form)), look(t, c.peer, change(t, c.form, c.from, c.to))
		if before.has(Wrong, c.field) == after.has(Wrong, c.field) {
			t.Errorf("%s, %s: %v and %v", c.peer, c.field, before.Findings, after.Findings)
		}
	}
	if v := look(t, "friendica", change(t, "article", "<h2>The harbour</h2>", "<p>What the harbour sounds like when nobody can see it.</p>")); v.Warning != "" || v.has(Folded, "") {
		t.Errorf("Friendica folds a summary that the text begins with: %+v", v)
	}
	for to, want := range map[string]string{`"to":[],"cc":["https://www.w3.org/ns/activitystreams#Public"]`: "cc", `"to":["https://notes.example/ap/followers"],"cc":[]`: "to"} {
		o := load(t, "note").Object
		p, err := Read([]byte(`{"id":"` + o.ID + `","type":"Note","content":"x",` + to + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if v := look(t, "mastodon", p); !v.has(Shown, want) {
			t.Errorf("%s: %v", to, v.Findings)
		}
	}
}

// TestLong: a View holds the beginning of a long text and says how much follows.
func TestLong(t *testing.T) {
	t.Parallel()
	p := load(t, "note")
	p.Object.Content = strings.Repeat("<p>Five words in a line.</p>", 4000)
	v := look(t, "mastodon", p)
	if kept := len(strings.Fields(v.Text)); v.More == 0 || kept+v.More != 20_000 {
		t.Errorf("%d words and %d more, want 20000", kept, v.More)
	}
}

// TestPage: the page asks nobody for anything, runs nothing, and takes no words for markup.
func TestPage(t *testing.T) {
	t.Parallel()
	const bad = `<script>alert(1)</script><img src=x onerror=alert(1)>`
	p := load(t, "article")
	o := p.Object
	o.Name, o.Summary, o.Content = bad, "<p>"+bad+"</p>", bad+"<p onclick=x>words</p>"
	o.Image[0].Name, o.Tag[0].Name, p.Acct = bad, bad, bad
	p.Page = Page{bad, bad, "https://tracker.example/x.png"}
	o.Attachment[0].Href = "javascript:alert(1)"
	p.Group = true
	var out bytes.Buffer
	if err := WritePage(&out, bad, lookAll(t, p)); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, no := range []string{"<script", "<img", "onerror=alert(1)>", "onclick", `"javascript:`, "tracker.example", "@import", "url("} {
		if strings.Contains(page, no) {
			t.Errorf("the page holds %s", no)
		}
	}
	for _, want := range []string{"default-src 'none'", "prefers-color-scheme:dark", "<details>", `id="mastodon"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// TestTerminal: no post steers the terminal it is shown in.
func TestTerminal(t *testing.T) {
	t.Parallel()
	p := load(t, "article")
	const bad = "\x1b[2J\x07\u202etxt\u009b31m"
	p.Object.Name, p.Object.Content, p.Acct, p.Page.Title = bad, "<p>"+bad+"</p>", bad, bad
	p.Object.Tag[0].Name, p.Object.Image[0].Name = bad, bad
	var out bytes.Buffer
	if err := WriteText(&out, lookAll(t, p)); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexAny(out.String(), "\x1b\x07\u202e\u009b"); i >= 0 {
		t.Errorf("%q", out.String()[max(0, i-40):i+10])
	}
}

// TestNothing: a document with nothing in it breaks nobody.
func TestNothing(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{`{"type":"Note"}`, `{"type":"Article","id":"https://a.example/1","attachment":[{}],"tag":[{}],"image":{},"preview":{}}`} {
		p, err := Read([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		p.Group = true
		var out bytes.Buffer
		if err := WriteText(&out, lookAll(t, p)); err != nil {
			t.Error(err)
		}
		if err := WritePage(&out, "", lookAll(t, p)); err != nil {
			t.Error(err)
		}
	}
	if _, err := Read([]byte(`[`)); err == nil {
		t.Error("half a document was read")
	}
	if _, ok := Look("nobody", &Post{Object: &activitypub.Object{}}); ok {
		t.Error("an unknown program has a view")
	}
}

// FuzzLook: whatever stands in a document, the views come out and the texts of a page stay texts.
func FuzzLook(f *testing.F) {
	for _, form := range forms {
		f.Add(form, "<p>One <b>two", "three")
	}
	f.Fuzz(func(t *testing.T, form, content, summary string) {
		p, err := Read([]byte(fmt.Sprintf(`{"type":%q,"id":"https://a.example/1","url":"https://a.example/"}`, "Article")))
		if err != nil {
			t.Fatal(err)
		}
		if len(form)%2 == 0 {
			p.Object.Type, p.Object.Types = "Note", []string{"Note"}
		}
		p.Object.Name, p.Object.Content, p.Object.Summary, p.Object.Source, p.Group = form, content, summary, content, true
		var out bytes.Buffer
		if err := WritePage(&out, form, lookAll(t, p)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "<script") || strings.Contains(out.String(), "<img") {
			t.Errorf("markup got through: %s", out.String())
		}
	})
}
