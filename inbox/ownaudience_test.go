package inbox_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// beside puts up one more server with one account.
func (k *talk) beside(host, user string) (*remotetest.Server, *remotetest.Account) {
	s := remotetest.New("http://" + host)
	s.DialHost = k.peer.DialHost
	k.peers.host(host, s)
	return s, s.Account(user, user)
}

func (k *talk) token() {
	k.t.Helper()
	k.write(func(tx *store.Tx) error { return tx.AddToken(k.t.Context(), "mod", "moderate", "mod", k.clock()) })
}

// TestOwnerNamesOthers: whom an answer names gets it, linked and as a Mention; whom nobody finds stays text; who is blocked gets nothing.
func TestOwnerNamesOthers(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	k := newTalk(t)
	k.token()
	other, bo := k.beside("other.example", "bo")
	third, cy := k.beside("third.example", "cy")
	k.write(func(tx *store.Tx) error { return tx.AddBlock(ctx, store.Block{What: cy.ID(), At: k.clock()}) })
	hers, err := k.ada.Reply(ctx, k.post, "<p>A question</p>")
	k.ok(err)
	text := `@ada@peer.example <b> ask @Bo@other.example, @cy@third.example @nobody@other.example @blog@blog.example or https://other.example/@bo@other.example`
	status, answer := k.ask("POST", "/api/v1/replies", "mod", `{"inReplyTo":"`+hers+`","content":"`+text+`"}`)
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, answer)
	}
	k.publish()
	created := slices.DeleteFunc(other.Received(), func(a *activitypub.Object) bool { return !a.Is("Create") })
	if len(created) != 1 {
		t.Fatalf("the server of who is named got %+v, want the answer", other.Received())
	}
	note := created[0].Object[0]
	var tags []string
	for _, tag := range note.Tag {
		tags = append(tags, tag.Name+" "+tag.Href)
	}
	want := []string{"@ada@peer.example " + k.ada.ID(), "@bo@other.example " + bo.ID(), "@cy@third.example " + cy.ID(), "@blog@blog.example " + k.cfg.Addresses().Actor()}
	if !slices.Equal(tags, want) {
		t.Errorf("tags %q, want %q", tags, want)
	}
	for _, id := range []string{k.ada.ID(), bo.ID()} {
		if !slices.Contains(note.CC, id) {
			t.Errorf("cc %v, want %s", note.CC, id)
		}
	}
	if !strings.HasPrefix(note.Content, `<p><a href="http://peer.example/@ada" class="u-url mention">@ada@peer.example</a> &lt;b&gt; ask <a href="http://other.example/@bo" class="u-url mention">@Bo@other.example</a>, `) ||
		!strings.Contains(note.Content, " @nobody@other.example ") || !strings.Contains(note.Content, `>https://other.example/@bo@other.example</a>`) {
		t.Errorf("content %s", note.Content)
	}
	if got := third.Received(); len(got) != 0 {
		t.Errorf("who is blocked got %+v", got)
	}
}

// TestOwnerKeepsAudience: the answer to what is unlisted is unlisted, from a file and through the API, here and elsewhere; whatever the
// owner's followers alone may see is answered by nobody in public.
func TestOwnerKeepsAudience(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	k := newTalk(t)
	k.token()
	a := k.cfg.Addresses()
	quiet := remotetest.Note{HTML: "<p>Quietly</p>", To: []string{k.ada.ID() + "/followers"}, CC: []string{public, a.Actor()}}
	here, err := k.ada.ReplyWith(ctx, k.post, quiet)
	k.ok(err)
	there, err := k.ada.Write(ctx, quiet)
	k.ok(err)
	loud, err := k.ada.Reply(ctx, k.post, "<p>For all</p>")
	k.ok(err)
	const unlistedPost, friendsPost = "http://blog.example/ap/posts/quiet", "http://blog.example/ap/posts/friends"
	k.write(func(tx *store.Tx) error {
		for id, to := range map[string]string{unlistedPost: `"to":["` + a.Followers() + `"],"cc":["` + public + `"]`, friendsPost: `"to":["` + a.Followers() + `"]`} {
			doc := `{"id":"` + id + `","type":"Article","attributedTo":"` + a.Actor() + `",` + to + `}`
			if err := tx.PutArticle(ctx, store.Article{ID: id, URL: id + "/page", Published: k.clock(), Revision: 1, Announced: true, JSON: []byte(doc)}); err != nil {
				return err
			}
		}
		return nil
	})
	for n, c := range []struct {
		to   string
		want int
		top  string // the only one in to
	}{
		{here, 201, a.Followers()}, {there, 201, a.Followers()}, {loud, 201, public}, {unlistedPost, 201, a.Followers()}, {friendsPost, 403, ""},
	} {
		status, answer := k.ask("POST", "/api/v1/replies", "mod", `{"inReplyTo":"`+c.to+`","content":"x"}`)
		if status != c.want {
			t.Errorf("%d: %s: %d %s, want %d", n, c.to, status, answer, c.want)
		}
		if status != http.StatusCreated {
			continue
		}
		_, id, _ := strings.Cut(answer, `"id":"`)
		id, _, _ = strings.Cut(id, `"`)
		row, err := k.store.Article(ctx, id)
		k.ok(err)
		o, err := activitypub.Read(row.JSON)
		k.ok(err)
		if !slices.Equal(o.To, []string{c.top}) || !o.IsPublic() {
			t.Errorf("%d: to %v, cc %v, want %s alone in to, and public", n, o.To, o.CC, c.top)
		}
	}
	id := k.file("r1", here, "<p>From a file</p>")
	k.publish()
	row, err := k.store.Article(ctx, id)
	k.ok(err)
	if o, err := activitypub.Read(row.JSON); err != nil || o.Listed() || !o.IsPublic() {
		t.Errorf("from a file: %s, %v", row.JSON, err)
	}
	deeper := k.file("r2", id, "<p>And more</p>") // of the own answer, which is unlisted
	k.publish()
	row, err = k.store.Article(ctx, deeper)
	k.ok(err)
	if o, err := activitypub.Read(row.JSON); err != nil || o.Listed() || !o.IsPublic() {
		t.Errorf("beneath an own one: %s, %v", row.JSON, err)
	}
}

