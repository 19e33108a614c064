package profile_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/site"
)

// emoji writes a list with one custom emoji, and its document.
func (a *account) emoji(name string) {
	a.t.Helper()
	list, _ := json.Marshal(site.PublishedList{Version: 1, Emoji: []site.PublishedEmoji{{Name: name, URL: blog + "/emoji/" + name + ".png", MediaType: "image/png", Updated: day}}})
	doc, _ := activitypub.Marshal(activitypub.Emoji{Tag: activitypub.EmojiTag(blog+"/ap/emoji/"+name, name, blog+"/emoji/"+name+".png", "image/png", day)})
	if err := os.MkdirAll(filepath.Join(a.dir, "ap/emoji"), 0o755); err != nil {
		a.t.Fatal(err)
	}
	for file, data := range map[string][]byte{site.PublishedFile: list, "ap/emoji/" + name + ".json": doc} {
		if err := os.WriteFile(filepath.Join(a.dir, file), data, 0o644); err != nil {
			a.t.Fatal(err)
		}
	}
}

// TestEmoji: an actor's emoji have their pictures, and their ids lead to documents.
func TestEmoji(t *testing.T) {
	t.Parallel()
	a := newAccount(t, func(c *site.Config) {
		c.Federation.Summary, c.Federation.Fields = "Small :tide: things", []string{"Mood: 12:tide:30"}
	})
	before := a.as(blog + "/ap/actor")
	a.emoji("tide")
	doc := a.as(blog + "/ap/actor")
	tags, _ := doc["tag"].([]any)
	if len(tags) != 1 || before["tag"] != nil {
		t.Fatalf("tags %v, before there was an emoji %v", tags, before["tag"])
	}
	id, _ := tags[0].(map[string]any)["id"].(string)
	got := a.read(id, http.StatusOK, activitypub.ContentType)
	if got["id"] != id || got["name"] != ":tide:" || got["type"] != "Emoji" {
		t.Errorf("%s answers %v", id, got)
	}
	for target, want := range map[string]int{"/ap/emoji/ebb": 404, "/ap/emoji/..%2Fposts%2Fone": 404, "/ap/emoji/..": 404, "/ap/emoji/a%00b": 404} {
		if res := a.do("GET", blog+target); res.StatusCode == http.StatusOK {
			t.Errorf("%s: %d, want %d", target, res.StatusCode, want)
		}
	}
	a.open(nil, nil)
	if res := a.do("GET", id); res.StatusCode != http.StatusFound || res.Header.Get("Location") != blog+"/ap/emoji/tide.json" {
		t.Errorf("with the site elsewhere: %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
}

// TestSeries: the collection of a series is served as publish wrote it, and no other file is.
func TestSeries(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	id := blog + "/ap/series/ebbe-und-flut"
	doc, _ := activitypub.Marshal(activitypub.Collection{ID: id, Type: "OrderedCollection", Name: "Ebbe und Flut", TotalItems: 1, OrderedItems: []any{post}})
	for file, text := range map[string]string{"ap/series/ebbe-und-flut.json": string(doc), "ap/secret.json": "{}"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(a.dir, file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(a.dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := a.as(id); got["id"] != id || got["totalItems"] != 1.0 {
		t.Errorf("%v", got)
	}
	for _, name := range []string{"flut", "Ebbe-und-Flut", "..%2Fsecret", "..%2F..%2Fap%2Fsecret", "%2e%2e%2fsecret"} {
		if res := a.do("GET", blog+"/ap/series/"+name); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", name, res.StatusCode)
		}
	}
	a.open(nil, nil)
	if res := a.do("GET", blog+"/ap/series/fl%C3%BCt"); res.StatusCode != http.StatusFound || res.Header.Get("Location") != blog+"/ap/series/fl%C3%BCt.json" {
		t.Errorf("with the site elsewhere: %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
}
