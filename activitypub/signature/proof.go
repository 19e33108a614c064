package signature

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The one way of proving that we make and read (W3C Data Integrity EdDSA Cryptosuites §3.3; FEP-8b32 recommends it).
const (
	proofType  = "DataIntegrityProof"
	proofSuite = "eddsa-jcs-2022"
	purpose    = "assertionMethod"
)

// ProofContext is the @context that defines a proof's terms. Of its two versions this is the one that every Fedify has at hand.
const ProofContext = "https://w3id.org/security/data-integrity/v1"

// ErrNoProof says that a document carries no integrity proof that we can judge: none at all, several, one of another suite or purpose, one that has
// expired or whose time has not come, one of a document that has no canonical form. It is as if there were none (FEP-8b32, "Proof verification").
var ErrNoProof = errors.New("no proof that can be judged")

// Prove adds an integrity proof (FEP-8b32, eddsa-jcs-2022) to a document that has a @context and no proof: key is an Ed25519 key that
// its owner lists as assertionMethod. The bytes of the document stay as they are; created is told in whole seconds.
func Prove(doc []byte, key Key, created time.Time) ([]byte, error) {
	private, ok := key.Private.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("proving with %s: not an Ed25519 key", key.ID)
	}
	members, err := canonicalMembers(doc)
	if err != nil {
		return nil, fmt.Errorf("proving with %s: %w", key.ID, err)
	}
	context := valueOf(members, "@context")
	if context == nil || valueOf(members, "proof") != nil {
		return nil, fmt.Errorf("proving with %s: the document has no context, or a proof already", key.ID)
	}
	options := []canonicalMember{
		{"@context", context}, {"created", appendString(nil, created.UTC().Format(time.RFC3339))}, {"cryptosuite", appendString(nil, proofSuite)},
		{"proofPurpose", appendString(nil, purpose)}, {"type", appendString(nil, proofType)}, {"verificationMethod", appendString(nil, key.ID)},
	}
	value := "z" + encodeBase58(ed25519.Sign(private, proofInput(options, members)))
	proof := joinMembers(append(options, canonicalMember{"proofValue", appendString(nil, value)}))
	body := bytes.TrimSuffix(bytes.TrimSpace(doc), []byte("}"))
	return slices.Concat(body, []byte(`,"proof":`), proof, []byte("}")), nil
}

// proofInput is what is signed: the hash of the proof's own members, then that of the document without it. Both are sorted.
func proofInput(options, members []canonicalMember) []byte {
	a, b := sha256.Sum256(joinMembers(options)), sha256.Sum256(joinMembers(members))
	return slices.Concat(a[:], b[:])
}

// Proof is the integrity proof of a document, read and not yet verified.
type Proof struct {
	Method  string    // verificationMethod: the id of the key
	Created time.Time // zero if it does not say

	signature []byte
	inputs    [][]byte // what may have been signed; more than one where honest peers differ
}

// ReadProof reads the integrity proof of a document and makes the checks that need no key. ErrNoProof is for a document that carries none that
// can be judged at now; ErrSignature is wrapped for one that cannot be right, with its Method.
func ReadProof(doc []byte, now time.Time) (Proof, error) {
	members, err := canonicalMembers(doc)
	if err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrNoProof, err)
	}
	// A Linked Data signature is made after the proof, and is no part of what that is about (FEP-8b32, "Backward compatibility").
	document := slices.DeleteFunc(slices.Clone(members), func(m canonicalMember) bool { return m.name == "proof" || m.name == "signature" })
	options, err := soleProof(valueOf(members, "proof"))
	if err != nil {
		return Proof{}, err
	}
	if textOf(options, "type") != proofType || textOf(options, "cryptosuite") != proofSuite || textOf(options, "proofPurpose") != purpose {
		return Proof{}, ErrNoProof
	}
	p := Proof{Method: textOf(options, "verificationMethod")}
	if p.Created, err = current(options, now); err != nil {
		return p, err
	}
	value := textOf(options, "proofValue")
	if p.signature, err = proofValue(value); err != nil {
		return p, err
	}
	options = slices.DeleteFunc(options, func(m canonicalMember) bool { return m.name == "proofValue" })
	p.inputs, err = proofInputs(options, document)
	return p, err
}

