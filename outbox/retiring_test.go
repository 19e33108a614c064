package outbox

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// signers is a peer that takes what is signed with one of its keys alone, and notes which signed each request.
type signers struct {
	mu    sync.Mutex
	takes string // ids, each "#…"
	log   []string
}

func (s *signers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, _ := signature.KeyID(r)
	_, id, _ = strings.Cut(id, "#")
	s.log = append(s.log, id)
	w.WriteHeader(map[bool]int{true: http.StatusAccepted, false: http.StatusUnauthorized}[strings.Contains(s.takes, "#"+id+" ")])
}

func (s *signers) seen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := strings.Join(s.log, " ")
	s.log = nil
	return log
}

// While a key is replaced, the old one signs to whoever has not heard of the new one, and the new one to all others; whoever has
// found the new one otherwise gets that.
func TestRetiringKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, private, err := ed25519.GenerateKey(nil)
	w.must(err)
	w.out.o.Retiring = map[string]signature.Key{w.actor(): w.keys[w.actor()]}
	w.keys[w.actor()] = signature.Key{ID: w.config.Addresses().Key() + "-2", Private: private}
	queue := func(id, kind, object string, hosts ...string) {
		var inboxes []string
		for _, h := range hosts {
			inboxes = append(inboxes, w.address(h, "/inbox"))
		}
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return w.out.Queue(ctx, tx, activity(w.config.Addresses().Activity(id), kind, w.actor()), object, inboxes)
		})
	}
	old, found, stranger := &signers{takes: "#main-key "}, &signers{takes: "#main-key-2 "}, &signers{takes: "#main-key #main-key-2 "}
	w.host("old", old)
	w.host("found", found)
	w.host("stranger", stranger)
	queue("u", "Update", w.actor(), "old", "found")
	queue("f", "Accept", "https://peer.example/f", "stranger")
	w.must(w.out.Deliver(t.Context()))
	if got := old.seen(); got != "main-key" {
		t.Errorf("who keeps the old key was sent %q", got)
	}
	if got := found.seen(); got != "main-key main-key main-key-2" { // draft-cavage, RFC 9421, then the other key
		t.Errorf("who has found the new key was sent %q", got)
	}
	if got := stranger.seen(); got != "main-key-2" {
		t.Errorf("who waits for no Update was sent %q", got)
	}
	queue("a", "Accept", "https://peer.example/g", "old")
	w.must(w.out.Deliver(t.Context()))
	if got := old.seen(); !strings.HasPrefix(got, "main-key-2") {
		t.Errorf("after the Update was taken: signed with %q", got)
	}
}

// Nothing is sent under the id of what it is about.
func TestActivityHasItsOwnID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sink("peer")
	same := w.config.Addresses().Activity("x")
	err := w.store.Write(t.Context(), func(tx *store.Tx) error {
		a := activity(same, "Announce", w.actor())
		a.Object = same
		return w.out.Queue(t.Context(), tx, a, same, []string{w.address("peer", "/inbox")})
	})
	if !errors.Is(err, errSameID) {
		t.Errorf("got %v, want %v", err, errSameID)
	}
	w.sink("other")
	w.put("a", "one")
	w.round()
	w.pass(time.Hour)
	w.put("a", "two")
	w.round()
	list, err := w.store.Deliveries(t.Context(), w.id("a"))
	w.must(err)
	for _, d := range list {
		if d.Activity == d.Object {
			t.Errorf("%s %s is about itself", d.Type, d.Activity)
		}
	}
	if len(list) < 4 {
		t.Errorf("%d deliveries, want a Create and an Update to each", len(list))
	}
}
