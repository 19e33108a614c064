package inbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

func at(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// TestDelete in the three shapes of the wire, by the author and by nobody else (mutants: same server is enough; any signer will do).
func TestDelete(t *testing.T) {
	t.Parallel()
	id := aliceID + "/n"
	for form, object := range map[string]any{"string": id, "object": m{"id": id}, "tombstone": m{"id": id, "type": "Tombstone", "formerType": "Note"}} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			schemes(t, func(t *testing.T, s signature.Scheme) {
				w := newWorld(t)
				w.send(create(note(id, aliceID, post, nil)))
				for _, l := range []struct {
					by   string
					want int
				}{{evilID, 403}, {bobID, 403}} {
					if got := w.post(letter{doc: activity("Delete", l.by+"/d", l.by, object, nil), signer: l.by, scheme: s}); got != l.want {
						t.Errorf("by %s: status %d, want %d", l.by, got, l.want)
					}
				}
				if n := w.count(store.Reply); n != 1 {
					t.Fatal("the reply is gone after the attackers' Deletes")
				}
				if got := w.post(letter{doc: activity("Delete", aliceID+"/d", aliceID, object, nil), signer: aliceID, scheme: s}); got != 202 {
					t.Errorf("by its author: status %d, want 202", got)
				}
				if n := w.count(store.Reply); n != 0 {
					t.Error("the reply is still there")
				}
			})
		})
	}
}

func TestDeleteOfActor(t *testing.T) {
	t.Parallel()
	for form, object := range map[string]any{"string": aliceID, "person": m{"id": aliceID, "type": "Person"}} {
		w := newWorld(t)
		w.send(activity("Follow", aliceID+"/f", aliceID, us, nil))
		w.send(create(note(aliceID+"/n", aliceID, post, nil)))
		w.send(create(note(bobID+"/n", bobID, aliceID+"/n", nil)))
		w.send(activity("Like", aliceID+"/l", aliceID, post, nil))
		w.sendAs(evilID, activity("Delete", evilID+"/d", evilID, object, nil), 403)
		w.sendAs(bobID, activity("Delete", bobID+"/d", bobID, object, nil), 403)
		if n, _ := w.store.FollowerCount(t.Context(), us); n != 1 || w.count(store.Reply) != 2 {
			t.Fatalf("%s: alice is gone after the attackers' Deletes", form)
		}
		w.send(activity("Delete", aliceID+"#delete", aliceID, object, nil))
		if n, _ := w.store.FollowerCount(t.Context(), us); n != 0 || w.count(store.Reply) != 1 || w.count(store.Like) != 0 {
			t.Errorf("%s: %d followers, %d replies, %d likes, want 0, bob's 1, 0", form, n, w.count(store.Reply), w.count(store.Like))
		}
		if known, _ := w.store.ActorKnown(t.Context(), aliceID); known {
			t.Errorf("%s: alice is still known", form)
		}
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	schemes(t, func(t *testing.T, s signature.Scheme) {
		w := newWorld(t)
		id := aliceID + "/n"
		w.send(create(note(id, aliceID, post, nil)))
		edit := func(by string, n int, with m) m {
			return activity("Update", fmt.Sprintf("%s/u%d", by, n), by, note(id, by, post, with), nil)
		}
		old := w.text(id)
		for _, l := range []letter{
			{doc: edit(evilID, 1, m{"content": "hacked"}), signer: evilID},
			{doc: edit(bobID, 1, m{"content": "hacked"}), signer: bobID},
			{doc: edit(bobID, 2, m{"content": "hacked", "attributedTo": aliceID}), signer: bobID},
			{doc: edit(aliceID, 9, m{"content": "hacked", "attributedTo": bobID}), signer: aliceID},
		} {
			l.scheme = s
			if got := w.post(l); got != 403 {
				t.Errorf("%v: status %d, want 403", l.doc, got)
			}
		}
		if got := w.text(id); got != old {
			t.Fatalf("text %q after the attackers, want %q", got, old)
		}
		w.advance(time.Hour)
		t1 := w.clock().Add(-time.Minute)
		w.send(edit(aliceID, 1, m{"content": "second", "updated": at(t1)}))
		if c, _ := w.comment(id); w.text(id) != "second" || !c.Updated.Equal(t1) || c.Actor != aliceID || c.Parent != post {
			t.Errorf("after the edit: %q, %+v", w.text(id), c)
		}
		w.send(edit(aliceID, 2, m{"content": "late", "updated": at(t1.Add(-time.Minute))}))
		w.send(edit(aliceID, 3, m{"content": "same", "updated": at(t1)}))
		if got := w.text(id); got != "second" {
			t.Errorf("text %q, want the newest", got)
		}
		w.send(edit(aliceID, 4, m{"content": "moved", "updated": at(w.clock()), "inReplyTo": nil}))
		if c, _ := w.comment(id); w.text(id) != "moved" || c.Post != post {
			t.Errorf("after an edit without inReplyTo: %q under %s", w.text(id), c.Post)
		}
	})
}

// TestUpdateNarrows: an edit that is no longer public takes the comment away (mutant: the audience of an Update is not looked at).
func TestUpdateNarrows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := aliceID + "/n"
	w.send(create(note(id, aliceID, post, nil)))
	w.send(activity("Update", aliceID+"/u", aliceID, note(id, aliceID, post, m{"content": "secret now", "to": aliceID + "/followers"}), m{"to": public}))
	if c, ok := w.comment(id); ok {
		t.Errorf("still there: %+v", c)
	}
}

