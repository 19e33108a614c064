package main

import (
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

func TestPin(t *testing.T) {
	t.Parallel()
	s, ctx := storetest.Open(t), t.Context()
	const post, page = "https://example.blog/ap/posts/7", "https://social.example/@ada/1"
	err := s.Write(ctx, func(tx *store.Tx) error {
		at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
		return tx.PutComment(ctx, store.Comment{ID: "https://social.example/notes/1", URL: page, Kind: store.Reply, Post: post, Parent: post, Actor: "https://social.example/users/ada", Published: at, Received: at, State: store.Shown})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		remove bool
		done   string
		fails  bool
	}{
		{page, true, "", true}, {page, false, "pinned", false}, {"https://social.example/notes/1", true, "unpinned", false}, {"https://social.example/none", false, "", true},
		{"https://social.example/none", true, "", true},
	} {
		if done, err := pin(ctx, s, c.name, c.remove); done != c.done && err == nil || (err != nil) != c.fails {
			t.Errorf("pin %s, remove %t: %q, %v", c.name, c.remove, done, err)
		}
	}
}
