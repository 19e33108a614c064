package signature

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// maxMultikey is the longest publicKeyMultibase that is read, in bytes: one of RSA with 8,192 bits has some 1,430.
const maxMultikey = 2048

// The kinds of key that a Multikey can hold for us, as the varints that stand before the key (multicodec ed25519-pub and rsa-pub).
var (
	multicodecEd25519 = []byte{0xed, 0x01}
	multicodecRSA     = []byte{0x85, 0x24}
)

// ParseMultikey reads a publicKeyMultibase (FEP-521a; W3C Controlled Identifiers §2.2.2): "z", then in base58btc the kind of the key
// and the key, which is 32 bytes of Ed25519 or an RSAPublicKey of PKCS #1. It refuses what ParsePublicKey refuses, other kinds and
// other bases. Errors wrap ErrSignature: the key is another server's.
func ParseMultikey(text string) (crypto.PublicKey, error) {
	data, ok := decodeBase58(strings.TrimPrefix(text, "z"))
	if !ok || !strings.HasPrefix(text, "z") {
		return nil, refuse("the public key is not base58btc")
	}
	key, err := parseMulticodec(data)
	if err != nil {
		return nil, refuse("the public key cannot be read")
	}
	return key, checkPublicKey(key)
}

func parseMulticodec(data []byte) (crypto.PublicKey, error) {
	if key, ok := bytes.CutPrefix(data, multicodecEd25519); ok {
		return ed25519.PublicKey(key), nil
	}
	if der, ok := bytes.CutPrefix(data, multicodecRSA); ok {
		key, err := x509.ParsePKCS1PublicKey(der)
		if err == nil && !bytes.Equal(x509.MarshalPKCS1PublicKey(key), der) {
			err = errors.New("not the one way to write the key")
		}
		return key, err
	}
	return nil, errors.New("not a kind of key that we know")
}

// Multikey writes what ParseMultikey reads.
func Multikey(key crypto.PublicKey) (string, error) {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return "z" + encodeBase58(slices.Concat(multicodecEd25519, k)), nil
	case *rsa.PublicKey:
		return "z" + encodeBase58(slices.Concat(multicodecRSA, x509.MarshalPKCS1PublicKey(k))), nil
	}
	return "", fmt.Errorf("key of type %T is neither RSA nor Ed25519", key)
}

// encodeBase58 writes base58btc. Leading zero bytes are the digit "1".
func encodeBase58(data []byte) string {
	n, base, digit := new(big.Int).SetBytes(data), big.NewInt(int64(len(base58))), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, base, digit)
		out = append(out, base58[digit.Int64()])
	}
	for _, b := range data {
		if b != 0 {
			break
		}
		out = append(out, base58[0])
	}
	slices.Reverse(out)
	return string(out)
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// decodeBase58 reads base58btc. Leading zero bytes, which it writes as "1", begin no key: they are refused.
func decodeBase58(text string) ([]byte, bool) {
	if text == "" || text[0] == '1' || len(text) > maxMultikey {
		return nil, false
	}
	n, digit := new(big.Int), new(big.Int)
	for i := range len(text) {
		at := strings.IndexByte(base58, text[i])
		if at < 0 {
			return nil, false
		}
		n.Mul(n, big.NewInt(int64(len(base58)))).Add(n, digit.SetInt64(int64(at)))
	}
	return n.Bytes(), true
}
