package inbox_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/postil-blog/postil/activitypub/remote"
)

// TestUnreachableActor: an actor at an address that is never asked is refused before anything is looked up, whatever it says; --dev takes
// http:. Its honest twin comes in.
func TestUnreachableActor(t *testing.T) {
	t.Parallel()
	for _, dev := range []bool{false, true} {
		w := newWorldOut(t, func(o *remote.Options) {
			o.Dev, o.AllowNetworks = dev, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		})
		for _, id := range []string{aliceID, "https://2130706433/users/alice", "https://remote.example:22/users/alice"} {
			w.peers.serve(id, actor(id, nil))
			for _, doc := range []m{
				activity("Like", id+"#l", id, post, nil), activity("Follow", id+"#f", id, us, nil), create(note(id+"/n", id, post, nil)),
				activity("Delete", id+"#d", id, id, nil), activity("Update", id+"#u", id, m{"id": id, "type": "Person"}, nil),
			} {
				before, fetches := w.store.Writes(), w.peers.count()
				got := w.post(letter{doc: doc, signer: id})
				if dev && id == aliceID {
					if got != http.StatusAccepted {
						t.Errorf("--dev: %s of %s: status %d, want 202", doc["type"], id, got)
					}
					continue
				}
				if got != http.StatusBadRequest || w.store.Writes() != before || w.peers.count() != fetches {
					t.Errorf("dev %t: %s of %s: status %d, want 400, no write, no fetch", dev, doc["type"], id, got)
				}
			}
		}
		w.peers.serve(aliceS, actor(aliceS, nil))
		w.sendAs(aliceS, activity("Like", aliceS+"#l", aliceS, post, nil), http.StatusAccepted)
	}
}

// TestOwnPageIsNoPicture: a stranger who names one of our own pages as a picture does not make us ask ourselves.
func TestOwnPageIsNoPicture(t *testing.T) {
	t.Parallel()
	w := newCorpusWorld(t, false)
	for _, icon := range []string{blog + "/admin/export", blog + "/ap/actor"} {
		w.peers.serve(malloryS, actor(malloryS, m{"icon": m{"type": "Image", "url": icon}}))
		w.sendAs(malloryS, create(note(malloryS+"/n", malloryS, post, m{"attachment": m{"type": "Image", "mediaType": "image/png", "url": icon}})), http.StatusAccepted)
		fetches := w.peers.count()
		if paths := mediaPath.FindAllString(w.page(), -1); len(paths) == 0 {
			t.Error("the page shows no picture, so nothing is proved")
		}
		w.pictures(t)
		if n := w.peers.count() - fetches; n != 0 {
			t.Errorf("%s: %d requests went to ourselves", icon, n)
		}
	}
}
