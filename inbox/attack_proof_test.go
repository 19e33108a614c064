package inbox_test

import (
	"crypto"
	"net/http"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// broughtBy is an attempt to have alice's words taken from somebody else, refused before or after one fetch of each.
func broughtBy(name string, doc any, lists func(testing.TB) m) attempt {
	a := attempt{name: name, letter: letter{doc: doc, signer: relayID}, want: 401, fetches: 2}
	a.before = func(w *world) {
		w.peers.serve(relayID, actor(relayID, m{"type": "Service"}))
		w.peers.serve(aliceID, lists(w.t))
	}
	return a
}

// herKeys lists alice's proving key as it should be.
func herKeys(t testing.TB) m { return asserting(t, aliceID, keys()["other"].Public()) }

// TestAttackProofs plays forged, borrowed and old proofs, brought by somebody whose own signature is right: all are refused without a trace, and what
// alice sends next is taken.
func TestAttackProofs(t *testing.T) {
	t.Parallel()
	schemes(t, func(t *testing.T, s signature.Scheme) {
		now, key := time.Now(), keys()["other"]
		good := func(change m) m { return proven(t, merge(reply(), change), aliceKey, key, now) }
		with := func(doc m, change m) m { return merge(doc, change) }
		proof := func(doc m, change m) m { return with(doc, m{"proof": merge(merge(m{}, doc["proof"].(m)), change)}) }
		listing := func(k m) func(testing.TB) m {
			return func(testing.TB) m { return actor(aliceID, k) }
		}
		multi := func(id, controller string, k crypto.PublicKey) m { return multikey(t, id, controller, k) }
		rsaKey := keys()["bob"]
		attempts := []attempt{
			broughtBy("no proof", reply(), herKeys),
			broughtBy("a changed word", with(good(nil), m{"to": []string{public, evilID}}), herKeys),
			broughtBy("replayed under another id", with(good(nil), m{"id": aliceID + "/another"}), herKeys),
			broughtBy("replayed as another kind", with(good(nil), m{"type": "Update"}), herKeys),
			broughtBy("another's words under a proof of hers", with(good(nil), m{"object": note(aliceID+"/notes/1", aliceID, post, m{"content": "forged"})}), herKeys),
			broughtBy("by a key of another server", proven(t, reply(), evilID+"#ed25519-key", keys()["mallory"], now), herKeys),
			broughtBy("by a neighbour's key", proven(t, reply(), bobID+"#ed25519-key", keys()["mallory"], now), herKeys),
			broughtBy("under her key's id by another key", proven(t, reply(), aliceKey, keys()["mallory"], now), herKeys),
			broughtBy("by the key that signs her requests", proven(t, reply(), aliceID+"#main-key", keys()["alice"], now), herKeys),
			broughtBy("by a key for authentication alone", good(nil), listing(m{"authentication": multi(aliceKey, aliceID, key.Public())})),
			broughtBy("by a key that another controls", good(nil), listing(m{"assertionMethod": multi(aliceKey, evilID, key.Public())})),
			broughtBy("by a key that a neighbour controls", good(nil), listing(m{"assertionMethod": multi(aliceKey, bobID, key.Public())})),
			broughtBy("by a key of another server that she lists", proven(t, reply(), evilID+"#ed25519-key", key, now), listing(m{"assertionMethod": multi(evilID+"#ed25519-key", aliceID, key.Public())})),
			broughtBy("by a key that was rotated away", good(nil), func(t testing.TB) m { return asserting(t, aliceID, keys()["mallory"].Public()) }),
			broughtBy("with an RSA key under that id", good(nil), listing(m{"assertionMethod": multi(aliceKey, aliceID, rsaKey.Public())})),
			broughtBy("of her note alone", activity("Create", aliceID+"/c", aliceID, proven(t, note(aliceID+"/notes/1", aliceID, post, nil), aliceKey, key, now), nil), herKeys),
			broughtBy("several proofs", with(good(nil), m{"proof": []any{good(nil)["proof"], good(nil)["proof"]}}), herKeys),
			broughtBy("of another suite", proof(good(nil), m{"cryptosuite": "eddsa-rdfc-2022"}), herKeys),
			broughtBy("for another purpose", proof(good(nil), m{"proofPurpose": "authentication"}), herKeys),
			broughtBy("a month old", proven(t, reply(), aliceKey, key, now.AddDate(0, 0, -30)), herKeys),
			broughtBy("from tomorrow", proven(t, reply(), aliceKey, key, now.AddDate(0, 0, 1)), herKeys),
			broughtBy("of no time", proof(good(nil), m{"created": nil}), herKeys),
			broughtBy("without an id", proven(t, merge(reply(), m{"id": nil}), aliceKey, key, now), herKeys),
			broughtBy("her Follow", proven(t, activity("Follow", aliceID+"/f", aliceID, us, nil), aliceKey, key, now), herKeys),
			broughtBy("her Block", proven(t, activity("Block", aliceID+"/b", aliceID, us, nil), aliceKey, key, now), herKeys),
			broughtBy("her Move", proven(t, activity("Move", aliceID+"/m", aliceID, aliceID, m{"target": evilID}), aliceKey, key, now), herKeys),
			broughtBy("her report", proven(t, activity("Flag", aliceID+"/g", aliceID, us, nil), aliceKey, key, now), herKeys),
		}
		forged := broughtBy("whose bringer cannot sign", good(nil), herKeys)
		forged.letter.key, forged.fetches = keys()["mallory"], 1
		nobody := broughtBy("brought by somebody at no address", good(nil), herKeys)
		nobody.letter.keyID, nobody.fetches = "acct:relay@relay.example", 0
		ours := broughtBy("in our own name", proven(t, activity("Like", us+"/l", us, post, nil), us+"#ed25519-key", key, now), herKeys)
		ours.want, ours.fetches = http.StatusForbidden, 0
		refuse(t, s, append(attempts, forged, nobody, ours)...)
	})
}

// TestBlockedBring: a block holds for whose words they are, and for who brings them (mutants: one of the two).
func TestBlockedBring(t *testing.T) {
	t.Parallel()
	for _, who := range []string{aliceID, "remote.example", relayID, "relay.example"} {
		for _, wrapped := range []bool{false, true} {
			w := relayed(t)
			w.write(func(tx *store.Tx) error { return tx.AddBlock(t.Context(), store.Block{What: who, At: w.clock()}) })
			doc := w.proven(reply())
			if wrapped {
				doc = activity("Announce", relayID+"/a", relayID, doc, m{"to": public})
			}
			if got := w.post(letter{doc: doc, signer: relayID}); got != http.StatusForbidden && !wrapped {
				t.Errorf("%s blocked: status %d, want 403", who, got)
			}
			for w.round() > 0 {
			}
			if got := w.counts(); got != (counts{}) {
				t.Errorf("%s blocked, wrapped %v: %+v", who, wrapped, got)
			}
		}
	}
}

// TestBringerPays: who brings much is refused when its own share is spent, and she is not (mutant: the share of whose words they are is taken).
func TestBringerPays(t *testing.T) {
	t.Parallel()
	w := relayed(t)
	like := w.proven(activity("Like", aliceID+"/l", aliceID, post, nil))
	w.sendAs(relayID, like, 202)
	w.inbox.Spend(relayID)
	w.sendAs(relayID, like, http.StatusTooManyRequests)
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
}
