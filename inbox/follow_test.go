package inbox_test

import (
	"encoding/json"
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
