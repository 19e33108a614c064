package inbox_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// TestBlockBypass goes through the ways round a block that other programs had (Mastodon CVE-2026-23961 and its kin): the words of somebody
// blocked are passed on, the name is spelled otherwise, another server lends its name. Nothing of it shows, and nobody blocked is asked
// for anything (mutants: the door, the errand's welcome for the id, for the author, and Move each look at no block).
func TestBlockBypass(t *testing.T) {
	t.Parallel()
	words := func(id, by string) m { return served(note(id, by, post, nil)) }
	for name, send := range map[string]func(w *world, s signature.Scheme) (status int){
		"by itself": func(w *world, s signature.Scheme) int {
			return w.post(letter{doc: create(note(evilID+"/n", evilID, post, nil)), signer: evilID, scheme: s})
		},
		"boosted": func(w *world, s signature.Scheme) int {
			return w.post(letter{doc: activity("Announce", aliceID+"/b", aliceID, evilID+"/n", m{"to": public}), signer: aliceID, scheme: s})
		},
		"boosted with its words": func(w *world, s signature.Scheme) int {
			return w.post(letter{doc: activity("Announce", aliceID+"/b", aliceID, words(evilID+"/n", evilID), m{"to": public}), signer: aliceID, scheme: s})
		},
		"forwarded": func(w *world, s signature.Scheme) int {
			return w.post(letter{doc: activity("Create", aliceID+"/c", aliceID, words(evilID+"/n", evilID), m{"to": public}), signer: aliceID, scheme: s})
		},
		"forwarded as an edit": func(w *world, s signature.Scheme) int {
			return w.post(letter{doc: activity("Announce", aliceID+"/c", aliceID, activity("Update", evilID+"/u", evilID, words(evilID+"/n", evilID), nil), m{"to": public}), signer: aliceID, scheme: s})
		},
		"wrapped": func(w *world, s signature.Scheme) int {
			return w.post(letter{doc: activity("Announce", aliceID+"/b", aliceID, create(words(evilID+"/n", evilID)), m{"to": public}), signer: aliceID, scheme: s})
		},
		"only its id": func(w *world, s signature.Scheme) int {
			return w.post(letter{doc: activity("Create", aliceID+"/c", aliceID, evilID+"/n", nil), signer: aliceID, scheme: s})
		},
		"its id, host in upper case": func(w *world, s signature.Scheme) int {
			return w.post(letter{doc: activity("Create", aliceID+"/c", aliceID, "http://EVIL.example/users/mallory/n", nil), signer: aliceID, scheme: s})
		},
		"signed by a server between": func(w *world, s signature.Scheme) int {
			return w.post(letter{doc: create(note(evilID+"/n", evilID, post, nil)), signer: aliceID, scheme: s})
		},
		"answered by somebody else": func(w *world, s signature.Scheme) int {
			n := note(aliceID+"/n", aliceID, evilID+"/n", nil)
			w.peers.serve(aliceID+"/n", served(n))
			return w.post(letter{doc: create(n), signer: aliceID, scheme: s})
		},
		"its note on a server that is not blocked": func(w *world, s signature.Scheme) int {
			id := "http://remote.example/copy"
			w.peers.serve(id, words(id, evilID))
			return w.post(letter{doc: activity("Create", aliceID+"/c", aliceID, id, nil), signer: aliceID, scheme: s})
		},
		"behind a redirect": func(w *world, s signature.Scheme) int {
			w.peers.handle(aliceID+"/r", func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, evilID+"/n", http.StatusFound) })
			return w.post(letter{doc: activity("Create", aliceID+"/c", aliceID, aliceID+"/r", nil), signer: aliceID, scheme: s})
		},
		"an actor that is a redirect": func(w *world, s signature.Scheme) int {
			by := "http://third.example/users/mallory"
			w.peers.handle(by, func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, evilID, http.StatusFound) })
			return w.post(letter{doc: create(note(by+"/n", by, post, nil)), signer: by, key: keys()["mallory"], scheme: s})
		},
		"liked": func(w *world, s signature.Scheme) int {
			return w.post(letter{doc: activity("Like", evilID+"/l", evilID, post, nil), signer: evilID, scheme: s})
		},
		"followed": func(w *world, s signature.Scheme) int {
			return w.post(letter{doc: activity("Follow", evilID+"/f", evilID, us, nil), signer: evilID, scheme: s})
		},
		"reported": func(w *world, s signature.Scheme) int {
			return w.post(letter{doc: activity("Flag", evilID+"/f", evilID, post, nil), signer: evilID, scheme: s})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schemes(t, func(t *testing.T, s signature.Scheme) {
				w := newWorld(t)
				w.peers.serve(evilID+"/n", words(evilID+"/n", evilID))
				w.peers.serve("http://EVIL.example/users/mallory/n", words(evilID+"/n", evilID))
				w.write(func(tx *store.Tx) error {
					return tx.AddBlock(t.Context(), store.Block{What: "evil.example", At: w.clock()})
				})
				if status := send(w, s); status >= 500 || status < 200 {
					t.Errorf("status %d", status)
				}
				w.advance(10 * time.Second)
				w.round()
				if got := w.counts(); got != (counts{}) {
					t.Errorf("it shows: %+v", got)
				}
				if known, _ := w.store.ActorKnown(t.Context(), evilID); known || len(w.reports()) != 0 {
					t.Errorf("something of it is kept: actor %v, reports %v", known, w.reports())
				}
				if n := w.peers.asked(evilID); n != 0 && name != "an actor that is a redirect" {
					t.Errorf("the blocked server was asked for its actor %d times", n)
				}
			})
		})
	}
}

