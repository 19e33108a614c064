package inbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// The longest ids that are taken, in bytes (docs: the index rows of PostgreSQL).
const (
	maxID      = 1024
	maxAddress = 512
)

// long makes an id of n bytes.
func long(id string, n int) string { return id + "/" + strings.Repeat("x", n-len(id)-1) }

// TestLongestIDs: ids at the limits are taken, whatever is indexed together.
func TestLongestIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	by := long(aliceID, maxAddress)
	w.peers.serve(by, actor(by, m{"inbox": long(aliceID+"/inbox", maxAddress), "publicKey": m{"id": by, "owner": by, "publicKeyPem": actor(aliceID, nil)["publicKey"].(m)["publicKeyPem"]}}))
	for _, doc := range []m{
		create(note(long(by+"/notes", maxID-len("/activity")), by, post, nil)), activity("Follow", long(by+"/f", maxID), by, us, nil), activity("Like", long(by+"/l", maxID), by, post, nil),
	} {
		if got := w.post(letter{doc: doc, signer: by, keyID: by, key: keys()["alice"]}); got != http.StatusAccepted {
			t.Errorf("%s with the longest ids: status %d, want 202", doc["type"], got)
		}
	}
	if n, _ := w.store.FollowerCount(t.Context(), us); n != 1 || w.count(store.Reply) != 1 || w.count(store.Like) != 1 {
		t.Errorf("%d followers, %d replies, %d likes, want one of each", n, w.count(store.Reply), w.count(store.Like))
	}
}

