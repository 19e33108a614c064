package inbox_test

import (
	"fmt"
	"testing"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// TestAddressing goes through every way to write that something is for the public: five members, four shapes, three spellings, on the
// object or on the activity alone. Public in to or cc of the reply's own words makes a comment, and nothing else leaves a trace
// (mutants: the Create's audience counts; bto, bcc or audience count; a spelling or a shape is not understood).
func TestAddressing(t *testing.T) {
	t.Parallel()
	schemes(t, func(t *testing.T, s signature.Scheme) {
		w := newWorld(t)
		n := 0
		addressings(func(name string, audience m, on string, want bool) {
			n++
			id := fmt.Sprintf("%s/n%d", aliceID, n)
			reply := note(id, aliceID, post, m{"to": []string{us}, "cc": nil})
			doc := activity("Create", id+"/c", aliceID, reply, m{"to": []string{us}})
			if on == "object" {
				merge(reply, audience)
			} else {
				merge(doc, audience)
			}
			if got := w.post(letter{doc: doc, signer: aliceID, scheme: s}); got != 202 {
				t.Errorf("%s: status %d, want 202", name, got)
			}
			if _, ok := w.comment(id); ok != want {
				t.Errorf("%s: stored %v, want %v", name, ok, want)
			}
		})
		if due := w.round(); due != 0 {
			t.Errorf("%d errands, want none: nothing had to be looked up", due)
		}
		if n != 120 {
			t.Errorf("%d variants, want 120", n)
		}
	})
}

// TestAddressingOfEdits: what an edit no longer addresses to the public is gone, and what was never public does not become a comment
// by the word of an edit alone.
func TestAddressingOfEdits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n, stayed := 0, 0
	addressings(func(name string, audience m, on string, stays bool) {
		n++
		id := fmt.Sprintf("%s/n%d", aliceID, n)
		w.send(create(note(id, aliceID, post, nil)))
		edited := note(id, aliceID, post, m{"to": []string{us}, "cc": nil, "content": "edited"})
		doc := activity("Update", id+"/u", aliceID, edited, m{"to": []string{us}})
		if on == "object" {
			merge(edited, audience)
		} else {
			merge(doc, audience)
		}
		w.send(doc)
		if _, ok := w.comment(id); ok != stays {
			t.Errorf("%s: after the edit it is there: %v, want %v", name, ok, stays)
		}
		if !stays {
			return
		}
		stayed++
		secret := fmt.Sprintf("%s/s%d", aliceID, n)
		w.send(create(note(secret, aliceID, post, m{"to": []string{us}, "cc": nil})))
		w.send(activity("Update", secret+"/u", aliceID, merge(note(secret, aliceID, post, m{"to": []string{us}, "cc": nil}), audience), nil))
	})
	for w.round() > 0 { // her server serves none of the secret ones
	}
	if got := w.count(store.Reply); got != stayed {
		t.Errorf("%d comments, want the %d that stayed public: an edit alone made others so", got, stayed)
	}
}

// addressings calls f with each variant. want tells whether it makes a reply public.
func addressings(f func(name string, audience m, on string, want bool)) {
	for _, on := range []string{"object", "activity"} {
		for _, member := range []string{"to", "cc", "bto", "bcc", "audience"} {
			for _, spelling := range []string{public, "as:Public", "Public"} {
				for shape, v := range map[string]any{
					"string": spelling, "array": []any{spelling}, "object": m{"id": spelling, "type": "Collection"}, "mixed": []any{nil, us, m{"id": spelling}, 7},
				} {
					name := fmt.Sprintf("%s of the %s as %s in %s", spelling, on, shape, member)
					f(name, m{member: v}, on, on == "object" && (member == "to" || member == "cc"))
				}
			}
		}
	}
}
