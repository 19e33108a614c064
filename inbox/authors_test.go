package inbox_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/inbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

const ada = blog + "/ap/authors/ada"

func withAda(c *site.Config) { c.Authors = map[string]site.Author{"ada": {Name: "Ada"}} }

func (w *world) following(of string) int {
	w.t.Helper()
	n, err := w.store.FollowerCount(w.t.Context(), of)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestFollowAuthor: who follows an author follows the author and not the blog; the author accepts.
func TestFollowAuthor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withAda)
	follow := activity("Follow", aliceID+"/1", aliceID, ada, nil)
	w.send(follow)
	if w.following(ada) != 1 || w.following(us) != 0 {
		t.Fatalf("%d follow the author, %d the blog", w.following(ada), w.following(us))
	}
	out, err := w.store.Deliveries(t.Context(), aliceID+"/1")
	if err != nil || len(out) != 1 || out[0].Type != "Accept" || out[0].Actor != ada {
		t.Fatalf("deliveries %+v, %v", out, err)
	}
	w.send(activity("Follow", aliceID+"/2", aliceID, us, nil))
	w.send(activity("Undo", aliceID+"/3", aliceID, follow, nil))
	if w.following(ada) != 0 || w.following(us) != 1 {
		t.Errorf("after the Undo %d follow the author, %d the blog", w.following(ada), w.following(us))
	}
	w.send(activity("Follow", aliceID+"/4", aliceID, ada, nil))
	w.send(activity("Undo", aliceID+"/5", aliceID, aliceID+"/4", nil))
	if w.following(ada) != 0 || w.following(us) != 1 {
		t.Errorf("after the Undo by id %d follow the author, %d the blog", w.following(ada), w.following(us))
	}
	w.send(activity("Follow", aliceID+"/6", aliceID, ada, nil))
	w.send(activity("Block", aliceID+"/7", aliceID, ada, nil))
	if w.following(ada) != 0 || w.following(us) != 1 {
		t.Errorf("after the Block %d follow the author, %d the blog", w.following(ada), w.following(us))
	}
	if shut, err := w.store.BlockedByInboxes(t.Context()); err != nil || len(shut) != 0 {
		t.Errorf("nothing goes to %v any more, who still follows the blog: %v", shut, err)
	}
	w.sendAs(aliceID, activity("Follow", aliceID+"/8", aliceID, blog+"/ap/authors/eve", nil), 404)
}

func (w *world) introduce() {
	w.t.Helper()
	if err := w.inbox.Introduce(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// restart is the daemon started anew with other settings.
func (w *world) restart(change func(*site.Config)) {
	w.t.Helper()
	change(w.cfg)
	w.listen(func(*remote.Options) {})
}

// TestProfileIsTold: followers are told once of a changed profile, nobody at the first start, and nobody where nothing changed.
func TestProfileIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withAda)
	w.send(activity("Follow", aliceID+"/1", aliceID, us, nil))
	w.send(activity("Follow", bobID+"/1", bobID, ada, nil))
	w.introduce() // also of a blog that had followers before this was kept
	updates := func(of string) (list []store.Delivery) {
		all, err := w.store.Deliveries(t.Context(), of)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			if d.Type == "Update" {
				list = append(list, d)
			}
		}
		return list
	}
	w.restart(func(*site.Config) {})
	w.introduce()
	w.introduce()
	if got := append(updates(us), updates(ada)...); len(got) != 0 {
		t.Fatalf("told though nothing changed: %+v", got)
	}
	w.restart(func(c *site.Config) { c.Federation.Summary = "Anew" })
	w.introduce()
	w.introduce()
	got := updates(us)
	if len(got) != 1 || got[0].Actor != us || !strings.HasPrefix(got[0].Inbox, aliceID) || len(updates(ada)) != 0 {
		t.Fatalf("told %+v of the blog and %+v of the author", got, updates(ada))
	}
	row, err := w.store.Activity(t.Context(), got[0].Activity)
	if err != nil {
		t.Fatal(err)
	}
	var update struct {
		Actor  string
		To     []string
		Object activitypub.Actor
	}
	if err := json.Unmarshal(row.JSON, &update); err != nil || update.Object.ID != us || update.Object.Summary != "<p>Anew</p>" || update.To[0] != public {
		t.Errorf("the Update is %s, %v", row.JSON, err)
	}
}

// TestHandlesAreForEver: a handle that was given up still leads to its actor, and no other actor gets it.
func TestHandlesAreForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withAda)
	w.introduce()
	w.restart(func(c *site.Config) { c.Federation.Handle = "anew" })
	w.introduce()
	for _, handle := range []string{"anew", "blog", "BLOG"} {
		res := w.get("/.well-known/webfinger?resource=acct:" + handle + "@blog.example")
		var r site.Resource
		if err := json.NewDecoder(res.Body).Decode(&r); err != nil || r.Subject != "acct:anew@blog.example" || r.Aliases[0] != us {
			t.Errorf("%s is %+v, %v", handle, r, err)
		}
	}
	w.restart(func(c *site.Config) { c.Authors["ada"] = site.Author{Handle: "Blog"} })
	if err := w.inbox.Introduce(t.Context()); !errors.Is(err, inbox.ErrHandleTaken) {
		t.Errorf("an author takes the blog's former handle: %v", err)
	}
}
