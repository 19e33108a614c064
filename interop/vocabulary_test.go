package interop

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
)

// TestVocabulary has Fedify read each of our documents into its vocabulary's classes and write it again from them: no member may be lost or
// changed but those that the vocabulary does not have, which unknown lists with the reason.
func TestVocabulary(t *testing.T) {
	t.Parallel()
	docs := documentsOf(t)
	for _, folder := range []string{"fedify-1.5", "fedify-2.3"} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			p := startPeers(t, folder, nil, "")[0]
			lost := map[string]bool{}
			for _, name := range slices.Sorted(maps.Keys(docs)) {
				t.Run(name, func(t *testing.T) {
					peer := *p
					peer.t = t
					for _, l := range peer.lost(docs[name]) {
						if _, ok := unknown[folder][l.member]; !ok {
							t.Errorf("%s: Fedify loses %s at %s", name, l.member, l.at)
						}
						lost[l.member] = true
					}
				})
			}
			for member := range unknown[folder] {
				if !lost[member] {
					t.Errorf("%s knows %s: the exception is not needed", folder, member)
				}
			}
		})
	}
}

// loss is a member, by its whole name, that did not survive, and the place where it stood.
type loss struct{ member, at string }

// lost gives what of a document does not survive Fedify.
func (p *peer) lost(doc map[string]any) []loss {
	p.t.Helper()
	answer := p.do("survive", map[string]any{"document": doc})
	if answer["type"] == "Object" || answer["type"] == nil {
		p.t.Errorf("Fedify has no class for %v", doc["type"])
	}
	before, _ := answer["before"].([]any)
	after, _ := answer["after"].([]any)
	if len(before) != 1 {
		p.t.Fatalf("%v expands to %v", doc["id"], answer["before"])
	}
	for name := range doc {
		if name != "@context" && !named(before, name) {
			p.t.Errorf("our context gives %s no meaning", name)
		}
	}
	return missed("@root", "", before, after)
}

// named tells whether a member of ours stands in the expanded form under some whole name: JSON-LD drops silently what the context does not
// define.
func named(before []any, name string) bool {
	short := map[string]string{"id": "@id", "type": "@type", "contentMap": "content", "nameMap": "name", "summaryMap": "summary", "orderedItems": "items"}
	if s, ok := short[name]; ok {
		name = s
	}
	if _, local, prefixed := strings.Cut(name, ":"); prefixed {
		name = local
	}
	root, _ := before[0].(map[string]any)
	for whole := range root {
		if whole == name || strings.HasSuffix(whole, "#"+name) || strings.HasSuffix(whole, "/"+name) {
			return true
		}
	}
	return false
}

// missed compares two values in JSON-LD's expanded form: every element of before has to have its match in after.
func missed(member, at string, before, after any) []loss {
	switch b := before.(type) {
	case []any:
		rest, _ := after.([]any)
		return missedOf(member, at, b, rest)
	case map[string]any:
		a, ok := after.(map[string]any)
		if !ok {
			return []loss{{member, at}}
		}
		var list []loss
		for _, name := range slices.Sorted(maps.Keys(b)) {
			if name == "@type" && b["@value"] != nil {
				continue // of a time or a number: the value tells
			}
			if members, isList := b[name].([]any); isList && len(elements(members)) == 0 {
				continue
			}
			if _, ok := a[name]; !ok {
				list = append(list, loss{name, at + " " + name})
				continue
			}
			list = append(list, missed(name, at+" "+name, b[name], a[name])...)
		}
		return list
	}
	if before != after {
		return []loss{{member, fmt.Sprintf("%s (%v became %v)", at, before, after)}}
	}
	return nil
}

// missedOf matches a list's elements in any order, each with the one that loses least.
func missedOf(member, at string, before, after []any) []loss {
	var list []loss
	rest := elements(after)
	for _, b := range elements(before) {
		best, least := -1, []loss{{member, fmt.Sprintf("%s (no %.200v)", at, b)}}
		for i, a := range rest {
			l := missed(member, at, b, a)
			if alike := same(b, a) || len(l) == 0; alike && (best < 0 || len(l) < len(least)) {
				best, least = i, l
			}
			if best >= 0 && len(least) == 0 {
				break
			}
		}
		if best >= 0 {
			rest = slices.Delete(rest, best, best+1)
		}
		list = append(list, least...)
	}
	return list
}

