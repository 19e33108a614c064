package inbox_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
)

// FuzzReceive posts any body, well signed, and wants an answer that is never a fault of ours.
func FuzzReceive(f *testing.F) {
	n := note(aliceID+"/n", aliceID, post, m{"tag": m{"type": "Emoji", "name": ":x:", "icon": m{"url": "http://remote.example/x"}}})
	for _, doc := range []m{
		create(n), activity("Update", aliceID+"/u", aliceID, n, nil), activity("Follow", aliceID+"/f", aliceID, us, nil),
		activity("Undo", aliceID+"/uf", aliceID, activity("Follow", aliceID+"/f", aliceID, us, nil), nil),
		activity("Like", aliceID+"/l", aliceID, post, m{"content": ":x@.:"}), activity("Announce", aliceID+"/a", aliceID, []any{post, create(n)}, m{"to": public}),
		activity("Delete", aliceID+"/d", aliceID, m{"type": "Tombstone", "id": aliceID + "/n"}, nil),
	} {
		b, err := json.Marshal(doc)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"type":["Like","Delete"],"actor":[{"id":"` + aliceID + `"}],"object":[[]]}`))
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		w.t = t // one after the other
		w.advance(time.Second)
		if got := w.post(letter{body: body, signer: aliceID, scheme: signature.RFC9421}); got >= http.StatusInternalServerError {
			t.Errorf("%q: status %d", body, got)
		}
		w.round()
	})
}
