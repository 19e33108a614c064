package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) hideCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hide",
		Short: "people whose words do not show, because they asked: add, rm, list",
		Long: `Hides all comments, likes and boosts of a person, and those to come, on pages and in everything that others read of the blog. It is no
block: they may follow, get posts, and you read them on the admin page. Pages that publish made show it after the next publish pull.`,
		Example:    "inboxd hide add @ada@social.example\ninboxd hide add https://social.example/users/ada --dry-run\ninboxd hide list",
		SuggestFor: []string{"optout", "opt-out", "mute", "silence"},
	}
	cmd.AddCommand(a.hideAdd(), a.hideRemove(), a.hideList())
	return cmd
}

func (a *app) hideAdd() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: "add PERSON", Short: "show nothing of a person", Args: cobra.ExactArgs(1),
		Example: "inboxd hide add @ada@social.example\ninboxd hide add https://social.example/users/ada\ninboxd hide add @ada@social.example --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			if dryRun {
				return a.read(cmd.Context(), func(c *site.Config, s *store.Store) error {
					id, err := personOf(cmd.Context(), c, s, args[0])
					if err == nil {
						fmt.Fprintf(cmd.OutOrStdout(), "would hide %s\n", printable(id))
					}
					return err
				})
			}
			return a.write(cmd.Context(), func(c *site.Config, s *store.Store) error {
				id, err := personOf(cmd.Context(), c, s, args[0])
				if err != nil {
					return err
				}
				n := 0
				err = s.Write(cmd.Context(), func(tx *store.Tx) (err error) {
					n, err = tx.HidePerson(cmd.Context(), id, time.Now())
					return err
				})
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "hidden %s: %s\n", printable(id), cli.Count(n, "comment"))
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say who would be hidden, and change nothing")
	return cmd
}

// personOf gives the actor's id that a person is known by: an address as it is, a handle as far as somebody of that name was here.
func personOf(ctx context.Context, c *site.Config, s *store.Store, name string) (string, error) {
	id := name
	if !strings.Contains(name, "://") {
		found, err := s.ActorsByHandle(ctx, strings.TrimPrefix(name, "@"))
		if err != nil {
			return "", err
		}
		if len(found) != 1 {
			return "", cli.Fail(cli.Failed, "%d people are known here as %q\n  name the account by its address: inboxd hide add https://social.example/users/ada", len(found), name)
		}
		id = found[0]
	}
	if store.HostOf(id) == "" {
		return "", cli.Fail(cli.Usage, "%q is no address of an account, such as https://social.example/users/ada", name)
	}
	if _, ours := c.Addresses().Own(id); ours {
		return "", cli.Fail(cli.Usage, "%s is of this blog", id)
	}
	return id, nil
}

func (a *app) hideRemove() *cobra.Command {
	return &cobra.Command{
		Use: "rm PERSON", Short: "show again what a person says from now on", Args: cobra.ExactArgs(1), Aliases: []string{"remove"},
		Long:    `What was hidden stays hidden: show it one by one on the admin page.`,
		Example: "inboxd hide rm @ada@social.example\ninboxd hide rm https://social.example/users/ada\ninboxd hide list",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.write(cmd.Context(), func(c *site.Config, s *store.Store) error {
				id, err := personOf(cmd.Context(), c, s, args[0])
				if err != nil {
					return err
				}
				err = s.Write(cmd.Context(), func(tx *store.Tx) error {
					was, err := tx.ShowPerson(cmd.Context(), id)
					if err == nil && !was {
						err = cli.Fail(cli.Failed, "%s is not hidden", id)
					}
					return err
				})
				if err == nil {
					_, err = fmt.Fprintln(cmd.OutOrStdout(), "shown", printable(id))
				}
				return err
			})
		},
	}
}

// unshown is one line of hide list --json.
type unshown struct {
	Actor string    `json:"actor"`
	Since time.Time `json:"since"`
}

func (a *app) hideList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "list who does not show", Args: cobra.NoArgs, Example: "inboxd hide list\ninboxd hide list --json\ninboxd hide list --config /srv/blog/config.toml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.read(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				people, err := s.UnshownPeople(cmd.Context())
				if err != nil {
					return err
				}
				list := []unshown{}
				for _, p := range people {
					list = append(list, unshown{p.Actor, p.Since})
				}
				if asJSON {
					return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "hidden": list})
				}
				for _, p := range list {
					fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\n", p.Since.Format(time.DateOnly), printable(p.Actor))
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}
