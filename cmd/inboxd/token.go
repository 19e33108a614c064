package main

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

// scopes are what a token may be for.
var scopes = []string{"publish", "moderate", "read"}

func (a *app) tokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "token",
		Short:   "secrets for publish and other programs: create, list, revoke",
		Example: "inboxd token create laptop --scope publish\ninboxd token list\ninboxd token revoke laptop",
		Long: `A token lets a program talk to the daemon. It is shown once; the database keeps a hash of it. Give it to publish as
POSTIL_TOKEN, or in ~/.config/postil/credentials (mode 0600):

  [tokens]
  "https://example.com" = "…"`,
	}
	cmd.AddCommand(a.tokenCreate(), a.tokenList(), a.tokenRevoke())
	return cmd
}

func (a *app) tokenCreate() *cobra.Command {
	var scope string
	cmd := &cobra.Command{
		Use: "create NAME", Short: "make a token and print it", Args: cobra.ExactArgs(1), Example: "inboxd token create laptop --scope publish\ninboxd token create reader --scope read\ninboxd token list",
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(scopes, scope) {
				return cli.Fail(cli.Usage, "--scope is one of %s, not %q", strings.Join(scopes, ", "), scope)
			}
			secret := "postil_" + rand.Text()
			return a.write(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				err := s.Write(cmd.Context(), func(tx *store.Tx) error {
					return addToken(cmd, tx, args[0], scope, secret)
				})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), secret)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&scope, "scope", "publish", strings.Join(scopes, ", "))
	return cmd
}

// addToken refuses a second token of the same name: revoke would end both.
func addToken(cmd *cobra.Command, tx *store.Tx, name, scope, secret string) error {
	tokens, err := tx.Tokens(cmd.Context())
	if err != nil {
		return err
	}
	if slices.ContainsFunc(tokens, func(t store.Token) bool { return t.Name == name }) {
		return cli.Fail(cli.Failed, "there is a token %q already\n  inboxd token revoke %s", name, name)
	}
	return tx.AddToken(cmd.Context(), name, scope, secret, time.Now())
}

// tokenLine is one line of token list --json.
type tokenLine struct {
	Name  string    `json:"name"`
	Scope string    `json:"scope"`
	Since time.Time `json:"since"`
}

func (a *app) tokenList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "list the tokens, without their secrets", Example: "inboxd token list\ninboxd token list --json\ninboxd token list --config /srv/blog/config.toml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.read(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				tokens, err := s.Tokens(cmd.Context())
				if err != nil {
					return err
				}
				list := []tokenLine{}
				for _, t := range tokens {
					list = append(list, tokenLine{t.Name, t.Scope, t.Since})
				}
				if asJSON {
					return cli.JSON(cmd.OutOrStdout(), map[string]any{"v": 1, "tokens": list})
				}
				for _, t := range list {
					fmt.Fprintf(cmd.OutOrStdout(), "%s  %-10s %s\n", t.Since.Format(time.DateOnly), t.Scope, t.Name)
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func (a *app) tokenRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME", Short: "end a token", Args: cobra.ExactArgs(1), Example: "inboxd token list\ninboxd token revoke laptop\ninboxd token revoke laptop --config /srv/blog/config.toml",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.write(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				err := s.Write(cmd.Context(), func(tx *store.Tx) error {
					was, err := tx.DeleteToken(cmd.Context(), args[0])
					if err == nil && !was {
						err = cli.Fail(cli.Failed, "there is no token %q\n  inboxd token list", args[0])
					}
					return err
				})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "revoked", args[0])
				return err
			})
		},
	}
}
