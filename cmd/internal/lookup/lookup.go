// Package lookup is the verb "publish lookup" and its twin "inboxd fetch": it asks a server as the daemon would and tells every step,
// so that a person sees why an account or a post is not found.
//
// It goes out through activitypub/remote like everything else, and keeps its walls: private addresses are refused unless --dev. It
// signs with the daemon's instance key where that can be read on this machine, and else not at all: a key made for the moment could be
// verified by nobody.
package lookup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/activitypub/remote"
	"github.com/postil-blog/postil/activitypub/signature"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
)

// flags are those of the verb.
type flags struct {
	signature      string
	raw, json, dev bool
}

// Command makes the verb. program and name are what it is called as.
func Command(settings *cli.Settings, program, name string) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   name + " @USER@HOST | URL",
		Short: "ask a server for an account or a post, and show each step",
		Long: `Looks an account up by WebFinger, fetches the actor or object, and shows every request with its signature, status and type, and
how the answer is understood. Signed with the key in the daemon's data folder where that is readable here, else unsigned.`,
		Example: fmt.Sprintf("%[1]s %[2]s @ada@social.example\n%[1]s %[2]s https://social.example/@ada/1 --raw\n%[1]s %[2]s @ada@social.example --signature rfc9421 --json", program, name),
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := settings.Load()
			if err != nil && !errors.Is(err, site.ErrNoSite) {
				return err
			}
			return run(cmd, c, args[0], f)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.signature, "signature", "default", "default (one scheme, then the other), cavage, rfc9421 or none")
	fl.BoolVar(&f.raw, "raw", false, "print the last answer as it came")
	fl.BoolVar(&f.json, "json", false, "print one JSON object")
	fl.BoolVar(&f.dev, "dev", false, "allow plain http and servers on this machine")
	return cmd
}

// run looks up and prints. c is nil outside a site.
func run(cmd *cobra.Command, c *site.Config, what string, f flags) error {
	if !strings.Contains(what, "@") && !strings.Contains(what, "://") {
		return cli.Fail(cli.Usage, "%q is neither @user@host nor an address", what)
	}
	options, signed, err := f.options(c)
	if err != nil {
		return err
	}
	r := &report{V: 1, Query: what, Signed: signed}
	options.Trace = r.seen
	client := remote.New(options)
	defer client.Close()
	err = r.look(cmd.Context(), client, what)
	if err != nil {
		r.Error = printable(err.Error())
	}
	if printErr := r.print(cmd.OutOrStdout(), f); printErr != nil {
		return printErr
	}
	if err != nil {
		return cli.Fail(cli.Failed, "%s", r.Error)
	}
	return nil
}

// options are those of the client, with who signs in words.
func (f flags) options(c *site.Config) (o remote.Options, signed string, err error) {
	o = remote.Options{Dev: f.dev, UserAgent: "Postil/" + cli.Version()}
	scheme, known := map[string]signature.Scheme{"cavage": signature.DraftCavage, "rfc9421": signature.RFC9421}[f.signature]
	switch {
	case known:
		o.Only = &scheme
	case f.signature != "default" && f.signature != "none":
		return o, "", cli.Fail(cli.Usage, "--signature is default, cavage, rfc9421 or none, not %q", f.signature)
	}
	if c != nil {
		o.UserAgent += " (+" + c.Addresses().Home() + ")"
		o.AllowNetworks = c.AllowedNetworks()
	}
	if f.signature == "none" {
		return o, "unsigned, as asked", nil
	}
	o.Key, signed = instanceKey(c)
	if known && o.Key.Private == nil {
		return o, "", cli.Fail(cli.Usage, "nothing to sign with: %s", signed)
	}
	return o, signed, nil
}

// instanceKey reads the key of the daemon's instance actor, which signs its fetches. Without one the key is empty and why says so.
func instanceKey(c *site.Config) (key signature.Key, why string) {
	if c == nil {
		return key, "unsigned: no site here, so no key"
	}
	if !c.Federation.Enabled {
		return key, "unsigned: federation.enabled is false, so nobody could find the key"
	}
	base := filepath.Join(c.Path(c.Inboxd.Data), "instance")
	n := signature.Newest(base)
	private, err := signature.ReadKey(signature.Numbered(base, ".", n) + ".pem")
	if errors.Is(err, fs.ErrNotExist) {
		return key, "unsigned: no key in " + c.Inboxd.Data + "; it is where inboxd runs"
	}
	if err != nil {
		return key, "unsigned: " + err.Error()
	}
	id := signature.Numbered(c.Addresses().InstanceKey(), "-", n)
	return signature.Key{ID: id, Private: private}, "signed with " + id
}

// look asks for an account or a document.
func (r *report) look(ctx context.Context, client *remote.Client, what string) error {
	at := what
	var fingerErr error
	if !strings.Contains(what, "://") {
		_, fingerErr = client.WebFinger(ctx, what)
		r.finger(strings.TrimPrefix(strings.TrimPrefix(what, "acct:"), "@"))
		if r.WebFinger == nil || r.WebFinger.Self == "" {
			return errors.Join(fingerErr, errors.New("WebFinger names no ActivityPub document"))
		}
		at = r.WebFinger.Self
	}
	o, err := client.Object(ctx, at)
	if err != nil {
		return errors.Join(fingerErr, err)
	}
	r.Object = understand(o, r.last())
	return fingerErr
}

// last is the final exchange.
func (r *report) last() remote.Exchange {
	if len(r.exchanges) == 0 {
		return remote.Exchange{}
	}
	return r.exchanges[len(r.exchanges)-1]
}

// understand says how a document is read.
func understand(o *activitypub.Object, e remote.Exchange) *object {
	out := &object{
		ID: o.ID, IDMatches: o.ID == e.URL, Type: o.Type, Name: o.Name, Inbox: o.Inbox, SharedInbox: o.SharedInbox, Outbox: o.Outbox, Followers: o.Followers,
		Featured: o.Featured, PreferredUsername: o.PreferredUsername, MovedTo: o.MovedTo, AlsoKnownAs: o.AlsoKnownAs, Suspended: o.Suspended,
		Published: o.Published, Updated: o.Updated, Summary: activitypub.ParseHTML(o.Summary, nil).Text(), Text: o.ContentTree().Text(),
		InReplyTo: o.InReplyTo, To: o.To, CC: o.CC, Keys: keys(o),
	}
	for _, a := range o.AttributedTo {
		out.AttributedTo = append(out.AttributedTo, a.ID)
	}
	for _, u := range o.URL {
		out.URL = append(out.URL, u.Href)
	}
	out.Policies = policies(o)
	out.Missing = missing(o)
	return out
}