// TestUpdateOfUnknown is looked up at its home: there a deleted reply is gone, whatever arrives late.
func TestUpdateOfUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n, served := range []bool{true, false} {
		id := fmt.Sprintf("%s/n%d", aliceID, n)
		doc := note(id, aliceID, post, nil)
		if served {
			w.peers.serve(id, merge(m{"@context": "https://www.w3.org/ns/activitystreams"}, doc))
		} else {
			w.peers.status(id, 410)
		}
		w.send(activity("Update", id+"/u", aliceID, doc, nil))
		w.round()
		if _, ok := w.comment(id); ok != served {
			t.Errorf("served %v: stored %v", served, ok)
		}
	}
	w.send(activity("Update", aliceID+"/x", aliceID, note(aliceID+"/other", aliceID, "http://third.example/1", nil), nil))
	if n := w.round(); n != 0 {
		t.Errorf("%d errands for an edit of something else, want none", n)
	}
}

// TestUpdateOfActor refetches: neither name nor key is taken from what was sent (mutant: the payload's key is stored).
func TestUpdateOfActor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.peers.serve(aliceID, actor(aliceID, m{"name": "Alice Anew"}))
	forged := actor(aliceID, m{"name": "Forged"})
	pem, _ := signature.PublicPEM(keys()["mallory"])
	forged["publicKey"].(m)["publicKeyPem"] = pem
	w.send(activity("Update", aliceID+"#u", aliceID, forged, nil))
	w.round()
	thread, err := w.store.Thread(t.Context(), post)
	if err != nil || len(thread) != 1 || string(thread[0].By.Name) != `["Alice Anew"]` {
		t.Errorf("name %s, %v, want what her server serves", thread[0].By.Name, err)
	}
	w.advance(10 * time.Minute)
	if got := w.post(letter{doc: activity("Like", aliceID+"/l", aliceID, post, nil), signer: aliceID, key: keys()["mallory"]}); got != 401 {
		t.Errorf("signed with the forged key: status %d, want 401", got)
	}
	w.sendAs(bobID, activity("Update", bobID+"#u", bobID, actor(aliceID, m{"name": "By bob"}), nil), 403)
}

func TestEditIntoSpamIsHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.peers.serve(aliceID, actor(aliceID, m{"published": at(w.clock().Add(-time.Hour))}))
	id := aliceID + "/n"
	w.send(create(note(id, aliceID, post, nil)))
	w.send(activity("Update", aliceID+"/u", aliceID, note(id, aliceID, post, m{"content": `<a href="http://spam.example/">win</a>`}), nil))
	if c, _ := w.comment(id); c.State != store.Held {
		t.Errorf("state %q, want held", c.State)
	}
}

