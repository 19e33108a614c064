package inbox_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// talk is a blog with a post, and a server of others with ada on it.
type talk struct {
	*world
	peer *remotetest.Server
	ada  *remotetest.Account
	post string // id
	list site.PublishedList
}

func newTalk(t *testing.T, change ...func(*site.Config)) *talk {
	t.Helper()
	w := newWorld(t, append(change, func(c *site.Config) { c.Site.URL = "http://blog.example" })...)
	peer := remotetest.New("http://peer.example")
	peer.DialHost = func(hostport string) string {
		if hostport == "blog.example:80" {
			return w.front.Listener.Addr().String()
		}
		return w.away.Listener.Addr().String()
	}
	w.peers.host("peer.example", peer)
	w.peers.host("blog.example", w.inbox)
	a := w.cfg.Addresses()
	k := &talk{world: w, peer: peer, ada: peer.Account("ada", "Ada"), post: a.Post("two"), list: site.PublishedList{Version: 1}}
	w.write(func(tx *store.Tx) error {
		return tx.PutArticle(t.Context(), store.Article{ID: k.post, URL: a.Page("/posts/two/"), Name: "Two", Published: w.clock(), Revision: 1, Announced: true,
			JSON: []byte(`{"id":"` + k.post + `","type":"Article","attributedTo":"` + a.Actor() + `"}`)})
	})
	return k
}

