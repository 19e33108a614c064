package inbox_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
)

// runServed serves what other programs serve, and makes us need it.
func runServed(t *testing.T, r row) {
	var doc any
	if err := json.Unmarshal([]byte(r.text), &doc); err != nil {
		t.Fatalf("no JSON: %v", err)
	}
	o, _ := doc.(map[string]any)
	key, _ := o["publicKey"].(map[string]any)
	switch {
	case strings.HasPrefix(r.expect, "resolve"):
		resolves(t, r, []byte(r.text), func(w *corpusWorld, host string) {
			w.peers.host(host, fingerprint(w, "application/jrd+json", http.StatusOK, []byte(r.text)))
		})
	case r.expect == "parse-reject-key":
		keyRefused(t, r, o, key)
	case r.expect == "parse-reject":
		documentRefused(t, r, o)
	case r.wireType == "" && o["publicKeyPem"] == nil:
		ignoredDocument(t, r)
	case r.wireType == "":
		keyServed(t, r, o)
	case o["inbox"] != nil && key != nil && key["publicKeyPem"] != nil:
		actorServed(t, r, o)
	default:
		objectServed(t, r, o)
	}
}

// authorOf gives who a served document is of: its author, else its actor, else somebody of its own server, or of its page's.
func (r row) authorOf(o m) string {
	if by := idOf(o["attributedTo"]); by != "" {
		return by
	}
	if by := idOf(o["actor"]); by != "" {
		return by
	}
	page, _ := o["url"].(string)
	for _, at := range []string{idOf(o), page} {
		if u, err := url.Parse(at); err == nil && u.Host != "" {
			return u.Scheme + "://" + u.Host + "/users/author"
		}
	}
	return aliceS
}

// served gives a served document as it goes over the wire: its own bytes, or what the row's changes make of it.
func (r row) served(o m) (document []byte, aim m) {
	added := strings.Contains(r.must, "the harness adds")
	if added {
		o["to"] = []any{"as:Public"}
	}
	aim = aimed(r, o).doc.(map[string]any)
	if !added && !strings.HasPrefix(r.rewrite, "/") {
		return []byte(r.text), aim
	}
	document, _ = json.Marshal(aim)
	return document, aim
}

// objectServed sends a served document twice, in worlds of their own: whole inside a Create, and as an id that we must fetch.
func objectServed(t *testing.T, r row, o m) {
	document, aim := r.served(o)
	by, id := r.authorOf(aim), idOf(aim)
	known := id // what is known by its page where the id is no web address
	if page, _ := aim["url"].(string); !strings.HasPrefix(id, "http") && page != "" {
		known = page
	}
	for form, object := range map[string]any{"whole": json.RawMessage(document), "by its id": id} {
		if form == "by its id" && !strings.HasPrefix(id, "http") {
			continue // nothing that could be fetched
		}
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			envelope := m{"id": by + "#create", "type": "Create", "actor": by, "object": object, "to": aim["to"]}
			p := payloadFrom(r, envelope)
			p.doc = merge(envelope, m{"object": aim})
			bar := p.barred()
			if _, err := activitypub.Read(document); bar == "" && err != nil {
				bar = err.Error()
			}
			if form == "whole" {
				p.admitted(t, bar)
			}
			worlds(t, p.insecure(), func(t *testing.T, w *corpusWorld, dev bool) {
				w.serveSender(by)
				if strings.HasPrefix(id, "http") {
					w.peers.handle(id, sayOnce(http.StatusOK, activitypub.ContentType, document))
				}
				switch {
				case p.insecure() && !dev, bar != "" && form == "whole":
					p.refused(t, w)
				case bar != "", id != "" && !activitypub.SameOrigin(known, by):
					p.noTrace(t, w)
					if bar == "" {
						understood(t, w, id, form)
					}
				default:
					p.unshown().replay(t, w)
					understood(t, w, id, form)
				}
			})
		})
	}
}

