package inbox_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// after lets time go by, with a look every minute at what is due.
func (w *world) after(d time.Duration) {
	w.t.Helper()
	for range d / time.Minute {
		w.advance(time.Minute)
		for w.round() > 0 {
		}
	}
}

// alices sends alice's reply to the post, which her server serves with more members.
func (w *world) alices(more m) string {
	w.t.Helper()
	id := aliceID + "/n"
	n := note(id, aliceID, post, nil)
	w.peers.serve(id, served(merge(note(id, aliceID, post, nil), more)))
	w.send(create(n))
	return id
}

// unsent serves bob's replies to alice's, which he sent to nobody here.
func (w *world) unsent(n int) (ids []string) {
	for k := range n {
		id := fmt.Sprintf("%s/n%d", bobID, k)
		w.peers.serve(id, served(note(id, bobID, aliceID+"/n", nil)))
		ids = append(ids, id)
	}
	return ids
}

// TestBackfill: a reply that was never sent to us appears, in whatever shape the server of what it answers lists it.
func TestBackfill(t *testing.T) {
	t.Parallel()
	at := aliceID + "/n/replies"
	ids := func(n int) (list []string) {
		for k := range n {
			list = append(list, fmt.Sprintf("%s/n%d", bobID, k))
		}
		return list
	}
	other := at + "?only_other_accounts=true&page=true"
	conversation := "http://remote.example/contexts/1-2"
	page := func(id, kind, of string, items any, more m) m {
		return merge(m{"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": kind, "partOf": of, "items": items}, more)
	}
	for name, c := range map[string]struct {
		note m
		docs map[string]m
	}{
		"Mastodon": {m{"replies": m{"id": at, "type": "Collection", "first": m{"type": "CollectionPage", "next": other, "partOf": at, "items": []string{}}}},
			map[string]m{other: page(other, "CollectionPage", at, ids(3), nil)}},
		"Mastodon, several pages": {m{"replies": m{"id": at, "type": "Collection", "first": m{"type": "CollectionPage", "next": other, "partOf": at, "items": ids(1)}}},
			map[string]m{other: page(other, "CollectionPage", at, ids(2), m{"next": at + "?min_id=7&only_other_accounts=true&page=true"}),
				at + "?min_id=7&only_other_accounts=true&page=true": page(at+"?only_other_accounts=true&min_id=7&page=true", "CollectionPage", at, ids(3), nil)}},
		"Mastodon, context": {m{"context": conversation}, map[string]m{conversation: {"id": conversation, "type": "Collection", "attributedTo": aliceID,
			"first": page(conversation+"/items?page=true", "CollectionPage", conversation+"/items", append([]string{post, aliceID + "/n"}, ids(3)...), nil)}}},
		"GoToSocial": {m{"replies": m{"id": at, "type": "Collection", "first": m{"id": at + "?page=true", "type": "CollectionPage", "partOf": at, "next": at + "?limit=20&page=true"}}},
			map[string]m{at + "?limit=20&page=true": page(at+"?limit=20&page=true", "CollectionPage", at, ids(3), nil)}},
		"NodeBB":              {m{"replies": at, "context": conversation}, map[string]m{at: {"id": at, "type": "OrderedCollection", "orderedItems": ids(3)}}},
		"Pleroma, a list":     {m{"replies": ids(3)}, nil},
		"Pleroma, embedded":   {m{"replies": m{"type": "Collection", "items": ids(3)}}, nil},
		"BookWyrm, no ids":    {m{"replies": m{"id": at, "type": "Collection", "first": m{"type": "CollectionPage", "next": other, "partOf": at, "items": []string{}}}}, map[string]m{other: {"type": "CollectionPage", "items": ids(3)}}},
		"nothing but its id":  {m{"replies": m{"id": at, "type": "Collection", "totalItems": 3}}, map[string]m{at: {"id": at, "type": "Collection", "totalItems": 3, "items": ids(3)}}},
		"first by its id":     {m{"replies": at}, map[string]m{at: {"id": at, "type": "OrderedCollection", "first": at + "?p=1"}, at + "?p=1": page(at+"?p=1", "OrderedCollectionPage", at, nil, m{"first": at + "?p=1", "orderedItems": ids(3)})}},
		"items as activities": {m{"context": conversation}, map[string]m{conversation: {"id": conversation, "type": "OrderedCollection", "orderedItems": []m{activity("Add", aliceID+"/a", aliceID, bobID+"/n0", nil), {"type": "Create", "id": bobID + "/c", "object": m{"id": bobID + "/n1", "type": "Note"}}, {"id": bobID + "/n2", "type": "Note"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for url, doc := range c.docs {
				w.peers.serve(url, doc)
			}
			w.unsent(3)
			w.alices(c.note)
			w.after(9 * time.Minute)
			if n := w.count(store.Reply); n != 1 {
				t.Errorf("%d replies at first, want alice's alone", n)
			}
			w.after(3 * time.Minute)
			if n := w.count(store.Reply); n != 4 {
				t.Errorf("%d replies after the crawl, want 4", n)
			}
			for _, id := range ids(3) {
				if c, _ := w.comment(id); c.Actor != bobID || c.Parent != aliceID+"/n" || c.State != store.Shown {
					t.Errorf("%s: %s, by %s, under %s", id, c.State, c.Actor, c.Parent)
				}
			}
		})
	}
}

// TestBackfillDeep: of a conversation of strangers the context's list brings the whole, in whatever order.
func TestBackfillDeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conversation := "http://remote.example/contexts/1"
	ids := w.thread("http://third.example", aliceID+"/n", 4)
	w.peers.serve(conversation, m{"id": conversation, "type": "Collection", "items": []string{ids[3], ids[1], ids[0], ids[2]}})
	w.alices(m{"context": conversation})
	w.after(15 * time.Minute)
	if n := w.count(store.Reply); n != 5 || len(w.waits()) != 0 {
		t.Errorf("%d replies, %v wait, want 5 and none", n, w.waits())
	}
}

// TestCollectionsOfOthers: a list says only where to look. Nothing of another server than the comment's own is read, no copy in a list is
// believed, nothing private or of somebody blocked comes in (mutants: no SameOrigin in page; an item's copy is stored).
func TestCollectionsOfOthers(t *testing.T) {
	t.Parallel()
	foreign, at := "http://evil.example/c", aliceID+"/n/replies"
	for name, more := range map[string]m{
		"foreign replies": {"replies": foreign}, "foreign context": {"context": foreign}, "foreign first": {"replies": m{"type": "Collection", "first": foreign}},
		"foreign next": {"replies": m{"type": "Collection", "first": m{"type": "CollectionPage", "items": []string{}, "next": foreign}}}, "ours": {"context": post + "/context", "replies": "http://BLOG.example/x"},
		"embedded foreign": {"replies": m{"id": foreign, "type": "Collection"}}, "part of a foreign one": {"replies": at}, "not a collection": {"replies": at + "2"}, "a foreign id": {"replies": at + "3"},
	} {
		w := newWorld(t)
		w.peers.serve(foreign, m{"id": foreign, "type": "Collection", "items": []string{bobID + "/n0"}})
		w.peers.serve(at, m{"id": at, "type": "CollectionPage", "partOf": foreign, "items": []string{bobID + "/n0"}})
		w.peers.serve(at+"2", m{"id": at + "2", "type": "Note", "items": []string{bobID + "/n0"}})
		w.peers.serve(at+"3", m{"id": foreign, "type": "Collection", "items": []string{bobID + "/n0"}})
		w.unsent(1)
		w.alices(more)
		w.after(15 * time.Minute)
		if n := w.peers.asked(foreign) + w.peers.asked(bobID+"/n0"); n != 0 || w.count(store.Reply) != 1 {
			t.Errorf("%s: %d fetches from there, %d replies", name, n, w.count(store.Reply))
		}
	}
	w := newWorld(t)
	w.unsent(1)
	forged := note(bobID+"/n0", bobID, aliceID+"/n", m{"content": "forged"})
	private := note(bobID+"/p", bobID, aliceID+"/n", m{"to": bobID + "/followers"})
	vote := note(bobID+"/v", bobID, aliceID+"/n", m{"name": "yes", "content": nil})
	blocked := note("http://third.example/n", "http://third.example/users/other", aliceID+"/n", nil)
	for _, n := range []m{private, vote, blocked} {
		w.peers.serve(n["id"].(string), served(n))
	}
	w.write(func(tx *store.Tx) error {
		return tx.AddBlock(t.Context(), store.Block{What: "third.example", At: w.clock()})
	})
	w.alices(m{"replies": m{"type": "Collection", "items": []any{blocked, forged, merge(private, m{"to": public}), vote["id"], note("http://other.example/none", aliceID, post, nil), "tag:x", 7, blog + "/x", nil}}})
	w.after(15 * time.Minute)
	if got := w.text(bobID + "/n0"); got != "words of "+bobID || w.count(store.Reply) != 2 {
		t.Errorf("bob's says %q, %d replies, want his own words, and 2", got, w.count(store.Reply))
	}
	if n := w.peers.asked("http://third.example/n"); n != 0 {
		t.Errorf("a blocked server was asked %d times", n)
	}
}

// TestCrawlIsBounded: of an endless collection three pages are read, of a long one a hundred items are fetched, in its turn, and what was
// fetched in vain is not fetched again by the next look.
func TestCrawlIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := aliceID + "/n/replies?page="
	for n := range 50 {
		var items []string
		for k := range 60 {
			items = append(items, fmt.Sprintf("http://third.example/%d-%d", n, k))
		}
		w.peers.serve(fmt.Sprint(base, n), m{"id": fmt.Sprint(base, n), "type": "CollectionPage", "next": fmt.Sprint(base, n+1), "items": items})
	}
	w.alices(m{"replies": base + "0"})
	w.after(10 * time.Minute)
	pages := 0
	for n := range 50 {
		pages += w.peers.asked(fmt.Sprint(base, n))
	}
	if pages != 3 {
		t.Errorf("%d pages read, want 3", pages)
	}
	before := w.peers.count()
	w.advance(time.Minute)
	w.round()
	if n := w.peers.count() - before; n > 30 {
		t.Errorf("%d fetches from a server of strangers in a minute, want at most 30", n)
	}
	w.after(20 * time.Minute)
	asked := func() (all, most int) {
		for n := range 50 {
			for k := range 60 {
				one := w.peers.asked(fmt.Sprintf("http://third.example/%d-%d", n, k))
				all, most = all+one, max(most, one)
			}
		}
		return all, most
	}
	if all, most := asked(); all != 100 || most != 1 {
		t.Errorf("%d fetches of items, one of them %d times, want 100, each once", all, most)
	}
	w.after(2 * time.Hour)
	if all, most := asked(); all > 300 || most != 1 {
		t.Errorf("%d fetches of items after the second look, one of them %d times, want each once", all, most)
	}
}

// TestCrawlCatchesUp with the edits and removals that we missed, a few times over three days and then no more.
func TestCrawlCatchesUp(t *testing.T) {
	t.Parallel()
	id := aliceID + "/n"
	for name, c := range map[string]struct {
		answer any
		want   string
	}{
		"unchanged": {note(id, aliceID, post, nil), "words of " + aliceID}, "edited": {note(id, aliceID, post, m{"content": "second", "updated": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}), "second"},
		"edited without a time": {note(id, aliceID, post, m{"content": "second"}), "second"}, "410": {410, ""}, "404": {404, "words of " + aliceID}, "tombstone": {m{"id": id, "type": "Tombstone"}, ""},
		"private now": {note(id, aliceID, post, m{"to": aliceID + "/followers", "cc": nil}), ""}, "out of order": {503, "words of " + aliceID}, "refused": {403, "words of " + aliceID},
		"somebody else's now": {note(id, bobID, post, m{"content": "bob's"}), "words of " + aliceID}, "a vote now": {note(id, aliceID, post, m{"name": "x", "content": nil}), "words of " + aliceID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.alices(nil)
			if status, ok := c.answer.(int); ok {
				w.peers.status(id, status)
			} else {
				w.peers.serve(id, c.answer)
			}
			w.after(11 * time.Minute)
			if got := w.text(id); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	same := newWorld(t)
	same.alices(m{"content": "<p>words of <b>" + aliceID + "</b></p>"})
	same.after(11 * time.Minute)
	if c, _ := same.comment(id); !c.Updated.IsZero() {
		t.Error("other markup counts as an edit")
	}
	w := newWorld(t)
	w.alices(nil)
	for range 7 * 24 {
		w.advance(time.Hour)
		w.round()
	}
	if n := w.peers.asked(id); n != 5 {
		t.Errorf("looked at %d times, want 5", n)
	}
}

// TestWhatIsNotCrawled: comments that the owner hid or has not passed, and those of a withdrawn post.
func TestWhatIsNotCrawled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		f    func(w *world, tx *store.Tx) error
		then store.CommentState
		want int
	}{
		"hidden": {func(w *world, tx *store.Tx) error { return tx.SetCommentState(t.Context(), aliceID+"/n", store.Hidden) }, store.Shown, 0},
		"held":   {func(w *world, tx *store.Tx) error { return tx.SetCommentState(t.Context(), aliceID+"/n", store.Held) }, store.Shown, 1},
		"withdrawn": {func(w *world, tx *store.Tx) error {
			a, err := tx.Article(t.Context(), post)
			if err != nil {
				return err
			}
			a.Withdrawn = w.clock()
			return tx.PutArticle(t.Context(), a)
		}, store.Shown, 0},
	} {
		w := newWorld(t)
		w.alices(nil)
		w.write(func(tx *store.Tx) error { return c.f(w, tx) })
		w.after(12 * time.Minute)
		if n := w.peers.asked(aliceID + "/n"); n != 0 {
			t.Errorf("%s: looked at %d times", name, n)
		}
		w.write(func(tx *store.Tx) error { return tx.SetCommentState(t.Context(), aliceID+"/n", c.then) })
		w.after(time.Hour)
		if n := w.peers.asked(aliceID + "/n"); n != c.want {
			t.Errorf("%s, and shown then: looked at %d times, want %d", name, n, c.want)
		}
	}
}

// TestSharedContextIsReadOnce for all the comments that name it.
func TestSharedContextIsReadOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conversation := "http://remote.example/contexts/1"
	w.peers.serve(conversation, m{"id": conversation, "type": "Collection", "items": []string{}})
	for k := range 10 {
		id := fmt.Sprint(aliceID, "/n", k)
		w.peers.serve(id, served(note(id, aliceID, post, m{"context": conversation})))
		w.send(create(note(id, aliceID, post, nil)))
	}
	w.after(11 * time.Minute)
	if n := w.peers.asked(conversation); n != 1 {
		t.Errorf("read %d times, want once", n)
	}
}

// TestSecureServer: collections are asked for with a signature, like everything else.
func TestSecureServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := aliceID + "/n/replies"
	w.peers.handle(at, func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Signature") == "" {
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		rw.Header().Set("Content-Type", activitypub.ContentType)
		fmt.Fprintf(rw, `{"id":%q,"type":"Collection","items":[%q]}`, at, bobID+"/n0")
	})
	w.unsent(1)
	w.alices(m{"replies": at})
	w.after(12 * time.Minute)
	if n := w.count(store.Reply); n != 2 {
		t.Errorf("%d replies, want 2", n)
	}
}
