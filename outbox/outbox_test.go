package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// A server that checks signatures, with two followers and one shared inbox, gets each activity once and as the specifications want it.
func TestPeerGetsCreateUpdateDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	private, err := signature.Generate()
	w.must(err)
	pem, err := signature.PublicPEM(private)
	w.must(err)
	a := w.config.Addresses()
	w.keys[w.actor()] = signature.Key{ID: a.Key(), Private: private}
	w.host("blog", http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		doc, _ := activitypub.Marshal(activitypub.Actor{Context: activitypub.ActorContext, ID: a.Actor(), Type: "Person", PreferredUsername: "blog",
			Inbox: a.Inbox(), PublicKey: &activitypub.ActorKey{ID: a.Key(), Owner: a.Actor(), PublicKeyPem: pem}})
		rw.Header().Set("Content-Type", activitypub.ContentType)
		rw.Write(doc)
	}))
	peer := remotetest.New(strings.TrimSuffix(w.address("peer", "/"), "/"))
	defer peer.Close()
	w.host("peer", peer)
	for _, user := range []string{"ada", "bob"} {
		peer.Account(user, user)
		w.follow("peer", user, true)
	}
	w.put("a", "<p>one</p>")
	w.round()
	w.pass(time.Minute)
	w.put("a", "<p>two</p>")
	w.round()
	w.pass(time.Minute)
	w.withdraw("a")
	w.round()
	got := peer.Received()
	if len(got) != 3 || !got[0].Is("Create") || !got[1].Is("Update") || !got[2].Is("Delete") {
		t.Fatalf("received %d activities: %v", len(got), got)
	}
	for _, o := range got {
		if o.Actor.ID != w.actor() || !o.IsPublic() || !slices.Contains(o.CC, a.Followers()) || o.ID == o.Object[0].ID {
			t.Errorf("%s: actor %v to %v cc %v id %s", o.Type, o.Actor, o.To, o.CC, o.ID)
		}
	}
	if o := got[1].Object[0]; o.Content != "<p>two</p>" || o.Updated.IsZero() {
		t.Errorf("the Update says %q, updated %v", o.Content, o.Updated)
	}
	if o := got[2].Object[0]; !o.Is("Tombstone") || o.ID != w.id("a") || o.Bare {
		t.Errorf("the Delete's object is %+v", o)
	}
}

// The Article's @context stands on the activity, with the entry that defines its proof, and nowhere else, and the ids of activities are the promised ones.
func TestActivityShape(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("peer")
	w.put("a", "<p>one</p>")
	w.round()
	var create struct {
		Context json.RawMessage `json:"@context"`
		ID      string
		Object  map[string]any
	}
	w.must(json.Unmarshal([]byte(s.arrivals()[0].Body), &create))
	want, _ := activitypub.Marshal(slices.Insert(slices.Clone(activitypub.ObjectContext), 1, any(signature.ProofContext)))
	if string(create.Context) != string(want) {
		t.Errorf("@context is %s", create.Context)
	}
	if _, twice := create.Object["@context"]; twice {
		t.Error("the object has a @context of its own")
	}
	if create.ID != w.config.Addresses().Activity("a-create-1") {
		t.Errorf("id is %s", create.ID)
	}
	page, total, err := w.store.Outbox(t.Context(), 0, 9)
	if err != nil || total != 1 || page[0].ID != create.ID {
		t.Errorf("the outbox lists %v, %d, %v", page, total, err)
	}
}

func TestSecondRunTellsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("peer")
	w.put("a", "one")
	if r := w.round(); r != (Report{Created: 1, Deliveries: 1}) {
		t.Errorf("first round: %+v", r)
	}
	for range 3 {
		if r := w.round(); r != (Report{}) {
			t.Errorf("a later round: %+v", r)
		}
		w.reopen() // what is remembered between rounds is no part of it
	}
	if s.types() != "Create" {
		t.Errorf("the peer got %s", s.types())
	}
}