// TestDoorRefuses sends one forged or broken twin of an honest reply after the other. Each must be refused without a trace; the honest
// one that comes next must be taken. Each row names the mutant that it kills.
func TestDoorRefuses(t *testing.T) {
	t.Parallel()
	id := aliceID + "/notes/1"
	honest := func() m { return create(note(id, aliceID, post, nil)) }
	raw := func(from, to string) []byte {
		b, _ := json.Marshal(honest())
		out := bytes.Replace(b, []byte(from), []byte(to), 1)
		if bytes.Equal(out, b) {
			t.Fatalf("%q is not in %s", from, b)
		}
		return out
	}
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, c := range []struct {
		mutant  string
		letter  letter
		want    int
		fetches int // at most
	}{
		{"no check of the method", letter{doc: honest(), signer: aliceID, tamper: func(r *http.Request) { r.Method = http.MethodPut }}, 405, 0},
		{"no check of the content type: text", letter{doc: honest(), signer: aliceID, kind: "text/plain"}, 415, 0},
		{"no check of the content type: json", letter{doc: honest(), signer: aliceID, kind: "application/json"}, 415, 0},
		{"no check of the profile", letter{doc: honest(), signer: aliceID, kind: "application/ld+json"}, 415, 0},
		{"compressed bodies are read", letter{doc: honest(), signer: aliceID, tamper: header("Content-Encoding", "gzip")}, 415, 0},
		{"no size limit", letter{body: append(raw("words", "words"+strings.Repeat("x", 1<<20)), ' '), signer: aliceID}, 413, 0},
		{"lenient JSON: trailing document", letter{body: append(raw("words", "wards"), "{}"...), signer: aliceID}, 400, 0},
		{"lenient JSON: duplicate member", letter{body: raw(`"type":"Create"`, `"type":"Create","type":"Create"`), signer: aliceID}, 400, 0},
		{"lenient JSON: member equal up to case", letter{body: raw(`"actor":`, `"ACTOR":"`+evilID+`","actor":`), signer: aliceID}, 400, 0},
		{"empty body", letter{body: []byte{}, signer: aliceID}, 400, 0},
		{"empty actor", letter{doc: merge(honest(), m{"actor": ""}), signer: aliceID}, 400, 0},
		{"no actor and no signature", letter{doc: merge(honest(), m{"actor": nil})}, 401, 0},
		{"no actor and a bad signature", letter{doc: merge(honest(), m{"actor": nil}), signer: aliceID, key: keys()["mallory"]}, 401, 1},
		{"no object", letter{doc: merge(honest(), m{"object": nil}), signer: aliceID}, 400, 0},
		{"actor with userinfo", letter{doc: merge(honest(), m{"actor": "http://remote.example@evil.example/users/mallory"}), signer: evilID}, 400, 0},
		{"actor with a trailing dot", letter{doc: merge(honest(), m{"actor": "http://remote.example./users/alice"}), signer: aliceID}, 400, 0},
		{"endless id", letter{doc: merge(honest(), m{"id": aliceID + "/" + strings.Repeat("x", 3000)}), signer: aliceID}, 400, 0},
		{"long id", letter{doc: merge(honest(), m{"id": long(aliceID, maxID+1)}), signer: aliceID}, 400, 0},
		{"long id of an object", letter{doc: create(note(long(aliceID, maxID+1), aliceID, post, nil)), signer: aliceID}, 400, 0},
		{"long id of what is liked", letter{doc: activity("Like", aliceID+"/l", aliceID, long(post, maxID+1), nil), signer: aliceID}, 400, 0},
		{"long id of an actor", letter{doc: create(note(id, long(aliceID, maxAddress+1), post, nil)), signer: long(aliceID, maxAddress+1)}, 400, 0},
		{"long id of a key", letter{doc: honest(), signer: aliceID, keyID: long(aliceID, maxAddress+1)}, 401, 0},
		{"unsigned is let in", letter{doc: honest()}, 401, 0},
		{"signed with another's private key", letter{doc: honest(), signer: aliceID, key: keys()["mallory"]}, 401, 1},
		{"body swapped", letter{doc: honest(), signer: aliceID, tamper: swapBody}, 401, 0},
		{"stale date", letter{doc: honest(), signer: aliceID, date: time.Now().Add(-66 * time.Minute)}, 401, 0},
		{"date to come", letter{doc: honest(), signer: aliceID, date: time.Now().Add(2 * time.Hour)}, 401, 0},
		{"signed by an actor of another server", letter{doc: honest(), signer: evilID}, 401, 0},
		{"signed by another actor of the same server", letter{doc: honest(), signer: bobID}, 401, 1},
		{"another actor of the same server makes us remember that the key is nobody's",
			letter{doc: activity("Like", bobID+"/l", bobID, post, nil), signer: aliceID, key: keys()["mallory"]}, 401, 1},
		{"a key is remembered as missing", letter{doc: honest(), signer: aliceID, keyID: aliceID + "#other-key"}, 401, 1},
		{"key of an acct: address", letter{doc: honest(), signer: aliceID, keyID: "acct:alice@remote.example"}, 401, 0},
		{"activity id of another server", letter{doc: activity("Create", aliceID+"/notes/1/activity", evilID, note("http://evil.example/n", evilID, post, nil), nil), signer: evilID}, 403, 0},
		{"object of another author", letter{doc: activity("Create", bobID+"/a", bobID, note(id, aliceID, post, nil), nil), signer: bobID}, 403, 1},
		{"deletes at another server", letter{doc: activity("Delete", evilID+"/d", evilID, id, nil), signer: evilID}, 403, 0},
		{"updates at another server", letter{doc: activity("Update", evilID+"/u", evilID, note(id, evilID, post, nil), nil), signer: evilID}, 403, 0},
		{"says to be us", letter{doc: activity("Update", blog+"/u", us, m{"id": us, "type": "Person"}, nil), signer: us}, 403, 0},
	} {
		t.Run(c.mutant, func(t *testing.T) {
			t.Parallel()
			schemes(t, func(t *testing.T, s signature.Scheme) {
				w := newWorld(t)
				l := c.letter
				l.scheme = s
				if !l.date.IsZero() {
					l.date = w.clock().Add(time.Until(l.date).Round(time.Minute))
				}
				if got := w.post(l); got != c.want {
					t.Errorf("status %d, want %d", got, c.want)
				}
				w.untouched(id+"/activity", bobID+"/a", evilID+"/d", evilID+"/u")
				if n := w.peers.count(); n > c.fetches {
					t.Errorf("%d fetches, want at most %d", n, c.fetches)
				}
				if got := w.post(letter{doc: honest(), signer: aliceID, scheme: s}); got != http.StatusAccepted {
					t.Fatalf("honest twin: status %d, want 202", got)
				}
				if n := w.count(store.Reply); n != 1 {
					t.Errorf("%d replies after the honest twin, want 1", n)
				}
			})
		})
	}
}

func swapBody(r *http.Request) {
	b := []byte(strings.Replace(readAll(r), "words", "lies!", 1))
	r.Body, r.ContentLength = nopBody(b), int64(len(b))
}

