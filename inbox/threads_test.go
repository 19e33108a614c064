package inbox_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// TestThreadOfAnotherServer: of a conversation on an independent server, some of whose letters never reach us, the whole thread appears: what
// lies between the post and the one that came after a while, and an answer that came never with the first look at what it answers.
func TestThreadOfAnotherServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	w := newWorld(t, func(c *site.Config) { c.Site.URL = "http://blog.example" })
	var lost atomic.Bool // what is sent to us
	gate := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && lost.Load() {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.inbox.ServeHTTP(rw, r)
	}))
	t.Cleanup(gate.Close)
	peer := remotetest.New("http://peer.example")
	peer.DialHost = func(hostport string) string {
		if hostport == "blog.example:80" {
			return gate.Listener.Addr().String()
		}
		return w.away.Listener.Addr().String()
	}
	w.peers.host("peer.example", peer)
	a := w.cfg.Addresses()
	id := a.Post("two")
	w.write(func(tx *store.Tx) error {
		return tx.PutArticle(ctx, store.Article{ID: id, URL: a.Page("/posts/two/"), JSON: []byte(`{"id":"` + id + `","type":"Article","attributedTo":"` + a.Actor() + `"}`),
			Published: w.clock(), Revision: 1, Announced: true})
	})
	count := func() int {
		n, err := w.store.CommentCount(ctx, id, store.Reply)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	ada, bo, cy := peer.Account("ada", "Ada"), peer.Account("bo", "Bo"), peer.Account("cy", "Cy")
	parent := id
	for n, by := range []*remotetest.Account{ada, bo, cy, ada} {
		lost.Store(n < 3)
		next, err := by.Reply(ctx, parent, "<p>words</p>")
		if (err != nil) != lost.Load() {
			t.Fatalf("reply %d: %v", n, err)
		}
		parent = next
	}
	if n := count(); n != 0 {
		t.Errorf("%d replies at first, want none", n)
	}
	w.settled()
	if n := count(); n != 4 {
		t.Errorf("%d replies of the chain, want 4", n)
	}
	lost.Store(true)
	if _, err := bo.Reply(ctx, parent, "<p>never sent</p>"); err == nil {
		t.Error("it was to be lost")
	}
	w.after(12 * time.Minute)
	if n := count(); n != 5 {
		t.Errorf("%d replies after the crawl, want 5", n)
	}
}
