package signature

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// input9421 is an RFC 9421 signature made by hand, so that it can be wrong in one place and right in all others.
type input9421 struct {
	components string // as in the inner list
	params     string // after it
	label      string // in Signature; sig1 in Signature-Input
	base       string // overrides the values signed: lines without @signature-params
	digest     string
	target     string
	signature  string
}

func good9421() input9421 {
	return input9421{
		components: `"@method" "@target-uri" "content-digest"`,
		params:     `;created=1790856000;keyid="` + testKeyID + `"`,
		label:      "sig1", digest: contentDigest(testBody), target: "/ap/inbox",
	}
}

func (f input9421) sign() *http.Request {
	r := httptest.NewRequest(http.MethodPost, f.target, bytes.NewReader(testBody))
	r.Host = "blog.example"
	r.Header.Set("Content-Digest", f.digest)
	r.Header.Set("Date", testNow.Format(http.TimeFormat))
	if f.base == "" {
		values := map[string]string{
			"@method": "POST", "@target-uri": "https://blog.example" + f.target, "@authority": "blog.example", "@path": "/ap/inbox",
			"@query": "?", "@scheme": "https", "@request-target": f.target, "content-digest": f.digest, "date": r.Header.Get("Date"), "content-length": "15",
		}
		for _, c := range strings.Fields(f.components) {
			name := strings.Trim(c, `"`)
			f.base += `"` + name + `": ` + values[name] + "\n"
		}
	}
	input := "(" + f.components + ")" + f.params
	sig, _ := signBytes(testRSA(), []byte(f.base+`"@signature-params": `+input))
	if f.signature == "" {
		f.signature = f.label + "=:" + base64.StdEncoding.EncodeToString(sig) + ":"
	}
	r.Header.Set("Signature-Input", "sig1="+input)
	r.Header.Set("Signature", f.signature)
	return r
}

func TestRFC9421Accepts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(f *input9421)
	}{
		{"Mastodon", func(*input9421) {}},
		{"alg, expires, nonce and tag", func(f *input9421) { f.params += `;alg="rsa-v1_5-sha256";expires=1790856001;nonce="a;b,c\"";tag="x"` }},
		{"Fedify: authority, path and query", func(f *input9421) { f.components = `"@method" "@authority" "@path" "@query" "content-digest" "date"` }},
		{"no query signed where there is none", func(f *input9421) { f.components = `"@method" "@authority" "@path" "@scheme" "content-digest"` }},
		{"request-target", func(f *input9421) {
			f.components = `"@method" "@authority" "@request-target" "content-digest" "content-length"`
		}},
		{"SHA-512", func(f *input9421) {
			f.digest = "sha-512=:" + base64.StdEncoding.EncodeToString(hashOf("sha-512", testBody)) + ":"
		}},
		{"both hashes and an unknown one", func(f *input9421) {
			f.digest += ", sha-512=:" + base64.StdEncoding.EncodeToString(hashOf("sha-512", testBody)) + ":, md5=:AAAA:"
		}},
		{"65 minutes old", func(f *input9421) { f.params = strings.Replace(f.params, "1790856000", "1790852100", 1) }},
		{"5 minutes ahead", func(f *input9421) { f.params = strings.Replace(f.params, "1790856000", "1790856300", 1) }},
	}
	for _, tt := range tests {
		f := good9421()
		tt.change(&f)
		if got, _, err := check(f.sign(), testBody, testRSA().Public()); err != nil || got != (Verified{testKeyID, RFC9421}) {
			t.Errorf("%s: got %v, %v; want it accepted", tt.name, got, err)
		}
	}
}