// unshown is what a document that is understood must not become: a comment. A quote among them may be kept as one.
func (p payload) unshown() payload {
	if p.expect == "parse-ok" {
		p.expect = "quote-or-ignore"
	}
	return p
}

// noTrace posts something of which nothing may be kept, whatever it is answered.
func (p payload) noTrace(t *testing.T, w *corpusWorld) {
	t.Helper()
	before := w.glance()
	if got := w.post(p.letter()); got >= 500 {
		t.Errorf("status %d", got)
	}
	w.settle()
	if now := w.glance(); now != before {
		t.Errorf("it left a trace:\n%s\nwas\n%s", now, before)
	}
}

// understood fetches a document as the daemon does.
func understood(t *testing.T, w *corpusWorld, id, form string) {
	t.Helper()
	if form == "whole" || !activitypub.SameOrigin(id, id) {
		return
	}
	o, err := w.remote.Object(t.Context(), id)
	switch {
	case err == nil && o.ID != id:
		t.Errorf("%s was read as %s", id, o.ID)
	case err != nil && !isTombstone(err):
		t.Errorf("not understood: %v", err)
	}
}

// documentRefused serves a document that must not count: at its own address, and at the address of somebody who hands it on. It is
// made to answer our post, so that taking it would show.
func documentRefused(t *testing.T, r row, o m) {
	o["inReplyTo"] = post
	id := idOf(o)
	elsewhere := "https://evil.example/notes/handed-on"
	for _, at := range []string{id, elsewhere} {
		t.Run(hostIn(at), func(t *testing.T) {
			t.Parallel()
			w := newCorpusWorld(t, true)
			for _, by := range []string{idOf(o["attributedTo"]), idOf(o["actor"])} {
				if by != "" && by != id {
					w.serveSender(by)
				}
			}
			w.peers.serve(at, o)
			if strings.HasPrefix(at, "http") {
				p := payloadFrom(r, activity("Create", malloryS+"/create", malloryS, at, m{"to": public}))
				p.noTrace(t, w)
			}
			p := payloadFrom(r, activity("Create", malloryS+"/create2", malloryS, o, m{"to": public}))
			p.noTrace(t, w)
			signer := id
			if o["inbox"] == nil {
				return
			}
			w.peers.serve(signer, o)
			like := payloadFrom(r, activity("Like", id+"#like", id, post, nil))
			like.refused(t, w)
		})
	}
}

// ignoredDocument is one that we never ask for (NodeInfo) and that means nothing in an inbox.
func ignoredDocument(t *testing.T, r row) {
	w := newCorpusWorld(t, false)
	p := payload{row: r, by: aliceS, body: []byte(r.text)}
	p.refused(t, w)
	at := "https://remote.example/nodeinfo"
	w.peers.handle(at, sayOnce(http.StatusOK, "application/json", []byte(r.text)))
	if _, err := w.remote.Object(t.Context(), at); err == nil {
		t.Error("it was taken for an Activity Streams document")
	}
}

// sayOnce is a handler that says one thing.
func sayOnce(status int, kind string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = []string{kind}
		if kind == "" {
			w.Header()["Content-Type"] = nil // else net/http guesses
		}
		w.WriteHeader(status)
		w.Write(body)
	}
}

// keyServed lets the owner of a key with a document of its own speak: the actor names the key by its id alone.
func keyServed(t *testing.T, r row, o m) {
	id, owner := idOf(o), idOf(o["owner"])
	worlds(t, strings.HasPrefix(owner, "http:"), func(t *testing.T, w *corpusWorld, dev bool) {
		o := merge(m{}, o)
		o["publicKeyPem"] = keyDoc(owner)["publicKeyPem"]
		w.peers.serve(id, o)
		w.peers.serve(owner, merge(actor(owner, nil), m{"publicKey": id}))
		like := activity("Like", owner+"#like", owner, post, nil)
		if got := w.post(letter{doc: like, signer: owner, keyID: id}); got != http.StatusAccepted || w.counts().likes != 1 {
			t.Errorf("signed with that key: status %d, %d likes", got, w.counts().likes)
		}
	})
}

