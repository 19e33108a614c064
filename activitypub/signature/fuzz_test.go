package signature

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"testing"

	"github.com/dunglas/httpsfv"
)

// fuzzRequest is a request that is right in everything but the signature, for an Ed25519 key because that is quick.
func fuzzRequest() *http.Request {
	r := post(testBody)
	r.Header.Set("Date", testNow.Format(http.TimeFormat))
	r.Header.Set("Digest", goodForgery().digest)
	r.Header.Set("Content-Digest", contentDigest(testBody))
	return r
}

// fuzzRefused verifies a request that nobody can have signed: whatever the headers, it must be refused as such.
func fuzzRefused(t *testing.T, r *http.Request) {
	t.Helper()
	if got, _, err := check(r, testBody, testEd().Public()); !errors.Is(err, ErrSignature) {
		t.Fatalf("Verify = %v, %v, want ErrSignature", got, err)
	}
	if id, err := KeyID(r); err == nil && id == "" {
		t.Fatal("KeyID gives neither an id nor an error")
	}
}

func FuzzVerifyHeader(f *testing.F) {
	sig := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, 64))
	f.Add(`keyId="` + testKeyID + `",algorithm="hs2019",headers="(request-target) host date digest",signature="` + sig + `"`)
	f.Add(`keyId="` + testKeyID + `" , created=1790856000,expires="1790856001.5", headers="(request-target) (created) (expires) host digest",signature="` + sig + `"`)
	f.Add(`keyId=x,signature=""`)
	f.Add(`a="b`)
	f.Fuzz(func(t *testing.T, header string) {
		r := fuzzRequest()
		r.Header.Set("Signature", header)
		fuzzRefused(t, r)
	})
}

func FuzzVerify9421(f *testing.F) {
	sig := "sig1=:" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, 64)) + ":"
	f.Add(`sig1=("@method" "@target-uri" "content-digest");created=1790856000;keyid="`+testKeyID+`"`, sig)
	f.Add(`sig1=("@method" "@authority" "@path" "@query" "content-digest" "date");created=1790856000;keyid="`+testKeyID+`";alg="ed25519";expires=1`, sig)
	f.Add(`sig1=(), sig1=("a";bs)`, `sig1=::`)
	f.Add(`sig1`, `keyId="x"`)
	f.Fuzz(func(t *testing.T, input, signature string) {
		r := fuzzRequest()
		r.Header.Set("Signature-Input", input)
		r.Header.Set("Signature", signature)
		fuzzRefused(t, r)
	})
}

// FuzzDigest: only headers that hold the body's own hash may pass.
func FuzzDigest(f *testing.F) {
	sum := base64.StdEncoding.EncodeToString(hashOf("sha-256", testBody))
	f.Add("SHA-256=" + sum)
	f.Add("md5=AAAA, sha-256=" + sum + ",SHA-512=x")
	f.Add(contentDigest(testBody))
	f.Add("sha-256=:AAAA:, sha-256=:" + sum + ":")
	f.Fuzz(func(t *testing.T, header string) {
		if err := checkDigest(header, testBody); err == nil && !bytes.Contains([]byte(header), []byte(sum)) {
			t.Fatalf("Digest %q passes", header)
		}
		if err := checkContentDigest(header, testBody); err == nil {
			if d, err := httpsfv.UnmarshalDictionary([]string{header}); err != nil || len(d.Names()) == 0 {
				t.Fatalf("Content-Digest %q passes", header)
			}
		}
		if checkDigest(header, []byte("another")) == nil && checkDigest(header, testBody) == nil {
			t.Fatalf("Digest %q fits two bodies", header)
		}
		if checkContentDigest(header, []byte("another")) == nil && checkContentDigest(header, testBody) == nil {
			t.Fatalf("Content-Digest %q fits two bodies", header)
		}
	})
}
