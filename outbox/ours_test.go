package outbox

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/postil-blog/postil/store"
)

// Followers and people who answered may name any inbox, one of our own pages among them: nothing is delivered there, however it is
// spelled, and the others get what is theirs.
func TestNothingIsDeliveredToOurselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var got atomic.Int64
	w.hosts["blog"] = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			got.Add(1)
		}
	})
	host := "blog.localhost" + w.port
	for n, inbox := range []string{
		"http://" + host + "/ap/inbox", "http://" + host, "http://" + host + "/admin/", "http://BLOG.localhost" + w.port + "/ap/inbox",
		"http://blog.localhost." + w.port + "/ap/inbox", "http://u@" + host + "/ap/inbox", "https://" + host + "/ap/inbox",
	} {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			follower, guest := w.address("evil", fmt.Sprint("/f", n)), w.address("evil", fmt.Sprint("/g", n))
			if err := tx.PutFollower(ctx, store.Follower{Actor: follower, Of: w.actor(), Inbox: inbox, FollowID: follower + "/f", Since: noon}); err != nil {
				return err
			}
			if err := tx.PutActor(ctx, store.Actor{ID: guest, Type: "Person", Handle: "g@evil", URL: guest, Inbox: inbox, Fetched: noon}); err != nil {
				return err
			}
			return tx.PutComment(ctx, store.Comment{ID: guest + "/like", Kind: store.Like, Post: w.id("a"), Parent: w.id("a"), Actor: guest, Published: noon, Received: noon, State: store.Shown})
		})
	}
	honest := w.sink("honest")
	w.put("a", "one")
	w.round()
	w.withdraw("a")
	w.round()
	if honest.types() != "Create Delete" {
		t.Errorf("the honest follower got %q", honest.types())
	}
	if n := got.Load(); n != 0 {
		t.Errorf("the blog sent %d activities to itself", n)
	}
	all, err := w.store.Deliveries(t.Context(), w.id("a"))
	w.must(err)
	for _, d := range all {
		if !strings.Contains(d.Inbox, "honest") {
			t.Errorf("a delivery to %s was queued", d.Inbox)
		}
	}
}