// A server that was down gets what matters when it is back: two edits as one, in the last state, oldest post first.
func TestDownThenBack(t *testing.T) {
	for _, c := range []struct {
		name string
		mode int // -100: connections are refused
		want string
	}{
		{"refusing connections", -100, "Create a=three, Create b=b"},
		{"503", 503, "Create a=three, Create b=b"},
		// Whether the first Create arrived nobody knows, so an Update follows. Peers ignore it where it says nothing newer.
		{"500", 500, "Create a=three, Create b=b, Update a=three"},
		{"hanging up", modeDrop, "Create a=three, Create b=b, Update a=three"},
		{"taking it and hanging up", modeLost, "Create a=one, Create a=three, Create b=b, Update a=three"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := w.sink("peer")
			s.set(max(c.mode, modeDrop))
			w.setDown("peer", c.mode == -100)
			w.put("a", "one")
			w.round()
			if c.mode == modeLost {
				s.set(503)
			}
			for _, text := range []string{"two", "three"} {
				w.pass(10 * time.Second)
				w.put("a", text)
				w.round()
			}
			w.put("b", "b")
			w.publish()
			if _, err := w.out.Reconcile(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.set(0)
			w.setDown("peer", false)
			w.pass(24 * time.Hour)
			w.round()
			var got []string
			for _, a := range s.arrivals() {
				got = append(got, fmt.Sprintf("%s %s=%s", a.Type, a.Object.ID[len(a.Object.ID)-1:], a.Object.Content))
			}
			slices.Sort(got) // two are on their way at once
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

// What was withdrawn before it left is never heard of.
func TestHoldRecalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Federation.Hold = "10m"
	s := w.sink("peer")
	w.put("a", "one")
	w.put("b", "two")
	w.round()
	w.pass(9 * time.Minute)
	w.withdraw("a")
	w.round()
	if s.types() != "" {
		t.Fatalf("left before the recall window ended: %s", s.types())
	}
	w.pass(time.Minute)
	w.round()
	if got := s.arrivals(); len(got) != 1 || got[0].Type != "Create" || got[0].Object.ID != w.id("b") {
		t.Errorf("got %s", s.types())
	}
	if c, err := w.store.DeliveryCounts(t.Context(), w.id("a")); err != nil || c != (store.Counts{Superseded: 1}) {
		t.Errorf("counts %+v, %v", c, err)
	}
}

// A Delete reaches every server that may hold the post: those that got it, also where nobody follows any more, those of today's
// followers, who may have fetched it, and those from where it was answered. An Update goes to those that got the Create alone.
func TestDeleteReachesWhoHoldsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.sink("old")
	w.put("a", "one")
	w.round()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.DeleteFollower(ctx, w.address("old", "/users/ada"), w.actor())
		return err
	})
	young, guest, blocked := w.sink("young"), w.answerer("guest"), w.answerer("blocked")
	w.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddBlock(ctx, store.Block{What: "blocked.localhost", At: w.time()})
	})
	w.pass(time.Minute)
	w.put("a", "two")
	w.round()
	w.withdraw("a")
	w.round()
	if old.types() != "Create Update Delete" || young.types() != "Delete" || guest.types() != "Delete" || blocked.types() != "" {
		t.Errorf("the old follower got %q, the new one %q, the one who answered %q, the blocked one %q", old.types(), young.types(), guest.types(), blocked.types())
	}
	if id := w.config.Addresses().Activity("a-create-1"); func() bool { _, err := w.store.Activity(t.Context(), id); return err == nil }() {
		t.Error("the withdrawn words can still be looked up")
	}
}

// Who blocks us gets no more of our words at an inbox of their own, and a shared inbox is not theirs alone. A Delete they get: their server
// holds the post.
func TestNoWordsForWhoBlocksUs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own, shared := &sink{}, &sink{}
	w.host("own", own)
	w.host("shared", shared)
	w.follow("own", "ada", false)
	w.follow("shared", "bo", true)
	w.put("a", "one")
	w.round()
	for _, id := range []string{w.address("own", "/users/ada"), w.address("shared", "/users/bo")} {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.DeleteFollower(ctx, id, w.actor()); err != nil {
				return err
			}
			return tx.AddBlockedBy(ctx, id, id+"/block", id+"/inbox", w.time())
		})
	}
	w.pass(time.Minute)
	w.put("a", "two")
	w.round()
	w.withdraw("a")
	w.round()
	if own.types() != "Create Delete" || shared.types() != "Create Update Delete" {
		t.Errorf("her own inbox got %q, the shared one %q", own.types(), shared.types())
	}
}

func TestFederationTurnedOffWithdraws(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("peer")
	w.put("a", "one")
	w.put("b", "two")
	w.round()
	w.config.Federation.Enabled = false
	w.reopen()
	w.put("c", "three")
	if r := w.round(); r.Deleted != 2 || r.Created != 0 {
		t.Errorf("turned off: %+v", r)
	}
	if s.types() != "Create Create Delete Delete" {
		t.Errorf("the peer got %s", s.types())
	}
	if r := w.round(); r != (Report{}) {
		t.Errorf("the round after: %+v", r)
	}
}

func TestSilentPostIsKeptFromFollowers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("peer")
	w.put("a", "one")
	w.posts[0].Silent, w.posts[0].Language = true, "ar"
	w.round()
	a, err := w.store.Article(t.Context(), w.id("a"))
	if err != nil || a.Announced || a.URL != w.posts[0].URL || a.Language != "ar" {
		t.Errorf("ledger: %+v, %v", a, err)
	}
	w.withdraw("a")
	w.round()
	if s.types() != "" {
		t.Errorf("the peer got %s", s.types())
	}
	if a, err := w.store.Article(t.Context(), w.id("a")); err != nil || a.Withdrawn.IsZero() {
		t.Errorf("ledger after the tombstone: %+v, %v", a, err)
	}
}

