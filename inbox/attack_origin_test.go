package inbox_test

import (
	"crypto"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/store"
)

// originAttacks are about who may say what of whom.
var originAttacks = []attack{
	{4, "key says who owns it", "Fedify CVE-2026-96625, Discourse #325", attackKeyOwner},
	{5, "key id of another kind", "Discourse #327", attackKeyID},
	{6, "actor redirects", "Fedify GHSA-8863-8468-7hq7", attackActorRedirect},
	{7, "activity id on a foreign host", "Fedify GHSA-4qhx-hhwf-8685, WordPress plugin #3711", attackActivityID},
	{8, "object not the actor's", "PeerTube CVE-2026-73090, Mastodon CVE-2024-37903", attackObject},
	{9, "fetched under another id", "Mastodon CVE-2024-23832, Misskey CVE-2024-52591, CVE-2025-25306, Fedify #963", attackFetchedID},
	{10, "uploaded JSON as actor", "Misskey CVE-2024-25636", attackUpload},
	{11, "one copy verified, another used", "Fedify GHSA-39gj-rchc-q5m3", attackCopy},
	{12, "wrapped activity", "WordPress plugin", attackWrapped},
	{14, "games with JSON-LD", "Mastodon CVE-2022-24307, CVE-2026-46349; Fedify CVE-2026-42462; Misskey CVE-2026-46713", attackLinkedData},
	{18, "Delete of a gone actor", "SWICG; Ghost #2034; Fedify #472", attackGone},
	{19, "block bypass", "Mastodon CVE-2026-23961", attackBlock},
}

// forged makes an attempt in alice's name with mallory's key under a key id.
func forgedBy(name, keyID string, fetches int, serve map[string]m) attempt {
	return attempt{name: name, letter: letter{doc: reply()}, want: 401, fetches: fetches,
		hand: func(*world) hand { return hand{keyID: keyID, key: keys()["mallory"]} },
		before: func(w *world) {
			for at, doc := range serve {
				w.peers.serve(at, doc)
			}
		}}
}

const neighbour = "http://remote.example/users/mallory" // of alice's own server

func attackKeyOwner(t *testing.T, s signature.Scheme) {
	pem := must(signature.PublicPEM(keys()["mallory"]))
	key := func(id, owner string) m {
		return m{"@context": "https://w3id.org/security/v1", "id": id, "type": "Key", "owner": owner, "publicKeyPem": pem}
	}
	apart, far := "http://remote.example/uploads/key", "http://evil.example/key"
	attempts := []attempt{
		forgedBy("a key document of the same server names her", apart, 1, map[string]m{apart: key(apart, aliceID)}),
		forgedBy("a key document of another server names her", far, 0, map[string]m{far: key(far, aliceID)}),
		forgedBy("an actor of the same server lists a key of hers", neighbour+"#main-key", 1,
			map[string]m{neighbour: actor(neighbour, m{"publicKey": key(neighbour+"#main-key", aliceID)})}),
		forgedBy("an actor of the same server lists her key's id", aliceID+"#main-key", 1,
			map[string]m{neighbour: actor(neighbour, m{"publicKey": key(aliceID+"#main-key", aliceID)})}),
		forgedBy("an actor of another server lists a key of hers", evilID+"#main-key", 0,
			map[string]m{evilID: actor(evilID, m{"publicKey": key(evilID+"#main-key", aliceID)})}),
		forgedBy("an actor of another server with her key's id and owner", aliceID+"#main-key", 1,
			map[string]m{evilID: actor(evilID, m{"publicKey": key(aliceID+"#main-key", aliceID)})}),
	}
	for n := range attempts { // she is met already: neither her row nor her key changes
		a := attempts[n]
		a.name += ", and she is known"
		a.known = 2
		a.fetches = min(a.fetches, 1)
		before := a.before
		a.before = func(w *world) { before(w); w.send(activity("Like", aliceID+"/l", aliceID, post, nil)) }
		attempts = append(attempts, a)
	}
	refuse(t, s, attempts...)
}

func attackKeyID(t *testing.T, s signature.Scheme) {
	var attempts []attempt
	for _, id := range []string{
		"acct:alice@remote.example", "acct:mallory@evil.example", "alice@remote.example", "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw",
		"data:application/activity+json,{}", "file:///etc/passwd", "#main-key", "/users/alice#main-key", "//remote.example/users/alice#main-key", "ftp://remote.example/users/alice",
		"http://remote.example@evil.example/users/alice", "http://mallory@remote.example/users/alice#main-key", "http://remote.example:81/users/alice#main-key",
		"http://remote.example./users/alice#main-key", "http://remote.example.evil.example/users/alice#main-key", "https://remote.example/users/alice#main-key",
	} {
		attempts = append(attempts, forgedBy(id, id, 0, nil))
	}
	refuse(t, s, attempts...)
}

