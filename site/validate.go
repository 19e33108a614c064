package site

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"
)

var (
	// handleShape is what Mastodon accepts as the local half of an address.
	handleShape = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$`)
	nameShape   = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)
)

// maxHandle bounds a handle, in characters: what peers store.
const maxHandle = 128

// maxHold is the longest recall window. Beyond it servers no longer show a Create in home timelines (Mastodon: 6 hours).
const maxHold = 6 * time.Hour

// validate checks each value by itself, and notes all faults.
func (l *loader) validate() {
	c := l.config
	if c.Format < 1 {
		l.fault("format", "P007", fmt.Sprintf("format %d does not exist", c.Format), "write format = 1")
	}
	l.place()
	l.account()
	l.oneOf("comments.mode", c.Comments.Mode, "guarded", "open", "approve", "closed")
	l.days("comments.close_after", c.Comments.CloseAfter)
	l.oneOf("comments.order", c.Comments.Order, "oldest", "newest", "liked")
	l.folder("publish.content", c.Publish.Content)
	l.folder("publish.output", c.Publish.Output)
	l.oneOf("publish.toc", c.Publish.TOC, "auto", "on", "off")
	l.scheduled()
	l.oneOf("publish.host", c.Publish.Host, "own", "netlify", "cloudflare", "vercel", "github", "gitlab", "codeberg")
	l.oneOf("publish.robots", c.Publish.Robots, "allow", "deny")
	l.oneOf("publish.ai", c.Publish.AI, "allow", "deny")
	if !nameShape.MatchString(c.Publish.Theme) {
		l.fault("publish.theme", "P007", fmt.Sprintf("%q is not the name of a theme", c.Publish.Theme), `a folder's name below themes/, or "default"`)
	}
	l.daemon()
	l.sites()
	l.origins()
	l.menu()
	for _, name := range slices.Sorted(maps.Keys(c.Authors)) {
		if !nameShape.MatchString(name) {
			l.fault("authors."+name, "P007", fmt.Sprintf("%q cannot be an author's key", name), "letters, digits, _ . and - only; the name that readers see goes in name")
		}
		l.author(name, c.Authors[name])
	}
}

// author checks one [authors.NAME]. Handles of one host are told apart without case.
func (l *loader) author(name string, a Author) {
	key := "authors." + name
	l.rows(key+".fields", a.Fields)
	handle, own := a.Local(name)
	if !own {
		return
	}
	if !handleShape.MatchString(handle) || len(handle) > maxHandle {
		l.fault(key+".handle", "P007", fmt.Sprintf("%q cannot be a handle", handle), "letters, digits and _, with . and - between them; or an account elsewhere, @user@host")
	}
	for _, other := range l.config.Actors() {
		if other.Author != name && strings.EqualFold(other.Handle, handle) {
			l.fault(key, "P007", fmt.Sprintf("@%s is taken by another actor of the blog", handle), "give the author another handle")
			return
		}
	}
}

// rows checks the rows of a profile.
func (l *loader) rows(key string, rows []string) {
	for _, row := range rows {
		if name, value, ok := strings.Cut(row, ":"); !ok || strings.TrimSpace(name) == "" || strings.TrimSpace(value) == "" {
			l.fault(key, "P007", fmt.Sprintf("%q is no row of a profile", row), `such as "Pronouns: she/her"`)
		}
	}
}

// place checks language and timezone.
func (l *loader) place() {
	s := l.config.Site
	if _, err := language.Parse(s.Language); err != nil {
		l.fault("site.language", "P007", fmt.Sprintf("%q is not a language", s.Language), `a BCP 47 tag such as "en", "de" or "pt-BR"`)
	}
	// "Local" would make the same site build differently on another machine.
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil || s.Timezone == "Local" || s.Timezone == "" {
		l.fault("site.timezone", "P007", fmt.Sprintf("%q is not a time zone", s.Timezone), `an IANA name such as "Europe/Berlin" or "UTC"`)
		return
	}
	l.config.location = zone
}

