package signature

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func TestParsePublicKey(t *testing.T) {
	t.Parallel()
	public := testRSA().Public().(*rsa.PublicKey)
	pkix, _ := PublicPEM(testRSA())
	edPEM, _ := PublicPEM(testEd())
	pkcs1 := block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(public))
	for name, text := range map[string]string{
		"PKIX": pkix, "PKCS #1": pkcs1, "Ed25519": edPEM, "without newline at the end": strings.TrimSpace(pkix),
		"with CRLF": strings.ReplaceAll(pkix, "\n", "\r\n"), "with blanks around": "\n  " + pkix + "\n\n",
	} {
		if _, err := ParsePublicKey(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	private, _ := x509.MarshalPKCS8PrivateKey(testRSA())
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ecPEM, _ := PublicPEM(ec)
	small, _ := PublicPEM(generateRSA(1024))
	one, _ := asn1.Marshal(struct{ N, E *big.Int }{public.N, big.NewInt(1)})
	huge, _ := asn1.Marshal(struct{ N, E *big.Int }{new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 16384), big.NewInt(1)), big.NewInt(65537)})
	for name, text := range map[string]string{
		"nothing": "", "no PEM": "MIIBIjANBg", "garbage in PEM": block("PUBLIC KEY", []byte("x")), "private": block("PRIVATE KEY", private),
		"PKCS #1 under the name of PKIX": block("PUBLIC KEY", x509.MarshalPKCS1PublicKey(public)), "PKIX under the name of PKCS #1": strings.ReplaceAll(pkix, "PUBLIC", "RSA PUBLIC"),
		"two keys": pkix + edPEM, "words before": "x" + pkix, "a line before": "x\n" + pkix, "words behind": pkix + "x", "P-256": ecPEM,
		"RSA of 1024 bits": small, "exponent 1": block("RSA PUBLIC KEY", one), "RSA of 16,384 bits": block("RSA PUBLIC KEY", huge),
		"cut short": pkix[:100], "the word of a header": "-----BEGIN PUBLIC KEY-----",
	} {
		if _, err := ParsePublicKey(text); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v, want ErrSignature", name, err)
		}
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "actor.pem")
	if _, err := ReadKey(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("ReadKey of nothing: %v, want fs.ErrNotExist", err)
	}
	created, err := CreateKey(file)
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadKey(file)
	if err != nil || !created.(*rsa.PrivateKey).Equal(read) {
		t.Errorf("ReadKey does not give the key that CreateKey made: %v", err)
	}
	if _, err := CreateKey(file); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second CreateKey: %v, want fs.ErrExist", err)
	}
	if again, err := ReadKey(file); err != nil || !created.(*rsa.PrivateKey).Equal(again) {
		t.Errorf("a second CreateKey changed the file: %v", err)
	}
	if _, err := CreateKey(filepath.Join(t.TempDir(), "missing", "actor.pem")); err == nil {
		t.Error("CreateKey in a folder that is not there: no error")
	}
	if runtime.GOOS == "windows" {
		return
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o, want 600", info.Mode().Perm())
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o666, 0o610} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadKey(file); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %o: %v, want a refusal that says what to do", mode, err)
		}
	}
}

func TestReadKeyRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pkcs8 := func(key any) string {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return block("PRIVATE KEY", der)
	}
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	for name, text := range map[string]string{
		"empty": "", "garbage": "x", "public": block("PUBLIC KEY", nil), "garbage in PEM": block("PRIVATE KEY", []byte("x")),
		"P-256": pkcs8(ec), "RSA of 1024 bits": pkcs8(generateRSA(1024)),
	} {
		file := filepath.Join(dir, "key.pem")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if key, err := ReadKey(file); err == nil || key != nil {
			t.Errorf("%s: ReadKey = %v, %v", name, key, err)
		}
	}
	file := filepath.Join(dir, "ed.pem")
	if err := os.WriteFile(file, []byte(pkcs8(testEd())), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := ReadKey(file); err != nil || !testEd().Equal(key.(ed25519.PrivateKey)) {
		t.Errorf("Ed25519: %v", err)
	}
}
