package publisher

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

// list reads the published list.
func (b *blog) list() site.PublishedList {
	b.t.Helper()
	var l site.PublishedList
	if err := json.Unmarshal([]byte(b.read("public/ap/published.json")), &l); err != nil {
		b.t.Fatal(err)
	}
	return l
}

// only gives the list's one post.
func (b *blog) only() site.PublishedPost {
	b.t.Helper()
	l := b.list()
	if len(l.Posts) != 1 {
		b.t.Fatalf("the list has %d posts, want 1", len(l.Posts))
	}
	return l.Posts[0]
}

func (b *blog) later(d time.Duration) { b.o.Now = b.o.Now.Add(d) }

// sent gives what followers will get, by id.
func sent(r Report) map[string]string {
	m := map[string]string{}
	for _, c := range r.Changes {
		if c.Federated != "" {
			m[c.ID] = c.Federated
		}
	}
	return m
}

const idA = "https://example.com/ap/posts/a"

func TestListLife(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", `id = "a"`, "One.")})
	if got := sent(b.publish()); got[idA] != "Create" {
		t.Fatalf("first run sends %v, want a Create", got)
	}
	e := b.only()
	if e.ID != idA || !e.Published.Equal(now) || !e.Updated.IsZero() || e.Silent || e.SHA256 != sumOf([]byte(b.read("public/"+e.Article))) {
		t.Errorf("first entry: %+v", e)
	}

	// A theme that changes, or a run without a cache, is no update.
	b.later(time.Hour)
	b.write("templates/footer.html", "<footer>Mine</footer></body></html>")
	b.remove(".cache")
	if got := sent(b.publish()); len(got) != 0 {
		t.Errorf("a new template sends %v", got)
	}
	if got := b.only(); got.SHA256 != e.SHA256 || !got.Updated.IsZero() {
		t.Errorf("after a new template: %+v", got)
	}

	b.write("content/posts/a.md", post("A", "2026-10-27", `id = "a"`, "One, and two."))
	if got := sent(b.publish()); got[idA] != "Update" {
		t.Errorf("an edit sends %v, want an Update", got)
	}
	u := b.only()
	if !u.Published.Equal(e.Published) || !u.Updated.Equal(b.o.Now) {
		t.Errorf("after an edit: %+v", u)
	}

	// Two edits within a second, and a clock that went back: updated still rises.
	b.later(-2 * time.Hour)
	b.write("content/posts/a.md", post("A", "2026-10-27", `id = "a"`, "Three."))
	b.publish()
	if v := b.only(); !v.Updated.After(u.Updated) {
		t.Errorf("updated went from %v to %v", u.Updated, v.Updated)
	}
}

func TestListSlugChange(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", `id = "a"`, "One.")})
	b.publish()
	b.write("content/posts/a.md", post("A", "2026-10-27", "id = \"a\"\nslug = \"anew\"", "One."))
	b.later(time.Hour)
	if got := sent(b.publish()); got[idA] != "Update" {
		t.Errorf("a new slug sends %v, want an Update", got)
	}
	for _, when := range []string{"at once", "a run later, without a cache"} {
		if old := b.read("public/posts/a/index.html"); !strings.Contains(old, `url=https://example.com/posts/anew/`) {
			t.Errorf("%s: no redirect at the old address: %s", when, old)
		}
		b.remove(".cache")
		b.publish()
	}
	if e := b.only(); e.URL != "https://example.com/posts/anew/" || len(b.list().Withdrawn) != 0 {
		t.Errorf("entry %+v", e)
	}
}

func TestListRename(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"same title and date": post("A", "2026-10-27", "", "Another text."),
		"same text":           post("B", "2026-10-26", "", "One."),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", "", "One."), "content/posts/z.md": post("Z", "2026-10-20", "", "Zed.")})
			b.publish()
			before := b.tree("public")
			b.remove("content/posts/a.md")
			b.write("content/posts/b.md", source)
			ds := b.faults()
			key := keyOf("posts/a.md")
			if len(ds) != 1 || ds[0].Code != codeRenamed || !strings.Contains(ds[0].Help, key) {
				t.Fatalf("a rename gives %v, want the line with id %s", ds, key)
			}
			if !maps.Equal(before, b.tree("public")) {
				t.Error("the site changed in spite of the fault")
			}
			b.write("content/posts/b.md", strings.Replace(source, "+++\n", "+++\nid = \""+key+"\"\n", 1))
			if got := sent(b.publish()); got["https://example.com/ap/posts/"+key] != "Update" || len(b.list().Withdrawn) != 0 {
				t.Errorf("with the line: %v, %+v", got, b.list())
			}
		})
	}
}

