package inbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// newGroup is a blog that is a Group with an author and a follower.
func newGroup(t *testing.T, change ...func(*site.Config)) *world {
	t.Helper()
	w := newWorld(t, append(change, aGroup, withAda)...)
	w.pair()
	w.send(activity("Follow", bobID+"/1", bobID, us, nil))
	return w
}

// pair lets the outbox do its round.
func (w *world) pair() {
	w.t.Helper()
	if _, err := w.outbox.Round(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// told gives what the Group's followers were told about something, in order: "Announce{Create}", "Undo{Announce}"; and the activities.
func (w *world) told(about string) (string, []m) {
	w.t.Helper()
	w.pair()
	out, err := w.store.Deliveries(w.t.Context(), about)
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	var all []m
	for _, d := range out {
		a := m{}
		if row, err := w.store.Activity(w.t.Context(), d.Activity); err == nil {
			if err := json.Unmarshal(row.JSON, &a); err != nil {
				w.t.Fatal(err)
			}
		}
		name := d.Type
		if inner, ok := a["object"].(m); ok {
			name += "{" + inner["type"].(string) + "}"
		}
		names, all = append(names, name), append(all, a)
	}
	return strings.Join(names, " "), all
}

func (w *world) set(id string, s store.CommentState) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error { return tx.SetCommentState(w.t.Context(), id, s) })
}

// TestGroupPassesOnLater: what the owner approves later is passed on as it came, once; hidden again it is taken back, with a moderator's
// Delete for Lemmy; shown once more it comes back; and nothing that was never passed on is taken back.
func TestGroupPassesOnLater(t *testing.T) {
	t.Parallel()
	w := newGroup(t, func(c *site.Config) { c.Comments.Mode = "approve" })
	id := aliceID + "/n/held"
	came := create(note(id, aliceID, post, m{"proof": m{"type": "DataIntegrityProof"}}))
	w.send(came)
	w.send(create(note(aliceID+"/n/never", aliceID, post, nil)))
	if got, _ := w.told(id); got != "" {
		t.Fatalf("of a reply that waits was told %s", got)
	}
	w.set(aliceID+"/n/never", store.Hidden)
	w.set(id, store.Shown)
	w.told(id)
	got, all := w.told(id)
	if got != "Announce{Create}" {
		t.Fatalf("of an approved reply was told %s", got)
	}
	want, _ := json.Marshal(came)
	if inner, _ := json.Marshal(all[0]["object"]); string(inner) != string(want) {
		t.Errorf("passed on is %s, want it as it came: %s", inner, want)
	}
	w.set(id, store.Hidden)
	w.told(id)
	got, all = w.told(id)
	if got != "Announce Undo{Announce} Announce{Delete}" { // the words of the first are not to be had any more
		t.Fatalf("of a hidden reply was told %s", got)
	}
	if del := all[2]["object"].(m); del["actor"] != ada || del["object"] != id || del["summary"] == nil || all[2]["actor"] != us || all[1]["actor"] != us {
		t.Errorf("the moderator's Delete is %v", all[2])
	}
	w.set(id, store.Shown)
	w.told(id)
	if got, _ = w.told(id); got != "Announce Undo{Announce} Announce{Delete} Announce{Create} Announce{Undo}" {
		t.Errorf("of a reply that shows again was told %s", got)
	}
	if got, _ := w.told(aliceID + "/n/never"); got != "" {
		t.Errorf("of a reply that never showed was told %s", got)
	}
}

