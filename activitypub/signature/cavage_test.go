package signature

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

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
		{"created that is two numbers", func(f *forged) { f.params += `created="1.2.3",` }, 0},
		{"expires that is none", func(f *forged) { f.params += `expires="...",` }, 0},
		{"created not signed, too old", func(f *forged) { f.params += "created=1," }, 0},
		{"expired", func(f *forged) { f.params += "expires=" + strconv.FormatInt(testNow.Unix()-1, 10) + "," }, 0},
		{"expired long ago", func(f *forged) { f.params += "expires=0," }, 0},
		{"another path", func(f *forged) { f.path = "/ap/other" }, 1},
		{"another query", func(f *forged) { f.path, f.target = "/ap/inbox?a=1", "/ap/inbox?a=2" }, 1},
		{"query added by the signer", func(f *forged) { f.target = "/ap/inbox?a=2" }, 1},
		{"keyId twice", func(f *forged) { f.params = `keyId="https://evil.example/k",` + f.params }, 0},
		{"keyId twice, in another case", func(f *forged) { f.params = `keyid="https://evil.example/k",` + f.params }, 0},
		{"keyId twice, in capitals", func(f *forged) { f.params = `KEYID="https://evil.example/k",` + f.params }, 0},
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