// soleProof gives the members of the one proof there is.
func soleProof(proof []byte) ([]canonicalMember, error) {
	var list []json.RawMessage
	if json.Unmarshal(proof, &list) == nil {
		if len(list) != 1 {
			return nil, ErrNoProof
		}
		proof = list[0]
	}
	options, err := canonicalMembers(proof)
	if err != nil { // absent, null, an address
		return nil, ErrNoProof
	}
	return options, nil
}

// current gives the time when a proof was made; ErrNoProof where it is not valid at now.
func current(options []canonicalMember, now time.Time) (created time.Time, err error) {
	for _, name := range []string{"created", "expires"} {
		text := textOf(options, name)
		if valueOf(options, name) == nil {
			continue
		}
		t, err := time.Parse(time.RFC3339, text)
		switch {
		case err != nil:
			return created, refuse("%s of the proof is no time", name)
		case name == "created" && t.After(now.Add(skew)), name == "expires" && !t.After(now):
			return created, ErrNoProof
		case name == "created":
			created = t
		}
	}
	return created, nil
}

// proofValue reads a signature in base58btc, 64 bytes. Leading zeros are the digit "1".
func proofValue(text string) ([]byte, error) {
	digits, ok := strings.CutPrefix(text, "z")
	if !ok || len(digits) > 2*ed25519.SignatureSize {
		return nil, refuse("the proof's value is not base58btc")
	}
	rest := strings.TrimLeft(digits, "1")
	data, ok := decodeBase58(rest)
	data = append(make([]byte, len(digits)-len(rest)), data...)
	if !ok || len(data) != ed25519.SignatureSize {
		return nil, refuse("the proof's value is no Ed25519 signature")
	}
	return data, nil
}

// proofInputs gives what may have been signed. A proof with a @context of its own is about the document with that one, and the document's begins
// with it (§3.3.2). Fedify and others leave it out of what they send, and sign with the document's all the same.
func proofInputs(options, document []canonicalMember) ([][]byte, error) {
	context := valueOf(options, "@context")
	if context == nil {
		inputs := [][]byte{proofInput(options, document)}
		if context = valueOf(document, "@context"); context != nil {
			inputs = append(inputs, proofInput(sorted(append(slices.Clone(options), canonicalMember{"@context", context})), document))
		}
		return inputs, nil
	}
	own, whole := contexts(context), contexts(valueOf(document, "@context"))
	if len(own) > len(whole) || !slices.EqualFunc(own, whole[:len(own)], bytes.Equal) {
		return nil, refuse("the proof's @context is not the document's")
	}
	document = slices.Clone(document)
	for i := range document {
		if document[i].name == "@context" {
			document[i].value = context
		}
	}
	return [][]byte{proofInput(options, document)}, nil
}

// contexts gives the entries of a @context, one or many.
func contexts(value []byte) [][]byte {
	var list []json.RawMessage
	if value == nil {
		return nil
	}
	if json.Unmarshal(value, &list) != nil {
		return [][]byte{value}
	}
	out := make([][]byte, len(list))
	for i := range list {
		out[i] = list[i]
	}
	return out
}

// Verify checks a proof against the key that Method names. Errors wrap ErrSignature. Whether that key is its owner's, and the owner the one who
// speaks in the document, is for the caller to say.
func (p Proof) Verify(key crypto.PublicKey) error {
	if err := checkPublicKey(key); err != nil {
		return err
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return refuse("%s is made with an Ed25519 key", proofSuite)
	}
	for _, input := range p.inputs {
		if ed25519.Verify(public, input, p.signature) {
			return nil
		}
	}
	return refuse("the proof does not match")
}

func valueOf(members []canonicalMember, name string) []byte {
	for _, m := range members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// textOf gives a member that is a string, "" for everything else.
func textOf(members []canonicalMember, name string) (s string) {
	if json.Unmarshal(valueOf(members, name), &s) != nil {
		return ""
	}
	return s
}
