package remotetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a server on loopback.
func serve(t *testing.T) *Server {
	t.Helper()
	var s *Server
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(w, r) }))
	s = New(h.URL)
	t.Cleanup(func() { s.Close(); h.Close() })
	return s
}

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// has tells whether an activity of a type about an object id was received.
func has(kind, object string) func([]*activitypub.Object) bool {
	return func(received []*activitypub.Object) bool {
		return slices.ContainsFunc(received, func(o *activitypub.Object) bool {
			return o.Is(kind) && len(o.Object) == 1 && o.Object[0].ID == object
		})
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestConversation(t *testing.T) {
	t.Parallel()
	for _, scheme := range []signature.Scheme{signature.DraftCavage, signature.RFC9421} {
		here, there := serve(t), serve(t)
		ctx := deadline(t)
		ada, blog := here.Account("ada", "Ada"), there.Account("blog", "A blog")
		ada.Scheme = scheme
		if err := ada.Follow(ctx, "@"+blog.Handle()); err != nil {
			t.Fatal(err)
		}
		if got := blog.Followers(); !slices.Equal(got, []string{ada.ID()}) {
			t.Errorf("followers of the blog: %q", got)
		}
		post := must(blog.Write(ctx, Note{HTML: "<p>First</p>"}))(t)
		if got := here.Timeline(); len(got) != 1 || got[0].Content != "<p>First</p>" {
			t.Errorf("timeline: %+v", got)
		}
		reply := must(ada.Reply(ctx, post, "<p>Hello</p>"))(t)
		like := must(ada.Like(ctx, post))(t)
		boost := must(ada.Boost(ctx, post))(t)
		react := must(ada.React(ctx, post, ":blobcat:"))(t)
		for _, check := range []struct{ kind, object string }{{"Create", reply}, {"Like", post}, {"Announce", post}, {"EmojiReact", post}} {
			if !has(check.kind, check.object)(there.Received()) {
				t.Errorf("no %s of %s arrived", check.kind, check.object)
			}
		}
		for _, err := range []error{ada.Edit(ctx, reply, "<p>Hello again</p>"), ada.Delete(ctx, reply), ada.Undo(ctx, like),
			ada.Undo(ctx, boost), ada.Undo(ctx, react), ada.Unfollow(ctx)} {
			if err != nil {
				t.Error(err)
			}
		}
		for _, check := range []struct{ kind, object string }{{"Update", reply}, {"Delete", reply}, {"Undo", like}, {"Undo", boost}, {"Undo", react}} {
			if !has(check.kind, check.object)(there.Received()) {
				t.Errorf("no %s of %s arrived", check.kind, check.object)
			}
		}
		if got := blog.Followers(); len(got) != 0 {
			t.Errorf("followers after Undo: %q", got)
		}
	}
}

func TestReplyReachesWhoWasMentioned(t *testing.T) {
	t.Parallel()
	a, b, c := serve(t), serve(t), serve(t)
	ctx := deadline(t)
	ada, bjork, blog := a.Account("ada", "Ada"), b.Account("bjork", "Björk"), c.Account("blog", "A blog")
	post := must(blog.Write(ctx, Note{HTML: "<p>Post</p>"}))(t)
	first := must(bjork.Reply(ctx, post, "<p>First</p>"))(t)
	second := must(ada.Reply(ctx, first, "<p>Second</p>"))(t)
	if !has("Create", second)(c.Received()) || !has("Create", second)(b.Received()) {
		t.Error("the reply to the reply did not reach both")
	}
	o := must(ada.get(ctx, second))(t)
	if len(o.InReplyTo) != 1 || o.InReplyTo[0] != first {
		t.Errorf("inReplyTo of the second: %q, want %q", o.InReplyTo, first)
	}
}

func TestTimelineKeepsWhatItsAuthorSays(t *testing.T) {
	t.Parallel()
	here, there := serve(t), serve(t)
	ctx := deadline(t)
	ada, blog, mallory := here.Account("ada", "Ada"), there.Account("blog", "A blog"), there.Account("mallory", "M")
	if err := ada.Follow(ctx, blog.Handle()); err != nil {
		t.Fatal(err)
	}
	post := must(blog.Write(ctx, Note{HTML: "<p>First</p>"}))(t)
	forged := mallory.activity("Delete", mallory.ID()+"#x", map[string]any{"id": post, "type": "Tombstone"})
	if status, _, err := mallory.Post(ctx, here.origin+"/inbox", forged); err != nil || status != http.StatusAccepted {
		t.Fatalf("forged Delete: %d %v", status, err)
	}
	if got := here.Timeline(); len(got) != 1 {
		t.Fatalf("after another's Delete: %+v", got)
	}
	if err := blog.Edit(ctx, post, "<p>Second</p>"); err != nil {
		t.Fatal(err)
	}
	if got := here.Timeline(); len(got) != 1 || got[0].Content != "<p>Second</p>" || got[0].Edits != 1 {
		t.Errorf("after Edit: %+v", got)
	}
	if err := blog.Delete(ctx, post); err != nil {
		t.Fatal(err)
	}
	if got := here.Timeline(); len(got) != 0 {
		t.Errorf("after Delete: %+v", got)
	}
	resp := must(here.client.Get(post))(t)
	resp.Body.Close()
	if resp.StatusCode != http.StatusGone {
		t.Errorf("a deleted note answers %s", resp.Status)
	}
}

func TestInboxRefuses(t *testing.T) {
	t.Parallel()
	s, other := serve(t), serve(t)
	ctx := deadline(t)
	ada, mallory := s.Account("ada", "Ada"), other.Account("mallory", "Mallory")
	like := func(by *Account) map[string]any { return by.activity("Like", by.ID()+"#1", ada.ID()) }
	unsigned, err := s.client.Post(s.origin+"/inbox", activitypub.ContentType, strings.NewReader(`{"id":"https://x.example/1","type":"Like","actor":"https://x.example/a","object":"https://x.example/o"}`))
	if err != nil {
		t.Fatal(err)
	}
	unsigned.Body.Close()
	if unsigned.StatusCode != http.StatusUnauthorized {
		t.Errorf("unsigned: %s", unsigned.Status)
	}
	if status, _, err := mallory.Post(ctx, s.origin+"/inbox", like(ada)); err != nil || status != http.StatusUnauthorized {
		t.Errorf("signed by another: %d %v", status, err)
	}
	if got := s.Received(); len(got) != 0 {
		t.Errorf("received %d refused activities", len(got))
	}
	if status, body, err := mallory.Post(ctx, s.origin+"/inbox", like(mallory)); err != nil || status != http.StatusAccepted {
		t.Errorf("honest twin: %d %s %v", status, body, err)
	}
	s.Accept(signature.RFC9421)
	if status, _, err := mallory.Post(ctx, s.origin+"/inbox", like(mallory)); err != nil || status != http.StatusUnauthorized {
		t.Errorf("draft-cavage where only RFC 9421 is understood: %d %v", status, err)
	}
}

func TestFailOnDemand(t *testing.T) {
	t.Parallel()
	s, other := serve(t), serve(t)
	ctx := deadline(t)
	s.Account("ada", "Ada")
	bob := other.Account("bob", "Bob")
	s.Fail(http.StatusServiceUnavailable, 90*time.Second)
	if status, _, err := bob.Post(ctx, s.origin+"/inbox", `{}`); err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("failing: %d %v", status, err)
	}
	resp := must(s.client.Post(s.origin+"/inbox", activitypub.ContentType, nil))(t)
	resp.Body.Close()
	if got := resp.Header.Get("Retry-After"); got != "90" {
		t.Errorf("Retry-After %q", got)
	}
	s.Fail(0, 0)
	if status, _, err := bob.Post(ctx, s.origin+"/inbox", bob.activity("Like", bob.ID()+"#1", bob.ID())); err != nil || status != http.StatusAccepted {
		t.Errorf("working again: %d %v", status, err)
	}
}

func TestSecureServerWantsSignedFetches(t *testing.T) {
	t.Parallel()
	s, other := serve(t), serve(t)
	ctx := deadline(t)
	ada, bob := s.Account("ada", "Ada"), other.Account("bob", "Bob")
	s.Secure(true)
	if _, err := other.fetch(ctx, nil, ada.ID(), activitypub.AcceptType); err == nil {
		t.Error("an unsigned fetch was answered")
	}
	if _, err := bob.get(ctx, ada.ID()); err != nil {
		t.Error(err)
	}
}

func TestNoteShapes(t *testing.T) {
	t.Parallel()
	s := serve(t)
	ctx := deadline(t)
	ada := s.Account("ada", "Ada")
	id := must(ada.Write(ctx, Note{HTML: "<p>x</p>", Summary: "Spoiler", Language: "de", To: []string{ada.ID()}, CC: []string{}}))(t)
	o := must(ada.get(ctx, id))(t)
	if o.Summary != "Spoiler" || !o.Sensitive || o.Language != "de" || o.IsPublic() || !slices.Equal(o.To, []string{ada.ID()}) {
		t.Errorf("note: %+v", o)
	}
	doc := must(ada.get(ctx, ada.ID()))(t)
	if doc.SharedInbox != s.origin+"/inbox" || len(doc.PublicKey) != 1 || len(doc.Icon) != 1 {
		t.Errorf("actor: %+v", doc)
	}
	picture := must(s.fetch(ctx, nil, ada.ID()+"/avatar.png", "image/png"))(t)
	if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
		t.Error(err)
	}
}

