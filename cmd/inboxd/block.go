package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) blockCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "block",
		Short: "servers and people who may not reach the blog: add, rm, list",
		Long: `A blocked server, with all below its domain, or a blocked person gets nothing more from the blog, and what they send is
refused. What of theirs is here stays (as followers they get nothing) unless you say --remove, which takes their comments, likes and
followings away for good, as a block on the admin page does. To unblock brings nothing back.`,
		Example:    "inboxd block add spam.example --reason \"spam\"\ninboxd block add https://social.example/users/troll\ninboxd block list",
		SuggestFor: []string{"ban", "deny", "blocklist"},
	}
	cmd.AddCommand(a.blockAdd(), a.blockRemove(), a.blockList())
	return cmd
}

func (a *app) blockAdd() *cobra.Command {
	var reason string
	var remove bool
	cmd := &cobra.Command{
		Use: "add DOMAIN or ACTOR", Short: "block", Args: cobra.MinimumNArgs(1),
		Example: "inboxd block add spam.example --reason spam\ninboxd block add spam.example --remove\ninboxd block add https://social.example/users/troll",
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, what := range args {
				if !blockable(what) {
					return cli.Fail(cli.Usage, "%q is neither a domain such as spam.example nor the address of an actor such as https://social.example/users/troll", what)
				}
			}
			return a.write(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				var said strings.Builder
				err := s.Write(cmd.Context(), func(tx *store.Tx) error {
					said.Reset() // it may run twice
					for _, what := range args {
						if err := tx.AddBlock(cmd.Context(), store.Block{What: what, Reason: reason, At: time.Now()}); err != nil {
							return err
						}
						fmt.Fprintln(&said, "blocked", what)
						if err := present(cmd.Context(), &said, tx, what, remove); err != nil {
							return err
						}
					}
					return nil
				})
				if err == nil {
					_, err = io.WriteString(cmd.OutOrStdout(), said.String())
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "for your own memory")
	cmd.Flags().BoolVar(&remove, "remove", false, "remove their comments, likes and followings, for good")
	return cmd
}

// present says what of the blocked is here, or removes it.
func present(ctx context.Context, w io.Writer, tx *store.Tx, what string, remove bool) error {
	count, verb, hint := tx.PresentOf, "here still", "; --remove takes them away"
	if remove {
		count, verb, hint = tx.RemoveBlocked, "removed", ""
	}
	p, err := count(ctx, what)
	if err == nil && p != (store.Present{}) {
		fmt.Fprintf(w, "  %s: %s, %s%s\n", verb, cli.Count(p.Followers, "follower"), cli.Count(p.Comments, "comment"), hint)
	}
	return err
}

// blockable tells a domain or an actor's address from a handle, which would block nobody.
func blockable(what string) bool {
	if strings.HasPrefix(what, "https://") || strings.HasPrefix(what, "http://") {
		return store.HostOf(what) != ""
	}
	return what != "" && !strings.ContainsAny(what, "@/: \t")
}

func (a *app) blockRemove() *cobra.Command {
	return &cobra.Command{
		Use: "rm DOMAIN or ACTOR", Short: "unblock", Args: cobra.ExactArgs(1), Aliases: []string{"remove"},
		Example: "inboxd block rm spam.example\ninboxd block rm https://social.example/users/troll\ninboxd block rm one.example --config /srv/blog/config.toml",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.write(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				err := s.Write(cmd.Context(), func(tx *store.Tx) error {
					was, err := tx.DeleteBlock(cmd.Context(), args[0])
					if err == nil && !was {
						err = cli.Fail(cli.Failed, "%s is not blocked", args[0])
					}
					return err
				})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "unblocked", args[0])
				return err
			})
		},
	}
}

// blocked is one line of block list --json.
type blocked struct {
	What   string    `json:"what"`
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since"`
}

func (a *app) blockList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "list what is blocked", Example: "inboxd block list\ninboxd block list --json\ninboxd block list --config /srv/blog/config.toml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.read(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				blocks, err := s.Blocks(cmd.Context())
				if err != nil {
					return err
				}
				list := []blocked{}
				for _, b := range blocks {
					list = append(list, blocked{b.What, b.Reason, b.At})
				}
				if asJSON {
					return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "blocks": list})
				}
				for _, b := range list {
					fmt.Fprintf(cmd.OutOrStdout(), "%s  %-40s %s\n", b.Since.Format(time.DateOnly), b.What, printable(b.Reason))
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}
