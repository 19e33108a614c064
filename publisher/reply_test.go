package publisher

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

const (
	idR     = "https://example.com/ap/posts/r"
	hers    = "https://peer.example/@ada/1"
	answerR = "+++\nin_reply_to = \"" + hers + "\"\nid = \"r\"\nlang = \"de\"\n[fediverse]\nvisibility = \"unlisted\"\ncw = \"a <b>\"\n+++\n\nDanke, *Ada*. <span style=\"x\">Ja</span>\n"
)

// TestReplyLife: a reply has a document and a line in the list and nothing else; an edit is an Update, a file that is gone a withdrawal.
func TestReplyLife(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md": post("A", "2026-10-27", `id = "a"`, "One."), "content/replies/2026/thanks.md": answerR,
		"content/replies/draft.md": "+++\nin_reply_to = \"" + hers + "\"\ndraft = true\n+++\n\nNot yet.\n", "content/replies/notes.txt": "mine alone",
	})
	r := b.publish()
	if got := sent(r); got[idR] != "Create" || len(got) != 2 {
		t.Errorf("first run sends %v, want a Create of the reply and of the post", got)
	}
	if r.Posts != 1 || len(r.HeldBack) != 1 || r.HeldBack[0].File != "replies/draft.md" {
		t.Errorf("%d posts, held back %v, want 1 and the draft", r.Posts, r.HeldBack)
	}
	l := b.list()
	at := slices.IndexFunc(l.Posts, func(p site.PublishedPost) bool { return p.ID == idR })
	if at < 0 || len(l.Posts) != 2 || l.Posts[at].InReplyTo != hers || l.Posts[at].URL != "" || l.Posts[at].Silent {
		t.Fatalf("the list: %+v", l.Posts)
	}
	var note activitypub.Article
	if err := json.Unmarshal([]byte(b.read("public/ap/posts/r.json")), &note); err != nil {
		t.Fatal(err)
	}
	want := "<p>Danke, <em>Ada</em>. Ja</p>"
	if note.Type != "Note" || note.InReplyTo != hers || strings.TrimSpace(note.Content) != want || note.ContentMap["de"] != note.Content || note.Summary != "a &lt;b&gt;" || !note.Sensitive {
		t.Errorf("the document: %+v", note)
	}
	if !slices.Equal(note.CC, []string{activitypub.Public}) || note.Name != "" || note.URL != "" || note.AttributedTo != "https://example.com/ap/actor" {
		t.Errorf("the document: %+v", note)
	}
	for name, data := range b.tree("public") {
		if !strings.HasPrefix(name, "ap/") && (strings.Contains(data, "Danke") || strings.Contains(name, "replies") || strings.Contains(name, "thanks") || strings.Contains(name, "notes.txt")) {
			t.Errorf("%s shows the reply, which has no page of its own", name)
		}
	}
	if r := b.publish(); !r.Nothing {
		t.Errorf("a second run changes %+v", r.Changes)
	}

	b.later(time.Minute)
	b.write("content/replies/2026/thanks.md", strings.Replace(answerR, "Danke", "Besten Dank", 1))
	if got := sent(b.publish()); got[idR] != "Update" || len(got) != 1 {
		t.Errorf("an edit sends %v", got)
	}
	b.later(time.Minute)
	b.remove("content/replies/2026/thanks.md")
	if got := sent(b.publish()); got[idR] != "Delete" || len(got) != 1 {
		t.Errorf("removing the file sends %v", got)
	}
	if b.has("public/ap/posts/r.json") || len(b.list().Withdrawn) != 1 {
		t.Error("it is not withdrawn")
	}
}

// TestReplyOfLongAgo: the date of a reply does not make it an import, which nobody would be told of.
func TestReplyOfLongAgo(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/replies/r.md": strings.Replace(answerR, "+++\n", "+++\ndate = 2020-01-01\n", 1)})
	if got := sent(b.publish()); got[idR] != "Create" {
		t.Errorf("it sends %v", got)
	}
}

// TestReplyRenamed: a reply without an id under a new file name would be deleted and sent again.
func TestReplyRenamed(t *testing.T) {
	t.Parallel()
	text := strings.Replace(answerR, "id = \"r\"\n", "", 1)
	b := newBlog(t, map[string]string{"content/replies/r.md": text, "content/posts/a.md": post("A", "2026-10-27", `id = "a"`, "One.")})
	b.publish()
	b.remove("content/replies/r.md")
	b.write("content/replies/s.md", text)
	if ds := b.faults(); ds[0].Code != codeRenamed {
		t.Errorf("faults %v, want %s", ds, codeRenamed)
	}
}

// TestReplyMentions: whom a reply names is linked and told, like whom a post names.
func TestReplyMentions(t *testing.T) {
	t.Parallel()
	d := newDirectory()
	b := newBlog(t, map[string]string{"content/replies/r.md": strings.Replace(answerR, "Danke", "Danke, @ada@example.org und @nobody@example.org", 1)})
	b.o.Resolve = d.resolve
	r := b.publish()
	var note activitypub.Article
	if err := json.Unmarshal([]byte(b.read("public/ap/posts/r.json")), &note); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(note.Content, adaLink) || note.ContentMap["de"] != note.Content || !slices.Contains(note.CC, "https://example.org/users/1") {
		t.Errorf("the document: %+v", note)
	}
	if want := []activitypub.Tag{{Type: "Mention", Name: "@ada@example.org", Href: "https://example.org/users/1"}}; !slices.Equal(note.Tag, want) {
		t.Errorf("tags %v", note.Tag)
	}
	if len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != codeMention || r.Diagnostics[0].File != "content/replies/r.md" {
		t.Errorf("told %v, want the handle that leads nowhere", r.Diagnostics)
	}
	if r := b.publish(); !r.Nothing || len(d.asked) != 2 {
		t.Errorf("a second run asks %v and changes %+v", d.asked, r.Changes)
	}
}
