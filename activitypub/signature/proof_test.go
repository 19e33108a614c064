package signature

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
)

// The key pair of the published vectors: W3C Data Integrity EdDSA Cryptosuites, appendix B, and FEP-8b32.
const (
	publishedSecret = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
	publishedPublic = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
)

// publishedKey reads the pair: a secret key is written with the prefix 0x80 0x26.
func publishedKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	data, ok := decodeBase58(publishedSecret[1:])
	if !ok || !bytes.HasPrefix(data, []byte{0x80, 0x26}) {
		t.Fatal("the published key cannot be read")
	}
	key := ed25519.NewKeyFromSeed(data[2:])
	if text, err := Multikey(key.Public()); err != nil || text != publishedPublic {
		t.Fatalf("its public half is %s, %v, want %s", text, err, publishedPublic)
	}
	return key
}

var proofNow = time.Date(2023, 2, 24, 23, 36, 38, 0, time.UTC)

const aliceKey = "https://server.example/users/alice#ed25519-key"

// fep is the signed activity of fep-8b32.feature with one version of the context, written with spaces as there.
func fep(context, proof string) string {
	return `{
  "@context": [ "https://www.w3.org/ns/activitystreams", "` + context + `" ],
  "id": "https://server.example/activities/1", "type": "Create", "actor": "https://server.example/users/alice",
  "object": { "id": "https://server.example/objects/1", "type": "Note", "attributedTo": "https://server.example/users/alice",
    "content": "Hello world", "location": { "type": "Place", "longitude": -71.184902, "latitude": 25.273962 } }` + proof + `}`
}

const (
	contextV2 = "https://w3id.org/security/data-integrity/v2"
	fepValue  = "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL"
	fepProof  = `, "proof": { "@context": [ "https://www.w3.org/ns/activitystreams", "` + contextV2 + `" ], "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022", "verificationMethod": "` + aliceKey + `", "proofPurpose": "assertionMethod",
    "proofValue": "` + fepValue + `", "created": "2023-02-24T23:36:38Z" }`
)

// w3c is the signed credential of the cryptosuite's appendix B.3.
const w3c = `{"@context":["https://www.w3.org/ns/credentials/v2","https://www.w3.org/ns/credentials/examples/v2"],
 "id":"urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33","type":["VerifiableCredential","AlumniCredential"],"name":"Alumni Credential",
 "description":"A minimum viable example of an Alumni Credential.","issuer":"https://vc.example/issuers/5678","validFrom":"2023-01-01T00:00:00Z",
 "credentialSubject":{"id":"did:example:abcdefgh","alumniOf":"The School of Examples"},
 "proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","created":"2023-02-24T23:36:38Z",
 "verificationMethod":"did:key:` + publishedPublic + `#` + publishedPublic + `","proofPurpose":"assertionMethod",
 "@context":["https://www.w3.org/ns/credentials/v2","https://www.w3.org/ns/credentials/examples/v2"],
 "proofValue":"z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"}}`

// legacy is the vector of the FEP's older text: a proof without a @context of its own.
const legacy = `{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v1"],"type":"Create",
 "actor":"https://server.example/users/alice","object":{"type":"Note","content":"Hello world"},"proof":{"type":"DataIntegrityProof",
 "cryptosuite":"eddsa-jcs-2022","verificationMethod":"` + aliceKey + `","proofPurpose":"assertionMethod",
 "proofValue":"z3sXaxjKs4M3BRicwWA9peyNPJvJqxtGsDmpt1jjoHCjgeUf71TRFz56osPSfDErszyLp5Ks1EhYSgpDaNM977Rg2","created":"2023-02-24T23:36:38Z"}}`

// verifyDoc reads and verifies.
func verifyDoc(doc string, key crypto.PublicKey) error {
	p, err := ReadProof([]byte(doc), proofNow.Add(time.Minute))
	if err != nil {
		return err
	}
	return p.Verify(key)
}

