package comments

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// schemas reads docs/openapi.json, and notes which members of it were met in answers.
type schemas struct {
	doc struct {
		Paths map[string]struct {
			Get struct {
				Parameters []struct{ Name, In string }
				Responses  map[string]struct {
					Content map[string]struct{ Schema map[string]any }
				}
			}
		}
		Components struct{ Schemas map[string]map[string]any }
	}
	met map[string]bool
}

// check gives what is wrong with a value by a schema. It knows the words of JSON Schema that the document uses; another word is a fault.
func (s *schemas) check(at string, schema map[string]any, v any) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, at+": "+fmt.Sprintf(format, args...)) }
	for word, arg := range schema {
		switch word {
		case "description":
		case "$ref":
			name := strings.TrimPrefix(arg.(string), "#/components/schemas/")
			if s.doc.Components.Schemas[name] == nil {
				fault("there is no schema %s", arg)
			}
			faults = append(faults, s.check(name, s.doc.Components.Schemas[name], v)...)
		case "type":
			if !slices.ContainsFunc(several(arg), func(kind any) bool { return is(kind, v) }) {
				fault("%v is no %v", v, arg)
			}
		case "const":
			if v != arg {
				fault("%v is not %v", v, arg)
			}
		case "enum":
			if !slices.Contains(arg.([]any), v) {
				fault("%v is none of %v", v, arg)
			}
		case "format":
			if !formatted(arg.(string), v.(string)) {
				fault("%q is no %s", v, arg)
			}
		case "anyOf":
			if !slices.ContainsFunc(arg.([]any), func(one any) bool { return len(s.check(at, one.(map[string]any), v)) == 0 }) {
				fault("%v is none of those allowed", v)
			}
		case "required":
			for _, name := range arg.([]any) {
				if o, _ := v.(map[string]any); o[name.(string)] == nil && !has(o, name.(string)) {
					fault("%s is missing", name)
				}
			}
		case "properties", "additionalProperties":
			if word == "properties" || schema["properties"] == nil {
				faults = append(faults, s.members(at, schema, v)...)
			}
		case "items":
			for _, item := range several(v) {
				faults = append(faults, s.check(at+"/items", arg.(map[string]any), item)...)
			}
		default:
			fault("the test does not know %q", word)
		}
	}
	return faults
}

func (s *schemas) members(at string, schema map[string]any, v any) (faults []string) {
	known, _ := schema["properties"].(map[string]any)
	more, _ := schema["additionalProperties"].(map[string]any)
	o, _ := v.(map[string]any)
	for name, member := range o {
		one, ok := known[name].(map[string]any)
		if !ok {
			one = more
		}
		if one == nil {
			faults = append(faults, at+": the document does not know "+name)
			continue
		}
		s.met[at+"/"+name] = true
		faults = append(faults, s.check(at+"/"+name, one, member)...)
	}
	return faults
}

