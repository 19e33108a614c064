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
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-fed/httpsig"
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

// forged is a draft-cavage signature made by hand, so that it can be wrong in one place and right in all others.
type forged struct {
	headers   []string // as in the parameter; lower-cased in the signing string
	params    string   // what stands before signature=, %s for the headers
	target    string
	created   string
	expires   string
	digest    string
	date      string
	path      string
	signature string
}

// sign makes the request.
func (f forged) sign() *http.Request {
	r := httptest.NewRequest(http.MethodPost, f.path, bytes.NewReader(testBody))
	r.Host = "blog.example"
	r.Header.Set("Date", f.date)
	r.Header.Set("Digest", f.digest)
	var lines []string
	for _, h := range f.headers {
		h = strings.ToLower(h)
		v := r.Header.Get(h)
		switch h {
		case "(request-target)":
			v = "post " + f.target
		case "host":
			v = "blog.example"
		case "(created)":
			v = f.created
		case "(expires)":
			v = f.expires
		}
		lines = append(lines, h+": "+v)
	}
	sig, _ := signBytes(testRSA(), []byte(strings.Join(lines, "\n")))
	if f.signature == "" {
		f.signature = base64.StdEncoding.EncodeToString(sig)
	}
	r.Header.Set("Signature", strings.Replace(f.params, "%s", strings.Join(f.headers, " "), 1)+`signature="`+f.signature+`"`)
	return r
}

func goodForgery() forged {
	return forged{
		headers: strings.Fields("(request-target) host date digest"),
		params:  `keyId="` + testKeyID + `",algorithm="rsa-sha256",headers="%s",`,
		target:  "/ap/inbox", path: "/ap/inbox",
		date:   testNow.Format(http.TimeFormat),
		digest: "SHA-256=" + base64.StdEncoding.EncodeToString(hashOf("sha-256", testBody)),
	}
}

// TestCavageAccepts: what honest servers send, in their different ways.
func TestCavageAccepts(t *testing.T) {
	t.Parallel()
	sum512 := base64.StdEncoding.EncodeToString(hashOf("sha-512", testBody))
	good := goodForgery()
	tests := []struct {
		name   string
		change func(f *forged)
	}{
		{"Mastodon", func(*forged) {}},
		{"GoToSocial: hs2019", func(f *forged) { f.params = strings.Replace(f.params, "rsa-sha256", "hs2019", 1) }},
		{"no algorithm", func(f *forged) { f.params = `keyId="` + testKeyID + `",headers="%s",` }},
		{"order and spaces", func(f *forged) { f.params = `headers="%s" , algorithm="RSA-SHA256",  keyId = "` + testKeyID + `", ` }},
		{"unknown parameter", func(f *forged) { f.params += `opaque="x",` }},
		{"header names in capitals", func(f *forged) { f.headers = strings.Fields("(request-target) Host Date Digest") }},
		{"other order, more headers", func(f *forged) { f.headers = strings.Fields("digest date (request-target) host") }},
		{"created, unquoted", func(f *forged) {
			f.headers = strings.Fields("(request-target) (created) host digest")
			f.created = strconv.FormatInt(testNow.Unix(), 10)
			f.params += "created=" + f.created + ","
		}},
		{"created and expires, quoted, with decimals", func(f *forged) {
			f.headers = strings.Fields("(request-target) (created) (expires) host digest")
			f.created, f.expires = strconv.FormatInt(testNow.Unix()-5, 10), strconv.FormatInt(testNow.Unix()+30, 10)+".5"
			f.params += `created="` + f.created + `",expires="` + f.expires + `",`
		}},
		{"created, with a stale Date that is not signed", func(f *forged) {
			f.headers = strings.Fields("(request-target) (created) host digest")
			f.created = strconv.FormatInt(testNow.Unix(), 10)
			f.params += "created=" + f.created + ","
			f.date = testNow.AddDate(-1, 0, 0).Format(http.TimeFormat)
		}},
		{"query", func(f *forged) { f.path, f.target = "/ap/inbox?a=%2F&b", "/ap/inbox?a=%2F&b" }},
		{"query left out of the signature", func(f *forged) { f.path = "/ap/inbox?a=b" }},
		{"path as on the wire", func(f *forged) { f.path, f.target = "/ap/%69nbox", "/ap/%69nbox" }},
		{"digest in small letters", func(f *forged) { f.digest = "sha-256" + strings.TrimPrefix(good.digest, "SHA-256") }},
		{"several digests", func(f *forged) { f.digest = "MD5=xxxx, " + good.digest + ",SHA-512=" + sum512 + ", " + good.digest }},
		{"an hour and five minutes old", func(f *forged) { f.date = testNow.Add(-65 * time.Minute).Format(http.TimeFormat) }},
		{"five minutes ahead", func(f *forged) { f.date = testNow.Add(5 * time.Minute).Format(http.TimeFormat) }},
	}
	for _, tt := range tests {
		f := goodForgery()
		tt.change(&f)
		if got, _, err := check(f.sign(), testBody, testRSA().Public()); err != nil || got.KeyID != testKeyID || got.Scheme != DraftCavage {
			t.Errorf("%s: got %v, %v; want it accepted", tt.name, got, err)
		}
	}
}

