package inbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

func TestFollow(t *testing.T) {
	t.Parallel()
	schemes(t, func(t *testing.T, s signature.Scheme) {
		w := newWorld(t)
		w.peers.serve(aliceID, actor(aliceID, m{"endpoints": m{"sharedInbox": "http://remote.example/inbox"}}))
		follow := activity("Follow", aliceID+"/follows/1", aliceID, us, nil)
		if got := w.post(letter{doc: follow, signer: aliceID, scheme: s}); got != http.StatusAccepted {
			t.Fatalf("status %d, want 202", got)
		}
		f, err := w.store.Follower(t.Context(), aliceID, us)
		if err != nil || f.Inbox != aliceID+"/inbox" || f.SharedInbox != "http://remote.example/inbox" || f.FollowID != aliceID+"/follows/1" {
			t.Errorf("stored %+v, %v", f, err)
		}
		out, err := w.store.Deliveries(t.Context(), aliceID+"/follows/1")
		if err != nil || len(out) != 1 || out[0].Type != "Accept" || out[0].Inbox != aliceID+"/inbox" {
			t.Fatalf("deliveries %+v, %v, want one Accept to her inbox", out, err)
		}
		row, err := w.store.Activity(t.Context(), out[0].Activity)
		if err != nil {
			t.Fatal(err)
		}
		var accept struct {
			Type, Actor string
			To          []string
			Object      m
		}
		if err := json.Unmarshal(row.JSON, &accept); err != nil {
			t.Fatal(err)
		}
		if accept.Type != "Accept" || accept.Actor != us {
			t.Errorf("accept %+v", accept)
		}
		if d := cmp.Diff(follow, accept.Object); d != "" { // the whole Follow, as it came
			t.Errorf("embedded Follow (-sent +embedded):\n%s", d)
		}
	})
}

// TestFollowOfSomethingElse: only the blog's actor can be followed (mutant: any Follow makes a follower).
func TestFollowOfSomethingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sendAs(aliceID, activity("Follow", aliceID+"/1", aliceID, post, nil), 202) // Friendica: tell me of this thread
	w.sendAs(aliceID, activity("Follow", aliceID+"/2", aliceID, "http://other.example/u", nil), 202)
	w.sendAs(aliceID, activity("Follow", aliceID+"/3", aliceID, blog+"/ap/nobody", nil), 404)
	w.untouched(aliceID+"/1", aliceID+"/2", aliceID+"/3")
}

// TestFollowerInboxes: nothing is ever to be delivered to such places (mutant: any inbox is stored).
func TestFollowerInboxes(t *testing.T) {
	t.Parallel()
	for _, inbox := range []string{
		"", "ftp://remote.example/inbox", blog + "/admin/", "http://blog.example/", "http://BLOG.example/i", "http://blog.example:80/i", "http://blog.example./i", "http://user@remote.example/inbox", "https:///inbox", "javascript:alert(1)",
		long(aliceID+"/inbox", maxAddress+1),
	} {
		w := newWorld(t)
		w.peers.serve(aliceID, actor(aliceID, m{"inbox": inbox}))
		if got := w.post(letter{doc: activity("Follow", aliceID+"/f", aliceID, us, nil), signer: aliceID}); got < 400 || got >= 500 {
			t.Errorf("inbox %q: status %d, want 4xx", inbox, got)
		}
		w.untouched(aliceID + "/f")
	}
	for by, inbox := range map[string]string{aliceS: "http://remote.example/inbox", aliceID: "https://remote.example/inbox"} { // of another scheme
		w := newWorld(t)
		w.peers.serve(by, actor(by, m{"inbox": inbox}))
		w.sendAs(by, activity("Follow", by+"/f", by, us, nil), http.StatusBadRequest)
		w.untouched(by + "/f")
	}
	w := newWorld(t)
	w.peers.serve(aliceID, actor(aliceID, m{"endpoints": m{"sharedInbox": "http://victim.example/inbox"}}))
	w.send(activity("Follow", aliceID+"/f", aliceID, us, nil))
	if f, _ := w.store.Follower(t.Context(), aliceID, us); f.SharedInbox != "" {
		t.Errorf("shared inbox %q of another server was believed", f.SharedInbox)
	}
}

