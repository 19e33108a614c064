package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) retireCommand() *cobra.Command {
	var m moving
	var status bool
	cmd := &cobra.Command{
		Use: "retire", Short: "end the account, for good; the site's pages stay", Args: cobra.NoArgs, Annotations: place(),
		Example: "inboxd retire --dry-run    who would be told?\ninboxd retire              asks for the handle\ninboxd retire --status     how many servers know by now",
		Long: `Tells every server that ever got anything from the blog, follows it or answered it to delete the account with all its posts, and its
authors' accounts. From then on every id answers 410, for ever. It cannot be undone: servers never take a deleted id back. Followers who
should come along need inboxd move-out first. Let inboxd run until --status says that none is left, and longer if you can: who asks later
is told 410 only while it runs.`,
		SuggestFor: []string{"self-destruct", "delete", "destroy"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if status {
				return a.retireStatus(cmd, m)
			}
			return a.retire(cmd, m)
		},
	}
	m.toAct(cmd)
	cmd.Flags().BoolVar(&status, "status", false, "how many servers were told")
	cmd.Flags().BoolVar(&m.asJSON, "json", false, "print one JSON object (of --status)")
	return cmd
}

func (a *app) retire(cmd *cobra.Command, m moving) error {
	return a.write(cmd.Context(), func(c *site.Config, s *store.Store) error {
		ctx, out := cmd.Context(), queuing(c, s)
		us, err := m.ours(c)
		if err != nil {
			return err
		}
		st, err := s.Standing(ctx, us.ID)
		if err != nil {
			return err
		}
		if !st.Retired.IsZero() {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Retired on %s. inboxd retire --status tells how far word got.\n", st.Retired.Format(time.DateOnly))
			return err
		}
		if err := m.farewell(cmd, c, s, out); err != nil || m.dryRun {
			return err
		}
		if err := m.confirm(cmd, "This cannot be undone. Type the handle "+us.Handle+" to go on:", us.Handle); err != nil {
			return err
		}
		told := 0
		err = s.Write(ctx, func(tx *store.Tx) error {
			told = 0
			for _, actor := range c.Actors() {
				n, err := out.Retire(ctx, tx, actor.ID)
				if err != nil {
					return err
				}
				told += n
			}
			return nil
		})
		if err == nil {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "retired. %s will be told within a minute, if inboxd runs.\n", cli.Count(told, "server"))
		}
		return err
	})
}

// farewell says who would be told.
func (m *moving) farewell(cmd *cobra.Command, c *site.Config, s *store.Store, out *outbox.Outbox) error {
	w := cmd.ErrOrStderr()
	if m.dryRun {
		w = cmd.OutOrStdout()
	}
	for _, actor := range c.Actors() {
		inboxes, err := out.Farewell(cmd.Context(), actor.ID)
		if err != nil {
			return err
		}
		n, err := s.FollowerCount(cmd.Context(), actor.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "Delete @%s → %s (%s)\n", c.Addresses().AcctOf(actor.Handle), cli.Count(len(inboxes), "server"), cli.Count(n, "follower"))
	}
	return nil
}

func (a *app) retireStatus(cmd *cobra.Command, m moving) error {
	return a.read(cmd.Context(), func(c *site.Config, s *store.Store) error {
		us, err := m.actor(c)
		if err != nil {
			return err
		}
		st, err := s.Standing(cmd.Context(), us.ID)
		if err != nil {
			return err
		}
		sum := leavingState{V: 1, Actor: us.ID}
		if !st.Retired.IsZero() {
			sum.Retired = st.Retired.Format(time.RFC3339)
		}
		for _, actor := range c.Actors() {
			l, err := stateOf(cmd.Context(), s, actor.ID, outbox.RetireID(c.Addresses(), actor.ID))
			if err != nil {
				return err
			}
			sum.Servers, sum.Told, sum.Left, sum.GaveUp = sum.Servers+l.Servers, sum.Told+l.Told, sum.Left+l.Left, sum.GaveUp+l.GaveUp
		}
		switch {
		case m.asJSON:
			return cli.JSON(cmd.OutOrStdout(), sum)
		case sum.Retired == "":
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is not retired.\n", us.ID)
		default:
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s retired on %s\n%s\n", us.ID, st.Retired.Format(time.DateOnly), sum.progress())
		}
		return err
	})
}
