package inbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func TestReply(t *testing.T) {
	t.Parallel()
	schemes(t, func(t *testing.T, s signature.Scheme) {
		w := newWorld(t)
		id := aliceID + "/n"
		w.peers.serve(aliceID, actor(aliceID, m{"icon": m{"type": "Image", "url": "http://remote.example/a.png"}, "name": "Alice :blob:",
			"tag": []m{{"type": "Emoji", "name": ":blob:", "icon": m{"type": "Image", "url": "http://remote.example/blob.png"}}}}))
		n := note(id, aliceID, page, m{
			"summary": "Plot <b>spoiler</b>", "contentMap": m{"de": "x"}, "url": "http://remote.example/@alice/1",
			"attachment": []m{
				{"type": "Document", "mediaType": "image/png", "url": "http://remote.example/p.png", "name": "a map", "width": 3, "height": 2},
				{"type": "Document", "mediaType": "text/html", "url": "javascript:alert(1)"},
			},
		})
		if got := w.post(letter{doc: create(n), signer: aliceID, scheme: s}); got != 202 {
			t.Fatalf("status %d, want 202", got)
		}
		c, ok := w.comment(id)
		if !ok || c.Kind != store.Reply || c.Post != post || c.Parent != post || c.Actor != aliceID || c.State != store.Shown || !c.Sensitive || c.URL != "http://remote.example/@alice/1" {
			t.Errorf("stored %+v", c)
		}
		var media []store.Attachment
		if err := json.Unmarshal(c.Attachments, &media); err != nil || len(media) != 1 || media[0].Alt != "a map" || media[0].Width != 3 {
			t.Errorf("attachments %s, %v", c.Attachments, err)
		}
		if a, err := w.store.Actor(t.Context(), aliceID); err != nil || a.Handle != "alice@remote.example" {
			t.Errorf("actor %+v, %v", a, err)
		}
		for _, url := range []string{"http://remote.example/a.png", "http://remote.example/blob.png", "http://remote.example/p.png"} {
			if _, err := w.store.Media(t.Context(), store.MediaHash(url)); err != nil {
				t.Errorf("%s is not known to the proxy: %v", url, err)
			}
		}
	})
}

func TestReplyToReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	parent := post
	for n := range 6 {
		by := []string{aliceID, evilID, bobID}[n%3]
		id := fmt.Sprintf("%s/n%d", by, n)
		w.send(create(note(id, by, parent, nil)))
		c, ok := w.comment(id)
		if !ok || c.Post != post || c.Parent != parent {
			t.Fatalf("reply %d: %+v, %v, want it under %s", n, c, ok, parent)
		}
		parent = id
	}
	if n := w.count(store.Reply); n != 6 {
		t.Errorf("%d replies, want 6", n)
	}
}

// TestPrivateReplies: nothing whose own words do not say Public is ever stored (mutant: the activity's audience counts).
func TestPrivateReplies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	followers := aliceID + "/followers"
	variants := []m{
		{"to": nil, "cc": nil}, {"to": []string{}, "cc": []string{}}, {"to": followers, "cc": nil}, {"to": []string{us}, "cc": []string{}},
		{"to": []string{followers}, "cc": []string{us}}, {"to": nil, "cc": nil, "bto": public}, {"to": nil, "cc": nil, "bcc": []string{public}},
		{"to": nil, "cc": nil, "audience": public}, {"to": m{"id": followers}, "cc": nil}, {"to": []any{nil, 7}, "cc": nil},
		{"to": "https://www.w3.org/ns/activitystreams#public", "cc": nil}, {"to": public + "/", "cc": nil}, {"to": m{"type": "Public"}, "cc": nil},
		{"to": "as:public", "cc": nil}, {"to": us, "cc": nil, "type": "ChatMessage"},
		{"to": m{"type": "OrderedCollection", "items": []string{public}}, "cc": nil},
	}
	for n, v := range variants {
		id := fmt.Sprintf("%s/n%d", aliceID, n)
		doc := create(note(id, aliceID, post, v))
		doc["to"], doc["cc"] = []string{public}, []string{us} // the Create is public
		w.sendAs(aliceID, doc, 202)
		if c, ok := w.comment(id); ok {
			t.Errorf("%v was stored: %+v", v, c)
		}
	}
	w.untouched()
	for n, v := range []m{
		{"to": public, "cc": nil}, {"to": []string{followers}, "cc": public}, {"to": "as:Public", "cc": nil}, {"to": []string{us, "Public"}},
	} {
		id := fmt.Sprintf("%s/p%d", aliceID, n)
		w.send(create(note(id, aliceID, post, v)))
		if _, ok := w.comment(id); !ok {
			t.Errorf("%v was not stored, though it is public", v)
		}
	}
}