// TestOnlyTheOwner: whoever is not the owner, on the same server or another, can neither change, delete nor take back anything, in any
// shape; the owner can (mutants: same server is enough; any signer will do). What is unknown is welcome and does nothing.
func TestOnlyTheOwner(t *testing.T) {
	t.Parallel()
	n, like, boost, react, follow := aliceID+"/n", aliceID+"/l", aliceID+"/b", aliceID+"/r", aliceID+"/f"
	embedded := func(kind, id string, object any) m {
		return m{"type": kind, "id": id, "actor": aliceID, "object": object}
	}
	for name, c := range map[string]struct {
		kind   string
		object any
		status int // for others
	}{
		"delete reply":            {"Delete", n, 403},
		"delete reply, object":    {"Delete", m{"id": n, "type": "Tombstone"}, 403},
		"delete like":             {"Delete", like, 403},
		"delete account":          {"Delete", aliceID, 403},
		"delete account, object":  {"Delete", m{"id": aliceID, "type": "Person"}, 403},
		"update reply":            {"Update", note(n, aliceID, post, m{"content": "hacked"}), 403},
		"update account":          {"Update", actor(aliceID, m{"name": "hacked"}), 403},
		"undo like":               {"Undo", embedded("Like", like, post), 403},
		"undo boost":              {"Undo", embedded("Announce", boost, post), 403},
		"undo reaction":           {"Undo", embedded("EmojiReact", react, post), 403},
		"undo follow":             {"Undo", embedded("Follow", follow, us), 403},
		"undo block":              {"Undo", embedded("Block", aliceID+"/block", us), 403},
		"undo like without actor": {"Undo", m{"type": "Like", "id": like, "object": post}, 403},
		"undo by bare id":         {"Undo", like, 403},
		"undo follow by bare id":  {"Undo", follow, 202}, // no row has that id for them
		"undo follow, theirs":     {"Undo", m{"type": "Follow", "object": us}, 202},
		"undo like, theirs":       {"Undo", m{"type": "Like", "object": post}, 202},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schemes(t, func(t *testing.T, s signature.Scheme) {
				w := newWorld(t)
				w.send(activity("Follow", follow, aliceID, us, nil))
				w.send(create(note(n, aliceID, post, m{"published": "2020-01-01T00:00:00Z"})))
				w.send(activity("Like", like, aliceID, post, nil))
				w.send(activity("Announce", boost, aliceID, post, m{"to": public}))
				w.send(activity("EmojiReact", react, aliceID, post, m{"content": "🍮"}))
				before, text := w.counts(), w.text(n)
				for _, by := range []string{bobID, evilID} {
					if got := w.post(letter{doc: activity(c.kind, by+"/x", by, c.object, nil), signer: by, scheme: s}); got != c.status && (by != evilID || got != 403) {
						t.Errorf("by %s: status %d, want %d", by, got, c.status)
					}
				}
				w.round()
				if got := w.counts(); got != before || w.text(n) != text {
					t.Errorf("after the attackers: %+v, was %+v; text %q", got, before, w.text(n))
				}
				if a, err := w.store.Actor(t.Context(), aliceID); err != nil || string(a.Name) != `["The alice"]` {
					t.Errorf("alice is %s, %v", a.Name, err)
				}
			})
		})
	}
	t.Run("of the unknown", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.send(activity("Like", like, aliceID, post, nil)) // she is known
		before, fetches := w.counts(), w.peers.count()
		for k, object := range []any{aliceID + "/none", m{"id": aliceID + "/none", "type": "Tombstone"}} {
			w.send(activity("Delete", fmt.Sprintf("%s/d%d", aliceID, k), aliceID, object, nil))
		}
		for k, object := range []any{aliceID + "/none", m{"type": "Like", "id": aliceID + "/none", "object": page + "none"}, m{"type": "Announce", "object": bobID},
			m{"type": "Follow", "object": us}, m{"type": "Block", "object": us}, m{"type": "Undo", "object": like}, m{"type": "Create", "object": n}} {
			w.send(activity("Undo", fmt.Sprintf("%s/u%d", aliceID, k), aliceID, object, nil))
		}
		if got := w.counts(); got != before || w.round() != 0 || w.peers.count() != fetches {
			t.Errorf("%+v, was %+v; %d fetches, were %d", got, before, w.peers.count(), fetches)
		}
	})
}