func TestContentTypesOfHonestPeers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n, kind := range []string{
		"application/activity+json", "application/activity+json; charset=utf-8", "Application/Activity+JSON",
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, "application/ld+json;profile=https://www.w3.org/ns/activitystreams",
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams https://w3id.org/security"`,
	} {
		doc := create(note(fmt.Sprintf("%s/notes/%d", aliceID, n), aliceID, post, nil))
		if got := w.post(letter{doc: doc, signer: aliceID, kind: kind}); got != http.StatusAccepted {
			t.Errorf("%s: status %d, want 202", kind, got)
		}
	}
}

// TestReplay: the same bytes a thousand times are one effect (mutant: no dedupe), later they are stale.
func TestReplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	follow := w.request(letter{doc: activity("Follow", aliceID+"/f", aliceID, us, nil), signer: aliceID})
	like := w.request(letter{doc: activity("Like", "", aliceID, post, m{"id": nil}), signer: aliceID})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 125 {
				for _, r := range []*http.Request{follow, like} {
					if got := w.again(r); got != http.StatusAccepted {
						t.Errorf("status %d, want 202", got)
					}
				}
			}
		})
	}
	wg.Wait()
	if n := w.count(store.Like); n != 1 {
		t.Errorf("%d likes, want 1", n)
	}
	accepts, err := w.store.Deliveries(t.Context(), aliceID+"/f")
	if err != nil || len(accepts) != 1 {
		t.Errorf("%d Accepts queued, %v, want 1", len(accepts), err)
	}
	if n := w.peers.asked(aliceID); n != 1 {
		t.Errorf("alice fetched %d times, want once", n)
	}
	w.advance(66 * time.Minute)
	if got := w.again(follow); got != http.StatusUnauthorized {
		t.Errorf("66 minutes later: status %d, want 401", got)
	}
}

// TestForgedIDSuppressesNothing: an account cannot use up the id of somebody else's activity on the same server (GHSA-4qhx; mutant: dedupe by id alone).
func TestForgedIDSuppressesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := aliceID + "/likes/1"
	w.send(activity("Like", id, bobID, post, nil))
	w.send(activity("Announce", id, bobID, post, m{"to": public}))
	w.sendAs(aliceID, activity("Announce", id+"x", aliceID, post, m{"to": public}), 202)
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	w.sendAs(bobID, create(note(aliceID+"/n2", bobID, post, nil)), 202)
	w.peers.serve(aliceID+"/n2", note(aliceID+"/n2", aliceID, post, m{"@context": "https://www.w3.org/ns/activitystreams"}))
	w.send(create(note(aliceID+"/n2", aliceID, post, nil)))
	w.round()
	if c, ok := w.comment(aliceID + "/n2"); !ok || c.Actor != aliceID {
		t.Errorf("alice's reply is %q's, want hers: its own copy decides", c.Actor)
	}
}

// TestDeleteFlood: what every server gets when strangers close their accounts costs nothing (mutant: the key is fetched first).
func TestDeleteFlood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range 50 {
		id := fmt.Sprintf("http://s%d.example/users/u", n)
		for _, doc := range []m{
			activity("Delete", id+"#delete", id, id, nil),
			activity("Delete", id+"/d2", id, m{"type": "Tombstone", "id": id + "/notes/7"}, nil),
			activity("Update", id+"#update", id, m{"id": id, "type": "Person", "name": "X"}, nil),
		} {
			w.sendAs(id, doc, http.StatusAccepted)
		}
	}
	if n := w.peers.count(); n != 0 {
		t.Errorf("%d fetches, want none", n)
	}
	w.untouched()
	if got := w.post(letter{doc: activity("Delete", aliceID+"#d", aliceID, aliceID, nil)}); got != http.StatusUnauthorized {
		t.Errorf("unsigned Delete: status %d, want 401", got)
	}
}