// TestPlainHTTPReply: who is reached over https does not write under http. It is said to the sender, and nothing is fetched or kept.
func TestPlainHTTPReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	by := "https://remote.example/users/alice"
	w.peers.serve(by, actor(by, nil))
	doc := activity("Create", by+"/c", by, note("http://remote.example/n", by, post, nil), m{"to": public})
	w.sendAs(by, doc, http.StatusBadRequest)
	w.untouched()
	w.sendAs(by, activity("Create", by+"/c", by, note(by+"/n", by, post, nil), m{"to": public}), http.StatusAccepted)
}

// TestNotReplies: votes in polls, posts that answer nothing of ours, and what is no text leave no trace.
func TestNotReplies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n, v := range []m{
		{"name": "yes", "content": nil}, {"inReplyTo": nil}, {"type": "Question"}, {"type": "Video"}, {"type": "Banana"},
		{"inReplyTo": blog + "/ap/posts/unknown"}, {"inReplyTo": blog + "/ap/posts/../posts/one"}, {"inReplyTo": blog + ".evil.example/ap/posts/one"},
		{"inReplyTo": blog + "/"}, {"content": nil}, {"content": 7}, {"id": nil},
	} {
		doc := note(fmt.Sprintf("%s/n%d", aliceID, n), aliceID, post, v)
		w.sendAs(aliceID, activity("Create", fmt.Sprintf("%s/c%d", aliceID, n), aliceID, doc, m{"to": public}), 202)
		if got := w.count(store.Reply); got != 0 {
			t.Fatalf("%v became a comment", v)
		}
	}
	if n := w.peers.count(); n != 1 {
		t.Errorf("%d fetches, want only alice's key", n)
	}
}

func TestWithdrawnPostTakesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _ := w.store.Article(t.Context(), post)
	a.Withdrawn = w.clock()
	w.write(func(tx *store.Tx) error { return tx.PutArticle(t.Context(), a) })
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.send(activity("Like", aliceID+"/l", aliceID, post, nil))
	w.untouched(aliceID + "/n/activity")
}

// TestPlainText: what is not HTML is shown as text, whatever it looks like.
func TestPlainText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(aliceID+"/n", aliceID, post, m{"mediaType": "text/plain", "content": "<b>not bold</b>"})))
	if got := w.text(aliceID + "/n"); got != "<b>not bold</b>" {
		t.Errorf("text %q", got)
	}
	w.send(create(note(aliceID+"/m", aliceID, post, m{"content": nil, "contentMap": m{"en": "<p>from the map</p>"}})))
	if got := w.text(aliceID + "/m"); got != "from the map" {
		t.Errorf("contentMap alone: text %q", got)
	}
}

func TestTimesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n, published := range []any{"2999-01-01T00:00:00Z", "-0977-11-03T00:00:00Z", nil, "yesterday"} {
		id := fmt.Sprintf("%s/n%d", aliceID, n)
		w.send(create(note(id, aliceID, post, m{"published": published})))
		if c, _ := w.comment(id); !c.Published.Equal(w.clock()) {
			t.Errorf("published %v: stored %v, want the time of receipt %v", published, c.Published, w.clock())
		}
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	mention := func(n int) string {
		text := `<p><a class="u-url mention" href="https://blog.example/">@blog</a> `
		for k := range n {
			text += fmt.Sprintf(`<span class="h-card"><a class="u-url mention" href="http://s%d.example/@u">@<span>u</span></a></span> `, k)
		}
		return text + `<a class="mention hashtag" href="http://s.example/tags/x">#x</a></p>`
	}
	var thread []m // programs name everybody of a thread in the tags
	for n := range 9 {
		thread = append(thread, m{"type": "Mention", "href": fmt.Sprintf("http://s%d.example/u", n), "name": "@u"})
	}
	four := m{"content": mention(4), "tag": thread}
	link := `<p><a href="http://spam.example/">win</a></p>`
	young := m{"published": time.Now().UTC().Add(-time.Hour).Format(time.RFC3339)}
	for _, c := range []struct {
		name, mode, close string
		note, actor       m
		follows           bool
		want              store.CommentState // "" = dropped
	}{
		{"guarded", "guarded", "", nil, nil, false, store.Shown},
		{"guarded, many mentions", "guarded", "", four, nil, false, store.Held},
		{"guarded, many mentions by a follower", "guarded", "", four, nil, true, store.Shown},
		{"guarded, three mentions", "guarded", "", m{"content": mention(3), "tag": thread}, nil, false, store.Shown},
		{"guarded, link of a new account", "guarded", "", m{"content": link}, young, false, store.Held},
		{"guarded, link of an old account", "guarded", "", m{"content": link}, nil, false, store.Shown},
		{"guarded, mention by a new account", "guarded", "", m{"content": `<p><a class="u-url mention" href="http://blog.example/">@blog</a> hi</p>`}, young, false, store.Shown},
		{"open", "open", "", four, young, false, store.Shown},
		{"approve", "approve", "", nil, nil, true, store.Held},
		{"closed", "closed", "", nil, nil, true, ""},
		{"closed after a while", "open", "30m", nil, nil, false, ""},
		{"not yet closed", "open", "90d", nil, nil, false, store.Shown},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(cfg *site.Config) { cfg.Comments.Mode, cfg.Comments.CloseAfter = c.mode, c.close })
			w.peers.serve(aliceID, actor(aliceID, c.actor))
			if c.follows {
				w.send(activity("Follow", aliceID+"/f", aliceID, us, nil))
			}
			w.send(create(note(aliceID+"/n", aliceID, post, c.note)))
			if got, _ := w.comment(aliceID + "/n"); got.State != c.want {
				t.Errorf("state %q, want %q", got.State, c.want)
			}
			w.send(activity("Like", aliceID+"/l", aliceID, post, nil)) // closed for replies is not closed for likes
			if n := w.count(store.Like); n != 1 {
				t.Errorf("%d likes, want 1", n)
			}
		})
	}
}

