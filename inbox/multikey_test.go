package inbox_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/postil-blog/postil/activitypub/signature"
)

// multibase writes a public key as FEP-521a wants it.
func multibase(t testing.TB, key crypto.PublicKey) string {
	t.Helper()
	var data []byte
	switch k := key.(type) {
	case ed25519.PublicKey:
		data = append([]byte{0xed, 0x01}, k...)
	case *rsa.PublicKey:
		data = append([]byte{0x85, 0x24}, x509.MarshalPKCS1PublicKey(k)...)
	default:
		t.Fatalf("no multikey for %T", key)
	}
	const digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	n, rest, base := new(big.Int).SetBytes(data), new(big.Int), big.NewInt(58)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, base, rest)
		out = append(out, digits[rest.Int64()])
	}
	slices.Reverse(out)
	return "z" + string(out)
}

func multikey(t testing.TB, id, controller string, key crypto.PublicKey) m {
	return m{"id": id, "type": "Multikey", "controller": controller, "publicKeyMultibase": multibase(t, key)}
}

// weakRSA is a key that can be broken.
var weakRSA = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		panic(err)
	}
	return k
})

// TestMultikey: who lists a Multikey can sign with it, beside or without a PEM (Mitra, tootik and Fedify list both), and the same bindings
// hold for it (mutants: the controller is not looked at; the key's id may be of another document).
func TestMultikey(t *testing.T) {
	t.Parallel()
	second, bob := keys()["other"], keys()["bob"] // Ed25519 and RSA
	id := aliceID + "#ed25519-key"
	good := multikey(t, id, aliceID, second.Public())
	for _, c := range []struct {
		name  string
		actor m
		key   crypto.Signer
		keyID string
		want  int
	}{
		{"listed beside the PEM", m{"assertionMethod": []any{good}}, second, id, 202},
		{"listed twice, as Mitra does", m{"assertionMethod": []any{good}, "authentication": []any{good}}, second, id, 202},
		{"listed for authentication alone", m{"authentication": good}, second, id, 202},
		{"without any PEM", m{"publicKey": nil, "assertionMethod": good}, second, id, 202},
		{"of RSA", m{"assertionMethod": multikey(t, id, aliceID, bob.Public())}, bob, id, 202},
		{"the PEM beside it", m{"assertionMethod": []any{good}}, keys()["alice"], aliceID + "#main-key", 202},

		{"controller is somebody else", m{"assertionMethod": merge(m{}, merge(m{"controller": bobID}, m{"id": id, "publicKeyMultibase": good["publicKeyMultibase"]}))}, second, id, 401},
		{"no controller", m{"assertionMethod": m{"id": id, "type": "Multikey", "publicKeyMultibase": good["publicKeyMultibase"]}}, second, id, 401},
		{"part of another document", m{"assertionMethod": multikey(t, bobID+"#key", aliceID, second.Public())}, second, bobID + "#key", 401},
		{"of another origin", m{"assertionMethod": multikey(t, evilID+"#key", aliceID, second.Public())}, second, evilID + "#key", 401},
		{"of RSA with 1,024 bits", m{"assertionMethod": multikey(t, id, aliceID, weakRSA().Public())}, weakRSA(), id, 401},
		{"another key than the one that signed", m{"assertionMethod": good}, keys()["mallory"], id, 401},
		{"not base58", m{"assertionMethod": merge(multikey(t, id, aliceID, second.Public()), m{"publicKeyMultibase": "z0OIl"})}, second, id, 401},
		{"not listed", nil, second, id, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			schemes(t, func(t *testing.T, s signature.Scheme) {
				w := newWorld(t)
				w.peers.serve(aliceID, actor(aliceID, c.actor))
				like := activity("Like", aliceID+"/l", aliceID, post, nil)
				if got := w.post(letter{doc: like, signer: aliceID, key: c.key, keyID: c.keyID, scheme: s}); got != c.want {
					t.Errorf("status %d, want %d", got, c.want)
				}
				if n := w.counts().likes; (n == 1) != (c.want == http.StatusAccepted) {
					t.Errorf("%d likes", n)
				}
				if c.want == http.StatusAccepted { // the stored row serves the next one
					boost := activity("Announce", aliceID+"/b", aliceID, post, m{"to": public})
					if got := w.post(letter{doc: boost, signer: aliceID, key: c.key, keyID: c.keyID, scheme: s}); got != 202 || w.peers.asked(aliceID) != 1 {
						t.Errorf("the next one: status %d after %d fetches, want 202 after 1", got, w.peers.asked(aliceID))
					}
				}
			})
		})
	}
}
