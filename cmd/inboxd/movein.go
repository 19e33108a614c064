package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) moveInCommand() *cobra.Command {
	var m moving
	var remove, check bool
	cmd := &cobra.Command{
		Use: "move-in [@OLD@HOST]", Short: "bring the followers of an older account here", Args: cobra.MaximumNArgs(1), Annotations: place(),
		Example: "inboxd move-in @ada@social.example            this blog was that account\n" +
			"inboxd move-in @ada@social.example --check    has its owner moved here by now?\n" +
			"inboxd move-in                                what is named so far",
		Long: `Looks the older account up and lets the blog's actor name it (alsoKnownAs), without a change of config.toml. Followers come once the
older account says it too: the steps there are printed. --remove takes the name away again; nothing is sent to anybody.`,
		SuggestFor: []string{"alias"},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 && (remove || check):
				return cli.Fail(cli.Usage, "which account?\n  inboxd move-in @ada@social.example --check")
			case len(args) == 0:
				return a.aliases(cmd, m)
			case remove:
				return a.removeAlias(cmd, m, args[0])
			case check:
				return a.checkAlias(cmd, m, args[0])
			}
			return a.addAlias(cmd, m, args[0])
		},
	}
	m.toChoose(cmd)
	m.toAct(cmd)
	m.toAsk(cmd)
	cmd.Flags().BoolVar(&remove, "remove", false, "name the account no more")
	cmd.Flags().BoolVar(&check, "check", false, "ask both servers whether the move is done; exit code 1 if not")
	cmd.Flags().BoolVar(&m.asJSON, "json", false, "print one JSON object (of the list and of --check)")
	return cmd
}

// addAlias keeps the older account and prints what is to be done there.
func (a *app) addAlias(cmd *cobra.Command, m moving, name string) error {
	return a.write(cmd.Context(), func(c *site.Config, s *store.Store) error {
		us, old, err := m.party(cmd.Context(), c, name)
		if err != nil {
			return err
		}
		if m.dryRun {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "would name %s as a former account of @%s; nothing would be sent\n", printable(old.ID), c.Addresses().AcctOf(us.Handle))
			return err
		}
		alias := store.Alias{Actor: us.ID, ID: old.ID, Since: time.Now()}
		if !strings.Contains(name, "://") {
			alias.Handle = strings.TrimPrefix(name, "@")
		}
		if err := s.Write(cmd.Context(), func(tx *store.Tx) error { return tx.PutAlias(cmd.Context(), alias) }); err != nil {
			return err
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), `@%[1]s names %[2]s as a former account.

Now on the old server:
  1. sign in as %[3]s
  2. Mastodon: Preferences, Account, "Move to a different account"; elsewhere look for "migrate" or "move"
  3. give the handle @%[1]s and confirm
  4. its followers come within minutes to days. Posts stay where they are

Then: inboxd move-in %[3]s --check
`, c.Addresses().AcctOf(us.Handle), printable(old.ID), printable(name))
		return err
	})
}

// party gives our actor and the other account of a move.
func (m *moving) party(ctx context.Context, c *site.Config, name string) (us site.Actor, other *activitypub.Object, err error) {
	if us, err = m.ours(c); err != nil {
		return us, nil, err
	}
	client, err := m.client(c)
	if err != nil {
		return us, nil, err
	}
	other, err = whois(ctx, client, c, name)
	return us, other, err
}

// removeAlias asks no server: the older one may be gone.
func (a *app) removeAlias(cmd *cobra.Command, m moving, name string) error {
	return a.write(cmd.Context(), func(c *site.Config, s *store.Store) error {
		us, err := m.ours(c)
		if err != nil {
			return err
		}
		if m.dryRun {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "would name %s no more; nothing would be sent\n", printable(name))
			return err
		}
		var was bool
		err = s.Write(cmd.Context(), func(tx *store.Tx) error {
			was, err = tx.DeleteAlias(cmd.Context(), us.ID, strings.TrimPrefix(name, "@"))
			return err
		})
		if err != nil {
			return err
		}
		if !was {
			return cli.Fail(cli.Failed, "%s is not named\n  inboxd move-in lists what is; federation.also_known_as in %s is yours", printable(name), c.File)
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is named no more\n", printable(name))
		return err
	})
}

// aliasLine is one line of move-in --json.
type aliasLine struct {
	ID     string    `json:"id"`
	Handle string    `json:"handle,omitempty"`
	Since  time.Time `json:"since,omitzero"` // zero: it stands in config.toml
}

func (a *app) aliases(cmd *cobra.Command, m moving) error {
	return a.read(cmd.Context(), func(c *site.Config, s *store.Store) error {
		us, err := m.ours(c)
		if err != nil {
			return err
		}
		kept, err := s.Aliases(cmd.Context(), us.ID)
		if err != nil {
			return err
		}
		list := []aliasLine{}
		if us.Author == "" {
			for _, id := range c.Federation.AlsoKnownAs {
				list = append(list, aliasLine{ID: id})
			}
		}
		for _, k := range kept {
			list = append(list, aliasLine{k.ID, k.Handle, k.Since})
		}
		if m.asJSON {
			return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "actor": us.ID, "former": list})
		}
		if len(list) == 0 {
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "No former account is named.")
		}
		for _, l := range list {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\n", printable(l.ID), printable(l.Handle))
		}
		return err
	})
}

// checkAlias asks both servers what they say.
func (a *app) checkAlias(cmd *cobra.Command, m moving, name string) error {
	return a.read(cmd.Context(), func(c *site.Config, _ *store.Store) error {
		us, old, err := m.party(cmd.Context(), c, name)
		if err != nil {
			return err
		}
		client, err := m.client(c)
		if err != nil {
			return err
		}
		self, seen := client.Actor(cmd.Context(), us.ID)
		named, moved := seen == nil && slices.Contains(self.AlsoKnownAs, old.ID), old.MovedTo == us.ID
		if m.asJSON {
			err = cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "actor": us.ID, "former": old.ID, "named": named, "moved": moved})
		} else {
			err = printCheck(cmd, us.ID, old, seen, named, moved)
		}
		if err == nil && !(named && moved) {
			err = cli.Exit{Code: cli.Failed}
		}
		return err
	})
}

func printCheck(cmd *cobra.Command, us string, old *activitypub.Object, seen error, named, moved bool) error {
	w := cmd.OutOrStdout()
	switch {
	case seen != nil:
		fmt.Fprintf(w, "not reachable: %s (%v)\n", us, seen)
	case named:
		fmt.Fprintf(w, "ok: %s names the former account\n", us)
	default:
		fmt.Fprintf(w, "missing: %s does not name %s\n", us, printable(old.ID))
	}
	if moved {
		_, err := fmt.Fprintf(w, "ok: %s says it has moved here\n", printable(old.ID))
		return err
	}
	_, err := fmt.Fprintf(w, "not yet: %s says %s\n", printable(old.ID), movedText(old.MovedTo))
	return err
}

func movedText(to string) string {
	if to == "" {
		return "nothing of a move"
	}
	return "it has moved to " + printable(to)
}
