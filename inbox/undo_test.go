package inbox_test

import (
	"strings"
	"testing"

	"github.com/postil-blog/postil/store"
)

// TestUndoShapes: whatever an Undo names what it takes back by, it is taken back; an Undo of nothing known is 202 and takes nothing.
func TestUndoShapes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	done := map[string]struct {
		object any
		more   m
		stands func() bool
	}{
		"Follow":     {us, nil, func() bool { return w.following(us) == 1 }},
		"Like":       {post, nil, func() bool { return w.count(store.Like) == 1 }},
		"Announce":   {post, m{"to": []string{public}}, func() bool { return w.count(store.Boost) == 1 }},
		"EmojiReact": {post, m{"content": "🎉"}, func() bool { return w.count(store.Reaction) == 1 }},
		"Dislike":    {post, nil, func() bool { return w.count(store.Dislike) == 1 }},
	}
	for kind, c := range done {
		for name, undone := range map[string]func(did m) any{
			"whole":            func(did m) any { return did },
			"id":               func(did m) any { return did["id"] },
			"id in an object":  func(did m) any { return m{"id": did["id"]} },
			"id and type":      func(did m) any { return m{"id": did["id"], "type": kind} },
			"what it was":      func(did m) any { return m{"type": kind, "object": c.object} },
			"in an array":      func(did m) any { return []any{did} },
			"id in an array":   func(did m) any { return []any{did["id"]} },
			"type in an array": func(did m) any { return m{"id": did["id"], "type": []string{kind}, "object": c.object} },
			"object as an object": func(did m) any {
				return m{"type": kind, "actor": m{"id": aliceID}, "object": m{"id": c.object, "type": "Object"}}
			},
			"object in an array": func(did m) any { return m{"type": kind, "actor": []string{aliceID}, "object": []any{c.object}} },
			"an id of its own": func(did m) any {
				return m{"id": did["id"].(string) + "/object", "type": kind, "actor": aliceID, "object": c.object}
			},
		} {
			key := kind + "/" + strings.ReplaceAll(name, " ", "-")
			did := activity(kind, aliceID+"/"+key, aliceID, c.object, c.more)
			w.send(did)
			if !c.stands() {
				t.Fatalf("%s: it was not taken", key)
			}
			w.send(activity("Undo", aliceID+"/none/"+key, aliceID, aliceID+"/nothing/"+key, nil))
			w.send(activity("Undo", aliceID+"/other/"+key, aliceID, m{"type": kind, "object": "http://remote.example/other"}, nil))
			if !c.stands() {
				t.Errorf("%s: an Undo of something else takes it back", key)
			}
			w.send(activity("Undo", aliceID+"/undo/"+key, aliceID, undone(did), nil))
			if c.stands() {
				t.Errorf("%s: it is not taken back", key)
				w.send(activity("Undo", aliceID+"/again/"+key, aliceID, did, nil))
			}
		}
	}
}