// TestBadSignaturesFetchOnce: whoever sends bad signatures makes us fetch a key once in five minutes (mutant: no memory of failures).
func TestBadSignaturesFetchOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	doc := activity("Like", aliceID+"/l", aliceID, post, nil)
	bad := letter{doc: doc, signer: aliceID, key: keys()["mallory"]}
	for range 20 {
		if got := w.post(bad); got != http.StatusUnauthorized {
			t.Fatalf("status %d, want 401", got)
		}
	}
	if n := w.peers.asked(aliceID); n != 1 {
		t.Errorf("unknown actor: %d fetches, want 1", n)
	}
	w.send(doc) // her key is good: from memory
	if n := w.peers.asked(aliceID); n != 1 {
		t.Errorf("honest twin: %d fetches, want still 1", n)
	}
	w.advance(6 * time.Minute)
	for range 20 {
		w.post(bad)
	}
	if n := w.peers.asked(aliceID); n != 2 {
		t.Errorf("known actor: %d fetches, want 1 more", n)
	}
	unknown := letter{doc: activity("Like", "http://gone.example/l", "http://gone.example/u", post, nil), signer: "http://gone.example/u"}
	for range 20 {
		w.post(unknown)
	}
	if n := w.peers.asked("http://gone.example/u"); n > 2 {
		t.Errorf("actor that is not there: %d fetches, want it remembered", n)
	}
}

// TestKeyRotation: a new key at the same id is taken after one fetch (mutant: the stored key is never refreshed).
func TestKeyRotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(activity("Like", aliceID+"/l", aliceID, post, nil))
	pem, err := signature.PublicPEM(keys()["other"])
	if err != nil {
		t.Fatal(err)
	}
	w.peers.serve(aliceID, actor(aliceID, m{"publicKey": m{"id": aliceID + "#main-key", "owner": aliceID, "publicKeyPem": pem}}))
	boost := activity("Announce", aliceID+"/b", aliceID, post, m{"to": public})
	if got := w.post(letter{doc: boost, signer: aliceID, key: keys()["other"]}); got != http.StatusAccepted {
		t.Fatalf("new key: status %d, want 202", got)
	}
	if n := w.peers.asked(aliceID); n != 2 {
		t.Errorf("%d fetches, want 2", n)
	}
	if got := w.post(letter{doc: activity("Like", aliceID+"/l2", aliceID, post, nil), signer: aliceID}); got != http.StatusUnauthorized {
		t.Errorf("old key: status %d, want 401", got)
	}
	if n := w.peers.asked(aliceID); n != 2 {
		t.Errorf("%d fetches after a bad signature, want still 2", n)
	}
}

// TestDeleteOfGoneActor: an account whose server says 410 is believed to be gone; 404 may be a mishap.
func TestDeleteOfGoneActor(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]struct{ status, replies int }{410: {202, 0}, 404: {401, 1}, 500: {401, 1}} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.send(create(note(aliceID+"/n", aliceID, post, nil)))
			w.peers.status(aliceID, status)
			del := letter{doc: activity("Delete", aliceID+"#delete", aliceID, aliceID, nil), signer: aliceID, key: keys()["other"]}
			if got := w.post(del); got != want.status {
				t.Errorf("status %d, want %d", got, want.status)
			}
			if n := w.count(store.Reply); n != want.replies {
				t.Errorf("%d replies, want %d", n, want.replies)
			}
		})
	}
}

// TestBlocked: a block holds for subdomains, for other ways of writing the host, and for what others pass on (mutant: only the actor's host is looked at).
func TestBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		return tx.AddBlock(t.Context(), store.Block{What: "evil.example", At: w.clock()})
	})
	w.write(func(tx *store.Tx) error { return tx.AddBlock(t.Context(), store.Block{What: bobID, At: w.clock()}) })
	for _, id := range []string{evilID, "http://sub.evil.example/users/mallory", bobID, "http://EVIL.example/users/mallory"} {
		w.peers.serve(id, actor(id, nil))
		n := create(note(id+"/n", id, post, nil))
		if got := w.post(letter{doc: n, signer: id}); got != 403 && got != 400 {
			t.Errorf("%s: status %d, want 403", id, got)
		}
	}
	if n := w.peers.count(); n != 0 {
		t.Errorf("%d fetches for blocked actors, want none", n)
	}
	w.peers.serve(evilID+"/n", note(evilID+"/n", evilID, post, m{"@context": "https://www.w3.org/ns/activitystreams"}))
	w.send(activity("Announce", aliceID+"/b", aliceID, create(note(evilID+"/n", evilID, post, nil)), m{"to": public}))
	w.send(activity("Create", aliceID+"/c", aliceID, evilID+"/n", nil))
	w.round()
	if n := w.count(store.Reply); n != 0 {
		t.Errorf("%d replies of blocked actors, want none", n)
	}
}

