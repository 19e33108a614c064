package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) moveDomainCommand() *cobra.Command {
	var m moving
	var handle string
	cmd := &cobra.Command{
		Use: "move-domain NEW-URL", Short: "the blog goes to another domain: followers, pages, ids", Args: cobra.ExactArgs(1), Annotations: place(),
		Example: "inboxd move-domain https://new.example --dry-run\ninboxd move-domain https://new.example\ninboxd move-domain https://new.example --handle notes",
		Long: `Run it with the old configuration, once the new blog answers with a daemon and data of its own, and names the old actor in
federation.also_known_as. It asks the new address, sends a Move for the blog and for its authors, and prints the redirects for the pages.
The old daemon goes on: what others have kept of the blog (actor, posts, WebFinger, 410s) must answer under its old id for ever, so
nothing below /ap/ is ever redirected. docs/moving.md has the whole way.`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.moveDomain(cmd, m, args[0], handle) },
	}
	m.toAct(cmd)
	m.toAsk(cmd)
	cmd.Flags().StringVar(&handle, "handle", "", "of the blog on the new domain, if it is another")
	return cmd
}

func (a *app) moveDomain(cmd *cobra.Command, m moving, to, handle string) error {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(m.dev && u.Scheme == "http") || u.RawQuery != "" || u.Fragment != "" {
		return cli.Fail(cli.Usage, "%q is no address such as https://new.example", to)
	}
	return a.write(cmd.Context(), func(c *site.Config, s *store.Store) error {
		if u.Host == c.Addresses().SiteHost() {
			return cli.Fail(cli.Usage, "%s is where the blog is\n  run this with the configuration of the old domain", to)
		}
		if _, err := m.ours(c); err != nil {
			return err
		}
		client, err := m.client(c)
		if err != nil {
			return err
		}
		list, err := m.passages(cmd, client, c, s, u.Host, handle)
		if err != nil {
			return err
		}
		if err := m.send(cmd, c, s, list); err != nil {
			return err
		}
		return redirects(cmd.OutOrStdout(), c.Addresses(), strings.TrimRight(to, "/"))
	})
}

// passages finds each of our actors on the new domain. An author whom nobody follows may stay behind.
func (m *moving) passages(cmd *cobra.Command, client *remote.Client, c *site.Config, s *store.Store, host, handle string) (list []passage, err error) {
	for _, us := range c.Actors() {
		there := us.Handle
		if us.Author == "" && handle != "" {
			there = handle
		}
		to, err := m.found(cmd.Context(), client, c, us, there+"@"+host)
		if err == nil {
			list = append(list, passage{us, to})
			continue
		}
		followers, counting := s.FollowerCount(cmd.Context(), us.ID)
		if us.Author == "" || followers > 0 || counting != nil {
			return nil, err
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "@%s stays: nobody follows it, and %v\n", c.Addresses().AcctOf(us.Handle), err)
	}
	return list, nil
}

func (m *moving) found(ctx context.Context, client *remote.Client, c *site.Config, us site.Actor, acct string) (string, error) {
	target, err := whois(ctx, client, c, acct)
	if err != nil {
		return "", err
	}
	return target.ID, ready(c, us, target)
}

// redirects prints what the old domain's web server answers from now on.
func redirects(w io.Writer, a site.Addresses, to string) error {
	base := a.BasePath()
	_, err := fmt.Fprintf(w, `
The old domain keeps its daemon, and sends readers of pages on. nginx, in place of the old "location /":

    location ~ ^(%[1]s/(ap|media|admin|api|nodeinfo)/|/\.well-known/) {
        proxy_pass http://127.0.0.1:8080;   # inboxd of the old domain
        proxy_set_header Host $host;
    }
    location %[1]s/ {
        rewrite ^%[1]s/(.*)$ %[2]s/$1 permanent;
    }

Caddy:

    @kept path %[1]s/ap/* %[1]s/media/* %[1]s/admin/* %[1]s/api/* %[1]s/nodeinfo/* /.well-known/*
    reverse_proxy @kept 127.0.0.1:8080
    redir %[2]s{uri} permanent

Never redirect anything below %[1]s/ap/: those ids are for ever.
`, base, to)
	return err
}
