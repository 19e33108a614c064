package interop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

const shared = "/inbox"

// steps is the matrix's other side: what is proven with each row, in this order.
var steps = []step{
	{"get", "WebFinger", "", webFinger},
	{"get", "actor", "", actorFetched},
	{"in", "Follow", "", follow},
	{"out", "Accept{Follow}", "", func(s *stage) {
		s.hears("Accept", 2)
		for _, a := range s.p.received("Accept") {
			if id := objectID(a); id != s.ids["follow"] && id != s.ids["follow of bea"] {
				s.t.Errorf("Accept of %q", id)
			}
		}
	}},
	{"give", "actor (authorized fetch)", "", func(s *stage) { s.gave("/users/ada") }},
	{"out", "Create{Article}", "", createArticle},
	{"get", "Article", "", func(s *stage) {
		if found := s.p.do("lookup", map[string]string{"what": s.walk()}); found["type"] != "Article" {
			s.t.Errorf("Fedify sees the post as %v", found["type"])
		}
	}},
	{"out", "Create{Note}", "", createNote},
	{"in", "Create{Note}", "", func(s *stage) {
		s.says("reply", "reply", map[string]string{"user": "ada", "object": s.walk(), "content": "<p>Bring <b>boots</b>.</p>"})
		s.shows("Bring <b>boots</b>.", "Ada of Fedify", "@ada@127.0.0.1")
	}},
	{"in", "Create{Note}, nested", "", func(s *stage) {
		s.says("nested", "reply", map[string]string{"user": "bea", "object": s.ids["reply note"], "content": "<p>Mine leak.</p>", "summary": "Shoes"})
		s.shows("Mine leak.", "<summary", "Shoes", "Bea of Fedify")
		s.total(s.b.addr.Replies(s.walk()), 2)
	}},
	{"in", "Create{Note}, unlisted", "", func(s *stage) {
		s.answers("dan", "unlisted", "<p>The ferry is off.</p>")
		s.shows("The ferry is off.", "Dan of Fedify")
	}},
	{"in", "Create{Note}, followers only", "", func(s *stage) { s.keepsQuiet("followers", "<p>For my followers.</p>") }},
	{"in", "Create{Note}, direct", "", func(s *stage) { s.keepsQuiet("direct", "<p>Between us.</p>") }},
	{"out", "Create{Note}, a reply", "", ownReply},
	{"in", "Announce of our reply", "", func(s *stage) {
		s.act("boost of our reply", "bea", "Announce", s.b.addr.Post("thanks"))
		s.thread(`"boosts":1`)
	}},
	{"in", "Update{Person}", "", func(s *stage) {
		s.says("rename", "rename", map[string]string{"user": "ada", "name": "Ada of the Marsh"})
		s.shows("Ada of the Marsh")
		s.hides("Ada of Fedify")
	}},
	{"in", "Flag", "", func(s *stage) {
		s.says("flag", "act", map[string]string{"user": "dan", "type": "Flag", "object": s.walk(), "content": "That tide is wrong."})
		list, err := s.b.reader().Reports(s.t.Context(), false)
		if err != nil || len(list) != 1 || list[0].Text != "That tide is wrong." || !slices.Equal(list[0].Objects, []string{s.walk()}) {
			s.t.Errorf("reports %+v, %v", list, err)
		}
		s.hides("That tide is wrong.")
	}},
	{"in", "Delete{Person}", "", func(s *stage) {
		s.says("leave", "leave", map[string]string{"user": "dan"})
		s.hides("The ferry is off.", "Dan of Fedify")
	}},
	{"in", "Like", "", func(s *stage) {
		s.act("like", "bea", "Like", s.walk())
		s.total(s.b.addr.Likes(s.walk()), 1)
		s.shows("1 like")
	}},
	{"in", "Dislike", "", func(s *stage) {
		s.act("dislike", "ada", "Dislike", s.walk())
		s.total(s.b.addr.Likes(s.walk()), 1)
		s.hides("islike")
	}},
	{"in", "EmojiReact", "", func(s *stage) {
		s.says("reaction", "act", map[string]string{"user": "ada", "type": "EmojiReact", "object": s.walk(), "content": "🌊"})
		s.shows("🌊")
	}},
	{"in", "Announce", "", func(s *stage) {
		s.act("boost", "ada", "Announce", s.walk())
		s.total(s.b.addr.Shares(s.walk()), 1)
		s.shows("1 boost")
	}},
	{"in", "Update{Note}", "", func(s *stage) {
		s.says("edit", "edit", map[string]string{"user": "ada", "note": s.ids["reply note"], "content": "<p>Bring waders.</p>"})
		s.shows("Bring waders.", "edited")
		s.hides("boots")
	}},
	{"in", "Undo{Like}", "", func(s *stage) {
		s.undo("bea", "like")
		s.total(s.b.addr.Likes(s.walk()), 0)
	}},
	{"in", "Undo{EmojiReact}", "", func(s *stage) {
		s.undo("ada", "reaction")
		s.hides("🌊")
	}},
	{"in", "Undo{Announce}", "", func(s *stage) {
		s.undo("ada", "boost")
		s.total(s.b.addr.Shares(s.walk()), 0)
	}},
	{"in", "Delete{Tombstone}", "", func(s *stage) {
		s.says("delete", "delete", map[string]string{"user": "bea", "note": s.ids["nested note"]})
		s.hides("Mine leak.")
	}},
	{"in", "QuoteRequest", "2.3", func(s *stage) {
		s.says("quote", "quote", map[string]string{"user": "bea", "object": s.walk(), "content": "<p>Read this before you cross.</p>"})
	}},
	{"out", "Accept{QuoteRequest}", "2.3", quoteAccepted},
	{"get", "QuoteAuthorization", "2.3", quoteAuthorization},
	{"out", "Update{Article}", "", updateArticle},
	{"in", "Move", "", func(s *stage) {
		s.says("move", "move", map[string]string{"user": "bea", "to": "cyd"})
		s.followers("/users/ada", "/users/cyd")
	}},
	{"out", "Delete{Tombstone}", "", deleteArticle},
	{"in", "Undo{Follow}", "", func(s *stage) {
		s.undo("ada", "follow")
		s.total(s.b.addr.Followers(), 1)
	}},
	{"in", "Block", "", func(s *stage) {
		s.act("block", "cyd", "Block", s.b.addr.Actor())
		s.total(s.b.addr.Followers(), 0)
	}},
}

