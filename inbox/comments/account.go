package comments

import (
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
	name, err := hostNames.ToASCII(strings.TrimSuffix(host, "."))
	if err != nil || !insecure && !isServerName(name) {
		return "", false
	}
	if hasPort {
		name += ":" + port
	}
	return name, true
}

// hostNames reads a host as resolvers do, and refuses empty and overlong labels besides.
var hostNames = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// isServerName tells whether a host can be a server in the public DNS. Its last label begins with a letter: an address does not
// (1.2.3.4), nor do the spellings that some resolvers take for one (2130706433, 0x7f.1).
func isServerName(host string) bool {
	i := strings.LastIndexByte(host, '.')
	last := host[i+1:]
	return i > 0 && last != "" && last != "localhost" && 'a' <= last[0] && last[0] <= 'z'
}

func isPort(s string) bool {
	return s != "" && len(s) <= 5 && strings.Trim(s, "0123456789") == ""
}
