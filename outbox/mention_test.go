package outbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// account puts up a server with one actor that nobody of follows the blog, and an inbox at an address of the caller's choice.
func (w *world) account(name, inbox string) (*sink, string) {
	w.t.Helper()
	s := &sink{}
	id := w.address(name, "/users/bo")
	if inbox == "" {
		inbox = id + "/inbox"
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/bo", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", activitypub.ContentType)
		json.NewEncoder(rw).Encode(map[string]any{"@context": activityStreams, "id": id, "type": "Person", "preferredUsername": "bo", "inbox": inbox})
	})
	mux.Handle("/", s)
	w.host(name, mux)
	return s, id
}

// name writes a post that mentions accounts.
func (w *world) name(key, text string, ids ...string) {
	w.t.Helper()
	w.put(key, text)
	for i := range w.posts {
		if p := &w.posts[i]; p.ID == w.id(key) {
			var a map[string]any
			data, err := readIn(w.dir+"/public", p.Article, 1<<20)
			w.must(err)
			w.must(json.Unmarshal(data, &a))
			var tags []activitypub.Tag
			for _, id := range ids {
				tags = append(tags, activitypub.Tag{Type: "Mention", Name: "@bo", Href: id})
			}
			a["tag"] = tags
			data, err = activitypub.Marshal(a)
			w.must(err)
			p.SHA256 = sumOf(data)
			w.file(p.Article, data)
		}
	}
}

// Who is mentioned gets the post though nobody there follows, and its Update; who is named by the Update alone gets the Create.
func TestMentionedAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	follower := w.sink("follower")
	first, bo := w.account("first", "")
	second, cy := w.account("second", "")
	w.name("a", "<p>one</p>", bo)
	w.round()
	w.pass(time.Minute)
	w.name("a", "<p>two</p>", bo, cy)
	w.round()
	w.pass(time.Minute)
	w.withdraw("a")
	w.round()
	if got := follower.types(); got != "Create Update Delete" {
		t.Errorf("the follower got %s", got)
	}
	if got := first.types(); got != "Create Update Delete" {
		t.Errorf("who is mentioned got %s", got)
	}
	if got := second.types(); got != "Create Delete" {
		t.Errorf("who is mentioned later got %s", got)
	}
}

// An actor cannot aim the blog at another server, and one that is down keeps the post from nobody.
func TestMentionedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	follower, victim := w.sink("follower"), &sink{}
	w.host("victim", victim)
	_, mean := w.account("mean", w.address("victim", "/inbox"))
	gone := w.address("gone", "/users/bo")
	w.host("gone", http.NotFoundHandler())
	w.name("a", "<p>one</p>", mean, gone, strings.Replace(gone, "http", "ftp", 1))
	w.round()
	if got := follower.types(); got != "Create" {
		t.Errorf("the follower got %q", got)
	}
	if n := victim.count(); n > 0 {
		t.Errorf("a server that nobody mentioned got %d deliveries", n)
	}
}
