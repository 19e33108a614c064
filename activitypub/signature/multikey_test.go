package signature

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// encodeMultikey writes what ParseMultikey reads.
func encodeMultikey(kind, key []byte) string {
	n, rest := new(big.Int).SetBytes(slices.Concat(kind, key)), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, big.NewInt(58), rest)
		out = append(out, base58[rest.Int64()])
	}
	slices.Reverse(out)
	return "z" + string(out)
}

// TestMultikeyVector holds the reader against a published pair: the key of RFC 8032's first test as did:key writes it.
func TestMultikeyVector(t *testing.T) {
	t.Parallel()
	const published = "z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"
	want, _ := hex.DecodeString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
	key, err := ParseMultikey(published)
	if err != nil || !ed25519.PublicKey(want).Equal(key) {
		t.Errorf("ParseMultikey = %x, %v, want %x", key, err, want)
	}
}

func TestParseMultikey(t *testing.T) {
	t.Parallel()
	public := testRSA().Public().(*rsa.PublicKey)
	ed := testEd().Public().(ed25519.PublicKey)
	pkcs1 := x509.MarshalPKCS1PublicKey(public)
	pkix, _ := x509.MarshalPKIXPublicKey(public)
	for name, c := range map[string]struct {
		text string
		want interface{ Equal(crypto.PublicKey) bool }
	}{
		"Ed25519": {encodeMultikey(multicodecEd25519, ed), ed}, "RSA": {encodeMultikey(multicodecRSA, pkcs1), public},
		"RSA of 4,096 bits": {encodeMultikey(multicodecRSA, x509.MarshalPKCS1PublicKey(&big4096)), &big4096},
	} {
		if key, err := ParseMultikey(c.text); err != nil || !c.want.Equal(key) {
			t.Errorf("%s: %v, %v", name, key, err)
		}
	}
	whole := encodeMultikey(multicodecEd25519, ed)
	one, _ := asn1.Marshal(struct{ N, E *big.Int }{public.N, big.NewInt(1)})
	for name, text := range map[string]string{
		"nothing": "", "the base alone": "z", "no base": whole[1:], "another base": "u" + whole[1:], "PEM": "-----BEGIN PUBLIC KEY-----",
		"a letter that is no digit": whole + "0", "a blank": whole + " ", "leading zeros": "z1" + whole[1:], "short": encodeMultikey(multicodecEd25519, ed[:31]),
		"long": encodeMultikey(multicodecEd25519, append(ed[:32:32], 1)), "no key": encodeMultikey(multicodecEd25519, nil),
		"RSA of 1,024 bits": encodeMultikey(multicodecRSA, x509.MarshalPKCS1PublicKey(generateRSA(1024).Public().(*rsa.PublicKey))),
		"exponent 1":        encodeMultikey(multicodecRSA, one), "RSA in PKIX": encodeMultikey(multicodecRSA, pkix),
		"X25519": encodeMultikey([]byte{0xec, 0x01}, ed), "P-256": encodeMultikey([]byte{0x80, 0x24}, ed), "a private key": encodeMultikey([]byte{0x80, 0x26}, ed),
	} {
		if key, err := ParseMultikey(text); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v, %v, want ErrSignature", name, key, err)
		}
	}
	// The work grows with the square of the length.
	if _, ok := decodeBase58(strings.Repeat("6", maxMultikey)); !ok {
		t.Errorf("%d digits are refused", maxMultikey)
	}
	if _, ok := decodeBase58(strings.Repeat("6", maxMultikey+1)); ok {
		t.Errorf("%d digits are read", maxMultikey+1)
	}
}

// big4096 has no private half: the number is only of the right size.
var big4096 = rsa.PublicKey{N: new(big.Int).SetBit(new(big.Int).Lsh(big.NewInt(1), 4095), 0, 1), E: 65537}

// FuzzMultikey: what is read is a key that proves something, and there is one way to write it.
func FuzzMultikey(f *testing.F) {
	f.Add(encodeMultikey(multicodecEd25519, testEd().Public().(ed25519.PublicKey)))
	f.Add(encodeMultikey(multicodecRSA, x509.MarshalPKCS1PublicKey(&big4096)))
	f.Add("z1")
	f.Add("u7QEAAA")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := ParseMultikey(text)
		if err != nil {
			if !errors.Is(err, ErrSignature) {
				t.Fatalf("%v is no ErrSignature", err)
			}
			return
		}
		if err := checkPublicKey(key); err != nil {
			t.Fatal(err)
		}
		kind, data := multicodecEd25519, []byte(nil)
		switch k := key.(type) {
		case ed25519.PublicKey:
			data = k
		case *rsa.PublicKey:
			kind, data = multicodecRSA, x509.MarshalPKCS1PublicKey(k)
		}
		if again := encodeMultikey(kind, data); again != text {
			t.Fatalf("%q and %q are the same key", text, again)
		}
		if bytes.ContainsAny([]byte(text), "0OIl") {
			t.Fatal("not base58btc")
		}
	})
}