func (s *stage) walk() string             { return s.b.addr.Post("walk") }
func (s *stage) shows(want ...string)     { s.t.Helper(); s.b.shows(s.t, "/posts/walk/", want...) }
func (s *stage) hides(unwanted ...string) { s.t.Helper(); s.b.hides(s.t, "/posts/walk/", unwanted...) }
func (s *stage) total(collection string, n int) {
	s.t.Helper()
	s.b.collectionTotal(s.t, collection, n)
}

// walkPost is firstPost under another name.
func walkPost(more ...string) string {
	return strings.NewReplacer(append([]string{`"tide"`, `"walk"`, "The tide tables", "A walk"}, more...)...).Replace(firstPost)
}

func webFinger(s *stage) {
	for _, resource := range []string{s.b.addr.Actor(), s.b.addr.Home()} {
		found, _ := s.p.do("webfinger", map[string]string{"resource": resource})["found"].(map[string]any)
		links, _ := found["links"].([]any)
		self := slices.ContainsFunc(links, func(l any) bool {
			m, _ := l.(map[string]any)
			return m["rel"] == "self" && m["type"] == "application/activity+json" && m["href"] == s.b.addr.Actor()
		})
		if found["subject"] != "acct:"+s.b.addr.Acct() || !self {
			s.t.Errorf("WebFinger of %s: %v", resource, found)
		}
		var served map[string]any
		_, body, err := s.b.get(s.b.base+"/.well-known/webfinger?resource="+url.QueryEscape(resource), "application/jrd+json")
		if err != nil || json.Unmarshal([]byte(body), &served) != nil || !reflect.DeepEqual(found, served) {
			s.t.Errorf("Fedify read %v of %s, %v", found, body, err)
		}
	}
}

func actorFetched(s *stage) {
	found := s.p.do("lookup", map[string]string{"what": s.b.addr.Actor()})
	doc, _ := found["json"].(map[string]any)
	if found["type"] != "Person" || doc["id"] != s.b.addr.Actor() || doc["preferredUsername"] != "tides" || doc["inbox"] == nil {
		s.t.Errorf("Fedify sees our actor as %v", found)
	}
}

// follow has two accounts of one server follow.
func follow(s *stage) {
	s.act("follow", "ada", "Follow", s.b.addr.Actor())
	s.act("follow of bea", "bea", "Follow", s.b.addr.Actor())
	s.total(s.b.addr.Followers(), 2)
}

// gave wants a document of the peer's to be closed to strangers, and fetched by the instance actor with a signature that Fedify verified.
func (s *stage) gave(path string) {
	if err := s.b.status(s.p.origin+path, http.StatusUnauthorized); err != nil {
		s.t.Errorf("unsigned: %v", err)
	}
	fetched := slices.ContainsFunc(s.p.requests("readers"), func(r request) bool {
		return r.Path == path && r.Reader == s.b.addr.Instance() && r.Scheme == s.scheme && r.Status == http.StatusOK
	})
	if !fetched {
		s.t.Errorf("nobody fetched %s as %s, signed by %s: %+v", path, s.b.addr.Instance(), s.scheme, s.p.requests("readers"))
	}
}

// createArticle: a new post reaches two followers of one server once, through its shared inbox.
func createArticle(s *stage) {
	s.b.write("walk.md", walkPost())
	s.b.publish()
	create := s.hears("Create", 1, shared)
	if got := objectID(create); got != s.walk() {
		s.t.Errorf("Create is about %q, want %q", got, s.walk())
	}
	o := embedded(create)
	s.holds(o, "type", "Article")
	s.holds(o, "name", "A walk")
	s.holds(o, "content", "<em>causeway</em>")
	s.holds(o, "attributedTo", s.b.addr.Actor())
}