func TestPersonWritesInTheBrowser(t *testing.T) {
	t.Parallel()
	here, there := serve(t), serve(t)
	ctx := deadline(t)
	here.Account("ada", "Ada <b>")
	ada, blog := here.accounts[0], there.Account("blog", "A blog")
	if err := ada.Follow(ctx, blog.Handle()); err != nil {
		t.Fatal(err)
	}
	post := must(blog.Write(ctx, Note{HTML: `<p>Post<script>alert(1)</script></p>`}))(t)
	page := browse(t, here, "/")
	if !strings.Contains(page, "Ada &lt;b&gt;") || !strings.Contains(page, "Post") || strings.Contains(page, "<script") {
		t.Errorf("home page:\n%s", page)
	}
	submit(t, here, url.Values{"as": {"ada"}, "do": {"reply"}, "object": {post}, "text": {"Good <i>post</i>\n\nReally"}})
	var reply *activitypub.Object
	for _, o := range there.Received() {
		if o.Is("Create") {
			reply = o.Object[0]
		}
	}
	if reply == nil || !strings.Contains(reply.Content, "<p>Good &lt;i&gt;post&lt;/i&gt;</p><p>Really</p>") {
		t.Fatalf("reply: %+v", reply)
	}
	if page := browse(t, here, reply.ID); !strings.Contains(page, "Good &lt;i&gt;post") {
		t.Errorf("page of the reply:\n%s", page)
	}
	submit(t, here, url.Values{"as": {"ada"}, "do": {"edit"}, "object": {reply.ID}, "text": {"Better"}})
	submit(t, here, url.Values{"as": {"ada"}, "do": {"delete"}, "object": {reply.ID}})
	if !has("Update", reply.ID)(there.Received()) || !has("Delete", reply.ID)(there.Received()) {
		t.Error("edit and delete did not arrive")
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.Account("ada", "Ada")
	r := must(http.NewRequest(http.MethodPost, s.origin+"/act", strings.NewReader("as=ada&do=unfollow")))(t)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	resp := must(s.client.Do(r))(t)
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("cross-site form: %s", resp.Status)
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	s := serve(t)
	ctx := deadline(t)
	ada := s.Account("ada", "Ada")
	finger := func(resource string) error {
		body, err := s.fetch(ctx, nil, s.origin+"/.well-known/webfinger?resource="+url.QueryEscape(resource), "application/jrd+json")
		if err == nil && !strings.Contains(string(body), `"subject":"acct:`+ada.Handle()+`"`) {
			t.Errorf("WebFinger of %s: %s", resource, body)
		}
		return err
	}
	for _, resource := range []string{"acct:" + ada.Handle(), "acct:ADA@" + s.host, ada.ID(), ada.URL()} {
		if err := finger(resource); err != nil {
			t.Error(err)
		}
	}
	for _, resource := range []string{"", "acct:bob@" + s.host, "acct:ada@other.example", s.origin + "/users/bob"} {
		if finger(resource) == nil {
			t.Errorf("WebFinger knows %q", resource)
		}
	}
	links := must(s.fetch(ctx, nil, s.origin+"/.well-known/nodeinfo", "*/*"))(t)
	info := must(s.fetch(ctx, nil, s.origin+"/nodeinfo/2.0", "*/*"))(t)
	if !strings.Contains(string(links), s.origin+"/nodeinfo/2.0") || !strings.Contains(string(info), `"activitypub"`) {
		t.Errorf("NodeInfo: %s %s", links, info)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Wait(ctx, func([]*activitypub.Object) bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestRepliesAreACollection(t *testing.T) {
	t.Parallel()
	s := serve(t)
	ctx := deadline(t)
	ada, bob := s.Account("ada", "Ada"), s.Account("bob", "Bob")
	post := must(ada.Write(ctx, Note{HTML: "<p>1</p>"}))(t)
	kept, deleted := must(bob.Reply(ctx, post, "<p>2</p>"))(t), must(bob.Reply(ctx, post, "<p>3</p>"))(t)
	if err := bob.Delete(ctx, deleted); err != nil {
		t.Fatal(err)
	}
	o := must(ada.get(ctx, post))(t)
	page := must(ada.get(ctx, o.Replies.First.Next))(t)
	if got := activitypub.IDs(page.Items); !slices.Equal(got, []string{kept}) {
		t.Errorf("replies %q, want %q", got, kept)
	}
}

func TestContentWarningAndEmoji(t *testing.T) {
	t.Parallel()
	here, there := serve(t), serve(t)
	ctx := deadline(t)
	ada, blog := here.Account("ada", "Ada"), there.Account("blog", "A blog")
	post := must(blog.Write(ctx, Note{HTML: "<p>Post</p>"}))(t)
	must(ada.ReplyWith(ctx, post, Note{HTML: "<p>:blobcat:</p>", Summary: "Cats", Tag: []any{here.Emoji(":blobcat:")}, Mention: true}))(t)
	reply := there.Received()[0].Object[0]
	var emoji, mention *activitypub.Object
	for _, tag := range reply.Tag {
		switch tag.Type {
		case "Emoji":
			emoji = tag
		case "Mention":
			mention = tag
		}
	}
	if reply.Summary != "Cats" || !reply.Sensitive || emoji == nil || mention == nil || mention.Href != blog.ID() || !strings.Contains(reply.Content, "u-url mention") {
		t.Fatalf("reply: %s", reply.Raw)
	}
	picture := must(here.fetch(ctx, nil, emoji.Icon[0].URL[0].Href, "image/png"))(t)
	if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
		t.Error(err)
	}
}

// A blog's page leads to what it is the page of, as pasting its address into a search field does.
func TestPageLeadsToItsObject(t *testing.T) {
	t.Parallel()
	here, there := serve(t), serve(t)
	ctx := deadline(t)
	ada, blog := here.Account("ada", "Ada"), there.Account("blog", "A blog")
	post := must(blog.Write(ctx, Note{HTML: "<p>Post</p>"}))(t)
	twin := map[string]string{"/posts/1/": post, "/": blog.ID()}
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<!doctype html><link rel="alternate" type="application/activity+json" href="%s">`, twin[r.URL.Path])
	}))
	defer pages.Close()
	must(ada.Like(ctx, pages.URL+"/posts/1/"))(t)
	if !has("Like", post)(there.Received()) {
		t.Errorf("the Like is of something else: %+v", there.Received())
	}
	if err := ada.Follow(ctx, pages.URL+"/"); err != nil || !slices.Equal(ada.Following(), []string{blog.ID()}) {
		t.Errorf("following %q, %v", ada.Following(), err)
	}
}

// browse gets a page as a browser does and follows redirects.
func browse(t *testing.T, s *Server, path string) string {
	t.Helper()
	if strings.HasPrefix(path, "/") {
		path = s.origin + path
	}
	r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))(t)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	resp := must(s.client.Do(r))(t)
	defer resp.Body.Close()
	body := must(io.ReadAll(resp.Body))(t)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s\n%s", path, resp.Status, body)
	}
	return string(body)
}

func submit(t *testing.T, s *Server, form url.Values) {
	t.Helper()
	resp := must(s.client.PostForm(s.origin+"/act", form))(t)
	defer resp.Body.Close()
	body := must(io.ReadAll(resp.Body))(t)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%v: %s\n%s", form, resp.Status, body)
	}
}