// TestBlockedBeforeTheErrand: what was to be fetched from a server is not when the server is blocked by then (mutant: fetch looks at no block).
func TestBlockedBeforeTheErrand(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]m{
		"only an id":       activity("Create", aliceID+"/c", aliceID, evilID+"/n", nil),
		"a missing parent": create(note(aliceID+"/n", aliceID, evilID+"/n", nil)),
		"a wrapped like":   activity("Announce", aliceID+"/b", aliceID, activity("Like", evilID+"/n", evilID, post, nil), m{"to": public}),
		"its own comment":  create(note(evilID+"/n", evilID, post, nil)),
	} {
		w := newWorld(t)
		w.peers.serve(evilID+"/n", served(note(evilID+"/n", evilID, post, nil)))
		w.send(doc)
		w.write(func(tx *store.Tx) error {
			return tx.AddBlock(t.Context(), store.Block{What: "evil.example", At: w.clock()})
		})
		due := 0
		for range 15 {
			w.advance(time.Minute)
			due += w.round()
		}
		if n := w.peers.asked(evilID + "/n"); due == 0 || n != 0 {
			t.Errorf("%s: %d errands, %d fetches from a blocked server, want some and none", name, due, n)
		}
	}
}

// TestBlockSpellings: a block of a domain holds for all that a name of it can look like.
func TestBlockSpellings(t *testing.T) {
	t.Parallel()
	for _, b := range []struct {
		what string
		ids  []string
	}{
		{"evil.example", []string{
			evilID, "http://sub.evil.example/u", "http://a.b.evil.example/u", "http://EVIL.EXAMPLE/users/mallory", "HTTP://evil.example/u", "http://evil.example:80/u",
			"http://evil.example:8080/u", "http://evil.example./u", "http://x@evil.example/u", "http://evil%2eexample/u", "https://evil.example/u", "http://evil。example/u",
			"http://ｅｖｉｌ.example/u",
		}},
		{"*.Evil.Example.", []string{evilID, "http://sub.evil.example/u"}},
		{"bücher.example", []string{"http://xn--bcher-kva.example/u", "http://sub.XN--BCHER-KVA.example/u", "http://bücher.example/u", "http://BÜCHER.example/u"}},
		{"xn--bcher-kva.example", []string{"http://xn--bcher-kva.example/u", "http://bücher.example/u"}},
		{evilID, []string{evilID}}, // a person: what others pass on has to be fetched to learn whose it is
	} {
		w := newWorld(t)
		w.write(func(tx *store.Tx) error { return tx.AddBlock(t.Context(), store.Block{What: b.what, At: w.clock()}) })
		for _, id := range b.ids {
			if got := w.post(letter{doc: create(note(id+"/n", id, post, nil)), signer: id}); got != 400 && got != 403 {
				t.Errorf("%s, blocked as %s: status %d, want 400 or 403", id, b.what, got)
			}
			w.post(letter{doc: activity("Create", aliceID+"/c"+id, aliceID, id+"/n", nil), signer: aliceID})
		}
		asked := w.peers.count()
		w.round()
		if n := w.peers.count() - asked; n != 0 && b.what != evilID || asked > 1 || w.counts() != (counts{}) {
			t.Errorf("%s: %d requests for the blocked, %d before, want none but alice's key; shown: %+v", b.what, n, asked, w.counts())
		}
		for _, id := range []string{"http://notevil.example/users/bob", "http://example/users/bob", "http://evil.example.org/users/bob"} {
			w.peers.serve(id, actor(id, nil))
			w.send(create(note(id+"/n", id, post, nil))) // no more than that is blocked
		}
	}
}

// TestBlockedFollowersGetNothing, whether they, their server or the place of their inbox is blocked.
func TestBlockedFollowersGetNothing(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"bridge.example", "remote.example", aliceID} {
		w := newWorld(t)
		w.peers.serve(aliceID, actor(aliceID, m{"inbox": "http://in.bridge.example/alice"}))
		w.send(activity("Follow", aliceID+"/f", aliceID, us, nil))
		if got, _ := w.store.FollowerInboxes(t.Context(), us); !slices.Equal(got, []string{"http://in.bridge.example/alice"}) {
			t.Fatalf("inboxes %v", got)
		}
		w.write(func(tx *store.Tx) error { return tx.AddBlock(t.Context(), store.Block{What: what, At: w.clock()}) })
		if got, _ := w.store.FollowerInboxes(t.Context(), us); len(got) != 0 {
			t.Errorf("%s blocked: inboxes %v, want none", what, got)
		}
	}
}
