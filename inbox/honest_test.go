package inbox_test

import (
	"bytes"
	"crypto"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// program is a kind of server: how its actors are written, where the key lies, and how it signs. The documents are made up, in the shapes that
// FEDERATION.md and the design's table of peers tell of.
type program struct {
	name  string
	id    string // of the actor
	actor m      // members of the actor's document besides those of any
	keyID string
	key   crypto.Signer // nil: RSA of 2,048 bits
	sign  hand          // scheme, algorithm, covers, expires; times are measured from the test's beginning
	serve func(p program) map[string]m
	says  []vector
}

// vector is one letter of a program and what it does.
type vector struct {
	verb string
	doc  m
	// after is what the blog has then, counted from what it had before; texts are compared where the letter has words.
	after counts
	text  string // of the comment that the letter speaks of
	round bool   // an errand has to run
	by    *program
}

const year = "2026-01-02T03:04:05"

// TestHonest lets each program say what it says in a life with the blog, in that order: every letter is taken and does what it means. The
// rules of SECURITY.md name the programs that they were checked against; this is where.
func TestHonest(t *testing.T) {
	t.Parallel()
	vectors, servers := 0, map[string]bool{}
	for _, p := range slices.Concat(microblogs, threadiverse, blogs) {
		vectors += len(p.says)
		servers[strings.Fields(p.name)[0]] = true
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.live(t)
		})
	}
	if vectors < 60 || len(servers) < 12 {
		t.Errorf("%d vectors of %d programs, want at least 60 of 12", vectors, len(servers))
	}
	t.Logf("%d vectors of %d programs", vectors, len(servers))
	listed(t, slices.Concat(microblogs, threadiverse, blogs))
}

var record = flag.Bool("record", false, "write the programs of TestHonest to "+honestFile)

const honestFile = "testdata/honest.json"

