package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) pinCommand() *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use:   "pin ADDRESS",
		Short: "put a reply on top of its post's thread",
		Long: `ADDRESS is a reply's id, which publish comments list prints, or its page. It stands on top with its answers, whatever the
order; one a post, and the last one counts. Nobody else is told.`,
		Example: `publish comments list
inboxd pin https://social.example/@ada/1
inboxd pin https://social.example/@ada/1 --remove`,
		Args:       cobra.ExactArgs(1),
		SuggestFor: []string{"unpin", "feature"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.write(cmd.Context(), func(_ *site.Config, s *store.Store) error {
				done, err := pin(cmd.Context(), s, args[0], remove)
				if err == nil {
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s %s\n", done, printable(args[0]))
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "take it from the top")
	return cmd
}

// pin pins or unpins the comment of an id or page, and says what it did.
func pin(ctx context.Context, s *store.Store, name string, remove bool) (done string, err error) {
	err = s.Write(ctx, func(tx *store.Tx) error {
		c, err := tx.Comment(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			c, err = tx.CommentByURL(ctx, name)
		}
		if err == nil && remove {
			var stood bool
			if stood, err = tx.UnpinComment(ctx, c.ID); err == nil && !stood {
				return cli.Fail(cli.Failed, "%s is not pinned", printable(name))
			}
			done = "unpinned"
		} else if err == nil {
			err, done = tx.PinComment(ctx, c.ID), "pinned"
		}
		if errors.Is(err, store.ErrNotFound) {
			return cli.Fail(cli.Failed, "no reply that shows is called %s\n  publish comments list lists them", printable(name))
		}
		return err
	})
	return done, err
}