// TestUnfollow: by embedded Follow, by its id, by a Block; and never by somebody else (mutant: Undo looks at no actor).
func TestUnfollow(t *testing.T) {
	t.Parallel()
	follow := activity("Follow", aliceID+"/f", aliceID, us, nil)
	for name, doc := range map[string]m{
		"embedded":         activity("Undo", aliceID+"/u", aliceID, follow, nil),
		"embedded, no ids": activity("Undo", aliceID+"/u", aliceID, m{"type": "Follow", "actor": aliceID, "object": us}, nil),
		"id":               activity("Undo", aliceID+"/u", aliceID, aliceID+"/f", nil),
		"block":            activity("Block", aliceID+"/u", aliceID, us, nil),
	} {
		w := newWorld(t)
		w.send(follow)
		w.send(activity("Follow", bobID+"/f", bobID, us, nil))
		w.sendAs(evilID, activity("Undo", evilID+"/u", evilID, follow, nil), 403)
		w.sendAs(bobID, activity("Undo", bobID+"/u1", bobID, follow, nil), 403)
		w.sendAs(bobID, activity("Undo", bobID+"/u2", bobID, aliceID+"/f", nil), 202)
		w.sendAs(bobID, activity("Announce", bobID+"/u3", bobID, activity("Undo", aliceID+"/u", aliceID, follow, nil), m{"to": public}), 202)
		if n, _ := w.store.FollowerCount(t.Context(), us); n != 2 {
			t.Fatalf("%s: %d followers after the attackers, want 2", name, n)
		}
		w.send(doc)
		if _, err := w.store.Follower(t.Context(), aliceID, us); err == nil {
			t.Errorf("%s: alice still follows", name)
		}
		if n, _ := w.store.FollowerCount(t.Context(), us); n != 1 {
			t.Errorf("%s: %d followers, want bob", name, n)
		}
		w.send(merge(doc, m{"id": aliceID + "/again"})) // of nothing: welcome
	}
}

// TestParkedFollowerComesBack with the next thing that it signs.
func TestParkedFollowerComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(activity("Follow", aliceID+"/f", aliceID, us, nil))
	w.write(func(tx *store.Tx) error { return tx.ParkFollowers(t.Context(), "http://remote.example", w.clock()) })
	if f, _ := w.store.Follower(t.Context(), aliceID, us); f.Parked.IsZero() {
		t.Fatal("not parked")
	}
	w.send(activity("Like", aliceID+"/l", aliceID, post, nil))
	if f, _ := w.store.Follower(t.Context(), aliceID, us); !f.Parked.IsZero() {
		t.Error("still parked after a signed Like")
	}
}

// TestFollowSpellings: our actor is meant by all of these, and by none of the others.
func TestFollowSpellings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		object any
		status int
		stored bool
	}{
		"id":                       {us, 202, true},
		"embedded":                 {m{"id": us, "type": "Person", "name": "forged"}, 202, true},
		"list":                     {[]string{us}, 202, true},
		"list of others and us":    {[]any{post, m{"id": us}}, 202, true},
		"empty fragment":           {us + "#", 202, true},
		"host in upper case":       {"https://BLOG.EXAMPLE/ap/actor", 202, true},
		"scheme in upper case":     {"HTTPS://blog.example/ap/actor", 202, true},
		"default port":             {"https://blog.example:443/ap/actor", 202, true},
		"another port":             {"https://blog.example:8443/ap/actor", 202, false},
		"another scheme":           {"http://blog.example/ap/actor", 202, true},
		"userinfo":                 {"https://x@blog.example/ap/actor", 202, false},
		"trailing dot":             {"https://blog.example./ap/actor", 202, false},
		"lookalike":                {"https://blog.example.evil.example/ap/actor", 202, false},
		"path in upper case":       {"https://blog.example/AP/ACTOR", 404, false},
		"trailing slash":           {us + "/", 404, false},
		"fragment":                 {us + "#main-key", 404, false},
		"instance actor":           {blog + "/ap/instance", 404, false},
		"an author":                {blog + "/ap/authors/ada", 404, false},
		"post":                     {post, 202, false},
		"post, host upper case":    {"https://BLOG.example/ap/posts/one#", 202, false},
		"post, embedded":           {m{"id": post, "type": "Article"}, 202, false},
		"a comment somewhere":      {bobID + "/n", 202, false},
		"several, none of it us":   {[]string{post, bobID}, 202, false},
		"without id":               {m{"type": "Person", "name": "blog"}, 202, false},
		"somebody else with us in": {m{"id": bobID, "url": us}, 202, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.sendAs(aliceID, activity("Follow", aliceID+"/f", aliceID, c.object, nil), c.status)
			out, err := w.store.Deliveries(t.Context(), aliceID+"/f")
			if err != nil || len(out) == 1 != c.stored {
				t.Errorf("answers %+v, %v, want one: %v", out, err, c.stored)
			}
			if !c.stored {
				w.untouched(aliceID + "/f")
				return
			}
			if f, err := w.store.Follower(t.Context(), aliceID, us); err != nil || f.Of != us {
				t.Errorf("stored %+v, %v", f, err)
			}
			w.send(activity("Undo", aliceID+"/u", aliceID, m{"type": "Follow", "actor": aliceID, "object": c.object}, nil))
			if n, _ := w.store.FollowerCount(t.Context(), us); n != 0 {
				t.Error("an Undo in the same spelling leaves her following")
			}
		})
	}
}

