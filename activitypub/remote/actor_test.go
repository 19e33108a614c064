package remote

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const pem = `-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n`

// actorDoc writes an actor; keys is the value of its publicKey.
func actorDoc(id, keys string) string {
	return fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":%q,"type":"Person","preferredUsername":"x","inbox":"%s/inbox","publicKey":%s}`, id, id, keys)
}

func keyOf(id, owner string) string {
	return fmt.Sprintf(`{"id":%q,"owner":%q,"publicKeyPem":"%s"}`, id, owner, pem)
}

const host = "https://a.example.com"

// The ways in which real servers hand out keys, and the ways in which a forger would like to (attack classes 4, 5, 6).
func TestActor(t *testing.T) {
	t.Parallel()
	alice := host + "/users/alice"
	for _, test := range []struct {
		name     string
		ask      string
		pages    map[string]string
		redirect map[string]string
		want     string // id of the actor
		key      string // id of its first key
		err      error
		requests int
	}{
		{name: "Mastodon, by id", ask: alice, want: alice, key: alice + "#main-key", requests: 1,
			pages: map[string]string{"/users/alice": actorDoc(alice, keyOf(alice+"#main-key", alice))}},
		{name: "Mastodon, by key", ask: alice + "#main-key", want: alice, key: alice + "#main-key", requests: 1,
			pages: map[string]string{"/users/alice": actorDoc(alice, keyOf(alice+"#main-key", alice))}},
		{name: "key id is the actor's id (Hubzilla)", ask: alice, want: alice, key: alice, requests: 1,
			pages: map[string]string{"/users/alice": actorDoc(alice, keyOf(alice, alice))}},
		{name: "stub at the key's address (GoToSocial)", ask: alice + "/main-key", want: alice, key: alice + "/main-key", requests: 2,
			pages: map[string]string{
				"/users/alice/main-key": fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":%q,"type":"Person","preferredUsername":"x","publicKey":%s}`, alice, keyOf(alice+"/main-key", alice)),
				"/users/alice":          actorDoc(alice, keyOf(alice+"/main-key", alice))}},
		{name: "stub that calls itself by the key's id", ask: alice + "/main-key", want: alice, key: alice + "/main-key", requests: 2,
			pages: map[string]string{
				"/users/alice/main-key": fmt.Sprintf(`{"id":"%s/main-key","type":"Person","publicKey":%s}`, alice, keyOf(alice+"/main-key", alice)),
				"/users/alice":          actorDoc(alice, keyOf(alice+"/main-key", alice))}},
		{name: "key document (Misskey)", ask: alice + "/publickey", want: alice, key: alice + "/publickey", requests: 2,
			pages: map[string]string{
				"/users/alice/publickey": fmt.Sprintf(`{"@context":"https://w3id.org/security/v1","id":"%s/publickey","type":"Key","owner":%q,"publicKeyPem":"%s"}`, alice, alice, pem),
				"/users/alice":           actorDoc(alice, keyOf(alice+"/publickey", alice))}},
		{name: "key by reference, by id (WordPress)", ask: alice, want: alice, key: alice + "/key", requests: 2,
			pages: map[string]string{
				"/users/alice":     actorDoc(alice, `"`+alice+`/key"`),
				"/users/alice/key": fmt.Sprintf(`{"id":"%s/key","type":"Key","owner":%q,"publicKeyPem":"%s"}`, alice, alice, pem)}},
		{name: "key by reference, by key", ask: alice + "/key", want: alice, key: alice + "/key", requests: 2,
			pages: map[string]string{
				"/users/alice":     actorDoc(alice, `"`+alice+`/key"`),
				"/users/alice/key": fmt.Sprintf(`{"id":"%s/key","type":"Key","owner":%q,"publicKeyPem":"%s"}`, alice, alice, pem)}},
		{name: "two keys, the second asked for", ask: alice + "#second", want: alice, key: alice + "#first", requests: 1,
			pages: map[string]string{"/users/alice": actorDoc(alice, "["+keyOf(alice+"#first", alice)+","+keyOf(alice+"#second", alice)+"]")}},
		{name: "slash before the fragment (BookWyrm)", ask: alice + "/#main-key", want: alice, key: alice + "/#main-key", requests: 2,
			pages: map[string]string{"/users/alice/": actorDoc(alice, keyOf(alice+"/#main-key", alice)), "/users/alice": actorDoc(alice, keyOf(alice+"/#main-key", alice))}},
		{name: "double slash (lotide)", ask: host + "//users/alice#main-key", want: alice, key: host + "//users/alice#main-key", requests: 2,
			pages: map[string]string{"//users/alice": actorDoc(alice, keyOf(host+"//users/alice#main-key", alice)), "/users/alice": actorDoc(alice, keyOf(host+"//users/alice#main-key", alice))}},
		{name: "no key, by id", ask: alice, want: alice, requests: 1,
			pages: map[string]string{"/users/alice": actorDoc(alice, "null")}},

		{name: "key that is not listed", ask: alice + "#other", err: ErrDocument, requests: 1,
			pages: map[string]string{"/users/alice": actorDoc(alice, keyOf(alice+"#main-key", alice))}},
		{name: "key document names a victim that does not list it", ask: host + "/key", err: ErrDocument, requests: 2,
			pages: map[string]string{
				"/key":         fmt.Sprintf(`{"id":"%s/key","type":"Key","owner":%q,"publicKeyPem":"%s"}`, host, alice, pem),
				"/users/alice": actorDoc(alice, keyOf(alice+"#main-key", alice))}},
		{name: "key document names a victim elsewhere", ask: host + "/key", err: ErrDocument, requests: 1,
			pages: map[string]string{
				"/key":          fmt.Sprintf(`{"id":"%s/key","type":"Key","owner":"https://b.example.com/users/alice","publicKeyPem":"%s"}`, host, pem),
				"b/users/alice": actorDoc("https://b.example.com/users/alice", keyOf(host+"/key", "https://b.example.com/users/alice"))}},
		{name: "listed key with another owner", ask: alice + "#main-key", err: ErrDocument, requests: 1,
			pages: map[string]string{"/users/alice": actorDoc(alice, keyOf(alice+"#main-key", host+"/users/bob"))}},
		{name: "listed key of another host", ask: alice, want: alice, key: "", requests: 1,
			pages: map[string]string{"/users/alice": actorDoc(alice, keyOf("https://b.example.com/users/bob#main-key", alice))}},
		{name: "listed key document of another host", ask: alice, want: alice, key: "", requests: 1,
			pages: map[string]string{"/users/alice": actorDoc(alice, keyOf("https://b.example.com/users/bob/main-key", alice))}},
		{name: "redirect to a stub of another host", ask: alice + "/main-key", err: ErrDocument, requests: 2,
			redirect: map[string]string{"/users/alice/main-key": "https://b.example.com/key"},
			pages: map[string]string{
				"b/key": fmt.Sprintf(`{"id":"https://b.example.com/key","type":"Person","publicKey":%s}`, keyOf(alice+"/main-key", "https://b.example.com/bob")),
				"b/bob": actorDoc("https://b.example.com/bob", keyOf(alice+"/main-key", "https://b.example.com/bob"))}},
		{name: "listed key of another's document", ask: alice, want: alice, key: "", requests: 1,
			pages: map[string]string{"/users/alice": actorDoc(alice, keyOf(host+"/users/bob#main-key", alice))}},
		{name: "reference to a key of somebody else", ask: alice, err: ErrDocument, requests: 2,
			pages: map[string]string{
				"/users/alice": actorDoc(alice, `"`+host+`/bobs-key"`),
				"/bobs-key":    fmt.Sprintf(`{"id":"%s/bobs-key","type":"Key","owner":"%s/users/bob","publicKeyPem":"%s"}`, host, host, pem)}},
		{name: "redirect to another host", ask: alice, err: ErrDocument, requests: 2,
			redirect: map[string]string{"/users/alice": "https://b.example.com/users/alice"},
			pages:    map[string]string{"b/users/alice": actorDoc("https://b.example.com/users/alice", keyOf("https://b.example.com/users/alice#main-key", "https://b.example.com/users/alice"))}},
		{name: "a note", ask: alice, err: ErrDocument, requests: 1,
			pages: map[string]string{"/users/alice": fmt.Sprintf(note, alice)}},
		{name: "gone", ask: alice, err: ErrGone, requests: 1,
			pages: map[string]string{"/users/alice": fmt.Sprintf(`{"id":%q,"type":"Tombstone"}`, alice)}},
		{name: "missing", ask: alice, err: ErrNotFound, requests: 1},
		{name: "account name as a key id", ask: "acct:alice@a.example.com", err: ErrBlocked},
		{name: "bare name as a key id", ask: "a.example.com", err: ErrBlocked},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			address := func(path string) string {
				if rest, ok := strings.CutPrefix(path, "b/"); ok {
					return "b.example.com/" + rest
				}
				return "a.example.com" + path
			}
			for path, doc := range test.pages {
				w.document(address(path), doc)
			}
			for path, to := range test.redirect {
				w.redirect(address(path), to)
			}
			o, err := w.client(Options{}).Actor(t.Context(), test.ask)
			if !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
			if n := len(w.requests()); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
			if err != nil || test.err != nil {
				return
			}
			var key string
			if len(o.PublicKey) > 0 {
				key = o.PublicKey[0].ID
			}
			if o.ID != test.want || key != test.key || key != "" && (o.PublicKey[0].PEM == "" || o.PublicKey[0].Owner != o.ID) {
				t.Errorf("got %s with %+v, want %s with %s", o.ID, o.PublicKey, test.want, test.key)
			}
		})
	}
}