// listed keeps the list of programs and of what each says, from which FEDERATION.md is generated, the same as the test.
func listed(t *testing.T, programs []program) {
	t.Helper()
	var out bytes.Buffer
	for i, p := range programs {
		var verbs []string
		for _, v := range p.says {
			verbs = append(verbs, v.verb)
		}
		out.WriteString(map[bool]string{true: "[\n", false: ",\n"}[i == 0])
		out.Write(must(json.Marshal(map[string]any{"program": p.name, "says": verbs})))
	}
	out.WriteString("\n]\n")
	if *record {
		if err := os.WriteFile(honestFile, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(honestFile); err != nil || !bytes.Equal(have, out.Bytes()) {
		t.Errorf("%s does not tell what is tested (%v): run go test ./inbox -run 'TestHonest$' -record, then go test ./interop -run TestFederationFile -update", honestFile, err)
	}
}

func (p program) live(t *testing.T) {
	w := newWorld(t, func(c *site.Config) { c.Comments.Mode = "open" })
	p.move(w)
	want := counts{}
	for _, v := range p.says {
		by := &p
		if v.by != nil {
			by = v.by
			by.move(w)
		}
		fetches := w.peers.asked(by.id)
		if got := w.deliver(by.letter(w, v.doc)); got != 202 {
			t.Fatalf("%s: status %d, want 202: %v", v.verb, got, v.doc)
		}
		for v.round && w.round() > 0 {
		}
		want = counts{want.replies + v.after.replies, want.likes + v.after.likes, want.boosts + v.after.boosts, want.reactions + v.after.reactions, want.followers + v.after.followers}
		if got := w.counts(); got != want {
			t.Fatalf("%s: %+v, want %+v: %v", v.verb, got, want, v.doc)
		}
		if o, _ := v.doc["object"].(m); v.text != "" && w.text(idOf(o)) != v.text {
			t.Errorf("%s: the words are %q, want %q", v.verb, w.text(idOf(o)), v.text)
		}
		if n := w.peers.asked(by.id) - fetches; n > 1 {
			t.Errorf("%s: %s was fetched %d times", v.verb, by.id, n)
		}
		w.advance(time.Minute)
	}
	if n, err := w.store.Deliveries(t.Context(), idOf(p.says[0].doc)); p.says[0].verb == "follow" && (err != nil || len(n) != 1) {
		t.Errorf("%d Accepts, %v, want 1", len(n), err)
	}
}

// move puts the program's actor and keys where they are fetched.
func (p program) move(w *world) {
	w.t.Helper()
	w.peers.serve(p.id, p.document())
	if p.serve != nil {
		for at, doc := range p.serve(p) {
			w.peers.serve(at, doc)
		}
	}
}

func (p program) document() m {
	return merge(actor(p.id, m{"publicKey": p.publicKey()}), p.actor)
}

func (p program) publicKey() m {
	return m{"id": p.keyID, "type": "Key", "owner": p.id, "publicKeyPem": must(signature.PublicPEM(p.signer()))}
}

func (p program) signer() crypto.Signer {
	if p.key == nil {
		return keys()["bob"]
	}
	return p.key
}

// letter is a signed POST as the program makes it.
func (p program) letter(w *world, doc m) *http.Request {
	w.t.Helper()
	h := p.sign
	h.keyID, h.key = p.keyID, p.signer()
	if !h.expires.IsZero() {
		h.expires = w.clock().Add(5 * time.Minute)
	}
	if strings.Contains(h.covers, "(created)") {
		h.created = w.clock()
	}
	kind := activitypub.ContentType
	if strings.HasPrefix(p.name, "Pleroma") || strings.HasPrefix(p.name, "Mbin") {
		kind = `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`
	}
	return w.request(letter{doc: doc, kind: kind, tamper: byHand(w, h)})
}

// The effects.
var (
	followed   = counts{followers: 1}
	unfollowed = counts{followers: -1}
	liked      = counts{likes: 1}
	unliked    = counts{likes: -1}
	boosted    = counts{boosts: 1}
	unboosted  = counts{boosts: -1}
	replied    = counts{replies: 1}
	deleted    = counts{replies: -1}
	reacted    = counts{reactions: 1}
	unreacted  = counts{reactions: -1}
	nothing    = counts{}
)

// says makes the doc of a vector in a program's way: ids are paths on its host.
func says(verb, kind, by, id string, object any, after counts, with m) vector {
	return vector{verb: verb, doc: activity(kind, id, by, object, with), after: after}
}

// words makes a reply with its Create or Update.
func words(verb, kind, id string, reply m, text string, after counts, with m) vector {
	v := says(verb, kind, idOf(reply["attributedTo"]), id, reply, after, merge(m{"to": reply["to"], "cc": reply["cc"]}, with))
	v.text = text
	return v
}

// copyOf takes a document with changes, as edits and undos embed it.
func copyOf(doc, with m) m {
	b := must(json.Marshal(doc))
	var out m
	if err := json.Unmarshal(b, &out); err != nil {
		panic(err)
	}
	return merge(out, with)
}

// TestHonestKeys: the same letter with what each program does to keys and signatures that others do not.
func TestHonestKeys(t *testing.T) {
	t.Parallel()
	id := "https://social.example/users/ada"
	base := "(request-target) host date digest"
	for _, c := range []struct {
		name  string
		keyID string
		sign  hand
	}{
		{"Mastodon", id + "#main-key", hand{covers: base + " content-type"}},
		{"Mastodon 4.5 and later", id + "#main-key", hand{scheme: signature.RFC9421}},
		{"Misskey", id + "#main-key", hand{covers: "(request-target) date host digest"}},
		{"Pleroma", id + "#main-key", hand{covers: "(request-target) content-length date digest host"}},
		{"GoToSocial, hs2019", id + "/main-key", hand{covers: base, algorithm: "hs2019"}},
		{"Lemmy", id + "#main-key", hand{covers: "(request-target) content-type date digest host", algorithm: "hs2019"}},
		{"Discourse", id + "#main-key", hand{covers: "(request-target) (created) (expires) host digest", algorithm: "hs2019", expires: time.Now()}},
		{"Threads, gone in 5 minutes", id + "#main-key", hand{covers: base, expires: time.Now()}},
		{"Bridgy Fed", id + "#key", hand{covers: "(request-target) host date digest", algorithm: "hs2019"}},
		{"Fedify", id + "#main-key", hand{scheme: signature.RFC9421, covers: "@method @target-uri @authority host date content-digest", algorithm: "rsa-v1_5-sha256"}},
		{"WordPress", id + "#main-key", hand{scheme: signature.RFC9421, covers: "@method @target-uri content-digest", algorithm: "rsa-v1_5-sha256"}},
		{"no algorithm named", id + "#main-key", hand{covers: base, algorithm: "-"}},
		{"header names in capitals", id + "#main-key", hand{covers: "(request-target) Host Date Digest"}},
		{"GNU social", id + "#public-key", hand{covers: base + " content-type accept"}},
		{"BookWyrm, a slash before the fragment", id + "/#main-key", hand{covers: base}},
		{"Hubzilla, the actor's own id", id, hand{covers: base + " content-type"}},
		{"Hubzilla, /public_key_pem", id + "/public_key_pem", hand{covers: base}},
		{"WordPress, a query", id + "?author=0#main-key", hand{covers: base}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			by := id
			if strings.Contains(c.keyID, "?") {
				by, _, _ = strings.Cut(c.keyID, "#")
			}
			p := program{name: c.name, id: by, keyID: c.keyID, sign: c.sign}
			p.move(w)
			for n, age := range []time.Duration{0, -time.Hour, 4 * time.Minute} { // clocks differ, and retries come late
				h := p.sign
				h.keyID, h.key = p.keyID, p.signer()
				if !h.expires.IsZero() {
					h.expires = w.clock().Add(5 * time.Minute)
				}
				if strings.Contains(h.covers, "(created)") || h.scheme == signature.RFC9421 {
					h.created = w.clock().Add(age)
				}
				h.age = age
				r := w.request(letter{doc: activity("Like", fmt.Sprint(by, "#likes/", n), by, post, nil), tamper: byHand(w, h)})
				if got := w.deliver(r); got != 202 {
					t.Errorf("signed %v ago: status %d, want 202", -age, got)
				}
			}
			if n := w.count(store.Like); n != 1 || w.peers.asked(by) != 1 {
				t.Errorf("%d likes after %d fetches, want one of each", n, w.peers.asked(by))
			}
		})
	}
}
