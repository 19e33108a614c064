package moderation

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
)

func (o *owner) write(f func(tx *store.Tx) error) {
	o.t.Helper()
	if err := o.store.Write(o.t.Context(), f); err != nil {
		o.t.Fatal(err)
	}
}

func (o *owner) reported(key string, objects ...string) {
	o.t.Helper()
	o.write(func(tx *store.Tx) error {
		return tx.AddReport(o.t.Context(), store.Report{Key: key, Actor: "https://other.example/actor", Who: "other.example", Server: "other.example",
			Text: "line one\n<script>alert(1)</script>", Objects: objects, Dropped: 2, At: o.now})
	})
}

func TestReports(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	const one, two, ada, bo = "https://social.example/1", "https://social.example/2", "https://social.example/ada", "https://social.example/bo"
	o.reply(one, ada, "<p>First reply</p>", store.Shown)
	o.reply(two, bo, "<p>Second reply</p>", store.Shown)
	o.write(func(tx *store.Tx) error {
		return tx.PutArticle(t.Context(), store.Article{ID: o.addr.Post("p"), URL: o.server.URL + "/posts/p/", Name: "High & dry", Published: o.now})
	})
	o.reported("abc", one, ada, o.addr.Post("p"), o.addr.Actor(), "https://gone.example/u")
	if status, body := o.get("/admin/"); status != http.StatusUnauthorized || strings.Contains(body, "line one") {
		t.Fatalf("a stranger: %d\n%s", status, body)
	}
	for _, do := range []string{"close", "hide", "block-person"} {
		if status, _ := o.post("/admin/report", url.Values{"key": {"abc"}, "object": {one}, "do": {do}}); status != http.StatusUnauthorized {
			t.Errorf("%s by a stranger: %d", do, status)
		}
	}
	o.login()
	_, body := o.get("/admin/")
	for _, want := range []string{"other.example</strong> reports", "line one\n&lt;script&gt;", "First reply</p>", "@ada@social.example", "High &amp; dry", "this blog",
		"no longer here", "2 more that are not here", `value="abc"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(body, "<script") {
		t.Error("a report runs script")
	}

	act := func(object, do string, want int) {
		t.Helper()
		if status, body := o.post("/admin/report", url.Values{"key": {"abc"}, "object": {object}, "do": {do}, "state": {"shown"}}); status != want {
			t.Errorf("%s %s: %d, want %d: %s", do, object, status, want, body)
		}
	}
	act(two, "hide", http.StatusBadRequest) // not what the report names
	act(two, "block-person", http.StatusBadRequest)
	act(one, "explode", http.StatusBadRequest)
	act(one, "hide", http.StatusOK)
	if c, err := o.store.Comment(t.Context(), one); err != nil || c.State != store.Hidden {
		t.Errorf("%+v, %v, want it hidden", c, err)
	}
	act(one, "block-person", http.StatusOK)
	if blocked, _ := o.store.Blocked(t.Context(), ada); !blocked {
		t.Error("ada is not blocked")
	}
	if _, err := o.store.Comment(t.Context(), one); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("her comment: %v, want it gone", err)
	}
	if blocked, _ := o.store.Blocked(t.Context(), bo); blocked {
		t.Error("bo is blocked too")
	}
	act("", "close", http.StatusOK)
	if n, err := o.store.OpenReports(t.Context()); n != 0 || err != nil {
		t.Errorf("%d open reports, %v", n, err)
	}
	if _, body := o.get("/admin/"); strings.Contains(body, "line one") {
		t.Error("a closed report is still listed")
	}
	if status, _ := o.post("/admin/report", url.Values{"key": {"none"}, "do": {"close"}}); status != http.StatusNotFound {
		t.Errorf("unknown report: %d", status)
	}
}

// TestBlockTakesAllOfIt: blocking a server removes everybody on it, and blocking a person who has moved blocks both accounts (mutants: only
// the comment's author; only the old account).
func TestBlockTakesAllOfIt(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	const one, two, three, ada, bo, anew = "https://social.example/1", "https://social.example/2", "https://new.example/3", "https://social.example/ada", "https://social.example/bo", "https://new.example/ada"
	o.reply(one, ada, "<p>One</p>", store.Shown)
	o.reply(two, bo, "<p>Two</p>", store.Shown)
	o.reply(three, anew, "<p>Three</p>", store.Shown)
	o.write(func(tx *store.Tx) error {
		if err := tx.PutFollower(t.Context(), store.Follower{Actor: bo, Of: o.addr.Actor(), Inbox: bo + "/inbox", Since: o.now}); err != nil {
			return err
		}
		return tx.PutMove(t.Context(), ada, anew, o.now.Add(-time.Hour))
	})
	o.login()
	if _, body := o.get("/admin/?state=shown"); !strings.Contains(body, "Block @ada@new.example") {
		t.Error("the moved author's new name is not shown")
	}
	o.post("/admin/comment", url.Values{"id": {one}, "do": {"block-person"}})
	for _, id := range []string{ada, anew} {
		if blocked, _ := o.store.Blocked(t.Context(), id); !blocked {
			t.Errorf("%s is not blocked", id)
		}
	}
	for _, id := range []string{one, three} {
		if _, err := o.store.Comment(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v, want it gone", id, err)
		}
	}
	o.reply(one, ada, "<p>One</p>", store.Held)
	o.post("/admin/comment", url.Values{"id": {one}, "do": {"block-server"}})
	if _, err := o.store.Comment(t.Context(), two); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("somebody else's comment of the blocked server: %v, want it gone", err)
	}
	if n, _ := o.store.FollowerCount(t.Context(), o.addr.Actor()); n != 0 {
		t.Errorf("%d followers of the blocked server", n)
	}
}
