package signature

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-fed/httpsig"
)

// TestBothDirections signs and verifies in both schemes with both kinds of key, with body and without, with a query and with a
// path that must not be decoded.
func TestBothDirections(t *testing.T) {
	t.Parallel()
	for _, scheme := range []Scheme{DraftCavage, RFC9421} {
		for _, private := range []crypto.Signer{testRSA(), testEd()} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				for _, target := range []string{"/ap/inbox", "/ap/inbox?page=1&x=%2F", "/a%2Fb%20c/ä", "/"} {
					t.Run(fmt.Sprintf("%v/%T/%s%s", scheme, private, method, target), func(t *testing.T) {
						var body []byte
						if method == http.MethodPost {
							body = testBody
						}
						r, err := http.NewRequest(method, testOrigin+target, bytes.NewReader(body))
						if err != nil {
							t.Fatal(err)
						}
						key := Key{testKeyID, private}
						if err := Sign(r, body, key, scheme, testNow); err != nil {
							t.Fatalf("Sign: %v", err)
						}
						got, asked, err := check(r, body, private.Public())
						if want := (Verified{testKeyID, scheme}); err != nil || got != want || asked != 1 {
							t.Errorf("Verify = %v, %v, key asked %d times; want %v, asked once", got, err, asked, want)
						}
						if id, err := KeyID(r); id != testKeyID || err != nil {
							t.Errorf("KeyID = %q, %v", id, err)
						}
						if scheme == DraftCavage {
							checkWithHTTPSig(t, r, private)
						}
					})
				}
			}
		}
	}
}

// checkWithHTTPSig asks the library's verifier for a second opinion on what we signed.
func checkWithHTTPSig(t *testing.T, r *http.Request, private crypto.Signer) {
	t.Helper()
	wire := r.Clone(r.Context())
	wire.URL.Path = r.URL.EscapedPath()
	v, err := httpsig.NewVerifier(wire)
	if err != nil {
		t.Fatalf("httpsig cannot read our signature: %v", err)
	}
	algorithm := httpsig.RSA_SHA256
	if _, ok := private.(ed25519.PrivateKey); ok {
		algorithm = httpsig.ED25519
	}
	if err := v.Verify(private.Public(), algorithm); err != nil {
		t.Errorf("httpsig refuses our signature: %v", err)
	}
}

// TestOverTheWire sends signed requests through net/http to a server that verifies them.
func TestOverTheWire(t *testing.T) {
	t.Parallel()
	var v Verifier
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		body.ReadFrom(r.Body)
		if _, err := v.Verify(r, body.Bytes()); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	v = Verifier{Origin: server.URL, Key: func(context.Context, string) (crypto.PublicKey, error) { return testRSA().Public(), nil }}
	for _, scheme := range []Scheme{DraftCavage, RFC9421} {
		r, _ := http.NewRequest(http.MethodPost, server.URL+"/in%2Fbox?a=b", bytes.NewReader(testBody))
		r.Header.Set("Content-Type", "application/activity+json")
		if err := Sign(r, testBody, Key{testKeyID, testRSA()}, scheme, time.Now()); err != nil {
			t.Fatal(err)
		}
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var answer bytes.Buffer
		answer.ReadFrom(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%v: %d %s", scheme, resp.StatusCode, answer.String())
		}
	}
}

// TestSignTwice: a retry signs the same request again, in whichever scheme, and leaves nothing of the first attempt.
func TestSignTwice(t *testing.T) {
	t.Parallel()
	for _, schemes := range [][2]Scheme{{DraftCavage, DraftCavage}, {DraftCavage, RFC9421}, {RFC9421, DraftCavage}, {RFC9421, RFC9421}} {
		r := post(testBody)
		for i, scheme := range schemes {
			if err := Sign(r, testBody, Key{testKeyID, testRSA()}, scheme, testNow.Add(time.Duration(i)*time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		if got, _, err := check(r, testBody, testRSA().Public()); err != nil || got.Scheme != schemes[1] {
			t.Errorf("%v: got %v, %v", schemes, got, err)
		}
		stale := "Digest"
		if schemes[1] == DraftCavage {
			stale = "Content-Digest"
		}
		if r.Header.Get(stale) != "" {
			t.Errorf("%v: the first attempt's %s is still there", schemes, stale)
		}
	}
}

func TestSignConcurrently(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			r := post(testBody)
			if err := Sign(r, testBody, Key{testKeyID, testRSA()}, Scheme(i%2), testNow); err != nil {
				t.Error(err)
			}
			if _, _, err := check(r, testBody, testRSA().Public()); err != nil {
				t.Errorf("signature %d: %v", i, err)
			}
		})
	}
	wg.Wait()
}

// TestSignShape: what Mastodon and Threads expect to read in the headers.
func TestSignShape(t *testing.T) {
	t.Parallel()
	r := post(testBody)
	if err := Sign(r, testBody, Key{testKeyID, testRSA()}, DraftCavage, testNow); err != nil {
		t.Fatal(err)
	}
	if got := r.Header.Get("Digest"); !strings.HasPrefix(got, "SHA-256=") {
		t.Errorf("Digest: %s, want SHA-256 in capitals", got)
	}
	want := `keyId="` + testKeyID + `",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature="`
	if got := r.Header.Get("Signature"); !strings.HasPrefix(got, want) {
		t.Errorf("Signature: %s\nwant %s…", got, want)
	}
	if got := r.Header.Get("Date"); got != "Thu, 01 Oct 2026 12:00:00 GMT" || r.Host != "blog.example" {
		t.Errorf("Date: %s, Host: %s", got, r.Host)
	}
	if err := Sign(r, testBody, Key{testKeyID, testRSA()}, RFC9421, testNow); err != nil {
		t.Fatal(err)
	}
	want = `sig1=("@method" "@target-uri" "content-digest");created=1790856000;keyid="` + testKeyID + `";alg="rsa-v1_5-sha256"`
	if got := r.Header.Get("Signature-Input"); got != want {
		t.Errorf("Signature-Input: %s\nwant %s", got, want)
	}
	if err := Sign(post(nil), nil, Key{testKeyID, badSigner{}}, RFC9421, testNow); err == nil {
		t.Error("a key of another kind signed")
	}
}

type badSigner struct{ crypto.Signer }
