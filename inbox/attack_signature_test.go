package inbox_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub/signature"
)

// signatureAttacks are about what is signed, by which key, and who reads it how.
var signatureAttacks = []attack{
	{1, "body not bound", "Misskey CVE-2023-49079", attackBody},
	{2, "header subset", "Mastodon's rules for the strength of a signature", attackCoverage},
	{3, "replay", "", attackReplay},
	{13, "two parsers", "WordPress plugin #3390, Mastodon #37375", attackParsers},
	{15, "JSON differences", "Go's own encoding/json", attackJSON},
	{16, "weak or broken keys", "Fedify #825", attackKeys},
	{17, "key rotation", "GoToSocial, SWICG", attackRotation},
}

// reply is the honest document that most attacks forge.
func reply() m { return create(note(aliceID+"/notes/1", aliceID, post, nil)) }

// own is alice's own signature, to be made wrong in one place.
func own(change func(h *hand)) func(*world) hand {
	return func(*world) hand {
		h := hand{keyID: aliceID + "#main-key", key: keys()["alice"]}
		change(&h)
		return h
	}
}

// bySchemes picks what differs between the schemes.
func bySchemes[T any](s signature.Scheme, cavage, rfc T) T {
	if s == signature.RFC9421 {
		return rfc
	}
	return cavage
}

func attackBody(t *testing.T, s signature.Scheme) {
	wrong := sum([]byte("another body"))
	right := func(h *hand, order string) { // the digest has to be of the body that is sent
		body, _ := json.Marshal(reply())
		form := bySchemes(s, "SHA-256=%s", "sha-256=:%s:")
		if order == "after" {
			h.digest = fmt.Sprintf(form+", "+form, sum(body), wrong)
		} else {
			h.digest = fmt.Sprintf(form+", "+form, wrong, sum(body))
		}
	}
	header := bySchemes(s, "Digest", "Content-Digest")
	unsigned := bySchemes(s, "(request-target) host date content-type", "@method @target-uri")
	l := letter{doc: reply()}
	refuse(t, s,
		attempt{name: "body swapped, old digest", letter: l, hand: own(func(*hand) {}), change: swapBody, want: 401},
		attempt{name: "body swapped, digest recomputed", letter: l, hand: own(func(*hand) {}), want: 401, fetches: 1, change: func(r *http.Request) {
			swapBody(r)
			body := readAll(r)
			r.Body = nopBody([]byte(body))
			r.Header.Set(header, bySchemes(s, "SHA-256="+sum([]byte(body)), "sha-256=:"+sum([]byte(body))+":"))
		}},
		attempt{name: "digest there and unsigned", letter: l, hand: own(func(h *hand) { h.covers = unsigned }), want: 401},
		attempt{name: "no digest at all", letter: l, hand: own(func(h *hand) { h.covers = unsigned }), want: 401, change: func(r *http.Request) { r.Header.Del(header) }},
		attempt{name: "SHA-256 twice, the first wrong", letter: l, hand: own(func(h *hand) { right(h, "before") }), want: 401},
		attempt{name: "SHA-256 twice, the last wrong", letter: l, hand: own(func(h *hand) { right(h, "after") }), want: 401},
		attempt{name: "a digest that nobody trusts", letter: l, hand: own(func(h *hand) { h.digest = bySchemes(s, "MD5=AAAA", "md5=:AAAA:") }), want: 401},
		attempt{name: "two lines of digest", letter: l, hand: own(func(*hand) {}), want: 401, change: func(r *http.Request) { r.Header.Add(header, r.Header.Get(header)) }},
		attempt{name: "the other scheme's digest alone", letter: l, hand: own(func(h *hand) {
			h.covers = bySchemes(s, "(request-target) host date content-digest", "@method @target-uri digest")
		}), want: 401, change: func(r *http.Request) {
			r.Header.Set(bySchemes(s, "Content-Digest", "Digest"), "x")
			r.Header.Del(header)
		}},
	)
}

