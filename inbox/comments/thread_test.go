package comments

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// outline writes a thread as its texts, indented by depth.
func outline(list []*activitypub.Comment, indent string) string {
	var s strings.Builder
	for _, c := range list {
		text := c.Content.Text()
		if c.Removed {
			text = "(removed)"
		}
		if c.InReplyTo != "" {
			text += " ← " + c.InReplyTo
		}
		s.WriteString(indent + text + "\n" + outline(c.Replies, indent+"  "))
	}
	return s.String()
}

func TestThreadNestsOldestFirst(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada, bea := b.person("ada"), b.person("bea")
	second := b.reply(5, bea, "", "<p>second</p>")
	first := b.reply(1, ada, "", "<p>first</p>")
	b.reply(9, ada, first, "<p>late answer</p>")
	one := b.reply(2, bea, first, "<p>d2</p>")
	two := b.reply(3, ada, one, "<p>d3</p>")
	three := b.reply(4, bea, two, "<p>d4</p>")
	four := b.reply(6, ada, three, "<p>d5</p>")
	b.reply(7, bea, four, "<p>d6</p>")
	b.reply(8, ada, second, "<p>under second</p>")
	got := b.thread()
	want := `first
  d2
    d3
      d4
      d5 ← @bea@social.example
      d6 ← @ada@social.example
  late answer
second
  under second
`
	if diff := cmp.Diff(want, outline(got.Replies, "")); diff != "" {
		t.Errorf("thread (-want +got):\n%s", diff)
	}
	if got.Count != 9 {
		t.Errorf("Count = %d, want 9", got.Count)
	}
	if p := got.Replies[0].Replies[0].Parent; p != "https://social.example/@x/1" {
		t.Errorf("Parent of an answer = %q, want its parent's page", p)
	}
	if p := got.Replies[0].Parent; p != postURL {
		t.Errorf("Parent of a reply to the post = %q, want the post's page", p)
	}
}

// A server that says that a answers b and b answers a must not make replies vanish, nor the page endless.
func TestThreadLosesNothing(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada := b.person("ada")
	b.reply(1, ada, "https://social.example/notes/2", "<p>circle one</p>")
	b.reply(2, ada, "https://social.example/notes/1", "<p>circle two</p>")
	b.reply(3, ada, "https://social.example/notes/3", "<p>itself</p>")
	b.reply(4, ada, "https://elsewhere.example/unknown", "<p>orphan</p>")
	want := "orphan\ncircle one\n  circle two\nitself\n"
	if diff := cmp.Diff(want, outline(b.thread().Replies, "")); diff != "" {
		t.Errorf("thread (-want +got):\n%s", diff)
	}
}

func TestThreadShowsOnlyWhatIsShown(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada := b.person("ada")
	for i, state := range []store.CommentState{store.Held, store.Hidden, store.Shown} {
		b.reply(i+1, ada, "", "<p>"+string(state)+"</p>", func(m *store.Comment) { m.State = state })
	}
	gone := b.reply(10, ada, "", "<p>regretted</p>")
	b.reply(11, ada, gone, "<p>answer</p>")
	lonely := b.reply(12, ada, "", "<p>regretted too</p>")
	b.write(func(tx *store.Tx) error {
		for _, id := range []string{gone, lonely} {
			if _, err := tx.RemoveComment(t.Context(), id); err != nil {
				return err
			}
		}
		return nil
	})
	got := b.thread()
	if diff := cmp.Diff("shown\n(removed)\n  answer\n", outline(got.Replies, "")); diff != "" {
		t.Errorf("thread (-want +got):\n%s", diff)
	}
	if got.Count != 2 {
		t.Errorf("Count = %d, want 2: the removed one does not count", got.Count)
	}
	if r := got.Replies[1]; r.By.ID != "" || r.By.Handle != "" || r.URL != "" {
		t.Errorf("a removed reply still names its author: %+v", r)
	}
}

func TestThreadPiles(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for i := range 15 {
		b.react(store.Like, i, b.person(fmt.Sprintf("liker%d", i)), "", "")
	}
	ada, bea := b.person("ada"), b.person("bea")
	r := b.reply(1, ada, "", "<p>hi</p>")
	b.react(store.Boost, 20, ada, "", "")
	b.react(store.Boost, 21, ada, "", "")
	b.react(store.Like, 22, ada, r, "")
	b.react(store.Boost, 23, bea, r, "")
	b.react(store.Reaction, 24, ada, "", "🎉")
	b.react(store.Reaction, 25, bea, "", "🎉")
	b.react(store.Reaction, 26, bea, "", "👍")
	b.react(store.Dislike, 27, bea, "", "")
	got := b.thread()
	if got.Likes.Count != 15 || len(got.Likes.Faces) != 12 {
		t.Errorf("likes: %d with %d faces, want 15 with 12", got.Likes.Count, len(got.Likes.Faces))
	}
	if got.Boosts.Count != 1 {
		t.Errorf("boosts = %d, want 1: a person counts once", got.Boosts.Count)
	}
	if c := got.Replies[0]; c.Likes != 1 || c.Boosts != 1 {
		t.Errorf("the reply has %d likes and %d boosts, want 1 and 1", c.Likes, c.Boosts)
	}
	var groups []string
	for _, g := range got.Reactions {
		groups = append(groups, fmt.Sprint(g.Emoji.Text(), g.Count))
	}
	if diff := cmp.Diff([]string{"🎉2", "👍1"}, groups); diff != "" {
		t.Errorf("reactions (-want +got):\n%s", diff)
	}
}

