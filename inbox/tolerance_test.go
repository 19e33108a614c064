package inbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// TestTolerance has a line for each way in which honest programs write a reply, in the order of the list in FEDERATION.md: it is a comment
// all the same, or (last column) with good reason none. Never is it refused.
func TestTolerance(t *testing.T) {
	t.Parallel()
	emoji := m{"type": "Emoji", "name": ":blob:", "icon": m{"type": "Image", "url": "http://remote.example/blob.png"}}
	alice := m{"id": aliceID, "type": "Person", "inbox": aliceID + "/inbox"}
	rows := []struct {
		name     string
		object   m // members of the note
		activity m // members of the Create
		none     bool
	}{
		{name: "to a string", object: m{"to": public, "cc": nil}},
		{name: "cc null", object: m{"cc": nil}},
		{name: "Public for short", object: m{"to": "as:Public", "cc": []any{}}},
		{name: "actor an object", activity: m{"actor": alice}},
		{name: "actor a list of one", activity: m{"actor": []any{aliceID}}},
		{name: "actor a list of one object", activity: m{"actor": []any{alice}}},
		{name: "attributedTo an object", object: m{"attributedTo": alice}},
		{name: "attributedTo a list", object: m{"attributedTo": []any{aliceID}}},
		{name: "attributedTo as PeerTube has it", object: m{"attributedTo": []any{m{"type": "Group", "id": "http://remote.example/channels/c"}, m{"type": "Person", "id": aliceID}}}},
		{name: "attributedTo missing", object: m{"attributedTo": nil}},
		{name: "actor instead of attributedTo", object: m{"attributedTo": nil, "actor": aliceID}},
		{name: "type a list", object: m{"type": []string{"Note", "http://example.com/ns#Reply"}}},
		{name: "type of the activity a list", activity: m{"type": []string{"Create", "http://example.com/ns#New"}}},
		{name: "type with prefix", object: m{"type": "as:Note"}, activity: m{"type": "https://www.w3.org/ns/activitystreams#Create"}},
		{name: "tag null", object: m{"tag": nil}},
		{name: "tag an object", object: m{"tag": emoji}},
		{name: "tag with strings", object: m{"tag": []any{"#go", nil, 7, m{}, emoji, m{"type": "Hashtag", "name": nil}}}},
		{name: "emoji with id null", object: m{"tag": []any{merge(m{"id": nil}, emoji)}}},
		{name: "attachment an object", object: m{"attachment": m{"type": "Document", "url": "http://remote.example/1.png", "mediaType": "image/png"}}},
		{name: "attachment without type", object: m{"attachment": []any{m{"url": "http://remote.example/1.png"}, m{}, nil, "x"}}},
		{name: "attachment alone", object: m{"content": "", "attachment": []any{m{"type": "Image", "url": "http://remote.example/1.png"}}}},
		{name: "link with url for href", object: m{"attachment": []any{m{"type": "Link", "url": "http://remote.example/1"}}}},
		{name: "url a Link", object: m{"url": m{"type": "Link", "href": "http://remote.example/@alice/1"}}},
		{name: "url a list", object: m{"url": []any{"http://remote.example/@alice/1", m{"type": "Link", "href": "http://remote.example/2", "mediaType": "text/html"}}}},
		{name: "url null", object: m{"url": nil}},
		{name: "contentMap alone", object: m{"content": nil, "contentMap": m{"de": "Hallo", "en": "Hello"}}},
		{name: "maps null and empty", object: m{"contentMap": nil, "nameMap": m{}, "summaryMap": m{"en": nil}}},
		{name: "name on a note", object: m{"name": "A topic"}},
		{name: "vote in a poll", object: m{"name": "Option A", "content": nil}, none: true},
		{name: "vote with empty content", object: m{"name": "Option A", "content": ""}, none: true},
		{name: "votes in a list", activity: m{"object": []any{note(aliceID+"/v1", aliceID, post, m{"name": "A", "content": nil}), note(aliceID+"/v2", aliceID, post, m{"name": "B", "content": nil})}}, none: true},
		{name: "no words", object: m{"content": " ", "contentMap": m{"en": ""}}, none: true},
		{name: "inReplyTo an object", object: m{"inReplyTo": m{"id": post, "type": "Article"}}},
		{name: "inReplyTo an object with our page", object: m{"inReplyTo": m{"id": "tag:bridge.example,2026:1", "url": page}}},
		{name: "inReplyTo a list", object: m{"inReplyTo": []any{"tag:bridge.example,2026:1", page}}},
		{name: "inReplyTo the page", object: m{"inReplyTo": page}},
		{name: "inReplyTo a place on the page", object: m{"inReplyTo": page + "#comments"}},
		{name: "inReplyTo null", object: m{"inReplyTo": nil}, none: true},
		{name: "published with an offset", object: m{"published": "2026-01-02T03:04:05+00:00"}},
		{name: "published with microseconds", object: m{"published": "2026-01-02T03:04:05.123456Z"}},
		{name: "published without zone", object: m{"published": "2026-01-02T03:04:05"}},
		{name: "published missing", object: m{"published": nil}},
		{name: "published in the future", object: m{"published": "2999-01-01T00:00:00Z"}},
		{name: "published no date", object: m{"published": "yesterday"}},
		{name: "activity without id", activity: m{"id": nil}},
		{name: "activity id with a fragment", activity: m{"id": aliceID + "/n#activity"}},
		{name: "id with a query", object: m{"id": "http://remote.example/?c=148"}},
		{name: "@context missing", activity: m{"@context": nil}},
		{name: "@context a list", activity: m{"@context": []any{"https://www.w3.org/ns/activitystreams", m{"x": "http://example.com/ns#x", "X": "http://example.com/ns#X"}}}},
		{name: "@context of the object", object: m{"@context": m{"@vocab": "https://www.w3.org/ns/activitystreams#"}}},
		{name: "sensitive by its full name", object: m{"https://www.w3.org/ns/activitystreams#sensitive": true, "summary": "spiders"}},
		{name: "signature of linked data", activity: m{"signature": m{"type": "RsaSignature2017", "creator": aliceID + "#main-key", "signatureValue": "AAAA", "nonce": "1"}}},
		{name: "members nobody knows", object: m{"context_id": 7, "directMessage": false, "commentsEnabled": m{}, "likes": []any{}, "replies": aliceID + "/r", "source": "text"}},
		{name: "article", object: m{"type": "Article", "name": "An answer", "summary": "in short"}},
		{name: "page", object: m{"type": "Page", "mediaType": "text/markdown", "content": "*hi*"}},
		{name: "question", object: m{"type": "Question"}, none: true},
	}
	schemes(t, func(t *testing.T, s signature.Scheme) {
		w := newWorld(t)
		for n, row := range rows {
			id := fmt.Sprintf("%s/n%d", aliceID, n)
			o := note(id, aliceID, post, row.object)
			doc := activity("Create", id+"/c", aliceID, o, merge(m{"to": public}, row.activity))
			if got := w.post(letter{doc: doc, signer: aliceID, scheme: s}); got != http.StatusAccepted {
				t.Errorf("%s: status %d, want 202", row.name, got)
			}
			w.round()
			id, _ = o["id"].(string)
			if _, ok := w.comment(id); ok == row.none {
				t.Errorf("%s: stored %v, want %v", row.name, ok, !row.none)
			}
			if got := w.post(letter{doc: doc, signer: aliceID, scheme: s}); got != http.StatusAccepted {
				t.Errorf("%s, sent again: status %d, want 202", row.name, got)
			}
		}
		want := 0
		for _, row := range rows {
			if !row.none {
				want++
			}
		}
		if got := w.count(store.Reply); got != want {
			t.Errorf("%d comments, want %d", got, want)
		}
	})
}

