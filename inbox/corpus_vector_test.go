package inbox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/store"
)

// signed is a request that somebody signed once, with the clock at which it is read and the keys that there are.
type signedVector struct {
	Message *struct {
		Method, Target, Scheme string
		Headers                [][2]string
		Body                   string `json:"body_b64"`
	}
	Keys map[string]struct {
		Owner string
		PEM   string `json:"publicKeyPem"`
	}
	Now  time.Time
	Must string

	Forms    []keyForm       // of a list of key ids
	Document json.RawMessage // of a document signed within itself
}

type keyForm struct {
	KeyID  string `json:"keyId"`
	Actor  string
	SeenIn string `json:"seen_in"`
}

// runVectorFile reads a signature vector of whichever kind.
func runVectorFile(t *testing.T, r row) {
	var v signedVector
	if err := json.Unmarshal(r.data, &v); err != nil {
		t.Fatal(err)
	}
	switch {
	case v.Message != nil:
		v.run(t, r)
	case len(v.Forms) > 0:
		for _, f := range v.Forms {
			t.Run(f.SeenIn, func(t *testing.T) {
				t.Parallel()
				f.run(t)
			})
		}
	case len(v.Document) > 0:
		runSignedDocument(t, r, v.Document)
	default:
		runSignedDocument(t, r, json.RawMessage(r.text))
	}
}

// run sends the very request to a door at its address, at its time. Only the path is bent: every inbox of ours is /ap/inbox, and what
// was signed is the path on the wire.
func (v signedVector) run(t *testing.T, r row) {
	w := newCorpusWorld(t, false)
	w.now = v.Now
	body, err := base64.StdEncoding.DecodeString(v.Message.Body)
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(v.Message.Method, v.Message.Target, bytes.NewReader(body))
	req.URL.Path, req.URL.RawPath = "/ap/inbox", ""
	for _, h := range v.Message.Headers {
		if strings.EqualFold(h[0], "Host") {
			req.Host = h[1]
			continue
		}
		req.Header.Add(h[0], h[1])
	}
	target := v.stage(w, body)
	before := w.counts()
	answer := httptest.NewRecorder()
	w.inbox.ServeHTTP(answer, req)
	io.Copy(io.Discard, answer.Body)
	likes := w.counts().likes - before.likes
	if v.Message.Method != http.MethodPost || req.Host != "blog.example" { // the signature alone says yes: activitypub/signature's tests
		if !is4xx(answer.Code) {
			t.Errorf("%s to %s: status %d, want 4xx", v.Message.Method, req.Host, answer.Code)
		}
		return
	}
	accepted := answer.Code == http.StatusAccepted
	switch want := v.Must; want {
	case "accept":
		if !accepted || target && likes != 1 {
			t.Errorf("status %d, %d likes: want 202 and its effect", answer.Code, likes)
		}
	case "reject":
		if !is4xx(answer.Code) || likes != 0 {
			t.Errorf("status %d, %d likes: want 401 and no effect", answer.Code, likes)
		}
	case "policy", "vector-only":
		t.Logf("policy: status %d", answer.Code)
		if answer.Code >= 500 || accepted != (likes == 1) && target {
			t.Errorf("status %d, %d likes", answer.Code, likes)
		}
	default:
		t.Fatalf("nobody knows what %q means", want)
	}
	for at := range w.peers.hits {
		if u, ok := strings.CutPrefix(at, "https://"); !ok || strings.HasPrefix(u, "127.") {
			t.Errorf("%s was asked", at)
		}
	}
	if strings.HasPrefix(r.expect, "verify-fail") && v.Must == "accept" {
		t.Errorf("the index says %s, the vector %s", r.expect, v.Must)
	}
}

// stage serves the owners of a vector's keys, each with all the keys that are its own, and makes the activity's object a post of ours.
// It tells whether the body is a like of that post.
func (v signedVector) stage(w *corpusWorld, body []byte) bool {
	w.t.Helper()
	listed := map[string][]m{}
	for id, k := range v.Keys {
		if k.Owner == "" {
			continue
		}
		key := m{"id": id, "owner": k.Owner, "publicKeyPem": k.PEM}
		listed[k.Owner] = append(listed[k.Owner], key)
		w.peers.serve(id, key)
	}
	for owner, list := range listed {
		w.peers.serve(owner, actor(owner, m{"publicKey": list}))
	}
	o, err := activitypub.Read(body)
	if err != nil || o.Type != "Like" || len(o.Object) == 0 || o.Object[0].ID == post {
		return false
	}
	liked := o.Object[0].ID
	w.write(func(tx *store.Tx) error {
		a, err := tx.Article(w.t.Context(), post)
		a.URL = liked
		if err != nil {
			return err
		}
		return tx.PutArticle(w.t.Context(), a)
	})
	return strings.HasPrefix(liked, blog+"/")
}

// run lets an actor sign with a key id in the spelling of one program. The actor must list that key: one that only looks like the actor's
// is nobody's.
func (f keyForm) run(t *testing.T) {
	owner := f.Actor
	if owner == "" {
		owner = "https://example.com/users/alice"
	}
	for _, lists := range []bool{true, false} {
		w := newCorpusWorld(t, false)
		key := merge(keyDoc(owner), m{"id": f.KeyID})
		if !lists {
			key["id"] = owner + "#another-key"
		}
		w.peers.serve(owner, actor(owner, m{"publicKey": key}))
		got := w.post(letter{doc: activity("Like", owner+"#l", owner, post, nil), signer: owner, keyID: f.KeyID})
		if yes := lists && f.Actor != ""; yes && (got != http.StatusAccepted || w.counts().likes != 1) {
			t.Errorf("%s of %s: status %d, want 202", f.KeyID, owner, got)
		} else if !yes && (!is4xx(got) || w.counts() != (counts{})) {
			t.Errorf("%s, listed: %t: status %d, %+v, want 4xx", f.KeyID, lists, got, w.counts())
		}
	}
}

// runSignedDocument sends a document that bears a signature within itself. That signature proves nothing to us, and is no reason
// to refuse what the request's own signature proves.
func runSignedDocument(t *testing.T, r row, document json.RawMessage) {
	var doc m
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	if doc["inbox"] != nil {
		actorServed(t, r, doc)
		return
	}
	r.expect = "ignore-202"
	p := payloadFrom(r, doc)
	w := newCorpusWorld(t, false)
	w.serveSender(p.by)
	byOther := p
	byOther.by = malloryS
	p.unsigned(t, w)
	byOther.noTrace(t, w)
	p.replay(t, w)
}