func several(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

func has(o map[string]any, name string) bool { _, ok := o[name]; return ok }

func is(kind, v any) bool {
	switch v := v.(type) {
	case nil:
		return kind == "null"
	case bool:
		return kind == "boolean"
	case string:
		return kind == "string"
	case float64:
		return kind == "number" || kind == "integer" && v == float64(int64(v))
	case []any:
		return kind == "array"
	}
	return kind == "object"
}

func formatted(format, s string) bool {
	switch format {
	case "uri":
		u, err := url.Parse(s)
		return err == nil && u.IsAbs()
	case "date-time":
		_, err := time.Parse(time.RFC3339, s)
		return err == nil
	}
	return false
}

// everything puts a thread that has one of each thing.
func (b *blog) everything() {
	ada, bo := b.person("ada"), b.person("bo")
	b.actor(store.Actor{ID: "https://social.example/users/cy", Type: "Person", Handle: "cy@social.example", Name: stored(b.t, activitypub.ParseText("Cy :cat:", map[string]string{":cat:": "https://social.example/cat.png"})), URL: "https://social.example/@cy",
		Icon: "https://social.example/cy.png", Inbox: "https://social.example/inbox", Fetched: noon})
	one := b.reply(1, ada, "", `<p>Good <em>point</em> <a href="https://elsewhere.example/?a=1&amp;b=2">there</a></p>`)
	b.reply(2, "https://social.example/users/cy", one, "<p>Yes :cat:</p>", func(c *store.Comment) {
		c.Content = stored(b.t, activitypub.ParseHTML("<p>Yes :cat:</p>", map[string]string{":cat:": "https://social.example/cat.png"}))
		c.Warning, c.Sensitive, c.Updated = stored(b.t, activitypub.ParseText("Spoiler", nil)), true, noon.Add(time.Hour)
		c.Attachments = []byte(`[{"URL":"https://social.example/p.png","MediaType":"image/png","Alt":"A boat","Width":64,"Height":48},{"URL":"https://social.example/f.mp4","MediaType":"video/mp4"}]`)
	})
	parent := one
	for n := 3; n < 9; n++ {
		parent = b.reply(n, bo, parent, "<p>deeper</p>")
	}
	b.reply(20, ada, "", "<p>gone</p>")
	b.reply(21, bo, "https://social.example/notes/20", "<p>answer</p>")
	b.write(func(tx *store.Tx) error {
		_, err := tx.RemoveComment(b.t.Context(), "https://social.example/notes/20")
		return err
	})
	b.reply(22, "https://example.blog/ap/actor", "", "<p>By the owner</p>")
	b.reply(23, ada, "", "<p>quoted</p>", func(c *store.Comment) { c.Kind = store.Quote })
	b.reply(24, ada, "", "<p>named</p>", func(c *store.Comment) { c.Kind = store.Mention })
	b.write(func(tx *store.Tx) error { return tx.PinComment(b.t.Context(), one) })
	b.react(store.Like, 40, "https://social.example/users/cy", "", "")
	for _, to := range []string{"", one} {
		b.react(store.Like, 30+len(to), ada, to, "")
		b.react(store.Boost, 31+len(to), bo, to, "")
		b.react(store.Reaction, 32+len(to), bo, to, "🎉")
	}
}

// unmet are the members that a thread has in the hands of a blogger alone: replies that wait, and a closed thread, which has no answers to give.
var unmet = []string{"Thread/pending", "Thread/closed"}

// TestOpenAPI: every address of the document answers as it says, to a thread that has one of everything; nothing is answered that the document
// does not know, and it knows nothing that never comes.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.everything()
	var s schemas
	s.met = map[string]bool{}
	text, err := os.ReadFile("../../docs/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if served := b.get("/api/v1/openapi.json"); strings.Replace(string(text), "https://inbox.example.blog", "https://example.blog", 1) != served.Body.String() {
		t.Error("docs/openapi.json is not what is served")
	}
	if err := json.Unmarshal(text, &s.doc); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(b.handler)
	defer server.Close()
	for path, p := range s.doc.Paths {
		address := server.URL + strings.Replace(path, "{key}", "7", 1)
		for _, param := range p.Get.Parameters {
			if value := map[string]string{"post": postURL, "target": postURL, "lang": "ar", "page": "0", "per-page": "500"}[param.Name]; value != "" {
				address += map[bool]string{true: "&", false: "?"}[strings.Contains(address, "?")] + param.Name + "=" + url.QueryEscape(value)
			}
		}
		kind, body, res := ask(t, address)
		content, ok := p.Get.Responses["200"].Content[kind]
		if res.StatusCode != 200 || !ok || res.Header.Get("Access-Control-Allow-Origin") != "*" || res.Header.Get("Timing-Allow-Origin") != "*" || res.Header.Get("Set-Cookie") != "" {
			t.Errorf("GET %s = %d %v, the document has %v", path, res.StatusCode, res.Header, slices.Collect(maps.Keys(p.Get.Responses["200"].Content)))
		}
		var v any = body
		if kind == "application/json" || kind == "text/event-stream" {
			if err := json.Unmarshal([]byte(body), &v); err != nil {
				t.Fatalf("%s: %v in %s", path, err, body)
			}
		}
		for _, fault := range s.check(path, content.Schema, v) {
			t.Errorf("GET %s: %s", path, fault)
		}
		if _, promised := p.Get.Responses["304"]; promised {
			if r := b.get(strings.TrimPrefix(address, server.URL), "If-None-Match", res.Header.Get("ETag")); r.Code != http.StatusNotModified {
				t.Errorf("GET %s with its ETag = %d, want 304", path, r.Code)
			}
			if got := res.Header.Get("Cache-Control"); got != "public, max-age=60, stale-while-revalidate=600" {
				t.Errorf("GET %s: Cache-Control %q", path, got)
			}
		}
		if _, promised := p.Get.Responses["404"]; promised {
			if r := b.get(strings.NewReplacer("{key}", "none").Replace(path) + "?post=https://example.blog/none/"); r.Code != http.StatusNotFound || !strings.HasPrefix(r.Header().Get("Content-Type"), "text/plain") {
				t.Errorf("GET %s of no post = %d, want 404", path, r.Code)
			}
		}
	}
	for name, schema := range s.doc.Components.Schemas {
		members, _ := schema["properties"].(map[string]any)
		for member := range members {
			if at := name + "/" + member; !s.met[at] && !slices.Contains(unmet, at) {
				t.Errorf("%s is in the document and never in an answer", at)
			}
		}
	}
}