// account checks what makes the blog an account of the fediverse.
func (l *loader) account() {
	f := l.config.Federation
	if !handleShape.MatchString(f.Handle) || len(f.Handle) > maxHandle {
		l.fault("federation.handle", "P007", fmt.Sprintf("%q cannot be a handle", f.Handle),
			"letters, digits and _, with . and - between them, at most 128; without @ and host")
	}
	l.oneOf("federation.type", f.Type, "Person", "Group")
	l.oneOf("federation.as", f.As, "article", "note", "link", "none")
	l.oneOf("federation.content", f.Content, "full", "excerpt", "link")
	l.oneOf("federation.lead", f.Lead, "card", "image")
	l.oneOf("federation.math", f.Math, "mathml", "tex")
	for key, who := range map[string]string{"quote": f.Quote, "reply": f.Reply, "like": f.Like, "boost": f.Boost} {
		l.oneOf("federation."+key, who, "public", "followers", "nobody")
	}
	l.rows("federation.fields", f.Fields)
	if d, err := time.ParseDuration(f.Hold); err != nil || d < 0 || d > maxHold {
		l.fault("federation.hold", "P007", fmt.Sprintf("%q is not a time from 0s to 6h", f.Hold), `such as "0s", "90s" or "10m"`)
	}
}

// daemon checks [inboxd].
func (l *loader) daemon() {
	d := l.config.Inboxd
	if _, port, err := net.SplitHostPort(d.Listen); err != nil || !isPort(port) {
		l.fault("inboxd.listen", "P007", fmt.Sprintf("%q is not an address to listen on", d.Listen), `such as "127.0.0.1:8080" or ":8080"`)
	}
	l.folder("inboxd.data", d.Data)
	if d.Database != "" && !strings.HasPrefix(d.Database, "postgres://") && !strings.HasPrefix(d.Database, "postgresql://") {
		l.fault("inboxd.database", "P007", "not the address of a PostgreSQL database", `"postgres://user@host/name", or "" for SQLite in inboxd.data`)
	}
	if strings.Contains(d.Site, "://") {
		l.config.Inboxd.Site = l.address("inboxd.site", d.Site)
	}
	l.networks("inboxd.trusted_proxies", d.TrustedProxies)
	l.networks("inboxd.allow_networks", d.AllowNetworks)
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n <= 65535
}

// Network reads a CIDR, or one address as the network of it alone.
func Network(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not an address or a network", s)
	}
	return a.Prefix(a.BitLen())
}

// AllowedNetworks are the networks of inboxd.allow_networks. Load has checked them; one that cannot be read allows nothing.
func (c *Config) AllowedNetworks() (list []netip.Prefix) {
	for _, s := range c.Inboxd.AllowNetworks {
		if p, err := Network(s); err == nil {
			list = append(list, p)
		}
	}
	return list
}

// networks checks a list and writes each entry as a network.
func (l *loader) networks(key string, values []string) {
	for i, v := range values {
		p, err := Network(v)
		if err != nil {
			l.fault(key, "P007", err.Error(), `such as "10.0.0.0/8" or "192.0.2.7"`)
			continue
		}
		values[i] = p.String()
	}
}

func (l *loader) oneOf(key, value string, allowed ...string) {
	if slices.Contains(allowed, value) {
		return
	}
	message := fmt.Sprintf("%s cannot be %q", key, value)
	if meant := Nearest(value, allowed); meant != "" {
		message += fmt.Sprintf(", did you mean %q?", meant)
	}
	l.fault(key, "P018", message, "one of "+strings.Join(allowed, ", "))
}

func (l *loader) folder(key, value string) {
	if strings.TrimSpace(value) == "" || strings.ContainsRune(value, 0) {
		l.fault(key, "P007", key+" names no folder", "")
	}
}

