package inbox_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// payload is a body for the inbox with who signs it.
type payload struct {
	row
	doc  any
	body []byte
	by   string // signs it
}

// payloadOf reads a row's file, aims it at us where the row says so, and finds who sends it.
func payloadOf(t *testing.T, r row) payload {
	t.Helper()
	var doc any
	if err := json.Unmarshal([]byte(r.text), &doc); err != nil {
		t.Fatalf("%s is no JSON: %v", r.path, err)
	}
	return aimed(r, doc)
}

func aimed(r row, doc any) payload {
	target := post
	if e := r.expect; e == "follow" || e == "block-record" || e == "unfollow" || strings.Contains(r.path, "undo-block") {
		target = us
	}
	for p := range strings.SplitSeq(r.rewrite, ";") {
		if strings.HasPrefix(p, "/") {
			doc = set(doc, strings.Split(p[1:], "/"), target)
		}
	}
	return payloadFrom(r, doc)
}

func payloadFrom(r row, doc any) payload {
	p := payload{row: r, doc: doc, by: actorOf(doc)}
	if p.by == "" {
		p.by = aliceS // somebody must sign it
	}
	p.body, _ = json.Marshal(doc)
	return p
}

// barred gives the rule by which the door refuses a payload whatever its row says, "" if there is none. It reads the rule off
// the payload, so that payloads nobody has seen fall under it as well.
func (p payload) barred() string {
	named := actorOf(p.doc)
	id, object := get(p.doc, "/id"), get(p.doc, "/object/id")
	switch {
	case named != "" && !activitypub.SameOrigin(named, named):
		return "its actor has no address that a server could have"
	case named != "" && id != "" && acts(p.doc) && !activitypub.SameOrigin(id, named):
		return "its id is of another server than its actor"
	case kindOf(p.doc) == "Create" && strings.HasPrefix(object, "http:") && strings.HasPrefix(named, "https:"):
		return "an http: object of an https: actor"
	}
	if _, err := activitypub.Read(p.body); err != nil {
		return err.Error()
	}
	return ""
}

// admitted fails where a row that should do something falls under a rule of the door and is not on the list of exceptions.
func (p payload) admitted(t *testing.T, bar string) {
	t.Helper()
	switch rejects := strings.Contains(p.expect, "reject"); {
	case bar == "" && excepted[p.path] != "":
		t.Errorf("%s is on the list of exceptions without need", p.path)
	case bar != "" && !rejects && excepted[p.path] == "" && p.split == "shared":
		t.Errorf("the row wants %s, and the door will not: %s", p.expect, bar)
	case bar != "" && !rejects:
		t.Logf("excepted: %s", bar)
	}
}

// insecure tells whether a payload's own ids are http:, which only --dev takes.
func (p payload) insecure() bool { return strings.HasPrefix(actorOf(p.doc), "http:") }

// letter is the payload signed by its sender.
func (p payload) letter() letter {
	return letter{body: p.body, signer: p.by, keyID: keyIDOf(p.by)}
}

// serveSender gives the sender a document with our key.
func (w *corpusWorld) serveSender(by string) {
	w.peers.serve(by, merge(actor(by, nil), m{"publicKey": keyDoc(by)}))
}

// acts tells whether a payload is an activity that changes something.
func acts(doc any) bool {
	return slices.Contains(strings.Fields("Create Update Delete Follow Block Like Dislike EmojiReact Announce Undo"), kindOf(doc))
}

func kindOf(doc any) string {
	o, _ := doc.(map[string]any)
	kind, _ := o["type"].(string)
	return kind
}

// refused posts a payload that the door must not take.
func (p payload) refused(t *testing.T, w *corpusWorld) {
	t.Helper()
	w.serveSender(p.by)
	before := w.store.Writes()
	if got := w.post(p.letter()); !is4xx(got) {
		t.Errorf("status %d, want 4xx", got)
	}
	if n := w.store.Writes() - before; n != 0 || w.settle() != 0 {
		t.Errorf("refused, and yet something was written: %d times", n)
	}
}

func is4xx(status int) bool { return status >= 400 && status < 500 }

// unsigned posts a payload without a signature, which changes nothing and makes us fetch nothing.
func (p payload) unsigned(t *testing.T, w *corpusWorld) {
	t.Helper()
	before, fetches := w.store.Writes(), w.peers.count()
	if got := w.post(letter{body: p.body}); !is4xx(got) {
		t.Errorf("unsigned: status %d, want 4xx", got)
	}
	if n := w.store.Writes() - before; n != 0 {
		t.Errorf("unsigned, it made us write %d times", n)
	}
	if n := w.peers.count() - fetches; n != 0 {
		t.Errorf("unsigned, it made us fetch %d times", n)
	}
}