func TestListWithdraw(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 5 {
		files[fmt.Sprintf("content/posts/p%d.md", i)] = post(fmt.Sprintf("P%d", i), "2026-10-27", fmt.Sprintf("id = \"p%d\"", i), fmt.Sprintf("Text %d.", i))
	}
	b := newBlog(t, files)
	b.publish()
	before := b.tree("public")
	for i := range 3 {
		b.remove(fmt.Sprintf("content/posts/p%d.md", i))
	}
	_, err := Publish(t.Context(), b.o)
	if !errors.Is(err, ErrWithdraw) || !strings.Contains(err.Error(), "P1") {
		t.Fatalf("taking back three posts gives %v, want ErrWithdraw that names them", err)
	}
	if !maps.Equal(before, b.tree("public")) {
		t.Error("the site changed although the run was refused")
	}
	b.write("content/posts/p0.md", files["content/posts/p0.md"])
	if got := sent(b.publish()); len(got) != 2 || got["https://example.com/ap/posts/p1"] != "Delete" {
		t.Errorf("two posts gone send %v, want two Deletes", got)
	}
	if b.has("public/posts/p1/index.html") || b.has("public/ap/posts/p1.json") {
		t.Error("a withdrawn post can still be read")
	}
	for i := range 5 {
		b.remove(fmt.Sprintf("content/posts/p%d.md", i))
	}
	b.write("content/posts/p0.md", strings.Replace(files["content/posts/p0.md"], "id = ", "draft = true\nid = ", 1))
	b.o.Withdraw = true
	b.publish()
	if l := b.list(); len(l.Posts) != 0 || len(l.Withdrawn) != 5 {
		t.Errorf("after --withdraw: %d posts, %d tombstones", len(l.Posts), len(l.Withdrawn))
	}
	// What was deleted can only come back as another post, and stays that.
	b.write("content/posts/p0.md", files["content/posts/p0.md"])
	for range 2 {
		b.publish()
		if e := b.only(); e.ID != "https://example.com/ap/posts/p0-2" || len(b.list().Withdrawn) != 5 {
			t.Errorf("published again: %+v", e)
		}
	}
}

func TestListAllWithdraw(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", `id = "a"`, "One.")})
	b.publish()
	b.remove("content/posts/a.md")
	if _, err := Publish(t.Context(), b.o); !errors.Is(err, ErrWithdraw) {
		t.Errorf("taking back the only post gives %v, want ErrWithdraw", err)
	}
}

func TestListSilent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, date, more string
		announce, want   bool
	}{
		{"new", "2026-10-27", "", true, false},
		{"a week old", "2026-10-22", "", true, false},
		{"an import", "2026-10-20", "", true, true},
		{"an import, asked for", "2014-10-20", "[fediverse]\nannounce = true", true, false},
		{"not asked for", "2026-10-27", "[fediverse]\nannounce = false", true, true},
		{"publish --no-announce", "2026-10-27", "", false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBlog(t, map[string]string{"content/posts/a.md": post("A", c.date, c.more, "One.")})
			b.o.Announce = c.announce
			r := b.publish()
			if e := b.only(); e.Silent != c.want || !e.Published.Equal(now) || (len(sent(r)) == 0) != c.want {
				t.Errorf("entry %+v, sent %v", e, sent(r))
			}
			if (len(r.Silent) == 1 && r.Silent[0].File == "posts/a.md" && r.Silent[0].Why != "") != c.want {
				t.Errorf("the report names %v as silent", r.Silent)
			}
			b.o.Announce = true
			b.write("content/posts/a.md", post("A", c.date, c.more, "Two."))
			if r := b.publish(); len(r.Silent) > 0 {
				t.Errorf("a later run says it again: %v", r.Silent)
			}
			if b.only().Silent != c.want {
				t.Error("an edit changed whether followers know the post")
			}
		})
	}
}

func TestListFederationOff(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 4 {
		files[fmt.Sprintf("content/posts/p%d.md", i)] = post(fmt.Sprintf("P%d", i), "2026-10-27", "", "Text.")
	}
	b := newBlog(t, files)
	b.publish()
	b.write("config.toml", strings.Replace(testConfig, "enabled = true", "enabled = false", 1))
	b.configure()
	b.publish()
	if l := b.list(); len(l.Posts) != 0 || len(l.Withdrawn) != 4 {
		t.Errorf("federation turned off: %d posts, %d tombstones", len(l.Posts), len(l.Withdrawn))
	}
	for name, text := range b.tree("public") {
		if strings.HasPrefix(name, "ap/posts/") {
			t.Errorf("%s is still there", name)
		}
		if strings.Contains(text, "activity+json") {
			t.Errorf("%s still names an Activity Streams document", name)
		}
	}
}

