package inbox_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// flood sends n requests to the door, without sockets, eight at a time while the world's clock goes on by pace after each. It counts the
// answers by status.
func (w *world) flood(n int, pace time.Duration, request func(n int) *http.Request) map[int]int {
	w.t.Helper()
	var mu sync.Mutex
	var workers sync.WaitGroup
	answers, next := map[int]int{}, make(chan int)
	for range 8 {
		workers.Go(func() {
			for n := range next {
				rec := httptest.NewRecorder()
				w.inbox.ServeHTTP(rec, request(n))
				mu.Lock()
				answers[rec.Code]++
				mu.Unlock()
				if wait := rec.Header().Get("Retry-After"); (rec.Code == http.StatusTooManyRequests) != (wait != "") {
					w.t.Errorf("status %d with Retry-After %q", rec.Code, wait)
				}
				w.advance(pace)
			}
		})
	}
	for n := range n {
		next <- n
	}
	close(next)
	workers.Wait()
	return answers
}

// counted counts the rows of every table, in a copy of the database.
func (w *world) counted() map[string]int {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "copy.db")
	if err := w.store.Backup(w.t.Context(), file); err != nil {
		w.t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	var names string
	if err := db.QueryRow(`SELECT group_concat(name) FROM sqlite_master WHERE type = 'table'`).Scan(&names); err != nil {
		w.t.Fatal(err)
	}
	counts := map[string]int{}
	for name := range strings.SplitSeq(names, ",") {
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM "` + name + `"`).Scan(&n); err != nil {
			w.t.Fatal(err)
		}
		counts[name] = n
	}
	if len(counts) < 10 || counts["articles"] != 1 {
		w.t.Fatalf("these are not the tables: %v", counts)
	}
	return counts
}

// stencil is a signed request of somebody at stencil.example. Signing tens of thousands would take longer than all else: others get
// copies of the stencil with their own host and id in it, of the same shape and with a signature that is nobody's.
func (w *world) stencil(scheme signature.Scheme, at string) func(host string, doc any) *http.Request {
	head := w.request(letter{doc: m{}, signer: at, scheme: scheme}).Header
	return func(who string, doc any) *http.Request {
		body, err := json.Marshal(doc)
		if err != nil {
			panic(err)
		}
		r := httptest.NewRequest(http.MethodPost, blog+"/ap/inbox", bytes.NewReader(body))
		r.RemoteAddr = "127.0.0.1:1" // a proxy that the configuration does not name: clients cannot be told apart
		for name, values := range head {
			r.Header.Set(name, strings.ReplaceAll(values[0], at, who))
		}
		return r
	}
}

// parting is what strangers say when they leave: one of the shapes of the flood of Deletes.
func parting(n int, id string) m {
	switch n % 4 {
	case 0: // Mastodon
		return activity("Delete", id+"#delete", id, id, m{"to": public})
	case 1:
		return activity("Delete", id+"/d2", id, m{"type": "Tombstone", "id": id + "/notes/7"}, m{"to": public})
	case 2:
		return activity("Delete", id+"/d3", id, m{"type": "Person", "id": id}, nil)
	}
	return activity("Update", id+"#update", id, m{"id": id, "type": "Person", "name": "X"}, nil)
}

// TestFloodOfDeletes: 50,000 people of 50,000 servers of whom nothing is known go within a minute, and nothing is fetched or kept. When
// they all come in one moment, what the door has no time for is told to come again, and nothing is fetched or kept either (mutant:
// the key is fetched first; the activity's id is kept).
func TestFloodOfDeletes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	before, fetched, remembered := w.counted(), w.peers.count(), w.inbox.Remembered()
	const stranger = "https://stencil.example/users/u"
	shapes := []func(string, any) *http.Request{w.stencil(signature.DraftCavage, stranger), w.stencil(signature.RFC9421, stranger)}
	from := func(pattern string) func(int) *http.Request {
		return func(n int) *http.Request {
			id := fmt.Sprintf(pattern, n)
			return shapes[n/4%2](id, parting(n, id))
		}
	}
	floods := []struct {
		name     string
		from     string
		n        int
		pace     time.Duration
		accepted int
	}{
		{"of all servers in a minute", "https://s%d.example/users/u", 50_000 / slower, time.Minute / 50_000, 50_000 / slower},
		{"of a server where somebody is known", "http://remote.example/users/u%d", 10_000 / slower, time.Minute / 50_000, 10_000 / slower},
		{"in one moment", "https://t%d.example/users/u", 30_000, 0, 20_000},
	}
	if slower > 1 { // what the door takes in one moment is not less there
		floods = floods[:2]
	}
	for _, c := range floods {
		w.advance(time.Minute)
		got := w.flood(c.n, c.pace, from(c.from))
		if got[202] != c.accepted || got[202]+got[429] != c.n {
			t.Errorf("%s: answers %v, want %d times 202 and else 429", c.name, got, c.accepted)
		}
	}
	if n := w.peers.count() - fetched; n != 0 {
		t.Errorf("%d fetches, want none", n)
	}
	for table, n := range w.counted() {
		if n != before[table] {
			t.Errorf("table %s has %d rows, had %d", table, n, before[table])
		}
	}
	for name, n := range w.inbox.Remembered() {
		if n != remembered[name] {
			t.Errorf("%d %s in memory, were %d", n, name, remembered[name])
		}
	}
}

// TestFloodOfBadSignatures: ten thousand on one key make us fetch it once in five minutes, whether its owner is known or not, and
// honest words of the owner are taken all the while (mutant: no memory of failures).
func TestFloodOfBadSignatures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	like := activity("Like", bobID+"/l", bobID, post, nil)
	for n, name := range []string{"unknown", "known"} {
		before := w.peers.asked(bobID)
		good := w.request(letter{doc: like, signer: bobID})
		spoilt := strings.Replace(good.Header.Get("Signature"), `signature="`, `signature="AAAA`, 1)
		if spoilt == good.Header.Get("Signature") {
			t.Fatal("the signature was not spoilt")
		}
		body, _ := json.Marshal(like)
		got := w.flood(10_000/slower, 4*time.Minute/10_000*slower, func(int) *http.Request {
			r := httptest.NewRequest(http.MethodPost, blog+"/ap/inbox", bytes.NewReader(body))
			r.RemoteAddr, r.Header = "127.0.0.1:1", good.Header.Clone()
			r.Header.Set("Signature", spoilt)
			return r
		})
		if got[401] != 10_000/slower {
			t.Errorf("%s: answers %v, want 401", name, got)
		}
		if n := w.peers.asked(bobID) - before; n != 1 {
			t.Errorf("%s: %d fetches, want one", name, n)
		}
		w.send(activity("Like", fmt.Sprint(bobID, "/honest", n), bobID, post, nil))
		w.advance(6 * time.Minute)
	}
}

// people serves an actor at every address of a host, and counts how often it was asked.
func people(w *world, hosts ...string) {
	for _, host := range hosts {
		w.peers.host(host, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", activitypub.ContentType)
			json.NewEncoder(rw).Encode(actor("http://"+r.Host+r.URL.Path, nil))
		}))
	}
}

// TestFloodOfFollows: 5,000 follows in a minute from 500 servers are taken, and no server makes more than a hundred and a few
// in it, nor all below one domain of which nobody is known more than the fetches of their keys allow; who is told to wait is told how long (mutant: no budget of follows).
func TestFloodOfFollows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const hosts = 500 / slower
	people(w, "big.example")
	for n := range hosts {
		people(w, fmt.Sprintf("s%d.example", n))
	}
	for n := range 400 {
		people(w, fmt.Sprintf("s%d.one.example", n))
	}
	follow := func(pattern string) func(int) *http.Request {
		return func(n int) *http.Request {
			id := fmt.Sprintf(pattern, n%hosts, n)
			r := w.request(letter{doc: activity("Follow", id+"/f", id, us, nil), signer: id, scheme: signature.Scheme(n % 2)})
			r.RemoteAddr = "127.0.0.1:1"
			return r
		}
	}
	if got := w.flood(10*hosts, time.Minute/5000*slower, follow("http://s%d.example/u%d")); got[202] != 10*hosts {
		t.Errorf("of 500 servers: answers %v, want 202", got)
	}
	got := w.flood(400, time.Second/50, follow("http://s%[2]d.one.example/u%[1]d"))
	if got[202] < 20 || got[202] > 30 || got[202]+got[429] != 400 {
		t.Errorf("of one unknown domain: answers %v, want about 21 times 202 and else 429", got)
	}
	known := w.flood(400, time.Second/50, follow("http://big.example/u%d-%d"))
	if known[202] < 100 || known[202] > 100+8*10 || known[202]+known[429] != 400 {
		t.Errorf("of one server: answers %v, want about 108 times 202 and else 429", known)
	}
	want := 10*hosts + got[202] + known[202]
	if n, err := w.store.FollowerCount(t.Context(), us); n != want || err != nil {
		t.Errorf("%d followers, %v, want %d", n, err, want)
	}
}

// TestCrowdThroughTheDoor: a thousand replies in a minute of people of one big server who were here before are all taken (mutant: a budget
// for posts that is fit for a small server).
func TestCrowdThroughTheDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people(w, "big.example")
	id := func(n int) string { return fmt.Sprintf("http://big.example/users/u%d", n%100) }
	say := func(n int, doc m) *http.Request {
		r := w.request(letter{doc: doc, signer: id(n)})
		r.RemoteAddr = "127.0.0.1:1"
		return r
	}
	w.flood(100, time.Millisecond, func(n int) *http.Request {
		return say(n, activity("Like", fmt.Sprint(id(n), "/l"), id(n), post, nil))
	})
	got := w.flood(1000, 60*time.Millisecond, func(n int) *http.Request {
		return say(n, create(note(fmt.Sprint(id(n), "/n", n), id(n), post, nil)))
	})
	if got[202] != 1000 || w.count(store.Reply) == 0 {
		t.Errorf("answers %v, %d replies shown", got, w.count(store.Reply))
	}
	if n := w.counted()["comments"]; n != 1100 {
		t.Errorf("%d comments are kept, want 1100", n)
	}
}

// TestStrangersInMemory: what is kept of servers that send something and cannot be asked is bounded, and on the disk nothing is kept
// (mutant: maps without a bound).
func TestStrangersInMemory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.counted()
	const n = 22_000 / slower
	got := w.flood(n, time.Millisecond, func(n int) *http.Request {
		id := fmt.Sprintf("http://s%d.example/u", n)
		r := w.request(letter{doc: activity("Like", id+"/l", id, post, nil), signer: id, scheme: signature.Scheme(n % 2)})
		r.RemoteAddr = "127.0.0.1:1"
		return r
	})
	if got[401] != n {
		t.Errorf("answers %v, want 401", got)
	}
	for name, want := range map[string]int{"actors": 1000, "fetches": min(n, 20_000), "keys": 0, "posts": 0, "Follow": 0, "failures": 0} {
		if got := w.inbox.Remembered()[name]; got != want {
			t.Errorf("%d %s in memory, want %d", got, name, want)
		}
	}
	if after := w.counted(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("rows %v, were %v", after, before)
	}
}
