package interop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote/remotetest"
	"github.com/postil-blog/postil/cmd/inboxd/daemon"
	"github.com/postil-blog/postil/publisher"
)

// TestLifeOfAPost takes one post through all that can happen to it, with the real publisher and the real daemon, before a server that
// checks signatures. After each step exactly the activities stand there that the step means, and each keeps to the strict readers' rules.
func TestLifeOfAPost(t *testing.T) {
	t.Parallel()
	l := followed(t, map[string]string{"tide.md": firstPost, "keep.md": postNamed("keep", "Kept")})
	b := l.b
	l.documents()

	b.write("walk.md", postNamed("walk", "A walk"))
	b.publish()
	l.told("create", "Create walk")
	b.publish()
	b.write("walk.md", postNamed("walk", "A walk")+"\nMore.\n")
	b.publish()
	l.told("edit", "Update walk")

	b.stop()
	for _, words := range []string{"one", "two"} { // two edits that the daemon sleeps through are one
		b.write("walk.md", postNamed("walk", "A walk")+"\n"+words+"\n")
		b.publish()
	}
	b.start()
	l.told("edits while the daemon was down", "Update walk")
	if o := l.last().Object[0]; !strings.Contains(o.Content, "two") {
		t.Errorf("the Update says %q, want the last words", o.Content)
	}
	l.second()

	b.write("walk.md", strings.Replace(postNamed("walk", "A walk"), "+++\n", "+++\nslug = \"a-long-walk\"\n", 1))
	b.publish()
	l.told("slug", "Update walk")
	if o := l.last().Object[0]; o.ID != b.addr.Post("walk") || o.URL[0].Href != b.addr.Page("/posts/a-long-walk/") {
		t.Errorf("after the new slug: %s at %v", o.ID, o.URL)
	}

	l.listLosesPost()
	b.remove("walk.md")
	b.publish()
	l.told("delete", "Delete walk")
	if err := b.status(b.addr.Post("walk"), http.StatusGone); err != nil {
		t.Error(err)
	}
	b.write("walk.md", postNamed("walk", "A walk"))
	b.publish()
	l.told("written again: a deleted id is refused for ever", "Create walk-2")
	b.write("walk.md", strings.Replace(postNamed("walk", "A walk"), "+++\n", "+++\ndraft = true\n", 1))
	b.publish()
	l.told("draft again", "Delete walk-2")

	b.stop()
	b.cfg.Federation.Enabled = false
	b.publish()
	b.start()
	l.told("federation off", "Delete keep", "Delete tide")
	l.strict()
}

func postNamed(id, title string) string {
	return strings.NewReplacer(`"tide"`, `"`+id+`"`, "The tide tables", title).Replace(firstPost)
}

// life is what a peer hears of a blog.
type life struct {
	t    *testing.T
	b    *blog
	peer *remotetest.Server
	seen int
}

// told waits for the activities that a step causes, in any order, and wants no others.
func (l *life) told(step string, want ...string) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), 20*time.Second)
	defer cancel()
	err := l.peer.Wait(ctx, func(all []*activitypub.Object) bool { return len(all) >= l.seen+len(want) })
	var got []string
	for _, a := range l.peer.Received()[l.seen:] {
		name := a.Type
		if key, ok := l.b.addr.PostKey(a.Object[0].ID); ok {
			name += " " + key
		}
		got = append(got, name)
	}
	l.seen += len(got)
	slices.Sort(got)
	if err != nil || !slices.Equal(got, want) {
		l.t.Fatalf("%s: the peer was told %v (%v), want %v", step, got, err, want)
	}
}

func (l *life) last() *activitypub.Object { return l.peer.Received()[l.seen-1] }

// second starts another daemon on the same data: it must refuse.
func (l *life) second() {
	err := daemon.Run(l.t.Context(), l.b.cfg, daemon.Options{Dev: true, Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler), Ready: func(net.Addr) {
		l.t.Error("a second daemon on the same data is ready")
	}})
	if _, refused := errors.AsType[daemon.Refusal](err); !refused {
		l.t.Errorf("a second daemon: %v, want a refusal", err)
	}
}