// TestUpdateOfActorShows: name, handle, page and picture change on the comments within one round, the page is made anew, and of the picture
// that she shows no more no copy stays (mutants: the old copy stays; the new picture is not wanted; the key in the payload counts).
func TestUpdateOfActorShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	icon := func(n int) string { return fmt.Sprintf("http://remote.example/%d.png", n) }
	w.peers.serve(aliceID, actor(aliceID, m{"icon": m{"type": "Image", "url": icon(1)}}))
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.write(func(tx *store.Tx) error {
		return tx.PutMedia(t.Context(), store.Media{URL: icon(1), Type: "image/png", Data: []byte("CANARY"), Fetched: w.clock(), MaxSide: 96})
	})
	before, _ := w.store.ThreadVersion(t.Context(), post)
	w.peers.serve(aliceID, actor(aliceID, m{"name": "Alice Anew", "preferredUsername": "alicia", "url": "http://remote.example/@alicia", "icon": m{"type": "Image", "url": icon(2)}}))
	w.send(activity("Update", aliceID+"#u", aliceID, actor(aliceID, m{"name": "Forged", "icon": icon(3)}), nil))
	if n := w.round(); n != 1 {
		t.Errorf("%d errands, want 1", n)
	}
	thread, err := w.store.Thread(t.Context(), post)
	if err != nil || len(thread) != 1 {
		t.Fatal(thread, err)
	}
	by := thread[0].By
	if string(by.Name) != `["Alice Anew"]` || by.Handle != "alicia@remote.example" || by.URL != "http://remote.example/@alicia" || by.Icon != icon(2) {
		t.Errorf("shown: %+v", by)
	}
	if v, _ := w.store.ThreadVersion(t.Context(), post); v == before {
		t.Error("the page is not made anew")
	}
	if p, err := w.store.Media(t.Context(), store.MediaHash(icon(1))); err != nil || len(p.Data) != 0 {
		t.Errorf("of the old picture: %d bytes, %v, want none", len(p.Data), err)
	}
	if p, err := w.store.Media(t.Context(), store.MediaHash(icon(2))); err != nil || !p.Fetched.IsZero() {
		t.Errorf("the new picture: %+v, %v, want it wanted", p, err)
	}
	if _, err := w.store.Media(t.Context(), store.MediaHash(icon(3))); err == nil {
		t.Error("the picture of the payload is wanted")
	}
}

// TestDeleteOfKnownActor is done by the key that is stored, without a fetch, also where the account's address answers nothing any more.
func TestDeleteOfKnownActor(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 410, 404, 500} {
		w := newWorld(t)
		w.send(create(note(aliceID+"/n", aliceID, post, nil)))
		if status != 200 {
			w.peers.status(aliceID, status)
		}
		before := w.peers.count()
		w.send(activity("Delete", aliceID+"#d", aliceID, aliceID, nil))
		if n := w.peers.count() - before; n != 0 || w.count(store.Reply) != 0 {
			t.Errorf("address answers %d: %d fetches, %d replies, want none", status, n, w.count(store.Reply))
		}
	}
}

// TestBareUpdate: an edit of which only the id comes is looked up, and what its own server shows to fewer people now is gone (mutant: only
// replies are looked up).
func TestBareUpdate(t *testing.T) {
	t.Parallel()
	id := aliceID + "/n"
	for name, c := range map[string]struct {
		copy m
		want string
	}{
		"narrowed": {note(id, aliceID, post, m{"to": []string{aliceID + "/followers"}, "cc": nil}), ""},
		"edited":   {note(id, aliceID, post, m{"content": "second"}), "second"},
		"of bob":   {note(id, bobID, post, m{"to": []string{bobID + "/followers"}, "cc": nil}), "words of " + aliceID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.send(create(note(id, aliceID, post, nil)))
			w.peers.serve(id, c.copy)
			w.send(activity("Update", id+"/u", aliceID, id, nil))
			w.round()
			if got := w.text(id); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
