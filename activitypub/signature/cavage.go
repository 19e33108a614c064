package signature

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// cavage reads and checks a draft-cavage-12 signature.
func (m message) cavage() (claim, error) {
	p, err := parseParameters(m.r.Header.Get("Signature"))
	if err != nil {
		return claim{}, err
	}
	if err := m.checkCoverage(p.headers); err != nil {
		return claim{}, err
	}
	if err := m.checkTimes(p); err != nil {
		return claim{}, err
	}
	if slices.Contains(p.headers, "digest") {
		if err := checkDigest(m.r.Header.Get("Digest"), m.body); err != nil {
			return claim{}, err
		}
	}
	c := claim{keyID: p.keyID, scheme: DraftCavage, algorithm: strings.ToLower(p.algorithm), signature: p.signature}
	c.signed, err = m.signingStrings(p)
	return c, err
}

// checkCoverage refuses a signature that leaves open what it must bind. Checked against Mastodon, GoToSocial, Misskey,
// Pleroma, Lemmy, PeerTube, WordPress, Bridgy Fed and Threads: all sign (request-target), host, date or (created), and digest.
func (m message) checkCoverage(headers []string) error {
	if len(headers) > 32 {
		return refuse("more than 32 headers signed")
	}
	for i, h := range headers {
		if slices.Contains(headers[:i], h) {
			return refuse("%q is signed twice", h)
		}
	}
	for _, need := range []string{"(request-target)", "host"} {
		if !slices.Contains(headers, need) {
			return refuse("%s is not signed", need)
		}
	}
	if !slices.Contains(headers, "date") && !slices.Contains(headers, "(created)") {
		return refuse("neither date nor (created) is signed")
	}
	if m.mayHaveBody() && !slices.Contains(headers, "digest") {
		return refuse("digest is not signed")
	}
	return nil
}

// checkTimes holds everything that tells a time against the window.
func (m message) checkTimes(p parameters) error {
	if slices.Contains(p.headers, "date") {
		t, err := http.ParseTime(m.r.Header.Get("Date"))
		if err != nil {
			return refuse("Date %.100q is not a date", m.r.Header.Get("Date"))
		}
		if err := m.checkWindow(t); err != nil {
			return err
		}
	}
	if p.created != "" {
		seconds, err := parseSeconds(p.created)
		if err != nil {
			return err
		}
		if err := m.checkWindow(time.Unix(int64(seconds), 0)); err != nil {
			return err
		}
	}
	if p.expires != "" {
		seconds, err := parseSeconds(p.expires)
		if err != nil {
			return err
		}
		return m.checkExpires(max(seconds, 1))
	}
	return nil
}

// signingStrings builds what may have been signed (§2.3): with the query and, because some peers leave it out, without.
func (m message) signingStrings(p parameters) ([]string, error) {
	path, _, hasQuery := target(m.r)
	targets := []string{requestTarget(m.r)}
	if hasQuery {
		targets = append(targets, path)
	}
	var out []string
	for _, t := range targets {
		var lines []string
		for _, h := range p.headers {
			v, err := m.cavageValue(h, t, p)
			if err != nil {
				return nil, err
			}
			lines = append(lines, h+": "+v)
		}
		out = append(out, strings.Join(lines, "\n"))
	}
	return out, nil
}

func (m message) cavageValue(name, target string, p parameters) (string, error) {
	switch name {
	case "(request-target)":
		return strings.ToLower(m.r.Method) + " " + target, nil
	case "host":
		return m.host(), nil
	case "(created)":
		return present(name, p.created)
	case "(expires)":
		return present(name, p.expires)
	}
	return m.header(name)
}

// header gives the value of a signed header, of which there must be one line: of two, another reader may take the other.
func (m message) header(name string) (string, error) {
	values := m.r.Header.Values(name)
	if len(values) != 1 {
		return "", refuse("the request has %d lines of the signed header %.50q", len(values), name)
	}
	return strings.TrimSpace(values[0]), nil
}

func present(name, value string) (string, error) {
	if value == "" {
		return "", refuse("%s is signed and missing", name)
	}
	return value, nil
}

// host is our own host. Only its spelling (case, default port) is taken from the request, for that is what was signed.
func (m message) host() string {
	if withoutDefaultPort(m.origin.scheme, m.r.Host) == m.origin.host {
		return m.r.Host
	}
	return m.origin.host
}