// listLosesPost damages the list in the ways in which copying a site can. Nothing may be deleted for it, and publish does not build on
// a list that it cannot read.
func (l *life) listLosesPost() {
	l.t.Helper()
	file := filepath.Join(l.b.dir, "public", "ap", "published.json")
	whole, err := os.ReadFile(file)
	if err != nil {
		l.t.Fatal(err)
	}
	var list map[string]any
	if err := json.Unmarshal(whole, &list); err != nil {
		l.t.Fatal(err)
	}
	list["posts"] = []any{}
	empty, _ := json.Marshal(list)
	for _, damage := range [][]byte{empty, whole[:len(whole)/2], {}, []byte("<html>"), []byte(`{"version":1}`), []byte(`{"version":99,"posts":[]}`), []byte("null")} {
		l.b.file("public/ap/published.json", string(damage))
		l.reconcile()
	}
	if _, err := publisher.Publish(l.t.Context(), publisher.Options{Config: l.b.cfg}); err == nil {
		l.t.Error("publish built on a list that it cannot read")
	}
	if err := os.WriteFile(file, whole, 0o644); err != nil {
		l.t.Fatal(err)
	}
	article := filepath.Join("public", "ap", "posts", "walk.json")
	doc, err := os.ReadFile(filepath.Join(l.b.dir, article))
	if err != nil {
		l.t.Fatal(err)
	}
	l.b.file(article, string(doc[:len(doc)/2]))
	l.reconcile()
	l.b.file(article, string(doc))
	l.reconcile()
}

// reconcile restarts the daemon, which reads the list before it is ready.
func (l *life) reconcile() {
	l.t.Helper()
	l.b.stop()
	l.b.start()
}

// strict holds everything that the peer was sent against the strictest readers of federation.md.
func (l *life) strict() {
	last := map[string]time.Time{}
	for _, a := range l.peer.Received() {
		var doc map[string]any
		if err := json.Unmarshal(a.Raw, &doc); err != nil {
			l.t.Fatal(err)
		}
		name := fmt.Sprintf("%s %s", a.Type, a.ID)
		bad := func(format string, args ...any) { l.t.Errorf("%s: %s", name, fmt.Sprintf(format, args...)) }
		if doc["@context"] == nil {
			bad("no @context")
		}
		if _, ok := doc["actor"].(string); !ok {
			bad("actor is %v", doc["actor"])
		}
		embedded, _ := doc["object"].(map[string]any)
		if embedded == nil || embedded["id"] == doc["id"] {
			bad("object is %v", doc["object"])
			continue
		}
		if a.Type == "Accept" {
			continue // the rest is what the peer wrote
		}
		plain(bad, "", doc)
		l.audience(bad, doc)
		oneHost(bad, doc["id"], doc["actor"], embedded["id"])
		if a.Type == "Delete" {
			if embedded["type"] != "Tombstone" {
				bad("object is %v", embedded)
			}
			continue
		}
		l.audience(bad, embedded)
		oneHost(bad, embedded["id"], embedded["url"], embedded["attributedTo"])
		o := a.Object[0]
		if o.Published.IsZero() || o.Published.After(time.Now()) {
			bad("published %v", embedded["published"])
		}
		updated, isUpdate := embedded["updated"]
		switch {
		case a.Type == "Create" && isUpdate:
			bad("a new post was updated %v", updated)
		case a.Type == "Update" && (!o.Updated.After(o.Published) || !o.Updated.After(last[o.ID])):
			bad("updated %v, published %v, told before %v", updated, o.Published, last[o.ID])
		}
		last[o.ID] = o.Updated
		if _, ok := embedded["attachment"].([]any); !ok {
			bad("attachment is %v", embedded["attachment"])
		}
		for _, member := range []string{"inReplyTo", "language"} {
			if v, ok := embedded[member]; ok {
				bad("%s is %v", member, v)
			}
		}
	}
	for _, r := range l.peer.Requests() {
		if r.Method == http.MethodPost && !strings.HasPrefix(r.Header.Get("Digest"), "SHA-256=") {
			l.t.Errorf("%s: Digest is %q, and Threads knows SHA-256= alone", r.URL, r.Header.Get("Digest"))
		}
	}
}