func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *site.Config) { c.Federation.Enabled = false })
	w.sendAs(aliceID, activity("Follow", aliceID+"/f", aliceID, us, nil), http.StatusNotFound)
	w.untouched(aliceID + "/f")
}

// TestUnknownWords: what is not understood is welcome and leaves no trace.
func TestUnknownWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, kind := range []string{"Accept", "Reject", "Add", "Remove", "Move", "QuoteRequest", "Arrive", "Warn", "Banana"} {
		w.send(activity(kind, aliceID+"/"+kind, aliceID, post, nil))
	}
	w.untouched(aliceID+"/Accept", aliceID+"/Banana")
}

// TestNobodyActs: an activity may leave out who acts (Activity Streams, anonymous objects). Signed, it is heard; whatever its type, it
// changes nothing (mutant: the signer is taken for the actor).
func TestNobodyActs(t *testing.T) {
	t.Parallel()
	schemes(t, func(t *testing.T, s signature.Scheme) {
		w := newWorld(t)
		for kind := range strings.FieldsSeq("Create Update Delete Follow Like Announce Undo Accept Block Arrive") {
			for n, by := range []any{nil, m{"type": "Person", "name": "Alice"}} {
				id := fmt.Sprintf("%s/%s%d", aliceID, kind, n)
				var object any = note(id+"/n", aliceID, post, nil)
				switch kind {
				case "Follow", "Block":
					object = us
				case "Like", "Announce", "Delete":
					object = post
				}
				doc := activity(kind, id, "", object, m{"actor": by, "to": public})
				if got := w.post(letter{doc: doc, signer: aliceID, scheme: s}); got != 202 {
					t.Errorf("%s by %v: status %d, want 202", kind, by, got)
				}
				if got := w.post(letter{doc: doc}); got < 400 || got > 499 {
					t.Errorf("%s by %v, unsigned: status %d, want 4xx", kind, by, got)
				}
			}
		}
		w.untouched()
	})
	w := newWorld(t)
	w.write(func(tx *store.Tx) error { return tx.AddBlock(t.Context(), store.Block{What: aliceID, At: w.clock()}) })
	w.sendAs(aliceID, activity("Like", aliceID+"/l", "", post, m{"actor": nil}), 403)
}

// TestFloodOfOneServer: beyond its budget a server is told to wait, and its later activity is taken (mutant: no limits).
func TestFloodOfOneServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	limited := 0
	for n := range 130 {
		id := fmt.Sprintf("http://flood.example/users/u%d", n)
		w.peers.serve(id, actor(id, nil))
		status, res := w.postFull(letter{doc: activity("Follow", id+"/f", id, us, nil), signer: id})
		switch {
		case status == http.StatusTooManyRequests && res.Header.Get("Retry-After") != "":
			limited++
		case status != http.StatusAccepted:
			t.Fatalf("follow %d: status %d", n, status)
		}
	}
	if n, _ := w.store.FollowerCount(t.Context(), us); limited == 0 || n+limited != 130 {
		t.Errorf("%d followers and %d told to wait, want some of both and 130 together", n, limited)
	}
	w.send(activity("Follow", aliceID+"/f", aliceID, us, nil)) // another server is not concerned
	w.advance(time.Hour)
	w.send(activity("Follow", "http://flood.example/users/u129/f", "http://flood.example/users/u129", us, nil))
}

func TestFailuresOfOneClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *site.Config) { c.Inboxd.TrustedProxies = []string{"127.0.0.0/8", "::1/128"} })
	from := func(chain string) letter {
		return letter{doc: activity("Like", aliceID+"/l", aliceID, post, nil), tamper: func(r *http.Request) { r.Header.Set("X-Forwarded-For", chain) }}
	}
	limited := 0
	for n := range 500 { // the stranger may write what it likes before its own address
		if w.post(from(fmt.Sprintf("198.51.100.%d, 203.0.113.7", n%250))) == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited < 50 {
		t.Errorf("%d of 500 told to wait, want about 100", limited)
	}
	if got := w.post(from("203.0.113.8")); got != http.StatusUnauthorized {
		t.Errorf("another client: status %d, want 401", got)
	}
}

