package outbox

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// withAuthor gives the blog an author with a key and a follower on a server of its own, beside the blog's follower on "fans".
func withAuthor(t *testing.T, kind string) (w *world, author string, fans, hers *sink) {
	w = newWorld(t)
	w.config.Federation.Type = kind
	w.config.Authors = map[string]site.Author{"ada": {Name: "Ada"}}
	a := w.config.Addresses()
	author = a.Author("ada")
	w.keys[author] = signature.Key{ID: a.KeyOf(author), Private: w.keys[a.Actor()].Private}
	fans = w.sink("fans")
	hers = &sink{}
	w.host("hers", hers)
	f := store.Follower{Actor: w.address("hers", "/users/eve"), Of: author, Inbox: w.address("hers", "/inbox"), Since: noon}
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.PutFollower(ctx, f) })
	return w, author, fans, hers
}

// by puts a post of an author's, as publish would.
func (w *world) by(author, key, text string, change ...func(*activitypub.Article)) {
	w.t.Helper()
	w.put(key, text)
	p := &w.posts[0]
	a := activitypub.Article{Context: activitypub.ObjectContext, ID: p.ID, Type: "Article", AttributedTo: author, To: []string{activitypub.Public},
		CC: []string{w.config.Addresses().FollowersOf(author)}, Name: key, Content: text, URL: p.URL, Published: p.Published.Format(time.RFC3339)}
	if !p.Updated.IsZero() {
		a.Updated = p.Updated.Format(time.RFC3339)
	}
	for _, c := range change {
		c(&a)
	}
	data, err := activitypub.Marshal(a)
	w.must(err)
	p.SHA256, p.Actor = sumOf(data), author
	w.file(p.Article, data)
}

type said struct {
	ID, Type, Actor string
	To, CC          []string
	Object          any
}

func (s *sink) said(t *testing.T) (list []said) {
	t.Helper()
	for _, a := range s.arrivals() {
		var one said
		if err := json.Unmarshal([]byte(a.Body), &one); err != nil {
			t.Fatal(err)
		}
		list = append(list, one)
	}
	return list
}

// TestAuthorsPost: an author's followers get the author's Create; the blog's followers get one Announce, and its Undo with the Delete.
func TestAuthorsPost(t *testing.T) {
	t.Parallel()
	w, ada, fans, hers := withAuthor(t, "Person")
	w.by(ada, "a", "<p>one</p>")
	w.round()
	w.round()
	w.pass(time.Hour)
	w.by(ada, "a", "<p>two</p>")
	w.round()
	w.withdraw("a")
	w.round()
	if got := hers.types(); got != "Create Update Delete" {
		t.Errorf("her follower got %s", got)
	}
	// Delete and Undo are about two things and leave side by side.
	if got := fans.types(); got != "Announce Update Delete Undo" && got != "Announce Update Undo Delete" {
		t.Fatalf("the blog's follower got %s", got)
	}
	for _, one := range hers.said(t) {
		if one.Actor != ada {
			t.Errorf("%s is by %s", one.Type, one.Actor)
		}
	}
	got := fans.said(t)
	a := w.config.Addresses()
	if b := got[0]; b.Actor != a.Actor() || b.Object != w.id("a") || strings.Join(b.To, " ") != activitypub.Public || strings.Join(b.CC, " ") != a.Followers()+" "+ada {
		t.Errorf("the boost is %+v", b)
	}
	undo := got[3]
	if undo.Type != "Undo" {
		undo = got[2]
	}
	if undo.Actor != a.Actor() || undo.Object.(map[string]any)["id"] != got[0].ID {
		t.Errorf("the Undo is %+v of %s", undo, got[0].ID)
	}
	if page, _, err := w.store.OutboxOf(t.Context(), a.Actor(), 0, 9); err != nil || len(page) != 0 {
		t.Errorf("the blog's outbox still lists %v, %v", page, err)
	}
}

// TestBoostOfWhatIsNotPublic: what only an author's followers may see is not passed on, and what is unlisted stays so.
func TestBoostOfWhatIsNotPublic(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"Person", "Group"} {
		w, ada, fans, hers := withAuthor(t, kind)
		w.by(ada, "a", "<p>SECRET</p>", func(d *activitypub.Article) { d.To, d.CC = d.CC, nil })
		w.round()
		w.pass(time.Hour)
		w.by(ada, "a", "<p>SECRET 2</p>", func(d *activitypub.Article) { d.To, d.CC = d.CC, nil })
		w.round()
		if fans.types() != "" || hers.types() != "Create Update" {
			t.Errorf("%s: followers of the blog got %q, hers %q", kind, fans.types(), hers.types())
		}
	}
	w, ada, fans, _ := withAuthor(t, "Person")
	w.by(ada, "b", "<p>quiet</p>", func(d *activitypub.Article) { d.To, d.CC = d.CC, d.To })
	w.round()
	if got := fans.said(t); len(got) != 1 || strings.Join(got[0].To, " ") != w.config.Addresses().Followers() || got[0].CC[0] != activitypub.Public {
		t.Errorf("an unlisted post is passed on as %+v", got)
	}
}

// TestGroupWraps: a Group passes whole activities on, which is what Lemmy reads, in the shape of Lemmy's own.
func TestGroupWraps(t *testing.T) {
	t.Parallel()
	w, ada, fans, hers := withAuthor(t, "Group")
	w.by(ada, "a", "<p>one</p>")
	w.round()
	w.pass(time.Hour)
	w.by(ada, "a", "<p>two</p>")
	w.round()
	w.withdraw("a")
	w.round()
	if got := hers.types(); got != "Create Update Delete" {
		t.Errorf("her follower got %s", got)
	}
	a := w.config.Addresses()
	var inner []string
	for _, one := range fans.said(t) {
		o, whole := one.Object.(map[string]any)
		if one.Type != "Announce" || !whole {
			continue
		}
		inner = append(inner, o["type"].(string))
		if one.Actor != a.Actor() || strings.Join(one.To, " ") != activitypub.Public || strings.Join(one.CC, " ") != a.Followers() {
			t.Errorf("passed on by %s to %v cc %v", one.Actor, one.To, one.CC)
		}
		if o["actor"] != ada || o["id"] == one.ID || o["@context"] != nil || o["object"].(map[string]any)["id"] != w.id("a") {
			t.Errorf("what is passed on is %v", o)
		}
	}
	if got := strings.Join(inner, " "); got != "Create Update Delete" {
		t.Errorf("passed on: %s", got)
	}
}