func TestThreadMarksOwner(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.reply(1, "https://example.blog/ap/actor", "", "<p>mine</p>", func(m *store.Comment) { m.ID, m.URL = "https://example.blog/ap/posts/r1", "" })
	b.reply(2, "https://example.blog.evil.example/ap/actor", "", "<p>not mine</p>")
	got := b.thread().Replies
	if !got[0].Owner || got[0].By.Handle != "@notes@example.blog" || got[0].By.Name.Text() != "Notes" || got[0].NoIndex {
		t.Errorf("the owner's reply = %+v", got[0])
	}
	if got[1].Owner {
		t.Error("somebody else's reply is marked as the owner's")
	}
}

// No address of a third party may stand where a browser loads from.
func TestThreadNamesNoThirdPartyPicture(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	emoji := map[string]string{":cat:": "https://files.social.example/cat.png"}
	b.actor(store.Actor{ID: "https://social.example/users/ada", Type: "Person", Handle: "ada@social.example", Name: stored(t, activitypub.ParseText("Ada :cat:", emoji)),
		URL: "https://social.example/@ada", Icon: "https://files.social.example/ada.jpg", Inbox: "https://social.example/inbox", Fetched: noon})
	b.reply(1, "https://social.example/users/ada", "", "", func(m *store.Comment) {
		m.Content = stored(t, activitypub.ParseHTML("<p>hi :cat:</p>", emoji))
		m.Warning = stored(t, activitypub.ParseText("cw :cat:", emoji))
		m.Attachments = []byte(`[{"URL":"https://files.social.example/p.png","MediaType":"image/png","Alt":"A map","Width":10,"Height":20},{"URL":"https://files.social.example/v.mp4","MediaType":"video/mp4"},{"URL":"javascript:alert(1)","MediaType":"image/png"}]`)
	})
	b.comment(store.Comment{ID: "https://social.example/r/1", Kind: store.Reaction, Post: postID, Parent: postID, Actor: "https://social.example/users/ada", Emoji: ":cat:", EmojiURL: emoji[":cat:"], Published: noon, Received: noon, State: store.Shown})
	got := b.thread()
	own := "https://example.blog/media/"
	r := got.Replies[0]
	if want := own + store.MediaHash("https://files.social.example/ada.jpg"); r.By.Avatar != want {
		t.Errorf("Avatar = %q, want %q", r.By.Avatar, want)
	}
	if len(r.Media) != 2 || r.Media[0].Picture != own+store.MediaHash("https://files.social.example/p.png") || r.Media[0].Alt != "A map" || r.Media[1].Picture != "" || r.Media[1].Kind != "video" {
		t.Errorf("Media = %+v", r.Media)
	}
	html, err := b.c.renderThread(got, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(html), `src="`)[1:] {
		if !strings.HasPrefix(part, own) {
			t.Errorf("the page loads from %.60s", part)
		}
	}
	if n := strings.Count(string(html), `src="`+own+store.MediaHash(emoji[":cat:"])); n != 4 {
		t.Errorf("the emoji shows %d times from the blog's own copy, want 4 (name, text, warning, reaction)", n)
	}
	if strings.Contains(string(html), "javascript:") {
		t.Error("an attachment's script address is in the page")
	}
}

