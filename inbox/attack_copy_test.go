package inbox_test

import (
	"fmt"
	"testing"

	"github.com/postil-blog/postil/activitypub/signature"
)

// attackCopy: what is stored is what its own server serves, never what somebody says that it serves.
func attackCopy(t *testing.T, s signature.Scheme) {
	id := aliceID + "/notes/7"
	lie := note(id, aliceID, post, m{"content": "lies"})
	for name, doc := range map[string]m{
		"forwarded Create": activity("Create", evilID+"/c", evilID, lie, m{"to": public}), "wrapped Create": activity("Announce", evilID+"/a", evilID, create(lie), m{"to": public}),
		"wrapped Update": activity("Announce", evilID+"/a", evilID, activity("Update", aliceID+"/u", aliceID, lie, nil), m{"to": public}),
		"wrapped object": activity("Announce", evilID+"/a", evilID, lie, m{"to": public}), "bare id": activity("Create", evilID+"/c", evilID, id, m{"to": public}),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.peers.serve(id, note(id, aliceID, post, m{"@context": "https://www.w3.org/ns/activitystreams", "content": "truth"}))
			if got := w.post(letter{doc: doc, signer: evilID, scheme: s}); got != 202 {
				t.Errorf("status %d, want 202", got)
			}
			for w.round() > 0 {
			}
			if got := w.text(id); got != "truth" && (got != "" || name != "wrapped object") {
				t.Errorf("stored %q, want what alice's server serves", got)
			}
		})
	}
}

// aliceWasHere is a blog that knows alice by all that one can leave, with her server serving it.
func aliceWasHere(t *testing.T) *world {
	w := newWorld(t)
	reply := note(aliceID+"/notes/1", aliceID, post, nil)
	w.send(create(reply))
	w.send(activity("Follow", aliceID+"/follow", aliceID, us, nil))
	w.send(activity("Like", aliceID+"/like", aliceID, post, nil))
	w.send(activity("EmojiReact", aliceID+"/react", aliceID, post, m{"content": "🍮"}))
	w.send(activity("Dislike", aliceID+"/dislike", aliceID, post, nil))
	w.send(activity("Announce", aliceID+"/boost", aliceID, post, m{"to": public}))
	w.peers.serve(aliceID+"/notes/1", merge(m{"@context": "https://www.w3.org/ns/activitystreams"}, reply))
	return w
}

func attackWrapped(t *testing.T, s signature.Scheme) {
	w := aliceWasHere(t)
	for n, inner := range []any{
		activity("Undo", aliceID+"/u", aliceID, activity("Follow", aliceID+"/follow", aliceID, us, nil), nil), activity("Undo", aliceID+"/u", aliceID, aliceID+"/like", nil),
		activity("Delete", aliceID+"/d", aliceID, aliceID+"/notes/1", nil), activity("Delete", aliceID+"/d", aliceID, m{"id": aliceID + "/notes/1", "type": "Tombstone"}, nil),
		activity("Delete", aliceID+"/d", aliceID, aliceID, nil), activity("Block", aliceID+"/b", aliceID, us, nil), activity("Follow", bobID+"/f", bobID, us, nil),
		activity("Like", bobID+"/l", bobID, post, nil), activity("Announce", bobID+"/a", bobID, post, m{"to": public}), activity("Move", aliceID+"/m", aliceID, aliceID, m{"target": evilID}),
		activity("Update", aliceID+"/u", aliceID, note(aliceID+"/notes/1", aliceID, post, m{"content": "hacked"}), nil), activity("Update", aliceID+"/u", aliceID, actor(aliceID, m{"name": "hacked"}), nil),
		activity("Create", bobID+"/c", bobID, note(bobID+"/n", bobID, post, nil), nil), activity("Flag", aliceID+"/g", aliceID, us, nil),
		activity("Announce", bobID+"/a", bobID, activity("Undo", aliceID+"/u", aliceID, aliceID+"/like", nil), m{"to": public}),
	} {
		for _, kind := range []string{"Announce", "Create", "Add", "Accept"} {
			w.effectless(letter{doc: activity(kind, fmt.Sprint(evilID, "/", kind, n), evilID, inner, m{"to": public}), signer: evilID, scheme: s})
		}
	}
}

func attackLinkedData(t *testing.T, s signature.Scheme) {
	w := newWorld(t)
	ld := m{"type": "RsaSignature2017", "creator": aliceID + "#main-key", "created": "2026-01-01T00:00:00Z", "signatureValue": "AAAA"}
	proof := m{"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "verificationMethod": aliceID + "#key", "proofPurpose": "assertionMethod", "proofValue": "zAAA"}
	terms := []any{"https://www.w3.org/ns/activitystreams", "http://evil.example/context.json", m{"who": "as:actor", "actor": "as:target", "Like": "as:Delete", "@vocab": "http://evil.example/ns#"}}
	for _, l := range []letter{
		{doc: m{"@context": terms, "@graph": []any{reply()}}, signer: evilID}, {doc: m{"@context": terms, "@id": aliceID + "/l", "@type": "Like", "actor": evilID, "object": post}, signer: evilID},
		{doc: m{"@context": terms, "type": "Create", "id": evilID + "/c", "actor": evilID, "@included": []any{reply()}, "object": m{"@graph": []any{reply()}}}, signer: evilID},
		{doc: m{"@context": terms, "type": "Create", "id": evilID + "/c2", "actor": evilID, "object": m{"@id": aliceID + "/n", "@type": "Note"}}, signer: evilID},
		{doc: m{"@context": terms, "as:type": "Like", "as:actor": aliceID, "as:object": post}, signer: evilID},
		{doc: merge(reply(), m{"signature": ld})}, {doc: merge(reply(), m{"proof": proof})}, {doc: merge(reply(), m{"signature": ld}), signer: evilID},
		{doc: merge(reply(), m{"signature": ld, "proof": proof}), signer: aliceID, key: keys()["mallory"]},
		{doc: merge(reply(), m{"@context": 7}), signer: aliceID},
	} {
		l.scheme = s
		w.effectless(l)
	}
	// Terms never change what is read: this is mallory's like, and nothing else.
	twice := m{"@context": terms, "type": "Like", "@type": "Delete", "id": evilID + "/l", "@id": aliceID + "/l", "actor": evilID, "who": aliceID, "object": post}
	if got := w.post(letter{doc: twice, signer: evilID, scheme: s}); got != 202 || w.counts() != (counts{likes: 1}) {
		t.Errorf("status %d, %+v, want one like", got, w.counts())
	}
	if c, ok := w.comment(evilID + "/l"); !ok || c.Actor != evilID {
		t.Errorf("the like is %q's, want mallory's", c.Actor)
	}
	if n := w.peers.asked("http://evil.example/context.json"); n != 0 {
		t.Errorf("%d fetches of a context, want none", n)
	}
	if n := w.peers.count(); n > 2 {
		t.Errorf("%d fetches, want two actors", n)
	}
}
