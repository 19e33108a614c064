package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
)

// notify tells the daemon to read the published list now, where a token is at hand. Without one nothing is lost: inboxd
// watches the list, and reads it every minute besides.
func (a *app) notify(cmd *cobra.Command, c *site.Config) error {
	if !c.Federation.Enabled {
		return nil
	}
	token, err := credential(c)
	if err != nil || token == "" {
		return err
	}
	status, err := client(c).Command(cmd.Context(), c.Addresses().Reconcile(), token)
	switch {
	case err != nil:
		return cli.Fail(cli.NotConnected, "Published, but inboxd did not answer: %v\n  it reads the list by itself once it runs", err)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return cli.Fail(cli.NotConnected, "Published, but inboxd does not accept the token (%d)\n  a new one: inboxd token create NAME --scope publish", status)
	case status >= 300:
		return cli.Fail(cli.NotConnected, "Published, but inboxd answered %d\n  it reads the list by itself once it runs", status)
	}
	return nil
}

// credentials is ~/.config/postil/credentials: a token for each blog's address.
//
//	[tokens]
//	"https://example.com" = "…"
type credentials struct {
	Tokens map[string]string `toml:"tokens"`
}

// credential gives the token for the blog: POSTIL_TOKEN, or the one in the user's credentials file; "" where there is none.
func credential(c *site.Config) (string, error) {
	if token := os.Getenv("POSTIL_TOKEN"); token != "" {
		return strings.TrimSpace(token), nil
	}
	file, err := stateFile("credentials")
	if err != nil {
		return "", nil // no home folder: a build machine
	}
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading credentials: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", cli.Fail(cli.Usage, "others can read %s\n  chmod 600 %s", file, file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading credentials: %w", err)
	}
	var found credentials
	if err := toml.Unmarshal(data, &found); err != nil {
		return "", cli.Fail(cli.Usage, "%s: %v", file, err)
	}
	return found.Tokens[c.Federation.URL], nil
}

// client is the way to the blog's own daemon. A blog on this very machine may be plain http: it is the owner's own address.
func client(c *site.Config) *remote.Client {
	return remote.New(remote.Options{UserAgent: "Postil/" + cli.Version() + " (+" + c.Addresses().Home() + ")", Dev: local(c.Federation.URL)})
}

func local(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := u.Hostname()
	return host == "127.0.0.1" || host == "::1" || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// maxList bounds the live site's published list, in bytes.
const maxList = 32 << 20

// previous is liveList for a run that was asked for it. Where only CI asked, a site that does not answer is taken for one that is not
// there yet, and said: what inboxd told followers it keeps in a ledger of its own, so nothing is sent twice or taken back by that.
func previous(cmd *cobra.Command, c *site.Config) (*site.PublishedList, error) {
	list, err := liveList(cmd.Context(), c)
	if err == nil || cmd.Flags().Changed("live") {
		return list, err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Going on as for a new site: %s\n", strings.SplitN(err.Error(), "\n", 2)[0])
	return nil, nil
}

// liveList is what the live site says is out: on a clean checkout public/ does not know. A site that is not there yet has none; one
// that does not answer is an error, since without its list a removed post would be forgotten and an old one announced as new.
func liveList(ctx context.Context, c *site.Config) (*site.PublishedList, error) {
	data, err := client(c).File(ctx, c.Addresses().Page(site.PublishedFile), maxList)
	if errors.Is(err, remote.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, cli.Fail(cli.NotConnected, "cannot ask the live site what is out: %v\n  if there is none yet: publish --live=false", err)
	}
	var l site.PublishedList
	if err := json.Unmarshal(data, &l); err != nil {
		return nil, cli.Fail(cli.NotConnected, "the live site's list cannot be read: %v\n  to do without it: publish --live=false", err)
	}
	return &l, nil
}
