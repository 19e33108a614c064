package site

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// minPoll is how often another site may be looked at.
const minPoll = 5 * time.Minute

// Embeds tells whether pages of an origin, as browsers name it in the header Origin, may read threads by script.
func (c *Config) Embeds(origin string) bool {
	if len(c.Embed.Origins) == 0 || slices.Contains(c.Embed.Origins, origin) || origin == originOf(c.Site.URL) || origin == originOf(c.Addresses().Origin()) {
		return true
	}
	return slices.ContainsFunc(c.Embed.Sites, func(s EmbedSite) bool { return originOf(s.URL) == origin })
}

// originOf is scheme, host and port of an address, as browsers write it (RFC 6454), "" if it has none.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	host := strings.ToLower(u.Host)
	if u.Port() == map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		host = strings.TrimSuffix(host, ":"+u.Port())
	}
	return u.Scheme + "://" + host
}

// origins checks embed.origins and writes each as browsers do.
func (l *loader) origins() {
	for i, o := range l.config.Embed.Origins {
		u, err := url.Parse(o)
		if origin := originOf(o); origin != "" && err == nil && strings.TrimSuffix(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil && !strings.Contains(u.Host, "*") {
			l.config.Embed.Origins[i] = origin
			continue
		}
		l.fault("embed.origins", "P007", fmt.Sprintf("%q is no origin", o), `scheme and host of a site, such as origins = ["https://example.com"]`)
	}
}

// sites checks each [[embed.sites]] and fills in what is left out.
func (l *loader) sites() {
	for i := range l.config.Embed.Sites {
		s, key := &l.config.Embed.Sites[i], fmt.Sprintf("embed.sites.%d", i)
		s.URL = l.address(key+".url", s.URL)
		if s.As == "" {
			s.As = "article"
		}
		l.oneOf(key+".as", s.As, "article", "note", "link", "none")
		if (s.Feed == "") == (s.Sitemap == "") {
			l.fault(key, "P007", "a site is known by its feed or by its sitemap", `feed = "index.xml", or sitemap = "sitemap.xml"`)
		} else if u, err := url.Parse(s.List()); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			l.fault(key, "P007", fmt.Sprintf("%q is no address", s.List()), `feed = "index.xml", or a whole address`)
		}
		if d, err := time.ParseDuration(s.Poll); s.Poll != "" && (err != nil || d < minPoll) {
			l.fault(key+".poll", "P007", fmt.Sprintf("%q is not a time of 5m or more", s.Poll), `such as "15m" or "6h"`)
		}
		if u, err := url.Parse(s.URL); s.Name == "" && err == nil {
			s.Name = u.Host
		}
		own := l.config.Site.URL
		if s.Holds(own) || own != "" && (EmbedSite{URL: own}).Holds(s.URL) {
			l.fault(key+".url", "P007", s.URL+" is this site, or holds it", "a site that Postil does not build")
		}
		if slices.ContainsFunc(l.config.Embed.Sites[:i], func(o EmbedSite) bool { return strings.EqualFold(o.List(), s.List()) }) {
			l.fault(key, "P007", s.List()+" is listed twice", "")
		}
	}
}
