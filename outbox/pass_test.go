package outbox

import (
	"testing"

	"github.com/postil-blog/postil/store"
)

// TestPassesOnWhatIsPublic: of what was kept a Group passes on what its author's own words say to be for everybody, and under that id.
func TestPassesOnWhatIsPublic(t *testing.T) {
	t.Parallel()
	const id, to = "https://peer.example/n/1", `"to":["https://www.w3.org/ns/activitystreams#Public"]`
	for words, want := range map[string]bool{
		`{"id":"` + id + `","type":"Note","content":"x",` + to + `}`:                      true,
		`{"@context":"x","id":"` + id + `","type":"Note",` + to + `}`:                     true,
		`{"id":"` + id + `","type":"Note","to":["https://peer.example/u/ada/followers"]}`: false,
		`{"id":"https://peer.example/n/2","type":"Note",` + to + `}`:                      false,
		`no JSON`: false,
		``:        false,
	} {
		if _, public := created(store.Comment{ID: id, Actor: "https://peer.example/u/ada", Source: []byte(words)}, nil); public != want {
			t.Errorf("%s: passed on: %v, want %v", words, public, want)
		}
	}
}
