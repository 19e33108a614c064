package moderation

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
)

func TestPin(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.login()
	post, id := o.addr.Post("one"), "https://social.example/notes/1"
	err := o.store.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.PutArticle(t.Context(), store.Article{ID: post, URL: o.addr.Home() + "one/", Published: o.now, Announced: true}); err != nil {
			return err
		}
		return tx.PutComment(t.Context(), store.Comment{ID: id, Kind: store.Reply, Post: post, Parent: post, Actor: "https://social.example/users/ada", Published: o.now.Add(time.Hour), Received: o.now, State: store.Shown})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, page := o.get("/admin/?state=shown"); !strings.Contains(page, `value="pin"`) {
		t.Fatalf("nothing to pin\n%s", page)
	}
	if status, page := o.post("/admin/comment", url.Values{"id": {id}, "do": {"pin"}, "state": {"shown"}}); status != 200 || !strings.Contains(page, `value="unpin"`) {
		t.Errorf("pin: %d\n%s", status, page)
	}
	if got, err := o.store.PinnedComment(t.Context(), post); got != id || err != nil {
		t.Errorf("pinned %q, %v", got, err)
	}
	if status, page := o.post("/admin/comment", url.Values{"id": {id}, "do": {"unpin"}, "state": {"shown"}}); status != 200 || !strings.Contains(page, `value="pin"`) {
		t.Errorf("unpin: %d\n%s", status, page)
	}
	if got, err := o.store.PinnedComment(t.Context(), post); got != "" || err != nil {
		t.Errorf("pinned %q, %v", got, err)
	}
}

// TestPictureOfWhatIsHeld: the owner sees the pictures of what does not show, and nobody else.
func TestPictureOfWhatIsHeld(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	if status, body := o.get("/admin/media/abc"); status != 401 || strings.Contains(body, "picture abc") {
		t.Errorf("a stranger: %d %s", status, body)
	}
	o.login()
	if status, body := o.get("/admin/media/abc"); status != 200 || body != "picture abc" {
		t.Errorf("the owner: %d %s", status, body)
	}
	err := o.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.PutComment(t.Context(), store.Comment{ID: "https://social.example/notes/1", Kind: store.Reply, Post: o.addr.Post("one"), Actor: "https://social.example/users/ada",
			Content: []byte(`[["emoji",{"name":":e:","src":"https://social.example/e.png"}]]`), Published: o.now, Received: o.now, State: store.Held})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, page := o.get("/admin/"); !strings.Contains(page, "/admin/media/"+store.MediaHash("https://social.example/e.png")) {
		t.Errorf("the page does not lead to the owner's pictures\n%s", page)
	}
}
