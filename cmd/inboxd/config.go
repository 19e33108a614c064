package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
)

// about stands for config and version on one line of inboxd -h.
const about = "check the settings, print the version"

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:         "config",
		Short:       "settings: check",
		Annotations: map[string]string{cli.Together: about},
		Example:     "inboxd config check\ninboxd config check --config /srv/blog/config.toml\ninboxd config check && systemctl restart inboxd",
	}
	cmd.AddCommand(&cobra.Command{
		Use: "check", Short: "read config.toml and tell its faults; exit code 2 if there are any",
		Example: "inboxd config check\ninboxd config check --config /srv/blog/config.toml\ninboxd config check && systemctl restart inboxd",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is fine.\n", c.File)
			return err
		},
	})
	return cmd
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version", Annotations: map[string]string{cli.Together: about}, Example: "inboxd version\ninboxd help\ninboxd status",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "inboxd", cli.Build())
			return err
		},
	}
}