func attackCoverage(t *testing.T, s signature.Scheme) {
	all := bySchemes(s, "(request-target) host date digest", "@method @target-uri content-digest")
	var attempts []attempt
	for left := range strings.FieldsSeq(all) {
		attempts = append(attempts, attempt{name: "without " + left, letter: letter{doc: reply()}, want: 401,
			hand: own(func(h *hand) { h.covers = strings.Join(strings.Fields(strings.Replace(all, left, "", 1)), " ") })})
	}
	for name, covers := range bySchemes(s,
		map[string]string{"date alone, as the draft's default": "date", "nothing": "(created)", "a header twice": all + " host", "created for digest": "(request-target) host date (created)"},
		map[string]string{"authority without path": "@method @authority content-digest", "path without authority": "@method @path content-digest", "a component twice": all + " @method", "headers of the old scheme": "host date digest"}) {
		attempts = append(attempts, attempt{name: name, letter: letter{doc: reply()}, want: 401, hand: own(func(h *hand) { h.covers, h.created = covers, time.Now() })})
	}
	refuse(t, s, attempts...)
}

func attackReplay(t *testing.T, s signature.Scheme) {
	l := letter{doc: reply()}
	later := func(d time.Duration) func(*world) hand {
		return func(w *world) hand {
			return hand{keyID: aliceID + "#main-key", key: keys()["alice"], created: w.clock().Add(d), covers: bySchemes(s, "(request-target) host (created) digest", "")}
		}
	}
	refuse(t, s,
		attempt{name: "66 minutes old", letter: l, hand: later(-66 * time.Minute), want: 401},
		attempt{name: "2 hours ahead", letter: l, hand: later(2 * time.Hour), want: 401},
		attempt{name: "expired", letter: l, hand: own(func(h *hand) { h.expires = time.Now().Add(-time.Hour) }), want: 401},
		attempt{name: "made for another inbox of ours", letter: l, hand: own(func(h *hand) { h.target = "/ap/authors/ada/inbox" }), want: 401, fetches: 1},
		attempt{name: "made for another server", letter: l, hand: own(func(h *hand) { h.host = "evil.example" }), want: 401, fetches: 1},
		attempt{name: "made for another server, and its Host", letter: l, hand: own(func(h *hand) { h.host = "evil.example" }), want: 401, fetches: 1,
			change: func(r *http.Request) { r.Host = "evil.example" }},
		attempt{name: "made for a GET", letter: l, hand: own(func(*hand) {}), want: 405, change: func(r *http.Request) { r.Method = http.MethodPut }},
	)
	t.Run("within the window", func(t *testing.T) {
		w := newWorld(t)
		r := w.request(letter{doc: reply(), signer: aliceID, scheme: s})
		w.again(r)
		rows := w.rows()
		for range 100 {
			if got := w.again(r); got != 202 {
				t.Fatalf("status %d, want 202", got)
			}
		}
		if now := w.rows(); now != rows {
			t.Errorf("a replay changed\n%s", changed(rows, now))
		}
		w.advance(66 * time.Minute)
		if got := w.again(r); got != 401 {
			t.Errorf("66 minutes later: status %d, want 401", got)
		}
	})
	t.Run("personal and shared inbox are one", func(t *testing.T) {
		w := newWorld(t)
		var doc struct {
			Inbox     string
			Endpoints struct{ SharedInbox string }
		}
		if err := json.NewDecoder(w.get("/ap/actor").Body).Decode(&doc); err != nil || doc.Inbox != blog+"/ap/inbox" || doc.Endpoints.SharedInbox != doc.Inbox {
			t.Errorf("inbox %q, shared inbox %q, %v: the attacks were played against one address only", doc.Inbox, doc.Endpoints.SharedInbox, err)
		}
	})
}

