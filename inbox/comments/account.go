package comments

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// account is what a reader typed, understood.
type account struct {
	user string // "" if only a server was named
	name string // host[:port], lower case, IDN in its ASCII form
}

// account is how WebFinger is asked: user@host, or the host alone.
func (a account) account() string {
	if a.user == "" {
		return a.name
	}
	return a.user + "@" + a.name
}

// parseAccount understands "@you@host", "you@host", "acct:you@host", "host" and the address of a profile. The host must be a
// name with a dot; with insecure (the blog is on plain http) localhost will do.
func parseAccount(s string, insecure bool) (account, bool) {
	s = strings.TrimSpace(s)
	if strings.Contains(s, "://") {
		return parseProfile(s, insecure)
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "acct:"), "@")
	user, host, ok := strings.Cut(s, "@")
	if !ok {
		user, host = "", s
	} else if user == "" || len(user) > 128 || strings.ContainsAny(user, "/?#%:@\\ \t\r\n<>\"'") {
		return account{}, false
	}
	name, ok := parseHost(host, insecure)
	return account{user, name}, ok
}

// parseProfile takes the address of a profile, https://host/@you or https://host/users/you. Where the user cannot be told, the
// server alone is asked.
func parseProfile(s string, insecure bool) (account, bool) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return account{}, false
	}
	name, ok := parseHost(u.Host, insecure)
	last := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	user, isUser := strings.CutPrefix(last, "@")
	if !isUser || user == "" || strings.ContainsAny(user, "@?#%:\\ ") {
		user = ""
	}
	return account{user, name}, ok
}

// parseHost gives host[:port] in its one canonical form.
func parseHost(s string, insecure bool) (string, bool) {
	if s == "" || len(s) > 253 || strings.ContainsAny(s, "/?#%@\\ \t\r\n<>\"'[]") {
		return "", false
	}
	host, port, hasPort := strings.Cut(s, ":")
	if hasPort && !isPort(port) {
		return "", false
	}
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(host, "."))
	if err != nil || name == "" {
		return "", false
	}
	local := name == "localhost" || strings.HasSuffix(name, ".localhost")
	if _, err := netip.ParseAddr(name); err == nil || !strings.Contains(name, ".") || local {
		if !insecure || !local && err != nil {
			return "", false
		}
	}
	if !hasLetter(name[strings.LastIndexByte(name, '.')+1:]) && !insecure {
		return "", false // 1.2.3, 0x7f.1 and the like, which some resolvers take for addresses
	}
	if hasPort {
		name += ":" + port
	}
	return name, true
}

func isPort(s string) bool {
	if s == "" || len(s) > 5 {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

func hasLetter(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return 'a' <= r && r <= 'z' }) && !strings.HasPrefix(s, "0x")
}