func TestListCleanCheckout(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", "", "One.")})
	b.publish()
	live, want := b.list(), b.tree("public")
	b.remove("public")
	b.remove(".cache")
	b.later(48 * time.Hour)
	b.o.Previous = func() (*site.PublishedList, error) { return &live, nil }
	if got := sent(b.publish()); len(got) != 0 || !maps.Equal(want, b.tree("public")) {
		t.Errorf("a clean checkout sends %v, same site: %v", got, maps.Equal(want, b.tree("public")))
	}
	b.remove("public")
	b.o.Previous = func() (*site.PublishedList, error) { return nil, errors.New("unreachable") }
	if _, err := Publish(t.Context(), b.o); err == nil {
		t.Error("published although nobody knows what followers have")
	}
	b.write("public/ap/published.json", "{")
	if _, err := Publish(t.Context(), b.o); err == nil || b.read("public/ap/published.json") != "{" {
		t.Errorf("a broken list was replaced (%v)", err)
	}
}

func TestListPageAndNone(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/a.md": post("A", "2026-10-27", "[fediverse]\nas = \"none\"", "One."),
		"content/about.md":   "+++\ntitle = \"About\"\n+++\nMe.\n",
		"content/posts/d.md": post("Draft", "2026-10-27", "draft = true", "SECRET"),
		"content/posts/f.md": post("Future", "2026-10-29", "", "SECRET"),
		"content/posts/x.md": post("Expired", "2026-10-20", "expires = 2026-10-21", "SECRET"),
		"content/posts/e.md": post("Empty", "2026-10-20", "", ""),
	})
	r := b.publish()
	if l := b.list(); len(l.Posts) != 0 {
		t.Errorf("listed: %+v", l.Posts)
	}
	why := map[string]string{}
	for _, h := range r.HeldBack {
		why[h.File] = h.Why
	}
	want := map[string]string{"posts/d.md": "draft: true", "posts/f.md": "scheduled 29 Oct 2026, in 13 hours; inboxd releases it", "posts/x.md": "expired 21 Oct 2026", "posts/e.md": "no text yet"}
	if !maps.Equal(why, want) {
		t.Errorf("held back %v, want %v", why, want)
	}
	for name, text := range b.tree("") {
		if !strings.HasPrefix(name, "content/") && !strings.HasPrefix(name, ".scheduled/") && strings.Contains(text, "SECRET") {
			t.Errorf("%s holds the text of a post that is held back", name)
		}
	}
}

