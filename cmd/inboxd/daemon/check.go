package daemon

import (
	"fmt"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/postil-blog/postil/site"
)

// check refuses settings under which the blog's ids would be wrong for ever, or its data public.
func check(c *site.Config, o Options) error {
	if err := private(c); err != nil {
		return err
	}
	if o.Dev {
		o.Log.Warn("DEVELOPMENT MODE: plain http and peers on this machine are allowed. Never use --dev for a real blog")
		return nil
	}
	if !c.Federation.Enabled {
		return nil // no id leaves the house
	}
	if err := public("site.url", c.Site.URL); err != nil {
		return err
	}
	return public("federation.url", c.Federation.URL)
}

// public refuses an address that no peer could ever reach.
func public(key, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return Refusal{fmt.Sprintf("%s %q is not an address", key, address), ""}
	}
	const why = "Other servers keep the blog's addresses for ever, so it does not start with this one"
	if loopback(u.Hostname()) {
		return Refusal{fmt.Sprintf("%s is %s, which only this machine can reach. %s.", key, address, why),
			"set " + key + " to the blog's public https address, or try things out with: inboxd --dev"}
	}
	if u.Scheme != "https" {
		return Refusal{fmt.Sprintf("%s is %s, and the fediverse speaks https only. %s.", key, address, why),
			"set " + key + " to the https address, or try things out with: inboxd --dev"}
	}
	return nil
}

// loopback tells whether a host is this machine itself, by name or by number.
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && (a.Unmap().IsLoopback() || a.IsUnspecified())
}

// private refuses a data folder that the site would publish: it holds the keys.
func private(c *site.Config) error {
	data := c.Path(c.Inboxd.Data)
	for _, dir := range []string{c.Path(c.Publish.Output), c.SiteFolder(), c.Path(c.Publish.Content)} {
		if dir == "" {
			continue
		}
		rel, err := filepath.Rel(dir, data)
		if err == nil && (rel == "." || rel != ".." && !strings.HasPrefix(rel, "../")) {
			return Refusal{fmt.Sprintf("the data folder %s lies in %s, which is published, and it holds the keys", data, dir), "set inboxd.data to a folder beside it"}
		}
	}
	return nil
}
