package importer

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/postil-blog/postil/site"
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

// siteURL is an old address as site.url takes it: http or https, no query; "" for what is none.
func siteURL(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/")
}