func TestRFC9421Refuses(t *testing.T) {
	t.Parallel()
	param := func(old, new string) func(f *input9421) {
		return func(f *input9421) { f.params = strings.Replace(f.params, old, new, 1) }
	}
	components := func(c string) func(f *input9421) { return func(f *input9421) { f.components = c } }
	tests := []struct {
		name   string
		change func(f *input9421)
		asks   int
	}{
		{"covers nothing", components(``), 0},
		{"method not signed", components(`"@target-uri" "content-digest"`), 0},
		{"target not signed", components(`"@method" "content-digest"`), 0},
		{"authority without path", components(`"@method" "@authority" "content-digest"`), 0},
		{"path without authority", components(`"@method" "@path" "content-digest"`), 0},
		{"query not signed where there is one", func(f *input9421) {
			f.components, f.target = `"@method" "@authority" "@path" "content-digest"`, "/ap/inbox?a=b"
		}, 0},
		{"body not signed", components(`"@method" "@target-uri"`), 0},
		{"a component twice", components(`"@method" "@method" "@target-uri" "content-digest"`), 0},
		{"a component with parameters", components(`"@method" "@target-uri" "content-digest";bs`), 0},
		{"a component of the response", components(`"@method" "@target-uri" "content-digest" "@status"`), 0},
		{"a component in capitals", components(`"@method" "@target-uri" "content-digest" "Date"`), 0},
		{"a component that is no string", components(`"@method" "@target-uri" "content-digest" date`), 0},
		{"a header that is missing", components(`"@method" "@target-uri" "content-digest" "x-missing"`), 0},
		{"no created", param(";created=1790856000", ""), 0},
		{"created a string", param("1790856000", `"1790856000"`), 0},
		{"created 0", param("1790856000", "0"), 0},
		{"created too old", param("1790856000", "1790852099"), 0},
		{"created ahead", param("1790856000", "1790856301"), 0},
		{"expired", param(";created", ";expires=1790855999;created"), 0},
		{"created twice", param(";created", ";created=1;created"), 0},
		{"no keyid", param(";keyid", ";key"), 0},
		{"keyid twice", param(";keyid", `;keyid="https://evil.example/k";keyid`), 0},
		{"keyid a token", param(`"`+testKeyID+`"`, "key1"), 0},
		{"keyid an account", param(testKeyID, "acct:ada@peer.example"), 0},
		{"two labels", func(f *input9421) { f.params += `, sig2=("@method")` }, 0},
		{"the label twice", func(f *input9421) { f.params += `, sig1=("@method")` }, 0},
		{"the label missing", func(f *input9421) { f.label = "sig2" }, 0},
		{"two signatures", func(f *input9421) { f.signature = "sig1=:AAAA:, sig2=:AAAA:" }, 0},
		{"signature a string", func(f *input9421) { f.signature = `sig1="AAAA"` }, 0},
		{"signature empty", func(f *input9421) { f.signature = `sig1=::` }, 0},
		{"signature no base64", func(f *input9421) { f.signature = `sig1=:$$$$:` }, 0},
		{"a cavage signature", func(f *input9421) { f.signature = `keyId="` + testKeyID + `",signature="AAAA"` }, 0},
		{"garbage", func(f *input9421) { f.params = `;;` }, 0},
		{"wrong digest", func(f *input9421) { f.digest = contentDigest([]byte("x")) }, 0},
		{"a wrong digest beside", func(f *input9421) { f.digest += ", sha-512=:AAAA:" }, 0},
		{"an algorithm twice", func(f *input9421) { f.digest = contentDigest([]byte("x")) + ", " + f.digest }, 0},
		{"only MD5", func(f *input9421) { f.digest = "md5=:AAAA:" }, 0},
		{"digest a string", func(f *input9421) { f.digest = `sha-256="x"` }, 0},
		{"digest that is no dictionary", func(f *input9421) { f.digest = `=` }, 0},
		{"HMAC", func(f *input9421) { f.params += `;alg="hmac-sha256"` }, 1},
		{"RSA-PSS", func(f *input9421) { f.params += `;alg="rsa-pss-sha512"` }, 1},
		{"Ed25519 for an RSA key", func(f *input9421) { f.params += `;alg="ed25519"` }, 1},
		{"another method", func(f *input9421) {
			f.base = "\"@method\": GET\n\"@target-uri\": https://blog.example/ap/inbox\n\"content-digest\": " + f.digest + "\n"
		}, 1},
		{"another host", func(f *input9421) {
			f.base = "\"@method\": POST\n\"@target-uri\": https://evil.example/ap/inbox\n\"content-digest\": " + f.digest + "\n"
		}, 1},
		{"another scheme", func(f *input9421) {
			f.base = "\"@method\": POST\n\"@target-uri\": http://blog.example/ap/inbox\n\"content-digest\": " + f.digest + "\n"
		}, 1},
		{"an input of 9 KB", func(f *input9421) { f.params += `;tag="` + strings.Repeat("x", 9<<10) + `"` }, 0},
	}
	for _, tt := range tests {
		f := good9421()
		tt.change(&f)
		_, asked, err := check(f.sign(), testBody, testRSA().Public())
		if !errors.Is(err, ErrSignature) || asked != tt.asks {
			t.Errorf("%s: %v, key asked %d times; want ErrSignature, %d times", tt.name, err, asked, tt.asks)
		}
	}
}

// TestAppendixB26 is the example of RFC 9421, appendix B.2.6. Its content is not covered, so Verify would refuse it; the
// signature base and the cryptography are what it proves.
func TestAppendixB26(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "http://example.com/foo?param=Value&Pet=dog", strings.NewReader(`{"hello": "world"}`))
	r.Header.Set("Date", "Tue, 20 Apr 2021 02:07:55 GMT")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Length", "18")
	r.Header.Set("Signature-Input", `sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`)
	r.Header.Set("Signature", `sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:`)
	in, err := parseInput(r.Header)
	if err != nil {
		t.Fatal(err)
	}
	m := message{r: r, origin: origin{"https", "example.com"}, now: time.Unix(1618884473, 0)}
	base, err := m.base(in)
	if err != nil {
		t.Fatal(err)
	}
	const want = `"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`
	if base != want {
		t.Errorf("signature base:\n%s\nwant\n%s", base, want)
	}
	key, err := ParsePublicKey("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----")
	if err != nil {
		t.Fatal(err)
	}
	c := claim{keyID: in.keyID, scheme: RFC9421, signed: []string{base}, signature: in.signature}
	if err := c.verify(key); err != nil {
		t.Error(err)
	}
}
