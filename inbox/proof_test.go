package inbox_test

import (
	"crypto"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

const (
	relayID  = "http://relay.example/actor" // brings what others said
	aliceKey = aliceID + "#ed25519-key"
)

// contexts is a @context that defines a proof's terms.
var contexts = []any{"https://www.w3.org/ns/activitystreams", signature.ProofContext}

// asserting is an actor who lists Ed25519 keys as assertionMethod.
func asserting(t testing.TB, id string, keys ...crypto.PublicKey) m {
	var list []any
	for _, k := range keys {
		list = append(list, multikey(t, id+"#ed25519-key", id, k))
	}
	return actor(id, m{"assertionMethod": list})
}

// proven adds alice's proof to a document, or another key's.
func proven(t testing.TB, doc m, keyID string, key crypto.Signer, at time.Time) m {
	t.Helper()
	doc = merge(merge(m{}, doc), m{"@context": contexts})
	data, err := json.Marshal(doc)
	if err == nil {
		data, err = signature.Prove(data, signature.Key{ID: keyID, Private: key}, at)
	}
	out := m{}
	if err = errors.Join(err, json.Unmarshal(data, &out)); err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *world) proven(doc m) m {
	return proven(w.t, doc, aliceKey, keys()["other"], w.clock())
}

// relayed is a world with alice's second key listed, and somebody on another server who brings what she says.
func relayed(t testing.TB) *world {
	w := newWorld(t)
	w.peers.serve(aliceID, asserting(t, aliceID, keys()["other"].Public()))
	w.peers.serve(relayID, actor(relayID, m{"type": "Service"}))
	return w
}

// TestBrought: what alice said counts as hers whoever brings it, with one fetch for her key; what nobody proves does not.
func TestBrought(t *testing.T) {
	t.Parallel()
	for _, by := range []string{relayID, bobID} { // of another server, and of her own
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			schemes(t, func(t *testing.T, s signature.Scheme) {
				w := relayed(t)
				id := aliceID + "/notes/1"
				bring := func(doc m) {
					t.Helper()
					if got := w.post(letter{doc: w.proven(doc), signer: by, scheme: s}); got != http.StatusAccepted {
						t.Fatalf("%s: status %d, want 202", doc["type"], got)
					}
				}
				bring(create(note(id, aliceID, post, nil)))
				if c, ok := w.comment(id); !ok || c.Actor != aliceID || c.State != store.Shown {
					t.Errorf("the reply is %+v, %v", c, ok)
				}
				bring(create(note(id, aliceID, post, nil)))
				bring(activity("Like", aliceID+"#likes/1", aliceID, post, nil))
				bring(activity("Announce", aliceID+"/b", aliceID, post, m{"to": public}))
				if got := w.counts(); got != (counts{replies: 1, likes: 1, boosts: 1}) {
					t.Errorf("%+v", got)
				}
				bring(activity("Update", aliceID+"/u", aliceID, note(id, aliceID, post, m{"content": "edited", "updated": w.clock().Format(time.RFC3339)}), nil))
				if got := w.text(id); got != "edited" {
					t.Errorf("after the Update: %q", got)
				}
				bring(activity("Undo", aliceID+"/v", aliceID, activity("Like", aliceID+"#likes/1", aliceID, post, nil), nil))
				bring(activity("Delete", aliceID+"/d", aliceID, id, nil))
				if got := w.counts(); got != (counts{boosts: 1}) {
					t.Errorf("after Undo and Delete: %+v", got)
				}
				if n := w.peers.asked(aliceID) + w.peers.asked(by); n > 3 {
					t.Errorf("%d fetches of the two actors", n)
				}
			})
		})
	}
}

// TestBroughtOnce: the same activity counts once, brought and sent.
func TestBroughtOnce(t *testing.T) {
	t.Parallel()
	w := relayed(t)
	like := w.proven(activity("Like", aliceID+"/l", aliceID, post, nil))
	w.send(like)
	w.sendAs(relayID, like, 202)
	w.sendAs(relayID, w.proven(activity("Undo", aliceID+"/u", aliceID, aliceID+"/l", nil)), 202)
	w.sendAs(relayID, like, 202)
	if got := w.counts(); got != (counts{}) {
		t.Errorf("what was undone counts again: %+v", got)
	}
}

// TestBroughtDoesNotUnpark: that somebody else brings her words says nothing about her own server (mutant: it does).
func TestBroughtDoesNotUnpark(t *testing.T) {
	t.Parallel()
	w := relayed(t)
	w.write(func(tx *store.Tx) error {
		return tx.PutFollower(t.Context(), store.Follower{Actor: aliceID, Of: us, Inbox: aliceID + "/inbox", Since: w.clock(), Parked: w.clock()})
	})
	parked := func() bool {
		f, err := w.store.Follower(t.Context(), aliceID, us)
		return err == nil && !f.Parked.IsZero()
	}
	w.sendAs(relayID, w.proven(activity("Like", aliceID+"/l", aliceID, post, nil)), 202)
	if !parked() || w.counts().likes != 1 {
		t.Errorf("%d likes, parked %v", w.counts().likes, parked())
	}
	w.send(activity("Announce", aliceID+"/b", aliceID, post, m{"to": public}))
	if parked() {
		t.Error("what she sent herself changes nothing: the test proves nothing")
	}
}