// scheduled keeps what is to appear later out of every folder that is public or that a run reads or clears.
func (l *loader) scheduled() {
	c := l.config
	l.folder("publish.scheduled", c.Publish.Scheduled)
	at := c.Path(c.Publish.Scheduled)
	if holds(at, c.Dir) {
		l.fault("publish.scheduled", "P007", "publish.scheduled is the site's own folder, or holds it", `a folder of its own, such as ".scheduled"`)
	}
	for _, f := range [][2]string{{"publish.output", c.Path(c.Publish.Output)}, {"publish.content", c.Path(c.Publish.Content)}, {"inboxd.site", c.SiteFolder()}} {
		if f[1] != "" && (holds(f[1], at) || holds(at, f[1])) {
			l.fault("publish.scheduled", "P007", "publish.scheduled and "+f[0]+" lie in one another: posts would be out before their time", `a folder of its own, such as ".scheduled"`)
			return
		}
	}
}

// holds tells whether a folder is dir or lies in it.
func holds(dir, folder string) bool {
	rel, err := filepath.Rel(dir, folder)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// days checks "90d" or "".
func (l *loader) days(key, value string) {
	if _, ok := Days(value); !ok {
		l.fault(key, "P007", fmt.Sprintf("%q is not a number of days", value), `such as "90d", or "" for never`)
	}
}

// Days reads a number of days, "90d". "" is 0, which means never.
func Days(s string) (int, bool) {
	if s == "" {
		return 0, true
	}
	digits, ok := strings.CutSuffix(s, "d")
	n, err := strconv.ParseUint(digits, 10, 16)
	return int(n), ok && err == nil && n > 0
}

// address checks an absolute http(s) URL and writes it in its one form: lower-case host in ASCII, no default port, no closing
// slash. Ids begin with it, so two spellings must not make two blogs.
func (l *loader) address(key, value string) string {
	if value == "" {
		l.fault(key, "P006", key+" is missing", `the address at which readers find the blog, such as url = "https://example.com"`)
		return ""
	}
	address, err := canonical(value)
	if err != nil {
		l.fault(key, "P007", fmt.Sprintf("%q: %v", value, err), `an address such as "https://example.com" or "https://example.com/blog"`)
	}
	return address
}

func canonical(value string) (string, error) {
	u, err := url.Parse(value)
	switch {
	case err != nil || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return "", fmt.Errorf("not an address")
	case u.Scheme != "https" && u.Scheme != "http":
		return "", fmt.Errorf("does not begin with https://")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(value, "#"):
		return "", fmt.Errorf("has a user, query or fragment, which a blog's address cannot have")
	case strings.Contains(u.Path, "//") || u.Path != path(u.Path):
		return "", fmt.Errorf("has an empty or dotted part in its path")
	}
	host, err := hostname(u)
	if err != nil {
		return "", err
	}
	return u.Scheme + "://" + host + strings.TrimRight(u.EscapedPath(), "/"), nil
}

// path gives back p unless one of its parts is "." or "..", which servers take away.
func path(p string) string {
	for part := range strings.SplitSeq(p, "/") {
		if part == "." || part == ".." {
			return ""
		}
	}
	return p
}

// hostname gives host[:port] in ASCII and lower case, without the port that the scheme implies.
func hostname(u *url.URL) (string, error) {
	name, port := u.Hostname(), u.Port()
	if name == "" || strings.HasSuffix(u.Host, ":") || port != "" && (!isPort(port) || port == "0") {
		return "", fmt.Errorf("has no usable host")
	}
	if a, err := netip.ParseAddr(name); err == nil {
		if a.Zone() != "" {
			return "", fmt.Errorf("has a network zone in its host")
		}
		name = a.String()
		if a.Is6() {
			name = "[" + name + "]"
		}
	} else if name, err = idna.Lookup.ToASCII(name); err != nil || strings.HasSuffix(name, ".") {
		return "", fmt.Errorf("has a host that cannot be looked up")
	}
	if port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		return name, nil
	}
	return name + ":" + port, nil
}