func attackActorRedirect(t *testing.T, s signature.Scheme) {
	// What evil.example serves says to be alice, with mallory's key; alice's own address leads there.
	pem := must(signature.PublicPEM(keys()["mallory"]))
	imitation := actor(aliceID, m{"publicKey": m{"id": aliceID + "#main-key", "owner": aliceID, "publicKeyPem": pem}})
	twin := create(note(bobID+"/notes/1", bobID, post, nil))
	to := func(from, to string) func(*world) {
		return func(w *world) {
			w.peers.serve("http://evil.example/alice", imitation)
			w.peers.handle("http://evil.example/back", func(rw http.ResponseWriter, r *http.Request) {
				http.Redirect(rw, r, aliceID, http.StatusMovedPermanently)
			})
			w.peers.handle(from, func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, to, http.StatusMovedPermanently) })
		}
	}
	as := func(id string) letter {
		return letter{doc: create(note(id+"/notes/2", id, post, nil)), signer: id, key: keys()["mallory"]}
	}
	open := "http://remote.example/out?to=evil"
	refuse(t, s,
		attempt{name: "her address leads to another server", letter: as(aliceID), before: to(aliceID, "http://evil.example/alice"), want: 401, fetches: 3, twin: twin},
		attempt{name: "her address leads there and back", letter: as(aliceID), before: to(aliceID, "http://evil.example/back"), want: 401, fetches: 3, twin: twin},
		attempt{name: "her address leads to a neighbour", letter: as(aliceID), before: func(w *world) {
			to(aliceID, neighbour)(w)
			w.peers.serve(neighbour, actor(neighbour, nil))
		}, want: 401, fetches: 3, twin: twin},
		attempt{name: "her address leads to a neighbour who lists her id as a key's", letter: letter{doc: reply(), signer: aliceID, keyID: aliceID, key: keys()["mallory"]}, before: func(w *world) {
			to(aliceID, neighbour)(w)
			w.peers.serve(neighbour, actor(neighbour, m{"publicKey": m{"id": aliceID, "owner": neighbour, "publicKeyPem": pem}}))
		}, want: 401, fetches: 3, twin: twin},
		attempt{name: "an attacker's address leads to her", letter: as(evilID), before: to(evilID, aliceID), want: 401, fetches: 3, known: 2},
		attempt{name: "an open redirect of her server", letter: as(open), before: to(open, "http://evil.example/alice"), want: 401, fetches: 3},
		attempt{name: "an open redirect of her server to an actor of another", letter: as(open), before: to(open, evilID), want: 401, fetches: 3},
	)
}

func attackActivityID(t *testing.T, s signature.Scheme) {
	var attempts []attempt
	for kind, object := range map[string]any{"Like": post, "Announce": post, "Follow": us, "Dislike": post, "EmojiReact": post, "Create": note(evilID+"/n", evilID, post, nil)} {
		id := aliceID + "/activities/" + kind
		twin := activity(kind, id, aliceID, object, m{"to": public, "content": "🍮"})
		if kind == "Create" {
			twin = activity(kind, id, aliceID, note(aliceID+"/n", aliceID, post, nil), m{"to": public})
		}
		forgery := merge(merge(m{}, twin), m{"actor": evilID, "object": object})
		attempts = append(attempts, attempt{name: kind, letter: letter{doc: forgery, signer: evilID}, want: 403, twin: twin})
	}
	for _, id := range []string{
		"http://evil.example@remote.example/a", "http://evil.example.remote.example/a", "http://evil.example:81/a", "http://evil.example./a", "https://evil.example/a", "urn:uuid:1", "http:///a",
	} {
		attempts = append(attempts, attempt{name: id, letter: letter{doc: activity("Like", id, evilID, post, nil), signer: evilID}})
	}
	refuse(t, s, attempts...)
}

