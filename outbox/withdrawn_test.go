package outbox

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/store"
)

// TestWithdrawnWordsAreGone: once a post is taken back its words are not to be had from us, neither from the ledger nor from what was sent.
func TestWithdrawnWordsAreGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sink("peer")
	const words = "words that were a mistake"
	w.put("a", words)
	w.round()
	kept := func() (where []string) {
		a, err := w.store.Article(t.Context(), w.id("a"))
		w.must(err)
		if strings.Contains(string(a.JSON), words) {
			where = append(where, "the ledger")
		}
		for _, id := range []string{"a-create-1", "a-update-2", "a-delete"} {
			sent, err := w.store.Activity(t.Context(), w.config.Addresses().Activity(id))
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
			if strings.Contains(string(sent.JSON), words) {
				where = append(where, id)
			}
		}
		return where
	}
	if len(kept()) != 2 {
		t.Fatalf("while it is out, its words are in %v, want the ledger and the Create: the test tests nothing", kept())
	}
	w.pass(time.Minute)
	w.withdraw("a")
	w.round()
	if where := kept(); len(where) > 0 {
		t.Errorf("after it was withdrawn, its words are in %v", where)
	}
}
