// Package signature signs and verifies HTTP requests as the fediverse does, in both schemes that are in use: draft-cavage-12
// ("Signature: keyId=…") and RFC 9421 ("Signature-Input: …"); and documents, with integrity proofs (FEP-8b32, proof.go).
//
// A request, its body and a key go in; a signed request, or the id of the key that signed, comes out. The package fetches
// nothing and knows no actor: whether the key belongs to the actor of the activity is decided at the inbox's door.
//
// Signing in draft-cavage is go-fed/httpsig's work. Verifying is not: its verifier asks the machine's clock, tolerates ten
// seconds, reads the header with a looser parser than a check beside it would need, and leaves open body, date and coverage. So one
// strict parser (parameters.go) feeds one list of checks (cavage.go, rfc9421.go), and the tests hold the result against
// httpsig. Nothing else authenticates requests: Linked Data signatures are not looked at.
package signature

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Scheme is a way of signing.
type Scheme int

// The two schemes. DraftCavage is sent first to strangers.
const (
	DraftCavage Scheme = iota
	RFC9421
)

// String names the scheme as FEDERATION.md and logs do.
func (s Scheme) String() string {
	if s == RFC9421 {
		return "rfc9421"
	}
	return "draft-cavage"
}

// ErrSignature is wrapped by every refusal of Verify: answer 401.
var ErrSignature = errors.New("signature refused")

// refuse says why a signature is not good, as an ErrSignature.
func refuse(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrSignature, fmt.Sprintf(format, a...))
}

// How far a signature's date may lie from our clock: an hour old, as peers allow each other, with five minutes of skew on either side.
const (
	maxAge  = time.Hour + skew
	skew    = 5 * time.Minute
	maxSize = 8 << 10 // of a signature header, in bytes; honest ones have 1 KB
)

// Key is a private key with the id under which others find its public half.
type Key struct {
	ID      string
	Private crypto.Signer // *rsa.PrivateKey or ed25519.PrivateKey
}

// Verified is what a good signature proves: the holder of KeyID sent this request, body included.
type Verified struct {
	KeyID  string
	Scheme Scheme
}

// Verifier checks requests. Origin is our own scheme://host as peers address it: @target-uri and host are checked against it, never
// against what a proxy says. Now is our clock, time.Now if nil. Key finds the public key of a key id; it is called at most once a
// request, after all checks that need no key.
type Verifier struct {
	Origin string
	Now    func() time.Time
	Key    func(ctx context.Context, keyID string) (crypto.PublicKey, error)
}

// claim is a signature that has passed every check that needs no key.
type claim struct {
	keyID     string
	scheme    Scheme
	algorithm string   // as the request names it, "" if it does not
	signed    []string // what may have been signed; more than one where honest peers differ
	signature []byte
}

// Verify checks the one signature of r over its method, target, host, date and body. Errors wrap ErrSignature, or are what Key returned.
//
// Refused are: no signature or more than one; parameters that two readers could understand differently; a signature that does
// not cover method and target, host, date and, where there may be a body, its SHA-256; a body of another digest; a date
// more than 1 h 5 min old or 5 min ahead, an expired one; a key id that is no http(s) URL; keys and algorithms other than RSA
// (PKCS #1 v1.5, SHA-256, 2048 bits and more) and Ed25519.
func (v *Verifier) Verify(r *http.Request, body []byte) (Verified, error) {
	c, err := v.claim(r, body)
	if err != nil {
		return Verified{}, err
	}
	if err := checkKeyID(c.keyID); err != nil {
		return Verified{}, err
	}
	key, err := v.Key(r.Context(), c.keyID)
	if err != nil {
		return Verified{}, err
	}
	if err := c.verify(key); err != nil {
		return Verified{}, err
	}
	return Verified{c.keyID, c.scheme}, nil
}

// claim reads the signature and makes the checks that need no key.
func (v *Verifier) claim(r *http.Request, body []byte) (claim, error) {
	o, err := parseOrigin(v.Origin)
	if err != nil {
		return claim{}, err
	}
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	m := message{r, o, body, now()}
	scheme, err := schemeOf(r.Header)
	if err != nil {
		return claim{}, err
	}
	if scheme == RFC9421 {
		return m.rfc9421()
	}
	return m.cavage()
}

// schemeOf tells the one scheme of a request. A Signature-Input makes it RFC 9421 whatever Signature looks like: a request is never
// read by the weaker rules because it fails the stronger ones. An Authorization header is never looked at.
func schemeOf(h http.Header) (Scheme, error) {
	signatures, inputs := h.Values("Signature"), h.Values("Signature-Input")
	if len(signatures) == 0 {
		return 0, refuse("the request is not signed")
	}
	if len(signatures) > 1 || len(inputs) > 1 {
		return 0, refuse("more than one signature header")
	}
	if len(signatures[0]) > maxSize {
		return 0, refuse("a signature header of more than %d bytes", maxSize)
	}
	if len(inputs) == 0 {
		return DraftCavage, nil
	}
	if len(inputs[0]) > maxSize {
		return 0, refuse("a signature header of more than %d bytes", maxSize)
	}
	return RFC9421, nil
}

// KeyID reads the key id that a request claims without checking anything. Only for the rule that an unknown actor's Delete costs no fetch.
func KeyID(r *http.Request) (string, error) {
	scheme, err := schemeOf(r.Header)
	if err != nil {
		return "", err
	}
	if scheme == RFC9421 {
		in, err := parseInput(r.Header)
		return in.keyID, err
	}
	p, err := parseParameters(r.Header.Get("Signature"))
	return p.keyID, err
}

// checkKeyID refuses key ids that nobody can fetch: acct:, data:, file:, relative and bare names, and userinfo.
func checkKeyID(id string) error {
	u, err := url.Parse(id)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil {
		return refuse("key id %.200q is not an http(s) URL", id)
	}
	return nil
}

// message is a request with what it is checked against.
type message struct {
	r      *http.Request
	origin origin
	body   []byte
	now    time.Time
}

// checkWindow refuses a date outside the window.
func (m message) checkWindow(t time.Time) error {
	if age := m.now.Sub(t); age > maxAge || age < -skew {
		return refuse("signed at %s, our clock says %s", t.UTC().Format(time.RFC3339), m.now.UTC().Format(time.RFC3339))
	}
	return nil
}

// checkExpires refuses what has expired, in Unix seconds; 0 stands for never.
func (m message) checkExpires(expires float64) error {
	if expires != 0 && float64(m.now.Unix()) > expires {
		return refuse("expired at %s", time.Unix(int64(expires), 0).UTC().Format(time.RFC3339))
	}
	return nil
}

// mayHaveBody tells whether the method is one whose body must be bound. A body that comes with a GET means nothing to anyone.
func (m message) mayHaveBody() bool {
	return (m.r.Method != http.MethodGet && m.r.Method != http.MethodHead)
}
