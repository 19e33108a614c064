package inbox_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/postil-blog/postil/site"
)

// passed gives the types of what the Group passed on about something, and checks their shape.
func (w *world) passed(about string) string {
	w.t.Helper()
	out, err := w.store.Deliveries(w.t.Context(), about)
	if err != nil {
		w.t.Fatal(err)
	}
	var types []string
	for _, d := range out {
		row, err := w.store.Activity(w.t.Context(), d.Activity)
		if err != nil {
			w.t.Fatal(err)
		}
		var a struct {
			ID, Type, Actor string
			To, CC          []string
			Object          m
		}
		if err := json.Unmarshal(row.JSON, &a); err != nil {
			w.t.Fatal(err)
		}
		if a.Type != "Announce" || a.Actor != us || a.To[0] != public || a.CC[0] != us[:len(us)-len("actor")]+"followers" || row.Public {
			w.t.Errorf("passed on as %s, listed %v", row.JSON, row.Public)
		}
		types = append(types, a.Object["type"].(string))
	}
	return strings.Join(types, " ")
}

func aGroup(c *site.Config) { c.Federation.Type = "Group" }

// TestGroupPassesOn: subscribers on Lemmy see comments and votes because the Group passes them on.
func TestGroupPassesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, aGroup)
	w.send(activity("Follow", bobID+"/1", bobID, us, nil))
	reply := note(aliceID+"/n/1", aliceID, post, nil)
	w.send(create(reply))
	w.send(activity("Update", aliceID+"/u/1", aliceID, merge(note(aliceID+"/n/1", aliceID, post, nil), m{"content": "<p>other words</p>"}), m{"to": []string{public}}))
	w.send(activity("Delete", aliceID+"/d/1", aliceID, aliceID+"/n/1", nil))
	if got := w.passed(aliceID + "/n/1"); got != "Create Update Delete" {
		t.Errorf("of a reply was passed on: %s", got)
	}
	for _, kind := range []string{"Like", "Dislike"} {
		like := activity(kind, aliceID+"/"+kind, aliceID, post, nil)
		w.send(like)
		w.send(activity("Undo", aliceID+"/undo-"+kind, aliceID, like, nil))
		if got := w.passed(aliceID + "/" + kind); got != kind+" Undo" {
			t.Errorf("of a %s was passed on: %s", kind, got)
		}
	}
	w.send(activity("Announce", aliceID+"/b/1", aliceID, post, m{"to": []string{public}}))
	if got := w.passed(aliceID + "/b/1"); got != "" {
		t.Errorf("of a boost was passed on: %s", got)
	}
}

// TestGroupKeepsToItself: what is not public, waits for the owner, or is about nothing of ours goes nowhere; and a Person passes nothing on.
func TestGroupKeepsToItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, aGroup, func(c *site.Config) { c.Comments.Mode = "approve" })
	w.send(activity("Follow", bobID+"/1", bobID, us, nil))
	w.send(create(note(aliceID+"/n/held", aliceID, post, nil)))
	w.send(create(note(aliceID+"/n/secret", aliceID, post, m{"to": []string{us}, "cc": nil})))
	w.send(activity("Delete", aliceID+"/d/0", aliceID, aliceID+"/n/nothing", nil))
	for _, id := range []string{"/n/held", "/n/secret", "/n/nothing"} {
		if got := w.passed(aliceID + id); got != "" {
			t.Errorf("%s was passed on: %s", id, got)
		}
	}
	w = newWorld(t, aGroup)
	w.send(activity("Follow", bobID+"/1", bobID, us, nil))
	w.send(create(note(aliceID+"/n/1", aliceID, post, nil)))
	w.send(activity("Update", aliceID+"/u/1", aliceID, note(aliceID+"/n/1", aliceID, post, m{"to": []string{us}, "cc": nil, "content": "SECRET"}), nil))
	if got := w.passed(aliceID + "/n/1"); got != "Create" {
		t.Errorf("a reply that is not public any more was passed on: %s", got)
	}
	w = newWorld(t)
	w.send(activity("Follow", bobID+"/1", bobID, us, nil))
	w.send(create(note(aliceID+"/n/1", aliceID, post, nil)))
	if got := w.passed(aliceID + "/n/1"); got != "" {
		t.Errorf("a Person passed on: %s", got)
	}
}