// TestBasePath: a blog below a path has its inbox there.
func TestBasePath(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *site.Config) { c.Site.URL = blog + "/notes" })
	id := blog + "/notes/ap/actor"
	body, _ := json.Marshal(activity("Follow", aliceID+"/f", aliceID, id, nil))
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, blog+"/notes/ap/inbox", bytes.NewReader(body))
	r.Header.Set("Content-Type", activitypub.ContentType)
	if err := signature.Sign(r, body, signature.Key{ID: aliceID + "#main-key", Private: keyOf(aliceID)}, signature.DraftCavage, w.clock()); err != nil {
		t.Fatal(err)
	}
	res, err := w.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if n, _ := w.store.FollowerCount(t.Context(), id); res.StatusCode != http.StatusAccepted || n != 1 {
		t.Errorf("status %d, %d followers, want 202 and 1", res.StatusCode, n)
	}
	if got := w.get("/notes/ap/actor").StatusCode; got != http.StatusOK {
		t.Errorf("actor: status %d, want 200", got)
	}
}

func TestFront(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/ap/inbox": 405, "/ap/actor": 200, "/ap/nothing": 404, "/admin/": 404} {
		res := w.get(path)
		if res.StatusCode != want {
			t.Errorf("%s: status %d, want %d", path, res.StatusCode, want)
		}
		if res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Referrer-Policy") != "no-referrer" ||
			!strings.Contains(res.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: headers %v lack a protection", path, res.Header)
		}
	}
}

// TestUndoWantsToken holds the door of /api/v1/undo: it is the publisher's alone.
func TestUndoWantsToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(func(tx *store.Tx) error { return tx.AddToken(t.Context(), "laptop", "publish", "s3cret", w.clock()) })
	w.write(func(tx *store.Tx) error { return tx.AddToken(t.Context(), "reader", "read", "other", w.clock()) })
	for _, c := range []struct {
		method, auth string
		want         int
	}{{"POST", "", 401}, {"POST", "Bearer wrong", 401}, {"POST", "Bearer other", 403}, {"GET", "Bearer s3cret", 405}, {"POST", "Bearer s3cret", 200}} {
		r, _ := http.NewRequestWithContext(t.Context(), c.method, blog+"/api/v1/undo", nil)
		r.Header.Set("Authorization", c.auth)
		res, err := w.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != c.want {
			t.Errorf("%s %q: status %d, want %d", c.method, c.auth, res.StatusCode, c.want)
		}
	}
}

func TestReconcile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(func(tx *store.Tx) error { return tx.AddToken(t.Context(), "laptop", "publish", "s3cret", w.clock()) })
	w.write(func(tx *store.Tx) error { return tx.AddToken(t.Context(), "reader", "read", "other", w.clock()) })
	for auth, want := range map[string]int{"": 401, "Bearer wrong": 401, "Basic s3cret": 401, "Bearer other": 403, "Bearer s3cret": 202} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, blog+"/api/v1/reconcile", nil)
		r.Header.Set("Authorization", auth)
		res, err := w.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%q: status %d, want %d", auth, res.StatusCode, want)
		}
	}
}

// TestReplayAfterUndo: what was taken back does not come back with the old bytes (mutant: no memory of what was seen).
func TestReplayAfterUndo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	follow := w.request(letter{doc: activity("Follow", aliceID+"/f", aliceID, us, nil), signer: aliceID})
	like := w.request(letter{doc: activity("Like", aliceID+"/l", aliceID, post, nil), signer: aliceID})
	reply := w.request(letter{doc: create(note(aliceID+"/n", aliceID, post, nil)), signer: aliceID})
	for _, r := range []*http.Request{follow, like, reply} {
		w.again(r)
	}
	w.send(activity("Undo", aliceID+"/u1", aliceID, aliceID+"/f", nil))
	w.send(activity("Undo", aliceID+"/u2", aliceID, aliceID+"/l", nil))
	w.send(activity("Delete", aliceID+"/u3", aliceID, aliceID+"/n", nil))
	for _, r := range []*http.Request{follow, like, reply} {
		if got := w.again(r); got != http.StatusAccepted {
			t.Errorf("replay: status %d, want 202", got)
		}
	}
	if got := w.counts(); got != (counts{}) {
		t.Errorf("after the replay: %+v, want nothing", got)
	}
}
