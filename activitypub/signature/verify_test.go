package signature

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

const (
	testOrigin = "https://blog.example"
	testInbox  = testOrigin + "/ap/inbox"
	testKeyID  = "https://peer.example/users/ada#main-key"
)

var (
	testNow  = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	testBody = []byte(`{"type":"Like"}`)
	testRSA  = sync.OnceValue(func() *rsa.PrivateKey { return generateRSA(2048) })
	testEd   = sync.OnceValue(func() ed25519.PrivateKey {
		_, key, _ := ed25519.GenerateKey(rand.Reader)
		return key
	})
)

func generateRSA(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

// post makes a POST to the inbox as a server sees it.
func post(body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/ap/inbox", bytes.NewReader(body))
	r.Host = "blog.example"
	r.URL.Scheme, r.URL.Host = "https", r.Host // for Sign, which sees a client's request
	r.Header.Set("Content-Type", "application/activity+json")
	return r
}

// check verifies with the public half of key and tells how often the key was asked for.
func check(r *http.Request, body []byte, key crypto.PublicKey) (Verified, int, error) {
	asked := 0
	v := Verifier{
		Origin: testOrigin,
		Now:    func() time.Time { return testNow },
		Key: func(context.Context, string) (crypto.PublicKey, error) {
			asked++
			return key, nil
		},
	}
	got, err := v.Verify(r, body)
	return got, asked, err
}

// TestRequestsRefused changes signed requests on their way, in both schemes.
func TestRequestsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(r *http.Request, body []byte) []byte
	}{
		{"no signature", func(r *http.Request, b []byte) []byte { r.Header.Del("Signature"); return b }},
		{"signature header twice", func(r *http.Request, b []byte) []byte {
			r.Header.Add("Signature", r.Header.Get("Signature"))
			return b
		}},
		{"both schemes", func(r *http.Request, b []byte) []byte {
			input, sig := r.Header.Get("Signature-Input"), r.Header.Get("Signature")
			other := DraftCavage
			if input == "" {
				other = RFC9421
			}
			if err := Sign(r, b, Key{testKeyID, testRSA()}, other, testNow); err != nil {
				panic(err)
			}
			r.Header.Add("Signature", sig)
			if input != "" {
				r.Header.Set("Signature-Input", input)
			}
			return b
		}},
		{"cavage with an empty Signature-Input", func(r *http.Request, b []byte) []byte {
			if r.Header.Get("Signature-Input") == "" {
				r.Header.Set("Signature-Input", "")
			} else {
				r.Header.Add("Signature-Input", "")
			}
			return b
		}},
		{"body changed", func(_ *http.Request, _ []byte) []byte { return []byte(`{"type":"Lake"}`) }},
		{"body and digests changed", func(r *http.Request, _ []byte) []byte {
			body := []byte(`{"type":"Lake"}`)
			if r.Header.Get("Digest") != "" {
				r.Header.Set("Digest", "SHA-256="+base64.StdEncoding.EncodeToString(hashOf("sha-256", body)))
			} else {
				r.Header.Set("Content-Digest", contentDigest(body))
			}
			return body
		}},
		{"digests gone", func(r *http.Request, b []byte) []byte {
			r.Header.Del("Digest")
			r.Header.Del("Content-Digest")
			return b
		}},
		{"digest twice", func(r *http.Request, b []byte) []byte {
			for _, h := range []string{"Digest", "Content-Digest"} {
				if v := r.Header.Get(h); v != "" {
					r.Header.Add(h, v)
				}
			}
			return b
		}},
		{"another method", func(r *http.Request, b []byte) []byte { r.Method = http.MethodPut; return b }},
		{"another inbox", func(r *http.Request, b []byte) []byte { r.RequestURI = "/ap/authors/ada/inbox"; return b }},
		{"a query", func(r *http.Request, b []byte) []byte {
			if r.Header.Get("Signature-Input") == "" {
				r.RequestURI = "/ap/inboxx?a" // for draft-cavage a bare query is what honest servers leave out
			} else {
				r.RequestURI += "?a"
			}
			return b
		}},
		{"the signature of somebody else", func(r *http.Request, b []byte) []byte {
			if err := Sign(r, b, Key{testKeyID, otherRSA()}, schemeIn(r), testNow); err != nil {
				panic(err)
			}
			return b
		}},
		{"in an Authorization header", func(r *http.Request, b []byte) []byte {
			r.Header.Set("Authorization", "Signature "+r.Header.Get("Signature"))
			r.Header.Del("Signature")
			return b
		}},
	}
	for _, scheme := range []Scheme{DraftCavage, RFC9421} {
		for _, tt := range tests {
			r := post(testBody)
			if err := Sign(r, testBody, Key{testKeyID, testRSA()}, scheme, testNow); err != nil {
				t.Fatal(err)
			}
			body := tt.change(r, testBody)
			if _, _, err := check(r, body, testRSA().Public()); !errors.Is(err, ErrSignature) {
				t.Errorf("%v, %s: %v, want ErrSignature", scheme, tt.name, err)
			}
		}
	}
}

