package inbox_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// kept are the things that were sent to the blog and are nobody's to read: each comes as a reply that holds its canary wherever words may
// stand. after happens once it is here.
var kept = []struct {
	name  string
	with  m
	after func(w *world, id string)
}{
	{name: "held", after: func(w *world, id string) { w.set(id, store.Held) }},
	{name: "hidden", after: func(w *world, id string) { w.set(id, store.Hidden) }},
	{name: "for followers", with: m{"to": []string{aliceID + "/followers"}, "cc": []string{us}}},
	{name: "direct", with: m{"to": []string{us}, "cc": nil}},
	{name: "blocked person", after: func(w *world, id string) { w.block(id[:strings.LastIndex(id, "/")]) }},
	{name: "blocked server", after: func(w *world, _ string) { w.block("remote.example") }},
	{name: "removed", after: func(w *world, id string) {
		by := id[:strings.LastIndex(id, "/")]
		w.send(activity("Delete", id+"#delete", by, m{"id": id, "type": "Tombstone"}, nil))
	}},
	{name: "made private", after: func(w *world, id string) {
		by := id[:strings.LastIndex(id, "/")]
		w.send(activity("Update", id+"#update", by, note(id, by, post, m{"content": "CANARY", "to": []string{us}, "cc": nil, "updated": w.clock().Format(time.RFC3339)}), nil))
	}},
	{name: "of somebody who asked not to show", after: func(w *world, id string) {
		w.write(func(tx *store.Tx) error {
			_, err := tx.HidePerson(w.t.Context(), id[:strings.LastIndex(id, "/")], w.clock())
			return err
		})
	}},
	{name: "answer to nothing", with: m{"inReplyTo": "https://unknown.example/notes/1"}},
}

func (w *world) block(what string) {
	w.write(func(tx *store.Tx) error {
		if err := tx.AddBlock(w.t.Context(), store.Block{What: what, At: w.clock()}); err != nil {
			return err
		}
		_, err := tx.RemoveBlocked(w.t.Context(), what)
		return err
	})
}

// doors are all the addresses at which a reply could be read, or guessed.
func doors(id, picture string) []string {
	list := []string{"/posts/one/", "/posts/one/index.html", "/feed.xml", "/comments/one", "/comments/one/feed.atom", "/api/v1/statuses/one", "/api/v1/statuses/one/context", "/api/v1/openapi.json", "/fedi-comments.js",
		"/ap/posts/one", "/ap/posts/one/replies", "/ap/posts/one/replies?page=1", "/ap/posts/one/likes", "/ap/posts/one/shares", "/ap/posts/one/context", "/ap/posts/one/context?page=1", "/ap/outbox", "/ap/outbox?page=1", "/ap/featured", "/interact?intent=reply&uri=" + url.QueryEscape(id),
		"/comments/one/likes", "/comments/one/boosts", "/comments/one/likes?page=2", "/api/v1/statuses/one/favourited_by", "/api/v1/statuses/one/reblogged_by", "/fedi-follow.js", "/interact.js", "/ap/published.json", "/ap/inbox", "/webmention",
		"/api/v1/reconcile", "/api/v1/undo", "/api/v1/replies", "/healthz", "/readyz", "/.well-known/host-meta", "/.well-known/nodeinfo", "/.well-known/webfinger?resource=" + url.QueryEscape(id), "/nodeinfo/2.0", "/nodeinfo/2.1",
		"/ap/moderators", "/ap/actor", "/ap/followers", "/ap/following", "/ap/tags", "/ap/instance", "/ap/none"}
	for _, target := range []string{post, page, id, id + "/page", activitypub.Anchor(id), "one", ""} {
		q := url.QueryEscape(target)
		list = append(list, "/api/v1/thread?post="+q, "/api/v1/thread?lang=de&post="+q, "/api/v1/stream?post="+q, "/api/v1/mentions.jf2?target="+q, "/api/v1/mentions.jf2?per-page=1000&page=0&target[]="+q)
	}
	for _, key := range []string{activitypub.Anchor(id), url.PathEscape(id), "%2e%2e", "1", "0", "two"} {
		list = append(list, "/comments/"+key, "/comments/"+key+"/feed.atom", "/api/v1/statuses/"+key, "/api/v1/statuses/"+key+"/context", "/ap/posts/"+key, "/ap/posts/"+key+"/replies", "/ap/activities/"+key,
			"/ap/quotes/"+key, "/ap/emoji/"+key, "/ap/series/"+key, "/api/v1/replies/"+key, "/api/v1/statuses/"+key+"/favourited_by", "/comments/"+key+"/likes", "/@blog/"+key)
	}
	return append(list, "/media/"+store.MediaHash(picture))
}

