package signature

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postil-blog/postil/activitypub"
)

// vector is one file of signatures/ in the federation corpus (see corpusDir), and of our own testdata/vectors.
type vector struct {
	Name    string `json:"name"`
	Message struct {
		Method  string      `json:"method"`
		Target  string      `json:"target"`
		Scheme  string      `json:"scheme"`
		Headers [][2]string `json:"headers"`
		Body    string      `json:"body_b64"`
	} `json:"message"`
	Keys map[string]struct {
		Owner string `json:"owner"`
		PEM   string `json:"publicKeyPem"`
	} `json:"keys"`
	Now  time.Time `json:"now"`
	Must string    `json:"must"`
	Why  string    `json:"reason"`
}

// corpusDir is the folder of wire payloads that lies outside the project, where there is one.
func corpusDir(t *testing.T) string {
	dir := os.Getenv("POSTIL_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the federation corpus is not here (POSTIL_CORPUS names it); testdata/vectors covers the same rules")
	}
	return dir
}

func readVector(t *testing.T, file string) vector {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v vector
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

func (v vector) request(t *testing.T) (*http.Request, []byte) {
	t.Helper()
	body, err := base64.StdEncoding.DecodeString(v.Message.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(v.Message.Method, v.Message.Target, bytes.NewReader(body))
	for _, h := range v.Message.Headers {
		if strings.EqualFold(h[0], "Host") {
			r.Host = h[1]
			continue
		}
		r.Header.Add(h[0], h[1])
	}
	return r, body
}

// door makes of a vector the decisions of the inbox's door: the signature, then whether the key's owner is the actor.
func (v vector) door(t *testing.T) error {
	r, body := v.request(t)
	verifier := Verifier{
		Origin: v.Message.Scheme + "://" + r.Host,
		Now:    func() time.Time { return v.Now },
		Key: func(_ context.Context, id string) (crypto.PublicKey, error) {
			if k, ok := v.Keys[id]; ok {
				return ParsePublicKey(k.PEM)
			}
			return nil, refuse("no such key")
		},
	}
	var got Verified
	var err error
	if strings.HasPrefix(v.Name, "rfc9421/tootik-") {
		// Its key ids are bare names, which Verify refuses; the cryptography is what the vector is about.
		var c claim
		if c, err = verifier.claim(r, body); err == nil {
			key, _ := verifier.Key(t.Context(), c.keyID)
			err = c.verify(key)
		}
	} else {
		got, err = verifier.Verify(r, body)
	}
	if err != nil || r.Method != http.MethodPost || got.KeyID == "" {
		return err
	}
	if len(body) > 0 && body[0] != '{' {
		return nil // a vector of the signature alone
	}
	o, err := activitypub.Read(body)
	if err != nil {
		return err
	}
	if o.Actor != nil && o.Actor.ID != v.Keys[got.KeyID].Owner {
		return refuse("the key is not the actor's")
	}
	return nil
}

// TestVectors runs our own vectors, whose signatures another implementation made (Python's cryptography).
func TestVectors(t *testing.T) {
	t.Parallel()
	runVectors(t, filepath.Join("testdata", "vectors", "*.json"), 18)
}

// TestCorpusVectors runs those of the federation corpus, in whichever of its folders they lie. Documents that are signed within
// themselves (Linked Data signatures, proofs) are none of them: they are never looked at, which the inbox's tests see to.
func TestCorpusVectors(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(corpusDir(t), "signatures")
	folders, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if f.IsDir() && f.Name() != "ldsig" && f.Name() != "proof" {
			runVectors(t, filepath.Join(dir, f.Name(), "*.json"), 1)
		}
	}
}

func runVectors(t *testing.T, pattern string, atLeast int) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < atLeast {
		t.Fatalf("%d vectors in %s (%v), want at least %d", len(files), pattern, err, atLeast)
	}
	for _, file := range files {
		v := readVector(t, file)
		t.Run(v.Name, func(t *testing.T) {
			err := v.door(t)
			if again := v.door(t); (again == nil) != (err == nil) {
				t.Errorf("refused one time, accepted another: %v, then %v", err, again)
			}
			switch {
			case v.Must == "accept" && err != nil:
				t.Errorf("refused: %v\nmust be accepted: %s", err, v.Why)
			case v.Must == "reject" && err == nil:
				t.Errorf("accepted; must be refused: %s", v.Why)
			case !slices.Contains([]string{"accept", "reject", "policy", "vector-only"}, v.Must):
				t.Errorf("nobody knows what %q means", v.Must)
			default:
				t.Logf("must %s: %v", v.Must, err)
			}
		})
	}
}