// TestOwnerUndoesAnAnswer: an answer that is recalled before anybody has it leaves its thread at once, also where somebody answered it
// there already, and stands in it again when it is told anew.
func TestOwnerUndoesAnAnswer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	k := newTalk(t)
	k.cfg.Federation.Hold = "3m"
	hers, err := k.ada.Reply(ctx, k.post, "<p>A question</p>")
	k.ok(err)
	id := k.file("r1", hers, "<p>Oops.</p>")
	k.publish()
	if n := k.thread().Count; n != 2 {
		t.Fatalf("%d replies, want hers and the answer", n)
	}
	if _, err := k.outbox.Undo(ctx, true); err != nil || k.thread().Count != 2 {
		t.Errorf("a dry run: %v, %d replies", err, k.thread().Count)
	}
	list, err := k.outbox.Undo(ctx, false)
	k.ok(err)
	if len(list) != 1 || list[0].ID != id || list[0].Had || k.thread().Count != 1 {
		t.Errorf("undone %+v, %d replies left, want hers", list, k.thread().Count)
	}
	k.publish()
	if n := k.thread().Count; n != 1 {
		t.Errorf("%d replies after the next round, want hers alone", n)
	}
	k.advance(time.Minute)
	k.file("r1", hers, "<p>Thank you.</p>")
	k.publish()
	if got := k.text(id); got != "Thank you." {
		t.Errorf("told anew the thread says %q", got)
	}
	k.write(func(tx *store.Tx) error { // she saw it on the page
		return tx.PutComment(ctx, store.Comment{ID: "http://peer.example/n/2", Kind: store.Reply, Post: k.post, Parent: id, Actor: k.ada.ID(), State: store.Shown, Published: k.clock(), Received: k.clock(), Content: []byte(`[]`)})
	})
	_, err = k.outbox.Undo(ctx, false)
	k.ok(err)
	if got := k.text(id); got != "" {
		t.Errorf("after the second undo the thread says %q", got)
	}
	k.advance(time.Minute)
	k.file("r1", hers, "<p>At last.</p>")
	k.publish()
	if got := k.text(id); got != "At last." {
		t.Errorf("told a third time the thread says %q", got)
	}
	k.advance(3 * time.Minute)
	k.publish()
	if c := k.received("Create"); len(c) != 1 || !strings.Contains(c[0].Object[0].Content, "At last.") {
		t.Errorf("her server got %+v, want the last alone", c)
	}
}

// TestAuthorAnswers: an author's answer is the author's alone. The blog boosts no answers; a Group passes on those in its own threads and
// no others, addressed to itself as Lemmy wants it.
func TestAuthorAnswers(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, kind := range []string{"Person", "Group"} {
		k := newTalk(t, func(c *site.Config) {
			c.Federation.Type, c.Authors = kind, map[string]site.Author{"eve": {Name: "Eve"}}
		})
		a := k.cfg.Addresses()
		fans, fan := k.beside("fans.example", "fan")
		k.write(func(tx *store.Tx) error {
			return tx.PutFollower(ctx, store.Follower{Actor: fan.ID(), Of: a.Actor(), Inbox: fan.ID() + "/inbox", Since: k.clock()})
		})
		hers, err := k.ada.Reply(ctx, k.post, "<p>A question</p>")
		k.ok(err)
		elsewhere, err := k.ada.Write(ctx, remotetest.Note{HTML: "<p>My own thought</p>"})
		k.ok(err)
		k.token()
		for _, to := range []string{hers, elsewhere} {
			if status, answer := k.ask("POST", "/api/v1/replies", "mod", `{"inReplyTo":"`+to+`","content":"x","author":"eve"}`); status != http.StatusCreated {
				t.Fatalf("%d %s", status, answer)
			}
		}
		k.publish()
		if list := k.thread().Replies; len(list) != 1 || len(list[0].Replies) != 1 || list[0].Replies[0].By.Handle != "@eve@blog.example" || !list[0].Replies[0].Owner {
			t.Errorf("%s: the thread is %+v, want Eve's answer under her own handle", kind, list)
		}
		var got []string
		for _, act := range fans.Received() {
			if !act.Is("Announce") {
				continue
			}
			o := act.Object[0]
			if o.Is("Create") && o.Actor.ID == k.ada.ID() {
				continue // her own words, passed on when they came
			}
			if !o.Is("Create") {
				t.Errorf("%s: the blog boosts %s", kind, o.ID)
				continue
			}
			if inner := o.Object[0]; slices.Contains(inner.InReplyTo, hers) && slices.Contains(inner.To, a.Actor()) && inner.AttributedTo[0].ID == a.Author("eve") {
				got = append(got, "hers")
			} else if !slices.Contains(inner.InReplyTo, hers) {
				got = append(got, strings.Join(inner.InReplyTo, " "))
			}
		}
		want := map[string]string{"Person": "", "Group": "hers"}[kind]
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s passes on %q, want %q", kind, s, want)
		}
		if n := len(k.received("Create")); n != 2 {
			t.Errorf("%s: her server got %d Creates, want 2", kind, n)
		}
	}
}