// TestAgreement is about proofs of what its own actor sends: a wrong one takes precedence over the request's signature, one that cannot be judged counts
// for nothing (FEP-8b32, "Proof verification").
func TestAgreement(t *testing.T) {
	t.Parallel()
	like := activity("Like", aliceID+"/l", aliceID, post, nil)
	now := time.Now()
	with := func(doc m, change m) m {
		doc["proof"] = merge(doc["proof"].(m), change)
		return doc
	}
	good := func() m { return proven(t, like, aliceKey, keys()["other"], now) }
	for name, c := range map[string]struct {
		doc  m
		want int
	}{
		"good":                       {good(), 202},
		"of another suite":           {with(good(), m{"cryptosuite": "mldsa44-jcs-2024"}), 202},
		"of a key that is not hers":  {proven(t, like, bobID+"#ed25519-key", keys()["mallory"], now), 202},
		"of a key that is not there": {proven(t, like, aliceID+"#another", keys()["mallory"], now), 202},
		"cut short and not hers":     {with(proven(t, like, aliceID+"#another", keys()["other"], now), m{"proofValue": "..."}), 202},
		"expired":                    {with(good(), m{"expires": "2020-01-01T00:00:00Z"}), 202},
		"from tomorrow":              {proven(t, like, aliceKey, keys()["other"], now.Add(24*time.Hour)), 202},
		"years old":                  {proven(t, like, aliceKey, keys()["other"], now.AddDate(-3, 0, 0)), 202},
		"wrong":                      {merge(good(), m{"object": page}), 401},
		"of another key":             {proven(t, like, aliceKey, keys()["mallory"], now), 401},
		"cut short":                  {with(good(), m{"proofValue": "z2mE9"}), 401},
		"about another context":      {with(good(), m{"@context": []any{"https://evil.example/ns"}}), 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := relayed(t)
			w.sendAs(aliceID, c.doc, c.want)
			if got := w.counts().likes; (got == 1) != (c.want == 202) {
				t.Errorf("%d likes", got)
			}
			if n := w.peers.count(); n != 1 {
				t.Errorf("%d fetches, want one", n)
			}
		})
	}
}

// TestAgreementAfterRotation: a new key under the old id is fetched once; it is no wrong proof.
func TestAgreementAfterRotation(t *testing.T) {
	t.Parallel()
	w := relayed(t)
	w.send(w.proven(activity("Like", aliceID+"/l1", aliceID, post, nil)))
	w.peers.serve(aliceID, asserting(t, aliceID, keys()["mallory"].Public()))
	w.sendAs(aliceID, proven(t, activity("Announce", aliceID+"/b", aliceID, post, m{"to": public}), aliceKey, keys()["mallory"], w.clock()), 202)
	if got := w.counts(); got != (counts{likes: 1, boosts: 1}) {
		t.Errorf("%+v", got)
	}
}

// TestWrappedWithProof: what a group wraps counts at once where its own actor proved it; nobody is asked for it. Where the proof is wrong it is asked
// for as ever (mutant: the wrapper is believed).
func TestWrappedWithProof(t *testing.T) {
	t.Parallel()
	w := relayed(t)
	id := aliceID + "/notes/1"
	w.pass(1, w.proven(create(note(id, aliceID, post, nil))))
	w.pass(2, w.proven(activity("Like", aliceID+"#likes/1", aliceID, post, nil)))
	w.pass(3, w.proven(activity("Like", aliceID+"#likes/1", aliceID, post, nil))) // by another wrapper
	if n := w.round(); n != 0 {
		t.Errorf("%d errands, want none", n)
	}
	if got := w.counts(); got != (counts{replies: 1, likes: 1}) || w.peers.asked(id) != 0 || w.peers.asked(aliceID) != 1 {
		t.Errorf("%+v, the reply fetched %d times, alice %d times", got, w.peers.asked(id), w.peers.asked(aliceID))
	}
	w.peers.serve(id, served(note(id, aliceID, post, m{"content": "truth"})))
	forged := w.proven(activity("Update", aliceID+"/u", aliceID, note(id, aliceID, post, m{"content": "lies"}), nil))
	forged["object"].(m)["content"] = "other lies"
	w.pass(4, forged)
	if got := w.text(id); got != "words of "+aliceID {
		t.Errorf("the wrapper's word counts: %q", got)
	}
	for n, doc := range []m{
		w.proven(activity("Follow", aliceID+"/f", aliceID, us, nil)), w.proven(activity("Block", aliceID+"/b", aliceID, us, nil)),
		w.proven(activity("Like", evilID+"/l", aliceID, post, nil)), proven(t, activity("Like", bobID+"/l", bobID, post, nil), aliceKey, keys()["other"], w.clock()),
	} {
		w.pass(10+n, doc)
	}
	if n, err := w.store.FollowerCount(t.Context(), us); n != 0 || err != nil || w.counts() != (counts{replies: 1, likes: 1}) {
		t.Errorf("%d followers, %v, %+v", n, err, w.counts())
	}
}
