package inbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub/signature"
)

// attacker is where somebody stands who wants to touch what is alice's.
type attacker struct {
	name  string
	by    string // the actor of the activity
	keyID string // "": the actor's
}

var attackers = []attacker{
	{"of another server", evilID, ""},
	{"of the same server", bobID, ""},
	{"of another server, in her name, with her key's id", aliceID, aliceID + "#main-key"},
	{"of another server, in her name, with an own key", aliceID, evilID + "#main-key"},
	{"of the same server, in her name", aliceID, bobID + "#main-key"},
}

// TestAttackerForEveryVerb lets each attacker try each verb on everything that alice left. Nothing of hers changes, nothing is sent to her,
// and she goes on as before. Whoever writes in her name is told 401 (mutants: the key's owner is not looked at; same server is enough).
func TestAttackerForEveryVerb(t *testing.T) {
	t.Parallel()
	for verb, docs := range verbsAgainst {
		for _, a := range attackers {
			t.Run(verb+" "+a.name, func(t *testing.T) {
				t.Parallel()
				schemes(t, func(t *testing.T, s signature.Scheme) { a.try(t, s, verb, docs) })
			})
		}
	}
}

func (a attacker) try(t *testing.T, s signature.Scheme, verb string, docs func(by string) []any) {
	w := aliceWasHere(t)
	before := hers(w)
	for n, object := range docs(a.by) {
		doc, ok := object.(m)
		if !ok || doc["type"] != verb || doc["actor"] != a.by {
			doc = activity(verb, fmt.Sprint(a.by, "/", verb, n), a.by, object, m{"to": public, "content": "🍮", "target": evilID})
		}
		l := letter{doc: doc, signer: a.by, keyID: a.keyID, scheme: s}
		posing := a.by == aliceID
		if posing {
			l.key = keys()["mallory"]
		}
		got := w.post(l)
		for w.round() > 0 {
		}
		if posing && got != 401 || !posing && !slices.Contains([]int{202, 400, 403, 404}, got) {
			t.Errorf("%v: status %d", doc, got)
		}
		// Whoever was not allowed to say it is told so; what is merely about nothing of theirs is taken politely.
		if strings.Contains("Update Delete Undo", verb) && got == 202 {
			t.Errorf("%v: status 202, want 403", doc)
		}
		after := hers(w)
		for _, row := range before {
			if !slices.Contains(after, row) {
				t.Fatalf("%v changed\n%s\nand left\n%s", doc, row, strings.Join(after, "\n"))
			}
		}
		for _, row := range after {
			if !slices.Contains(before, row) {
				t.Fatalf("%v made\n%s", doc, row)
			}
		}
	}
	w.send(activity("Undo", aliceID+"/undo", aliceID, aliceID+"/like", nil))
	w.send(activity("Delete", aliceID+"/delete", aliceID, aliceID+"/notes/1", nil))
	if _, ok := w.comment(aliceID + "/notes/1"); ok {
		t.Error("afterwards she could not take back her own reply")
	}
}

// hers is what the store has of alice: rows of which she is the actor, and what would be sent to her.
func hers(w *world) []string {
	w.t.Helper()
	var out []string
	for row := range strings.SplitSeq(w.rows("seen", "errands", "threads", "hosts", "media"), "\n") {
		words := strings.Split(row, " | ")
		if slices.Contains(words, aliceID) || strings.Contains(words[0], aliceID) || slices.Contains(words, aliceID+"/inbox") {
			out = append(out, row)
		}
	}
	if len(out) < 7 {
		w.t.Fatalf("alice left %d rows only:\n%s", len(out), strings.Join(out, "\n"))
	}
	return out
}

// Alice's things, as others would name them.
func herActivities() []m {
	return []m{
		activity("Follow", aliceID+"/follow", aliceID, us, nil), activity("Like", aliceID+"/like", aliceID, post, nil), activity("Dislike", aliceID+"/dislike", aliceID, post, nil),
		activity("EmojiReact", aliceID+"/react", aliceID, post, m{"content": "🍮"}), activity("Announce", aliceID+"/boost", aliceID, post, m{"to": public}),
		create(note(aliceID+"/notes/1", aliceID, post, nil)),
	}
}