// TestActorsOfAllShapes: whoever signs with a key that its actor lists is heard, however the actor is written and wherever the key lies.
func TestActorsOfAllShapes(t *testing.T) {
	t.Parallel()
	pem, err := signature.PublicPEM(keyOf(aliceID))
	if err != nil {
		t.Fatal(err)
	}
	key := func(id string) m { return m{"id": id, "owner": aliceID, "publicKeyPem": pem} }
	document := func(id string) m {
		return merge(key(id), m{"@context": "https://w3id.org/security/v1", "type": "Key"})
	}
	apart, query := aliceID+"/main-key", aliceID+"?key=1"
	for _, c := range []struct {
		name   string
		actor  m
		keyID  string
		serves map[string]m
	}{
		{"icon a string", m{"icon": "http://remote.example/a.png"}, "", nil},
		{"icon a list", m{"icon": []any{m{"type": "Image", "url": []any{m{"href": "http://remote.example/a.png"}}}}}, "", nil},
		{"icon null", m{"icon": nil, "name": nil, "url": nil, "summary": m{}}, "", nil},
		{"keys a list", m{"publicKey": []any{key(aliceID + "#other"), key(aliceID + "#main-key")}}, "", nil},
		{"key without owner", m{"publicKey": m{"id": aliceID + "#main-key", "publicKeyPem": pem}}, "", nil},
		{"key by reference", m{"publicKey": apart}, apart, map[string]m{apart: document(apart)}},
		{"key at its own address", m{"publicKey": key(apart)}, apart, map[string]m{apart: document(apart)}},
		{"key at its own address, which does not answer", m{"publicKey": key(apart)}, apart, nil},
		{"key in a stub", m{"publicKey": key(apart)}, apart, map[string]m{apart: {"id": aliceID, "type": "Person", "preferredUsername": "alice", "publicKey": key(apart)}}},
		{"key with a query", m{"publicKey": key(query)}, query, map[string]m{query: document(query)}},
		{"type a list", m{"type": []string{"Person", "http://example.com/ns#Cat"}}, "", nil},
		{"bot", m{"type": "Service"}, "", nil},
		{"without outbox", m{"outbox": nil, "followers": nil}, "", nil},
		{"endpoints null", m{"endpoints": nil}, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			schemes(t, func(t *testing.T, s signature.Scheme) {
				w := newWorld(t)
				w.peers.serve(aliceID, actor(aliceID, c.actor))
				for at, doc := range c.serves {
					w.peers.serve(at, doc)
				}
				for _, doc := range []m{
					create(note(aliceID+"/n", aliceID, post, nil)), activity("Follow", aliceID+"/f", aliceID, us, nil), activity("Like", aliceID+"/l", aliceID, post, nil),
				} {
					if got := w.post(letter{doc: doc, signer: aliceID, keyID: c.keyID, scheme: s}); got != http.StatusAccepted {
						t.Errorf("%s: status %d, want 202", doc["type"], got)
					}
				}
				if got := w.counts(); got != (counts{replies: 1, likes: 1, followers: 1}) {
					t.Errorf("stored %+v", got)
				}
			})
		})
	}
}

