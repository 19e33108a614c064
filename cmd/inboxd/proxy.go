package main

import (
	"embed"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
)

//go:embed proxy
var proxyFiles embed.FS

// daemonPaths are what only inboxd can answer. They are never looked for among the files of the site.
var daemonPaths = []string{"/ap/", "/.well-known/", "/nodeinfo/", "/media/", "/comments/", "/api/", "/interact", "/webmention", "/fedi-comments.js", "/fedi-follow.js", "/admin/"}

// front is what a proxy's template gets.
type front struct {
	File    string // config.toml
	Inboxd  string // host:port to hand requests to
	Servers []server
}

// server is one host that the proxy answers for. A blog whose federation.url is on a host of its own has two.
type server struct {
	Scheme, Host, Name, Port string // Host is Name, and the port where it is not the scheme's own
	Root                     string // the published site, "" for a host that has no pages
	Base                     string // path under which the pages lie, "" for the root
	Paths                    []string
}

func (a *app) proxyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "proxy nginx|caddy",
		Short: "print the block for a web server in front of inboxd",
		Long: `Prints the configuration for exactly this site. Pages come from inboxd, with their comments; while it is stopped the web
server answers with the files of the site, so that readers notice nothing. The fediverse's addresses are inboxd's alone.`,
		Example: `inboxd proxy nginx > /etc/nginx/conf.d/blog.conf
inboxd proxy caddy > /etc/caddy/Caddyfile
inboxd proxy nginx --config /srv/blog/config.toml`,
		Args:      cobra.ExactArgs(1),
		ValidArgs: []string{"nginx", "caddy"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(cmd.ValidArgs, args[0]) {
				return cli.Fail(cli.Usage, "There is a block for nginx and for caddy, not for %q.", args[0])
			}
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			if !trusts(c) {
				fmt.Fprintln(cmd.ErrOrStderr(), "Add to config.toml, so that inboxd believes the proxy's X-Forwarded-For:\n  [inboxd]\n  trusted_proxies = [\"127.0.0.1/32\", \"::1/128\"]")
			}
			return writeProxy(cmd.OutOrStdout(), args[0], c)
		},
	}
}

func writeProxy(w io.Writer, kind string, c *site.Config) error {
	f, err := frontOf(c)
	if err != nil {
		return err
	}
	t, err := template.ParseFS(proxyFiles, "proxy/*")
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(w, kind, f)
}

func frontOf(c *site.Config) (front, error) {
	f := front{File: c.File, Inboxd: upstream(c.Inboxd.Listen)}
	pages, err := serverOf(c.Site.URL)
	if err != nil {
		return f, err
	}
	if pages.Root = c.SiteFolder(); strings.ContainsAny(pages.Root+f.File, "\"'`\\{};$\n\r\t") {
		return f, cli.Fail(cli.Usage, "the folder %q has a character in its name that the web server would misread", pages.Root)
	}
	if c.Site.URL == c.Federation.URL || !c.Federation.Enabled {
		pages.Paths = paths(c.Addresses().BasePath())
		f.Servers = []server{pages}
		return f, nil
	}
	account, err := serverOf(c.Federation.URL)
	account.Paths = paths(c.Addresses().FederationBasePath())
	if account.Host == pages.Host {
		pages.Paths = account.Paths
		f.Servers = []server{pages}
		return f, err
	}
	account.Base = ""
	f.Servers = []server{pages, account}
	return f, err
}

func serverOf(address string) (server, error) {
	u, err := url.Parse(address)
	if err != nil {
		return server{}, err
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return server{Scheme: u.Scheme, Host: u.Host, Name: bracketed(u.Hostname()), Port: port, Base: strings.TrimRight(u.EscapedPath(), "/")}, nil
}

// bracketed writes an IPv6 address as it stands in a URL.
func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// paths puts what the daemon answers below the base. WebFinger and NodeInfo are at the root of a host whatever the base.
func paths(base string) []string {
	var list []string
	for _, p := range daemonPaths {
		if p == "/.well-known/" || p == "/nodeinfo/" {
			list = append(list, p)
			if base != "" && p == "/nodeinfo/" {
				list = append(list, base+p)
			}
			continue
		}
		list = append(list, base+p)
	}
	return list
}

// upstream is where the proxy reaches inboxd: an address that listens everywhere is reached on this machine.
func upstream(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if a, err := netip.ParseAddr(host); host == "" || err == nil && a.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// trusts tells whether the settings believe a proxy on this machine.
func trusts(c *site.Config) bool {
	return slices.ContainsFunc(c.Inboxd.TrustedProxies, func(s string) bool {
		p, err := site.Network(s)
		return err == nil && p.Contains(netip.MustParseAddr("127.0.0.1"))
	})
}
