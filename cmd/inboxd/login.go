package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/inboxd/daemon"
)

func (a *app) loginCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "login-link",
		Short: "print a link that opens the admin page, once, for ten minutes",
		Long: `Prints a link to /admin/ that logs you in. It works once and for ten minutes. Whoever can read the data folder can make one;
there is no password.`,
		Example:    "inboxd login-link\ninboxd login-link --config /srv/blog/config.toml\nssh blog.example inboxd login-link",
		SuggestFor: []string{"login", "admin", "signin"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			link, err := daemon.LoginLink(c, time.Now())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), link)
			return err
		},
	}
}