// elements takes the wrapping of ordered lists away: Fedify wraps each element once more. An empty list is nothing.
func elements(list []any) []any {
	var out []any
	for _, e := range list {
		if m, ok := e.(map[string]any); ok && m["@list"] != nil {
			inner, _ := m["@list"].([]any)
			out = append(out, elements(inner)...)
			continue
		}
		out = append(out, e)
	}
	return out
}

// same tells whether two elements may be the same thing at all: two nodes of one type or id.
func same(before, after any) bool {
	b, isNode := before.(map[string]any)
	a, ok := after.(map[string]any)
	return isNode && ok && b["@value"] == nil && a["@value"] == nil && fmt.Sprint(b["@type"], b["@id"]) == fmt.Sprint(a["@type"], a["@id"])
}

// documentsOf makes the documents of ours that followers get, by name: with the real publisher and the real daemon.
func documentsOf(t *testing.T) map[string]map[string]any {
	t.Helper()
	docs := map[string]map[string]any{}
	b := startForms(t)
	for name := range forms {
		docs["post "+name] = b.document(b.addr.Post(name))
	}
	post := b.addr.Post("article")
	for name, id := range map[string]string{
		"Person": b.addr.Actor(), "Application": b.addr.Instance(), "outbox": b.addr.Outbox(), "outbox page": b.addr.Outbox() + "?page=1",
		"followers": b.addr.Followers(), "following": b.addr.Following(), "featured": b.addr.Featured(), "replies": b.addr.Replies(post),
		"replies page": b.addr.Replies(post) + "?page=1", "likes": b.addr.Likes(post), "shares": b.addr.Shares(post), "context": b.addr.Context(post),
		"series": b.addr.Series("low-water"), "emoji": b.addr.Emoji("tide"),
	} {
		docs[name] = b.document(id)
	}
	b.stop()
	b.cfg.Federation.Type = "Group"
	b.start()
	docs["Group"], docs["moderators"] = b.document(b.addr.Actor()), b.document(b.addr.Moderators())
	goldenInto(t, docs, "../publisher/testdata/*.golden.json")
	return docs
}

// goldenInto adds the golden files that hold Activity Streams.
func goldenInto(t *testing.T, docs map[string]map[string]any, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no file is called %s: %v", pattern, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		var doc map[string]any
		if err != nil || json.Unmarshal(data, &doc) != nil {
			t.Fatalf("%s holds no document: %v", f, err)
		}
		if doc["@context"] != nil {
			docs["golden "+filepath.Base(f)] = doc
		}
	}
}

// document fetches one of the blog's.
func (b *blog) document(id string) map[string]any {
	b.t.Helper()
	res, body, err := b.get(id, activitypub.ContentType)
	var doc map[string]any
	if err != nil || res.StatusCode != http.StatusOK || json.Unmarshal([]byte(body), &doc) != nil {
		b.t.Fatalf("%s: %v, %v: %s", id, err, res, body)
	}
	return doc
}

// unknown are the members that a Fedify's vocabulary does not have, by whole name, with the reason. One that is not needed is a failure.
var unknown = map[string]map[string]string{
	"fedify-1.5": {
		"https://gotosocial.org/ns#interactionPolicy":            "GoToSocial and FEP-044f: later versions have it",
		"http://joinmastodon.org/ns#attributionDomains":          "Mastodon 4.3's",
		"https://purl.archive.org/socialweb/webfinger#webfinger": "FEP-2c59",
		"https://join-lemmy.org/ns#postingRestrictedToMods":      "Lemmy's",
		"http://joinmastodon.org/ns#blurhash":                    "Mastodon's",
		"http://purl.org/dc/terms/subject":                       "FEP-b2b8's content warning of an Article",
		"https://w3id.org/fep/844e#implements":                   "FEP-844e",
		"http://purl.org/dc/terms/isPartOf":                      "Dublin Core's, of a post in a series",
	},
	"fedify-2.3": {
		"http://joinmastodon.org/ns#attributionDomains":          "Mastodon 4.3's",
		"https://purl.archive.org/socialweb/webfinger#webfinger": "FEP-2c59",
		"https://join-lemmy.org/ns#postingRestrictedToMods":      "Lemmy's",
		"http://joinmastodon.org/ns#blurhash":                    "Mastodon's",
		"http://purl.org/dc/terms/subject":                       "FEP-b2b8's content warning of an Article",
		"https://w3id.org/fep/844e#implements":                   "FEP-844e",
		"http://purl.org/dc/terms/isPartOf":                      "Dublin Core's, of a post in a series",
	},
}
