package signature

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// input is a Signature-Input header with its signature.
type input struct {
	keyID, algorithm string
	components       []string
	created, expires int64
	params           string // the member as RFC 9421 §2.3 wants it at the end of the base
	signature        []byte
}

// parseInput reads Signature-Input and Signature. It is the only reader of both, and refuses whatever another reader could take
// for something else: more than one label, a parameter twice, components with parameters.
func parseInput(h http.Header) (input, error) {
	label, list, err := parseLabel(h.Get("Signature-Input"))
	if err != nil {
		return input{}, err
	}
	in := input{}
	for _, item := range list.Items {
		name, ok := item.Value.(string)
		if !ok {
			return input{}, refuse("a signed component is not a string")
		}
		in.components = append(in.components, name)
	}
	p := list.Params
	in.keyID, _ = get[string](p, "keyid")
	in.algorithm, _ = get[string](p, "alg")
	in.created, _ = get[int64](p, "created")
	in.expires, _ = get[int64](p, "expires")
	if in.keyID == "" {
		return input{}, refuse("no keyid")
	}
	if in.params, err = httpsfv.Marshal(list); err != nil {
		return input{}, refuse("Signature-Input is malformed")
	}
	in.signature, err = parseSignature(h.Get("Signature"), label)
	return in, err
}

// parseLabel reads the one member of a Signature-Input.
func parseLabel(header string) (string, httpsfv.InnerList, error) {
	d, err := httpsfv.UnmarshalDictionary([]string{header})
	if err != nil || len(d.Names()) == 0 {
		return "", httpsfv.InnerList{}, refuse("Signature-Input is malformed")
	}
	// Of labels or parameters that stand twice the parser keeps the last; so they are counted in the header itself.
	if outsideQuotes(header, ',') > 0 {
		return "", httpsfv.InnerList{}, refuse("more than one signature")
	}
	label := d.Names()[0]
	member, _ := d.Get(label)
	list, ok := member.(httpsfv.InnerList)
	if !ok || list.Params == nil {
		return "", httpsfv.InnerList{}, refuse("Signature-Input is malformed")
	}
	if outsideQuotes(header, ';') != len(list.Params.Names()) {
		return "", httpsfv.InnerList{}, refuse("a component with parameters, or a parameter twice")
	}
	return label, list, nil
}

func parseSignature(header, label string) ([]byte, error) {
	d, err := httpsfv.UnmarshalDictionary([]string{header})
	if err != nil || outsideQuotes(header, ',') > 0 {
		return nil, refuse("Signature is malformed, or more than one")
	}
	member, _ := d.Get(label)
	item, _ := member.(httpsfv.Item)
	sig, ok := item.Value.([]byte)
	if !ok || len(sig) == 0 {
		return nil, refuse("no signature %q", label)
	}
	return sig, nil
}

func get[T any](p *httpsfv.Params, name string) (T, bool) {
	v, _ := p.Get(name)
	t, ok := v.(T)
	return t, ok
}

// outsideQuotes counts c outside the strings of a structured field.
func outsideQuotes(s string, c byte) int {
	n, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case !quoted && s[i] == c:
			n++
		}
	}
	return n
}

// rfc9421 reads and checks an RFC 9421 signature.
func (m message) rfc9421() (claim, error) {
	in, err := parseInput(m.r.Header)
	if err != nil {
		return claim{}, err
	}
	if err := m.checkComponents(in.components); err != nil {
		return claim{}, err
	}
	if in.created <= 0 {
		return claim{}, refuse("no created")
	}
	if err := m.checkWindow(time.Unix(in.created, 0)); err != nil {
		return claim{}, err
	}
	if err := m.checkExpires(float64(in.expires)); err != nil {
		return claim{}, err
	}
	if slices.Contains(in.components, "content-digest") {
		if err := checkContentDigest(m.r.Header.Get("Content-Digest"), m.body); err != nil {
			return claim{}, err
		}
	}
	base, err := m.base(in)
	return claim{in.keyID, RFC9421, in.algorithm, []string{base}, in.signature}, err
}

// checkComponents refuses a signature that leaves open what it must bind. Checked against Mastodon 4.5 and later, Fedify, the
// WordPress plugin and tootik: all sign @method, @target-uri and, with a body, content-digest.
func (m message) checkComponents(components []string) error {
	if len(components) > 32 {
		return refuse("more than 32 components signed")
	}
	for i, c := range components {
		if slices.Contains(components[:i], c) {
			return refuse("%q is signed twice", c)
		}
	}
	has := func(c string) bool { return slices.Contains(components, c) }
	_, _, query := target(m.r)
	parts := has("@authority") && (has("@request-target") || has("@path") && (has("@query") || !query))
	switch {
	case !has("@method"):
		return refuse("@method is not signed")
	case !has("@target-uri") && !parts:
		return refuse("@target-uri is not signed")
	case m.mayHaveBody() && !has("content-digest"):
		return refuse("content-digest is not signed")
	}
	return nil
}

// base builds the signature base (§2.5).
func (m message) base(in input) (string, error) {
	var b strings.Builder
	for _, c := range in.components {
		v, err := m.component(c)
		if err != nil {
			return "", err
		}
		b.WriteString(strconv.Quote(c) + ": " + v + "\n")
	}
	b.WriteString(`"@signature-params": ` + in.params)
	return b.String(), nil
}

// component gives the value of a derived component (§2.2) or a header (§2.1).
func (m message) component(name string) (string, error) {
	path, query, _ := target(m.r)
	switch name {
	case "@method":
		return m.r.Method, nil
	case "@target-uri":
		return m.origin.String() + requestTarget(m.r), nil
	case "@authority", "host":
		return m.origin.host, nil
	case "@scheme":
		return m.origin.scheme, nil
	case "@request-target":
		return requestTarget(m.r), nil
	case "@path":
		return path, nil
	case "@query":
		return "?" + query, nil
	}
	if strings.ToLower(name) != name || strings.HasPrefix(name, "@") {
		return "", refuse("component %.50q is not known", name)
	}
	if name == "content-length" && len(m.r.Header.Values(name)) == 0 && m.r.ContentLength >= 0 {
		return strconv.FormatInt(m.r.ContentLength, 10), nil // net/http keeps it out of the header
	}
	return m.header(name)
}
