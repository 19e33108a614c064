package inbox_test

import (
	"fmt"
	"testing"

	"github.com/postil-blog/postil/store"
)

func TestReactions(t *testing.T) {
	t.Parallel()
	blob := []m{{"type": "Emoji", "name": ":blob:", "icon": m{"type": "Image", "url": "http://remote.example/blob.png"}}}
	for name, c := range map[string]struct {
		kind     string
		with     m
		want     store.Kind // "" = nothing
		emoji    string
		emojiURL string
	}{
		"like":                      {"Like", nil, store.Like, "", ""},
		"like without id":           {"Like", m{"id": nil}, store.Like, "", ""},
		"dislike":                   {"Dislike", nil, store.Dislike, "", ""},
		"emoji reaction":            {"EmojiReact", m{"content": "🍮"}, store.Reaction, "🍮", ""},
		"like with emoji":           {"Like", m{"content": "👩‍👩‍👧‍👦", "_misskey_reaction": "👩‍👩‍👧‍👦"}, store.Reaction, "👩‍👩‍👧‍👦", ""},
		"misskey alone":             {"Like", m{"_misskey_reaction": "❤️"}, store.Reaction, "❤️", ""},
		"flag":                      {"Like", m{"content": "🇸🇪"}, store.Reaction, "🇸🇪", ""},
		"keycap":                    {"Like", m{"content": "3️⃣"}, store.Reaction, "3️⃣", ""},
		"custom emoji":              {"Like", m{"content": ":blob:", "tag": blob}, store.Reaction, ":blob:", "http://remote.example/blob.png"},
		"custom emoji of a host":    {"Like", m{"content": ":blob@.:", "tag": blob}, store.Reaction, ":blob:", "http://remote.example/blob.png"},
		"custom emoji, no picture":  {"Like", m{"content": ":blob:"}, store.Like, "", ""},
		"custom emoji, bad picture": {"EmojiReact", m{"content": ":x:", "tag": m{"type": "Emoji", "name": ":x:", "icon": m{"url": "javascript:x"}}}, store.Like, "", ""},
		"word":                      {"Like", m{"_misskey_reaction": "pudding"}, store.Like, "", ""},
		"digits":                    {"Like", m{"content": "42"}, store.Like, "", ""},
		"markup":                    {"Like", m{"content": "<b>"}, store.Like, "", ""},
		"boost":                     {"Announce", m{"to": public}, store.Boost, "", ""},
		"boost, unlisted":           {"Announce", m{"cc": []string{"as:Public"}}, store.Boost, "", ""},
		"boost of a list":           {"Announce", m{"to": public, "object": []string{post}}, store.Boost, "", ""},
		"boost with a copy":         {"Announce", m{"to": public, "object": m{"id": post, "type": "Article", "content": "forged"}}, store.Boost, "", ""},
		"boost of the page":         {"Announce", m{"to": public, "object": page}, store.Boost, "", ""},
		"boost for followers":       {"Announce", m{"to": aliceID + "/followers"}, "", "", ""},
		"boost for nobody":          {"Announce", nil, "", "", ""},
		"boost of a like":           {"Announce", m{"to": public, "object": m{"type": "Like", "id": bobID + "/l", "actor": bobID, "object": "http://third.example/1"}}, "", "", ""},
		"like of a foreign note":    {"Like", m{"object": "http://third.example/1"}, "", "", ""},
		"like of no post":           {"Like", m{"object": blog + "/ap/posts/unknown"}, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			doc := activity(c.kind, aliceID+"/a", aliceID, post, c.with)
			w.send(doc)
			w.send(doc)
			if _, ok := doc["id"]; ok { // once for each actor, whatever the id
				w.send(merge(doc, m{"id": aliceID + "/b"}))
			}
			if c.want == "" {
				w.untouched(aliceID+"/a", aliceID+"/b")
				if n := w.peers.count(); n != 1 {
					t.Errorf("%d fetches, want the key alone", n)
				}
				return
			}
			all, err := w.store.Thread(t.Context(), post)
			if err != nil || len(all) != 1 {
				t.Fatalf("%d rows, %v, want 1", len(all), err)
			}
			if got := all[0]; got.Kind != c.want || got.Emoji != c.emoji || got.EmojiURL != c.emojiURL || got.Parent != post || got.Actor != aliceID {
				t.Errorf("stored %+v", got.Comment)
			}
		})
	}
}

func TestReactionToComment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.send(activity("Like", bobID+"/l", bobID, aliceID+"/n", nil))
	w.send(activity("Announce", bobID+"/b", bobID, aliceID+"/n", m{"to": public}))
	for _, id := range []string{bobID + "/l", bobID + "/b"} {
		if c, ok := w.comment(id); !ok || c.Post != post || c.Parent != aliceID+"/n" {
			t.Errorf("%s: %+v, %v", id, c, ok)
		}
	}
	w.send(activity("Announce", evilID+"/b", evilID, bobID+"/b", m{"to": public})) // a boost of a boost
	if _, ok := w.comment(evilID + "/b"); ok {
		t.Error("a boost of a boost was counted")
	}
}

