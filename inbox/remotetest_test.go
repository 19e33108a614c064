package inbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// TestWithAnotherServer lets an independent server follow the blog, answer, change its mind and leave: WebFinger, signatures, the Accept
// and its delivery are real, both ways.
func TestWithAnotherServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	w := newWorld(t, func(c *site.Config) { c.Site.URL = "http://blog.example" })
	peer := remotetest.New("http://peer.example")
	peer.DialHost = func(hostport string) string {
		if hostport == "blog.example:80" {
			return w.front.Listener.Addr().String()
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
	run, stop := context.WithCancel(ctx)
	stopped := make(chan error)
	go func() { stopped <- w.outbox.Run(run) }()
	defer func() { stop(); <-stopped }()

	ada := peer.Account("ada", "Ada")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	count := func(k store.Kind) int {
		n, err := w.store.CommentCount(ctx, id, k)
		must(err)
		return n
	}
	must(ada.Follow(ctx, "blog@blog.example")) // waits for the Accept
	reply, err := ada.Reply(ctx, id, "<p>first</p>")
	must(err)
	like, err := ada.Like(ctx, id)
	must(err)
	_, err = ada.Boost(ctx, id)
	must(err)
	if r, l, b := count(store.Reply), count(store.Like), count(store.Boost); r != 1 || l != 1 || b != 1 {
		t.Errorf("%d replies, %d likes, %d boosts, want 1 of each", r, l, b)
	}
	must(ada.Edit(ctx, reply, "<p>second</p>"))
	if got := w.text(reply); got != "second" {
		t.Errorf("after the edit: %q", got)
	}
	must(ada.Undo(ctx, like))
	must(ada.Delete(ctx, reply))
	must(ada.Unfollow(ctx))
	n, err := w.store.FollowerCount(ctx, a.Actor())
	if r, l := count(store.Reply), count(store.Like); r != 0 || l != 0 || n != 0 || err != nil {
		t.Errorf("at the end %d replies, %d likes, %d followers, %v", r, l, n, err)
	}
}