func attackObject(t *testing.T, s signature.Scheme) {
	id, like, follow := aliceID+"/notes/7", aliceID+"/likes/7", aliceID+"/follows/7"
	before := func(w *world) {
		w.send(create(note(id, aliceID, post, nil)))
		w.send(activity("Like", like, aliceID, post, nil))
		w.send(activity("Follow", follow, aliceID, us, nil))
	}
	changed := func(by string) m { return note(id, by, post, m{"content": "hacked"}) }
	twins := map[string]m{
		"Update": activity("Update", aliceID+"/u", aliceID, changed(aliceID), nil), "Delete": activity("Delete", aliceID+"/d", aliceID, id, nil),
		"Undo": activity("Undo", aliceID+"/v", aliceID, like, nil),
	}
	var attempts []attempt
	add := func(name, kind, by string, object any) {
		a := attempt{name: name + " by " + by, letter: letter{doc: activity(kind, by+"/x", by, object, nil), signer: by}, want: 403, fetches: 1, before: before, twin: twins[kind]}
		attempts = append(attempts, a)
	}
	for _, by := range []string{evilID, bobID, neighbour} {
		if by == neighbour {
			before := before
			attempts = append(attempts, attempt{name: "Delete by a neighbour who calls her by another spelling", fetches: 2, before: func(w *world) {
				before(w)
				w.peers.serve(neighbour, actor(neighbour, nil))
			}, letter: letter{doc: activity("Delete", neighbour+"/x", neighbour, "http://remote.example/users/mallory/../alice/notes/7", nil), signer: neighbour}, want: 202, twin: twins["Delete"]})
			continue
		}
		add("Update that takes over", "Update", by, changed(by))
		add("Update in her name", "Update", by, changed(aliceID))
		add("Update of two authors", "Update", by, note(id, by, post, m{"attributedTo": []any{aliceID, by}, "content": "hacked"}))
		add("Update of her actor", "Update", by, actor(aliceID, m{"name": "hacked"}))
		add("Delete", "Delete", by, id)
		add("Delete of a Tombstone", "Delete", by, m{"id": id, "type": "Tombstone"})
		add("Delete of her actor", "Delete", by, aliceID)
		add("Undo of her like", "Undo", by, activity("Like", like, aliceID, post, nil))
		add("Undo of her like by id", "Undo", by, like)
		add("Undo of her like as one's own", "Undo", by, activity("Like", like, by, post, nil))
		add("Undo of her follow", "Undo", by, activity("Follow", follow, aliceID, us, nil))
	}
	refuse(t, s, attempts...)
}

// attackFetchedID has mallory name addresses whose documents say to be alice's reply.
func attackFetchedID(t *testing.T, s signature.Scheme) {
	victim := aliceID + "/notes/7"
	at := "http://evil.example/n"
	for _, id := range []string{
		victim, "http://remote.example:80/users/alice/notes/7", "http://REMOTE.example/users/alice/notes/7", "http://evil.example@remote.example/users/alice/notes/7",
		"http://remote.example./users/alice/notes/7", "http://remote.example/users/%61lice/notes/7", "http://evil.example:8080/n", "http://evil.example./n", "http://evil.example/N",
		"https://evil.example/n", "http://evil.example/n/../../users/alice/notes/7", "http://user@evil.example/n", "",
	} {
		t.Run("says "+id, func(t *testing.T) {
			w := newWorld(t)
			w.peers.serve(at, note(id, aliceID, post, m{"@context": "https://www.w3.org/ns/activitystreams", "content": "forged"}))
			w.effectless(letter{doc: activity("Create", evilID+"/c", evilID, at, m{"to": public}), signer: evilID, scheme: s})
			if n := w.peers.count(); n > 3 {
				t.Errorf("%d fetches, want at most 3: the key, the address and what it names", n)
			}
		})
	}
	t.Run("a neighbour's upload leads to the real one", func(t *testing.T) {
		w := newWorld(t)
		w.peers.serve("http://remote.example/uploads/n", note(victim, aliceID, post, m{"@context": "x", "content": "forged"}))
		w.peers.serve(victim, note(victim, aliceID, post, m{"@context": "x", "content": "real"}))
		if got := w.post(letter{doc: activity("Create", evilID+"/c", evilID, "http://remote.example/uploads/n", nil), signer: evilID, scheme: s}); got != 202 {
			t.Errorf("status %d", got)
		}
		w.round()
		if got := w.text(victim); got != "real" {
			t.Errorf("stored %q, want what its own address serves", got)
		}
	})
	t.Run("a document without author, or of another server's", func(t *testing.T) {
		w := newWorld(t)
		for n, by := range []any{nil, aliceID, []any{aliceID, evilID}, us} {
			id := fmt.Sprint(at, n)
			w.peers.serve(id, note(id, evilID, post, m{"@context": "x", "attributedTo": by}))
			w.effectless(letter{doc: activity("Create", fmt.Sprint(evilID, "/c", n), evilID, id, nil), signer: evilID, scheme: s})
		}
	})
}