func (k *talk) ok(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// file writes a reply as publish does, or changes it.
func (k *talk) file(key, to, html string) string {
	k.t.Helper()
	a := k.cfg.Addresses()
	id, now := a.Post(key), k.clock().Truncate(time.Second)
	p := site.PublishedPost{ID: id, Article: "ap/posts/" + key + ".json", Name: "reply", Published: now, InReplyTo: to}
	n := slices.IndexFunc(k.list.Posts, func(p site.PublishedPost) bool { return p.ID == id })
	note := activitypub.Article{Context: activitypub.ObjectContext, ID: id, Type: "Note", AttributedTo: a.Actor(), To: []string{public},
		CC: []string{a.Followers()}, InReplyTo: to, Content: html, ContentMap: map[string]string{"en": html}}
	if n >= 0 {
		p.Published, p.Updated = k.list.Posts[n].Published, now
		note.Updated = now.Format(time.RFC3339)
	}
	note.Published = p.Published.Format(time.RFC3339)
	raw, err := activitypub.Marshal(note)
	k.ok(err)
	sum := sha256.Sum256(raw)
	p.SHA256 = hex.EncodeToString(sum[:])
	k.place(p.Article, raw)
	if n >= 0 {
		k.list.Posts[n] = p
	} else {
		k.list.Posts = append(k.list.Posts, p)
	}
	return id
}

func (k *talk) place(name string, data []byte) {
	k.t.Helper()
	at := filepath.Join(k.cfg.Dir, "public", filepath.FromSlash(name))
	k.ok(os.MkdirAll(filepath.Dir(at), 0o755))
	k.ok(os.WriteFile(at, data, 0o644))
}

// publish writes the list and lets the daemon do its round.
func (k *talk) publish() {
	k.t.Helper()
	data, err := json.Marshal(k.list)
	k.ok(err)
	k.place(site.PublishedFile, data)
	_, err = k.outbox.Round(k.t.Context())
	k.ok(err)
}

func (k *talk) received(kind string) []*activitypub.Object {
	var list []*activitypub.Object
	for _, a := range k.peer.Received() {
		if a.Is(kind) {
			list = append(list, a)
		}
	}
	return list
}

func (k *talk) thread() activitypub.Thread {
	k.t.Helper()
	var t activitypub.Thread
	res, err := k.client.Get(k.cfg.Addresses().Thread(k.post))
	k.ok(err)
	defer res.Body.Close()
	k.ok(json.NewDecoder(res.Body).Decode(&t))
	return t
}

// ask makes a request of the API.
func (k *talk) ask(method, path, token, body string) (int, string) {
	k.t.Helper()
	r, err := http.NewRequestWithContext(k.t.Context(), method, "http://blog.example"+path, bytes.NewReader([]byte(body)))
	k.ok(err)
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := k.client.Do(r)
	k.ok(err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	k.ok(err)
	return res.StatusCode, string(answer)
}

// TestOwnerAnswers: ada answers a post, the owner answers her from a file that names the page where her answer is read, she answers
// that; the owner edits and takes back. Ada's server hears of everything, and the page's thread holds it at once.
func TestOwnerAnswers(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	k := newTalk(t)
	hers, err := k.ada.Reply(ctx, k.post, "<p>A question</p>")
	k.ok(err)
	c, _ := k.comment(hers)
	if c.URL == hers || c.URL == "" {
		t.Fatalf("the page of %s is %q: this test is to name it by another address", hers, c.URL)
	}
	id := k.file("r1", c.URL, "<p>Thank you.</p>")
	k.publish()

	created := k.received("Create")
	if len(created) != 1 {
		t.Fatalf("ada's server got %d Creates, want 1", len(created))
	}
	note := created[0].Object[0]
	if !slices.Equal(note.InReplyTo, []string{hers}) || !slices.Contains(note.CC, k.ada.ID()) || !slices.Contains(created[0].CC, k.ada.ID()) {
		t.Errorf("inReplyTo %v, cc %v and %v, want the id of what it answers and its author", note.InReplyTo, note.CC, created[0].CC)
	}
	if n := len(note.Tag); n != 1 || !note.Tag[0].Is("Mention") || note.Tag[0].Href != k.ada.ID() || note.Tag[0].Name != "@ada@peer.example" {
		t.Errorf("tags %+v, want ada mentioned", note.Tag)
	}
	if !strings.HasPrefix(note.Content, `<p><span class="h-card"><a href="http://peer.example/@ada" class="u-url mention">@<span>ada</span></a></span> Thank you.`) {
		t.Errorf("content %s, want the mention first", note.Content)
	}
	if note.Context != k.cfg.Addresses().Context(k.post) {
		t.Errorf("context %q, want the thread's", note.Context)
	}
	thread := k.thread()
	if len(thread.Replies) != 1 || len(thread.Replies[0].Replies) != 1 || !thread.Replies[0].Replies[0].Owner {
		t.Fatalf("thread %+v, want the owner's answer beneath ada's", thread.Replies)
	}
	mine := thread.Replies[0].Replies[0]
	if mine.Content.Text() != "Thank you." || mine.URL != k.cfg.Addresses().Page("/posts/two/")+"#"+mine.Anchor {
		t.Errorf("%q at %s, want the words alone, at their place on the page", mine.Content.Text(), mine.URL)
	}
	if status, body := k.ask("GET", "/ap/posts/r1", "", ""); status != 200 || !strings.Contains(body, `"inReplyTo":"`+hers+`"`) || !strings.Contains(body, "Mention") {
		t.Errorf("its address answers %d %s, want what was told", status, body)
	}
	if _, body := k.ask("GET", "/ap/posts/two/replies?page=1", "", ""); !strings.Contains(body, id) {
		t.Errorf("the post's replies are %s, want the owner's among them", body)
	}

	deeper, err := k.ada.Reply(ctx, id, "<p>Still a question</p>")
	k.ok(err)
	if c, ok := k.comment(deeper); !ok || c.Parent != id || c.Post != k.post {
		t.Errorf("ada's answer stands at %+v, want beneath the owner's", c)
	}

	k.advance(time.Minute)
	k.file("r1", c.URL, "<p>Thank you, Ada.</p>")
	k.publish()
	if u := k.received("Update"); len(u) != 1 || !strings.Contains(u[0].Object[0].Content, "Thank you, Ada.") || !strings.Contains(u[0].Object[0].Content, "u-url mention") {
		t.Errorf("updates %+v, want one with the mention", u)
	}
	if got := k.text(id); got != "Thank you, Ada." {
		t.Errorf("the thread says %q", got)
	}

	k.advance(time.Minute)
	k.list.Posts, k.list.Withdrawn = nil, []site.Withdrawn{{ID: id, At: k.clock()}}
	k.publish()
	if d := k.received("Delete"); len(d) != 1 || d[0].Object[0].ID != id {
		t.Errorf("deletes %+v, want one", d)
	}
	if status, _ := k.ask("GET", "/ap/posts/r1", "", ""); status != http.StatusGone {
		t.Errorf("its address answers %d, want 410", status)
	}
	if c, _ := k.comment(id); c.State != store.Removed || c.Content != nil {
		t.Errorf("the thread holds %+v, want only its place", c)
	}
}

// TestOwnerAnswersByAPI: a token may answer and take back; the daemon alone keeps such a reply, whatever the list says.
func TestOwnerAnswersByAPI(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	k := newTalk(t)
	hers, err := k.ada.Reply(ctx, k.post, "<p>A question</p>")
	k.ok(err)
	for name, scope := range map[string]string{"pub": "publish", "mod": "moderate", "read": "read"} {
		k.write(func(tx *store.Tx) error { return tx.AddToken(ctx, name, scope, name, k.clock()) })
	}
	draft := `{"inReplyTo":"` + hers + `","content":"See <b> https://blog.example/x.\n\nBye","cw":"links"}`
	for _, c := range []struct {
		method, token, body string
		want                int
	}{
		{"POST", "", draft, 401}, {"POST", "read", draft, 403}, {"GET", "mod", "", 405}, {"POST", "mod", `{`, 400},
		{"POST", "mod", `{"inReplyTo":"` + hers + `","content":" "}`, 400},
		{"POST", "mod", `{"inReplyTo":"ada","content":"x"}`, 400},
		{"POST", "mod", `{"inReplyTo":"http://blog.example/posts/none/","content":"x"}`, 422},
	} {
		if got, answer := k.ask(c.method, "/api/v1/replies", c.token, c.body); got != c.want {
			t.Errorf("%s as %q with %s: %d %s, want %d", c.method, c.token, c.body, got, answer, c.want)
		}
	}
	r, err := http.NewRequestWithContext(ctx, "POST", "http://blog.example/api/v1/replies", strings.NewReader(draft))
	k.ok(err)
	r.Header.Set("Content-Type", "text/plain")
	r.Header.Set("Authorization", "Bearer mod")
	res, err := k.client.Do(r)
	k.ok(err)
	res.Body.Close()
	if res.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("as text: %d, want 415", res.StatusCode)
	}
	if n := k.thread().Count; n != 1 {
		t.Fatalf("%d replies after what was refused, want 1", n)
	}
	status, answer := k.ask("POST", "/api/v1/replies", "mod", draft)
	var made struct{ ID string }
	if status != http.StatusCreated || json.Unmarshal([]byte(answer), &made) != nil {
		t.Fatalf("%d %s, want 201 with the id", status, answer)
	}
	if n := k.thread().Count; n != 2 {
		t.Errorf("%d replies in the thread at once, want 2", n)
	}
	k.publish() // an empty list: it neither names the reply nor takes it back
	k.publish()
	created := k.received("Create")
	if len(created) != 1 || created[0].Object[0].ID != made.ID || len(k.received("Delete")) != 0 {
		t.Fatalf("ada's server got %+v, want the reply and nothing else", k.peer.Received())
	}
	note := created[0].Object[0]
	want := `See &lt;b&gt; <a href="https://blog.example/x" rel="noopener">https://blog.example/x</a>.</p><p>Bye</p>`
	if !strings.HasSuffix(note.Content, want) || note.Summary != "links" || !note.Sensitive || !slices.Equal(note.InReplyTo, []string{hers}) {
		t.Errorf("%+v, want %s", note, want)
	}

	key := strings.TrimPrefix(made.ID, k.cfg.Addresses().Post(""))
	if got, _ := k.ask("DELETE", "/api/v1/replies/two", "pub", ""); got != 404 {
		t.Errorf("taking a post back: %d, want 404", got)
	}
	k.file("r2", hers, "<p>From a file</p>")
	k.publish()
	if got, _ := k.ask("DELETE", "/api/v1/replies/r2", "pub", ""); got != 409 {
		t.Errorf("taking a file's reply back: %d, want 409", got)
	}
	if got, _ := k.ask("DELETE", "/api/v1/replies/"+key, "read", ""); got != 403 {
		t.Errorf("without the scope: %d, want 403", got)
	}
	if got, _ := k.ask("DELETE", "/api/v1/replies/"+key, "pub", ""); got != 204 {
		t.Errorf("taking it back: %d, want 204", got)
	}
	k.publish()
	if d := k.received("Delete"); len(d) != 1 || d[0].Object[0].ID != made.ID {
		t.Errorf("deletes %+v, want one", d)
	}
	if _, there := k.comment(made.ID); there {
		t.Error("it still stands in the thread")
	}
}

// TestOwnerAnswersElsewhere: somebody's own post is fetched for who wrote it; what is not public gets no public answer; what cannot be
// found waits, and its server is not asked every minute.
func TestOwnerAnswersElsewhere(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	k := newTalk(t)
	theirs, err := k.ada.Write(ctx, remotetest.Note{HTML: "<p>My own thought</p>"})
	k.ok(err)
	secret, err := k.ada.Write(ctx, remotetest.Note{HTML: "<p>For friends</p>", To: []string{k.ada.ID() + "/followers"}, CC: []string{}})
	k.ok(err)
	k.file("r1", theirs, "<p>I agree.</p>")
	k.publish()
	created := k.received("Create")
	if len(created) != 1 || !slices.Equal(created[0].Object[0].InReplyTo, []string{theirs}) || len(created[0].Object[0].Tag) != 1 {
		t.Fatalf("ada's server got %+v, want the answer", created)
	}
	k.write(func(tx *store.Tx) error { return tx.AddToken(ctx, "mod", "moderate", "mod", k.clock()) })
	// The friends' note is served to anybody here: it is our own rule that is tried, not its server's.
	k.peers.handle("http://open.example/n", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", activitypub.ContentType)
		io.WriteString(w, `{"@context":"https://www.w3.org/ns/activitystreams","id":"http://open.example/n","type":"Note","attributedTo":"http://open.example/u","content":"x","to":["http://open.example/u/followers"]}`)
	})
	k.peers.serve("http://open.example/u", actor("http://open.example/u", nil))
	if got, answer := k.ask("POST", "/api/v1/replies", "mod", `{"inReplyTo":"http://open.example/n","content":"Psst"}`); got != http.StatusForbidden {
		t.Errorf("an answer to what is not public: %d %s, want 403", got, answer)
	}
	const foreign = "http://open.example/foreign"
	k.peers.serve(foreign, m{"@context": "https://www.w3.org/ns/activitystreams", "id": foreign, "type": "Note", "attributedTo": k.ada.ID(), "content": "x", "to": []string{public}})
	if got, answer := k.ask("POST", "/api/v1/replies", "mod", `{"inReplyTo":"`+foreign+`","content":"Hm"}`); got != 422 {
		t.Errorf("an answer to what another server says that ada wrote: %d %s, want 422", got, answer)
	}
	if got, answer := k.ask("POST", "/api/v1/replies", "mod", `{"inReplyTo":"`+secret+`","content":"Psst"}`); got != http.StatusForbidden && got != 422 {
		t.Errorf("an answer to a friends' note: %d %s, want a refusal", got, answer)
	}

	const later = "http://late.example/n"
	k.file("r2", later, "<p>Patience</p>")
	for range 30 {
		k.publish()
		k.advance(time.Minute)
	}
	if n := k.peers.asked(later); n < 2 || n > 6 {
		t.Errorf("its server was asked %d times in half an hour, want ever more rarely", n)
	}
	if status, _ := k.ask("GET", "/ap/posts/r2", "", ""); status != 404 {
		t.Errorf("a reply that is not told yet answers %d, want 404", status)
	}
	k.peers.serve(later, m{"@context": "https://www.w3.org/ns/activitystreams", "id": later, "type": "Note", "attributedTo": "http://late.example/u", "content": "x", "to": []string{public}})
	k.peers.serve("http://late.example/u", actor("http://late.example/u", m{"url": "http://late.example/?a=1&copy=2"}))
	for range 70 {
		k.publish()
		k.advance(time.Minute)
	}
	if status, body := k.ask("GET", "/ap/posts/r2", "", ""); status != 200 || !strings.Contains(body, `"href":"http://late.example/u"`) {
		t.Errorf("at last: %d %s", status, body)
	} else if !strings.Contains(body, "a=1&amp;copy=2") {
		t.Errorf("an address of theirs became markup of ours: %s", body)
	}
}