func createNote(s *stage) {
	s.b.write("short.md", strings.NewReplacer(`"tide"`, `"short"`, "The tide tables", "Short", "announce = true", "announce = true\nas = \"note\"").Replace(firstPost))
	s.b.publish()
	o := embedded(s.hears("Create", 2, shared))
	s.holds(o, "id", s.b.addr.Post("short"))
	s.holds(o, "type", "Note")
	s.holds(o, "content", "<em>causeway</em>")
	if o["name"] != nil {
		s.t.Errorf("the Note has a name: %v", o["name"])
	}
}

// answers has an account answer the post for those whom visibility names.
func (s *stage) answers(user, visibility, content string) {
	s.t.Helper()
	s.says(visibility, "reply", map[string]string{"user": user, "object": s.walk(), "content": content, "visibility": visibility})
}

// keepsQuiet wants an answer that is not for everybody to be taken, and shown neither on the page nor in the thread's API. What an answer
// says 202 to is in the store, so there is nothing to wait for.
func (s *stage) keepsQuiet(visibility, content string) {
	s.t.Helper()
	s.answers("dan", visibility, content)
	words := strings.TrimSuffix(strings.TrimPrefix(content, "<p>"), "</p>")
	for _, address := range []string{s.b.base + "/posts/walk/", s.threadAddress(), s.b.addr.Replies(s.walk())} {
		_, body, err := s.b.get(address, "*/*")
		if err != nil || strings.Contains(body, words) || strings.Contains(body, s.ids[visibility+" note"]) {
			s.t.Errorf("%s holds what is not for everybody, or %v: %s", address, err, body)
		}
	}
}

func (s *stage) threadAddress() string {
	return s.b.base + "/api/v1/thread?post=" + url.QueryEscape(s.b.addr.Page("/posts/walk/"))
}

// thread waits until the thread's API holds some words.
func (s *stage) thread(want string) {
	s.t.Helper()
	eventually(s.t, s.threadAddress(), func() error {
		_, body, err := s.b.get(s.threadAddress(), "application/json")
		if err == nil && !strings.Contains(body, want) {
			err = fmt.Errorf("no %s in %s", want, body)
		}
		return err
	})
}

// followers waits until the blog is followed by these accounts of the peer and nobody else.
func (s *stage) followers(want ...string) {
	s.t.Helper()
	from := s.b.reader()
	eventually(s.t, "the followers", func() error {
		list, err := from.Followers(s.t.Context(), s.b.addr.Actor(), 0, 9)
		var got []string
		for _, f := range list {
			got = append(got, strings.TrimPrefix(f.Actor, s.p.origin))
		}
		slices.Sort(got)
		if err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("%q, want %q", got, want)
		}
		return err
	})
}

// ownReply: the owner answers somebody of the peer, who is mentioned, and the answer stands in the thread.
func ownReply(s *stage) {
	s.b.file("content/replies/thanks.md", "+++\nid = \"thanks\"\nin_reply_to = \""+s.ids["reply note"]+"\"\n+++\n\nThank you for the *warning*.\n")
	s.b.publish()
	o := embedded(s.hears("Create", 3))
	s.holds(o, "id", s.b.addr.Post("thanks"))
	s.holds(o, "inReplyTo", s.ids["reply note"])
	s.holds(o, "tag", s.p.origin+"/users/ada")
	s.shows("Thank you for the <em>warning</em>.")
}

func quoteAccepted(s *stage) {
	a := s.hears("Accept", 3)
	if got := objectID(a); got != s.ids["quote"] {
		s.t.Errorf("Accept of %q, want the QuoteRequest %q", got, s.ids["quote"])
	}
	if s.ids["authorization"], _ = a.JSON["result"].(string); s.ids["authorization"] == "" {
		s.t.Errorf("the Accept has no result: %v", a.JSON)
	}
}

func quoteAuthorization(s *stage) {
	found := s.p.do("lookup", map[string]string{"what": s.ids["authorization"]})
	doc, _ := found["json"].(map[string]any)
	if found["type"] != "QuoteAuthorization" || fmt.Sprint(doc["interactingObject"]) != s.ids["quote note"] || fmt.Sprint(doc["interactionTarget"]) != s.walk() {
		s.t.Errorf("Fedify sees the authorization as %v", found)
	}
}

func updateArticle(s *stage) {
	s.b.write("walk.md", walkPost("four hours", "three hours"))
	s.b.publish()
	o := embedded(s.hears("Update", 1, shared))
	s.holds(o, "id", s.walk())
	s.holds(o, "content", "three hours")
	if o["updated"] == nil {
		s.t.Errorf("the edited Article has no updated: %v", o)
	}
}

func deleteArticle(s *stage) {
	s.b.remove("walk.md")
	s.b.publish()
	a := s.hears("Delete", 1)
	if got := objectID(a); got != s.walk() || embedded(a)["type"] != "Tombstone" {
		s.t.Errorf("Delete is about %v, want the Tombstone of %s", a.JSON["object"], s.walk())
	}
	eventually(s.t, "the withdrawn post is gone", func() error { return s.b.status(s.walk(), http.StatusGone) })
}
