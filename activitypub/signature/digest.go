package signature

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"strings"

	"github.com/dunglas/httpsfv"
)

// checkDigest holds the body against a Digest header (RFC 3230): a list of algorithm=base64, names in any case. There must be a
// SHA-256, and each one that is there must be right; what else there is says nothing (MD5, SHA) or is checked too (SHA-512).
func checkDigest(header string, body []byte) error {
	found := false
	for entry := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(entry), "=")
		sum := hashOf(strings.ToLower(name), body)
		if sum == nil {
			continue
		}
		got, err := base64.StdEncoding.DecodeString(value)
		if err != nil || !bytes.Equal(got, sum) {
			return refuse("the body is not what Digest says")
		}
		found = found || strings.EqualFold(name, "sha-256")
	}
	if !found {
		return refuse("no SHA-256 in Digest")
	}
	return nil
}

// checkContentDigest holds the body against a Content-Digest header (RFC 9530). One of SHA-256 and SHA-512 must be there, and each
// that is there must be right.
func checkContentDigest(header string, body []byte) error {
	d, err := httpsfv.UnmarshalDictionary([]string{header})
	if err != nil {
		return refuse("Content-Digest is malformed")
	}
	// Of a name that stands twice the parser keeps the last, another reader the first.
	if strings.Count(header, ",") != len(d.Names())-1 {
		return refuse("Content-Digest names an algorithm twice")
	}
	found := false
	for _, name := range d.Names() {
		sum := hashOf(name, body)
		if sum == nil {
			continue
		}
		member, _ := d.Get(name)
		item, _ := member.(httpsfv.Item)
		if got, ok := item.Value.([]byte); !ok || !bytes.Equal(got, sum) {
			return refuse("the body is not what Content-Digest says")
		}
		found = true
	}
	if !found {
		return refuse("neither sha-256 nor sha-512 in Content-Digest")
	}
	return nil
}

// hashOf gives the body's hash, nil for an algorithm that we do not trust.
func hashOf(name string, body []byte) []byte {
	switch name {
	case "sha-256":
		sum := sha256.Sum256(body)
		return sum[:]
	case "sha-512":
		sum := sha512.Sum512(body)
		return sum[:]
	}
	return nil
}

// contentDigest writes a Content-Digest header.
func contentDigest(body []byte) string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(hashOf("sha-256", body)) + ":"
}