// TestProofVectors holds both ways against what others have published.
func TestProofVectors(t *testing.T) {
	t.Parallel()
	key := publishedKey(t)
	for name, doc := range map[string]string{"W3C": w3c, "FEP-8b32": fep(contextV2, fepProof), "FEP-8b32 of 2023": legacy} {
		if err := verifyDoc(doc, key.Public()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	members, err := canonicalMembers([]byte(w3c))
	if err != nil {
		t.Fatal(err)
	}
	unsigned := slices.DeleteFunc(members, func(m canonicalMember) bool { return m.name == "proof" })
	if sum := fmt.Sprintf("%x", sha256.Sum256(joinMembers(unsigned))); sum != "59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19" {
		t.Errorf("W3C's credential hashes to %s", sum)
	}
	doc := fep(contextV2, "")
	got, err := Prove([]byte(doc), Key{aliceKey, key}, proofNow)
	if err != nil || !strings.Contains(string(got), `"proofValue":"`+fepValue+`"`) {
		t.Errorf("Prove = %s, %v, want FEP-8b32's value", got, err)
	}
	if !bytes.HasPrefix(got, []byte(strings.TrimSuffix(doc, "}"))) {
		t.Error("Prove changed the document's own bytes")
	}
}

// proven makes a proof over members, with options changed before it is signed; a nil takes one away.
func proven(t *testing.T, key ed25519.PrivateKey, document, change map[string]any) string {
	t.Helper()
	options := map[string]any{"@context": document["@context"], "type": proofType, "cryptosuite": proofSuite, "proofPurpose": purpose,
		"verificationMethod": aliceKey, "created": proofNow.Format(time.RFC3339)}
	for k, v := range change {
		if options[k] = v; v == nil {
			delete(options, k)
		}
	}
	var sums []byte
	for _, v := range []any{options, document} {
		text, _ := json.Marshal(v)
		text, err := Canonical(text)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		sums = append(sums, sum[:]...)
	}
	options["proofValue"] = "z" + encodeBase58(ed25519.Sign(key, sums))
	document["proof"] = options
	out, _ := json.Marshal(document)
	return string(out)
}

func like() map[string]any {
	return map[string]any{"@context": []string{"https://www.w3.org/ns/activitystreams", ProofContext}, "type": "Like", "id": "https://server.example/1",
		"actor": "https://server.example/users/alice", "object": "https://blog.example/ap/posts/one"}
}

// TestProofRefused: what is changed, borrowed or not yet or no more true proves nothing (FEP-8b32, "Proof verification"). errors.Is tells what is wrong
// from what cannot be judged.
func TestProofRefused(t *testing.T) {
	t.Parallel()
	key := publishedKey(t)
	_, other, _ := ed25519.GenerateKey(nil)
	signed := fep(contextV2, fepProof)
	edit := func(old, replacement string) string {
		if strings.Count(signed, old) == 0 {
			t.Fatalf("%q stands nowhere", old)
		}
		return strings.Replace(signed, old, replacement, 1)
	}
	made := func(change map[string]any) string { return proven(t, key, like(), change) }
	for name, c := range map[string]struct {
		doc  string
		key  crypto.PublicKey
		want error
	}{
		"made by the test's own hand":             {made(nil), key.Public(), nil},
		"spaces and order changed":                {strings.ReplaceAll(signed, ": ", ":\n"), key.Public(), nil},
		"a Linked Data signature came later":      {edit(`"type": "Create"`, `"type": "Create", "signature": {"type":"RsaSignature2017"}`), key.Public(), nil},
		"one proof in a list":                     {strings.Replace(edit(`"proof": {`, `"proof": [{`), `23:36:38Z" }`, `23:36:38Z" }]`, 1), key.Public(), nil},
		"without a time":                          {made(map[string]any{"created": nil}), key.Public(), nil},
		"its context left out, as Fedify does":    {strings.Replace(made(nil), `"proof":{"@context":["https://www.w3.org/ns/activitystreams","`+ProofContext+`"],`, `"proof":{`, 1), key.Public(), nil},
		"signed with a shorter context than sent": {contextGrew(made(nil)), key.Public(), nil},
		"expires later":                           {made(map[string]any{"expires": proofNow.Add(time.Hour).Format(time.RFC3339)}), key.Public(), nil},

		"a changed word":                    {edit("Hello world", "Hello World"), key.Public(), ErrSignature},
		"a changed id":                      {edit("activities/1", "activities/2"), key.Public(), ErrSignature},
		"an added member":                   {edit(`"type": "Create"`, `"type": "Create", "to": "x"`), key.Public(), ErrSignature},
		"another time":                      {edit("2023-02-24T23:36:38Z", "2023-02-24T23:36:39Z"), key.Public(), ErrSignature},
		"another method":                    {edit("alice#ed25519-key", "alice#ed25519-key-2"), key.Public(), ErrSignature},
		"an added expires":                  {edit(`"proofPurpose"`, `"expires": "2023-02-25T00:00:00Z", "proofPurpose"`), key.Public(), ErrSignature},
		"another key":                       {signed, other.Public(), ErrSignature},
		"an RSA key":                        {signed, testRSA().Public(), ErrSignature},
		"the document's context changed":    {edit(contextV2, "https://w3id.org/security/data-integrity/v1"), key.Public(), ErrSignature},
		"the proof's context is another":    {made(map[string]any{"@context": []string{"https://www.w3.org/ns/activitystreams"}, "type": proofType}), key.Public(), ErrSignature},
		"the proof's context is longer":     {made(map[string]any{"@context": []string{"https://www.w3.org/ns/activitystreams", ProofContext, "https://evil.example/ns"}}), key.Public(), ErrSignature},
		"a truncated value":                 {edit(fepValue, fepValue[:len(fepValue)-1]), key.Public(), ErrSignature},
		"a longer value":                    {edit(fepValue, fepValue+"1"), key.Public(), ErrSignature},
		"no value":                          {edit(fepValue, ""), key.Public(), ErrSignature},
		"a value in another base":           {edit(fepValue, "u"+fepValue[1:]), key.Public(), ErrSignature},
		"a value that is no digit of it":    {edit(fepValue, "z0OIl"), key.Public(), ErrSignature},
		"a time that is none":               {made(map[string]any{"created": "yesterday"}), key.Public(), ErrSignature},
		"a member twice":                    {edit(`"type": "Create"`, `"type": "Create", "type": "Create"`), key.Public(), ErrNoProof},
		"half a character":                  {edit("Hello world", `\ud800`), key.Public(), ErrNoProof},
		"a proof in the object only":        {`{"type":"Create","object":` + signed + `}`, key.Public(), ErrNoProof},
		"none":                              {fep(contextV2, ""), key.Public(), ErrNoProof},
		"null":                              {fep(contextV2, `,"proof":null`), key.Public(), ErrNoProof},
		"an address":                        {fep(contextV2, `,"proof":"https://server.example/proofs/1"`), key.Public(), ErrNoProof},
		"several":                           {strings.Replace(edit(`"proof": {`, `"proof": [{"type":"x"},{`), `23:36:38Z" }`, `23:36:38Z" }]`, 1), key.Public(), ErrNoProof},
		"another suite":                     {made(map[string]any{"cryptosuite": "eddsa-rdfc-2022"}), key.Public(), ErrNoProof},
		"another type":                      {made(map[string]any{"type": "Ed25519Signature2020"}), key.Public(), ErrNoProof},
		"another purpose":                   {made(map[string]any{"proofPurpose": "authentication"}), key.Public(), ErrNoProof},
		"no purpose":                        {made(map[string]any{"proofPurpose": nil}), key.Public(), ErrNoProof},
		"expired":                           {made(map[string]any{"expires": proofNow.Add(time.Second).Format(time.RFC3339)}), key.Public(), ErrNoProof},
		"from the future":                   {made(map[string]any{"created": proofNow.Add(time.Hour).Format(time.RFC3339)}), key.Public(), ErrNoProof},
		"its members written in other case": {edit(`"proofValue"`, `"ProofValue"`), key.Public(), ErrSignature},
	} {
		if err := verifyDoc(c.doc, c.key); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// contextGrew adds an entry behind the document's own @context, as a server may that passes something on (cryptosuites §3.3.2).
func contextGrew(doc string) string {
	const own = `"` + ProofContext + `"],"actor"`
	return strings.Replace(doc, own, `"`+ProofContext+`","https://w3id.org/security/v1"],"actor"`, 1)
}

// TestProveRefuses: what nobody could verify is not sent.
func TestProveRefuses(t *testing.T) {
	t.Parallel()
	key := Key{aliceKey, publishedKey(t)}
	for name, c := range map[string]struct {
		doc string
		key Key
	}{
		"RSA": {fep(contextV2, ""), Key{aliceKey, testRSA()}}, "no context": {`{"type":"Like"}`, key}, "a second proof": {fep(contextV2, fepProof), key},
		"no object": {`[]`, key}, "no JSON": {`{`, key},
	} {
		if got, err := Prove([]byte(c.doc), c.key, proofNow); err == nil {
			t.Errorf("%s: %s, want an error", name, got)
		}
	}
}

// TestProofRoundTrip: a signature that begins with zero bytes is one, too: one of 256 does.
func TestProofRoundTrip(t *testing.T) {
	t.Parallel()
	key, zeros := publishedKey(t), 0
	for n := range 1500 {
		doc := fmt.Sprintf(`{"@context":["https://www.w3.org/ns/activitystreams","%s"],"n":%d}`, ProofContext, n)
		got, err := Prove([]byte(doc), Key{aliceKey, key}, proofNow)
		if err == nil {
			err = verifyDoc(string(got), key.Public())
		}
		if err != nil {
			t.Fatalf("%s: %v", got, err)
		}
		if bytes.Contains(got, []byte(`"proofValue":"z1`)) {
			zeros++
		}
	}
	if zeros == 0 {
		t.Error("no signature began with a zero byte: nothing is tested")
	}
}

// TestSmallOrderKey: for a key of small order everybody can sign everything, here with R = aB and S = a for the neutral element. crypto/ed25519 takes
// it; we do not, in proofs or in requests.
func TestSmallOrderKey(t *testing.T) {
	t.Parallel()
	neutral := ed25519.PublicKey(append([]byte{1}, make([]byte, 31)...))
	own := publishedKey(t)
	hash := sha512.Sum512(own.Seed())
	hash[0], hash[31] = hash[0]&248, hash[31]&127|64
	a := hash[:32]
	slices.Reverse(a)
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := new(big.Int).Mod(new(big.Int).SetBytes(a), order).FillBytes(make([]byte, 32))
	slices.Reverse(s)
	forged := slices.Concat(own.Public().(ed25519.PublicKey), s)
	if !ed25519.Verify(neutral, []byte("anything"), forged) {
		t.Fatal("the forgery is none: the test proves nothing")
	}
	p := Proof{signature: forged, inputs: [][]byte{[]byte("anything")}}
	if err := p.Verify(neutral); !errors.Is(err, ErrSignature) {
		t.Errorf("Verify = %v, want ErrSignature", err)
	}
	for _, text := range smallOrders {
		key, _ := hex.DecodeString(text)
		for _, sign := range []byte{0, 0x80} {
			k := slices.Clone(key)
			k[31] |= sign
			if err := checkPublicKey(ed25519.PublicKey(k)); !errors.Is(err, ErrSignature) {
				t.Errorf("%x is taken for a key", k)
			}
			if _, err := ParseMultikey("z" + encodeBase58(slices.Concat(multicodecEd25519, k))); !errors.Is(err, ErrSignature) {
				t.Errorf("%x is taken for a Multikey", k)
			}
		}
	}
	if err := checkPublicKey(own.Public()); err != nil {
		t.Errorf("a good key: %v", err)
	}
}

// FuzzReadProof: whatever stands in a document, nobody has signed it.
func FuzzReadProof(f *testing.F) {
	f.Add([]byte(fep(contextV2, fepProof)))
	f.Add([]byte(legacy))
	f.Add([]byte(`{"@context":null,"proof":[{"@context":[],"proofValue":"z1"}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		p, err := ReadProof(doc, proofNow)
		if err != nil {
			if !errors.Is(err, ErrSignature) && !errors.Is(err, ErrNoProof) {
				t.Fatalf("ReadProof: %v", err)
			}
			return
		}
		if p.Verify(testEd().Public()) == nil {
			t.Fatalf("%s verifies", doc)
		}
	})
}