// TestUnderHeldReply: what answers a reply that waits, waits with it.
func TestUnderHeldReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.write(func(tx *store.Tx) error { return tx.SetCommentState(t.Context(), aliceID+"/n", store.Held) })
	w.send(create(note(bobID+"/n", bobID, aliceID+"/n", nil)))
	if c, _ := w.comment(bobID + "/n"); c.State != store.Held {
		t.Errorf("state %q, want held", c.State)
	}
	w.send(merge(create(note(aliceID+"/n", aliceID, post, nil)), m{"id": aliceID + "/again"})) // does not show itself again
	if c, _ := w.comment(aliceID + "/n"); c.State != store.Held {
		t.Errorf("after a second Create: state %q, want still held", c.State)
	}
}

func TestHandles(t *testing.T) {
	t.Parallel()
	for want, with := range map[string]m{
		"alice@remote.example":        {},
		"alicescript@remote.example":  {"preferredUsername": `alice"><script>`},
		"remote.example":              {"preferredUsername": `"<>`},
		"alice@social.remote.example": {"webfinger": "alice@social.remote.example"},
		"älice@remote.example":        {"preferredUsername": "älice", "webfinger": "acct:älice@mastodon.social"},
	} {
		w := newWorld(t)
		w.peers.serve(aliceID, actor(aliceID, with))
		w.send(activity("Like", aliceID+"/l", aliceID, post, nil))
		if a, _ := w.store.Actor(t.Context(), aliceID); a.Handle != want {
			t.Errorf("%v: handle %q, want %q", with, a.Handle, want)
		}
	}
}

// TestHostileReplies are taken or refused, never a fault of ours, and nothing of them becomes markup.
func TestHostileReplies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n, with := range []m{
		{"content": strings.Repeat("<div>", 50000)}, {"content": strings.Repeat("&#x41;", 100000)}, {"summary": strings.Repeat("x", 1<<19)},
		{"tag": many(5000, m{"type": "Mention", "href": "javascript:alert(1)", "name": "<script>"})}, {"attachment": many(2000, m{"type": "Document", "url": "http://x.example/a"})},
		{"tag": m{"type": "Emoji", "name": `:"><img onload=x:`, "icon": m{"url": `http://x.example/"onload="x`}}},
		{"contentMap": m{"xx": m{}}}, {"attributedTo": m{"id": aliceID, "type": "Person"}}, {"url": "javascript:alert(1)"}, {"updated": "1000-01-01T00:00:00Z"},
	} {
		id := fmt.Sprintf("%s/n%d", aliceID, n)
		if got := w.post(letter{doc: activity("Create", id+"/a", aliceID, note(id, aliceID, post, with), nil), signer: aliceID}); got >= 500 {
			t.Errorf("case %d: status %d", n, got)
		}
		c, _ := w.comment(id)
		var tree activitypub.Tree
		if c.Content != nil {
			if err := json.Unmarshal(c.Content, &tree); err != nil {
				t.Errorf("case %d: stored content: %v", n, err)
			}
		}
		if len(c.Content) > 64<<10 || len(c.Attachments) > 64<<10 || len(c.Warning) > 64<<10 {
			t.Errorf("case %d: %d bytes of content, %d of attachments, %d of warning", n, len(c.Content), len(c.Attachments), len(c.Warning))
		}
		if strings.HasPrefix(c.URL, "javascript") {
			t.Errorf("case %d: URL %q", n, c.URL)
		}
	}
}

func many(n int, v any) []any {
	list := make([]any, n)
	for k := range list {
		list[k] = v
	}
	return list
}
