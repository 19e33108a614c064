package inbox_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

const groupID = "http://group.example/c/go"

// pass sends what a group announces of its members.
func (w *world) pass(n int, inner any) {
	w.t.Helper()
	w.peers.serve(groupID, actor(groupID, m{"type": "Group"}))
	w.send(activity("Announce", fmt.Sprint(groupID, "/a", n), groupID, inner, m{"to": public}))
}

// TestWrappedActivities do nothing by the wrapper's word: what their own servers serve counts, and where they serve nothing, nothing.
func TestWrappedActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := note(aliceID+"/n", aliceID, post, nil)
	w.peers.serve(aliceID+"/n", served(n))
	w.send(create(n))
	w.send(activity("Like", aliceID+"/l", aliceID, post, nil))
	for k, inner := range []m{
		activity("Delete", aliceID+"/d", aliceID, aliceID+"/n", nil), activity("Undo", aliceID+"/u", aliceID, activity("Like", aliceID+"/l", aliceID, post, nil), nil),
		activity("Like", bobID+"/l", bobID, post, nil), activity("Update", aliceID+"/up", aliceID, note(aliceID+"/n", aliceID, post, m{"content": "forged"}), nil),
		create(note("http://third.example/1", "http://third.example/u", "http://third.example/0", nil)),
		activity("Follow", bobID+"/f", bobID, us, nil), activity("Announce", bobID+"/b", bobID, post, m{"to": public}), activity("Add", bobID+"/x", bobID, post, nil),
		activity("Delete", aliceID+"/d2", aliceID, aliceID, nil), {"type": "Like", "id": bobID + "/l2"},
	} {
		w.pass(k, inner)
	}
	w.round()
	if got := w.text(aliceID + "/n"); got != "words of "+aliceID || w.count(store.Like) != 1 || w.count(store.Boost) != 0 {
		t.Errorf("text %q, %d likes, %d boosts", got, w.count(store.Like), w.count(store.Boost))
	}
	if n, err := w.store.FollowerCount(t.Context(), us); n != 0 || err != nil {
		t.Errorf("%d followers, %v", n, err)
	}
	if n := w.peers.asked("http://third.example/1"); n != 0 {
		t.Errorf("a foreign thread was fetched %d times", n)
	}
}

// TestWrappedReaction counts once its own server serves it, under its id, by an actor of its own, about what was said (mutants: the
// wrapper's copy counts; no check of id, actor or object).
func TestWrappedReaction(t *testing.T) {
	t.Parallel()
	id := bobID + "/l"
	like := activity("Like", id, bobID, post, nil)
	with := func(kind string, more m) m { return merge(activity(kind, id, bobID, post, nil), more) }
	for name, c := range map[string]struct {
		inner, served m
		want          store.Kind // "" = nothing
		fetches       int        // of the reaction
	}{
		"like":                     {like, like, store.Like, 1},
		"dislike":                  {with("Dislike", nil), with("Dislike", nil), store.Dislike, 1},
		"emoji":                    {with("EmojiReact", m{"content": "🍮"}), with("EmojiReact", m{"content": "🍮"}), store.Reaction, 1},
		"its own copy counts":      {with("Dislike", nil), like, store.Like, 1},
		"of a comment":             {with("Like", m{"object": aliceID + "/n"}), with("Like", m{"object": aliceID + "/n"}), "", 1},
		"not served":               {like, nil, "", 1},
		"served under another id":  {like, with("Like", m{"id": bobID + "/l2"}), "", 1},
		"by a foreign actor":       {like, with("Like", m{"actor": evilID}), "", 1},
		"by nobody":                {like, with("Like", m{"actor": nil}), "", 1},
		"about something else":     {like, with("Like", m{"object": "http://third.example/1"}), "", 1},
		"something else is served": {like, with("Follow", m{"object": us}), "", 1},
		"a boost is served":        {like, with("Announce", m{"to": public}), "", 1},
		"two verbs":                {like, with("Like", m{"type": []string{"Follow", "Like"}, "object": us}), "", 1},
		"said to be elsewhere":     {with("Like", m{"object": "http://third.example/1"}), like, "", 0},
		"said to be a foreigner's": {with("Like", m{"actor": evilID}), like, "", 0},
		"without actor":            {with("Like", m{"actor": nil}), like, "", 0},
		"without id":               {with("Like", m{"id": nil}), like, "", 0},
		"id with a fragment":       {with("Like", m{"id": bobID + "#likes/7"}), like, "", 0},
		"id of ours":               {with("Like", m{"id": blog + "/ap/activities/1", "actor": us}), like, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.send(create(note(aliceID+"/n", aliceID, post, nil)))
			if c.served != nil {
				w.peers.serve(id, served(c.served))
			}
			w.peers.serve(bobID+"/l2", served(activity("Like", bobID+"/l2", bobID, post, nil)))
			w.pass(1, c.inner)
			if k := w.count(store.Like); k != 0 {
				t.Errorf("%d likes before anything was fetched", k)
			}
			w.round()
			w.pass(2, c.inner)
			w.round()
			for _, kind := range []store.Kind{store.Like, store.Dislike, store.Reaction, store.Boost} {
				want := 0
				if kind == c.want {
					want = 1
				}
				if n := w.count(kind); n != want {
					t.Errorf("%d of %s, want %d", n, kind, want)
				}
			}
			if _, ok := w.comment(id); ok != (c.want != "" || name == "of a comment") {
				t.Errorf("stored: %v", ok)
			}
			if n := w.peers.asked(id); n < c.fetches || c.fetches == 0 && n > 0 {
				t.Errorf("asked %d times, want %d", n, c.fetches)
			}
			if n, _ := w.store.FollowerCount(t.Context(), us); n != 0 {
				t.Error("somebody follows")
			}
		})
	}
}

