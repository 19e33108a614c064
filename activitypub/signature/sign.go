package signature

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
	"github.com/go-fed/httpsig"
)

// Sign signs r at now. It sets Host, Date, Digest or Content-Digest and Signature, taking away what an earlier attempt left.
//
// In draft-cavage it covers (request-target), host, date and, with a body, digest and content-type; in RFC 9421 @method,
// @target-uri and, with a body, content-digest: what Mastodon signs and demands. It may be called from any number of goroutines.
func Sign(r *http.Request, body []byte, key Key, scheme Scheme, now time.Time) error {
	for _, h := range []string{"Signature", "Signature-Input", "Digest", "Content-Digest", "Host"} {
		r.Header.Del(h)
	}
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	r.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	sign := signCavage
	if scheme == RFC9421 {
		sign = signRFC9421
	}
	if err := sign(r, body, key, now); err != nil {
		return fmt.Errorf("signing a request to %s: %w", r.Host, err)
	}
	return nil
}

func signCavage(r *http.Request, body []byte, key Key, _ time.Time) error {
	algorithm, name := httpsig.RSA_SHA256, "rsa-sha256"
	if _, ok := key.Private.(ed25519.PrivateKey); ok {
		algorithm, name = httpsig.ED25519, "hs2019"
	}
	headers := []string{httpsig.RequestTarget, "host", "date"}
	if body != nil {
		headers = append(headers, "digest")
		if r.Header.Get("Content-Type") != "" {
			headers = append(headers, "content-type")
		}
	}
	// A Signer may be used once only, and signs the path decoded: so each request gets its own, and a copy with the path as on the wire.
	signer, _, err := httpsig.NewSigner([]httpsig.Algorithm{algorithm}, httpsig.DigestSha256, headers, httpsig.Signature, 0)
	if err != nil {
		return err
	}
	wire := *r
	u := *r.URL
	u.Path, u.RawQuery, _ = target(r)
	wire.URL = &u
	wire.Header.Set("Host", r.Host)
	defer wire.Header.Del("Host") // net/http sends r.Host
	if err := signer.SignRequest(key.Private, key.ID, &wire, body); err != nil {
		return err
	}
	// httpsig always writes hs2019, which Misskey's kin and older servers do not take for RSA. The parameter is not signed.
	sig := strings.Replace(r.Header.Get("Signature"), `algorithm="hs2019"`, `algorithm="`+name+`"`, 1)
	r.Header.Set("Signature", sig)
	return nil
}

func signRFC9421(r *http.Request, body []byte, key Key, now time.Time) error {
	components := []string{"@method", "@target-uri"}
	if body != nil {
		r.Header.Set("Content-Digest", contentDigest(body))
		components = append(components, "content-digest")
	}
	list := httpsfv.InnerList{Params: httpsfv.NewParams()}
	for _, c := range components {
		list.Items = append(list.Items, httpsfv.NewItem(c))
	}
	list.Params.Add("created", now.Unix())
	list.Params.Add("keyid", key.ID)
	list.Params.Add("alg", rfcAlgorithm(key.Private))
	params, err := httpsfv.Marshal(list)
	if err != nil {
		return err
	}
	m := message{r: r, origin: origin{r.URL.Scheme, withoutDefaultPort(r.URL.Scheme, r.Host)}}
	base, err := m.base(input{components: components, params: params})
	if err != nil {
		return err
	}
	sig, err := signBytes(key.Private, []byte(base))
	if err != nil {
		return err
	}
	r.Header.Set("Signature-Input", "sig1="+params)
	r.Header.Set("Signature", "sig1=:"+base64.StdEncoding.EncodeToString(sig)+":")
	return nil
}

func rfcAlgorithm(key crypto.Signer) string {
	if _, ok := key.(ed25519.PrivateKey); ok {
		return "ed25519"
	}
	return "rsa-v1_5-sha256"
}

func signBytes(key crypto.Signer, message []byte) ([]byte, error) {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, hashOf("sha-256", message))
	case ed25519.PrivateKey:
		return ed25519.Sign(k, message), nil
	}
	return nil, fmt.Errorf("key of type %T is neither RSA nor Ed25519", key)
}
