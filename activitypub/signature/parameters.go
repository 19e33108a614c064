package signature

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// parameters are those of a draft-cavage Signature header.
type parameters struct {
	keyID, algorithm string
	headers          []string // lower case, in order
	signature        []byte
	created, expires string // as written: the signature covers the spelling
}

// parseParameters reads a draft-cavage Signature header. It is the only reader of that header, and refuses whatever another
// reader could take for something else: a parameter twice (in any case), text without quotes, escapes, and commas in a value.
func parseParameters(header string) (parameters, error) {
	values := map[string]string{}
	for rest := header; ; {
		name, value, after, err := nextParameter(rest)
		if err != nil {
			return parameters{}, err
		}
		if _, twice := values[name]; twice {
			return parameters{}, refuse("parameter %q stands twice", name)
		}
		values[name] = value
		if after == "" {
			break
		}
		rest = after[1:]
	}
	p := parameters{keyID: values["keyid"], algorithm: values["algorithm"], created: values["created"], expires: values["expires"]}
	// Without headers only the date is covered (§2.1.6), which is never enough; so nothing needs a default.
	p.headers = strings.Fields(strings.ToLower(values["headers"]))
	sig, err := base64.StdEncoding.Strict().DecodeString(values["signature"])
	if err != nil || len(sig) == 0 {
		return parameters{}, refuse("the signature is not base64")
	}
	p.signature = sig
	if p.keyID == "" {
		return parameters{}, refuse("no keyId")
	}
	return p, nil
}

// nextParameter reads name="value" or name=number. What is left begins with a comma, or is empty.
func nextParameter(s string) (name, value, rest string, err error) {
	name, s, ok := strings.Cut(s, "=")
	name = strings.ToLower(strings.TrimSpace(name))
	if !ok || name == "" || strings.ContainsAny(name, "\" ,") {
		return "", "", "", refuse("malformed parameter %.100q", name)
	}
	if s = strings.TrimLeft(s, " \t"); strings.HasPrefix(s, `"`) {
		value, rest, ok = strings.Cut(s[1:], `"`)
		if !ok || strings.ContainsAny(value, `\,`) {
			return "", "", "", refuse("malformed value of %q", name)
		}
	} else {
		i := strings.IndexByte(s, ',')
		if i < 0 {
			i = len(s)
		}
		value, rest = strings.TrimSpace(s[:i]), s[i:]
		if _, err := parseSeconds(value); err != nil {
			return "", "", "", refuse("%q has neither quotes nor a number", name)
		}
	}
	if rest = strings.TrimLeft(rest, " \t"); rest != "" && rest[0] != ',' {
		return "", "", "", refuse("malformed value of %q", name)
	}
	return name, value, rest, nil
}

// parseSeconds reads Unix seconds, which expires may write with decimals (§2.1.5).
func parseSeconds(s string) (float64, error) {
	if s == "" || len(s) > 20 || strings.Trim(s, "0123456789.") != "" {
		return 0, refuse("%.30q is not a time", s)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, refuse("%q is not a time", s)
	}
	return f, nil
}