// prepare stores what a payload takes for granted, through the door.
func (p payload) prepare(w *corpusWorld) {
	w.t.Helper()
	by, doc := p.by, p.doc
	follow := activity("Follow", by+"/setup/follow", by, us, nil)
	what, pointer, _ := strings.Cut(p.setup, ":")
	switch {
	case what == "" || what == "none":
	case what == "stored-comment":
		w.sendBy(by, create(note(get(doc, pointer), by, post, m{"published": "2020-01-01T00:00:00Z"})))
	case what == "stored-emojireact-id":
		w.sendBy(by, activity("EmojiReact", get(doc, pointer), by, post, m{"content": "🍮"}))
	case what == "follower" && strings.HasPrefix(pointer, "/"): // somebody whom the payload names
		id := get(doc, pointer)
		w.serveSender(id)
		w.sendBy(id, activity("Follow", id+"/setup/follow", id, us, nil))
	case strings.HasPrefix(what, "follower"):
		w.sendBy(by, follow)
	case strings.HasPrefix(what, "like by"):
		w.sendBy(by, activity("Like", by+"/setup/like", by, post, nil))
	case strings.HasPrefix(what, "boost by"):
		w.sendBy(by, activity("Announce", by+"/setup/boost", by, post, m{"to": public}))
	case strings.HasPrefix(what, "a comment"):
		w.sendBy(by, follow)
		w.sendBy(by, create(note(by+"/setup/note", by, post, nil)))
	case what == "stored-comment-by-other-actor":
		u, err := url.Parse(get(doc, "/object"))
		if err != nil {
			w.t.Fatal(err)
		}
		other := u.Scheme + "://" + u.Host + "/users/other"
		w.serveSender(other)
		w.sendBy(other, create(note(get(doc, "/object"), other, post, nil)))
	default:
		w.t.Fatalf("nobody knows the setup %q", p.setup)
	}
}

// sendBy posts an activity signed by somebody and wants 202.
func (w *corpusWorld) sendBy(by string, doc any) {
	w.t.Helper()
	if got := w.post(letter{doc: doc, signer: by, keyID: keyIDOf(by)}); got != http.StatusAccepted {
		w.t.Fatalf("%v: status %d, want 202", doc, got)
	}
}

// counted gives the kind of row that an expectation speaks of and by how much it changes.
func counted(expect string, c *counts) (field *int, change int) {
	switch expect {
	case "accept-comment":
		return &c.replies, 1
	case "delete-comment":
		return &c.replies, -1
	case "count-like":
		return &c.likes, 1
	case "uncount-like":
		return &c.likes, -1
	case "count-boost":
		return &c.boosts, 1
	case "uncount-boost":
		return &c.boosts, -1
	case "count-emoji":
		return &c.reactions, 1
	case "uncount-emoji":
		return &c.reactions, -1
	case "follow":
		return &c.followers, 1
	case "unfollow", "block-record":
		return &c.followers, -c.followers
	}
	return nil, 0
}

func keyIDOf(by string) string {
	if strings.Contains(by, "#") {
		return by
	}
	return by + "#main-key"
}

func keyDoc(by string) m {
	pem, err := signature.PublicPEM(keyOf(by))
	if err != nil {
		panic(err)
	}
	return m{"id": keyIDOf(by), "owner": by, "publicKeyPem": pem}
}

func actorOf(doc any) string {
	o, _ := doc.(map[string]any)
	return idOf(o["actor"])
}

func idOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		s, _ := v["id"].(string)
		return s
	case []any:
		if len(v) > 0 {
			return idOf(v[0])
		}
	}
	return ""
}

// set puts a value at a JSON pointer.
func set(doc any, at []string, v string) any {
	if len(at) == 0 {
		return v
	}
	switch d := doc.(type) {
	case map[string]any:
		d[at[0]] = set(d[at[0]], at[1:], v)
	case []any:
		if n, err := strconv.Atoi(at[0]); err == nil && n < len(d) {
			d[n] = set(d[n], at[1:], v)
		}
	}
	return doc
}

// get reads the id at a JSON pointer.
func get(doc any, pointer string) string {
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		o, _ := doc.(map[string]any)
		if o == nil {
			return idOf(doc)
		}
		doc = o[name]
	}
	return idOf(doc)
}

// shown gives the comment that a reader sees under the post with that id.
func (w *corpusWorld) shown(id string) (*activitypub.Comment, bool) {
	var find func(list []*activitypub.Comment) *activitypub.Comment
	find = func(list []*activitypub.Comment) *activitypub.Comment {
		for _, c := range list {
			if c.ID == id && !c.Removed {
				return c
			}
			if below := find(c.Replies); below != nil {
				return below
			}
		}
		return nil
	}
	c := find(w.thread().Replies)
	return c, c != nil
}

// held tells whether a comment waits for the owner's eyes.
func (w *corpusWorld) held(id string) bool {
	c, ok := w.comment(id)
	return ok && c.State == store.Held
}