// ask gives the type and the words of an answer; of a stream the data of its first event.
func ask(t *testing.T, address string) (kind, body string, res *http.Response) {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	kind, _, _ = strings.Cut(res.Header.Get("Content-Type"), ";")
	var b strings.Builder
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && kind == "text/event-stream" {
			return kind, data, res
		}
		b.WriteString(lines.Text() + "\n")
	}
	return kind, b.String(), res
}

// TestMastodonShape: what widgets for Mastodon read (Status, Account, MediaAttachment, CustomEmoji of its documentation) has the types that it
// has there, answers stand after what they answer and point at it, and the plain texts hold nothing that markup could take for its own.
func TestMastodonShape(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.everything()
	var c struct {
		Ancestors   []any
		Descendants []struct {
			ID          string `json:"id"`
			InReplyTo   string `json:"in_reply_to_id"`
			CreatedAt   string `json:"created_at"`
			Content     string
			Spoiler     string `json:"spoiler_text"`
			URL         string
			Sensitive   bool
			Favourites  int                                       `json:"favourites_count"`
			Reblogs     int                                       `json:"reblogs_count"`
			Replies     int                                       `json:"replies_count"`
			Attachments []struct{ Type, URL, Description string } `json:"media_attachments"`
			Emojis      []struct{ Shortcode, URL string }
			Account     struct {
				Acct, Username, URL, Avatar string
				Name                        string `json:"display_name"`
				Emojis                      []struct{ Shortcode, URL string }
			}
		}
	}
	if err := json.Unmarshal(b.get("/api/v1/statuses/7/context").Body.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	if c.Ancestors == nil || len(c.Ancestors) != 0 || len(c.Descendants) != 10 {
		t.Fatalf("%d ancestors, %d descendants", len(c.Ancestors), len(c.Descendants))
	}
	before := map[string]bool{"7": true}
	for _, d := range c.Descendants {
		if !before[d.InReplyTo] {
			t.Errorf("%s answers %s, which has not come yet", d.ID, d.InReplyTo)
		}
		before[d.ID] = true
		if _, err := time.Parse("2006-01-02T15:04:05.000Z", d.CreatedAt); err != nil || d.Account.Acct == "" || strings.HasPrefix(d.Account.Acct, "@") {
			t.Errorf("%s of %s, %v", d.CreatedAt, d.Account.Acct, err)
		}
	}
	first, second := c.Descendants[0], c.Descendants[1]
	if first.Favourites != 1 || first.Reblogs != 1 || first.Replies != 2 || first.InReplyTo != "7" || !strings.Contains(first.Content, "<em>point</em>") || first.Account.Name != "Ada" || first.Account.Username != "ada" {
		t.Errorf("the first is %+v", first)
	}
	if second.InReplyTo != first.ID || second.Spoiler != "Spoiler" || !second.Sensitive || len(second.Emojis) != 1 || second.Emojis[0].Shortcode != "cat" || !strings.Contains(second.Content, ":cat:") || second.Account.Name != "Cy :cat:" ||
		len(second.Account.Emojis) != 1 || !strings.HasPrefix(second.Account.Avatar, "https://example.blog/media/") || len(second.Attachments) != 2 || second.Attachments[0].Type != "image" || second.Attachments[0].Description != "A boat" ||
		!strings.HasPrefix(second.Attachments[0].URL, "https://example.blog/media/") || second.Attachments[1].Type != "unknown" {
		t.Errorf("the second is %+v", second)
	}
}

// TestMastodonAccounts: a widget finds the account of the post among those of the replies, and lists who likes and boosts, each with an address that
// it can take apart.
func TestMastodonAccounts(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.everything()
	type account struct{ ID, Acct, URL string }
	read := func(path string, into any) {
		t.Helper()
		if err := json.Unmarshal(b.get(path).Body.Bytes(), into); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	var post struct{ Account account }
	var c struct{ Descendants []struct{ Account account } }
	read("/api/v1/statuses/7", &post)
	read("/api/v1/statuses/7/context", &c)
	own := 0
	for _, d := range c.Descendants {
		if d.Account == post.Account {
			own++
		}
	}
	if own != 1 || !strings.HasPrefix(post.Account.URL, "https://example.blog/") {
		t.Errorf("%d replies of the post's author %+v, want 1", own, post.Account)
	}
	var likes, boosts []account
	read("/api/v1/statuses/7/favourited_by", &likes)
	read("/api/v1/statuses/7/reblogged_by", &boosts)
	if len(likes) != 2 || len(boosts) != 1 || boosts[0].Acct != "bo@social.example" || boosts[0].URL == "" {
		t.Errorf("liked by %+v, boosted by %+v", likes, boosts)
	}
	if r := b.get("/api/v1/statuses/none/favourited_by"); r.Code != http.StatusNotFound {
		t.Errorf("of no post: %d", r.Code)
	}
}

// feedEntry is what a reader of feeds takes of an entry.
type feedEntry struct {
	ID      string `xml:"id"`
	Title   string `xml:"title"`
	Summary string `xml:"summary"`
	Content struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	} `xml:"content"`
	Published time.Time `xml:"published"`
	Reply     struct {
		Ref string `xml:"ref,attr"`
	} `xml:"http://purl.org/syndication/thread/1.0 in-reply-to"`
}

// TestAtomShape: the feed is well formed, the newest entry first, and what lies behind a warning is not in it.
func TestAtomShape(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	b.everything()
	var f struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Updated time.Time   `xml:"updated"`
		Entries []feedEntry `xml:"entry"`
	}
	body := b.get("/comments/7/feed.atom").Body.String()
	if err := xml.Unmarshal([]byte(body), &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Entries) != 10 || !slices.IsSortedFunc(f.Entries, func(a, b feedEntry) int {
		return b.Published.Compare(a.Published)
	}) {
		t.Errorf("%d entries in a wrong order: %s", len(f.Entries), body)
	}
	if !f.Updated.Equal(noon.Add(time.Hour)) {
		t.Errorf("updated %v, want when the last edit was", f.Updated)
	}
	for _, e := range f.Entries {
		warned := e.ID == "https://social.example/notes/2"
		if e.Reply.Ref == "" || warned != (e.Summary == "Spoiler" && e.Content.Text == "") || !warned && e.Content.Type != "html" {
			t.Errorf("entry %+v", e)
		}
	}
}