func TestArticleKinds(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{
		"content/posts/note.md":    post("Note", "2026-10-27", "[fediverse]\nas = \"note\"\ncw = \"Plot\"", "Short & sweet."),
		"content/posts/link.md":    post("Link", "2026-10-27", "[fediverse]\nas = \"link\"\nvisibility = \"unlisted\"", "Short."),
		"content/posts/excerpt.md": post("Excerpt", "2026-10-27", "summary = \"Only this\"\n[fediverse]\ncontent = \"excerpt\"\nquote_policy = \"nobody\"", "SECRET"),
	})
	b.publish()
	for name, check := range map[string]func(a activitypub.Article) bool{
		"note": func(a activitypub.Article) bool {
			return a.Type == "Note" && a.Name == "" && a.Summary == "Plot" && a.Sensitive && a.Preview == nil && strings.Contains(a.Content, "Short &amp; sweet.")
		},
		"link": func(a activitypub.Article) bool {
			return a.Type == "Note" && a.CC[0] == activitypub.Public && strings.HasPrefix(a.To[0], "https://example.com/ap/followers") && strings.Contains(a.Content, `href="https://example.com/posts/link/"`)
		},
		"excerpt": func(a activitypub.Article) bool {
			return a.Summary == "<p>Only this</p>" && !strings.Contains(fmt.Sprint(a), "SECRET") && a.Source == nil && a.InteractionPolicy.CanQuote.AutomaticApproval[0] == "https://example.com/ap/actor"
		},
	} {
		var a activitypub.Article
		if err := json.Unmarshal([]byte(b.read("public/ap/posts/"+keyOf("posts/"+name+".md")+".json")), &a); err != nil {
			t.Fatal(err)
		}
		if !check(a) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// TestListSlugTakenOver gives a post's old address to another: the new post is there, and nobody is redirected away from it.
func TestListSlugTakenOver(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", `id = "a"`, "One.")})
	b.publish()
	b.write("content/posts/a.md", post("A", "2026-10-27", "id = \"a\"\nslug = \"anew\"", "One."))
	b.write("content/posts/b.md", post("B", "2026-10-26", "id = \"b\"\nslug = \"a\"", "Two."))
	b.publish()
	if page := b.read("public/posts/a/index.html"); !strings.Contains(page, "Two.") {
		t.Error("the new post has not got its address")
	}
	b.write("content/posts/b.md", post("B", "2026-10-26", "id = \"b\"\naliases = [\"/posts/anew/\"]", "Two."))
	if ds := b.faults(); len(ds) != 1 || ds[0].Code != codeCollision || !strings.Contains(ds[0].Message, "alias of content/posts/b.md") {
		t.Errorf("an alias that is another post's address gives %v", ds)
	}
}

func TestBake(t *testing.T) {
	t.Parallel()
	b := newBlog(t, map[string]string{"content/posts/a.md": post("A", "2026-10-27", `id = "a"`, "One.")})
	b.publish()
	empty := b.read("public/posts/a/index.html")
	thread := activitypub.Thread{Version: 1, Post: idA, Key: "a", Count: 1, Replies: []*activitypub.Comment{{
		ID: "https://social.example/1", Anchor: "c-1", URL: "https://social.example/1", Published: now, Content: activitypub.ParseHTML("<p>Well <b>said</b><script>x()</script></p>", nil),
		By: activitypub.Face{ID: "https://social.example/ada", Name: activitypub.ParseText("Ada", nil), Handle: "@ada@social.example", URL: "https://social.example/@ada"},
	}}}
	data, err := json.Marshal(thread)
	if err != nil {
		t.Fatal(err)
	}
	b.write("comments/a.json", string(data))
	r := b.publish()
	page := b.read("public/posts/a/index.html")
	if !strings.Contains(page, "Well <b>said</b>") || strings.Contains(page, "x()") || !strings.Contains(page, "@ada@social.example") {
		t.Error("the pulled reply is not in the page as it should be")
	}
	if len(sent(r)) != 0 {
		t.Errorf("a reply sends %v to followers", sent(r))
	}
	b.write("comments/a.json", "{")
	if ds := b.faults(); ds[0].Code != codeThread || ds[0].File != "comments/a.json" {
		t.Errorf("a broken file gives %v", ds)
	}
	b.remove("comments")
	b.publish()
	if b.read("public/posts/a/index.html") != empty {
		t.Error("the page is not what it was without the reply")
	}
}

// TestImportedComments: what an import brought along stands below the slot that inboxd fills, else the first answer from the fediverse would
// take it away; and it shows on a blog that is on no fediverse.
func TestImportedComments(t *testing.T) {
	t.Parallel()
	comment := func(id, text string, imported bool) *activitypub.Comment {
		return &activitypub.Comment{ID: id, Anchor: activitypub.Anchor(id), URL: id, Published: now, Content: activitypub.ParseHTML(text, nil), Imported: imported,
			By: activitypub.Face{ID: id, Name: activitypub.ParseText("Ada", nil), URL: id}}
	}
	old := comment("https://old.example/1", "<p>Old words</p>", true)
	old.Replies = []*activitypub.Comment{comment("https://old.example/2", "<p>Older answer</p>", true)}
	thread := activitypub.Thread{Version: 1, Post: idA, Key: "a", Count: 3, Replies: []*activitypub.Comment{old, comment("https://social.example/1", "<p>New words</p>", false)}}
	data, err := json.Marshal(thread)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"content/posts/a.md": post("A", "2026-10-27", `id = "a"`, "One."), "comments/a.json": string(data)}
	b := newBlog(t, files)
	b.publish()
	page := b.read("public/posts/a/index.html")
	_, slot, _ := strings.Cut(page, "<!--comments:a-->")
	slot, below, _ := strings.Cut(slot, "<!--/comments-->")
	if !strings.Contains(slot, "New words") || strings.Contains(slot, "Old words") || !strings.Contains(slot, "1 reply") {
		t.Errorf("the slot holds\n%s", slot)
	}
	if !strings.Contains(below, "Old words") || !strings.Contains(below, "Older answer") || strings.Contains(below, "New words") {
		t.Errorf("below the slot stands\n%s", below)
	}
	files["config.toml"] = strings.Replace(testConfig, "enabled = true", "enabled = false", 1)
	b = newBlog(t, files)
	b.publish()
	if page := b.read("public/posts/a/index.html"); !strings.Contains(page, "Old words") || strings.Contains(page, "New words") {
		t.Errorf("without federation the page is\n%s", page)
	}
}