// TestReactionDoesNotOverwrite: a Like whose id is that of somebody's reply must not take its place (mutant: rows are replaced by id alone).
func TestReactionDoesNotOverwrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := aliceID + "/n"
	w.send(create(note(id, aliceID, post, nil)))
	w.sendAs(bobID, activity("Like", id, bobID, post, nil), 403)
	w.sendAs(bobID, activity("Announce", id, bobID, post, m{"to": public}), 403)
	if c, ok := w.comment(id); !ok || c.Kind != store.Reply || c.Actor != aliceID {
		t.Errorf("alice's reply is now %+v", c)
	}
}

// TestUndo takes back one's own reactions by id and by what they were, and nobody else's (mutant: Undo looks at no actor).
func TestUndo(t *testing.T) {
	t.Parallel()
	like := activity("Like", aliceID+"/l", aliceID, post, nil)
	react := activity("EmojiReact", aliceID+"/e", aliceID, post, m{"content": "🍮"})
	boost := activity("Announce", aliceID+"/b", aliceID, post, m{"to": public})
	dislike := activity("Dislike", aliceID+"/d", aliceID, post, nil)
	for n, made := range []m{like, react, boost, dislike} {
		for form, object := range map[string]any{
			"embedded": made, "id": made["id"], "no id": merge(activity(made["type"].(string), "", aliceID, post, nil), m{"id": nil}),
			"other id": activity(made["type"].(string), aliceID+"/other", aliceID, post, nil),
		} {
			t.Run(fmt.Sprint(made["type"], " ", form), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.send(made)
				w.sendAs(evilID, activity("Undo", evilID+"/u", evilID, made, nil), 403)
				w.sendAs(evilID, activity("Undo", evilID+"/v", evilID, made["id"], nil), 403)
				w.sendAs(bobID, activity("Undo", bobID+"/u", bobID, made, nil), 403)
				w.sendAs(bobID, activity("Undo", bobID+"/v", bobID, made["id"], nil), 403)
				w.sendAs(bobID, activity("Undo", bobID+"/x", bobID, activity(made["type"].(string), bobID+"/none", bobID, post, nil), nil), 202)
				w.sendAs(bobID, activity("Delete", bobID+"/y", bobID, made["id"], nil), 403)
				w.send(activity("Undo", aliceID+"/uu", aliceID, activity("Undo", aliceID+"/u0", aliceID, made, nil), nil))
				if _, ok := w.comment(made["id"].(string)); !ok {
					t.Fatal("gone after the attackers' attempts")
				}
				w.send(activity("Undo", fmt.Sprint(aliceID, "/u", n), aliceID, object, nil))
				if _, ok := w.comment(made["id"].(string)); ok {
					t.Error("still there")
				}
				w.send(activity("Undo", fmt.Sprint(aliceID, "/w", n), aliceID, object, nil)) // of nothing: welcome, and never below zero
			})
		}
	}
}

// TestUndoOneOfSeveral: taking one emoji back leaves the others, also where its id is unknown (mutant: all of a kind go). Misskey
// changes a reaction by Undo and a new Like, in whatever order they arrive.
func TestUndoOneOfSeveral(t *testing.T) {
	t.Parallel()
	react := func(id, emoji string) m {
		return activity("Like", aliceID+id, aliceID, post, m{"content": emoji, "_misskey_reaction": emoji})
	}
	undo := func(id string, of m) m { return activity("Undo", aliceID+id, aliceID, of, nil) }
	for name, list := range map[string][]m{
		"unknown id":       {react("/1", "🍮"), react("/2", "🎉"), undo("/u", react("/9", "🍮"))},
		"changed":          {react("/1", "🍮"), undo("/u", react("/1", "🍮")), react("/2", "🎉")},
		"changed, crossed": {react("/1", "🍮"), react("/2", "🎉"), undo("/u", react("/1", "🍮"))},
		"undone unseen":    {react("/2", "🎉"), undo("/u", react("/1", "🍮"))},
		"other spelling":   {react("/0", "❤"), react("/2", "🎉"), react("/1", "❤\uFE0F"), undo("/u", react("/9", "❤"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for _, doc := range list {
				w.send(doc)
			}
			rows, err := w.store.Thread(t.Context(), post)
			if err != nil || len(rows) != 1 || rows[0].Emoji != "🎉" {
				t.Errorf("left %+v, %v, want 🎉", rows, err)
			}
		})
	}
}
