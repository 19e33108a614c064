package signature

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// The sizes of RSA keys that we take, in bits: below, they can be broken; above, checking one costs too much of our time.
const (
	minRSA = 2048
	maxRSA = 8192
)

// ParsePublicKey reads a publicKeyPem. It refuses RSA below 2048 bits, exponents below 3 and anything but RSA and Ed25519.
// Errors wrap ErrSignature: the key is another server's.
func ParsePublicKey(text string) (crypto.PublicKey, error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "-----BEGIN ") {
		return nil, refuse("the public key is not PEM")
	}
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, refuse("the public key is not one PEM block")
	}
	key, err := parsePublicDER(block)
	if err != nil {
		return nil, refuse("the public key cannot be read")
	}
	return key, checkPublicKey(key)
}

func parsePublicDER(block *pem.Block) (crypto.PublicKey, error) {
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	}
	return nil, errors.New("not a public key")
}

// checkPublicKey refuses keys that prove nothing.
func checkPublicKey(key crypto.PublicKey) error {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k == nil || k.N == nil || k.N.BitLen() < minRSA || k.N.BitLen() > maxRSA {
			return refuse("an RSA key must have %d to %d bits", minRSA, maxRSA)
		}
		if k.E < 3 || k.E%2 == 0 {
			return refuse("an RSA key must not have the exponent %d", k.E)
		}
		return nil
	case ed25519.PublicKey:
		if smallOrder(k) {
			return refuse("an Ed25519 key of small order proves nothing")
		}
		if len(k) == ed25519.PublicKeySize {
			return nil
		}
	}
	return refuse("the key is neither RSA nor Ed25519")
}

// smallOrders are the encodings, without the sign of x, of the points whose order divides eight (RFC 8032 §8; the list of libsodium's
// ge25519_has_small_order): with one of them as the key, everybody can make a signature of anything.
var smallOrders = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

func smallOrder(k ed25519.PublicKey) bool {
	if len(k) != ed25519.PublicKeySize {
		return false
	}
	y := slices.Clone(k)
	y[len(y)-1] &= 0x7f
	return slices.Contains(smallOrders, hex.EncodeToString(y))
}

// verify checks the signature itself. What a request names as its algorithm never chooses: the key does, and the two must agree.
func (c claim) verify(key crypto.PublicKey) error {
	if err := checkPublicKey(key); err != nil {
		return err
	}
	if !algorithms[c.scheme][kind(key)][c.algorithm] {
		return refuse("algorithm %.50q does not go with the key", c.algorithm)
	}
	for _, s := range c.signed {
		if verify(key, []byte(s), c.signature) {
			return nil
		}
	}
	return refuse("the signature does not match")
}

// algorithms are the names under which a request may announce a signature, by scheme and kind of key. hs2019 leaves the choice to
// the key; under that name every server of the fediverse means PKCS #1 v1.5 with SHA-256 when the key is RSA.
var algorithms = map[Scheme]map[string]map[string]bool{
	DraftCavage: {
		"rsa":     {"": true, "hs2019": true, "rsa-sha256": true},
		"ed25519": {"": true, "hs2019": true, "ed25519": true},
	},
	RFC9421: {
		"rsa":     {"": true, "rsa-v1_5-sha256": true},
		"ed25519": {"": true, "ed25519": true},
	},
}

func kind(key crypto.PublicKey) string {
	if _, ok := key.(ed25519.PublicKey); ok {
		return "ed25519"
	}
	return "rsa"
}

func verify(key crypto.PublicKey, message, signature []byte) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, hashOf("sha-256", message), signature) == nil
	case ed25519.PublicKey:
		return ed25519.Verify(k, message, signature)
	}
	return false
}

// PublicPEM writes the public half of a key as PKIX PEM.
func PublicPEM(key crypto.Signer) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return "", fmt.Errorf("writing a public key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// Generate makes an RSA-2048 key, the one kind that every peer verifies.
func Generate() (crypto.Signer, error) {
	return rsa.GenerateKey(rand.Reader, minRSA)
}

// ReadKey reads a private key file (PKCS#8 PEM). It refuses a file that others than its owner can read. CreateKey writes a new one with mode 0600.
func ReadKey(file string) (crypto.Signer, error) {
	key, err := readKey(file)
	if err != nil {
		return nil, fmt.Errorf("reading key %s: %w", file, err)
	}
	return key, nil
}

func readKey(file string) (crypto.Signer, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	// Windows has no such bits: there, Go shows every file as readable by all.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("others can read it (mode %04o): chmod 600 it", mode)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("it is not a private key in PEM (PKCS #8)")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, errors.New("it is neither RSA nor Ed25519")
	}
	return key, checkPublicKey(key.Public())
}

// CreateEd25519Key is CreateKey for an Ed25519 key, the second of an actor (FEP-521a).
func CreateEd25519Key(file string) (crypto.Signer, error) {
	_, key, err := ed25519.GenerateKey(nil)
	if err == nil {
		err = writeKey(file, key)
	}
	if err != nil {
		return nil, fmt.Errorf("creating key %s: %w", file, err)
	}
	return key, nil
}

// CreateKey makes an RSA key and writes it to file, which must not exist, with mode 0600.
func CreateKey(file string) (crypto.Signer, error) {
	key, err := Generate()
	if err == nil {
		err = writeKey(file, key)
	}
	if err != nil {
		return nil, fmt.Errorf("creating key %s: %w", file, err)
	}
	return key, nil
}

func writeKey(file string, key crypto.Signer) (err error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return errors.Unwrap(err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			os.Remove(file) // half a key would stop every later start
		}
	}()
	if err := pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der}); err != nil {
		return err
	}
	return f.Sync()
}