// verbsAgainst gives the objects (or whole activities) with which somebody could try to touch what is hers.
var verbsAgainst = map[string]func(by string) []any{
	"Create": func(by string) []any {
		lie := note(aliceID+"/notes/1", by, post, m{"content": "lies"})
		return []any{lie, merge(note(aliceID+"/notes/1", aliceID, post, nil), m{"content": "lies"}), aliceID + "/notes/1", merge(note(by+"/n", aliceID, post, nil), m{"content": "lies"}), note(by+"/n2", by, post, m{"attributedTo": []any{aliceID}})}
	},
	"Update": func(by string) []any {
		return []any{
			note(aliceID+"/notes/1", by, post, m{"content": "lies"}), note(aliceID+"/notes/1", aliceID, post, m{"content": "lies"}), note(aliceID+"/notes/1", by, post, m{"to": by, "cc": nil}),
			actor(aliceID, m{"name": "lies"}), m{"id": aliceID, "type": "Person"}, m{"id": aliceID + "/like", "type": "Like", "attributedTo": by, "object": post},
		}
	},
	"Delete": func(by string) []any {
		objects := []any{aliceID, m{"id": aliceID, "type": "Tombstone"}, aliceID + "/notes/1", m{"id": aliceID + "/notes/1", "type": "Tombstone", "formerType": "Note"}}
		for _, a := range herActivities() {
			if a["type"] != "Follow" && a["type"] != "Create" { // those have no row of their own: nobody's, and 202
				objects = append(objects, a["id"])
			}
		}
		return objects
	},
	"Undo": func(by string) []any {
		var objects []any
		for _, a := range herActivities() {
			objects = append(objects, a)
			if a["type"] == "Follow" || a["type"] == "Create" {
				continue
			}
			objects = append(objects, a["id"], merge(merge(m{}, a), m{"actor": by}))
		}
		for _, kind := range []string{"Block", "Accept", "Undo", "Add", "Flag"} {
			objects = append(objects, activity(kind, aliceID+"/x", aliceID, us, nil))
		}
		return objects
	},
	"Like":       reacting("Like", "/like"),
	"Dislike":    reacting("Dislike", "/dislike"),
	"EmojiReact": reacting("EmojiReact", "/react"),
	"Announce": func(by string) []any {
		objects := reacting("Announce", "/boost")(by)
		for _, a := range herActivities() {
			objects = append(objects, activity("Undo", aliceID+"/u", aliceID, a, nil), activity("Delete", aliceID+"/d", aliceID, a["id"], nil))
		}
		return append(objects, activity("Delete", aliceID+"/d", aliceID, aliceID, nil), activity("Update", aliceID+"/u", aliceID, note(aliceID+"/notes/1", aliceID, post, m{"content": "lies"}), nil))
	},
	"Follow": func(by string) []any {
		return []any{activity("Follow", aliceID+"/follow", by, us, nil), aliceID, aliceID + "/notes/1"}
	},
	"Block": func(by string) []any { return []any{aliceID, us, activity("Block", aliceID+"/b", by, us, nil)} },
	"Flag":  func(by string) []any { return []any{aliceID, []any{us, aliceID + "/notes/1"}, us} },
	"Move": func(by string) []any {
		return []any{aliceID, activity("Move", by+"/m", by, aliceID, m{"target": by}), activity("Move", by+"/m2", by, by, m{"target": aliceID}), activity("Move", by+"/m3", by, aliceID, m{"origin": aliceID, "target": evilID})}
	},
	"Add":    func(by string) []any { return []any{aliceID + "/notes/1", aliceID, us} },
	"Remove": func(by string) []any { return []any{aliceID + "/notes/1", aliceID, aliceID + "/follow", us} },
	"QuoteRequest": func(by string) []any {
		return []any{post, activity("QuoteRequest", by+"/q", by, post, m{"instrument": aliceID + "/notes/1"}), activity("QuoteRequest", by+"/q2", by, post, m{"instrument": note(aliceID+"/notes/1", aliceID, elsewhere, m{"content": "lies", "quote": post})})}
	},
	"Accept": answering("Accept"),
	"Reject": answering("Reject"),
}

const elsewhere = "http://remote.example/elsewhere"

// reacting uses up the id of her reaction, and reacts in her name.
func reacting(kind, path string) func(by string) []any {
	return func(by string) []any {
		return []any{
			activity(kind, aliceID+path, by, post, m{"to": public, "content": "🍮"}), activity(kind, aliceID+"/notes/1", by, post, m{"to": public, "content": "🍮"}),
			activity(kind, by+"/r", by, post, m{"to": public, "content": "🍮", "attributedTo": aliceID}), aliceID + path,
		}
	}
}

func answering(kind string) func(by string) []any {
	return func(by string) []any {
		var objects []any
		for _, a := range herActivities() {
			objects = append(objects, a, a["id"], activity(kind, aliceID+"/"+kind, by, a, nil))
		}
		return objects
	}
}
