// Package interop proves Postil against software that it shares no code with: Fedify's servers over loopback, nginx in front,
// and a real browser. The blog here is the real one: publisher.Publish into a folder, daemon.Run on SQLite.
package interop

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const firstPost = `+++
id = "tide"
title = "The tide tables"
date = 2020-01-02
tags = ["Sea", "tables"]
summary = "When to walk, and when to run."
[fediverse]
announce = true
+++

# Low water

The *causeway* is dry for four hours.
`

// TestFedify drives the main job with each peer: every activity in both directions, asserted on our page and on its side.
func TestFedify(t *testing.T) {
	cases := []struct {
		name, folder string
		extra        []string
		out          string // the signature scheme that our deliveries are accepted in
		postgres     bool
	}{
		{"1.5 draft-cavage both ways", "fedify-1.5", nil, "cavage", false},
		{"2.3 RFC 9421 in, draft-cavage out", "fedify-2.3", nil, "cavage", false},
		{"2.3 RFC 9421 both ways", "fedify-2.3", []string{"refuse-cavage"}, "rfc9421", false},
		{"2.3 with PostgreSQL", "fedify-2.3", nil, "cavage", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			database := ""
			if c.postgres {
				database = postgres(t)
			}
			p := startPeer(t, c.folder, nil, c.extra...)
			b := startBlog(t, database, map[string]string{"tide.md": firstPost})
			mainJob(t, b, p, c.out)
		})
	}
}

func mainJob(t *testing.T, b *blog, p *peer, out string) {
	actor := b.addr.Actor()
	p.do("target", map[string]string{"blog": actor})

	found := p.do("lookup", map[string]string{"what": actor})
	if found["type"] != "Person" {
		t.Fatalf("Fedify sees our actor as %v", found["type"])
	}

	// Two accounts of one server follow; each gets its Accept.
	follow := p.id("follow", map[string]string{"user": "ada", "actor": actor})
	p.id("follow", map[string]string{"user": "bea", "actor": actor})
	p.expect(t, "Accept", 2)
	b.collectionTotal(t, b.addr.Followers(), 2)

	// A new post reaches the server once, through its shared inbox.
	b.write("walk.md", strings.NewReplacer(`"tide"`, `"walk"`, "The tide tables", "A walk").Replace(firstPost))
	b.publish()
	create := p.expect(t, "Create", 1)[0]
	post := b.addr.Post("walk")
	if got := objectID(create); got != post {
		t.Errorf("Create is about %q, want %q", got, post)
	}
	if object, _ := create.JSON["object"].(map[string]any); object["name"] != "A walk" || !strings.Contains(fmt.Sprint(object["content"]), "<em>causeway</em>") {
		t.Errorf("Fedify read the Article as %v", object)
	}
	p.expectScheme(t, out)

	if found := p.do("lookup", map[string]string{"what": post}); found["type"] != "Article" {
		t.Errorf("Fedify sees the post as %v", found["type"])
	}

	// Answers, and their edits and withdrawals.
	reply := p.do("reply", map[string]string{"user": "ada", "object": post, "content": "<p>Bring <b>boots</b>.</p>"})
	b.shows(t, "/posts/walk/", "Bring <b>boots</b>.", "Ada of Fedify", "@ada@127.0.0.1")
	nested := p.do("reply", map[string]string{"user": "bea", "object": reply["id"].(string), "content": "<p>Mine leak.</p>", "summary": "Shoes"})
	b.shows(t, "/posts/walk/", "Mine leak.", "<summary", "Shoes", "Bea of Fedify")
	like := p.id("like", map[string]string{"user": "bea", "object": post})
	boost := p.id("boost", map[string]string{"user": "ada", "object": post})
	b.collectionTotal(t, b.addr.Likes(post), 1)
	b.collectionTotal(t, b.addr.Shares(post), 1)
	b.collectionTotal(t, b.addr.Replies(post), 2)
	b.shows(t, "/posts/walk/", "1 like", "1 boost")

	p.id("edit", map[string]string{"user": "ada", "key": reply["key"].(string), "content": "<p>Bring waders.</p>"})
	b.shows(t, "/posts/walk/", "Bring waders.", "edited")
	b.hides(t, "/posts/walk/", "boots")
	p.id("undo", map[string]string{"user": "bea", "id": like})
	p.id("undo", map[string]string{"user": "ada", "id": boost})
	b.collectionTotal(t, b.addr.Likes(post), 0)
	b.collectionTotal(t, b.addr.Shares(post), 0)
	p.id("delete", map[string]string{"user": "bea", "key": nested["key"].(string)})
	b.hides(t, "/posts/walk/", "Mine leak.")

	// An edit of ours, then a withdrawal.
	b.write("walk.md", strings.NewReplacer(`"tide"`, `"walk"`, "The tide tables", "A walk", "four hours", "three hours").Replace(firstPost))
	b.publish()
	update := p.expect(t, "Update", 1)[0]
	if object, _ := update.JSON["object"].(map[string]any); !strings.Contains(fmt.Sprint(object["content"]), "three hours") || object["updated"] == nil {
		t.Errorf("Fedify read the edited Article as %v", object)
	}
	b.remove("walk.md")
	b.publish()
	if got := objectID(p.expect(t, "Delete", 1)[0]); got != post {
		t.Errorf("Delete is about %q, want %q", got, post)
	}
	eventually(t, "the withdrawn post is gone", func() error { return b.status(post, http.StatusGone) })

	p.id("undo", map[string]string{"user": "ada", "id": follow})
	b.collectionTotal(t, b.addr.Followers(), 1)
}

func objectID(a activity) string {
	switch o := a.JSON["object"].(type) {
	case string:
		return o
	case map[string]any:
		id, _ := o["id"].(string)
		return id
	}
	return ""
}

// expect waits until exactly n activities of a kind came in.
func (p *peer) expect(t *testing.T, kind string, n int) []activity {
	t.Helper()
	var list []activity
	eventually(t, fmt.Sprintf("%d %s at the peer", n, kind), func() error {
		if list = p.received(kind); len(list) != n {
			return fmt.Errorf("got %d; requests: %v", len(list), p.posts())
		}
		return nil
	})
	return list
}

// expectScheme asserts how our accepted deliveries were signed, and that all of them went to the shared inbox but the Accepts.
func (p *peer) expectScheme(t *testing.T, scheme string) {
	t.Helper()
	accepted := 0
	for _, line := range p.posts() {
		if strings.HasSuffix(line, " 202") {
			accepted++
			if !strings.Contains(line, " "+scheme+" ") {
				t.Errorf("accepted delivery %q, want it signed by %s", line, scheme)
			}
		}
	}
	if accepted == 0 {
		t.Error(errors.New("the peer accepted no delivery"))
	}
}