// TestWrappedDelete removes a comment only where its own server has it no more (mutants: the wrapper is believed; any error counts).
func TestWrappedDelete(t *testing.T) {
	t.Parallel()
	id := aliceID + "/n"
	tomb := m{"id": id, "type": "Tombstone"}
	for name, c := range map[string]struct {
		object  any
		answer  any // a status, or a document
		removed bool
	}{
		"410": {id, 410, true}, "404": {m{"id": id}, 404, true}, "tombstone": {tomb, tomb, true}, "still there": {tomb, note(id, aliceID, post, nil), false},
		"refused": {id, 403, false}, "broken": {id, 500, false}, "something else": {id, m{"id": id, "type": "Note"}, false}, "elsewhere": {"http://third.example/1", 410, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.send(create(note(id, aliceID, post, nil)))
			if status, ok := c.answer.(int); ok {
				w.peers.status(id, status)
			} else {
				w.peers.serve(id, c.answer)
			}
			w.pass(1, activity("Delete", groupID+"/d", groupID, c.object, nil))
			if n := w.count(store.Reply); n != 1 {
				t.Fatal("gone by the wrapper's word")
			}
			w.round()
			if n := w.count(store.Reply); (n == 0) != c.removed {
				t.Errorf("%d replies, want removed %v", n, c.removed)
			}
			if n := w.peers.asked("http://third.example/1"); n != 0 {
				t.Errorf("what is not here was asked for %d times", n)
			}
		})
	}
}

// TestWrappedBlocked: what a blocked server made does not come through a group, and is not asked for (class 19).
func TestWrappedBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.peers.serve(bobID+"/n", served(note(bobID+"/n", bobID, post, nil)))
	w.peers.serve(bobID+"/l", served(activity("Like", bobID+"/l", bobID, post, nil)))
	w.write(func(tx *store.Tx) error {
		return tx.AddBlock(t.Context(), store.Block{What: "remote.example", At: w.clock()})
	})
	w.pass(1, create(note(bobID+"/n", bobID, post, nil)))
	w.pass(2, activity("Like", bobID+"/l", bobID, post, nil))
	w.pass(3, activity("Create", bobID+"/c", bobID, bobID+"/n", nil))
	w.round()
	if n := w.peers.count(); n != 1 || w.count(store.Reply)+w.count(store.Like) != 0 {
		t.Errorf("%d fetches, %d replies, %d likes, want the group's key alone", n, w.count(store.Reply), w.count(store.Like))
	}
}

// TestWrappedPlainHTTP: http ids inside are refused like outside.
func TestWrappedPlainHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	group := "https://group.example/c/go"
	w.peers.serve(group, actor(group, nil))
	for n, inner := range []m{
		create(note("http://remote.example/n", "http://remote.example/u", post, nil)), activity("Like", "http://remote.example/l", "http://remote.example/u", post, nil),
		activity("Delete", "https://remote.example/d", "https://remote.example/u", "http://remote.example/n", nil),
	} {
		w.sendAs(group, activity("Announce", fmt.Sprint(group, "/a", n), group, inner, m{"to": public}), http.StatusBadRequest)
	}
	w.untouched()
}

// TestEarly: what is taken back before it came does nothing when it comes late (R10). Of somebody who is not known here no trace is kept.
func TestEarly(t *testing.T) {
	t.Parallel()
	like, boost := activity("Like", bobID+"/l", bobID, post, nil), activity("Announce", bobID+"/b", bobID, post, m{"to": public})
	reply := note(bobID+"/n", bobID, post, nil)
	schemes(t, func(t *testing.T, s signature.Scheme) {
		for name, c := range map[string]struct{ back, late m }{
			"undo of a like":      {activity("Undo", bobID+"/u", bobID, like, nil), like},
			"undo by id":          {activity("Undo", bobID+"/u", bobID, like["id"], nil), like},
			"undo of a boost":     {activity("Undo", bobID+"/u", bobID, boost, nil), boost},
			"delete":              {activity("Delete", bobID+"/d", bobID, reply["id"], nil), create(reply)},
			"delete by tombstone": {activity("Delete", bobID+"/d", bobID, m{"id": reply["id"], "type": "Tombstone"}, nil), create(reply)},
		} {
			for _, known := range []bool{true, false} {
				w := newWorld(t)
				if known {
					w.send(activity("Follow", bobID+"/f", bobID, us, nil))
				}
				for _, doc := range []m{c.back, c.late} {
					if got := w.post(letter{doc: doc, signer: bobID, scheme: s}); got != 202 {
						t.Fatalf("%s: status %d, want 202", name, got)
					}
					if seen, err := w.store.Seen(t.Context(), bobID+"/u "+bobID); !known && (seen || err != nil) {
						t.Errorf("%s: a stranger's Undo left a row", name)
					}
				}
				want := 1
				if known {
					want = 0
				}
				if n := w.count(store.Like) + w.count(store.Boost) + w.count(store.Reply); n != want {
					t.Errorf("%s, known %v: %d, want %d", name, known, n, want)
				}
			}
		}
	})
	w := newWorld(t) // of somebody else's it hinders nothing
	w.send(activity("Follow", evilID+"/f", evilID, us, nil))
	w.send(activity("Follow", bobID+"/f", bobID, us, nil))
	w.sendAs(evilID, activity("Undo", evilID+"/u", evilID, like["id"], nil), http.StatusForbidden)
	w.sendAs(aliceID, activity("Delete", aliceID+"/d", aliceID, reply["id"], nil), http.StatusAccepted)
	w.send(like)
	w.send(create(reply))
	if n := w.count(store.Like) + w.count(store.Reply); n != 2 {
		t.Errorf("%d after others' attempts, want both", n)
	}
}
