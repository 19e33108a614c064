package inbox_test

import (
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/store"
	"github.com/postil-blog/postil/store/storetest"
)

// endless gives as many blanks as anybody reads, and counts them. It ends at 64 MiB, so that a reader without a limit fails instead
// of hanging.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	if e.read > 64<<20 {
		return 0, io.EOF
	}
	for n := range p {
		p[n] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

// TestDoorStopsReading: of a body without end, no more is read than the longest that is taken.
func TestDoorStopsReading(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := &endless{}
	r := w.request(letter{doc: create(note(aliceID+"/n", aliceID, post, nil)), signer: aliceID})
	r.Body, r.ContentLength = io.NopCloser(body), -1
	answer := httptest.NewRecorder()
	w.inbox.ServeHTTP(answer, r)
	if answer.Code != http.StatusRequestEntityTooLarge || body.read > 2*activitypub.MaxDocument {
		t.Errorf("status %d after %d bytes, want 413 after 1 MiB", answer.Code, body.read)
	}
	w.untouched()
}

// TestSaysNoWhenItCannotStore: 202 is a promise. What the store did not take is answered 503, and taken when it comes again.
func TestSaysNoWhenItCannotStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "data", "postil.db")
	storetest.Make(t, file)
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	do(`CREATE TRIGGER no_room BEFORE INSERT ON comments BEGIN SELECT RAISE(ABORT, 'no room'); END`)
	if w.store, err = store.Open(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	w.listen(func(*remote.Options) {})
	w.write(func(tx *store.Tx) error {
		return tx.PutArticle(t.Context(), store.Article{ID: post, URL: page, Name: "One", SHA256: "00", JSON: []byte(`{}`),
			Published: w.clock(), Revision: 1, Announced: true})
	})
	reply := letter{doc: create(note(aliceID+"/n", aliceID, post, nil)), signer: aliceID}
	if status, res := w.postFull(reply); status != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("status %d, want 503 with Retry-After", status)
	}
	w.untouched(aliceID + "/n/activity")
	do(`DROP TRIGGER no_room`)
	if status := w.post(reply); status != http.StatusAccepted || w.count(store.Reply) != 1 {
		t.Errorf("when there is room again: status %d, %d replies, want 202 and 1", status, w.count(store.Reply))
	}
}

// TestActorOfAnotherID: an actor is who its own id says. The address of its page and the id of its key lead to it, and are no second and
// third name under which it could say everything once more.
func TestActorOfAnotherID(t *testing.T) {
	t.Parallel()
	for _, alias := range []string{"http://remote.example/@alice", aliceID + "#main-key"} {
		w := newWorld(t)
		w.peers.serve("http://remote.example/@alice", actor(aliceID, nil))
		got := w.post(letter{doc: activity("Like", aliceID+"/l", alias, post, nil), signer: aliceID})
		if got != http.StatusUnauthorized {
			t.Errorf("%s: status %d, want 401", alias, got)
		}
		w.untouched()
	}
}

// TestGoneActorOnlyGoes: that an actor's server says 410 proves one thing. Nothing else that comes in its name is believed for it.
func TestGoneActorOnlyGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.peers.status(aliceID, http.StatusGone)
	for _, doc := range []m{
		activity("Like", aliceID+"/l", aliceID, post, nil), activity("Delete", aliceID+"/d", aliceID, aliceID+"/n", nil),
		create(note(aliceID+"/n2", aliceID, post, nil)), activity("Follow", aliceID+"/f", aliceID, us, nil),
	} {
		if got := w.post(letter{doc: doc, signer: aliceID, key: keys()["mallory"]}); got != http.StatusUnauthorized {
			t.Errorf("%s: status %d, want 401", doc["type"], got)
		}
	}
	if w.count(store.Reply) != 1 || w.count(store.Like) != 0 {
		t.Errorf("%d replies, %d likes, want 1 and none", w.count(store.Reply), w.count(store.Like))
	}
}

// TestReplyUnderAnothersID: two accounts of one server; the second cannot put its words over those of the first.
func TestReplyUnderAnothersID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	forged := note(aliceID+"/n", bobID, post, nil)
	w.send(activity("Create", bobID+"/c", bobID, forged, m{"to": public}))
	if c, _ := w.comment(aliceID + "/n"); c.Actor != aliceID || w.text(aliceID+"/n") != "words of "+aliceID {
		t.Errorf("the reply is now of %s: %q", c.Actor, w.text(aliceID+"/n"))
	}
}

// TestUndoIsNoDelete: a reply cannot be undone, it is deleted; programs that undo a Create mean their own timeline.
func TestUndoIsNoDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.send(activity("Undo", aliceID+"/u", aliceID, aliceID+"/n", nil))
	if n := w.count(store.Reply); n != 1 {
		t.Errorf("%d replies, want 1", n)
	}
}

// TestUnknownActorsOfOneServer: the keys that a stranger can make us fetch from one server, whatever its subdomains, are counted.
func TestUnknownActorsOfOneServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.inbox.SpendKeys("victim.example", w.clock())
	for n := range 3 {
		id := fmt.Sprintf("http://s%d.victim.example/users/u", n)
		w.peers.serve(id, actor(id, nil))
		if got := w.post(letter{doc: activity("Like", id+"/l", id, post, nil), signer: id}); got != http.StatusTooManyRequests {
			t.Errorf("status %d, want 429", got)
		}
	}
	if n := w.peers.count(); n != 0 {
		t.Errorf("%d fetches, want none", n)
	}
	w.send(activity("Like", aliceID+"/l", aliceID, post, nil)) // another server is not concerned
}
