package outbox

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// provenBy wants a document to carry a good proof of a key, made at a time.
func provenBy(t testing.TB, doc []byte, key signature.Key, at time.Time) {
	t.Helper()
	p, err := signature.ReadProof(doc, at)
	if err == nil {
		err = p.Verify(key.Private.Public())
	}
	if err != nil || p.Method != key.ID || !p.Created.Equal(at.Truncate(time.Second)) {
		t.Errorf("%v, method %s, created %v: %s", err, p.Method, p.Created, doc)
	}
}

// allProven wants everything that arrived behind the first seen to carry its actor's proof, made now.
func (w *world) allProven(s *sink, seen int) {
	w.t.Helper()
	list := s.arrivals()[seen:]
	if len(list) == 0 {
		w.t.Error("nothing was told")
	}
	for _, got := range list {
		var by struct{ Actor string }
		w.must(json.Unmarshal([]byte(got.Body), &by))
		provenBy(w.t, []byte(got.Body), w.proofs[by.Actor], w.time())
		if row, err := w.store.Activity(w.t.Context(), got.ID); err == nil && string(row.JSON) != got.Body {
			w.t.Errorf("kept as %s, sent as %s", row.JSON, got.Body)
		}
	}
}

// TestEverythingIsProven: every activity of a post's life carries its actor's own proof, as it is delivered and as it is kept, one for all inboxes;
// the object inside stays as it was published.
func TestEverythingIsProven(t *testing.T) {
	t.Parallel()
	w, ada, fans, hers := withAuthor(t, "Group")
	_, private, err := ed25519.GenerateKey(nil)
	w.must(err)
	w.proofs[ada] = signature.Key{ID: w.config.Addresses().EdKeyOf(ada), Private: private}
	more := w.sink("more")
	for _, step := range []func(){func() { w.by(ada, "a", "<p>one</p>") }, func() { w.by(ada, "a", "<p>two</p>") }, func() { w.withdraw("a") }} {
		n, m := len(fans.arrivals()), len(hers.arrivals())
		w.pass(time.Hour)
		step()
		w.round()
		w.allProven(fans, n)
		w.allProven(hers, m)
	}
	for _, got := range fans.arrivals() {
		if !slices.ContainsFunc(more.arrivals(), func(a arrival) bool { return a.Body == got.Body }) {
			t.Errorf("another inbox got other words: %s", got.Body)
		}
	}
	data, err := os.ReadFile(filepath.Join(w.dir, "public", "ap", "posts", "a.json"))
	w.must(err)
	doc, err := parseDocument(data)
	w.must(err)
	if update := hers.arrivals()[1].Body; !strings.Contains(update, `"object":`+string(doc.bare)+`,"proof":`) {
		t.Errorf("the object is not as published: %s", update)
	}
}

// TestLateCreateIsProven: who gets the Create after an edit gets a proof of the new words.
func TestLateCreateIsProven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("peer")
	w.setDown("peer", true)
	w.put("a", "one")
	w.round()
	w.pass(time.Minute)
	w.put("a", "two")
	w.publish()
	_, err := w.out.Reconcile(t.Context())
	w.must(err)
	edited := w.time()
	w.setDown("peer", false)
	w.pass(48 * time.Hour)
	w.round()
	got := s.arrivals()
	if len(got) == 0 || got[0].Type != "Create" || got[0].Object.Content != "two" {
		t.Fatalf("the peer got %v", got)
	}
	provenBy(t, []byte(got[0].Body), w.proofs[w.actor()], edited)
}

// TestUnproven: without a key, and around what has no canonical form, an activity goes without a proof; it goes.
func TestUnproven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("peer")
	inboxes := []string{w.address("peer", "/inbox")}
	queue := func(key string, object any) {
		t.Helper()
		a := w.config.Addresses()
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return w.out.Queue(ctx, tx, activitypub.Activity{Context: activityStreams, ID: a.Activity(key), Type: "Announce", Actor: w.actor(), Object: object}, key, inboxes)
		})
	}
	queue("odd", json.RawMessage(`{"id":"https://s.example/1","content":"half \ud800 of it"}`))
	delete(w.proofs, w.actor())
	queue("keyless", "https://s.example/2")
	w.round()
	for _, got := range s.arrivals() {
		if strings.Contains(got.Body, "proof") || strings.Contains(got.Body, "data-integrity") {
			t.Errorf("%s", got.Body)
		}
	}
	if len(s.arrivals()) != 2 {
		t.Errorf("%d arrived, want 2", len(s.arrivals()))
	}
	if doc := []byte(`{"@context":[]}`); !bytes.Equal(w.out.Prove(w.actor(), doc, noon), doc) {
		t.Error("somebody without a key proves something")
	}
}
