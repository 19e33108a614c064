package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/inboxd/daemon"
	"github.com/postil-blog/postil/cmd/internal/cli"
)

func (a *app) keyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "key",
		Short:   "the keys that the blog signs with: rotate",
		Example: "inboxd key rotate --dry-run\ninboxd key rotate\ninboxd key rotate ada",
	}
	cmd.AddCommand(a.keyRotate())
	return cmd
}

func (a *app) keyRotate() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use: "rotate [AUTHOR or instance]", Short: "replace the keys of an actor: the blog's, an author's, the instance's", Args: cobra.MaximumNArgs(1),
		Example: "inboxd key rotate --dry-run\ninboxd key rotate\ninboxd key rotate ada",
		Long: `Makes the next RSA and Ed25519 keys of an actor. inboxd takes them up within a minute if it runs, else when it starts: it sends
followers an Update that is signed with the old key and brings the new one, and signs with the new one to each server that has taken it.
The old one stays listed for seven days; at the first start after that its file is renamed to NAME.pem.old-DATE, which you may delete.
Do it when a key may have been seen by others.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.settings.Load()
			if err != nil {
				return err
			}
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			r, err := daemon.Rotate(c, name, dry)
			switch {
			case errors.Is(err, daemon.ErrNoActor):
				return cli.Exit{Code: cli.Usage, Err: err}
			case err != nil:
				return err
			}
			says := "made"
			if dry {
				says = "would make"
			}
			for _, file := range r.Files {
				fmt.Fprintln(cmd.OutOrStdout(), says, file)
			}
			if !dry {
				fmt.Fprintln(cmd.ErrOrStderr(), "inboxd takes them up within a minute, or when it starts, and tells the followers of", r.Actor)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say which files would be made, and make none")
	return cmd
}