// TestAcceptTellsTheWholeFollow: whatever the Follow looks like, what goes back embeds it word for word, so that Threads and Pixelfed know it.
func TestAcceptTellsTheWholeFollow(t *testing.T) {
	t.Parallel()
	for name, with := range map[string]m{
		"plain": nil, "object an object": {"object": m{"id": us, "type": "Person"}}, "object a list": {"object": []any{us}}, "without id": {"id": nil},
		"with an audience": {"to": []any{us}, "cc": public}, "actor an object": {"actor": m{"id": aliceID, "type": "Person"}}, "odd id": {"id": aliceID + "#follows/1/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			follow := activity("Follow", aliceID+"/f", aliceID, us, with)
			w.sendAs(aliceID, follow, 202)
			var got []m
			var digest string
			w.peers.handle(aliceID+"/inbox", func(rw http.ResponseWriter, r *http.Request) {
				var doc m
				if err := json.Unmarshal([]byte(readAll(r)), &doc); err != nil {
					t.Error(err)
				}
				got, digest = append(got, doc), r.Header.Get("Digest")
			})
			if _, err := w.outbox.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(digest, "SHA-256=") { // Threads knows no other spelling
				t.Errorf("Digest is %q", digest)
			}
			if len(got) != 1 {
				t.Fatalf("%d Accepts, want 1", len(got))
			}
			a := got[0]
			if a["@context"] == nil || a["type"] != "Accept" || a["actor"] != us || fmt.Sprint(a["to"]) != fmt.Sprint([]any{aliceID}) {
				t.Errorf("Accept is %v", a)
			}
			sent, _ := json.Marshal(follow)
			if back, _ := json.Marshal(a["object"]); string(back) != string(sent) {
				t.Errorf("object is %s, want %s", back, sent)
			}
			if id, _ := a["id"].(string); !activitypub.SameOrigin(id, us) {
				t.Errorf("id %q is not ours", id)
			}
		})
	}
}
