package inbox_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/signature"
)

// hand is a signature made by hand: as another program makes it, or wrong in one place and right in all others. What is left zero is as
// Mastodon does it.
type hand struct {
	scheme    signature.Scheme
	keyID     string
	key       crypto.Signer
	algorithm string // "-" leaves the parameter out
	covers    string // names separated by blanks
	digest    string // the header's text
	target    string // path and query that are signed; "": the request's
	host      string // that is signed; "": the request's
	created   time.Time
	expires   time.Time
	age       time.Duration // of Date: negative is past
	tail      string        // more parameters, with the separator before them
	signature string        // instead of the right one, as it stands in the header
	header    string        // the whole header instead; %s is the signature
}

// sign signs a request that has its body.
func (h hand) sign(t testing.TB, r *http.Request, body []byte, now time.Time) {
	t.Helper()
	for _, name := range []string{"Signature", "Signature-Input", "Digest", "Content-Digest"} {
		r.Header.Del(name)
	}
	r.Header.Set("User-Agent", "program/1.0 (+https://program.example/)") // some sign these, too
	r.Header.Set("Accept", activitypub.AcceptType)
	r.Header.Set("Date", now.Add(h.age).UTC().Format(http.TimeFormat))
	if h.host == "" {
		h.host = r.Host
	}
	if h.target == "" {
		h.target = r.URL.RequestURI()
	}
	if h.scheme == signature.RFC9421 {
		h.rfc9421(t, r, body, now)
	} else {
		h.cavage(t, r, body)
	}
}

func sum(body []byte) string {
	s := sha256.Sum256(body)
	return base64.StdEncoding.EncodeToString(s[:])
}

func (h hand) cavage(t testing.TB, r *http.Request, body []byte) {
	if h.digest == "" {
		h.digest = "SHA-256=" + sum(body)
	}
	r.Header.Set("Digest", h.digest)
	if h.covers == "" {
		h.covers = "(request-target) host date digest content-type"
	}
	var lines []string
	for name := range strings.FieldsSeq(strings.ToLower(h.covers)) {
		lines = append(lines, name+": "+h.cavageValue(r, name, len(body)))
	}
	if h.signature == "" {
		h.signature = signText(t, h.key, strings.Join(lines, "\n"))
	}
	r.Header.Set("Signature", h.cavageHeader())
}

func (h hand) cavageHeader() string {
	if h.header != "" {
		return strings.ReplaceAll(h.header, "%s", h.signature)
	}
	algorithm := h.algorithm
	if algorithm == "" {
		algorithm = "rsa-sha256"
		if _, ok := h.key.(ed25519.PrivateKey); ok {
			algorithm = "hs2019"
		}
	}
	out := `keyId="` + h.keyID + `",`
	if algorithm != "-" {
		out += `algorithm="` + algorithm + `",`
	}
	if !h.created.IsZero() {
		out += "created=" + strconv.FormatInt(h.created.Unix(), 10) + ","
	}
	if !h.expires.IsZero() {
		out += "expires=" + strconv.FormatInt(h.expires.Unix(), 10) + ","
	}
	return out + `headers="` + h.covers + `",signature="` + h.signature + `"` + h.tail
}

func (h hand) cavageValue(r *http.Request, name string, length int) string {
	switch name {
	case "(request-target)":
		return strings.ToLower(r.Method) + " " + h.target
	case "(created)":
		return strconv.FormatInt(h.created.Unix(), 10)
	case "(expires)":
		return strconv.FormatInt(h.expires.Unix(), 10)
	case "host":
		return h.host
	case "content-length":
		return strconv.Itoa(length)
	}
	return r.Header.Get(name)
}

func (h hand) rfc9421(t testing.TB, r *http.Request, body []byte, now time.Time) {
	if h.digest == "" {
		h.digest = "sha-256=:" + sum(body) + ":"
	}
	r.Header.Set("Content-Digest", h.digest)
	if h.covers == "" {
		h.covers = "@method @target-uri content-digest"
	}
	input := h.input(now)
	var base strings.Builder
	for name := range strings.FieldsSeq(h.covers) {
		fmt.Fprintf(&base, "%q: %s\n", name, h.rfcValue(r, name, len(body)))
	}
	if h.signature == "" {
		h.signature = signText(t, h.key, base.String()+`"@signature-params": `+input)
	}
	r.Header.Set("Signature-Input", "sig1="+input)
	r.Header.Set("Signature", "sig1=:"+h.signature+":")
}

// input is the inner list with its parameters.
func (h hand) input(now time.Time) string {
	var names []string
	for name := range strings.FieldsSeq(h.covers) {
		names = append(names, strconv.Quote(name))
	}
	created := h.created
	if created.IsZero() {
		created = now
	}
	out := "(" + strings.Join(names, " ") + ");created=" + strconv.FormatInt(created.Unix(), 10) + `;keyid="` + h.keyID + `"`
	if h.algorithm != "" && h.algorithm != "-" {
		out += `;alg="` + h.algorithm + `"`
	}
	if !h.expires.IsZero() {
		out += ";expires=" + strconv.FormatInt(h.expires.Unix(), 10)
	}
	return out + h.tail
}

func (h hand) rfcValue(r *http.Request, name string, length int) string {
	path, query, _ := strings.Cut(h.target, "?")
	switch name {
	case "@method":
		return r.Method
	case "@target-uri":
		return "https://" + h.host + h.target
	case "@authority", "host":
		return h.host
	case "@path":
		return path
	case "@query":
		return "?" + query
	case "@scheme":
		return "https"
	case "@request-target":
		return h.target
	case "content-length":
		return strconv.Itoa(length)
	}
	return r.Header.Get(name)
}

// openRSA is an RSA key without any of the checks that Go makes, for keys that nobody should use.
type openRSA struct{ n, e, d *big.Int }

func (k openRSA) Public() crypto.PublicKey { return &rsa.PublicKey{N: k.n, E: int(k.e.Int64())} }

// Sign pads as PKCS #1 v1.5 does with SHA-256.
func (k openRSA) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	prefix := []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}
	size := (k.n.BitLen() + 7) / 8
	info := slices.Concat([]byte{0}, prefix, digest)
	padding := slices.Repeat([]byte{0xff}, size-len(info)-2)
	padded := new(big.Int).SetBytes(slices.Concat([]byte{0, 1}, padding, info))
	return padded.Exp(padded, k.d, k.n).FillBytes(make([]byte, size)), nil
}

// hmacKey signs with a shared secret: the classic trick is to take the public key for it.
type hmacKey []byte

func (k hmacKey) Public() crypto.PublicKey { return nil }

// Sign takes the text itself for a digest.
func (k hmacKey) Sign(_ io.Reader, text []byte, _ crypto.SignerOpts) ([]byte, error) {
	h := hmac.New(sha256.New, k)
	h.Write(text)
	return h.Sum(nil), nil
}

func signText(t testing.TB, key crypto.Signer, text string) string {
	t.Helper()
	digest, opts := []byte(text), crypto.SignerOpts(crypto.Hash(0))
	switch key.(type) {
	case *rsa.PrivateKey, openRSA:
		s := sha256.Sum256([]byte(text))
		digest, opts = s[:], crypto.SHA256
	}
	sig, err := key.Sign(rand.Reader, digest, opts)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(sig)
}

// byHand gives a letter's tamper that signs anew.
func byHand(w *world, h hand) func(*http.Request) {
	return func(r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		r.Body, r.ContentLength = nopBody(body), int64(len(body))
		h.sign(w.t, r, body, w.clock())
	}
}