// TestOwnerAnswersWhatIsHeld: a comment that waits for the owner shows nowhere, so no answer to it may.
func TestOwnerAnswersWhatIsHeld(t *testing.T) {
	t.Parallel()
	k := newTalk(t)
	k.cfg.Comments.Mode = "approve"
	hers, err := k.ada.Reply(t.Context(), k.post, "<p>A question</p>")
	k.ok(err)
	k.write(func(tx *store.Tx) error { return tx.AddToken(t.Context(), "mod", "moderate", "mod", k.clock()) })
	draft := `{"inReplyTo":"` + hers + `","content":"x"}`
	if got, answer := k.ask("POST", "/api/v1/replies", "mod", draft); got != http.StatusForbidden {
		t.Errorf("%d %s, want 403", got, answer)
	}
	k.write(func(tx *store.Tx) error { return tx.SetCommentState(t.Context(), hers, store.Shown) })
	if got, answer := k.ask("POST", "/api/v1/replies", "mod", draft); got != http.StatusCreated {
		t.Errorf("%d %s, want 201", got, answer)
	}
}

// TestOwnerAnswersReachTheThread: who holds the thread gets the owner's answer and its end, though nobody there follows; who is blocked
// gets nothing.
func TestOwnerAnswersReachTheThread(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	k := newTalk(t)
	other := remotetest.New("http://other.example")
	other.DialHost = k.peer.DialHost
	k.peers.host("other.example", other)
	bo := other.Account("bo", "Bo")
	hers, err := k.ada.Reply(ctx, k.post, "<p>A question</p>")
	k.ok(err)
	_, err = bo.Reply(ctx, hers, "<p>I wonder too</p>")
	k.ok(err)
	id := k.file("r1", hers, "<p>Thank you.</p>")
	k.publish()
	k.list.Posts, k.list.Withdrawn = nil, []site.Withdrawn{{ID: id, At: k.clock()}}
	k.publish()
	for name, got := range map[string][]*activitypub.Object{"ada": k.peer.Received(), "bo": other.Received()} {
		got = slices.DeleteFunc(got, func(a *activitypub.Object) bool { return a.Actor.ID != k.cfg.Addresses().Actor() })
		if len(got) != 2 || !got[0].Is("Create") || !got[1].Is("Delete") {
			t.Errorf("%s's server got %+v, want the Create and the Delete", name, got)
		}
	}

	theirs, err := bo.Write(ctx, remotetest.Note{HTML: "<p>My own thought</p>"})
	k.ok(err)
	k.write(func(tx *store.Tx) error { return tx.AddBlock(ctx, store.Block{What: bo.ID(), At: k.clock()}) })
	k.file("r2", theirs, "<p>No</p>")
	k.publish()
	if n := len(other.Received()); n != 2 {
		t.Errorf("%d activities at the server of who is blocked, want no third", n)
	}
}