var otherRSA = sync.OnceValue(func() *rsa.PrivateKey { return generateRSA(2048) })

func schemeIn(r *http.Request) Scheme {
	if r.Header.Get("Signature-Input") != "" {
		return RFC9421
	}
	return DraftCavage
}

// TestHostIsOurs: host and @target-uri are our configured origin; what a proxy writes into Host changes nothing, what the signer
// addressed does.
func TestHostIsOurs(t *testing.T) {
	t.Parallel()
	for _, scheme := range []Scheme{DraftCavage, RFC9421} {
		for _, tt := range []struct {
			signed, received string
			ok               bool
		}{
			{"blog.example", "blog.example", true},
			{"blog.example", "127.0.0.1:8080", true}, // behind a proxy
			{"blog.example", "evil.example", true},
			{"evil.example", "evil.example", false}, // replayed from another server
			{"evil.example", "blog.example", false},
			{"blog.example:443", "blog.example:443", true},
			{"Blog.Example", "Blog.Example", true},
		} {
			r, _ := http.NewRequest(http.MethodPost, "https://"+tt.signed+"/ap/inbox", bytes.NewReader(testBody))
			if err := Sign(r, testBody, Key{testKeyID, testRSA()}, scheme, testNow); err != nil {
				t.Fatal(err)
			}
			r.Host = tt.received
			_, _, err := check(r, testBody, testRSA().Public())
			if (err == nil) != tt.ok {
				t.Errorf("%v signed for %s, received as %s: %v, want accepted: %v", scheme, tt.signed, tt.received, err, tt.ok)
			}
		}
	}
}

// TestUnrelatedAuthorization: a bearer token that happens to contain a parameter's name is nobody's business here.
func TestUnrelatedAuthorization(t *testing.T) {
	t.Parallel()
	r := post(testBody)
	r.Header.Set("Authorization", `Bearer signature="x"`)
	if err := Sign(r, testBody, Key{testKeyID, testRSA()}, DraftCavage, testNow); err != nil {
		t.Fatal(err)
	}
	if _, _, err := check(r, testBody, testRSA().Public()); err != nil {
		t.Errorf("refused: %v", err)
	}
}

// TestKeysRefused: keys that prove nothing, whatever they sign.
func TestKeysRefused(t *testing.T) {
	t.Parallel()
	pem, _ := PublicPEM(testRSA())
	even := *testRSA().Public().(*rsa.PublicKey)
	even.E = 2
	one := even
	one.E = 1
	for name, key := range map[string]crypto.PublicKey{
		"nil": nil, "nil RSA": (*rsa.PublicKey)(nil), "HMAC with the public key": []byte(pem), "RSA of 1024 bits": generateRSA(1024).Public(),
		"exponent 1": &one, "exponent 2": &even, "short Ed25519": ed25519.PublicKey("short"), "Ed25519 for RSA": testEd().Public(),
	} {
		for _, scheme := range []Scheme{DraftCavage, RFC9421} {
			r := post(testBody)
			if err := Sign(r, testBody, Key{testKeyID, testRSA()}, scheme, testNow); err != nil {
				t.Fatal(err)
			}
			if _, _, err := check(r, testBody, key); !errors.Is(err, ErrSignature) {
				t.Errorf("%v, %s: %v, want ErrSignature", scheme, name, err)
			}
		}
	}
	small := generateRSA(1024)
	r := post(testBody)
	if err := Sign(r, testBody, Key{testKeyID, small}, DraftCavage, testNow); err == nil {
		if _, _, err := check(r, testBody, small.Public()); !errors.Is(err, ErrSignature) {
			t.Errorf("a good signature of a 1024-bit key: %v, want ErrSignature", err)
		}
	}
}

// TestKeyErrorIsPassedOn: what Key says is for the caller to tell from a bad signature (a key that cannot be fetched now, say).
func TestKeyErrorIsPassedOn(t *testing.T) {
	t.Parallel()
	r := post(testBody)
	if err := Sign(r, testBody, Key{testKeyID, testRSA()}, RFC9421, testNow); err != nil {
		t.Fatal(err)
	}
	gone := errors.New("gone")
	v := Verifier{Origin: testOrigin, Now: func() time.Time { return testNow }, Key: func(context.Context, string) (crypto.PublicKey, error) { return nil, gone }}
	if _, err := v.Verify(r, testBody); !errors.Is(err, gone) || errors.Is(err, ErrSignature) {
		t.Errorf("got %v, want %v alone", err, gone)
	}
}