// attackParsers has mallory sign with her own key and write the headers so that a second reader sees alice's.
func attackParsers(t *testing.T, s signature.Scheme) {
	alice, evil := aliceID+"#main-key", evilID+"#main-key"
	mallory := func(header string) attempt {
		return attempt{letter: letter{doc: reply()}, want: 401, hand: func(*world) hand {
			return hand{keyID: evil, key: keys()["mallory"], header: header}
		}}
	}
	rest := `headers="(request-target) host date digest content-type",signature="%s"`
	named := map[string]attempt{}
	if s == signature.DraftCavage {
		for name, header := range map[string]string{
			"unquoted keyId": `keyId=` + alice + `,` + rest, "keyId twice": `keyId="` + evil + `",keyId="` + alice + `",` + rest,
			"keyId twice, the other way round": `keyId="` + alice + `",keyId="` + evil + `",` + rest,
			"keyId in two cases":               `keyid="` + evil + `",keyId="` + alice + `",` + rest,
			"quoted comma":                     `keyId="` + evil + `,keyId=` + alice + `",` + rest, "escaped quote": `keyId="` + evil + `\",keyId=\"` + alice + `",` + rest,
			"text behind": `keyId="` + alice + `" keyId="` + evil + `",` + rest, "single quotes": `keyId='` + alice + `',` + rest,
			"a second headers": `keyId="` + alice + `",headers="date",` + rest, "Signature in front": `Signature keyId="` + alice + `",` + rest,
			"no keyId": rest, "empty keyId": `keyId="",` + rest,
		} {
			named[name] = mallory(header)
		}
	} else {
		input := func(change func(string) string) attempt {
			a := mallory("")
			a.change = func(r *http.Request) { r.Header.Set("Signature-Input", change(r.Header.Get("Signature-Input"))) }
			return a
		}
		swap := func(from, to string) func(string) string {
			return func(in string) string { return strings.Replace(in, from, to, 1) }
		}
		quoted := `keyid="` + evil + `"`
		named = map[string]attempt{
			"unquoted keyid": input(swap(quoted, `keyid=`+alice)), "keyid twice": input(swap(quoted, quoted+`;keyid="`+alice+`"`)),
			"keyid twice, the other way round": input(swap(quoted, `keyid="`+alice+`";`+quoted)), "keyid in another case": input(swap(quoted, quoted+`;keyId="`+alice+`"`)),
			"quoted comma": input(swap(quoted, `keyid="`+evil+`,keyid=`+alice+`"`)), "no keyid": input(swap(";"+quoted, "")),
			"two labels": input(func(in string) string {
				return strings.Replace(in, evil, alice, 1) + ", sig2=" + strings.TrimPrefix(in, "sig1=")
			}),
			"one label twice":      input(func(in string) string { return in + ", " + strings.Replace(in, evil, alice, 1) }),
			"keyid on the label":   input(func(in string) string { return in + `, keyid="` + alice + `"` }),
			"a component of sorts": input(swap(`"@method"`, `"@method";req`)),
		}
	}
	lines := mallory("")
	lines.change = func(r *http.Request) {
		name := bySchemes(s, "Signature", "Signature-Input")
		r.Header[name] = append(r.Header[name], strings.ReplaceAll(r.Header.Get(name), evil, alice))
	}
	named["the header in two lines"] = lines
	var attempts []attempt
	for name, a := range named {
		a.name = name
		attempts = append(attempts, a)
	}
	both := attempt{name: "both schemes, two keys", letter: letter{doc: reply()}, want: 401, hand: func(*world) hand { return hand{keyID: evil, key: keys()["mallory"]} }}
	both.change = func(r *http.Request) {
		body := []byte(readAll(r))
		r.Body = nopBody(body)
		first := r.Header.Clone()
		hand{scheme: bySchemes(s, signature.RFC9421, signature.DraftCavage), keyID: alice, key: keys()["mallory"]}.sign(t, r, body, time.Now())
		for _, name := range []string{"Signature-Input", "Content-Digest", "Digest"} {
			if v := first.Get(name); v != "" {
				r.Header.Set(name, v)
			}
		}
		r.Header["Signature"] = append(r.Header["Signature"], first.Get("Signature"))
	}
	other := attempt{name: "in an Authorization header", letter: letter{doc: reply()}, want: 401, hand: own(func(*hand) {}), change: func(r *http.Request) {
		r.Header.Set("Authorization", "Signature "+r.Header.Get("Signature"))
		r.Header.Del("Signature")
	}}
	refuse(t, s, append(attempts, both, other)...)
}

