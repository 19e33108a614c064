package main

import (
	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) undoCommand() *cobra.Command {
	var flags cli.UndoFlags
	cmd := &cobra.Command{
		Use:   "undo",
		Short: "stop what was told last and has not left yet",
		Long: `Drops what waits of the last round: with federation.hold that is all of it until the window ends, else what no server has
taken yet. The same words are not sent again; once the file is edited, publish sends the new ones. What has left already
is named: only an edit or a withdrawal reaches it. It works beside a running inboxd.`,
		Example:    "inboxd undo --dry-run\ninboxd undo\ninboxd undo --json",
		Args:       cobra.NoArgs,
		SuggestFor: []string{"recall", "unsend", "cancel"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			open := a.write
			if flags.DryRun {
				open = a.read
			}
			return open(cmd.Context(), func(c *site.Config, s *store.Store) error {
				posts, err := outbox.New(outbox.Options{Config: c, Store: s}).Undo(cmd.Context(), flags.DryRun)
				if err != nil {
					return err
				}
				var list []cli.Undone
				for _, p := range posts {
					list = append(list, cli.Undone(p))
				}
				return flags.Print(cmd.OutOrStdout(), list)
			})
		},
	}
	flags.Add(cmd)
	return cmd
}