// TestCavageRefuses: each case is a good signature with one thing wrong. None of them may cost a key fetch but where noted.
func TestCavageRefuses(t *testing.T) {
	t.Parallel()
	good := goodForgery()
	without := func(h string) func(f *forged) {
		return func(f *forged) {
			f.headers = strings.Fields(strings.Replace("(request-target) host date digest", h, "", 1))
		}
	}
	at := func(d time.Duration) string { return testNow.Add(d).Format(http.TimeFormat) }
	created := func(d time.Duration) func(f *forged) {
		return func(f *forged) {
			f.headers = strings.Fields("(request-target) (created) host digest")
			f.created = strconv.FormatInt(testNow.Add(d).Unix(), 10)
			f.params += "created=" + f.created + ","
		}
	}
	tests := []struct {
		name   string
		change func(f *forged)
		asks   int
	}{
		{"target not signed", without("(request-target)"), 0},
		{"host not signed", without("host"), 0},
		{"date not signed", without("date"), 0},
		{"digest not signed", without("digest"), 0},
		{"no headers parameter", func(f *forged) { f.headers = []string{"date"}; f.params = `keyId="` + testKeyID + `",` }, 0},
		{"a header signed twice", func(f *forged) { f.headers = append(f.headers, "date") }, 0},
		{"a signed header missing", func(f *forged) { f.headers = append(f.headers, "x-missing") }, 0},
		{"digest of another body", func(f *forged) {
			f.digest = "SHA-256=" + base64.StdEncoding.EncodeToString(hashOf("sha-256", []byte("x")))
		}, 0},
		{"two SHA-256, one wrong", func(f *forged) {
			f.digest += ",sha-256=" + base64.StdEncoding.EncodeToString(hashOf("sha-256", []byte("x")))
		}, 0},
		{"a wrong SHA-512 beside", func(f *forged) { f.digest += ",SHA-512=AAAA" }, 0},
		{"only MD5", func(f *forged) { f.digest = "MD5=AAAA" }, 0},
		{"only SHA-512", func(f *forged) {
			f.digest = "SHA-512=" + base64.StdEncoding.EncodeToString(hashOf("sha-512", testBody))
		}, 0},
		{"no digest", func(f *forged) { f.digest = "" }, 0},
		{"date a second too old", func(f *forged) { f.date = at(-65*time.Minute - time.Second) }, 0},
		{"date a second too far ahead", func(f *forged) { f.date = at(5*time.Minute + time.Second) }, 0},
		{"two hours old", func(f *forged) { f.date = at(-2 * time.Hour) }, 0},
		{"no date", func(f *forged) { f.date = "" }, 0},
		{"date that is none", func(f *forged) { f.date = "2026-10-01T12:00:00Z" }, 0},
		{"created too old", created(-66 * time.Minute), 0},
		{"created ahead", created(6 * time.Minute), 0},
		{"created signed and missing", func(f *forged) { f.headers = strings.Fields("(request-target) (created) host digest") }, 0},
		{"created that is none", func(f *forged) { f.params += `created="now",` }, 0},
		{"created not signed, too old", func(f *forged) { f.params += "created=1," }, 0},
		{"expired", func(f *forged) { f.params += "expires=" + strconv.FormatInt(testNow.Unix()-1, 10) + "," }, 0},
		{"expired long ago", func(f *forged) { f.params += "expires=0," }, 0},
		{"another path", func(f *forged) { f.path = "/ap/other" }, 1},
		{"another query", func(f *forged) { f.path, f.target = "/ap/inbox?a=1", "/ap/inbox?a=2" }, 1},
		{"query added by the signer", func(f *forged) { f.target = "/ap/inbox?a=2" }, 1},
		{"keyId twice", func(f *forged) { f.params = `keyId="https://evil.example/k",` + f.params }, 0},
		{"keyId twice, in another case", func(f *forged) { f.params = `keyid="https://evil.example/k",` + f.params }, 0},
		{"keyId without quotes", func(f *forged) { f.params = strings.Replace(f.params, `"`+testKeyID+`"`, testKeyID, 1) }, 0},
		{"comma in keyId", func(f *forged) { f.params = strings.Replace(f.params, "#main-key", `,headers=`, 1) }, 0},
		{"escape in keyId", func(f *forged) { f.params = strings.Replace(f.params, "#main-key", `\`, 1) }, 0},
		{"no keyId", func(f *forged) { f.params = `headers="%s",` }, 0},
		{"empty keyId", func(f *forged) { f.params = `keyId="",headers="%s",` }, 0},
		{"empty signature", func(f *forged) { f.signature = " " }, 0},
		{"signature that is no base64", func(f *forged) { f.signature = "a$b" }, 0},
		{"signature of nothing", func(f *forged) { f.signature = "AAAA" }, 1},
		{"HMAC", func(f *forged) { f.params = strings.Replace(f.params, "rsa-sha256", "hmac-sha256", 1) }, 1},
		{"RSA with SHA-1", func(f *forged) { f.params = strings.Replace(f.params, "rsa-sha256", "rsa-sha1", 1) }, 1},
		{"unknown algorithm", func(f *forged) { f.params = strings.Replace(f.params, "rsa-sha256", "none", 1) }, 1},
		{"Ed25519 for an RSA key", func(f *forged) { f.params = strings.Replace(f.params, "rsa-sha256", "ed25519", 1) }, 1},
		{"key id an account", func(f *forged) { f.params = strings.Replace(f.params, testKeyID, "acct:ada@peer.example", 1) }, 0},
		{"key id with userinfo", func(f *forged) { f.params = strings.Replace(f.params, "https://", "https://blog.example@", 1) }, 0},
		{"key id a file", func(f *forged) { f.params = strings.Replace(f.params, testKeyID, "file:///etc/passwd", 1) }, 0},
		{"key id relative", func(f *forged) { f.params = strings.Replace(f.params, testKeyID, "/users/ada#main-key", 1) }, 0},
		{"a header of 9 KB", func(f *forged) { f.params += `x="` + strings.Repeat("x", 9<<10) + `",` }, 0},
		{"forty headers", func(f *forged) { f.headers = append(f.headers, strings.Fields(strings.Repeat("x ", 40))...) }, 0},
	}
	for _, tt := range tests {
		f := good
		tt.change(&f)
		_, asked, err := check(f.sign(), testBody, testRSA().Public())
		if !errors.Is(err, ErrSignature) || asked != tt.asks {
			t.Errorf("%s: %v, key asked %d times; want ErrSignature, %d times", tt.name, err, asked, tt.asks)
		}
	}
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