// attackJSON has mallory sign a body in which one reader sees her as the actor and another one alice.
func attackJSON(t *testing.T, s signature.Scheme) {
	doc, _ := json.Marshal(activity("Like", evilID+"/l", evilID, post, m{"x": "y"}))
	second := func(name string) []byte {
		return bytes.Replace(doc, []byte(`"x":"y"`), []byte(name+`:"`+aliceID+`"`), 1)
	}
	instead := func(text string) []byte { return bytes.Replace(doc, []byte(`"y"`), []byte(text), 1) }
	var attempts []attempt
	for name, body := range map[string][]byte{
		"actor twice": second(`"actor"`), "actor in capitals": second(`"ACTOR"`), "actor with an escape": second(`"a\u0063tor"`), "actor half in capitals": second(`"Actor"`),
		"id twice": second(`"id"`), "object twice": second(`"object"`), "type twice": second(`"type"`), "a member of a member twice": instead(`{"id":"a","id":"b"}`),
		"invalid UTF-8": instead("\"\xff\xfe\""), "overlong UTF-8": instead("\"\xc0\xaf\""), "half a surrogate in bytes": instead("\"\xed\xa0\x80\""),
		"33 levels": instead(strings.Repeat("[", 32) + strings.Repeat("]", 32)), "10,001 values": instead("[" + strings.Repeat("0,", 10_000) + "0]"),
		"a second document": append(bytes.Clone(doc), "{}"...), "a word behind": append(bytes.Clone(doc), 'x'), "a NUL behind": append(bytes.Clone(doc), 0),
		"NaN": instead("NaN"), "a comment": instead(`"y"/*"*/`), "a trailing comma": instead(`"y",`), "single quotes": instead(`'y'`), "a control character": instead("\"\n\""),
		"an array": append(append([]byte("["), doc...), ']'), "two actors": bytes.Replace(doc, []byte(`"`+evilID+`"`), []byte(`["`+evilID+`","`+aliceID+`"]`), 1),
		"two verbs": bytes.Replace(doc, []byte(`"Like"`), []byte(`["Like","Delete"]`), 1), "UTF-16": []byte("\xff\xfe{\x00}\x00"),
	} {
		if bytes.Equal(body, doc) {
			t.Fatalf("%s: the document is the honest one", name)
		}
		attempts = append(attempts, attempt{name: name, letter: letter{body: body, signer: evilID}, want: 400})
	}
	refuse(t, s, attempts...)
}