// documents holds what the daemon serves against the strictest readers: each under its own id, nothing null or empty in it.
func (l *life) documents() {
	l.t.Helper()
	a, tide := l.b.addr, l.b.addr.Post("tide")
	for _, id := range []string{
		a.Actor(), a.Instance(), a.Outbox(), a.Outbox() + "?page=1", a.Followers(), a.Following(), a.Featured(),
		tide, tide + "/replies", tide + "/replies?page=1", tide + "/likes", tide + "/shares", tide + "/context",
	} {
		bad := func(format string, args ...any) { l.t.Errorf("%s: %s", id, fmt.Sprintf(format, args...)) }
		res, body, err := l.b.get(id, activitypub.ContentType)
		var doc map[string]any
		if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != activitypub.ContentType || json.Unmarshal([]byte(body), &doc) != nil {
			bad("%v, %v: %s", err, res, body)
			continue
		}
		if doc["@context"] == nil || doc["id"] != id {
			bad("@context is %v, id is %v", doc["@context"], doc["id"])
		}
		delete(doc, "orderedItems") // may be empty: Lemmy wants the member
		delete(doc, "items")
		plain(bad, "", doc)
		if doc["inbox"] != nil {
			l.actor(bad, doc)
		}
	}
}

// actor wants what Misskey, PeerTube, Lemmy and Mastodon do not do without.
func (l *life) actor(bad func(string, ...any), doc map[string]any) {
	key, _ := doc["publicKey"].(map[string]any)
	ids := []any{doc["id"], doc["url"], doc["inbox"], doc["outbox"], key["id"], key["owner"]}
	if doc["type"] != "Application" {
		ids = append(ids, doc["followers"], doc["following"], doc["featured"])
	}
	oneHost(bad, ids...)
	if key["owner"] != doc["id"] || !strings.Contains(fmt.Sprint(key["publicKeyPem"]), "BEGIN PUBLIC KEY") {
		bad("publicKey is %v", key)
	}
	if name, _ := doc["preferredUsername"].(string); name == "" || len(name) > 128 || doc["name"] == name && doc["type"] == "Person" {
		bad("name %v of %v", doc["name"], doc["preferredUsername"])
	}
}

// plain refuses null, the empty string and the empty list wherever they stand: strict decoders stop at them.
func plain(bad func(string, ...any), at string, v any) {
	switch v := v.(type) {
	case nil:
		bad("%s is null", at)
	case string:
		if v == "" {
			bad("%s is empty", at)
		}
	case []any:
		if len(v) == 0 {
			bad("%s is an empty list", at)
		}
		for _, e := range v {
			plain(bad, at+"[]", e)
		}
	case map[string]any:
		for name, e := range v {
			plain(bad, at+"/"+name, e)
		}
	}
}

// audience wants the whole URI of Public in a list, and the followers.
func (l *life) audience(bad func(string, ...any), doc map[string]any) {
	to, _ := doc["to"].([]any)
	cc, _ := doc["cc"].([]any)
	if !slices.Contains(to, any(activitypub.Public)) || !slices.Contains(cc, any(l.b.addr.Followers())) {
		bad("%v goes to %v, cc %v", doc["type"], doc["to"], doc["cc"])
	}
}

func oneHost(bad func(string, ...any), ids ...any) {
	host := ""
	for _, id := range ids {
		s, _ := id.(string)
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || host != "" && u.Host != host {
			bad("%v are not of one host", ids)
			return
		}
		host = u.Host
	}
}