func TestThreadOfOddRows(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.actor(store.Actor{ID: "https://social.example/users/x", Type: "Person", URL: "javascript:alert(1)", Inbox: "https://social.example/inbox", Fetched: noon})
	b.reply(1, "https://social.example/users/x", "", "<p>hm</p>", func(m *store.Comment) {
		m.URL, m.Attachments, m.Warning = "javascript:alert(1)", []byte("not json"), []byte(`{"no":"tree"}`)
	})
	got := b.thread().Replies[0]
	if got.URL != "https://social.example/notes/1" || got.By.URL != "https://social.example/users/x" || got.Media != nil || got.Warning != nil {
		t.Errorf("got %+v", got)
	}
	if got.By.Handle != "social.example" && got.By.Handle != "@social.example" || got.By.Name.Text() == "" {
		t.Errorf("a person without name or handle shows as %+v", got.By)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, c := range []struct {
		mode, after string
		age         time.Duration
		want        bool
	}{
		{"guarded", "", 1000 * time.Hour, false}, {"closed", "", time.Hour, true}, {"open", "90d", 89 * 24 * time.Hour, false},
		{"open", "90d", 91 * 24 * time.Hour, true}, {"open", "12h", 13 * time.Hour, true}, {"open", "soon", 1e6 * time.Hour, false}, {"open", "0d", time.Hour, false}, {"open", "xd", time.Hour, false},
	} {
		b.config.Comments.Mode, b.config.Comments.CloseAfter = c.mode, c.after
		if got := Closed(b.config, store.Article{Published: noon.Add(-c.age)}, noon); got != c.want {
			t.Errorf("Closed(%s, after %s, age %s) = %t, want %t", c.mode, c.after, c.age, got, c.want)
		}
	}
}

func TestClosedThreadInvitesNobody(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.reply(1, b.person("ada"), "", "<p>hi</p>")
	if got := b.thread(); got.Closed || got.Actions.Reply == "" || got.Replies[0].Actions.Reply == "" {
		t.Errorf("an open thread has no way to reply: %+v", got.Actions)
	}
	b.config.Comments.Mode = "closed"
	got := b.thread()
	if !got.Closed || got.Actions.Reply != "" || got.Replies[0].Actions.Reply != "" || got.Actions.Like == "" {
		t.Errorf("a closed thread = %+v, %+v", got.Actions, got.Replies[0].Actions)
	}
}

// TestThreadReactions: one group for one emoji, with and without variation selector, under the post and under a comment; a Dislike is
// counted nowhere.
func TestThreadReactions(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada, bea, cid := b.person("ada"), b.person("bea"), b.person("cid")
	r := b.reply(1, ada, "", "<p>hi</p>")
	n := 10
	for _, parent := range []string{"", r} {
		for _, c := range []struct{ by, emoji string }{{ada, "❤"}, {bea, "❤\uFE0F"}, {cid, "❤"}, {cid, "🎉"}, {cid, "❤\uFE0F"}} {
			b.react(store.Reaction, n, c.by, parent, c.emoji)
			n++
		}
		b.react(store.Dislike, n, ada, parent, "")
		n++
	}
	got := b.thread()
	for name, list := range map[string][]activitypub.ReactionGroup{"post": got.Reactions, "comment": got.Replies[0].Reactions} {
		var groups []string
		for _, g := range list {
			groups = append(groups, fmt.Sprint(g.Emoji.Text(), g.Count))
		}
		slices.Sort(groups)
		if diff := cmp.Diff([]string{"❤\uFE0F3", "🎉1"}, groups); diff != "" {
			t.Errorf("%s: reactions (-want +got):\n%s", name, diff)
		}
	}
	doc, err := json.Marshal(got)
	if err != nil || strings.Contains(strings.ToLower(string(doc)), "dislike") {
		t.Errorf("%v: the thread tells of a Dislike: %s", err, doc)
	}
	html := b.get("/comments/7").Body.String()
	if n := strings.Count(html, `<ul class="reactions"`); n != 2 || strings.Contains(strings.ToLower(html), "dislike") {
		t.Errorf("%d lists of reactions on the page, want 2:\n%s", n, html)
	}
}

// TestThreadCustomEmoji: the same name of one server is one group, of two servers two (mutant: the first picture stands for all).
func TestThreadCustomEmoji(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for n, picture := range []string{"https://a.example/heart.png", "https://a.example/heart.webp", "https://evil.example/heart.png"} {
		by := b.person(fmt.Sprint("p", n))
		id := fmt.Sprintf("https://social.example/reactions/%d", n)
		b.comment(store.Comment{ID: id, Kind: store.Reaction, Post: postID, Parent: postID, Actor: by, Emoji: ":heart:", EmojiURL: picture,
			Published: noon, Received: noon, State: store.Shown})
	}
	got := b.thread().Reactions
	if len(got) != 2 || got[0].Count != 2 || got[1].Count != 1 {
		t.Errorf("groups %+v, want 2 and 1", got)
	}
}

// TestThreadReactionsBounded: one person cannot fill the page with emoji.
func TestThreadReactionsBounded(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada := b.person("ada")
	for n := range maxGroups + 10 {
		b.react(store.Reaction, n, ada, "", string(rune(0x1F600+n)))
	}
	if n := len(b.thread().Reactions); n != maxGroups {
		t.Errorf("%d groups, want %d", n, maxGroups)
	}
}

// TestThreadQuotes: a quote stands in its own list with the answers that it got; one that is held shows nowhere.
func TestThreadQuotes(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ada, bea := b.person("ada"), b.person("bea")
	as := func(s store.CommentState) func(*store.Comment) {
		return func(c *store.Comment) { c.Kind, c.State = store.Quote, s }
	}
	shown := b.reply(1, ada, "", "<p>quote</p>", as(store.Shown))
	b.reply(2, bea, shown, "<p>answer</p>")
	b.reply(3, ada, "", "<p>held</p>", as(store.Held))
	b.reply(4, bea, "", "<p>reply</p>")
	got := b.thread()
	if diff := cmp.Diff("quote\n  answer\n", outline(got.Quotes, "")); diff != "" {
		t.Errorf("quotes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("reply\n", outline(got.Replies, "")); diff != "" {
		t.Errorf("replies (-want +got):\n%s", diff)
	}
	if got.Count != 2 {
		t.Errorf("Count = %d, want 2: a quote is no reply", got.Count)
	}
}