// shortRSA has 512 bits: too few for Go to make one, enough to be broken in an afternoon.
var shortRSA = sync.OnceValue(func() openRSA {
	for {
		p, _ := rand.Prime(rand.Reader, 256)
		q, _ := rand.Prime(rand.Reader, 256)
		n, e, one := new(big.Int).Mul(p, q), big.NewInt(65537), big.NewInt(1)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		if d := new(big.Int).ModInverse(e, phi); d != nil && n.BitLen() == 512 {
			return openRSA{n, e, d}
		}
	}
})

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// attackKeys serves keys that prove nothing, each with a signature that is good for whoever takes it.
func attackKeys(t *testing.T, s signature.Scheme) {
	bob := keys()["bob"].(*rsa.PrivateKey)
	pkcs1, pkix := x509.MarshalPKCS1PublicKey(&bob.PublicKey), must(x509.MarshalPKIXPublicKey(&bob.PublicKey))
	private := must(x509.MarshalPKCS8PrivateKey(bob))
	curve := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	one := openRSA{bob.N, big.NewInt(1), big.NewInt(1)}
	numbers := must(asn1.Marshal(struct{ N, E *big.Int }{one.n, one.e}))
	alice := must(signature.PublicPEM(keys()["alice"]))
	twin := create(note(bobID+"/notes/1", bobID, post, nil))
	weak := func(name string, served any, key crypto.Signer, algorithm string) attempt {
		return attempt{name: name, letter: letter{doc: reply()}, want: 401, fetches: 1, twin: twin,
			hand: own(func(h *hand) { h.key, h.algorithm = key, algorithm }), before: func(w *world) {
				w.peers.serve(aliceID, actor(aliceID, m{"publicKey": m{"id": aliceID + "#main-key", "owner": aliceID, "publicKeyPem": served}}))
			}}
	}
	plain := bySchemes(s, "rsa-sha256", "rsa-v1_5-sha256")
	refuse(t, s,
		weak("RSA of 512 bits", pemOf("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(shortRSA().Public()))), shortRSA(), plain),
		weak("RSA of 1,024 bits", must(signature.PublicPEM(weakRSA())), weakRSA(), plain),
		weak("exponent 1", pemOf("RSA PUBLIC KEY", numbers), one, plain),
		weak("PKCS #1 called PKIX", pemOf("PUBLIC KEY", pkcs1), bob, plain), weak("PKIX called PKCS #1", pemOf("RSA PUBLIC KEY", pkix), bob, plain),
		weak("private key", pemOf("PRIVATE KEY", private), bob, plain), weak("two keys", pemOf("PUBLIC KEY", pkix)+alice, bob, plain),
		weak("P-256", pemOf("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(curve.Public()))), bob, plain),
		weak("no PEM", "AAAA", bob, plain), weak("garbage in PEM", pemOf("PUBLIC KEY", []byte("x")), bob, plain), weak("empty", "", bob, plain),
		weak("a number", 7, bob, plain), weak("nothing", nil, bob, plain), weak("an object", m{"x": 1}, bob, plain), weak("endless", strings.Repeat("A", 100_000), bob, plain),
		weak("HMAC with the public key", alice, hmacKey(alice), bySchemes(s, "hmac-sha256", "hmac-sha256")),
		weak("HMAC called hs2019", alice, hmacKey(alice), bySchemes(s, "hs2019", "ed25519")),
		weak("algorithm none", alice, keys()["alice"], "none"), weak("algorithm of another key", alice, keys()["alice"], plain),
		weak("SHA-1", pemOf("PUBLIC KEY", pkix), bob, "rsa-sha1"),
		attempt{name: "empty signature", letter: letter{doc: reply()}, want: 401, hand: own(func(*hand) {}), change: func(r *http.Request) {
			r.Header.Set("Signature", bySchemes(s, `keyId="`+aliceID+`#main-key",headers="(request-target) host date digest",signature=""`, "sig1=::"))
		}},
		attempt{name: "signature of zeros", letter: letter{doc: reply()}, want: 401, fetches: 1, hand: own(func(h *hand) { h.signature = strings.Repeat("A", 84) + "AA==" })},
		attempt{name: "no base64", letter: letter{doc: reply()}, want: 401, hand: own(func(h *hand) { h.signature = "!" })},
	)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func attackRotation(t *testing.T, s signature.Scheme) {
	w := newWorld(t)
	sent := 0
	like := func(key crypto.Signer, keyID string, want int) {
		t.Helper()
		sent++
		doc := activity("Like", fmt.Sprintf("%s/l%d", aliceID, sent), aliceID, post, nil)
		if got := w.post(letter{doc: doc, signer: aliceID, key: key, keyID: keyID, scheme: s}); got != want {
			t.Errorf("letter %d: status %d, want %d", sent, got, want)
		}
	}
	fetched := func(want int) {
		t.Helper()
		if n := w.peers.asked(aliceID); n != want {
			t.Errorf("%d fetches, want %d", n, want)
		}
	}
	old, fresh := keys()["alice"], keys()["other"]
	like(old, "", 202)
	w.peers.serve(aliceID, actor(aliceID, m{"publicKey": m{"id": aliceID + "#main-key", "owner": aliceID, "publicKeyPem": must(signature.PublicPEM(fresh))}}))
	like(fresh, "", 202)
	fetched(2)
	for n := range 100 {
		like(keys()["mallory"], "", 401)
		like(keys()["mallory"], fmt.Sprintf("%s#k%d", aliceID, n), 401)
		like(old, "", 401)
	}
	fetched(2)
	like(fresh, "", 202)
	w.advance(6 * time.Minute)
	for n := range 100 {
		like(keys()["mallory"], fmt.Sprintf("%s#k%d", aliceID, n), 401)
	}
	fetched(3)
	like(fresh, "", 202)
	w.peers.serve(aliceID, actor(aliceID, nil)) // back to the old key while the flood goes on: taken when five minutes are over
	w.advance(6 * time.Minute)
	like(old, "", 202)
	fetched(4)
}