// TestFollowAgain after an Undo, and with an inbox that is on another host than the actor and than the shared inbox (Bridgy Fed).
func TestFollowAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.peers.serve(aliceID, actor(aliceID, m{"inbox": "http://bridge.example/alice/inbox", "endpoints": m{"sharedInbox": "http://shared.example/inbox"}}))
	for n := range 3 {
		id := fmt.Sprintf("%s/f%d", aliceID, n)
		w.send(activity("Follow", id, aliceID, us, nil))
		f, err := w.store.Follower(t.Context(), aliceID, us)
		if err != nil || f.Inbox != "http://bridge.example/alice/inbox" || f.SharedInbox != "" || f.FollowID != id {
			t.Errorf("follow %d: %+v, %v", n, f, err)
		}
		if out, _ := w.store.Deliveries(t.Context(), id); len(out) != 1 || out[0].Inbox != f.Inbox {
			t.Errorf("follow %d: answers %+v, want one Accept", n, out)
		}
		w.send(activity("Undo", id+"/undo", aliceID, id, nil))
		if got := w.followers(); len(got) != 0 {
			t.Errorf("after undo %d: %v", n, got)
		}
	}
}

// TestBlockOfUs: the follower goes, what she said stays, and an edit of a post no longer goes to her own inbox, but to a shared one
// (mutants: the block is not remembered; the comment goes).
func TestBlockOfUs(t *testing.T) {
	t.Parallel()
	block := activity("Block", aliceID+"/b", aliceID, us, m{"to": us})
	for name, c := range map[string]struct {
		undo []m
		told int
	}{
		"blocked":            {nil, 0},
		"undone, embedded":   {[]m{activity("Undo", aliceID+"/u", aliceID, block, nil)}, 1},
		"undone, by its id":  {[]m{activity("Undo", aliceID+"/u", aliceID, aliceID+"/b", nil)}, 1},
		"undone, without id": {[]m{activity("Undo", aliceID+"/u", aliceID, m{"type": "Block", "object": "https://BLOG.example/ap/actor"}, nil)}, 1},
		"followed again":     {[]m{activity("Follow", aliceID+"/f2", aliceID, us, nil)}, 1},
		"undone by others": {[]m{
			activity("Undo", bobID+"/u", bobID, aliceID+"/b", nil),
			activity("Undo", bobID+"/u2", bobID, m{"type": "Block", "object": us}, nil),
			activity("Undo", aliceID+"/u3", aliceID, m{"type": "Block", "id": aliceID + "/other", "object": bobID}, nil),
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.send(activity("Follow", aliceID+"/f", aliceID, us, nil))
			w.send(create(note(aliceID+"/n", aliceID, post, nil)))
			w.send(activity("Like", aliceID+"/l", aliceID, post, nil))
			w.send(block)
			w.sendAs(bobID, activity("Undo", bobID+"/u0", bobID, block, nil), 403)
			if got := w.followers(); len(got) != 0 || w.count(store.Reply) != 1 || w.count(store.Like) != 1 {
				t.Errorf("followers %v, %d replies, %d likes, want none, 1, 1", got, w.count(store.Reply), w.count(store.Like))
			}
			for _, d := range c.undo {
				w.send(d)
			}
			inboxes, err := w.store.BlockedByInboxes(t.Context())
			if err != nil || len(inboxes) != 1-c.told || len(inboxes) == 1 && inboxes[0] != aliceID+"/inbox" {
				t.Errorf("to be spared: %v, %v", inboxes, err)
			}
		})
	}
	t.Run("by a stranger", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.send(block)
		w.send(activity("Block", bobID+"/b", bobID, aliceID, nil))
		w.untouched(aliceID+"/b", bobID+"/b")
		if inboxes, err := w.store.BlockedByInboxes(t.Context()); err != nil || len(inboxes) != 0 {
			t.Errorf("%v, %v, want no row for who is nobody here", inboxes, err)
		}
	})
}
