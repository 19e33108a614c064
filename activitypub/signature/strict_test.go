package signature

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"
)

// TestTwoLinesOfAHeader: of two lines of a header that is signed, the one that is checked need not be the one that the next reader takes.
func TestTwoLinesOfAHeader(t *testing.T) {
	t.Parallel()
	for scheme, names := range map[Scheme][]string{DraftCavage: {"Date", "Digest"}, RFC9421: {"Content-Digest"}} {
		for _, name := range names {
			r := post(testBody)
			if err := Sign(r, testBody, Key{testKeyID, testRSA()}, scheme, testNow); err != nil {
				t.Fatal(err)
			}
			if _, _, err := check(r, testBody, testRSA().Public()); err != nil {
				t.Fatalf("%v: the honest twin: %v", scheme, err)
			}
			r.Header.Add(name, "another")
			if _, _, err := check(r, testBody, testRSA().Public()); !errors.Is(err, ErrSignature) {
				t.Errorf("%v with two lines of %s: %v, want ErrSignature", scheme, name, err)
			}
		}
	}
}

// TestAnotherKeysSignature: all is right but the key, of either kind, in either scheme.
func TestAnotherKeysSignature(t *testing.T) {
	t.Parallel()
	_, otherEd, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, keys := range map[string][2]crypto.Signer{"RSA": {testRSA(), generateRSA(2048)}, "Ed25519": {testEd(), otherEd}} {
		for _, scheme := range []Scheme{DraftCavage, RFC9421} {
			r := post(testBody)
			if err := Sign(r, testBody, Key{testKeyID, keys[0]}, scheme, testNow); err != nil {
				t.Fatal(err)
			}
			if _, _, err := check(r, testBody, keys[0].Public()); err != nil {
				t.Errorf("%v, %s: the right key: %v", scheme, name, err)
			}
			if _, _, err := check(r, testBody, keys[1].Public()); !errors.Is(err, ErrSignature) {
				t.Errorf("%v, %s: another key: %v, want ErrSignature", scheme, name, err)
			}
		}
	}
}

// FuzzPublicKey: a key that is taken is RSA of an honest size or Ed25519, and says the same when it is written and read again.
func FuzzPublicKey(f *testing.F) {
	for _, k := range []crypto.Signer{testRSA(), testEd()} {
		text, err := PublicPEM(k)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")
	f.Add("-----BEGIN RSA PUBLIC KEY-----\nMAYCAQECAQM=\n-----END RSA PUBLIC KEY-----")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := ParsePublicKey(text)
		if err != nil {
			if !errors.Is(err, ErrSignature) {
				t.Errorf("%v is not ErrSignature", err)
			}
			return
		}
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParsePublicKey(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
		if k, ok := key.(interface{ Equal(crypto.PublicKey) bool }); err != nil || !ok || !k.Equal(again) {
			t.Errorf("%v is read again as %v, %v", key, again, err)
		}
		if k, ok := key.(*rsa.PublicKey); ok && (k.N.BitLen() < minRSA || k.N.BitLen() > maxRSA || k.E < 3) {
			t.Errorf("an RSA key of %d bits with the exponent %d", k.N.BitLen(), k.E)
		}
	})
}