func attackUpload(t *testing.T, s signature.Scheme) {
	upload := "http://remote.example/uploads/actor.json"
	var attempts []attempt
	for _, kind := range []string{
		"text/plain", "application/json", "application/ld+json", `application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted"`, "application/octet-stream", "image/png", "text/html",
		"application/activity+xml", "x-application/activity+json", "application/activity+json2", "text/plain; x=application/activity+json", "",
	} {
		attempts = append(attempts, attempt{name: kind, want: 401, fetches: 1, letter: letter{doc: create(note(upload+"/n", upload, post, nil)), signer: upload, key: keys()["mallory"]},
			before: func(w *world) {
				pem := must(signature.PublicPEM(keys()["mallory"]))
				doc, _ := json.Marshal(actor(upload, m{"publicKey": m{"id": upload + "#main-key", "owner": upload, "publicKeyPem": pem}}))
				w.peers.handle(upload, func(rw http.ResponseWriter, r *http.Request) {
					rw.Header()["Content-Type"] = []string{kind}
					rw.Write(doc)
				})
			}})
	}
	refuse(t, s, attempts...)
	t.Run("our own uploads", func(t *testing.T) {
		w := newWorld(t)
		for _, name := range []string{"actor.json", "actor.jsonld", "actor.activity", "actor.as2", "actor", "actor.html", "actor.txt"} {
			w.file("files/"+name, `{"id":"`+blog+`/files/`+name+`","type":"Person"}`)
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, blog+"/files/"+name, nil)
			r.Header.Set("Accept", "application/activity+json")
			res, err := w.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if kind := res.Header.Get("Content-Type"); strings.Contains(kind, "activity+json") || strings.Contains(kind, "ld+json") {
				t.Errorf("%s is served as %s: it would speak for the blog", name, kind)
			}
		}
	})
}

// file puts a file into the published site.
func (w *world) file(name, text string) {
	w.t.Helper()
	at := filepath.Join(w.cfg.Dir, "public", filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func attackGone(t *testing.T, s signature.Scheme) {
	gone := activity("Delete", aliceID+"#delete", aliceID, aliceID, nil)
	for status, stays := range map[int]bool{410: false, 404: true, 403: true, 500: true} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			w := aliceWasHere(t)
			rows := w.rows()
			w.peers.status(aliceID, status)
			got := w.post(letter{doc: gone, signer: aliceID, key: keys()["other"], scheme: s})
			if want := map[bool]int{true: 401, false: 202}[stays]; got != want || stays != (w.rows() == rows) || stays != (w.counts() != counts{}) {
				t.Errorf("status %d, want %d; left %+v", got, want, w.counts())
			}
		})
	}
	t.Run("her server's word alone counts", func(t *testing.T) {
		w := aliceWasHere(t)
		w.peers.status(evilID, 410)
		for _, key := range []crypto.Signer{keys()["mallory"], keys()["other"]} {
			w.effectless(letter{doc: activity("Delete", evilID+"/d", evilID, aliceID, nil), signer: evilID, key: key, scheme: s},
				letter{doc: gone, signer: evilID, key: key, scheme: s}, letter{doc: gone, signer: aliceID, key: key, scheme: s})
		}
	})
	t.Run("unknown", func(t *testing.T) {
		w := newWorld(t)
		rows := w.rows()
		if got := w.post(letter{doc: gone, signer: aliceID, scheme: s}); got != 202 || w.rows() != rows || w.peers.count() != 0 {
			t.Errorf("status %d after %d fetches, want 202, no row, no fetch", got, w.peers.count())
		}
	})
}

func attackBlock(t *testing.T, s signature.Scheme) {
	w := newWorld(t)
	for _, what := range []string{"evil.example", bobID} {
		w.write(func(tx *store.Tx) error { return tx.AddBlock(t.Context(), store.Block{What: what, At: w.clock()}) })
	}
	w.send(create(note(aliceID+"/n", aliceID, post, nil)))
	sub := "http://sub.evil.example/users/mallory"
	for n, id := range []string{evilID, sub, bobID, "http://EVIL.example/users/mallory", "http://evil.example:8080/users/mallory", "http://evil.example./users/mallory"} {
		w.peers.serve(id, actor(id, nil))
		words := note(id+"/n", id, post, nil)
		w.peers.serve(id+"/n", merge(m{"@context": "https://www.w3.org/ns/activitystreams"}, words))
		hers := func(kind string, object any) letter {
			return letter{doc: activity(kind, fmt.Sprint(aliceID, "/", kind, n), aliceID, object, m{"to": public}), signer: aliceID, scheme: s}
		}
		for _, doc := range []m{create(words), activity("Like", id+"/l", id, post, nil), activity("Announce", id+"/b", id, post, m{"to": public}), activity("Follow", id+"/f", id, us, nil)} {
			w.effectless(letter{doc: doc, signer: id, scheme: s})
		}
		w.effectless(hers("Create", words), hers("Announce", create(words)), hers("Add", id+"/n"), hers("Announce", id+"/n"), letter{
			doc: activity("Create", fmt.Sprint(aliceID, "/bare", n), aliceID, id+"/n", nil), signer: aliceID, scheme: s})
		// The shared inbox of a server is no way around either: the key is a neighbour's.
		w.effectless(letter{doc: create(words), signer: aliceID, scheme: s})
	}
	for _, id := range []string{evilID, sub, bobID} {
		if n := w.peers.asked(id); n != 0 {
			t.Errorf("%s was fetched %d times, want never", id, n)
		}
	}
}
