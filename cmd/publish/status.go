package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/site"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "where to see followers, deliveries and replies",
		Long: `Followers, deliveries and replies are the daemon's to tell: publish holds neither its database nor its key.
This verb says where to ask.`,
		Example: `publish status
publish list --state announced
ssh blog.example inboxd status`,
		SuggestFor: []string{"stats", "stat"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), statusHint(c))
			return err
		},
	}
}

func statusHint(c *site.Config) string {
	if !c.Federation.Enabled {
		return "This blog is not on the fediverse: federation.enabled is false in config.toml, so there are no followers."
	}
	return "The daemon knows: run  inboxd status  where it runs, in this site's folder."
}