// dot is a picture.
var dot = picture(4, 4, "png")

// pictures tells how each picture's address answers.
func (w *world) pictures(urls []string) (status []int) {
	for _, u := range urls {
		status = append(status, w.get("/media/"+store.MediaHash(u)).StatusCode)
	}
	return status
}

// TestNothingKeptIsShown (R5): what is held, hidden, private, blocked, removed or has no place is at no door, to no Accept header, and
// guessing ids does not help. A public reply beside it proves that each door is one.
func TestNothingKeptIsShown(t *testing.T) {
	t.Parallel()
	for _, c := range kept {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *site.Config) { c.Comments.Mode = "open" })
			w.file("posts/one/index.html", template)
			const by = "http://remote.example/users/keeper"
			id, picture := by+"/CANARY", "http://remote.example/CANARY.png"
			w.peers.serve(by, actor(by, m{"name": "CANARY", "summary": "CANARY", "icon": m{"type": "Image", "url": "http://remote.example/CANARY-icon.png"}}))
			w.peers.serve("http://other.example/users/bob2", actor("http://other.example/users/bob2", nil))
			pictures := []string{picture, picture + "?emoji", "http://remote.example/CANARY-icon.png"}
			for _, u := range pictures {
				w.peers.handle(u, func(rw http.ResponseWriter, _ *http.Request) { rw.Write(dot) })
			}
			w.post(letter{doc: create(note(id, by, post, merge(m{"content": "<p>CANARY :CANARY:</p>", "summary": "CANARY", "url": id + "/page", "published": w.clock().Add(-time.Minute).Format(time.RFC3339),
				"attachment": []any{m{"type": "Image", "mediaType": "image/png", "url": picture, "name": "CANARY"}}, "tag": []any{m{"type": "Emoji", "name": ":CANARY:", "icon": m{"url": picture + "?emoji"}}}}, c.with))), signer: by})
			if c.with == nil && w.count(store.Reply) != 1 {
				t.Fatal("the reply was not taken: there is nothing to hide")
			}
			if c.with == nil && !strings.Contains(readBody(w.get("/comments/one")), "CANARY") {
				t.Fatal("the reply was never shown: the doors are not open")
			}
			if c.with == nil {
				if got := w.pictures(pictures); !slices.Equal(got, []int{200, 200, 200}) {
					t.Fatalf("its pictures answer %d while it shows: there is nothing to hide", got)
				}
			}
			if c.after != nil {
				c.after(w, id)
			}
			w.send(create(note("http://other.example/n1", "http://other.example/users/bob2", post, m{"content": "<p>for everybody</p>"})))
			if got := w.pictures(pictures); !slices.Equal(got, []int{404, 404, 404}) {
				t.Errorf("its attachment, emoji and author's picture answer %d, want 404", got)
			}
			open := 0
			for _, path := range doors(id, picture) {
				for _, accept := range []string{"", "text/html", activitypub.ContentType} {
					body := w.peek(path, accept)
					if strings.Contains(strings.ReplaceAll(body, url.QueryEscape(id), ""), "CANARY") && !strings.HasPrefix(path, "/interact") {
						t.Errorf("GET %s as %q tells of it: %s", path, accept, body)
					}
					if strings.Contains(body, "for everybody") {
						open++
					}
				}
			}
			if open < 20 {
				t.Errorf("the public reply is at %d doors only: they are not open", open)
			}
		})
	}
}

// peek gives what an address answers within moments; a stream is left after its first event.
func (w *world) peek(path, accept string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, blog+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	res, err := w.client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode > 499 {
		w.t.Errorf("GET %s: status %d", path, res.StatusCode)
	}
	if res.Header.Get("Content-Type") != "text/event-stream" {
		body, err := io.ReadAll(res.Body)
		if err != nil {
			w.t.Error(err)
		}
		return fmt.Sprint(res.Header, string(body))
	}
	var b strings.Builder
	for buf := make([]byte, 4096); !strings.Contains(b.String(), "data:"); {
		n, err := res.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			break
		}
	}
	return b.String()
}
