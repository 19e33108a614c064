package inbox_test

import (
	"fmt"
	"testing"

	"github.com/postil-blog/postil/activitypub/signature"
)

// TestAnswersToNothing: we ask for nothing, so a yes or no to us means nothing; nor does what others pin, and what is taken back of it.
// A follower whose server sends a Reject of its own Follow stays one.
func TestAnswersToNothing(t *testing.T) {
	t.Parallel()
	ours := m{"id": blog + "/ap/activities/f", "type": "Follow", "actor": us, "object": aliceID}
	hers := activity("Follow", aliceID+"/f", aliceID, us, nil)
	schemes(t, func(t *testing.T, s signature.Scheme) {
		w := newWorld(t)
		w.send(activity("Follow", bobID+"/f", bobID, us, nil))
		before, n := w.counts(), 0
		try := func(kind string, object any, with m) {
			t.Helper()
			n++
			d := activity(kind, fmt.Sprintf("%s/a%d", aliceID, n), aliceID, object, with)
			if got := w.post(letter{doc: d, signer: aliceID, scheme: s}); got != 202 {
				t.Errorf("%s of %v: status %d, want 202", kind, object, got)
			}
			if seen, err := w.store.Seen(t.Context(), fmt.Sprintf("%s/a%d %s", aliceID, n, aliceID)); seen || err != nil {
				t.Errorf("%s of %v is remembered: %v, %v", kind, object, seen, err)
			}
		}
		for _, kind := range []string{"Accept", "TentativeAccept", "Reject", "TentativeReject"} {
			for _, object := range []any{ours, ours["id"], hers, hers["id"], bobID + "/f", post, m{"type": "Event", "id": post}} {
				try(kind, object, nil)
			}
			try("Undo", activity(kind, aliceID+"/x", aliceID, ours, nil), nil)
		}
		for _, kind := range []string{"Add", "Remove"} {
			try(kind, post, m{"target": aliceID + "/featured"})
			try(kind, aliceID+"/n", m{"target": blog + "/ap/featured"})
			try("Undo", activity(kind, aliceID+"/x", aliceID, post, nil), nil)
		}
		if got := w.counts(); got != before || w.round() != 0 {
			t.Errorf("%+v, was %+v", got, before)
		}
		if got := w.followers(); len(got) != 1 || got[0] != bobID {
			t.Errorf("followers %v, want bob", got)
		}
		if n := w.peers.count(); n != 2 {
			t.Errorf("%d fetches, want the two keys", n)
		}
	})
}