// Absence deletes nothing, and a file that is not the listed one waits for its round.
func TestCaution(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("peer")
	w.put("a", "one")
	w.round()
	posts := w.posts
	w.posts = nil
	w.round()
	w.must(os.Remove(filepath.Join(w.dir, "public", "ap", "published.json")))
	if r, err := w.out.Round(t.Context()); err != nil || r != (Report{}) {
		t.Errorf("without a list: %+v, %v", r, err)
	}
	w.posts = posts
	w.put("b", "two")
	whole, err := os.ReadFile(filepath.Join(w.dir, "public", "ap", "posts", "b.json"))
	w.must(err)
	for _, other := range []string{`{"id": "half`, strings.Replace(string(whole), "two", "of the next list", 1)} {
		w.file("ap/posts/b.json", []byte(other))
		w.round()
		if s.types() != "Create" {
			t.Errorf("the peer got %s", s.types())
		}
	}
	w.put("b", "two") // the file is whole now and the list is the same
	w.round()
	if s.types() != "Create Create" {
		t.Errorf("then the peer got %s", s.types())
	}
}

// A list that names files outside the site, other people's ids or a version of the future is refused, and hurts no other post.
func TestHostileList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("peer")
	secret := filepath.Join(w.dir, "secret.json")
	words := []byte(`{"id":"` + w.id("c") + `","type":"Article"}`)
	w.must(os.WriteFile(secret, words, 0o600))
	w.put("a", "one")
	w.put("b", "two")
	w.put("c", "three")
	w.put("d", "four")
	w.posts[0].ID = w.id("e") // and the file says d
	w.posts[1].Article, w.posts[1].SHA256 = "ap/posts/link.json", sumOf(words)
	w.must(os.Symlink(secret, filepath.Join(w.dir, "public", "ap", "posts", "link.json")))
	w.posts[2].ID = "https://elsewhere.example/ap/posts/b"
	w.round()
	if got := s.arrivals(); len(got) != 1 || got[0].Object.ID != w.id("a") {
		t.Errorf("got %s", s.types())
	}
	w.posts[1].Article = "../secret.json"
	if w.round(); len(s.arrivals()) != 1 {
		t.Errorf("then got %s", s.types())
	}
	w.file(site.PublishedFile, []byte(`{"version": 2, "posts": []}`))
	if _, err := w.out.Reconcile(t.Context()); err == nil {
		t.Error("a list of version 2 was taken")
	}
}

// Run picks up a new list by itself, and what other rooms queue when it is woken.
func TestRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("peer")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.out.Run(ctx) }()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		return w.out.Queue(ctx, tx, activitypub.Activity{ID: w.config.Addresses().Activity("accept-1"), Type: "Accept", Actor: w.actor(),
			Object: map[string]any{"type": "Follow"}}, "https://peer.example/follow/1", []string{w.address("peer", "/users/ada/inbox")})
	})
	w.out.Wake()
	s.wait(t, func(got []arrival) bool { return len(got) == 1 && got[0].Type == "Accept" })
	w.put("a", "one")
	w.publish() // into a folder that was not there when Run began
	s.wait(t, func(got []arrival) bool { return len(got) == 2 && got[1].Type == "Create" })
	w.pass(time.Minute)
	w.put("a", "two")
	w.publish()
	s.wait(t, func(got []arrival) bool { return len(got) == 3 && got[2].Object.Content == "two" })
	w.must(os.Rename(filepath.Join(w.dir, "public"), filepath.Join(w.dir, "old"))) // a new generation of the whole site
	w.pass(time.Minute)
	w.put("a", "three")
	w.publish()
	s.wait(t, func(got []arrival) bool { return len(got) == 4 && got[3].Object.Content == "three" })
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Where the site lies on another server, the list and the Articles come over https and nothing is announced before its page answers.
func TestSiteElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sink("peer")
	visible := false
	files := http.FileServer(http.Dir(filepath.Join(w.dir, "public")))
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/posts/") {
			if !visible {
				rw.WriteHeader(http.StatusNotFound)
			}
			return
		}
		files.ServeHTTP(rw, r)
	}))
	defer elsewhere.Close()
	roots := elsewhere.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	w.client = remote.New(remote.Options{Dev: true, RootCAs: roots})
	defer w.client.Close()
	w.config.Inboxd.Site = elsewhere.URL
	w.reopen()
	w.put("a", "one")
	w.posts[0].URL = elsewhere.URL + "/posts/a/"
	if r := w.round(); r != (Report{}) {
		t.Errorf("announced before it can be read: %+v", r)
	}
	visible = true
	if w.round(); s.types() != "Create" {
		t.Errorf("the peer got %q", s.types())
	}
}