// keyRefused serves an actor that lists somebody else's key: who holds that key does not speak for the actor.
func keyRefused(t *testing.T, r row, o, key m) {
	w := newCorpusWorld(t, true)
	id := idOf(o)
	key["publicKeyPem"] = keyDoc(id)["publicKeyPem"]
	w.peers.serve(id, o)
	before := w.snapshot()
	got := w.post(letter{doc: activity("Like", id+"#like", id, post, nil), signer: id, keyID: idOf(key)})
	if now := w.snapshot(); !is4xx(got) || now != before {
		t.Errorf("signed with a key of %s: status %d, want 4xx, and no trace:\n%s", idOf(key), got, now)
	}
}

// actorServed lets an actor, with our key in place of its own, follow, like, boost and reply, and looks at how it is shown.
func actorServed(t *testing.T, r row, o m) {
	id := idOf(o)
	worlds(t, strings.HasPrefix(id, "http:"), func(t *testing.T, w *corpusWorld, dev bool) {
		o := deepCopy(o)
		key := o["publicKey"].(map[string]any)
		key["publicKeyPem"] = keyDoc(id)["publicKeyPem"]
		w.peers.serve(id, o)
		speak := func(doc m) int { return w.post(letter{doc: doc, signer: id, keyID: idOf(key)}) }
		n := id + "#note"
		docs := []m{
			activity("Follow", id+"#follow", id, us, nil), activity("Like", id+"#like", id, post, nil),
			activity("Announce", id+"#boost", id, post, m{"to": public}),
			activity("Create", id+"#create", id, note(n, id, post, nil), m{"to": public}),
		}
		if strings.HasPrefix(id, "http:") && !dev {
			for _, doc := range docs {
				if got := speak(doc); !is4xx(got) {
					t.Errorf("%s of an http: actor: status %d, want 4xx", doc["type"], got)
				}
			}
			if w.counts() != (counts{}) {
				t.Errorf("it left a trace: %+v", w.counts())
			}
			return
		}
		for _, doc := range docs {
			if got := speak(doc); got != http.StatusAccepted {
				t.Errorf("%s: status %d", doc["type"], got)
			}
		}
		if got := w.counts(); got != (counts{replies: 1, likes: 1, boosts: 1, followers: 1}) {
			t.Errorf("it has %+v", got)
		}
		checkFace(t, w, n, o)
		inert(t, w.page())
	})
}

// checkFace looks at how an author is shown: the name in plain words and never blank, user and host, the picture from our address.
func checkFace(t *testing.T, w *corpusWorld, comment string, o m) {
	t.Helper()
	c, ok := w.shown(comment)
	if !ok {
		t.Error("the actor's reply is not shown")
		return
	}
	name, _ := o["name"].(string)
	user, _ := o["preferredUsername"].(string)
	got := strings.TrimSpace(c.By.Name.Text())
	if want := strings.TrimSpace(activitypub.ParseText(name, nil).Text()); got != want && want != "" {
		t.Errorf("the name %q is shown as %q", name, got)
	}
	if got == "" {
		t.Error("the name is blank")
	}
	if host := hostIn(idOf(o)); c.By.Handle != "@"+user+"@"+host && (user != "" || c.By.Handle != "@"+host) {
		t.Errorf("the handle is %q, want @%s@%s", c.By.Handle, user, host)
	}
	icon, _ := o["icon"].(map[string]any)
	if src, _ := icon["url"].(string); strings.HasPrefix(src, "http") && !strings.Contains(c.By.Avatar, "/media/") {
		t.Errorf("the picture %s is shown as %q", src, c.By.Avatar)
	}
}

func deepCopy(o m) m {
	b, _ := json.Marshal(o)
	var c m
	json.Unmarshal(b, &c)
	return c
}

// isTombstone tells whether a fetch found that the thing is gone, which is understood as well.
func isTombstone(err error) bool { return errors.Is(err, remote.ErrGone) }
