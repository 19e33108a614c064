package importer

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/postil-blog/postil/site"
	"golang.org/x/net/idna"
	"golang.org/x/text/language"
)

// address is the blog's new address: as told, else the old one.
func (in *importing) address() string {
	return strings.TrimRight(cmp.Or(in.URL, in.blog.URL, "https://example.com"), "/")
}

// config is the new config.toml.
func (in *importing) config() string {
	b := &in.blog
	if _, err := language.Parse(b.Language); err != nil || b.Language == "" {
		b.Language = "en"
	}
	if _, err := time.LoadLocation(b.Timezone); err != nil || b.Timezone == "" || b.Timezone == "Local" {
		b.Timezone = "UTC"
	}
	var s strings.Builder
	put := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&s, "%s = %s\n", key, tomlText(value))
		}
	}
	fmt.Fprintf(&s, "# Imported from %s.\nformat = 1\n\n[site]\n", in.From)
	put("url", in.address())
	put("title", cmp.Or(line(b.Title, maxTitle), "My blog"))
	put("description", line(b.Description, maxTitle))
	put("language", b.Language)
	put("timezone", b.Timezone)
	put("author", line(in.owner(), maxTag))
	s.WriteString("\n# The blog as an account of the fediverse. Turning this off later takes back every post from its followers.\n[federation]\n")
	fmt.Fprintf(&s, "enabled = %v\n", in.Federation)
	put("handle", in.handle())
	if len(b.Authors) > 1 {
		for _, a := range b.Authors {
			fmt.Fprintf(&s, "\n[authors.%s]\n", tomlText(a.name))
			put("name", a.Name)
		}
	}
	return s.String()
}

// addresses makes the new blog's ids and pages.
func (in *importing) addresses() site.Addresses {
	c := &site.Config{}
	c.Site.URL, c.Federation.Handle = in.address(), in.handle()
	return c.Addresses()
}

// siteURL is an old address as site.url takes it: http or https, a host that can be looked up, no query; "" for what is none.
func siteURL(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || !reachable(u) {
		return ""
	}
	for part := range strings.SplitSeq(strings.Trim(u.Path, "/"), "/") {
		if u.Path != "" && u.Path != "/" && (part == "" || part == "." || part == "..") || strings.ContainsFunc(part, unicode.IsControl) || strings.ContainsAny(part, " \\") {
			return ""
		}
	}
	return u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/")
}

// reachable tells whether an address has a host, and a port if it names one.
func reachable(u *url.URL) bool {
	if port := u.Port(); strings.HasSuffix(u.Host, ":") || port != "" && (port[0] == '0' || len(port) > 5 || port > "65535" && len(port) == 5) {
		return false
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		return a.Zone() == ""
	}
	name, err := idna.Lookup.ToASCII(u.Hostname())
	return err == nil && name != "" && !strings.HasSuffix(name, ".")
}
