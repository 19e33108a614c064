package profile

import (
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// A key that is being replaced is listed until the overlap is over, also by a daemon that runs all the time.
func TestReplacedKeyIsListedForAWhile(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	const actor = "https://blog.example/ap/actor"
	p := &Profile{o: Options{Now: func() time.Time { return now }, Multikeys: map[string][]activitypub.Multikey{actor: {
		{ID: actor + "#ed25519-key-2"}, {ID: actor + "#ed25519-key", Until: now.Add(time.Hour)},
	}}}}
	for _, want := range []int{2, 1} {
		if got := p.multikeys(actor); len(got) != want || got[0].ID != actor+"#ed25519-key-2" {
			t.Errorf("at %v: %v, want %d keys", now, got, want)
		}
		now = now.Add(time.Hour)
	}
}
