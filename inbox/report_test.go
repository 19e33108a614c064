package inbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

const serverID = "http://other.example/actor" // Mastodon's: an Application in whose name its people report

// reported is a world in which bob has commented and alice follows. A server reports.
func reportable(t *testing.T) *world {
	w := newWorld(t)
	w.peers.serve(serverID, actor(serverID, m{"type": "Application", "preferredUsername": "other.example"}))
	w.send(create(note(bobID+"/n", bobID, post, nil)))
	w.send(activity("Follow", aliceID+"/f", aliceID, us, nil))
	return w
}

func (w *world) reports() []store.Report {
	w.t.Helper()
	list, err := w.store.Reports(w.t.Context(), true)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func TestFlag(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by     string
		object any
		with   m
		want   store.Report
	}{
		"Mastodon, account and post": {serverID, []string{bobID, bobID + "/n"}, m{"content": "Rude <b>words</b>"},
			store.Report{Who: "other.example", Text: "Rude <b>words</b>", Objects: []string{bobID, bobID + "/n"}}},
		"Lemmy, a post, words in summary": {aliceID, post, m{"summary": "report this post"},
			store.Report{Who: "@alice@remote.example", Text: "report this post", Objects: []string{post}}},
		"Mbin, no words": {aliceID, page, m{"summary": nil, "content": nil}, store.Report{Who: "@alice@remote.example", Objects: []string{post}}},
		"GoToSocial, us and a post": {evilID, []any{"https://BLOG.example/ap/actor", m{"id": post, "type": "Article"}}, m{"content": "a\nb"},
			store.Report{Who: "@mallory@evil.example", Text: "a\nb", Objects: []string{us, post}}},
		"part of it is not here": {serverID, []string{"http://third.example/u", bobID + "/n", "http://third.example/n", bobID + "/n"}, nil,
			store.Report{Who: "other.example", Objects: []string{bobID + "/n"}, Dropped: 2}},
		"a follower":    {serverID, aliceID, nil, store.Report{Who: "other.example", Objects: []string{aliceID}}},
		"contentMap":    {serverID, aliceID, m{"contentMap": m{"de": "Nein"}}, store.Report{Who: "other.example", Text: "Nein", Objects: []string{aliceID}}},
		"no id":         {serverID, aliceID, m{"id": nil}, store.Report{Who: "other.example", Objects: []string{aliceID}}},
		"control words": {serverID, aliceID, m{"content": "a\x1b[31m\u202eb"}, store.Report{Who: "other.example", Text: "a[31mb", Objects: []string{aliceID}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schemes(t, func(t *testing.T, s signature.Scheme) {
				w := reportable(t)
				before := w.counts()
				d := activity("Flag", c.by+"/flags/1", c.by, c.object, merge(m{"to": us}, c.with))
				for range 2 { // once for each activity
					if got := w.post(letter{doc: d, signer: c.by, scheme: s}); got != 202 {
						t.Fatalf("status %d, want 202", got)
					}
				}
				list := w.reports()
				if len(list) != 1 {
					t.Fatalf("%d reports, want 1", len(list))
				}
				got := list[0]
				if len(got.Key) != 10 || got.Actor != c.by || got.Server == "" || !got.At.Equal(w.clock()) || !got.Closed.IsZero() {
					t.Errorf("report %+v", got)
				}
				c.want.Key, c.want.Actor, c.want.Server, c.want.At = got.Key, got.Actor, got.Server, got.At
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if now := w.counts(); now != before || w.round() != 0 {
					t.Errorf("a report changed the page: %+v, was %+v", now, before)
				}
			})
		})
	}
}

// TestFlagOfNothing leaves no trace (mutants: every report is kept; a withdrawn post counts).
func TestFlagOfNothing(t *testing.T) {
	t.Parallel()
	w := reportable(t)
	w.write(func(tx *store.Tx) error {
		return tx.PutArticle(t.Context(), store.Article{ID: blog + "/ap/posts/gone", URL: blog + "/posts/gone/", Withdrawn: w.clock()})
	})
	for n, object := range []any{"http://third.example/u", []string{evilID, serverID}, blog + "/ap/posts/gone", blog + "/ap/posts/none", blog + "/", m{"type": "Note"}} {
		d := activity("Flag", fmt.Sprintf("%s/f%d", serverID, n), serverID, object, m{"content": "x"})
		w.sendAs(serverID, d, 202)
		if seen, _ := w.store.Seen(t.Context(), d["id"].(string)+" "+serverID); seen {
			t.Errorf("a report of %v is remembered", object)
		}
	}
	if list := w.reports(); len(list) != 0 {
		t.Errorf("reports %+v, want none", list)
	}
	if known, _ := w.store.ActorKnown(t.Context(), serverID); known {
		t.Error("the reporting server is kept")
	}
	w.sendAs(evilID, activity("Flag", aliceID+"/flag", evilID, post, nil), 403) // an id of another server
	w.sendAs(evilID, activity("Flag", aliceID+"/flag", aliceID, post, nil), 401)
}

// TestFlagIsBounded in words, in objects, and in how many one server may send (mutants: no cut; no budget).
func TestFlagIsBounded(t *testing.T) {
	t.Parallel()
	w := reportable(t)
	objects := slices.Repeat([]string{"http://third.example/n"}, 100)
	for n := range 30 {
		id := fmt.Sprintf("%s/n%d", bobID, n)
		w.send(create(note(id, bobID, post, nil)))
		objects[n] = id
	}
	w.sendAs(serverID, activity("Flag", serverID+"/f", serverID, objects, m{"content": strings.Repeat("ä", 9000)}), 202)
	r := w.reports()[0]
	if n := len([]rune(r.Text)); n != 5000 || len(r.Objects) != 20 || r.Dropped != 80 {
		t.Errorf("%d letters, %d objects, %d dropped, want 5000, 20, 80", n, len(r.Objects), r.Dropped)
	}
	told := 0
	for n := range 300 {
		if w.post(letter{doc: activity("Flag", fmt.Sprintf("%s/f%d", serverID, n), serverID, post, nil), signer: serverID}) == 429 {
			told++
		}
	}
	if n := len(w.reports()); told < 190 || n > 110 {
		t.Errorf("%d of 300 reports of one server were too many, %d are kept", told, n)
	}
	w.sendAs(aliceID, activity("Flag", aliceID+"/flag", aliceID, post, nil), 202) // another server is still heard
}

// TestReportsStayPrivate: whatever a stranger can fetch does not tell of a report.
func TestReportsStayPrivate(t *testing.T) {
	t.Parallel()
	w := reportable(t)
	w.sendAs(serverID, activity("Flag", serverID+"/f", serverID, []string{post, bobID + "/n"}, m{"content": "CANARY-REPORT", "to": public}), 202)
	w.advance(time.Minute)
	for _, path := range []string{"/api/v1/thread?post=" + post, "/ap/outbox", "/ap/outbox?page=1", "/ap/posts/one", "/ap/posts/one/replies", "/comments/one", "/ap/actor",
		"/nodeinfo/2.1", "/admin/", "/ap/inbox", "/posts/one/"} {
		res := w.get(path)
		var b strings.Builder
		if err := res.Write(&b); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "CANARY-REPORT") {
			t.Errorf("%s tells of the report", path)
		}
	}
	if len(w.reports()) != 1 {
		t.Error("the report is not there")
	}
}