// TestGroupTakesBack: what showed at once and is hidden, blocked away or held for what it became is taken back; what its author deleted is
// passed on as that Delete and no more.
func TestGroupTakesBack(t *testing.T) {
	t.Parallel()
	w := newGroup(t)
	ctx := t.Context()
	for _, by := range []string{"/n/hidden", "/n/deleted", "/n/narrowed"} {
		w.send(create(note(aliceID+by, aliceID, post, nil)))
	}
	w.send(create(note(evilID+"/n/1", evilID, post, nil)))
	w.set(aliceID+"/n/hidden", store.Hidden)
	w.send(activity("Delete", aliceID+"/d/1", aliceID, aliceID+"/n/deleted", nil))
	w.send(activity("Update", aliceID+"/u/1", aliceID, note(aliceID+"/n/narrowed", aliceID, post, m{"to": []string{us}, "cc": nil, "content": "SECRET"}), nil))
	w.write(func(tx *store.Tx) error { _, err := tx.RemoveBlocked(ctx, "evil.example"); return err })
	for id, want := range map[string]string{
		aliceID + "/n/hidden": "Announce Undo{Announce} Announce{Delete}", aliceID + "/n/deleted": "Announce{Create} Announce{Delete}",
		aliceID + "/n/narrowed": "Announce Undo{Announce} Announce{Delete}", evilID + "/n/1": "Announce Undo{Announce} Announce{Delete}",
	} {
		got, all := w.told(id)
		if got != want {
			t.Errorf("of %s was told %s, want %s", id, got, want)
		}
		if b, _ := json.Marshal(all); strings.Contains(string(b), "SECRET") {
			t.Errorf("of %s was told %s", id, b)
		}
	}
}

// TestGroupPassesOnWhatWasFetched: a reply that was found and not sent, and its edit, are passed on as its own server serves them; what was
// there before the blog became a Group is not.
func TestGroupPassesOnWhatWasFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withAda)
	w.send(activity("Follow", bobID+"/1", bobID, us, nil))
	w.send(create(note(aliceID+"/n/before", aliceID, post, nil)))
	w.advance(time.Minute)
	w.cfg.Federation.Type = "Group"
	w.pair()
	id := aliceID + "/n/found"
	n := served(note(id, aliceID, post, nil))
	w.peers.serve(id, n)
	w.send(activity("Create", bobID+"/c", bobID, id, m{"to": []string{public}})) // forwarded: only where it is
	w.round()
	got, all := w.told(id)
	if got != "Announce{Create}" {
		t.Fatalf("of a fetched reply was told %s", got)
	}
	inner := all[0]["object"].(m)
	if inner["actor"] != aliceID || inner["id"] != id+"#create" || inner["object"].(m)["id"] != id || inner["object"].(m)["@context"] != nil {
		t.Errorf("passed on is %v", inner)
	}
	w.advance(20 * time.Minute)
	n["content"], n["updated"] = "<p>other words</p>", w.clock().Format(time.RFC3339)
	w.peers.serve(id, n)
	w.round()
	if got, all = w.told(id); got != "Announce{Create} Announce{Update}" || !strings.Contains(all[1]["object"].(m)["object"].(m)["content"].(string), "other words") {
		t.Errorf("after its edit was told %s", got)
	}
	if got, _ := w.told(aliceID + "/n/before"); got != "" {
		t.Errorf("of what was there before was told %s", got)
	}
}

// TestGroupPassesOnAnUndoWithoutID: several programs undo a like by what it was.
func TestGroupPassesOnAnUndoWithoutID(t *testing.T) {
	t.Parallel()
	w := newGroup(t)
	w.send(activity("Like", aliceID+"/l", aliceID, post, nil))
	w.send(activity("Undo", aliceID+"/u", aliceID, m{"type": "Like", "actor": aliceID, "object": post}, nil))
	if got, _ := w.told(aliceID + "/l"); got != "Announce{Like} Announce{Undo}" {
		t.Errorf("told was %s", got)
	}
	w.send(activity("Undo", aliceID+"/u2", aliceID, m{"type": "Like", "actor": aliceID, "object": post}, nil))
	w.sendAs(aliceID, activity("Undo", aliceID+"/u3", aliceID, m{"type": "Like", "actor": bobID, "object": post}, nil), http.StatusForbidden)
	if got, _ := w.told(aliceID + "/l"); got != "Announce{Like} Announce{Undo}" {
		t.Errorf("after an Undo of nothing told was %s", got)
	}
}
