package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/postil-blog/postil/activitypub"
	"github.com/postil-blog/postil/cmd/internal/cli"
	"github.com/postil-blog/postil/outbox"
	"github.com/postil-blog/postil/site"
	"github.com/postil-blog/postil/store"
)

func (a *app) moveOutCommand() *cobra.Command {
	var m moving
	var undo, status bool
	cmd := &cobra.Command{
		Use: "move-out @NEW@HOST", Short: "send the followers to another account, for good", Args: cobra.MaximumNArgs(1), Annotations: place(),
		Example: "inboxd move-out @ada@new.example --dry-run    is the new account ready, and who would be told?\n" +
			"inboxd move-out @ada@new.example\ninboxd move-out --status",
		Long: `The new account must name the blog as a former account of its own first (alsoKnownAs); else nothing is done. Then a Move goes to every
follower's server, the blog's actor says for good where it went, new followers are turned away, and new posts are announced no more. The site
and what was sent stay, edits and deletions still go out. --undo works until the first server has been told.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case status:
				return a.moveStatus(cmd, m)
			case undo:
				return a.moveUndo(cmd, m)
			case len(args) == 0:
				return cli.Fail(cli.Usage, "where to?\n  inboxd move-out @ada@new.example")
			}
			return a.moveOut(cmd, m, args[0])
		},
	}
	m.toChoose(cmd)
	m.toAct(cmd)
	m.toAsk(cmd)
	cmd.Flags().BoolVar(&undo, "undo", false, "take the move back, as long as nobody was told")
	cmd.Flags().BoolVar(&status, "status", false, "how many servers were told")
	cmd.Flags().BoolVar(&m.asJSON, "json", false, "print one JSON object (of --status)")
	return cmd
}

func (a *app) moveOut(cmd *cobra.Command, m moving, name string) error {
	return a.write(cmd.Context(), func(c *site.Config, s *store.Store) error {
		us, target, err := m.party(cmd.Context(), c, name)
		if err != nil {
			return err
		}
		if err := ready(c, us, target); err != nil {
			return err
		}
		return m.send(cmd, c, s, []passage{{us, target.ID}})
	})
}

// ready refuses a target that would not take the followers: each of their servers would refuse it as well, and the Move is spent.
func ready(c *site.Config, us site.Actor, target *activitypub.Object) error {
	switch {
	case target.Suspended:
		return cli.Fail(cli.Failed, "%s is suspended on its server", printable(target.ID))
	case target.MovedTo != "":
		return cli.Fail(cli.Failed, "%s has moved on to %s", printable(target.ID), printable(target.MovedTo))
	case !slices.Contains(target.AlsoKnownAs, us.ID):
		return cli.Fail(cli.Failed, `%s does not name %s as a former account
  on the new server, as the new account: Mastodon: Preferences, Account, "Moving from a different account", then give @%s
  on another Postil: inboxd move-in @%[3]s`, printable(target.ID), us.ID, c.Addresses().AcctOf(us.Handle))
	}
	return nil
}

// passage is the move of one of our actors.
type passage struct {
	us site.Actor
	to string
}

// send tells what would be done, asks, and queues the Moves in one transaction.
func (m *moving) send(cmd *cobra.Command, c *site.Config, s *store.Store, list []passage) error {
	ctx, out := cmd.Context(), queuing(c, s)
	if done, err := already(ctx, s, list); done || err != nil {
		if err == nil {
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "Moved already. inboxd move-out --status tells how far word got.")
		}
		return err
	}
	for _, p := range list {
		if err := m.announce(cmd, c, s, out, p); err != nil {
			return err
		}
	}
	if m.dryRun {
		return nil
	}
	if err := m.confirm(cmd, "Other servers never give followers back. Move? (yes/no)", ""); err != nil {
		return err
	}
	told := 0
	err := s.Write(ctx, func(tx *store.Tx) error {
		told = 0
		for _, p := range list {
			n, err := out.Move(ctx, tx, p.us.ID, p.to)
			if err != nil {
				return err
			}
			told += n
		}
		return nil
	})
	if errors.Is(err, outbox.ErrGone) {
		return cli.Fail(cli.Failed, "the account has left already\n  inboxd move-out --status")
	}
	if err == nil {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "moved. %s will be told within a minute, if inboxd runs.\n", cli.Count(told, "server"))
	}
	return err
}

// already tells whether all of this was done before.
func already(ctx context.Context, s *store.Store, list []passage) (bool, error) {
	done := true
	for _, p := range list {
		st, err := s.Standing(ctx, p.us.ID)
		switch {
		case err != nil:
			return false, err
		case !st.Retired.IsZero():
			return false, cli.Fail(cli.Failed, "the account was retired on %s", st.Retired.Format(time.DateOnly))
		case st.MovedTo != "" && st.MovedTo != p.to:
			return false, cli.Fail(cli.Failed, "%s has moved to %s already, and does so once; move on from there", p.us.ID, printable(st.MovedTo))
		}
		done = done && st.MovedTo == p.to
	}
	return done, nil
}

// announce says who would be told: C6 of the rules for verbs.
func (m *moving) announce(cmd *cobra.Command, c *site.Config, s *store.Store, out *outbox.Outbox, p passage) error {
	inboxes, err := out.Followers(cmd.Context(), p.us.ID)
	if err != nil {
		return err
	}
	n, err := s.FollowerCount(cmd.Context(), p.us.ID)
	if err != nil {
		return err
	}
	w := cmd.ErrOrStderr()
	if m.dryRun {
		w = cmd.OutOrStdout()
	}
	_, err = fmt.Fprintf(w, "@%s is %s from now on\nMove → %s (%s)\n", c.Addresses().AcctOf(p.us.Handle), printable(p.to), cli.Count(len(inboxes), "server"), cli.Count(n, "follower"))
	return err
}

func (a *app) moveUndo(cmd *cobra.Command, m moving) error {
	return a.write(cmd.Context(), func(c *site.Config, s *store.Store) error {
		us, err := m.ours(c)
		if err != nil {
			return err
		}
		if m.dryRun {
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "would take the move back, if no server was told; nothing would be sent")
			return err
		}
		var ok bool
		err = s.Write(cmd.Context(), func(tx *store.Tx) error {
			ok, err = queuing(c, s).Stay(cmd.Context(), tx, us.ID)
			return err
		})
		switch {
		case err != nil:
			return err
		case !ok:
			return cli.Fail(cli.Failed, "there is no move that could be taken back: either none was made or word of it has left\n  inboxd move-out --status")
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), "The move is taken back; nobody was told. What was published meanwhile is announced when publish or inboxd runs next.")
		return err
	})
}

func (a *app) moveStatus(cmd *cobra.Command, m moving) error {
	return a.read(cmd.Context(), func(c *site.Config, s *store.Store) error {
		us, err := m.actor(c)
		if err != nil {
			return err
		}
		st, err := s.Standing(cmd.Context(), us.ID)
		if err != nil {
			return err
		}
		l, err := stateOf(cmd.Context(), s, us.ID, outbox.MoveID(c.Addresses(), us.ID))
		if err != nil {
			return err
		}
		l.MovedTo = st.MovedTo
		switch {
		case m.asJSON:
			return cli.JSON(cmd.OutOrStdout(), l)
		case st.MovedTo == "":
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s has not moved.\n", us.ID)
		default:
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s moved to %s on %s\n%s\n", us.ID, printable(st.MovedTo), st.Moved.Format(time.DateOnly), l.progress())
		}
		return err
	})
}
